//! What the proofs of the law share: the five vendors, their services brought to where a command makes sense, and
//! what must hold when everything has come to rest.

use std::io::Write as _;

pub mod broken;
pub mod limits;
pub mod stage;
pub mod trade;

pub use stage::{COMMANDS, Command, End, Extra, PAUSE, Shop, Staged, has_ended_well};
pub use trade::{TRADES, Trade, trade};

/// Tells the figures of a proof. Not by way of the macros, whose output the harness keeps to itself: what was
/// proved belongs to the log of every run.
pub fn tell(figures: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "proof: {figures}");
}

/// Everything instead of the share that fits into every run: `PMSSL_PROOF=all`.
pub fn everything() -> bool {
    std::env::var_os("PMSSL_PROOF").is_some_and(|value| value == "all")
}
