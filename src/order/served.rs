//! Queued operations of an item whose order stands although the stored intent is a later one's: an
//! operation that could not be closed comes back, and must not buy again.

use chrono::{DateTime, TimeDelta, Utc};

use super::intent::{Intent, Operation, State};
use crate::domain::OperationId;

/// The item parameter that holds them, ours.
pub(super) const PARAMETER: &str = "pmssl_served";

/// So many are kept, the latest: all of them fit into the 240 characters of a parameter.
const KEPT: usize = 6;

/// An operation that comes back later than this is another one: older servers count their rows from
/// one again after a restart with an empty table.
const LONGEST_WAY_BACK: TimeDelta = TimeDelta::days(90);

/// Whether an operation that was served at a moment cannot be told from a new one of the same number.
pub(super) fn is_long_ago(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - since > LONGEST_WAY_BACK
}

/// The operations, oldest first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Served(Vec<(String, u64, i64)>);

impl Served {
    /// Reads the stored form; a part that cannot be read is left out.
    pub(super) fn from_text(text: &str, now: DateTime<Utc>) -> Self {
        let entries = text.split(',').filter_map(|entry| {
            let mut words = entry.split_whitespace();
            let word = words.next()?.to_owned();
            let (id, since) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
            let oldest = (now - LONGEST_WAY_BACK).timestamp();
            (since > oldest).then_some((word, id, since))
        });
        Self(entries.collect())
    }

    /// The stored form.
    pub(super) fn to_text(&self) -> String {
        let entries = self.0.iter();
        let texts: Vec<_> = entries
            .map(|(word, id, since)| format!("{word} {id} {since}"))
            .collect();
        texts.join(",")
    }

    /// Whether this operation's order stands.
    pub(super) fn holds(&self, operation: Operation, queued: OperationId) -> bool {
        let mut entries = self.0.iter();
        entries.any(|(word, id, _)| word == operation.word() && *id == queued.0)
    }

    /// The same with an intent that is about to be replaced; `None` when nothing changes.
    pub(super) fn with(&self, intent: &Intent) -> Option<Self> {
        let queued = intent.queued?;
        let stands = matches!(intent.state, State::Placed | State::Pending | State::Issued);
        if !stands || self.holds(intent.operation, queued) {
            return None;
        }
        let mut entries = self.0.clone();
        entries.push((
            intent.operation.word().to_owned(),
            queued.0,
            intent.since.timestamp(),
        ));
        let surplus = entries.len().saturating_sub(KEPT);
        Some(Self(entries.split_off(surplus)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ItemId;
    use crate::order::intent::MAXIMUM_LENGTH;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_775_000_000, 0).unwrap()
    }

    fn intent(operation: Operation, queued: Option<u64>, state: State) -> Intent {
        let queued = queued.map(OperationId);
        Intent::decide("i", ItemId(1), operation, "s", 1, queued, now()).with_state(state)
    }

    #[test]
    fn only_operations_whose_order_stands_are_remembered() {
        let none = Served::default();
        for state in [
            State::Prepared,
            State::Sent,
            State::Unknown,
            State::Rejected,
            State::Dead,
        ] {
            assert_eq!(none.with(&intent(Operation::Prolong, Some(5), state)), None);
        }
        assert_eq!(
            none.with(&intent(Operation::Prolong, None, State::Issued)),
            None
        );
        let served = none
            .with(&intent(Operation::Prolong, Some(5), State::Pending))
            .unwrap();
        assert!(served.holds(Operation::Prolong, OperationId(5)));
        assert!(!served.holds(Operation::Reissue, OperationId(5)));
        assert!(!served.holds(Operation::Prolong, OperationId(6)));
        assert_eq!(Served::from_text(&served.to_text(), now()), served);
    }

    #[test]
    fn a_number_that_comes_back_after_long_is_another_operation() {
        let served = Served::default()
            .with(&intent(Operation::Prolong, Some(5), State::Issued))
            .unwrap();
        let later = now() + TimeDelta::days(91);
        assert_eq!(
            Served::from_text(&served.to_text(), later),
            Served::default()
        );
    }

    #[test]
    fn the_text_always_fits() {
        let mut served = Served::default();
        for id in 0..20 {
            let longest = Some(u64::from(u32::MAX) - id);
            served = served
                .with(&intent(Operation::Prolong, longest, State::Issued))
                .unwrap();
        }
        assert!(served.to_text().len() <= MAXIMUM_LENGTH);
        assert_eq!(
            Served::from_text("nonsense,prolong x 1", now()),
            Served::default()
        );
    }
}
