//! The address of a vendor's API, as it stands in an account's settings.

use std::net::IpAddr;

use reqwest::Url;

use super::printable;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// Reads a vendor's address from the settings. A text without scheme is taken as https.
///
/// # Errors
/// Plain http to another machine ([`Reason::InsecureAddress`]); a malformed address, another
/// scheme, credentials, a query or a fragment inside it ([`Reason::Invalid`]).
pub fn base_address(text: &str, field: &str) -> Result<Url, Failure> {
    let text = text.trim();
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        format!("https://{text}")
    };
    let invalid = |why: Words| Failure::field(Reason::Invalid, field).detail(why);
    // The value is shown only once it is known to hold no credentials.
    let url = Url::parse(&with_scheme)
        .map_err(|_| invalid(words!("this is not an address", "это не адрес")))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(words!(
            "the address must not hold credentials",
            "в адресе не должно быть учётных данных"
        ))
        .value(url.host_str().unwrap_or_default()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(words!(
            "the address must end with its path",
            "адрес должен оканчиваться путём"
        ))
        .value(printable(&url)));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(Failure::field(Reason::InsecureAddress, field).value(text)),
        _ => Err(invalid(words!(
            "the address must begin with https://",
            "адрес должен начинаться с https://"
        ))
        .value(text)),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
