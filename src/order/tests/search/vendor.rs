//! The vendor of a small world, behind the core's port: what each kind shows is what the adapters' pages say.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::process::{Effect, Port};
use super::scenarios::{Kind, Locks};
use super::world::{Answer, Order, Request, World};
use crate::domain::text::Words;
use crate::domain::{DomainName, EmailAddress, IntentKey, Purchase, TemplateCode, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::order::person;
use crate::order::port::{
    Abilities, Cancellation, Candidate, CertificateAuthority, Copies, Doubt, Located, OrderRef,
    Permit, Placed, Prepared, Progress, Proof, Reference, Sought, Stage, Submission, Token,
    VendorFiles, Wanted,
};

const SETTLE: Duration = Duration::from_secs(900);

const ABILITIES: Abilities = Abilities {
    vendor: "Small",
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
    absence_proves: false,
    validation_told_once: false,
};

/// Where absence after the settle time proves that nothing was sold.
static PROVING: Abilities = Abilities {
    absence_proves: true,
    ..ABILITIES
};

static DOUBTFUL: Abilities = ABILITIES;

/// The vendor, as the process of a port reaches it.
pub(super) struct Vendor(pub(super) Rc<Port>);

impl Vendor {
    fn kind(&self) -> Kind {
        self.0.scenario.kind
    }
}

fn placed(order: &str, key: &str) -> Placed {
    Placed {
        order: VendorOrderId::new(order),
        references: vec![(Reference::Client, key.to_owned())],
        validation: Vec::new(),
        remark: None,
    }
}

fn candidate(order: &Order) -> Candidate {
    Candidate {
        ordered: DateTime::from_timestamp(order.at, 0),
        ..Candidate::named(&order.number, Some(order.name.clone()))
    }
}

fn listed(world: &World) -> impl Iterator<Item = &Order> {
    world.orders.iter().filter(|order| order.listed)
}

/// The orders that a snapshot taken before the call does not show.
fn new_since<'a>(world: &'a World, token: &Token) -> Vec<&'a Order> {
    let snapshot: BTreeSet<&str> = token.0.trim_start_matches('n').split('.').collect();
    listed(world)
        .filter(|order| !snapshot.contains(order.number.as_str()))
        .collect()
}

fn locate(
    world: &World,
    purchase: &Purchase,
    token: &Token,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Located {
    let until = since + TimeDelta::from_std(SETTLE).unwrap();
    let early = now < until;
    let key = purchase.key.as_str();
    match world.scenario.kind {
        Kind::Shown => match listed(world).find(|order| order.key == key) {
            Some(order) => Located::Found(placed(&order.number, key), Proof::Reference),
            None if early => Located::TooEarly(until),
            None => Located::NotPlaced,
        },
        Kind::Numbered => match listed(world).find(|order| order.number == token.0) {
            Some(order) => Located::Found(placed(&order.number, key), Proof::Number),
            None if token.0.is_empty() => {
                Located::CannotTell(Words::verbatim("no number was issued"))
            }
            None if early => Located::TooEarly(until),
            None => Located::Resendable,
        },
        Kind::Marked if early => Located::TooEarly(until),
        Kind::Marked => {
            let new = new_since(world, token);
            let of_csr = new.iter().filter(|order| order.csr == purchase.csr_pem);
            match of_csr.collect::<Vec<_>>().as_slice() {
                [order] => Located::Found(placed(&order.number, key), Proof::Csr),
                [] => Located::CannotTell(Words::verbatim("no such order is listed")),
                many => Located::Candidates(many.iter().map(|order| candidate(order)).collect()),
            }
        }
        Kind::Alike if early => Located::TooEarly(until),
        Kind::Alike => {
            let new = new_since(world, token);
            let alike = new
                .iter()
                .filter(|o| o.name == purchase.common_name.as_str());
            let alike: Vec<Candidate> = alike.map(|order| candidate(order)).collect();
            if alike.is_empty() {
                Located::NotPlaced
            } else {
                Located::Candidates(alike)
            }
        }
        Kind::Blind => Located::CannotTell(Words::verbatim("it has no list of orders")),
    }
}

/// What is looked for before the first purchase.
struct Sight {
    name: String,
    references: Vec<IntentKey>,
    passed: Vec<String>,
    from: i64,
}

fn seek(world: &World, sight: &Sight) -> Sought {
    let name = sight.name.as_str();
    if matches!(world.scenario.kind, Kind::Shown) {
        let keys = sight.references.iter().rev();
        let carrying = keys.filter_map(|key| {
            let mut orders = listed(world);
            let carries =
                |order: &&Order| order.key == key.as_str() && !sight.passed.contains(&order.number);
            Some((orders.find(carries)?, key))
        });
        if let Some((order, key)) = carrying.into_iter().next() {
            return Sought::Proved(placed(&order.number, key.as_str()));
        }
    }
    if world.scenario.kind == Kind::Blind {
        return Sought::Blind(Words::verbatim("it has no list of orders"));
    }
    let candidates = listed(world).filter(|order| {
        // Where references are shown, one of somebody's makes an order somebody's.
        let is_somebodys = world.scenario.kind == Kind::Shown && !order.key.is_empty();
        order.name == name && !is_somebodys && order.at >= sight.from
    });
    let candidates: Vec<Candidate> = candidates.map(candidate).collect();
    if candidates.is_empty() {
        Sought::Nothing
    } else {
        Sought::Candidates(candidates)
    }
}

/// The vendor's part of a paid call: the request goes, and from then on it and the process are two.
fn send(world: &mut World, request: Request) {
    if world.scenario.locks == Locks::NotForAll {
        world.breaks("locks: a paid call where locks are not seen by everybody");
    }
    // What the platform's own tables tell of a manual operation is not leaned on (design, law 2): the bar counts.
    // So does what it was given before the call: a new attempt has another key.
    if world.parameter(request.item, person::PARAMETER).is_some() {
        world.breaks("person: a paid call while a person has the order");
    }
    world.in_flight.push(request);
}

#[async_trait(?Send)]
impl CertificateAuthority for Vendor {
    fn abilities(&self) -> &'static Abilities {
        match self.kind() {
            Kind::Shown | Kind::Alike => &PROVING,
            Kind::Numbered | Kind::Marked | Kind::Blind => &DOUBTFUL,
        }
    }

    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn examine(&self, _: &Purchase) -> Result<(), Failure> {
        Ok(())
    }

    async fn prepare(&self, _: &Purchase, _: &[VendorOrderId]) -> Result<Prepared, Failure> {
        let kind = self.kind();
        let effect = match kind {
            Kind::Numbered => Effect::Issue,
            Kind::Marked | Kind::Alike => Effect::Look,
            Kind::Shown | Kind::Blind => Effect::Constant,
        };
        let token = self.0.effect(effect, move |world| match kind {
            Kind::Numbered => {
                world.issued += 1;
                format!("{}", 8800 + world.issued)
            }
            Kind::Marked | Kind::Alike => {
                let known = listed(world).map(|order| order.number.as_str());
                format!("n{}", known.collect::<Vec<_>>().join("."))
            }
            Kind::Shown | Kind::Blind => "-".to_owned(),
        });
        Ok(Prepared::from(Token(token.await?)))
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        let effect = match self.kind() {
            Kind::Blind => Effect::Constant,
            _ => Effect::Look,
        };
        let sight = Sight {
            name: wanted.purchase.common_name.to_string(),
            references: wanted.references.clone(),
            passed: wanted.passed.iter().map(ToString::to_string).collect(),
            from: wanted.from.timestamp(),
        };
        self.0
            .effect(effect, move |world| seek(world, &sight))
            .await
    }

    fn orders_one_at_a_time(&self) -> bool {
        self.kind() == Kind::Alike
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, _: Permit) -> Submission {
        let port = &self.0;
        let request = Request {
            waits: Some(port.pid),
            item: port.item,
            operation: port.operation,
            key: purchase.key.to_string(),
            token: token.0.clone(),
            csr: purchase.csr_pem.clone(),
            name: purchase.common_name.to_string(),
        };
        let sent = port.effect(Effect::Send, move |world| send(world, request.clone()));
        if sent.await.is_err() {
            let away = Failure::new(Reason::Unreachable).detail(Words::verbatim("refused"));
            return Submission::NotSent(away);
        }
        let pid = port.pid;
        let answer = port.effect(Effect::Answer, move |world| world.answers.remove(&pid));
        match answer.await {
            Ok(Some(Answer::Placed(order))) => {
                Submission::Placed(placed(&order, purchase.key.as_str()))
            }
            Ok(Some(Answer::Refused)) => {
                Submission::Refused(Failure::new(Reason::Rejected).detail(Words::verbatim("no")))
            }
            Ok(None) | Err(_) => {
                let lost = Failure::new(Reason::OutcomeUnknown).value(purchase.key.as_str());
                Submission::Unknown(Doubt::Lost(lost))
            }
        }
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let effect = match self.kind() {
            Kind::Blind => Effect::Constant,
            _ => Effect::Look,
        };
        let (purchase, token) = (purchase.clone(), token.clone());
        let look = move |world: &mut World| locate(world, &purchase, &token, since, now);
        self.0.effect(effect, look).await
    }

    async fn copies(
        &self,
        _: &Purchase,
        _: &Token,
        _: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        Ok(None)
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        // Only `close` ends an order.
        let mut operations = self.0.scenario.operations.iter();
        let effect = match operations.any(|one| one.2 == "close") {
            true => Effect::Look,
            false => Effect::Constant,
        };
        let number = order.order.to_string();
        let stage = self.0.effect(effect, move |world| {
            let mut orders = world.orders.iter();
            match orders.find(|order| order.number == number) {
                Some(order) if order.dead => Some(Stage::Cancelled("refunded".into())),
                Some(_) => Some(Stage::Pending("validation".into())),
                None => None,
            }
        });
        let unknown = || Failure::new(Reason::Rejected).detail(Words::verbatim("no such order"));
        Ok(Progress {
            stage: stage.await?.ok_or_else(unknown)?,
            validation: Vec::new(),
            term_end: None,
            references: Vec::new(),
        })
    }

    async fn certificate(&self, _: &OrderRef) -> Result<VendorFiles, Failure> {
        Ok(VendorFiles::default())
    }

    async fn approvers(
        &self,
        _: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        let address = EmailAddress::parse(&format!("admin@{}", name.base()));
        Ok(address.into_iter().collect())
    }

    async fn cancel(&self, order: &OrderRef, _: DateTime<Utc>) -> Result<Cancellation, Failure> {
        let number = order.order.to_string();
        self.0
            .effect(Effect::Write, move |world| {
                let mut orders = world.orders.iter_mut();
                match orders.find(|order| order.number == number) {
                    Some(order) if !order.dead => {
                        order.dead = true;
                        Cancellation::Requested("R1".into())
                    }
                    _ => Cancellation::AlreadyDead,
                }
            })
            .await
    }
}
