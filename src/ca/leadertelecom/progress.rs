//! Status words and validation data (leaderssl.md 6, 9).

use serde_json::Value;

use super::mapping;
use super::reply::{all, items, member, plain};
use super::tokens::Tokens;
use super::wire::{
    DCV_DONE, DCV_EMAIL, DCV_FILE_ADDRESS, DCV_FILE_CONTENT, DCV_LIST, DCV_METHOD, DCV_NAME,
    DCV_RECORD_NAME, DCV_RECORD_VALUE, STATUS, UNIQUE_VALUE, Wire, WireFact,
};
use crate::ca::{OrderRef, ValidationRecord, ValidationTask};
use crate::domain::{DomainName, EmailAddress, ValidationMethod};

/// The status word of an answer. Several different ones are joined: the override file can then name
/// the right member, or the joined word.
pub(super) fn word(value: &Value, wire: &Wire) -> Option<String> {
    wire.words(&STATUS).find_map(|pattern| {
        let mut words: Vec<String> = Vec::new();
        for word in all(value, pattern).into_iter().filter_map(plain) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        (!words.is_empty()).then(|| words.join("/"))
    })
}

/// Validation data of an answer to `dcv`, as far as they can be read; what the vendor leaves out of a
/// hash method is computed when it shows our mark.
pub(super) fn validation(value: &Value, order: &OrderRef, wire: &Wire) -> Vec<ValidationRecord> {
    let items = items(value, wire, &DCV_LIST).unwrap_or_else(|| vec![value.clone()]);
    let outer = member(value, wire, &UNIQUE_VALUE).and_then(plain);
    items
        .iter()
        .filter_map(|item| record(item, outer.as_deref(), order, wire))
        .collect()
}

fn record(
    item: &Value,
    unique: Option<&str>,
    order: &OrderRef,
    wire: &Wire,
) -> Option<ValidationRecord> {
    let text = |entry: &WireFact| member(item, wire, entry).and_then(plain);
    let name = DomainName::parse(&text(&DCV_NAME)?).ok()?;
    let unique = text(&UNIQUE_VALUE).or_else(|| unique.map(str::to_owned));
    let task = match text(&DCV_METHOD)?.as_str() {
        "EMAIL" => {
            let address = EmailAddress::parse(&text(&DCV_EMAIL)?)?;
            Some(ValidationTask::Email(address.to_string()))
        }
        "CNAME_CSR_HASH" => text(&DCV_RECORD_NAME)
            .zip(text(&DCV_RECORD_VALUE))
            .map(|(name, value)| ValidationTask::Cname { name, value })
            .or_else(|| computed(&name, &ValidationMethod::DnsCname, unique?, order, wire)),
        word @ ("HTTP_CSR_HASH" | "HTTPS_CSR_HASH") => text(&DCV_FILE_ADDRESS)
            .zip(text(&DCV_FILE_CONTENT))
            .filter(|(url, _)| url.starts_with("http://") || url.starts_with("https://"))
            .map(|(url, content)| ValidationTask::File { url, content })
            .or_else(|| {
                let method = match word {
                    "HTTP_CSR_HASH" => ValidationMethod::HttpFile,
                    _ => ValidationMethod::HttpsFile,
                };
                computed(&name, &method, unique?, order, wire)
            }),
        _ => None,
    }?;
    let done = member(item, wire, &DCV_DONE) == Some(&Value::Bool(true));
    Some(ValidationRecord { name, task, done })
}

fn computed(
    name: &DomainName,
    method: &ValidationMethod,
    unique: String,
    order: &OrderRef,
    wire: &Wire,
) -> Option<ValidationTask> {
    if !mapping::has_sectigo_tokens(&order.template, wire) {
        return None;
    }
    let tokens = Tokens::of(order.csr_pem.as_deref()?)?;
    tokens.task(name, method, &unique, wire)
}
