//! The one place that orders. Intent first, then the paid call, then the vendor's number, then the rest.

use std::time::Duration;

use chrono::{SubsecRound, TimeDelta};

use super::follow::DELETED;
use super::intent::{Intent, Operation, State, is_order_number};
use super::served::{self, Served};
use super::step::{self, Step};
use super::{Desk, Ordered, checks, current, term};
use crate::ca::http::Http;
use crate::ca::{OrderRef, OrderingPermit, Placed};
use crate::domain::{AccountId, OperationId, Purchase};
use crate::failure::{Failure, Kind, Reason};
use crate::log;
use crate::platform::details::Details;
use crate::platform::{CertificateStatus, Patience, fields};

/// A paid call starts at most this long after its intent was marked as sent: a process that was
/// stopped in between must not send when another one may have settled the intent already.
const LONGEST_WAY_TO_SEND: TimeDelta = TimeDelta::seconds(60);

/// How long a command waits for another purchase of the account, where they are made one at a time.
const ACCOUNT_WAIT: Duration = Duration::from_secs(60);

/// What came of an attempt.
pub(super) enum Attempt {
    Placed,
    /// Known to have bought nothing; the next attempt may follow.
    NothingBought {
        attempt: u32,
    },
}

impl Desk<'_> {
    /// Takes an ordering operation to the point where the order exists.
    ///
    /// # Errors
    /// Whatever stopped it; the stored intent tells the next run how far it came.
    pub async fn order(
        &mut self,
        operation: Operation,
        queued: Option<OperationId>,
    ) -> Result<Ordered, Failure> {
        let has_order = self.order_number().is_some();
        if operation == Operation::Open && !has_order && self.intent.is_none() {
            self.must_not_be_traced()?;
        }
        let served = self.served();
        let now = self.clock.now();
        let step = step::next(
            self.intent.as_ref(),
            operation,
            queued,
            has_order,
            &served,
            now,
        );
        let failed = operation == Operation::Open && self.shows(CertificateStatus::Failed);
        let anew = match (&self.intent, queued) {
            (Some(intent), Some(queued)) if failed => step::order_anew(intent, queued, &served),
            _ => None,
        };
        let step = anew.unwrap_or(step);
        let ordered = self.take(step, operation, queued).await?;
        if ordered == Ordered::Placed && self.is_another_reissue(operation, queued).await? {
            // An earlier reissue is in place; what the client asks for now differs from it.
            self.conclude_without_operation().await?;
            return self.buy(operation, queued, 1, false).await;
        }
        Ok(ordered)
    }

    /// A service that another program served before may have an order although its number is not stored:
    /// numbers beside it are stored after the order only (thesslstore.md 13).
    fn must_not_be_traced(&self) -> Result<(), Failure> {
        let mut further = self.module.reference_parameters.iter();
        let trace = further.find_map(|(_, name)| Some((*name, self.service.parameter(name)?)));
        match trace {
            None => Ok(()),
            Some((name, value)) => Err(Failure::new(Reason::OutcomeForPerson)
                .value(value)
                .detail(format!(
                    "another program has ordered for this service and stored only its {name}: 'pmssl install --adopt' asks the vendor for the order"
                ))),
        }
    }

    /// Takes a reissue inside the paid term, which nobody has queued, to the point where it exists.
    /// Names and CSR are those of the service now; [`super::Desk::conclude_without_operation`] ends it.
    ///
    /// # Errors
    /// As [`order`](Self::order); `NotReady` while another order of the service is under way.
    pub async fn reissue_inside_term(&mut self) -> Result<Ordered, Failure> {
        self.names_stay = true;
        let has_order = self.order_number().is_some();
        let step = step::next_inside_term(self.intent.as_ref(), has_order);
        self.take(step, Operation::Reissue, None).await
    }

    async fn take(
        &mut self,
        step: Step,
        operation: Operation,
        queued: Option<OperationId>,
    ) -> Result<Ordered, Failure> {
        match step {
            Step::Refuse(failure) => Err(failure),
            Step::Confirm => Ok(Ordered::DoneBefore),
            Step::Complete => Ok(Ordered::Placed),
            Step::Buy { attempt, resumed } => self.buy(operation, queued, attempt, resumed).await,
            Step::LookUp => match self.settle().await? {
                Some(attempt) => self.buy(operation, queued, attempt, false).await,
                None => Ok(Ordered::Placed),
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
        queued: Option<OperationId>,
        attempt: u32,
        resumed: bool,
    ) -> Result<Ordered, Failure> {
        // An operation that waited in the queue while the service was deleted.
        if self.service.status == DELETED {
            return Err(Failure::new(Reason::ServiceDeleted).value(self.item.to_string()));
        }
        let template = self.template()?;
        let details = Details::read(self.platform, &self.service, template).await?;
        let (common_name, additional) = (&details.common_name, &details.additional_names);
        checks::names(template, common_name, additional)?;
        self.authority
            .check_addons(common_name, additional, &self.service.addons)?;
        checks::count(template, common_name, additional, self.names_bought())?;
        let intent = match &self.intent {
            // A token from other books is of no use.
            Some(stored) if resumed && stored.books == self.books => Intent {
                queued,
                ..stored.clone()
            },
            _ => self.decide(operation, queued, attempt, &details)?,
        };
        self.must_be_new(&intent)?;
        crate::logging::set_intent(&intent.key);
        let purchase = self.purchase(&intent, details)?;
        self.check_approvers(&purchase).await?;
        self.authority.examine(&purchase).await?;
        self.remember_served().await?;
        self.remember_replaced(&intent).await?;
        self.claim_account().await?;
        let attempt = self.prepare_and_send(intent, &purchase).await;
        self.release_account().await;
        match attempt? {
            Attempt::Placed => Ok(Ordered::Placed),
            Attempt::NothingBought { .. } => Err(Failure::new(Reason::VendorTrouble)
                .detail("the order did not reach the vendor; a new attempt will be made")),
        }
    }

    async fn prepare_and_send(
        &mut self,
        intent: Intent,
        purchase: &Purchase,
    ) -> Result<Attempt, Failure> {
        let intent = self.prepare(intent, purchase).await?;
        self.send(intent, purchase).await
    }

    /// Where purchases of one account cannot be told apart, they are made and looked for one at a time.
    pub(super) async fn claim_account(&self) -> Result<(), Failure> {
        match self.shared_account() {
            Some(account) => self.platform.lock_account(account, ACCOUNT_WAIT).await,
            None => Ok(()),
        }
    }

    /// Ends what [`claim_account`](Self::claim_account) began. The lock dies with the process at the latest.
    pub(super) async fn release_account(&self) {
        if let Some(account) = self.shared_account() {
            let _ = self.platform.unlock_account(account).await;
        }
    }

    fn shared_account(&self) -> Option<AccountId> {
        let shared = self.authority.orders_one_at_a_time();
        self.service.account.filter(|_| shared)
    }

    pub(super) fn served(&self) -> Served {
        Served::from_text(
            self.service
                .parameter(served::PARAMETER)
                .unwrap_or_default(),
        )
    }

    /// Keeps the operation of the stored intent, which is about to be replaced.
    async fn remember_served(&mut self) -> Result<(), Failure> {
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
    /// one is made, and some renew under the number that the order has. The order that an earlier renewal
    /// replaced is forgotten by a reissue: were it to fail, the service must not fall back that far.
    async fn remember_replaced(&mut self, intent: &Intent) -> Result<(), Failure> {
        if intent.operation == Operation::Open {
            return Ok(());
        }
        let replaced = current::Replaced::of(&self.service, self.module.name);
        self.save(fields::REPLACED, &replaced.to_text(), Patience::Once)
            .await?;
        if intent.operation == Operation::Reissue {
            self.save(fields::PREVIOUS_ORDER, "", Patience::Once)
                .await?;
        }
        Ok(())
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
            books: self.books.clone(),
            ..intent
        })
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
            .detail("this certificate was replaced already; the new one has not been saved yet"))
    }

    /// Lets the adapter prepare; what must be remembered is stored with the intent before it is used.
    async fn prepare(&self, intent: Intent, purchase: &Purchase) -> Result<Intent, Failure> {
        if !intent.token.0.is_empty() {
            return Ok(intent);
        }
        let token = self.authority.prepare(purchase).await?;
        Ok(Intent { token, ..intent })
    }

    /// Stores the intent as sent, sends, and stores what came back: the law's first sentence.
    async fn send(&mut self, intent: Intent, purchase: &Purchase) -> Result<Attempt, Failure> {
        self.must_hold_lock().await?;
        let began = self.clock.now();
        // The later of both clocks: what is counted from here must have passed on each.
        let vendors = self.authority.way().and_then(Http::vendors_time);
        let sent = Intent {
            since: vendors.map_or(began, |vendors| vendors.max(began).trunc_subsecs(0)),
            ..intent.with_state(State::Sent)
        };
        self.save_intent(sent.clone(), Patience::Once).await?;
        self.must_hold_lock().await?;
        if self.clock.now() - began > LONGEST_WAY_TO_SEND {
            return Err(Failure::new(Reason::OutcomeUnknown)
                .value(sent.key.as_str())
                .detail("this command was stopped for too long; nothing was sent"));
        }
        log!(
            Order,
            Info,
            "ordering {} for {} ({})",
            purchase.template,
            purchase.common_name,
            sent.operation.word()
        );
        let permit = OrderingPermit::after_intent_was_stored();
        match self.authority.submit(purchase, &sent.token, permit).await {
            Ok(placed) if is_order_number(placed.order.as_str()) => {
                self.adopt(&sent, &placed).await?;
                Ok(Attempt::Placed)
            }
            Ok(_) => {
                let failure = Failure::field(Reason::UnreadableAnswer, "order number");
                self.after_failed_send(&sent, purchase, failure).await
            }
            Err(failure) => self.after_failed_send(&sent, purchase, failure).await,
        }
    }

    async fn after_failed_send(
        &mut self,
        sent: &Intent,
        purchase: &Purchase,
        failure: Failure,
    ) -> Result<Attempt, Failure> {
        let state = match failure.kind() {
            // The connection was never opened: the same attempt, with its token, may be made again.
            Kind::Transient => State::Prepared,
            Kind::Rejected | Kind::Auth | Kind::Funds | Kind::Input | Kind::NotSupported => {
                State::Rejected
            }
            Kind::Pending | Kind::Unknown | Kind::Protocol | Kind::Platform => State::Unknown,
        };
        if state != State::Unknown {
            log!(Order, Error, "nothing was bought: {}", failure.chain());
            self.save_intent(sent.with_state(state), Patience::Once)
                .await?;
            return Err(failure);
        }
        log!(
            Order,
            Error,
            "the outcome is not known: {}",
            failure.chain()
        );
        let unknown = sent.with_state(State::Unknown);
        self.save_intent(unknown.clone(), Patience::UntilPlatformIsBack)
            .await?;
        self.locate(&unknown, purchase).await
    }

    /// Stores an order that exists: on this machine, then in the intent, then its numbers.
    pub(super) async fn adopt(&mut self, intent: &Intent, placed: &Placed) -> Result<(), Failure> {
        log!(Order, Info, "order {} is placed", placed.order);
        if let Some(remark) = &placed.remark {
            log!(Order, Warning, "the vendor remarks: {remark}");
        }
        if let Err(failure) = self.spool.keep(self.item, &intent.key, placed) {
            log!(
                Order,
                Warning,
                "order {} is not spooled: {}",
                placed.order,
                failure.chain()
            );
        }
        let bought = Intent {
            order: Some(placed.order.clone()),
            ..intent.with_state(State::Placed)
        };
        self.save_intent(bought, Patience::UntilPlatformIsBack)
            .await?;
        self.save_numbers(placed).await?;
        self.save_validation(&placed.validation).await?;
        self.remember_term(intent).await
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
        let months = u32::try_from(self.service.period).unwrap_or_default();
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

    /// The term as it was bought.
    pub(super) fn term_bought(&self) -> Option<term::Bought> {
        self.service
            .parameter(fields::TERM_END)
            .and_then(term::Bought::from_text)
    }

    async fn must_hold_lock(&self) -> Result<(), Failure> {
        const LOST: &str =
            "the lock was lost because the database connection was cut; nothing was sent";
        if !self.platform.holds_lock(self.item).await? {
            return Err(Failure::new(Reason::Busy)
                .value(self.item.to_string())
                .detail(LOST));
        }
        match self.shared_account() {
            Some(account) if !self.platform.holds_account_lock(account).await? => {
                Err(Failure::new(Reason::AccountBusy)
                    .value(account.to_string())
                    .detail(LOST))
            }
            _ => Ok(()),
        }
    }
}
