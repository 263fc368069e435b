//! Finds the leaf and its chain in whatever a vendor delivered.
//!
//! File names are never looked at: what a file is called differs by product, what is in it does not
//! lie (thesslstore.md 8.4, crates.md Q3).

use std::cmp::Reverse;

use chrono::{DateTime, Utc};

use super::x509::{self, Certificate, Signature, unreadable};
use super::{Csr, pem, pkcs7};
use crate::domain::DomainName;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// Most files of one delivery.
const MAX_FILES: usize = 128;
/// Most bytes of one delivery.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most certificates of one delivery.
const MAX_CERTIFICATES: usize = 256;
/// Longest chain below the root; public ones have one to three.
const MAX_LENGTH: usize = 8;

/// A leaf and what a server sends with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The certificate of the CSR's key.
    pub leaf: Certificate,
    /// Issuer of the leaf, its issuer and so on; without the root.
    pub intermediates: Vec<Certificate>,
    /// A certificate that is named as the leaf's issuer and was not taken for it, with the reason.
    pub not_taken: Option<Words>,
}

impl Chain {
    /// The leaf, then the intermediates.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        std::iter::once(&self.leaf).chain(&self.intermediates)
    }

    /// What is to be said about a chain that leads by its names to no root that browsers know, as this version has them.
    /// It is no proof and no refusal: an authority may be newer than the list, or a company's own.
    #[must_use]
    pub fn root_remark(&self) -> Option<Words> {
        let top = self.intermediates.last()?;
        (!self.certificates().any(Certificate::names_known_root)).then(|| {
            words!(
                "the chain leads to '{}', which is none of the roots that Mozilla's browsers trust: browsers may refuse the certificate, ask the vendor",
                "цепочка ведёт к '{}', а такого корня нет среди тех, которым доверяют браузеры Mozilla: браузеры могут отклонить сертификат; обратитесь к поставщику",
                top.issuer
            )
        })
    }

    /// The chain up to the first certificate above the issuer that has expired: old clients stumble over an
    /// expired cross-signature although a shorter way to a root exists. An expired issuer stays and is
    /// refused by [`prove`](Self::prove).
    #[must_use]
    pub fn without_expired(mut self, now: DateTime<Utc>) -> Self {
        let mut above = self.intermediates.iter().skip(1);
        if let Some(at) = above.position(|certificate| certificate.not_after <= now) {
            self.intermediates.truncate(at + 1);
        }
        self
    }
}

/// Finds the newest certificate of the CSR's key, and its issuers, among the files of a delivery.
///
/// Each file may hold any number of PEM blocks between other text, one certificate in DER, or a
/// PKCS#7 in PEM, DER or BER. Files of other kinds, broken blocks, duplicates and unrelated
/// certificates are ignored; a root is dropped. An incomplete chain is no error here:
/// [`Chain::prove`] refuses it.
///
/// # Errors
/// `UnreadableCertificate`: no certificate at all, or more data than any vendor sends.
/// `CertificateMismatch`: none of the certificates has the CSR's key.
pub fn assemble(files: &[(String, Vec<u8>)], csr: &Csr) -> Result<Chain, Failure> {
    let pool = collect(files)?;
    if pool.is_empty() {
        return Err(unreadable(words!(
            "the vendor's files hold no certificate",
            "в файлах поставщика нет сертификата"
        )));
    }
    let leaf = pool
        .iter()
        .filter(|candidate| candidate.has_key(csr.public_key()))
        .max_by_key(|candidate| {
            (
                !candidate.is_self_issued(),
                candidate.not_before,
                candidate.not_after,
            )
        })
        .ok_or_else(|| no_leaf(&pool))?;
    Ok(build(leaf, &pool))
}

/// Finds the newest server certificate that covers a name, and its issuers: for certificates whose CSR
/// is not known. `None` takes any name. What is said of files at [`assemble`] holds here, too.
///
/// # Errors
/// `UnreadableCertificate`: no certificate at all, or more data than any vendor sends.
/// `CertificateMismatch`: none of the certificates is a server's for the name.
pub fn assemble_for(
    files: &[(String, Vec<u8>)],
    name: Option<&DomainName>,
) -> Result<Chain, Failure> {
    let pool = collect(files)?;
    if pool.is_empty() {
        return Err(unreadable(words!(
            "the vendor's files hold no certificate",
            "в файлах поставщика нет сертификата"
        )));
    }
    let covers = |candidate: &&Certificate| {
        name.is_none_or(|name| candidate.names.iter().any(|own| own.covers(name)))
    };
    let leaf = pool
        .iter()
        .filter(|candidate| !candidate.is_ca && !candidate.is_self_issued())
        .filter(covers)
        .max_by_key(|candidate| (candidate.not_before, candidate.not_after))
        .ok_or_else(|| {
            let name = name.map(ToString::to_string).unwrap_or_default();
            Failure::field(Reason::CertificateMismatch, "certificate").detail(words!(
                "none of the {} certificates in the vendor's files is a server's for '{name}'",
                "среди сертификатов в файлах поставщика ({}) нет серверного для '{name}'",
                pool.len()
            ))
        })?;
    Ok(build(leaf, &pool))
}

/// The leaf's issuers, as far as the pool has them: each authority once, and none that one below it
/// certified, or authorities that sign each other would make a circle.
fn build(leaf: &Certificate, pool: &[Certificate]) -> Chain {
    let mut intermediates: Vec<Certificate> = Vec::new();
    let mut current = leaf;
    while intermediates.len() < MAX_LENGTH {
        let best = |wanted: Signature| {
            pool.iter()
                .filter(|candidate| *candidate != leaf && candidate.is_ca)
                .filter(|candidate| current.names_as_issuer(candidate))
                .filter(|candidate| {
                    !intermediates.iter().any(|known| {
                        candidate.is_same_authority(known)
                            || (candidate.names_as_issuer(known)
                                && candidate.signature_by(known) == Signature::Good)
                    })
                })
                .filter(|candidate| current.signature_by(candidate) == wanted)
                .max_by_key(|candidate| preference(candidate, leaf))
        };
        // One whose signature cannot be verified is refused later, by its own reason.
        let issuer = best(Signature::Good).or_else(|| best(Signature::Unverifiable));
        match issuer {
            Some(issuer) if !issuer.is_root() => {
                intermediates.push(issuer.clone());
                current = issuer;
            }
            _ => break,
        }
    }
    let not_taken = intermediates.is_empty().then(|| not_taken(leaf, pool));
    Chain {
        leaf: leaf.clone(),
        intermediates,
        not_taken: not_taken.flatten(),
    }
}

/// Why a certificate that has signed the leaf is no part of its chain.
fn not_taken(leaf: &Certificate, pool: &[Certificate]) -> Option<Words> {
    let mut issuers = pool.iter().filter(|candidate| {
        *candidate != leaf
            && leaf.names_as_issuer(candidate)
            && leaf.signature_by(candidate) != Signature::Wrong
    });
    let issuer = issuers.next()?;
    let label = issuer.label();
    Some(match issuer.is_ca {
        false => words!(
            "'{label}', which has signed it, is not the certificate of an authority: ask the vendor for the right chain",
            "'{label}', которым он подписан, - не сертификат центра: запросите у поставщика верную цепочку"
        ),
        true => words!(
            "'{label}', which has signed it, is a root, and authorities do not issue from their roots: ask the vendor for the right chain",
            "'{label}', которым он подписан, - корневой, а центры не выпускают сертификаты корневым ключом: запросите у поставщика верную цепочку"
        ),
    })
}

/// Of several certificates of one issuer: those in force when the leaf was issued, then a
/// cross-signed one before the root of the same key (old clients need it), then the longest lived.
/// The digest order makes the rest of the choice independent of the order of the files.
fn preference<'a>(issuer: &'a Certificate, leaf: &Certificate) -> impl Ord + use<'a> {
    let in_force = issuer.not_before <= leaf.not_before && leaf.not_before <= issuer.not_after;
    (
        in_force,
        !issuer.is_self_issued(),
        issuer.not_after,
        Reverse(&issuer.der),
    )
}

fn no_leaf(pool: &[Certificate]) -> Failure {
    let labels: Vec<&str> = pool.iter().take(5).map(Certificate::label).collect();
    Failure::field(Reason::CertificateMismatch, "certificate").detail(words!(
        "none of the {} certificates in the vendor's files has the public key of the CSR (they are: {})", "ни у одного из сертификатов в файлах поставщика ({}) нет открытого ключа CSR (это: {})",
        pool.len(),
        labels.join(", ")
    ))
}

/// Every certificate in the files, each once.
fn collect(files: &[(String, Vec<u8>)]) -> Result<Vec<Certificate>, Failure> {
    let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
    if files.len() > MAX_FILES || bytes > MAX_BYTES {
        return Err(unreadable(words!(
            "the vendor's files are too many or too large ({} files, {bytes} bytes)",
            "файлов поставщика слишком много или они слишком велики (файлов: {}, байт: {bytes})",
            files.len()
        )));
    }
    let mut pool: Vec<Certificate> = Vec::new();
    for (_, content) in files {
        for certificate in in_file(content) {
            if !pool.contains(&certificate) {
                pool.push(certificate);
            }
            if pool.len() > MAX_CERTIFICATES {
                return Err(unreadable(words!(
                    "the vendor's files hold too many certificates",
                    "в файлах поставщика слишком много сертификатов"
                )));
            }
        }
    }
    Ok(pool)
}

fn in_file(content: &[u8]) -> Vec<Certificate> {
    // DER first: a certificate in DER may carry any text inside.
    if let Some(found) = in_der(content) {
        return found;
    }
    let text = String::from_utf8_lossy(content);
    let blocks = pem::blocks(&text);
    if blocks.is_empty() {
        // Some interfaces deliver base64 without its armour.
        let bare = pem::decode_all(&text).into_iter();
        return bare.filter_map(|der| in_der(&der)).flatten().collect();
    }
    blocks
        .into_iter()
        // Either label is seen around either content.
        .filter(|block| x509::is_certificate(&block.label) || pkcs7::is_pkcs7(&block.label))
        .filter_map(|block| in_der(&block.der?))
        .take(MAX_CERTIFICATES + 1)
        .flatten()
        .collect()
}

fn in_der(der: &[u8]) -> Option<Vec<Certificate>> {
    match pkcs7::from_ber(der) {
        Some(found) => Some(found),
        None => {
            let found = one_behind_another(der);
            (!found.is_empty()).then_some(found)
        }
    }
}

/// Certificates in DER without anything between them; what stands behind the last one is ignored.
fn one_behind_another(der: &[u8]) -> Vec<Certificate> {
    let mut found: Vec<Certificate> = Vec::new();
    let mut rest = der;
    while found.len() <= MAX_CERTIFICATES {
        let first = rest.get(..x509::MAX_DER).unwrap_or(rest);
        let Some(certificate) = Certificate::from_der(first) else {
            break;
        };
        rest = rest.get(certificate.der.len()..).unwrap_or_default();
        found.push(certificate);
    }
    found
}
