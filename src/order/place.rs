//! The one place that sends a paid call. Intent first, then the call, then the vendor's number, then the rest.

use std::time::Instant;

use chrono::{SubsecRound, TimeDelta};

use super::OrderSession;
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
const LONGEST_SENDING: TimeDelta = TimeDelta::seconds(60);

/// Orders of other services that are passed over while an order that exists is to be used up.
const MOST_TAKEN: usize = 10;

/// The right to send one paid request. Only this file makes one, after the intent has been stored as sent,
/// out of a [`Trigger`]; it cannot be copied, and the paid send of [`crate::ca::http::Http`] uses it up. It ends: what an
/// adapter reads first takes time, and so does a process that is stopped.
#[derive(Debug)]
pub struct Permit {
    /// `None`: it ended before it began, because the command is rehearsed.
    until: Option<Instant>,
}

impl Permit {
    /// A trigger is used up by the one permit that it makes.
    fn of(_trigger: Trigger, began: Instant, is_rehearsed: bool) -> Self {
        let longest = LONGEST_SENDING.to_std().unwrap_or_default();
        Self {
            until: (!is_rehearsed).then(|| began + longest),
        }
    }

    /// Whether it is too late to send.
    pub(crate) fn is_over(&self) -> bool {
        self.until.is_none_or(|until| Instant::now() > until)
    }

    /// For tests of adapters and of the way to vendors.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn for_tests() -> Self {
        Self {
            until: Some(Instant::now() + std::time::Duration::from_secs(86_400)),
        }
    }

    /// One that has ended.
    #[cfg(test)]
    pub(crate) fn that_is_over() -> Self {
        Self {
            until: Instant::now().checked_sub(std::time::Duration::from_secs(1)),
        }
    }
}

fn lost() -> Words {
    words!(
        "the lock was lost because the database connection was cut",
        "блокировка потеряна: соединение с базой данных прервано"
    )
}

/// What a call without an order came to, for the log.
fn came_to(state: State) -> &'static str {
    match state {
        State::Unknown => {
            "the second call was not sent, and what the first one came to is still open"
        }
        State::Prepared => "nothing was sent",
        _ => "nothing was bought",
    }
}

/// Somebody may find the order by it in the vendor's panel.
fn no_number(answered: &str) -> Words {
    const LONGEST_SHOWN: usize = 80;
    let answered = crate::logging::mask_start(answered, LONGEST_SHOWN);
    words!(
        "the vendor answered with '{answered}', which cannot be the number of an order",
        "поставщик ответил номером '{answered}', а это не может быть номером заказа"
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

impl OrderSession<'_> {
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
        let (began, began_to_run) = (self.clock.now(), Instant::now());
        // The later of both clocks: what is counted from here must have passed on each.
        let vendors = self.authority.vendors_time();
        let sent = Intent {
            since: vendors.map_or(began, |vendors| vendors.max(began).trunc_subsecs(0)),
            ..intent.with_state(State::Sent)
        };
        self.save_intent(sent.clone(), Patience::Once).await?;
        self.must_be_alone().await?;
        self.must_hold_lock().await?;
        if self.clock.now() - began > LONGEST_SENDING {
            let late = Submission::NotSent(Failure::new(Reason::StoppedTooLong));
            return self.without_number(&sent, purchase, late, again).await;
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
        self.spool.mark_sent(
            self.item,
            &sent.key,
            &sent.to_text()?,
            name,
            purchase.term.0,
        );
        let permit = Permit::of(trigger, began_to_run, self.platform.is_rehearsed());
        let submission = self.authority.submit(purchase, &sent.token, permit).await;
        if let Submission::Placed(placed) = &submission
            && is_order_number(placed.order.as_str())
        {
            self.take_answer(&sent, purchase, placed.clone()).await?;
            return Ok(Attempt::Placed);
        }
        self.without_number(&sent, purchase, submission, again)
            .await
    }

    /// What the paid call came to, when it named no order.
    async fn without_number(
        &mut self,
        sent: &Intent,
        purchase: &Purchase,
        submission: Submission,
        again: bool,
    ) -> Result<Attempt, Failure> {
        let (failure, kept) = match submission {
            Submission::Placed(placed) => {
                let failure = Failure::field(Reason::UnreadableAnswer, "order number")
                    .detail(no_number(placed.order.as_str()));
                return self
                    .after_unknown(sent, purchase, &Doubt::Unclear(failure), again)
                    .await;
            }
            Submission::Unknown(doubt) => {
                return self.after_unknown(sent, purchase, &doubt, again).await;
            }
            Submission::Refused(failure) if again => {
                // Which of its checks the vendor makes first is not known: a refusal of the second call
                // does not prove that the first one bought nothing.
                return self
                    .after_unknown(sent, purchase, &Doubt::Unclear(failure), again)
                    .await;
            }
            Submission::Refused(failure) => {
                let refused = sent.with_state(State::Rejected);
                (failure.ended_the_purchase(), refused)
            }
            // An earlier call under this number may still be on its way.
            Submission::NotSent(failure) if again => (failure, sent.with_state(State::Unknown)),
            // Nothing left this machine: the same decision is prepared anew.
            Submission::NotSent(failure) => {
                let prepared = Intent {
                    token: Token::default(),
                    ..sent.with_state(State::Prepared)
                };
                (failure, prepared)
            }
        };
        log!(Order, Error, "{}: {}", came_to(kept.state), failure.chain());
        if !again {
            self.spool.was_not_sent(self.item, &sent.key);
        }
        self.save_intent(kept, Patience::Once).await?;
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
        if matches!(&located, Err(failure) if failure.reason() == Reason::Busy) {
            return located;
        }
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

#[cfg(test)]
mod tests;
