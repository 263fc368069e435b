//! What is remembered between preparing and looking up: a snapshot of what the account held before.

use chrono::NaiveDate;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::ca::Token;

/// Room for the numbers of known services.
const LONGEST: usize = 80;

/// The services of the same domain that existed before an order (ispmanager.md 15).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KnownServices {
    /// Exactly these.
    Numbers(Vec<u64>),
    /// Too many to name: all up to this one. Numbers grow with time \[inferred\]; a new service with a
    /// smaller number would be overlooked, which ends in a question to a person, never in an order.
    UpTo(u64),
}

impl KnownServices {
    pub(super) fn new(mut numbers: Vec<u64>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        let named = Self::Numbers(numbers);
        if TokenContent::New(named.clone()).write().0.len() <= LONGEST {
            return named;
        }
        let Self::Numbers(numbers) = named else {
            return named;
        };
        Self::UpTo(numbers.last().copied().unwrap_or_default())
    }

    pub(super) fn holds(&self, number: u64) -> bool {
        match self {
            Self::Numbers(numbers) => numbers.contains(&number),
            Self::UpTo(last) => number <= *last,
        }
    }
}

/// A token's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenContent {
    /// A first order: `n;<numbers>` or `n;<last>*`, in base 36.
    New(KnownServices),
    /// A renewal: `p;<paid till before>`.
    Renewal(NaiveDate),
    /// A reissue: `r;<mark of the former certificate>;<mark of the former request>`, each may be empty.
    Reissue {
        certificate: Option<String>,
        request: Option<String>,
    },
}

impl TokenContent {
    pub(super) fn write(&self) -> Token {
        Token(match self {
            Self::New(KnownServices::Numbers(numbers)) => {
                let numbers: Vec<String> = numbers.iter().copied().map(base36).collect();
                format!("n;{}", numbers.join("."))
            }
            Self::New(KnownServices::UpTo(last)) => format!("n;{}*", base36(*last)),
            Self::Renewal(date) => format!("p;{}", date.format("%Y-%m-%d")),
            Self::Reissue {
                certificate,
                request,
            } => format!(
                "r;{};{}",
                certificate.as_deref().unwrap_or_default(),
                request.as_deref().unwrap_or_default()
            ),
        })
    }

    /// Reads a token; `None` for a text that [`write`](Self::write) does not make.
    pub(super) fn read(token: &Token) -> Option<Self> {
        let (kind, rest) = token.0.split_once(';')?;
        match kind {
            "n" => Some(Self::New(match rest.strip_suffix('*') {
                Some(last) => KnownServices::UpTo(from_base36(last)?),
                None if rest.is_empty() => KnownServices::Numbers(Vec::new()),
                None => {
                    KnownServices::Numbers(rest.split('.').map(from_base36).collect::<Option<_>>()?)
                }
            })),
            "p" => NaiveDate::parse_from_str(rest, "%Y-%m-%d")
                .ok()
                .map(Self::Renewal),
            "r" => {
                let (certificate, request) = rest.split_once(';')?;
                let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                let valid = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
                (valid(certificate) && valid(request)).then(|| Self::Reissue {
                    certificate: known(certificate),
                    request: known(request),
                })
            }
            _ => None,
        }
    }
}

/// A short mark of a text, white space aside.
pub(super) fn mark(text: &str) -> String {
    let bare: String = text.split_whitespace().collect();
    let digest = Sha256::digest(bare.as_bytes());
    HEXLOWER.encode(&digest[..8])
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    loop {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        digits.push(char::from(DIGITS[digit]));
        number /= 36;
        if number == 0 {
            break digits.iter().rev().collect();
        }
    }
}

fn from_base36(text: &str) -> Option<u64> {
    let valid = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
    valid.then(|| u64::from_str_radix(text, 36).ok()).flatten()
}

#[cfg(test)]
mod tests;
