//! The calls behind `locate`: by number, or through the account's listings (globalsign.md 10). What
//! is compared stands in [`super::locate`].

use super::codes::Class;
use super::error::VendorError;
use super::locate::{Candidate, FULL_PAGE, Finding, Sorted, Span, Wanted};
use super::mapping::Plan;
use super::model::query::OrderQueryOption;
use super::model::reply::OrderDetail;
use super::place::{placed, references};
use super::{ABILITIES, GlobalSign, STATUS_PARTS, progress, validation};
use crate::ca::{Located, Placed};
use crate::domain::{DomainName, Purchase, PurchaseKind, VendorOrderId};
use crate::failure::{Failure, Reason};

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
    ) -> Result<Option<Vec<Candidate>>, VendorError> {
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
    ) -> Result<(usize, Vec<Candidate>), VendorError> {
        let (from, to) = (progress::wire_date(span.from), progress::wire_date(span.to));
        let answer = match listing {
            Listing::Search => {
                let name = name.as_str();
                let answer = self.client.get_certificate_orders(&from, &to, name).await?;
                let details = answer.reply.search_order_details;
                let details = details.map(|list| list.details).unwrap_or_default();
                let shown = details.len();
                let page = details.into_iter().filter_map(Candidate::of_search);
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
        let page = details.into_iter().filter_map(Candidate::of_detail);
        Ok((shown, page.collect()))
    }

    /// Looks through listings until one shows the order. The search carries no CSR, so that only a
    /// marker is proof in it; without one, the full listing decides.
    pub(super) async fn search(&self, wanted: &Wanted<'_>) -> Result<Finding, VendorError> {
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
                    return Ok(Finding::Open(Located::CannotTell(
                        "the account has too many orders in that time to be searched".to_owned(),
                    )));
                }
                Err(error) if error.class() == Some(Class::NoOrder) => Vec::new(),
                // How an empty listing looks is not documented: the next one may still know.
                Err(error @ VendorError::Refused(_)) => {
                    trouble = Some(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            sorted.refine(&candidates, wanted.sort(&candidates));
            if sorted.ours.len() == 1 {
                return Ok(sorted.finding(true));
            }
        }
        if let Some(error) = trouble {
            return Err(error);
        }
        let waited = (wanted.now - wanted.since).to_std().unwrap_or_default();
        Ok(sorted.finding(waited >= ABILITIES.settle_time))
    }

    /// An order by e-mail is found by its number. A look-up that does not find it proves nothing (the
    /// answer is the one of an internal error), so the same order is sent with the same number again:
    /// the vendor takes a number only once, code -4004 means that the first one arrived.
    pub(super) async fn locate_by_number(
        &self,
        purchase: &Purchase,
        plan: &Plan,
        number: &str,
        settled: bool,
    ) -> Result<Located, Failure> {
        let order = VendorOrderId::new(number);
        match self.detail(&order, STATUS_PARTS).await {
            Ok(detail) => return Ok(adopted_by_number(purchase, plan, order, &detail)),
            Err(error) => match error.class() {
                Some(Class::Trouble | Class::NoOrder | Class::Unclear) => {}
                _ => return Err(error.into_read_failure("GetOrderByOrderID")),
            },
        }
        let call = self.ordering().call(purchase, plan, number)?;
        let error = match self.client.order(call).await {
            Ok(answer) => match &answer.reply.order_id {
                Some(told) if told != number => {
                    return Ok(Located::CannotTell(format!(
                        "sent again as {number}, the vendor answered with order {told}"
                    )));
                }
                _ => return Ok(Located::Found(placed(purchase, plan, order, &answer))),
            },
            Err(error) => error,
        };
        match error.class() {
            Some(Class::Used) => Ok(Located::Found(Placed {
                order,
                references: references(purchase),
                validation: validation::placed(purchase, plan, &Default::default()),
                remark: None,
            })),
            // The account's troubles pass: then the look-up goes on.
            Some(
                Class::Credentials | Class::Address | Class::Locked | Class::Funds | Class::Trouble,
            )
            | None => Err(match error {
                VendorError::Unusable { .. } | VendorError::Send(_) => {
                    Failure::new(Reason::VendorTrouble).detail(error.words())
                }
                VendorError::Refused(_) => error.into_read_failure("DVOrder"),
            }),
            // Which of its checks the vendor makes first is not known: a refusal does not prove that
            // the number is unused.
            Some(_) if settled => Ok(Located::CannotTell(error.words())),
            Some(_) => Ok(Located::TooEarly),
        }
    }
}

/// The order found under a pre-issued number, unless it is for another name.
fn adopted_by_number(
    purchase: &Purchase,
    plan: &Plan,
    order: VendorOrderId,
    detail: &OrderDetail,
) -> Located {
    let info = detail.order_info.as_ref();
    let name = info.and_then(|info| info.domain_name.as_deref());
    match name {
        Some(name) if !name.eq_ignore_ascii_case(purchase.common_name.as_str()) => {
            Located::CannotTell(format!("order {order} is for {name}"))
        }
        _ => Located::Found(Placed {
            order,
            references: references(purchase),
            validation: validation::placed(purchase, plan, &Default::default()),
            remark: None,
        }),
    }
}
