//! The account's settings, checked without network.

use secrecy::SecretString;

use super::mapping::CsrForm;
use crate::ca::account::address;
use crate::ca::http::Url;
use crate::domain::Settings;
use crate::failure::Failure;
use crate::module::thesslstore::{self, CsrEncoding};

/// Path of the service, for addresses without one.
const DEFAULT_PATH: &str = "/rest";

/// Checked settings.
#[derive(Debug)]
pub(super) struct AccountSettings {
    pub(super) address: Url,
    pub(super) partner_code: String,
    pub(super) auth_token: SecretString,
    /// `None`: found out by the free `csr` call.
    pub(super) csr_form: Option<CsrForm>,
}

impl AccountSettings {
    /// Reads `api_url` (wins) or `url`, `partner_code`, `auth_token`, `csr_encoding`.
    ///
    /// # Errors
    /// The missing or malformed setting by its name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let csr_form = match thesslstore::CSR_ENCODING.chosen(settings)? {
            CsrEncoding::Auto => None,
            CsrEncoding::Raw => Some(CsrForm::Raw),
            CsrEncoding::Percent => Some(CsrForm::Percent),
        };
        Ok(Self {
            address: address(settings, thesslstore::URL.placeholder, DEFAULT_PATH)?,
            partner_code: thesslstore::PARTNER_CODE.needed(settings)?.to_owned(),
            auth_token: thesslstore::AUTH_TOKEN.needed_secret(settings)?,
            csr_form,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    fn settings(values: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in values {
            if *name == "auth_token" {
                settings.set_secret(*name, SecretString::from(*value));
            } else {
                settings.set(*name, *value);
            }
        }
        settings
    }

    const COMPLETE: [(&str, &str); 2] = [("partner_code", "123"), ("auth_token", "topsecret")];

    #[test]
    fn addresses_are_the_vendors_or_those_entered() {
        let cases: [(&[(&str, &str)], &str); 3] = [
            (&[], "https://api.thesslstore.com/rest"),
            (
                &[("url", "api.thesslstore.eu")],
                "https://api.thesslstore.eu/rest",
            ),
            (&[("url", "https://a.example/")], "https://a.example/rest"),
        ];
        for (values, expected) in cases {
            let account = AccountSettings::read(&settings(&[values, &COMPLETE].concat())).unwrap();
            assert_eq!(account.address.as_str(), expected);
        }
    }

    #[test]
    fn a_wrong_setting_is_named() {
        type Case = (
            &'static [(&'static str, &'static str)],
            &'static str,
            Reason,
        );
        let cases: [Case; 5] = [
            (&[("auth_token", "t")], "partner_code", Reason::Missing),
            (&[("partner_code", "1")], "auth_token", Reason::Missing),
            (
                &[COMPLETE[0], COMPLETE[1], ("url", "http://a.example")],
                "url",
                Reason::InsecureAddress,
            ),
            (
                &[COMPLETE[0], COMPLETE[1], ("api_url", "ftp://a.example")],
                "api_url",
                Reason::Invalid,
            ),
            (
                &[COMPLETE[0], COMPLETE[1], ("csr_encoding", "base64")],
                "csr_encoding",
                Reason::Invalid,
            ),
        ];
        for (values, field, reason) in cases {
            let failure = AccountSettings::read(&settings(values)).unwrap_err();
            assert_eq!((failure.object(), failure.reason()), (field, reason));
        }
    }

    #[test]
    fn the_token_is_not_printed() {
        let account = AccountSettings::read(&settings(&COMPLETE)).unwrap();
        assert!(!format!("{account:?}").contains("topsecret"));
    }
}
