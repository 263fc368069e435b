//! Verdicts and errors of the vendor, and what they mean (thesslstore.md 2.2, 2.3, 11).

use std::fmt;

use serde_json::Value;

use super::model::reply::scalar;
use crate::ca::http::{Reply, SendClass, SendFailure, Unserved};
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};

/// Authentication or token failure, whatever the order number (thesslstore.md 2.3).
const CODE_AUTHENTICATION: i32 = -9008;
/// The authority refused; its text follows (thesslstore.md 2.3).
const CODE_AUTHORITY: i32 = -9009;
/// The cancellation window is over (thesslstore.md 2.3).
const CODE_WINDOW_OVER: i32 = -9032;

/// Lower-case fragments of texts that speak of money: no code is known for it \[inferred\].
const FUNDS_FRAGMENTS: [&str; 4] = [
    "insufficient",
    "balance",
    "not enough fund",
    "not enough credit",
];

/// Lower-case fragments by which a server says that it has no such operation \[inferred\].
const NO_OPERATION_FRAGMENTS: [&str; 4] = [
    "endpoint not found",
    "no such operation",
    "unknown operation",
    "method not allowed",
];

/// A parsed refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The code, where the text follows the vendor's pattern.
    pub(super) code: Option<i32>,
    /// The vendor's or authority's words.
    pub(super) text: String,
}

impl Refusal {
    /// Reads the texts of a reply: `ErrorCode:<number>|Message:<text>`, or plain words.
    fn read(messages: &[String]) -> Self {
        let mut code = None;
        let mut texts = Vec::new();
        for message in messages {
            let parsed = message
                .trim()
                .strip_prefix("ErrorCode:")
                .and_then(|rest| rest.split_once('|'))
                .and_then(|(number, rest)| {
                    let number: i32 = number.trim().parse().ok()?;
                    Some((number, rest.trim().strip_prefix("Message:").unwrap_or(rest)))
                });
            match parsed {
                Some((number, text)) => {
                    code = code.or(Some(number));
                    texts.push(text.trim().to_owned());
                }
                None => texts.push(message.trim().to_owned()),
            }
        }
        texts.retain(|text| !text.is_empty());
        Self {
            code,
            text: texts.join("; "),
        }
    }

    pub(super) fn is_authentication(&self) -> bool {
        self.code == Some(CODE_AUTHENTICATION)
    }

    pub(super) fn is_window_over(&self) -> bool {
        self.code == Some(CODE_WINDOW_OVER)
    }

    /// Whether the vendor says that it does not know the call.
    pub(super) fn is_unknown_operation(&self) -> bool {
        let text = self.text.to_ascii_lowercase();
        NO_OPERATION_FRAGMENTS.iter().any(|f| text.contains(f))
    }

    /// The failure to report; whether anything was bought is not for it to say.
    pub(super) fn failure(&self) -> Failure {
        let text = self.text.to_ascii_lowercase();
        let reason = match self.code {
            Some(CODE_AUTHENTICATION) => Reason::BadCredentials,
            // The authority never sees the account's money: its words are not searched for it.
            Some(CODE_AUTHORITY) => Reason::Rejected,
            _ if FUNDS_FRAGMENTS.iter().any(|f| text.contains(f)) => Reason::LowFunds,
            _ => Reason::Rejected,
        };
        Failure::new(reason).detail(self)
    }
}

impl Bilingual for Refusal {
    fn both(&self) -> Words {
        let text = match self.text.as_str() {
            "" => words!("no reason was given", "причина не указана"),
            text => Words::verbatim(text),
        };
        match self.code {
            Some(code) => words!("{text} (code {code})", "{text} (код {code})"; text),
            None => text,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.both().en())
    }
}

/// Why a call gave no usable reply.
#[derive(Debug)]
pub(super) enum TheSslStoreError {
    /// No complete answer.
    Send(SendFailure),
    /// A page, a redirect or a bare status, without a verdict in the body.
    Unserved {
        /// The call.
        operation: &'static str,
        /// What came.
        unserved: Unserved,
    },
    /// Not the documented shape.
    Unreadable {
        /// The call.
        operation: &'static str,
        /// What was wrong.
        why: Words,
    },
    /// The vendor said no.
    Refused {
        /// The call.
        operation: &'static str,
        /// What it said.
        refusal: Refusal,
    },
}

impl Bilingual for TheSslStoreError {
    fn both(&self) -> Words {
        match self {
            Self::Send(failure) => failure.both(),
            Self::Unserved {
                operation,
                unserved,
            } => unserved.both().about(operation),
            Self::Unreadable { operation, why } => why.clone().about(operation),
            Self::Refused { operation, refusal } => refusal.both().about(operation),
        }
    }
}

impl TheSslStoreError {
    /// The refusal, if it is one.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }
}

/// For calls that buy nothing.
impl From<TheSslStoreError> for Failure {
    fn from(error: TheSslStoreError) -> Self {
        let detail = error.both();
        match error {
            TheSslStoreError::Send(failure) => failure.into_failure(SendClass::Read),
            TheSslStoreError::Unserved {
                operation,
                unserved,
            } => unserved.into_failure(operation),
            TheSslStoreError::Unreadable { operation, .. } => {
                Self::field(Reason::UnreadableAnswer, operation).detail(detail)
            }
            TheSslStoreError::Refused { refusal, .. } => refusal.failure(),
        }
    }
}

/// The verdict of one reply object, wherever it sits: in `AuthResponse` or at the top, with
/// `isError` in any case (thesslstore.md 2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict {
    /// `None`: the reply has no verdict.
    pub(super) is_error: Option<bool>,
    pub(super) refusal: Refusal,
}

impl Verdict {
    pub(super) fn of(reply: &Value) -> Self {
        let places = [field(reply, "AuthResponse"), Some(reply)];
        let find = |name: &str| places.iter().flatten().find_map(|place| field(place, name));
        let is_error = find("isError").and_then(|value| match value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
            _ => None,
        });
        let messages: Vec<String> = match find("Message") {
            Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
            Some(other) => scalar(other).into_iter().collect(),
            None => Vec::new(),
        };
        Self {
            is_error,
            refusal: Refusal::read(&messages),
        }
    }
}

/// A member of an object by name, in any case.
pub(super) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let (_, value) = value
        .as_object()?
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value)
}

/// The JSON of a reply; says what was there instead, never what stood in it.
pub(super) fn json(operation: &'static str, reply: &Reply) -> Result<Value, TheSslStoreError> {
    let unreadable = |why: Words| TheSslStoreError::Unreadable { operation, why };
    let kind = match &reply.content_type {
        Some(kind) => Words::verbatim(kind),
        None => words!("no content type", "без типа"),
    };
    let value = crate::json::read(&reply.body).map_err(|error| match reply.unserved() {
        Some(unserved) => TheSslStoreError::Unserved {
            operation,
            unserved,
        },
        None => unreadable(words!(
            "the answer (status {}, {kind}, {} bytes) is not JSON: {error}", "ответ (статус {}, {kind}, байт: {}) - не JSON: {error}",
            reply.status,
            reply.body.len(); kind, error
        )),
    })?;
    if value.is_object() || value.is_array() {
        Ok(value)
    } else {
        Err(unreadable(words!(
            "the answer is a bare JSON value",
            "ответ - отдельное значение JSON"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refusals_are_read_by_the_vendors_pattern_or_as_they_are() {
        let cases: [(&[&str], Option<i32>, &str); 7] = [
            (
                &["ErrorCode:-9008|Message:Bad token"],
                Some(-9008),
                "Bad token",
            ),
            (&["ErrorCode:-9009|Message:a|b: c"], Some(-9009), "a|b: c"),
            (&["plain words"], None, "plain words"),
            (&["ErrorCode:x|Message:y"], None, "ErrorCode:x|Message:y"),
            (&["one", "ErrorCode:-1|Message:two"], Some(-1), "one; two"),
            (&[], None, ""),
            (&["  "], None, ""),
        ];
        for (messages, code, text) in cases {
            let messages: Vec<String> = messages.iter().map(|m| (*m).to_owned()).collect();
            let refusal = Refusal::read(&messages);
            assert_eq!((refusal.code, refusal.text.as_str()), (code, text));
        }
    }

    #[test]
    fn refusals_mean_what_the_table_says() {
        let cases = [
            (Some(-9008), "x", Reason::BadCredentials),
            (Some(-9009), "insufficient key size", Reason::Rejected),
            (Some(-9032), "x", Reason::Rejected),
            (Some(-1), "Insufficient funds", Reason::LowFunds),
            (None, "Account BALANCE is too low", Reason::LowFunds),
            (None, "something else", Reason::Rejected),
        ];
        for (code, text, reason) in cases {
            let text = text.to_owned();
            let failure = Refusal { code, text }.failure();
            assert_eq!(failure.reason(), reason, "{failure}");
        }
    }

    #[test]
    fn the_verdict_is_found_in_every_shape() {
        let cases = [
            (
                json!({"AuthResponse": {"isError": true, "Message": ["no"]}}),
                Some(true),
                "no",
            ),
            (
                json!({"authresponse": {"IsError": "True", "Message": "no"}}),
                Some(true),
                "no",
            ),
            (json!({"isError": false, "Message": null}), Some(false), ""),
            (
                json!({"AuthResponse": null, "isError": true, "Message": ["a", 5]}),
                Some(true),
                "a; 5",
            ),
            (json!({"AuthResponse": {"isError": "maybe"}}), None, ""),
            (json!({"AuthResponse": {"isError": 1}}), None, ""),
            (json!({"TheSSLStoreOrderID": "1"}), None, ""),
            (json!([]), None, ""),
        ];
        for (value, is_error, text) in cases {
            let verdict = Verdict::of(&value);
            assert_eq!(
                (verdict.is_error, verdict.refusal.text.as_str()),
                (is_error, text),
                "{value}"
            );
        }
    }
}
