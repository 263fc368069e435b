//! x
pub mod statements;
