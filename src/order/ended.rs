//! An order that the vendor has ended: somebody hears of it, and the service goes back to the order before it, if any.

use super::intent::{Intent, Operation, State};
use super::port::OrderRef;
use super::waits::For;
use super::{Followed, OrderSession, term};
use crate::domain::VendorOrderId;
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::{CertificateStatus, DELETED, Patience, fields};

impl OrderSession<'_> {
    /// The vendor killed the order. A dead renewal, or a dead reissue with a number of its own, does not
    /// take the running certificate with it.
    pub(super) async fn bury(
        &mut self,
        order: &OrderRef,
        words: &str,
    ) -> Result<Followed, Failure> {
        log!(
            Order,
            Warning,
            "order {} has ended at the vendor, it says '{words}'",
            order.order
        );
        // An intent that bought nothing, or whose dead order was left before, has no part in this.
        let intent = self
            .intent
            .clone()
            .filter(|intent| intent.order.as_ref() == Some(&order.order));
        // First of all: nothing looks at what is stored as dead again.
        self.tell_of_end(intent.as_ref(), words).await?;
        if let Some(intent) = &intent {
            self.save_intent(intent.with_state(State::Dead), Patience::Once)
                .await?;
        }
        let previous = match &intent {
            Some(intent) => self.leave_dead_order(intent).await?,
            None => None,
        };
        match previous {
            Some(previous) => Err(Failure::new(Reason::OrderDead)
                .value(order.order.as_str())
                .detail(words!(
                    "{words}. The service is back on order {previous}",
                    "{words}. Услуга возвращена к заказу {previous}"
                ))),
            None => {
                if !self.shows(CertificateStatus::Failed) {
                    self.platform.mark_failed(self.item).await?;
                    self.set_status(CertificateStatus::Failed).await?;
                }
                Ok(Followed::Failed)
            }
        }
    }

    /// A person hears at once. A reissue of the daemon's that falls back escalates by the certificate that it was to
    /// replace, and what is deleted is ended on purpose.
    async fn tell_of_end(&mut self, intent: Option<&Intent>, words: &str) -> Result<(), Failure> {
        let escalates = intent.is_some_and(|intent| {
            intent.operation == Operation::Reissue
                && intent.queued.is_none()
                && self.order_before(intent).is_some()
        });
        if escalates || self.service.status == DELETED {
            return Ok(());
        }
        self.wait_on(Some((For::NewOrder, words.to_owned()))).await
    }

    /// The order that a dead renewal or reissue leaves the service with, unless there is none or the dead one was left
    /// before. A first order replaces none, and a number that did not change is no way back.
    fn order_before(&self, dead: &Intent) -> Option<VendorOrderId> {
        let previous = self.service.parameter(fields::PREVIOUS_ORDER);
        let previous = previous.map(VendorOrderId::new)?;
        let is_left = self.order_number() != dead.order || dead.order.as_ref() == Some(&previous);
        let is_in_place =
            dead.operation == Operation::Prolong && self.authority.abilities().renews_in_place;
        (dead.operation != Operation::Open && !is_left && !is_in_place).then_some(previous)
    }

    /// A dead renewal or reissue is left before anything else is bought: when the command began there may have been no
    /// vendor to ask.
    pub(super) async fn leave_if_dead(&mut self) -> Result<(), Failure> {
        let dead = self.intent.clone();
        match dead.filter(|intent| intent.state == State::Dead) {
            Some(dead) => self.leave_dead_order(&dead).await.map(drop),
            None => Ok(()),
        }
    }

    /// Puts the service of a dead renewal or reissue back on the order before it, if there is one. The intent is stored
    /// as dead by then: a killed command goes on here.
    pub(super) async fn leave_dead_order(
        &mut self,
        dead: &Intent,
    ) -> Result<Option<VendorOrderId>, Failure> {
        let Some(previous) = self.order_before(dead) else {
            return Ok(None);
        };
        let is_no_way_back = match self.shared_with(&previous).await? {
            Some(other) => {
                log!(
                    Order,
                    Warning,
                    "order {previous} is no way back: service {other} has it"
                );
                true
            }
            None => self.is_dead(&previous).await?,
        };
        self.must_stand(Patience::Once).await?;
        self.take_term_back(dead).await?;
        if is_no_way_back {
            // Without a number to go back to, this is not asked again.
            self.save(fields::PREVIOUS_ORDER, "", Patience::Once)
                .await?;
            return Ok(None);
        }
        let parameter = self.module.order_parameter;
        self.save(parameter, previous.as_str(), Patience::Once)
            .await?;
        Ok(Some(previous))
    }

    /// A renewal that is dead, or that a person says was not made, has bought no term: the next one goes on from the
    /// former end. Before the number of the former order is back, so that a killed command comes here again.
    pub(super) async fn take_term_back(&mut self, dead: &Intent) -> Result<(), Failure> {
        let own = self
            .term_bought()
            .filter(|term| term.key == dead.key.as_str());
        let Some(own) = own else {
            return Ok(());
        };
        // Where the former end is not known, none is better than one that nobody has paid for.
        let former = own.former.map(|day| day.to_string()).unwrap_or_default();
        if self.service.parameter(fields::PAID_TILL) == Some(own.end.to_string().as_str()) {
            self.save(fields::PAID_TILL, &former, Patience::Once)
                .await?;
        }
        let bought = own.former.map(|day| term::Bought::on(day).to_text());
        let text = bought.unwrap_or_default();
        self.save(fields::TERM_END, &text, Patience::Once).await
    }
}
