//! The three ways in which parameters travel (leaderssl.md 2).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

pub(super) use crate::module::leadertelecom::OrderEncoding as Encoding;

/// Everything but the unreserved characters of addresses.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

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
    text.extend(utf8_percent_encode(key, RESERVED));
    text.push('=');
    text.extend(utf8_percent_encode(value, RESERVED));
}
