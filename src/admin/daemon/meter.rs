//! Limits around a vendor: pace, circuit breaker, and the count that stops a pass.

use std::cell::Cell;
use std::rc::Rc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::ca::http::{Meter, counts};
use crate::ca::{
    Abilities, Cancellation, CertificateAuthority, Copies, Located, Offer, OrderRef, Permit,
    Prepared, Progress, Sought, Submission, Token, VendorFiles, Wanted,
};
use crate::domain::text::Words;
use crate::domain::{
    Addon, DomainName, EmailAddress, Money, Purchase, TemplateCode, ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Kind, Reason};

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

    fn may_call(&self) -> Result<(), Failure> {
        let no = |why: Words| Err(Failure::new(Reason::VendorTrouble).detail(why));
        if self.tally.is_hopeless() {
            return no(words!(
                "too many calls failed, the pass is stopped",
                "слишком много неудачных вызовов, проход остановлен"
            ));
        }
        if self.meter.is_resting() {
            return no(words!(
                "the account rests",
                "учётная запись временно не опрашивается"
            ));
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
        }
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for Metered {
    fn abilities(&self) -> &'static Abilities {
        self.inner.abilities()
    }

    fn vendors_time(&self) -> Option<DateTime<Utc>> {
        self.inner.vendors_time()
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
        self.may_call()?;
        self.note(self.inner.check().await)
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        self.may_call()?;
        self.note(self.inner.examine(purchase).await)
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        self.may_call()?;
        self.note(self.inner.prepare(purchase, taken).await)
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        self.may_call()?;
        self.note(self.inner.seek(wanted).await)
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, permit: Permit) -> Submission {
        if let Err(failure) = self.may_call() {
            return Submission::NotSent(failure);
        }
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
        self.may_call()?;
        self.note(self.inner.confirm(purchase, token, order).await)
    }

    async fn continue_order(&self, order: &OrderRef, purchase: &Purchase) -> Result<(), Failure> {
        self.may_call()?;
        self.note(self.inner.continue_order(order, purchase).await)
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        self.may_call()?;
        self.note(self.inner.locate(purchase, token, since, now).await)
    }

    fn shows_copies(&self) -> bool {
        self.inner.shows_copies()
    }

    async fn copies(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        self.may_call()?;
        self.note(self.inner.copies(purchase, token, since).await)
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        self.may_call()?;
        self.note(self.inner.status(order).await)
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        self.may_call()?;
        self.note(self.inner.certificate(order).await)
    }

    async fn approvers(
        &self,
        template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        self.may_call()?;
        self.note(self.inner.approvers(template, name).await)
    }

    async fn cancel(&self, order: &OrderRef, now: DateTime<Utc>) -> Result<Cancellation, Failure> {
        self.may_call()?;
        self.note(self.inner.cancel(order, now).await)
    }

    async fn change_validation(
        &self,
        order: &OrderRef,
        name: &DomainName,
        method: &ValidationMethod,
    ) -> Result<(), Failure> {
        self.may_call()?;
        self.note(self.inner.change_validation(order, name, method).await)
    }

    async fn verify_now(&self, order: &OrderRef, name: &DomainName) -> Result<(), Failure> {
        self.may_call()?;
        self.note(self.inner.verify_now(order, name).await)
    }

    async fn balance(&self) -> Result<Money, Failure> {
        self.may_call()?;
        self.note(self.inner.balance().await)
    }

    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        self.may_call()?;
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

    /// A method that is not passed on answers the port's default instead of the vendor, without a word.
    #[test]
    fn every_method_that_the_core_calls_is_passed_on() {
        let names = |text: &'static str| {
            let lines = text.lines().filter_map(|line| {
                let line = line.strip_prefix("    ")?;
                let line = line.strip_prefix("async ").unwrap_or(line);
                line.strip_prefix("fn ")?.split('(').next()
            });
            lines.collect::<std::collections::BTreeSet<_>>()
        };
        let port = include_str!("../../order/port.rs");
        let (_, port) = port.split_once("pub trait CertificateAuthority").unwrap();
        let (_, own) = include_str!("meter.rs")
            .split_once("impl CertificateAuthority for Metered")
            .unwrap();
        let own = names(own);
        let missing: Vec<_> = names(port)
            .into_iter()
            .filter(|name| !own.contains(name))
            .collect();
        // An administrator's commands, which have no limits around them, and the failure of what a vendor cannot do.
        assert_eq!(
            missing,
            [
                "by_reference",
                "cannot",
                "endpoint",
                "harmless_reads",
                "holdings"
            ]
        );
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
}
