//! The simulated vendor thesslstore.
#[path = "sandbox/vendor/mod.rs"]
mod vendor;
