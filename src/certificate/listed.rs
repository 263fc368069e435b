//! What lists read of requests. They go through thousands of them: a signature, and whether a key is a weak one, are
//! looked at before a purchase and not again here.

use super::csr::{Csr, MAX_TEXT};
use super::examination;
use super::request::Request;
use super::wrapping::{self, Content, Found};
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
    let mut all = wrapping::find(text).into_iter();
    let (Some(Found { content, .. }), None) = (all.next(), all.next()) else {
        return None;
    };
    let Content::Whole {
        der,
        with_plus: None,
        foreign: None,
    } = content
    else {
        return None;
    };
    let request = Request::read(&der)?;
    Some(Listed {
        names: examination::names(&request).ok()?.all(),
        public_key: request.key.raw.to_vec(),
    })
}
