//! SSL certificate processing modules for BILLmanager.
//!
//! One promise: a certificate is never ordered twice, and never lost.

// First: the macro `words!` is known to all below it.
#[macro_use]
pub mod domain;

pub mod admin;
pub mod ca;
pub mod certificate;
pub mod cli;
pub mod commands;
pub mod dns;
pub mod failure;
#[cfg(any(test, fuzzing))]
pub mod hostile;
mod json;
pub mod logging;
pub mod module;
pub mod order;
pub mod platform;
mod regular;
mod run;
mod work;
mod xml;

pub use run::run;
