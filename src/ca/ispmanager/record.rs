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
mod tests {
    use super::super::document;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_and_records_are_read_alike() {
        let row = "<doc><id>7741203</id><CN>Shop.Example.com</CN><pricelist orig=\"3033\">PositiveSSL</pricelist>\
                   <createdate>2026-11-20</createdate><expiredate>2027-11-20 00:00:00</expiredate>\
                   <item_status orig=\"5_open\">Opening</item_status></doc>";
        let record = Record::read(&document::read(row.as_bytes()).unwrap(), &Wire::default());
        assert_eq!(record.id.as_deref(), Some("7741203"));
        assert_eq!(
            record.common_name,
            DomainName::parse("shop.example.com").ok()
        );
        assert_eq!(record.tariff.as_deref(), Some("3033"));
        assert_eq!(record.created, NaiveDate::from_ymd_opt(2026, 11, 20));
        assert_eq!(record.expires, NaiveDate::from_ymd_opt(2027, 11, 20));
        assert_eq!(record.service_state.as_deref(), Some("5_open"));
        assert_eq!(record.certificate_state, None);

        let form = "<doc><id>7</id><service_status>4</service_status><status>2</status><remoteid>pmssl-A</remoteid>\
                    <approver_method>auth_dnstxt</approver_method><auth_dnstxt_value>_chk=4f</auth_dnstxt_value>\
                    <domains_list>a.example,b.example</domains_list><altname>b.example c.example</altname>\
                    <approver_email_1>admin@a.example</approver_email_1><approver_email_2>admin@b.example</approver_email_2></doc>";
        let record = Record::read(&document::read(form.as_bytes()).unwrap(), &Wire::default());
        assert_eq!(record.service_state.as_deref(), Some("2"));
        assert_eq!(record.certificate_state.as_deref(), Some("4"));
        assert_eq!(record.marker.as_deref(), Some("pmssl-A"));
        assert_eq!(record.txt_value.as_deref(), Some("_chk=4f"));
        assert_eq!(record.txt_names.len(), 2);
        assert_eq!(record.names.len(), 2);
        assert_eq!(record.approvers, ["admin@a.example", "admin@b.example"]);
    }

    #[test]
    fn doubtful_values_are_absent() {
        let row = "<doc><id>none</id><CN>two words</CN><pricelist>PositiveSSL</pricelist><createdate>-</createdate></doc>";
        let record = Record::read(&document::read(row.as_bytes()).unwrap(), &Wire::default());
        assert_eq!(record, Record::default());
    }

    #[test]
    fn codes_are_the_digits_before_a_sub_state() {
        for (state, expected) in [
            ("2", "2"),
            ("5_open", "5"),
            ("3_autosuspend", "3"),
            ("Active", "Active"),
            ("2x", "2x"),
            ("", ""),
            ("_5", "_5"),
        ] {
            assert_eq!(code(state), expected);
        }
    }

    #[test]
    fn requests_are_compared_by_content() {
        let one =
            "-----BEGIN CERTIFICATE REQUEST-----\nQUJD\nREVG\n-----END CERTIFICATE REQUEST-----\n";
        let other = "-----BEGIN NEW CERTIFICATE REQUEST-----\r\nQUJDREVG\r\n-----END NEW CERTIFICATE REQUEST-----";
        assert_eq!(same_request(one, other), Some(true));
        assert_eq!(same_request(one, &one.replace("QUJD", "QUJE")), Some(false));
        assert_eq!(same_request(one, "words"), None);
        assert_eq!(
            same_request(one, "-----BEGIN CERTIFICATE REQUEST-----\n-----END"),
            None
        );
    }

    proptest! {
        #[test]
        fn reading_values_never_panics(text in "\\PC{0,40}") {
            let _ = (date(&text), number(&text), names(&text), code(&text), same_request(&text, &text));
        }

        #[test]
        fn numbers_are_digits_only(text in "[0-9 a.+-]{0,20}") {
            if let Some(number) = number(&text) {
                prop_assert!(number.parse::<u64>().is_ok_and(|number| number > 0));
            }
        }
    }
}
