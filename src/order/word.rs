//! A person's word about an order (`pmssl resolve`). What the vendor shows first stands in `evidence`. Nothing here can
//! order.

use chrono::{DateTime, Utc};

use super::OrderSession;
use super::intent::{self, Intent, LoginRef, Operation, State, is_key, is_order_number};
use super::port::{Placed, Progress, Reference, Token};
use super::purchase::renewal;
use super::served;
use crate::domain::{IntentKey, ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::{CertificateStatus, Patience, fields};

/// So many attempts of one decision are told by their keys.
const MOST_ATTEMPTS: u32 = 20;

/// What can be made out of an intent that a newer version has stored: the words and numbers that are ours by their
/// looks, wherever they stand. Its outcome counts as open, whatever the newer version knows of it.
pub(super) fn made_out(text: &str, now: DateTime<Utc>) -> Option<Intent> {
    let fields = || text.split('|').map(str::trim);
    let operation = |field| {
        Operation::ALL
            .into_iter()
            .find(|known| known.word() == field)
    };
    let key = fields().find(|field| is_key(field))?;
    // The moment is a number that no attempt and no operation of a queue reaches.
    let moment = |field: &str| {
        let seconds = field.parse().ok().filter(|at: &i64| *at > 1_500_000_000)?;
        DateTime::from_timestamp(seconds, 0).filter(|at| *at <= now)
    };
    Some(Intent {
        operation: fields().find_map(operation)?,
        state: State::Unknown,
        attempt: 1,
        key: IntentKey::new(key),
        since: fields().find_map(moment).unwrap_or(now),
        queued: None,
        login: fields().find_map(LoginRef::read),
        token: Token::default(),
        order: None,
    })
}

impl OrderSession<'_> {
    /// What a person was shown is still so: while the question stood, the lock may have been lost and another command
    /// may have settled it. To be called between the person's word and what is written for it.
    ///
    /// # Errors
    /// `Busy`: the lock is lost, or something else is stored now. The database's.
    pub async fn must_be_as_shown(&mut self) -> Result<(), Failure> {
        self.must_be_as_read().await
    }

    /// What waits for a person's word: the outcome is open, or it was until a look-up and nobody has spoken yet.
    #[must_use]
    pub fn open_question(&self) -> Option<Intent> {
        let given = self.given_to_person().is_some();
        let intent = self.intent.clone();
        intent.filter(|intent| intent.state.is_unsettled() || given)
    }

    /// The intent whose order a person may name: its outcome is open, or it counts as not placed and the vendor
    /// shows the order late.
    #[must_use]
    pub fn adoptable(&self) -> Option<Intent> {
        let intent = self.intent.clone();
        intent.filter(|intent| {
            intent.state.is_unsettled()
                || (intent.state == State::Rejected && intent.operation != Operation::Reissue)
        })
    }

    /// Settles an intent by a person's word: the order with this number is ours. The vendor must know
    /// the number: a mistyped one could not be taken back.
    ///
    /// # Errors
    /// Nothing is unsettled, no number, or the vendor's failure.
    pub async fn adopt_by_person(&mut self, order: &VendorOrderId) -> Result<(), Failure> {
        let intent = self.may_be_adopted(order).await?;
        // What was only asked about is as old as the decision before it, and the order is the service's from now on.
        let now = self.clock.now();
        let since = match self.was_only_asked(&intent) {
            true => now,
            false => self.sent_at(&intent),
        };
        let sent = Intent { since, ..intent };
        // A renewal that was sent long ago would be taken for one of former times by the operation that it serves.
        let is_old = sent.operation == Operation::Prolong && served::is_long_ago(since, now);
        let intent = match is_old {
            true => Intent {
                since: now,
                ..sent.clone()
            },
            false => sent.clone(),
        };
        let progress = self.look_at(order).await?;
        let learned = self.learned_with(&intent, &progress);
        let placed = Placed {
            order: order.clone(),
            references: progress.references,
            validation: progress.validation,
            remark: None,
        };
        // The later word counts.
        self.take_back_foreign(order).await?;
        if self.adoptable().is_none() {
            self.remember_served().await?;
            self.remember_replaced(&intent).await?;
        }
        let owned = self.own_found(&intent, placed).await?;
        if let Some(learned) = learned {
            self.save(fields::TERM_END, &learned.to_text(), Patience::Once)
                .await?;
        }
        // The term is counted from when it was sent, once for each key. Killed behind this the word is given again, or
        // the other one, which takes the term back.
        if is_old {
            self.remember_term(&sent).await?;
        }
        self.adopt(&intent, &owned).await?;
        self.take_back_from_person().await
    }

    /// When an intent was sent. A person's word that was not carried out to its end has moved that on; the machine's
    /// ledger still tells.
    fn sent_at(&self, intent: &Intent) -> DateTime<Utc> {
        let sent = self.spool.sent(self.item, &intent.key);
        let sent = sent.and_then(|text| Intent::from_text(&text).ok());
        sent.map_or(intent.since, |sent| sent.since.min(intent.since))
    }

    /// Whether a purchase was given to a person before anything was sent, as far as this machine knows.
    fn was_only_asked(&self, intent: &Intent) -> bool {
        let stored = self.service.parameter(intent::PARAMETER);
        let is_readable = stored.is_some_and(|text| Intent::from_text(text).is_ok());
        intent.operation != Operation::Reissue
            && is_readable
            && self.has_no_snapshot(intent)
            && self.spool.sent(self.item, &intent.key).is_none()
    }

    /// The renewal that an operation in BILLmanager's queue wants and that nothing was sent for: a person may have made it
    /// in the vendor's panel, which is the only way at some vendors.
    async fn queued_renewal(&self) -> Result<Option<Intent>, Failure> {
        let command = Operation::Prolong.word();
        let queued = self.platform.queued_operation(self.item, command).await?;
        let (Some(queued), Some(order)) = (queued, self.order_number()) else {
            return Ok(None);
        };
        let stored = self.intent.as_ref();
        if self.served().since(Operation::Prolong, queued).is_some()
            || stored.is_some_and(|intent| intent.queued == Some(queued))
        {
            return Ok(None);
        }
        let attempt = stored.map_or(1, |intent| {
            intent.attempt + u32::from(matches!(intent.state, State::Rejected | State::Dead))
        });
        let subject = renewal(&order, self.term_bought().map(|term| term.end));
        let intent = Intent::decide(
            &self.platform.installation()?,
            self.item,
            Operation::Prolong,
            &subject,
            attempt,
            Some(queued),
            self.clock.now(),
        );
        let login = self.login.clone();
        Ok(Some(Intent { login, ..intent }))
    }

    /// The intent whose order a person may call this one, as far as can be told without the vendor.
    ///
    /// # Errors
    /// Nothing is unsettled and no renewal is queued, no number, or the order that a renewal is to renew. The platform's.
    pub async fn may_be_adopted(&self, order: &VendorOrderId) -> Result<Intent, Failure> {
        let intent = match self.adoptable() {
            Some(intent) => intent,
            None => match self.queued_renewal().await? {
                Some(intent) => intent,
                None => self.unsettled()?,
            },
        };
        let number = order.as_str();
        if intent.login != self.login {
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail(self.other_login(&intent)));
        }
        if !is_order_number(number) {
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail(words!(
                    "The vendor's order number is needed",
                    "Нужен номер заказа у поставщика"
                )));
        }
        if self.is_to_be_renewed(&intent, order)? {
            let vendor = self.authority.abilities().vendor;
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail(words!(
                    "It is the order to be renewed. The renewal has a number of its own at {vendor}: give that one, or --not-placed if there is none",
                    "Это продлеваемый заказ. У продления в {vendor} свой номер: укажите его или, если такого заказа нет, --not-placed"
                )));
        }
        Ok(intent)
    }

    /// Whether an order is the one that a renewal is to renew, where renewals have numbers of their own. The intent's key
    /// tells which one that was when it was decided, whatever number the service has now.
    fn is_to_be_renewed(&self, intent: &Intent, order: &VendorOrderId) -> Result<bool, Failure> {
        if intent.operation != Operation::Prolong || self.authority.abilities().renews_in_place {
            return Ok(false);
        }
        let installation = self.platform.installation()?;
        let end = self.term_bought().map(|term| term.end);
        // The end of the term may have become known since; which attempt a newer version has stored is not told.
        let last = intent.attempt.max(MOST_ATTEMPTS);
        let key = |end, attempt| {
            let subject = renewal(order, end);
            intent::key(
                &installation,
                self.item,
                Operation::Prolong,
                &subject,
                attempt,
            )
        };
        Ok((1..=last)
            .any(|attempt| key(None, attempt) == intent.key || key(end, attempt) == intent.key))
    }

    /// Settles an intent by a person's word: nothing was bought. Of a renewal that was made long ago: the
    /// operation at hand is a new one.
    ///
    /// # Errors
    /// Nothing is unsettled, and no renewal was made long ago.
    pub async fn reject_by_person(&mut self) -> Result<(), Failure> {
        let now = self.clock.now();
        if let Some(served) = self.served().without_old_renewals(now)
            && self.unsettled().is_err()
        {
            self.save(served::PARAMETER, &served.to_text(), Patience::Once)
                .await?;
            if !self.has_old_renewal() {
                // Something else may have been given to the person meanwhile.
                return self.take_back_from_person().await;
            }
        }
        if self.has_old_renewal() {
            self.conclude_without_operation().await?;
            let Some(intent) = self.intent.clone() else {
                return Ok(());
            };
            let freed = Intent {
                queued: None,
                ..intent
            };
            self.save_intent(freed, Patience::Once).await?;
            return self.take_back_from_person().await;
        }
        match self.unsettled() {
            Ok(intent) => {
                // First: once nothing is unsettled this is not asked again.
                self.take_term_back(&intent).await?;
                self.save_intent(intent.rejected(), Patience::Once).await?;
            }
            // A look-up has found it out meanwhile; the person's word was still awaited.
            Err(_) if self.given_to_person().is_some() => {}
            Err(failure) => return Err(failure),
        }
        self.take_back_from_person().await
    }

    /// Puts another order number in the place of a settled service's: the one that it has is not its own, or a
    /// person has reissued under a new number. The certificate of the new order is fetched by the next look.
    ///
    /// # Errors
    /// An order is unsettled; another service has the number; the vendor does not know it.
    pub async fn replace_by_person(&mut self, order: &VendorOrderId) -> Result<(), Failure> {
        self.may_replace(order)?;
        let is_anothers = |other: ItemId| {
            Err(Failure::field(Reason::Invalid, "--replace")
                .value(order.as_str())
                .detail(words!(
                    "This order belongs to service {other}",
                    "Этот заказ принадлежит услуге {other}"
                )))
        };
        if let Some(other) = self.other_owner(order).await? {
            return is_anothers(other);
        }
        let progress = self.look_at(order).await?;
        self.must_not_be_the_renewal(order, &progress)?;
        let former = self.order_number();
        // A wrong number that a pending order had is no way back for it.
        let is_awaited = self.intent.as_ref().is_some_and(|intent| {
            intent.operation != Operation::Reissue
                && matches!(intent.state, State::Placed | State::Pending)
                && intent.order == former
        });
        // A service's first order is there now: its operation has only to be closed. A renewal is another purchase:
        // whether this order is the renewal's is said with --adopt.
        let is_bought = |intent: &Intent| {
            intent.operation == Operation::Open
                && matches!(
                    intent.state,
                    State::Rejected | State::Prepared | State::Dead
                )
        };
        let is_replaced = |intent: &Intent| {
            is_bought(intent)
                || matches!(intent.state, State::Placed | State::Pending | State::Issued)
        };
        let replaced = self.intent.clone().filter(is_replaced).map(|intent| {
            let state = match intent.state {
                State::Issued => State::Pending,
                State::Rejected | State::Prepared | State::Dead => State::Placed,
                state => state,
            };
            Intent {
                order: Some(order.clone()),
                ..intent.with_state(state)
            }
        });
        if let Some(other) = self.claim_by_person(order, replaced.as_ref()).await? {
            return is_anothers(other);
        }
        log!(
            Order,
            Warning,
            "order {order} takes the place of {}",
            former.as_ref().map_or("none", VendorOrderId::as_str)
        );
        // The ledger would go on to tell of the former one.
        if let Some(replaced) = &replaced
            && let Some(placed) = Self::answered(replaced)
        {
            self.keep(replaced, &placed);
        }
        if let Some(former) = former.filter(|former| *former != *order) {
            // What the client published for the former order is not asked for any more.
            let placed = Placed {
                order: order.clone(),
                references: Vec::new(),
                validation: progress.validation.clone(),
                remark: None,
            };
            self.save_validation_of(&placed).await?;
            if !is_awaited {
                self.save(fields::PREVIOUS_ORDER, former.as_str(), Patience::Once)
                    .await?;
            }
        }
        let parameter = self.module.order_parameter;
        self.save(parameter, order.as_str(), Patience::Once).await?;
        self.take_back_from_person().await?;
        self.save_validation(&progress.validation).await?;
        self.set_status(CertificateStatus::Enrolled).await
    }

    /// A renewal that counts as not placed and that the vendor shows under this number is taken over, or its operation
    /// would buy once more.
    fn must_not_be_the_renewal(
        &self,
        order: &VendorOrderId,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let is_its = |intent: &Intent| {
            let mut references = progress.references.iter();
            intent.operation == Operation::Prolong
                && references
                    .any(|(kind, value)| *kind == Reference::Client && value == intent.key.as_str())
        };
        if self
            .adoptable()
            .as_ref()
            .is_none_or(|intent| !is_its(intent))
        {
            return Ok(());
        }
        Err(Failure::field(Reason::Invalid, "--replace")
            .value(order.as_str())
            .detail(words!(
                "It is the renewal that was ordered for this service: take it over with --adopt {order}",
                "Это продление, заказанное для этой услуги: примите его ключом --adopt {order}"
            )))
    }

    /// Whether a person may put this number in the place of the service's, as far as can be told without the vendor.
    ///
    /// # Errors
    /// The outcome of an order is open; no number.
    pub fn may_replace(&self, order: &VendorOrderId) -> Result<(), Failure> {
        if self.open_question().is_some() {
            return Err(Failure::field(Reason::Invalid, "--replace")
                .value(order.as_str())
                .detail(words!("The outcome of an order is unknown: settle it with --adopt or --not-placed first", "Результат заказа неизвестен: сначала задайте его ключом --adopt или --not-placed")));
        }
        if !is_order_number(order.as_str()) {
            return Err(Failure::field(Reason::Invalid, "--replace")
                .value(order.as_str())
                .detail(words!(
                    "The vendor's order number is needed",
                    "Нужен номер заказа у поставщика"
                )));
        }
        Ok(())
    }

    /// Another service has the order, or a person has called it somebody else's.
    pub(super) async fn is_somebody_elses(&self, order: &VendorOrderId) -> Result<bool, Failure> {
        Ok(self.foreign().contains(order.as_str()) || self.other_owner(order).await?.is_some())
    }

    /// Whether a person has something to settle here.
    #[must_use]
    pub fn can_be_settled(&self) -> bool {
        let served = self.served().without_old_renewals(self.clock.now());
        self.unsettled().is_ok()
            || self.given_to_person().is_some()
            || self.has_old_renewal()
            || served.is_some()
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

    pub(super) fn unsettled(&self) -> Result<Intent, Failure> {
        self.intent
            .clone()
            .filter(|intent| intent.state.is_unsettled())
            .ok_or_else(|| {
                Failure::field(Reason::Missing, intent::PARAMETER).detail(words!(
                    "The service has no order whose outcome is unknown",
                    "У услуги нет заказа с неизвестным результатом"
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_form_is_an_open_question_as_far_as_it_can_be_made_out() {
        let now = DateTime::from_timestamp(1_775_000_000, 0).unwrap();
        let key = "ABCDEFGHIJKLMNOPQ234";
        let text = format!("2|placed|prolong|{key}|3|1774000000|55|4:0a1b2c3d|top=5|7700|more");
        let intent = made_out(&text, now).unwrap();
        assert_eq!(intent.operation, Operation::Prolong);
        assert_eq!((intent.state, intent.order), (State::Unknown, None));
        assert_eq!(
            (intent.key.as_str(), intent.since.timestamp()),
            (key, 1_774_000_000)
        );
        assert_eq!(intent.login.unwrap().mark, "0a1b2c3d");
        let bare = made_out(&format!("3|{key}|open"), now).unwrap();
        assert_eq!((bare.since, bare.login), (now, None));
        for unreadable in ["9|odd", "2|open|x", &format!("2|{key}|buy")] {
            assert_eq!(made_out(unreadable, now), None, "{unreadable}");
        }
    }
}
