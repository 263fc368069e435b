//! The simulated LeaderTelecom: calls of the public client, refusals and lists in every form that is
//! possible (leaderssl.md 2, 4, 8, 11 and the corrections).

use serde_json::{Value, json};

use crate::direct::{csr, no_violations, request, text};
use crate::sandbox::vendor::Vendor;
use crate::sandbox::vendor::leadertelecom::LeaderTelecom;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn vendor() -> (LeaderTelecom, String) {
    let vendor = LeaderTelecom::with_credentials("host", "secret");
    let sent = request(
        "POST",
        "/api/v1/users/signin",
        "",
        FORM,
        "login=host&password=secret",
    );
    let answer: Value = serde_json::from_str(&text(&vendor.handle(&sent))).unwrap();
    let token = answer["auth_token"].as_str().unwrap().to_owned();
    (vendor, token)
}

/// A call with the token in the address, as the public client makes it; status and answer.
fn call(shop: &(LeaderTelecom, String), method: &str, path: &str, body: &str) -> (u16, Value) {
    let query = format!("auth_token={}", shop.1);
    let kind = if body.is_empty() { "json" } else { JSON };
    let answer = shop.0.handle(&request(
        method,
        &format!("/api/v1/{path}"),
        &query,
        kind,
        body,
    ));
    (
        answer.status,
        serde_json::from_str(&text(&answer)).unwrap_or_default(),
    )
}

fn order(name: &str, csr: &str) -> String {
    json!({"order": {"items": [{"nomenclature_id": 5001, "days": 365, "domain_name": name,
        "csr": csr, "dcv_type": "CNAME_CSR_HASH", "unique_value": "a7Kp20Qz"}]}})
    .to_string()
}

#[test]
fn a_certificate_can_be_bought_before_its_request_is_known() {
    let shop = vendor();
    let body = json!({"nomenclature_id": 5001, "days": 365, "domain_name": "example.com",
        "standard_domains_count": 1, "wildcard_domains_count": 0});
    let (status, bought) = call(&shop, "POST", "preorder", &body.to_string());
    assert_eq!(status, 200);
    assert_eq!((shop.0.sales().len(), shop.0.balance()), (1, 99_100));
    let id = bought["id"].as_u64().unwrap();
    for path in [format!("preorders/{id}"), format!("preorders/{id}/issue")] {
        assert_eq!(
            call(&shop, "GET", &path, "").1["domain_name"],
            "example.com"
        );
    }
    let (_, list) = call(&shop, "POST", "preorders", "");
    assert_eq!(list.as_array().unwrap().len(), 1);
    assert_eq!(call(&shop, "GET", "preorders/1", "").0, 404);
    assert_eq!(shop.0.sales().len(), 1, "looking buys nothing");
    no_violations(&shop.0);
}

#[test]
fn lack_of_money_is_told_in_each_possible_form_and_nothing_is_sold() {
    for (word, status, place) in [
        ("bad-request", 400, "/error"),
        ("unprocessable", 422, "/errors/base/0"),
        ("server-error", 500, "/error"),
        ("with-200", 200, "/error"),
    ] {
        let shop = vendor();
        shop.0.set_balance(100);
        shop.0.set_switch("refusal", word).unwrap();
        let (told, answer) = call(
            &shop,
            "POST",
            "order",
            &order("example.com", &csr("example.com")),
        );
        assert_eq!(told, status, "{word}");
        let text = answer.pointer(place).and_then(Value::as_str).unwrap();
        assert!(text.contains("money"), "{word}: {answer}");
        assert_eq!(shop.0.sales(), []);
    }
}

#[test]
fn lists_show_orders_of_a_second_buyer_with_and_without_their_request() {
    let shop = vendor();
    let (ours, theirs) = (csr("example.com"), csr("example.com"));
    assert_eq!(
        call(&shop, "POST", "order", &order("example.com", &ours)).0,
        200
    );
    shop.0.order_by_hand("example.com", &theirs).unwrap();
    let list = || call(&shop, "GET", "ssl_certificates", "").1;
    let names = |list: &Value| -> Vec<String> {
        let lines = list.as_array().unwrap().iter();
        lines
            .map(|line| line["domain_name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(&list()), ["example.com", "example.com"]);
    assert!(list()[0].get("csr").is_none() && list()[1].get("csr").is_none());
    shop.0.set_switch("list_reply", "with-csr").unwrap();
    assert_eq!(list()[0]["csr"], ours);
    assert_eq!(list()[1]["csr"], theirs);
    shop.0.set_switch("list_reply", "with-mark").unwrap();
    assert_eq!(
        (&list()[0]["unique_value"], &list()[1]["unique_value"]),
        (&json!("a7Kp20Qz"), &json!(""))
    );
    no_violations(&shop.0);
}
