//! What the vendor's complaints mean (enom.md 12): the only table of its error words and codes.

use super::envelope::Node;
use crate::ca::http::{SendClass, SendFailure, Unserved};
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};

/// What a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// User, password or token.
    Credentials,
    /// This server's address is not on the vendor's list.
    Address,
    /// Not enough money.
    Funds,
    /// The vendor's own trouble. After a paid call it proves nothing.
    Trouble,
    /// Anything else: the vendor said no.
    Data,
}

/// Attested texts, matched as a beginning in lower case. They are more precise than codes.
const ATTESTED: [(&str, Class); 4] = [
    ("bad user name or password", Class::Credentials),
    ("bad username or password", Class::Credentials),
    ("user not permitted from this ip address", Class::Address),
    ("invalid client ip", Class::Address),
];

/// Words of texts without code: not attested, they follow the pattern of the code table \[inferred\].
const FRAGMENTS: [(&str, Class); 4] = [
    ("insufficient", Class::Funds),
    ("not enough funds", Class::Funds),
    ("maintenance", Class::Trouble),
    ("try again later", Class::Trouble),
];

/// What a code means: `S EE PPP`, system, kind of error, parameter (enom.md 12).
fn class_of(code: u32) -> Class {
    let (system, error, parameter) = (code / 100_000, code / 1000 % 100, code % 1000);
    match (system, error, parameter) {
        // Insufficient reseller balance; payment; the account's balance as parameter.
        (_, 24, _) | (5, ..) | (_, _, 181) => Class::Funds,
        // End-user or server address.
        (_, 13, 160 | 161) => Class::Address,
        // Authentication; login, password, token; unauthorized.
        (4, ..) | (_, _, 155 | 156 | 226) | (_, 13, _) => Class::Credentials,
        // System; connection failed; maintenance; unknown system.
        (0 | 6, ..) | (_, 7 | 18, _) => Class::Trouble,
        _ => Class::Data,
    }
}

/// A complaint: texts for people and codes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Refusal {
    texts: Vec<String>,
    codes: Vec<u32>,
}

impl Refusal {
    /// Reads `errors/Err1…` and `responses/response` of an answer (enom.md 3).
    pub(super) fn read(root: &Node) -> Self {
        let mut refusal = Self::default();
        let errors = root.child("errors").into_iter();
        for error in errors.flat_map(|errors| errors.listed("Err")) {
            refusal.add(error.text());
        }
        let responses = root.child("responses").into_iter();
        for response in responses.flat_map(|responses| responses.listed("response")) {
            let number = response.value("ResponseNumber");
            let code = number.and_then(|number| number.parse().ok());
            // 1xxxxx is success, fewer digits are no code of this scheme.
            let is_code = |code: &u32| *code < 1_000_000 && *code / 100_000 != 1 && *code > 0;
            refusal.codes.extend(code.filter(is_code));
            refusal.add(response.value("ResponseString"));
        }
        refusal
    }

    fn add(&mut self, text: Option<&str>) {
        let text = text.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        self.texts
            .extend(text.filter(|text| !self.texts.contains(text)));
    }

    /// What it is about: attested texts first, then codes, then fragments of texts.
    pub(super) fn class(&self) -> Class {
        let lower = || self.texts.iter().map(|text| text.to_lowercase());
        let attested = lower().find_map(|text| {
            let known = ATTESTED.iter().find(|(start, _)| text.starts_with(start));
            known.map(|(_, class)| *class)
        });
        let coded = self.codes.iter().map(|code| class_of(*code)).next();
        let fragment = || {
            lower().find_map(|text| {
                let known = FRAGMENTS.iter().find(|(part, _)| text.contains(part));
                known.map(|(_, class)| *class)
            })
        };
        attested
            .or(coded.filter(|class| *class != Class::Data))
            .or_else(fragment)
            .unwrap_or(Class::Data)
    }

    /// Whether any part of it is about the vendor's own trouble: then a paid call may have gone through,
    /// whatever else is complained about.
    pub(super) fn mentions_trouble(&self) -> bool {
        let codes = self.codes.iter().map(|code| class_of(*code));
        let texts = self.texts.iter().map(|text| text.to_lowercase());
        let in_text = |text: String| {
            FRAGMENTS
                .iter()
                .any(|(part, class)| *class == Class::Trouble && text.contains(part))
        };
        codes.into_iter().any(|class| class == Class::Trouble) || texts.into_iter().any(in_text)
    }

    /// The failure to report; whether anything was bought is not for it to say.
    pub(super) fn failure(&self) -> Failure {
        let reason = match self.class() {
            Class::Credentials => Reason::BadCredentials,
            Class::Address => Reason::AddressNotAllowed,
            Class::Funds => Reason::LowFunds,
            Class::Trouble => Reason::VendorTrouble,
            Class::Data => Reason::Rejected,
        };
        Failure::new(reason).detail(self)
    }
}

impl Bilingual for Refusal {
    fn both(&self) -> Words {
        let text = match self.texts.as_slice() {
            [] => words!("no reason was given", "причина не указана"),
            texts => Words::verbatim(texts.join("; ")),
        };
        let codes: Vec<_> = self.codes.iter().map(|code| format!("{code:06}")).collect();
        match codes.as_slice() {
            [] => text,
            codes => words!("{text} (code {})", "{text} (код {})", codes.join(", "); text),
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.both().en())
    }
}

/// Why a call gave no usable answer.
#[derive(Debug)]
pub(super) enum EnomError {
    /// No complete answer.
    Send(SendFailure),
    /// A page, a redirect or a bare status; the vendor's own errors come with 200.
    Unserved {
        /// The command.
        command: &'static str,
        /// What came.
        unserved: Unserved,
    },
    /// Not the documented shape.
    Unreadable {
        /// The command.
        command: &'static str,
        /// What was wrong.
        why: Words,
        /// Cut off: another try may do better.
        passing: bool,
    },
    /// The vendor said no.
    Refused {
        /// The command.
        command: &'static str,
        /// What it said.
        refusal: Refusal,
    },
}

impl Bilingual for EnomError {
    fn both(&self) -> Words {
        match self {
            Self::Send(failure) => failure.both(),
            Self::Unserved { command, unserved } => unserved.both().about(command),
            Self::Unreadable { command, why, .. } => why.clone().about(command),
            Self::Refused { command, refusal } => refusal.both().about(command),
        }
    }
}

impl EnomError {
    /// The refusal, if it is one that is about the data sent.
    pub(super) fn data_refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } if refusal.class() == Class::Data => Some(refusal),
            _ => None,
        }
    }
}

/// For calls that buy nothing.
impl From<EnomError> for Failure {
    fn from(error: EnomError) -> Self {
        let detail = error.both();
        match error {
            EnomError::Send(failure) => failure.into_failure(SendClass::Read),
            EnomError::Unserved { command, unserved } => unserved.into_failure(command),
            EnomError::Unreadable { passing: true, .. } => {
                Self::new(Reason::VendorTrouble).detail(detail)
            }
            EnomError::Unreadable { command, .. } => {
                Self::field(Reason::UnreadableAnswer, command).detail(detail)
            }
            EnomError::Refused { refusal, .. } => refusal.failure(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(texts: &[&str], codes: &[u32]) -> Refusal {
        Refusal {
            texts: texts.iter().map(|text| (*text).to_owned()).collect(),
            codes: codes.to_vec(),
        }
    }

    #[test]
    fn complaints_mean_what_the_table_says() {
        let cases: [(&[&str], &[u32], Reason); 15] = [
            (&["Bad User name or Password"], &[], Reason::BadCredentials),
            (&["x"], &[304_156], Reason::BadCredentials),
            (&["x"], &[403_155], Reason::BadCredentials),
            (&["x"], &[713_254], Reason::BadCredentials),
            (
                &[
                    "User not permitted from this IP address - 4",
                    "Policy error",
                ],
                &[713_254],
                Reason::AddressNotAllowed,
            ),
            (
                &["Invalid client IP: 192.0.2.1"],
                &[],
                Reason::AddressNotAllowed,
            ),
            (&["x"], &[713_160], Reason::AddressNotAllowed),
            (&["x"], &[524_181], Reason::LowFunds),
            (&["x"], &[324_999], Reason::LowFunds),
            (&["Insufficient funds"], &[], Reason::LowFunds),
            (&["x"], &[618_247], Reason::VendorTrouble),
            (&["x"], &[207_397], Reason::VendorTrouble),
            (&["Closed for maintenance"], &[], Reason::VendorTrouble),
            (
                &["Validation error; invalid; city"],
                &[304_005],
                Reason::Rejected,
            ),
            (&[], &[], Reason::Rejected),
        ];
        for (texts, codes, reason) in cases {
            let refusal = refusal(texts, codes);
            assert_eq!(refusal.failure().reason(), reason, "{refusal}");
        }
    }

    #[test]
    fn texts_and_codes_are_shown_together() {
        assert_eq!(
            refusal(&["one", "two"], &[304_005]).to_string(),
            "one; two (code 304005)"
        );
        assert_eq!(refusal(&[], &[]).to_string(), "no reason was given");
    }
}
