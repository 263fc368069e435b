//! Settling an order whose outcome is unknown: by a look-up at the vendor or by a person's word.

use super::Desk;
use super::intent::{Books, Intent, Operation, State};
use super::place::Attempt;
use super::served;
use crate::ca::{Located, OrderRef, Placed};
use crate::domain::{ItemId, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::Patience;
use crate::platform::details::Details;

impl Desk<'_> {
    /// Finds out what became of an unsettled intent. `None`: the order exists and is stored.
    /// `Some(n)`: nothing was bought, attempt `n` may follow.
    ///
    /// # Errors
    /// It cannot be told, or not yet.
    pub async fn settle(&mut self) -> Result<Option<u32>, Failure> {
        let Some(intent) = self
            .intent
            .clone()
            .filter(|intent| intent.state.is_unsettled())
        else {
            return Ok(None);
        };
        // Other books say nothing about this order: "not listed" would be no proof.
        if intent.books != self.books {
            return Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(self.other_books(&intent)));
        }
        let template = self.template()?;
        let details = Details::read(self.platform, &self.service, template).await?;
        let purchase = self.purchase(&intent, details)?;
        self.claim_account().await?;
        let attempt = self.locate(&intent, &purchase).await;
        self.release_account().await;
        match attempt? {
            Attempt::Placed => Ok(None),
            Attempt::NothingBought { attempt } => Ok(Some(attempt + 1)),
        }
    }

    fn other_books(&self, intent: &Intent) -> String {
        let account = |books: &Option<Books>| books.as_ref().map(|books| books.account);
        let sent = account(&intent.books)
            .map(|id| id.to_string())
            .unwrap_or_default();
        if account(&intent.books) == account(&self.books) {
            format!(
                "it was sent with another address or login of account {sent} than are set now: put them back"
            )
        } else {
            format!(
                "it was sent through account {sent}, and the service is on another one now: put the service back"
            )
        }
    }

    /// Asks the vendor whether an unsettled call arrived.
    pub(super) async fn locate(
        &mut self,
        intent: &Intent,
        purchase: &Purchase,
    ) -> Result<Attempt, Failure> {
        let located = self
            .authority
            .locate(purchase, &intent.token, intent.since, self.clock.now())
            .await;
        match located {
            Ok(Located::Found(placed)) => {
                if let Some(other) = self.other_owner(&placed.order).await? {
                    self.save_intent(intent.with_state(State::Unknown), Patience::Once)
                        .await?;
                    return Err(Failure::new(Reason::OutcomeForPerson)
                        .value(intent.key.as_str())
                        .detail(format!(
                            "the vendor shows order {}, which service {other} has already",
                            placed.order
                        )));
                }
                log!(Order, Warning, "the order arrived: {}", placed.order);
                self.adopt(intent, &placed).await?;
                Ok(Attempt::Placed)
            }
            Ok(Located::NotPlaced) => {
                log!(
                    Order,
                    Warning,
                    "the order did not arrive; nothing was bought"
                );
                self.save_intent(intent.with_state(State::Rejected), Patience::Once)
                    .await?;
                Ok(Attempt::NothingBought {
                    attempt: intent.attempt,
                })
            }
            Ok(Located::TooEarly) => {
                self.save_intent(intent.with_state(State::Unknown), Patience::Once)
                    .await?;
                let minutes = self.authority.abilities().settle_time.as_secs() / 60;
                Err(Failure::new(Reason::OutcomeUnknown).value(intent.key.as_str()).detail(format!(
                    "the vendor does not list it; that counts as proof {minutes} minutes after sending"
                )))
            }
            Ok(Located::CannotTell(seen)) => {
                self.save_intent(intent.with_state(State::Unknown), Patience::Once)
                    .await?;
                Err(Failure::new(Reason::OutcomeForPerson)
                    .value(intent.key.as_str())
                    .detail(seen))
            }
            Err(failure) => {
                let words = failure.chain();
                Err(Failure::new(Reason::OutcomeUnknown)
                    .value(intent.key.as_str())
                    .detail(format!("looking it up failed: {words}"))
                    .because(failure))
            }
        }
    }

    /// Another service of this module that has the order. Vendors without client references find an
    /// order by what it looks like: two lost calls for the same product must not end in one order.
    pub async fn other_owner(&self, order: &VendorOrderId) -> Result<Option<ItemId>, Failure> {
        // A reissue goes on under the number that the service has.
        if self.order_number().as_ref() == Some(order) {
            return Ok(None);
        }
        let parameter = self.module.order_parameter;
        let owners = self
            .platform
            .services_with(parameter, order.as_str())
            .await?;
        for owner in owners.into_iter().filter(|owner| *owner != self.item) {
            // Numbers of different vendors may be the same.
            if self
                .module
                .serves_with(self.platform.service(owner).await?.module.as_deref())
            {
                return Ok(Some(owner));
            }
        }
        Ok(None)
    }

    /// Settles an intent by a person's word: the order with this number is ours. The vendor must know
    /// the number: a mistyped one could not be taken back.
    ///
    /// # Errors
    /// Nothing is unsettled, no number, or the vendor's failure.
    pub async fn adopt_by_person(&mut self, order: &VendorOrderId) -> Result<(), Failure> {
        let intent = self.unsettled()?;
        let number = order.as_str();
        if number.is_empty() || number.contains(|c: char| c == '|' || c.is_whitespace()) {
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail("The vendor's order number is needed"));
        }
        let reference = OrderRef {
            order: order.clone(),
            template: self
                .service
                .template
                .clone()
                .ok_or_else(|| Failure::field(Reason::UnknownTemplate, "intname"))?,
            csr_pem: self.service.csr.clone(),
        };
        let progress = self.authority.status(&reference).await?;
        let placed = Placed {
            order: order.clone(),
            references: progress.references,
            validation: progress.validation,
            remark: None,
        };
        self.adopt(&intent, &placed).await
    }

    /// Settles an intent by a person's word: nothing was bought. Of a renewal that was made long ago: the
    /// operation at hand is a new one.
    ///
    /// # Errors
    /// Nothing is unsettled, and no renewal was made long ago.
    pub async fn reject_by_person(&mut self) -> Result<(), Failure> {
        if self.has_old_renewal() {
            self.conclude_without_operation().await?;
            let Some(intent) = self.intent.clone() else {
                return Ok(());
            };
            let freed = Intent {
                queued: None,
                ..intent
            };
            return self.save_intent(freed, Patience::Once).await;
        }
        let intent = self.unsettled()?;
        self.save_intent(intent.with_state(State::Rejected), Patience::Once)
            .await
    }

    /// Whether a person has something to settle here.
    #[must_use]
    pub fn can_be_settled(&self) -> bool {
        self.unsettled().is_ok() || self.has_old_renewal()
    }

    /// A renewal that was made so long ago that a new one might be taken for it.
    fn has_old_renewal(&self) -> bool {
        self.intent.as_ref().is_some_and(|intent| {
            let made = match intent.state {
                State::Placed => true,
                State::Pending | State::Issued => intent.queued.is_some(),
                _ => false,
            };
            made && intent.operation == Operation::Prolong
                && served::is_long_ago(intent.since, self.clock.now())
        })
    }

    fn unsettled(&self) -> Result<Intent, Failure> {
        self.intent
            .clone()
            .filter(|intent| intent.state.is_unsettled())
            .ok_or_else(|| {
                Failure::field(Reason::Missing, super::intent::PARAMETER)
                    .detail("The service has no order whose outcome is unknown")
            })
    }
}
