use super::*;
use crate::failure::Reason;

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
        Setting::username().needed(&empty).unwrap_err(),
        Setting::username().needed_secret(&empty).unwrap_err(),
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
