//! The calls behind `locate`: by number, or through the account's listings (globalsign.md 10). What
//! is compared stands in [`super::locate`].

use chrono::{DateTime, TimeDelta, Utc};

use super::codes::Class;
use super::error::GlobalSignError;
use super::locate::{CLOCK_FAULT, FULL_PAGE, Finding, Listed, Sorted, Span, Wanted};
use super::mapping::Plan;
use super::model::query::OrderQueryOption;
use super::model::reply::OrderDetail;
use super::place::{is_about_account, references};
use super::product::may_be;
use super::{ABILITIES, GlobalSign, STATUS_PARTS, product, progress, validation};
use crate::ca::{Candidate, Copies, Located, Placed, Proof, Reference, Sought, Token};
use crate::domain::{DomainName, Purchase, PurchaseKind, VendorOrderId};
use crate::failure::Failure;
use crate::order::port;

/// Parts by which orders of a listing are told apart.
pub(super) const LISTING_PARTS: OrderQueryOption = OrderQueryOption {
    return_order_option: false,
    return_certificate_info: false,
    return_fulfillment: true,
    return_ca_certs: false,
    return_original_csr: true,
    return_san_entries: true,
};

/// Listings are read in at most this many pieces; an account that needs more cannot be searched.
const MOST_PAGES: usize = 40;

/// The listings in which orders are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Listing {
    /// By name and date of order, without CSR.
    Search,
    /// By date of order, everything.
    Placed,
    /// By date of change, everything.
    Modified,
}

impl GlobalSign {
    /// A listing over a span of time, asked for in halves where it may have been cut. `None` when it
    /// cannot be read completely.
    pub(super) async fn list(
        &self,
        listing: Listing,
        span: Span,
        name: &DomainName,
    ) -> Result<Option<Vec<Listed>>, GlobalSignError> {
        let mut open = vec![span];
        let mut found = Vec::new();
        let mut pages = 0;
        while let Some(span) = open.pop() {
            pages += 1;
            if pages > MOST_PAGES {
                return Ok(None);
            }
            let (shown, page) = self.page(listing, span, name).await?;
            if shown >= FULL_PAGE {
                let Some(halves) = span.halves() else {
                    return Ok(None);
                };
                open.extend(halves);
            } else {
                found.extend(page);
            }
        }
        Ok(Some(found))
    }

    /// One answer: how many orders it shows, and those that carry a number.
    async fn page(
        &self,
        listing: Listing,
        span: Span,
        name: &DomainName,
    ) -> Result<(usize, Vec<Listed>), GlobalSignError> {
        let (from, to) = (progress::wire_date(span.from), progress::wire_date(span.to));
        let answer = match listing {
            Listing::Search => {
                let name = name.as_str();
                let answer = self.client.get_certificate_orders(&from, &to, name).await?;
                let details = answer.reply.search_order_details;
                let details = details.map(|list| list.details).unwrap_or_default();
                let shown = details.len();
                let page = details.into_iter().filter_map(Listed::of_search);
                return Ok((shown, page.collect()));
            }
            Listing::Placed => {
                self.client
                    .get_order_by_date_range(&from, &to, LISTING_PARTS)
                    .await?
            }
            Listing::Modified => {
                self.client
                    .get_modified_orders(&from, &to, LISTING_PARTS)
                    .await?
            }
        };
        let details = answer.reply.order_details;
        let details = details.map(|list| list.details).unwrap_or_default();
        let shown = details.len();
        let page = details.into_iter().filter_map(Listed::of_detail);
        Ok((shown, page.collect()))
    }

    /// Looks through listings until one shows the order. The search carries no CSR, so that only a
    /// marker is proof in it; without one, the full listing decides.
    pub(super) async fn search(&self, wanted: &Wanted<'_>) -> Result<Finding, GlobalSignError> {
        let listings: &[Listing] = match wanted.purchase.kind {
            PurchaseKind::Reissue { .. } => &[Listing::Placed, Listing::Modified],
            PurchaseKind::New | PurchaseKind::Renewal { .. } => &[Listing::Search, Listing::Placed],
        };
        let span = Span::around(wanted.since, wanted.now);
        let mut sorted = Sorted::default();
        let mut trouble = None;
        for listing in listings {
            let name = &wanted.purchase.common_name;
            let candidates = match self.list(*listing, span, name).await {
                Ok(Some(candidates)) => candidates,
                Ok(None) => {
                    return Ok(Finding::Open(Located::CannotTell(words!(
                        "the account has too many orders in that time to be searched",
                        "за это время у учётной записи слишком много заказов для поиска"
                    ))));
                }
                Err(error) if error.class() == Some(Class::NoOrder) => Vec::new(),
                // How an empty listing looks is not documented: the next one may still know.
                Err(error @ GlobalSignError::Refused(_)) => {
                    trouble = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            sorted.refine(&candidates, wanted.sort(&candidates));
            if sorted.marked.len() == 1 {
                return Ok(sorted.finding(wanted.now, wanted.since + settle_time()));
            }
        }
        match (
            sorted.finding(wanted.now, wanted.since + settle_time()),
            trouble,
        ) {
            // A proof stands, whatever the refused listing might have shown besides.
            (Finding::Open(_), Some(error)) => Err(error),
            (finding, _) => Ok(finding),
        }
    }

    /// An order by e-mail is found by its number, and believed when name and CSR are ours. A look-up that does
    /// not find it proves nothing (the answer is the one of an internal error), but the vendor takes a number
    /// only once: the same call can be sent again without buying twice, which only an ordering operation does.
    pub(super) async fn locate_by_number(
        &self,
        purchase: &Purchase,
        plan: &Plan,
        number: &str,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let order = VendorOrderId::new(number);
        match self.detail(&order, OWNER_PARTS).await {
            Ok(detail) => Ok(adopted_by_number(purchase, plan, order, detail)),
            Err(error) => match error.class() {
                Some(Class::Trouble | Class::NoOrder | Class::Unclear) => {
                    let until = since + settle_time();
                    if now < until {
                        Ok(Located::TooEarly(until))
                    } else {
                        Ok(Located::Resendable)
                    }
                }
                _ => Err(error.into_read_failure("GetOrderByOrderID")),
            },
        }
    }

    /// The orders of a purchase's name and days that carry its marker. Where the search shows none, the full listing
    /// is asked for marker and CSR. `None` when there are too many to be listed.
    pub(super) async fn carrying(
        &self,
        purchase: &Purchase,
        plan: &Plan,
        token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        let span = Span::around(since, since + CLOCK_FAULT);
        let name = &purchase.common_name;
        let listed = async |listing, operation| match self.list(listing, span, name).await {
            Err(error) if error.class() == Some(Class::NoOrder) => Ok(Some(Vec::new())),
            outcome => outcome.map_err(|error| error.into_read_failure(operation)),
        };
        let Some(orders) = listed(Listing::Search, "GetCertificateOrders").await? else {
            return Ok(None);
        };
        let key = purchase.key.as_str();
        let is_marked = |order: &&Listed| {
            let marker = order.marker.as_deref().unwrap_or_default();
            marker.eq_ignore_ascii_case(key)
        };
        let marked = orders.iter().filter(is_marked);
        let marked = marked.map(|order| (VendorOrderId::new(&order.order), Proof::Reference));
        let marked: Copies = marked.collect();
        if !marked.is_empty() {
            return Ok(Some(marked));
        }
        // Not even the purchase's own order: the search may show no markers.
        let Some(orders) = listed(Listing::Placed, "GetOrderByDateRange").await? else {
            return Ok(None);
        };
        let names: Vec<_> = plan.names.iter().map(|(name, _)| name.clone()).collect();
        let wanted = Wanted {
            purchase,
            family: plan.product.family,
            names: &names,
            known: &token.0,
            since,
            now: since,
        };
        let sorted = wanted.sort(&orders);
        let proved = |orders: &[Listed], proof: Proof| -> Copies {
            let numbers = orders.iter().map(|order| VendorOrderId::new(&order.order));
            numbers.map(|number| (number, proof)).collect()
        };
        let mut copies = proved(&sorted.marked, Proof::Reference);
        copies.extend(proved(&sorted.same_csr, Proof::Csr));
        Ok(Some(copies))
    }

    /// Looks for an order that exists already, before the first purchase: by our markers, then by name and
    /// CSR (design, law 4).
    pub(super) async fn seek_order(&self, wanted: &port::Wanted<'_>) -> Result<Sought, Failure> {
        let purchase = wanted.purchase;
        let span = Span::around(wanted.from, wanted.now);
        let name = &purchase.common_name;
        let orders = match self.list(Listing::Search, span, name).await {
            Ok(Some(orders)) => orders,
            Ok(None) => {
                return Ok(Sought::Blind(words!(
                    "the account has too many orders in that time to be searched",
                    "за это время у учётной записи слишком много заказов для поиска"
                )));
            }
            Err(error) if error.class() == Some(Class::NoOrder) => Vec::new(),
            // How an empty listing looks is not documented.
            Err(error @ GlobalSignError::Refused(_)) if !is_about_account(&error) => {
                return Ok(Sought::Blind(error.words()));
            }
            Err(error) => return Err(error.into_read_failure("GetCertificateOrders")),
        };
        let mut orders = orders;
        orders.retain(|order| wanted.may_be(&order.order));
        // The latest attempt is the one that counts; the listing may have any order.
        let carrying = wanted.references.iter().rev().find_map(|key| {
            let is_ours = |order: &&Listed| {
                let marker = order.marker.as_deref().unwrap_or_default();
                marker.eq_ignore_ascii_case(key.as_str())
            };
            Some((orders.iter().find(is_ours)?, key))
        });
        if let Some((order, key)) = carrying {
            let shown = order.domain.as_deref().unwrap_or_default();
            let shown = shown.trim_end_matches('.');
            if !shown.is_empty() && !shown.eq_ignore_ascii_case(name.as_str()) {
                let other = Candidate::named(&order.order, order.domain.clone());
                return Ok(Sought::OtherName(other, key.clone()));
            }
            return Ok(Sought::Proved(Placed {
                order: VendorOrderId::new(&order.order),
                references: vec![(Reference::Client, key.to_string())],
                validation: Vec::new(),
                remark: lost_proof(&Plan::of(purchase)?),
            }));
        }
        let family = Plan::of(purchase)?.product.family;
        let may_be = |order: &&Listed| {
            let domain = order.domain.as_deref().unwrap_or_default();
            domain.trim_end_matches('.').eq_ignore_ascii_case(name.as_str())
                // A marker of somebody's makes it somebody's.
                && order.marker.as_deref().is_none_or(str::is_empty)
                && order.product.as_deref().is_none_or(|code| may_be(code, family))
                && order.at.is_none_or(|at| at >= wanted.from - CLOCK_FAULT)
        };
        let candidates: Vec<Candidate> = orders
            .iter()
            .filter(may_be)
            .map(|order| Candidate {
                order: VendorOrderId::new(&order.order),
                name: order.domain.clone(),
                ordered: order.at,
                same_csr: false,
            })
            .collect();
        Ok(if candidates.is_empty() {
            Sought::Nothing
        } else {
            Sought::Candidates(candidates)
        })
    }
}

/// Told about an order whose answer is gone: TXT value and file content are told once, in it.
const LOST_PROOF: &str = "the order was found again, but what to publish for its validation was lost \
     with the answer: ask the vendor for it, or cancel the order and order anew";

/// The same, where there was something to publish: an order by e-mail has its approver asked by the vendor.
pub(super) fn lost_proof(plan: &Plan) -> Option<String> {
    plan.proof
        .filter(|proof| *proof != product::ProofMethod::Email)
        .map(|_| LOST_PROOF.to_owned())
}

/// Parts of an order by which its owner is known.
const OWNER_PARTS: OrderQueryOption = OrderQueryOption {
    return_original_csr: true,
    ..STATUS_PARTS
};

fn settle_time() -> TimeDelta {
    TimeDelta::from_std(ABILITIES.settle_time).unwrap_or(TimeDelta::MAX)
}

/// The order found under a pre-issued number, when it shows our name or CSR and neither is another's.
fn adopted_by_number(
    purchase: &Purchase,
    plan: &Plan,
    order: VendorOrderId,
    detail: OrderDetail,
) -> Located {
    let info = detail.order_info.as_ref();
    let name = info.and_then(|info| info.domain_name.as_deref());
    let other_name = name.filter(|name| {
        !name
            .trim_end_matches('.')
            .eq_ignore_ascii_case(purchase.common_name.as_str())
    });
    let csr = detail.fulfillment.and_then(|f| f.original_csr);
    let same_csr = csr.map(|csr| super::locate::same_csr(&csr, &purchase.csr_pem));
    // The number was issued for this call alone: whatever was ordered under it, a person has to look at it before
    // another one is bought.
    if other_name.is_some() || same_csr == Some(false) || (same_csr.is_none() && name.is_none()) {
        return Located::Candidates(vec![Candidate {
            same_csr: same_csr == Some(true),
            ..Candidate::named(order.as_str(), name.map(str::to_owned))
        }]);
    }
    let placed = Placed {
        order,
        references: references(purchase),
        validation: validation::placed(purchase, plan, &Default::default()),
        remark: None,
    };
    Located::Found(placed, Proof::Number)
}
