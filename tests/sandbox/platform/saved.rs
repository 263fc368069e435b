//! `certificate.save`: what it takes and what becomes of it.

use std::io::{Cursor, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Serialize;
use x509_parser::prelude::FromDer;

use super::Refused;

/// A certificate as the module handed it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SavedCertificate {
    /// `pem` or `zip`.
    pub kind: &'static str,
    /// Files of the archive with their content; a PEM text is one file without a name.
    #[serde(skip)]
    pub files: Vec<(String, Vec<u8>)>,
    /// Names of the files.
    pub names: Vec<String>,
    /// Subjects of the certificates, in their order.
    pub subjects: Vec<String>,
    /// Serial number of the first certificate, lower-case hexadecimal.
    pub serial: String,
    /// End of the first certificate, `YYYY-MM-DD`.
    pub not_after: String,
}

impl SavedCertificate {
    /// All PEM text of the files.
    pub fn pem(&self) -> String {
        let text = self
            .files
            .iter()
            .map(|(_, bytes)| String::from_utf8_lossy(bytes));
        text.filter(|text| text.contains("-----BEGIN")).collect()
    }
}

/// Reads what the module sent.
pub fn read(crt: &str, kind: Option<&str>) -> Result<SavedCertificate, Refused> {
    let bad = |text: &str| Refused::value("crt", "", text);
    let files = match kind {
        None | Some("pem") => vec![(String::new(), crt.as_bytes().to_vec())],
        Some("zip") => {
            let bytes = STANDARD
                .decode(crt)
                .map_err(|_| bad("The archive is not base64"))?;
            let mut archive =
                zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| bad("Not an archive"))?;
            let mut files = Vec::new();
            for index in 0..archive.len() {
                let mut file = archive
                    .by_index(index)
                    .map_err(|_| bad("A file of the archive cannot be read"))?;
                let mut content = Vec::new();
                file.read_to_end(&mut content)
                    .map_err(|_| bad("A file of the archive is damaged"))?;
                let name = file.name().map(|name| name.into_owned());
                let name = name.map_err(|_| bad("A file name of the archive is damaged"))?;
                files.push((name, content));
            }
            files
        }
        Some(other) => return Err(Refused::value("crt_type", other, "Unknown kind")),
    };
    let mut certificates = Vec::new();
    for (name, content) in &files {
        if !content.starts_with(b"-----BEGIN CERTIFICATE-----") {
            // A PKCS#7 file lies beside the certificates, never instead of them.
            if name.ends_with(".p7b") {
                continue;
            }
            return Err(bad(&format!("'{name}' is not a certificate in PEM")));
        }
        for certificate in CertificateDer::pem_slice_iter(content) {
            certificates.push(certificate.map_err(|_| bad("A PEM block is damaged"))?);
        }
    }
    let parsed = certificates
        .iter()
        .map(|der| {
            x509_parser::certificate::X509Certificate::from_der(der)
                .map(|(_, certificate)| certificate)
                .map_err(|_| bad("A certificate cannot be read"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let first = parsed.first().ok_or_else(|| bad("No certificate in it"))?;
    let end = first.validity().not_after.timestamp();
    let end = chrono::DateTime::from_timestamp(end, 0).unwrap_or_default();
    Ok(SavedCertificate {
        kind: if kind == Some("zip") { "zip" } else { "pem" },
        names: files.iter().map(|(name, _)| name.clone()).collect(),
        subjects: parsed.iter().map(|one| one.subject().to_string()).collect(),
        serial: super::super::vendor::csr::hex(first.raw_serial()),
        not_after: end.format("%Y-%m-%d").to_string(),
        files,
    })
}
