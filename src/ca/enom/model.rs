//! Answers as the adapter uses them, read from element trees by name.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::envelope::{CommandReply, Node, boolean};
use crate::domain::{Currency, Money};

/// One row of `CertGetCerts` (enom.md 7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Slot {
    pub(super) id: u64,
    pub(super) order: Option<u64>,
    pub(super) kind: Option<u32>,
    pub(super) status: Option<u32>,
    /// Months.
    pub(super) validity: Option<u32>,
    /// Empty before configuration.
    pub(super) domain: Option<String>,
}

impl Slot {
    /// `None` for a row without a number: it could not be adopted, and must not be overlooked either.
    pub(super) fn read(row: &Node) -> Option<Self> {
        Some(Self {
            id: number(row, "CertID").filter(|id| *id > 0)?,
            order: number(row, "OrderID"),
            kind: number(row, "ProdType"),
            status: number(row, "CertStatusID"),
            validity: number(row, "ValidityPeriod"),
            domain: row.owned("DomainName"),
        })
    }
}

/// `CertGetCertDetail` (enom.md 7).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Detail {
    pub(super) id: Option<u64>,
    pub(super) status: Option<u32>,
    pub(super) status_text: Option<String>,
    /// `CertStatusDetail` and `Message`: remarks, e.g. on rejections.
    pub(super) remarks: Vec<String>,
    pub(super) domain: Option<String>,
    pub(super) expiration: Option<DateTime<Utc>>,
    pub(super) approver: Option<String>,
    pub(super) method: Option<String>,
    pub(super) file: Option<(String, String)>,
    pub(super) dns: Option<(String, String)>,
    /// `AuthStatusName`: how the vendor's look at file or record went.
    pub(super) check: Option<String>,
    pub(super) reissue: Option<String>,
    /// The issued certificate as it was handed out, readable or not.
    pub(super) certificate: Option<String>,
    /// Intermediate certificates.
    pub(super) chain: Vec<String>,
    pub(super) csr: Option<String>,
    pub(super) reference: Option<String>,
    /// Web server ids this slot takes.
    pub(super) servers: Vec<String>,
    /// Names this slot takes (Comodo UCC).
    pub(super) names_allowed: Option<u32>,
    /// All elements with their texts: stored contacts are compared by name.
    pub(super) fields: Vec<(String, String)>,
}

impl Detail {
    pub(super) fn read(node: &Node) -> Self {
        let pair = |name: &str, value: &str| Some((node.owned(name)?, node.owned(value)?));
        let intermediates = node.child("IntermediateCertificates").into_iter();
        let intermediates = intermediates.flat_map(|list| list.listed("ICA"));
        let chain = node.listed("CACerts").chain(intermediates);
        let servers = node.child("WebServerTypes").into_iter();
        let servers = servers.flat_map(|list| list.listed("WebServerType"));
        Self {
            id: number(node, "CertID"),
            status: number(node, "CertStatusID"),
            status_text: node.owned("CertStatus"),
            remarks: ["CertStatusDetail", "Message"]
                .into_iter()
                .filter_map(|name| node.owned(name))
                .collect(),
            domain: node.owned("DomainName"),
            expiration: node.value("ExpirationDate").and_then(date),
            approver: node.owned("ApproverEmail"),
            method: node.owned("DVAuthMethod"),
            file: pair("FileAuthName", "FileAuthContents"),
            dns: pair("DNSAuthEntry", "DNSAuthAddress"),
            check: node.owned("AuthStatusName"),
            reissue: node
                .owned("ReissueStatus")
                .or_else(|| node.owned("ComodoReissueStatus")),
            certificate: node.value("SSLCertificate").and_then(delivered),
            chain: chain.filter_map(|ca| delivered(ca.text()?)).collect(),
            csr: node.owned("CSR").map(|text| unindented(&text)),
            reference: node.owned("ReferenceID"),
            servers: servers
                .filter_map(|server| server.owned("WebServerTypeID"))
                .collect(),
            names_allowed: number(node, "DomainCountAllowed").filter(|count| *count > 0),
            fields: node
                .pairs()
                .map(|(name, text)| (name.to_ascii_lowercase(), text.to_owned()))
                .collect(),
        }
    }

    /// A field by name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, text)| text.as_str())
    }
}

/// Approver addresses of a list; the entry for "manual" has none (enom.md 8 and 9).
pub(super) fn approvers(node: &Node) -> Vec<String> {
    node.listed("Approver")
        .filter_map(|approver| approver.owned("ApproverEmail"))
        .collect()
}

/// One product of `GetCerts` (enom.md 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CatalogueEntry {
    pub(super) code: String,
    pub(super) name: String,
    /// Price of one year.
    pub(super) price: Option<Money>,
    pub(super) enabled: Option<bool>,
    pub(super) years: Vec<u32>,
}

impl CatalogueEntry {
    pub(super) fn read(node: &Node) -> Option<Self> {
        Some(Self {
            code: node.owned("ProdCode")?,
            name: node.owned("ProdDesc").unwrap_or_default(),
            price: node.value("ResellerPrice").and_then(dollars),
            enabled: node.value("Enabled").and_then(boolean),
            years: node
                .listed("Years")
                .filter_map(|years| years.text()?.parse().ok())
                .collect(),
        })
    }
}

/// One page of `GetOrderList` (enom.md 14).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderPage {
    pub(super) orders: Vec<u64>,
    /// There are further pages, or nothing clear is said about it.
    pub(super) has_more: bool,
    /// Where the next one begins, as far as it can be read.
    pub(super) next: Option<u64>,
}

impl OrderPage {
    /// `None` for an answer without the list, or with a row without a number.
    pub(super) fn read(answer: &CommandReply) -> Option<Self> {
        let node = answer.payload();
        let list = node.find("OrderList");
        let rows: Vec<_> = list.unwrap_or(node).listed("OrderDetail").collect();
        let orders: Vec<u64> = rows
            .iter()
            .filter_map(|row| number(row, "OrderID"))
            .collect();
        // An account without orders has an empty list, or the command's own element is empty as that
        // of an empty listing of slots (enom.md 19), or a count says so.
        let is_none = || match list {
            Some(list) => !list.holds_rows(),
            None => {
                answer.own().is_some_and(Node::is_empty) || number(node, "RecordCount") == Some(0)
            }
        };
        let is_whole = orders.len() == rows.len() && (!rows.is_empty() || is_none());
        let find = |name: &str| node.find(name).and_then(Node::text);
        is_whole.then_some(Self {
            orders,
            has_more: find("ShowNextLink").is_some_and(|text| boolean(text) != Some(false)),
            next: find("NextStartPosition").and_then(|text| text.parse().ok()),
        })
    }
}

/// What `GetOrderDetail` tells about one order (enom.md 14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderLook {
    /// Whether it holds certificates; `None` when it does not say.
    pub(super) certificates: Option<bool>,
    /// 2: authorization failed, 7: cancelled.
    pub(super) status: Option<u32>,
    /// What it cost, in cents, where that can be read.
    pub(super) amount: Option<i64>,
}

impl OrderLook {
    pub(super) fn read(root: &Node) -> Self {
        let order = root.find("Order").unwrap_or(root);
        Self {
            certificates: order.value("Certs").and_then(boolean),
            status: number(order, "OrderStatus"),
            amount: order
                .value("OrderBillAmount")
                .and_then(dollars)
                .map(|amount| amount.minor)
                .filter(|cents| *cents >= 0),
        }
    }
}

/// A number of digits only.
pub(super) fn number<T: std::str::FromStr>(node: &Node, name: &str) -> Option<T> {
    let text = node.value(name)?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// US dollars, the currency of the vendor's orders (enom.md 5). Brackets are a minus (enom.md 19).
pub(super) fn dollars(text: &str) -> Option<Money> {
    let text = text.trim();
    let inside = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let money = Money::parse(inside.unwrap_or(text), Currency::USD);
    match inside {
        Some(inside) if !inside.contains(['(', ')', '-', '\u{2212}']) => money.map(|money| Money {
            minor: -money.minor,
            ..money
        }),
        None if !text.contains(['(', ')']) => money,
        _ => None,
    }
}

/// `M/D/YYYY` with or without a 12-hour time; the zone is not stated, so only the day counts
/// (enom.md 16).
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let day = NaiveDateTime::parse_from_str(text, "%m/%d/%Y %I:%M:%S %p")
        .map(|moment| moment.date())
        .or_else(|_| NaiveDate::parse_from_str(text, "%m/%d/%Y"))
        .ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// The text of a certificate without the indentation that samples carry; `None` for armour with nothing inside.
/// Whether it can be read is asked by who needs it.
fn delivered(text: &str) -> Option<String> {
    // Line ends that were quoted once too often are no content.
    let plain = text.replace("\\r", "").replace("\\n", "\n");
    // What stands between the dashes are the words of the armour.
    let mut outside = plain.split("-----").step_by(2);
    outside
        .any(|part| !part.trim().is_empty())
        .then(|| unindented(text))
}

fn unindented(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        result.push_str(line);
        result.push('\n');
    }
    result
}

#[cfg(test)]
mod tests;
