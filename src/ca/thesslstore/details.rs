//! What single fields of the vendor's answers mean for a call. Pure functions.

use chrono::{DateTime, TimeDelta, Utc};

use super::model::reply::Order;
use super::progress;
use crate::ca::{Stage, ValidationTask};
use crate::certificate::files_of_delivery;
use crate::domain::{DomainName, EmailAddress};
use crate::failure::{Failure, Reason};

/// Refund requests are taken this long after purchase or activation (thesslstore.md 2.3, 9.3).
const REFUND_WINDOW: TimeDelta = TimeDelta::days(30);

/// Fixed entries of approver lists that are no approvers (thesslstore.md 5.3).
const NO_APPROVERS: [&str; 3] = [
    "none",
    "support@geotrust.com",
    "support_preprod@geotrust.com",
];

/// The certificates of one file, whatever it is wrapped in; the file as it came when no certificate is found in it, so
/// that what is wrong with it is told where it is read.
pub(super) fn unwrapped(name: &str, content: &[u8]) -> Vec<(String, Vec<u8>)> {
    match files_of_delivery(content) {
        Ok(Some(files)) => files
            .into_iter()
            .map(|(_, content)| (name.to_owned(), content))
            .collect(),
        Ok(None) | Err(_) => vec![(name.to_owned(), content.to_vec())],
    }
}

/// The number of the refund that was asked for, with the vendor's word where it is granted (thesslstore.md 9.3).
pub(super) fn refund(order: &Order) -> Option<String> {
    let number = order.refund_request_id.as_deref()?;
    let approved = order.is_refund_approved.as_deref();
    Some(
        match approved.is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            true => format!("{number}, approved"),
            false => number.to_owned(),
        },
    )
}

/// Whether a refund may still be asked for: counted from the purchase or the certificate's begin, whichever is later,
/// and always while nothing is issued. The vendor has the last word (-9032): a reissued certificate begins anew.
pub(super) fn may_be_refunded(order: &Order, now: DateTime<Utc>) -> Result<bool, Failure> {
    let begun = progress::certificate_start(order);
    let is_issued = matches!(progress::stage(order), Stage::Issued | Stage::Reissuing(_));
    if begun.is_none() && !is_issued {
        return Ok(true);
    }
    let since = progress::purchased(order).max(begun).ok_or_else(|| {
        Failure::field(Reason::UnreadableAnswer, "order/status").detail(words!(
            "the vendor tells neither the purchase date nor the certificate's, so the refund window cannot be judged",
            "поставщик не сообщает ни дату покупки, ни дату сертификата, поэтому неизвестно, прошёл ли срок возврата"
        ))
    })?;
    Ok(now <= since + REFUND_WINDOW)
}

/// How the order itself writes a name, with or without the star; the very name before another spelling of it.
pub(super) fn spelling<'a>(order: &'a Order, name: &DomainName) -> Option<&'a str> {
    let listed = &order.order_status.domain_auth_vetting_status;
    let named = |fits: &dyn Fn(&DomainName) -> bool| {
        let mut domains = listed
            .iter()
            .filter_map(|vetting| vetting.domain.as_deref());
        domains.find(|domain| DomainName::parse(domain).is_ok_and(|domain| fits(&domain)))
    };
    named(&|domain| domain == name).or_else(|| named(&|domain| domain.base() == name.base()))
}

/// The address to which the validation mail of one name goes now; `None` when it is not validated by mail.
pub(super) fn mail_of(order: &Order, name: &DomainName) -> Option<String> {
    progress::validation(order)
        .into_iter()
        .find_map(|record| match record.task {
            ValidationTask::Email(address) if record.name.base() == name.base() => Some(address),
            _ => None,
        })
}

/// Keeps the addresses that can approve this name (thesslstore.md 5.3): the last word of each entry,
/// under the name's registrable domain.
pub(super) fn filter_approvers(list: &[String], name: &DomainName) -> Vec<EmailAddress> {
    let mut approvers: Vec<EmailAddress> = Vec::new();
    for entry in list {
        let word = entry.split_whitespace().last().unwrap_or_default();
        if NO_APPROVERS.contains(&word.to_lowercase().as_str()) {
            continue;
        }
        let Some(address) = EmailAddress::parse(word) else {
            continue;
        };
        let host = DomainName::parse(address.domain());
        let domain = host.as_ref().ok().and_then(DomainName::registrable);
        if domain.is_some() && domain == name.registrable() && !approvers.contains(&address) {
            approvers.push(address);
        }
    }
    approvers
}
