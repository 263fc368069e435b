//! What people send instead of a request, told by its bytes.

use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use super::ber;

/// Tags of DER (X.690, 8).
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// A certificate (RFC 5280).
pub(super) const CERTIFICATE: &str = "CERTIFICATE";

/// A private key of any form.
pub(super) const PRIVATE_KEY: &str = "PRIVATE KEY";

/// PKCS#7, signed data (RFC 2315): 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// Whether the first bytes are those of a private key of 128 bytes and more, be the rest there or not: version, then
/// an algorithm (PKCS#8), a modulus (RSA) or the key itself (EC).
pub(super) fn begins_key(der: &[u8]) -> bool {
    let header = match der {
        [SEQUENCE, 0x81, ..] => 3,
        [SEQUENCE, 0x82, ..] => 4,
        _ => return false,
    };
    matches!(
        der.get(header..),
        Some([INTEGER, 1, _, SEQUENCE | INTEGER | OCTET_STRING, ..])
    )
}

/// The words that PEM has for it; `None` for anything else.
pub(super) fn of(der: &[u8]) -> Option<&'static str> {
    if X509Certificate::from_der(der).is_ok() {
        return Some(CERTIFICATE);
    }
    let (outer, _) = ber::expect(der, SEQUENCE)?;
    let (first, rest) = ber::read(outer.content)?;
    let (second, _) = ber::read(rest)?;
    match (first.tag, second.tag) {
        (OID, _) if first.content == SIGNED_DATA => Some("PKCS7"),
        // Version, then an algorithm (PKCS#8), a modulus (RSA) or the key itself (EC).
        (INTEGER, SEQUENCE | INTEGER | OCTET_STRING) if first.content.len() == 1 => {
            // A PKCS#12 file begins so, too, and holds the key as well.
            Some(PRIVATE_KEY)
        }
        // An algorithm, then the key or what is encrypted.
        (SEQUENCE, OCTET_STRING) => Some("ENCRYPTED PRIVATE KEY"),
        (SEQUENCE, BIT_STRING) => Some("PUBLIC KEY"),
        _ => None,
    }
}
