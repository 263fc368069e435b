//! Whether the balance covers an order (leaderssl.md 5): a refusal for lack of money has no form that is
//! known, so the question is asked before anything is sent.

use super::wire::CHECK_FUNDS;
use super::{LeaderTelecom, mapping};
use crate::ca::{CertificateAuthority as _, Offer};
use crate::domain::{Money, Months, Purchase, PurchaseKind};
use crate::failure::{Failure, Kind, Reason};

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
        let Some(offers) = readable(self.products().await)? else {
            return Ok(());
        };
        let Some(price) = price(&offers, &number, purchase.term) else {
            return Ok(());
        };
        match readable(self.balance().await)? {
            Some(balance) if balance.currency == price.currency && balance.minor < price.minor => {
                let currency = price.currency;
                Err(Failure::new(Reason::LowFunds).detail(words!(
                    "price {price} {currency}, available {balance} {currency}",
                    "цена {price} {currency}, доступно {balance} {currency}"
                )))
            }
            _ => Ok(()),
        }
    }
}

/// Nothing, where the vendor is in trouble or its answer has an unknown form.
fn readable<T>(outcome: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.kind() == Kind::Auth => Err(failure),
        Err(_) => Ok(None),
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
