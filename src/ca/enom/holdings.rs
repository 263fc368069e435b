//! All slots of the account (enom.md 7).

use super::Enom;
use super::client::Listing;
use super::model::Slot;
use super::product::Product;
use super::progress::{REFUNDED_ISSUED, State, state_by_number};
use crate::ca::{Ended, Holding, Revoked};
use crate::domain::{DomainName, Months, TemplateCode, VendorOrderId};
use crate::failure::Failure;

impl Enom {
    /// Everything that the account holds: one listing without filters.
    pub(super) async fn all_holdings(&self) -> Result<Vec<Holding>, Failure> {
        let slots = self.client.cert_get_certs(&Listing::default()).await?;
        Ok(slots.iter().map(holding).collect())
    }

    /// The slots that were paid back or revoked after their certificates were issued. The listing shows no day of it.
    pub(super) async fn ended(&self) -> Result<Vec<Revoked>, Failure> {
        let listing = Listing {
            status: Some(REFUNDED_ISSUED),
            ..Listing::default()
        };
        let mut slots = self.client.cert_get_certs(&listing).await?;
        // What a filter does is the vendor's affair.
        slots.retain(|slot| slot.status == Some(REFUNDED_ISSUED));
        let revoked = |slot: &Slot| Revoked {
            order: VendorOrderId::new(slot.id.to_string()),
            // Such a slot is never reissued (see `prepare_reissue`).
            ended: Ended::ForGood,
            words: format!("Refunded - Cert Issued ({REFUNDED_ISSUED})"),
            day: None,
        };
        Ok(slots.iter().map(revoked).collect())
    }
}

fn holding(slot: &Slot) -> Holding {
    let product = slot.kind.and_then(Product::of_kind);
    let domain = slot.domain.as_deref().map(DomainName::parse);
    Holding {
        order: VendorOrderId::new(slot.id.to_string()),
        template: product.map(|product| TemplateCode::new(product.code)),
        product: slot.kind.map(|kind| kind.to_string()).unwrap_or_default(),
        common_name: domain.and_then(Result::ok),
        // The number alone: whether a certificate can be fetched shows when it is.
        issued: slot.status.and_then(state_by_number) == Some(State::Issued),
        state: slot
            .status
            .map(|number| number.to_string())
            .unwrap_or_default(),
        term: slot.validity.filter(|months| *months > 0).map(Months),
        term_end: None,
        references: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_read_by_their_numbers() {
        let slot = Slot {
            id: 901_234,
            kind: Some(23),
            status: Some(4),
            validity: Some(12),
            domain: Some("shop.example.com".into()),
            ..Slot::default()
        };
        let found = holding(&slot);
        assert_eq!(found.order.as_str(), "901234");
        assert_eq!(
            found.template,
            Some(TemplateCode::new("Certificate-RapidSSL-RapidSSL"))
        );
        assert!(found.issued);
        for status in [1, 2, 3, 7, 8] {
            let other = Slot {
                status: Some(status),
                ..slot.clone()
            };
            assert!(!holding(&other).issued, "{status}");
        }
        let blank = holding(&Slot {
            id: 5,
            kind: Some(999),
            ..Slot::default()
        });
        assert_eq!(
            (blank.template, blank.common_name, blank.term),
            (None, None, None)
        );
    }
}
