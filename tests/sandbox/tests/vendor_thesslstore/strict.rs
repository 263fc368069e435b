//! Requests that the documentation does not allow are noticed.

use serde_json::{Value, json};

use super::client::{Shop, csr, order, order_with};
use crate::sandbox::vendor::Vendor;
use crate::sandbox::vendor::thesslstore::Strictness;

#[test]
fn a_misspelt_field_is_recorded_and_refused() {
    let shop = Shop::open();
    let fields = json!({"ReserveSanCount": 0});
    let request = order_with("positivessl", "example.com", fields);
    let refused = shop.bad("order/neworder", request);
    assert!(refused.contains("ReserveSanCount"), "{refused}");
    let violations = shop.store.violations();
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].call, "order/neworder");
    assert_eq!(violations[0].problem, "unknown field ReserveSanCount");
    assert_eq!(shop.paid(), 0);
}

#[test]
fn the_real_wires_tolerance_still_records() {
    let shop = Shop::open();
    shop.store
        .switch(|switches| switches.strictness = Strictness::Record);
    let fields = json!({"ApproverMethod": "EMAIL"});
    shop.good(
        "order/neworder",
        order_with("positivessl", "example.com", fields),
    );
    assert_eq!(shop.paid(), 1);
    assert_eq!(shop.store.violations().len(), 1);
}

#[test]
fn every_kind_of_deviation_in_an_order_is_noticed() {
    for (fields, problem) in [
        (
            json!({"ValidityPeriod": "12"}),
            "wrong type of ValidityPeriod",
        ),
        (json!({"isCUOrder": "no"}), "wrong type of isCUOrder"),
        (json!({"AdminContact": null}), "missing field AdminContact"),
        (
            json!({"AdminContact": {"FirstName": "A", "LastName": "B", "Phone": "1", "EMail": "e"}}),
            "unknown field AdminContact.EMail",
        ),
        (json!({"DNSNames": "a.com"}), "wrong type of DNSNames"),
        (
            json!({"OrganisationInfo": {}}),
            "unknown field OrganisationInfo",
        ),
    ] {
        let shop = Shop::open();
        shop.bad(
            "order/neworder",
            order_with("positivessl", "example.com", fields),
        );
        assert_eq!(shop.store.violations()[0].problem, problem);
    }
}

#[test]
fn meaningless_orders_are_refused_without_a_sale() {
    let shop = Shop::open();
    let two = json!({"FileAuthDVIndicator": true, "CNAMEAuthDVIndicator": true});
    for (product, name, fields) in [
        (
            "positivessl",
            "example.com",
            json!({"CSR": csr("other.com")}),
        ),
        ("positivessl", "example.com", json!({"CSR": "nonsense"})),
        ("positivessl", "example.com", json!({"ValidityPeriod": 13})),
        (
            "positivessl",
            "example.com",
            json!({"ApproverEmail": "ann@example.com"}),
        ),
        (
            "positivessl",
            "example.com",
            json!({"ApproverEmail": "admin@a.com,admin@b.com"}),
        ),
        ("positivessl", "example.com", two),
        ("positivessl", "*.example.com", json!({})),
        ("positivesslwildcard", "example.com", json!({})),
        (
            "positivemdcssl",
            "example.com",
            json!({"DNSNames": ["a.com"]}),
        ),
        (
            "positivesslwildcard",
            "*.example.com",
            json!({"FileAuthDVIndicator": true, "ApproverEmail": "admin@example.com"}),
        ),
        ("nosuchssl", "example.com", json!({})),
        (
            "digi_rapidssl",
            "example.com",
            json!({"SignatureHashAlgorithm": null}),
        ),
        (
            "positivessl",
            "example.com",
            json!({"AdminContact": {"FirstName": "A",
            "LastName": "B", "Phone": "1", "Email": "a@b.com", "Country": "United States"}}),
        ),
    ] {
        let refused = shop.bad("order/neworder", order_with(product, name, fields));
        assert!(refused.starts_with("ErrorCode:-9"), "{refused}");
    }
    assert_eq!(shop.paid(), 0);
    shop.no_violations();
}

#[test]
fn digicert_takes_a_word_or_an_address_as_told() {
    let shop = Shop::open();
    let fields = |approver: &str| {
        let fields = json!({"ApproverEmail": approver, "SignatureHashAlgorithm": "sha256"});
        order_with("digi_rapidssl", "example.com", fields)
    };
    let placed = shop.good("order/neworder", fields("DNS"));
    let check = &placed["OrderStatus"]["DomainAuthVettingStatus"][0];
    assert_eq!(check["dcvMethod"], "DNS");
    assert!(check["DNSEntry"].is_string());
    shop.store
        .set_switch("digicert_approver", "address")
        .unwrap();
    shop.bad("order/neworder", fields("DNS"));
    shop.good("order/neworder", fields("admin@example.com"));
    shop.store.set_switch("digicert_approver", "words").unwrap();
    shop.bad("order/neworder", fields("admin@example.com"));
}

#[test]
fn wrong_credentials_are_told_except_where_the_vendor_does_not() {
    let shop = Shop::open();
    let wrong = json!({"AuthRequest": {"PartnerCode": "11112222", "AuthToken": "guess"}});
    shop.good("order/neworder", order("positivessl", "example.com"));
    let mut status = wrong.clone();
    status["CustomOrderID"] = json!("key-1");
    let refused = shop.bad("order/status", status);
    assert!(refused.starts_with("ErrorCode:-9008|"), "{refused}");
    assert_eq!(shop.call("order/query", wrong.clone()), json!([]));
    shop.store.set_switch("query_checks_token", "on").unwrap();
    let refused = shop.bad("order/query", wrong);
    assert!(refused.starts_with("ErrorCode:-9008|"), "{refused}");
    let flat = json!({"PartnerCode": "11112222", "AuthToken": "guess"}).to_string();
    let answer = shop
        .send("POST", "/rest/health/validate", "application/json", &flat)
        .unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer["isError"], true);
}

#[test]
fn unknown_calls_methods_and_bodies_are_not_answered_by_the_api() {
    let shop = Shop::open();
    let json = "application/json";
    for (method, path, kind, body, status) in [
        ("POST", "/rest/order/purchase", json, "{}", 404),
        ("GET", "/rest/order/status", json, "", 405),
        ("POST", "/rest/order/status", "text/plain", "{}", 415),
        ("POST", "/rest/order/status", json, "{", 400),
    ] {
        let raw = shop.send(method, path, kind, body).unwrap();
        assert_eq!(raw.status, status, "{path}");
    }
    assert_eq!(shop.store.violations().len(), 4);
}

#[test]
fn the_request_log_keeps_everything_that_came() {
    let shop = Shop::open();
    shop.good("order/neworder", order("positivessl", "example.com"));
    shop.bad("order/status", json!({"CustomOrderID": "other"}));
    let log = shop.server.requests();
    assert_eq!(log.len(), 2);
    assert_eq!((log[0].sequence, log[1].sequence), (1, 2));
    assert_ne!(log[0].connection, log[1].connection);
    assert_eq!(log[0].call, "order/neworder");
    assert_eq!(log[0].request.path, "/rest/order/neworder/");
    assert!(log[0].request.text().contains("secret-0f0f0f0f0f0f"));
    assert_eq!(shop.server.hits("order/status"), 1);
    shop.server.forget_requests();
    assert_eq!(shop.server.requests().len(), 0);
}

#[test]
fn an_error_may_come_with_an_order_behind_it() {
    let shop = Shop::open();
    shop.store.set_switch("error_with_id", "on").unwrap();
    let answer = shop.call("order/neworder", order("positivessl", "example.com"));
    assert_eq!(answer["AuthResponse"]["isError"], true);
    assert!(answer["TheSSLStoreOrderID"].is_string());
    assert_eq!(shop.paid(), 1);
}
