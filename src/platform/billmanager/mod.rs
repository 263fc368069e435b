//! x
pub mod choices;
pub mod crypt;
pub mod statements;
