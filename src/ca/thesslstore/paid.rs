//! Reading the answer of a call that orders (thesslstore.md 11.6).
//!
//! Only one kind of answer proves that nothing was bought: a status of 200 to 299, readable JSON, an
//! error verdict and no order number anywhere. Whatever is not clear is unknown, never refused.

use serde_json::Value;

use super::client::{decode, single};
use super::error::{Verdict, json};
use super::model::reply::{Order, scalar};
use super::progress::placed;
use crate::ca::http::{Reply, SendFailure};
use crate::ca::{Placed, Unplaced};
use crate::domain::text::{Bilingual, Words};
use crate::domain::{IntentKey, VendorOrderId};

/// The outcome of `order/neworder`.
///
/// # Errors
/// Every other outcome.
pub(super) fn new_order(
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
) -> Result<Placed, Unplaced> {
    let reading = match read("order/neworder", answer, key)? {
        Reading::Clear(reading) => reading,
        Reading::Unclear(why) => return Err(Unplaced::unknown(key, why)),
    };
    match (reading.ids.as_slice(), reading.verdict.is_error) {
        ([id], is_error) => {
            let order: Order = decode(reading.value);
            if let Some(other) = order
                .custom_order_id
                .as_ref()
                .filter(|id| *id != key.as_str())
            {
                let why = words!(
                    "the vendor answered about order {id} of '{other}'",
                    "поставщик ответил о заказе {id} с '{other}'"
                );
                return Err(Unplaced::unknown(key, why));
            }
            let remark = (is_error == Some(true)).then(|| {
                let refusal = &reading.verdict.refusal;
                format!("the order exists although the vendor answered with an error: {refusal}")
            });
            let mut placed = placed(&order, id, remark);
            if order.custom_order_id.is_none() {
                let reference = crate::ca::Reference::Client;
                placed.references.push((reference, key.to_string()));
            }
            Ok(placed)
        }
        ([], Some(true)) => Err(Unplaced::Refused(reading.verdict.refusal.failure())),
        ([], _) => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer holds no order number",
                "в ответе поставщика нет номера заказа"
            ),
        )),
        _ => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer holds several order numbers",
                "в ответе поставщика несколько номеров заказов"
            ),
        )),
    }
}

/// The outcome of `order/reissue`, whose order number is known. An error that names the order is
/// not clear: the order existed before.
///
/// # Errors
/// As [`new_order`].
pub(super) fn reissue(
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    order: &VendorOrderId,
) -> Result<Placed, Unplaced> {
    let reading = match read("order/reissue", answer, key)? {
        Reading::Clear(reading) => reading,
        Reading::Unclear(why) => return Err(Unplaced::unknown(key, why)),
    };
    let ids = &reading.ids;
    match reading.verdict.is_error {
        Some(true) if ids.is_empty() => Err(Unplaced::Refused(reading.verdict.refusal.failure())),
        Some(true) => {
            let refusal = &reading.verdict.refusal;
            let why = words!("the vendor answered with the order and an error: {refusal}", "поставщик прислал и заказ, и ошибку: {refusal}"; refusal);
            Err(Unplaced::unknown(key, why))
        }
        None if ids.is_empty() => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer has no verdict",
                "в ответе поставщика нет результата"
            ),
        )),
        _ if ids.iter().any(|id| id != order.as_str()) => {
            let why = words!(
                "the vendor answered about order {}",
                "поставщик ответил о заказе {}",
                ids.join(", ")
            );
            Err(Unplaced::unknown(key, why))
        }
        // The client reference of the order stays that of the first order (thesslstore.md 9.1).
        _ => Ok(placed(&decode(reading.value), order.as_str(), None)),
    }
}

enum Reading {
    Clear(Clear),
    Unclear(Words),
}

struct Clear {
    value: Value,
    verdict: Verdict,
    /// Every order number in the answer, once.
    ids: Vec<String>,
}

fn read(
    operation: &'static str,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
) -> Result<Reading, Unplaced> {
    let reply = answer.map_err(|failure| failure.into_unplaced(key))?;
    if !reply.is_success() {
        let why = words!(
            "{operation}: HTTP status {}",
            "{operation}: статус HTTP {}",
            reply.status
        );
        return Ok(Reading::Unclear(why));
    }
    let value = json(operation, &reply).and_then(|value| single(operation, value));
    Ok(match value {
        Ok(value) => {
            let mut ids = Vec::new();
            match collect_ids(&value, &mut ids) {
                Ok(()) => Reading::Clear(Clear {
                    verdict: Verdict::of(&value),
                    value,
                    ids,
                }),
                Err(Odd) => Reading::Unclear(words!(
                    "{operation}: the order number cannot be read",
                    "{operation}: номер заказа не читается"
                )),
            }
        }
        Err(error) => Reading::Unclear(error.both()),
    })
}

/// Something under the name of an order number that is none.
struct Odd;

/// Order numbers at any depth and in any case: one that is overlooked could turn a sale into a
/// refusal. Zero stands for none (thesslstore.md 2.1).
fn collect_ids(value: &Value, ids: &mut Vec<String>) -> Result<(), Odd> {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name.eq_ignore_ascii_case("TheSSLStoreOrderID") {
                    let id = order_number(member)?;
                    ids.extend(id.filter(|id| !ids.contains(id)));
                } else {
                    collect_ids(member, ids)?;
                }
            }
            Ok(())
        }
        Value::Array(items) => items.iter().try_for_each(|item| collect_ids(item, ids)),
        _ => Ok(()),
    }
}

/// Digits, as text or number (thesslstore.md 7); null, empty and zero are no number.
fn order_number(value: &Value) -> Result<Option<String>, Odd> {
    let is_absent = match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    if is_absent {
        return Ok(None);
    }
    let id = scalar(value).ok_or(Odd)?;
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Odd);
    }
    Ok((!id.trim_matches('0').is_empty()).then_some(id))
}
