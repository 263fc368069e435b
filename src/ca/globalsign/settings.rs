//! The account's settings, checked without network.

use std::net::IpAddr;

use secrecy::SecretString;

use crate::ca::http::{Url, base_address};
use crate::domain::Settings;
use crate::failure::Failure;
use crate::module::{Setting, globalsign};

/// The live service (globalsign.md 1).
const LIVE: &str = "https://system.globalsign.com/kb/ws/v1/";

/// The vendor's test service: other accounts, the same product codes, untrusted certificates.
const TEST: &str = "https://test-gcc.globalsign.com/kb/ws/v1/";

/// A configured account.
#[derive(Debug)]
pub(super) struct AccountSettings {
    pub(super) user: String,
    pub(super) password: SecretString,
    pub(super) base: Url,
    pub(super) local_address: Option<IpAddr>,
    /// Appended to every product code.
    pub(super) suffix: String,
    /// Department of EV officers whose organisation names none.
    pub(super) default_unit: Option<String>,
}

impl AccountSettings {
    /// Reads the settings by the platform's parameter names.
    ///
    /// # Errors
    /// A missing user name or password, a malformed address, by field name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let user = Setting::username().needed(settings)?;
        let password = Setting::password().needed_secret(settings)?;
        let custom = Setting::api_address();
        let address = match custom.text(settings) {
            Some(custom) => custom,
            None if settings.flag(globalsign::TEST_MODE.name) => TEST,
            None => LIVE,
        };
        let mut base = base_address(address, custom.name)?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let local_address = match globalsign::LOCAL_ADDRESS.text(settings) {
            None | Some("auto") => None,
            Some(text) => Some(text.parse().map_err(|_| {
                globalsign::LOCAL_ADDRESS
                    .invalid(text)
                    .detail(words!("this is not an IP address", "это не IP-адрес"))
            })?),
        };
        Ok(Self {
            user: user.to_owned(),
            password,
            base,
            local_address,
            suffix: globalsign::CODE_SUFFIX
                .text(settings)
                .filter(|suffix| *suffix != "none")
                .unwrap_or_default()
                .to_owned(),
            default_unit: globalsign::DEFAULT_UNIT.text(settings).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    fn settings(values: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        settings.set("username", "PAR00000_example");
        settings.set_secret("password", "s3cret".into());
        for (name, value) in values {
            settings.set(*name, *value);
        }
        settings
    }

    fn read(values: &[(&str, &str)]) -> Result<AccountSettings, Failure> {
        AccountSettings::read(&settings(values))
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
        let failure = AccountSettings::read(&without_user).unwrap_err();
        assert_eq!(
            (failure.reason(), failure.object()),
            (Reason::Missing, "username")
        );
        let mut without_password = Settings::default();
        without_password.set("username", "x");
        let failure = AccountSettings::read(&without_password).unwrap_err();
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
