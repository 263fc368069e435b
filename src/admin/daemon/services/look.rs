//! How long one full look lets the next one wait.

use chrono::{DateTime, TimeDelta, Utc};

/// A full look comes after so many seconds for each service that the last one found: a small shop has one in every
/// pass, one of 36 000 certificates in every hour.
const SECONDS_PER_SERVICE: f64 = 0.1;

/// It walks through the parameters of the whole shop, whatever the module has of them: it comes after so many times
/// what the last one took, so that the database is busy with it for a six-hundredth of the time.
const REST_AFTER: i32 = 600;

/// The clock has whole seconds, and two of them may be a moment apart.
const UNSURE: TimeDelta = TimeDelta::seconds(1);

/// A full look comes at least so often.
const LONGEST: TimeDelta = TimeDelta::hours(4);

/// Without a first look a module does nothing at all: one that failed is tried again after this at the latest, and
/// after twice the pause each further time, up to the usual one.
const FIRST: TimeDelta = TimeDelta::minutes(5);

/// A full look, whether it came to its end or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct FullLook {
    began: DateTime<Utc>,
    took: TimeDelta,
    /// How many services it found.
    found: usize,
    /// The next one waits no longer.
    at_most: TimeDelta,
}

impl FullLook {
    pub(super) const fn new(began: DateTime<Utc>, took: TimeDelta, found: usize) -> Self {
        Self {
            began,
            took,
            found,
            at_most: LONGEST,
        }
    }

    /// The same of one that failed while nothing is known; `former`: the one before it, if that failed, too.
    pub(super) fn in_vain(self, former: Option<Self>) -> Self {
        let at_most = former.map_or(FIRST, |former| former.at_most * 2);
        Self {
            at_most: at_most.min(LONGEST),
            ..self
        }
    }

    /// Whether it was too short a time ago for another one.
    pub(super) fn rests(&self, now: DateTime<Utc>) -> bool {
        let by_count = self.found as f64 * SECONDS_PER_SERVICE;
        let took = (self.took - UNSURE).clamp(TimeDelta::zero(), LONGEST);
        let by_cost = (took * REST_AFTER).num_seconds() as f64;
        let pause = by_count.max(by_cost).min(self.at_most.num_seconds() as f64);
        // A clock that went back says nothing.
        (0.0..pause).contains(&((now - self.began).num_milliseconds() as f64 / 1000.0))
    }
}
