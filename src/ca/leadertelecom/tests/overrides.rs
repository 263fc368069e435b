//! Settings of the account and entries of the override file.

use super::*;
use crate::ca::leadertelecom::encode::Encoding;
use crate::ca::leadertelecom::wire::{
    ENTRIES, Meaning, ORDER_CERTIFICATE, PATH_STATUS, TOKEN_PLACE,
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
fn every_wrong_entry_is_named_with_its_reason() {
    let cases = [
        ("Tokenplace", "query", "there is no such entry"),
        ("TokenPlace", "cookie", "the value is one of: header, query"),
        ("PathStatus", "certs/state", "the path needs {id}"),
        ("PathList", "certs/{id}", "the path takes no {id}"),
        ("PathList", "/certs", "does not begin with a slash"),
        ("PathList", "certs?page=1", "letters, digits"),
        ("PathList", "a/../b", "upwards"),
        ("ListId", "", "at least one member"),
        ("RefusedStatuses", "422 500", "400 to 499"),
        ("RefusedStatuses", "429", "400 to 499"),
        ("ProductsQuery", "?ssl=1", "a query holds"),
        ("TokenHost", "not a host", "host name"),
        ("AccountCurrency", "euros", "currency code"),
        ("Status.active", "fine", "the value is one of: pending"),
        ("Status.", "issued", "there is no such entry"),
        ("Product.leader_dv", "0", "a number above zero"),
        ("Days.half", "183", "months"),
        ("Country.XX", "12", "country code"),
    ];
    for (name, value, reason) in cases {
        let wrong = check_overrides(&overrides(&[(name, value)])).unwrap_err();
        assert_eq!(wrong.len(), 1, "{name}");
        assert_eq!(wrong[0].name, name);
        assert!(
            wrong[0].reason.contains(reason),
            "{name}: {}",
            wrong[0].reason
        );
        let refused =
            LeaderTelecom::new(&settings(""), &overrides(&[(name, value)]), &reach()).unwrap_err();
        assert_eq!(
            (refused.reason(), refused.object()),
            (Reason::Invalid, name)
        );
    }
    let both = overrides(&[("A", "1"), ("TokenPlace", "query"), ("B", "2")]);
    assert_eq!(check_overrides(&both).unwrap_err().len(), 2);
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
    for entry in ENTRIES {
        let value = entries.remove(entry.name);
        // An empty default is shown by an example.
        let shown = value.unwrap_or_else(|| panic!("{} is not in the sample", entry.name));
        if entry.default.is_empty() {
            check_overrides(&overrides(&[(entry.name, &shown)])).unwrap();
        } else {
            assert_eq!(shown, entry.default, "{}", entry.name);
            check_overrides(&overrides(&[(entry.name, entry.default)])).unwrap();
        }
    }
    check_overrides(&entries).unwrap();
    assert!(!entries.is_empty(), "the families are shown, too");
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
        let account = Account::read(&settings).unwrap();
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
        let failure = Account::read(&settings).unwrap_err();
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
    let account = Account::read(&settings).unwrap();
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
