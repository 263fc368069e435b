//! Finding out whether an order arrived (thesslstore.md 8.1, 8.2, 11).

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::TheSslStore;
use super::family::wire_code;
use super::mapping::order_query;
use super::model::reply::Order;
use super::model::request::{CULTURE, OrderCall, OrderId, OrderQuery};
use super::progress::{placed, purchased, stage};
use super::token::{CertificateSnapshot, Comparison, TokenContent};
use crate::ca::{Candidate, Copies, Located, OrderRef, Proof, Sought, Stage, Token, Wanted};
use crate::certificate::{Csr, assemble};
use crate::domain::text::Words;
use crate::domain::{DomainName, IntentKey, Purchase, VendorOrderId};
use crate::failure::{Failure, FailureKind};

/// Orders per page of the listing (thesslstore.md 8.2).
pub(super) const PAGE_SIZE: u32 = 100;
/// A listing of more pages than this is not believed to end.
const PAGES: u32 = 100;
/// Listings are asked for this long before and after: the vendor's days have no stated zone.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// What the listing of all orders of some days says about one client reference.
enum Listed {
    /// Exactly one order carries it.
    One(Box<Order>),
    /// More carry it: a request that was delivered twice.
    Several(Vec<Order>),
    /// The whole listing was read, none carries it.
    None,
    /// The listing cannot be trusted; why.
    Unclear(Words),
}

impl TheSslStore {
    /// A new order or a renewal: by client reference, then in the listing of the days around.
    pub(super) async fn locate_order(
        &self,
        key: &IntentKey,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let direct = self.by_reference(key).await?;
        if let Some(id) = number(&direct) {
            return Ok(match direct.custom_order_id.as_deref() {
                // Shown for our reference, with another one: not proved, and not to be passed over.
                Some(reference) if reference != key.as_str() => {
                    Located::Candidates(vec![candidate(&direct, id)])
                }
                _ => Located::Found(placed(&direct, id, None), Proof::Reference),
            });
        }
        match self.listed(key, since, now).await? {
            Listed::One(order) => {
                let id = number(&order).unwrap_or_default();
                Ok(Located::Found(placed(&order, id, None), Proof::Reference))
            }
            Listed::Several(orders) => {
                let shown = orders.iter();
                let shown = shown.filter_map(|order| Some(candidate(order, number(order)?)));
                Ok(Located::Candidates(shown.collect()))
            }
            Listed::Unclear(why) => Ok(Located::CannotTell(why)),
            Listed::None if now < since + self.settle_time() => {
                Ok(Located::TooEarly(since + self.settle_time()))
            }
            Listed::None => {
                // The listing is known to be empty instead of refused when the credentials are wrong.
                self.client.health_validate().await?;
                Ok(Located::NotPlaced)
            }
        }
    }

    /// The order that the vendor shows for a reference; one without a number when it shows none. What an unknown
    /// reference is answered with is not documented: an error or empty fields.
    async fn by_reference(&self, key: &IntentKey) -> Result<Order, Failure> {
        let mut call = OrderCall::about(OrderId::Client(key.as_str()));
        call.date_time_culture = Some(CULTURE);
        match self.client.order_status(call).await {
            Ok(order) => Ok(order),
            Err(error) if error.refusal().is_some_and(|r| !r.is_authentication()) => {
                Ok(Order::default())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The same before a purchase whose listing cannot be read: an order that carries one of the references is seen,
    /// and that none is shown proves nothing.
    async fn seek_by_reference(&self, wanted: &Wanted<'_>, why: Words) -> Result<Sought, Failure> {
        for key in wanted.references.iter().rev() {
            let order = match self.by_reference(key).await {
                Err(failure) if failure.kind() == FailureKind::Protocol => break,
                order => order?,
            };
            if order.custom_order_id.as_deref() == Some(key.as_str())
                && let Some(id) = number(&order)
                && wanted.may_be(id)
            {
                return Ok(carrying_reference(&order, id, key, wanted.purchase));
            }
        }
        Ok(Sought::Blind(why))
    }

    async fn listed(
        &self,
        key: &IntentKey,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Listed, Failure> {
        let orders = match self.listing(None, since - MARGIN, now + MARGIN).await? {
            Ok(orders) => orders,
            Err(why) => return Ok(Listed::Unclear(why)),
        };
        let carries = |order: &Order| order.custom_order_id.as_deref() == Some(key.as_str());
        let mut carrying: Vec<Order> = orders.into_iter().filter(carries).collect();
        Ok(match (carrying.pop(), carrying.is_empty()) {
            (None, _) => Listed::None,
            (Some(one), true) => Listed::One(Box::new(one)),
            (Some(other), false) => {
                carrying.push(other);
                Listed::Several(carrying)
            }
        })
    }

    /// The orders that carry a purchase's reference, among those of its name and its days; `None` when the listing
    /// cannot be trusted this time.
    pub(super) async fn carrying(
        &self,
        purchase: &Purchase,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        let name = Some(&purchase.common_name);
        let key = purchase.key.as_str();
        let listing = self.listing(name, since - MARGIN, since + MARGIN + MARGIN);
        let Ok(orders) = listing.await? else {
            return Ok(None);
        };
        let carrying = orders
            .iter()
            .filter(|order| order.custom_order_id.as_deref() == Some(key));
        let numbers = carrying.filter_map(number);
        let copies = numbers.map(|id| (VendorOrderId::new(id), Proof::Reference));
        Ok(Some(copies.collect()))
    }

    /// All orders of a span of time, and of a name where one is given, each once; the inner error says why the
    /// listing cannot be trusted.
    async fn listing(
        &self,
        name: Option<&DomainName>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Result<Vec<Order>, Words>, Failure> {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        let mut was_short = false;
        for page in 1..=PAGES {
            let query = OrderQuery {
                domain_name: name.map(ToString::to_string),
                ..order_query(from, to, page, PAGE_SIZE)
            };
            let orders = match self.client.order_query(&query).await {
                Ok(orders) => orders,
                Err(error) => match error.refusal() {
                    Some(refusal) if refusal.is_authentication() => return Err(error.into()),
                    // A page behind the last one may be an error to this server.
                    Some(_) if was_short => break,
                    Some(refusal) => {
                        return Ok(Err(words!(
                            "the vendor's listing answers with an error: {refusal}", "на запрос списка поставщик отвечает ошибкой: {refusal}"; refusal
                        )));
                    }
                    None => return Err(error.into()),
                },
            };
            let mut is_new = false;
            let count = orders.len();
            for order in orders {
                let Some(id) = number(&order) else {
                    let why = words!(
                        "the vendor's listing holds an order without a number",
                        "в списке поставщика есть заказ без номера"
                    );
                    return Ok(Err(why));
                };
                if seen.insert(id.to_owned()) {
                    is_new = true;
                    all.push(order);
                }
            }
            let is_full = count >= PAGE_SIZE as usize;
            if !is_new && is_full {
                return Ok(Err(words!(
                    "the vendor's listing repeats its pages",
                    "страницы списка поставщика повторяются"
                )));
            }
            // Not the first short page ends the listing: the server may have pages of its own size.
            if !is_new {
                break;
            }
            was_short = !is_full;
            if page == PAGES {
                return Ok(Err(words!(
                    "the vendor's listing does not end",
                    "список поставщика не кончается"
                )));
            }
        }
        Ok(Ok(all))
    }

    /// Looks for an order that exists already, through the listing since the service is known. What an
    /// unknown reference is answered with is not documented, so that a listing which cannot be read is
    /// blindness.
    pub(super) async fn seek_order(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        let mut orders = match self
            .listing(None, wanted.from - MARGIN, wanted.now + MARGIN)
            .await?
        {
            Ok(orders) => orders,
            Err(why) => return self.seek_by_reference(wanted, why).await,
        };
        orders.retain(|order| wanted.may_be(number(order).unwrap_or_default()));
        // The latest attempt is the one that counts; the listing may have any order.
        let carrying = wanted.references.iter().rev().find_map(|key| {
            let order = orders
                .iter()
                .find(|order| order.custom_order_id.as_deref() == Some(key.as_str()))?;
            Some((order, key))
        });
        if let Some((order, key)) = carrying {
            let id = number(order).unwrap_or_default();
            return Ok(carrying_reference(order, id, key, wanted.purchase));
        }
        let name = wanted.purchase.common_name.as_str();
        let product = wire_code(&wanted.purchase.template);
        let may_be = |order: &&Order| {
            let says = |field: &Option<String>, word: &str| {
                field
                    .as_deref()
                    .is_none_or(|text| text.eq_ignore_ascii_case(word))
            };
            let named = order.common_name.as_deref();
            named.is_some_and(|named| named.eq_ignore_ascii_case(name))
                && says(&order.product_code, product)
                // A reference of somebody's makes it somebody's.
                && order.custom_order_id.as_deref().is_none_or(str::is_empty)
                && purchased(order).is_none_or(|at| at >= wanted.from)
                && !matches!(stage(order), Stage::Cancelled(_) | Stage::Expired)
        };
        let candidates: Vec<Candidate> = orders
            .iter()
            .filter(may_be)
            .map(|order| Candidate {
                order: VendorOrderId::new(number(order).unwrap_or_default()),
                name: order.common_name.clone(),
                ordered: purchased(order),
                same_csr: false,
            })
            .collect();
        Ok(if candidates.is_empty() {
            Sought::Nothing
        } else {
            Sought::Candidates(candidates)
        })
    }

    /// A reissue: by the state of its order against the snapshot taken before.
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
            Stage::Pending(words)
            | Stage::Held(words)
            | Stage::Unpaid(words)
            | Stage::Cancelled(words)
            | Stage::Unknown(words) => Some(words),
            Stage::Expired => Some("expired".to_owned()),
        };
        if let Some(words) = words {
            let why = words!(
                "order {id} was issued before and is now '{words}'",
                "заказ {id} был выпущен раньше, сейчас его состояние '{words}'"
            );
            return Ok(Located::CannotTell(why));
        }
        let before = TokenContent::read(token).and_then(|content| content.snapshot);
        let comparison = before.map_or(Comparison::Unclear, |before| {
            before.compare(&CertificateSnapshot::of(&order))
        });
        match comparison {
            Comparison::Same if now < since + self.settle_time() => {
                Ok(Located::TooEarly(since + self.settle_time()))
            }
            Comparison::Same => Ok(Located::NotPlaced),
            Comparison::Unclear => Ok(Located::CannotTell(words!(
                "the vendor does not tell whether the certificate of order {id} has changed",
                "поставщик не сообщает, сменился ли сертификат заказа {id}"
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
                    Located::CannotTell(words!(
                        "order {id} has a new certificate that does not carry the key of this CSR",
                        "у заказа {id} новый сертификат, но его ключ не из этого CSR"
                    ))
                })
            }
        }
    }
}

/// An order for a person to look at.
fn candidate(order: &Order, id: &str) -> Candidate {
    Candidate::named(id, order.common_name.clone())
}

fn found(order: &Order, id: &VendorOrderId) -> Located {
    Located::Found(placed(order, id.as_str(), None), Proof::Change)
}

/// What an order that carries our reference says before a purchase.
fn carrying_reference(order: &Order, id: &str, key: &IntentKey, purchase: &Purchase) -> Sought {
    let shown = order.common_name.as_deref().filter(|name| !name.is_empty());
    let wanted = purchase.common_name.as_str();
    match shown {
        Some(name) if !name.eq_ignore_ascii_case(wanted) => {
            Sought::OtherName(candidate(order, id), key.clone())
        }
        _ => Sought::Proved(placed(order, id, None)),
    }
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
