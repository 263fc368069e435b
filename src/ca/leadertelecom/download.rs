//! What `download` delivers: a file of unknown kind (leaderssl.md 9). The bytes decide, not the headers.

use super::reply::{self, CallError, check_status, unreadable};
use super::wire::Wire;
use crate::ca::http::Reply;
use crate::certificate::files_of_delivery;
use crate::failure::Failure;

const OPERATION: &str = "ssl_certificates/download";

/// Files, or why there are none.
#[derive(Debug)]
pub(super) enum Download {
    /// Name and content; names are for people only.
    Files(Vec<(String, Vec<u8>)>),
    /// The vendor answers that there is nothing to fetch (yet).
    NotYet(String),
}

/// Takes an answer apart.
///
/// # Errors
/// Trouble and refused credentials; a delivery that is damaged or hostile; bytes that are neither a
/// certificate nor an answer.
pub(super) fn read(reply: &Reply, wire: &Wire) -> Result<Download, Failure> {
    match check_status(OPERATION, reply, wire) {
        Ok(()) => {}
        Err(CallError::Refused { words, .. }) => return Ok(Download::NotYet(words)),
        Err(CallError::Unserved { unserved, .. }) if !unserved.concerns_all() => {
            return Ok(Download::NotYet(unserved.to_string()));
        }
        Err(error) => return Err(error.into()),
    }
    let body = reply.body.as_slice();
    if body.trim_ascii().is_empty() {
        return Ok(Download::NotYet("the answer is empty".to_owned()));
    }
    let value = reply::parsed(body);
    let words = value
        .as_ref()
        .and_then(|value| reply::error_text(value, wire));
    if let Some(words) = words {
        return Ok(Download::NotYet(words));
    }
    if let Some(files) = files_of_delivery(body)? {
        return Ok(Download::Files(files));
    }
    if value.is_some_and(|value| value.is_object() || value.is_array()) {
        let text = "the answer is JSON without a certificate".to_owned();
        return Ok(Download::NotYet(text));
    }
    if let Some(unserved) = reply.unserved() {
        return Err(unserved.into_failure(OPERATION));
    }
    let why = match reply::not_json(body) {
        "it is not JSON" => "it is neither an archive nor a certificate",
        why => why,
    };
    Err(unreadable(OPERATION, reply, why).into())
}
