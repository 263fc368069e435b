//! The values that are masked: those of accounts for the whole life of the process, those in use as long as they are,
//! and a number of those that have passed. A daemon lives for years and signs in many times a day.

use super::literal::Needle;

/// So many values that passed are known: more than all hands of a daemon together have in one text.
pub(super) const PASSING: usize = 200;

/// Shorter values are not masked literally: a one-letter password would blank out every text and
/// show itself by the blanks. The field names still cover them. In characters.
const SHORTEST: usize = 4;

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It stays.
    Keep,
    /// It is in somebody's hands.
    Hold,
    /// It is no longer.
    Release,
    /// It was met.
    Pass,
}

/// One value.
#[derive(Default)]
struct Value {
    /// How many needles are its own.
    needles: usize,
    is_kept: bool,
    /// How many have it in their hands.
    holders: usize,
}

impl Value {
    fn is_passing(&self) -> bool {
        !self.is_kept && self.holders == 0
    }
}

/// All values, the one that was met last at the end.
pub(super) struct Registered {
    /// Those of all values, in the order of these.
    needles: Vec<Needle>,
    values: Vec<Value>,
}

impl Registered {
    pub(super) const fn new() -> Self {
        Self {
            needles: Vec::new(),
            values: Vec::new(),
        }
    }

    /// What to look for.
    pub(super) fn needles(&self) -> &[Needle] {
        &self.needles
    }

    /// Takes a value, and the same without blanks around it, which is what some vendors print.
    pub(super) fn take(&mut self, value: &str, change: Change) {
        self.take_one(value, change);
        let trimmed = value.trim();
        if trimmed != value {
            self.take_one(trimmed, change);
        }
    }

    fn take_one(&mut self, value: &str, change: Change) {
        if value.chars().count() < SHORTEST || value.chars().all(|c| c == '*') {
            return;
        }
        let needles = Needle::all(value);
        let mut known = Value {
            needles: needles.len(),
            ..Value::default()
        };
        if let Some(index) = self.index_of(&needles) {
            // Accounts are read again and again: nothing changes then.
            if self.values[index].is_kept && change == Change::Keep {
                return;
            }
            known = self.remove(index);
        }
        match change {
            Change::Keep => known.is_kept = true,
            Change::Hold => known.holders += 1,
            Change::Release => known.holders = known.holders.saturating_sub(1),
            Change::Pass => {}
        }
        self.values.push(known);
        self.needles.extend(needles);
        self.forget();
    }

    /// A value's own needles never belong to another one, even where two have some in common: each may go alone.
    fn index_of(&self, needles: &[Needle]) -> Option<usize> {
        let mut from = 0;
        self.values.iter().position(|value| {
            let own = from..from + value.needles;
            from = own.end;
            self.needles[own] == *needles
        })
    }

    fn remove(&mut self, index: usize) -> Value {
        let from: usize = self.values[..index].iter().map(|one| one.needles).sum();
        let value = self.values.remove(index);
        self.needles.drain(from..from + value.needles);
        value
    }

    /// Drops the oldest of those that passed, where there are too many.
    fn forget(&mut self) {
        let is_passing = |value: &&Value| value.is_passing();
        let passing = self.values.iter().filter(is_passing).count();
        for _ in PASSING..passing {
            if let Some(oldest) = self.values.iter().position(Value::is_passing) {
                self.remove(oldest);
            }
        }
    }
}
