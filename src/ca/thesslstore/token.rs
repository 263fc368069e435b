//! What is remembered between preparing and locating: the CSR's form on the wire and, for a reissue,
//! a snapshot of the certificate that is being replaced.

use super::mapping::CsrForm;
use super::model::reply::Order;
use super::progress::certificate_start;
use crate::ca::Token;

/// Serial numbers have at most 40 hexadecimal digits (RFC 5280).
const SERIAL_LENGTH: usize = 40;

/// Serial number and begin of a certificate, as far as the vendor tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CertificateSnapshot {
    serial: Option<String>,
    /// Seconds since 1970.
    start: Option<i64>,
}

/// Whether two snapshots show the same certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Different,
    /// Nothing that both snapshots hold.
    Unclear,
}

impl CertificateSnapshot {
    pub(super) fn of(order: &Order) -> Self {
        let serial = order.serial_number.as_deref().map(|serial| {
            let digits = serial.chars().filter(char::is_ascii_alphanumeric);
            digits
                .map(|digit| digit.to_ascii_lowercase())
                .take(SERIAL_LENGTH)
                .collect::<String>()
        });
        Self {
            serial: serial.filter(|serial| !serial.is_empty()),
            start: certificate_start(order).map(|start| start.timestamp()),
        }
    }

    /// The serial number decides where both have one: dates are written in several forms.
    pub(super) fn compare(&self, other: &Self) -> Comparison {
        let same = match (&self.serial, &other.serial, self.start, other.start) {
            (Some(a), Some(b), ..) => a == b,
            (_, _, Some(a), Some(b)) => a == b,
            _ => return Comparison::Unclear,
        };
        if same {
            Comparison::Same
        } else {
            Comparison::Different
        }
    }
}

/// The token's content: `r` or `p`, then for a reissue `;<serial>;<start>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TokenContent {
    pub(super) form: CsrForm,
    pub(super) snapshot: Option<CertificateSnapshot>,
}

impl TokenContent {
    pub(super) fn write(&self) -> Token {
        let form = match self.form {
            CsrForm::Raw => "r",
            CsrForm::Percent => "p",
        };
        Token(match &self.snapshot {
            None => form.to_owned(),
            Some(CertificateSnapshot { serial, start }) => format!(
                "{form};{};{}",
                serial.as_deref().unwrap_or_default(),
                start.map(|start| start.to_string()).unwrap_or_default()
            ),
        })
    }

    /// Reads a token; `None` for a text that [`write`](Self::write) does not make.
    pub(super) fn read(token: &Token) -> Option<Self> {
        let mut parts = token.0.split(';');
        let form = match parts.next()? {
            "r" => CsrForm::Raw,
            "p" => CsrForm::Percent,
            _ => return None,
        };
        let snapshot = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(serial), Some(start)) => Some(CertificateSnapshot {
                serial: (!serial.is_empty()).then(|| serial.to_owned()),
                start: match start {
                    "" => None,
                    start => Some(start.parse().ok()?),
                },
            }),
            (Some(_), None) => return None,
        };
        parts.next().is_none().then_some(Self { form, snapshot })
    }
}

#[cfg(test)]
mod tests;
