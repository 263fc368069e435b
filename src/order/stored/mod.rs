//! Every form in which the core keeps something with a service: grammar, version and limits. Nobody else knows them;
//! SQL gets its patterns from here. What an older and a newer program does with each stands in `docs/stored-forms.md`.
//!
//! Names of parameters and version 1 never change: a form that has to change gets another version mark. The files
//! of the ledger and the spool, which no platform sees, have theirs in `order/spool.rs`.

mod facts;
pub mod intent;
mod revocation;
pub(in crate::order) mod served;
#[cfg(test)]
mod tests;
mod waits;

pub(in crate::order) use facts::{Bought, end_text, foreign, foreign_text, is_date, looked_at};
pub use facts::{Given, Proved, Replaced, end_of, term_end_of, told};
pub use intent::MAXIMUM_LENGTH;
pub use revocation::{Revocation, Wish, Wished};
pub use waits::Waits;

/// Version mark of the forms that have one.
const VERSION: &str = "1";

/// What stands behind the version mark; `None` for a form that this program does not know.
fn versioned(text: &str) -> Option<&str> {
    text.strip_prefix(VERSION)?.strip_prefix('|')
}

/// Pattern of `LIKE` for the intents of which nothing was sent.
pub const NOTHING_SENT: &str = "1|%|prepared|%";

/// When a stored intent was decided or sent, in seconds since 1970, without reading all of it.
#[must_use]
pub fn moment_of_intent(text: &str) -> Option<i64> {
    // Behind the version: operation, state, attempt, key.
    versioned(text)?.split('|').nth(4)?.parse().ok()
}

/// Pattern of `LIKE ... ESCAPE '!'` for the intents that keep an order number, which is their last field. It may hold
/// characters that `LIKE` reads.
#[must_use]
pub fn intents_of_order(order: &str) -> String {
    let escape = |c: char| {
        matches!(c, '%' | '_' | '!')
            .then_some('!')
            .into_iter()
            .chain([c])
    };
    let order: String = order.chars().flat_map(escape).collect();
    format!("%|{order}")
}
