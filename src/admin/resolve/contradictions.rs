//! What a person may not say while the vendor shows something else.

use super::Look;
use crate::domain::VendorOrderId;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};
use crate::order::port::Proof;

/// A person cannot take over one order while the vendor proves another: that would be paid for and nobody's. Two services
/// may have one CSR, so that an order with ours is no such proof.
pub(super) fn must_not_hide_proof(order: &VendorOrderId, seen: &Look) -> Result<(), Failure> {
    let proved = seen.proved.iter().filter(|(_, proof)| *proof != Proof::Csr);
    let proved: Vec<&VendorOrderId> = proved.map(|(one, _)| one).collect();
    match proved.first() {
        Some(first) if !proved.contains(&order) => Err(Failure::field(Reason::Invalid, "--adopt")
            .value(order.as_str())
            .detail(words!(
                "The vendor shows order {first}, which is this one: take it over with --adopt {first}, or say with --foreign {first} that it is somebody else's",
                "Поставщик показывает заказ {first}, это он: примите его ключом --adopt {first} или назовите чужим ключом --foreign {first}"
            ))),
        _ => Ok(()),
    }
}

/// A person cannot say that nothing was bought while the vendor shows an order that could be this one.
pub(super) fn may_be_not_placed(seen: &Result<Look, Failure>, unseen: bool) -> Result<(), Failure> {
    let no = |detail: Words| Err(Failure::field(Reason::Invalid, "--not-placed").detail(detail));
    let evidence = match seen {
        Ok(evidence) => evidence,
        Err(_) if unseen => return Ok(()),
        Err(failure) => {
            return no(words!(
                "The vendor cannot be asked ({why}). Check its panel, then add --unseen", "Не удалось запросить поставщика ({why}). Проверьте в его панели и добавьте --unseen";
                why = failure.particulars()
            ));
        }
    };
    if let Some((order, _)) = evidence.proved.first() {
        return no(words!(
            "The vendor has order {order}, which is this one: take it over with --adopt {order}",
            "У поставщика есть заказ {order}, это и есть искомый заказ: примите его ключом --adopt {order}"
        ));
    }
    if let Some((order, item)) = evidence.held.first() {
        return no(words!(
            "Order {order} was bought for this service, and service {item} has it. Give service {item} its own order with --replace, or say with --foreign {order} that this one is somebody else's",
            "Заказ {order} куплен для этой услуги, но он есть у услуги {item}. Укажите для услуги {item} её собственный заказ ключом --replace или отметьте этот заказ как чужой ключом --foreign {order}"
        ));
    }
    if !evidence.candidates.is_empty() {
        let orders: Vec<String> = evidence
            .candidates
            .iter()
            .map(ToString::to_string)
            .collect();
        let numbers: Vec<&str> = evidence
            .candidates
            .iter()
            .map(|c| c.order.as_str())
            .collect();
        return no(words!(
            "The vendor has orders that may be this one: {}. Take one over with --adopt, or name them as somebody else's with --foreign {}",
            "У поставщика есть заказы, которые могут быть этим: {}. Примите один из них ключом --adopt или отметьте их как чужие ключом --foreign {}",
            orders.join("; "),
            numbers.join(",")
        ));
    }
    match evidence.too_early {
        Some(until) => no(words!(
            "The order may still appear at the vendor until {}",
            "Заказ ещё может появиться у поставщика до {}",
            until.format("%Y-%m-%d %H:%M UTC")
        )),
        None => Ok(()),
    }
}
