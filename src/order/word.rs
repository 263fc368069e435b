//! A person's word about an order (`pmssl resolve`): what the vendor shows first, then what the person decides.
//! Nothing here can order.

use chrono::{DateTime, Utc};

use super::Desk;
use super::intent::{self, Books, Intent, Operation, State, is_key, is_order_number};
use super::port::{Candidate, Located, OrderRef, Placed, Proof, Sought, Token};
use super::purchase::renewal;
use super::served;
use crate::domain::text::Words;
use crate::domain::{IntentKey, ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::details::Details;
use crate::platform::{CertificateStatus, Patience, fields};

/// So many attempts of one decision are told by their keys.
const MOST_ATTEMPTS: u32 = 20;

/// What the vendor shows about an order whose outcome is not known.
#[derive(Debug, Default)]
pub struct Evidence {
    /// An order that is ours, and why.
    pub proved: Option<(VendorOrderId, Proof)>,
    /// Orders that are ours by their reference or number, and that another service has.
    pub held: Vec<(VendorOrderId, ItemId)>,
    /// Orders that may be ours, that no service has and that no person has called somebody else's.
    pub candidates: Vec<Candidate>,
    /// Before this moment nothing is proved.
    pub too_early: Option<DateTime<Utc>>,
    /// Why the vendor cannot tell. It shows no order that may be ours: those are candidates.
    pub blind: Option<Words>,
}

impl Evidence {
    /// Without orders that a person calls somebody else's.
    #[must_use]
    pub fn without(mut self, foreign: &[VendorOrderId]) -> Self {
        self.proved = self.proved.filter(|(order, _)| !foreign.contains(order));
        self.candidates.retain(|one| !foreign.contains(&one.order));
        self.held.retain(|(order, _)| !foreign.contains(order));
        self
    }
}

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
        books: fields().find_map(Books::read),
        token: Token::default(),
        order: None,
    })
}

impl Desk<'_> {
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

    /// Looks at the vendor for an order that waits for a person's word, and changes nothing.
    ///
    /// # Errors
    /// Nothing is unsettled; the vendor cannot be asked; the platform's.
    pub async fn evidence(&self) -> Result<Evidence, Failure> {
        let intent = match self.open_question() {
            Some(intent) => intent,
            None => self.unsettled()?,
        };
        if intent.books != self.books {
            return Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(self.other_books(&intent)));
        }
        let details = Details::read(self.platform, &self.service, self.template()?).await?;
        let earlier = self.earlier_keys(&intent, &details)?;
        let purchase = self.purchase(&intent, details)?;
        let now = self.clock.now();
        let mut evidence = Evidence::default();
        let located = self
            .authority
            .locate(&purchase, &intent.token, intent.since, now)
            .await?;
        let mut candidates = match located {
            Located::Found(placed, proof) if self.is_somebody_elses(&placed.order).await? => {
                // Two services may have one CSR.
                if proof != Proof::Csr {
                    evidence.held.extend(self.held(placed.order).await?);
                }
                Vec::new()
            }
            Located::Found(placed, Proof::Csr) if self.has_no_picture(&intent) => {
                vec![Candidate {
                    same_csr: true,
                    ..Candidate::named(placed.order.as_str(), None)
                }]
            }
            Located::Found(placed, proof) => {
                evidence.proved = Some((placed.order, proof));
                return Ok(evidence);
            }
            Located::Candidates(candidates) => candidates,
            Located::TooEarly(until) => {
                evidence.too_early = Some(until);
                Vec::new()
            }
            Located::CannotTell(why) => {
                evidence.blind = Some(why);
                Vec::new()
            }
            Located::NotPlaced | Located::Resendable => Vec::new(),
        };
        if intent.operation != Operation::Reissue {
            let keys = std::slice::from_ref(&intent.key);
            let mut seen = Vec::new();
            let (found, left) = self
                .seek_beyond(&purchase, &earlier, keys, intent.since, &mut seen)
                .await?;
            let left = self.left_over(left).await?;
            candidates.extend(left.open);
            evidence.held.extend(left.held);
            match found {
                Sought::Proved(placed) if self.is_somebody_elses(&placed.order).await? => {
                    evidence.held.extend(self.held(placed.order).await?);
                }
                Sought::OtherName(other, _) => candidates.push(other),
                Sought::Proved(placed) => {
                    evidence.proved = Some((placed.order, Proof::Reference));
                    return Ok(evidence);
                }
                Sought::Candidates(more) => {
                    let known = |one: &Candidate| candidates.iter().all(|c| c.order != one.order);
                    let new: Vec<Candidate> = more.into_iter().filter(known).collect();
                    candidates.extend(new);
                }
                Sought::Nothing | Sought::Blind(_) => {}
            }
        }
        evidence.candidates = self.open_candidates(candidates).await?;
        Ok(evidence)
    }

    /// An order with the service that has it, unless a person has called it somebody else's.
    async fn held(&self, order: VendorOrderId) -> Result<Option<(VendorOrderId, ItemId)>, Failure> {
        if self.foreign().contains(order.as_str()) {
            return Ok(None);
        }
        let owner = self.other_owner(&order).await?;
        Ok(owner.map(|owner| (order, owner)))
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
        let intent = self.adoptable().map_or_else(|| self.unsettled(), Ok)?;
        let number = order.as_str();
        if intent.books != self.books {
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail(self.other_books(&intent)));
        }
        if !is_order_number(number) {
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail(words!(
                    "The vendor's order number is needed",
                    "Нужен номер заказа у поставщика"
                )));
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
        if self.is_to_be_renewed(&intent, order)? {
            let vendor = self.authority.abilities().vendor;
            return Err(Failure::field(Reason::Invalid, "--adopt")
                .value(number)
                .detail(words!(
                    "It is the order to be renewed. The renewal has a number of its own at {vendor}: name that one, or say --not-placed if there is none",
                    "Это продлеваемый заказ. У продления в {vendor} свой номер: укажите его или, если такого заказа нет, --not-placed"
                )));
        }
        let progress = self.authority.status(&reference).await?;
        let placed = Placed {
            order: order.clone(),
            references: progress.references,
            validation: progress.validation,
            remark: None,
        };
        // The later word counts.
        self.take_back_foreign(order).await?;
        let owned = self.own_found(&intent, placed).await?;
        self.adopt(&intent, &owned).await?;
        self.take_back_from_person().await
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
                return Ok(());
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
            return self.save_intent(freed, Patience::Once).await;
        }
        match self.unsettled() {
            Ok(intent) => {
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
        if self.unsettled().is_ok() {
            return Err(Failure::field(Reason::Invalid, "--replace")
                .value(order.as_str())
                .detail(words!("The outcome of an order is unknown: settle it with --adopt or --not-placed first", "Исход заказа неизвестен: сначала решите его ключом --adopt или --not-placed")));
        }
        if !is_order_number(order.as_str()) {
            return Err(Failure::field(Reason::Invalid, "--replace")
                .value(order.as_str())
                .detail(words!(
                    "The vendor's order number is needed",
                    "Нужен номер заказа у поставщика"
                )));
        }
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
        let former = self.order_number();
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
        if let Some(former) = former.filter(|former| former != order) {
            self.save(fields::PREVIOUS_ORDER, former.as_str(), Patience::Once)
                .await?;
        }
        let parameter = self.module.order_parameter;
        self.save(parameter, order.as_str(), Patience::Once).await?;
        self.take_back_from_person().await?;
        self.save_validation(&progress.validation).await?;
        self.set_status(CertificateStatus::Enrolled).await
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

    fn unsettled(&self) -> Result<Intent, Failure> {
        self.intent
            .clone()
            .filter(|intent| intent.state.is_unsettled())
            .ok_or_else(|| {
                Failure::field(Reason::Missing, intent::PARAMETER).detail(words!(
                    "The service has no order whose outcome is unknown",
                    "У услуги нет заказа с неизвестным исходом"
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
        assert_eq!(intent.books.unwrap().mark, "0a1b2c3d");
        let bare = made_out(&format!("3|{key}|open"), now).unwrap();
        assert_eq!((bare.since, bare.books), (now, None));
        for unreadable in ["9|odd", "2|open|x", &format!("2|{key}|buy")] {
            assert_eq!(made_out(unreadable, now), None, "{unreadable}");
        }
    }
}
