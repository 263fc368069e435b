//! Settings of the account and entries of the override file.

use std::collections::BTreeMap;

use super::*;
use crate::ca::leadertelecom::encode::Encoding;
use crate::ca::leadertelecom::wire::{
    ENTRIES, KNOWN, Meaning, ORDER_CERTIFICATE, OTHER_AUTHORITY, PATH_REISSUE, PATH_STATUS,
    PRODUCTS_QUERY, TOKEN_PLACE,
};

#[test]
fn entries_replace_defaults_and_the_rest_stays() {
    let wire = wire(&[
        ("TokenPlace", "query"),
        ("PathStatus", "certs/{id}/state"),
        ("Status.Active", "issued"),
        ("Product.leader_dv", "77"),
        ("Days.6", "183"),
        ("Country.nl", "12"),
    ]);
    assert!(wire.is(&TOKEN_PLACE, "query"));
    assert_eq!(wire.text(&PATH_STATUS), "certs/{id}/state");
    assert_eq!(wire.text(&ORDER_CERTIFICATE), ORDER_CERTIFICATE.default);
    assert_eq!(wire.meaning("ACTIVE"), Some(Meaning::Issued));
    assert_eq!(wire.meaning("done"), None);
    assert_eq!(wire.product("leader_dv"), Some(77));
    assert_eq!((wire.days(6), wire.days(12)), (Some(183), Some(365)));
    assert_eq!(
        (wire.days(36), wire.days(7), wire.days(0)),
        (Some(1095), None, None)
    );
    assert_eq!(wire.country(CountryCode::parse("NL").unwrap()), Some(12));
}

#[test]
fn no_status_word_has_a_meaning_until_somebody_enters_it() {
    for word in [
        "issued",
        "active",
        "completed",
        "cancelled",
        "expired",
        "rejected",
    ] {
        assert_eq!(wire(&[]).meaning(word), None, "{word}");
    }
}

#[test]
fn every_wrong_entry_is_named_with_line_and_reason() {
    let cases = [
        ("Tokenplace query", "'Tokenplace' is not an entry"),
        (
            "TokenPlace cookie",
            "'TokenPlace': one of these is expected: header, query",
        ),
        (
            "PathStatus certs/state",
            "'PathStatus': the path needs {id}",
        ),
        ("PathList certs/{id}", "'PathList': the path takes no {id}"),
        (
            "PathList /certs",
            "'PathList': a path does not begin with a slash",
        ),
        ("PathList certs?page=1", "letters, digits"),
        ("PathList a/../b", "upwards"),
        ("PathList -", "'PathList' cannot be switched off"),
        ("ListId", "'ListId' has no value"),
        ("ListId a b", "words between commas"),
        ("RefusedStatuses 422, 500", "400 to 499"),
        ("RefusedStatuses 429", "400 to 499"),
        ("RefusedStatuses none", "whole numbers"),
        ("ProductsQuery ?ssl=1", "a query holds"),
        ("TokenHost host_name", "host name"),
        ("AccountCurrency euros", "currency code"),
        ("Status.active fine", "one of these is expected: pending"),
        ("Status. issued", "is not an entry"),
        ("Product.leader_dv 0", "a number above zero"),
        ("Days.half 183", "months"),
        ("Country.XX 12", "country code"),
    ];
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmleadertelecom.conf");
    let options = ConnectOptions {
        overrides: Some(path.clone()),
        ..options()
    };
    for (line, reason) in cases {
        std::fs::write(&path, format!("# remark\n\n{line}\nCallEncoding json\n")).unwrap();
        let failure = LeaderTelecom::new(&settings(""), &options).unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile, "{line}");
        assert!(failure.object().ends_with("pmleadertelecom.conf"));
        let words = failure.words();
        assert!(words.starts_with("line 3: "), "{line}: {words}");
        assert!(words.contains(reason), "{line}: {words}");
    }
    std::fs::write(&path, "Days.x 1\nPathList a\nTokenHost b_c\n").unwrap();
    let words = LeaderTelecom::new(&settings(""), &options)
        .unwrap_err()
        .words();
    assert!(
        words.contains("line 1: ") && words.contains("line 3: "),
        "{words}"
    );
}

#[test]
fn what_may_be_off_can_be_switched_off() {
    let wire = wire(&[
        ("ProductsQuery", "-"),
        ("PathReissue", "-"),
        ("OtherAuthority", "-"),
    ]);
    assert_eq!(wire.text(&PRODUCTS_QUERY), "");
    assert_eq!(wire.text(&PATH_REISSUE), "");
    assert_eq!(wire.words(&OTHER_AUTHORITY).count(), 0);
}

#[test]
fn the_sample_names_every_entry_with_its_default() {
    let path = format!(
        "{}/etc/pmssl/pmleadertelecom.conf.sample",
        env!("CARGO_MANIFEST_DIR")
    );
    let sample = std::fs::read_to_string(path).unwrap();
    let mut entries = BTreeMap::new();
    for line in sample.lines() {
        // `#Name value` is an entry switched off, `# text` a remark.
        let text = line.strip_prefix('#');
        assert_eq!(text.is_none(), line.is_empty(), "nothing is switched on");
        let entry = text.filter(|text| text.starts_with(|c: char| c.is_ascii_uppercase()));
        if let Some((name, value)) = entry.and_then(|entry| entry.split_once(' ')) {
            entries.insert(name.to_owned(), value.to_owned());
        }
    }
    let whole: String = entries
        .iter()
        .map(|(name, value)| format!("{name} {value}\n"))
        .collect();
    Wire::corrected(Overrides::parse(&whole, KNOWN).unwrap()).unwrap();
    for entry in ENTRIES {
        let shown = entries.remove(entry.name);
        let shown = shown.unwrap_or_else(|| panic!("{} is not in the sample", entry.name));
        // An empty default is shown by an example.
        if !entry.default.is_empty() {
            assert_eq!(shown, entry.default, "{}", entry.name);
        }
    }
    let families: Vec<_> = entries.keys().map(|name| name.split('.').next()).collect();
    for family in ["Country", "Days", "Product", "Status"] {
        assert!(
            families.contains(&Some(family)),
            "{family} is not in the sample"
        );
    }
}

#[test]
fn addresses_are_normalised_and_the_alternative_one_wins() {
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], "https://api.leaderssl.com/api/v1"),
        (
            &[("url", "api.example.com")],
            "https://api.example.com/api/v1",
        ),
        (
            &[("url", "https://a.example/api/v1/")],
            "https://a.example/api/v1",
        ),
        (&[("url", "https://a.example/v2")], "https://a.example/v2"),
        (
            &[("url", "a.example"), ("api_url", "b.example")],
            "https://b.example/api/v1",
        ),
        (
            &[("api_url", "http://127.0.0.1:81")],
            "http://127.0.0.1:81/api/v1",
        ),
    ];
    for (values, expected) in cases {
        let mut settings = settings("");
        for (name, value) in values {
            settings.set(*name, *value);
        }
        let account = AccountSettings::read(&settings).unwrap();
        assert_eq!(account.address.as_str(), expected);
    }
}

#[test]
fn a_wrong_setting_is_named() {
    let cases = [
        ("username", "", Reason::Missing),
        ("url", "http://a.example", Reason::InsecureAddress),
        ("api_url", "ftp://a.example", Reason::Invalid),
        ("order_encoding", "xml", Reason::Invalid),
        ("server_software_id", "apache", Reason::Invalid),
        ("server_software_id", "0", Reason::Invalid),
        ("renew_by_new_order", "maybe", Reason::Invalid),
        ("nomenclature_ids", "leader_dv", Reason::Invalid),
        ("nomenclature_ids", "leader_dv=", Reason::Invalid),
        ("nomenclature_ids", "leader_dv=0", Reason::Invalid),
        ("nomenclature_ids", "=5", Reason::Invalid),
        ("nomenclature_ids", "a=1 a=2", Reason::Invalid),
    ];
    for (field, value, reason) in cases {
        let mut settings = settings("");
        settings.set(field, value);
        let failure = AccountSettings::read(&settings).unwrap_err();
        assert_eq!(
            (failure.object(), failure.reason()),
            (field, reason),
            "{value}"
        );
    }
}

#[test]
fn optional_settings_have_their_defaults() {
    let account = account();
    assert_eq!(account.order_encoding, Encoding::Json);
    assert_eq!(
        (account.server_software, account.renew_by_new_order),
        (None, false)
    );
    let mut settings = settings("");
    settings.set("nomenclature_ids", "a=1, b=2;c=3\nd=4");
    settings.set("server_software_id", "37");
    let account = AccountSettings::read(&settings).unwrap();
    let products: Vec<_> = account.products.into_iter().collect();
    let expected = [("a", 1), ("b", 2), ("c", 3), ("d", 4)];
    assert_eq!(
        products,
        expected.map(|(code, number)| (code.to_owned(), number))
    );
    assert_eq!(account.server_software, Some(37));
}

#[test]
fn abilities_follow_settings_and_entries() {
    let abilities = |renew: &str, path: &[(&str, &str)]| {
        let mut settings = settings("");
        settings.set("renew_by_new_order", renew);
        let abilities = adapter_with(&settings, path).abilities();
        (abilities.reissue, abilities.renewal)
    };
    let path = [("PathReissue", "ssl_certificates/{id}/reissue")];
    assert_eq!(abilities("off", &[]), (false, false));
    assert_eq!(abilities("on", &[]), (false, true));
    assert_eq!(abilities("off", &path), (true, false));
    assert_eq!(abilities("on", &path), (true, true));
}

#[test]
fn secrets_are_not_printed() {
    let adapter = adapter("https://a.example");
    assert!(!format!("{adapter:?}").contains(PASSWORD));
}
