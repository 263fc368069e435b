//! SSL certificate processing modules for BILLmanager.
//!
//! One promise: a certificate is never ordered twice, and never lost.

pub mod ca;
pub mod certificate;
pub mod domain;
pub mod failure;
#[macro_use]
pub mod logging;
pub mod module;
pub mod platform;
