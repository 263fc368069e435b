//! Amounts in minor units with their currency.

use std::fmt;

/// An ISO 4217 currency code: three capital letters.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self(*b"USD");
    /// Euro.
    pub const EUR: Self = Self(*b"EUR");
    /// Russian rouble.
    pub const RUB: Self = Self(*b"RUB");

    /// No currency was stated: the ISO code for "none involved".
    pub const NONE: Self = Self(*b"XXX");

    /// Reads a code of three ASCII letters in any case; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.trim().as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in hundredths of a currency unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Hundredths of the unit; negative for a debt.
    pub minor: i64,
    /// Currency of the amount.
    pub currency: Currency,
}

impl Money {
    /// Reads a decimal amount as vendors write it: `152.4`, `1,234.50`, `$ 12.00`, `1 234,50`, `-3`, and
    /// debts as accountants write them: `(5.00)`, `12.50 DR`.
    ///
    /// A text that is not clearly one amount is `None`, never a guessed zero, and so is an amount in
    /// another currency. One sign before exactly three digits (`1.234`, `1,234`) may divide thousands or decimals:
    /// it is read where a currency is written in one way only. Where none is expected ([`Currency::NONE`]), the text may tell it. More than two
    /// decimals are cut towards zero, so that a balance is never shown higher than it is.
    #[must_use]
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let (number, is_negative, units) = parse_amount(text)?;
        let told = || {
            let code = units.iter().find_map(|unit| Currency::parse(unit));
            code.or_else(|| first_of(units.first()?))
        };
        let currency = match currency {
            Currency::NONE if !units.is_empty() => told()?,
            expected => expected,
        };
        let are_meant = units.iter().all(|unit| is_unit(unit, currency));
        let minor = minor(number, has_decimal_dot(currency))?;
        are_meant.then_some(Self {
            minor: if is_negative { -minor } else { minor },
            currency,
        })
    }
}

/// Currencies whose amounts have a dot before the decimals and commas between the thousands wherever they are used.
/// The others are written in several ways: `1.234` is a thousand euros in Berlin and not quite two in Dublin.
const WITH_DECIMAL_DOT: [&[u8; 3]; 12] = [
    b"USD", b"GBP", b"AUD", b"NZD", b"SGD", b"HKD", b"MXN", b"TWD", b"INR", b"JPY", b"CNY", b"THB",
];

fn has_decimal_dot(currency: Currency) -> bool {
    WITH_DECIMAL_DOT
        .iter()
        .any(|code| Currency(**code) == currency)
}

/// Words and signs for currencies, in small letters. The first currency is meant where none is expected;
/// a dollar sign stands for every dollar.
const UNITS: &[(&str, &[&[u8; 3]])] = &[
    (
        "$",
        &[
            b"USD", b"CAD", b"AUD", b"NZD", b"SGD", b"HKD", b"MXN", b"TWD", b"ARS", b"CLP", b"COP",
        ],
    ),
    ("us$", &[b"USD"]),
    ("u.s.$", &[b"USD"]),
    ("c$", &[b"CAD"]),
    ("ca$", &[b"CAD"]),
    ("a$", &[b"AUD"]),
    ("au$", &[b"AUD"]),
    ("nz$", &[b"NZD"]),
    ("s$", &[b"SGD"]),
    ("hk$", &[b"HKD"]),
    ("r$", &[b"BRL"]),
    ("\u{20ac}", &[b"EUR"]),
    ("euro", &[b"EUR"]),
    ("\u{a3}", &[b"GBP"]),
    ("\u{20bd}", &[b"RUB"]),
    ("rur", &[b"RUB"]),
    ("руб", &[b"RUB", b"BYN"]),
    ("р", &[b"RUB", b"BYN"]),
    ("\u{20b4}", &[b"UAH"]),
    ("грн", &[b"UAH"]),
    ("\u{20b8}", &[b"KZT"]),
    ("\u{20b9}", &[b"INR"]),
    ("\u{20ba}", &[b"TRY"]),
    ("\u{a5}", &[b"JPY", b"CNY"]),
    ("zł", &[b"PLN"]),
    ("kč", &[b"CZK"]),
    ("kr", &[b"SEK", b"NOK", b"DKK"]),
    ("fr", &[b"CHF"]),
];

fn units(unit: &str) -> &'static [&'static [u8; 3]] {
    let known = UNITS.iter().find(|(known, _)| *known == unit);
    known.map_or(&[], |(_, currencies)| currencies)
}

fn is_unit(unit: &str, currency: Currency) -> bool {
    Currency::parse(unit) == Some(currency)
        || units(unit).iter().any(|code| Currency(**code) == currency)
}

fn first_of(unit: &str) -> Option<Currency> {
    units(unit).first().map(|code| Currency(**code))
}

impl fmt::Display for Money {
    /// The bare decimal (`-12.05`), as the platform's balance document wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let amount = self.minor.unsigned_abs();
        write!(f, "{sign}{}.{:02}", amount / 100, amount % 100)
    }
}

/// The number of an amount, whether it is a debt, and the words beside it that are its currency's, in small letters.
fn parse_amount(text: &str) -> Option<(&str, bool, Vec<String>)> {
    let text = text.trim();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let (before, number, after) = (&text[..start], &text[start..end], &text[end..]);
    // Accountants put a debt into brackets, its currency inside or before them.
    let (before, after, is_bracketed) = match (before.split_once('('), after.strip_suffix(')')) {
        (Some((outer, inner)), Some(after)) => (format!("{outer} {inner}"), after, true),
        _ => (before.to_owned(), after, false),
    };
    let (before, is_signed) = match before.split_once(['-', '\u{2212}']) {
        Some((outer, inner)) => (format!("{outer} {inner}"), true),
        None => (
            before.strip_prefix('+').unwrap_or(&before).to_owned(),
            false,
        ),
    };
    let mut words: Vec<String> = before
        .split_whitespace()
        .chain(after.split_whitespace())
        .map(|word| word.trim_end_matches('.').to_lowercase())
        .collect();
    // They write debit and credit behind it, too.
    let side = words.iter().position(|word| word == "dr" || word == "cr");
    let is_debit = side.map(|at| words.remove(at) == "dr");
    let is_negative = match (is_bracketed, is_signed, is_debit) {
        (false, false, None | Some(false)) => false,
        (true, false, None) | (false, true, None) | (false, false, Some(true)) => true,
        _ => return None,
    };
    Some((number, is_negative, words))
}

fn minor(number: &str, has_decimal_dot: bool) -> Option<i64> {
    let (whole, fraction) = split_number(number, has_decimal_dot)?;
    let cents = match fraction.len() {
        0 => 0,
        1 => fraction.parse::<i64>().ok()? * 10,
        _ => fraction[..2].parse::<i64>().ok()?,
    };
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)
}

/// Splits `1,234.50` or `1 234,50` into digits before and after the decimal mark.
fn split_number(number: &str, has_decimal_dot: bool) -> Option<(String, String)> {
    let mark = match (number.rfind('.'), number.rfind(',')) {
        (Some(dot), Some(comma)) => Some(dot.max(comma)),
        (Some(one), None) | (None, Some(one)) => {
            let sign = &number[one..=one];
            let is_alone = number.matches(sign).count() == 1;
            if is_alone && may_be_thousands(number, one) {
                if !has_decimal_dot {
                    return None;
                }
                (sign == ".").then_some(one)
            } else {
                is_alone.then_some(one)
            }
        }
        (None, None) => None,
    };
    let (whole, fraction) = match mark {
        Some(position) => (&number[..position], &number[position + 1..]),
        None => (number, ""),
    };
    let mut groups = whole.split([
        ',', '.', ' ', '\'', '\u{2019}', '\u{a0}', '\u{202f}', '\u{2007}', '\u{2009}',
    ]);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        digits.push_str(group);
    }
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (!digits.is_empty() && all_digits(&digits) && all_digits(fraction))
        .then(|| (digits, fraction.to_owned()))
}

/// Whether a sign at a place may divide thousands: three digits follow, one to three stand before, not a zero in front.
fn may_be_thousands(number: &str, at: usize) -> bool {
    let (before, after) = (&number[..at], &number[at + 1..]);
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    after.len() == 3
        && are_digits(after)
        && (1..=3).contains(&before.len())
        && are_digits(before)
        && !before.starts_with('0')
}

#[cfg(test)]
mod tests;
