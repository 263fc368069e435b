pub(crate) mod bundles;
mod chains;
mod csrs;
mod deliveries;
mod keys;
mod proofs;
mod random;
pub(crate) mod wrapped;
mod wrappings;
