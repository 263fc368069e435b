//! Subject fields and alternative names, decoded from whatever string type they came in.

use std::collections::HashSet;
use std::fmt::Display;
use std::net::{Ipv4Addr, Ipv6Addr};

use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::GeneralName;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use crate::domain::text::{Bilingual, Words};
use crate::domain::{DomainName, InvalidName};
use crate::work::looked_at;

/// Who asks for a certificate, as the CSR says. Empty values count as absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Country (`C`), as written; usually two letters.
    pub country: Option<String>,
    /// State or province (`ST`).
    pub state: Option<String>,
    /// City (`L`).
    pub locality: Option<String>,
    /// Organisation (`O`).
    pub organization: Option<String>,
    /// Department (`OU`).
    pub unit: Option<String>,
    /// E-mail address (`emailAddress`).
    pub email: Option<String>,
}

impl Subject {
    pub(super) fn read(name: &X509Name<'_>) -> Self {
        Self {
            country: first(name.iter_country()),
            state: first(name.iter_state_or_province()),
            locality: first(name.iter_locality()),
            organization: first(name.iter_organization()),
            unit: first(name.iter_organizational_unit()),
            email: first(name.iter_email()),
        }
    }
}

/// The first value that is not empty.
pub(super) fn first<'a, 'b: 'a>(
    mut attributes: impl Iterator<Item = &'a AttributeTypeAndValue<'b>>,
) -> Option<String> {
    attributes.find_map(text)
}

/// The text of one subject attribute: trimmed, control characters replaced by blanks, `None` when
/// nothing is left or the type is no text.
pub(super) fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let decoded = raw_text(attribute)?;
    let clean: String = decoded
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// The text of one subject attribute as it stands there; `None` when the type is no text.
pub(super) fn raw_text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    decode(value.tag(), value.data)
}

fn decode(tag: Tag, data: &[u8]) -> Option<String> {
    if tag == Tag::BmpString {
        let units: Vec<u16> = data
            .chunks_exact(2)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        return data
            .len()
            .is_multiple_of(2)
            .then(|| String::from_utf16(&units).ok())
            .flatten();
    }
    if tag == Tag::UniversalString {
        return data
            .len()
            .is_multiple_of(4)
            .then(|| {
                data.chunks_exact(4)
                    .map(|four| {
                        char::from_u32(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
                    })
                    .collect()
            })
            .flatten();
    }
    let textual = [
        Tag::Utf8String,
        Tag::PrintableString,
        Tag::Ia5String,
        Tag::T61String,
        Tag::VisibleString,
        Tag::NumericString,
    ];
    if !textual.contains(&tag) {
        return None;
    }
    match std::str::from_utf8(data) {
        Ok(text) => Some(text.to_owned()),
        // Everybody who writes T61String means Latin-1.
        Err(_) if tag == Tag::T61String => Some(data.iter().map(|b| char::from(*b)).collect()),
        Err(_) => None,
    }
}

/// Host names, each once, in their order. A request has room for thousands: they are not compared one with another.
#[derive(Default)]
pub(super) struct Hosts {
    pub(super) list: Vec<DomainName>,
    seen: HashSet<DomainName>,
}

impl Hosts {
    /// Adds one that is not there yet.
    pub(super) fn add(&mut self, host: DomainName) {
        looked_at(host.as_str().len());
        if self.seen.insert(host.clone()) {
            self.list.push(host);
        }
    }
}

/// Sorts alternative names into host names and descriptions of everything else.
pub(super) fn sort_names(names: &[GeneralName<'_>]) -> (Vec<DomainName>, Vec<Words>) {
    let mut hosts = Hosts::default();
    let mut others = Vec::new();
    for name in names {
        match name {
            GeneralName::DNSName(text) => match DomainName::parse(text) {
                Ok(host) => hosts.add(host),
                Err(error) => others.push(not_a_host(text, &error)),
            },
            other => others.push(described(other)),
        }
    }
    (hosts.list, others)
}

/// An alternative name of the kind for hosts that is not one, for people.
pub(super) fn not_a_host(text: &str, why: &InvalidName) -> Words {
    let why = why.both();
    Words::joined(
        [
            Words::verbatim(format!("DNS {} (", printable(text))),
            why,
            Words::verbatim(")"),
        ],
        "",
    )
}

/// An alternative name that is no host name, for people.
pub(super) fn described(name: &GeneralName<'_>) -> Words {
    match name {
        GeneralName::IPAddress(octets) => described_address(address(octets)),
        GeneralName::RFC822Name(text) => Words::verbatim(format!("e-mail {}", printable(text))),
        GeneralName::URI(text) => Words::verbatim(format!("URI {}", printable(text))),
        GeneralName::Invalid(..) => words!("an unreadable name", "нечитаемое имя"),
        _ => words!("a name of another kind", "имя другого вида"),
    }
}

/// An address among the names of a request.
pub(super) fn described_address(address: impl Display) -> Words {
    Words::verbatim(format!("IP {address}"))
}

/// x509-parser prints addresses as hexadecimal octets (crates.md Q3).
fn address(octets: &[u8]) -> String {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        return Ipv4Addr::from(four).to_string();
    }
    match <[u8; 16]>::try_from(octets) {
        Ok(sixteen) => Ipv6Addr::from(sixteen).to_string(),
        Err(_) => "of unknown form".to_owned(),
    }
}

/// A text from outside, safe and short enough for a log line.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .take(100)
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_type_is_decoded() {
        let cases: &[(Tag, &[u8], Option<&str>)] = &[
            (Tag::Utf8String, "Москва".as_bytes(), Some("Москва")),
            (Tag::PrintableString, b"Moscow", Some("Moscow")),
            (Tag::Ia5String, b"a@example.com", Some("a@example.com")),
            (Tag::T61String, "Köln".as_bytes(), Some("Köln")),
            (Tag::T61String, b"K\xf6ln", Some("Köln")),
            (Tag::BmpString, &[0x04, 0x1c, 0x00, 0x61], Some("Мa")),
            (Tag::BmpString, &[0x04, 0x1c, 0x00], None),
            (Tag::BmpString, &[0xd8, 0x00], None),
            (Tag::UniversalString, &[0, 0, 0x04, 0x1c], Some("М")),
            (Tag::UniversalString, &[0xff, 0, 0, 0], None),
            (Tag::Utf8String, b"K\xf6ln", None),
            (Tag::Integer, b"7", None),
        ];
        for (tag, data, expected) in cases {
            assert_eq!(decode(*tag, data).as_deref(), *expected, "{tag:?} {data:?}");
        }
    }

    #[test]
    fn names_are_sorted_into_hosts_and_others() {
        let (hosts, others) = sort_names(&[
            GeneralName::DNSName("WWW.Example.com"),
            GeneralName::DNSName("www.example.com"),
            GeneralName::DNSName("a_b.example.com"),
            GeneralName::DNSName("evil\u{0}.example.com"),
            GeneralName::IPAddress(&[192, 0, 2, 7]),
            GeneralName::IPAddress(&[1, 2, 3]),
            GeneralName::RFC822Name("a@example.com"),
        ]);
        assert_eq!(
            hosts.iter().map(DomainName::as_str).collect::<Vec<_>>(),
            ["www.example.com"]
        );
        assert_eq!(
            others.iter().map(Words::en).collect::<Vec<_>>(),
            [
                "DNS a_b.example.com (an underscore is not allowed in a host name)",
                "DNS evil?.example.com (the name holds a character or label that no host name has)",
                "IP 192.0.2.7",
                "IP of unknown form",
                "e-mail a@example.com",
            ]
        );
    }
}
