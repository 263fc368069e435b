//! Whether the balance covers an order (leaderssl.md 5): a refusal for lack of money has no form that is
//! known, so the question is asked before anything is sent.

use super::wire::CHECK_FUNDS;
use super::{LeaderTelecom, mapping};
use crate::ca::{CertificateAuthority as _, Offer, funds};
use crate::domain::{Money, Months, Purchase, PurchaseKind};
use crate::failure::Failure;

impl LeaderTelecom {
    /// Compares price and balance. What cannot be read, or is told in another currency, is no obstacle;
    /// neither is a reissue, whose price no list tells.
    ///
    /// # Errors
    /// Too little money; refused credentials.
    pub(super) async fn check_funds(&self, purchase: &Purchase) -> Result<(), Failure> {
        let is_reissue = matches!(purchase.kind, PurchaseKind::Reissue { .. });
        if is_reissue || self.wire().is(&CHECK_FUNDS, "no") {
            return Ok(());
        }
        let code = purchase.template.as_str();
        let number = mapping::nomenclature(code, &self.account, self.wire())?.to_string();
        let offers = funds::readable(self.products().await)?;
        let price = offers.and_then(|offers| price(&offers, &number, purchase.term));
        funds::must_cover(price, async |_| self.balance().await.map(Some)).await
    }
}

/// The least that a product costs for a term: additional names have no price in the list.
fn price(offers: &[Offer], code: &str, term: Months) -> Option<Money> {
    let offer = offers.iter().find(|offer| offer.code == code)?;
    let prices = offer.prices.iter().filter(|price| price.term == term);
    prices
        .map(|price| price.amount)
        .min_by_key(|amount| amount.minor)
}
