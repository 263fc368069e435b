//! What the proofs of the law share: the five vendors, their services brought to where a command makes sense, and
//! what must hold when everything has come to rest.

use std::io::Write as _;

use crate::sandbox::{Outcome, World};

pub mod broken;
pub mod limits;
pub mod person;
pub mod stage;
pub mod trade;

pub use person::resolve;
pub use stage::{COMMANDS, Command, End, PAUSE, Shop, Staged};
pub use trade::{METHODS, TOLD_ONCE, TRADES, Trade, trade};

/// Tells the figures of a proof. Not by way of the macros, whose output the harness keeps to itself: what was
/// proved belongs to the log of every run.
pub fn tell(figures: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "proof: {figures}");
}

/// Everything instead of the share that fits into every run: `PMSSL_PROOF=all`.
pub fn everything() -> bool {
    std::env::var_os("PMSSL_PROOF").is_some_and(|value| value == "all")
}

/// The level of a usual installation: a third of a command's time here is the log of full traffic, which the suites
/// about a vendor's answers have.
pub fn log_as_usual(world: &World) {
    let levels = world.root().join("etc/debug.conf");
    std::fs::write(levels, "* 6\n").expect("etc/debug.conf");
}

/// What a case says when something does not hold.
pub type Verdict = Result<(), String>;

/// A fact that a case needs, or what was seen instead.
pub fn holds(fact: bool, seen: impl FnOnce() -> String) -> Verdict {
    fact.then_some(()).ok_or_else(seen)
}

/// A command ends by itself, with nothing or with an error document, whatever the vendor sends.
pub fn has_ended_well(outcome: &Outcome) -> Result<(), String> {
    let document = &outcome.stdout;
    let told = match outcome.exit {
        Some(0) => true,
        Some(1) => document.contains("<error ") && document.trim_end().ends_with("</doc>"),
        _ => false,
    };
    if told && outcome.stderr.is_empty() {
        return Ok(());
    }
    Err(format!("ended badly: {outcome:?}"))
}

/// What may be in the books beyond the command's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extra {
    Nothing,
    /// The same request delivered twice by the gateway: no client can prevent that.
    DoubledByGateway,
}
