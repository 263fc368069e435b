//! Money: balance, prices, what an order will cost. Pure functions.

use super::family::wire_code;
use super::mapping::counted_names;
use super::model::reply::{AccountDetail, Pricing, Product};
use crate::ca::{Offer, Price};
use crate::domain::text::Words;
use crate::domain::{Currency, Money, Months, Purchase};
use crate::failure::{Failure, Reason};

/// The balance carries no currency (thesslstore.md 4.4); used where no price list tells \[inferred\].
pub(super) const DEFAULT_CURRENCY: Currency = Currency::USD;

/// The balance, never a guessed zero.
///
/// # Errors
/// A balance that is absent or no amount.
pub(super) fn balance(account: &AccountDetail, currency: Currency) -> Result<Money, Failure> {
    let unreadable = |why: Words| Failure::new(Reason::UnreadableBalance).detail(why);
    let Some(text) = &account.account_balance else {
        return Err(unreadable(words!(
            "the answer holds no AccountBalance",
            "в ответе нет AccountBalance"
        )));
    };
    // A text that names its currency is right about it.
    Money::parse(text, currency)
        .or_else(|| Money::parse(text, Currency::NONE))
        .ok_or_else(|| unreadable(words!("'{text}' is no amount", "'{text}' - не сумма")))
}

/// Whether the vendor lets the account order beyond its balance. Flag or amount, it is not
/// documented: everything but a clear no counts as credit.
pub(super) fn has_credit(account: &AccountDetail) -> bool {
    let Some(text) = &account.allow_credit else {
        return false;
    };
    let is_zero = Money::parse(text, DEFAULT_CURRENCY).is_some_and(|amount| amount.minor == 0);
    !(is_zero || text.eq_ignore_ascii_case("false") || text.eq_ignore_ascii_case("no"))
}

/// The currency of a price list.
pub(super) fn currency(products: &[Product]) -> Currency {
    products
        .iter()
        .find_map(|product| Currency::parse(product.currency_code.as_deref()?))
        .unwrap_or(DEFAULT_CURRENCY)
}

/// The least that a purchase costs, where the price list tells: names beyond the included ones at
/// the price of plain names.
pub(super) fn cost(products: &[Product], purchase: &Purchase) -> Option<Money> {
    let code = wire_code(&purchase.template);
    let product = products
        .iter()
        .find(|product| product.product_code.as_deref() == Some(code))?;
    let currency = currency(std::slice::from_ref(product));
    let mut rows = product.pricing_info.iter();
    let row = rows.find(|row| row.number_of_months == Some(purchase.term.0))?;
    let base = Money::parse(row.price.as_deref()?, currency)?;
    let extra = counted_names(purchase).saturating_sub(product.min_san.unwrap_or(0));
    if extra == 0 {
        return Some(base);
    }
    let per_name = Money::parse(row.price_per_additional_san.as_deref()?, currency)?;
    let names = per_name.minor.checked_mul(i64::from(extra))?;
    let minor = base.minor.checked_add(names)?;
    Some(Money { minor, currency })
}

/// The price list in the domain's words; rows without a readable term or price are left out.
pub(super) fn offers(products: &[Product]) -> Vec<Offer> {
    let offer = |product: &Product| {
        let code = product.product_code.clone()?;
        let currency = currency(std::slice::from_ref(product));
        let price = |row: &Pricing| {
            let money = |text: &Option<String>| Money::parse(text.as_deref()?, currency);
            Some(Price {
                term: Months(row.number_of_months?),
                amount: money(&row.price)?,
                per_additional_name: money(&row.price_per_additional_san),
                per_wildcard_name: money(&row.price_per_wildcard_san),
            })
        };
        Some(Offer {
            name: product.product_name.clone().unwrap_or_else(|| code.clone()),
            code,
            prices: product.pricing_info.iter().filter_map(price).collect(),
        })
    };
    products.iter().filter_map(offer).collect()
}
