//! All orders of the account, by date of order (globalsign.md 4.2, 11).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::GlobalSign;
use super::codes::Class;
use super::locate::{FULL_PAGE, Span};
use super::model::query::OrderQueryOption;
use super::model::reply::OrderDetail;
use super::product::template_of;
use super::progress::{stage, wire_date};
use crate::ca::{Holding, Stage};
use crate::domain::text::Words;
use crate::domain::{DomainName, Months, VendorOrderId};
use crate::failure::{Failure, Reason};

/// Terms of three years were the longest (globalsign.md 5); an older order is over.
const REACH_BACK: TimeDelta = TimeDelta::days(3 * 366 + 30);

/// The listing is read in at most this many pieces.
const MOST_PAGES: usize = 400;

/// Parts that tell what an order is.
const PARTS: OrderQueryOption = OrderQueryOption {
    return_order_option: false,
    return_certificate_info: true,
    return_fulfillment: true,
    return_ca_certs: false,
    return_original_csr: false,
    return_san_entries: false,
};

/// Value of `BaseOption` of wildcard orders (globalsign.md 5).
const WILDCARD: &str = "wildcard";

impl GlobalSign {
    /// The whole book. A listing may be cut without saying so: full spans are asked for in halves.
    pub(super) async fn book(&self, now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        let unreadable = |why: Words| {
            Failure::field(Reason::UnreadableAnswer, "GetOrderByDateRange").detail(why)
        };
        let mut open = vec![Span {
            from: now - REACH_BACK,
            to: now + TimeDelta::days(1),
        }];
        let mut details: Vec<OrderDetail> = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(span) = open.pop() else {
                return Ok(holdings(&details));
            };
            let (from, to) = (wire_date(span.from), wire_date(span.to));
            let found = match self.client.get_order_by_date_range(&from, &to, PARTS).await {
                Ok(answer) => answer.reply.order_details.unwrap_or_default().details,
                Err(error) if error.class() == Some(Class::NoOrder) => Vec::new(),
                Err(error) => return Err(error.into_read_failure("GetOrderByDateRange")),
            };
            if found.len() < FULL_PAGE {
                details.extend(found);
                continue;
            }
            let halves = span.halves();
            open.extend(halves.ok_or_else(|| {
                unreadable(words!(
                    "too many orders in a few minutes",
                    "слишком много заказов за несколько минут"
                ))
            })?);
        }
        Err(unreadable(words!(
            "the account has too many orders to be listed",
            "у учётной записи слишком много заказов, список не получить"
        )))
    }
}

/// Each order once. An order that was reissued or renewed goes on under its newer number.
fn holdings(details: &[OrderDetail]) -> Vec<Holding> {
    let infos = details
        .iter()
        .filter_map(|detail| detail.order_info.as_ref());
    let followed: BTreeSet<&str> = infos
        .flat_map(|info| [info.reissue_of.as_deref(), info.renewal_of.as_deref()])
        .flatten()
        .collect();
    let mut seen = BTreeSet::new();
    details
        .iter()
        .filter_map(holding)
        .filter(|holding| !followed.contains(holding.order.as_str()))
        .filter(|holding| seen.insert(holding.order.clone()))
        .collect()
}

fn holding(detail: &OrderDetail) -> Option<Holding> {
    let info = detail.order_info.as_ref()?;
    let product = info.product_code.clone().unwrap_or_default();
    let wildcard = info.base_option.as_deref() == Some(WILDCARD);
    let stage = stage(detail);
    let period = info.validity_period.as_ref();
    let months = period.and_then(|period| period.months.as_deref());
    Some(Holding {
        order: VendorOrderId::new(info.order_id.as_deref()?),
        template: template_of(&product, wildcard),
        product,
        common_name: info
            .domain_name
            .as_deref()
            .and_then(|name| DomainName::parse(name).ok()),
        issued: stage == Stage::Issued,
        state: info.order_status.clone().unwrap_or_default(),
        term: months
            .and_then(|months| months.parse().ok())
            .filter(|months| *months > 0)
            .map(Months),
        references: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca::globalsign::model::reply::{OrderInfo, ValidityPeriod};

    fn detail(id: &str, reissue_of: Option<&str>) -> OrderDetail {
        OrderDetail {
            order_info: Some(OrderInfo {
                order_id: Some(id.into()),
                reissue_of: reissue_of.map(str::to_owned),
                product_code: Some("DV_LOW_SHA2".into()),
                domain_name: Some("shop.example.com".into()),
                order_status: Some("3".into()),
                validity_period: Some(ValidityPeriod {
                    months: Some("12".into()),
                }),
                ..OrderInfo::default()
            }),
            ..OrderDetail::default()
        }
    }

    #[test]
    fn a_reissued_order_is_held_once_under_its_newer_number() {
        let found = holdings(&[
            detail("CE1", None),
            detail("CE2", Some("CE1")),
            detail("CE2", Some("CE1")),
            OrderDetail::default(),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].order.as_str(), "CE2");
        assert_eq!(found[0].term, Some(Months(12)));
        assert!(!found[0].issued);
    }
}
