//! Lost answers at every paid call: one sale, and the order is found again or a person is asked.

use chrono::TimeDelta;

use super::vendor::{Approval, Fault, Vendor};
use super::*;

/// The paid calls with the way to make each.
const CALLS: [&str; 6] = [
    "DVOrder",
    "DVDNSOrder",
    "URLVerification",
    "OVOrder",
    "EVOrder",
    "ReIssue",
];

/// Faults after which the order exists.
const AFTER: [Fault; 8] = [
    Fault::ResetBeforeAnswer,
    Fault::CutBody,
    Fault::ServerErrorAfter,
    Fault::HtmlPageAfter,
    Fault::Empty,
    Fault::Truncated,
    Fault::WrongTypes,
    Fault::Stall,
];

/// Faults after which it does not, although nobody can know.
const BEFORE: [Fault; 5] = [
    Fault::ResetBeforeHandling,
    Fault::ServerErrorBefore,
    Fault::HtmlPage,
    Fault::Redirect,
    Fault::TooManyRequests,
];

async fn purchase_of(world: &World, call: &str) -> Purchase {
    let names = ["mail.example.com", "a.example.com"];
    let mut wanted = with_csr(match call {
        "DVOrder" => purchase("DV", "example.com", &names, "email"),
        "DVDNSOrder" | "ReIssue" => purchase("DV", "example.com", &names, "dns"),
        "URLVerification" => purchase("DV", "example.com", &names, "http"),
        "OVOrder" => purchase("OV", "example.com", &names, ""),
        "EVOrder" => purchase("EV", "example.com", &names, ""),
        other => panic!("{other}"),
    });
    if call == "ReIssue" {
        let first = world.order(&wanted).await;
        world
            .vendor
            .approve(first.order.as_str(), &Approval::All)
            .unwrap();
        wanted = with_csr(wanted);
        wanted.key = IntentKey::new("reissuereissue234567");
        wanted.kind = PurchaseKind::Reissue {
            order: first.order,
            former_names: wanted.additional_names.clone(),
        };
    }
    wanted.since = world.vendor.clock().now();
    wanted
}

/// Another customer's order of the same name, placed before.
async fn decoy(world: &World) {
    let mut other = with_csr(purchase("DV", "example.com", &[], "dns"));
    other.key = IntentKey::new("zzzzzzzzzzzzzzzzzzzz");
    world.order(&other).await;
}

struct Lost {
    world: World,
    purchase: Purchase,
    token: Token,
    /// Entries of the books before the call whose answer is lost.
    booked: usize,
}

impl Lost {
    /// Everything up to and including the call whose answer is lost.
    async fn after(call: &str, fault: Fault) -> Self {
        let world = World::start();
        decoy(&world).await;
        let purchase = purchase_of(&world, call).await;
        let token = world.adapter.prepare(&purchase).await.unwrap();
        let booked = world.booked();
        world.server.forget_requests();
        world.server.set_fault(call, fault, 1);
        let failure = world
            .adapter
            .submit(&purchase, &token, permit())
            .await
            .unwrap_err();
        assert_eq!(failure.kind(), Kind::Unknown, "{call} {fault:?}: {failure}");
        assert_eq!(world.server.hits(call), 1, "{call} {fault:?}");
        Self {
            world,
            purchase,
            token,
            booked,
        }
    }

    async fn locate(&self, minutes: i64) -> Result<Located, Failure> {
        let since = self.purchase.since;
        let now = since + TimeDelta::minutes(minutes);
        self.world
            .adapter
            .locate(&self.purchase, &self.token, since, now)
            .await
    }

    /// Numbers of the orders the lost call created.
    fn created(&self) -> Vec<String> {
        let sales = self.world.vendor.sales();
        sales[self.booked..]
            .iter()
            .map(|sale| sale.order.clone())
            .collect()
    }
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_adopted_and_bought_once() {
    for call in CALLS {
        for fault in AFTER {
            let lost = Lost::after(call, fault).await;
            let created = lost.created();
            assert_eq!(created.len(), 1, "{call} {fault:?}");
            match lost.locate(1).await.unwrap() {
                Located::Found(placed) => {
                    assert_eq!(placed.order.as_str(), created[0], "{call} {fault:?}");
                    // What to publish cannot be read again.
                    let lost_proof = matches!(call, "DVDNSOrder" | "URLVerification");
                    assert_eq!(placed.remark.is_some(), lost_proof, "{call}");
                }
                other => panic!("{call} {fault:?}: {other:?}"),
            }
            assert_eq!(lost.created().len(), 1, "{call} {fault:?}");
            assert_eq!(lost.world.server.hits(call), 1, "{call} {fault:?}");
            lost.world.assert_no_violations();
        }
    }
}

#[tokio::test]
async fn an_order_that_never_arrived_is_not_sent_again_except_by_its_own_number() {
    for call in CALLS {
        for fault in BEFORE {
            let lost = Lost::after(call, fault).await;
            assert_eq!(lost.created().len(), 0, "{call} {fault:?}");
            if call == "DVOrder" {
                // Taken only once by the vendor: sending it again is safe, and finishes the order.
                match lost.locate(1).await.unwrap() {
                    Located::Found(placed) => assert_eq!(placed.order.as_str(), lost.token.0),
                    other => panic!("{fault:?}: {other:?}"),
                }
                assert_eq!(
                    lost.created(),
                    std::slice::from_ref(&lost.token.0),
                    "{fault:?}"
                );
                assert_eq!(lost.world.server.hits(call), 2);
            } else {
                assert_eq!(lost.locate(1).await.unwrap(), Located::TooEarly, "{call}");
                let later = lost.locate(10).await.unwrap();
                assert!(matches!(later, Located::CannotTell(_)), "{call}: {later:?}");
                assert_eq!(lost.world.server.hits(call), 1, "{call} {fault:?}");
                assert_eq!(lost.created().len(), 0, "{call} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_number_that_the_look_up_does_not_show_is_tried_once_more() {
    let lost = Lost::after("DVOrder", Fault::ResetBeforeAnswer).await;
    lost.world.switch("hide", "all");
    match lost.locate(1).await.unwrap() {
        Located::Found(placed) => assert_eq!(placed.order.as_str(), lost.token.0),
        other => panic!("{other:?}"),
    }
    assert_eq!(lost.world.server.hits("DVOrder"), 2);
    assert_eq!(lost.created().len(), 1);
}

#[tokio::test]
async fn a_refused_repetition_proves_nothing() {
    for (code, expected) in [
        ("-9911", Kind::Funds),
        ("-4201", Kind::Auth),
        ("-201", Kind::Transient),
    ] {
        let lost = Lost::after("DVOrder", Fault::ResetBeforeAnswer).await;
        lost.world.switch("hide", "all");
        lost.world.switch("error", &format!("DVOrder:{code}"));
        assert_eq!(
            lost.locate(10).await.unwrap_err().kind(),
            expected,
            "{code}"
        );
    }
    let lost = Lost::after("DVOrder", Fault::ResetBeforeAnswer).await;
    lost.world.switch("hide", "all");
    lost.world.switch("error", "DVOrder:-4007");
    assert_eq!(lost.locate(1).await.unwrap(), Located::TooEarly);
    assert!(matches!(
        lost.locate(10).await.unwrap(),
        Located::CannotTell(_)
    ));
    // The answer of the repetition is lost, too: nothing is known, nothing is bought twice.
    lost.world.switch("error", "");
    lost.world
        .server
        .set_fault("DVOrder", Fault::ResetBeforeAnswer, 1);
    assert_eq!(lost.locate(10).await.unwrap_err().kind(), Kind::Transient);
    assert_eq!(lost.created().len(), 1);
}

#[tokio::test]
async fn without_markers_the_original_request_decides() {
    for call in ["DVDNSOrder", "OVOrder", "EVOrder"] {
        let lost = Lost::after(call, Fault::ResetBeforeAnswer).await;
        lost.world.switch("marker", "off");
        lost.world.switch("clock-fault", "on");
        match lost.locate(1).await.unwrap() {
            Located::Found(placed) => assert_eq!(placed.order.as_str(), lost.created()[0]),
            other => panic!("{call}: {other:?}"),
        }
        // Without the request, too, one order is left: the other one existed before.
        lost.world.switch("original-csr", "off");
        assert_eq!(lost.locate(1).await.unwrap(), Located::TooEarly);
        match lost.locate(10).await.unwrap() {
            Located::Found(placed) => assert_eq!(placed.order.as_str(), lost.created()[0]),
            other => panic!("{call}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn orders_that_cannot_be_told_apart_are_left_to_a_person() {
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeAnswer).await;
    let mut twin = lost.purchase.clone();
    twin.key = IntentKey::new("zzzzzzzzzzzzzzzzzzzy");
    lost.world.order(&twin).await;
    // The marker tells them apart; without it nothing does.
    assert!(matches!(lost.locate(1).await.unwrap(), Located::Found(_)));
    lost.world.switch("marker", "off");
    match lost.locate(1).await.unwrap() {
        Located::CannotTell(words) => assert!(words.contains(&lost.created()[0]), "{words}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn long_listings_are_read_in_pieces() {
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeAnswer).await;
    lost.world.switch("marker", "off");
    // 460 further orders spread over the window fill a page.
    for index in 0..460_i64 {
        let offset = TimeDelta::minutes(index * 2 - 460);
        lost.world.vendor.clock().set_offset(offset);
        lost.world
            .vendor
            .add_foreign(&format!("shop{index}.example.net"));
    }
    lost.world.vendor.clock().set_offset(TimeDelta::zero());
    match lost.locate(1).await.unwrap() {
        Located::Found(placed) => assert_eq!(placed.order.as_str(), lost.created()[0]),
        other => panic!("{other:?}"),
    }
    assert!(lost.world.server.hits("GetOrderByDateRange") >= 3);
}

#[tokio::test]
async fn a_listing_that_stays_full_is_left_to_a_person() {
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeAnswer).await;
    lost.world.switch("marker", "off");
    for index in 0..460 {
        lost.world
            .vendor
            .add_foreign(&format!("shop{index}.example.net"));
    }
    match lost.locate(1).await.unwrap() {
        Located::CannotTell(words) => assert!(words.contains("too many"), "{words}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_look_up_that_fails_is_tried_again_later() {
    for call in ["DVDNSOrder", "ReIssue"] {
        let lost = Lost::after(call, Fault::ResetBeforeAnswer).await;
        lost.world.switch("error", "*:-201");
        assert_eq!(lost.locate(10).await.unwrap_err().kind(), Kind::Transient);
        lost.world.switch("error", "");
        assert!(matches!(lost.locate(10).await.unwrap(), Located::Found(_)));
    }
}

#[tokio::test]
async fn a_listing_that_is_refused_leaves_the_word_to_the_next_one() {
    for (code, listing) in [
        ("-1", "GetCertificateOrders"),
        ("-9916", "GetCertificateOrders"),
        ("-9200", "GetCertificateOrders"),
    ] {
        let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeAnswer).await;
        lost.world.switch("error", &format!("{listing}:{code}"));
        assert!(matches!(lost.locate(10).await.unwrap(), Located::Found(_)));
    }
    let lost = Lost::after("ReIssue", Fault::ResetBeforeAnswer).await;
    lost.world.switch("error", "GetOrderByDateRange:-9916");
    assert!(matches!(lost.locate(10).await.unwrap(), Located::Found(_)));
    // A refused listing that might have shown the order is no proof that there is none.
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeHandling).await;
    lost.world.switch("error", "GetCertificateOrders:-1");
    assert_eq!(lost.locate(10).await.unwrap_err().kind(), Kind::Transient);
}

#[tokio::test]
async fn an_order_is_placed_although_what_exists_cannot_be_listed() {
    let world = World::start();
    let purchase = with_csr(purchase("DV", "example.com", &[], "dns"));
    for (code, goes_on) in [
        ("-1", true),
        ("-9916", true),
        ("-4001", false),
        ("-4201", false),
    ] {
        world.switch("error", &format!("GetCertificateOrders:{code}"));
        let prepared = world.adapter.prepare(&purchase).await;
        assert_eq!(prepared.is_ok(), goes_on, "{code}");
    }
}

#[tokio::test]
async fn a_request_delivered_twice_is_one_order_or_a_question() {
    let world = World::start();
    let purchase = purchase_of(&world, "DVOrder").await;
    let token = world.adapter.prepare(&purchase).await.unwrap();
    world
        .server
        .set_fault("DVOrder", Fault::DuplicateDelivery, 1);
    let placed = world
        .adapter
        .submit(&purchase, &token, permit())
        .await
        .unwrap();
    assert_eq!(placed.order.as_str(), token.0);
    assert_eq!(world.paid(), 1);

    let world = World::start();
    let purchase = purchase_of(&world, "ReIssue").await;
    let token = world.adapter.prepare(&purchase).await.unwrap();
    world
        .server
        .set_fault("ReIssue", Fault::DuplicateDelivery, 1);
    let failure = world
        .adapter
        .submit(&purchase, &token, permit())
        .await
        .unwrap_err();
    assert_eq!(failure.kind(), Kind::Unknown);
    let now = purchase.since + TimeDelta::minutes(1);
    let located = world
        .adapter
        .locate(&purchase, &token, purchase.since, now)
        .await
        .unwrap();
    assert!(matches!(located, Located::Found(_)), "{located:?}");
    assert_eq!(world.booked(), 2);
}
