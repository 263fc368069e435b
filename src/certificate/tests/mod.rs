mod bundles;
mod chains;
mod csrs;
mod proofs;
mod random;
