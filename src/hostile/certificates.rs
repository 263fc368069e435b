//! CSRs, certificates, chains, PKCS#7, archives.

use std::sync::LazyLock;

use base64::Engine as _;
use chrono::DateTime;

use super::text;
use crate::certificate::{self, Certificate, Csr, assemble, files_from_zip, files_of_delivery};

static REQUEST: LazyLock<Csr> = LazyLock::new(|| {
    Csr::parse(include_str!("../certificate/fixtures/p256.pem")).expect("a good fixture")
});

/// CSRs: input as text and as the DER behind an armour.
pub fn csr(data: &[u8]) {
    check_csr(&text(data));
    let body = base64::engine::general_purpose::STANDARD.encode(data);
    check_csr(&format!(
        "-----BEGIN CERTIFICATE REQUEST-----{body}-----END CERTIFICATE REQUEST-----"
    ));
}

fn check_csr(text: &str) {
    let listed = certificate::listed(text);
    if let Ok(csr) = Csr::parse(text) {
        assert!(listed.is_some(), "what can be ordered is listed");
        let _ = csr.check_key();
        let again = Csr::parse(csr.pem()).expect("the normal form is readable");
        assert_eq!(again, csr);
    }
}

/// Chains out of two arbitrary files.
pub fn chain(data: &[u8]) {
    let (one, other) = data.split_at(data.len() / 2);
    let files = [
        ("whole".to_owned(), data.to_vec()),
        ("one".to_owned(), one.to_vec()),
        ("other".to_owned(), other.to_vec()),
    ];
    if let Ok(certificate) = Certificate::parse(&text(data)) {
        let again = Certificate::parse(&certificate.pem).expect("the normal form is readable");
        assert_eq!(again, certificate);
    }
    let csr = &*REQUEST;
    if let Ok(chain) = assemble(&files, csr) {
        let now = DateTime::from_timestamp(1_772_323_200, 0).expect("a moment of 2026");
        let _ = chain.prove(csr, csr.names(), now);
        let stored = [("stored".to_owned(), chain.pem().into_bytes())];
        let again = assemble(&stored, csr).expect("what is stored is readable");
        assert_eq!(again.leaf, chain.leaf);
        for name in csr.names() {
            chain.zip(name, true).expect("an archive can be written");
        }
    }
}

/// PKCS#7 in all its forms.
pub fn pkcs7(data: &[u8]) {
    if let Ok(certificates) = certificate::pkcs7::certificates(data) {
        assert!(certificates.len() <= 128);
    }
}

/// Archives of vendors: never too much, never a name with a directory. What is taken out of a delivery is
/// readable, and holds no key.
pub fn zip(data: &[u8]) {
    if let Ok(Some(files)) = files_of_delivery(data) {
        assert!(!files.is_empty());
        for (_, content) in files {
            let is_armoured = content.starts_with(b"-----BEGIN ");
            assert!(!is_armoured || !text(&content).contains("PRIVATE KEY"));
        }
    }
    if let Ok(files) = files_from_zip(data) {
        let bytes: usize = files.iter().map(|(_, content)| content.len()).sum();
        assert!(bytes <= 8 * 1024 * 1024);
        for (name, _) in files {
            assert!(!name.is_empty() && name != ".." && !name.contains(['/', '\\', '\0']));
        }
    }
}
