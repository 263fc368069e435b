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
/// the breaker their last attempts; what an answer says that is trouble all the same its readers tell, a visit at a time.
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
    /// Calls that the vendor, or the way to it, failed, however often they were repeated.
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
    /// Calls that failed one after the other.
    failures: u32,
    /// Visits of services that came to nothing, whatever each answer was like.
    in_vain: u32,
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
                in_vain: 0,
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

    /// Counts a request that took so long.
    pub fn sent(&self, took: Duration) {
        let mut usage = self.usage.get();
        usage.requests += 1;
        usage.spent += took;
        self.usage.set(usage);
    }

    /// Notes what came of a call: whether the vendor, or the way to it, was in trouble to the last.
    pub fn answered(&self, is_trouble: bool) {
        let mut state = self.state.borrow_mut();
        if is_trouble {
            let mut usage = self.usage.get();
            usage.failures += 1;
            self.usage.set(usage);
            state.failures += 1;
            let count = state.failures;
            state.rest_after(count, "calls");
        } else {
            state.failures = 0;
            // An answer that its readers found to be trouble again and again is none.
            if state.in_vain == 0 {
                state.recover();
            }
        }
    }

    /// Notes what came of a visit of a service, as the readers of the answers understood them.
    pub fn visited(&self, outcome: Outcome) {
        let mut state = self.state.borrow_mut();
        match outcome {
            Outcome::Good => {
                state.in_vain = 0;
                state.recover();
            }
            Outcome::InVain => {
                state.in_vain += 1;
                let count = state.in_vain;
                state.rest_after(count, "visits");
            }
            // The next answer would be the same, and some vendors lock an account that goes on.
            Outcome::LockedOut => {
                state.in_vain = FAILURES_IN_A_ROW - 1;
                state.begin_rest("the credentials are refused");
            }
        }
    }

    /// Leaves the account alone for as long as its vendor wishes.
    pub fn keep_quiet(&self, pause: Duration) {
        let mut state = self.state.borrow_mut();
        state.quiet_until = later(state.quiet_until, pause, "the vendor asks for a pause");
    }
}

/// What a visit of a service came to at its vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The vendor works.
    Good,
    /// The vendor is in trouble, or speaks in an unknown way.
    InVain,
    /// It refuses the account's credentials.
    LockedOut,
}

impl MeterState {
    fn rest_after(&mut self, count: u32, of: &str) {
        if count >= FAILURES_IN_A_ROW {
            self.begin_rest(&format!("{count} {of} in a row failed"));
        }
    }

    /// What fails while the account rests was on its way before: it makes the rest no longer.
    fn begin_rest(&mut self, why: &str) {
        if self
            .resting_until
            .is_some_and(|until| Instant::now() < until)
        {
            return;
        }
        self.resting_until = later(self.resting_until, self.rest, why);
        self.rest = (self.rest * 2).min(LAST_REST);
        // After the rest one decides.
        self.failures = self.failures.min(FAILURES_IN_A_ROW - 1);
        self.in_vain = self.in_vain.min(FAILURES_IN_A_ROW - 1);
    }

    fn recover(&mut self) {
        self.failures = 0;
        self.rest = FIRST_REST;
        self.resting_until = None;
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

    /// As if the rest had passed.
    fn wait(meter: &Meter) {
        meter.state.borrow_mut().resting_until = Some(Instant::now());
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

    /// A refusal of credentials may stand in an answer like any other.
    #[test]
    fn refused_credentials_switch_it_off_at_once_and_for_longer_each_time() {
        let meter = Meter::new(5);
        for times in [2, 4, 8] {
            meter.answered(false);
            meter.visited(Outcome::LockedOut);
            assert!(meter.is_resting() && meter.is_failing());
            // Others' visits that were on their way.
            meter.answered(false);
            meter.visited(Outcome::LockedOut);
            assert!(meter.is_resting());
            assert_eq!(rest(&meter), FIRST_REST * times);
            wait(&meter);
        }
        meter.answered(false);
        meter.visited(Outcome::Good);
        assert!(!meter.is_resting() && !meter.is_failing());
        assert_eq!(rest(&meter), FIRST_REST);
    }

    /// Trouble that is told in answers which came whole.
    #[test]
    fn visits_in_vain_switch_it_off_whatever_each_answer_was_like() {
        let meter = Meter::new(5);
        for _ in 0..4 {
            meter.answered(false);
            meter.visited(Outcome::InVain);
        }
        assert!(!meter.is_resting());
        meter.answered(false);
        meter.visited(Outcome::Good);
        for _ in 0..5 {
            meter.answered(false);
            meter.visited(Outcome::InVain);
        }
        assert!(meter.is_resting());
        wait(&meter);
        meter.answered(false);
        meter.visited(Outcome::InVain);
        assert_eq!(rest(&meter), FIRST_REST * 4, "one decides after the rest");
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
