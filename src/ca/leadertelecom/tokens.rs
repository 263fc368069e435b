//! What Sectigo looks for when it validates a name by a record or a file, computed from the CSR
//! (leaderssl.md 6). The vendor passes Sectigo's own method words through \[inferred\].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
use md5::Md5;
use sha2::{Digest as _, Sha256};

use super::wire::{TOKEN_HOST, Wire};
use crate::ca::ValidationTask;
use crate::domain::{DomainName, ValidationMethod};

/// Directory of the file, in force since 2017 (leaderssl.md 6).
const DIRECTORY: &str = ".well-known/pki-validation";

/// Digests of one CSR, lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tokens {
    md5: String,
    sha256: String,
}

impl Tokens {
    /// Digests of the CSR's DER form; `None` when the PEM holds none.
    pub(super) fn of(csr_pem: &str) -> Option<Self> {
        let base64: String = csr_pem
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .flat_map(|line| line.chars().filter(|c| !c.is_ascii_whitespace()))
            .collect();
        let der = STANDARD.decode(base64).ok().filter(|der| !der.is_empty())?;
        Some(Self {
            md5: HEXLOWER.encode(&Md5::digest(&der)),
            sha256: HEXLOWER.encode(&Sha256::digest(&der)),
        })
    }

    /// What to publish for a name. A wildcard is proved by its parent. E-mail and TXT are not
    /// answered here: `None`.
    pub(super) fn task(
        &self,
        name: &DomainName,
        method: &ValidationMethod,
        unique_value: &str,
        wire: &Wire,
    ) -> Option<ValidationTask> {
        let host = wire.text(&TOKEN_HOST);
        let base = name.base();
        let file = |scheme: &str| ValidationTask::File {
            url: format!(
                "{scheme}://{base}/{DIRECTORY}/{}.txt",
                self.md5.to_ascii_uppercase()
            ),
            content: format!("{}\n{host}\n{unique_value}", self.sha256),
        };
        match method {
            ValidationMethod::HttpFile => Some(file("http")),
            ValidationMethod::HttpsFile => Some(file("https")),
            ValidationMethod::DnsCname => {
                let (first, second) = self.sha256.split_at(32);
                Some(ValidationTask::Cname {
                    name: format!("_{}.{base}", self.md5),
                    value: format!("{first}.{second}.{unique_value}.{host}"),
                })
            }
            ValidationMethod::Email(_) | ValidationMethod::DnsTxt => None,
        }
    }
}
