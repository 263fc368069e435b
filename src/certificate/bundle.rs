//! The forms in which a certificate is handed out.

use std::io::{Cursor, Write as _};

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use sha2::{Digest, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::x509::Certificate;
use super::{Chain, csr, pem, pkcs7};
use crate::domain::DomainName;
use crate::failure::{Failure, Reason};

/// How an account wants its certificates stored.
///
/// The platform attests PEM and zip only (billmanager.md 5.3), so PKCS#7 comes inside a zip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Leaf and intermediates as PEM text.
    #[default]
    Pem,
    /// A zip with one file per certificate and the intermediates once more in one file.
    Zip,
    /// The same zip with a PKCS#7 beside.
    Pkcs7,
}

impl Format {
    /// Reads the setting's word: `pem`, `zip` or `pkcs7`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "pem" => Some(Self::Pem),
            "zip" => Some(Self::Zip),
            "pkcs7" => Some(Self::Pkcs7),
            _ => None,
        }
    }

    /// The setting's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Zip => "zip",
            Self::Pkcs7 => "pkcs7",
        }
    }
}

impl Chain {
    /// Leaf and intermediates as PEM, the order that servers expect.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificates()
            .map(|certificate| certificate.pem.as_str())
            .collect()
    }

    /// A PKCS#7 of leaf and intermediates in DER.
    #[must_use]
    pub fn pkcs7(&self) -> Vec<u8> {
        pkcs7::bag(self.certificates())
    }

    /// A zip archive, the same bytes for the same chain: the leaf as `<common name>.crt` with `*` and
    /// `.` replaced by `_` (billmanager.md 5.3, contents of the zip), each intermediate under its own
    /// name, all intermediates as `ca-bundle.crt` and, if asked for, `<common name>.p7b` (PEM, which
    /// every importer reads).
    ///
    /// # Errors
    /// `Internal` when the archive cannot be written, which nothing in memory should cause.
    pub fn zip(&self, common_name: &DomainName, with_pkcs7: bool) -> Result<Vec<u8>, Failure> {
        let stem = common_name.as_str().replace(['*', '.'], "_");
        let mut files = vec![(stem.clone(), "crt", self.leaf.pem.clone())];
        if !self.intermediates.is_empty() {
            let bundle = self.intermediates.iter().map(|one| one.pem.as_str());
            files.push(("ca-bundle".to_owned(), "crt", bundle.collect()));
        }
        for intermediate in &self.intermediates {
            let name = unused(&file_stem(intermediate), &files);
            files.push((name, "crt", intermediate.pem.clone()));
        }
        if with_pkcs7 {
            files.push((stem, "p7b", pem::armour("PKCS7", &self.pkcs7())));
        }
        write_zip(&files, self.leaf.not_before).map_err(|error| {
            Failure::new(Reason::Internal)
                .detail(words!(
                    "the certificate archive cannot be written",
                    "архив с сертификатом не записывается"
                ))
                .because(error)
        })
    }
}

fn write_zip(files: &[(String, &str, String)], time: DateTime<Utc>) -> Result<Vec<u8>, ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(dos_time(time))
        .unix_permissions(0o644);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (stem, extension, content) in files {
        archive.start_file(format!("{stem}.{extension}"), options)?;
        archive.write_all(content.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// The begin of validity as the archive's time: a clock would make every archive a different one.
fn dos_time(time: DateTime<Utc>) -> zip::DateTime {
    let octet = |value: u32| u8::try_from(value).unwrap_or_default();
    u16::try_from(time.year())
        .ok()
        .and_then(|year| {
            zip::DateTime::from_date_and_time(
                year,
                octet(time.month()),
                octet(time.day()),
                octet(time.hour()),
                octet(time.minute()),
                octet(time.second()),
            )
            .ok()
        })
        .unwrap_or(zip::DateTime::DEFAULT)
}

/// Common name, else organisation, else a part of the digest, as a file name without extension that
/// is safe on every system.
fn file_stem(certificate: &Certificate) -> String {
    const LONGEST: usize = 64;
    let text = certificate
        .common_name
        .as_deref()
        .or(certificate.organization.as_deref())
        .unwrap_or_default();
    let safe: String = text
        .chars()
        .take(LONGEST)
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    if safe.bytes().any(|b| b.is_ascii_alphanumeric()) {
        safe
    } else {
        let digest = csr::hex(&Sha256::digest(&certificate.der));
        digest.chars().take(16).collect()
    }
}

/// The name, or the name with the first free number; Windows does not tell cases apart.
fn unused(name: &str, files: &[(String, &str, String)]) -> String {
    let taken = |name: &str| {
        files
            .iter()
            .any(|(stem, ..)| stem.eq_ignore_ascii_case(name))
    };
    std::iter::once(name.to_owned())
        .chain((2..).map(|number: u32| format!("{name}_{number}")))
        .find(|candidate| !taken(candidate))
        .unwrap_or_else(|| name.to_owned())
}
