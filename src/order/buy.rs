//! Ordering: from an operation, or the policy's decision, to the point where the order exists.

use std::time::Duration;

use super::before::{Before, FORGOTTEN};
use super::intent::{Intent, Operation, State};
use super::place::Attempt;
use super::port::OrderRef;
use super::served::{self, Served};
use super::settle::Settled;
use super::step::{self, Step};
use super::trigger::Trigger;
use super::{OrderSession, Ordered, checks, current};
use crate::domain::{IntentKey, Months, OperationId, Purchase};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::details::Details;
use crate::platform::{CertificateStatus, DELETED, Patience, fields};

/// How long a command waits for another purchase of the login, where they are made one at a time.
const LOGIN_WAIT: Duration = Duration::from_secs(60);

/// Where an ordering command has come, with its trigger unless that was used up.
type Course = (Ordered, Option<Trigger>);

impl OrderSession<'_> {
    /// Takes an ordering operation to the point where the order exists.
    ///
    /// # Errors
    /// Whatever stopped it; the stored intent tells the next run how far it came.
    pub async fn order(
        &mut self,
        operation: Operation,
        trigger: Trigger,
    ) -> Result<Ordered, Failure> {
        let queued = trigger.queued();
        self.refresh().await?;
        self.leave_if_dead().await?;
        let has_order = self.order_number().is_some();
        if operation == Operation::Open && !has_order && self.intent.is_none() {
            self.must_not_be_traced()?;
        }
        self.pass_over_late_intent(queued);
        let served = self.served();
        let now = self.clock.now();
        let next = |session: &Self| {
            let stored = session.intent.as_ref();
            step::next(stored, operation, queued, has_order, &served, now)
        };
        let mut step = next(self);
        if operation == Operation::Reissue && matches!(step, Step::Buy { .. }) {
            self.must_not_await_another().await?;
            step = next(self);
        }
        let failed = operation == Operation::Open && self.shows(CertificateStatus::Failed);
        let anew = match (&self.intent, queued) {
            (Some(intent), Some(queued)) if failed => step::order_anew(intent, queued, &served),
            _ => None,
        };
        let step = anew.unwrap_or(step);
        let (ordered, trigger) = self.take(step, operation, trigger).await?;
        if let Some(trigger) = trigger
            && ordered == Ordered::Placed
            && self.is_another_reissue(operation, queued).await?
        {
            // An earlier reissue is in place; what the client asks for now differs from it.
            self.conclude_without_operation().await?;
            return self
                .buy(operation, 1, false, trigger)
                .await
                .map(|(ordered, _)| ordered);
        }
        Ok(ordered)
    }

    /// A service that another program served before may have an order although its number is not stored:
    /// numbers beside it are stored after the order only (thesslstore.md 13).
    fn must_not_be_traced(&self) -> Result<(), Failure> {
        let mut further = self.module.reference_parameters.iter();
        let trace = further
            .find_map(|(kind, name)| Some((*name, kind.shown(self.service.parameter(name)?))));
        match trace {
            None => Ok(()),
            Some((name, value)) => Err(Failure::new(Reason::OutcomeForPerson)
                .value(value)
                .detail(words!(
                    "another program has ordered for this service and stored only its {name}: 'pmssl install --adopt' asks the vendor for the order", "для этой услуги заказывала другая программа и сохранила только {name}: 'pmssl install --adopt' запросит заказ у поставщика"
                ))),
        }
    }

    /// Takes a reissue inside the paid term, which nobody has queued, to the point where it exists.
    /// Names and CSR are those of the service now; [`super::OrderSession::conclude_without_operation`] ends it.
    ///
    /// # Errors
    /// As [`order`](Self::order); `NotReady` while another order of the service is under way.
    pub async fn reissue_inside_term(&mut self, trigger: Trigger) -> Result<Ordered, Failure> {
        self.refresh().await?;
        self.leave_if_dead().await?;
        self.names_stay = true;
        let has_order = self.order_number().is_some();
        let step = step::next_inside_term(self.intent.as_ref(), has_order);
        let (ordered, _) = self.take(step, Operation::Reissue, trigger).await?;
        Ok(ordered)
    }

    async fn take(
        &mut self,
        step: Step,
        operation: Operation,
        trigger: Trigger,
    ) -> Result<Course, Failure> {
        match step {
            Step::Refuse(failure) => Err(failure),
            Step::Confirm => Ok((Ordered::DoneBefore, Some(trigger))),
            Step::Complete => Ok((Ordered::Placed, Some(trigger))),
            Step::Buy { attempt, resumed } => self.buy(operation, attempt, resumed, trigger).await,
            Step::LookUp => match self.settle().await? {
                Settled::Stands => Ok((Ordered::Placed, Some(trigger))),
                Settled::NothingBought(attempt) => {
                    self.buy(operation, attempt, false, trigger).await
                }
                // Only the operation that sent it: what another one finds may be a save that came late.
                Settled::Resendable if self.was_sent_for(trigger.queued()) => {
                    self.send_again(trigger).await
                }
                Settled::Resendable => Err(self.not_found_by_number(Reason::OutcomeForPerson)),
            },
        }
    }

    /// Whether a queued reissue met one that the daemon, or an operation which was never closed, had
    /// placed for other names or another CSR.
    async fn is_another_reissue(
        &self,
        operation: Operation,
        queued: Option<OperationId>,
    ) -> Result<bool, Failure> {
        let Some(stored) = self.intent.clone().filter(|intent| {
            intent.operation == Operation::Reissue
                && operation == Operation::Reissue
                && queued.is_some()
                && intent.queued != queued
        }) else {
            return Ok(false);
        };
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let now = self.decide(operation, queued, stored.attempt, &details)?;
        Ok(now.key != stored.key)
    }

    fn was_sent_for(&self, queued: Option<OperationId>) -> bool {
        let intent = self.intent.as_ref();
        intent.is_some_and(|intent| intent.queued == queued)
    }

    /// Makes what a vendor wants after paying. The purchase is described anew from the service.
    pub(super) async fn continue_order(&self, order: &OrderRef) -> Result<(), Failure> {
        let Some(intent) = &self.intent else {
            return Ok(());
        };
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let purchase = self.purchase(intent, details)?;
        self.authority.continue_order(order, &purchase).await
    }

    /// Checks everything that can be checked for nothing, then orders.
    async fn buy(
        &mut self,
        operation: Operation,
        attempt: u32,
        resumed: bool,
        trigger: Trigger,
    ) -> Result<Course, Failure> {
        self.must_not_be_given_to_person()?;
        self.platform.locks_hold(self.item, None).await?;
        // An operation that waited in the queue while the service was deleted.
        if self.service.status == DELETED {
            return Err(Failure::new(Reason::ServiceDeleted).value(self.item.to_string()));
        }
        let template = self.template()?;
        if operation == Operation::Prolong && !resumed {
            self.learn_term().await;
        }
        let needs_other = self.prove_otherwise(operation, template).await?;
        let details = Details::read(self.platform, &self.service, template).await?;
        let of_method = self.check_term(operation, template, &details, needs_other)?;
        details.csr.examine()?;
        for remark in details.csr.remarks() {
            log!(Order, Warning, "{remark}");
        }
        let (common_name, additional) = (&details.common_name, &details.additional_names);
        let addresses = &details.addresses;
        checks::names(template, common_name, additional)?;
        checks::addresses(template, addresses)?;
        self.authority
            .check_addons(common_name, additional, addresses, &self.service.addons)?;
        let mut sold = additional.clone();
        sold.retain(|name| !self.authority.comes_by_itself(common_name, name));
        let listed = checks::listed(template, common_name, &sold) + addresses.len();
        checks::count(template, listed, self.names_bought())?;
        let queued = trigger.queued();
        // A token of another login is of no use.
        let stored = self
            .intent
            .clone()
            .filter(|stored| resumed && stored.login == self.login);
        let intent = match stored {
            Some(stored) => Intent { queued, ..stored },
            None => self.decide(operation, queued, attempt, &details)?,
        };
        self.must_be_new(&intent)?;
        crate::logging::set_intent(&intent.key);
        let keys = self.coming_keys(&intent, &details)?;
        let earlier = self.earlier_keys(&intent, &details)?;
        let (names, mut said) = (details.names(), self.names_left(template, &details));
        said.extend(of_method);
        let mut purchase = self.purchase(&intent, details)?;
        match self
            .look_before(&intent, &keys, &earlier, &purchase)
            .await?
        {
            Before::Exists => return Ok((Ordered::Placed, Some(trigger))),
            Before::UsedUp(ahead) => {
                let attempt = intent.attempt.saturating_add(ahead).saturating_add(1);
                return Box::pin(self.buy(operation, attempt, false, trigger)).await;
            }
            Before::Nothing => {}
        }
        self.check_approvers(&mut purchase).await?;
        self.authority.examine(&purchase).await?;
        let remarks = self.look_at_names(template, &names, said).await;
        self.remember_served().await?;
        self.remember_replaced(&intent).await?;
        self.claim_login_to_buy().await?;
        let attempt = self.prepare_and_send(intent, &purchase, trigger).await;
        self.release_login().await;
        let course = placed(attempt?)?;
        self.tell_of_names(&remarks).await;
        Ok(course)
    }

    /// Sends the same call again under the number that the vendor issued for it: it takes a number once.
    async fn send_again(&mut self, trigger: Trigger) -> Result<Course, Failure> {
        self.must_not_be_given_to_person()?;
        self.platform.locks_hold(self.item, None).await?;
        let Some(intent) = self.intent.clone() else {
            return Err(Failure::new(Reason::Internal).detail(words!(
                "nothing to send again",
                "повторно отправлять нечего"
            )));
        };
        if self.service.status == DELETED {
            return Err(Failure::new(Reason::ServiceDeleted).value(self.item.to_string()));
        }
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let mut purchase = self.purchase(&intent, details)?;
        // The same call asks for the same months, whatever the service's period is by now.
        if let Some(months) = self.spool.months_of(self.item, &intent.key) {
            purchase.term = Months(months);
        }
        log!(
            Order,
            Warning,
            "the vendor does not show the order: the same call is sent again under the same number"
        );
        self.claim_login_to_buy().await?;
        let attempt = self.send(intent, &purchase, trigger, true).await;
        self.release_login().await;
        placed(attempt?)
    }

    async fn prepare_and_send(
        &mut self,
        intent: Intent,
        purchase: &Purchase,
        trigger: Trigger,
    ) -> Result<Attempt, Failure> {
        let intent = self.prepare(intent, purchase).await?;
        self.send(intent, purchase, trigger, false).await
    }

    /// Where purchases of one login cannot be told apart, they are made and looked for one at a time.
    pub(super) async fn claim_login(&self) -> Result<(), Failure> {
        let Some(login) = self.shared_login() else {
            return Ok(());
        };
        if self.platform.lock_login(login, LOGIN_WAIT).await? {
            return Ok(());
        }
        Err(self.login_is_busy())
    }

    /// The same before a purchase: the lock has to hold for everybody who orders.
    async fn claim_login_to_buy(&self) -> Result<(), Failure> {
        self.claim_login().await?;
        let Some(login) = self.shared_login() else {
            return Ok(());
        };
        let holds = self.platform.locks_hold(self.item, Some(login)).await;
        if holds.is_err() {
            self.release_login().await;
        }
        holds
    }

    /// Ends what [`claim_login`](Self::claim_login) began. The lock dies with the process at the latest.
    pub(super) async fn release_login(&self) {
        if self.shared_login().is_some() {
            let _ = self.platform.unlock_login().await;
        }
    }

    /// The mark of the vendor's login, which several accounts of the platform may share.
    pub(super) fn shared_login(&self) -> Option<&str> {
        let shared = self.authority.orders_one_at_a_time();
        self.login
            .as_ref()
            .filter(|_| shared)
            .map(|login| login.mark.as_str())
    }

    pub(super) fn login_is_busy(&self) -> Failure {
        let account = self.service.account.map(|account| account.to_string());
        Failure::new(Reason::AccountBusy).value(account.unwrap_or_default())
    }

    pub(super) fn served(&self) -> Served {
        Served::from_text(
            self.service
                .parameter(served::PARAMETER)
                .unwrap_or_default(),
        )
    }

    /// Keeps the operation of the stored intent, which is about to be replaced.
    pub(super) async fn remember_served(&mut self) -> Result<(), Failure> {
        let Some(intent) = &self.intent else {
            return Ok(());
        };
        match self.served().with(intent) {
            Some(served) => {
                self.save(served::PARAMETER, &served.to_text(), Patience::Once)
                    .await
            }
            None => Ok(()),
        }
    }

    /// Keeps which certificate a reissue or renewal replaces: vendors go on to hand it out until the new
    /// one is made, and some renew under the number that the order has.
    pub(super) async fn remember_replaced(&mut self, intent: &Intent) -> Result<(), Failure> {
        if intent.operation == Operation::Open {
            return Ok(());
        }
        let replaced = current::Replaced::of(&self.service, self.module);
        self.save(fields::REPLACED, &replaced.to_text(), Patience::Once)
            .await?;
        let day = intent.since.date_naive();
        let proved = current::proved_before(&self.service, self.module, day);
        self.save(fields::PROVED, &proved.to_text(), Patience::Once)
            .await
    }

    fn decide(
        &self,
        operation: Operation,
        queued: Option<OperationId>,
        attempt: u32,
        details: &Details,
    ) -> Result<Intent, Failure> {
        let subject = self.subject(operation, details);
        let installation = self.platform.installation()?;
        let intent = Intent::decide(
            &installation,
            self.item,
            operation,
            &subject,
            attempt,
            queued,
            self.clock.now(),
        );
        Ok(Intent {
            login: self.login.clone(),
            ..intent
        })
    }

    /// The key of an intent and of the attempts that a database set back may have forgotten.
    fn coming_keys(&self, intent: &Intent, details: &Details) -> Result<Vec<IntentKey>, Failure> {
        let next = intent.attempt.saturating_add(1);
        // One more than is looked for: the next one after whatever is found.
        let last = intent.attempt.saturating_add(FORGOTTEN + 1);
        let later = self.keys_of(intent.operation, details, next..last.saturating_add(1))?;
        Ok(std::iter::once(intent.key.clone()).chain(later).collect())
    }

    /// The same certificate is replaced once: a decision whose key is stored as placed was made before.
    fn must_be_new(&self, intent: &Intent) -> Result<(), Failure> {
        let made = self.intent.as_ref().is_some_and(|stored| {
            stored.key == intent.key && !matches!(stored.state, State::Prepared | State::Rejected)
        });
        if !made {
            return Ok(());
        }
        Err(Failure::new(Reason::NotReady)
            .value(
                self.order_number()
                    .map(|order| order.to_string())
                    .unwrap_or_default(),
            )
            .detail(words!(
                "this certificate was replaced already; the new one has not been saved yet",
                "этот сертификат уже заменён; новый ещё не сохранён"
            )))
    }
}

fn placed(attempt: Attempt) -> Result<Course, Failure> {
    match attempt {
        Attempt::Placed => Ok((Ordered::Placed, None)),
        Attempt::NothingBought { .. } => Err(Failure::new(Reason::VendorTrouble).detail(words!(
            "the order did not reach the vendor; a new attempt will be made",
            "заказ не дошёл до поставщика; будет сделана новая попытка"
        ))),
        // Looked up right after sending; the next run decides.
        Attempt::Resendable => Err(Failure::new(Reason::VendorTrouble).detail(words!(
            "it is not known yet whether the order arrived; the next run checks again",
            "пока неизвестно, дошёл ли заказ; следующий запуск проверит снова"
        ))),
    }
}
