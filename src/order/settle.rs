//! Settling an order whose outcome is unknown: by a look-up at the vendor or by a person's word. Nothing here
//! can order: there is no trigger in it.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::OrderSession;
use super::before::listed;
use super::intent::{self, Intent, LoginRef, State, is_order_number};
use super::place::Attempt;
use super::port::{Located, Placed, Proof};
use crate::domain::Purchase;
use crate::domain::text::Words;
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::platform::Patience;
use crate::platform::details::Details;

/// This machine's clock and the vendor's may be so far apart; more is a fault of one of them.
const FARTHEST_CLOCKS: TimeDelta = TimeDelta::days(1);

/// What became of an unsettled intent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// There is none, or the order exists and is stored.
    Stands,
    /// Nothing was bought: this attempt may follow.
    NothingBought(u32),
    /// Not found under its number; an ordering operation may send the same call again.
    Resendable,
}

impl OrderSession<'_> {
    /// Finds out what became of an unsettled intent, for whoever only looks. `None`: the order exists and is
    /// stored, or there is none to look for. `Some(n)`: nothing was bought, attempt `n` may follow.
    ///
    /// # Errors
    /// It cannot be told, or not yet.
    pub async fn look_up(&mut self) -> Result<Option<u32>, Failure> {
        match self.settle().await? {
            Settled::Stands => Ok(None),
            Settled::NothingBought(attempt) => Ok(Some(attempt)),
            // Nobody will send it for a deleted service.
            Settled::Resendable if self.service.status == crate::platform::DELETED => {
                Err(self.not_found_by_number(Reason::OutcomeForPerson))
            }
            Settled::Resendable => Err(self.not_found_by_number(Reason::OutcomeUnknown)),
        }
    }

    pub(super) fn not_found_by_number(&self, reason: Reason) -> Failure {
        let key = self.intent.as_ref().map(|intent| intent.key.to_string());
        Failure::new(reason)
            .value(key.unwrap_or_default())
            .detail(words!("the vendor shows no order under the number issued for it; only the operation that ordered sends it again", "поставщик не показывает заказа под выданным для него номером; повторно отправить его может только та же операция заказа"))
    }

    /// Finds out what became of an unsettled intent.
    ///
    /// # Errors
    /// It cannot be told, or not yet.
    pub(super) async fn settle(&mut self) -> Result<Settled, Failure> {
        let is_open = |session: &Self| {
            let intent = session.intent.clone();
            intent.filter(|intent| intent.state.is_unsettled())
        };
        // What is about to be overwritten must be what the platform has.
        if is_open(self).is_some() && !self.is_fresh {
            self.refresh().await?;
        }
        let Some(mut intent) = is_open(self) else {
            return Ok(Settled::Stands);
        };
        if let Some(sent) = self.sent_later(&intent) {
            log!(
                Order,
                Warning,
                "this machine has sent the order after what the database knows of: the later call is looked up"
            );
            self.save_intent(sent.clone(), Patience::Once).await?;
            intent = sent;
        }
        // Another login says nothing about this order: "not listed" would be no proof.
        if intent.login != self.login {
            return Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(self.other_login(&intent)));
        }
        let template = self.template()?;
        let details = Details::read(self.platform, &self.service, template).await?;
        let purchase = self.purchase(&intent, details)?;
        // The vendor named it, and this command's predecessor died or could not ask whose it is. What is not
        // ours is looked for.
        let spooled = self.spool.recall(self.item, &intent.key);
        if let Some(placed) = spooled.or_else(|| Self::answered(&intent)) {
            match self.own_answer(&intent, &purchase, placed).await {
                Ok(owned) => {
                    self.adopt(&intent, &owned).await?;
                    return Ok(Settled::Stands);
                }
                Err(failure) if failure.kind() == FailureKind::Unknown => {
                    log!(Order, Warning, "{}", failure.chain());
                }
                Err(failure) => return Err(failure),
            }
        }
        self.claim_login().await?;
        let attempt = self.locate(&intent, &purchase).await;
        self.release_login().await;
        Ok(match attempt.map_err(|failure| self.with_words(failure))? {
            Attempt::Placed => Settled::Stands,
            Attempt::NothingBought { attempt } => Settled::NothingBought(attempt + 1),
            Attempt::Resendable => Settled::Resendable,
        })
    }

    /// The same attempt as this machine has sent it once more, where the database was set back behind that: it may arrive
    /// later than the call that the database knows.
    fn sent_later(&self, intent: &Intent) -> Option<Intent> {
        let text = self.spool.sent(self.item, &intent.key)?;
        let sent = Intent::from_text(&text).ok()?;
        // A time that a clock told which ran ahead is mended in the database alone.
        let is_believable = sent.since - self.clock.now() <= FARTHEST_CLOCKS;
        (sent.key == intent.key && sent.since > intent.since && is_believable)
            .then(|| sent.with_state(State::Unknown))
    }

    pub(super) fn other_login(&self, intent: &Intent) -> Words {
        let account = |login: &Option<LoginRef>| login.as_ref().map(|login| login.account);
        let sent = account(&intent.login)
            .map(|id| id.to_string())
            .unwrap_or_default();
        if account(&intent.login) == account(&self.login) {
            words!(
                "it was sent with another address or login of account {sent} than are set now: put them back",
                "он отправлен с другим адресом или логином обработчика {sent}, чем указаны сейчас: верните прежние"
            )
        } else {
            words!(
                "it was sent through account {sent}, and the service is on another one now: put the service back",
                "он отправлен через обработчик {sent}, а услуга теперь на другом: верните услугу"
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
        // A look-up may take long; who has lost the lock meanwhile must not overwrite what another one has found.
        self.must_hold_lock().await?;
        self.mend_since().await?;
        let intent = &self.intent.clone().unwrap_or_else(|| intent.clone());
        let located = located.map_err(|failure| {
            let words = failure.in_full();
            Failure::new(Reason::OutcomeUnknown)
                .value(intent.key.as_str())
                .detail(words!("looking it up failed: {words}", "поиск заказа не удался: {words}"; words))
                .because(failure)
        })?;
        match located {
            Located::Found(placed, Proof::Csr) if self.has_no_snapshot(intent) => {
                let seen = words!(
                    "the vendor has an order with this request that may be this one: {}",
                    "у поставщика есть заказ с этим запросом, который может быть этим: {}",
                    placed.order
                );
                self.stay_unknown(intent, Reason::OutcomeForPerson, &seen)
                    .await
            }
            Located::Found(placed, proof) if is_order_number(placed.order.as_str()) => {
                self.take_found(intent, placed, proof).await
            }
            Located::Found(..) => {
                let seen = words!(
                    "the vendor shows an order whose number cannot be one",
                    "поставщик показывает заказ с номером, который не может быть номером заказа"
                );
                self.stay_unknown(intent, Reason::OutcomeForPerson, &seen)
                    .await
            }
            Located::NotPlaced => match self.settled_by_vendors_clock(intent) {
                Some(until) => self.wait_for_look_ups(intent, until).await,
                None => {
                    log!(
                        Order,
                        Warning,
                        "the order did not arrive; nothing was bought"
                    );
                    self.save_intent(intent.rejected(), Patience::Once).await?;
                    Ok(Attempt::NothingBought {
                        attempt: intent.attempt,
                    })
                }
            },
            Located::TooEarly(until) => self.wait_for_look_ups(intent, until).await,
            Located::Resendable => match self.settled_by_vendors_clock(intent) {
                Some(until) => self.wait_for_look_ups(intent, until).await,
                None => {
                    self.save_intent(intent.with_state(State::Unknown), Patience::Once)
                        .await?;
                    Ok(Attempt::Resendable)
                }
            },
            Located::Candidates(candidates) => {
                let open = self.open_candidates(candidates).await?;
                let seen = if open.is_empty() {
                    words!(
                        "the vendor shows no order that may be this one and that no service has, which does not prove that nothing was bought",
                        "поставщик не показывает заказа, который мог бы быть этим и не принадлежал бы другой услуге; это не доказывает, что ничего не куплено"
                    )
                } else {
                    words!(
                        "the vendor has orders that may be this one and that no service has: {}",
                        "у поставщика есть заказы, которые могут быть этим и не принадлежат ни одной услуге: {}",
                        listed(&open)
                    )
                };
                self.stay_unknown(intent, Reason::OutcomeForPerson, &seen)
                    .await
            }
            Located::CannotTell(seen) => {
                self.stay_unknown(intent, Reason::OutcomeForPerson, &seen)
                    .await
            }
        }
    }

    /// What was given to a person before anything was sent has no snapshot of what existed, nor has what a newer
    /// version has stored: an order with our request need not be new.
    pub(super) fn has_no_snapshot(&self, intent: &Intent) -> bool {
        let stored = self.service.parameter(intent::PARAMETER);
        let is_unread = stored.is_some_and(|text| Intent::from_text(text).is_err());
        intent.token.0.is_empty() && (is_unread || self.given_to_person().is_some())
    }

    /// An order with a proof becomes the service's, unless another service has it.
    async fn take_found(
        &mut self,
        intent: &Intent,
        placed: Placed,
        proof: Proof,
    ) -> Result<Attempt, Failure> {
        let owned = self.own_found(intent, placed).await?;
        log!(
            Order,
            Warning,
            "the order arrived: {} (proved by {proof:?})",
            owned.placed().order
        );
        self.adopt(intent, &owned).await?;
        Ok(Attempt::Placed)
    }

    async fn stay_unknown(
        &mut self,
        intent: &Intent,
        reason: Reason,
        seen: &Words,
    ) -> Result<Attempt, Failure> {
        self.save_intent(intent.with_state(State::Unknown), Patience::Once)
            .await?;
        Err(Failure::new(reason).value(intent.key.as_str()).detail(seen))
    }

    /// Nothing is proved yet; the text names the moment from which it can be.
    async fn wait_for_look_ups(
        &mut self,
        intent: &Intent,
        until: DateTime<Utc>,
    ) -> Result<Attempt, Failure> {
        let at = until.format("%Y-%m-%d %H:%M");
        let seen = words!(
            "it is not known yet whether the order arrived; the vendor is asked again after {at} UTC",
            "пока неизвестно, дошёл ли заказ; поставщик будет опрошен снова после {at} UTC"
        );
        self.stay_unknown(intent, Reason::OutcomeUnknown, &seen)
            .await
    }

    /// Whether this machine's clock and the vendor's can both be right; `None` where the vendor reports no time.
    fn clocks_agree(&self) -> Option<bool> {
        let vendors = self.authority.vendors_time()?;
        Some((vendors - self.clock.now()).abs() <= FARTHEST_CLOCKS)
    }

    /// Refuses to send while one of both clocks must be wrong: the moment of sending is what every later look-up counts
    /// from.
    pub(super) fn clocks_must_agree(&self) -> Result<(), Failure> {
        let (Some(vendors), Some(false)) = (self.authority.vendors_time(), self.clocks_agree())
        else {
            return Ok(());
        };
        let at = |moment: DateTime<Utc>| moment.format("%Y-%m-%d %H:%M UTC").to_string();
        Err(Failure::new(Reason::ClocksDiffer).detail(words!(
            "{} there, {} here",
            "{} у поставщика, {} здесь",
            at(vendors),
            at(self.clock.now())
        )))
    }

    /// An order that was sent while this machine's clock ran ahead counts as sent now, once the vendor's clock agrees
    /// with this machine's: otherwise nobody would look, remind or ask before that far day.
    pub(super) async fn mend_since(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        let ahead = |intent: &Intent| intent.since - now > FARTHEST_CLOCKS;
        let Some(intent) = self.intent.clone().filter(ahead) else {
            return Ok(());
        };
        if self.clocks_agree() != Some(true) {
            return Ok(());
        }
        log!(
            Order,
            Warning,
            "the order is marked as sent at {}, which is still to come: it counts as sent now",
            intent.since
        );
        let mended = Intent {
            since: now.trunc_subsecs(0),
            ..intent
        };
        self.save_intent(mended, Patience::Once).await
    }

    /// The clock of this machine may have been moved since the order was sent: where the vendor tells its
    /// time, the time after which a look-up counts must have passed there, too. The moment on this machine's
    /// clock, if it has not.
    fn settled_by_vendors_clock(&self, intent: &Intent) -> Option<DateTime<Utc>> {
        let settle_time = TimeDelta::from_std(self.authority.abilities().settle_time);
        let vendors = self.authority.vendors_time()?;
        let left = settle_time.unwrap_or(TimeDelta::MAX) - (vendors - intent.since);
        (left > TimeDelta::zero()).then(|| self.clock.now() + left)
    }
}
