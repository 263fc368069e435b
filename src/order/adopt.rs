//! An order that exists becomes the service's: on this machine, in the intent, then its numbers.

use super::OrderSession;
use super::intent::{self, Intent, Operation, State};
use super::own::Owned;
use super::port::{Placed, Reference};
use super::term;
use crate::domain::{Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::{Patience, fields};

impl OrderSession<'_> {
    /// What the vendor answered to the paid call: kept at once, as answered and not yet as ours.
    ///
    /// # Errors
    /// Another service has that order, or it cannot be found out: the number stays with the unknown intent.
    pub(super) async fn take_answer(
        &mut self,
        sent: &Intent,
        purchase: &Purchase,
        placed: Placed,
    ) -> Result<(), Failure> {
        self.must_be_new_number(sent, &placed.order)?;
        self.keep(sent, &placed);
        let order = placed.order.clone();
        match self.own_answer(sent, purchase, placed).await {
            Ok(owned) => self.adopt(sent, &owned).await,
            Err(failure) => {
                if failure.reason() == Reason::Busy
                    && let Err(untold) = self.tell_of_unstored(purchase, &order).await
                {
                    log!(
                        Order,
                        Error,
                        "nobody is told of order {order}: {}",
                        untold.chain()
                    );
                }
                Err(failure)
            }
        }
    }

    /// A renewal with a number of its own is not the order that it renews, whatever an answer says.
    fn must_be_new_number(&self, sent: &Intent, order: &VendorOrderId) -> Result<(), Failure> {
        let is_renewed = sent.operation == Operation::Prolong
            && !self.authority.abilities().renews_in_place
            && self.order_number().as_ref() == Some(order);
        if !is_renewed {
            return Ok(());
        }
        Err(Failure::new(Reason::OutcomeUnknown)
            .value(sent.key.as_str())
            .detail(words!(
                "the vendor's answer named {order}, the order to be renewed, instead of a new one",
                "в ответе поставщика указан продлеваемый заказ {order}, а не новый"
            )))
    }

    /// An order that was answered after another command had begun on the service: unless that one has it, nobody would
    /// ever look for it.
    async fn tell_of_unstored(
        &self,
        purchase: &Purchase,
        order: &VendorOrderId,
    ) -> Result<(), Failure> {
        // What cannot be read is told of all the same.
        let service = self.platform.service(self.item).await.ok();
        let is_stored = service.is_some_and(|service| {
            let stored = service.parameter(intent::PARAMETER);
            let stored = stored.and_then(|text| Intent::from_text(text).ok());
            stored.and_then(|intent| intent.order).as_ref() == Some(order)
                || service.parameter(self.module.order_parameter) == Some(order.as_str())
        });
        let (false, Some(account)) = (is_stored, self.service.account) else {
            return Ok(());
        };
        let account = self.platform.account(account).await?;
        let (item, vendor) = (self.item, self.authority.abilities().vendor);
        let name = &purchase.common_name;
        let text = format!(
            "pmssl: {vendor} has taken order {order} for {name} (service {item}), but its number could not be stored: \
             another command has begun on the service. Compare: if the service has another order by now, ask {vendor} \
             to cancel and refund {order}; if not, run 'pmssl resolve --item {item} --adopt {order}'.\n\
             pmssl: {vendor} принял заказ {order} для {name} (услуга {item}), но сохранить его номер не удалось: с \
             услугой начала работать другая команда. Сверьте: если у услуги уже есть другой заказ, попросите {vendor} \
             отменить {order} и вернуть деньги; если нет, выполните 'pmssl resolve --item {item} --adopt {order}'."
        );
        self.raise(&account, &text).await.map(drop)
    }

    /// The order that an answer named, as this service's own.
    ///
    /// # Errors
    /// Another service has it, or its record is not ours; it cannot be found out now.
    pub(super) async fn own_answer(
        &mut self,
        intent: &Intent,
        purchase: &Purchase,
        placed: Placed,
    ) -> Result<Owned, Failure> {
        let owned = self
            .own(intent, placed, Patience::UntilPlatformIsBack)
            .await?;
        let order = &owned.placed().order;
        if self
            .authority
            .confirm(purchase, &intent.token, order)
            .await?
        {
            return Ok(owned);
        }
        Err(Failure::new(Reason::OutcomeUnknown)
            .value(intent.key.as_str())
            .detail(words!(
                "the vendor's answer named {order}, whose record is not this order's", "в ответе поставщика указан номер {order}, но запись под ним относится не к этому заказу"
            )))
    }

    /// Writes an order to this machine's ledger. Trouble with it is only logged: the platform is told anyway.
    pub(super) fn keep(&self, intent: &Intent, placed: &Placed) {
        // Noted when the call was sent, as a rule: the CSR is not read, and its signature checked, once more.
        let noted = self.spool.name_of(self.item, &intent.key);
        let name = noted.or_else(|| self.csr_name());
        if let Err(failure) = self.spool.keep(self.item, &intent.key, placed, name) {
            log!(
                Order,
                Warning,
                "order {} is not spooled: {}",
                placed.order,
                failure.chain()
            );
        }
    }

    /// Stores an order that exists and is this service's.
    pub(super) async fn adopt(&mut self, intent: &Intent, owned: &Owned) -> Result<(), Failure> {
        let placed = owned.placed();
        log!(Order, Info, "order {} is placed", placed.order);
        if let Some(remark) = &placed.remark {
            log!(Order, Warning, "the vendor remarks: {remark}");
        }
        self.keep(intent, placed);
        // The order that an earlier renewal replaced: were this reissue to fail, the service must not fall back that far.
        if intent.operation == Operation::Reissue
            && self.order_number().as_ref() == Some(&placed.order)
        {
            self.save(fields::PREVIOUS_ORDER, "", Patience::UntilPlatformIsBack)
                .await?;
        }
        let bought = Intent {
            order: Some(placed.order.clone()),
            ..intent.with_state(State::Placed)
        };
        self.save_intent(bought, Patience::UntilPlatformIsBack)
            .await?;
        self.save_placed(placed).await?;
        self.remember_term(intent).await
    }

    /// An order known by its number alone: what the intent keeps of an answer.
    pub(super) fn answered(intent: &Intent) -> Option<Placed> {
        Some(Placed {
            order: intent.order.clone()?,
            references: vec![(Reference::Client, intent.key.to_string())],
            validation: Vec::new(),
            remark: None,
        })
    }

    /// Keeps the end of the term that was bought, once for each purchase; a reissue does not change it.
    pub(super) async fn remember_term(&mut self, intent: &Intent) -> Result<(), Failure> {
        if intent.operation == Operation::Reissue {
            return Ok(());
        }
        let former = self.term_bought();
        if former
            .as_ref()
            .is_some_and(|term| term.key == intent.key.as_str())
        {
            return Ok(());
        }
        // An order anew, after one that died: the dead one's term is not paid any more.
        if let Some(dead) = &former
            && intent.operation == Operation::Open
            && self.service.parameter(fields::PAID_TILL) == Some(dead.end.to_string().as_str())
        {
            self.save(fields::PAID_TILL, "", Patience::Once).await?;
        }
        let months = self.months_bought(intent);
        let former = former
            .filter(|_| intent.operation == Operation::Prolong)
            .map(|term| term.end);
        match term::end(intent.since.date_naive(), former, months) {
            Some(end) => {
                let bought = term::Bought {
                    end,
                    key: intent.key.to_string(),
                    former,
                };
                self.save(fields::TERM_END, &bought.to_text(), Patience::Once)
                    .await
            }
            None => Ok(()),
        }
    }

    /// The months that an intent asked for: the service's period may have been changed since it was sent.
    pub(super) fn months_bought(&self, intent: &Intent) -> u32 {
        let months = self.spool.months_of(self.item, &intent.key);
        months.unwrap_or_else(|| u32::try_from(self.service.period).unwrap_or_default())
    }

    /// The term as it was bought.
    pub(super) fn term_bought(&self) -> Option<term::Bought> {
        self.service
            .parameter(fields::TERM_END)
            .and_then(term::Bought::from_text)
    }

    /// Asks for the end of the term that a renewal goes on from, where another program has ordered until now. A vendor
    /// that does not tell it, or cannot be asked, is no obstacle.
    pub(super) async fn learn_term(&mut self) {
        let (None, Some(order)) = (self.term_bought(), self.order_ref()) else {
            return;
        };
        let learned = match self.authority.status(&order).await {
            Ok(progress) => self.remember_vendors_term(&progress).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = learned {
            log!(
                Order,
                Info,
                "when the paid term of order {} ends is not known: {}",
                order.order,
                failure.chain()
            );
        }
    }

    /// Stores what is known of a placed order and then forgets the spool.
    pub(super) async fn save_placed(&mut self, placed: &Placed) -> Result<(), Failure> {
        self.save_validation_of(placed).await?;
        let module = self.module;
        if let Some(previous) = self
            .order_number()
            .filter(|previous| *previous != placed.order)
        {
            self.save(
                fields::PREVIOUS_ORDER,
                previous.as_str(),
                Patience::UntilPlatformIsBack,
            )
            .await?;
        }
        self.save(
            module.order_parameter,
            placed.order.as_str(),
            Patience::UntilPlatformIsBack,
        )
        .await?;
        for (reference, value) in &placed.references {
            let name = module
                .reference_parameters
                .iter()
                .find(|(known, _)| known == reference);
            if let Some((_, name)) = name {
                self.save(name, value, Patience::UntilPlatformIsBack)
                    .await?;
            }
        }
        self.spool.forget(self.item);
        Ok(())
    }
}
