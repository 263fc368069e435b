//! How fast an account's requests may follow each other, and when it is left alone.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::time::Instant;

use crate::failure::{Failure, Kind};
use crate::log;

/// So many failures in a row switch an account off for a while.
const FAILURES_IN_A_ROW: u32 = 5;

/// The first time for which an account is switched off; it doubles up to the last.
const FIRST_REST: Duration = Duration::from_secs(60);
const LAST_REST: Duration = Duration::from_secs(3600);

/// Pace and circuit breaker of one account: shared by all that ask in its name, and outlives them.
#[derive(Debug)]
pub struct Meter {
    gap: Cell<Duration>,
    state: RefCell<MeterState>,
    usage: Cell<Usage>,
}

/// What was asked in an account's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Requests that were sent.
    pub requests: u64,
    /// Calls that the vendor, or the way to it, failed.
    pub failures: u64,
    /// Time between requests and their answers.
    pub spent: Duration,
}

#[derive(Debug)]
struct MeterState {
    next: Instant,
    failures: u32,
    rest: Duration,
    /// Switched off after failures.
    resting_until: Option<Instant>,
    /// The vendor's wish. Kept apart: the answer to a call that was already on its way shows that the vendor
    /// works, not that it has changed its mind.
    quiet_until: Option<Instant>,
}

impl Meter {
    /// A meter that lets so many calls pass in a second.
    pub fn new(calls_per_second: u32) -> Self {
        Self {
            gap: Cell::new(gap(calls_per_second)),
            state: RefCell::new(MeterState {
                next: Instant::now(),
                failures: 0,
                rest: FIRST_REST,
                resting_until: None,
                quiet_until: None,
            }),
            usage: Cell::default(),
        }
    }

    /// What was asked since this was last called.
    pub fn take_usage(&self) -> Usage {
        self.usage.take()
    }

    /// Counts a request that took so long.
    pub(super) fn sent(&self, took: Duration) {
        let mut usage = self.usage.get();
        usage.requests += 1;
        usage.spent += took;
        self.usage.set(usage);
    }

    /// Another pace from the next call on: the meter outlives a change of the settings.
    pub fn set_pace(&self, calls_per_second: u32) {
        self.gap.set(gap(calls_per_second));
    }

    /// Whether the account is switched off at the moment.
    pub fn is_resting(&self) -> bool {
        let state = self.state.borrow();
        let now = Instant::now();
        let until = state.resting_until.max(state.quiet_until);
        until.is_some_and(|until| now < until)
    }

    /// Whether the last calls failed: since the account was switched off nothing has been answered.
    pub fn is_failing(&self) -> bool {
        self.state.borrow().resting_until.is_some()
    }

    /// What is left of the pause that the vendor asked for.
    pub fn quiet_for(&self) -> Option<Duration> {
        let until = self.state.borrow().quiet_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    /// Books the next place in the queue: the moment from which a request may be sent.
    pub(super) fn book(&self) -> Instant {
        let mut state = self.state.borrow_mut();
        let place = state.next.max(Instant::now());
        state.next = place + self.gap.get();
        place
    }

    /// Notes what came of a call, as its reader understood it.
    pub fn note(&self, failure: Option<&Failure>) {
        let mut state = self.state.borrow_mut();
        if !failure.is_some_and(counts) {
            state.failures = 0;
            state.rest = FIRST_REST;
            state.resting_until = None;
            return;
        }
        let mut usage = self.usage.get();
        usage.failures += 1;
        self.usage.set(usage);
        state.failures += 1;
        if state.failures >= FAILURES_IN_A_ROW {
            let (rest, why) = (
                state.rest,
                format!("{} calls in a row failed", state.failures),
            );
            state.rest = (state.rest * 2).min(LAST_REST);
            // After the rest one call decides.
            state.failures = FAILURES_IN_A_ROW - 1;
            let known = state.resting_until;
            state.resting_until = later(known, rest, &why);
        }
    }

    /// Leaves the account alone for as long as its vendor wishes.
    pub fn keep_quiet(&self, pause: Duration) {
        let mut state = self.state.borrow_mut();
        state.quiet_until = later(state.quiet_until, pause, "the vendor asks for a pause");
    }
}

/// The pause between two calls.
fn gap(calls_per_second: u32) -> Duration {
    Duration::from_secs(1) / calls_per_second.max(1)
}

/// The end of a rest that begins now, unless one that ends later is known. Says so where that is news.
fn later(known: Option<Instant>, pause: Duration, why: &str) -> Option<Instant> {
    let until = Instant::now() + pause;
    // A wish that was heard before grows by nothing but the time it took to ask again.
    if known.is_none_or(|known| until > known + Duration::from_secs(1)) {
        log!(
            Main,
            Warning,
            "{why}: the account rests for {} s",
            pause.as_secs_f64().ceil()
        );
    }
    known.max(Some(until))
}

/// Failures of the vendor or of the way to it; a refusal of one order is none.
#[must_use]
pub fn counts(failure: &Failure) -> bool {
    matches!(
        failure.kind(),
        Kind::Transient | Kind::Auth | Kind::Protocol | Kind::Unknown
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    #[test]
    fn five_failures_in_a_row_switch_an_account_off() {
        let meter = Meter::new(5);
        let trouble = Failure::new(Reason::VendorTrouble);
        let refusal = Failure::new(Reason::Rejected);
        for _ in 0..4 {
            meter.note(Some(&trouble));
        }
        assert!(!meter.is_resting());
        meter.note(Some(&refusal));
        meter.note(Some(&trouble));
        assert!(
            !meter.is_resting(),
            "a refusal is an answer of a working vendor"
        );
        for _ in 0..4 {
            meter.note(Some(&trouble));
        }
        assert!(meter.is_resting());
    }

    #[test]
    fn a_wished_pause_outlives_the_call_that_heard_of_it() {
        let meter = Meter::new(5);
        meter.keep_quiet(Duration::from_secs(60));
        meter.keep_quiet(Duration::from_secs(5));
        assert!(meter.is_resting());
        assert!(
            meter
                .quiet_for()
                .is_some_and(|rest| rest > Duration::from_secs(50))
        );
        meter.note(None);
        assert!(
            meter.is_resting(),
            "another hand's call was on its way when the wish was heard"
        );
    }

    #[test]
    fn an_answer_ends_the_rest_after_failures() {
        let meter = Meter::new(5);
        for _ in 0..FAILURES_IN_A_ROW {
            meter.note(Some(&Failure::new(Reason::VendorTrouble)));
        }
        assert!(meter.is_resting());
        meter.note(None);
        assert!(!meter.is_resting());
    }

    #[test]
    fn what_was_asked_is_counted_once() {
        let meter = Meter::new(5);
        meter.sent(Duration::from_millis(40));
        meter.sent(Duration::from_millis(2));
        meter.note(Some(&Failure::new(Reason::VendorTrouble)));
        meter.note(Some(&Failure::new(Reason::Rejected)));
        let usage = Usage {
            requests: 2,
            failures: 1,
            spent: Duration::from_millis(42),
        };
        assert_eq!(meter.take_usage(), usage);
        assert_eq!(meter.take_usage(), Usage::default());
    }

    #[tokio::test]
    async fn a_pace_is_changed_while_the_meter_lives() {
        let meter = Meter::new(1);
        meter.book();
        meter.set_pace(1000);
        meter.book();
        let wait = meter.book() - Instant::now();
        assert!(wait < Duration::from_millis(1100), "{wait:?}");
    }

    #[tokio::test]
    async fn calls_keep_their_distance() {
        let meter = Meter::new(100);
        let start = Instant::now();
        for _ in 0..11 {
            tokio::time::sleep_until(meter.book()).await;
        }
        assert!(start.elapsed() >= Duration::from_millis(100));
    }
}
