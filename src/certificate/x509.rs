//! One certificate.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;

use super::{ber, csr, key, pem, subject};
use crate::domain::DomainName;
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};

/// Largest certificate that is read, in bytes. One with 250 long names stays below 32 KiB.
pub(super) const MAX_DER: usize = 128 * 1024;

/// A certificate with the fields that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// PEM, LF line ends, 64 columns.
    pub pem: String,
    /// DER.
    pub der: Vec<u8>,
    /// Serial number in lower-case hexadecimal digits, without leading zero octets.
    pub serial: String,
    /// Host names it covers: the alternative names or, without such an extension, the common name.
    pub names: Vec<DomainName>,
    /// IP addresses among the alternative names.
    pub addresses: Vec<IpAddr>,
    /// Common name as written.
    pub common_name: Option<String>,
    /// Organisation as written.
    pub organization: Option<String>,
    /// Beginning of validity.
    pub not_before: DateTime<Utc>,
    /// End of validity (inclusive).
    pub not_after: DateTime<Utc>,
    /// Public key (SubjectPublicKeyInfo, DER).
    pub public_key: Vec<u8>,
    /// Whether it may sign certificates.
    pub is_ca: bool,
    /// Whether its extended key usage, where it has one, allows servers.
    pub(super) is_for_servers: bool,
    /// Whether its extended key usage names servers, and not everything, as the rules demand.
    is_named_for_servers: bool,
    /// Whether its extended key usage names clients, too.
    pub is_for_clients: bool,
    /// Whether it has the extension of alternative names, the only names that browsers look at.
    pub(super) has_alternative_names: bool,
    /// The issuer's common name, else organisation, for people.
    pub issuer: String,
    subject_der: Vec<u8>,
    issuer_der: Vec<u8>,
}

/// What a look at a signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// Made with the key.
    Good,
    /// Not made with the key.
    Wrong,
    /// The algorithm is not one that can be verified here.
    Unverifiable,
}

impl Certificate {
    /// Reads the first certificate of a PEM text: of a stored bundle that is the leaf.
    ///
    /// # Errors
    /// `UnreadableCertificate` when there is none or it cannot be read.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let block = pem::each_block(text)
            .find(|block| is_certificate(&block.label))
            .ok_or_else(|| {
                unreadable(words!(
                    "there is no 'BEGIN CERTIFICATE' in the text",
                    "в тексте нет строки 'BEGIN CERTIFICATE'"
                ))
            })?;
        block
            .der
            .as_deref()
            .and_then(Self::from_der)
            .ok_or_else(|| {
                unreadable(words!(
                    "it is cut off or damaged",
                    "он обрезан или повреждён"
                ))
            })
    }

    /// Reads one certificate in DER; `None` when it is something else or too large.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        if der.len() > MAX_DER {
            return None;
        }
        // Bytes after the certificate are ignored: `TRUSTED CERTIFICATE` has some, files end in LF.
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        if is_precertificate(&parsed) {
            return None;
        }
        let der = parsed.as_raw();
        let common_name = subject::first(parsed.subject().iter_common_name());
        let alternative = alternative_names(&parsed);
        let has_alternative_names = alternative.is_some();
        let names = match alternative {
            Some(names) => names,
            None => common_name
                .as_deref()
                .and_then(|text| DomainName::parse(text).ok())
                .into_iter()
                .collect(),
        };
        let serial = parsed.raw_serial();
        let significant = serial
            .iter()
            .position(|octet| *octet != 0)
            .and_then(|first| serial.get(first..))
            .unwrap_or(&[0]);
        let issuer = subject::first(parsed.issuer().iter_common_name())
            .or_else(|| subject::first(parsed.issuer().iter_organization()))
            .unwrap_or_else(|| "without a name".to_owned());
        Some(Self {
            pem: pem::armour("CERTIFICATE", der),
            der: der.to_vec(),
            serial: csr::hex(significant),
            names,
            addresses: addresses(&parsed),
            common_name,
            organization: subject::first(parsed.subject().iter_organization()),
            not_before: time(parsed.validity().not_before.timestamp())?,
            not_after: time(parsed.validity().not_after.timestamp())?,
            public_key: parsed.public_key().raw.to_vec(),
            is_ca: parsed.is_ca(),
            is_for_servers: is_for_servers(&parsed),
            is_named_for_servers: is_named_for_servers(&parsed),
            is_for_clients: is_for_clients(&parsed),
            has_alternative_names,
            issuer,
            subject_der: parsed.subject().as_raw().to_vec(),
            issuer_der: parsed.issuer().as_raw().to_vec(),
        })
    }

    /// What is to be said about a certificate that is a server's only because nothing or everything is named: it was paid
    /// for, and programs judge it differently (Baseline Requirements, 7.1.2.7.10).
    #[must_use]
    pub fn use_remark(&self) -> Option<Words> {
        (!self.is_named_for_servers).then(|| {
            words!(
                "the certificate's extended key usage is missing or allows everything, where the rules demand servers by name: browsers may refuse it, ask the vendor to issue it again",
                "расширенное назначение ключа в сертификате не указано или допускает всё, а правила требуют назвать серверы: браузеры могут его отклонить; попросите поставщика выпустить его заново"
            )
        })
    }

    /// What people call it: common name, else organisation, else its serial number.
    #[must_use]
    pub fn label(&self) -> &str {
        self.common_name
            .as_deref()
            .or(self.organization.as_deref())
            .unwrap_or(&self.serial)
    }

    /// Whether it names itself as its issuer.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject_der == self.issuer_der
    }

    /// Whether the names say that `issuer` issued it.
    pub(super) fn names_as_issuer(&self, issuer: &Self) -> bool {
        self.issuer_der == issuer.subject_der
    }

    /// Whether both are certificates of one authority: one name with one key.
    pub(super) fn is_same_authority(&self, other: &Self) -> bool {
        self.subject_der == other.subject_der && self.has_key(&other.public_key)
    }

    /// Whether it was made for a CSR: both are of one key.
    #[must_use]
    pub fn is_for(&self, csr: &super::Csr) -> bool {
        self.has_key(csr.public_key())
    }

    /// The same for a request that was not judged.
    #[must_use]
    pub fn is_for_listed(&self, request: &super::Listed) -> bool {
        self.has_key(&request.public_key)
    }

    /// Whether its public key is the given one.
    pub(super) fn has_key(&self, public_key: &[u8]) -> bool {
        key::same(&self.public_key, public_key)
    }

    /// Whether it has the name of a root that Mozilla's browsers trust for servers, or names one as its issuer.
    pub(super) fn names_known_root(&self) -> bool {
        let names = [&self.subject_der, &self.issuer_der];
        let own = names.map(|name| ber::read(name).map(|(name, _)| name.content));
        // The list holds names without their heads.
        let mut roots = webpki_roots::TLS_SERVER_ROOTS.iter();
        roots.any(|root| own.contains(&Some(root.subject.as_ref())))
    }

    /// Looks at its signature with the key of `issuer`.
    pub(super) fn signature_by(&self, issuer: &Self) -> Signature {
        let (Ok((_, own)), Ok((_, other))) = (
            X509Certificate::from_der(&self.der),
            X509Certificate::from_der(&issuer.der),
        ) else {
            return Signature::Wrong;
        };
        match own.verify_signature(Some(other.public_key())) {
            Ok(()) => Signature::Good,
            Err(X509Error::SignatureUnsupportedAlgorithm) => Signature::Unverifiable,
            Err(_) => Signature::Wrong,
        }
    }

    /// A root: it names itself as issuer and its own key does not contradict that. A certificate of
    /// a key roll-over names itself too, but an older key signed it.
    pub(super) fn is_root(&self) -> bool {
        self.is_self_issued() && self.signature_by(self) != Signature::Wrong
    }
}

/// Whether the label is that of a certificate.
pub(super) fn is_certificate(label: &str) -> bool {
    matches!(
        label,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE"
    )
}

pub(super) fn unreadable(detail: impl Bilingual) -> Failure {
    Failure::field(Reason::UnreadableCertificate, "certificate").detail(detail)
}

/// A precertificate carries the poison extension 1.3.6.1.4.1.11129.2.4.3 (RFC 6962, 3.1): same key
/// and dates as the real one, but no client accepts it.
fn is_precertificate(certificate: &X509Certificate<'_>) -> bool {
    const POISON: [u8; 10] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x04, 0x03];
    certificate
        .iter_extensions()
        .any(|extension| extension.oid.as_bytes() == POISON)
}

/// Without the extension every usage is allowed (RFC 5280, 4.2.1.12); an unreadable one allows none.
fn is_for_servers(certificate: &X509Certificate<'_>) -> bool {
    match certificate.extended_key_usage() {
        Ok(None) => true,
        Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
        Err(_) => false,
    }
}

fn is_named_for_servers(certificate: &X509Certificate<'_>) -> bool {
    let usage = certificate.extended_key_usage().ok().flatten();
    usage.is_some_and(|usage| usage.value.server_auth && !usage.value.any)
}

fn is_for_clients(certificate: &X509Certificate<'_>) -> bool {
    let usage = certificate.extended_key_usage();
    usage.is_ok_and(|usage| usage.is_some_and(|usage| usage.value.client_auth))
}

/// IP addresses of the extension of alternative names.
fn addresses(certificate: &X509Certificate<'_>) -> Vec<IpAddr> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.map(|extension| extension.value.general_names.as_slice());
    let octets = names
        .unwrap_or_default()
        .iter()
        .filter_map(|name| match name {
            GeneralName::IPAddress(octets) => Some(*octets),
            _ => None,
        });
    octets
        .filter_map(|octets| match octets.len() {
            4 => <[u8; 4]>::try_from(octets).ok().map(IpAddr::from),
            _ => <[u8; 16]>::try_from(octets).ok().map(IpAddr::from),
        })
        .collect()
}

/// Host names of the extension; `None` without such an extension. An unreadable one names nothing.
fn alternative_names(certificate: &X509Certificate<'_>) -> Option<Vec<DomainName>> {
    use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;
    let mut names = None;
    for extension in certificate.iter_extensions() {
        if extension.oid != OID_X509_EXT_SUBJECT_ALT_NAME {
            continue;
        }
        let names = names.get_or_insert_with(Vec::new);
        if let ParsedExtension::SubjectAlternativeName(found) = extension.parsed_extension() {
            names.extend(subject::sort_names(&found.general_names).0);
        }
    }
    names
}

fn time(timestamp: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(timestamp, 0)
}
