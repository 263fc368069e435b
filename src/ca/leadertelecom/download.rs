//! What `download` delivers: a file of unknown kind (leaderssl.md 9). The bytes decide, not the headers.

use super::reply::{self, CallError, check_status, unreadable};
use super::wire::Wire;
use crate::ca::http::Reply;
use crate::certificate::files_of_delivery;
use crate::domain::text::{Bilingual, Words};
use crate::failure::Failure;

const OPERATION: &str = "ssl_certificates/download";

/// Files, or why there are none.
#[derive(Debug)]
pub(super) enum Download {
    /// Name and content; names are for people only.
    Files(Vec<(String, Vec<u8>)>),
    /// The vendor answers that there is nothing to fetch (yet).
    NotYet(Words),
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
            return Ok(Download::NotYet(unserved.both()));
        }
        Err(error) => return Err(error.into()),
    }
    let body = reply.body.as_slice();
    if body.trim_ascii().is_empty() {
        return Ok(Download::NotYet(words!(
            "the answer is empty",
            "пустой ответ"
        )));
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
        let text = words!(
            "the answer is JSON without a certificate",
            "ответ - JSON без сертификата"
        );
        return Ok(Download::NotYet(text));
    }
    if let Some(unserved) = reply.unserved() {
        return Err(unserved.into_failure(OPERATION));
    }
    let not_json = words!("it is not JSON", "это не JSON");
    let why = match reply::not_json(body) {
        why if why == not_json => words!(
            "it is neither an archive nor a certificate",
            "это не архив и не сертификат"
        ),
        why => why,
    };
    Err(unreadable(OPERATION, reply, why).into())
}
