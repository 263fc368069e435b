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
    /// Reads a decimal amount as vendors write it: `152.4`, `1,234.50`, `$ 12.00`, `1 234,50`, `-3`.
    ///
    /// A text that is not clearly one amount is `None`, never a guessed zero. More than two decimals
    /// are cut towards zero, so that a balance is never shown higher than it is.
    #[must_use]
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        parse_minor(text).map(|minor| Self { minor, currency })
    }
}

impl fmt::Display for Money {
    /// The bare decimal (`-12.05`), as the platform's balance document wants it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let amount = self.minor.unsigned_abs();
        write!(f, "{sign}{}.{:02}", amount / 100, amount % 100)
    }
}

fn parse_minor(text: &str) -> Option<i64> {
    let trimmed = text.trim();
    let start = trimmed.find(|c: char| c.is_ascii_digit())?;
    let end = trimmed.rfind(|c: char| c.is_ascii_digit())? + 1;
    let is_decoration = |part: &str| {
        part.chars()
            .all(|c| !c.is_ascii_digit() && !matches!(c, '.' | ','))
    };
    let (before, number, after) = (&trimmed[..start], &trimmed[start..end], &trimmed[end..]);
    if !is_decoration(before) || !is_decoration(after) || after.contains('-') {
        return None;
    }
    let negative = match before.matches(['-', '\u{2212}']).count() {
        0 => false,
        1 => true,
        _ => return None,
    };
    let (whole, fraction) = split_number(number)?;
    let cents = match fraction.len() {
        0 => 0,
        1 => fraction.parse::<i64>().ok()? * 10,
        _ => fraction[..2].parse::<i64>().ok()?,
    };
    let minor = whole
        .parse::<i64>()
        .ok()?
        .checked_mul(100)?
        .checked_add(cents)?;
    Some(if negative { -minor } else { minor })
}

/// Splits `1,234.50` or `1 234,50` into digits before and after the decimal mark.
fn split_number(number: &str) -> Option<(String, String)> {
    let mark = match (number.rfind('.'), number.rfind(',')) {
        (Some(dot), Some(comma)) => Some(dot.max(comma)),
        (Some(dot), None) => (number.matches('.').count() == 1).then_some(dot),
        // A lone comma before exactly three digits is a thousands mark: `1,234`.
        (None, Some(comma)) => {
            (number.matches(',').count() == 1 && number.len() - comma != 4).then_some(comma)
        }
        (None, None) => None,
    };
    let (whole, fraction) = match mark {
        Some(position) => (&number[..position], &number[position + 1..]),
        None => (number, ""),
    };
    let mut groups = whole.split([',', '.', ' ', '\'', '\u{a0}', '\u{202f}']);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_vendors_write_them() {
        let cases = [
            ("152.4", 15_240),
            ("152.40", 15_240),
            ("0", 0),
            ("1,234.50", 123_450),
            ("1 234,50", 123_450),
            ("1\u{a0}234,50", 123_450),
            ("1.234,50", 123_450),
            ("1,234", 123_400),
            ("12,5", 1_250),
            ("$ 12.00", 1_200),
            ("12.00 USD", 1_200),
            ("-3", -300),
            ("-$3.019", -301),
            ("1,234,567.899", 123_456_789),
        ];
        for (text, minor) in cases {
            assert_eq!(parse_minor(text), Some(minor), "{text}");
        }
    }

    #[test]
    fn doubtful_amounts_are_refused() {
        for text in [
            "",
            "abc",
            "1.2.3",
            "12-5",
            "--5",
            "1,23,4.5",
            "5-",
            "1 2",
            "99999999999999999999",
        ] {
            assert_eq!(parse_minor(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_are_printed_with_two_decimals() {
        let print = |minor| {
            Money {
                minor,
                currency: Currency::USD,
            }
            .to_string()
        };
        assert_eq!(print(15_240), "152.40");
        assert_eq!(print(-5), "-0.05");
        assert_eq!(Currency::parse("eur"), Some(Currency::EUR));
        assert_eq!(Currency::parse("euro"), None);
    }
}
