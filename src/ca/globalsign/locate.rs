//! Did a lost order arrive: what is compared, and what follows (globalsign.md 10).
//!
//! Orders by e-mail carry a number issued beforehand and are found by it. All others are looked for
//! in the account's listings: by marker, names, time, CSR. An order that existed before ours was
//! prepared is never taken for ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::model::reply::{OrderDetail, SearchOrderDetail};
use super::product::{Family, may_be};
use super::progress::instant;
use crate::ca::{Candidate, Located, Proof};
use crate::domain::{DomainName, Purchase, PurchaseKind, VendorOrderId};

/// Listings are asked for this long before and after the intent.
const MARGIN: TimeDelta = TimeDelta::days(1);

/// How far the vendor's dates may be off: a fault of 12 hours has been recorded (globalsign.md 8).
pub(super) const CLOCK_FAULT: TimeDelta = TimeDelta::hours(13);

/// A listing ends at about 500 orders without saying so (globalsign.md 11); spans that hold this many
/// are asked for in halves.
pub(super) const FULL_PAGE: usize = 450;

/// A span shorter than this is not halved any further.
const SHORTEST_SPAN: TimeDelta = TimeDelta::minutes(2);

/// Length of an intent key (design, section 5).
const KEY_LENGTH: usize = 20;

/// Longest token a port takes, in characters.
const TOKEN_LENGTH: usize = 80;

/// Token of an order before which the listing could not be read, or was too long to be remembered: no order is known
/// to be new.
pub(super) const NO_SNAPSHOT: &str = "-";

/// Characters by which one known order is remembered.
const MARK_LENGTH: usize = 5;

/// A span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

impl Span {
    /// Where an order of this intent may be listed.
    pub(super) fn around(since: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self {
            from: since - MARGIN,
            to: now.max(since) + MARGIN,
        }
    }

    /// Both halves; `None` when it is too short.
    pub(super) fn halves(self) -> Option<[Self; 2]> {
        let length = self.to - self.from;
        if length < SHORTEST_SPAN {
            return None;
        }
        let middle = self.from + length / 2;
        Some([
            Self { to: middle, ..self },
            Self {
                from: middle,
                ..self
            },
        ])
    }
}

/// An order of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) order: String,
    pub(super) kind: Option<String>,
    pub(super) product: Option<String>,
    pub(super) domain: Option<String>,
    pub(super) at: Option<DateTime<Utc>>,
    pub(super) marker: Option<String>,
    pub(super) renewal_of: Option<String>,
    pub(super) reissue_of: Option<String>,
    pub(super) csr: Option<String>,
    pub(super) names: Vec<String>,
}

impl Listed {
    pub(super) fn of_search(entry: SearchOrderDetail) -> Option<Self> {
        Some(Self {
            order: entry.order_id?,
            kind: entry.order_kind,
            product: entry.product_code,
            domain: entry.fqdn,
            at: entry.order_request_date.as_deref().and_then(instant),
            marker: entry.sub_id,
            ..Self::default()
        })
    }

    pub(super) fn of_detail(detail: OrderDetail) -> Option<Self> {
        let info = detail.order_info?;
        Some(Self {
            order: info.order_id?,
            kind: info.order_kind,
            product: info.product_code,
            domain: info.domain_name,
            at: info.order_date.as_deref().and_then(instant),
            marker: detail.order_sub_info.and_then(|sub| sub.sub_id),
            renewal_of: info.renewal_of,
            reissue_of: info.reissue_of,
            csr: detail.fulfillment.and_then(|f| f.original_csr),
            names: detail
                .san_entries
                .map(|list| list.entries)
                .unwrap_or_default()
                .into_iter()
                .filter_map(|entry| entry.subject_alt_name)
                .collect(),
        })
    }
}

impl Listed {
    fn candidate(&self) -> Candidate {
        Candidate {
            order: VendorOrderId::new(&self.order),
            name: self.domain.clone(),
            ordered: self.at,
            same_csr: self.csr.is_some(),
        }
    }
}

/// What is looked for.
pub(super) struct Wanted<'a> {
    pub(super) purchase: &'a Purchase,
    pub(super) family: Family,
    /// Additional names as sent.
    pub(super) names: &'a [DomainName],
    /// Orders that existed before, as [`remember`] wrote them.
    pub(super) known: &'a str,
    pub(super) since: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

/// How well an order of a listing fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It carries our marker.
    Marked,
    /// It carries our CSR, and is none of the orders that existed before.
    SameCsr,
    /// Nothing speaks against it, nothing proves it.
    Maybe,
    /// It is another order.
    Foreign,
}

impl Wanted<'_> {
    /// Compares one order.
    pub(super) fn fit(&self, candidate: &Listed) -> Fit {
        if self.differs(candidate) {
            return Fit::Foreign;
        }
        let own_csr = der(&self.purchase.csr_pem);
        let csr = candidate.csr.as_deref().map(der);
        if csr.as_ref().is_some_and(|csr| *csr != own_csr) {
            return Fit::Foreign;
        }
        if self.lacks_names(candidate) {
            return Fit::Foreign;
        }
        let key = self.purchase.key.as_str();
        match candidate.marker.as_deref() {
            Some(marker) if marker.eq_ignore_ascii_case(key) => Fit::Marked,
            // Reissues carry no marker of their own; the vendor may repeat the first order's.
            Some(marker) if is_intent_key(marker) && !self.is_reissue() => Fit::Foreign,
            _ if csr.is_some() && self.known == NO_SNAPSHOT => Fit::Maybe,
            _ if csr.is_some() => Fit::SameCsr,
            _ if candidate.domain.is_some() || self.is_reissue() => Fit::Maybe,
            // Without a name nothing speaks for it either.
            _ => Fit::Foreign,
        }
    }

    fn is_reissue(&self) -> bool {
        matches!(self.purchase.kind, PurchaseKind::Reissue { .. })
    }

    /// Whether something that both sides state is different.
    fn differs(&self, candidate: &Listed) -> bool {
        let window = (self.since - CLOCK_FAULT)..=(self.now.max(self.since) + CLOCK_FAULT);
        let kind = candidate.kind.as_deref().unwrap_or_default();
        let kind_is = |word: &str| kind.eq_ignore_ascii_case(word);
        let of = |field: &Option<String>, order: &str| field.as_deref().is_some_and(|o| o != order);
        let by_kind = match &self.purchase.kind {
            PurchaseKind::New => {
                kind_is("renewal")
                    || kind_is("transfer")
                    || candidate.renewal_of.is_some()
                    || candidate.reissue_of.is_some()
            }
            PurchaseKind::Renewal { previous } => {
                kind_is("new")
                    || kind_is("transfer")
                    || of(&candidate.renewal_of, previous.as_str())
                    || candidate.reissue_of.is_some()
                    || candidate.order == previous.as_str()
            }
            // Only an order that names ours as its origin can be its reissue.
            PurchaseKind::Reissue { order, .. } => {
                candidate.reissue_of.as_deref() != Some(order.as_str())
            }
        };
        let domain = candidate.domain.as_deref();
        let common_name = self.purchase.common_name.as_str();
        by_kind
            || domain.is_some_and(|d| !d.trim_end_matches('.').eq_ignore_ascii_case(common_name))
            || candidate
                .product
                .as_deref()
                .is_some_and(|code| !may_be(code, self.family))
            || candidate.at.is_some_and(|at| !window.contains(&at))
            || (!self.is_reissue() && is_known(self.known, &candidate.order))
    }

    /// Whether the order lists additional names, but not all of ours.
    fn lacks_names(&self, candidate: &Listed) -> bool {
        let listed = |name: &DomainName| {
            candidate
                .names
                .iter()
                .any(|other| other.eq_ignore_ascii_case(name.as_str()))
        };
        !candidate.names.is_empty() && !self.names.iter().all(listed)
    }

    /// The numbers of a listing that fit, by how well.
    pub(super) fn sort(&self, candidates: &[Listed]) -> Sorted {
        let mut sorted = Sorted::default();
        for candidate in candidates {
            let list = match self.fit(candidate) {
                Fit::Marked => &mut sorted.marked,
                Fit::SameCsr => &mut sorted.same_csr,
                Fit::Maybe => &mut sorted.maybe,
                Fit::Foreign => continue,
            };
            if list.iter().all(|known| known.order != candidate.order) {
                list.push(candidate.clone());
            }
        }
        sorted
    }
}

/// Orders that fit, by what speaks for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sorted {
    pub(super) marked: Vec<Listed>,
    pub(super) same_csr: Vec<Listed>,
    pub(super) maybe: Vec<Listed>,
}

/// What the listings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// This order, and why it is ours.
    Order(String, Proof),
    /// Not one, or too many.
    Open(Located),
}

impl Sorted {
    /// Takes over what a further listing says; orders it does not show stay as they were.
    pub(super) fn refine(&mut self, shown: &[Listed], further: Self) {
        let hidden = |listed: &Listed| shown.iter().all(|other| other.order != listed.order);
        for (list, more) in [
            (&mut self.marked, further.marked),
            (&mut self.same_csr, further.same_csr),
            (&mut self.maybe, further.maybe),
        ] {
            list.retain(hidden);
            list.extend(more);
        }
    }

    /// One order with our marker is ours at once. One with our CSR is ours when no other can appear any
    /// more. Others are candidates for a person, and none is no proof: the vendor does not say when an order
    /// appears in its listings.
    pub(super) fn finding(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Finding {
        match (self.marked.as_slice(), self.same_csr.as_slice()) {
            ([one], _) => Finding::Order(one.order.clone(), Proof::Reference),
            ([], _) if now < until => Finding::Open(Located::TooEarly(until)),
            ([], [one]) => Finding::Order(one.order.clone(), Proof::Csr),
            ([], []) if self.maybe.is_empty() => Finding::Open(Located::CannotTell(words!(
                "the account's listings show no such order",
                "в списках учётной записи такого заказа нет"
            ))),
            _ => {
                let all = [&self.marked, &self.same_csr, &self.maybe];
                let shown = all.into_iter().find(|list| !list.is_empty());
                let candidates = shown.into_iter().flatten().map(Listed::candidate);
                Finding::Open(Located::Candidates(candidates.collect()))
            }
        }
    }
}

/// The token of an order without a pre-issued number: short marks of the orders of the same name that
/// existed before it, or [`NO_SNAPSHOT`].
pub(super) fn remember<'a>(orders: impl Iterator<Item = &'a str>) -> String {
    let mut token = String::new();
    for order in orders {
        if token.len() + MARK_LENGTH > TOKEN_LENGTH {
            return NO_SNAPSHOT.to_owned();
        }
        token.push_str(&mark(order));
    }
    token
}

/// Whether a token is a number that the vendor issued, and not what was known before. Where its looks do not tell, the
/// method by which the order would be sent now does: it may have been changed since.
pub(super) fn is_number(token: &str, by_number: bool) -> bool {
    let is_of_marks = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
    if token.is_empty() || token == NO_SNAPSHOT {
        return false;
    }
    if !token.len().is_multiple_of(MARK_LENGTH) || !token.bytes().all(is_of_marks) {
        return true;
    }
    by_number && !token.bytes().any(|byte| byte.is_ascii_lowercase())
}

fn is_known(known: &str, order: &str) -> bool {
    let mark = mark(order);
    known
        .as_bytes()
        .chunks(MARK_LENGTH)
        .any(|chunk| chunk == mark.as_bytes())
}

fn mark(order: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    Sha256::digest(order.as_bytes())
        .iter()
        .take(MARK_LENGTH)
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

/// Whether a marker is one of this program's keys: 20 base32 characters.
fn is_intent_key(marker: &str) -> bool {
    marker.len() == KEY_LENGTH
        && marker
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || (b'2'..=b'7').contains(&b))
}

/// Whether two texts hold the same request.
pub(super) fn same_csr(one: &str, other: &str) -> bool {
    der(one) == der(other)
}

/// The bytes of a PEM text, whatever its line ends and label; the text itself when it is no PEM.
fn der(pem: &str) -> Vec<u8> {
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    STANDARD.decode(&body).unwrap_or_else(|_| body.into_bytes())
}
