//! x
pub mod choices;
pub mod crypt;
pub mod database;
pub mod mgrctl;
pub mod settings;
pub mod statements;
