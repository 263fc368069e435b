//! Balances and prices (ispmanager.md 4.5, 6, 7.2). What is not clearly one amount in a known currency
//! is nothing at all, never a guessed zero.

use super::document::{Node, choices, raw};
use super::wire::{Entry, Wire};
use crate::ca::{Offer, Price};
use crate::domain::{Currency, Money, Months};

/// The account's balance in `whoami`; `None` when it is not there or not readable.
pub(super) fn of_account(doc: &Node) -> Option<Money> {
    let user = doc.only("user")?;
    let currency = currency(user.filled_attribute("currency")?)?;
    Money::parse(user.filled_attribute("balance")?, currency)
}

/// The currency that `whoami` tells.
pub(super) fn currency_of_account(doc: &Node) -> Option<Currency> {
    currency(doc.only("user")?.filled_attribute("currency")?)
}

/// The balance in `subaccount`: the row of the account's currency, else the only row. Several rows
/// without the account's currency are not decided.
pub(super) fn of_balances(doc: &Node, wanted: Option<Currency>) -> Option<Money> {
    // A row that cannot be read could be the one.
    let rows: Option<Vec<Money>> = doc.all("elem").map(amount).collect();
    let mut rows = rows?;
    let total = doc.value("p_elems");
    if total.is_some_and(|total| total.parse() != Ok(rows.len())) {
        return None;
    }
    if doc.child("elem").is_none() {
        rows.extend(amount(doc));
    }
    if let Some(wanted) = wanted {
        rows.retain(|money| money.currency == wanted);
    }
    match rows.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// The balance in `usrparam`, perhaps with its currency in the text.
pub(super) fn of_user(doc: &Node, known: Option<Currency>) -> Option<Money> {
    amount(doc).or_else(|| Money::parse(doc.only("balance")?.content()?, known?))
}

/// `balance` with a currency beside or inside it.
fn amount(node: &Node) -> Option<Money> {
    // A point behind the currency belongs to its abbreviation.
    node.only("balance")?;
    let text = raw(node, "balance")?.trim_end_matches('.');
    let beside = ["currency_iso", "iso", "currency", "money_currency"];
    let beside = beside
        .into_iter()
        .find_map(|name| currency(node.value(name)?));
    Money::parse(text, beside.or_else(|| currency_in(text))?)
}

/// An ISO code or one of the signs (6).
fn currency(text: &str) -> Option<Currency> {
    let text = text.trim().trim_end_matches('.');
    match text.to_lowercase().as_str() {
        "₽" | "руб" | "р" => Some(Currency::RUB),
        "€" => Some(Currency::EUR),
        "$" => Some(Currency::USD),
        _ => Currency::parse(text),
    }
}

/// The currency inside an amount: what is left without digits and their marks.
fn currency_in(text: &str) -> Option<Currency> {
    let word: String = text
        .chars()
        .filter(|c| c.is_alphabetic() || "₽€$".contains(*c))
        .collect();
    currency(&word)
}

/// The tariffs of the wizard's first step for a term: rows of `tariflist`, or a choice list. Prices
/// count only when the form says for which term they are.
pub(super) fn offers(doc: &Node, wire: &Wire, term: Months) -> Option<Vec<Offer>> {
    let tariff = wire.text(Entry::TariffField);
    let is_for_term = doc.value(wire.text(Entry::PeriodField)) == Some(&term.0.to_string());
    let table = doc
        .all("list")
        .find(|list| list.filled_attribute("name") == Some("tariflist"));
    if let Some(table) = table {
        let rows = table.all("elem").filter_map(|row| {
            let code = super::record::number(raw(row, tariff)?)?;
            let name = ["desc", "name"]
                .into_iter()
                .find_map(|name| row.value(name));
            let price = row.value("price").filter(|_| is_for_term).and_then(price);
            Some(Offer {
                name: plain(name.unwrap_or(&code)),
                code,
                prices: price
                    .map(|amount| Price {
                        term,
                        amount,
                        per_additional_name: None,
                        per_wildcard_name: None,
                    })
                    .into_iter()
                    .collect(),
            })
        });
        return Some(rows.collect());
    }
    let choices = choices(doc, tariff)?;
    let rows = choices.filter_map(|(key, option)| {
        let code = super::record::number(key)?;
        Some(Offer {
            name: plain(option.content().unwrap_or(&code)),
            code,
            prices: Vec::new(),
        })
    });
    Some(rows.collect())
}

/// A price shown as HTML: one amount with its currency, or nothing.
fn price(html: &str) -> Option<Money> {
    let text = plain(html);
    // "9.90 EUR per year": only the words before a blank that follows the currency can be the price.
    let mut words = text.split(char::is_whitespace);
    let (first, second) = (words.next()?, words.next());
    if words.any(|word| word.chars().any(|c| c.is_ascii_digit())) {
        return None;
    }
    let known = second.and_then(currency).or_else(|| currency_in(first))?;
    Money::parse(first, known)
}

/// Text without tags.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            _ if !inside => text.push(character),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[cfg(test)]
mod tests;
