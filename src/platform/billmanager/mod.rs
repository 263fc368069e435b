//! x
pub mod choices;
pub mod crypt;
pub mod mgrctl;
pub mod statements;
