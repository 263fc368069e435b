//! What the settings of several vendors have in common: the address, the credentials.

use secrecy::SecretString;

use super::http::{Url, base_address};
use crate::domain::Settings;
use crate::failure::{Failure, Reason};

/// Setting of the account's own form that holds the vendor's address.
const ADDRESS: &str = "url";

/// Custom parameter with an address that is used instead.
const OTHER_ADDRESS: &str = "api_url";

/// A plain setting that must not be empty.
///
/// # Errors
/// [`Reason::Missing`] with the setting's name.
pub(super) fn needed<'a>(settings: &'a Settings, field: &str) -> Result<&'a str, Failure> {
    settings
        .text(field)
        .ok_or_else(|| Failure::field(Reason::Missing, field))
}

/// A secret that must not be empty.
///
/// # Errors
/// [`Reason::Missing`] with the setting's name.
pub(super) fn needed_secret(settings: &Settings, field: &str) -> Result<SecretString, Failure> {
    settings
        .secret(field)
        .cloned()
        .ok_or_else(|| Failure::field(Reason::Missing, field))
}

/// The vendor's address as entered, with the name of its setting: `api_url` wins over `url`.
///
/// # Errors
/// [`Reason::Missing`] when neither is there and the vendor has no default.
pub(super) fn entered_address<'a>(
    settings: &'a Settings,
    default: Option<&'a str>,
) -> Result<(&'static str, &'a str), Failure> {
    [OTHER_ADDRESS, ADDRESS]
        .into_iter()
        .find_map(|field| Some((field, settings.text(field)?)))
        .or_else(|| Some((ADDRESS, default?)))
        .ok_or_else(|| Failure::field(Reason::Missing, ADDRESS))
}

/// The vendor's address: `api_url`, `url` or the default. A host without path gets the vendor's own
/// path; a final slash goes.
///
/// # Errors
/// A malformed or insecure address, by the name of its setting.
pub(super) fn address(settings: &Settings, default: &str, path: &str) -> Result<Url, Failure> {
    let (field, entered) = entered_address(settings, Some(default))?;
    let mut address = base_address(entered, field)?;
    let own = match address.path().trim_end_matches('/') {
        "" => path.to_owned(),
        own => own.to_owned(),
    };
    address.set_path(&own);
    Ok(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: &str = "https://default.example/rest";

    fn settings(values: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (name, value) in values {
            settings.set(*name, *value);
        }
        settings
    }

    #[test]
    fn addresses_are_normalised_and_the_alternative_one_wins() {
        let cases: [(&[(&str, &str)], &str); 9] = [
            (&[], DEFAULT),
            (&[("url", "a.example")], "https://a.example/rest"),
            (&[("url", "https://a.example/")], "https://a.example/rest"),
            (
                &[("url", "https://a.example/rest")],
                "https://a.example/rest",
            ),
            (
                &[("url", "https://a.example/rest//")],
                "https://a.example/rest",
            ),
            (
                &[("url", "https://a.example/gate/rest")],
                "https://a.example/gate/rest",
            ),
            (
                &[("url", "a.example"), ("api_url", "b.example")],
                "https://b.example/rest",
            ),
            (&[("url", " "), ("api_url", "")], DEFAULT),
            (
                &[("api_url", "http://127.0.0.1:81")],
                "http://127.0.0.1:81/rest",
            ),
        ];
        for (values, expected) in cases {
            let address = address(&settings(values), DEFAULT, "/rest").unwrap();
            assert_eq!(address.as_str(), expected);
        }
    }

    #[test]
    fn a_wrong_or_missing_setting_is_named() {
        let wrong = |values: &[(&str, &str)]| {
            let failure = address(&settings(values), DEFAULT, "/rest").unwrap_err();
            (failure.object().to_owned(), failure.reason())
        };
        let named = |field: &str, reason| (field.to_owned(), reason);
        assert_eq!(
            wrong(&[("url", "http://a.example")]),
            named("url", Reason::InsecureAddress)
        );
        assert_eq!(
            wrong(&[("url", "a.example"), ("api_url", "ftp://a.example")]),
            named("api_url", Reason::Invalid)
        );
        let empty = Settings::default();
        for failure in [
            needed(&empty, "username").unwrap_err(),
            needed_secret(&empty, "username").unwrap_err(),
        ] {
            assert_eq!(
                (failure.object(), failure.reason()),
                ("username", Reason::Missing)
            );
        }
        let failure = entered_address(&empty, None).unwrap_err();
        assert_eq!(
            (failure.object(), failure.reason()),
            ("url", Reason::Missing)
        );
    }
}
