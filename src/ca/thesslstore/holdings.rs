//! All orders of the account (thesslstore.md 8.2), and one by its client reference (8.1).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::TheSslStore;
use super::locate::{PAGE_SIZE, number};
use super::mapping::order_query;
use super::model::reply::Order;
use super::model::request::{CULTURE, OrderCall, OrderId};
use super::progress::{placed, stage};
use crate::ca::{Holding, Placed, Stage};
use crate::domain::{DomainName, Months, TemplateCode, VendorOrderId};
use crate::failure::{Failure, Reason};

/// The longest terms are six years (thesslstore.md 7.4); an older order is over.
const REACH_BACK: TimeDelta = TimeDelta::days(6 * 366);

/// Where the page behind full ones is refused, this size tells whether there is more; of both sizes only pages of 9 700
/// orders end together. It would not do for a decision about money: a server may count orders instead of pages.
const OTHER_PAGE_SIZE: u32 = 97;

/// A listing of more orders than this is not believed to end.
const MOST: u32 = 1000 * PAGE_SIZE;

impl TheSslStore {
    /// Everything that the account holds, cancelled orders included.
    pub(super) async fn all_holdings(&self, now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        // The listing is known to be empty instead of refused when the credentials are wrong.
        self.client.health_validate().await?;
        match self.book_by(now, PAGE_SIZE).await? {
            Ok(holdings) => Ok(holdings),
            Err(_) => self.book_by(now, OTHER_PAGE_SIZE).await?,
        }
    }

    /// The same by pages of that size; the inner error is a refusal behind a full page: the rest may be missing without a
    /// word.
    async fn book_by(
        &self,
        now: DateTime<Utc>,
        size: u32,
    ) -> Result<Result<Vec<Holding>, Failure>, Failure> {
        let (from, to) = (now - REACH_BACK, now + TimeDelta::days(1));
        let mut seen = BTreeSet::new();
        let mut holdings = Vec::new();
        let mut was_short = false;
        for page in 1..=MOST.div_ceil(size) {
            let query = order_query(from, to, page, size);
            let orders = match self.client.order_query(&query).await {
                Ok(orders) => orders,
                // A page behind the last one may be an error to this server.
                Err(error)
                    if page > 1 && error.refusal().is_some_and(|r| !r.is_authentication()) =>
                {
                    return Ok(match was_short {
                        true => Ok(holdings),
                        false => Err(error.into()),
                    });
                }
                Err(error) => return Err(error.into()),
            };
            was_short = orders.len() < size as usize;
            let mut is_new = false;
            for order in &orders {
                let Some(id) = number(order) else { continue };
                if seen.insert(id.to_owned()) {
                    is_new = true;
                    holdings.push(holding(order, id));
                }
            }
            // Not the first short page ends the listing: the server may have pages of its own size.
            if !is_new {
                return Ok(Ok(holdings));
            }
        }
        Err(
            Failure::field(Reason::UnreadableAnswer, "order/query").detail(words!(
                "the vendor's listing does not end",
                "список поставщика не кончается"
            )),
        )
    }

    /// An order by the reference that was sent with it.
    pub(super) async fn referenced(&self, reference: &str) -> Result<Option<Placed>, Failure> {
        let mut call = OrderCall::about(OrderId::Client(reference));
        call.date_time_culture = Some(CULTURE);
        match self.client.order_status(call).await {
            Ok(order) if order.custom_order_id.as_deref() == Some(reference) => {
                Ok(number(&order).map(|id| placed(&order, id, None)))
            }
            // Another order, or none at all.
            Ok(_) => Ok(None),
            Err(error) if error.refusal().is_some_and(|r| !r.is_authentication()) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn holding(order: &Order, id: &str) -> Holding {
    Holding {
        order: VendorOrderId::new(id),
        template: order.product_code.as_deref().map(TemplateCode::new),
        product: order.product_code.clone().unwrap_or_default(),
        common_name: order
            .common_name
            .as_deref()
            .and_then(|name| DomainName::parse(name).ok()),
        issued: stage(order) == Stage::Issued,
        state: [
            &order.order_status.major_status,
            &order.order_status.minor_status,
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>()
        .join(", "),
        term: order.validity.filter(|months| *months > 0).map(Months),
        // The order itself tells it.
        term_end: None,
        references: placed(order, id, None).references,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> Holding {
        let order: Order = serde_json::from_value(value).unwrap();
        let id = number(&order).unwrap().to_owned();
        holding(&order, &id)
    }

    #[test]
    fn an_order_of_the_book_is_read_and_nothing_is_guessed() {
        let whole = read(json!({
            "TheSSLStoreOrderID": 9001, "CustomOrderID": "R1", "PartnerOrderID": "P1",
            "VendorOrderID": "V#1", "ProductCode": "positivessl", "Validity": 24,
            "CommonName": "shop.example.com",
            "OrderStatus": { "MajorStatus": "Active", "MinorStatus": "" },
        }));
        assert_eq!(whole.order.as_str(), "9001");
        assert_eq!(whole.template, Some(TemplateCode::new("positivessl")));
        assert_eq!(whole.term, Some(Months(24)));
        assert!(whole.issued);
        assert_eq!(whole.references.len(), 3);

        let strange = read(json!({
            "TheSSLStoreOrderID": "9002", "ProductCode": "cloudthing", "Validity": 0,
            "CommonName": "Some Service", "OrderStatus": { "MajorStatus": "Cancelled" },
        }));
        assert_eq!(
            (strange.common_name, strange.term, strange.issued),
            (None, None, false)
        );
        assert_eq!(strange.template, Some(TemplateCode::new("cloudthing")));
        assert_eq!(strange.state, "Cancelled");
    }
}
