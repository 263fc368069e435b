//! Lost answers at every paid call: one sale, and the order is found again or a person is asked.

use chrono::TimeDelta;

use super::vendor::{Approval, Fault, Vendor};
use super::*;
use crate::ca::{Doubt, Proof};

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
        let token = world
            .adapter
            .prepare(&purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap();
        let booked = world.booked();
        world.server.forget_requests();
        world.server.set_fault(call, fault, 1);
        let failure = world
            .adapter
            .submit(&purchase, &token, permit())
            .await
            .result()
            .unwrap_err();
        assert_eq!(
            failure.kind(),
            FailureKind::Unknown,
            "{call} {fault:?}: {failure}"
        );
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

    /// The same call once more, as an ordering operation makes it.
    async fn submit(&self) -> Submission {
        let adapter = &self.world.adapter;
        adapter.submit(&self.purchase, &self.token, permit()).await
    }

    /// What is said until the settle time is over.
    fn until(&self) -> Located {
        Located::TooEarly(self.purchase.since + TimeDelta::minutes(5))
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

/// The orders that a person is asked about.
fn asked(located: Located, same_csr: bool) -> Vec<String> {
    let Located::Candidates(shown) = located else {
        panic!("{located:?}")
    };
    for one in &shown {
        assert_eq!(one.name.as_deref(), Some("example.com"));
        assert_eq!(one.same_csr, same_csr);
    }
    shown.iter().map(|one| one.order.to_string()).collect()
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_proved_and_bought_once() {
    for call in CALLS {
        for fault in AFTER {
            let lost = Lost::after(call, fault).await;
            let created = lost.created();
            assert_eq!(created.len(), 1, "{call} {fault:?}");
            // A reissue carries no marker of its own: its CSR is proof when no other can appear any more.
            let (minutes, expected) = match call {
                "DVOrder" => (1, Proof::Number),
                "ReIssue" => (5, Proof::Csr),
                _ => (1, Proof::Reference),
            };
            if minutes > 1 {
                assert_eq!(lost.locate(4).await.unwrap(), lost.until());
            }
            match lost.locate(minutes).await.unwrap() {
                Located::Found(placed, proof) => {
                    assert_eq!(placed.order.as_str(), created[0], "{call} {fault:?}");
                    assert_eq!(proof, expected, "{call} {fault:?}");
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
async fn looking_for_an_order_that_never_arrived_sends_nothing() {
    for call in CALLS {
        for fault in BEFORE {
            let lost = Lost::after(call, fault).await;
            assert_eq!(lost.locate(4).await.unwrap(), lost.until(), "{call}");
            let later = lost.locate(5).await.unwrap();
            if call == "DVOrder" {
                assert_eq!(later, Located::Resendable, "{fault:?}");
            } else {
                assert!(matches!(later, Located::CannotTell(_)), "{call}: {later:?}");
            }
            assert_eq!(lost.world.server.hits(call), 1, "{call} {fault:?}");
            assert_eq!(lost.created().len(), 0, "{call} {fault:?}");
        }
    }
}

#[tokio::test]
async fn a_number_sent_again_is_one_order_whether_the_first_arrived_or_not() {
    for fault in [Fault::ResetBeforeHandling, Fault::ResetBeforeAnswer] {
        let lost = Lost::after("DVOrder", fault).await;
        lost.world.switch("hide", "all");
        assert_eq!(lost.locate(4).await.unwrap(), lost.until());
        assert_eq!(lost.locate(5).await.unwrap(), Located::Resendable);
        assert_eq!(lost.world.server.hits("DVOrder"), 1);
        match lost.submit().await {
            Submission::Placed(placed) => {
                assert_eq!(fault, Fault::ResetBeforeHandling);
                assert_eq!(placed.order.as_str(), lost.token.0);
            }
            // "Used already" is no proof of whose it is: the look-up that follows compares.
            Submission::Unknown(Doubt::Unclear(failure)) => {
                assert_eq!(fault, Fault::ResetBeforeAnswer);
                assert!(failure.words().contains("-4004"), "{failure}");
            }
            other => panic!("{fault:?}: {other:?}"),
        }
        lost.world.switch("hide", "");
        match lost.locate(6).await.unwrap() {
            Located::Found(placed, Proof::Number) => {
                assert_eq!(placed.order.as_str(), lost.token.0);
            }
            other => panic!("{fault:?}: {other:?}"),
        }
        assert_eq!(lost.created(), std::slice::from_ref(&lost.token.0));
    }
}

#[tokio::test]
async fn an_order_under_our_number_is_believed_only_with_our_name_and_csr() {
    let lost = Lost::after("DVOrder", Fault::ResetBeforeAnswer).await;
    let look = async |change: fn(&mut Purchase)| {
        let mut purchase = lost.purchase.clone();
        change(&mut purchase);
        let (since, token) = (purchase.since, &lost.token);
        let adapter = &lost.world.adapter;
        adapter
            .locate(&purchase, token, since, since)
            .await
            .unwrap()
    };
    // Not believed, and shown to a person: nothing else can have been ordered under the number.
    let foreign = |located: &Located, what: &str| {
        let Located::Candidates(shown) = located else {
            panic!("{located:?}");
        };
        let shown: Vec<String> = shown.iter().map(ToString::to_string).collect();
        assert_eq!(shown, [format!("{} ({what})", lost.token.0)]);
    };
    let other_csr = |purchase: &mut Purchase| purchase.csr_pem = csr("example.com");
    foreign(&look(other_csr).await, "example.com");
    let other_name = |purchase: &mut Purchase| purchase.common_name = name("other.example.com");
    foreign(&look(other_name).await, "example.com, same CSR");
    assert!(matches!(
        look(|_| {}).await,
        Located::Found(_, Proof::Number)
    ));
    // The name is enough where the vendor does not show the request.
    lost.world.switch("original-csr", "off");
    assert!(matches!(
        look(|_| {}).await,
        Located::Found(_, Proof::Number)
    ));
    assert_eq!(lost.world.server.hits("DVOrder"), 1);
}

#[tokio::test]
async fn a_look_up_of_a_number_that_is_refused_says_nothing_of_the_order() {
    let lost = Lost::after("DVOrder", Fault::ResetBeforeAnswer).await;
    for (code, expected) in [("-4001", FailureKind::Auth), ("-4201", FailureKind::Auth)] {
        lost.world.switch("error", &format!("*:{code}"));
        let failure = lost.locate(10).await.unwrap_err();
        assert_eq!(failure.kind(), expected, "{code}");
    }
    // The vendor answers an unknown number as it answers its own trouble.
    lost.world.switch("error", "*:-1");
    assert_eq!(lost.locate(4).await.unwrap(), lost.until());
    assert_eq!(lost.locate(10).await.unwrap(), Located::Resendable);
    assert_eq!(lost.created().len(), 1);
}

#[tokio::test]
async fn without_markers_the_original_request_decides_after_the_settle_time() {
    for call in ["DVDNSOrder", "OVOrder", "EVOrder"] {
        let lost = Lost::after(call, Fault::ResetBeforeAnswer).await;
        lost.world.switch("marker", "off");
        lost.world.switch("clock-fault", "on");
        assert_eq!(lost.locate(4).await.unwrap(), lost.until());
        match lost.locate(5).await.unwrap() {
            Located::Found(placed, Proof::Csr) => {
                assert_eq!(placed.order.as_str(), lost.created()[0]);
            }
            other => panic!("{call}: {other:?}"),
        }
        // Without the request one order is left, the other one existed before: a person is asked about it.
        lost.world.switch("original-csr", "off");
        assert_eq!(lost.locate(4).await.unwrap(), lost.until());
        let shown = asked(lost.locate(5).await.unwrap(), false);
        assert_eq!(shown, lost.created(), "{call}");
    }
}

#[tokio::test]
async fn orders_that_cannot_be_told_apart_are_left_to_a_person() {
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeAnswer).await;
    let mut twin = lost.purchase.clone();
    twin.key = IntentKey::new("zzzzzzzzzzzzzzzzzzzy");
    lost.world.order(&twin).await;
    // The marker tells them apart; without it nothing does.
    match lost.locate(1).await.unwrap() {
        Located::Found(placed, Proof::Reference) => {
            assert_eq!(placed.order.as_str(), lost.created()[0]);
        }
        other => panic!("{other:?}"),
    }
    lost.world.switch("marker", "off");
    assert_eq!(lost.locate(4).await.unwrap(), lost.until());
    let mut shown = asked(lost.locate(5).await.unwrap(), true);
    shown.sort_unstable();
    let mut created = lost.created();
    created.sort_unstable();
    assert_eq!((shown.len(), shown), (2, created));
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
    match lost.locate(5).await.unwrap() {
        Located::Found(placed, Proof::Csr) => {
            assert_eq!(placed.order.as_str(), lost.created()[0]);
        }
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
        Located::CannotTell(words) => assert!(words.en().contains("too many"), "{words:?}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_search_that_is_refused_or_stays_full_is_no_look_for_doubled_orders() {
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeAnswer).await;
    let copies = async || {
        let adapter = &lost.world.adapter;
        let since = lost.purchase.since;
        adapter.copies(&lost.purchase, &lost.token, since).await
    };
    assert_eq!(copies().await.unwrap().unwrap().len(), 1);
    lost.world.switch("error", "GetCertificateOrders:-201");
    copies().await.unwrap_err();
    lost.world.switch("error", "");
    for _ in 0..460 {
        lost.world.vendor.add_foreign("example.com");
    }
    assert_eq!(copies().await.unwrap(), None);
}

#[tokio::test]
async fn a_look_up_that_fails_is_tried_again_later() {
    for call in ["DVDNSOrder", "ReIssue"] {
        let lost = Lost::after(call, Fault::ResetBeforeAnswer).await;
        lost.world.switch("error", "*:-201");
        assert_eq!(
            lost.locate(10).await.unwrap_err().kind(),
            FailureKind::Transient
        );
        lost.world.switch("error", "");
        assert!(matches!(
            lost.locate(10).await.unwrap(),
            Located::Found(_, _)
        ));
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
        assert!(matches!(
            lost.locate(10).await.unwrap(),
            Located::Found(_, _)
        ));
    }
    let lost = Lost::after("ReIssue", Fault::ResetBeforeAnswer).await;
    lost.world.switch("error", "GetOrderByDateRange:-9916");
    assert!(matches!(
        lost.locate(10).await.unwrap(),
        Located::Found(_, _)
    ));
    // A refused listing that might have shown the order is no proof that there is none.
    let lost = Lost::after("DVDNSOrder", Fault::ResetBeforeHandling).await;
    lost.world.switch("error", "GetCertificateOrders:-1");
    assert_eq!(
        lost.locate(10).await.unwrap_err().kind(),
        FailureKind::Transient
    );
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
        let prepared = world
            .adapter
            .prepare(&purchase, &[])
            .await
            .map(|prepared| prepared.token);
        assert_eq!(prepared.is_ok(), goes_on, "{code}");
    }
}

#[tokio::test]
async fn a_request_delivered_twice_is_one_order() {
    for (call, minutes, expected) in [("DVOrder", 0, Proof::Number), ("ReIssue", 5, Proof::Csr)] {
        let world = World::start();
        let purchase = purchase_of(&world, call).await;
        let prepared = world.adapter.prepare(&purchase, &[]).await.unwrap();
        let booked = world.booked();
        world.server.set_fault(call, Fault::DuplicateDelivery, 1);
        let outcome = world
            .adapter
            .submit(&purchase, &prepared.token, permit())
            .await;
        // The second delivery is refused because of the first.
        assert!(
            matches!(outcome, Submission::Unknown(Doubt::Unclear(_))),
            "{outcome:?}"
        );
        let now = purchase.since + TimeDelta::minutes(minutes);
        let located = world
            .adapter
            .locate(&purchase, &prepared.token, purchase.since, now)
            .await
            .unwrap();
        match located {
            Located::Found(placed, proof) => {
                assert_eq!(proof, expected);
                assert!(call != "DVOrder" || placed.order.as_str() == prepared.token.0);
            }
            other => panic!("{call}: {other:?}"),
        }
        assert_eq!(world.booked(), booked + 1, "{call}");
    }
}
