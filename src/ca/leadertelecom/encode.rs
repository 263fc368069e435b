//! The three ways in which parameters travel (leaderssl.md 2).

use std::fmt::Write as _;

use serde_json::Value;

/// How the parameters of a call are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// A JSON body.
    Json,
    /// A form body with nested keys.
    Form,
    /// The same in the address; puts personal data into access logs.
    Query,
}

impl Encoding {
    /// Reads the setting's word.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "json" => Some(Self::Json),
            "form" => Some(Self::Form),
            "query" => Some(Self::Query),
            _ => None,
        }
    }
}

/// `order[items][0][csr]=…` with everything but unreserved characters percent-encoded, blanks as
/// `%20`. Null members are left out, as the only known client does.
pub(super) fn form(value: &Value) -> String {
    let mut text = String::new();
    append(&mut text, "", value);
    text
}

fn append(text: &mut String, key: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, member) in members {
                append(text, &nested(key, name), member);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                append(text, &nested(key, &index.to_string()), item);
            }
        }
        Value::Bool(flag) => pair(text, key, if *flag { "1" } else { "0" }),
        Value::Number(number) => pair(text, key, &number.to_string()),
        Value::String(word) => pair(text, key, word),
    }
}

fn nested(key: &str, name: &str) -> String {
    if key.is_empty() {
        name.to_owned()
    } else {
        format!("{key}[{name}]")
    }
}

fn pair(text: &mut String, key: &str, value: &str) {
    if !text.is_empty() {
        text.push('&');
    }
    escape(text, key);
    text.push('=');
    escape(text, value);
}

fn escape(text: &mut String, raw: &str) {
    for byte in raw.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
}
