//! A certificate service as the billing shows it: a row of the list or the record's form
//! (ispmanager.md 10). What is not there is `None`; nothing is guessed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;

use super::document::{self, Node};
use super::wire::{Entry, Wire};
use crate::domain::DomainName;

/// Most numbered approver fields read.
const MOST_APPROVERS: usize = 250;

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Record {
    pub(super) id: Option<String>,
    pub(super) common_name: Option<DomainName>,
    /// The tariff's number, where it is shown as one.
    pub(super) tariff: Option<String>,
    pub(super) created: Option<NaiveDate>,
    /// Paid till.
    pub(super) expires: Option<NaiveDate>,
    pub(super) service_state: Option<String>,
    pub(super) certificate_state: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) csr: Option<String>,
    pub(super) marker: Option<String>,
    pub(super) method: Option<String>,
    pub(super) txt_value: Option<String>,
    pub(super) txt_names: Vec<DomainName>,
    /// In the order of the names.
    pub(super) approvers: Vec<String>,
    /// Additional names.
    pub(super) names: Vec<DomainName>,
}

impl Record {
    pub(super) fn read(node: &Node, wire: &Wire) -> Self {
        let text = |entry| node.value(wire.text(entry)).map(str::to_owned);
        let raw = |name: &str| document::raw(node, name).map(str::to_owned);
        let day = |entry| document::raw(node, wire.text(entry)).and_then(date);
        let marker = wire.optional(Entry::MarkerField);
        Self {
            id: node
                .only(wire.text(Entry::IdField))
                .and_then(|_| document::raw(node, wire.text(Entry::IdField)))
                .and_then(number),
            common_name: text(Entry::CommonNameField)
                .and_then(|name| DomainName::parse(&name).ok()),
            tariff: raw(wire.text(Entry::TariffField))
                .as_deref()
                .and_then(number),
            created: day(Entry::CreatedField),
            expires: day(Entry::ExpiresField),
            service_state: wire.words(Entry::ServiceStateFields).find_map(raw),
            certificate_state: raw(wire.text(Entry::CertificateStateField)),
            certificate: text(Entry::CertificateField),
            csr: text(Entry::CsrField),
            marker: marker.and_then(|field| node.value(field).map(str::to_owned)),
            method: raw(wire.text(Entry::MethodField)),
            txt_value: text(Entry::TxtValueField),
            txt_names: text(Entry::TxtNamesField).map_or_else(Vec::new, |text| names(&text)),
            approvers: approvers(node, wire),
            names: wire
                .words(Entry::NamesFields)
                .find_map(|field| node.value(field))
                .map_or_else(Vec::new, names),
        }
    }
}

fn approvers(node: &Node, wire: &Wire) -> Vec<String> {
    if let Some(list) = node.value(wire.text(Entry::ApproversField)) {
        let addresses = list.split([',', ' ']).map(str::trim);
        return addresses
            .filter(|address| !address.is_empty())
            .map(str::to_owned)
            .collect();
    }
    let prefix = wire.text(Entry::ApproverPrefix);
    (1..=MOST_APPROVERS)
        .map_while(|index| node.value(&format!("{prefix}{index}")))
        .map(str::to_owned)
        .collect()
}

/// A day as `YYYY-MM-DD`, perhaps with a time behind it (4.5).
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let day = text.trim().split([' ', 'T']).next()?;
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
}

/// A number of an object: digits, not zero.
pub(super) fn number(text: &str) -> Option<String> {
    let is_number = text.len() <= 18
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.trim_start_matches('0').is_empty();
    is_number.then(|| text.trim_start_matches('0').to_owned())
}

/// Names between blanks or commas; what is no name is left out.
pub(super) fn names(text: &str) -> Vec<DomainName> {
    text.split(|c: char| c.is_whitespace() || c == ',')
        .filter_map(|name| DomainName::parse(name).ok())
        .collect()
}

/// The code of a state: the digits before a sub-state (`5_open`), else the whole word (10).
pub(super) fn code(state: &str) -> &str {
    let end = state
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(state.len());
    if end > 0 && (end == state.len() || state[end..].starts_with('_')) {
        &state[..end]
    } else {
        state
    }
}

/// Whether two requests are the same; `None` when one of them cannot be read.
pub(super) fn same_request(one: &str, other: &str) -> Option<bool> {
    Some(der(one)? == der(other)?)
}

fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("REQUEST-----")?;
    let (body, _) = rest.split_once("-----END")?;
    let base64: String = body.split_whitespace().collect();
    STANDARD.decode(base64).ok().filter(|der| !der.is_empty())
}

#[cfg(test)]
mod tests;
