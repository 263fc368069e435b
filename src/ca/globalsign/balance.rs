//! The balance in an AccountSnapshot, whose element names are not public (globalsign.md 4.3).
//!
//! Exactly one element whose local name contains "balance" and whose text is a decimal number is
//! taken. None, or more than one, is unreadable: a guess would be shown as money.

use crate::domain::text::{Bilingual, Words};
use crate::domain::{Currency, Money};
use crate::xml::{self, Element};

/// What the snapshot shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reading {
    /// An amount in its currency.
    Amount(Money),
    /// Not readable; the text says what was seen, without values.
    Unreadable(Words),
}

/// Reads the `Response` element of an AccountSnapshot.
pub(super) fn read(response: &str) -> Reading {
    let document = match xml::parse(response) {
        Ok(document) => document,
        Err(broken) => return Reading::Unreadable(broken.both()),
    };
    let mut leaves = Vec::new();
    collect(&document.root, &mut leaves);
    let named = |leaf: &Element, part: &str| leaf.name.to_ascii_lowercase().contains(part);
    let balances: Vec<_> = leaves
        .iter()
        .filter(|leaf| named(leaf, "balance") && leaf.content().is_some_and(is_decimal))
        .collect();
    let [balance] = balances.as_slice() else {
        let names: Vec<_> = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
        return Reading::Unreadable(words!(
            "{} elements named like a balance hold a number (elements: {})",
            "элементов с числом, похожих на баланс: {} (элементы: {})",
            balances.len(),
            names.join(", ")
        ));
    };
    let elements = leaves
        .iter()
        .filter(|leaf| named(leaf, "currency"))
        .map(|leaf| leaf.text.as_str());
    let mut stated: Vec<_> = currency_of(balance)
        .into_iter()
        .chain(elements)
        .filter_map(Currency::parse)
        .collect();
    stated.dedup();
    let currency = match stated.as_slice() {
        [] => Some(Currency::NONE),
        [currency] => Some(*currency),
        _ => None,
    };
    let Some(currency) = currency else {
        return Reading::Unreadable(words!(
            "'{}' holds a number, but {} currencies are stated",
            "в '{}' число, но валют указано: {}",
            balance.name,
            stated.len()
        ));
    };
    match Money::parse(balance.text.trim(), currency) {
        Some(money) => Reading::Amount(money),
        None => Reading::Unreadable(words!(
            "'{}' holds no amount",
            "в '{}' нет суммы",
            balance.name
        )),
    }
}

/// A plain decimal: no grouping, no letters, nothing that two readers could read in two ways.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(fraction)
}

/// Adds the elements without children, in their order.
fn collect<'a>(element: &'a Element, leaves: &mut Vec<&'a Element>) {
    if element.children.is_empty() {
        leaves.push(element);
    }
    for child in &element.children {
        collect(child, leaves);
    }
}

/// The currency that an attribute names.
fn currency_of(leaf: &Element) -> Option<&str> {
    leaf.attributes.iter().find_map(|(name, value)| {
        let names_it = name.to_ascii_lowercase().contains("currency");
        names_it.then_some(value.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(minor: i64) -> Reading {
        Reading::Amount(Money {
            minor,
            currency: Currency::USD,
        })
    }

    fn snapshot(inner: &str) -> Reading {
        read(&format!(
            "<Response><QueryResponseHeader><SuccessCode>0</SuccessCode></QueryResponseHeader>{inner}</Response>"
        ))
    }

    #[test]
    fn exactly_one_decimal_balance_is_read() {
        let cases = [
            ("<Balance>12.50</Balance><Currency>USD</Currency>", 1250),
            (
                "<a:AccountBalance xmlns:a='x'> -3.1 </a:AccountBalance><C><CurrencyCode>usd</CurrencyCode></C>",
                -310,
            ),
            (
                "<BalanceInfo><RemainingBalance currency='USD'>7</RemainingBalance></BalanceInfo>",
                700,
            ),
            (
                "<Balance>1.00</Balance><BalanceDate>2026-01-01</BalanceDate><Currency>USD</Currency>",
                100,
            ),
            (
                "<Balance>1.00</Balance><Currency>USD</Currency><LastOrderCurrency>USD</LastOrderCurrency>",
                100,
            ),
        ];
        for (inner, minor) in cases {
            assert_eq!(snapshot(inner), usd(minor), "{inner}");
        }
    }

    #[test]
    fn a_balance_without_currency_says_so() {
        match snapshot("<Balance>12.50</Balance>") {
            Reading::Amount(money) => {
                assert_eq!(money.minor, 1250);
                assert_eq!(money.currency, Currency::NONE);
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn anything_else_is_unreadable() {
        for inner in [
            "",
            "<Amount>12.50</Amount><Currency>USD</Currency>",
            "<Balance>12.50</Balance><CreditBalance>3</CreditBalance><Currency>USD</Currency>",
            "<Balance>1,234.50</Balance><Currency>USD</Currency>",
            "<Balance>USD 12</Balance><Currency>USD</Currency>",
            "<Balance></Balance><Currency>USD</Currency>",
            "<Balance/><Currency>USD</Currency>",
            "<Balance>1e3</Balance><Currency>USD</Currency>",
            "<Balance>.5</Balance><Currency>USD</Currency>",
            "<Balance>5.</Balance><Currency>USD</Currency>",
            "<Balance><Value>5</Value></Balance><Currency>USD</Currency>",
            "<Balance>5</Balance><Currency>USD</Currency><OtherCurrency>EUR</OtherCurrency>",
        ] {
            assert!(
                matches!(snapshot(inner), Reading::Unreadable(_)),
                "{inner}: {:?}",
                snapshot(inner)
            );
        }
        assert!(matches!(read("<a"), Reading::Unreadable(_)));
    }

    #[test]
    fn an_unreadable_snapshot_is_told_without_its_values() {
        match snapshot("<Deposit>98765</Deposit><Owner>Somebody</Owner>") {
            Reading::Unreadable(text) => {
                assert!(text.en().contains("Deposit, Owner"), "{text:?}");
                assert!(!text.en().contains("98765") && !text.en().contains("Somebody"));
            }
            other => panic!("{other:?}"),
        }
    }
}
