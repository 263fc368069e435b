//! The account's settings, checked without network.

use secrecy::SecretString;

use crate::ca::account::{address, needed, needed_secret};
use crate::ca::http::Url;
use crate::domain::Settings;
use crate::failure::Failure;

/// The live address (enom.md 2). The test system is entered in `url`.
const DEFAULT_ADDRESS: &str = "https://reseller.enom.com/interface.asp";

/// The path is the same everywhere: the command is a parameter (enom.md 2).
const PATH: &str = "/interface.asp";

/// Checked settings.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) address: Url,
    pub(super) user: String,
    /// The account's password or an API token in its place (enom.md 2).
    pub(super) password: SecretString,
}

impl Account {
    /// Reads `api_url` (wins) or `url`, `username`, `password`.
    ///
    /// # Errors
    /// The missing or malformed setting by its name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        Ok(Self {
            address: address(settings, DEFAULT_ADDRESS, PATH)?,
            user: needed(settings, "username")?.to_owned(),
            password: needed_secret(settings, "password")?,
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
            if *name == "password" {
                settings.set_secret(*name, SecretString::from(*value));
            } else {
                settings.set(*name, *value);
            }
        }
        settings
    }

    const COMPLETE: [(&str, &str); 2] = [("username", "reseller"), ("password", "topsecret")];

    #[test]
    fn addresses_are_the_vendors_or_those_entered() {
        let cases: [(&[(&str, &str)], &str); 3] = [
            (&[], "https://reseller.enom.com/interface.asp"),
            (
                &[("url", "resellertest.enom.com")],
                "https://resellertest.enom.com/interface.asp",
            ),
            (
                &[("url", "https://a.example/")],
                "https://a.example/interface.asp",
            ),
        ];
        for (values, expected) in cases {
            let account = Account::read(&settings(&[values, &COMPLETE].concat())).unwrap();
            assert_eq!(account.address.as_str(), expected);
        }
    }

    type Case = (
        &'static [(&'static str, &'static str)],
        &'static str,
        Reason,
    );

    #[test]
    fn a_wrong_setting_is_named() {
        let cases: [Case; 4] = [
            (&[("password", "t")], "username", Reason::Missing),
            (&[("username", "u")], "password", Reason::Missing),
            (
                &[COMPLETE[0], COMPLETE[1], ("url", "http://a.example")],
                "url",
                Reason::InsecureAddress,
            ),
            (
                &[
                    COMPLETE[0],
                    COMPLETE[1],
                    ("url", "https://a.example/?UID=x"),
                ],
                "url",
                Reason::Invalid,
            ),
        ];
        for (values, field, reason) in cases {
            let failure = Account::read(&settings(values)).unwrap_err();
            assert_eq!((failure.object(), failure.reason()), (field, reason));
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let account = Account::read(&settings(&COMPLETE)).unwrap();
        assert!(!format!("{account:?}").contains("topsecret"));
    }
}
