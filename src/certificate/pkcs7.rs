//! PKCS#7 as a bag of certificates: a `SignedData` without signers (RFC 2315, 9.1; RFC 5652, 5.1).
//!
//! Read in DER, in BER with indefinite lengths and as PEM; written in DER.

use super::x509::{Certificate, unreadable};
use super::{ber, pem};
use crate::failure::Failure;

/// Most certificates that one bag may hold.
pub(super) const MAX_CERTIFICATES: usize = 128;
/// Largest bag, in bytes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const OID: u8 = 0x06;
/// `[0]`, constructed: the content of a `ContentInfo` and the certificates of a `SignedData`.
const CONTEXT_0: u8 = 0xa0;

/// 1.2.840.113549.1.7.1
const DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// Reads the certificates of a PKCS#7 in DER, BER or PEM, in the order of the file. What is no X.509
/// certificate inside is skipped.
///
/// # Errors
/// `UnreadableCertificate`: no PKCS#7 of the kind `SignedData`, damaged, or too large.
pub fn certificates(bytes: &[u8]) -> Result<Vec<Certificate>, Failure> {
    if bytes.len() > MAX_BYTES {
        return Err(unreadable(words!(
            "the PKCS#7 is too large",
            "PKCS#7 слишком велик"
        )));
    }
    let armoured = std::str::from_utf8(bytes).ok().and_then(|text| {
        pem::blocks(text)
            .into_iter()
            .find(|block| is_pkcs7(&block.label))
    });
    let found = match armoured {
        Some(block) => block.der.as_deref().and_then(from_ber),
        None => from_ber(bytes),
    };
    found.ok_or_else(|| {
        unreadable(words!(
            "the PKCS#7 is damaged or of another kind",
            "PKCS#7 повреждён или другого вида"
        ))
    })
}

/// Whether the label is that of a PKCS#7.
pub(super) fn is_pkcs7(label: &str) -> bool {
    matches!(label, "PKCS7" | "PKCS #7 SIGNED DATA" | "CMS")
}

/// The certificates of a bag in DER or BER; `None` when it is something else, damaged or overfull.
pub(super) fn from_ber(bytes: &[u8]) -> Option<Vec<Certificate>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let (info, _) = ber::expect(bytes, SEQUENCE)?;
    let (kind, rest) = ber::expect(info.content, OID)?;
    if kind.content != SIGNED_DATA {
        return None;
    }
    let (content, _) = ber::expect(rest, CONTEXT_0)?;
    let (signed, _) = ber::expect(content.content, SEQUENCE)?;
    let (_version, rest) = ber::expect(signed.content, INTEGER)?;
    let (_digests, rest) = ber::expect(rest, SET)?;
    let (_content, rest) = ber::expect(rest, SEQUENCE)?;
    let Some((bag, _)) = ber::expect(rest, CONTEXT_0) else {
        return Some(Vec::new());
    };
    let mut found = Vec::new();
    let mut rest = bag.content;
    let mut elements = 0;
    while !rest.is_empty() {
        let (element, after) = ber::read(rest)?;
        elements += 1;
        if elements > MAX_CERTIFICATES {
            return None;
        }
        if element.tag == SEQUENCE {
            found.extend(Certificate::from_der(element.whole));
        }
        rest = after;
    }
    Some(found)
}

/// A bag of certificates in DER, in the given order.
pub(super) fn bag<'a>(certificates: impl Iterator<Item = &'a Certificate>) -> Vec<u8> {
    let certificates: Vec<u8> = certificates
        .flat_map(|certificate| certificate.der.iter().copied())
        .collect();
    let signed: Vec<u8> = [
        ber::write(INTEGER, &[1]),
        ber::write(SET, &[]),
        ber::write(SEQUENCE, &ber::write(OID, &DATA)),
        ber::write(CONTEXT_0, &certificates),
        ber::write(SET, &[]),
    ]
    .concat();
    let content = ber::write(CONTEXT_0, &ber::write(SEQUENCE, &signed));
    ber::write(SEQUENCE, &[ber::write(OID, &SIGNED_DATA), content].concat())
}
