//! Balance, catalogue, approvers, status and validation data in plausible and implausible shapes.

use super::*;
use crate::ca::ValidationTask;
use crate::ca::leadertelecom::reply::{error_text, json as read_json, moment, sample, shown};
use crate::domain::Currency;

fn money(value: &Value, entries: &[(&str, &str)]) -> Option<String> {
    let money = account::balance(value, &wire(entries)).ok()?;
    Some(format!("{money} {}", money.currency))
}

#[test]
fn a_balance_is_an_amount_with_its_currency() {
    for value in [
        json!({"balance": "12.50", "currency": "EUR"}),
        json!({"balance": 12.5, "currency": "eur"}),
        json!({"data": {"balance": "12.50", "currency": "EUR"}}),
        json!({"balance": {"amount": "12.50", "currency": "EUR"}}),
        json!([{"balance": "12.50", "currency_code": "EUR"}]),
        json!({"balance": "12.50", "currency": "EUR", "bonus": {"amount": "0.00", "currency": "EUR"}}),
        json!({"balance": [{"amount": "12.50", "currency": "EUR"}]}),
    ] {
        assert_eq!(money(&value, &[]).as_deref(), Some("12.50 EUR"), "{value}");
    }
    let zero = json!({"balance": "0.00", "currency": "EUR"});
    assert_eq!(money(&zero, &[]).as_deref(), Some("0.00 EUR"));
}

#[test]
fn what_is_no_clear_balance_is_never_a_number() {
    for value in [
        json!({}),
        json!([]),
        json!(null),
        json!(0),
        json!("12.50"),
        json!({"balance": "12.50"}),
        json!({"balance": null, "currency": "EUR"}),
        json!({"balance": "", "currency": "EUR"}),
        json!({"balance": "none", "currency": "EUR"}),
        json!({"balance": true, "currency": "EUR"}),
        json!({"balance": "12.50", "currency": "euro"}),
        json!({"balance": "12.50", "currency": 978}),
        json!({"balance": {"EUR": "12.50"}}),
        json!({"balance": {"EUR": "12.50"}, "bonus": {"amount": "0.00", "currency": "EUR"}}),
        json!({"balance": null, "currency": "EUR", "last": {"amount": "0.00", "currency": "EUR"}}),
        json!({"balance": {"EUR": "12.50"}, "blocked": {"balance": "0.00", "currency": "EUR"}}),
        json!([{"amount": "0.00", "currency": "EUR"}]),
        json!({"balance": [], "currency": "EUR"}),
        json!({"credit": "12.50", "currency": "EUR"}),
        json!([{"balance": "1", "currency": "EUR"}, {"balance": "2", "currency": "RUB"}]),
        json!([{"balance": "1", "currency": "EUR"}, {"balance": "?", "currency": "EUR"}]),
    ] {
        assert_eq!(money(&value, &[]), None, "{value}");
    }
}

/// A JSON number has no sign between thousands; a text may have.
#[test]
fn the_decimals_of_a_json_number_are_decimals_and_never_make_a_balance_higher() {
    for (amount, minor) in [
        (json!(123.456), Some(12_345)),
        (json!(123.45), Some(12_345)),
        (json!(12.5), Some(1_250)),
        (json!(1.0), Some(100)),
        (json!(1234), Some(123_400)),
        (json!(12.000001), Some(1_200)),
        (json!(-123.456), Some(-12_346)),
        (json!(-123.45), Some(-12_345)),
        (json!(-0.001), Some(-1)),
        (json!("123.456"), None),
        (json!("123.4560"), Some(12_345)),
    ] {
        let value = json!({"balance": amount, "currency": "EUR"});
        let balance = account::balance(&value, &wire(&[])).ok();
        assert_eq!(balance.map(|money| money.minor), minor, "{value}");
    }
}

#[test]
fn the_accounts_currency_settles_several_balances_and_missing_currencies() {
    let entries = [("AccountCurrency", "RUB")];
    let search = json!([{"balance": "1", "currency": "EUR"}, {"balance": "2", "currency": "RUB"}]);
    assert_eq!(money(&search, &entries).as_deref(), Some("2.00 RUB"));
    assert_eq!(
        money(&json!({"balance": "3"}), &entries).as_deref(),
        Some("3.00 RUB")
    );
    assert_eq!(
        money(&json!({"balance": "3", "currency": "USD"}), &entries),
        None
    );
    let field = [("BalanceAmount", "credit")];
    let other = json!({"credit": "4", "balance": "5", "currency": "EUR"});
    assert_eq!(money(&other, &field).as_deref(), Some("4.00 EUR"));
}

#[test]
fn products_are_listed_with_the_prices_that_are_clear() {
    let list = json!({"products": [
        {"id": 5001, "name": "DV", "price": "9.00", "currency": "EUR", "period_type": "year", "period_count": 1},
        {"id": 5001, "name": "DV", "price": "16.00", "currency": "EUR", "days": 730},
        {"nomenclature_id": 5002, "id": 1, "title": "OV", "price": 40, "currency": "EUR", "period_type": "month", "period_count": 12},
        {"id": 5003, "name": "EV", "price": "?", "currency": "EUR", "days": 365},
        {"id": 5004, "name": "MD", "price": "3.00", "currency": "EUR", "days": 90},
        {"id": 5005, "name": "UP", "price": 9.001, "currency": "EUR", "days": 365},
        {"id": 5006, "name": "NO", "price": "9.001", "currency": "EUR", "days": 365},
    ]});
    let offers = account::offers(&list, &wire(&[])).unwrap();
    let read: Vec<_> = offers
        .iter()
        .map(|offer| {
            let prices: Vec<_> = offer
                .prices
                .iter()
                .map(|p| (p.term.0, p.amount.minor))
                .collect();
            (offer.code.as_str(), offer.name.as_str(), prices)
        })
        .collect();
    assert_eq!(
        read,
        [
            ("5001", "DV", vec![(12, 900), (24, 1600)]),
            ("5002", "OV", vec![(12, 4000)]),
            ("5003", "EV", vec![]),
            ("5004", "MD", vec![]),
            ("5005", "UP", vec![(12, 901)]),
            ("5006", "NO", vec![]),
        ]
    );
    assert_eq!(offers[0].prices[0].amount.currency, Currency::EUR);
    for value in [
        json!({}),
        json!({"5001": "DV"}),
        json!([{"id": 1}]),
        json!([{"name": "DV"}]),
    ] {
        assert!(account::offers(&value, &wire(&[])).is_err(), "{value}");
    }
}

#[test]
fn approvers_are_the_names_own_addresses_wherever_they_stand() {
    let shop = name("shop.example.com");
    for value in [
        json!([
            "admin@example.com",
            "ADMIN@example.com",
            "owner@shop.example.com",
            "x@example.net",
            "words"
        ]),
        json!({"shop.example.com": ["admin@example.com", "owner@shop.example.com"]}),
        json!({"emails": [{"email": "admin@example.com"}, {"email": "owner@shop.example.com"}]}),
    ] {
        let found: Vec<_> = account::approvers(&value, &shop)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(found.contains(&"admin@example.com".to_owned()), "{value}");
        assert!(
            found.contains(&"owner@shop.example.com".to_owned()),
            "{value}"
        );
        assert!(!found.iter().any(|address| address.contains("example.net")));
    }
}

#[test]
fn without_addresses_the_standard_boxes_stand_in() {
    let wanted = account::standard_approvers(&name("*.shop.example.co.uk"));
    assert_eq!(wanted.len(), 10);
    assert_eq!(wanted[0].as_str(), "admin@example.co.uk");
    assert_eq!(wanted[9].as_str(), "webmaster@shop.example.co.uk");
    assert_eq!(account::standard_approvers(&name("example.com")).len(), 5);
    let none = account::approvers(&json!([]), &name("example.com"));
    assert_eq!(none, account::standard_approvers(&name("example.com")));
}

#[test]
fn status_words_are_found_and_several_are_joined() {
    let word = |value: &Value, entries: &[(&str, &str)]| progress::word(value, &wire(entries));
    for value in [
        json!({"status": "active"}),
        json!({"state": "active"}),
        json!({"ssl_certificate": {"id": 3, "status": "active"}}),
        json!([{"status": "active"}, {"status": "active"}]),
        json!({"status": "active", "state": "whatever"}),
    ] {
        assert_eq!(word(&value, &[]).as_deref(), Some("active"), "{value}");
    }
    let two = json!({"status": "ok", "certificate": {"status": "active"}});
    let joined = word(&two, &[]).unwrap();
    assert!(joined == "active/ok" || joined == "ok/active", "{joined}");
    let entries = [("Status", "certificate/status")];
    assert_eq!(word(&two, &entries).as_deref(), Some("active"));
    for value in [
        json!({}),
        json!({"status": null}),
        json!({"status": ""}),
        json!("active"),
    ] {
        assert_eq!(word(&value, &[]), None, "{value}");
    }
}

#[test]
fn validation_data_are_read_or_computed_or_left_out() {
    let order = order_ref("1", CSR);
    let read = |value: &Value| progress::validation(value, &order, &wire(&[]));
    let told = read(&json!({"domains": [
        {"domain_name": "a.example.com", "dcv_type": "CNAME_CSR_HASH", "dns_name": "_x.a.example.com", "dns_value": "y", "validated": true},
        {"domain": "b.example.com", "method": "HTTP_CSR_HASH", "file_url": "http://b.example.com/f", "file_content": "z"},
        {"domain": "c.example.com", "method": "EMAIL", "email": "admin@c.example.com"},
        {"domain": "d.example.com", "method": "TELEPATHY"},
        {"domain": "e.example.com", "method": "EMAIL", "email": "nobody"},
        {"domain": "f.example.com", "method": "HTTP_CSR_HASH", "file_url": "file:///etc/passwd", "file_content": "z"},
    ]}));
    let cname = ValidationTask::Cname {
        name: "_x.a.example.com".to_owned(),
        value: "y".to_owned(),
    };
    let file = ValidationTask::File {
        url: "http://b.example.com/f".to_owned(),
        content: "z".to_owned(),
    };
    let mail = ValidationTask::Email("admin@c.example.com".to_owned());
    let expected: Vec<ValidationRecord> = [
        ("a.example.com", cname, true),
        ("b.example.com", file, false),
        ("c.example.com", mail, false),
    ]
    .into_iter()
    .map(|(text, task, done)| ValidationRecord {
        name: name(text),
        task,
        done,
    })
    .collect();
    assert_eq!(told, expected);

    let marked = read(
        &json!({"unique_value": KEY, "domains": [{"domain": "shop.example.com", "method": "CNAME_CSR_HASH"}]}),
    );
    assert_eq!(marked, mapping::records(&simple(), &wire(&[])));
    for value in [
        json!({"progress": 3}),
        json!([]),
        json!({"domains": [{"domain": "shop.example.com", "method": "CNAME_CSR_HASH"}]}),
    ] {
        assert_eq!(read(&value), [], "{value}");
    }
}

#[test]
fn error_texts_are_found_in_the_documented_member_first() {
    let text = |value: Value| error_text(&value, &wire(&[]));
    for (value, expected) in [
        (json!({"error": "wrong"}), Some("wrong")),
        (json!({"error": {"code": 5}}), Some("code: 5")),
        (json!({"error": true}), Some("true")),
        (json!({"errors": {"csr": ["bad"]}}), Some("csr: bad")),
        (
            json!({"errors": {"base": ["Not enough money on balance"], "days": ["is odd", "is late"]}}),
            Some("Not enough money on balance; days: is odd; days: is late"),
        ),
        (json!({"errors": {"base": [{}]}}), Some(r#"{"base":[{}]}"#)),
        (json!({"success": false, "message": "why"}), Some("why")),
        (json!({"success": false}), Some("no reason was given")),
        (json!({"error": null, "errors": []}), None),
        (json!({"error": "", "errors": {}}), None),
        (json!({"error": false, "success": true}), None),
        (json!({"message": "fine"}), None),
        (json!({"data": {"error": "inside"}}), None),
        (json!([]), None),
    ] {
        assert_eq!(
            text(value.clone()).as_ref().map(|words| words.en()),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_vendors_words_are_cleaned_and_cut_before_people_see_them() {
    assert_eq!(shown("a <b>bold</b>\nline"), "a bold line");
    assert_eq!(shown(&"x".repeat(5000)).len(), 300);
    assert!(!shown("auth_token=abcdef0123").contains("abcdef0123"));
}

#[test]
fn statuses_of_reads_say_what_to_do_next() {
    for (status, body, reason) in [
        (200, "", Reason::VendorTrouble),
        (200, "<html>", Reason::VendorTrouble),
        (200, "{\"a\": ", Reason::VendorTrouble),
        (200, r#"{"error": "no"}"#, Reason::Rejected),
        (302, "", Reason::Unreachable),
        (401, r#"{"error": "who"}"#, Reason::BadCredentials),
        (403, "<html>", Reason::AddressNotAllowed),
        (404, r#"{"error": "none"}"#, Reason::Rejected),
        (422, r#"{"errors": ["none"]}"#, Reason::Rejected),
        (429, "", Reason::VendorTrouble),
        (500, r#"{"error": "data"}"#, Reason::VendorTrouble),
        (503, "<html>", Reason::VendorTrouble),
    ] {
        let error = read_json("products", &reply(status, body), &wire(&[])).unwrap_err();
        assert_eq!(Failure::from(error).reason(), reason, "{status} {body}");
    }
    let unclear = read_json("products", &reply(200, "{}"), &wire(&[]));
    assert_eq!(unclear.unwrap(), json!({}));
}

#[test]
fn moments_are_read_in_the_vendors_forms() {
    let read = |text: &str| moment(&json!(text)).map(|m| m.to_rfc3339());
    for (text, expected) in [
        (
            "2026-08-01T13:00:00+03:00",
            Some("2026-08-01T10:00:00+00:00"),
        ),
        ("2026-08-01T10:00:00Z", Some("2026-08-01T10:00:00+00:00")),
        (
            "2026-08-01 13:00:00 +0300",
            Some("2026-08-01T10:00:00+00:00"),
        ),
        ("2026-08-01 10:00:00 UTC", Some("2026-08-01T10:00:00+00:00")),
        ("2026-08-01 10:00:00", Some("2026-08-01T10:00:00+00:00")),
        ("2026-08-01", Some("2026-08-01T23:59:59+00:00")),
        ("yesterday", None),
        ("", None),
    ] {
        assert_eq!(read(text).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_sample_for_the_log_keeps_the_shape_and_loses_people_and_secrets() {
    let answer = json!({"id": 5, "status": "new", "auth_token": "s3cr3t-value", "first_name": "Ann",
        "contact": {"phone": "+31201234567", "zip_code": "1011AB", "mail": "ann@host.example"},
        "dates": ["2026-08-01"], "address": {"line": "kept out of the way"}});
    let shown = sample(answer.to_string().as_bytes());
    for kept in ["\"id\":5", "\"new\"", "2026-08-01", "first_name", "phone"] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    for gone in ["s3cr3t", "Ann", "31201234567", "1011AB", "ann@"] {
        assert!(!shown.contains(gone), "{gone}: {shown}");
    }
    let page = sample(b"<p>Dear ann@host.example,\nyour order \"bob@host.example\" is late</p>");
    assert!(
        page.contains("your order") && !page.contains('@') && !page.contains('\n'),
        "{page}"
    );
    assert_eq!(sample(&[b'x'; 5000]).len(), 2000);
}
