//! What `download` delivers: a file of unknown kind (leaderssl.md 9). The bytes decide, not the headers.

use serde_json::Value;

use super::reply::{self, CallError, check_status, unreadable};
use super::wire::Wire;
use crate::ca::http::Reply;
use crate::certificate::{files_from_zip, is_der};
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
/// Trouble and refused credentials; an archive that is damaged or hostile; bytes that are neither a
/// certificate nor an answer.
pub(super) fn read(reply: &Reply, wire: &Wire) -> Result<Download, Failure> {
    match check_status(OPERATION, reply, wire) {
        Ok(()) => {}
        Err(CallError::Refused { words, .. }) => return Ok(Download::NotYet(words)),
        Err(error) => return Err(error.into()),
    }
    let body = reply.body.as_slice();
    let files = if body.starts_with(b"PK") {
        files_from_zip(body)?
    } else if is_der(body) {
        vec![file("certificate.der", body)]
    } else if holds_pem(body) && !is_json(body) {
        vec![file("certificate.pem", body)]
    } else if is_json(body) {
        match from_json(body, wire) {
            Some(Download::Files(files)) => files,
            Some(not_yet) => return Ok(not_yet),
            None => return Err(unreadable(OPERATION, reply, "it is broken JSON").into()),
        }
    } else {
        let why = match reply::not_json(body) {
            "it is not JSON" => "it is neither an archive nor a certificate",
            why => why,
        };
        return Err(unreadable(OPERATION, reply, why).into());
    };
    let mut files = files;
    // A key has no business here, and nobody needs it.
    files.retain(|(_, content)| !contains(content, b"PRIVATE KEY-----"));
    if files.is_empty() {
        return Err(unreadable(OPERATION, reply, "no file in it").into());
    }
    Ok(Download::Files(files))
}

/// Certificates inside a JSON answer, else its words.
fn from_json(body: &[u8], wire: &Wire) -> Option<Download> {
    let value: Value = serde_json::from_slice(body).ok()?;
    if let Some(words) = reply::error_text(&value, wire) {
        return Some(Download::NotYet(words));
    }
    let mut files = Vec::new();
    collect(&value, "certificate", &mut files);
    if files.is_empty() {
        let text = "the answer is JSON without a certificate".to_owned();
        return Some(Download::NotYet(text));
    }
    Some(Download::Files(files))
}

fn collect(value: &Value, name: &str, files: &mut Vec<(String, Vec<u8>)>) {
    match value {
        Value::String(text) if holds_pem(text.as_bytes()) => {
            files.push((format!("{name}.pem"), text.clone().into_bytes()));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, files)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| collect(member, name, files)),
        _ => {}
    }
}

fn file(name: &str, content: &[u8]) -> (String, Vec<u8>) {
    (name.to_owned(), content.to_vec())
}

fn is_json(body: &[u8]) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

fn holds_pem(body: &[u8]) -> bool {
    contains(body, b"-----BEGIN CERTIFICATE-----")
        || contains(body, b"-----BEGIN PKCS7-----")
        || contains(body, b"-----BEGIN X509 CERTIFICATE-----")
        || contains(body, b"-----BEGIN TRUSTED CERTIFICATE-----")
}

fn contains(body: &[u8], part: &[u8]) -> bool {
    body.windows(part.len()).any(|window| window == part)
}
