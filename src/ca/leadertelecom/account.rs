//! Balance, catalogue and approver addresses (leaderssl.md 5, 6, 12).

use serde_json::Value;

use super::reply::{items, leads_to, member, number, plain};
use super::wire::{
    ACCOUNT_CURRENCY, BALANCE_AMOUNT, BALANCE_CURRENCY, PRODUCT_CURRENCY, PRODUCT_DAYS, PRODUCT_ID,
    PRODUCT_LIST, PRODUCT_NAME, PRODUCT_PERIOD, PRODUCT_PERIODS, PRODUCT_PRICE, Wire,
};
use crate::ca::{Offer, Price};
use crate::domain::text::Words;
use crate::domain::{Currency, DomainName, EmailAddress, Money, Months};

/// Boxes that may approve every domain (leaderssl.md 6).
const STANDARD_BOXES: [&str; 5] = [
    "admin",
    "administrator",
    "hostmaster",
    "postmaster",
    "webmaster",
];

/// The balance: an amount and a currency in one object. Never a guess.
pub(super) fn balance(value: &Value, wire: &Wire) -> Result<Money, Words> {
    let account_currency = Currency::parse(wire.text(&ACCOUNT_CURRENCY));
    let mut search = BalanceSearch {
        wire,
        path: Vec::new(),
        found: Vec::new(),
    };
    search.look_into(value);
    let mut balances = Vec::new();
    for (amount, currency) in search.found {
        let currency =
            match currency {
                Some(text) => Some(Currency::parse(&text).ok_or_else(|| {
                    words!("its currency cannot be read", "его валюта не читается")
                })?),
                None => account_currency,
            };
        let currency =
            currency.ok_or_else(|| words!("it tells no currency", "в нём не указана валюта"))?;
        balances.push(
            amount
                .and_then(|amount| money(amount, currency, Rounded::Down))
                .ok_or_else(|| words!("its amount cannot be read", "его сумма не читается"))?,
        );
    }
    if let Some(wanted) = account_currency {
        balances.retain(|balance| balance.currency == wanted);
    }
    match balances.as_slice() {
        [balance] => Ok(*balance),
        [] => Err(words!("it holds no balance", "в нём нет баланса")),
        _ => Err(words!(
            "it holds several balances",
            "в нём несколько балансов"
        )),
    }
}

/// Where hundredths end, an amount is never shown better than it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounded {
    /// What one has.
    Down,
    /// What one pays.
    Up,
}

/// An amount: a text as [`Money::parse`] reads it, or a JSON number, which has no sign between thousands.
fn money(value: &Value, currency: Currency, rounded: Rounded) -> Option<Money> {
    let text = plain(value)?;
    let decimals = match (value, text.split_once('.')) {
        (Value::Number(_), Some((_, decimals))) => decimals,
        _ => return Money::parse(&text, currency),
    };
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Four decimals and more are never taken for thousands.
    let mut money = Money::parse(&format!("{text}000"), currency)?;
    // What stands behind them is what is left of a binary fraction.
    let is_cut = decimals.bytes().skip(2).take(4).any(|digit| digit != b'0');
    match (rounded, text.starts_with('-')) {
        (Rounded::Up, false) if is_cut => money.minor = money.minor.checked_add(1)?,
        (Rounded::Down, true) if is_cut => money.minor = money.minor.checked_sub(1)?,
        _ => {}
    }
    Some(money)
}

/// A search for amounts: each as it stands, where it is one, and the currency beside it.
struct BalanceSearch<'a> {
    wire: &'a Wire,
    path: Vec<&'a str>,
    found: Vec<(Option<&'a Value>, Option<String>)>,
}

impl<'a> BalanceSearch<'a> {
    fn look_into(&mut self, value: &'a Value) {
        match value {
            Value::Object(members) => {
                let currency = member(value, self.wire, &BALANCE_CURRENCY).and_then(plain);
                for (name, inner) in members {
                    self.path.push(name);
                    self.look_at(inner, currency.clone());
                    self.path.pop();
                }
            }
            Value::Array(items) => self.look_through(items),
            _ => {}
        }
    }

    /// A list in which only some items show an amount is not understood.
    fn look_through(&mut self, items: &'a [Value]) {
        let before = self.found.len();
        let mut with_amount = 0;
        for item in items {
            let so_far = self.found.len();
            self.look_into(item);
            with_amount += usize::from(self.found.len() > so_far);
        }
        if self.found.len() > before && with_amount < items.len() {
            self.found.push((None, None));
        }
    }

    fn look_at(&mut self, inner: &'a Value, currency: Option<String>) {
        let patterns = self.wire.words(&BALANCE_AMOUNT);
        let is_amount = patterns.into_iter().any(|word| leads_to(word, &self.path));
        let before = self.found.len();
        let amount = match inner {
            Value::Object(_) | Value::Array(_) => {
                self.look_into(inner);
                None
            }
            Value::Bool(_) => None,
            amount => Some(amount),
        };
        // What is no amount must not be passed over: it could be the one.
        if is_amount && self.found.len() == before {
            self.found.push((amount, currency));
        }
    }
}

/// What the account is offered. A line without number and name makes the list unreadable; a price
/// that is not clear is left out.
pub(super) fn offers(value: &Value, wire: &Wire) -> Result<Vec<Offer>, Words> {
    let items = items(value, wire, &PRODUCT_LIST)
        .ok_or_else(|| words!("it is no list of objects", "это не список объектов"))?;
    let mut offers: Vec<Offer> = Vec::new();
    for item in &items {
        let code = member(item, wire, &PRODUCT_ID)
            .and_then(number)
            .ok_or_else(|| words!("a product has no number", "у продукта нет номера"))?
            .to_string();
        let name = member(item, wire, &PRODUCT_NAME)
            .and_then(plain)
            .ok_or_else(|| words!("a product has no name", "у продукта нет названия"))?;
        let price = price(item, wire);
        match offers.iter_mut().find(|offer| offer.code == code) {
            Some(offer) => offer.prices.extend(price),
            None => offers.push(Offer {
                code,
                name,
                prices: price.into_iter().collect(),
            }),
        }
    }
    Ok(offers)
}

fn price(item: &Value, wire: &Wire) -> Option<Price> {
    let text = |entry| member(item, wire, entry).and_then(plain);
    let currency = Currency::parse(&text(&PRODUCT_CURRENCY)?)?;
    Some(Price {
        term: term(item, wire)?,
        amount: money(member(item, wire, &PRODUCT_PRICE)?, currency, Rounded::Up)?,
        per_additional_name: None,
        per_wildcard_name: None,
    })
}

fn term(item: &Value, wire: &Wire) -> Option<Months> {
    let count = |entry| member(item, wire, entry).and_then(number);
    let months = if let Some(days) = count(&PRODUCT_DAYS) {
        (days.is_multiple_of(365)).then_some(days / 365 * 12)?
    } else {
        let periods = count(&PRODUCT_PERIODS)?;
        match member(item, wire, &PRODUCT_PERIOD)
            .and_then(plain)?
            .as_str()
        {
            "month" | "months" => periods,
            "year" | "years" => periods.checked_mul(12)?,
            _ => return None,
        }
    };
    u32::try_from(months).ok().map(Months)
}

/// Every address in an answer that can approve the name; without any, the standard boxes.
pub(super) fn approvers(answer: &Value, name: &DomainName) -> Vec<EmailAddress> {
    let mut found = Vec::new();
    collect(answer, name, &mut found);
    if found.is_empty() {
        found = standard_approvers(name);
    }
    found
}

/// The standard boxes of the registrable domain, then those of the name itself.
pub(super) fn standard_approvers(name: &DomainName) -> Vec<EmailAddress> {
    let base = name.base();
    let domain = name.registrable().unwrap_or(base);
    let deeper = (domain != base).then_some(base);
    std::iter::once(domain)
        .chain(deeper)
        .flat_map(|domain| STANDARD_BOXES.map(|mailbox| format!("{mailbox}@{domain}")))
        .filter_map(|address| EmailAddress::parse(&address))
        .collect()
}

fn collect(value: &Value, name: &DomainName, found: &mut Vec<EmailAddress>) {
    match value {
        Value::String(text) => {
            let address = EmailAddress::parse(text).filter(|address| {
                let host = DomainName::parse(address.domain()).ok();
                let domain = host.as_ref().and_then(DomainName::registrable);
                domain.is_some() && domain == name.registrable()
            });
            found.extend(address.filter(|address| !found.contains(address)));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
        Value::Object(members) => members
            .values()
            .for_each(|inner| collect(inner, name, found)),
        _ => {}
    }
}
