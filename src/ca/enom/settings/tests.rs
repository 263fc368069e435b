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
        let account = AccountSettings::read(&settings(&[values, &COMPLETE].concat())).unwrap();
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
        let failure = AccountSettings::read(&settings(values)).unwrap_err();
        assert_eq!((failure.object(), failure.reason()), (field, reason));
    }
}

#[test]
fn the_password_is_not_printed() {
    let account = AccountSettings::read(&settings(&COMPLETE)).unwrap();
    assert!(!format!("{account:?}").contains("topsecret"));
}
