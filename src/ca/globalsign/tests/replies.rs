//! Replies as fixtures, and everything that can come instead of one. Each order call is sent exactly
//! once, whatever comes back.

use super::super::client::{parse, response};
use super::super::model::reply::{Orders, Reply};
use super::*;
use crate::ca::http::scripted::{Answer, Server, ok};
use crate::ca::{Doubt, ValidationTask};

fn fixture(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/ca/globalsign/fixtures/replies")
        .join(format!("{name}.xml"));
    std::fs::read(path).unwrap()
}

fn orders() -> Vec<(&'static str, Purchase)> {
    let mut reissue = purchase("DV", "example.com", &[], "email");
    reissue.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new("CEXX260301000001"),
        former_names: Vec::new(),
    };
    vec![
        ("DVOrder", purchase("DV", "example.com", &[], "email")),
        ("DVDNSOrder", purchase("DV", "www.example.com", &[], "dns")),
        (
            "URLVerification",
            purchase("DV_LOW", "example.com", &[], "http"),
        ),
        ("OVOrder", purchase("OV", "example.com", &[], "")),
        ("EVOrder", purchase("EV", "example.com", &[], "")),
        ("ReIssue", reissue),
    ]
}

async fn submit(server: &Server, purchase: &Purchase) -> Result<Placed, Failure> {
    let token = Token("CEXX260301000002".to_owned());
    adapter_at(&server.url)
        .submit(purchase, &token, permit())
        .await
        .result()
}

async fn submitted(purchase: &Purchase, answer: impl Into<Vec<u8>>) -> Result<Placed, Failure> {
    let answer = answer.into();
    let server = Server::start(move |_| ok(answer.clone())).await;
    let outcome = submit(&server, purchase).await;
    assert_eq!(server.requests().len(), 1);
    outcome
}

#[tokio::test]
async fn placed_orders_are_read_with_what_to_publish() {
    let orders: std::collections::BTreeMap<_, _> = orders().into_iter().collect();
    let placed = submitted(&orders["DVOrder"], fixture("DVOrder"))
        .await
        .unwrap();
    assert_eq!(placed.order.as_str(), "CEXX260301000002");
    assert_eq!(placed.references, [(Reference::Client, KEY.to_owned())]);
    assert_eq!(placed.remark, None);
    assert_eq!(
        placed.validation[0].task,
        ValidationTask::Email("admin@example.com".to_owned())
    );

    let placed = submitted(&orders["DVDNSOrder"], fixture("DVDNSOrder"))
        .await
        .unwrap();
    assert_eq!(placed.order.as_str(), "CEXX260301000003");
    let [record, above] = placed.validation.as_slice() else {
        panic!("{:?}", placed.validation)
    };
    assert_eq!(record.name, name("www.example.com"));
    assert_eq!(above.name, name("example.com"));
    for (record, host) in [(record, "www.example.com"), (above, "example.com")] {
        assert_eq!(
            record.task,
            ValidationTask::Txt {
                name: host.to_owned(),
                value: "_globalsign-domain-verification=EXAMPLEtoken0123".to_owned()
            }
        );
    }

    let placed = submitted(&orders["URLVerification"], fixture("URLVerification"))
        .await
        .unwrap();
    assert_eq!(
        placed.validation[0].task,
        ValidationTask::File {
            url: "http://example.com/.well-known/pki-validation/gsdv.txt".to_owned(),
            content: "<meta name=\"_globalsign-domain-verification\" content=\"EXAMPLEtoken\" />"
                .to_owned()
        }
    );

    // The other header, the other spelling, default namespaces, unknown elements.
    let placed = submitted(&orders["EVOrder"], fixture("EVOrder"))
        .await
        .unwrap();
    assert_eq!(placed.order.as_str(), "CEXX260301000005");
}

#[tokio::test]
async fn a_proof_host_that_is_not_the_common_name_is_the_record_to_verify() {
    let purchase = purchase("DV", "shop.example.com", &[], "dns");
    let placed = submitted(&purchase, fixture("DVDNSOrder")).await.unwrap();
    assert_eq!(placed.validation[0].name, name("www.example.com"));
    let wildcard = super::purchase("DV_wild", "*.example.com", &[], "dns");
    let placed = submitted(&wildcard, fixture("DVDNSOrder")).await.unwrap();
    assert_eq!(placed.validation[0].name, name("*.example.com"));
    assert!(matches!(
        &placed.validation[0].task,
        ValidationTask::Txt { name, .. } if name == "example.com"
    ));
}

#[tokio::test]
async fn an_order_held_for_review_is_placed_with_a_remark() {
    let (_, purchase) = &orders()[0];
    let placed = submitted(purchase, fixture("DVOrder-held")).await.unwrap();
    let remark = placed.remark.unwrap();
    assert!(
        remark.contains("phishing review") && remark.contains("looks like a brand"),
        "{remark}"
    );
}

#[tokio::test]
async fn a_used_number_leaves_the_outcome_open() {
    let (_, purchase) = &orders()[0];
    let server = Server::start(|_| ok(fixture("DVOrder-used"))).await;
    let token = Token("CEXX260301000002".to_owned());
    let outcome = adapter_at(&server.url)
        .submit(purchase, &token, permit())
        .await;
    assert!(
        matches!(&outcome, Submission::Unknown(Doubt::Unclear(failure)) if failure.words().contains("-4004")),
        "{outcome:?}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn answers_without_a_usable_number_leave_the_outcome_open() {
    let orders: std::collections::BTreeMap<_, _> = orders().into_iter().collect();
    let failure = submitted(&orders["OVOrder"], fixture("OVOrder-no-number"))
        .await
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    // Another number than the pre-issued one.
    let other = String::from_utf8(fixture("DVOrder"))
        .unwrap()
        .replace("000002<", "000009<");
    let failure = submitted(&orders["DVOrder"], other).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    // No number where the number is known.
    let without = String::from_utf8(fixture("DVOrder"))
        .unwrap()
        .replace("<OrderID>CEXX260301000002</OrderID>", "");
    let placed = submitted(&orders["DVOrder"], without).await.unwrap();
    assert_eq!(placed.order.as_str(), "CEXX260301000002");
}

#[tokio::test]
async fn whatever_comes_back_an_order_is_sent_once_and_left_open() {
    let good = String::from_utf8(fixture("DVOrder")).unwrap();
    let cut = good.replace("</soap:Envelope>", "");
    type Make = Box<dyn Fn() -> Answer + Send + Sync>;
    let full = |status: u16, body: String| -> Make {
        Box::new(move || Answer::Full(status, body.clone().into_bytes()))
    };
    let answers: Vec<(&str, Make)> = vec![
        ("close", Box::new(|| Answer::Close)),
        ("stall", Box::new(|| Answer::Stall)),
        (
            "cut body",
            Box::new(|| {
                Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<soap".to_vec())
            }),
        ),
        (
            "garbage head",
            Box::new(|| Answer::Raw(b"SSH-2.0\r\n".to_vec())),
        ),
        (
            "redirect",
            Box::new(|| Answer::Redirect("http://127.0.0.1:9/".to_owned())),
        ),
        ("retry later", Box::new(|| Answer::RetryAfter(503, 1))),
        ("empty", full(200, String::new())),
        (
            "html",
            full(200, "<html><body>maintenance</body></html>".to_owned()),
        ),
        ("html 502", full(502, "<html>bad gateway</html>".to_owned())),
        ("404", full(404, String::new())),
        ("words", full(200, "OK".to_owned())),
        ("json", full(200, "{\"ok\":true}".to_owned())),
        ("truncated xml", full(200, cut)),
        (
            "doctype",
            full(200, format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{good}")),
        ),
        (
            "fault",
            full(500, String::from_utf8(fixture("Fault")).unwrap()),
        ),
        (
            "fault 200",
            full(200, String::from_utf8(fixture("Fault")).unwrap()),
        ),
        ("success under 500", full(500, good.clone())),
        (
            "another operation",
            full(200, good.replace("DVOrderResponse", "XResponse")),
        ),
        (
            "no header",
            full(200, good.replace("OrderResponseHeader", "Header")),
        ),
        ("odd success code", full(200, good.replace(">0<", ">yes<"))),
        ("unlisted error", full(200, good.replace(">0<", ">-1<"))),
    ];
    for (what, make) in answers {
        let (call, purchase) = &orders()[0];
        let server = Server::start(move |_| make()).await;
        let failure = submit(&server, purchase).await.unwrap_err();
        assert_eq!(
            failure.reason(),
            Reason::OutcomeUnknown,
            "{what}: {failure}"
        );
        assert_eq!(failure.offending_value(), KEY, "{what}");
        assert_eq!(server.requests().len(), 1, "{what} {call}");
        assert!(!failure.chain().contains("s3cret"), "{what}");
    }
}

#[tokio::test]
async fn every_order_call_is_sent_once_when_the_answer_is_lost() {
    for (call, purchase) in orders() {
        let server = Server::start(|_| Answer::Close).await;
        let failure = submit(&server, &purchase).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{call}");
        let requests = server.requests();
        assert_eq!(requests.len(), 1, "{call}");
        let body = String::from_utf8(requests[0].body.clone()).unwrap();
        assert!(body.contains(&format!("<v1:{call}>")), "{call}");
        assert!(requests[0].headers.contains("soapaction: \"\""));
        assert!(
            requests[0]
                .headers
                .contains("content-type: text/xml; charset=utf-8")
        );
    }
}

#[tokio::test]
async fn a_refused_connection_means_that_nothing_was_sent() {
    let (_, purchase) = &orders()[0];
    let adapter = adapter_at("http://127.0.0.1:1/");
    let failure = adapter
        .submit(purchase, &Token("CEXX1".to_owned()), permit())
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Transient);
}

#[tokio::test]
async fn the_address_of_this_host_is_a_setting() {
    let answer = fixture("GetDVApproverList");
    let server = Server::start(move |_| ok(answer.clone())).await;
    let adapter = adapter_of(&[
        ("username", "u".to_owned(), false),
        ("password", "p".to_owned(), true),
        ("api_url", server.url.clone(), false),
        ("sourceip", "127.0.0.2".to_owned(), false),
    ]);
    let addresses = adapter
        .approvers(&TemplateCode::new("DV"), &name("example.com"))
        .await
        .unwrap();
    assert_eq!(
        addresses,
        [email("admin@example.com"), email("webmaster@example.com")]
    );
    assert!(server.requests()[0].line.contains("/ServerSSLService"));
}

#[tokio::test]
async fn account_troubles_reach_the_caller_as_themselves() {
    for (code, reason) in [
        ("-4001", Reason::BadCredentials),
        ("-4201", Reason::AddressNotAllowed),
        ("-9939", Reason::AccountLocked),
        ("-6101", Reason::LowFunds),
    ] {
        let answer = String::from_utf8(fixture("GetDVApproverList-refused"))
            .unwrap()
            .replace("-4201", code);
        let server = Server::start(move |_| ok(answer.clone())).await;
        let purchase = purchase("DV", "example.com", &[], "email");
        let failure = adapter_at(&server.url)
            .prepare(&purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap_err();
        assert_eq!(failure.reason(), reason);
        assert_eq!(server.requests().len(), 1, "a refusal is an answer");
    }
}

#[tokio::test]
async fn an_unlisted_approver_costs_nothing() {
    let answer = fixture("GetDVApproverList");
    let server = Server::start(move |_| ok(answer.clone())).await;
    let mut purchase = purchase("DV", "example.com", &[], "email");
    purchase.validation[0].method = ValidationMethod::Email(email("boss@example.com"));
    let failure = adapter_at(&server.url)
        .prepare(&purchase, &[])
        .await
        .map(|prepared| prepared.token)
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::ApproverNotAllowed);
    assert_eq!(failure.offending_value(), "boss@example.com");
    assert!(
        failure
            .words()
            .contains("admin@example.com, webmaster@example.com")
    );
}

#[test]
fn a_pending_order_is_read_with_its_gaps() {
    let bytes = fixture("GetOrderByOrderID-pending");
    let xml = response("GetOrderByOrderID", 200, &bytes).unwrap();
    let orders: Orders = parse(200, xml).unwrap();
    assert!(error::verdict(orders.header()).unwrap().is_empty());
    let detail = orders.order_detail.unwrap();
    assert!(matches!(progress::stage(&detail), Stage::Pending(_)));
    let [record] = validation::known(&detail).try_into().unwrap();
    assert_eq!(record.name, name("example.com"));
    assert_eq!(
        record.task,
        ValidationTask::Email("admin@example.com".to_owned())
    );
    assert!(!record.done);
    assert_eq!(
        validation::proof_of(&detail),
        Some(product::ProofMethod::Email)
    );
    assert_eq!(progress::files(&detail), None);
}

#[tokio::test]
async fn an_answer_about_another_order_is_refused() {
    let answer = fixture("GetOrderByOrderID-pending");
    let server = Server::start(move |_| ok(answer.clone())).await;
    let order = OrderRef {
        order: VendorOrderId::new("CEXX260301000009"),
        template: TemplateCode::new("DV"),
        csr_pem: None,
    };
    let failure = adapter_at(&server.url).status(&order).await.unwrap_err();
    assert_eq!(failure.reason(), Reason::UnreadableAnswer);
}

#[tokio::test]
async fn an_unreadable_balance_names_the_way_to_find_out() {
    let snapshot = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\
        <n:AccountSnapshotResponse xmlns:n=\"https://system.globalsign.com/kb/ws/v1/\"><Response>\
        <QueryResponseHeader><SuccessCode>0</SuccessCode></QueryResponseHeader><Deposit>5.00</Deposit>\
        </Response></n:AccountSnapshotResponse></s:Body></s:Envelope>";
    let server = Server::start(move |_| ok(snapshot)).await;
    let adapter = adapter_at(&server.url);
    adapter.check().await.unwrap();
    let failure = adapter.balance().await.unwrap_err();
    assert_eq!(failure.reason(), Reason::UnreadableBalance);
    assert!(failure.words().contains("pmssl capture"));
    assert!(server.requests()[0].line.contains("/AccountService"));
}

proptest::proptest! {
    #[test]
    fn bytes_of_any_kind_are_no_answer(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        proptest::prop_assert!(response("DVOrder", 200, &bytes).is_err());
    }

    #[test]
    fn a_reply_cut_anywhere_or_repeated_in_part_is_no_answer(cut in 1_usize..400, kept in 0_usize..400) {
        let bytes = fixture("DVOrder");
        let bytes = bytes.trim_ascii();
        let (cut, kept) = (cut.min(bytes.len()), kept.min(bytes.len()));
        let shorter = &bytes[..bytes.len() - cut];
        proptest::prop_assert!(response("DVOrder", 200, shorter).is_err());
        let longer = [bytes, &bytes[..kept]].concat();
        proptest::prop_assert_eq!(response("DVOrder", 200, &longer).is_ok(), kept == 0);
    }
}
