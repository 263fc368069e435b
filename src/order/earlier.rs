//! Earlier attempts of a decision, which count as refused or not placed: the vendor may have an order of one all the same,
//! when a request was delivered twice and the second was refused, or when one came later than anything is waited for.
//! What was asked for then is not known any more, so that a person decides, and nothing is bought meanwhile.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::OrderSession;
use super::intent::{self, Intent, Operation, State};
use super::port::{Candidate, Placed, Reference, Sought, Wanted};
use crate::domain::{IntentKey, ItemId, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::platform::details::Details;
use crate::platform::fields;

/// So many attempts back are looked for, as many as ahead.
const BACK: u32 = super::before::FORGOTTEN;

/// What was found of earlier attempts.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Orders that live and that no service has.
    pub(super) open: Vec<Candidate>,
    /// Those that another service has.
    pub(super) held: Vec<(VendorOrderId, ItemId)>,
}

impl OrderSession<'_> {
    /// The references of the attempts before this one: none where what is stored is another decision, or an attempt whose
    /// order lives.
    pub(super) fn earlier_keys(
        &self,
        intent: &Intent,
        details: &Details,
    ) -> Result<Vec<IntentKey>, Failure> {
        let stored = self.intent.as_ref().filter(|stored| {
            stored.operation == intent.operation
                && stored.login == intent.login
                && (matches!(
                    stored.state,
                    State::Rejected | State::Prepared | State::Dead
                ) || stored.state.is_unsettled())
        });
        let Some(stored) = stored.filter(|_| intent.operation != Operation::Reissue) else {
            return Ok(Vec::new());
        };
        let first = intent.attempt.saturating_sub(BACK).max(1);
        let mut keys = self.keys_of(intent.operation, details, first..intent.attempt)?;
        if stored.key != intent.key && !keys.contains(&stored.key) {
            keys.push(stored.key.clone());
        }
        Ok(keys)
    }

    /// The keys of some attempts of a decision.
    pub(super) fn keys_of(
        &self,
        operation: Operation,
        details: &Details,
        attempts: Range<u32>,
    ) -> Result<Vec<IntentKey>, Failure> {
        let subject = self.subject(operation, details);
        let installation = self.platform.installation()?;
        let key = |attempt| intent::key(&installation, self.item, operation, &subject, attempt);
        Ok(attempts.map(key).collect())
    }

    /// What the vendor shows under some references or of the purchase's name, and beside it all that carries the reference
    /// of an earlier attempt, which would hide the rest. What was passed over is not shown again.
    ///
    /// # Errors
    /// The vendor's.
    pub(super) async fn seek_beyond(
        &self,
        purchase: &Purchase,
        earlier: &[IntentKey],
        keys: &[IntentKey],
        from: DateTime<Utc>,
        passed: &mut Vec<VendorOrderId>,
    ) -> Result<(Sought, Vec<Candidate>), Failure> {
        let mut left = Vec::new();
        loop {
            let wanted = Wanted {
                purchase,
                references: earlier.iter().chain(keys).cloned().collect(),
                passed: passed.clone(),
                from,
                now: self.clock.now(),
            };
            let candidate = match self.authority.seek(&wanted).await? {
                Sought::Proved(placed) if carries(&placed, earlier) => {
                    Candidate::named(placed.order.as_str(), None)
                }
                Sought::OtherName(other, key) if earlier.contains(&key) => other,
                found => return Ok((found, left)),
            };
            pass_over(passed, candidate.order.clone())?;
            left.push(candidate);
        }
    }

    /// Those of them that matter still: not over, not this service's own, and not called somebody else's.
    ///
    /// # Errors
    /// The vendor's and the platform's.
    pub(super) async fn left_over(&self, found: Vec<Candidate>) -> Result<Left, Failure> {
        let foreign = self.foreign();
        let own = self.order_number();
        let ended = self.intent.as_ref().and_then(|stored| stored.order.clone());
        let former = self.service.parameter(fields::PREVIOUS_ORDER);
        let mut left = Left::default();
        for candidate in found {
            let order = &candidate.order;
            let is_own = [&own, &ended].into_iter().flatten().any(|own| own == order);
            if is_own
                || former == Some(order.as_str())
                || foreign.contains(order.as_str())
                || self.is_dead(order).await?
            {
                continue;
            }
            match self.other_owner(order).await? {
                // A database that was set back has given the number of that service out again.
                Some(_) if candidate.name.is_some() => {}
                Some(other) => left.held.push((order.clone(), other)),
                None => left.open.push(candidate),
            }
        }
        Ok(left)
    }

    /// Asks a person about what an earlier attempt has bought, before anything is bought again.
    ///
    /// # Errors
    /// The question, where there is something to ask; the vendor's and the platform's.
    pub(super) async fn ask_about_earlier(
        &mut self,
        intent: &Intent,
        found: Vec<Candidate>,
    ) -> Result<(), Failure> {
        let left = self.left_over(found).await?;
        let words = match (left.held.first(), left.open.is_empty()) {
            (Some((order, other)), _) => words!(
                "order {order} carries the reference of an earlier attempt for this service, and service {other} has it",
                "заказ {order} помечен ключом одной из прошлых попыток этой услуги, но принадлежит услуге {other}"
            ),
            (None, false) => words!(
                "an earlier attempt, which counts as failed, has left an order at the vendor: {}",
                "от прошлой попытки, считавшейся неудачной, у поставщика остался заказ: {}",
                super::before::listed(&left.open)
            ),
            (None, true) => return Ok(()),
        };
        Err(self.ask_as(intent.clone(), &words).await?)
    }
}

/// Whether an order carries one of these references.
fn carries(placed: &Placed, keys: &[IntentKey]) -> bool {
    let is_one = |value: &String| keys.iter().any(|key| key.as_str() == value);
    let mut references = placed.references.iter();
    references.any(|(kind, value)| *kind == Reference::Client && is_one(value))
}

/// Notes an order that is not meant.
///
/// # Errors
/// It was shown again: nothing is bought by an answer that does not heed the question.
pub(super) fn pass_over(
    passed: &mut Vec<VendorOrderId>,
    order: VendorOrderId,
) -> Result<(), Failure> {
    if passed.contains(&order) {
        return Err(Failure::new(Reason::Internal).detail(words!(
            "order {order}, which is not meant, was shown again",
            "заказ {order}, который не имеется в виду, показан снова"
        )));
    }
    passed.push(order);
    Ok(())
}
