//! Does it exist already: the look before a purchase.

use serde_json::json;

use super::*;
use crate::ca::{CertificateAuthority, OrderRef, Reference, Sought, Token, Wanted};
use crate::failure::{Failure, Reason};

const SINCE: &str = "2026-08-01T10:00:00Z";
const SETTLED: &str = "2026-08-01T10:15:00Z";

fn sample() -> Purchase {
    purchase("positivessl", &["example.com"], &email("admin@example.com"))
}

/// What is seen before a purchase in a listing of these orders, with the keys of two attempts.
async fn seek(orders: Value) -> Result<Sought, Failure> {
    seek_beside(orders, &[]).await
}

/// The same beside orders that are not meant.
async fn seek_beside(orders: Value, passed: &[&str]) -> Result<Sought, Failure> {
    let text = orders.to_string();
    let server = Server::start(move |request| {
        let is_first = body_of(request)["PageNumber"].as_u64() == Some(1);
        ok(if is_first {
            text.clone()
        } else {
            "[]".to_owned()
        })
    })
    .await;
    let purchase = sample();
    let wanted = Wanted {
        purchase: &purchase,
        references: vec![purchase.key.clone(), IntentKey::new("SECOND")],
        passed: passed
            .iter()
            .map(|order| VendorOrderId::new(*order))
            .collect(),
        from: time(SINCE),
        now: time(SETTLED),
    };
    let seen = adapter(&server.url).seek(&wanted).await;
    assert_eq!(server.hits("order/neworder"), 0);
    seen
}

/// An order of our name and product, bought within the time asked for.
fn listed(id: &str, changes: Value) -> Value {
    let mut order = json!({
        "AuthResponse": {"isError": false},
        "TheSSLStoreOrderID": id,
        "CommonName": "example.com",
        "ProductCode": "positivessl",
        "PurchaseDateInUTC": "8/1/2026 10:05:00 AM",
        "OrderStatus": {"MajorStatus": "Pending"},
    });
    for (name, value) in changes.as_object().unwrap() {
        order[name] = value.clone();
    }
    order
}

#[tokio::test]
async fn the_latest_of_our_references_proves_an_order_before_a_purchase() {
    let first = listed("41", json!({"CustomOrderID": KEY}));
    let second = listed("42", json!({"CustomOrderID": "SECOND"}));
    let foreign = listed("43", json!({}));
    for orders in [
        json!([first, second, foreign]),
        json!([foreign, second, first]),
    ] {
        let Sought::Proved(placed) = seek(orders).await.unwrap() else {
            panic!("not proved")
        };
        assert_eq!(placed.order.as_str(), "42");
        let reference = (Reference::Client, "SECOND".to_owned());
        assert!(placed.references.contains(&reference));
    }
}

#[tokio::test]
async fn what_is_not_meant_hides_nothing_else_before_a_purchase() {
    let first = listed("41", json!({"CustomOrderID": KEY}));
    let twin = listed("42", json!({"CustomOrderID": KEY}));
    let bare = listed("43", json!({}));
    let orders = json!([first, twin, bare]);
    for (passed, shown) in [(&["41"][..], "42"), (&["42"], "41")] {
        let seen = seek_beside(orders.clone(), passed).await.unwrap();
        assert!(matches!(seen, Sought::Proved(placed) if placed.order.as_str() == shown));
    }
    let seen = seek_beside(orders.clone(), &["41", "42"]).await.unwrap();
    assert!(matches!(seen, Sought::Candidates(shown) if shown[0].order.as_str() == "43"));
    let seen = seek_beside(orders, &["41", "42", "43"]).await.unwrap();
    assert_eq!(seen, Sought::Nothing);
}

#[tokio::test]
async fn live_orders_of_name_product_and_time_are_candidates_before_a_purchase() {
    let cases = [
        ("nothing speaks against it", json!({}), true),
        (
            "the name in capitals",
            json!({"CommonName": "EXAMPLE.com"}),
            true,
        ),
        (
            "another name",
            json!({"CommonName": "a.example.com"}),
            false,
        ),
        ("no name", json!({"CommonName": ""}), false),
        ("another product", json!({"ProductCode": "rapidssl"}), false),
        (
            "somebody's reference",
            json!({"CustomOrderID": "other"}),
            false,
        ),
        (
            "an older one",
            json!({"PurchaseDateInUTC": "8/1/2026 9:59:00 AM"}),
            false,
        ),
        ("without a date", json!({"PurchaseDateInUTC": ""}), true),
        (
            "a cancelled one",
            json!({"OrderStatus": {"MajorStatus": "Cancelled"}}),
            false,
        ),
    ];
    for (what, changes, counts) in cases {
        match seek(json!([listed("41", changes)])).await.unwrap() {
            Sought::Candidates(shown) => {
                assert!(counts, "{what}: {shown:?}");
                assert_eq!(shown.len(), 1, "{what}");
                assert_eq!(shown[0].order.as_str(), "41", "{what}");
            }
            other => assert_eq!((other, counts), (Sought::Nothing, false), "{what}"),
        }
    }
}

/// The listing is refused, and still the order is seen by its reference.
#[tokio::test]
async fn a_listing_that_cannot_be_read_does_not_hide_our_reference() {
    let server = Server::start(|request| {
        let body = body_of(request);
        if body["PageNumber"].is_u64() {
            return ok(
                json!([{"AuthResponse": {"isError": true, "Message": ["odd"]}}]).to_string(),
            );
        }
        let asked = body["CustomOrderID"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        ok(if asked == KEY {
            listed("41", json!({"CustomOrderID": KEY})).to_string()
        } else {
            json!({"AuthResponse": {"isError": true, "Message": ["no such order"]}}).to_string()
        })
    })
    .await;
    let purchase = sample();
    let wanted = Wanted {
        purchase: &purchase,
        references: vec![purchase.key.clone(), IntentKey::new("SECOND")],
        passed: Vec::new(),
        from: time(SINCE),
        now: time(SETTLED),
    };
    let Sought::Proved(placed) = adapter(&server.url).seek(&wanted).await.unwrap() else {
        panic!("not proved")
    };
    assert_eq!(placed.order.as_str(), "41");
}

#[tokio::test]
async fn a_listing_that_cannot_be_read_is_blindness_before_a_purchase() {
    let without_number = json!([{"AuthResponse": {"isError": false}, "CommonName": "example.com"}]);
    for orders in [json!("text"), json!(7), without_number] {
        let seen = seek(orders.clone()).await;
        assert!(matches!(seen, Ok(Sought::Blind(_))), "{orders}: {seen:?}");
    }
    let purchase = sample();
    let wanted = Wanted {
        purchase: &purchase,
        references: Vec::new(),
        passed: Vec::new(),
        from: time(SINCE),
        now: time(SETTLED),
    };
    let server = serve(&[("order/query", "refused_credentials.json")]).await;
    assert!(adapter(&server.url).seek(&wanted).await.is_err());
}

/// Words in JSON under a status of the whole service are neither the end of a listing nor a listing that cannot be
/// read: no order goes on without the look, and none is called not placed.
#[tokio::test]
async fn a_status_of_the_service_is_never_an_answer_about_orders() {
    let plain = json!({"Message": "Service Unavailable"}).to_string();
    let verdict = json!({"AuthResponse": {"isError": true, "Message": ["Slow down"]}});
    let bodies = [
        plain,
        verdict.to_string(),
        json!([verdict]).to_string(),
        "[]".to_owned(),
        "7".to_owned(),
    ];
    for (status, reason) in [
        (503, Reason::VendorTrouble),
        (429, Reason::VendorTrouble),
        (403, Reason::AddressNotAllowed),
        (401, Reason::BadCredentials),
    ] {
        for (body, broken) in bodies.iter().flat_map(|body| [(body, 1), (body, 2)]) {
            let body = body.clone();
            let about = format!("{status} {body} on page {broken}");
            let server = Server::start(move |request| match call_of(request).as_str() {
                "order/query" if body_of(request)["PageNumber"].as_u64() == Some(broken) => {
                    Answer::Full(status, body.clone().into())
                }
                "order/query" => {
                    ok(json!([listed("41", json!({"CustomOrderID": "x"}))]).to_string())
                }
                "order/status" => reply("refused_unknown_code.json"),
                _ => reply("flat_ok.json"),
            })
            .await;
            let adapter = adapter(&server.url);
            let purchase = sample();
            let wanted = Wanted {
                purchase: &purchase,
                references: vec![purchase.key.clone()],
                passed: Vec::new(),
                from: time(SINCE),
                now: time(SETTLED),
            };
            let seen = adapter.seek(&wanted).await;
            assert_eq!(seen.map_err(|f| f.reason()), Err(reason), "{about}");
            let token = Token("r".to_owned());
            let located = adapter
                .locate(&purchase, &token, time(SINCE), time(SETTLED))
                .await;
            assert_eq!(located.map_err(|f| f.reason()), Err(reason), "{about}");
            let held = adapter.holdings(time(SETTLED)).await;
            assert_eq!(
                held.map(|held| held.len()).map_err(|f| f.reason()),
                Err(reason),
                "{about}"
            );
        }
    }
}

/// A call about one order as well: too many requests are no refusal, and the vendor's words are told.
#[tokio::test]
async fn a_status_of_the_service_is_no_refusal_of_one_order() {
    let body = json!({"AuthResponse": {"isError": true, "Message": ["Slow down"]}}).to_string();
    let server = Server::start(move |_| Answer::Full(429, body.clone().into())).await;
    let order = OrderRef {
        order: VendorOrderId::new("7700123"),
        template: template("positivessl"),
        csr_pem: None,
    };
    let failure = adapter(&server.url).status(&order).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
    assert!(
        failure.words().contains("too many requests ('Slow down')"),
        "{failure}"
    );
}
