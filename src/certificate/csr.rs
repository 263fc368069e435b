//! Certificate signing requests.

use sha2::{Digest, Sha256};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::error::X509Error;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use super::subject::{self, Subject};
use super::{key, pem};
use crate::domain::DomainName;
use crate::failure::{Failure, Reason};

/// Largest text that is read as a CSR, in bytes. One with 250 names and an RSA key of 8192 bits
/// stays below 20 KiB.
const MAX_TEXT: usize = 64 * 1024;

/// A readable certificate signing request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csr {
    pem: String,
    fingerprint: String,
    common_name: Option<DomainName>,
    names: Vec<DomainName>,
    other_names: Vec<String>,
    public_key: Vec<u8>,
    subject: Subject,
    key_trouble: Option<String>,
    signature_trouble: Option<String>,
}

impl Csr {
    /// Reads the one CSR in a text; text around it, CRLF, missing line breaks, blanks and the older
    /// label `NEW CERTIFICATE REQUEST` do not matter.
    ///
    /// The CSR's own signature is verified. Where that is impossible, because the key or the digest is
    /// of a kind that no public authority takes, the CSR is still read, so that a certificate issued
    /// for it long ago can be followed, and [`check_key`](Self::check_key) refuses it.
    ///
    /// # Errors
    /// `BadCsr`: no CSR, several, too large, unreadable, or its signature is wrong.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let der = only_request(text)?;
        let (rest, request) = X509CertificationRequest::from_der(&der)
            .map_err(|_| bad("its content is not a certificate signing request"))?;
        if !rest.is_empty() {
            return Err(bad("there are extra bytes after its end"));
        }
        let info = &request.certification_request_info;
        let key_trouble = key::trouble(&info.subject_pki);
        let signature_trouble = match request.verify_signature() {
            Ok(()) => None,
            // Such keys cannot be verified here; the key itself is what is reported.
            Err(_) if key_trouble.is_some() => None,
            Err(X509Error::SignatureUnsupportedAlgorithm) => Some(format!(
                "it is signed with the algorithm {}, use SHA-256 or SHA-384",
                request.signature_algorithm.algorithm
            )),
            Err(_) => return Err(bad("its signature is wrong, so it was changed or cut")),
        };

        let mut other_names = Vec::new();
        let common_name = common_name(&request, &mut other_names)?;
        let mut names: Vec<DomainName> = common_name.iter().cloned().collect();
        let (hosts, others) = alternative_names(&request);
        for host in hosts {
            if !names.contains(&host) {
                names.push(host);
            }
        }
        other_names.extend(others);
        Ok(Self {
            pem: pem::armour("CERTIFICATE REQUEST", &der),
            fingerprint: hex(&Sha256::digest(&der)),
            common_name,
            names,
            other_names,
            public_key: info.subject_pki.raw.to_vec(),
            subject: Subject::read(&info.subject),
            key_trouble,
            signature_trouble,
        })
    }

    /// Refuses keys that public authorities do not certify: only RSA of 2048 to 8192 bits with an odd
    /// exponent from 65537 on, EC P-256 and EC P-384 pass. Also refuses a signature algorithm that
    /// could not be verified. To be called before every order.
    ///
    /// # Errors
    /// `WeakKey`, or `BadCsr` for the signature algorithm.
    pub fn check_key(&self) -> Result<(), Failure> {
        if let Some(trouble) = &self.key_trouble {
            return Err(Failure::field(Reason::WeakKey, "csr").detail(trouble));
        }
        match &self.signature_trouble {
            Some(trouble) => Err(bad(trouble)),
            None => Ok(()),
        }
    }

    /// The CSR as PEM with LF line ends, 64 columns and the label `CERTIFICATE REQUEST`.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The common name; `None` when absent or not a host name (then it is among
    /// [`other_names`](Self::other_names)).
    #[must_use]
    pub fn common_name(&self) -> Option<&DomainName> {
        self.common_name.as_ref()
    }

    /// The common name followed by the alternative host names, each once.
    #[must_use]
    pub fn names(&self) -> &[DomainName] {
        &self.names
    }

    /// What else the CSR asks to have certified and cannot be ordered: addresses, e-mail addresses,
    /// texts that are no host name. For people.
    #[must_use]
    pub fn other_names(&self) -> &[String] {
        &self.other_names
    }

    /// The public key (SubjectPublicKeyInfo, DER).
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The subject without its common name.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// SHA-256 of the DER form in lower-case hexadecimal digits: the same for every way to write the
    /// same CSR as PEM.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }
}

fn bad(detail: impl Into<String>) -> Failure {
    Failure::field(Reason::BadCsr, "csr").detail(detail)
}

/// The DER of the only CSR in a text.
fn only_request(text: &str) -> Result<Vec<u8>, Failure> {
    if text.len() > MAX_TEXT {
        return Err(bad(format!("it is larger than {} KiB", MAX_TEXT / 1024)));
    }
    let blocks = pem::blocks(text);
    let mut requests = blocks.iter().filter(|block| pem::is_request(&block.label));
    let request = match (requests.next(), requests.next()) {
        (Some(request), None) => request,
        (Some(_), Some(_)) => return Err(bad("there are several in the text")),
        (None, _) => {
            return Err(match blocks.first() {
                Some(block) => bad(format!(
                    "the text holds '{}' instead",
                    subject::printable(&block.label)
                )),
                None => bad("there is no 'BEGIN CERTIFICATE REQUEST' in the text"),
            });
        }
    };
    request
        .der
        .clone()
        .ok_or_else(|| bad("it is cut off or is not base64 text"))
}

fn common_name(
    request: &X509CertificationRequest<'_>,
    other_names: &mut Vec<String>,
) -> Result<Option<DomainName>, Failure> {
    let mut attributes = request
        .certification_request_info
        .subject
        .iter_common_name();
    let first = attributes.next();
    if attributes.next().is_some() {
        // Readers disagree on which one counts; guessing could certify the wrong name.
        return Err(bad("it holds several common names"));
    }
    let Some(text) = first.and_then(subject::text) else {
        return Ok(None);
    };
    match DomainName::parse(&text) {
        Ok(name) => Ok(Some(name)),
        Err(error) => {
            other_names.push(format!(
                "common name {} ({error})",
                subject::printable(&text)
            ));
            Ok(None)
        }
    }
}

fn alternative_names(request: &X509CertificationRequest<'_>) -> (Vec<DomainName>, Vec<String>) {
    let mut hosts = Vec::new();
    let mut others = Vec::new();
    for attribute in request.certification_request_info.iter_attributes() {
        let ParsedCriAttribute::ExtensionRequest(requested) = attribute.parsed_attribute() else {
            continue;
        };
        for extension in &requested.extensions {
            if let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() {
                let (more_hosts, more_others) = subject::sort_names(&names.general_names);
                hosts.extend(more_hosts);
                others.extend(more_others);
            }
        }
    }
    (hosts, others)
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
