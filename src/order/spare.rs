//! One too many: a gateway may deliver a paid request twice, and the vendor then sells twice what was ordered
//! once. Nothing can prevent it here; a person has to be told which order is to be refunded.

use chrono::TimeDelta;

use super::Desk;
use super::intent::{Intent, Operation, State, is_order_number};
use super::port::Proof;
use super::stored::looked_at;
use crate::domain::{Purchase, VendorOrderId};
use crate::failure::Failure;
use crate::log;
use crate::platform::details::Details;
use crate::platform::{Patience, fields};

/// After that no vendor refunds any more, and services of earlier versions are not looked at.
const LONGEST: TimeDelta = TimeDelta::days(60);

impl Desk<'_> {
    /// Looks once for each purchase whether the vendor has more than one order of it, when its listings must
    /// show them or when the certificate is there; tells a person. What fails is tried again by the next look.
    pub(super) async fn look_for_spare(&mut self, is_delivered: bool) {
        let Some((intent, is_settled)) = self.unlooked(is_delivered) else {
            return;
        };
        if let Err(failure) = self.tell_spare(&intent, is_settled).await {
            log!(
                Order,
                Info,
                "whether more was sold than ordered is not known: {}",
                failure.chain()
            );
        }
    }

    /// The purchase that was not looked at yet and whose certificate is there, or that is old enough: whether it is.
    fn unlooked(&self, is_delivered: bool) -> Option<(Intent, bool)> {
        let intent = self
            .intent
            .clone()
            .filter(|_| self.authority.shows_copies())?;
        let is_bought = matches!(intent.operation, Operation::Open | Operation::Prolong)
            && matches!(intent.state, State::Placed | State::Pending | State::Issued);
        let settle_time = TimeDelta::from_std(self.authority.abilities().settle_time);
        let age = self.clock.now() - intent.since;
        let is_settled = age >= settle_time.unwrap_or(TimeDelta::MAX);
        let looked = self.service.parameter(fields::SPARE) == Some(looked_at(&intent).as_str());
        // Another account or login says nothing about this order.
        let same_books = intent.books == self.books;
        let is_time = is_settled || is_delivered;
        (is_bought && is_time && age < LONGEST && !looked && same_books)
            .then_some((intent, is_settled))
    }

    async fn tell_spare(&mut self, intent: &Intent, is_settled: bool) -> Result<(), Failure> {
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let purchase = self.purchase(intent, details)?;
        let copies = self
            .authority
            .copies(&purchase, &intent.token, intent.since)
            .await?;
        let Some(copies) = copies else {
            return Ok(());
        };
        let mut spare = Vec::new();
        for (order, proof) in copies {
            if self.is_spare(intent, &order).await? {
                spare.push((order, proof));
            }
        }
        if spare.is_empty() && !is_settled {
            // The listing need not show everything yet: the next look asks again.
            return Ok(());
        }
        if !spare.is_empty() {
            let Some(account) = self.service.account else {
                return Ok(());
            };
            let account = self.platform.account(account).await?;
            let text = self.spare_words(intent, &purchase, &spare);
            // The task comes first: dead between the two, the next look gives it again.
            if !self.raise(&account, &text).await? {
                return Ok(());
            }
        }
        self.save(fields::SPARE, &looked_at(intent), Patience::Once)
            .await
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
        spare: &[(VendorOrderId, Proof)],
    ) -> String {
        let (item, vendor) = (self.item, self.authority.abilities().vendor);
        let name = &purchase.common_name;
        let own = intent.order.as_ref().map_or("-", VendorOrderId::as_str);
        let numbers: Vec<&str> = spare.iter().map(|(order, _)| order.as_str()).collect();
        let numbers = numbers.join(", ");
        let is_certain = spare.iter().all(|(_, proof)| *proof == Proof::Reference);
        let key = &intent.key;
        let (why, why_ru) = if is_certain {
            (
                format!(
                    "carries the same reference {key}. It was delivered twice on its way, or ordered by a copy of this panel. Ask"
                ),
                format!(
                    "несёт тот же номер {key}. Заказ доставлен по пути дважды, или его сделала копия этой панели. Попросите"
                ),
            )
        } else {
            (
                "carries the same CSR, is as new and belongs to no service. Make sure that nobody ordered it by hand and that no other service's order is still being looked for. Then it came of an order that was delivered twice on its way: ask".to_owned(),
                "содержит тот же CSR, появился тогда же и не принадлежит ни одной услуге. Убедитесь, что его не заказывали вручную и что заказ другой услуги сейчас не ищется. Тогда он возник из заказа, доставленного по пути дважды: попросите".to_owned(),
            )
        };
        format!(
            "pmssl: {vendor} has sold more than is known to be ordered for {name} (service {item}): the service has order \
             {own}, and order {numbers} {why} {vendor} to cancel and refund {numbers}, not {own}.\n\
             pmssl: {vendor} продал больше, чем известно заказов для {name} (услуга {item}): у услуги заказ {own}, а \
             заказ {numbers} {why_ru} {vendor} отменить {numbers} и вернуть деньги; заказ {own} не отменяйте."
        )
    }
}
