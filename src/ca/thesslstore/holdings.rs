//! All orders of the account (thesslstore.md 8.2), and one by its client reference (8.1).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::TheSslStore;
use super::locate::{PAGE_SIZE, number};
use super::mapping::order_query;
use super::model::reply::Order;
use super::model::request::{CULTURE, OrderCall, OrderId};
use super::progress::{is_revoked, placed, stage};
use crate::ca::{Ended, Holding, Placed, Revoked, Stage};
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
        self.read_all(now, |order, id| Some(holding(order, id)))
            .await
    }

    /// The orders that are no more. The listing goes by the day of purchase only, and the one by date of change is not
    /// established (thesslstore.md 8.3): all of it is read.
    pub(super) async fn ended(&self, now: DateTime<Utc>) -> Result<Vec<Revoked>, Failure> {
        self.read_all(now, ended).await
    }

    /// What is read of each order of the account.
    async fn read_all<T>(
        &self,
        now: DateTime<Utc>,
        read: impl Fn(&Order, &str) -> Option<T>,
    ) -> Result<Vec<T>, Failure> {
        // The listing is known to be empty instead of refused when the credentials are wrong.
        self.client.health_validate().await?;
        match self.read_pages(now, PAGE_SIZE, &read).await? {
            Ok(found) => Ok(found),
            Err(_) => self.read_pages(now, OTHER_PAGE_SIZE, &read).await?,
        }
    }

    /// The same by pages of that size; the inner error is a refusal behind a full page: the rest may be missing without a
    /// word.
    async fn read_pages<T>(
        &self,
        now: DateTime<Utc>,
        size: u32,
        read: &impl Fn(&Order, &str) -> Option<T>,
    ) -> Result<Result<Vec<T>, Failure>, Failure> {
        let (from, to) = (now - REACH_BACK, now + TimeDelta::days(1));
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
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
                        true => Ok(found),
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
                    found.extend(read(order, id));
                }
            }
            // Not the first short page ends the listing: the server may have pages of its own size.
            if !is_new {
                return Ok(Ok(found));
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

/// An order that was cancelled or revoked, in the vendor's words. The listing shows no day of it.
fn ended(order: &Order, id: &str) -> Option<Revoked> {
    let Stage::Cancelled(words) = stage(order) else {
        return None;
    };
    Some(Revoked {
        order: VendorOrderId::new(id),
        // A shop that moved in may have old cancelled orders with services that run.
        ended: match is_revoked(order) {
            true => Ended::Revoked,
            false => Ended::Cancelled,
        },
        words,
        day: None,
    })
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

    #[test]
    fn an_order_that_ended_is_told_in_the_vendors_words() {
        let told = |status: serde_json::Value| {
            let order = json!({ "TheSSLStoreOrderID": "9003", "OrderStatus": status });
            let order: Order = serde_json::from_value(order).unwrap();
            ended(&order, "9003").map(|found| (found.words, found.ended))
        };
        for (word, kind) in [
            ("Revoked", Ended::Revoked),
            ("Cancelled", Ended::Cancelled),
            ("REFUNDED", Ended::Cancelled),
        ] {
            let told = told(json!({ "MajorStatus": word }));
            assert_eq!(told, Some((word.to_owned(), kind)));
        }
        let active = json!({ "MajorStatus": "Active", "MinorStatus": "PENDING_REISSUE" });
        for alive in [active, json!({ "MajorStatus": "Active" }), json!({})] {
            assert_eq!(told(alive.clone()), None, "{alive}");
        }
    }
}
