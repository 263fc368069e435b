//! x
pub mod choices;
pub mod crypt;
pub mod mgrctl;
pub mod settings;
pub mod statements;
