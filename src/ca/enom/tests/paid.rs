//! The purchase: what its answers prove, and that it is sent once whatever happens.

use super::vendor::{FOREVER, Fault, Vendor};
use super::*;
use crate::ca::http::scripted::{Answer, Server, ok};
use crate::ca::{Located, Reference, Submission};
use crate::domain::text::Words;
use crate::failure::{FailureKind, Reason};

use super::super::paid;
use crate::ca::http::{Reply, Room, SendFailure};

fn reply(body: &str) -> Result<Reply, SendFailure> {
    Ok(Reply {
        status: 200,
        content_type: Some("text/xml".to_owned()),
        body: body.as_bytes().to_vec(),
        retry_after: None,
        date: None,
        location: None,
        room: Room::default(),
    })
}

fn answer(inside: &str) -> Result<Reply, SendFailure> {
    reply(&format!(
        "<interface-response>{inside}<Command>PURCHASESERVICES</Command></interface-response>"
    ))
}

#[test]
fn answers_to_the_purchase_mean_what_they_prove() {
    let key = IntentKey::new(KEY);
    let error = "<ErrCount>1</ErrCount><errors><Err1>no</Err1></errors>";
    let done = "<Done>true</Done>";
    let cases = [
        // Recorded shape: small letters at the root (enom.md 6).
        (fixture_answer("purchase.xml"), Ok("901234")),
        (
            answer(&format!("<CertID>7</CertID><ErrCount>0</ErrCount>{done}")),
            Ok("7"),
        ),
        (answer("<CertID>7</CertID><ErrCount>0</ErrCount>"), Ok("7")),
        (
            answer(&format!(
                "<Any><CertID>7</CertID></Any><ErrCount>0</ErrCount>{done}"
            )),
            Ok("7"),
        ),
        (
            fixture_answer("refused.xml"),
            Err(Reason::AddressNotAllowed),
        ),
        (answer(&format!("{error}{done}")), Err(Reason::Rejected)),
        // Nothing below proves that nothing was bought. The money was there a moment ago.
        (
            answer(&format!(
                "{error}<responses><response><ResponseNumber>524181</ResponseNumber></response></responses>{done}"
            )),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!(
                "{error}<responses><response><ResponseNumber>621999</ResponseNumber></response></responses>{done}"
            )),
            Err(Reason::OutcomeUnknown),
        ),
        // One doubtful complaint among clear ones leaves the outcome open.
        (
            answer(&format!(
                "{error}<responses><response><ResponseNumber>304005</ResponseNumber></response>\
                 <response><ResponseNumber>621999</ResponseNumber></response></responses>{done}"
            )),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!(
                "<ErrCount>1</ErrCount><errors><Err1>Insufficient answer of the registry, try again later</Err1></errors>{done}"
            )),
            Err(Reason::OutcomeUnknown),
        ),
        (answer(error), Err(Reason::OutcomeUnknown)),
        (
            answer(&format!("<CertID>7</CertID>{error}{done}")),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!("<OrderID>7</OrderID>{error}{done}")),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!("<ErrCount>0</ErrCount>{done}")),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!("<CertID>0</CertID><ErrCount>0</ErrCount>{done}")),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!("<CertID>x</CertID><ErrCount>0</ErrCount>{done}")),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!(
                "<CertID>7</CertID><CertID>8</CertID><ErrCount>0</ErrCount>{done}"
            )),
            Err(Reason::OutcomeUnknown),
        ),
        (
            answer(&format!(
                "<CertID>7</CertID><Success>False</Success><ErrCount>0</ErrCount>{done}"
            )),
            Err(Reason::OutcomeUnknown),
        ),
        (reply(""), Err(Reason::OutcomeUnknown)),
        (
            fixture_answer("maintenance.html"),
            Err(Reason::OutcomeUnknown),
        ),
        (fixture_answer("truncated.xml"), Err(Reason::OutcomeUnknown)),
        (
            Err(SendFailure::Lost(Words::verbatim("time-out"))),
            Err(Reason::OutcomeUnknown),
        ),
        (
            Err(SendFailure::NotSent(Words::verbatim("refused"))),
            Err(Reason::Unreachable),
        ),
    ];
    for (number, (answer, expected)) in cases.into_iter().enumerate() {
        let outcome = paid::purchase(answer, &key).map_err(crate::ca::Unplaced::failure);
        match expected {
            Ok(slot) => assert_eq!(outcome.unwrap().order.as_str(), slot, "case {number}"),
            Err(reason) => assert_eq!(outcome.unwrap_err().reason(), reason, "case {number}"),
        }
    }
    let placed = paid::purchase(fixture_answer("purchase.xml"), &key)
        .map_err(crate::ca::Unplaced::failure)
        .unwrap();
    assert_eq!(
        placed.references,
        [(Reference::Partner, "300111222".to_owned())]
    );
    let mut error = answer(&format!("<CertID>7</CertID><ErrCount>0</ErrCount>{done}")).unwrap();
    error.status = 503;
    let outcome = paid::purchase(Ok(error), &key)
        .map_err(crate::ca::Unplaced::failure)
        .unwrap_err();
    assert_eq!(outcome.reason(), Reason::OutcomeUnknown);
}

fn fixture_answer(name: &str) -> Result<Reply, SendFailure> {
    reply(&fixture(&format!("replies/{name}")))
}

#[test]
fn answers_to_a_reissue_are_read_with_the_same_care() {
    let key = IntentKey::new(KEY);
    let order = VendorOrderId::new("901234");
    let read = |inside: &str| {
        let body = format!("<interface-response>{inside}</interface-response>");
        paid::reissue(reply(&body), &key, &order).map_err(crate::ca::Unplaced::failure)
    };
    let good = "<CertReissueCert><Success>True</Success><Message>on its way</Message>\
        </CertReissueCert><ErrCount>0</ErrCount><Done>true</Done>";
    assert_eq!(read(good).unwrap().remark.as_deref(), Some("on its way"));
    // The wrapper is lost in the documentation's sample (enom.md 9).
    let bare = "<Success>True</Success><ErrCount>0</ErrCount><Done>true</Done>";
    assert_eq!(read(bare).unwrap().order, order);
    for (inside, reason) in [
        ("<ErrCount>1</ErrCount><Done>true</Done>", Reason::Rejected),
        (
            "<Success>False</Success><ErrCount>0</ErrCount><Done>true</Done>",
            Reason::OutcomeUnknown,
        ),
        (
            "<Success>True</Success><ErrCount>0</ErrCount>",
            Reason::OutcomeUnknown,
        ),
    ] {
        assert_eq!(read(inside).unwrap_err().reason(), reason, "{inside}");
    }
}

/// The answer never matters: one purchase leaves, on one connection.
#[tokio::test]
async fn the_purchase_is_sent_once_whatever_the_answer() {
    type Make = fn() -> Answer;
    let answers: [(&str, Make); 9] = [
        ("close", || Answer::Close),
        ("stall", || Answer::Stall),
        ("cut", || {
            Answer::Raw(b"HTTP/1.1 200 X\r\ncontent-length: 500\r\n\r\n<inter".to_vec())
        }),
        ("503", || Answer::Full(503, b"busy".to_vec())),
        ("429", || Answer::RetryAfter(429, 1)),
        ("redirect", || Answer::Redirect("/interface.asp".to_owned())),
        ("empty", || ok("")),
        ("page", || ok(fixture("replies/maintenance.html"))),
        ("truncated", || ok(fixture("replies/truncated.xml"))),
    ];
    for (what, make) in answers {
        let server = Server::start(move |request| {
            if command_of(request) == "PurchaseServices" {
                make()
            } else {
                ok(fixture("replies/empty_listing.xml"))
            }
        })
        .await;
        let ca = adapter(&format!("{}/interface.asp", server.url));
        let token = Token("b:0:0:e3b0c442:100000:0".to_owned());
        let failure = ca
            .submit(&purchase(RAPID), &token, Permit::for_tests())
            .await
            .result()
            .unwrap_err();
        assert_eq!(failure.kind(), FailureKind::Unknown, "{what}: {failure}");
        let requests = server.requests();
        let commands: Vec<_> = requests.iter().map(command_of).collect();
        assert_eq!(commands, ["CertGetCerts", "PurchaseServices"], "{what}");
    }
}

#[tokio::test]
async fn nothing_is_sent_without_the_snapshot_of_the_holdings() {
    let world = World::start();
    let order = purchase(RAPID);
    for token in ["", "b:1", "r:00000000:0", "something"] {
        let token = Token(token.to_owned());
        let outcome = world.ca.submit(&order, &token, Permit::for_tests()).await;
        assert!(matches!(outcome, Submission::NotSent(_)), "{outcome:?}");
    }
    assert_eq!(world.server.hits("PurchaseServices"), 0);
}

/// Every fault of the frame at the purchase: at most one sale, one call, and a truthful verdict.
#[tokio::test]
async fn every_fault_at_the_purchase_leaves_at_most_one_sale() {
    for (what, fault) in Fault::ALL {
        // The port's own refusal and the gateway that repeats have tests of their own.
        if matches!(
            fault,
            Fault::DuplicateDelivery | Fault::RefuseNext | Fault::Refuse
        ) {
            continue;
        }
        let world = World::start();
        let order = fresh(RAPID, &["www.example.com"]);
        let token = world.prepare(&order).await;
        world.server.set_fault("PurchaseServices", fault, FOREVER);
        let sent = Utc::now();
        let outcome = world.submit(&order, &token).await;
        assert_eq!(world.server.hits("PurchaseServices"), 1, "{what}");
        let sold = world.sold();
        assert_eq!(sold, usize::from(!fault.is_before()), "{what}");
        let failure = match outcome {
            Ok(placed) => {
                assert_eq!(placed.order.as_str(), world.store.orders()[0].id, "{what}");
                continue;
            }
            Err(failure) => failure,
        };
        if fault == Fault::ErrorWith200 {
            assert_eq!(failure.kind(), FailureKind::Rejected, "{what}");
            continue;
        }
        assert_eq!(failure.kind(), FailureKind::Unknown, "{what}: {failure}");
        world.server.clear_faults();
        let late = sent + chrono::TimeDelta::minutes(16);
        let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
        match located {
            // A blank slot carries nothing of ours.
            Located::Candidates(shown) => {
                let shown: Vec<_> = shown.iter().map(|one| one.order.as_str()).collect();
                assert_eq!(shown, [world.store.orders()[0].id.as_str()], "{what}");
                assert_eq!(sold, 1, "{what}");
            }
            Located::NotPlaced => assert_eq!(sold, 0, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
        world.assert_clean();
    }
}

#[tokio::test]
async fn a_closed_port_is_the_only_proof_that_nothing_was_sent() {
    let world = World::start();
    let order = purchase(RAPID);
    let token = world.prepare(&order).await;
    world.server.go_down();
    let outcome = world.ca.submit(&order, &token, Permit::for_tests()).await;
    assert!(
        matches!(&outcome, Submission::NotSent(failure) if failure.reason() == Reason::Unreachable),
        "{outcome:?}"
    );
    assert_eq!(world.sold(), 0);
}

#[tokio::test]
async fn a_gateway_that_repeats_the_purchase_leaves_it_to_a_person() {
    let world = World::start();
    let order = purchase(RAPID);
    let token = world.prepare(&order).await;
    world
        .server
        .set_fault("PurchaseServices", Fault::DuplicateDelivery, 1);
    let placed = world.submit(&order, &token).await.unwrap();
    assert_eq!(world.server.hits("PurchaseServices"), 1);
    // The client sees the second sale; were it lost, too, nobody could tell which one is meant.
    assert_eq!(placed.order.as_str(), world.store.orders()[1].id);
    let now = Utc::now();
    let late = now + chrono::TimeDelta::minutes(15);
    let located = world.ca.locate(&order, &token, now, late).await.unwrap();
    let Located::Candidates(shown) = located else {
        panic!("{located:?}")
    };
    let shown: Vec<_> = shown.iter().map(|one| one.order.as_str()).collect();
    let orders = world.store.orders();
    assert_eq!(shown, [orders[1].id.as_str(), orders[0].id.as_str()]);
}
