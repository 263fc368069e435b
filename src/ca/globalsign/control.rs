//! Calls around an order that buy nothing: questions beforehand, approver lists, proofs.

use super::codes::Class;
use super::error::GlobalSignError;
use super::mapping::Plan;
use super::product::ProofMethod;
use super::{GlobalSign, STATUS_PARTS, model, progress, validation};
use crate::ca::{OrderRef, Stage};
use crate::domain::{DomainName, EmailAddress, Purchase, PurchaseKind};
use crate::failure::{Failure, FailureKind, Reason};

impl GlobalSign {
    /// Everything the wire needs is checked here; then the vendor is asked with
    /// ValidateOrderParameters. Its price is logged and not held against the balance: accounts with
    /// credit may order below zero, and an order that is too dear is refused as a whole (-6101).
    pub(super) async fn ask_beforehand(&self, purchase: &Purchase) -> Result<(), Failure> {
        let plan = Plan::of(purchase)?;
        let ordering = self.ordering();
        // The number is not known yet; any will do to see whether the rest is complete.
        ordering.call(purchase, &plan, "0")?;
        if let PurchaseKind::Reissue { .. } = purchase.kind {
            return Ok(());
        }
        let request = ordering.validate(purchase, &plan);
        match self.client.validate_order_parameters(request).await {
            Ok(answer) => {
                if let (Some(price), Some(currency)) = (answer.reply.price, answer.reply.currency) {
                    crate::log!(Order, Info, "the vendor's price is {price} {currency}");
                }
                Ok(())
            }
            Err(error) => {
                // A question in a form the vendor does not take, or an answer nobody understands, is
                // a question that could not be asked; the order itself will tell.
                let asked = matches!(
                    error.class(),
                    Some(
                        Class::Credentials
                            | Class::Address
                            | Class::Locked
                            | Class::Funds
                            | Class::Refused
                            | Class::RefusedOrDone
                            | Class::NoOrder
                    )
                );
                let never_left = matches!(
                    &error,
                    GlobalSignError::Send(failure) if failure.never_left()
                );
                let failure = error.into_read_failure("ValidateOrderParameters");
                if asked || never_left {
                    return Err(failure);
                }
                crate::log!(
                    Order,
                    Warning,
                    "the vendor could not be asked about the order beforehand: {failure}"
                );
                Ok(())
            }
        }
    }

    /// Looks first: an order that is issued already needs no proof. Then every host is tried at which
    /// the record or file may stand, since one of the listed ones is enough.
    pub(super) async fn verify(&self, order: &OrderRef, name: &DomainName) -> Result<(), Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        if progress::stage(&detail) == Stage::Issued {
            return Ok(());
        }
        let proof = validation::proof_of(&detail)
            .filter(|proof| *proof != ProofMethod::Email)
            .ok_or_else(|| {
                Failure::field(Reason::NotSupported, "verify now").detail(words!(
                    "the order is not validated by TXT record or file",
                    "заказ подтверждается не записью TXT и не файлом"
                ))
            })?;
        let number = order.order.as_str();
        let mut last_word: Option<Failure> = None;
        for host in validation::proof_hosts(name) {
            let (operation, outcome) = self.verify_at(number, proof, host).await;
            let Err(error) = outcome else {
                return Ok(());
            };
            let goes_on = matches!(
                error.class(),
                Some(Class::NoProof | Class::Refused | Class::Form)
            );
            let failure = error.into_read_failure(operation);
            if !goes_on {
                return Err(failure);
            }
            // A missing proof says more than a host that is not one of the order's.
            if failure.kind() == FailureKind::Pending {
                last_word = Some(failure.value(number));
            } else {
                last_word.get_or_insert(failure);
            }
        }
        Err(last_word.unwrap_or_else(|| Failure::new(Reason::NotReady).value(number)))
    }

    /// One look at one host.
    async fn verify_at(
        &self,
        number: &str,
        proof: ProofMethod,
        host: &str,
    ) -> (&'static str, Result<(), GlobalSignError>) {
        let (operation, outcome) = if proof == ProofMethod::Dns {
            let outcome = self.client.dv_dns_verification_for_issue(number, host);
            ("DVDNSVerificationForIssue", outcome.await)
        } else {
            let url = format!("http://{host}");
            let outcome = self.client.url_verification_for_issue(number, &url);
            ("URLVerificationForIssue", outcome.await)
        };
        (operation, outcome.map(|_| ()))
    }
}

/// Addresses of an approver list; what is no address is left out.
pub(super) fn approvers(reply: &model::reply::Approvers) -> Vec<EmailAddress> {
    let mut addresses: Vec<EmailAddress> = Vec::new();
    for entry in reply.approvers.iter().flat_map(|list| &list.entries) {
        let address = entry
            .approver_email
            .as_deref()
            .and_then(EmailAddress::parse);
        addresses.extend(address.filter(|address| !addresses.contains(address)));
    }
    addresses
}
