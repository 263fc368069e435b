use proptest::prelude::*;

use super::super::paid;
use super::*;
use crate::ca::http::{Reply, Room, SendFailure};
use crate::ca::{CertificateAuthority, Permit, Placed, Reference, Submission, Token, Unplaced};
use crate::domain::text::Words;
use crate::failure::{Failure, FailureKind, Reason};

fn new_order(answer: Result<Reply, SendFailure>, key: &IntentKey) -> Result<Placed, Failure> {
    paid::new_order(answer, key).map_err(Unplaced::failure)
}

fn reissue(
    answer: Result<Reply, SendFailure>,
    key: &IntentKey,
    order: &VendorOrderId,
) -> Result<Placed, Failure> {
    paid::reissue(answer, key, order).map_err(Unplaced::failure)
}

fn answer(status: u16, body: impl Into<Vec<u8>>) -> Result<Reply, SendFailure> {
    Ok(Reply {
        status,
        content_type: Some("application/json".to_owned()),
        body: body.into(),
        retry_after: None,
        date: None,
        location: None,
        room: Room::default(),
    })
}

fn bought(name: &str) -> Result<Placed, Failure> {
    new_order(
        answer(200, fixture(&format!("replies/{name}"))),
        &IntentKey::new(KEY),
    )
}

fn reissued(name: &str) -> Result<Placed, Failure> {
    let body = fixture(&format!("replies/{name}"));
    let order = VendorOrderId::new("7700123");
    reissue(answer(200, body), &IntentKey::new(KEY), &order)
}

#[test]
fn a_reply_with_an_order_number_is_an_order() {
    let placed = bought("neworder_placed.json").unwrap();
    assert_eq!(placed.order.as_str(), "7700123");
    assert_eq!(placed.remark, None);
    assert_eq!(placed.validation.len(), 3);
    assert!(
        placed
            .references
            .contains(&(Reference::Client, KEY.to_owned()))
    );
    assert!(
        placed
            .references
            .contains(&(Reference::Authority, "510000001".to_owned()))
    );
    for name in ["neworder_numeric_id.json", "neworder_in_a_list.json"] {
        assert_eq!(bought(name).unwrap().order.as_str(), "7700123", "{name}");
    }
}

#[test]
fn an_error_beside_an_order_number_is_an_order_with_a_remark() {
    let placed = bought("neworder_error_with_id.json").unwrap();
    assert_eq!(placed.order.as_str(), "7700123");
    assert!(
        placed
            .remark
            .unwrap()
            .contains("confirmation mail was not sent")
    );
}

#[test]
fn a_refusal_needs_an_error_verdict_and_no_order_number() {
    let cases = [
        (
            "refused_credentials.json",
            Reason::BadCredentials,
            "Authentication failed",
        ),
        (
            "refused_authority.json",
            Reason::Rejected,
            "apprepcountryname",
        ),
        (
            "refused_funds.json",
            Reason::LowFunds,
            "Insufficient balance",
        ),
        (
            "refused_unknown_code.json",
            Reason::Rejected,
            "Something else (code -7777)",
        ),
        ("refused_text_message.json", Reason::Rejected, "plain words"),
        ("refused_in_a_list.json", Reason::Rejected, "no"),
        ("refused_zero_id.json", Reason::Rejected, "no"),
    ];
    for (name, reason, words) in cases {
        for failure in [bought(name).unwrap_err(), reissued(name).unwrap_err()] {
            assert_eq!(failure.reason(), reason, "{name}");
            assert!(failure.words().contains(words), "{name}: {failure}");
        }
    }
}

const UNCLEAR: [&str; 9] = [
    "page.html",
    "empty.txt",
    "truncated.json",
    "no_id.json",
    "no_verdict.json",
    "wrong_types.json",
    "two_ids.json",
    "list_empty.json",
    "neworder_foreign_reference.json",
];

#[test]
fn whatever_is_not_clear_is_unknown() {
    for name in UNCLEAR {
        let failure = bought(name).unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Unknown, "{name}: {failure}");
        assert_eq!(failure.offending_value(), KEY, "{name}");
    }
}

#[test]
fn any_status_outside_200_to_299_is_unknown_whatever_the_body_says() {
    let key = IntentKey::new(KEY);
    let order = VendorOrderId::new("7700123");
    for status in [307, 400, 401, 403, 404, 429, 500, 502, 503] {
        for name in [
            "refused_authority.json",
            "neworder_placed.json",
            "page.html",
        ] {
            let body = fixture(&format!("replies/{name}"));
            let failure = new_order(answer(status, body.clone()), &key).unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Unknown, "{status} {name}");
            let failure = reissue(answer(status, body), &key, &order).unwrap_err();
            assert_eq!(failure.kind(), FailureKind::Unknown, "{status} {name}");
        }
    }
}

#[test]
fn a_request_that_never_left_may_be_sent_later() {
    let key = IntentKey::new(KEY);
    let not_sent = Err(SendFailure::NotSent(Words::verbatim("refused")));
    assert_eq!(
        new_order(not_sent, &key).unwrap_err().kind(),
        FailureKind::Transient
    );
    let lost = Err(SendFailure::Lost(Words::verbatim("reset")));
    let failure = new_order(lost, &key).unwrap_err();
    assert_eq!(
        (failure.kind(), failure.offending_value()),
        (FailureKind::Unknown, KEY)
    );
}

#[test]
fn a_reissue_is_known_by_its_verdict_because_its_order_existed_before() {
    assert_eq!(
        reissued("neworder_placed.json").unwrap().order.as_str(),
        "7700123"
    );
    assert_eq!(reissued("no_id.json").unwrap().order.as_str(), "7700123");
    let unclear = [
        "neworder_error_with_id.json",
        "status_other_order.json",
        "two_ids.json",
        "no_verdict.json",
        "wrong_types.json",
        "page.html",
        "truncated.json",
        "empty.txt",
    ];
    for name in unclear {
        assert_eq!(
            reissued(name).unwrap_err().kind(),
            FailureKind::Unknown,
            "{name}"
        );
    }
}

fn permit() -> Permit {
    Permit::for_tests()
}

#[tokio::test]
async fn an_order_is_sent_exactly_once_whatever_the_vendor_does() {
    type Case = (&'static str, fn() -> Answer);
    let cases: [Case; 10] = [
        ("close", || Answer::Close),
        ("stall", || Answer::Stall),
        ("cut", || {
            Answer::Raw(
                b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"AuthResponse\":".to_vec(),
            )
        }),
        ("cut before the head", || {
            Answer::Raw(b"HTTP/1.1 2".to_vec())
        }),
        ("500", || Answer::Full(500, Vec::new())),
        ("503", || {
            Answer::Full(503, fixture("replies/page.html").into())
        }),
        ("429", || Answer::RetryAfter(429, 0)),
        ("redirect", || {
            Answer::Redirect("/rest/order/neworder".to_owned())
        }),
        ("empty", || ok("")),
        ("page", || ok("<html></html>")),
    ];
    let purchase = purchase("positivessl", &["example.com"], &email("admin@example.com"));
    for (case, answer) in cases {
        let server = Server::start(move |_| answer()).await;
        let failure = adapter(&server.url)
            .submit(&purchase, &Token("r".to_owned()), permit())
            .await
            .result()
            .unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Unknown, "{case}: {failure}");
        assert_eq!(calls(&server), ["order/neworder"], "{case}");
        assert!(!failure.chain().contains(TOKEN), "{case}");
    }
}

#[tokio::test]
async fn an_order_to_a_closed_door_was_not_sent() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let purchase = purchase("positivessl", &["example.com"], &email("admin@example.com"));
    let outcome = adapter(&url)
        .submit(&purchase, &Token("r".to_owned()), permit())
        .await
        .result();
    assert_eq!(outcome.unwrap_err().reason(), Reason::Unreachable);
}

#[tokio::test]
async fn a_refused_order_is_sent_once_and_told() {
    let purchase = purchase("positivessl", &["example.com"], &email("admin@example.com"));
    let server = serve(&[("order/neworder", "refused_funds.json")]).await;
    let outcome = adapter(&server.url)
        .submit(&purchase, &Token("r".to_owned()), permit())
        .await
        .result();
    assert_eq!(outcome.unwrap_err().kind(), FailureKind::Funds);
    assert_eq!(server.hits("order/neworder"), 1);
}

#[tokio::test]
async fn a_reissue_reads_its_order_first_and_sends_nothing_when_that_fails() {
    let purchase = reissue_of(
        purchase("positivessl", &["example.com"], &email("admin@example.com")),
        &[],
    );
    let not_alive: [&'static str; 5] = [
        "status_reissuing.json",
        "status_cancelled.json",
        "status_active_no_contact.json",
        "refused_credentials.json",
        "page.html",
    ];
    for status in not_alive {
        let server = Server::start(move |_| super::reply(status)).await;
        let outcome = adapter(&server.url)
            .submit(&purchase, &Token("r;;".to_owned()), permit())
            .await;
        assert!(
            matches!(outcome, Submission::NotSent(_)),
            "{status}: {outcome:?}"
        );
        assert_eq!(server.hits("order/reissue"), 0, "{status}");
    }
    let server = serve(&[
        ("order/status", "status_active.json"),
        ("order/reissue", "status_reissuing.json"),
    ])
    .await;
    let placed = adapter(&server.url)
        .submit(&purchase, &Token("r;;".to_owned()), permit())
        .await
        .result()
        .unwrap();
    assert_eq!(placed.order.as_str(), "7700123");
    assert_eq!(calls(&server), ["order/status", "order/reissue"]);
    assert_eq!(
        body_of(&server.requests()[1])["ReissueEmail"],
        "ann@example.com"
    );
}

#[tokio::test]
async fn an_order_is_sent_in_the_form_that_was_remembered() {
    let purchase = purchase("positivessl", &["example.com"], &email("admin@example.com"));
    for (token, encoded) in [("r", false), ("p", true), ("", false)] {
        let server = serve(&[("order/neworder", "neworder_placed.json")]).await;
        adapter(&server.url)
            .submit(&purchase, &Token(token.to_owned()), permit())
            .await
            .result()
            .unwrap();
        let csr = body_of(&server.requests()[0])["CSR"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(csr.contains("%20"), encoded, "{token}");
    }
}

/// What rule 11.6 allows to be believed, written down a second time.
fn check_rule(
    status: u16,
    body: &[u8],
    outcome: &Result<Placed, Failure>,
) -> Result<(), TestCaseError> {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    let is_json = serde_json::from_slice::<Value>(body).is_ok();
    match outcome {
        Ok(placed) => {
            prop_assert!((200..300).contains(&status) && is_json);
            prop_assert!(text.contains("thesslstoreorderid"));
            prop_assert!(text.contains(&placed.order.as_str().to_ascii_lowercase()));
        }
        Err(failure) if failure.kind() == FailureKind::Unknown => {}
        Err(failure) => {
            let refused = [FailureKind::Rejected, FailureKind::Auth, FailureKind::Funds];
            prop_assert!(refused.contains(&failure.kind()), "{}", failure);
            prop_assert!((200..300).contains(&status) && is_json);
            prop_assert!(text.contains("iserror") && text.contains("true"));
            prop_assert!(!text.contains("7700"), "{}", text);
        }
    }
    Ok(())
}

/// JSON made of the words that matter, in all wrong places. Every order number begins with 7700.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        Just(Value::from("7700123")),
        Just(Value::from(7_700_124)),
        Just(Value::from("true")),
        Just(Value::from("")),
        Just(Value::from("0")),
        any::<bool>().prop_map(Value::from),
    ];
    let word = prop_oneof![
        Just("AuthResponse"),
        Just("isError"),
        Just("IsError"),
        Just("Message"),
        Just("TheSSLStoreOrderID"),
        Just("thesslstoreorderid"),
        Just("CustomOrderID"),
        Just("OrderStatus"),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..5).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(k, v)| (k.to_owned(), v))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn bytes_are_never_a_sale_or_a_refusal_unless_the_rule_holds(
        status in prop_oneof![Just(200u16), 100u16..600],
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let outcome = new_order(answer(status, body.clone()), &IntentKey::new(KEY));
        check_rule(status, &body, &outcome)?;
    }

    #[test]
    fn odd_json_is_never_a_sale_or_a_refusal_unless_the_rule_holds(
        status in prop_oneof![Just(200u16), Just(500u16)],
        value in any_json(),
    ) {
        let body = value.to_string().into_bytes();
        let outcome = new_order(answer(status, body.clone()), &IntentKey::new(KEY));
        // An order number elsewhere than under its name is only a text.
        let mut ids = Vec::new();
        named_ids(&value, &mut ids);
        match &outcome {
            Ok(placed) => prop_assert!(ids.contains(&placed.order.to_string())),
            Err(failure) if failure.kind() != FailureKind::Unknown => {
                prop_assert!(ids.is_empty(), "{:?}", ids);
                prop_assert_eq!(status, 200);
                prop_assert!(says_error(&value), "{}", value);
            }
            Err(_) => {}
        }
    }

    #[test]
    fn a_shortened_answer_is_never_a_refusal(length in 0usize..1500) {
        for name in ["neworder_placed.json", "refused_authority.json"] {
            let whole = fixture(&format!("replies/{name}"));
            let whole = whole.trim_end();
            if length < whole.len() {
                let body = whole.as_bytes()[..length].to_vec();
                let outcome = new_order(answer(200, body), &IntentKey::new(KEY));
                prop_assert_eq!(outcome.unwrap_err().kind(), FailureKind::Unknown);
            }
        }
    }
}

/// Order numbers in the reply, by an own walk.
fn named_ids(value: &Value, ids: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if name.to_lowercase() == "thesslstoreorderid" {
                    let text = member.to_string().replace('"', "");
                    if !["", "0", "null"].contains(&text.as_str()) {
                        ids.push(text);
                    }
                } else {
                    named_ids(member, ids);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named_ids(item, ids)),
        _ => {}
    }
}

/// Whether the reply, or the one element of a list, has an error verdict in one of its two places.
fn says_error(value: &Value) -> bool {
    let one = value.as_array().map_or(value, |items| &items[0]);
    [&one["AuthResponse"], one].into_iter().any(|place| {
        ["isError", "IsError"]
            .into_iter()
            .any(|name| place[name] == true || place[name] == "true")
    })
}
