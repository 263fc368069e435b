//! Reading the answer of a call that orders (leaderssl.md 7, 11).
//!
//! No answer of it is public. Placed is what names exactly one certificate; refused is what the
//! vendor says with a status that means "not served", without a number anywhere. All else is
//! unknown: the call may have been carried out.

use serde_json::Value;

use super::reply::{self, all, error_text, keep_sample, number, plain};
use super::wire::{ORDER_CERTIFICATE, ORDER_NUMBER, REFUSED_STATUSES, Wire};
use crate::ca::http::{Reply, SendFailure};
use crate::ca::{Placed, Reference, Unplaced};
use crate::domain::text::Words;
use crate::domain::{IntentKey, VendorOrderId};
use crate::failure::{Failure, Reason};

/// The outcome of a paid call; validation data are added by the caller.
///
/// # Errors
/// Every other outcome.
pub(super) fn outcome(
    operation: &'static str,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    wire: &Wire,
) -> Result<Placed, Unplaced> {
    let unknown = |why: Words| Unplaced::unknown(key, why.about(operation));
    let reply = answer.map_err(|failure| failure.into_unplaced(key))?;
    let status = reply.status;
    let value = reply::parsed(&reply.body);
    if !reply.is_success() {
        if let Some(words) = refusal(&reply, value.as_ref(), wire) {
            let reason = match status {
                401 => Reason::BadCredentials,
                _ => Reason::Rejected,
            };
            return Err(Unplaced::Refused(Failure::new(reason).detail(words)));
        }
        keep_sample(operation, &reply);
        let words = reply::refusal_words(&reply, wire);
        return Err(unknown(match words {
            Some(words) => words!(
                "HTTP status {status}, the vendor says: {words}", "статус HTTP {status}, поставщик сообщает: {words}"; words
            ),
            None => words!("HTTP status {status}", "статус HTTP {status}"),
        }));
    }
    let Some(value) = value else {
        keep_sample(operation, &reply);
        let why = reply::not_json(&reply.body);
        return Err(unknown(
            words!("unrecognised answer: {why}", "неизвестный вид ответа: {why}"; why),
        ));
    };
    if let Some(words) = error_text(&value, wire) {
        keep_sample(operation, &reply);
        let why = words!("the vendor answered with success and an error: {words}", "поставщик ответил одновременно успехом и ошибкой: {words}"; words);
        return Err(unknown(why));
    }
    match certificate(&value, wire) {
        Ok(id) => Ok(Placed {
            order: VendorOrderId::new(id.to_string()),
            references: order_number(&value, wire),
            validation: Vec::new(),
            remark: None,
        }),
        Err(why) => {
            keep_sample(operation, &reply);
            Err(unknown(
                words!("unrecognised answer: {why}", "неизвестный вид ответа: {why}"; why),
            ))
        }
    }
}

/// Why nothing was bought, when that is proved.
fn refusal(reply: &Reply, value: Option<&Value>, wire: &Wire) -> Option<Words> {
    let is_listed = wire
        .words(&REFUSED_STATUSES)
        .any(|status| status.parse() == Ok(reply.status));
    let value = value.filter(|value| value.is_object() && is_listed && !has_number(value))?;
    error_text(value, wire)
}

/// Whether anything looks like a number of something: an order may have been made after all.
fn has_number(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let name = name.to_ascii_lowercase();
            let is_named = name == "id" || name.ends_with("_id") || name.ends_with("number");
            (is_named && !member.is_null()) || has_number(member)
        }),
        Value::Array(items) => items.iter().any(has_number),
        _ => false,
    }
}

/// The one certificate that an answer names.
fn certificate(value: &Value, wire: &Wire) -> Result<u64, Words> {
    let mut ids = Vec::new();
    for pattern in wire.words(&ORDER_CERTIFICATE) {
        for found in all(value, pattern).into_iter().filter(|id| !id.is_null()) {
            let id = number(found).ok_or_else(|| {
                words!(
                    "the certificate's number cannot be read",
                    "номер сертификата не читается"
                )
            })?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    match ids.as_slice() {
        [id] => Ok(*id),
        [] => Err(words!(
            "it names no certificate",
            "в нём не указан сертификат"
        )),
        _ => Err(words!(
            "it names several certificates",
            "в нём несколько сертификатов"
        )),
    }
}

fn order_number(value: &Value, wire: &Wire) -> Vec<(Reference, String)> {
    reply::pick(value, wire, &ORDER_NUMBER)
        .and_then(plain)
        .map(|number| (Reference::Partner, number))
        .into_iter()
        .collect()
}
