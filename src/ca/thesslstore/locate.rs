//! Finding out whether an order arrived (thesslstore.md 8.1, 8.2, 11).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::TheSslStore;
use super::mapping::order_query;
use super::model::reply::Order;
use super::model::request::{CULTURE, OrderCall, OrderId};
use super::progress::{placed, stage};
use super::token::{Comparison, Memory, Picture};
use crate::ca::{Located, OrderRef, Stage, Token};
use crate::certificate::{Csr, assemble};
use crate::domain::{IntentKey, Purchase, VendorOrderId};
use crate::failure::Failure;

/// Orders per page of the listing (thesslstore.md 8.2).
pub(super) const PAGE_SIZE: u32 = 100;
/// A listing of more pages than this is not believed to end.
const PAGES: u32 = 100;

/// What the listing of all orders of some days says about one client reference.
enum Listed {
    /// Exactly one order carries it.
    One(Box<Order>),
    /// The whole listing was read, none carries it.
    None,
    /// The listing cannot be trusted; why.
    Unclear(String),
}

impl TheSslStore {
    /// A new order or a renewal: by client reference, then in the listing of the days around.
    pub(super) async fn locate_order(
        &self,
        key: &IntentKey,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let mut call = OrderCall::about(OrderId::Client(key.as_str()));
        call.date_time_culture = Some(CULTURE);
        let direct = match self.client.order_status(call).await {
            Ok(order) => order,
            // What an unknown reference is answered with is not documented: an error or empty fields.
            Err(error) if error.refusal().is_some_and(|r| !r.is_authentication()) => {
                Order::default()
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(id) = number(&direct) {
            return Ok(match direct.custom_order_id.as_deref() {
                Some(reference) if reference != key.as_str() => Located::CannotTell(format!(
                    "asked for the reference {key}, the vendor shows order {id} of '{reference}'"
                )),
                _ => Located::Found(placed(&direct, id, None)),
            });
        }
        match self.listed(key, since, now).await? {
            Listed::One(order) => {
                let id = number(&order).unwrap_or_default();
                Ok(Located::Found(placed(&order, id, None)))
            }
            Listed::Unclear(why) => Ok(Located::CannotTell(why)),
            Listed::None if now < since + self.settle_time() => Ok(Located::TooEarly),
            Listed::None => {
                // The listing is known to be empty instead of refused when the credentials are wrong.
                self.client.health_validate().await?;
                Ok(Located::NotPlaced)
            }
        }
    }

    async fn listed(
        &self,
        key: &IntentKey,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Listed, Failure> {
        let (from, to) = (since - TimeDelta::days(1), now + TimeDelta::days(1));
        let mut seen = BTreeSet::new();
        let mut found: Option<Order> = None;
        let mut was_short = false;
        for page in 1..=PAGES {
            let query = order_query(from, to, page, PAGE_SIZE);
            let orders = match self.client.order_query(&query).await {
                Ok(orders) => orders,
                Err(error) => match error.refusal() {
                    Some(refusal) if refusal.is_authentication() => return Err(error.into()),
                    // A page behind the last one may be an error to this server.
                    Some(_) if was_short => break,
                    Some(refusal) => {
                        let why = format!("the vendor's listing answers with an error: {refusal}");
                        return Ok(Listed::Unclear(why));
                    }
                    None => return Err(error.into()),
                },
            };
            let mut is_new = false;
            let count = orders.len();
            for order in orders {
                let Some(id) = number(&order) else {
                    let why = "the vendor's listing holds an order without a number";
                    return Ok(Listed::Unclear(why.to_owned()));
                };
                if !seen.insert(id.to_owned()) {
                    continue;
                }
                is_new = true;
                if order.custom_order_id.as_deref() == Some(key.as_str()) {
                    if let Some(other) = &found {
                        let why = format!(
                            "two orders carry the reference {key}: {} and {id}",
                            number(other).unwrap_or_default()
                        );
                        return Ok(Listed::Unclear(why));
                    }
                    found = Some(order);
                }
            }
            let is_full = count >= PAGE_SIZE as usize;
            if !is_new && is_full {
                let why = "the vendor's listing repeats its pages";
                return Ok(Listed::Unclear(why.to_owned()));
            }
            // Not the first short page ends the listing: the server may have pages of its own size.
            if !is_new {
                break;
            }
            was_short = !is_full;
            if page == PAGES {
                let why = "the vendor's listing does not end";
                return Ok(Listed::Unclear(why.to_owned()));
            }
        }
        Ok(found.map_or(Listed::None, |order| Listed::One(Box::new(order))))
    }

    /// A reissue: by the state of its order against the picture taken before.
    pub(super) async fn locate_reissue(
        &self,
        purchase: &Purchase,
        id: &VendorOrderId,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let order = self.order(id).await?;
        let words = match stage(&order) {
            Stage::Reissuing(_) => return Ok(found(&order, id)),
            Stage::Issued => None,
            Stage::Pending(words) | Stage::Cancelled(words) | Stage::Unknown(words) => Some(words),
            Stage::Expired => Some("expired".to_owned()),
        };
        if let Some(words) = words {
            let why = format!("order {id} was issued before and is now '{words}'");
            return Ok(Located::CannotTell(why));
        }
        let before = Memory::read(token).and_then(|memory| memory.picture);
        let comparison = before.map_or(Comparison::Unclear, |before| {
            before.compare(&Picture::of(&order))
        });
        match comparison {
            Comparison::Same if now < since + self.settle_time() => Ok(Located::TooEarly),
            Comparison::Same => Ok(Located::NotPlaced),
            Comparison::Unclear => Ok(Located::CannotTell(format!(
                "the vendor does not tell whether the certificate of order {id} has changed"
            ))),
            Comparison::Different => {
                let reference = OrderRef {
                    order: id.clone(),
                    template: purchase.template.clone(),
                    csr_pem: Some(purchase.csr_pem.clone()),
                };
                let files = self.files(&reference).await?;
                Ok(if carries_key(&files.files, &purchase.csr_pem) {
                    found(&order, id)
                } else {
                    Located::CannotTell(format!(
                        "order {id} has a new certificate that does not carry the key of this CSR"
                    ))
                })
            }
        }
    }
}

fn found(order: &Order, id: &VendorOrderId) -> Located {
    Located::Found(placed(order, id.as_str(), None))
}

/// The order's number; zero stands for none.
pub(super) fn number(order: &Order) -> Option<&str> {
    order
        .order_id
        .as_deref()
        .filter(|id| !id.trim_matches('0').is_empty())
}

/// Whether one of the files holds a certificate with the public key of the CSR.
fn carries_key(files: &[(String, Vec<u8>)], csr_pem: &str) -> bool {
    Csr::parse(csr_pem).is_ok_and(|csr| assemble(files, &csr).is_ok())
}
