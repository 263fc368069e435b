//! What lists read of requests. They go through thousands of them: a signature, and whether a key is a weak one, are
//! looked at before a purchase and not again here.

use super::csr::{Csr, MAX_TEXT};
use super::examination;
use super::request::Request;
use super::wrapping::{self, Content, Found};
use super::{ber, pem};
use crate::domain::DomainName;

/// Names and key of a request, not judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The common name followed by the alternative host names, each once.
    pub names: Vec<DomainName>,
    /// SubjectPublicKeyInfo, DER.
    pub(super) public_key: Vec<u8>,
}

/// The one request in a text. Where it does not stand there plainly, [`Csr::parse`] finds it, which has to prove then
/// that nothing was read wrongly.
#[must_use]
pub fn listed(text: &str) -> Option<Listed> {
    plainly(text).or_else(|| {
        let csr = Csr::parse(text).ok()?;
        Some(Listed {
            names: csr.names().to_vec(),
            public_key: csr.public_key().to_vec(),
        })
    })
}

/// The request of a text that holds nothing else that could be one, nor a key.
pub(super) fn plainly(text: &str) -> Option<Listed> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let der = alone(text).or_else(|| searched(text))?;
    let request = Request::read(&der)?;
    Some(Listed {
        names: examination::names(&request).ok()?.all(),
        public_key: request.key.raw.to_vec(),
    })
}

/// The one request that a search finds, read without doubt.
pub(super) fn searched(text: &str) -> Option<Vec<u8>> {
    let mut all = wrapping::find(text).into_iter();
    let (Some(Found { content, .. }), None) = (all.next(), all.next()) else {
        return None;
    };
    match content {
        Content::Whole {
            der,
            with_plus: None,
            foreign: None,
        } => Some(der),
        _ => None,
    }
}

/// The same of a text that is one block as programs write it and nothing else, which needs no search: nearly all that
/// are stored are of this kind.
pub(super) fn alone(text: &str) -> Option<Vec<u8>> {
    let body = text.trim().strip_prefix("-----BEGIN ")?;
    let body = body.strip_prefix("NEW ").unwrap_or(body);
    let body = body.strip_prefix("CERTIFICATE REQUEST-----")?;
    let body = body.strip_suffix("CERTIFICATE REQUEST-----")?;
    let body = body.strip_suffix("NEW ").unwrap_or(body);
    let body = body.strip_suffix("-----END ")?;
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(&byte);
    if !body.bytes().all(is_usual) {
        return None;
    }
    let der = pem::decode(body)?;
    // As long as its head says, in the one or two octets that a search knows a request by.
    let is_whole = matches!(ber::read(&der), Some((_, [])));
    (is_whole && matches!(der.as_slice(), [0x30, 0x81 | 0x82, ..])).then_some(der)
}
