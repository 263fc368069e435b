//! The account's settings, checked without network.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::encode::Encoding;
use crate::ca::account::address;
use crate::ca::http::Url;
use crate::domain::Settings;
use crate::failure::Failure;
use crate::module::Setting;
use crate::module::leadertelecom::{self, NOMENCLATURE_IDS};

/// Path of the only API version, for addresses without one.
const DEFAULT_PATH: &str = "/api/v1";

/// Checked settings.
#[derive(Debug)]
pub(super) struct AccountSettings {
    pub(super) address: Url,
    pub(super) login: String,
    pub(super) password: SecretString,
    /// Catalogue numbers by product code.
    pub(super) products: BTreeMap<String, u64>,
    pub(super) server_software: Option<u64>,
    pub(super) order_encoding: Encoding,
    pub(super) renew_by_new_order: bool,
}

impl AccountSettings {
    /// Reads `api_url` (wins) or `url`, `username`, `password`, `nomenclature_ids`,
    /// `server_software_id`, `order_encoding`, `renew_by_new_order`.
    ///
    /// # Errors
    /// The missing or malformed setting by its name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let software = leadertelecom::SERVER_SOFTWARE.text(settings);
        let server_software = match software {
            None => None,
            Some(text) => Some(catalogue_number(text).ok_or_else(|| {
                leadertelecom::SERVER_SOFTWARE.invalid(text).detail(words!(
                    "a number from the vendor's list",
                    "номер из списка поставщика"
                ))
            })?),
        };
        Ok(Self {
            address: address(settings, leadertelecom::URL.default, DEFAULT_PATH)?,
            login: Setting::username().needed(settings)?.to_owned(),
            password: Setting::password().needed_secret(settings)?,
            products: products(NOMENCLATURE_IDS.text(settings).unwrap_or_default())?,
            server_software,
            order_encoding: leadertelecom::ORDER_ENCODING.chosen(settings)?,
            renew_by_new_order: leadertelecom::RENEW_BY_NEW_ORDER.switch(settings)?,
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
            return Err(NOMENCLATURE_IDS.invalid(pair).detail(why));
        };
        if products.insert(code.to_owned(), number).is_some() {
            return Err(NOMENCLATURE_IDS.invalid(pair).detail(words!(
                "this code stands there twice",
                "этот код указан дважды"
            )));
        }
    }
    Ok(products)
}

fn catalogue_number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number| *number > 0)
}
