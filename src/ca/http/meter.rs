//! How fast an account's requests may follow each other, and when it is left alone.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use tokio::time::Instant;

use crate::log;

/// So many failures in a row switch an account off for a while.
const FAILURES_IN_A_ROW: u32 = 5;

/// The first time for which an account is switched off; it doubles up to the last.
const FIRST_REST: Duration = Duration::from_secs(60);
const LAST_REST: Duration = Duration::from_secs(3600);

/// Pace and circuit breaker of one account: shared by all that ask in its name, and outlives them. Both count requests,
/// whatever call they belong to.
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
    /// Those that the vendor, or the way to it, failed.
    pub failures: u64,
    /// Time between requests and their answers.
    pub spent: Duration,
}

impl Usage {
    /// What came since an earlier moment.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            requests: self.requests - earlier.requests,
            failures: self.failures - earlier.failures,
            spent: self.spent.saturating_sub(earlier.spent),
        }
    }
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

    /// All that was asked until now.
    pub fn usage(&self) -> Usage {
        self.usage.get()
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

    /// Whether the last requests failed: since the account was switched off nothing has been answered.
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

    /// Notes a request that took so long, and whether the vendor, or the way to it, was in trouble.
    pub fn note(&self, took: Duration, is_trouble: bool) {
        let mut usage = self.usage.get();
        usage.requests += 1;
        usage.failures += u64::from(is_trouble);
        usage.spent += took;
        self.usage.set(usage);
        let mut state = self.state.borrow_mut();
        if !is_trouble {
            state.failures = 0;
            state.rest = FIRST_REST;
            state.resting_until = None;
            return;
        }
        state.failures += 1;
        if state.failures >= FAILURES_IN_A_ROW {
            let why = format!("{} calls in a row failed", state.failures);
            state.begin_rest(&why);
        }
    }

    /// The credentials were refused: the next answer would be the same, and some vendors lock an account that goes on.
    pub fn refuse(&self) {
        let mut state = self.state.borrow_mut();
        if state
            .resting_until
            .is_none_or(|until| until <= Instant::now())
        {
            state.begin_rest("the credentials are refused");
        }
    }

    /// Leaves the account alone for as long as its vendor wishes.
    pub fn keep_quiet(&self, pause: Duration) {
        let mut state = self.state.borrow_mut();
        state.quiet_until = later(state.quiet_until, pause, "the vendor asks for a pause");
    }
}

impl MeterState {
    fn begin_rest(&mut self, why: &str) {
        self.resting_until = later(self.resting_until, self.rest, why);
        self.rest = (self.rest * 2).min(LAST_REST);
        // After the rest one request decides.
        self.failures = FAILURES_IN_A_ROW - 1;
    }
}

/// The pause between two requests.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(meter: &Meter, times: u32) {
        for _ in 0..times {
            meter.note(Duration::ZERO, true);
        }
    }

    #[test]
    fn five_failures_in_a_row_switch_an_account_off() {
        let meter = Meter::new(5);
        fails(&meter, 4);
        assert!(!meter.is_resting());
        meter.note(Duration::ZERO, false);
        fails(&meter, 1);
        assert!(!meter.is_resting());
        fails(&meter, 4);
        assert!(meter.is_resting() && meter.is_failing());
    }

    #[test]
    fn refused_credentials_switch_it_off_at_once_and_only_an_answer_ends_that() {
        let meter = Meter::new(5);
        // The answer that held the refusal was one.
        meter.note(Duration::ZERO, false);
        meter.refuse();
        assert!(meter.is_resting() && meter.is_failing());
        // Others' requests that were on their way do not make it longer.
        let rest = meter.state.borrow().rest;
        meter.refuse();
        assert_eq!(meter.state.borrow().rest, rest);
        meter.note(Duration::ZERO, false);
        assert!(!meter.is_resting());
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
        meter.note(Duration::ZERO, false);
        assert!(
            meter.is_resting(),
            "another hand's call was on its way when the wish was heard"
        );
    }

    #[test]
    fn an_answer_ends_the_rest_after_failures() {
        let meter = Meter::new(5);
        fails(&meter, FAILURES_IN_A_ROW);
        assert!(meter.is_resting());
        meter.note(Duration::ZERO, false);
        assert!(!meter.is_resting());
    }

    #[test]
    fn what_was_asked_is_counted() {
        let meter = Meter::new(5);
        meter.note(Duration::from_millis(40), false);
        let earlier = meter.usage();
        meter.note(Duration::from_millis(2), true);
        let usage = Usage {
            requests: 1,
            failures: 1,
            spent: Duration::from_millis(2),
        };
        assert_eq!(meter.usage().since(earlier), usage);
        assert_eq!(meter.usage().requests, 2);
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
