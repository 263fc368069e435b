//! Looks before a purchase: a database that lost its last writes (restored, cloned, failed over) does not know
//! what was bought, and would buy it again (design, law 4).

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::OrderSession;
use super::earlier::pass_over;
use super::intent::{Intent, Operation, State};
use super::port::{Candidate, OrderRef, Placed, Reference, Sought, Stage};
use crate::certificate::{Certificate, Csr};
use crate::domain::text::Words;
use crate::domain::{IntentKey, Purchase, VendorOrderId};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::platform::{Patience, fields};

/// So many attempts beyond the coming one are looked for: those that the database has forgotten.
pub(super) const FORGOTTEN: u32 = 3;

/// Candidates whose state is asked for; more are told to a person as they are.
const MOST_ASKED: usize = 10;

/// The platform's day may have begun this long before the same day in UTC.
const EARLIER_DAY: TimeDelta = TimeDelta::hours(14);

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing that keeps from buying.
    Nothing,
    /// The order exists and is stored now.
    Exists,
    /// The key so many attempts ahead was used by an order that is over or somebody else's.
    UsedUp(u32),
}

/// Orders that carry one of the coming keys and are not meant: over, or somebody else's. What else carries a key is
/// looked for all the same: a request that was delivered twice leaves two orders under one.
#[derive(Debug, Default)]
struct Passed {
    orders: Vec<VendorOrderId>,
    /// The furthest attempt whose key such an order has.
    ahead: Option<u32>,
}

impl Passed {
    /// One that the vendor shows.
    ///
    /// # Errors
    /// It was shown again.
    fn shown(&mut self, order: VendorOrderId, ahead: u32) -> Result<(), Failure> {
        pass_over(&mut self.orders, order)?;
        self.ahead = self.ahead.max(Some(ahead));
        Ok(())
    }

    /// One of the ledger, where renewals that keep the number of their order stand under several keys.
    fn remembered(&mut self, order: VendorOrderId, ahead: u32) {
        if !self.orders.contains(&order) {
            self.orders.push(order);
        }
        self.ahead = self.ahead.max(Some(ahead));
    }
}

impl OrderSession<'_> {
    /// Looks for an order that was bought already for this decision: on this machine, then at the vendor.
    ///
    /// # Errors
    /// Orders that may be this one: a person decides, nothing is bought. The vendor's and the platform's.
    pub(super) async fn look_before(
        &mut self,
        intent: &Intent,
        keys: &[IntentKey],
        earlier: &[IntentKey],
        purchase: &Purchase,
    ) -> Result<Before, Failure> {
        // A reissue costs nothing, and the order that it belongs to is known.
        if intent.operation == Operation::Reissue {
            return Ok(Before::Nothing);
        }
        let mut passed = Passed::default();
        let remembered = self.look_at_ledger(intent, keys, purchase, &mut passed);
        if remembered.await? {
            return Ok(Before::Exists);
        }
        self.ask_about_longer_term(intent, purchase).await?;
        let keys_ahead = sought(keys);
        loop {
            let from = self.not_before();
            let seen = self.seek_beyond(purchase, earlier, keys_ahead, from, &mut passed.orders);
            let (found, left) = seen.await?;
            self.ask_about_earlier(intent, left).await?;
            match found {
                Sought::Proved(placed) => {
                    log!(
                        Order,
                        Warning,
                        "the vendor has order {} with this service's reference, which the database does not know",
                        placed.order
                    );
                    let ahead = place_of(keys, &placed);
                    let order = placed.order.clone();
                    if self.adopt_found(intent, keys, ahead, placed).await? {
                        return Ok(Before::Exists);
                    }
                    passed.shown(order, ahead)?;
                }
                Sought::OtherName(other, key) => {
                    let ahead = keys.iter().position(|known| *known == key);
                    let ahead = u32::try_from(ahead.unwrap_or_default()).unwrap_or_default();
                    if !self.is_somebody_elses(&other.order).await?
                        && !self.is_dead(&other.order).await?
                    {
                        let words = of_other_name(&other);
                        return Err(self.ask_about(intent, keys, ahead, &words).await?);
                    }
                    passed.shown(other.order, ahead)?;
                }
                Sought::Candidates(_) | Sought::Nothing | Sought::Blind(_)
                    if passed.ahead.is_some() =>
                {
                    return Ok(Before::UsedUp(passed.ahead.unwrap_or_default()));
                }
                Sought::Candidates(candidates) => {
                    return self.ask_about_alike(intent, candidates).await;
                }
                Sought::Nothing => return Ok(Before::Nothing),
                Sought::Blind(why) => {
                    log!(
                        Order,
                        Info,
                        "whether such an order exists already cannot be seen: {}",
                        why.en()
                    );
                    return Ok(Before::Nothing);
                }
            }
        }
    }

    /// The same in this machine's ledger; whether the order exists and is stored now.
    async fn look_at_ledger(
        &mut self,
        intent: &Intent,
        keys: &[IntentKey],
        purchase: &Purchase,
        passed: &mut Passed,
    ) -> Result<bool, Failure> {
        // The latest attempt is the one that counts.
        for (ahead, key) in sought(keys).iter().enumerate().rev() {
            let ahead = u32::try_from(ahead).unwrap_or_default();
            let noted = self.spool.name_of(self.item, key);
            let is_other = noted.is_some() && noted != self.csr_name();
            let Some(placed) = self.spool.recall(self.item, key) else {
                if self.spool.sent(self.item, key).is_some() && is_other {
                    let words = words!(
                        "this machine has an order for {} on record under this service's number; a restored database may have issued the number again",
                        "на этой машине под номером этой услуги записан заказ для {}; возможно, база данных восстановлена из копии и выдала номер повторно",
                        noted.as_deref().unwrap_or_default()
                    );
                    return Err(self.ask_about(intent, keys, ahead, &words).await?);
                }
                self.take_up_sent(intent, key).await?;
                continue;
            };
            let order = placed.order.clone();
            if is_other {
                if !self.foreign().contains(order.as_str()) && !self.is_dead(&order).await? {
                    let words = of_other_name(&Candidate::named(order.as_str(), noted));
                    return Err(self.ask_about(intent, keys, ahead, &words).await?);
                }
                passed.remembered(order, ahead);
                continue;
            }
            log!(
                Order,
                Warning,
                "this machine remembers order {order}, which the database does not know"
            );
            if !self.is_confirmed(purchase, key, &order).await? {
                log!(
                    Order,
                    Warning,
                    "the record of order {order} is not this order's"
                );
                self.take_up_sent(intent, key).await?;
                continue;
            }
            if self.adopt_found(intent, keys, ahead, placed).await? {
                return Ok(true);
            }
            passed.remembered(order, ahead);
        }
        Ok(false)
    }

    /// Asks a person about orders of the same name or CSR, unless each of them is somebody's or over.
    async fn ask_about_alike(
        &mut self,
        intent: &Intent,
        candidates: Vec<Candidate>,
    ) -> Result<Before, Failure> {
        let mut open = self.open_candidates(candidates).await?;
        // No call is lost here: what another service has renewed since is ordinary business.
        for order in self.left_by_others(&open).await? {
            open.retain(|candidate| candidate.order != order);
        }
        if open.is_empty() {
            return Ok(Before::Nothing);
        }
        let words = words!(
            "the vendor has orders that may be this one and that no service has: {}",
            "у поставщика есть заказы, которые могут быть этим и не принадлежат ни одной услуге: {}",
            listed(&open)
        );
        Err(self.ask_as(intent.clone(), &words).await?)
    }

    /// Whether the vendor's record of what an answer named is that of the call with this key.
    async fn is_confirmed(
        &self,
        purchase: &Purchase,
        key: &IntentKey,
        order: &VendorOrderId,
    ) -> Result<bool, Failure> {
        let sent = self.spool.sent(self.item, key);
        let sent = sent.and_then(|text| Intent::from_text(&text).ok());
        let token = sent.map(|sent| sent.token).unwrap_or_default();
        let purchase = Purchase {
            key: key.clone(),
            ..purchase.clone()
        };
        self.authority.confirm(&purchase, &token, order).await
    }

    /// A call that this machine has sent and that the database does not know of: it is looked up, never sent
    /// again. Attempts that are settled in the database are never the coming ones.
    async fn take_up_sent(&mut self, intent: &Intent, key: &IntentKey) -> Result<(), Failure> {
        let Some(text) = self.spool.sent(self.item, key) else {
            return Ok(());
        };
        let Ok(sent) = Intent::from_text(&text) else {
            return Ok(());
        };
        log!(
            Order,
            Warning,
            "this machine remembers that order {key} was about to be sent, which the database does not know"
        );
        self.remember_served().await?;
        self.remember_replaced(intent).await?;
        self.save_intent(sent.with_state(State::Unknown), Patience::Once)
            .await?;
        Err(Failure::new(Reason::OutcomeUnknown)
            .value(key.as_str())
            .detail(words!("this machine may have sent the order already, and the database does not know of it: the next run looks it up", "эта машина, возможно, уже отправляла заказ, а база данных о нём не знает: его поищет следующий запуск")))
    }

    /// Takes over an order that carries one of our keys, unless it is over or a person has called it somebody else's:
    /// whether it is the service's now.
    async fn adopt_found(
        &mut self,
        intent: &Intent,
        keys: &[IntentKey],
        ahead: u32,
        placed: Placed,
    ) -> Result<bool, Failure> {
        if self.foreign().contains(placed.order.as_str()) || self.is_dead(&placed.order).await? {
            return Ok(false);
        }
        if let Some(other) = self.other_owner(&placed.order).await? {
            let words = words!(
                "order {} was bought for this service, and service {other} has it",
                "заказ {} куплен для этой услуги, но он есть у услуги {other}",
                placed.order
            );
            return Err(self.ask_about(intent, keys, ahead, &words).await?);
        }
        self.remember_served().await?;
        self.remember_replaced(intent).await?;
        let found = Intent {
            since: self.clock.now(),
            ..attempt_ahead(intent, keys, ahead).with_state(State::Unknown)
        };
        let owned = self.own(&found, placed, Patience::Once).await?;
        self.adopt(&found, &owned).await?;
        Ok(true)
    }

    /// The candidates that no service holds, that no person has called somebody else's, and that live.
    pub(super) async fn open_candidates(
        &self,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, Failure> {
        let foreign = self.foreign();
        let own = [
            self.order_number(),
            self.service
                .parameter(fields::PREVIOUS_ORDER)
                .map(VendorOrderId::new),
        ];
        let mut open = Vec::new();
        for (number, candidate) in candidates.into_iter().enumerate() {
            let order = &candidate.order;
            if foreign.contains(order.as_str())
                || own.iter().flatten().any(|known| known == order)
                || self.other_owner(order).await?.is_some()
                || (number < MOST_ASKED && self.is_dead(order).await?)
            {
                continue;
            }
            open.push(candidate);
        }
        Ok(open)
    }

    /// Whether the vendor says that no certificate will come of an order. What it cannot say is no death.
    pub(super) async fn is_dead(&self, order: &VendorOrderId) -> Result<bool, Failure> {
        let Some(template) = self.service.template.clone() else {
            return Ok(false);
        };
        let reference = OrderRef {
            order: order.clone(),
            template,
            csr_pem: self.service.csr.clone(),
        };
        match self.authority.status(&reference).await {
            Ok(progress) => Ok(matches!(
                progress.stage,
                Stage::Cancelled(_) | Stage::Expired
            )),
            Err(failure)
                if matches!(failure.kind(), FailureKind::Transient | FailureKind::Auth) =>
            {
                Err(failure)
            }
            Err(_) => Ok(false),
        }
    }

    /// Asks a person about an order that carries the key so many attempts ahead: the question gets the key after
    /// it, which nobody's order carries.
    async fn ask_about(
        &mut self,
        intent: &Intent,
        keys: &[IntentKey],
        ahead: u32,
        words: &Words,
    ) -> Result<Failure, Failure> {
        let asked = attempt_ahead(intent, keys, ahead.saturating_add(1));
        self.ask_as(asked, words).await
    }

    /// Stores that the outcome is open, for a person to settle; the failure that tells why. What may be the order
    /// is as old as before: it must be found again by whoever looks later.
    pub(super) async fn ask_as(
        &mut self,
        intent: Intent,
        words: &Words,
    ) -> Result<Failure, Failure> {
        let open = Intent {
            since: self.not_before(),
            ..intent.with_state(State::Unknown)
        };
        let failure = Failure::new(Reason::OutcomeForPerson)
            .value(open.key.as_str())
            .detail(words);
        self.remember_served().await?;
        // Barred first: dead between the two, the next run asks again.
        self.bar(&open).await?;
        self.save_intent(open, Patience::Once).await?;
        Ok(failure)
    }

    /// The name in the service's CSR: what this machine's notes go by.
    pub(super) fn csr_name(&self) -> Option<String> {
        let csr = Csr::parse(self.service.csr.as_deref()?).ok()?;
        let name = csr.common_name().or_else(|| csr.names().first())?;
        Some(name.to_string())
    }

    /// Older orders are not meant: the service did not exist, or a later decision is stored.
    pub(super) fn not_before(&self) -> DateTime<Utc> {
        let created = self.service.created.map(|day| day.and_time(NaiveTime::MIN));
        let created = created.map(|at| at.and_utc() - EARLIER_DAY);
        let decided = self.intent.as_ref().map(|intent| intent.since);
        // A renewal or reissue of a service that another program has served until now.
        let began = self
            .service
            .certificate
            .as_deref()
            .filter(|_| decided.is_none());
        let began = began.and_then(|pem| Certificate::parse(pem).ok());
        let began = began.map(|certificate| certificate.not_before);
        created
            .max(decided)
            .max(began)
            .unwrap_or_else(|| self.clock.now() - TimeDelta::days(1))
    }
}

/// The keys that are looked for: the last one is only the one after those.
fn sought(keys: &[IntentKey]) -> &[IntentKey] {
    keys.split_last().map_or(&[], |(_, sought)| sought)
}

/// The intent of an attempt further ahead.
fn attempt_ahead(intent: &Intent, keys: &[IntentKey], ahead: u32) -> Intent {
    let key = usize::try_from(ahead).ok().and_then(|at| keys.get(at));
    Intent {
        attempt: intent.attempt.saturating_add(ahead),
        key: key.unwrap_or(&intent.key).clone(),
        ..intent.clone()
    }
}

/// Which of the coming attempts an order belongs to, by the reference that it carries.
fn place_of(keys: &[IntentKey], placed: &Placed) -> u32 {
    let mut references = placed.references.iter();
    let carried = references.find(|(kind, _)| *kind == Reference::Client);
    let place = carried.and_then(|(_, value)| keys.iter().position(|key| key.as_str() == value));
    u32::try_from(place.unwrap_or_default()).unwrap_or_default()
}

fn of_other_name(other: &Candidate) -> Words {
    words!(
        "an order with this service's reference is for another name, perhaps of a service that a restored database has lost: {other}",
        "заказ с ключом этой услуги оформлен на другое имя; возможно, он относится к услуге, потерянной при восстановлении базы данных: {other}"
    )
}

/// Candidates for people.
pub(super) fn listed(candidates: &[Candidate]) -> String {
    let texts: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
