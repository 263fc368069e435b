mod bundles;
mod chains;
mod csrs;
mod deliveries;
mod proofs;
mod random;
mod wrappings;
