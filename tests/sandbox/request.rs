//! CSRs as clients bring them.

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};

/// What goes into a CSR.
#[derive(Debug, Clone)]
pub struct Subject {
    pub common_name: String,
    /// Names of the extension; empty means no extension.
    pub names: Vec<String>,
    pub country: String,
    pub state: String,
    pub locality: String,
    /// Empty leaves the attribute out.
    pub organization: String,
    /// Empty leaves the attribute out.
    pub unit: String,
}

impl Subject {
    /// A subject with a place and an organization, no extension.
    pub fn of(common_name: &str) -> Self {
        Self {
            common_name: common_name.to_owned(),
            names: Vec::new(),
            country: "DE".to_owned(),
            state: "Berlin".to_owned(),
            locality: "Berlin".to_owned(),
            organization: "Example Hosting GmbH".to_owned(),
            unit: "Web".to_owned(),
        }
    }
}

/// A key and its CSR, both PEM.
#[derive(Debug, Clone)]
pub struct Pair {
    pub key: String,
    pub csr: String,
}

/// A CSR with a new P-256 key.
pub fn elliptic(subject: &Subject) -> Pair {
    sign(subject, &KeyPair::generate().expect("a key"))
}

/// A CSR with a new RSA key. 2048 bits take a second without optimisation.
pub fn rsa(subject: &Subject, bits: usize) -> Pair {
    let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).expect("a key");
    let pem = key.to_pkcs8_pem(LineEnding::LF).expect("a key as PEM");
    let key = KeyPair::from_pem_and_sign_algo(&pem, &rcgen::PKCS_RSA_SHA256).expect("an RSA key");
    sign(subject, &key)
}

fn sign(subject: &Subject, key: &KeyPair) -> Pair {
    let mut parameters = CertificateParams::new(subject.names.clone()).expect("names of a CSR");
    parameters.distinguished_name = DistinguishedName::new();
    let attributes = [
        (DnType::CountryName, &subject.country),
        (DnType::StateOrProvinceName, &subject.state),
        (DnType::LocalityName, &subject.locality),
        (DnType::OrganizationName, &subject.organization),
        (DnType::OrganizationalUnitName, &subject.unit),
        (DnType::CommonName, &subject.common_name),
    ];
    for (kind, value) in attributes {
        if !value.is_empty() {
            parameters.distinguished_name.push(kind, value.as_str());
        }
    }
    let csr = parameters.serialize_request(key).expect("a CSR");
    Pair {
        key: key.serialize_pem(),
        csr: csr.pem().expect("a CSR as PEM").replace("\r\n", "\n"),
    }
}
