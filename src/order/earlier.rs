//! Earlier attempts of a decision, which count as refused or not placed: the vendor may have an order of one all the same,
//! when a request was delivered twice and the second was refused, or when one came later than anything is waited for.

use super::Desk;
use super::intent::{self, Intent, Operation, State};
use super::port::{Candidate, Placed, Reference};
use crate::domain::IntentKey;
use crate::failure::Failure;
use crate::log;
use crate::platform::details::Details;
use crate::platform::fields;

/// So many attempts back are looked for, as many as ahead.
const BACK: u32 = super::before::FORGOTTEN;

/// An attempt that came before.
#[derive(Debug)]
pub(super) struct Earlier {
    pub(super) intent: Intent,
    /// It asked for what is asked for now: name, request and product.
    same_request: bool,
}

/// Those that came before, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Attempts(Vec<Earlier>);

impl Attempts {
    /// Their references.
    pub(super) fn keys(&self) -> impl Iterator<Item = &IntentKey> {
        self.0.iter().map(|earlier| &earlier.intent.key)
    }

    /// The attempt with this reference, which is looked for no longer.
    pub(super) fn take(&mut self, key: &str) -> Option<Earlier> {
        let known = |earlier: &Earlier| earlier.intent.key.as_str() == key;
        let at = self.0.iter().position(known)?;
        Some(self.0.remove(at))
    }

    /// The attempt that an order carries the reference of, as [`take`](Self::take).
    pub(super) fn take_carried(&mut self, placed: &Placed) -> Option<Earlier> {
        let mut references = placed.references.iter();
        let (_, key) = references.find(|(kind, _)| *kind == Reference::Client)?;
        self.take(key)
    }
}

impl Desk<'_> {
    /// The attempts before this one: by their numbers, and the one that is stored, whatever it asked for.
    pub(super) fn earlier_attempts(
        &self,
        intent: &Intent,
        details: &Details,
    ) -> Result<Attempts, Failure> {
        if intent.operation == Operation::Reissue {
            return Ok(Attempts::default());
        }
        let subject = self.subject(intent.operation, details);
        let installation = self.platform.installation()?;
        let first = intent.attempt.saturating_sub(BACK).max(1);
        let mut earlier: Vec<Earlier> = (first..intent.attempt)
            .map(|attempt| Earlier {
                intent: Intent {
                    attempt,
                    key: intent::key(
                        &installation,
                        self.item,
                        intent.operation,
                        &subject,
                        attempt,
                    ),
                    ..intent.clone()
                },
                same_request: true,
            })
            .collect();
        let stored = self.intent.as_ref().filter(|stored| {
            stored.state == State::Rejected
                && stored.operation == intent.operation
                && stored.books == intent.books
                && stored.key != intent.key
                && earlier.iter().all(|one| one.intent.key != stored.key)
        });
        if let Some(stored) = stored {
            earlier.push(Earlier {
                intent: stored.clone(),
                same_request: false,
            });
        }
        Ok(Attempts(earlier))
    }

    /// Takes over the order of an earlier attempt; `false` where it is over or settled by a person's word.
    ///
    /// # Errors
    /// Another service has it, or it was ordered with another request: a person decides, nothing is bought. The vendor's
    /// and the platform's.
    pub(super) async fn adopt_earlier(
        &mut self,
        intent: &Intent,
        earlier: &Earlier,
        placed: Placed,
    ) -> Result<bool, Failure> {
        let order = &placed.order;
        let is_known = self.order_number().as_ref() == Some(order)
            || self.service.parameter(fields::PREVIOUS_ORDER) == Some(order.as_str());
        if is_known || self.foreign().contains(order.as_str()) || self.is_dead(order).await? {
            return Ok(false);
        }
        if let Some(other) = self.other_owner(order).await? {
            let words = words!(
                "order {} was bought for this service by an earlier attempt, and service {other} has it",
                "заказ {} куплен для этой услуги одной из прошлых попыток, но он есть у услуги {other}",
                order
            );
            return Err(self.ask_as(intent.clone(), &words).await?);
        }
        if !earlier.same_request {
            let words = words!(
                "an earlier attempt, which counts as failed, has bought order {} with another request (CSR, name or product)",
                "прошлая попытка, считавшаяся неудачной, купила заказ {} с другим запросом (CSR, имя или продукт)",
                order
            );
            return Err(self.ask_as(intent.clone(), &words).await?);
        }
        log!(
            Order,
            Warning,
            "order {order} carries the reference of attempt {}, which counts as failed: it is taken over",
            earlier.intent.attempt
        );
        self.take_over(intent, &earlier.intent, placed).await?;
        Ok(true)
    }

    /// The same of an order for another name: nothing is bought before a person has said whose it is.
    pub(super) async fn ask_about_earlier(
        &mut self,
        intent: &Intent,
        other: &Candidate,
    ) -> Result<Option<Failure>, Failure> {
        if self.is_somebody_elses(&other.order).await? || self.is_dead(&other.order).await? {
            return Ok(None);
        }
        let words = super::before::of_other_name(other);
        Ok(Some(self.ask_as(intent.clone(), &words).await?))
    }
}
