//! A vendor as a small machine: orders with their certificates, books, four ways to look an order up.
//! It takes the program's word for nothing and knows which service and which operation it was called for.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::super::authority::{Mood, SETTLE};
use super::super::life::Life;
use crate::certificate::Csr;
use crate::certificate::testing::{Delivery, Wish, file};
use crate::domain::text::Words;
use crate::domain::{
    Clock, DomainName, EmailAddress, Purchase, PurchaseKind, TemplateCode, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use crate::order::port::{
    Abilities, Cancellation, Candidate, CertificateAuthority, Doubt, Located, OrderRef, Permit,
    Placed, Prepared, Progress, Proof, Reference, Stage, Submission, Token, Unplaced, VendorFiles,
};
use crate::order::term;

/// How the vendor can be asked whether a call arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It takes a client reference and finds an order by it.
    Named,
    /// It lists orders; ours is the one that was not there before and looks like ours.
    Listed,
    /// It cannot tell.
    Mute,
    /// As [`Kind::Named`]; what was paid for is configured in a second step.
    Stepped,
}

/// How long an order can be cancelled for its money.
const REFUND_WINDOW: TimeDelta = TimeDelta::days(30);

/// Days that a certificate lives here.
const LIFE: TimeDelta = TimeDelta::days(199);

static ABILITIES: Abilities = Abilities {
    vendor: "Model",
    approvers: true,
    renewal: true,
    renews_in_place: false,
    reissue: true,
    reissue_takes_method: true,
    cancel: true,
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

/// Where an order stands at the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Paid, not configured: only at [`Kind::Stepped`].
    Bought,
    Pending,
    Issued,
    Reissuing,
    Dead,
}

/// One order.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) standing: Standing,
    /// The status look-up answers with a word that is in no table.
    pub(super) puzzling: bool,
    pub(super) term_end: NaiveDate,
    csr_pem: String,
    names: Vec<String>,
    leaf: Option<String>,
    bought: DateTime<Utc>,
    issued: Option<DateTime<Utc>>,
}

impl Order {
    /// Its certificate has ended before anybody asked for it: nothing proves itself any more.
    pub(super) fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.issued
            .is_some_and(|issued| now > issued + LIFE - TimeDelta::days(2))
    }
}

/// One entry of the books.
#[derive(Debug, Clone)]
pub(super) struct Sale {
    pub(super) key: String,
    pub(super) order: String,
    pub(super) name: String,
    /// Took money.
    pub(super) paid: bool,
    /// The platform's operation in whose run it was made; none for the daemon.
    pub(super) operation: Option<u64>,
    /// The service was deleted when it was made.
    pub(super) for_deleted: bool,
    /// From when on look-ups show it.
    pub(super) visible: DateTime<Utc>,
}

/// For whom the vendor is being called: told by the world, unknown to the program.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Caller {
    pub(super) operation: Option<u64>,
    pub(super) deleted: bool,
}

/// The vendor.
pub(super) struct Vendor {
    pub(super) kind: Kind,
    pub(super) tells_term: bool,
    pub(super) mood: Cell<Mood>,
    pub(super) caller: Cell<Caller>,
    pub(super) sales: RefCell<Vec<Sale>>,
    pub(super) orders: RefCell<BTreeMap<String, Order>>,
    /// Steps of deleted services' orders that the program went on with.
    pub(super) steps_for_deleted: Cell<usize>,
    life: Rc<Life>,
    clock: Clock,
    delivery: Rc<Delivery>,
}

impl Vendor {
    pub(super) fn new(
        kind: Kind,
        tells_term: bool,
        life: &Rc<Life>,
        clock: &Clock,
        delivery: &Rc<Delivery>,
    ) -> Self {
        Self {
            kind,
            tells_term,
            mood: Cell::new(Mood::Sells),
            caller: Cell::default(),
            sales: RefCell::default(),
            orders: RefCell::default(),
            steps_for_deleted: Cell::default(),
            life: Rc::clone(life),
            clock: clock.clone(),
            delivery: Rc::clone(delivery),
        }
    }

    /// Whether an order lives.
    pub(super) fn lives(&self, order: &str) -> bool {
        let orders = self.orders.borrow();
        orders
            .get(order)
            .is_some_and(|order| order.standing != Standing::Dead)
    }

    /// Changes the latest living order of a name.
    pub(super) fn change_latest(&self, name: &str, change: impl FnOnce(&mut Order)) {
        let mut orders = self.orders.borrow_mut();
        let of_name = orders
            .values_mut()
            .filter(|order| order.name == name && order.standing != Standing::Dead);
        if let Some(order) = of_name.last() {
            change(order);
        }
    }

    /// Domains are proved: whatever awaits it is issued.
    pub(super) fn approve(&self, order: &mut Order) {
        if !matches!(order.standing, Standing::Pending | Standing::Reissuing) {
            return;
        }
        let now = self.clock.now();
        let names: Vec<&str> = order.names.iter().map(String::as_str).collect();
        let wish = Wish {
            from: day(now - TimeDelta::days(1)),
            to: day(now + LIFE),
            ..Wish::of(&names)
        };
        let csr = Csr::parse(&order.csr_pem).unwrap();
        order.leaf = Some(self.delivery.intermediate.sign(&csr, &wish));
        order.issued = Some(now);
        order.standing = Standing::Issued;
    }

    /// What a person finds out in the vendor's panel about a call: the order; that there is none;
    /// nothing certain as long as it may be on its way.
    pub(super) fn truth(&self, key: &str) -> Option<String> {
        let sales = self.sales.borrow();
        let sale = sales.iter().find(|sale| sale.key == key);
        sale.map(|sale| sale.order.clone())
    }

    /// A read of the program.
    fn read<T>(&self, act: impl FnOnce() -> T) -> Result<T, Failure> {
        self.life.effect(act).map_err(|failure| {
            if self.life.died() {
                return failure;
            }
            Failure::new(Reason::VendorTrouble).detail(Words::verbatim("it stumbled"))
        })
    }

    fn sell(&self, purchase: &Purchase, delay: TimeDelta) -> Result<Placed, Unplaced> {
        let now = self.clock.now();
        let name = purchase.common_name.to_string();
        let mut orders = self.orders.borrow_mut();
        let mut names = vec![name.clone()];
        names.extend(purchase.additional_names.iter().map(ToString::to_string));
        let refuse = |why: &str| {
            Unplaced::Refused(Failure::new(Reason::Rejected).detail(Words::verbatim(why)))
        };
        let months = purchase.term.0;
        let (id, paid) = match &purchase.kind {
            PurchaseKind::Reissue { order, .. } => {
                let found = orders.get_mut(order.as_str());
                let found = found.ok_or_else(|| refuse("no such order"))?;
                if found.standing != Standing::Issued {
                    return Err(refuse("this order cannot be reissued now"));
                }
                found.standing = Standing::Reissuing;
                found.csr_pem.clone_from(&purchase.csr_pem);
                found.names = names;
                (order.to_string(), false)
            }
            kind => {
                let former = match kind {
                    PurchaseKind::Renewal { previous } => {
                        let living = orders
                            .get(previous.as_str())
                            .filter(|order| order.standing != Standing::Dead);
                        let living = living.ok_or_else(|| refuse("no such order"))?;
                        Some(living.term_end)
                    }
                    _ => None,
                };
                let id = format!("77{:02}", orders.len() + 1);
                let standing = if self.kind == Kind::Stepped {
                    Standing::Bought
                } else {
                    Standing::Pending
                };
                let order = Order {
                    id: id.clone(),
                    name: name.clone(),
                    standing,
                    puzzling: false,
                    term_end: term::end(now.date_naive(), former, months).unwrap(),
                    csr_pem: purchase.csr_pem.clone(),
                    names,
                    leaf: None,
                    bought: now,
                    issued: None,
                };
                orders.insert(id.clone(), order);
                (id, true)
            }
        };
        let caller = self.caller.get();
        self.sales.borrow_mut().push(Sale {
            key: purchase.key.to_string(),
            order: id.clone(),
            name,
            paid,
            operation: caller.operation,
            for_deleted: caller.deleted,
            visible: now + delay,
        });
        Ok(self.placed(&id, purchase.key.as_str()))
    }

    fn placed(&self, order: &str, key: &str) -> Placed {
        let mut references = vec![(Reference::Authority, format!("A{order}"))];
        if matches!(self.kind, Kind::Named | Kind::Stepped) {
            references.push((Reference::Client, key.to_owned()));
        }
        Placed {
            order: VendorOrderId::new(order),
            references,
            validation: Vec::new(),
            remark: None,
        }
    }

    /// Sales that a look-up shows and that fit the purchase.
    fn candidates(&self, purchase: &Purchase, token: &Token, now: DateTime<Utc>) -> Vec<Sale> {
        let sales = self.sales.borrow();
        let before: usize = token.0.trim_start_matches('n').parse().unwrap_or_default();
        let reissue = matches!(purchase.kind, PurchaseKind::Reissue { .. });
        let fits = |(place, sale): &(usize, &Sale)| match self.kind {
            Kind::Listed => {
                *place >= before
                    && sale.name == purchase.common_name.as_str()
                    && sale.paid != reissue
            }
            _ => sale.key == purchase.key.as_str(),
        };
        let visible = sales
            .iter()
            .enumerate()
            .filter(|(_, sale)| sale.visible <= now);
        visible.filter(fits).map(|(_, sale)| sale.clone()).collect()
    }
}

fn day(moment: DateTime<Utc>) -> (i32, u8, u8) {
    use chrono::Datelike as _;
    let part = |number: u32| u8::try_from(number).unwrap();
    (moment.year(), part(moment.month()), part(moment.day()))
}

#[async_trait(?Send)]
impl CertificateAuthority for Rc<Vendor> {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    async fn check(&self) -> Result<(), Failure> {
        self.read(|| ())
    }

    async fn examine(&self, _: &Purchase) -> Result<(), Failure> {
        self.read(|| ())
    }

    async fn prepare(&self, purchase: &Purchase, _: &[VendorOrderId]) -> Result<Prepared, Failure> {
        self.read(|| {
            Prepared::from(match self.kind {
                Kind::Listed => Token(format!("n{}", self.sales.borrow().len())),
                Kind::Mute => Token("-".into()),
                Kind::Named | Kind::Stepped => Token(purchase.key.to_string()),
            })
        })
    }

    async fn submit(&self, purchase: &Purchase, _: &Token, _: Permit) -> Submission {
        let lost =
            || Unplaced::lost(Failure::new(Reason::OutcomeUnknown).value(purchase.key.as_str()));
        let away = |why: &str| {
            Unplaced::NotSent(Failure::new(Reason::Unreachable).detail(Words::verbatim(why)))
        };
        let arrived = Cell::new(false);
        let outcome = self.life.effect(|| {
            arrived.set(true);
            match self.mood.get() {
                Mood::Sells => self.sell(purchase, TimeDelta::zero()),
                Mood::SellsSilently => self
                    .sell(purchase, TimeDelta::zero())
                    .and_then(|_| Err(lost())),
                Mood::SellsLate => {
                    let delay = TimeDelta::from_std(SETTLE / 2).unwrap();
                    self.sell(purchase, delay).and_then(|_| Err(lost()))
                }
                Mood::HearsNothing | Mood::Mumbles => Err(lost()),
                Mood::Refuses => Err(Unplaced::Refused(
                    Failure::new(Reason::Rejected).detail(Words::verbatim("no")),
                )),
                Mood::WantsMoney => Err(Unplaced::Refused(Failure::new(Reason::LowFunds))),
                Mood::IsAway => Err(away("refused")),
            }
        });
        match outcome {
            Ok(answer) => answer.into(),
            Err(death) if self.life.died() => Submission::Unknown(Doubt::Lost(death)),
            Err(_) if arrived.get() => Err(lost()).into(),
            Err(_) => Err(away("it stumbled")).into(),
        }
    }

    fn has_later_steps(&self) -> bool {
        self.kind == Kind::Stepped
    }

    async fn continue_order(&self, order: &OrderRef, purchase: &Purchase) -> Result<(), Failure> {
        self.read(|| {
            let mut orders = self.orders.borrow_mut();
            let Some(order) = orders.get_mut(order.order.as_str()) else {
                return;
            };
            if order.standing == Standing::Bought {
                order.standing = Standing::Pending;
                order.csr_pem.clone_from(&purchase.csr_pem);
                if self.caller.get().deleted {
                    self.steps_for_deleted.set(self.steps_for_deleted.get() + 1);
                }
            }
        })
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        self.read(|| {
            if self.kind == Kind::Mute {
                return Located::CannotTell(Words::verbatim("it has no list of orders"));
            }
            let found = self.candidates(purchase, token, now);
            let until = since + TimeDelta::from_std(SETTLE).unwrap();
            let reissue = matches!(purchase.kind, PurchaseKind::Reissue { .. });
            match found.as_slice() {
                [sale] if self.kind != Kind::Listed || reissue => Located::Found(
                    self.placed(&sale.order, purchase.key.as_str()),
                    Proof::Reference,
                ),
                _ if now < until => Located::TooEarly(until),
                [] => Located::NotPlaced,
                // What is merely new and of the name is a candidate for a person.
                many => Located::Candidates(
                    many.iter()
                        .map(|sale| Candidate {
                            order: VendorOrderId::new(&sale.order),
                            name: Some(sale.name.clone()),
                            ordered: None,
                            same_csr: false,
                        })
                        .collect(),
                ),
            }
        })
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        let found = self.read(|| self.orders.borrow().get(order.order.as_str()).cloned())?;
        let Some(order) = found else {
            return Err(Failure::new(Reason::Rejected).detail(Words::verbatim("no such order")));
        };
        let stage = match order.standing {
            _ if order.puzzling => Stage::Unknown("PECULIAR".into()),
            Standing::Bought => Stage::Pending("to be configured".into()),
            Standing::Pending => Stage::Pending("domain control".into()),
            Standing::Issued => Stage::Issued,
            Standing::Reissuing => Stage::Reissuing("domain control".into()),
            Standing::Dead => Stage::Cancelled("refunded".into()),
        };
        let end = order.term_end.and_hms_opt(0, 0, 0).map(|end| end.and_utc());
        Ok(Progress {
            stage,
            validation: Vec::new(),
            term_end: end.filter(|_| self.tells_term),
            references: Vec::new(),
        })
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        self.read(|| {
            let orders = self.orders.borrow();
            let leaf = orders
                .get(order.order.as_str())
                .and_then(|order| order.leaf.clone());
            let chain = [file("ca.crt", &self.delivery.intermediate.pem)];
            VendorFiles {
                files: leaf
                    .map(|leaf| file("leaf.crt", leaf))
                    .into_iter()
                    .chain(chain)
                    .collect(),
            }
        })
    }

    async fn approvers(
        &self,
        _: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        let address = EmailAddress::parse(&format!("admin@{}", name.base()));
        self.read(|| address.into_iter().collect())
    }

    async fn cancel(&self, order: &OrderRef, now: DateTime<Utc>) -> Result<Cancellation, Failure> {
        self.read(|| {
            let mut orders = self.orders.borrow_mut();
            match orders.get_mut(order.order.as_str()) {
                None => Cancellation::AlreadyDead,
                Some(order) if order.standing == Standing::Dead => Cancellation::AlreadyDead,
                Some(order) if now - order.bought > REFUND_WINDOW => Cancellation::WindowOver,
                Some(order) => {
                    order.standing = Standing::Dead;
                    Cancellation::Requested("R1".into())
                }
            }
        })
    }
}
