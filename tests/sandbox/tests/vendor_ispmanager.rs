//! The simulated billing of Ispmanager is a BILLmanager to anybody (ispmanager.md 2 to 5, 8, corrections).

use serde_json::{Value, json};

use crate::direct::{csr, no_violations, request, text};
use crate::sandbox::vendor::ispmanager::{CODE, Ispmanager, LOGIN, PASSWORD};
use crate::sandbox::vendor::xml::read;
use crate::sandbox::vendor::{Approval, Vendor};

const FORM: &str = "application/x-www-form-urlencoded";

fn encoded(fields: &[(&str, &str)]) -> String {
    let escaped =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn who() -> (&'static str, String) {
    ("authinfo", format!("{LOGIN}:{PASSWORD}"))
}

/// A form by POST with login and password; the answer's text.
fn post(vendor: &Ispmanager, fields: &[(&str, &str)]) -> String {
    let (name, value) = who();
    let mut all = vec![(name, value.as_str())];
    all.extend_from_slice(fields);
    text(&vendor.handle(&request("POST", "/billmgr", "", FORM, &encoded(&all))))
}

fn post_json(vendor: &Ispmanager, fields: &[(&str, &str)]) -> Value {
    serde_json::from_str(&post(vendor, fields)).unwrap()
}

fn contacts() -> Vec<(&'static str, &'static str)> {
    let mut fields = Vec::new();
    for prefix in [
        [
            "adm_fname",
            "adm_lname",
            "adm_jtitle",
            "adm_email",
            "adm_phone",
        ],
        [
            "tech_fname",
            "tech_lname",
            "tech_jtitle",
            "tech_email",
            "tech_phone",
        ],
    ] {
        fields.extend(prefix.map(|name| (name, "ann@example.com")));
    }
    fields
}

#[test]
fn whoever_asks_by_get_or_json_is_answered_in_the_form_that_was_asked_for() {
    let vendor = Ispmanager::new();
    let (name, value) = who();
    let query = |out: &str| encoded(&[(name, &value), ("func", "whoami"), ("out", out)]);
    let get = |out: &str| text(&vendor.handle(&request("GET", "/billmgr", &query(out), "", "")));
    assert!(get("xml").contains("<user name=\"reseller@example.com\""));
    for out in ["json", "sjson"] {
        let answer: Value = serde_json::from_str(&get(out)).unwrap();
        assert_eq!(answer["doc"]["user"]["$level"], "16");
    }
    let body = json!({name: value, "func": "country", "out": "json"}).to_string();
    let answer = vendor.handle(&request("POST", "/billmgr", "", "application/json", &body));
    let answer: Value = serde_json::from_str(&text(&answer)).unwrap();
    assert_eq!(answer["doc"]["elem"][0]["iso2"]["$"], "RU");
    no_violations(&vendor);
}

#[test]
fn the_billing_makes_key_and_request_where_it_is_asked_to() {
    let vendor = Ispmanager::new();
    let step = [
        ("func", "certificate.order.csr"),
        ("sok", "ok"),
        ("snext", "ok"),
        ("crt_type", "generate"),
        ("field_country", "74"),
        ("period", "12"),
        ("pricelist", "3033"),
        ("CN", "shop.example.com"),
        ("ST", "Hamburg"),
        ("L", "Hamburg"),
        ("O", "Example GmbH"),
        ("out", "bjson"),
    ];
    let made = post_json(&vendor, &step);
    assert_eq!(made["ok"], true);
    let (csr, key) = (
        made["model"]["csr"].as_str().unwrap(),
        made["model"]["key"].as_str().unwrap(),
    );
    let mut order = vec![
        ("func", "certificate.order.param"),
        ("sok", "ok"),
        ("skipbasket", "on"),
        ("crt_type", "generate"),
        ("period", "12"),
        ("pricelist", "3033"),
        ("CN", "shop.example.com"),
        ("csr", csr),
        ("key", key),
        ("approver_email_1", "admin@shop.example.com"),
        ("out", "sjson"),
    ];
    order.extend(contacts());
    let placed = post_json(&vendor, &order);
    let id = placed["doc"]["id"]["$"].as_str().unwrap();
    vendor.approve(id, &Approval::All).unwrap();
    assert!(vendor.orders()[0].serial.is_some());
    no_violations(&vendor);
}

#[test]
fn an_organization_product_is_sold_and_issued() {
    let vendor = Ispmanager::new();
    let request = csr("shop.example.com");
    let mut order = vec![
        ("func", "certificate.order.param"),
        ("sok", "ok"),
        ("skipbasket", "on"),
        ("crt_type", "existing"),
        ("period", "12"),
        ("pricelist", "2026"),
        ("CN", "shop.example.com"),
        ("csr", request.as_str()),
        ("org_name", "Example GmbH"),
        ("org_address", "Weg 1"),
        ("org_city", "Hamburg"),
        ("org_postcode", "20095"),
        ("org_country", "DE"),
        ("org_phone", "+49 40 5550100"),
        ("out", "xml"),
    ];
    order.extend(contacts());
    let placed = read(&post(&vendor, &order)).unwrap();
    let id = placed.value("id").unwrap();
    vendor
        .approve(id, &Approval::Name("shop.example.com".to_owned()))
        .unwrap();
    assert_eq!(
        vendor.orders()[0].serial,
        None,
        "the applicant is not verified yet"
    );
    vendor.approve(id, &Approval::Organization).unwrap();
    assert!(vendor.orders()[0].serial.is_some());
    assert_eq!(vendor.sales().len(), 1);
    no_violations(&vendor);
}

#[test]
fn functions_that_a_client_has_not_are_refused_as_by_any_billmanager() {
    let vendor = Ispmanager::new();
    for (function, kind) in [
        ("soft.edit", "value"),
        ("session.newkey", "access"),
        ("certificate.delete", "missed"),
    ] {
        let fields = [
            ("func", function),
            ("elid", "1"),
            ("sok", "ok"),
            ("out", "json"),
        ];
        assert_eq!(post_json(&vendor, &fields)["doc"]["error"]["$type"], kind);
    }
    no_violations(&vendor);
    post(&vendor, &[("func", "certificate.explode"), ("out", "xml")]);
    assert_eq!(vendor.violations().len(), 1);
}

#[test]
fn a_second_factor_stands_before_all_data_and_opens_a_session() {
    let vendor = Ispmanager::new();
    vendor.set_switch("two-factor", "on").unwrap();
    let ask = |fields: &[(&str, &str)]| {
        let sent = request("POST", "/billmgr", "", FORM, &encoded(fields));
        read(&text(&vendor.handle(&sent))).unwrap()
    };
    let list = |session: &str| ask(&[("auth", session), ("func", "certificate"), ("out", "xml")]);
    let opened = ask(&[
        ("func", "auth"),
        ("username", LOGIN),
        ("password", PASSWORD),
        ("out", "xml"),
    ]);
    let first = opened.value("auth").unwrap().to_owned();
    assert!(list(&first).child("ok").is_some() && list(&first).child("p_elems").is_none());
    let confirm = |code: &str| {
        ask(&[
            ("auth", &first),
            ("func", "totp.confirm"),
            ("qrcode", code),
            ("sok", "ok"),
            ("out", "xml"),
        ])
    };
    assert!(confirm("000000").child("error").is_some());
    let second = confirm(CODE).value("auth").unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(list(&second).value("p_elems"), Some("0"));
    assert!(
        list(&first).child("error").is_some(),
        "the first number is spent"
    );
    no_violations(&vendor);
}

#[test]
fn what_no_source_shows_in_bjson_is_not_made_up() {
    let vendor = Ispmanager::new();
    let (name, value) = who();
    let body = encoded(&[(name, &value), ("func", "country"), ("out", "bjson")]);
    let answer = vendor.handle(&request("POST", "/billmgr", "", FORM, &body));
    assert_eq!(answer.status, 501);
    assert_eq!(vendor.violations().len(), 1);
}
