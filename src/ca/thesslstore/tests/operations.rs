//! What the adapter makes of replies.

use super::*;
use crate::ca::{Cancellation, CertificateAuthority, OrderRef, Stage};
use crate::failure::{FailureKind, Reason};
use serde_json::json;

fn order(code: &str) -> OrderRef {
    OrderRef {
        order: VendorOrderId::new("7700123"),
        template: template(code),
        csr_pem: None,
    }
}

#[tokio::test]
async fn the_check_tells_reach_from_credentials() {
    let server = serve(&[
        ("health/status", "flat_ok.json"),
        ("health/validate", "flat_error.json"),
    ])
    .await;
    let failure = adapter(&server.url).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::BadCredentials);
    assert!(failure.words().contains("Authentication failed"));
    let server = serve(&[("health/status", "page.html")]).await;
    let failure = adapter(&server.url).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
    assert_eq!(calls(&server), ["health/status"]);
    let server = Server::start(|_| Answer::Full(503, Vec::new())).await;
    let failure = adapter(&server.url).check().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::VendorTrouble);
}

#[tokio::test]
async fn a_read_that_gives_no_reply_fails_by_what_came_instead() {
    let cases: [(fn() -> Answer, Reason); 12] = [
        (|| reply("page.html"), Reason::VendorTrouble),
        (|| reply("empty.txt"), Reason::VendorTrouble),
        (|| reply("truncated.json"), Reason::VendorTrouble),
        (|| ok("7"), Reason::UnreadableAnswer),
        (|| ok("{\"isError\": \"maybe\"}"), Reason::UnreadableAnswer),
        (|| reply("list_empty.json"), Reason::UnreadableAnswer),
        (|| reply("refused_credentials.json"), Reason::BadCredentials),
        (|| reply("refused_in_a_list.json"), Reason::Rejected),
        (|| Answer::Full(404, Vec::new()), Reason::Unreachable),
        (
            || Answer::Full(401, fixture("replies/refused_credentials.json").into()),
            Reason::BadCredentials,
        ),
        (
            || Answer::Full(500, fixture("replies/refused_unknown_code.json").into()),
            Reason::VendorTrouble,
        ),
        (|| Answer::Close, Reason::VendorTrouble),
    ];
    for (number, (answer, reason)) in cases.into_iter().enumerate() {
        let server = Server::start(move |_| answer()).await;
        let failure = adapter(&server.url)
            .status(&order("positivessl"))
            .await
            .unwrap_err();
        assert_eq!(failure.reason(), reason, "case {number}: {failure}");
        assert!(!failure.chain().contains(TOKEN), "case {number}");
    }
}

#[tokio::test]
async fn a_status_about_another_order_is_not_believed() {
    let server = serve(&[("order/status", "status_other_order.json")]).await;
    let failure = adapter(&server.url)
        .status(&order("positivessl"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::UnreadableAnswer);
}

#[tokio::test]
async fn the_status_of_an_active_order_carries_the_end_of_its_term() {
    let server = serve(&[("order/status", "status_active.json")]).await;
    let progress = adapter(&server.url)
        .status(&order("positivessl"))
        .await
        .unwrap();
    assert_eq!(progress.stage, Stage::Issued);
    assert_eq!(progress.term_end, Some(time("2027-08-01T10:11:12Z")));
}

#[tokio::test]
async fn a_download_leaves_out_what_is_no_certificate() {
    let server = serve(&[("order/download", "download.json")]).await;
    let files = adapter(&server.url)
        .certificate(&order("positivessl"))
        .await
        .unwrap();
    let names: Vec<_> = files.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["example_com.crt", "My_CA_Bundle.crt"]);
    let server = serve(&[("order/download", "download_empty.json")]).await;
    let failure = adapter(&server.url)
        .certificate(&order("positivessl"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);
}

#[tokio::test]
async fn approvers_are_addresses_under_the_registrable_domain() {
    let server = serve(&[("order/approverlist", "approverlist.json")]).await;
    let list = adapter(&server.url)
        .approvers(&template("positivessl"), &name("*.shop.example.com"))
        .await
        .unwrap();
    let list: Vec<_> = list.iter().map(EmailAddress::as_str).collect();
    assert_eq!(
        list,
        [
            "admin@example.com",
            "administrator@example.com",
            "hostmaster@shop.example.com"
        ]
    );
}

#[tokio::test]
async fn a_cancellation_asks_once_and_only_inside_the_window() {
    let inside = time("2026-08-31T10:11:12Z");
    let outside = time("2026-08-31T10:11:13Z");
    let requested = |text: &str| Ok(Cancellation::Requested(text.to_owned()));
    // state, reply, now, requests sent, outcome
    let cases = [
        (
            "status_pending.json",
            "refundrequest.json",
            inside,
            1,
            requested("R-2"),
        ),
        (
            "status_pending.json",
            "flat_ok.json",
            inside,
            1,
            requested("accepted without a number"),
        ),
        (
            "status_pending.json",
            "refused_window.json",
            inside,
            1,
            Ok(Cancellation::WindowOver),
        ),
        (
            "status_pending.json",
            "refused_unknown_code.json",
            inside,
            1,
            Err(Reason::Rejected),
        ),
        (
            "status_pending.json",
            "page.html",
            inside,
            1,
            Err(Reason::VendorTrouble),
        ),
        (
            "status_pending.json",
            "refundrequest.json",
            outside,
            1,
            requested("R-2"),
        ),
        (
            "status_pending.json",
            "refused_window.json",
            outside,
            1,
            Ok(Cancellation::WindowOver),
        ),
        // Bought on the first, begun on the second.
        (
            "status_active.json",
            "refundrequest.json",
            time("2026-09-01T00:00:00Z"),
            1,
            requested("R-2"),
        ),
        (
            "status_active.json",
            "refundrequest.json",
            time("2026-09-01T00:00:01Z"),
            0,
            Ok(Cancellation::WindowOver),
        ),
        (
            "status_active_bare.json",
            "refundrequest.json",
            inside,
            1,
            requested("R-2"),
        ),
        (
            "status_active_bare.json",
            "refundrequest.json",
            outside,
            0,
            Ok(Cancellation::WindowOver),
        ),
        (
            "status_refund_requested.json",
            "refundrequest.json",
            inside,
            0,
            requested("R-1"),
        ),
        (
            "status_cancelled.json",
            "refundrequest.json",
            inside,
            0,
            Ok(Cancellation::AlreadyDead),
        ),
        (
            "status_expired.json",
            "refundrequest.json",
            outside,
            0,
            Ok(Cancellation::AlreadyDead),
        ),
        (
            "status_no_purchase_date.json",
            "refundrequest.json",
            inside,
            1,
            requested("R-2"),
        ),
    ];
    for (state, answer, now, hits, expected) in cases {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "order/status" => reply(state),
            _ => reply(answer),
        })
        .await;
        let outcome = adapter(&server.url)
            .cancel(&order("positivessl"), now)
            .await;
        assert_eq!(
            outcome.map_err(|f| f.reason()),
            expected,
            "{state} {answer}"
        );
        assert_eq!(server.hits("refundrequest"), hits, "{state} {answer}");
    }
}

#[tokio::test]
async fn mails_are_not_sent_twice_on_trouble() {
    let server = Server::start(|request| match call_of(request).as_str() {
        "order/status" => reply("status_pending.json"),
        _ => Answer::Close,
    })
    .await;
    let outcome = adapter(&server.url)
        .change_validation(
            &order("positivemdcssl"),
            &name("shop.example.org"),
            &email("admin@example.org"),
        )
        .await;
    assert_eq!(outcome.unwrap_err().kind(), FailureKind::Transient);
    assert_eq!(server.hits("order/resend"), 1);
}

#[tokio::test]
async fn what_the_vendor_does_not_have_is_refused_without_a_call() {
    let server = serve(&[]).await;
    let adapter = adapter(&server.url);
    let host = name("example.com");
    let failure = adapter
        .verify_now(&order("positivessl"), &host)
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::NotSupported);
    for (code, method) in [
        ("positivessl", ValidationMethod::DnsTxt),
        ("digi_rapidssl", ValidationMethod::DnsCname),
        ("rapidssl", ValidationMethod::HttpsFile),
    ] {
        let failure = adapter
            .change_validation(&order(code), &host, &method)
            .await
            .unwrap_err();
        assert_eq!(failure.reason(), Reason::NotSupported, "{code}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn the_module_is_connected_by_its_name() {
    let settings = settings("https://api.example.com");
    let adapter =
        crate::ca::connect("pmthesslstore", &settings, &ConnectOptions::default()).unwrap();
    assert_eq!(adapter.abilities().vendor, "TheSSLStore");
    let missing = crate::ca::connect(
        "pmthesslstore",
        &Settings::default(),
        &ConnectOptions::default(),
    );
    assert_eq!(missing.err().unwrap().object(), "partner_code");
}

#[tokio::test]
async fn an_issued_order_without_any_date_is_not_judged() {
    let server = Server::start(|_| {
        ok(json!({
            "AuthResponse": {"isError": false}, "TheSSLStoreOrderID": "7700123",
            "OrderStatus": {"MajorStatus": "Active"},
        })
        .to_string())
    })
    .await;
    let outcome = adapter(&server.url)
        .cancel(&order("positivessl"), time("2026-08-31T10:11:12Z"))
        .await;
    assert_eq!(outcome.unwrap_err().reason(), Reason::UnreadableAnswer);
    assert_eq!(server.hits("refundrequest"), 0);
}

/// One name has two spellings in requests: the order's own one is used in both.
#[tokio::test]
async fn a_name_is_sent_as_the_order_writes_it() {
    // names of the order, the name that is meant, how it is sent
    let cases: [(&'static [&str], &str, &str); 4] = [
        (&["*.example.com"], "example.com", "*.example.com"),
        (&["example.com"], "*.example.com", "example.com"),
        (
            &["example.com", "*.example.com"],
            "*.example.com",
            "*.example.com",
        ),
        (
            &["example.com", "*.example.com"],
            "example.com",
            "example.com",
        ),
    ];
    for (names, meant, sent) in cases {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "order/status" => {
                let vetting: Vec<_> = names
                    .iter()
                    .map(|name| json!({"domain": name, "dcvMethod": "DNS"}))
                    .collect();
                ok(json!({
                    "AuthResponse": {"isError": false}, "TheSSLStoreOrderID": "7700123",
                    "OrderStatus": {"MajorStatus": "Pending", "DomainAuthVettingStatus": vetting},
                })
                .to_string())
            }
            _ => reply("flat_ok.json"),
        })
        .await;
        let adapter = adapter(&server.url);
        let order = order("digi_rapidssl");
        adapter.verify_now(&order, &name(meant)).await.unwrap();
        adapter
            .change_validation(&order, &name(meant), &ValidationMethod::DnsTxt)
            .await
            .unwrap();
        for (call, field) in [
            ("digicert/checkdcv", "DomainName"),
            ("order/changeapprovermethod", "DomainNames"),
        ] {
            let requests = server.requests();
            let request = requests.iter().find(|request| call_of(request) == call);
            assert_eq!(body_of(request.unwrap())[field], sent, "{call} {meant}");
        }
    }
}

/// Whatever a certificate is wrapped in, it is the same certificate.
#[tokio::test]
async fn a_wrapped_certificate_is_delivered() {
    use base64::Engine as _;
    let made = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap();
    let pem = made.cert.pem().replace("\r\n", "\n");
    let packed = |text: &[u8]| -> String {
        let text = std::str::from_utf8(text).unwrap();
        text.split_whitespace().collect()
    };
    for content in [
        pem.clone(),
        pem.replace('\n', "\\n"),
        base64::engine::general_purpose::STANDARD.encode(&pem),
        json!({"certificate": pem}).to_string(),
    ] {
        let answer = json!({
            "AuthResponse": {"isError": false},
            "Certificates": [{"FileName": "example_com.crt", "FileContent": content}],
        })
        .to_string();
        let server = Server::start(move |_| ok(answer.clone())).await;
        let files = adapter(&server.url)
            .certificate(&order("positivessl"))
            .await
            .unwrap()
            .files;
        assert_eq!(files.len(), 1, "{content}");
        assert_eq!(files[0].0, "example_com.crt");
        assert_eq!(packed(&files[0].1), packed(pem.as_bytes()), "{content}");
        assert!(files[0].1.starts_with(b"-----BEGIN CERTIFICATE-----\n"));
    }
}

/// An error behind a full page is no end, whatever the page's size: the orders behind it would be missing without a word.
#[tokio::test]
async fn a_book_that_breaks_off_behind_a_full_page_is_an_error() {
    for (count, is_whole) in [(500_usize, false), (96, true)] {
        let server = Server::start(move |request| match call_of(request).as_str() {
            "order/query" if body_of(request)["PageNumber"] == 1 => {
                ok(listed(count.min(asked_size(request))))
            }
            "order/query" => reply("refused_in_a_list.json"),
            _ => reply("flat_ok.json"),
        })
        .await;
        let now = time("2026-08-01T10:00:00Z");
        let held = adapter(&server.url).holdings(now).await;
        let held = held.ok().map(|held| held.len());
        assert_eq!(held, is_whole.then_some(count), "{count}");
    }
}

fn asked_size(request: &Received) -> usize {
    usize::try_from(body_of(request)["PageSize"].as_u64().unwrap()).unwrap()
}

/// So many orders.
fn listed(count: usize) -> String {
    let order = |number: usize| {
        json!({
            "AuthResponse": {"isError": false},
            "TheSSLStoreOrderID": (1000 + number).to_string(),
        })
    };
    Value::from_iter((0..count).map(order)).to_string()
}

/// Where all pages are full and the one behind them is refused, another page size shows whether there is more.
#[tokio::test]
async fn a_book_of_whole_pages_is_read_to_its_end() {
    let server = Server::start(|request| match call_of(request).as_str() {
        "order/query" => page_of(200, request),
        _ => reply("flat_ok.json"),
    })
    .await;
    let now = time("2026-08-01T10:00:00Z");
    let held = adapter(&server.url).holdings(now).await.unwrap();
    assert_eq!(held.len(), 200);
    assert_eq!(server.hits("order/query"), 3 + 4);
}

/// Whether the vendor has granted a refund is told with its number.
#[tokio::test]
async fn a_refund_that_is_granted_is_told() {
    let now = time("2026-08-02T10:00:00Z");
    for (state, asked, expected) in [
        (true, false, "R-1, approved"),
        (false, false, "R-1"),
        (false, true, "R-2, approved"),
    ] {
        let server = Server::start(move |request| {
            let name = match (call_of(request).as_str(), asked) {
                ("order/status", true) => "status_pending.json",
                ("order/status", false) => "status_refund_requested.json",
                _ => "refundrequest.json",
            };
            let mut body: Value =
                serde_json::from_str(&fixture(&format!("replies/{name}"))).unwrap();
            body["isRefundApproved"] = json!(state || call_of(request) != "order/status");
            ok(body.to_string())
        })
        .await;
        let outcome = adapter(&server.url)
            .cancel(&order("positivessl"), now)
            .await;
        let requested = Cancellation::Requested(expected.to_owned());
        assert_eq!(outcome.unwrap(), requested);
    }
}
