//! What `download` delivers: a file of unknown kind (leaderssl.md 9). The bytes decide, not the headers.

use super::reply::{self, LeaderTelecomError, check_status, unreadable};
use super::wire::Wire;
use crate::ca::http::Reply;
use crate::certificate::files_of_delivery;
use crate::domain::text::{Bilingual, Words};
use crate::failure::Failure;

const OPERATION: &str = "ssl_certificates/download";

/// Beginnings of a zip: with files, and without any.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Beginnings of archives that are not read: gzip, bzip2, xz, 7z, rar.
const OTHER_ARCHIVES: [&[u8]; 5] = [
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
];

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
        Err(LeaderTelecomError::Refused { words, .. }) => return Ok(Download::NotYet(words)),
        Err(LeaderTelecomError::Unserved { unserved, .. }) if !unserved.concerns_all() => {
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
        why if why == not_json => not_a_certificate(body),
        why => why,
    };
    Err(unreadable(OPERATION, reply, why).into())
}

fn not_a_certificate(body: &[u8]) -> Words {
    if ZIP.iter().any(|begin| body.starts_with(begin)) {
        return words!(
            "the archive holds no certificate",
            "в архиве нет сертификата"
        );
    }
    if OTHER_ARCHIVES.iter().any(|begin| body.starts_with(begin)) {
        return words!(
            "it is an archive of a kind that is not read here, only zip is",
            "это архив неизвестного здесь вида, читается только zip"
        );
    }
    words!(
        "it is neither an archive nor a certificate",
        "это не архив и не сертификат"
    )
}
