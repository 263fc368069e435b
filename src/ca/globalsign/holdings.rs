//! All orders of the account, by date of order (globalsign.md 4.2, 11), and those that were withdrawn, by date of change.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::GlobalSign;
use super::codes::Class;
use super::locate::{FULL_PAGE, Span};
use super::model::query::OrderQueryOption;
use super::model::reply::OrderDetail;
use super::product::template_of;
use super::progress::{self, instant, stage, wire_date};
use super::search::Listing;
use crate::ca::{Ended, Holding, Revoked, Stage};
use crate::domain::text::Words;
use crate::domain::{DomainName, Months, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::log;

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

/// Parts that tell whether an order was withdrawn.
const STATES: OrderQueryOption = OrderQueryOption {
    return_fulfillment: false,
    ..PARTS
};

impl GlobalSign {
    /// Everything that the account holds.
    pub(super) async fn all_holdings(&self, now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        let span = Span {
            from: now - REACH_BACK,
            to: now + TimeDelta::days(1),
        };
        let all = |_: &OrderDetail| true;
        let details = self.details(Listing::Placed, span, PARTS, all).await?;
        Ok(holdings(&details))
    }

    /// The orders that were withdrawn after their issue, as the list of changed orders shows them.
    pub(super) async fn withdrawn_since(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Revoked>, Failure> {
        let span = Span {
            from: since,
            to: now + TimeDelta::days(1),
        };
        let is_meant = |detail: &OrderDetail| progress::withdrawn(detail).is_some();
        let details = self
            .details(Listing::Modified, span, STATES, is_meant)
            .await?;
        Ok(details.iter().filter_map(withdrawn).collect())
    }

    /// What is meant of a span of time. A listing may be cut without saying so: full spans are asked for in halves.
    async fn details(
        &self,
        listing: Listing,
        span: Span,
        parts: OrderQueryOption,
        is_meant: impl Fn(&OrderDetail) -> bool,
    ) -> Result<Vec<OrderDetail>, Failure> {
        let is_changes = listing == Listing::Modified;
        let operation = match is_changes {
            true => "GetModifiedOrders",
            false => "GetOrderByDateRange",
        };
        let unreadable =
            |why: Words| Failure::field(Reason::UnreadableAnswer, operation).detail(why);
        let mut open = vec![span];
        let mut details: Vec<OrderDetail> = Vec::new();
        for _ in 0..MOST_PAGES {
            let Some(span) = open.pop() else {
                return Ok(details);
            };
            let (from, to) = (wire_date(span.from), wire_date(span.to));
            let answer = match is_changes {
                true => self.client.get_modified_orders(&from, &to, parts).await,
                false => self.client.get_order_by_date_range(&from, &to, parts).await,
            };
            let found = match answer {
                Ok(answer) => answer.reply.order_details.unwrap_or_default().details,
                Err(error) if error.class() == Some(Class::NoOrder) => Vec::new(),
                Err(error) => return Err(error.into_read_failure(operation)),
            };
            if found.len() < FULL_PAGE {
                details.extend(found.into_iter().filter(&is_meant));
                continue;
            }
            match span.halves() {
                Some(halves) => open.extend(halves),
                // Authorities revoke thousands at once: those that are shown are told all the same.
                None if is_changes => {
                    log!(
                        Main,
                        Warning,
                        "{operation}: more orders were changed from {from} to {to} than the vendor lists"
                    );
                    details.extend(found.into_iter().filter(&is_meant));
                }
                None => {
                    return Err(unreadable(words!(
                        "too many orders in a few minutes",
                        "слишком много заказов за несколько минут"
                    )));
                }
            }
        }
        Err(unreadable(words!(
            "the account has too many orders to be listed",
            "у учётной записи слишком много заказов, список не получить"
        )))
    }
}

/// An order whose certificate was withdrawn, with the day where one is shown.
fn withdrawn(detail: &OrderDetail) -> Option<Revoked> {
    let info = detail.order_info.as_ref()?;
    let days = [&info.order_canceled_date, &info.order_deactivated_date];
    let day = days.into_iter().flatten().find_map(|text| instant(text));
    Some(Revoked {
        order: VendorOrderId::new(info.order_id.as_deref()?),
        ended: Ended::Revoked,
        words: progress::withdrawn(detail)?.to_owned(),
        day: day.map(|day| day.date_naive()),
    })
}

/// Each order once. An order that was reissued or renewed goes on under its newer number, unless that one was
/// withdrawn: then the former is in force still.
fn holdings(details: &[OrderDetail]) -> Vec<Holding> {
    let alive = details
        .iter()
        .filter(|detail| !matches!(stage(detail), Stage::Cancelled(_)))
        .filter_map(|detail| detail.order_info.as_ref());
    let by_number: BTreeMap<&str, &OrderDetail> = details
        .iter()
        .filter_map(|detail| {
            let number = detail.order_info.as_ref()?.order_id.as_deref()?;
            Some((number, detail))
        })
        .collect();
    let followed: BTreeSet<&str> = alive
        .flat_map(|info| [info.reissue_of.as_deref(), info.renewal_of.as_deref()])
        .flatten()
        .collect();
    let mut seen = BTreeSet::new();
    details
        .iter()
        .filter_map(|detail| {
            let term_end = term_end(detail, &by_number);
            Some(Holding {
                term_end,
                ..holding(detail)?
            })
        })
        .filter(|holding| !followed.contains(holding.order.as_str()))
        .filter(|holding| seen.insert(holding.order.clone()))
        .collect()
}

/// End of the paid term: a reissue keeps that of the order it came from in the first place.
fn term_end(
    detail: &OrderDetail,
    by_number: &BTreeMap<&str, &OrderDetail>,
) -> Option<DateTime<Utc>> {
    let mut first = detail;
    // Each step is another order: a listing that goes in circles ends all the same.
    for _ in 0..=by_number.len() {
        match first.order_info.as_ref()?.reissue_of.as_deref() {
            None => return progress::term_end(first),
            Some(former) => first = by_number.get(former)?,
        }
    }
    None
}

fn holding(detail: &OrderDetail) -> Option<Holding> {
    let info = detail.order_info.as_ref()?;
    let product = info.product_code.clone().unwrap_or_default();
    // The name tells it in one way only, the vendor's option in several.
    let domain = info.domain_name.as_deref();
    let wildcard = domain.is_some_and(|name| name.trim().starts_with("*."));
    let stage = stage(detail);
    let period = info.validity_period.as_ref();
    let months = period.and_then(|period| period.months.as_deref());
    Some(Holding {
        order: VendorOrderId::new(info.order_id.as_deref()?),
        template: template_of(&product, wildcard),
        product,
        common_name: domain.and_then(|name| DomainName::parse(name).ok()),
        issued: stage == Stage::Issued,
        state: info.order_status.clone().unwrap_or_default(),
        term: months
            .and_then(|months| months.parse().ok())
            .filter(|months| *months > 0)
            .map(Months),
        term_end: None,
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
                order_date: Some("2026-01-31T12:00:00.000Z".into()),
                order_status: Some("1".into()),
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

    fn with(mut detail: OrderDetail, change: impl Fn(&mut OrderInfo)) -> OrderDetail {
        change(detail.order_info.as_mut().unwrap());
        detail
    }

    #[test]
    fn a_follower_that_was_withdrawn_leaves_the_former_order_in_force() {
        for status in ["3", "5", "7", "10"] {
            let dead = |info: &mut OrderInfo| info.order_status = Some(status.into());
            let renewal = |info: &mut OrderInfo| info.renewal_of = Some("CE1".into());
            for follower in [
                with(detail("CE2", Some("CE1")), dead),
                with(with(detail("CE2", None), renewal), dead),
            ] {
                let found = holdings(&[detail("CE1", None), follower]);
                let numbers: Vec<_> = found.iter().map(|held| held.order.as_str()).collect();
                assert_eq!(numbers, ["CE1", "CE2"], "{status}");
            }
        }
    }

    #[test]
    fn a_reissue_keeps_the_term_of_the_first_order() {
        let later = |info: &mut OrderInfo| {
            info.order_date = Some("2026-06-01T12:00:00.000Z".into());
            info.validity_period = Some(ValidityPeriod {
                months: Some("6".into()),
            });
        };
        let ends = |details: &[OrderDetail]| {
            let found = holdings(details);
            assert_eq!(found.len(), 1, "{found:?}");
            let end = found[0].term_end;
            end.map(|end| end.date_naive().to_string())
        };
        let paid = Some("2027-01-31".to_owned());
        assert_eq!(ends(&[detail("CE1", None)]), paid);
        let second = with(detail("CE2", Some("CE1")), later);
        let third = with(detail("CE3", Some("CE2")), later);
        let all = [third, detail("CE1", None), second.clone()];
        assert_eq!(ends(&all), paid);
        // The first order is not shown, or the listing goes in circles.
        assert_eq!(ends(&[second]), None);
        let circle = [
            detail("CE1", Some("CE2")),
            detail("CE2", Some("CE1")),
            detail("CE3", Some("CE2")),
        ];
        assert_eq!(ends(&circle), None);
    }

    #[test]
    fn a_wildcard_order_is_known_by_its_name() {
        for (name, option, template) in [
            ("*.example.com", Some("WILDCARD"), "DV_LOW_wild"),
            ("*.example.com", None, "DV_LOW_wild"),
            ("example.com", Some("private"), "DV_LOW"),
        ] {
            let found = holdings(&[with(detail("CE1", None), |info| {
                info.domain_name = Some(name.into());
                info.base_option = option.map(str::to_owned);
            })]);
            let told = found[0].template.as_ref().map(ToString::to_string);
            assert_eq!(told.as_deref(), Some(template), "{name} {option:?}");
        }
    }

    #[test]
    fn an_order_is_withdrawn_after_its_issue_only() {
        for (status, words) in [
            ("5", Some("cancelled after issue (status 5)")),
            ("6", Some("waiting for revocation (status 6)")),
            ("7", Some("revoked (status 7)")),
            ("3", None),
            ("4", None),
            ("10", None),
        ] {
            let found = withdrawn(&with(detail("CE1", None), |info| {
                info.order_status = Some(status.into());
                info.order_canceled_date = Some("2026-03-02T01:00:00.000+02:00".into());
            }));
            let told = found.as_ref().map(|revoked| revoked.words.as_str());
            assert_eq!(told, words, "{status}");
            let day = found.and_then(|revoked| Some(revoked.day?.to_string()));
            let expected = words.map(|_| "2026-03-01".to_owned());
            assert_eq!(day, expected, "{status}");
        }
    }
}
