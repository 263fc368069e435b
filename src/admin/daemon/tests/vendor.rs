//! A vendor in memory whose orders stay pending, and look-ups of its proofs.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::admin::daemon::proof_lookup::ProofLookup;
use crate::ca::http::Meter;
use crate::ca::{
    Abilities, CertificateAuthority, Ended, Located, OrderRef, Permit, Placed, Prepared, Progress,
    Revoked, Stage, Submission, Token, ValidationRecord, ValidationTask, VendorFiles,
};
use crate::domain::text::Words;
use crate::domain::{DomainName, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};

/// What the vendor did.
#[derive(Default)]
pub(super) struct VendorState {
    pub(super) looks: Cell<u32>,
    pub(super) reissues: Cell<u32>,
    pub(super) verified: Cell<u32>,
    /// The name that has to be proved, where it is not www.example.com.
    pub(super) asks_for: Cell<Option<&'static str>>,
    /// Every so manieth look fails.
    pub(super) broken: Cell<Option<u32>>,
    pub(super) refuses: Cell<bool>,
    /// What the list of revoked orders shows, and how often it was asked for.
    pub(super) revoked: RefCell<Vec<&'static str>>,
    pub(super) lists: Cell<u32>,
    /// What the list shows of them, where it is not that they are revoked.
    pub(super) ended: Cell<Option<Ended>>,
    /// The daemon is told to stop while it reads the list.
    pub(super) stops: RefCell<Option<Rc<Cell<bool>>>>,
    /// A reissue is refused before anything is sent.
    pub(super) is_dead: Cell<bool>,
    /// The credentials are refused.
    pub(super) locked_out: Cell<bool>,
    /// Order whose reissue is answered late: not before all others have done what they can.
    pub(super) late: RefCell<Option<VendorOrderId>>,
}

/// A vendor whose orders stay pending, behind its account's meter as one that is reached by HTTP.
pub(super) struct Vendor(pub(super) Rc<VendorState>, pub(super) Rc<Meter>);

pub(super) static ABILITIES: Abilities = Abilities {
    vendor: "Fake",
    approvers: false,
    renewal: true,
    renews_in_place: false,
    reissue: true,
    reissue_takes_method: true,
    cancel: false,
    change_validation: false,
    verify_now: true,
    balance: false,
    products: false,
    lists_revoked: true,
    tells_term: true,
    settle_time: Duration::from_secs(900),
    absence_proves: true,
    validation_told_once: false,
};

#[async_trait(?Send)]
impl CertificateAuthority for Vendor {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn examine(&self, _: &Purchase) -> Result<(), Failure> {
        Ok(())
    }

    async fn prepare(&self, _: &Purchase, _: &[VendorOrderId]) -> Result<Prepared, Failure> {
        if self.0.is_dead.get() {
            return Err(Failure::new(Reason::OrderDead).value("77"));
        }
        Ok(Prepared::default())
    }

    async fn submit(&self, purchase: &Purchase, _: &Token, _: Permit) -> Submission {
        if self.0.refuses.get() {
            return Submission::Refused(
                Failure::new(Reason::Rejected).detail(Words::verbatim("no")),
            );
        }
        self.0.reissues.set(self.0.reissues.get() + 1);
        let crate::domain::PurchaseKind::Reissue { order, .. } = &purchase.kind else {
            panic!("the daemon only reissues");
        };
        if self.0.late.borrow().as_ref() == Some(order) {
            super::let_others_work().await;
        }
        Submission::Placed(Placed {
            order: order.clone(),
            references: Vec::new(),
            validation: Vec::new(),
            remark: None,
        })
    }

    async fn locate(
        &self,
        _: &Purchase,
        _: &Token,
        since: DateTime<Utc>,
        _: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        Ok(Located::TooEarly(since + chrono::TimeDelta::hours(1)))
    }

    async fn status(&self, _: &OrderRef) -> Result<Progress, Failure> {
        if self.1.is_resting() {
            return Err(Failure::new(Reason::VendorTrouble).detail(Words::verbatim("it rests")));
        }
        let number = self.0.looks.get() + 1;
        self.0.looks.set(number);
        tokio::task::yield_now().await;
        if self.0.locked_out.get() {
            // In an answer like any other.
            self.1.sent(Duration::ZERO);
            self.1.answered(false);
            return Err(Failure::new(Reason::BadCredentials).detail(Words::verbatim("no")));
        }
        let every = self.0.broken.get();
        let is_trouble = every.is_some_and(|every| number.is_multiple_of(every));
        self.1.sent(Duration::ZERO);
        self.1.answered(is_trouble);
        if is_trouble {
            return Err(Failure::new(Reason::VendorTrouble).detail(Words::verbatim("503")));
        }
        Ok(Progress {
            stage: Stage::Pending("waiting".into()),
            validation: vec![ValidationRecord {
                name: DomainName::parse(self.0.asks_for.get().unwrap_or("www.example.com"))
                    .unwrap(),
                task: ValidationTask::Txt {
                    name: "_p.www.example.com".into(),
                    value: "v".into(),
                },
                done: false,
            }],
            term_end: None,
            references: Vec::new(),
        })
    }

    async fn revoked(&self, _: DateTime<Utc>, _: DateTime<Utc>) -> Result<Vec<Revoked>, Failure> {
        self.0.lists.set(self.0.lists.get() + 1);
        if let Some(stop) = self.0.stops.borrow().as_ref() {
            stop.set(true);
        }
        let orders = self.0.revoked.borrow();
        let revoked = orders.iter().map(|order| Revoked {
            order: VendorOrderId::new(*order),
            ended: self.0.ended.get().unwrap_or(Ended::Revoked),
            words: "withdrawn".to_owned(),
            day: None,
        });
        Ok(revoked.collect())
    }

    async fn certificate(&self, _: &OrderRef) -> Result<VendorFiles, Failure> {
        Ok(VendorFiles::default())
    }

    async fn verify_now(&self, _: &OrderRef, _: &DomainName) -> Result<(), Failure> {
        self.0.verified.set(self.0.verified.get() + 1);
        Ok(())
    }
}

pub(super) struct FixedLookup(pub(super) bool);

#[async_trait(?Send)]
impl ProofLookup for FixedLookup {
    async fn is_published(&self, _: &ValidationRecord) -> bool {
        self.0
    }
}
