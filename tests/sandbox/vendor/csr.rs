//! CSRs as a vendor reads them: signature checked, subject and names taken apart.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::FromDer;
use x509_parser::x509::X509Name;

/// A CSR whose own signature has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csr {
    /// The text as it came.
    pub pem: String,
    /// DER.
    pub der: Vec<u8>,
    /// Public key as SubjectPublicKeyInfo, DER.
    pub public_key: Vec<u8>,
    /// Common name, lower-case; empty when there is none.
    pub common_name: String,
    /// DNS names of the extension, lower-case.
    pub names: Vec<String>,
    /// Further parts of the subject; empty when absent.
    pub subject: Subject,
    /// `RSA`, `ECDSA` or the OID of the key's algorithm.
    pub key: String,
    /// Size of the key in bits.
    pub bits: usize,
}

/// Parts of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// `C`.
    pub country: String,
    /// `ST`.
    pub state: String,
    /// `L`.
    pub locality: String,
    /// `O`.
    pub organization: String,
    /// `OU`.
    pub unit: String,
    /// `emailAddress`.
    pub email: String,
}

impl Csr {
    /// Reads a PEM text. Line ends may be LF, CRLF or missing; anything else inside the base64 is an error,
    /// as at the vendors (a blank comes from a `+` that somebody decoded as in a form).
    pub fn parse(text: &str) -> Result<Self, String> {
        let body = text
            .trim()
            .strip_prefix("-----BEGIN ")
            .ok_or("no PEM header")?;
        let (label, body) = body.split_once("-----").ok_or("no PEM header")?;
        if label != "CERTIFICATE REQUEST" && label != "NEW CERTIFICATE REQUEST" {
            return Err(format!("the PEM label is {label}"));
        }
        let (body, rest) = body.split_once("-----END ").ok_or("no PEM footer")?;
        if rest != format!("{label}-----") {
            return Err("the PEM footer does not fit or something follows it".to_owned());
        }
        let base64: String = body.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
        let der = STANDARD
            .decode(base64)
            .map_err(|error| format!("base64: {error}"))?;
        Self::from_der(text, der)
    }

    fn from_der(text: &str, der: Vec<u8>) -> Result<Self, String> {
        let (rest, request) =
            X509CertificationRequest::from_der(&der).map_err(|error| format!("DER: {error}"))?;
        if !rest.is_empty() {
            return Err("DER: something follows the request".to_owned());
        }
        request
            .verify_signature()
            .map_err(|_| "the signature of the CSR is wrong")?;
        let info = &request.certification_request_info;
        let key = &info.subject_pki;
        let (kind, bits) = match key.parsed() {
            Ok(x509_parser::public_key::PublicKey::RSA(rsa)) => ("RSA".to_owned(), rsa.key_size()),
            Ok(x509_parser::public_key::PublicKey::EC(point)) => {
                ("ECDSA".to_owned(), point.key_size())
            }
            _ => (key.algorithm.algorithm.to_id_string(), 0),
        };
        let names = request
            .requested_extensions()
            .into_iter()
            .flatten()
            .filter_map(|extension| match extension {
                ParsedExtension::SubjectAlternativeName(names) => Some(&names.general_names),
                _ => None,
            })
            .flatten()
            .filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(name.to_lowercase()),
                _ => None,
            })
            .collect();
        let subject = &info.subject;
        Ok(Self {
            pem: text.to_owned(),
            public_key: key.raw.to_vec(),
            common_name: first(subject.iter_common_name()).to_lowercase(),
            names,
            subject: subject_of(subject),
            key: kind,
            bits,
            der: der.clone(),
        })
    }

    /// SHA-256 of the DER in lower-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        hex(&Sha256::digest(&self.der))
    }
}

fn subject_of(name: &X509Name<'_>) -> Subject {
    Subject {
        country: first(name.iter_country()),
        state: first(name.iter_state_or_province()),
        locality: first(name.iter_locality()),
        organization: first(name.iter_organization()),
        unit: first(name.iter_organizational_unit()),
        email: first(name.iter_email()),
    }
}

fn first<'a>(
    mut attributes: impl Iterator<Item = &'a x509_parser::x509::AttributeTypeAndValue<'a>>,
) -> String {
    attributes
        .next()
        .and_then(|attribute| attribute.as_str().ok())
        .unwrap_or_default()
        .to_owned()
}

/// The request of an order that a person places: the given one, or a new one of the name.
pub fn by_hand(common_name: &str, csr: &str) -> Result<Csr, String> {
    if !csr.is_empty() {
        return Csr::parse(csr);
    }
    let subject = crate::request::Subject::of(common_name);
    Csr::parse(&crate::request::elliptic(&subject).csr)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Decodes `%XX` and `+`, as form readers do.
pub fn form_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let value = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match value {
            Some(value) => {
                decoded.push(value);
                at += 2;
            }
            None if bytes[at] == b'+' => decoded.push(b' '),
            None => decoded.push(bytes[at]),
        }
        at += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(names: &[&str]) -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = rcgen::CertificateParams::new(names.clone()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, names[0].clone());
        params.serialize_request(&key).unwrap().pem().unwrap()
    }

    #[test]
    fn line_ends_do_not_matter_but_blanks_do() {
        let pem = request(&["a.example", "b.example"]).replace("\r\n", "\n");
        let csr = Csr::parse(&pem).unwrap();
        assert_eq!(csr.common_name, "a.example");
        assert_eq!(csr.names, ["a.example", "b.example"]);
        assert_eq!(csr.key, "ECDSA");
        let der = &csr.der;
        assert_eq!(&Csr::parse(&pem.replace('\n', "\r\n")).unwrap().der, der);
        let (head, rest) = pem.split_once("REQUEST-----\n").unwrap();
        let damaged = format!("{head}REQUEST-----\n {rest}");
        assert!(Csr::parse(&damaged).unwrap_err().starts_with("base64"));
    }

    #[test]
    fn a_changed_csr_fails_its_own_signature() {
        let csr = Csr::parse(&request(&["a.example"])).unwrap();
        let mut der = csr.der.clone();
        let last = der.len() - 3;
        der[last] ^= 1;
        let error = Csr::from_der("", der).unwrap_err();
        assert!(error.contains("signature"), "{error}");
    }

    #[test]
    fn form_decoding_knows_percent_and_plus() {
        assert_eq!(form_decoded("a%2Bb+c%0A%zz%"), "a+b c\n%zz%");
    }
}
