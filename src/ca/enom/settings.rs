//! The account's settings, checked without network.

use secrecy::SecretString;

use crate::ca::http::{Url, base_address};
use crate::domain::Settings;
use crate::failure::{Failure, Reason};

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
        let missing = |field: &str| Failure::field(Reason::Missing, field);
        let (field, address) = ["api_url", "url"]
            .into_iter()
            .find_map(|field| Some((field, settings.text(field)?)))
            .unwrap_or(("url", DEFAULT_ADDRESS));
        Ok(Self {
            address: normalise(base_address(address, field)?),
            user: settings
                .text("username")
                .ok_or_else(|| missing("username"))?
                .to_owned(),
            password: settings
                .secret("password")
                .ok_or_else(|| missing("password"))?
                .clone(),
        })
    }
}

/// A host without path gets the vendor's own; a final slash goes.
fn normalise(mut address: Url) -> Url {
    let path = match address.path().trim_end_matches('/') {
        "" => PATH.to_owned(),
        path => path.to_owned(),
    };
    address.set_path(&path);
    address
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn addresses_are_normalised_and_the_alternative_one_wins() {
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[], "https://reseller.enom.com/interface.asp"),
            (
                &[("url", "resellertest.enom.com")],
                "https://resellertest.enom.com/interface.asp",
            ),
            (
                &[("url", "https://a.example/")],
                "https://a.example/interface.asp",
            ),
            (
                &[("url", "https://a.example/gate/interface.asp")],
                "https://a.example/gate/interface.asp",
            ),
            (
                &[("url", "a.example"), ("api_url", "b.example")],
                "https://b.example/interface.asp",
            ),
            (
                &[("api_url", "http://127.0.0.1:81")],
                "http://127.0.0.1:81/interface.asp",
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
