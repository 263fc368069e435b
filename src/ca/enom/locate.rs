//! Was the lost purchase made? Holdings before against holdings after (enom.md 14).

use chrono::{DateTime, TimeDelta, Utc};

use super::client::Listing;
use super::error::EnomError;
use super::model::Slot;
use super::paid::placed;
use super::product::Product;
use super::progress::State;
use super::token::{HoldingsSnapshot, SlotSnapshot, TokenContent, fingerprint};
use super::{Enom, progress};
use crate::ca::{Candidate, Located, Proof, Sought, Token, Wanted};
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{DomainName, Months, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;

/// Dates of the vendor have no stated zone (enom.md 16).
pub(super) const MARGIN: TimeDelta = TimeDelta::days(2);

/// The vendor lists orders of at most six months (enom.md 14).
const LISTED: TimeDelta = TimeDelta::days(170);

/// More new orders than this are left to a person.
const MOST_ORDERS: usize = 25;

/// A listing with more pages than this does not end.
const MOST_PAGES: usize = 200;

/// Order states without a purchase: authorization failed, cancelled (enom.md 14).
const DEAD_ORDERS: [u32; 2] = [2, 7];

/// What the listing of blank slots says about a purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comparison {
    /// New blank slots of the product and term, or of a term that is not told.
    New(Vec<Slot>),
    /// No new one.
    None,
    /// Not clear; the text says why.
    Unclear(Words),
}

/// Compares the blank slots after with the snapshot taken before.
pub(super) fn compare(before: &HoldingsSnapshot, after: &[Slot], term: Months) -> Comparison {
    let (new, old): (Vec<&Slot>, Vec<&Slot>) =
        after.iter().partition(|slot| slot.id > before.largest);
    // Slots of before may have been used since, but none can have come in among them.
    let grown = old.len() > before.count;
    let changed = old.len() == before.count && fingerprint(old) != before.hash;
    if grown || changed {
        let why = words!(
            "the numbers of blank slots do not grow as expected, so new ones cannot be told",
            "номера свободных слотов растут не так, как ожидалось, поэтому новые не отличить"
        );
        return Comparison::Unclear(why);
    }
    let fitting: Vec<Slot> = new
        .into_iter()
        .filter(|slot| may_be_ours(slot, term))
        .cloned()
        .collect();
    if fitting.is_empty() {
        Comparison::None
    } else {
        Comparison::New(fitting)
    }
}

/// A blank slot of the term.
pub(super) fn may_be_ours(slot: &Slot, term: Months) -> bool {
    slot.domain.is_none() && slot.validity.is_none_or(|months| months == term.0)
}

fn candidate(slot: &Slot) -> Candidate {
    Candidate {
        order: VendorOrderId::new(slot.id.to_string()),
        name: slot.domain.clone(),
        ordered: None,
        same_csr: false,
    }
}

/// In front of the number of an order that shows no slot.
const ORDER: &str = "order-";

/// An order of certificates that shows no slot. Its number is not a slot's, and must not be taken for one.
pub(super) fn without_slot(order: u64) -> Candidate {
    Candidate::named(&format!("{ORDER}{order}"), None)
}

/// The slot that a number is of; an order that shows none cannot be asked about.
pub(super) fn slot_number(order: &VendorOrderId) -> Result<&str, Failure> {
    let number = order.as_str();
    if !number.starts_with(ORDER) {
        return Ok(number);
    }
    Err(Failure::field(Reason::Invalid, "order")
        .value(number)
        .detail(words!(
            "this is an order at eNom, and the number of its slot is needed: look for it there",
            "это заказ в eNom, а нужен номер его слота: найдите его там"
        )))
}

/// A day in the form of the vendor's inputs.
pub(super) fn day(moment: DateTime<Utc>) -> String {
    moment.format("%m/%d/%Y").to_string()
}

impl Enom {
    /// The blank slots of a product, of any term.
    pub(super) async fn blank_slots(&self, product: &Product) -> Result<Vec<Slot>, EnomError> {
        self.slots(product, progress::BLANK).await
    }

    /// The slots of a product in one state, whatever the vendor makes of the filter.
    pub(super) async fn slots(
        &self,
        product: &Product,
        status: u32,
    ) -> Result<Vec<Slot>, EnomError> {
        let listing = Listing {
            kind: Some(product.kind),
            status: Some(status),
            ordered_from: None,
        };
        let mut slots = self.client.cert_get_certs(&listing).await?;
        slots.retain(|slot| {
            slot.kind.is_none_or(|kind| kind == product.kind)
                && slot.status.is_none_or(|known| known == status)
        });
        Ok(slots)
    }

    /// Largest number among the account's newest orders.
    pub(super) async fn newest_order(&self) -> Result<u64, EnomError> {
        let page = self.client.get_order_list(1, None).await?;
        Ok(page.orders.into_iter().max().unwrap_or(0))
    }

    pub(super) async fn locate_purchase(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let snapshot = match TokenContent::read(token) {
            Some(TokenContent::Adopt(slot)) => return self.locate_adopted(slot).await,
            Some(TokenContent::Purchase(snapshot)) => snapshot,
            Some(TokenContent::Reissue(_)) | None => {
                let why = words!(
                    "the picture of what the account held before the purchase is missing",
                    "нет снимка заказов учётной записи до покупки"
                );
                return Ok(Located::CannotTell(why));
            }
        };
        let product = Product::of(&purchase.template)?;
        if snapshot.are_others(product.kind, purchase.term.0) {
            return Ok(Located::CannotTell(words!(
                "the service's product or period was changed after the purchase: put the former one back to look again",
                "продукт или период услуги изменён после покупки: верните прежний, чтобы проверить ещё раз"
            )));
        }
        let after = self.blank_slots(product).await?;
        let until = since + self.settle_time();
        match compare(&snapshot, &after, purchase.term) {
            // Ours may still be on its way while somebody else's is there.
            _ if now < until => Ok(Located::TooEarly(until)),
            // A blank slot carries nothing of ours: whose it is, a person has to say.
            Comparison::New(slots) => {
                Ok(Located::Candidates(slots.iter().map(candidate).collect()))
            }
            // Any of them may be the new one.
            Comparison::Unclear(why) => {
                let blank = after.iter().filter(|slot| may_be_ours(slot, purchase.term));
                let blank: Vec<Candidate> = blank.map(candidate).collect();
                Ok(if blank.is_empty() {
                    Located::CannotTell(why)
                } else {
                    Located::Candidates(blank)
                })
            }
            Comparison::None => {
                self.corroborate(purchase, product, &snapshot, since, now)
                    .await
            }
        }
    }

    /// Slots of this name and product that were ordered since the service is known. Blank ones that hold
    /// this CSR are used up by [`prepare`](super::prepare); other blank ones are spare.
    pub(super) async fn seek_slot(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        let product = Product::of(&wanted.purchase.template)?;
        let listing = Listing {
            kind: Some(product.kind),
            status: None,
            ordered_from: Some(day(wanted.from - MARGIN)),
        };
        let name = &wanted.purchase.common_name;
        let submitted = |slot: &Slot| {
            let state = slot.status.and_then(progress::state_by_number);
            matches!(state, Some(State::Pending | State::Issued) | None)
        };
        let slots = self.client.cert_get_certs(&listing).await?;
        let candidates: Vec<Candidate> = slots
            .iter()
            .filter(|slot| slot.kind.is_none_or(|kind| kind == product.kind))
            .filter(|slot| wanted.may_be(&slot.id.to_string()))
            .filter(|slot| {
                let shown = slot.domain.as_deref().map(DomainName::parse);
                shown.and_then(Result::ok).as_ref() == Some(name)
            })
            .filter(|slot| submitted(slot))
            .map(candidate)
            .collect();
        Ok(if candidates.is_empty() {
            Sought::Blind(words!(
                "a slot that was bought and is not configured yet shows no name",
                "у купленного, но ещё не настроенного слота не видно имени"
            ))
        } else {
            Sought::Candidates(candidates)
        })
    }

    /// Nothing was to be bought. A slot that is still declined was not submitted anew.
    async fn locate_adopted(&self, slot: VendorOrderId) -> Result<Located, Failure> {
        let detail = self.client.cert_get_cert_detail(slot.as_str()).await?;
        Ok(match progress::state(&detail) {
            Some(State::Declined) => Located::NotPlaced,
            _ => Located::Found(adopted(slot), Proof::Number),
        })
    }

    /// No new slot: the account's orders and its balance must say the same.
    async fn corroborate(
        &self,
        purchase: &Purchase,
        product: &Product,
        snapshot: &HoldingsSnapshot,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        if now - since > LISTED {
            let why = words!(
                "the purchase is older than the vendor's list of orders",
                "покупка старше, чем список заказов поставщика"
            );
            return Ok(Located::CannotTell(why));
        }
        let days = (day(since - MARGIN), day(now + MARGIN));
        let Some(orders) = self.orders_after(snapshot.newest_order, &days).await? else {
            let why = words!(
                "no new slot, but the new orders are too many to look at, or not all of them are listed",
                "нового слота нет, но новых заказов слишком много, чтобы их проверить, или показаны не все"
            );
            return Ok(Located::CannotTell(why));
        };
        if orders.is_empty() {
            return self.corroborate_by_balance(snapshot, 0).await;
        }
        let listing = Listing {
            ordered_from: Some(days.0),
            ..Listing::default()
        };
        let listed = self.client.cert_get_certs(&listing).await?;
        let mut unexplained = Vec::new();
        // What the other orders cost; the number of one that does not tell.
        let mut cost: Result<i64, u64> = Ok(0);
        for order in orders {
            let look = self.client.get_order_detail(order).await?;
            let is_dead = look
                .status
                .is_some_and(|status| DEAD_ORDERS.contains(&status));
            if is_dead {
                continue;
            }
            cost = cost.and_then(|cost| {
                let sum = look.amount.and_then(|amount| cost.checked_add(amount));
                sum.ok_or(order)
            });
            if look.certificates == Some(false) {
                continue;
            }
            let slots = listed.iter().filter(|slot| slot.order == Some(order));
            let slots: Vec<&Slot> = slots.collect();
            let ours = |slot: &&Slot| {
                slot.kind.is_none_or(|kind| kind == product.kind)
                    && may_be_ours(slot, purchase.term)
            };
            if slots.is_empty() {
                unexplained.push(without_slot(order));
            }
            unexplained.extend(slots.into_iter().filter(ours).map(candidate));
        }
        if !unexplained.is_empty() {
            return Ok(Located::Candidates(unexplained));
        }
        // Ours may be missing in the lists while another one is there: the money has to say the same.
        match cost {
            Ok(cost) => self.corroborate_by_balance(snapshot, cost).await,
            Err(order) => Ok(Located::CannotTell(words!(
                "no new slot, but order {order} does not tell what it cost, so the balance proves nothing",
                "нового слота нет, но стоимость заказа {order} не видна, и баланс ничего не доказывает"
            ))),
        }
    }

    /// Whether no more money is gone than the other new orders cost.
    async fn corroborate_by_balance(
        &self,
        snapshot: &HoldingsSnapshot,
        cost: i64,
    ) -> Result<Located, Failure> {
        let Some(before) = snapshot.balance else {
            let why = words!(
                "no new slot, but the balance before the purchase is not known",
                "нового слота нет, но баланс до покупки неизвестен"
            );
            return Ok(Located::CannotTell(why));
        };
        let fallen = before.saturating_sub(self.available().await?.minor);
        if fallen <= cost {
            return Ok(Located::NotPlaced);
        }
        Ok(Located::CannotTell(words!(
            "no new slot, but the balance fell by {fallen} cents, and new orders cost {cost} of them",
            "нового слота нет, но баланс уменьшился на {fallen} центов, а новые заказы стоили {cost}"
        )))
    }

    /// Orders with a larger number; `None` when they are too many, or not all are listed.
    async fn orders_after(
        &self,
        newest: u64,
        days: &(String, String),
    ) -> Result<Option<Vec<u64>>, Failure> {
        let mut found: Vec<u64> = Vec::new();
        let mut start = 1;
        for _ in 0..MOST_PAGES {
            let page = self.client.get_order_list(start, Some(days)).await?;
            let reaches_back = page.orders.iter().any(|order| *order <= newest);
            found.extend(page.orders.into_iter().filter(|order| *order > newest));
            if found.len() > MOST_ORDERS {
                return Ok(None);
            }
            if reaches_back || !page.has_more {
                return Ok(Some(found));
            }
            match page.next {
                Some(next) if next > start => start = next,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    pub(super) async fn locate_reissue(
        &self,
        purchase: &Purchase,
        order: &VendorOrderId,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let Some(TokenContent::Reissue(before)) = TokenContent::read(token) else {
            let why = words!(
                "the picture of the certificate before the reissue is missing",
                "нет снимка сертификата до перевыпуска"
            );
            return Ok(Located::CannotTell(why));
        };
        let csr = Csr::parse(&purchase.csr_pem)?;
        let detail = self.client.cert_get_cert_detail(order.as_str()).await?;
        let stored = detail.csr.as_deref().and_then(|pem| Csr::parse(pem).ok());
        let same_csr = stored.is_some_and(|stored| stored.fingerprint() == csr.fingerprint());
        let after = SlotSnapshot::of(&detail, same_csr);
        let is_new = after.certificate != before.certificate
            && progress::certificate(&detail).is_some_and(|c| c.is_for(&csr));
        if is_new || (after.same_csr && !before.same_csr) {
            return Ok(Located::Found(
                placed(order.clone(), None, None),
                Proof::Change,
            ));
        }
        if now < since + self.settle_time() {
            return Ok(Located::TooEarly(since + self.settle_time()));
        }
        // How a reissue in flight shows is not documented (enom.md 9): its absence is no proof.
        Ok(Located::CannotTell(words!(
            "slot {order} shows neither the new CSR nor a new certificate: {}",
            "в слоте {order} нет ни нового CSR, ни нового сертификата: {}",
            progress::words(&detail)
        )))
    }
}

/// A paid slot of an earlier attempt.
pub(super) fn adopted(slot: VendorOrderId) -> crate::ca::Placed {
    log!(
        Order,
        Notice,
        "nothing was bought: slot {slot} of an earlier attempt is paid for and is used"
    );
    placed(slot, None, None)
}
