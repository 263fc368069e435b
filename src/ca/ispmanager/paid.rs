//! Reading the answers of calls that order (ispmanager.md 4.1, 8.3, 12, 13, 15).
//!
//! One kind of answer proves that nothing was bought: a whole reply with an error of a known type and
//! without a service's number. Whatever is not clear is unknown, never refused. A number that is answered
//! to a first order may be a payment's: it counts once the record under it shows that it is ours.

use super::document::{self, Node};
use super::error::{Refusal, keep_sample};
use super::record::{Record, date, number, same_request};
use super::wire::{Entry, Wire};
use crate::ca::http::{Reply, SendFailure};
use crate::ca::{Placed, Reference, Unplaced};
use crate::domain::text::{Bilingual, Words};
use crate::domain::{IntentKey, Purchase, VendorOrderId};
use crate::failure::{Failure, Reason};

/// The outcome of a first order.
///
/// # Errors
/// Every other outcome.
pub(super) fn order(
    wire: &Wire,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    marker: &str,
) -> Result<Placed, Unplaced> {
    const OPERATION: Entry = Entry::OrderFunction;
    let doc = read(wire, OPERATION, answer, key)?;
    let numbers = new_numbers(wire, &doc);
    let ok = doc.child("ok");
    let id = match numbers.as_slice() {
        [id] => id,
        [] => {
            return Err(Unplaced::unknown(
                key,
                words!(
                    "the answer holds no number of a service",
                    "в ответе нет номера услуги"
                ),
            ));
        }
        _ => {
            return Err(Unplaced::unknown(
                key,
                words!(
                    "the answer holds several numbers of services",
                    "в ответе несколько номеров услуг"
                ),
            ));
        }
    };
    // A form or another function's page that came back instead of a verdict may show numbers of other
    // things, a payment's for one.
    let function = wire.text(OPERATION);
    let is_others = doc
        .filled_attribute("func")
        .is_some_and(|func| func != function);
    if ok.is_none() && (is_others || doc.child("slist").is_some() || doc.child("doc").is_some()) {
        return Err(Unplaced::unknown(
            key,
            words!(
                "the answer is a form or belongs to another function",
                "ответ - форма или относится к другой функции"
            ),
        ));
    }
    let parked = ok.and_then(|ok| ok.filled_attribute("type"));
    Ok(Placed {
        order: VendorOrderId::new(id),
        references: vec![(Reference::Client, marker.to_owned())],
        validation: Vec::new(),
        remark: parked.map(|kind| {
            format!(
                "the billing sends on to '{kind}': service {id} may be waiting for payment there"
            )
        }),
    })
}

/// Whether a record is this order's: by our marker, else by the CSR, else by the name. A marker of somebody
/// else speaks against it whatever the rest says, and what shows none of them is not ours.
pub(super) fn is_ours(record: &Record, purchase: &Purchase, marker: &str) -> bool {
    let by_marker = record.marker.as_deref().map(|shown| shown == marker);
    let by_request = record
        .csr
        .as_deref()
        .and_then(|csr| same_request(csr, &purchase.csr_pem));
    let by_name = record
        .common_name
        .as_ref()
        .map(|name| *name == purchase.common_name);
    by_marker.or(by_request).or(by_name).unwrap_or(false)
}

/// The outcome of a renewal, which keeps the service's number.
///
/// # Errors
/// As [`order`].
pub(super) fn prolong(
    wire: &Wire,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    service: &VendorOrderId,
) -> Result<Placed, Unplaced> {
    let doc = read(wire, Entry::ProlongFunction, answer, key)?;
    done(&doc).map_err(|why| Unplaced::unknown(key, why))?;
    let field = wire.text(Entry::NewExpiresField);
    let till = doc.at("doc").and_then(|inner| inner.value(field));
    if till.is_some_and(|till| date(till).is_none()) {
        return Err(Unplaced::unknown(
            key,
            words!(
                "the answer holds a last paid day that is no day",
                "последний оплаченный день в ответе - не дата"
            ),
        ));
    }
    Ok(Placed {
        remark: till.map(|till| format!("paid till {till}")),
        ..same_service(service)
    })
}

/// The outcome of a reissue, which is free of charge.
///
/// # Errors
/// As [`order`]; a wizard that goes on behind the documented step is refused by name.
pub(super) fn reissue(
    wire: &Wire,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    service: &VendorOrderId,
) -> Result<Placed, Unplaced> {
    const OPERATION: Entry = Entry::ReissueFunction;
    let doc = read(wire, OPERATION, answer, key)?;
    if doc.child("ok").is_none() {
        let next = doc
            .filled_attribute("func")
            .filter(|func| *func != wire.text(OPERATION));
        if let Some(next) = next {
            return Err(Unplaced::Refused(Failure::new(Reason::Rejected).detail(words!(
                "remote wizard step not understood: {next}. Finish the reissue in the Ispmanager client area", "непонятный шаг мастера: {next}. Завершите перевыпуск в личном кабинете Ispmanager"
            ))));
        }
    }
    done(&doc).map_err(|why| Unplaced::unknown(key, why))?;
    Ok(same_service(service))
}

fn same_service(service: &VendorOrderId) -> Placed {
    Placed {
        order: service.clone(),
        references: Vec::new(),
        validation: Vec::new(),
        remark: None,
    }
}

/// A plain `<ok/>`; one with a type sends the browser elsewhere (4.1).
fn done(doc: &Node) -> Result<(), Words> {
    match doc.child("ok") {
        Some(ok) if ok.filled_attribute("type").is_none() => Ok(()),
        Some(_) => Err(words!(
            "the billing sends on elsewhere, perhaps to its cart",
            "биллинг переадресует в другое место, возможно, в корзину"
        )),
        None => Err(words!(
            "the answer holds no verdict",
            "в ответе нет результата"
        )),
    }
}

/// Reads the reply; errors that prove that nothing happened are refusals.
fn read(
    wire: &Wire,
    function: Entry,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
) -> Result<Node, Unplaced> {
    let operation = function.default();
    let reply = answer.map_err(|failure| failure.into_unplaced(key))?;
    let unreadable = |why: Words| {
        keep_sample(operation, &reply);
        Unplaced::unknown(key, why.about(operation))
    };
    if !reply.is_success() {
        return Err(unreadable(words!(
            "HTTP status {}",
            "статус HTTP {}",
            reply.status
        )));
    }
    let doc = document::read(&reply.body).map_err(unreadable)?;
    let Some(refusal) = Refusal::read(operation, &doc, wire) else {
        if doc.child("ok").is_none() && new_numbers(wire, &doc).is_empty() {
            keep_sample(operation, &reply);
        }
        return Ok(doc);
    };
    if refusal.proves_nothing_bought()
        && new_numbers(wire, &doc).is_empty()
        && doc.child("ok").is_none()
    {
        return Err(Unplaced::Refused(refusal.failure()));
    }
    keep_sample(operation, &reply);
    Err(Unplaced::unknown(key, refusal.both()))
}

/// Every number that the reply may have for a new service, once. Paths are absolute: requests are
/// echoed elsewhere in replies.
fn new_numbers(wire: &Wire, doc: &Node) -> Vec<String> {
    let mut numbers = Vec::new();
    for path in wire.words(Entry::NewIdPaths) {
        for node in doc.everywhere(path) {
            let found = node.content().and_then(number);
            numbers.extend(found.filter(|number| !numbers.contains(number)));
        }
    }
    numbers
}
