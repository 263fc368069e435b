//! Whether the money is there, asked before anything is sent: one rule for all vendors whose prices can be asked for.

use crate::domain::Money;
use crate::failure::{Failure, Reason};

/// Compares a price with the balance, which is asked for when there is a price. What is not known, or is told in
/// another currency, is no obstacle: the vendor has the last word.
///
/// # Errors
/// Too little money; refused credentials.
pub(super) async fn must_cover(
    price: Option<Money>,
    balance: impl AsyncFnOnce(Money) -> Result<Option<Money>, Failure>,
) -> Result<(), Failure> {
    let Some(price) = price else { return Ok(()) };
    let Some(balance) = readable(balance(price).await)?.flatten() else {
        return Ok(());
    };
    if balance.currency != price.currency || balance.minor >= price.minor {
        return Ok(());
    }
    let currency = price.currency;
    Err(Failure::new(Reason::LowFunds).detail(words!(
        "price {price} {currency}, available {balance} {currency}",
        "цена {price} {currency}, доступно {balance} {currency}"
    )))
}

/// Nothing, where the vendor is in trouble or its answer has an unknown form.
///
/// # Errors
/// Refused credentials.
pub(super) fn readable<T>(outcome: Result<T, impl Into<Failure>>) -> Result<Option<T>, Failure> {
    match outcome.map_err(Into::into) {
        Ok(value) => Ok(Some(value)),
        Err(failure) if failure.is_login_refused() => Err(failure),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    fn money(text: &str, currency: Currency) -> Money {
        Money::parse(text, currency).unwrap()
    }

    #[tokio::test]
    async fn only_too_little_of_the_same_currency_is_refused() {
        let price = money("9.00", Currency::USD);
        let cases = [
            (
                Ok(Some(money("8.99", Currency::USD))),
                Some(Reason::LowFunds),
            ),
            (
                Ok(Some(money("-1.00", Currency::USD))),
                Some(Reason::LowFunds),
            ),
            (Ok(Some(money("9.00", Currency::USD))), None),
            (Ok(Some(money("1.00", Currency::EUR))), None),
            (Ok(None), None),
            (Err(Reason::UnreadableBalance), None),
            (Err(Reason::VendorTrouble), None),
            // A login that may order need not see prices.
            (Err(Reason::NoAccess), None),
            (Err(Reason::AddressNotAllowed), None),
            (Err(Reason::BadCredentials), Some(Reason::BadCredentials)),
        ];
        for (balance, expected) in cases {
            let about = format!("{balance:?}");
            let outcome = must_cover(Some(price), async |_| balance.map_err(Failure::new)).await;
            let reason = outcome.err().map(|failure| failure.reason());
            assert_eq!(reason, expected, "{about}");
        }
        let unasked = must_cover(None, async |_| panic!("no price, no question")).await;
        assert!(unasked.is_ok());
    }
}
