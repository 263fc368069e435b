//! The one place that sends a paid call. Intent first, then the call, then the vendor's number, then the rest.

use chrono::{SubsecRound, TimeDelta};

use super::Desk;
use super::intent::{Intent, State, is_order_number};
use super::port::{Doubt, Submission, Token};
use super::trigger::Trigger;
use crate::domain::text::Words;
use crate::domain::{Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::Patience;

/// A paid call starts at most this long after its intent was marked as sent: a process that was
/// stopped in between must not send when another one may have settled the intent already.
const LONGEST_WAY_TO_SEND: TimeDelta = TimeDelta::seconds(60);

/// Orders of other services that are passed over while an order that exists is to be used up.
const MOST_TAKEN: usize = 10;

/// The right to send one paid request. Only this file makes one, after the intent has been stored as sent,
/// out of a [`Trigger`]; it cannot be copied, and the paid send of [`crate::ca::http::Http`] uses it up.
#[derive(Debug)]
pub struct Permit(());

impl Permit {
    /// A trigger is used up by the one permit that it makes.
    fn of(_trigger: Trigger) -> Self {
        Self(())
    }

    /// For tests of adapters and of the way to vendors.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn for_tests() -> Self {
        Self(())
    }
}

fn lost() -> Words {
    words!(
        "the lock was lost because the database connection was cut; nothing was sent",
        "блокировка потеряна: соединение с базой данных прервано; ничего не отправлено"
    )
}

/// What came of an attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Placed,
    /// Known to have bought nothing; the next attempt may follow.
    NothingBought {
        attempt: u32,
    },
    /// Not found under its number, which can be sent again without buying twice.
    Resendable,
}

impl Desk<'_> {
    /// Lets the adapter prepare; what must be remembered is stored with the intent before it is used. An
    /// order that would be used up must be no other service's.
    pub(super) async fn prepare(
        &self,
        intent: Intent,
        purchase: &Purchase,
    ) -> Result<Intent, Failure> {
        // What a person has called somebody else's is taken, too.
        let mut taken: Vec<VendorOrderId> = self.foreign().iter().map(VendorOrderId::new).collect();
        let mut passed_over = 0;
        loop {
            let prepared = self.authority.prepare(purchase, &taken).await?;
            let Some(order) = prepared.uses else {
                let token = prepared.token;
                return Ok(Intent { token, ..intent });
            };
            if self.other_owner(&order).await?.is_none() {
                let token = prepared.token;
                return Ok(Intent { token, ..intent });
            }
            passed_over += 1;
            if taken.contains(&order) || passed_over > MOST_TAKEN {
                return Err(Failure::new(Reason::Internal).detail(words!(
                    "order {order} of another service was offered again",
                    "заказ {order} другой услуги предложен повторно"
                )));
            }
            taken.push(order);
        }
    }

    /// Stores the intent as sent, sends, and stores what came back: the law's first sentence.
    pub(super) async fn send(
        &mut self,
        intent: Intent,
        purchase: &Purchase,
        trigger: Trigger,
        again: bool,
    ) -> Result<Attempt, Failure> {
        self.must_hold_lock().await?;
        self.clocks_must_agree()?;
        let began = self.clock.now();
        // The later of both clocks: what is counted from here must have passed on each.
        let vendors = self.authority.vendors_time();
        let sent = Intent {
            since: vendors.map_or(began, |vendors| vendors.max(began).trunc_subsecs(0)),
            ..intent.with_state(State::Sent)
        };
        self.save_intent(sent.clone(), Patience::Once).await?;
        self.must_be_alone(&sent).await?;
        self.must_hold_lock().await?;
        if self.clock.now() - began > LONGEST_WAY_TO_SEND {
            return Err(Failure::new(Reason::OutcomeUnknown)
                .value(sent.key.as_str())
                .detail(words!(
                    "this command was stopped for too long; nothing was sent",
                    "команда была приостановлена слишком надолго; ничего не отправлено"
                )));
        }
        log!(
            Order,
            Info,
            "ordering {} for {} ({})",
            purchase.template,
            purchase.common_name,
            sent.operation.word()
        );
        let name = Some(purchase.common_name.to_string());
        self.spool
            .mark_sent(self.item, &sent.key, &sent.to_text()?, name);
        let permit = Permit::of(trigger);
        let submission = self.authority.submit(purchase, &sent.token, permit).await;
        match submission {
            Submission::Placed(placed) if is_order_number(placed.order.as_str()) => {
                self.take_answer(&sent, purchase, placed).await?;
                Ok(Attempt::Placed)
            }
            Submission::Placed(_) => {
                let failure = Failure::field(Reason::UnreadableAnswer, "order number");
                let doubt = Doubt::Unclear(failure);
                self.after_unknown(&sent, purchase, &doubt, again).await
            }
            // Nothing left this machine: the same decision is prepared anew.
            Submission::NotSent(failure) => {
                if !again {
                    self.spool.was_not_sent(self.item, &sent.key);
                }
                let prepared = Intent {
                    token: Token::default(),
                    ..sent.with_state(State::Prepared)
                };
                let kept = if again {
                    // An earlier call under this number may still be on its way.
                    sent.with_state(State::Unknown)
                } else {
                    prepared
                };
                self.leave(kept, failure).await
            }
            Submission::Refused(failure) if again => {
                // Which of its checks the vendor makes first is not known: a refusal of the second call
                // does not prove that the first one bought nothing.
                let doubt = Doubt::Unclear(failure);
                self.after_unknown(&sent, purchase, &doubt, again).await
            }
            Submission::Refused(failure) => {
                self.spool.was_not_sent(self.item, &sent.key);
                self.leave(sent.with_state(State::Rejected), failure).await
            }
            Submission::Unknown(doubt) => self.after_unknown(&sent, purchase, &doubt, again).await,
        }
    }

    /// The paid call bought nothing.
    async fn leave(&mut self, intent: Intent, failure: Failure) -> Result<Attempt, Failure> {
        log!(Order, Error, "nothing was bought: {}", failure.chain());
        self.save_intent(intent, Patience::Once).await?;
        Err(failure)
    }

    /// Nobody knows what became of the paid call: it is looked up at once, and the vendor's words go into
    /// whatever is told about it. An answer that does not change when the same call is made again ends at a
    /// person.
    async fn after_unknown(
        &mut self,
        sent: &Intent,
        purchase: &Purchase,
        doubt: &Doubt,
        again: bool,
    ) -> Result<Attempt, Failure> {
        log!(
            Order,
            Error,
            "the outcome is not known: {}",
            doubt.failure().chain()
        );
        let unknown = sent.with_state(State::Unknown);
        self.save_intent(unknown.clone(), Patience::UntilPlatformIsBack)
            .await?;
        self.keep_words(&unknown, doubt.failure()).await;
        let located = self.locate(&unknown, purchase).await;
        if again && matches!(doubt, Doubt::Unclear(_)) && !matches!(located, Ok(Attempt::Placed)) {
            let failure = Failure::new(Reason::OutcomeForPerson)
                .value(sent.key.as_str())
                .detail(words!("the same call was sent twice under one number, and the vendor does not tell whether the order exists", "один и тот же вызов отправлен дважды под одним номером, и поставщик не сообщает, существует ли заказ"));
            return Err(self.with_words(failure));
        }
        located.map_err(|later| self.with_words(later))
    }

    /// The service's lock is still this command's: what it decides by has not been changed by another one.
    pub(super) async fn must_hold_items_lock(&self) -> Result<(), Failure> {
        if self.platform.holds_lock(self.item).await? {
            return Ok(());
        }
        Err(Failure::new(Reason::Busy)
            .value(self.item.to_string())
            .detail(lost()))
    }

    /// The same for all locks that a purchase, or a look-up that may prove that there was none, is made under.
    pub(super) async fn must_hold_lock(&self) -> Result<(), Failure> {
        self.must_hold_items_lock().await?;
        match self.shared_login() {
            Some(login) if !self.platform.holds_login_lock(login).await? => {
                Err(self.login_is_busy().detail(lost()))
            }
            _ => Ok(()),
        }
    }
}
