//! Did it arrive?

use rcgen::{CertificateParams, KeyPair};
use serde_json::json;

use super::*;
use crate::ca::{CertificateAuthority, Located, Token};
use crate::failure::{Failure, Reason};

const SINCE: &str = "2026-08-01T10:00:00Z";
const EARLY: &str = "2026-08-01T10:14:59Z";
const SETTLED: &str = "2026-08-01T10:15:00Z";

fn sample() -> Purchase {
    purchase("positivessl", &["example.com"], &email("admin@example.com"))
}

async fn locate(
    server: &Server,
    purchase: &Purchase,
    token: &str,
    now: &str,
) -> Result<Located, Failure> {
    let token = Token(token.to_owned());
    adapter(&server.url)
        .locate(purchase, &token, time(SINCE), time(now))
        .await
}

fn is_found(located: &Located, id: &str) -> bool {
    matches!(located, Located::Found(placed, _) if placed.order.as_str() == id)
}

/// A listing of these references; pages of the asked size, or of the server's own.
async fn listing(references: Vec<String>, own_size: Option<usize>) -> Server {
    Server::start(move |request| {
        let call = call_of(request);
        if call == "order/status" {
            return reply("refused_unknown_code.json");
        }
        if call == "health/validate" {
            return reply("flat_ok.json");
        }
        let body = body_of(request);
        let number = |name: &str| usize::try_from(body[name].as_u64().unwrap()).unwrap();
        let size = own_size.unwrap_or(number("PageSize"));
        let orders: Vec<_> = references
            .iter()
            .enumerate()
            .skip((number("PageNumber") - 1) * size)
            .take(size)
            .map(|(index, reference)| {
                json!({
                    "AuthResponse": {"isError": false},
                    "TheSSLStoreOrderID": (1000 + index).to_string(),
                    "CustomOrderID": reference,
                })
            })
            .collect();
        ok(Value::from(orders).to_string())
    })
    .await
}

#[tokio::test]
async fn an_order_is_found_by_its_reference() {
    let server = serve(&[("order/status", "status_pending.json")]).await;
    let located = locate(&server, &sample(), "r", EARLY).await.unwrap();
    assert!(is_found(&located, "7700123"));
    assert_eq!(calls(&server), ["order/status"]);
}

#[tokio::test]
async fn an_order_of_another_reference_is_not_taken_for_ours() {
    let server = serve(&[("order/status", "neworder_foreign_reference.json")]).await;
    let located = locate(&server, &sample(), "r", SETTLED).await.unwrap();
    assert!(
        matches!(&located, Located::Candidates(shown) if shown.len() == 1),
        "{located:?}"
    );
}

#[tokio::test]
async fn an_order_is_found_on_any_page_of_the_listing() {
    for (before, own_size) in [
        (0, None),
        (99, None),
        (100, None),
        (250, None),
        (60, Some(25)),
    ] {
        let mut references: Vec<_> = (0..before).map(|index| format!("other{index}")).collect();
        references.push(KEY.to_owned());
        let server = listing(references, own_size).await;
        let located = locate(&server, &sample(), "r", EARLY).await.unwrap();
        assert!(
            is_found(&located, &(1000 + before).to_string()),
            "{before} {located:?}"
        );
    }
}

#[tokio::test]
async fn nothing_found_is_believed_after_the_settle_time_only() {
    for count in [0, 3, 100, 150] {
        let others = || (0..count).map(|index| format!("other{index}")).collect();
        let server = listing(others(), None).await;
        let located = locate(&server, &sample(), "r", EARLY).await.unwrap();
        assert!(matches!(located, Located::TooEarly(_)), "{count}");
        let server = listing(others(), None).await;
        let located = locate(&server, &sample(), "r", SETTLED).await.unwrap();
        assert_eq!(located, Located::NotPlaced, "{count}");
        // An empty listing may also mean that the vendor no longer knows the account.
        assert_eq!(server.hits("health/validate"), 1, "{count}");
    }
}

#[tokio::test]
async fn two_orders_of_one_reference_are_a_persons_affair() {
    let server = listing(vec![KEY.to_owned(), KEY.to_owned()], None).await;
    let located = locate(&server, &sample(), "r", SETTLED).await.unwrap();
    let Located::Candidates(shown) = located else {
        panic!("{located:?}");
    };
    let shown: Vec<&str> = shown.iter().map(|one| one.order.as_str()).collect();
    assert_eq!(shown, ["1000", "1001"]);
}

#[tokio::test]
async fn a_look_up_that_fails_never_says_not_placed() {
    // reply of order/status, reply of order/query, reply of health/validate
    let unknown = "refused_unknown_code.json";
    let cases = [
        ("page.html", "list_empty.json", "flat_ok.json"),
        ("empty.txt", "list_empty.json", "flat_ok.json"),
        ("truncated.json", "list_empty.json", "flat_ok.json"),
        (
            "refused_credentials.json",
            "list_empty.json",
            "flat_ok.json",
        ),
        (unknown, "page.html", "flat_ok.json"),
        (unknown, "empty.txt", "flat_ok.json"),
        (unknown, "truncated.json", "flat_ok.json"),
        (unknown, "flat_ok.json", "flat_ok.json"),
        (unknown, "refused_in_a_list.json", "flat_ok.json"),
        (unknown, "refused_unknown_code.json", "flat_ok.json"),
        (unknown, "refused_credentials.json", "flat_ok.json"),
        (unknown, "list_empty.json", "flat_error.json"),
        (unknown, "list_empty.json", "page.html"),
    ];
    for (status, query, validate) in cases {
        let server = Server::start(move |request| {
            reply(match call_of(request).as_str() {
                "order/status" => status,
                "order/query" => query,
                _ => validate,
            })
        })
        .await;
        let outcome = locate(&server, &sample(), "r", SETTLED).await;
        let silent = matches!(outcome, Err(_) | Ok(Located::CannotTell(_)));
        assert!(silent, "{status} {query} {validate}: {outcome:?}");
    }
    for answer in [|| Answer::Close, || Answer::Full(502, Vec::new())] {
        let server = Server::start(move |_| answer()).await;
        let failure = locate(&server, &sample(), "r", SETTLED).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::VendorTrouble);
    }
}

#[tokio::test]
async fn a_listing_that_cannot_be_complete_is_not_believed() {
    let order = |id: Value| json!({"AuthResponse": {"isError": false}, "TheSSLStoreOrderID": id, "CustomOrderID": "x"});
    let without_number = Value::from(vec![order(Value::Null)]).to_string();
    let listed: Vec<_> = (0..100).map(|id| order(Value::from(1000 + id))).collect();
    let repeating = Value::from(listed).to_string();
    let positional = json!([["1000", KEY]]).to_string();
    for page in [without_number, repeating, positional] {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "order/status" => reply("refused_unknown_code.json"),
            _ => ok(page.clone()),
        })
        .await;
        let located = locate(&server, &sample(), "r", SETTLED).await.unwrap();
        assert!(matches!(located, Located::CannotTell(_)), "{located:?}");
    }
}

#[tokio::test]
async fn an_error_behind_the_last_page_ends_the_listing() {
    let server = Server::start(|request| match call_of(request).as_str() {
        "order/status" => reply("refused_unknown_code.json"),
        "health/validate" => reply("flat_ok.json"),
        _ if body_of(request)["PageNumber"] == 1 => ok(json!([
            {"AuthResponse": {"isError": false}, "TheSSLStoreOrderID": "1000", "CustomOrderID": "x"}
        ])
        .to_string()),
        _ => reply("refused_in_a_list.json"),
    })
    .await;
    let located = locate(&server, &sample(), "r", SETTLED).await.unwrap();
    assert_eq!(located, Located::NotPlaced);
}

/// Refused behind a full page: nothing is known of what is behind it, and no other page size would tell: a server may count
/// orders instead of pages.
#[tokio::test]
async fn a_listing_that_breaks_off_behind_a_full_page_is_not_believed() {
    let server = Server::start(|request| match call_of(request).as_str() {
        "order/status" => reply("refused_unknown_code.json"),
        "order/query" => page_of(200, request),
        _ => reply("flat_ok.json"),
    })
    .await;
    let located = locate(&server, &sample(), "r", SETTLED).await.unwrap();
    assert!(matches!(located, Located::CannotTell(_)), "{located:?}");
    assert_eq!(server.hits("order/query"), 3);
}

/// A CSR and a certificate of one new key.
fn csr_and_certificate() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["example.com".to_owned()]).unwrap();
    let csr = params.serialize_request(&key).unwrap().pem().unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    (csr, certificate)
}

/// The order in this state, with these files to download.
async fn reissue_server(state: &'static str, certificate: String) -> Server {
    Server::start(move |request| match call_of(request).as_str() {
        "order/status" => reply(state),
        _ => ok(json!({
            "AuthResponse": {"isError": false},
            "Certificates": [{"FileName": "example_com.crt", "FileContent": certificate}],
        })
        .to_string()),
    })
    .await
}

#[tokio::test]
async fn a_reissue_is_located_by_what_has_changed() {
    #[derive(Debug, PartialEq)]
    enum Seen {
        Found,
        NotPlaced,
        TooEarly,
        CannotTell,
    }
    let (csr, ours) = csr_and_certificate();
    let (_, foreign) = csr_and_certificate();
    let before = "r;00a1b2;1785628800";
    // state, token, certificate at the vendor, now, seen
    let cases = [
        (
            "status_reissuing.json",
            before,
            &foreign,
            EARLY,
            Seen::Found,
        ),
        ("status_reissued.json", before, &ours, EARLY, Seen::Found),
        (
            "status_reissued.json",
            before,
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_active.json",
            before,
            &foreign,
            EARLY,
            Seen::TooEarly,
        ),
        (
            "status_active.json",
            before,
            &foreign,
            SETTLED,
            Seen::NotPlaced,
        ),
        // The same key as before does not make the old certificate a new one.
        (
            "status_active.json",
            before,
            &ours,
            SETTLED,
            Seen::NotPlaced,
        ),
        (
            "status_active_bare.json",
            before,
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_active.json",
            "r;;",
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_active.json",
            "r",
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_active.json",
            "?",
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_pending.json",
            before,
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_cancelled.json",
            before,
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
        (
            "status_expired.json",
            before,
            &foreign,
            SETTLED,
            Seen::CannotTell,
        ),
    ];
    for (state, token, certificate, now, expected) in cases {
        let mut purchase = reissue_of(sample(), &[]);
        purchase.csr_pem.clone_from(&csr);
        let server = reissue_server(state, certificate.clone()).await;
        let located = locate(&server, &purchase, token, now).await.unwrap();
        let seen = match located {
            Located::Found(placed, _) => {
                assert_eq!(placed.order.as_str(), "7700123");
                Seen::Found
            }
            Located::NotPlaced => Seen::NotPlaced,
            Located::TooEarly(_) => Seen::TooEarly,
            Located::CannotTell(_) | Located::Candidates(_) | Located::Resendable => {
                Seen::CannotTell
            }
        };
        assert_eq!(seen, expected, "{state} {token} {now}");
    }
}

#[tokio::test]
async fn a_reissue_whose_order_cannot_be_read_is_not_located() {
    let purchase = reissue_of(sample(), &[]);
    for state in [
        "page.html",
        "refused_unknown_code.json",
        "status_other_order.json",
    ] {
        let server = reissue_server(state, String::new()).await;
        let outcome = locate(&server, &purchase, "r;00a1b2;1785628800", SETTLED).await;
        assert!(outcome.is_err(), "{state}: {outcome:?}");
    }
}
