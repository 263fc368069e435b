//! What is bought: the platform's details as a purchase, and what tells one decision from another.

use chrono::NaiveDate;

use super::OrderSession;
use super::intent::{Intent, Operation};
use crate::domain::{EmailAddress, Purchase, PurchaseKind, ValidationMethod, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::platform::details::Details;
use crate::platform::fields;

/// What makes the renewal of an order different from every other: the end of the term that it extends, where it is known,
/// belongs to it.
pub(super) fn renewal(order: &VendorOrderId, end: Option<NaiveDate>) -> String {
    match end {
        Some(end) => format!("{order} {end}"),
        None => order.to_string(),
    }
}

impl OrderSession<'_> {
    /// What makes this decision different from every other of the item (design, section 5). A reissue
    /// also names the certificate that it replaces, because the same CSR and names are reissued again
    /// and again inside a long term; a renewal also names the end of the term that it extends, because
    /// some vendors renew under the same number year after year.
    pub(super) fn subject(&self, operation: Operation, details: &Details) -> String {
        let order = self
            .order_number()
            .unwrap_or_else(|| VendorOrderId::new(""));
        match operation {
            Operation::Open => String::new(),
            Operation::Prolong => renewal(&order, self.term_bought().map(|term| term.end)),
            Operation::Reissue => {
                let mut names: Vec<String> =
                    details.names().iter().map(ToString::to_string).collect();
                names.extend(details.addresses.iter().map(ToString::to_string));
                names.sort();
                let replaced = self
                    .service
                    .certificate
                    .as_deref()
                    .map(fingerprint)
                    .unwrap_or_default();
                format!(
                    "{order} {} {} {replaced}",
                    details.csr.fingerprint(),
                    names.join(",")
                )
            }
        }
    }

    pub(super) fn purchase(&self, intent: &Intent, details: Details) -> Result<Purchase, Failure> {
        let previous = || {
            self.order_number()
                .ok_or_else(|| Failure::field(Reason::Missing, self.module.order_parameter))
        };
        let kind = match intent.operation {
            Operation::Open => PurchaseKind::New,
            Operation::Prolong => PurchaseKind::Renewal {
                previous: previous()?,
            },
            Operation::Reissue => PurchaseKind::Reissue {
                order: previous()?,
                // The form's list of former names may be left from an earlier change.
                former_names: if self.names_stay {
                    details.additional_names.clone()
                } else {
                    details.former_names.clone()
                },
            },
        };
        let named = details.additional_names.len() + details.addresses.len();
        let named = u32::try_from(named).unwrap_or(u32::MAX);
        Ok(Purchase {
            key: intent.key.clone(),
            kind,
            template: self
                .service
                .template
                .clone()
                .ok_or_else(|| Failure::field(Reason::UnknownTemplate, "intname"))?,
            csr_pem: details.csr.pem().to_owned(),
            common_name: details.common_name,
            additional_names: details.additional_names,
            addresses: details.addresses,
            names_bought: self.names_bought().max(named),
            term: details.term,
            validation: details.validation,
            administrative: details.administrative,
            technical: details.technical,
            organization: details.organization,
            since: intent.since,
        })
    }

    /// Each approver address must be one that the vendor offers for its name; it is ordered in the
    /// vendor's own spelling.
    pub(super) async fn check_approvers(&self, purchase: &mut Purchase) -> Result<(), Failure> {
        if !self.authority.abilities().approvers {
            return Ok(());
        }
        let mut proved: Vec<EmailAddress> = Vec::new();
        for named in &mut purchase.validation {
            let ValidationMethod::Email(address) = &mut named.method else {
                continue;
            };
            let is_meant =
                |known: &&EmailAddress| known.as_str().eq_ignore_ascii_case(address.as_str());
            // Good for one name of the order, good for all at or below its domain. Some vendors issue a
            // number with every list: none is asked for in vain.
            if named.name.is_at_or_below(address.domain())
                && let Some(known) = proved.iter().find(is_meant)
            {
                *address = known.clone();
                continue;
            }
            let allowed = self
                .authority
                .approvers(&purchase.template, &named.name)
                .await?;
            let Some(known) = allowed.iter().find(is_meant) else {
                let list: Vec<_> = allowed.iter().map(ToString::to_string).collect();
                return Err(
                    Failure::field(Reason::ApproverNotAllowed, fields::APPROVER_EMAIL)
                        .value(address.as_str())
                        .detail(words!(
                            "{} (for {})",
                            "{} (для {})",
                            list.join(", "),
                            named.name
                        )),
                );
            };
            *address = known.clone();
            proved.push(known.clone());
        }
        Ok(())
    }

    /// How many additional names the service's addons sell.
    pub(super) fn names_bought(&self) -> u32 {
        let addons = self.service.addons.iter();
        addons
            .filter(|addon| self.authority.sells_names(addon))
            .fold(0, |sum, addon| sum.saturating_add(addon.count))
    }
}

/// A short mark of a stored certificate, whatever its format.
fn fingerprint(text: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(text.trim().as_bytes());
    data_encoding::HEXLOWER.encode(&digest[..8])
}
