use std::collections::BTreeMap;

use super::*;
use crate::domain::{Currency, Money};

fn counted(requests: u64) -> Counted {
    Counted {
        requests,
        failures: 1,
        milliseconds: 1500,
        funds: None,
    }
}

#[test]
fn counts_go_on_where_the_last_process_ended() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(Traffic::load(root.path()), Traffic::default());
    let asked = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let balance = Money {
        minor: -1205,
        currency: Currency::EUR,
    };
    let first = Counted {
        funds: Some(Funds::new(balance, asked)),
        ..counted(2)
    };
    Traffic::add(root.path(), BTreeMap::from([(3, first.clone())]));
    Traffic::add(
        root.path(),
        BTreeMap::from([(3, counted(5)), (4, counted(1))]),
    );
    let all = Traffic::load(root.path());
    let expected = Counted {
        requests: 7,
        failures: 2,
        milliseconds: 3000,
        funds: first.funds,
    };
    assert_eq!(all.accounts[&3], expected);
    assert_eq!(all.accounts[&4], counted(1));
    let page = Page::default();
    let module = module::by_name("pmenomssl").unwrap();
    page.vendors(&all, &BTreeMap::from([(3, module)])).unwrap();
    let text = page.text().unwrap();
    for line in [
        r#"pmssl_vendor_requests_total{account="3",module="pmenomssl"} 7"#,
        r#"pmssl_vendor_failures_total{account="3",module="pmenomssl"} 2"#,
        r#"pmssl_vendor_request_seconds_total{account="3",module="pmenomssl"} 3"#,
        r#"pmssl_account_balance{account="3",currency="EUR",module="pmenomssl"} -12.05"#,
        r#"pmssl_account_balance_timestamp_seconds{account="3",module="pmenomssl"} 1800000000"#,
    ] {
        assert!(text.lines().any(|known| known == line), "{line} in {text}");
    }
    assert!(!text.contains(r#"account="4""#), "an account that is gone");
}

#[test]
fn a_damaged_count_begins_anew() {
    let root = tempfile::tempdir().unwrap();
    Traffic::add(root.path(), BTreeMap::from([(3, counted(2))]));
    let file = root.path().join("var/pmssl/traffic.json");
    for text in ["", "[]", "{\"accounts\":{\"x\":1}}", "\u{0}"] {
        std::fs::write(&file, text).unwrap();
        assert_eq!(Traffic::load(root.path()), Traffic::default(), "{text:?}");
        Traffic::add(root.path(), BTreeMap::from([(3, counted(2))]));
        assert_eq!(Traffic::load(root.path()).accounts[&3], counted(2));
    }
}

#[test]
fn the_file_is_replaced_and_readable_for_everybody() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("pmssl.prom");
    write(&file, "one\n").unwrap();
    write(&file, "two\n").unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "two\n");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    assert!(write(Path::new("pmssl.prom"), "").is_err(), "not absolute");
}
