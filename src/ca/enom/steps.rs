//! The free steps after the purchase: configure the slot, submit it to the authority (enom.md 8, 9, 14).
//!
//! What has been done is read from the slot itself, so that a run that died anywhere is continued
//! without memory.

use super::client::Parameters;
use super::envelope::boolean;
use super::error::EnomError;
use super::mapping::{Plan, not_allowed, web_server};
use super::model::{Detail, approvers, number};
use super::progress::{self, State};
use super::{Enom, not_ready};
use crate::ca::OrderRef;
use crate::domain::text::{Bilingual, Words};
use crate::domain::{DomainName, Purchase, PurchaseKind, VendorOrderId};
use crate::failure::{Failure, Reason};

/// What has to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Configure and submit: it never was.
    Configure,
    /// The approver said no after an earlier submission; it may be configured and submitted anew.
    Revive,
    /// Nothing: it was submitted.
    Nothing,
}

impl Enom {
    pub(super) async fn continue_steps(
        &self,
        order: &OrderRef,
        purchase: &Purchase,
    ) -> Result<(), Failure> {
        // A reissue is one step.
        if matches!(purchase.kind, PurchaseKind::Reissue { .. }) {
            return Ok(());
        }
        let id = &order.order;
        let detail = self.client.cert_get_cert_detail(id.as_str()).await?;
        match next(id, &detail, purchase)? {
            Next::Configure => self.make_steps(id, purchase, &detail).await,
            // A decline is told by the order's state. Asking the approver again is a decision of its
            // own, or every look-up would send another mail.
            Next::Revive | Next::Nothing => Ok(()),
        }
    }

    /// Submits a declined slot anew, for a new attempt at the same order. Other slots are left to
    /// [`continue_steps`](Self::continue_steps).
    pub(super) async fn revive(
        &self,
        id: &VendorOrderId,
        purchase: &Purchase,
    ) -> Result<(), Failure> {
        let detail = self.client.cert_get_cert_detail(id.as_str()).await?;
        match next(id, &detail, purchase)? {
            Next::Revive => self.make_steps(id, purchase, &detail).await,
            Next::Configure | Next::Nothing => Ok(()),
        }
    }

    async fn make_steps(
        &self,
        id: &VendorOrderId,
        purchase: &Purchase,
        detail: &Detail,
    ) -> Result<(), Failure> {
        let plan = Plan::of(purchase)?;
        check_room(&plan, detail)?;
        let offered = if plan.is_configured(detail) {
            Vec::new()
        } else {
            self.configure(id, &plan, detail).await?
        };
        let mailbox = self.any_mailbox(id, &plan, &offered).await;
        self.check_approvers(id, &plan, offered).await?;
        let parameters = plan.submit(id.as_str(), mailbox.as_deref());
        self.submit_slot(id, parameters, purchase).await
    }

    /// Stores CSR and contacts; answers the mailboxes the vendor offers for the common name.
    async fn configure(
        &self,
        id: &VendorOrderId,
        plan: &Plan<'_>,
        detail: &Detail,
    ) -> Result<Vec<String>, Failure> {
        const STEP: &str = "CertConfigureCert";
        let server = web_server(plan.product, &detail.servers);
        let parameters = plan.configure(id.as_str(), server);
        let outcome = self.client.cert_configure_cert(parameters).await;
        let answer = outcome.map_err(|error| step_failure(id, STEP, error))?;
        let payload = answer.payload();
        if let Some(read) = payload.child("CSRData") {
            if read.value("Success").and_then(boolean) == Some(false) {
                return Err(refused(
                    id,
                    STEP,
                    words!("the CSR was not accepted", "CSR не принят"),
                ));
            }
            if let Some(name) = read.value("DomainName") {
                check_domain(id, STEP, name, plan.csr.common_name())?;
            }
        }
        Ok(approvers(payload))
    }

    /// Compares the chosen mailboxes with the vendor's own lists, which exist for bought slots only.
    async fn check_approvers(
        &self,
        id: &VendorOrderId,
        plan: &Plan<'_>,
        mut offered: Vec<String>,
    ) -> Result<(), Failure> {
        for (name, mailbox) in &plan.approvers {
            let Some(mailbox) = mailbox else { continue };
            let is_in = |list: &[String]| {
                list.iter()
                    .any(|known| known.eq_ignore_ascii_case(mailbox.as_str()))
            };
            // What the configuration answered is about the common name.
            let mut known = std::mem::take(&mut offered);
            for domain in lookups(name) {
                if is_in(&known) {
                    break;
                }
                known.extend(self.offered(id.as_str(), domain).await?);
            }
            // A vendor that offers nothing at all is left to judge at submission, which is free.
            if !known.is_empty() && !is_in(&known) {
                known.sort_unstable();
                known.dedup();
                return Err(not_allowed(mailbox, &known));
            }
        }
        Ok(())
    }

    /// The first mailbox that the vendor offers, for an order that is validated by file. None found is
    /// no obstacle: the vendor judges at submission, which is free.
    async fn any_mailbox(
        &self,
        id: &VendorOrderId,
        plan: &Plan<'_>,
        offered: &[String],
    ) -> Option<String> {
        let (name, _) = plan.approvers.first().filter(|_| plan.is_by_file())?;
        if let Some(first) = offered.first() {
            return Some(first.clone());
        }
        for domain in lookups(name) {
            let found = self.offered(id.as_str(), domain).await.unwrap_or_default();
            if let Some(first) = found.into_iter().next() {
                return Some(first);
            }
        }
        None
    }

    /// The mailboxes for a name; a refused name has none.
    pub(super) async fn offered(&self, id: &str, domain: &str) -> Result<Vec<String>, Failure> {
        match self.client.cert_get_approver_email(id, domain).await {
            Err(error) if error.data_refusal().is_some() => Ok(Vec::new()),
            outcome => Ok(outcome?),
        }
    }

    async fn submit_slot(
        &self,
        id: &VendorOrderId,
        parameters: Parameters,
        purchase: &Purchase,
    ) -> Result<(), Failure> {
        const STEP: &str = "CertPurchaseCert";
        let outcome = self.client.cert_purchase_cert(parameters).await;
        let error = match outcome {
            Ok(answer) => {
                let about = number::<u64>(answer.payload(), "CertID");
                return match about.map(|about| about.to_string()) {
                    Some(about) if about != id.as_str() => {
                        Err(
                            Failure::field(Reason::UnreadableAnswer, STEP).detail(words!(
                                "slot {id} was submitted, slot {about} answered",
                                "отправлен слот {id}, ответ о слоте {about}"
                            )),
                        )
                    }
                    _ => Ok(()),
                };
            }
            Err(EnomError::Send(failure)) if failure.never_left() => {
                return Err(EnomError::Send(failure).into());
            }
            Err(error) => error,
        };
        // Lost or refused: the slot tells whether it was submitted, now or by an earlier run.
        if let Ok(detail) = self.client.cert_get_cert_detail(id.as_str()).await
            && next(id, &detail, purchase).is_ok_and(|next| next == Next::Nothing)
        {
            return Ok(());
        }
        Err(step_failure(id, STEP, error))
    }
}

/// Reads the next step from the slot's state (enom.md 14).
fn next(id: &VendorOrderId, detail: &Detail, purchase: &Purchase) -> Result<Next, Failure> {
    if let Some(domain) = &detail.domain {
        check_domain(id, "CertGetCertDetail", domain, Some(&purchase.common_name))?;
    }
    let has_certificate = progress::certificate(detail).is_some();
    match progress::state(detail) {
        // A number that contradicts a certificate in hand is no reason to configure anew.
        Some(State::Blank) if !has_certificate => Ok(Next::Configure),
        Some(State::Declined) if !has_certificate => Ok(Next::Revive),
        Some(State::RefundedUnissued | State::RefundedIssued) if !has_certificate => {
            Err(Failure::new(Reason::OrderDead)
                .value(id.as_str())
                .detail(Words::verbatim(progress::words(detail))))
        }
        Some(State::Pending | State::Issued) => Ok(Next::Nothing),
        _ if has_certificate => Ok(Next::Nothing),
        _ => Err(not_ready(
            id,
            words!(
                "the vendor says '{}'",
                "поставщик сообщает '{}'",
                progress::words(detail)
            ),
        )),
    }
}

/// A slot with another name belongs to another order.
fn check_domain(
    id: &VendorOrderId,
    step: &str,
    shown: &str,
    expected: Option<&DomainName>,
) -> Result<(), Failure> {
    if DomainName::parse(shown).ok().as_ref() == expected {
        return Ok(());
    }
    let expected = expected.map_or_else(|| words!("another one", "другого"), Words::verbatim);
    Err(Failure::field(Reason::UnreadableAnswer, step).detail(words!(
        "slot {id} holds the name '{shown}' instead of {expected}: it may belong to another order", "в слоте {id} имя '{shown}' вместо {expected}: возможно, он относится к другому заказу"; expected
    )))
}

/// A list product takes as many names as its slot says.
fn check_room(plan: &Plan<'_>, detail: &Detail) -> Result<(), Failure> {
    let count = plan.approvers.len();
    match detail.names_allowed {
        Some(most) if plan.product.multi && u32::try_from(count).is_ok_and(|n| n > most) => Err(
            Failure::field(Reason::TooManyNames, "altname").detail(words!(
                "the paid slot takes {most} names, {count} were ordered",
                "оплаченный слот рассчитан на имён: {most}, а заказано: {count}"
            )),
        ),
        _ => Ok(()),
    }
}

/// What to ask mailboxes for: the registered name first, then the name itself (enom.md 9).
pub(super) fn lookups(name: &DomainName) -> impl Iterator<Item = &str> {
    let registrable = name.registrable();
    let own = Some(name.base()).filter(|own| Some(*own) != registrable);
    registrable.into_iter().chain(own)
}

/// A free step went wrong. The slot stays; another run looks at it before it does anything.
fn step_failure(id: &VendorOrderId, step: &'static str, error: EnomError) -> Failure {
    match error.data_refusal() {
        Some(refusal) => refused(id, step, refusal),
        None => error.into(),
    }
}

fn refused(id: &VendorOrderId, step: &str, refusal: impl Bilingual) -> Failure {
    Failure::field(Reason::PaidStepRefused, step)
        .value(id.as_str())
        .detail(refusal)
}
