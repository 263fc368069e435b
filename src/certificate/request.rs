//! The structure of a certification request (RFC 2986), as far as an order needs it.
//!
//! Attributes are read one by one: one that nobody understands must not make the request unreadable.

use x509_parser::asn1_rs::{Any, BitString};
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::{
    OID_NIST_HASH_SHA256, OID_NIST_HASH_SHA384, OID_NIST_HASH_SHA512, OID_PKCS1_RSASSAPSS,
};
use x509_parser::prelude::FromDer;
use x509_parser::signature_algorithm::RsaSsaPssParams;
use x509_parser::verify::verify_signature;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo, X509Name};

use super::{ber, ecdsa};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const ATTRIBUTES: u8 = 0xa0;
/// A `dNSName` among the alternative names.
const DNS_NAME: u8 = 0x82;

/// 1.2.840.113549.1.9.14, the extensions that are asked for (RFC 2985, 5.4.2).
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
/// 1.3.6.1.4.1.311.2.1.14, the same as Microsoft's programs wrote it at first.
const MICROSOFT_EXTENSIONS: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0e];
/// 2.5.29.17
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

/// A request whose signature has not been looked at.
pub(super) struct Request<'a> {
    /// What is signed.
    info: &'a [u8],
    /// 0 for version 1, the only one there is.
    pub(super) version: &'a [u8],
    pub(super) subject: X509Name<'a>,
    pub(super) key: SubjectPublicKeyInfo<'a>,
    /// `None` when the field is missing, which RFC 2986 does not allow and OpenSSL reads.
    attributes: Option<&'a [u8]>,
    pub(super) algorithm: AlgorithmIdentifier<'a>,
    signature: BitString<'a>,
}

/// One alternative name.
pub(super) enum Alternative<'a> {
    /// A `dNSName`, as its bytes are.
    Dns(&'a [u8]),
    /// Another kind.
    Other(GeneralName<'a>),
    /// Nobody can read it.
    Unreadable,
}

impl<'a> Request<'a> {
    /// Takes a request apart; `None` when it is something else.
    pub(super) fn read(der: &'a [u8]) -> Option<Self> {
        let (outer, _) = ber::expect(der, SEQUENCE)?;
        let (info, rest) = ber::expect(outer.content, SEQUENCE)?;
        let (algorithm, rest) = ber::expect(rest, SEQUENCE)?;
        let (signature, rest) = ber::expect(rest, BIT_STRING)?;
        let (version, inner) = ber::expect(info.content, INTEGER)?;
        let (subject, inner) = ber::expect(inner, SEQUENCE)?;
        let (key, inner) = ber::expect(inner, SEQUENCE)?;
        let attributes = match inner {
            [] => None,
            _ => Some(ber::expect(inner, ATTRIBUTES)?.0.content),
        };
        rest.is_empty().then_some(())?;
        Some(Self {
            info: info.whole,
            version: version.content,
            subject: X509Name::from_der(subject.whole).ok()?.1,
            key: SubjectPublicKeyInfo::from_der(key.whole).ok()?.1,
            attributes,
            algorithm: AlgorithmIdentifier::from_der(algorithm.whole).ok()?.1,
            signature: BitString::from_der(signature.whole).ok()?.1,
        })
    }

    /// Looks at its own signature.
    pub(super) fn verify(&self) -> Result<(), X509Error> {
        match verify_signature(&self.key, &self.algorithm, &self.signature, self.info) {
            Err(X509Error::SignatureUnsupportedAlgorithm) => {
                ecdsa::verify_sha512(&self.key, &self.algorithm, &self.signature.data, self.info)
            }
            Err(_) if self.is_unusual_pss() => Err(X509Error::SignatureUnsupportedAlgorithm),
            outcome => outcome,
        }
    }

    /// Whether it is signed with RSA-PSS and a salt that is not as long as the digest, or a mask of another digest.
    /// RFC 4055 (3.1) leaves both open, and neither can be verified here.
    fn is_unusual_pss(&self) -> bool {
        let parameters = self.algorithm.parameters.as_ref();
        let parameters = parameters.filter(|_| self.algorithm.algorithm == OID_PKCS1_RSASSAPSS);
        let Some(Ok(pss)) = parameters.map(RsaSsaPssParams::try_from) else {
            return false;
        };
        let digest = pss.hash_algorithm_oid();
        let is_usual_salt = [
            (OID_NIST_HASH_SHA256, 32),
            (OID_NIST_HASH_SHA384, 48),
            (OID_NIST_HASH_SHA512, 64),
        ]
        .iter()
        .any(|(oid, length)| oid == digest && pss.salt_length() == *length);
        let mask = pss.mask_gen_algorithm();
        !is_usual_salt || mask.is_ok_and(|mask| mask.hash != *digest)
    }

    /// Whether the field of attributes is there.
    pub(super) fn has_attributes(&self) -> bool {
        self.attributes.is_some()
    }

    /// The alternative names that are asked for.
    pub(super) fn alternative_names(&self) -> Vec<Alternative<'a>> {
        let mut names = Vec::new();
        for attribute in elements(self.attributes.unwrap_or_default()) {
            let Some((kind, values)) = ber::expect(attribute, OID) else {
                continue;
            };
            if ![EXTENSION_REQUEST, MICROSOFT_EXTENSIONS].contains(&kind.content) {
                continue;
            }
            let Some((values, _)) = ber::expect(values, SET) else {
                continue;
            };
            for extensions in elements(values.content) {
                for extension in elements(extensions) {
                    names.extend(names_of(extension));
                }
            }
        }
        names
    }
}

/// The contents of the sequences that stand one behind the other.
fn elements(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (element, after) = ber::expect(rest, SEQUENCE)?;
        rest = after;
        Some(element.content)
    })
}

/// The names of one extension, when it is the one of alternative names.
fn names_of(extension: &[u8]) -> Vec<Alternative<'_>> {
    let Some((kind, mut rest)) = ber::expect(extension, OID) else {
        return Vec::new();
    };
    if kind.content != ALTERNATIVE_NAMES {
        return Vec::new();
    }
    if let Some((element, after)) = ber::read(rest)
        && element.tag != OCTET_STRING
    {
        // Whether it is critical.
        rest = after;
    }
    let names = ber::expect(rest, OCTET_STRING)
        .and_then(|(octets, _)| ber::expect(octets.content, SEQUENCE));
    let Some((names, _)) = names else {
        return vec![Alternative::Unreadable];
    };
    let mut found = Vec::new();
    let mut rest = names.content;
    while !rest.is_empty() {
        let Some((name, after)) = ber::read(rest) else {
            found.push(Alternative::Unreadable);
            break;
        };
        rest = after;
        found.push(if name.tag == DNS_NAME {
            Alternative::Dns(name.content)
        } else {
            let parsed = Any::from_der(name.whole).ok();
            let parsed = parsed.and_then(|(_, any)| GeneralName::try_from(any).ok());
            parsed.map_or(Alternative::Unreadable, Alternative::Other)
        });
    }
    found
}
