//! One too many: a gateway may deliver a paid request twice, and the vendor then sells twice what was ordered
//! once. Nothing can prevent it here; a person has to be told which order is to be refunded.

use chrono::{DateTime, TimeDelta, Utc};

use super::OrderSession;
use super::before::FORGOTTEN;
use super::earlier::pass_over;
use super::intent::{self, Intent, Operation, State, is_order_number};
use super::port::{Candidate, Proof, Sought};
use super::purchase::renewal;
use super::stored::looked_at;
use crate::domain::{IntentKey, Purchase, VendorOrderId};
use crate::failure::Failure;
use crate::log;
use crate::platform::details::Details;
use crate::platform::{Account, Patience, fields};

/// After that no vendor refunds any more, and services of earlier versions are not looked at.
const LONGEST: TimeDelta = TimeDelta::days(60);

/// A listing that does not show a purchase by then will not.
pub const LATE: TimeDelta = TimeDelta::days(1);

/// Why an order counts as one too many.
#[derive(Debug, Clone, Copy)]
enum Why {
    /// It carries the purchase's reference.
    Reference,
    /// It carries its CSR.
    Csr,
    /// It carries the reference of an attempt that counted as not placed.
    Late,
    /// It came with it and is of its kind: no proof.
    Alike,
}

/// What came with a purchase that carries nothing of ours.
#[derive(Debug, Default)]
struct Beside {
    /// What the listing shows, the purchase's own order among it.
    shown: Vec<VendorOrderId>,
    /// What of it is nobody's.
    spare: Vec<VendorOrderId>,
}

impl OrderSession<'_> {
    /// Looks whether a purchase was made twice whose certificate came before the vendor's listings must show everything.
    /// The answer: from when on the next look tells more, unless this one was the last.
    pub async fn look_for_late_spare(&mut self) -> Option<DateTime<Utc>> {
        self.look_for_spare(false).await;
        let (intent, settled) = self.unlooked()?;
        let now = self.clock.now();
        (now - intent.since < LATE).then_some(settled)
    }

    /// Looks whether a purchase was made twice before its service is deleted, and for orders that carry the reference of
    /// one that counts as refused or not placed: nobody would ever look for them again.
    pub async fn look_for_spare_at_the_end(&mut self, account: &Account) {
        self.look_for_spare(true).await;
        if let Err(failure) = self.tell_left_behind(account).await {
            log!(
                Order,
                Info,
                "whether an earlier attempt has left an order is not known: {}",
                failure.chain()
            );
        }
    }

    async fn tell_left_behind(&mut self, account: &Account) -> Result<(), Failure> {
        let is_nothing = |intent: &Intent| {
            matches!(intent.operation, Operation::Open | Operation::Prolong)
                && matches!(intent.state, State::Rejected | State::Prepared)
                && intent.login == self.login
        };
        let Some(intent) = self.intent.clone().filter(is_nothing) else {
            return Ok(());
        };
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let keys = std::slice::from_ref(&intent.key);
        let earlier = self.earlier_keys(&intent, &details)?;
        let purchase = self.purchase(&intent, details)?;
        let (mut found, mut passed) = (Vec::new(), Vec::new());
        loop {
            let seek = self.seek_beyond(&purchase, &earlier, keys, intent.since, &mut passed);
            let (sought, left) = seek.await?;
            found.extend(left);
            let Sought::Proved(placed) = sought else {
                break;
            };
            found.push(Candidate::named(placed.order.as_str(), None));
            pass_over(&mut passed, placed.order)?;
        }
        // Of another name it may be a service that a restored database has lost: nothing to be refunded.
        found.retain(|one| one.name.is_none());
        let left = self.left_over(found).await?.open;
        let numbers: Vec<&str> = left.iter().map(|one| one.order.as_str()).collect();
        let numbers = numbers.join(", ");
        let mark: String = format!("close {numbers}")
            .chars()
            .take(intent::MAXIMUM_LENGTH)
            .collect();
        if left.is_empty() || self.service.parameter(fields::SPARE) == Some(mark.as_str()) {
            return Ok(());
        }
        let (item, vendor) = (self.item, self.authority.abilities().vendor);
        let name = &purchase.common_name;
        let text = format!(
            "pmssl: the service for {name} ({item}) is deleted here, and {vendor} has order {numbers} of it, although the \
             order counted as failed: ask {vendor} to cancel and refund {numbers}.\n\
             pmssl: услуга для {name} ({item}) удалена, но у {vendor} есть её заказ {numbers}, хотя он считался \
             неудавшимся: попросите {vendor} отменить {numbers} и вернуть деньги."
        );
        if self.raise(account, &text).await? {
            self.save(fields::SPARE, &mark, Patience::Once).await?;
        }
        Ok(())
    }

    /// Looks once for each purchase whether the vendor has more than one order of it, when its listings must
    /// show them or when the certificate is there; tells a person. What fails is tried again by the next look.
    pub(super) async fn look_for_spare(&mut self, is_delivered: bool) {
        let Some((intent, settled)) = self.unlooked() else {
            return;
        };
        let is_settled = self.clock.now() >= settled;
        if !(is_settled || is_delivered) {
            return;
        }
        if let Err(failure) = self.tell_spare(&intent, is_settled).await {
            log!(
                Order,
                Info,
                "whether more was sold than ordered is not known: {}",
                failure.chain()
            );
        }
    }

    /// The purchase that was not looked at yet, and when the listings must show everything.
    fn unlooked(&self) -> Option<(Intent, DateTime<Utc>)> {
        let intent = self
            .intent
            .clone()
            .filter(|_| self.authority.shows_copies() || self.authority.sells_blank())?;
        let is_bought = matches!(intent.operation, Operation::Open | Operation::Prolong)
            && matches!(intent.state, State::Placed | State::Pending | State::Issued);
        let settle_time = TimeDelta::from_std(self.authority.abilities().settle_time);
        let settled = intent.since + settle_time.unwrap_or(LATE);
        let age = self.clock.now() - intent.since;
        let looked = self.service.parameter(fields::SPARE) == Some(looked_at(&intent).as_str());
        // Another account or login says nothing about this order.
        let same_login = intent.login == self.login;
        (is_bought && age < LONGEST && !looked && same_login).then_some((intent, settled))
    }

    async fn tell_spare(&mut self, intent: &Intent, is_settled: bool) -> Result<(), Failure> {
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let purchase = self.purchase(intent, details)?;
        let copies = self
            .authority
            .copies(&purchase, &intent.token, intent.since)
            .await?;
        let beside = self.look_alongside(intent, &purchase).await?;
        if copies.is_none() && beside.is_none() {
            return Ok(());
        }
        let (copies, beside) = (copies.unwrap_or_default(), beside.unwrap_or_default());
        let age = self.clock.now() - intent.since;
        let own = intent.order.as_ref();
        let mut shown = copies.iter().map(|(order, _)| order).chain(&beside.shown);
        let shows_own = shown.any(|order| Some(order) == own);
        let is_complete = is_settled && (shows_own || age >= LATE);
        let (mut spare, mut why) = (Vec::new(), Why::Reference);
        for (order, proof) in copies {
            if self.is_spare(intent, &order).await? {
                if proof != Proof::Reference {
                    why = Why::Csr;
                }
                spare.push(order);
            }
        }
        let late = match self.late_attempts(intent, &purchase).await {
            Ok(late) => late,
            Err(failure) if spare.is_empty() && beside.spare.is_empty() => return Err(failure),
            // What is known to be too many is told all the same.
            Err(failure) => {
                log!(
                    Order,
                    Info,
                    "whether an earlier attempt has arrived is not known: {}",
                    failure.chain()
                );
                Vec::new()
            }
        };
        let late: Vec<VendorOrderId> = late
            .into_iter()
            .filter(|one| !spare.contains(one))
            .collect();
        let found = [(why, spare), (Why::Late, late), (Why::Alike, beside.spare)];
        let is_nothing = found.iter().all(|(_, orders)| orders.is_empty());
        if is_nothing && !is_complete {
            // The listing need not show everything yet, and one without the own order is no look: the next one asks again.
            return Ok(());
        }
        // The task comes first: dead between the two, the next look gives it again.
        if !is_nothing && !self.raise_spare(intent, &purchase, &found).await? {
            return Ok(());
        }
        self.save(fields::SPARE, &looked_at(intent), Patience::Once)
            .await
    }

    /// Gives a task for each kind of what was found. Whether all were given.
    async fn raise_spare(
        &self,
        intent: &Intent,
        purchase: &Purchase,
        found: &[(Why, Vec<VendorOrderId>)],
    ) -> Result<bool, Failure> {
        let Some(account) = self.service.account else {
            return Ok(false);
        };
        let account = self.platform.account(account).await?;
        for (why, orders) in found.iter().filter(|(_, orders)| !orders.is_empty()) {
            let text = self.spare_words(intent, purchase, *why, orders);
            if !self.raise(&account, &text).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What came with a purchase that carries nothing of ours, where the vendor sells such. Under the login's lock: what
    /// another service is buying at this moment has no owner yet.
    async fn look_alongside(
        &self,
        intent: &Intent,
        purchase: &Purchase,
    ) -> Result<Option<Beside>, Failure> {
        let own = intent.order.as_ref();
        let Some(own) = own.filter(|_| self.authority.sells_blank()) else {
            return Ok(None);
        };
        self.claim_login().await?;
        let beside = self.beside(intent, purchase, own).await;
        self.release_login().await;
        beside
    }

    async fn beside(
        &self,
        intent: &Intent,
        purchase: &Purchase,
        own: &VendorOrderId,
    ) -> Result<Option<Beside>, Failure> {
        let look = self
            .authority
            .alongside(purchase, &intent.token, intent.since, own);
        let Some(shown) = look.await? else {
            return Ok(None);
        };
        let mut spare = Vec::new();
        for order in &shown {
            if self.is_spare(intent, order).await? {
                spare.push(order.clone());
            }
        }
        Ok(Some(Beside { shown, spare }))
    }

    /// Orders that came of earlier attempts, which counted as not placed, after this one was bought.
    async fn late_attempts(
        &self,
        intent: &Intent,
        purchase: &Purchase,
    ) -> Result<Vec<VendorOrderId>, Failure> {
        let keys = self.attempts_before(intent)?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut passed = Vec::new();
        let seek = self.seek_beyond(purchase, &keys, &[], intent.since, &mut passed);
        let (_, found) = seek.await?;
        let mut late = Vec::new();
        // Of another name it may be a service that a restored database has lost: nothing to be refunded.
        for one in found.into_iter().filter(|one| one.name.is_none()) {
            if self.is_spare(intent, &one.order).await? {
                late.push(one.order);
            }
        }
        Ok(late)
    }

    /// The references of the attempts before a purchase that was made.
    fn attempts_before(&self, intent: &Intent) -> Result<Vec<IntentKey>, Failure> {
        let former = self.service.parameter(fields::PREVIOUS_ORDER);
        let subject = match (intent.operation, former) {
            (Operation::Open, _) => String::new(),
            // The order's number and the end of the term have changed with the purchase.
            (Operation::Prolong, Some(former)) => renewal(
                &VendorOrderId::new(former),
                self.term_bought().and_then(|term| term.former),
            ),
            _ => return Ok(Vec::new()),
        };
        let installation = self.platform.installation()?;
        let first = intent.attempt.saturating_sub(FORGOTTEN).max(1);
        let key = |attempt| {
            intent::key(
                &installation,
                self.item,
                intent.operation,
                &subject,
                attempt,
            )
        };
        Ok((first..intent.attempt).map(key).collect())
    }

    /// Whether an order is nobody's: not this service's, no other's, and alive.
    async fn is_spare(&self, intent: &Intent, order: &VendorOrderId) -> Result<bool, Failure> {
        let previous = self.service.parameter(fields::PREVIOUS_ORDER);
        let is_known = intent.order.as_ref() == Some(order)
            || self.order_number().as_ref() == Some(order)
            || previous == Some(order.as_str())
            || self.foreign().contains(order.as_str());
        Ok(!is_known
            && is_order_number(order.as_str())
            && self.other_owner(order).await?.is_none()
            && !self.is_dead(order).await?)
    }

    fn spare_words(
        &self,
        intent: &Intent,
        purchase: &Purchase,
        why: Why,
        orders: &[VendorOrderId],
    ) -> String {
        let (item, vendor) = (self.item, self.authority.abilities().vendor);
        let name = &purchase.common_name;
        let own = intent.order.as_ref().map_or("-", VendorOrderId::as_str);
        let numbers: Vec<&str> = orders.iter().map(VendorOrderId::as_str).collect();
        let numbers = numbers.join(", ");
        let key = &intent.key;
        let (why, why_ru) = match why {
            Why::Late => (
                "carries this service's reference: an attempt that counted as not placed has arrived late. Ask".to_owned(),
                "несёт номер этой услуги: попытка, считавшаяся неудачной, дошла до поставщика с опозданием. Попросите".to_owned(),
            ),
            Why::Reference => (
                format!(
                    "carries the same reference {key}. It was delivered twice on its way, or ordered by a copy of this panel. Ask"
                ),
                format!(
                    "несёт тот же номер {key}. Заказ доставлен по пути дважды, или его сделала копия этой панели. Попросите"
                ),
            ),
            Why::Csr => (
                "carries the same CSR, is as new and belongs to no service. Make sure that nobody ordered it by hand and that no other service's order is still being looked for. Then it came of an order that was delivered twice on its way: ask".to_owned(),
                "содержит тот же CSR, появился тогда же и не принадлежит ни одной услуге. Убедитесь, что его не заказывали вручную и что заказ другой услуги сейчас не ищется. Тогда он возник из заказа, доставленного по пути дважды: попросите".to_owned(),
            ),
            Why::Alike => (
                "may be one too many: it is of the same product and term, as new, not used yet, and belongs to no service. Nothing in it tells whose it is: make sure that nobody bought it by hand and that no other service's order is still being looked for. Then it came of an order that was delivered twice on its way, or late: ask".to_owned(),
                "может оказаться лишним: он на тот же продукт и срок, появился тогда же, ещё не использован и не принадлежит ни одной услуге. По нему не видно, чей он: убедитесь, что его не купили вручную и что заказ другой услуги сейчас не ищется. Тогда он возник из заказа, доставленного по пути дважды или с опозданием: попросите".to_owned(),
            ),
        };
        format!(
            "pmssl: {vendor} has sold more than is known to be ordered for {name} (service {item}): the service has order \
             {own}, and order {numbers} {why} {vendor} to cancel and refund {numbers}, not {own}.\n\
             pmssl: {vendor} продал больше, чем известно заказов для {name} (услуга {item}): у услуги заказ {own}, а \
             заказ {numbers} {why_ru} {vendor} отменить {numbers} и вернуть деньги; заказ {own} не отменяйте."
        )
    }
}
