//! Limits around a vendor: pace, circuit breaker, and the count that stops a pass.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep_until};

use crate::ca::http::Http;
use crate::ca::{
    Abilities, Cancellation, CertificateAuthority, Located, Offer, OrderRef, Permit, Prepared,
    Progress, Sought, Submission, Token, VendorFiles, Wanted,
};
use crate::domain::{
    Addon, DomainName, EmailAddress, Money, Purchase, TemplateCode, ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Kind, Reason};
use crate::log;

/// So many failures in a row switch an account off for a while.
const FAILURES_IN_A_ROW: u32 = 5;

/// The first time for which an account is switched off; it doubles up to the last.
const FIRST_REST: Duration = Duration::from_secs(60);
const LAST_REST: Duration = Duration::from_secs(3600);

/// A pass is stopped when more than this part of its calls failed ...
const FAILING_PART: u32 = 4;

/// ... of at least so many.
const ENOUGH_CALLS: u32 = 50;

/// The calls of one pass over one module.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) calls: Cell<u32>,
    pub(super) failed: Cell<u32>,
}

impl Tally {
    /// Whether so many calls failed that going on would only do harm.
    pub(super) fn is_hopeless(&self) -> bool {
        self.calls.get() >= ENOUGH_CALLS && self.failed.get() * FAILING_PART > self.calls.get()
    }
}

/// Pace and circuit breaker of one account; lives as long as the daemon.
#[derive(Debug)]
pub(super) struct Meter {
    gap: Cell<Duration>,
    state: RefCell<MeterState>,
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
    pub(super) fn new(calls_per_second: u32) -> Self {
        Self {
            gap: Cell::new(gap(calls_per_second)),
            state: RefCell::new(MeterState {
                next: Instant::now(),
                failures: 0,
                rest: FIRST_REST,
                resting_until: None,
                quiet_until: None,
            }),
        }
    }

    /// Another pace from the next call on: the meter outlives a change of the settings.
    pub(super) fn set_pace(&self, calls_per_second: u32) {
        self.gap.set(gap(calls_per_second));
    }

    /// Whether the account is switched off at the moment.
    pub(super) fn is_resting(&self) -> bool {
        let state = self.state.borrow();
        let now = Instant::now();
        let until = state.resting_until.max(state.quiet_until);
        until.is_some_and(|until| now < until)
    }

    /// What is left of the pause that the vendor asked for.
    pub(super) fn quiet_for(&self) -> Option<Duration> {
        let until = self.state.borrow().quiet_until?;
        Some(until.saturating_duration_since(Instant::now())).filter(|rest| !rest.is_zero())
    }

    /// Books the next place in the queue.
    fn book(&self) -> Instant {
        let mut state = self.state.borrow_mut();
        let place = state.next.max(Instant::now());
        state.next = place + self.gap.get();
        place
    }

    fn note(&self, failure: Option<&Failure>) {
        let mut state = self.state.borrow_mut();
        if !failure.is_some_and(counts) {
            state.failures = 0;
            state.rest = FIRST_REST;
            state.resting_until = None;
            return;
        }
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
    pub(super) fn keep_quiet(&self, pause: Duration) {
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
fn counts(failure: &Failure) -> bool {
    matches!(
        failure.kind(),
        Kind::Transient | Kind::Auth | Kind::Protocol | Kind::Unknown
    )
}

/// A vendor behind its limits.
pub(super) struct Metered {
    inner: Box<dyn CertificateAuthority>,
    pub(super) meter: Rc<Meter>,
    tally: Rc<Tally>,
}

impl Metered {
    pub(super) fn new(
        inner: Box<dyn CertificateAuthority>,
        meter: Rc<Meter>,
        tally: Rc<Tally>,
    ) -> Self {
        Self {
            inner,
            meter,
            tally,
        }
    }

    /// Waits for this call's turn.
    async fn turn(&self) -> Result<(), Failure> {
        self.may_call()?;
        sleep_until(self.meter.book()).await;
        self.may_call()
    }

    fn may_call(&self) -> Result<(), Failure> {
        let no = |why: &str| Err(Failure::new(Reason::VendorTrouble).detail(why.to_owned()));
        if self.tally.is_hopeless() {
            return no("too many calls failed, the pass is stopped");
        }
        if self.meter.is_resting() {
            return no("the account rests");
        }
        Ok(())
    }

    fn note<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        self.note_outcome(result.as_ref().err());
        result
    }

    fn note_outcome(&self, failure: Option<&Failure>) {
        // What the vendor's adapter refuses by itself was no call.
        if failure.is_none_or(|failure| !matches!(failure.kind(), Kind::NotSupported | Kind::Input))
        {
            self.tally.calls.set(self.tally.calls.get() + 1);
            if failure.is_some_and(counts) {
                self.tally.failed.set(self.tally.failed.get() + 1);
            }
            self.meter.note(failure);
            if let Some(pause) = self.inner.way().and_then(Http::quiet_for) {
                self.meter.keep_quiet(pause);
            }
        }
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for Metered {
    fn abilities(&self) -> &'static Abilities {
        self.inner.abilities()
    }

    fn way(&self) -> Option<&Http> {
        self.inner.way()
    }

    fn has_later_steps(&self) -> bool {
        self.inner.has_later_steps()
    }

    fn orders_one_at_a_time(&self) -> bool {
        self.inner.orders_one_at_a_time()
    }

    fn sells_names(&self, addon: &Addon) -> bool {
        self.inner.sells_names(addon)
    }

    fn check_addons(
        &self,
        common_name: &DomainName,
        additional: &[DomainName],
        addresses: &[std::net::IpAddr],
        addons: &[Addon],
    ) -> Result<(), Failure> {
        self.inner
            .check_addons(common_name, additional, addresses, addons)
    }

    async fn check(&self) -> Result<(), Failure> {
        self.turn().await?;
        self.note(self.inner.check().await)
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        self.turn().await?;
        self.note(self.inner.examine(purchase).await)
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        self.turn().await?;
        self.note(self.inner.prepare(purchase, taken).await)
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        self.turn().await?;
        self.note(self.inner.seek(wanted).await)
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, permit: Permit) -> Submission {
        // Its place is booked, but it does not wait: the intent is stored as sent already.
        if let Err(failure) = self.may_call() {
            return Submission::NotSent(failure);
        }
        self.meter.book();
        let submission = self.inner.submit(purchase, token, permit).await;
        match &submission {
            Submission::Placed(_) => self.note_outcome(None),
            Submission::Refused(failure) | Submission::NotSent(failure) => {
                self.note_outcome(Some(failure));
            }
            Submission::Unknown(doubt) => self.note_outcome(Some(doubt.failure())),
        }
        submission
    }

    async fn confirm(
        &self,
        purchase: &Purchase,
        token: &Token,
        order: &VendorOrderId,
    ) -> Result<bool, Failure> {
        self.turn().await?;
        self.note(self.inner.confirm(purchase, token, order).await)
    }

    async fn continue_order(&self, order: &OrderRef, purchase: &Purchase) -> Result<(), Failure> {
        self.turn().await?;
        self.note(self.inner.continue_order(order, purchase).await)
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        self.turn().await?;
        self.note(self.inner.locate(purchase, token, since, now).await)
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        self.turn().await?;
        self.note(self.inner.status(order).await)
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        self.turn().await?;
        self.note(self.inner.certificate(order).await)
    }

    async fn approvers(
        &self,
        template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        self.turn().await?;
        self.note(self.inner.approvers(template, name).await)
    }

    async fn cancel(&self, order: &OrderRef, now: DateTime<Utc>) -> Result<Cancellation, Failure> {
        self.turn().await?;
        self.note(self.inner.cancel(order, now).await)
    }

    async fn change_validation(
        &self,
        order: &OrderRef,
        name: &DomainName,
        method: &ValidationMethod,
    ) -> Result<(), Failure> {
        self.turn().await?;
        self.note(self.inner.change_validation(order, name, method).await)
    }

    async fn verify_now(&self, order: &OrderRef, name: &DomainName) -> Result<(), Failure> {
        self.turn().await?;
        self.note(self.inner.verify_now(order, name).await)
    }

    async fn balance(&self) -> Result<Money, Failure> {
        self.turn().await?;
        self.note(self.inner.balance().await)
    }

    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        self.turn().await?;
        self.note(self.inner.products().await)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_hopeless_when_more_than_a_quarter_of_fifty_calls_failed() {
        let hopeless = |calls: u32, failed: u32| {
            let tally = Tally::default();
            tally.calls.set(calls);
            tally.failed.set(failed);
            tally.is_hopeless()
        };
        assert!(!hopeless(49, 49));
        assert!(!hopeless(50, 12));
        assert!(hopeless(50, 13));
        assert!(!hopeless(100, 25));
        assert!(hopeless(100, 26));
    }

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

    /// What a vendor decides without a call is its own word, not the port's default.
    #[test]
    fn the_vendors_own_rules_pass_through() {
        let mut settings = crate::domain::Settings::default();
        settings.set("username", "reseller");
        settings.set_secret("password", "secret".into());
        let connect = |module: &str| {
            let inner = crate::ca::connect(module, &settings, &crate::ca::Reach::default());
            Metered::new(inner.unwrap(), Rc::new(Meter::new(1)), Rc::default())
        };
        assert!(connect("pmenomssl").orders_one_at_a_time());
        assert!(!connect("pmglobalsign").orders_one_at_a_time());
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
            sleep_until(meter.book()).await;
        }
        assert!(start.elapsed() >= Duration::from_millis(100));
    }
}
