//! Reading the answer of a call that orders (enom.md 3, 6, 14).
//!
//! Only a complete answer with an error count above zero, without any slot or order number and about
//! something else than the vendor's own trouble proves that nothing was bought. Whatever is not clear
//! is unknown, never refused.

use super::envelope::CommandReply;
use crate::ca::http::{Reply, SendFailure};
use crate::ca::{Placed, Reference, Unplaced};
use crate::domain::text::Bilingual;
use crate::domain::{IntentKey, VendorOrderId};
use crate::failure::Reason;

/// Stands for a number that cannot be read.
const UNREADABLE: u64 = u64::MAX;

/// The outcome of `PurchaseServices`: the number of the slot and of the order.
///
/// # Errors
/// Every other outcome.
pub(super) fn purchase(
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
) -> Result<Placed, Unplaced> {
    let answer = read("PurchaseServices", answer, key)?;
    let slots = numbers(&answer, "CertID");
    let orders = numbers(&answer, "OrderID");
    match (slots.as_slice(), answer.error_count()) {
        // The number counts even without the mark of completeness: a cut answer is no whole XML.
        ([slot], Some(0)) if *slot != UNREADABLE && answer.success() != Some(false) => Ok(placed(
            VendorOrderId::new(slot.to_string()),
            orders.first().copied().filter(|order| *order != UNREADABLE),
            None,
        )),
        // Price and balance were compared a moment ago, and nothing in a new slot tells whose it is: the money may have
        // gone to this same call, delivered twice on its way.
        ([], Some(1..)) if orders.is_empty() && answer.is_done() => match refused(&answer, key) {
            Err(Unplaced::Refused(failure)) if failure.reason() == Reason::LowFunds => {
                let refusal = answer.refusal();
                let why = words!(
                    "the balance is too low, though it was enough a moment ago: {refusal}",
                    "недостаточно средств, хотя только что хватало: {refusal}";
                    refusal
                );
                Err(Unplaced::unknown(key, why))
            }
            outcome => outcome,
        },
        ([], Some(0)) => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer holds no slot number",
                "в ответе поставщика нет номера слота"
            ),
        )),
        ([], _) => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer is not clear",
                "ответ поставщика неоднозначен"
            ),
        )),
        ([slot], _) => {
            let why = words!(
                "the vendor's answer names slot {slot} and is not clear otherwise",
                "в ответе поставщика указан слот {slot}, остальное неоднозначно"
            );
            Err(Unplaced::unknown(key, why))
        }
        _ => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer names several slots",
                "в ответе поставщика несколько слотов"
            ),
        )),
    }
}

/// The outcome of `CertReissueCert`, whose slot is known.
///
/// # Errors
/// As [`purchase`].
pub(super) fn reissue(
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    order: &VendorOrderId,
) -> Result<Placed, Unplaced> {
    let answer = read("CertReissueCert", answer, key)?;
    if !answer.is_done() {
        return Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer is not complete",
                "ответ поставщика неполный"
            ),
        ));
    }
    match answer.error_count() {
        Some(0) if answer.success() != Some(false) => {
            let message = answer.payload().owned("Message");
            Ok(placed(order.clone(), None, message))
        }
        Some(1..) => refused(&answer, key),
        _ => Err(Unplaced::unknown(
            key,
            words!(
                "the vendor's answer is not clear",
                "ответ поставщика неоднозначен"
            ),
        )),
    }
}

/// An order that exists.
pub(super) fn placed(slot: VendorOrderId, order: Option<u64>, remark: Option<String>) -> Placed {
    Placed {
        order: slot,
        references: order
            .map(|order| (Reference::Partner, order.to_string()))
            .into_iter()
            .collect(),
        validation: Vec::new(),
        remark,
    }
}

fn refused(answer: &CommandReply, key: &IntentKey) -> Result<Placed, Unplaced> {
    let refusal = answer.refusal();
    if refusal.mentions_trouble() {
        return Err(Unplaced::unknown(
            key,
            words!("the vendor is in trouble: {refusal}", "у поставщика неполадки: {refusal}"; refusal),
        ));
    }
    Err(Unplaced::Refused(refusal.failure()))
}

fn read(
    command: &'static str,
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
) -> Result<CommandReply, Unplaced> {
    let reply = answer.map_err(|failure| failure.into_unplaced(key))?;
    CommandReply::read(command, &reply).map_err(|error| Unplaced::unknown(key, error.both()))
}

/// Different numbers above zero in elements of that name, at any depth. One that is overlooked could
/// turn a sale into a refusal, so an unreadable one counts, too.
fn numbers(answer: &CommandReply, name: &str) -> Vec<u64> {
    let mut numbers: Vec<u64> = answer
        .root()
        .all(name)
        .into_iter()
        .map(|text| text.parse().unwrap_or(UNREADABLE))
        .filter(|number| *number > 0)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}
