//! The account's settings, checked without network.

use secrecy::SecretString;

use crate::ca::account::entered_address;
use crate::ca::http::{Url, base_address};
use crate::domain::Settings;
use crate::failure::Failure;
use crate::module::Setting;

/// Last part of every billing address (ispmanager.md 1).
const PATH: &str = "/billmgr";

/// Checked settings.
#[derive(Debug)]
pub(super) struct AccountSettings {
    pub(super) address: Url,
    pub(super) login: String,
    pub(super) password: SecretString,
}

impl AccountSettings {
    /// Reads `api_url` (wins) or `url`, `username`, `password`.
    ///
    /// # Errors
    /// The missing or malformed setting by its name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        let (field, typed) = entered_address(settings, None)?;
        let login = Setting::username().needed(settings)?;
        if login.contains(':') {
            // Login and password travel as `login:password` (ispmanager.md 3).
            return Err(Setting::username().invalid(login).detail(words!(
                "a login has no colon",
                "в логине не бывает двоеточия"
            )));
        }
        Ok(Self {
            address: address(typed, field)?,
            login: login.to_owned(),
            password: Setting::password().needed_secret(settings)?,
        })
    }
}

/// Brings all documented forms of the address to one: host alone, with `/billmgr` or
/// `/manager/billmgr`, with a slash or a query behind it (ispmanager.md 1).
fn address(typed: &str, field: &str) -> Result<Url, Failure> {
    let end = typed.find(['?', '#']).unwrap_or(typed.len());
    let mut address = base_address(&typed[..end], field)?;
    let path = address.path().trim_end_matches('/').to_owned();
    if path.to_ascii_lowercase().ends_with(PATH) {
        address.set_path(&path);
    } else {
        address.set_path(&format!("{path}{PATH}"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;
    use proptest::prelude::*;

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

    type Values<'a> = &'a [(&'a str, &'a str)];

    const LOGIN: (&str, &str) = ("username", "reseller@example.com");
    const PASSWORD: (&str, &str) = ("password", "canary-password");

    #[test]
    fn all_documented_forms_of_the_address_mean_the_same() {
        let cases = [
            (
                "https://api.ispmanager.com/billmgr",
                "https://api.ispmanager.com/billmgr",
            ),
            (
                "https://api.ispmanager.com",
                "https://api.ispmanager.com/billmgr",
            ),
            (
                "api-eu.ispmanager.com",
                "https://api-eu.ispmanager.com/billmgr",
            ),
            (
                " https://api-eu.ispmanager.com/ ",
                "https://api-eu.ispmanager.com/billmgr",
            ),
            (
                "https://api.ispmanager.ru/billmgr/",
                "https://api.ispmanager.ru/billmgr",
            ),
            (
                "https://api.ispmanager.ru/billmgr//",
                "https://api.ispmanager.ru/billmgr",
            ),
            (
                "https://my.ispmanager.ru/billmgr?func=logon",
                "https://my.ispmanager.ru/billmgr",
            ),
            (
                "https://eu.ispmanager.com?startform=x",
                "https://eu.ispmanager.com/billmgr",
            ),
            (
                "https://eu.ispmanager.com/billmgr#top",
                "https://eu.ispmanager.com/billmgr",
            ),
            (
                "https://api.ispsystem.com/manager/billmgr",
                "https://api.ispsystem.com/manager/billmgr",
            ),
            (
                "https://api.ispsystem.com/manager/",
                "https://api.ispsystem.com/manager/billmgr",
            ),
            (
                "https://api.ispmanager.com:1500/billmgr",
                "https://api.ispmanager.com:1500/billmgr",
            ),
            ("http://127.0.0.1:81", "http://127.0.0.1:81/billmgr"),
        ];
        for (typed, expected) in cases {
            let account =
                AccountSettings::read(&settings(&[("url", typed), LOGIN, PASSWORD])).unwrap();
            assert_eq!(account.address.as_str(), expected, "{typed}");
        }
    }

    #[test]
    fn the_alternative_address_wins() {
        let both = settings(&[
            ("url", "a.example"),
            ("api_url", "b.example"),
            LOGIN,
            PASSWORD,
        ]);
        assert_eq!(
            AccountSettings::read(&both).unwrap().address.as_str(),
            "https://b.example/billmgr"
        );
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let url = ("url", "api.ispmanager.com");
        let cases: [(Values<'_>, &str, Reason); 6] = [
            (&[LOGIN, PASSWORD], "url", Reason::Missing),
            (&[url, PASSWORD], "username", Reason::Missing),
            (&[url, LOGIN], "password", Reason::Missing),
            (
                &[url, ("username", "a:b"), PASSWORD],
                "username",
                Reason::Invalid,
            ),
            (
                &[("url", "http://a.example"), LOGIN, PASSWORD],
                "url",
                Reason::InsecureAddress,
            ),
            (
                &[("url", "https://u:p@a.example"), LOGIN, PASSWORD],
                "url",
                Reason::Invalid,
            ),
        ];
        for (values, field, reason) in cases {
            let failure = AccountSettings::read(&settings(values)).unwrap_err();
            assert_eq!((failure.object(), failure.reason()), (field, reason));
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let account =
            AccountSettings::read(&settings(&[("url", "a.example"), LOGIN, PASSWORD])).unwrap();
        assert!(!format!("{account:?}").contains("canary"));
    }

    proptest! {
        #[test]
        fn a_normal_address_stays_as_it_is(path in "(/[a-z]{1,8}){0,3}/?", query in "(\\?[a-z=&]{0,9})?") {
            let once = address(&format!("https://a.example{path}{query}"), "url").unwrap();
            prop_assert!(once.path().ends_with("/billmgr"));
            prop_assert!(!once.path().ends_with("/billmgr/billmgr"));
            let twice = address(once.as_str(), "url").unwrap();
            prop_assert_eq!(once, twice);
        }
    }
}
