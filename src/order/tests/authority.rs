//! A vendor in memory; its effects are counted with the platform's (see [`super::fakes`]).

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::life::Life;
use crate::domain::text::Words;
use crate::domain::{
    DomainName, EmailAddress, IntentKey, Purchase, PurchaseKind, TemplateCode, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use crate::order::port::{
    Abilities, Candidate, CertificateAuthority, Copies, Doubt, Located, OrderRef, Permit, Placed,
    Prepared, Progress, Proof, Reference, Sought, Stage, Submission, Token, VendorFiles, Wanted,
};

/// What the vendor does with the next ordering call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Sells and answers.
    Sells,
    /// Sells, and the answer is lost.
    SellsSilently,
    /// Sells, the answer is lost, and look-ups show the order only after a while.
    SellsLate,
    /// The call is lost on its way; nothing is sold, and nobody knows.
    HearsNothing,
    /// Says no.
    Refuses,
    /// Has no money of ours.
    WantsMoney,
    /// The connection is not opened.
    IsAway,
    /// Sells nothing and says nothing clear.
    Mumbles,
}

/// One sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sale {
    pub(super) key: String,
    pub(super) order: String,
}

/// The vendor.
pub(super) struct FakeAuthority {
    pub(super) life: Rc<Life>,
    pub(super) mood: Cell<Mood>,
    pub(super) sales: RefCell<Vec<Sale>>,
    pub(super) stages: RefCell<BTreeMap<String, Stage>>,
    pub(super) files: RefCell<VendorFiles>,
    /// The vendor's listing cannot tell.
    pub(super) blind: Cell<bool>,
    /// Its listings show client references.
    pub(super) shows_references: Cell<bool>,
    /// The vendor refuses to be asked about lost orders.
    pub(super) refuses_looks: Cell<bool>,
    /// It takes the number of a call once, and an order that it does not show is no proof.
    pub(super) takes_numbers: Cell<bool>,
    pub(super) submitted: Cell<usize>,
    /// How its order numbers begin.
    pub(super) prefix: RefCell<String>,
    /// So many questions about orders find no vendor.
    pub(super) away_for: Cell<usize>,
    /// The vendor knows no order.
    pub(super) refuses_status: Cell<bool>,
    /// What it remarks when it takes an order.
    pub(super) remark: RefCell<Option<String>>,
    /// Renewals go on under the number of the renewed order.
    pub(super) keeps_number: Cell<bool>,
    /// The answer to a renewal names the order that is renewed, and nothing is sold.
    pub(super) names_former: Cell<bool>,
    /// Orders of other names, by the references that they carry.
    pub(super) others: RefCell<Vec<(String, String)>>,
    /// Orders of the purchase's name that carry no reference.
    pub(super) alike: RefCell<Vec<String>>,
    /// Reissues get order numbers of their own.
    pub(super) renumbers: Cell<bool>,
    /// They keep the method of their order.
    pub(super) keeps_method: Cell<bool>,
    /// End of the term as the vendor tells it.
    pub(super) term_end: Cell<Option<DateTime<Utc>>>,
    /// What listings show of a purchase; `None`: nothing.
    pub(super) copies: RefCell<Option<Copies>>,
    /// What came with a purchase that carries nothing of ours; `None`: the vendor sells no such.
    pub(super) beside: RefCell<Option<Vec<VendorOrderId>>>,
    /// An order that would be used up instead of buying one.
    pub(super) uses: RefCell<Vec<String>>,
    /// It is offered whoever is said to have it.
    pub(super) insists: Cell<bool>,
    /// By what an order is found.
    pub(super) proof: Cell<Proof>,
    /// The vendor's clock, where it is told.
    pub(super) vendors_time: Cell<Option<DateTime<Utc>>>,
}

pub(super) const SETTLE: Duration = Duration::from_secs(900);

const ABILITIES: Abilities = Abilities {
    vendor: "Fake",
    approvers: true,
    renewal: true,
    renews_in_place: false,
    reissue: true,
    reissue_takes_method: true,
    cancel: false,
    change_validation: false,
    verify_now: false,
    balance: false,
    products: false,
    lists_revoked: false,
    tells_term: true,
    settle_time: SETTLE,
    absence_proves: true,
    validation_told_once: false,
};

static IN_PLACE: Abilities = Abilities {
    renews_in_place: true,
    ..ABILITIES
};

static KEEPS_METHOD: Abilities = Abilities {
    reissue_takes_method: false,
    ..ABILITIES
};

static OF_NUMBERS: Abilities = Abilities {
    absence_proves: false,
    ..ABILITIES
};

impl FakeAuthority {
    pub(super) fn new(life: &Rc<Life>) -> Self {
        Self {
            life: Rc::clone(life),
            mood: Cell::new(Mood::Sells),
            sales: RefCell::default(),
            stages: RefCell::default(),
            files: RefCell::default(),
            blind: Cell::new(false),
            remark: RefCell::default(),
            shows_references: Cell::default(),
            refuses_looks: Cell::default(),
            takes_numbers: Cell::default(),
            submitted: Cell::new(0),
            prefix: RefCell::new("77".into()),
            away_for: Cell::new(0),
            refuses_status: Cell::new(false),
            keeps_number: Cell::new(false),
            names_former: Cell::new(false),
            others: RefCell::default(),
            alike: RefCell::default(),
            renumbers: Cell::new(false),
            keeps_method: Cell::default(),
            term_end: Cell::new(None),
            copies: RefCell::default(),
            beside: RefCell::default(),
            uses: RefCell::default(),
            insists: Cell::default(),
            proof: Cell::new(Proof::Reference),
            vendors_time: Cell::default(),
        }
    }

    /// The client references of an order, where they are shown.
    fn references_of(&self, order: &str) -> Vec<(Reference, String)> {
        let sales = self.sales.borrow();
        let own = sales
            .iter()
            .filter(|sale| self.shows_references.get() && sale.order == order);
        own.map(|sale| (Reference::Client, sale.key.clone()))
            .collect()
    }

    fn sell(&self, purchase: &Purchase) -> Placed {
        let order = match &purchase.kind {
            PurchaseKind::Reissue { order, .. } if !self.renumbers.get() => order.to_string(),
            PurchaseKind::Renewal { previous } if self.keeps_number.get() => previous.to_string(),
            _ => format!(
                "{}{:02}",
                self.prefix.borrow(),
                self.sales.borrow().len() + 1
            ),
        };
        self.sales.borrow_mut().push(Sale {
            key: purchase.key.to_string(),
            order: order.clone(),
        });
        self.stages
            .borrow_mut()
            .insert(order.clone(), Stage::Pending("waiting".into()));
        Placed {
            remark: self.remark.borrow().clone(),
            ..placed(&order, purchase.key.as_str())
        }
    }
}

fn placed(order: &str, key: &str) -> Placed {
    Placed {
        order: VendorOrderId::new(order),
        references: vec![
            (Reference::Client, key.to_owned()),
            (Reference::Partner, format!("P{order}")),
            (Reference::Authority, format!("A{order}")),
        ],
        validation: Vec::new(),
        remark: None,
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for FakeAuthority {
    fn abilities(&self) -> &'static Abilities {
        static PLAIN: Abilities = ABILITIES;
        if self.takes_numbers.get() {
            &OF_NUMBERS
        } else if self.keeps_number.get() {
            &IN_PLACE
        } else if self.keeps_method.get() {
            &KEEPS_METHOD
        } else {
            &PLAIN
        }
    }

    fn vendors_time(&self) -> Option<DateTime<Utc>> {
        self.vendors_time.get()
    }

    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn examine(&self, _purchase: &Purchase) -> Result<(), Failure> {
        self.life.effect(|| ())
    }

    fn orders_one_at_a_time(&self) -> bool {
        self.life.account.is_needed()
    }

    async fn prepare(&self, _: &Purchase, taken: &[VendorOrderId]) -> Result<Prepared, Failure> {
        self.life.account.must_be_held();
        self.life.effect(|| {
            let is_free = |order: &&String| {
                self.insists.get() || taken.iter().all(|one| one.as_str() != order.as_str())
            };
            let uses = self.uses.borrow().iter().find(is_free).cloned();
            Prepared {
                token: Token(
                    uses.clone()
                        .map_or("t".into(), |order| format!("a:{order}")),
                ),
                uses: uses.map(VendorOrderId::new),
            }
        })
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, _: Permit) -> Submission {
        self.life.account.must_be_held();
        // Paid for already.
        if let Some(order) = token.0.strip_prefix("a:") {
            return Submission::Placed(placed(order, purchase.key.as_str()));
        }
        let outcome = self.life.effect(|| {
            self.submitted.set(self.submitted.get() + 1);
            self.life.called.set(true);
            let lost = || {
                let failure = Failure::new(Reason::OutcomeUnknown);
                Submission::Unknown(Doubt::Lost(failure.value(purchase.key.as_str())))
            };
            match self.mood.get() {
                Mood::Sells => match &purchase.kind {
                    PurchaseKind::Renewal { previous } if self.names_former.get() => {
                        Submission::Placed(placed(previous.as_str(), purchase.key.as_str()))
                    }
                    _ => Submission::Placed(self.sell(purchase)),
                },
                Mood::SellsSilently | Mood::SellsLate => {
                    self.sell(purchase);
                    lost()
                }
                Mood::HearsNothing => lost(),
                Mood::Refuses => Submission::Refused(
                    Failure::new(Reason::Rejected).detail(Words::verbatim("no")),
                ),
                Mood::Mumbles => Submission::Unknown(Doubt::Unclear(
                    Failure::new(Reason::OutcomeUnknown)
                        .value(purchase.key.as_str())
                        .detail(Words::verbatim("-1")),
                )),
                Mood::WantsMoney => Submission::Refused(Failure::new(Reason::LowFunds)),
                Mood::IsAway => Submission::NotSent(
                    Failure::new(Reason::Unreachable).detail(Words::verbatim("refused")),
                ),
            }
        });
        outcome.unwrap_or_else(|death| Submission::Unknown(Doubt::Lost(death)))
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        _token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        self.life.account.must_be_held();
        if self.refuses_looks.get() {
            return Err(Failure::new(Reason::Rejected).detail(Words::verbatim("no such call")));
        }
        self.life.effect(|| {
            if self.blind.get() {
                return Located::CannotTell(Words::verbatim("two orders look alike"));
            }
            let sales = self.sales.borrow();
            match sales.iter().find(|sale| sale.key == purchase.key.as_str()) {
                Some(sale) => Located::Found(placed(&sale.order, &sale.key), self.proof.get()),
                None if (now - since).num_seconds() < 900 => {
                    Located::TooEarly(since + chrono::TimeDelta::seconds(900))
                }
                None if self.takes_numbers.get() => Located::Resendable,
                None => Located::NotPlaced,
            }
        })
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        if !self.shows_references.get() {
            return Ok(Sought::Blind(Words::verbatim("no listing")));
        }
        let sales = self.sales.borrow();
        let found = wanted.references.iter().rev().find_map(|key| {
            let carries = |sale: &&Sale| sale.key == key.as_str() && wanted.may_be(&sale.order);
            let sale = sales.iter().find(carries)?;
            Some(placed(&sale.order, &sale.key))
        });
        if let Some(found) = found {
            return Ok(Sought::Proved(found));
        }
        let others = self.others.borrow();
        let other = others.iter().find(|(key, order)| {
            wanted.references.iter().any(|one| one.as_str() == key) && wanted.may_be(order)
        });
        if let Some((key, order)) = other {
            let other = Candidate::named(order, Some("other.example.com".into()));
            return Ok(Sought::OtherName(other, IntentKey::new(key.as_str())));
        }
        let alike = self.alike.borrow();
        let alike = alike.iter().filter(|order| wanted.may_be(order));
        let alike: Vec<_> = alike.map(|order| Candidate::named(order, None)).collect();
        Ok(match alike.is_empty() {
            true => Sought::Nothing,
            false => Sought::Candidates(alike),
        })
    }

    fn shows_copies(&self) -> bool {
        self.copies.borrow().is_some()
    }

    async fn copies(
        &self,
        _: &Purchase,
        _: &Token,
        _: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        self.life.effect(|| self.copies.borrow().clone())
    }

    fn sells_blank(&self) -> bool {
        self.beside.borrow().is_some()
    }

    async fn alongside(
        &self,
        _: &Purchase,
        _: &Token,
        _: DateTime<Utc>,
        _: &VendorOrderId,
    ) -> Result<Option<Vec<VendorOrderId>>, Failure> {
        self.life.account.must_be_held();
        self.life.effect(|| self.beside.borrow().clone())
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        if self.away_for.get() > 0 {
            self.away_for.set(self.away_for.get() - 1);
            return Err(Failure::new(Reason::Unreachable));
        }
        if self.refuses_status.get() {
            return Err(Failure::new(Reason::Rejected).detail(Words::verbatim("no such order")));
        }
        self.life.effect(|| {
            let stages = self.stages.borrow();
            let stage = stages
                .get(order.order.as_str())
                .cloned()
                .unwrap_or(Stage::Unknown("?".into()));
            Progress {
                stage,
                validation: Vec::new(),
                term_end: self.term_end.get(),
                references: self.references_of(order.order.as_str()),
            }
        })
    }

    async fn certificate(&self, _order: &OrderRef) -> Result<VendorFiles, Failure> {
        self.life.effect(|| self.files.borrow().clone())
    }

    async fn approvers(
        &self,
        _: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        self.life.effect(|| {
            EmailAddress::parse(&format!("admin@{}", name.base()))
                .into_iter()
                .collect()
        })
    }
}
