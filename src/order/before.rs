//! Looks before a purchase: a database that lost its last writes (restored, cloned, failed over) does not know
//! what was bought, and would buy it again (design, law 4).

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::Desk;
use super::intent::{Intent, Operation, State};
use crate::ca::{Candidate, OrderRef, Placed, Reference, Sought, Stage, Wanted};
use crate::domain::{IntentKey, Purchase, VendorOrderId};
use crate::failure::{Failure, Kind, Reason};
use crate::log;
use crate::platform::{Patience, fields};

/// So many attempts beyond the coming one are looked for: those that the database has forgotten.
pub(super) const FORGOTTEN: u32 = 3;

/// Candidates whose state is asked for; more are told to a person as they are.
const MOST_ASKED: usize = 10;

/// The platform's day may have begun this long before the same day in UTC.
const EARLIER_DAY: TimeDelta = TimeDelta::hours(14);

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing that keeps from buying.
    Nothing,
    /// The order exists and is stored now.
    Exists,
}

impl Desk<'_> {
    /// Looks for an order that was bought already for this decision: on this machine, then at the vendor.
    ///
    /// # Errors
    /// Orders that may be this one: a person decides, nothing is bought. The vendor's and the platform's.
    pub(super) async fn look_before(
        &mut self,
        intent: &Intent,
        keys: &[IntentKey],
        purchase: &Purchase,
    ) -> Result<Before, Failure> {
        // A reissue costs nothing, and the order that it belongs to is known.
        if intent.operation == Operation::Reissue {
            return Ok(Before::Nothing);
        }
        for key in keys {
            let Some(placed) = self.spool.recall(self.item, key) else {
                self.take_up_sent(key).await?;
                continue;
            };
            log!(
                Order,
                Warning,
                "this machine remembers order {}, which the database does not know",
                placed.order
            );
            if self.adopt_found(intent, keys, placed).await? {
                return Ok(Before::Exists);
            }
        }
        let wanted = Wanted {
            purchase,
            references: keys.to_vec(),
            from: self.not_before(),
            now: self.clock.now(),
        };
        match self.authority.seek(&wanted).await? {
            Sought::Nothing => Ok(Before::Nothing),
            Sought::Blind(why) => {
                log!(
                    Order,
                    Info,
                    "whether such an order exists already cannot be seen: {why}"
                );
                Ok(Before::Nothing)
            }
            Sought::Proved(placed) => {
                log!(
                    Order,
                    Warning,
                    "the vendor has order {} with this service's reference, which the database does not know",
                    placed.order
                );
                if self.adopt_found(intent, keys, placed).await? {
                    Ok(Before::Exists)
                } else {
                    Ok(Before::Nothing)
                }
            }
            Sought::Candidates(candidates) => {
                let open = self.open_candidates(candidates).await?;
                if open.is_empty() {
                    return Ok(Before::Nothing);
                }
                Err(self.ask_about(intent, &open).await?)
            }
        }
    }

    /// A call that this machine has sent and that the database does not know of: it is looked up, never sent
    /// again. Attempts that are settled in the database are never the coming ones.
    async fn take_up_sent(&mut self, key: &IntentKey) -> Result<(), Failure> {
        let Some(text) = self.spool.sent(self.item, key) else {
            return Ok(());
        };
        let Ok(sent) = Intent::from_text(&text) else {
            return Ok(());
        };
        log!(
            Order,
            Warning,
            "this machine remembers that order {key} was sent, which the database does not know"
        );
        self.save_intent(sent.with_state(State::Unknown), Patience::Once)
            .await?;
        Err(Failure::new(Reason::OutcomeUnknown)
            .value(key.as_str())
            .detail("this machine has sent the order before, and the database does not know of it: it is looked up by the next run"))
    }

    /// Takes over an order that carries one of our keys, unless it is dead.
    async fn adopt_found(
        &mut self,
        intent: &Intent,
        keys: &[IntentKey],
        placed: Placed,
    ) -> Result<bool, Failure> {
        if self.is_dead(&placed.order).await? {
            return Ok(false);
        }
        let carried = placed
            .references
            .iter()
            .find(|(kind, _)| *kind == Reference::Client);
        let place = carried.and_then(|(_, value)| keys.iter().position(|k| k.as_str() == value));
        let ahead = place.unwrap_or_default();
        let found = Intent {
            attempt: intent.attempt + u32::try_from(ahead).unwrap_or_default(),
            key: keys.get(ahead).unwrap_or(&intent.key).clone(),
            since: self.clock.now(),
            ..intent.with_state(State::Unknown)
        };
        let owned = self.own(&found, placed).await?;
        self.adopt(&found, &owned).await?;
        Ok(true)
    }

    /// The candidates that no service holds, that no person has called somebody else's, and that live.
    pub(super) async fn open_candidates(
        &self,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, Failure> {
        let foreign = self.foreign();
        let own = [
            self.order_number(),
            self.service
                .parameter(fields::PREVIOUS_ORDER)
                .map(VendorOrderId::new),
        ];
        let mut open = Vec::new();
        for (number, candidate) in candidates.into_iter().enumerate() {
            let order = &candidate.order;
            if foreign.contains(order.as_str())
                || own.iter().flatten().any(|known| known == order)
                || self.other_owner(order).await?.is_some()
                || (number < MOST_ASKED && self.is_dead(order).await?)
            {
                continue;
            }
            open.push(candidate);
        }
        Ok(open)
    }

    /// Whether the vendor says that no certificate will come of an order. What it cannot say is no death.
    async fn is_dead(&self, order: &VendorOrderId) -> Result<bool, Failure> {
        let Some(template) = self.service.template.clone() else {
            return Ok(false);
        };
        let reference = OrderRef {
            order: order.clone(),
            template,
            csr_pem: self.service.csr.clone(),
        };
        match self.authority.status(&reference).await {
            Ok(progress) => Ok(matches!(
                progress.stage,
                Stage::Cancelled(_) | Stage::Expired
            )),
            Err(failure) if matches!(failure.kind(), Kind::Transient | Kind::Auth) => Err(failure),
            Err(_) => Ok(false),
        }
    }

    /// Stores that the outcome is open, for a person to settle; the failure that tells why.
    async fn ask_about(
        &mut self,
        intent: &Intent,
        candidates: &[Candidate],
    ) -> Result<Failure, Failure> {
        let open = Intent {
            since: self.clock.now(),
            ..intent.with_state(State::Unknown)
        };
        self.save_intent(open, Patience::Once).await?;
        Ok(Failure::new(Reason::OutcomeForPerson)
            .value(intent.key.as_str())
            .detail(format!(
                "the vendor has orders that may be this one and that no service has: {}",
                listed(candidates)
            )))
    }

    /// Older orders are not meant: the service did not exist, or a later decision is stored.
    pub(super) fn not_before(&self) -> DateTime<Utc> {
        let created = self.service.created.map(|day| day.and_time(NaiveTime::MIN));
        let created = created.map(|at| at.and_utc() - EARLIER_DAY);
        let decided = self.intent.as_ref().map(|intent| intent.since);
        created
            .max(decided)
            .unwrap_or_else(|| self.clock.now() - TimeDelta::days(1))
    }
}

/// Candidates for people.
pub(super) fn listed(candidates: &[Candidate]) -> String {
    let texts: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
