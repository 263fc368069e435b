//! Every call as it stands on the wire: path, headers and the whole body.

use super::*;
use crate::ca::{CertificateAuthority, OrderRef, Permit, Token};
use ValidationMethod::{DnsTxt, HttpFile};

const REPLIES: &[(&str, &str)] = &[
    ("health/status", "flat_ok.json"),
    ("health/validate", "flat_ok.json"),
    ("user/accountdetail", "accountdetail.json"),
    ("product/query", "products.json"),
    ("csr", "csr.json"),
    ("order/approverlist", "approverlist.json"),
    ("order/validateorderparameters", "flat_ok.json"),
    ("order/neworder", "neworder_placed.json"),
    ("order/reissue", "status_reissuing.json"),
    ("order/status", "status_active.json"),
    ("order/query", "list_empty.json"),
    ("order/download", "download.json"),
    ("order/refundrequest", "refundrequest.json"),
    ("order/resend", "flat_ok.json"),
    ("order/changeapproveremail", "flat_ok.json"),
    ("order/changeapprovermethod", "flat_ok.json"),
    ("digicert/checkdcv", "flat_ok.json"),
];

fn order(code: &str) -> OrderRef {
    OrderRef {
        order: VendorOrderId::new("7700123"),
        template: template(code),
        csr_pem: None,
    }
}

/// Compares the only request of a call with its fixture.
fn check_body(server: &Server, call: &str, fixture: &str) {
    let requests = server.requests();
    let mut matching = requests.iter().filter(|request| call_of(request) == call);
    let request = matching
        .next()
        .unwrap_or_else(|| panic!("{call} was not sent"));
    assert_eq!(request.line, format!("POST /rest/{call} HTTP/1.1"));
    let headers = &request.headers;
    assert!(
        headers.contains("content-type: application/json; charset=utf-8"),
        "{headers}"
    );
    assert!(headers.contains("accept: application/json"), "{headers}");
    assert_request(fixture, &body_of(request));
}

#[tokio::test]
async fn the_check_asks_for_health_without_and_with_credentials() {
    let server = serve(REPLIES).await;
    adapter(&server.url).check().await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].line, "GET /rest/health/status HTTP/1.1");
    assert!(requests[0].body.is_empty());
    assert!(!requests[0].headers.contains("content-type"));
    check_body(&server, "health/validate", "health_validate");
}

#[tokio::test]
async fn a_purchase_sends_these_bodies() {
    let server = serve(REPLIES).await;
    let adapter = adapter(&server.url);
    let purchase = purchase("positivessl", &["example.com"], &email("admin@example.com"));
    adapter.examine(&purchase).await.unwrap();
    let token = adapter
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let permit = Permit::for_tests();
    adapter
        .submit(&purchase, &token, permit)
        .await
        .result()
        .unwrap();
    assert_eq!(
        calls(&server),
        [
            "csr",
            "product/query",
            "user/accountdetail",
            "order/validateorderparameters",
            "order/neworder"
        ]
    );
    check_body(&server, "csr", "csr");
    check_body(&server, "product/query", "product_query");
    check_body(&server, "user/accountdetail", "accountdetail");
    // The dry run is the order itself.
    check_body(&server, "order/validateorderparameters", "neworder_wire");
    check_body(&server, "order/neworder", "neworder_wire");
}

#[tokio::test]
async fn a_reissue_sends_these_bodies() {
    let server = serve(REPLIES).await;
    let adapter = adapter(&server.url);
    let purchase = reissue_of(purchase("positivessl", &["example.com"], &HttpFile), &[]);
    adapter.examine(&purchase).await.unwrap();
    let token = adapter
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap();
    let permit = Permit::for_tests();
    adapter
        .submit(&purchase, &token, permit)
        .await
        .result()
        .unwrap();
    assert_eq!(
        calls(&server),
        ["csr", "order/status", "order/status", "order/reissue"]
    );
    check_body(&server, "order/reissue", "reissue_wire");
}

#[tokio::test]
async fn look_ups_send_these_bodies() {
    let server = serve(REPLIES).await;
    let adapter = adapter(&server.url);
    adapter.status(&order("positivessl")).await.unwrap();
    check_body(&server, "order/status", "status");
    adapter.certificate(&order("positivessl")).await.unwrap();
    check_body(&server, "order/download", "download");
    let name = name("*.shop.example.com");
    adapter
        .approvers(&template("positivesslwildcard"), &name)
        .await
        .unwrap();
    check_body(&server, "order/approverlist", "approverlist");
}

#[tokio::test]
async fn a_lost_order_is_looked_for_with_these_bodies() {
    let server = serve(&[
        ("order/status", "refused_unknown_code.json"),
        ("order/query", "list_empty.json"),
        ("health/validate", "flat_ok.json"),
    ])
    .await;
    let purchase = purchase("positivessl", &["example.com"], &email("admin@example.com"));
    let (since, now) = (time("2026-08-01T10:00:00Z"), time("2026-08-01T11:00:00Z"));
    let token = Token("r".to_owned());
    adapter(&server.url)
        .locate(&purchase, &token, since, now)
        .await
        .unwrap();
    check_body(&server, "order/status", "status_by_reference");
    check_body(&server, "order/query", "query");
}

#[tokio::test]
async fn changes_of_an_order_send_these_bodies() {
    let server = serve(&[
        ("order/status", "status_pending.json"),
        ("order/refundrequest", "refundrequest.json"),
        ("order/resend", "flat_ok.json"),
        ("order/changeapproveremail", "flat_ok.json"),
        ("order/changeapprovermethod", "flat_ok.json"),
        ("digicert/checkdcv", "flat_ok.json"),
    ])
    .await;
    let adapter = adapter(&server.url);
    let sectigo = order("positivemdcssl");
    let mailed = name("shop.example.org");
    adapter
        .cancel(&sectigo, time("2026-08-02T00:00:00Z"))
        .await
        .unwrap();
    check_body(&server, "order/refundrequest", "refundrequest");
    let same = email("admin@example.org");
    adapter
        .change_validation(&sectigo, &mailed, &same)
        .await
        .unwrap();
    check_body(&server, "order/resend", "resend");
    let other = email("hostmaster@example.org");
    adapter
        .change_validation(&sectigo, &mailed, &other)
        .await
        .unwrap();
    check_body(&server, "order/changeapproveremail", "changeapproveremail");
    adapter
        .change_validation(&sectigo, &mailed, &HttpFile)
        .await
        .unwrap();
    check_body(
        &server,
        "order/changeapprovermethod",
        "changeapprovermethod_sectigo",
    );
    let digicert = order("digi_rapidssl");
    adapter
        .verify_now(&digicert, &name("shop.example.com"))
        .await
        .unwrap();
    check_body(&server, "digicert/checkdcv", "checkdcv");
}

#[tokio::test]
async fn a_method_is_changed_in_the_familys_words() {
    let cases = [
        (
            "positivessl",
            email("admin@example.com"),
            "changeapprovermethod_email",
        ),
        ("digi_rapidssl", DnsTxt, "changeapprovermethod_digicert"),
        ("rapidssl", HttpFile, "changeapprovermethod_legacy"),
    ];
    for (code, method, fixture) in cases {
        let server = serve(&[
            ("order/status", "status_pending.json"),
            ("order/changeapprovermethod", "flat_ok.json"),
        ])
        .await;
        let outcome = adapter(&server.url)
            .change_validation(&order(code), &name("shop.example.com"), &method)
            .await;
        outcome.unwrap();
        check_body(&server, "order/changeapprovermethod", fixture);
    }
}
