//! What the vendor shows about an order whose outcome is not known, for a person who decides (`pmssl resolve`). Nothing
//! here can order or writes.

use chrono::{DateTime, Utc};

use super::OrderSession;
use super::earlier::pass_over;
use super::intent::{Intent, Operation};
use super::port::{Candidate, Located, Proof, Sought};
use crate::domain::text::Words;
use crate::domain::{IntentKey, ItemId, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::details::Details;

/// What the vendor shows.
#[derive(Debug, Default)]
pub struct Evidence {
    /// Orders that are ours, and why. More than one: a request was delivered twice.
    pub proved: Vec<(VendorOrderId, Proof)>,
    /// Orders that are ours by their reference or number, and that another service has.
    pub held: Vec<(VendorOrderId, ItemId)>,
    /// Orders that may be ours, that no service has and that no person has called somebody else's.
    pub candidates: Vec<Candidate>,
    /// Before this moment nothing is proved.
    pub too_early: Option<DateTime<Utc>>,
    /// Why the vendor cannot tell. It shows no order that may be ours: those are candidates.
    pub blind: Option<Words>,
}

impl OrderSession<'_> {
    /// Looks at the vendor for an order that waits for a person's word, and changes nothing. What the person calls
    /// somebody else's now, or has called so before, is not shown and hides nothing.
    ///
    /// # Errors
    /// Nothing is unsettled; the vendor cannot be asked; the platform's.
    pub async fn evidence(&self, foreign: &[VendorOrderId]) -> Result<Evidence, Failure> {
        let intent = match self.open_question() {
            Some(intent) => intent,
            None => self.unsettled()?,
        };
        if intent.login != self.login {
            return Err(Failure::new(Reason::OutcomeForPerson)
                .value(intent.key.as_str())
                .detail(self.other_login(&intent)));
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
        let mut candidates = Vec::new();
        match located {
            Located::Found(placed, _) if foreign.contains(&placed.order) => {}
            Located::Found(placed, proof) if self.is_somebody_elses(&placed.order).await? => {
                // Two services may have one CSR.
                if proof != Proof::Csr {
                    evidence.held.extend(self.held(placed.order).await?);
                }
            }
            Located::Found(placed, Proof::Csr) if self.has_no_snapshot(&intent) => {
                candidates.push(Candidate {
                    same_csr: true,
                    ..Candidate::named(placed.order.as_str(), None)
                });
            }
            Located::Found(placed, proof) => evidence.proved.push((placed.order, proof)),
            Located::Candidates(shown) => candidates = shown,
            Located::TooEarly(until) => evidence.too_early = Some(until),
            Located::CannotTell(why) => evidence.blind = Some(why),
            Located::NotPlaced | Located::Resendable => {}
        }
        if intent.operation != Operation::Reissue {
            let seek = self.seek_all(&intent, &purchase, &earlier, foreign, &mut evidence);
            match seek.await {
                Ok(more) => candidates.extend(more),
                // What is proved is told, whatever else cannot be seen.
                Err(failure) if !evidence.proved.is_empty() => {
                    log!(
                        Order,
                        Warning,
                        "whether the order was made twice cannot be seen: {}",
                        failure.chain()
                    );
                }
                Err(failure) => return Err(failure),
            }
        }
        let mut candidates = self.open_candidates(candidates).await?;
        let mut known: Vec<VendorOrderId> = foreign.to_vec();
        known.extend(evidence.proved.iter().map(|(order, _)| order.clone()));
        candidates.retain(|candidate| {
            let is_new = !known.contains(&candidate.order);
            known.push(candidate.order.clone());
            is_new
        });
        evidence.candidates = candidates;
        Ok(evidence)
    }

    /// Everything that carries the intent's reference or that of an earlier attempt, and what else may be ours: one order
    /// of a reference hides the others, so that the vendor is asked until it shows no more.
    ///
    /// # Errors
    /// The vendor's and the platform's.
    async fn seek_all(
        &self,
        intent: &Intent,
        purchase: &Purchase,
        earlier: &[IntentKey],
        foreign: &[VendorOrderId],
        evidence: &mut Evidence,
    ) -> Result<Vec<Candidate>, Failure> {
        let keys = std::slice::from_ref(&intent.key);
        let mut passed: Vec<VendorOrderId> = foreign.to_vec();
        passed.extend(evidence.proved.iter().map(|(order, _)| order.clone()));
        passed.extend(evidence.held.iter().map(|(order, _)| order.clone()));
        let mut candidates = Vec::new();
        loop {
            let seek = self.seek_beyond(purchase, earlier, keys, intent.since, &mut passed);
            let (found, left) = seek.await?;
            let left = self.left_over(left).await?;
            candidates.extend(left.open);
            evidence.held.extend(left.held);
            match found {
                Sought::Proved(placed) => {
                    pass_over(&mut passed, placed.order.clone())?;
                    if self.is_somebody_elses(&placed.order).await? {
                        evidence.held.extend(self.held(placed.order).await?);
                    } else {
                        evidence.proved.push((placed.order, Proof::Reference));
                    }
                }
                Sought::OtherName(other, _) => {
                    pass_over(&mut passed, other.order.clone())?;
                    candidates.push(other);
                }
                // Where one is proved, likeness tells nothing.
                Sought::Candidates(more) if evidence.proved.is_empty() => {
                    candidates.extend(more);
                    return Ok(candidates);
                }
                Sought::Candidates(_) | Sought::Nothing | Sought::Blind(_) => {
                    return Ok(candidates);
                }
            }
        }
    }

    /// An order with the service that has it, unless a person has called it somebody else's.
    async fn held(&self, order: VendorOrderId) -> Result<Option<(VendorOrderId, ItemId)>, Failure> {
        if self.foreign().contains(order.as_str()) {
            return Ok(None);
        }
        let owner = self.other_owner(&order).await?;
        Ok(owner.map(|owner| (order, owner)))
    }
}
