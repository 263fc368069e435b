//! Signing in, tokens, and how often each call is sent.

use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const BALANCE: &str = r#"{"balance": "5.00", "currency": "EUR"}"#;

fn denied() -> Answer {
    Answer::Full(401, br#"{"error": "Authentication required"}"#.to_vec())
}

#[tokio::test]
async fn the_sign_in_is_a_form_and_the_token_a_header() {
    let server = serve(|_| ok(BALANCE)).await;
    adapter(&server.url).balance().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].line, "POST /api/v1/users/signin HTTP/1.1");
    assert!(
        requests[0]
            .headers
            .contains("content-type: application/x-www-form-urlencoded")
    );
    assert!(requests[0].headers.contains("accept: application/json"));
    let body = String::from_utf8(requests[0].body.clone()).unwrap();
    assert_eq!(
        body,
        format!("login=billing%40host.example&password={PASSWORD}")
    );
    assert_eq!(requests[1].line, "GET /api/v1/billing/balance HTTP/1.1");
    assert!(
        requests[1]
            .headers
            .contains(&format!("x-auth-token: {TOKEN}").to_lowercase())
    );
}

#[tokio::test]
async fn the_token_can_travel_in_the_query() {
    let server = serve(|_| ok("[]")).await;
    let adapter = adapter_with(&settings(&server.url), &[("TokenPlace", "query")]);
    adapter.products().await.unwrap();
    let request = &server.requests()[1];
    assert_eq!(
        request.line,
        format!("GET /api/v1/products?ssl=1&auth_token={TOKEN} HTTP/1.1")
    );
    assert!(!request.headers.contains("x-auth-token"));
}

#[tokio::test]
async fn one_run_signs_in_once() {
    let server = serve(|_| ok(BALANCE)).await;
    let adapter = adapter(&server.url);
    for _ in 0..3 {
        adapter.balance().await.unwrap();
    }
    adapter.check().await.unwrap();
    assert_eq!(server.hits("users/signin"), 1);
    assert_eq!(server.hits("billing/balance"), 4);
}

#[tokio::test]
async fn a_read_with_an_expired_token_signs_in_again_once() {
    let served = AtomicUsize::new(0);
    let server = serve(move |_| match served.fetch_add(1, Ordering::SeqCst) {
        1 => denied(),
        _ => ok(BALANCE),
    })
    .await;
    let adapter = adapter(&server.url);
    adapter.balance().await.unwrap();
    adapter.balance().await.unwrap();
    assert_eq!(
        (server.hits("users/signin"), server.hits("billing/balance")),
        (2, 3)
    );
}

#[tokio::test]
async fn a_token_that_is_never_taken_does_not_lead_to_a_loop() {
    let server = serve(|_| denied()).await;
    let adapter = adapter(&server.url);
    let failure = adapter.balance().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert_eq!(
        (server.hits("users/signin"), server.hits("billing/balance")),
        (1, 1)
    );
    let failure = adapter.balance().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert_eq!(
        (server.hits("users/signin"), server.hits("billing/balance")),
        (2, 3)
    );
}

#[tokio::test]
async fn an_order_is_not_sent_again_with_a_new_token() {
    let served = AtomicUsize::new(0);
    let server = serve(move |request| match call_of(request).as_str() {
        "order" if served.fetch_add(1, Ordering::SeqCst) == 0 => denied(),
        "order" => ok(r#"{"certificate_id": 7001}"#),
        _ => ok("[]"),
    })
    .await;
    let adapter = adapter(&server.url);
    let order = simple();
    let token = adapter
        .prepare(&order, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let failure = adapter
        .submit(&order, &token, permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert_eq!(server.hits("POST /api/v1/order"), 1);
    assert_eq!(server.hits("users/signin"), 1);
    // The next intent starts with a token of its own.
    adapter
        .submit(&order, &token, permit())
        .await
        .result()
        .unwrap();
    assert_eq!(server.hits("users/signin"), 2);
}

#[tokio::test]
async fn refused_credentials_are_told_and_not_tried_again() {
    let server = Server::start(|_| denied()).await;
    let adapter = adapter(&server.url);
    let failure = adapter.check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    let failure = adapter
        .submit(&simple(), &Token::default(), permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert_eq!(server.hits("signin"), 2);
    assert_eq!(server.hits("order"), 0);
}

#[tokio::test]
async fn an_unreadable_sign_in_means_that_the_order_was_not_sent() {
    for body in [
        "",
        "<html>",
        "{}",
        r#"{"auth_token": ""}"#,
        r#"{"auth_token": "a b"}"#,
        r#"{"auth_token": 5}"#,
    ] {
        let server = Server::start(move |_| ok(body)).await;
        let adapter = adapter(&server.url);
        let failure = adapter.check().await.unwrap_err();
        let expected = match body {
            "" | "<html>" => Reason::VendorTrouble,
            _ => Reason::UnreadableAnswer,
        };
        assert_eq!(failure.reason(), expected, "{body}");
        let outcome = adapter.submit(&simple(), &Token::default(), permit()).await;
        assert!(
            matches!(&outcome, Submission::NotSent(failure) if failure.reason() == expected),
            "{body}: {outcome:?}"
        );
        assert_eq!(server.hits("order"), 0, "{body}");
    }
}

#[tokio::test]
async fn the_order_call_arrives_once_whatever_comes_back() {
    let page = || Answer::Full(503, b"<html>".to_vec());
    type Case = (fn() -> Answer, Reason);
    let answers: Vec<Case> = vec![
        (|| Answer::Close, Reason::OutcomeUnknown),
        (|| Answer::Stall, Reason::OutcomeUnknown),
        (
            || Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"certif".to_vec()),
            Reason::OutcomeUnknown,
        ),
        (
            || Answer::Raw(b"rubbish\r\n\r\n".to_vec()),
            Reason::OutcomeUnknown,
        ),
        (
            || Answer::Redirect("/api/v1/order".to_owned()),
            Reason::OutcomeUnknown,
        ),
        (|| Answer::RetryAfter(429, 1), Reason::OutcomeUnknown),
        (page, Reason::OutcomeUnknown),
        (|| ok(""), Reason::OutcomeUnknown),
        (|| ok("<html>"), Reason::OutcomeUnknown),
        (
            || Answer::Full(500, br#"{"error": "x"}"#.to_vec()),
            Reason::OutcomeUnknown,
        ),
        (denied, Reason::BadCredentials),
    ];
    for (index, (answer, reason)) in answers.into_iter().enumerate() {
        let server = serve(move |request| match call_of(request).as_str() {
            "order" => answer(),
            _ => ok("[]"),
        })
        .await;
        let order = simple();
        let failure = adapter(&server.url)
            .submit(&order, &Token::default(), permit())
            .await
            .result()
            .unwrap_err();
        assert_eq!(failure.reason(), reason, "case {index}");
        assert_eq!(server.hits("POST /api/v1/order"), 1, "case {index}");
        assert!(!failure.chain().contains(TOKEN), "case {index}");
    }
}

#[tokio::test]
async fn the_three_encodings_carry_the_same_order() {
    for (encoding, kind) in [
        ("json", "content-type: application/json"),
        ("form", "content-type: application/x-www-form-urlencoded"),
        ("query", "content-length: 0"),
    ] {
        let server = serve(|_| ok(r#"{"certificate_id": 7001}"#)).await;
        let mut values = settings(&server.url);
        values.set("order_encoding", encoding);
        let adapter = adapter_with(&values, &[]);
        let order = simple();
        adapter
            .submit(&order, &Token::default(), permit())
            .await
            .result()
            .unwrap();
        let request = &server.requests()[1];
        assert!(request.headers.contains(kind), "{}", request.headers);
        let body = mapping::order(&order, &account(), &wire(&[])).unwrap();
        let form = encode::form(&body);
        let sent = String::from_utf8(request.body.clone()).unwrap();
        match encoding {
            "json" => assert_eq!(serde_json::from_str::<Value>(&sent).unwrap(), body),
            "form" => assert_eq!(sent, form),
            _ => {
                assert_eq!(sent, "");
                assert_eq!(request.line, format!("POST /api/v1/order?{form} HTTP/1.1"));
            }
        }
    }
}

#[tokio::test]
async fn a_number_that_is_none_is_never_put_into_a_path() {
    let server = serve(|_| ok("{}")).await;
    let adapter = adapter(&server.url);
    let (shop, mail) = (name("shop.example.com"), email("admin@example.com"));
    for id in ["", "..", "7/../8", "abc", "7 8"] {
        let order = order_ref(id, CSR);
        assert!(adapter.status(&order).await.is_err());
        assert!(adapter.certificate(&order).await.is_err());
        let change = adapter.change_validation(&order, &shop, &mail);
        assert!(change.await.is_err());
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn calls_that_send_a_mail_are_not_repeated() {
    let server = serve(|request| match call_of(request).as_str() {
        "ssl_certificates/7/dcv" => ok("{}"),
        _ => Answer::Full(503, Vec::new()),
    })
    .await;
    let order = order_ref("7", CSR);
    let shop = name("shop.example.com");
    let adapter = adapter(&server.url);
    let failure = adapter
        .change_validation(&order, &shop, &email("admin@example.com"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
    assert_eq!(server.hits("change_dcv"), 1);
}
