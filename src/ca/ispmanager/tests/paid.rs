//! Answers of calls that order: whatever is not clear is unknown, and nothing is sent twice.

use super::super::paid::is_ours;
use super::super::record::Record;
use super::super::token::{KnownServices, TokenContent};
use super::*;

const CLEAR: [(&str, &str); 2] = [
    ("certificate.order.csr", "request_form.xml"),
    ("certificate.order.csr!", "done.xml"),
];

/// Orders where the paid call is answered by a closure; gives the outcome and the number of paid calls.
async fn outcome(
    purchase: &Purchase,
    answer: impl Fn() -> Answer + Send + Sync + 'static,
) -> (Result<Placed, Failure>, usize) {
    let paid = match purchase.kind {
        PurchaseKind::New => "certificate.order.param!",
        PurchaseKind::Renewal { .. } => "service.prolong!",
        PurchaseKind::Reissue { .. } => "certificate.reissue!",
    };
    let server = Server::start(move |request| {
        let call = call_of(request);
        if call == paid {
            return answer();
        }
        let looks = [
            ("service.prolong", "prolong_form.xml"),
            ("certificate.reissue", "reissue_form.xml"),
            ("certificate.edit", "record_ours.xml"),
        ];
        let known = CLEAR.iter().chain(&looks).find(|(known, _)| *known == call);
        ok(fixture(&format!("replies/{}", known.unwrap().1)))
    })
    .await;
    let adapter = adapter_at(&server.url, "secret");
    let outcome = believed(&adapter, purchase, &Token::default()).await;
    let count = calls(&server).iter().filter(|call| *call == paid).count();
    (outcome, count)
}

fn shown(outcome: &Result<Placed, Failure>) -> String {
    match outcome {
        Ok(placed) => format!(
            "placed {}{}",
            placed.order,
            placed.remark.as_ref().map_or("", |_| " with a remark")
        ),
        Err(failure) => format!("{:?}", failure.reason()),
    }
}

#[tokio::test]
async fn an_order_is_believed_refused_or_unknown() {
    let cases = [
        ("order_placed.xml", "placed 7741203"),
        ("elsewhere_with_number.xml", "placed 7741203 with a remark"),
        ("elsewhere_with_payment.xml", "OutcomeUnknown"),
        ("done_with_payment.xml", "OutcomeUnknown"),
        ("error_auth.xml", "BadCredentials"),
        ("error_access.xml", "NoAccess"),
        ("error_captcha.xml", "AddressNotAllowed"),
        ("error_value.xml", "Rejected"),
        ("error_limit.xml", "Rejected"),
        ("error_missed.xml", "Rejected"),
        ("error_exists.xml", "OutcomeUnknown"),
        ("error_never_seen.xml", "OutcomeUnknown"),
        ("error_with_number.xml", "OutcomeUnknown"),
        ("elsewhere.xml", "OutcomeUnknown"),
        ("two_numbers.xml", "OutcomeUnknown"),
        ("form_instead.xml", "OutcomeUnknown"),
        ("echo_only.xml", "OutcomeUnknown"),
        ("done.xml", "OutcomeUnknown"),
        ("request_form.xml", "OutcomeUnknown"),
        ("page.html", "OutcomeUnknown"),
        ("truncated.xml", "OutcomeUnknown"),
        ("empty.txt", "OutcomeUnknown"),
        ("reply.json", "OutcomeUnknown"),
    ];
    for (file, expected) in cases {
        let body = fixture(&format!("replies/{file}"));
        let (outcome, count) = outcome(&purchase("3033", &[]), move || ok(body.clone())).await;
        assert_eq!((shown(&outcome).as_str(), count), (expected, 1), "{file}");
        if let Err(failure) = &outcome {
            let is_unknown = failure.reason() == Reason::OutcomeUnknown;
            assert_eq!(
                failure.offending_value() == KEY,
                is_unknown,
                "{file}: {failure}"
            );
        }
    }
}

#[tokio::test]
async fn a_renewal_is_believed_refused_or_unknown() {
    let cases = [
        ("prolong_done.xml", "placed 7741203 with a remark"),
        ("done.xml", "placed 7741203"),
        ("error_value.xml", "Rejected"),
        ("error_access.xml", "NoAccess"),
        ("error_never_seen.xml", "OutcomeUnknown"),
        ("elsewhere.xml", "OutcomeUnknown"),
        ("prolong_form.xml", "OutcomeUnknown"),
        ("page.html", "OutcomeUnknown"),
        ("truncated.xml", "OutcomeUnknown"),
        ("empty.txt", "OutcomeUnknown"),
    ];
    for (file, expected) in cases {
        let body = fixture(&format!("replies/{file}"));
        let purchase = renewal_of(purchase("3033", &[]), "7741203");
        let (outcome, count) = outcome(&purchase, move || ok(body.clone())).await;
        assert_eq!((shown(&outcome).as_str(), count), (expected, 1), "{file}");
    }
}

#[tokio::test]
async fn a_reissue_is_believed_refused_or_unknown() {
    let cases = [
        ("done.xml", "placed 7741203"),
        ("reissue_next.xml", "Rejected"),
        ("error_value.xml", "Rejected"),
        ("error_never_seen.xml", "OutcomeUnknown"),
        ("elsewhere.xml", "OutcomeUnknown"),
        ("reissue_form.xml", "OutcomeUnknown"),
        ("page.html", "OutcomeUnknown"),
        ("truncated.xml", "OutcomeUnknown"),
    ];
    for (file, expected) in cases {
        let body = fixture(&format!("replies/{file}"));
        let purchase = reissue_of(purchase("3033", &[]), "7741203");
        let (outcome, count) = outcome(&purchase, move || ok(body.clone())).await;
        assert_eq!((shown(&outcome).as_str(), count), (expected, 1), "{file}");
        if file == "reissue_next.xml" {
            let words = outcome.unwrap_err().to_string();
            assert!(words.contains("certificate.reissue.approver"), "{words}");
        }
    }
}

#[tokio::test]
async fn broken_transport_is_unknown_and_never_repeated() {
    let full =
        |status| move || Answer::Full(status, fixture("replies/order_placed.xml").into_bytes());
    let purchase = purchase("3033", &[]);
    let answers: [Box<dyn Fn() -> Answer + Send + Sync>; 8] = [
        Box::new(|| Answer::Close),
        Box::new(|| Answer::Stall),
        Box::new(|| {
            Answer::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n<doc><id>77".to_vec())
        }),
        Box::new(|| Answer::Redirect("/billmgr".to_owned())),
        Box::new(|| Answer::RetryAfter(429, 1)),
        Box::new(full(500)),
        Box::new(full(503)),
        Box::new(full(403)),
    ];
    for (index, answer) in answers.into_iter().enumerate() {
        let (outcome, count) = outcome(&purchase, answer).await;
        assert_eq!(
            (shown(&outcome).as_str(), count),
            ("OutcomeUnknown", 1),
            "{index}"
        );
    }
}

#[tokio::test]
async fn trouble_before_the_paid_call_promises_that_nothing_was_bought() {
    for (reply, reason) in [
        ("page.html", Reason::VendorTrouble),
        ("error_auth.xml", Reason::BadCredentials),
        ("request_form_three.xml", Reason::NotSupported),
        ("two_factor.xml", Reason::TwoFactorOn),
    ] {
        let server = Server::start(move |_| ok(fixture(&format!("replies/{reply}")))).await;
        let adapter = adapter_at(&server.url, "secret");
        for purchase in [
            purchase("3033", &[]),
            reissue_of(purchase("3033", &[]), "7"),
        ] {
            let permit = Permit::for_tests();
            let outcome = adapter.submit(&purchase, &Token::default(), permit).await;
            let Submission::NotSent(failure) = outcome else {
                panic!("{reply}: {outcome:?}")
            };
            assert_eq!(failure.reason(), reason, "{reply}");
        }
        let acted = |call: &&String| call.ends_with("param!") || call.ends_with("reissue!");
        assert_eq!(calls(&server).iter().filter(acted).count(), 0, "{reply}");
    }
}

#[tokio::test]
async fn a_closed_port_is_known_to_have_bought_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let adapter = adapter_at(&url, "secret");
    let permit = Permit::for_tests();
    let failure = adapter
        .submit(&purchase("3033", &[]), &Token::default(), permit)
        .await
        .result()
        .unwrap_err();
    assert_eq!(failure.reason(), Reason::Unreachable);
}

#[test]
fn a_number_counts_once_its_record_shows_that_it_is_ours() {
    let purchase = purchase("3033", &[]);
    let shown = |marker: &str, csr: &str, host: &str| Record {
        marker: (!marker.is_empty()).then(|| marker.to_owned()),
        csr: (!csr.is_empty()).then(|| csr.to_owned()),
        common_name: DomainName::parse(host).ok(),
        ..Record::default()
    };
    let other = csr_for(&["shop.example.com"]);
    let (own, host) = ("pmssl-OWN", "shop.example.com");
    let cases = [
        ("our marker", shown(own, "", ""), true),
        ("our CSR", shown("", CSR, ""), true),
        ("our name", shown("", "", host), true),
        ("all of them", shown(own, CSR, host), true),
        ("a CSR that cannot be read", shown("", "words", host), true),
        ("another marker", shown("4711", CSR, host), false),
        ("another CSR of our name", shown("", &other, host), false),
        ("another name", shown("", "", "www.example.net"), false),
        ("nothing", Record::default(), false),
    ];
    for (what, record, expected) in &cases {
        assert_eq!(is_ours(record, &purchase, own), *expected, "{what}");
    }
}

/// The number is kept as answered; what becomes of it is asked again, and is never "nothing bought".
#[tokio::test]
async fn a_number_that_cannot_be_confirmed_now_is_kept_and_asked_about_again() {
    for file in [
        "error_auth.xml",
        "error_access.xml",
        "page.html",
        "empty.txt",
    ] {
        let server = Server::start(move |request| {
            let call = call_of(request);
            let reply = match call.as_str() {
                "certificate.order.param!" => "order_placed.xml",
                "certificate.order.csr" => "request_form.xml",
                "certificate.order.csr!" => "done.xml",
                _ => file,
            };
            ok(fixture(&format!("replies/{reply}")))
        })
        .await;
        let adapter = adapter_at(&server.url, "secret");
        let (purchase, token) = (purchase("3033", &[]), Token::default());
        let outcome = adapter.submit(&purchase, &token, Permit::for_tests()).await;
        let placed = outcome.result().unwrap();
        let confirmed = adapter.confirm(&purchase, &token, &placed.order).await;
        assert!(confirmed.is_err(), "{file}: {confirmed:?}");
        let known = TokenContent::New(KnownServices::new(vec![
            placed.order.as_str().parse().unwrap(),
        ]));
        let before = adapter
            .confirm(&purchase, &known.write(), &placed.order)
            .await;
        assert!(!before.unwrap(), "{file}: the account had it before");
    }
}
