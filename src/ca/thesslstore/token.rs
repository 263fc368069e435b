//! What is remembered between preparing and locating: the CSR's form on the wire and, for a reissue,
//! a picture of the certificate that is being replaced.

use super::mapping::CsrForm;
use super::model::reply::Order;
use super::progress::certificate_start;
use crate::ca::Token;

/// Serial numbers have at most 40 hexadecimal digits (RFC 5280).
const SERIAL_LENGTH: usize = 40;

/// Serial number and begin of a certificate, as far as the vendor tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Picture {
    serial: Option<String>,
    /// Seconds since 1970.
    start: Option<i64>,
}

/// Whether two pictures show the same certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    Different,
    /// Nothing that both pictures hold.
    Unclear,
}

impl Picture {
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
pub(super) struct Memory {
    pub(super) form: CsrForm,
    pub(super) picture: Option<Picture>,
}

impl Memory {
    pub(super) fn write(&self) -> Token {
        let form = match self.form {
            CsrForm::Raw => "r",
            CsrForm::Percent => "p",
        };
        Token(match &self.picture {
            None => form.to_owned(),
            Some(Picture { serial, start }) => format!(
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
        let picture = match (parts.next(), parts.next()) {
            (None, _) => None,
            (Some(serial), Some(start)) => Some(Picture {
                serial: (!serial.is_empty()).then(|| serial.to_owned()),
                start: match start {
                    "" => None,
                    start => Some(start.parse().ok()?),
                },
            }),
            (Some(_), None) => return None,
        };
        parts.next().is_none().then_some(Self { form, picture })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(serial: &str, start: &str) -> Picture {
        let order = serde_json::json!({
            "SerialNumber": serial, "CertificateStartDateInUTC": start
        });
        Picture::of(&serde_json::from_value(order).unwrap())
    }

    #[test]
    fn tokens_are_read_as_they_were_written_and_fit_the_store() {
        let long = picture(&"aB:".repeat(40), "8/1/2026 1:50:20 PM");
        let cases = [
            (CsrForm::Raw, None, "r"),
            (CsrForm::Percent, None, "p"),
            (CsrForm::Raw, Some(picture("", "")), "r;;"),
            (CsrForm::Raw, Some(picture("00:FF", "")), "r;00ff;"),
            (
                CsrForm::Percent,
                Some(long),
                "p;abababababababababababababababababababab;1785592220",
            ),
        ];
        for (form, picture, text) in cases {
            let memory = Memory { form, picture };
            let token = memory.write();
            assert_eq!(token.0, text);
            assert!(token.0.len() <= 80 && !token.0.contains('|'));
            assert_eq!(Memory::read(&token), Some(memory));
        }
        for text in ["", "x", "r;", "r;a", "r;a;b", "r;a;1;", "r|"] {
            assert_eq!(Memory::read(&Token(text.to_owned())), None, "{text}");
        }
    }

    #[test]
    fn pictures_are_compared_by_what_both_hold() {
        let (day, next) = ("8/1/2026", "8/2/2026");
        let cases = [
            (picture("aa", day), picture("AA", next), Comparison::Same),
            (
                picture("aa", day),
                picture("bb", day),
                Comparison::Different,
            ),
            (picture("", day), picture("bb", day), Comparison::Same),
            (picture("", day), picture("", next), Comparison::Different),
            (picture("aa", ""), picture("", next), Comparison::Unclear),
            (picture("", ""), picture("", ""), Comparison::Unclear),
            (
                picture("", "1/1/1900 12:00:00 AM"),
                picture("", day),
                Comparison::Unclear,
            ),
        ];
        for (before, now, expected) in cases {
            assert_eq!(before.compare(&now), expected, "{before:?} {now:?}");
        }
    }
}
