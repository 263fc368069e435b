//! Queued operations of an item whose order stands although the stored intent is a later one's: an
//! operation that could not be closed comes back, and must not buy again.

use chrono::{DateTime, TimeDelta, Utc};

use super::intent::{Intent, Operation, State};
use crate::domain::OperationId;

/// The item parameter that holds them, ours.
pub(in crate::order) const PARAMETER: &str = "pmssl_served";

/// So many are kept, the latest: all of them fit into the 240 characters of a parameter.
const KEPT: usize = 6;

/// An operation that comes back later than this may be another one: older servers count their rows
/// from one again after a restart with an empty table.
const LONGEST_WAY_BACK: TimeDelta = TimeDelta::days(90);

/// Whether an operation that was served at a moment cannot be told from a new one of the same number.
pub(in crate::order) fn is_long_ago(since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - since > LONGEST_WAY_BACK
}

/// The operations, oldest first.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::order) struct Served(Vec<(String, u64, i64)>);

impl Served {
    /// Reads the stored form; a part that cannot be read is left out.
    pub(in crate::order) fn from_text(text: &str) -> Self {
        let entries = text.split(',').filter_map(|entry| {
            let mut words = entry.split_whitespace();
            let word = words.next()?.to_owned();
            Some((
                word,
                words.next()?.parse().ok()?,
                words.next()?.parse().ok()?,
            ))
        });
        Self(entries.collect())
    }

    /// The stored form.
    pub(in crate::order) fn to_text(&self) -> String {
        let entries = self.0.iter();
        let texts: Vec<_> = entries
            .map(|(word, id, since)| format!("{word} {id} {since}"))
            .collect();
        texts.join(",")
    }

    /// When the order of this operation was sent, if it stands.
    pub(in crate::order) fn since(
        &self,
        operation: Operation,
        queued: OperationId,
    ) -> Option<DateTime<Utc>> {
        let mut entries = self.0.iter().rev();
        let own = entries.find(|(word, id, _)| word == operation.word() && *id == queued.0);
        own.and_then(|(_, _, since)| DateTime::from_timestamp(*since, 0))
    }

    /// The same with an intent that is about to be replaced; `None` when nothing changes.
    pub(in crate::order) fn with(&self, intent: &Intent) -> Option<Self> {
        let queued = intent.queued?;
        let stands = matches!(intent.state, State::Placed | State::Pending | State::Issued);
        if !stands || self.since(intent.operation, queued) == Some(intent.since) {
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

    /// The same without renewals that were made long ago; `None` when there are none.
    pub(in crate::order) fn without_old_renewals(&self, now: DateTime<Utc>) -> Option<Self> {
        let is_old = |since: i64| {
            DateTime::from_timestamp(since, 0).is_none_or(|since| is_long_ago(since, now))
        };
        let (old, kept): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .cloned()
            .partition(|(word, _, since)| word == Operation::Prolong.word() && is_old(*since));
        (!old.is_empty()).then_some(Self(kept))
    }
}

#[cfg(test)]
mod tests;
