//! The account's settings, checked without network.

use std::net::IpAddr;

use secrecy::SecretString;

use crate::ca::account::{needed, needed_secret};
use crate::ca::http::{Url, base_address};
use crate::domain::Settings;
use crate::failure::{Failure, Reason};

/// The live service (globalsign.md 1).
const LIVE: &str = "https://system.globalsign.com/kb/ws/v1/";

/// The vendor's test service: other accounts, the same product codes, untrusted certificates.
const TEST: &str = "https://test-gcc.globalsign.com/kb/ws/v1/";

/// Suffix of product codes unless the account says otherwise (globalsign.md 5).
const SUFFIX: &str = "_SHA2";

/// A configured account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) user: String,
    pub(super) password: SecretString,
    pub(super) base: Url,
    pub(super) local_address: Option<IpAddr>,
    /// Appended to every product code.
    pub(super) suffix: String,
    /// Department of EV officers whose organisation names none.
    pub(super) default_unit: Option<String>,
}

impl Account {
    /// Reads the settings by the platform's parameter names.
    ///
    /// # Errors
    /// A missing user name or password, a malformed address, by field name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let user = needed(settings, "username")?;
        let password = needed_secret(settings, "password")?;
        let address = match settings.text("api_url") {
            Some(custom) => custom,
            None if settings.flag("usedemo") => TEST,
            None => LIVE,
        };
        let mut base = base_address(address, "api_url")?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let local_address = match settings.text("sourceip") {
            None | Some("auto") => None,
            Some(text) => Some(text.parse().map_err(|_| {
                Failure::field(Reason::Invalid, "sourceip")
                    .value(text)
                    .detail(words!("this is not an IP address", "это не IP-адрес"))
            })?),
        };
        Ok(Self {
            user: user.to_owned(),
            password,
            base,
            local_address,
            suffix: suffix(settings.text("product_code_suffix")).to_owned(),
            default_unit: settings.text("default_OU").map(str::to_owned),
        })
    }
}

/// An empty setting cannot be told from an absent one, so the short product codes are chosen by a
/// word.
fn suffix(setting: Option<&str>) -> &str {
    match setting {
        None => SUFFIX,
        Some("none") => "",
        Some(suffix) => suffix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(values: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        settings.set("username", "PAR00000_example");
        settings.set_secret("password", "s3cret".into());
        for (name, value) in values {
            settings.set(*name, *value);
        }
        settings
    }

    fn read(values: &[(&str, &str)]) -> Result<Account, Failure> {
        Account::read(&settings(values))
    }

    #[test]
    fn the_service_is_live_test_or_custom() {
        let base = |values: &[(&str, &str)]| read(values).unwrap().base.to_string();
        assert_eq!(base(&[]), LIVE);
        assert_eq!(base(&[("usedemo", "off")]), LIVE);
        assert_eq!(base(&[("usedemo", "on")]), TEST);
        assert_eq!(
            base(&[("usedemo", "on"), ("api_url", "http://127.0.0.1:8080/kb")]),
            "http://127.0.0.1:8080/kb/"
        );
        assert_eq!(
            read(&[("api_url", "http://example.com/")])
                .unwrap_err()
                .reason(),
            Reason::InsecureAddress
        );
    }

    #[test]
    fn missing_credentials_are_named() {
        let mut without_user = Settings::default();
        without_user.set_secret("password", "x".into());
        let failure = Account::read(&without_user).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (Reason::Missing, "username")
        );
        let mut without_password = Settings::default();
        without_password.set("username", "x");
        let failure = Account::read(&without_password).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (Reason::Missing, "password")
        );
    }

    #[test]
    fn the_local_address_is_optional_and_checked() {
        assert_eq!(read(&[]).unwrap().local_address, None);
        assert_eq!(
            read(&[("sourceip", "127.0.0.1")]).unwrap().local_address,
            Some(IpAddr::from([127, 0, 0, 1]))
        );
        let failure = read(&[("sourceip", "eth0")]).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (Reason::Invalid, "sourceip")
        );
    }

    #[test]
    fn the_suffix_has_a_default_and_can_be_switched_off() {
        assert_eq!(read(&[]).unwrap().suffix, "_SHA2");
        assert_eq!(read(&[("product_code_suffix", "none")]).unwrap().suffix, "");
        assert_eq!(
            read(&[("product_code_suffix", "_SHA3")]).unwrap().suffix,
            "_SHA3"
        );
    }

    #[test]
    fn the_password_is_not_printed() {
        let account = read(&[]).unwrap();
        assert!(!format!("{account:?}").contains("s3cret"));
    }
}
