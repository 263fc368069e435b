//! The account's settings, checked without network.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::encode::Encoding;
use crate::ca::account::{address, needed, needed_secret};
use crate::ca::http::Url;
use crate::domain::Settings;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// The default address (leaderssl.md 2).
const DEFAULT_ADDRESS: &str = "https://api.leaderssl.com/api/v1";

/// Path of the only API version, for addresses without one.
const DEFAULT_PATH: &str = "/api/v1";

/// Setting with the catalogue numbers.
pub(super) const NOMENCLATURE_IDS: &str = "nomenclature_ids";

/// Checked settings.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) address: Url,
    pub(super) login: String,
    pub(super) password: SecretString,
    /// Catalogue numbers by product code.
    pub(super) products: BTreeMap<String, u64>,
    pub(super) server_software: Option<u64>,
    pub(super) order_encoding: Encoding,
    pub(super) renew_by_new_order: bool,
}

impl Account {
    /// Reads `api_url` (wins) or `url`, `username`, `password`, `nomenclature_ids`,
    /// `server_software_id`, `order_encoding`, `renew_by_new_order`.
    ///
    /// # Errors
    /// The missing or malformed setting by its name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let order_encoding = match settings.text("order_encoding") {
            None => Encoding::Json,
            Some(word) => Encoding::parse(word).ok_or_else(|| {
                invalid(
                    "order_encoding",
                    word,
                    words!("one of: json, form, query", "одно из: json, form, query"),
                )
            })?,
        };
        let server_software = match settings.text("server_software_id") {
            None => None,
            Some(text) => Some(catalogue_number(text).ok_or_else(|| {
                invalid(
                    "server_software_id",
                    text,
                    words!(
                        "a number from the vendor's list",
                        "номер из списка поставщика"
                    ),
                )
            })?),
        };
        let renew_by_new_order = match settings.text("renew_by_new_order") {
            None | Some("off") => false,
            Some("on") => true,
            Some(other) => {
                return Err(invalid(
                    "renew_by_new_order",
                    other,
                    words!("on or off", "on или off"),
                ));
            }
        };
        Ok(Self {
            address: address(settings, DEFAULT_ADDRESS, DEFAULT_PATH)?,
            login: needed(settings, "username")?.to_owned(),
            password: needed_secret(settings, "password")?,
            products: products(settings.text(NOMENCLATURE_IDS).unwrap_or_default())?,
            server_software,
            order_encoding,
            renew_by_new_order,
        })
    }
}

/// `leader_dv=100 leader_ov=200`, separated by blanks, line ends, commas or semicolons.
fn products(text: &str) -> Result<BTreeMap<String, u64>, Failure> {
    let mut products = BTreeMap::new();
    let separators = [',', ';', ' ', '\t', '\r', '\n'];
    for pair in text.split(separators).filter(|pair| !pair.is_empty()) {
        let read = pair
            .split_once('=')
            .filter(|(code, _)| !code.is_empty())
            .and_then(|(code, number)| Some((code, catalogue_number(number)?)));
        let Some((code, number)) = read else {
            let why = words!(
                "pairs like leader_dv=100, separated by blanks",
                "пары вида leader_dv=100 через пробел"
            );
            return Err(invalid(NOMENCLATURE_IDS, pair, why));
        };
        if products.insert(code.to_owned(), number).is_some() {
            return Err(invalid(
                NOMENCLATURE_IDS,
                pair,
                words!("this code stands there twice", "этот код указан дважды"),
            ));
        }
    }
    Ok(products)
}

fn catalogue_number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0)
}

fn invalid(field: &str, value: &str, why: Words) -> Failure {
    Failure::field(Reason::Invalid, field)
        .value(value)
        .detail(why)
}
