//! The harmless reads from which this unknown wire becomes known (leaderssl.md 14): nothing outside
//! this list is ever called for a record. A wrong password is not tried: the address might be blocked.

use std::fmt::Write as _;

use serde_json::Value;

use super::LeaderTelecom;
use super::client::Pass;
use super::list;
use super::reply::{self, LeaderTelecomError};
use super::wire::{
    PATH_APPROVERS, PATH_BALANCE, PATH_DOWNLOAD, PATH_LIST, PATH_PRODUCTS, PATH_STATUS,
    PATH_VALIDATION,
};
use crate::ca::http::Reply;
use crate::domain::VendorOrderId;
use crate::failure::Failure;

/// Queries with which the catalogue is asked for (leaderssl.md 5).
const CATALOGUES: [(&str, &str); 3] = [
    ("products", ""),
    ("products?ssl=1", "ssl=1"),
    (
        "products?ssl=1&recommendedPrice=1",
        "ssl=1&recommendedPrice=1",
    ),
];

/// Calls about one certificate; two certificates are looked at, perhaps one of them still waits.
const ABOUT: [[&str; 3]; 2] = [
    [
        "ssl_certificates/status, first",
        "ssl_certificates/dcv, first",
        "ssl_certificates/download, first",
    ],
    [
        "ssl_certificates/status, last",
        "ssl_certificates/dcv, last",
        "ssl_certificates/download, last",
    ],
];

/// A number that no certificate has.
const NOBODYS: &str = "0";

/// Names, in parts, of members that tell how long a token lives.
const LIFETIMES: [&str; 3] = ["expire", "lifetime", "ttl"];

/// First bytes of a file that are shown.
const SHOWN_BYTES: usize = 8;

type Records = Vec<(&'static str, Result<String, Failure>)>;

impl LeaderTelecom {
    /// Raw answers of the reads, as far as the sign-in succeeds.
    pub(super) async fn reads(&self) -> Records {
        let client = &self.client;
        let mut records = Records::new();
        let signed_in = client.ask_for_token().await.and_then(|reply| {
            let shape = shape(&reply);
            client.take_token(&reply)?;
            Ok(shape)
        });
        let is_signed_in = signed_in.is_ok();
        records.push(("users/signin", signed_in.map_err(Failure::from)));
        if !is_signed_in {
            return records;
        }
        let balance = self.wire().text(&PATH_BALANCE);
        for (name, pass) in [
            ("billing/balance", Pass::Usual),
            ("billing/balance, token in the other place", Pass::Elsewhere),
            ("billing/balance, token that nobody issued", Pass::Junk),
        ] {
            records.push((name, told(client.look(name, balance, "", pass).await)));
        }
        let products = self.wire().text(&PATH_PRODUCTS);
        for (name, query) in CATALOGUES {
            let answer = client.look("products", products, query, Pass::Usual).await;
            records.push((name, told(answer)));
        }
        let path = self.wire().text(&PATH_LIST);
        let answer = client.look("ssl_certificates", path, "", Pass::Usual).await;
        let entries = answer.as_ref().map_or_else(
            |_| Vec::new(),
            |reply| self.listed(reply).unwrap_or_default(),
        );
        records.push(("ssl_certificates", told(answer)));
        if let Some(name) = entries.iter().find_map(list::ListedCertificate::domain) {
            let answer = client.dcv_emails(name.registrable().unwrap_or(name.base()));
            let shown = answer.await.map(|reply| reply.transcript());
            records.push((PATH_APPROVERS.default, shown.map_err(Failure::from)));
        }
        let mut ids: Vec<u64> = entries.iter().map(|entry| entry.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let ends = [ids.first(), ids.last().filter(|_| ids.len() > 1)];
        for (id, [status, validation, download]) in ends.into_iter().flatten().zip(ABOUT) {
            for (name, path) in [(status, &PATH_STATUS), (validation, &PATH_VALIDATION)] {
                let path = self.wire().text(path).replace("{id}", &id.to_string());
                let answer = client.look(name, &path, "", Pass::Usual).await;
                records.push((name, told(answer)));
            }
            let answer = client.download(&VendorOrderId::new(id.to_string())).await;
            let shown = answer.map(|reply| file(&reply)).map_err(Failure::from);
            records.push((download, shown));
        }
        for (name, path) in [
            ("ssl_certificates/status, nobody's", &PATH_STATUS),
            ("ssl_certificates/download, nobody's", &PATH_DOWNLOAD),
        ] {
            let path = self.wire().text(path).replace("{id}", NOBODYS);
            records.push((name, told(client.look(name, &path, "", Pass::Usual).await)));
        }
        records
    }

    fn listed(&self, answer: &Reply) -> Option<Vec<list::ListedCertificate>> {
        let value = reply::json("ssl_certificates", answer, self.wire()).ok()?;
        list::entries(&value, self.wire()).ok()
    }
}

fn told(answer: Result<Reply, LeaderTelecomError>) -> Result<String, Failure> {
    answer
        .map(|reply| reply.transcript())
        .map_err(Failure::from)
}

/// The answer to a sign-in without its texts and numbers: a token under a name that nobody expects is one, too, and the
/// account's number tells whose record this is.
fn shape(answer: &Reply) -> String {
    match reply::parsed(&answer.body) {
        Some(mut value) => {
            blank(&mut value);
            format!("{}{value}", head(answer))
        }
        None => format!("{}{} bytes, no JSON", head(answer), answer.body.len()),
    }
}

fn blank(value: &mut Value) {
    match value {
        Value::String(text) => *text = format!("{} characters", text.chars().count()),
        Value::Number(number) => {
            *value = Value::String(format!(
                "a number of {} characters",
                number.to_string().len()
            ));
        }
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(members) => {
            // How long a token lives has to be known, and tells nothing of the account.
            for (name, member) in members.iter_mut() {
                if !(member.is_number() && LIFETIMES.iter().any(|part| name.contains(part))) {
                    blank(member);
                }
            }
        }
        _ => {}
    }
}

/// What a download is: its kind and beginning, not the certificates in it. Words are shown.
fn file(answer: &Reply) -> String {
    let body = answer.body.as_slice();
    let begins = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins.is_none_or(|byte| matches!(byte, b'{' | b'[' | b'<')) {
        return answer.transcript();
    }
    let mut text = format!("{}{} bytes, the first:", head(answer), body.len());
    for byte in body.iter().take(SHOWN_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(text, " {byte:02x}");
    }
    let blocks = String::from_utf8_lossy(body);
    for title in blocks
        .lines()
        .filter(|line| line.starts_with("-----BEGIN "))
    {
        text.push('\n');
        text.push_str(title.trim_end());
    }
    text
}

fn head(answer: &Reply) -> String {
    let kind = answer.content_type.as_deref().unwrap_or("no content type");
    format!("HTTP {} {kind}\n\n", answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ca::http::Room;

    #[test]
    fn a_sign_in_is_shown_without_anything_that_tells_whose_it_is() {
        let body = r#"{"id": 48151623, "auth_token": "abcdef", "expires_in": 3600,
            "accounts": [{"number": 4815.5, "is_active": true}, 4815]}"#;
        let shown = shape(&Reply {
            status: 200,
            content_type: None,
            body: body.as_bytes().to_vec(),
            retry_after: None,
            date: None,
            location: None,
            room: Room::default(),
        });
        assert!(
            !shown.contains("4815") && !shown.contains("abcdef"),
            "{shown}"
        );
        for kept in ["a number of 8 characters", "6 characters", ":3600", "true"] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
    }
}
