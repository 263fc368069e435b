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

/// Pace and circuit breaker of one account: shared by all that ask in its name, and outlives them. The pace counts requests,
/// the breaker calls, whose last attempt counts. What an answer that came whole says is trouble to neither, but for refused
/// credentials, of which whoever reads the answer tells.
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
    /// Calls that they belonged to: reads are repeated.
    pub calls: u64,
    /// Calls that the vendor, or the way to it, failed to the last attempt.
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
            calls: self.calls - earlier.calls,
            failures: self.failures - earlier.failures,
            spent: self.spent.saturating_sub(earlier.spent),
        }
    }
}

#[derive(Debug)]
struct MeterState {
    next: Instant,
    /// Calls that failed one after the other.
    failures: u32,
    rest: Duration,
    /// Switched off after failures.
    resting_until: Option<Instant>,
    /// Switched off after refused credentials, and for how long. Kept apart: the refusal may stand in an answer like any
    /// other.
    refused: Option<(Instant, Duration)>,
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
                refused: None,
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

    /// Whether the account is left alone at the moment: switched off, or by its vendor's wish.
    pub fn is_resting(&self) -> bool {
        self.is_off() || self.quiet_for().is_some()
    }

    /// Whether the account is switched off at the moment, after failures or refused credentials.
    pub fn is_off(&self) -> bool {
        let state = self.state.borrow();
        let refused = state.refused.map(|(until, _)| until);
        let until = state.resting_until.max(refused);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// Whether the last calls failed: since the account was switched off no call has succeeded.
    pub fn is_failing(&self) -> bool {
        self.state.borrow().resting_until.is_some() || self.is_off()
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

    /// Counts a request that took so long.
    pub fn sent(&self, took: Duration) {
        let mut usage = self.usage.get();
        usage.requests += 1;
        usage.spent += took;
        self.usage.set(usage);
    }

    /// Notes what came of a call: whether the vendor, or the way to it, was in trouble to the last.
    pub fn answered(&self, is_trouble: bool) {
        let mut usage = self.usage.get();
        usage.calls += 1;
        usage.failures += u64::from(is_trouble);
        self.usage.set(usage);
        let mut state = self.state.borrow_mut();
        if !is_trouble {
            state.failures = 0;
            state.rest = FIRST_REST;
            state.resting_until = None;
            return;
        }
        state.failures += 1;
        // What fails while the account rests was on its way before: it makes the rest no longer.
        let is_resting = state
            .resting_until
            .is_some_and(|until| Instant::now() < until);
        if state.failures < FAILURES_IN_A_ROW || is_resting {
            return;
        }
        let why = format!("{} calls in a row failed", state.failures);
        state.resting_until = later(state.resting_until, state.rest, &why);
        state.rest = (state.rest * 2).min(LAST_REST);
        // After the rest one call decides.
        state.failures = FAILURES_IN_A_ROW - 1;
    }

    /// The credentials were refused: the next answer would be the same, and some vendors lock an account that goes on. The
    /// rest is longer each time, until there was no refusal for as long as the longest one.
    pub fn refuse(&self) {
        let mut state = self.state.borrow_mut();
        let now = Instant::now();
        let rest = match state.refused {
            Some((until, _)) if now < until => return,
            Some((until, rest)) if now < until + LAST_REST => (rest * 2).min(LAST_REST),
            _ => FIRST_REST,
        };
        let until = later(None, rest, "the credentials are refused");
        state.refused = until.map(|until| (until, rest));
    }

    /// Leaves the account alone for as long as its vendor wishes.
    pub fn keep_quiet(&self, pause: Duration) {
        let mut state = self.state.borrow_mut();
        state.quiet_until = later(state.quiet_until, pause, "the vendor asks for a pause");
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
            meter.answered(true);
        }
    }

    fn rest(meter: &Meter) -> Duration {
        meter.state.borrow().rest
    }

    /// As if all rests had passed.
    fn wait(meter: &Meter) {
        let mut state = meter.state.borrow_mut();
        let now = Instant::now();
        state.resting_until = state.resting_until.map(|_| now);
        state.refused = state.refused.map(|(_, rest)| (now, rest));
    }

    #[test]
    fn five_failures_in_a_row_switch_an_account_off() {
        let meter = Meter::new(5);
        fails(&meter, 4);
        assert!(!meter.is_resting());
        meter.answered(false);
        fails(&meter, 1);
        assert!(!meter.is_resting());
        fails(&meter, 4);
        assert!(meter.is_resting() && meter.is_failing());
        meter.answered(false);
        assert!(!meter.is_resting() && !meter.is_failing());
    }

    /// Calls that were on their way when the rest began do not make it longer; the first one after it does.
    #[test]
    fn a_rest_is_as_long_as_the_trouble_lasts_and_no_longer() {
        let meter = Meter::new(5);
        fails(&meter, 30);
        assert_eq!(rest(&meter), FIRST_REST * 2);
        wait(&meter);
        fails(&meter, 3);
        assert!(meter.is_resting());
        assert_eq!(rest(&meter), FIRST_REST * 4);
        for _ in 0..20 {
            wait(&meter);
            fails(&meter, 1);
        }
        assert_eq!(rest(&meter), LAST_REST);
    }

    /// A refusal of credentials may stand in an answer like any other, which then ends no rest.
    #[test]
    fn refused_credentials_switch_it_off_at_once_and_for_longer_each_time() {
        let meter = Meter::new(5);
        let refused = || meter.state.borrow().refused.unwrap().1;
        for times in [1, 2, 4] {
            meter.answered(false);
            meter.refuse();
            assert!(meter.is_resting() && meter.is_failing());
            // Others' calls that were on their way.
            meter.answered(false);
            meter.refuse();
            assert!(meter.is_resting());
            assert_eq!(refused(), FIRST_REST * times);
            wait(&meter);
            assert!(!meter.is_resting() && !meter.is_failing());
        }
        for _ in 0..20 {
            meter.refuse();
            wait(&meter);
        }
        assert_eq!(refused(), LAST_REST);
        // For long enough there was none: it is another story.
        let long_ago = Instant::now().checked_sub(LAST_REST).unwrap();
        meter.state.borrow_mut().refused = Some((long_ago, LAST_REST));
        meter.refuse();
        assert_eq!(refused(), FIRST_REST);
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
        meter.answered(false);
        assert!(
            meter.is_resting(),
            "another hand's call was on its way when the wish was heard"
        );
    }

    #[test]
    fn what_was_asked_is_counted() {
        let meter = Meter::new(5);
        meter.sent(Duration::from_millis(40));
        let earlier = meter.usage();
        meter.sent(Duration::from_millis(2));
        meter.answered(true);
        let usage = Usage {
            requests: 1,
            calls: 1,
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
