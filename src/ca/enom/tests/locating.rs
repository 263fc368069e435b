//! Holdings before against holdings after.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::vendor::{FOREVER, Fault, Vendor};
use super::*;
use crate::ca::{Candidate, Located, Proof, Sought, Wanted};

use super::super::locate::{Comparison, compare};
use super::super::model::Slot;
use super::super::token::{HoldingsSnapshot, TokenContent};

fn slot(id: u64, months: u32) -> Slot {
    Slot {
        id,
        validity: Some(months),
        ..Slot::default()
    }
}

fn slots(ids: &[u64]) -> Vec<Slot> {
    ids.iter().map(|id| slot(*id, 12)).collect()
}

#[test]
fn new_blank_slots_of_the_term_may_be_the_purchase_and_nothing_else_may() {
    let before = HoldingsSnapshot::of(&slots(&[3, 5]), None, 0);
    let found = |after: &[Slot]| match compare(&before, after, Months(12)) {
        Comparison::New(slots) => Ok(slots.iter().map(|slot| slot.id).collect()),
        Comparison::None => Ok(Vec::new()),
        Comparison::Unclear(why) => Err(why),
    };
    assert_eq!(found(&slots(&[3, 5])), Ok(vec![]));
    assert_eq!(found(&slots(&[3, 5, 9])), Ok(vec![9]));
    assert_eq!(
        found(&slots(&[9, 3])),
        Ok(vec![9]),
        "one of before was used meanwhile"
    );
    assert_eq!(found(&slots(&[])), Ok(vec![]));
    assert_eq!(found(&slots(&[3, 5, 9, 10])), Ok(vec![9, 10]));
    assert!(
        found(&slots(&[3, 4, 5])).is_err(),
        "numbers that do not grow"
    );
    assert!(found(&slots(&[3, 4])).is_err(), "an exchanged slot");
    let other_term = [slot(3, 12), slot(5, 12), slot(9, 24)];
    assert_eq!(found(&other_term), Ok(vec![]));
    let both = [slot(3, 12), slot(5, 12), slot(9, 24), slot(10, 12)];
    assert_eq!(found(&both), Ok(vec![10]));
    let mut taken = slots(&[3, 5, 9]);
    taken[2].domain = Some("www.example.com".to_owned());
    assert_eq!(
        found(&taken),
        Ok(vec![]),
        "a configured slot is somebody else's"
    );
    let mut vague = slots(&[3, 5, 9]);
    vague[2].validity = None;
    assert_eq!(found(&vague), Ok(vec![9]), "a term that is not told");
}

proptest! {
    #[test]
    fn only_a_slot_that_was_not_there_before_is_ever_a_candidate(
        before in proptest::collection::btree_set(1u64..60, 0..12),
        after in proptest::collection::btree_set(1u64..60, 0..12),
    ) {
        let before: Vec<u64> = before.into_iter().collect();
        let after: Vec<u64> = after.into_iter().collect();
        let snapshot = HoldingsSnapshot::of(&slots(&before), None, 0);
        if let Comparison::New(found) = compare(&snapshot, &slots(&after), Months(12)) {
            prop_assert!(!found.is_empty());
            prop_assert!(found.iter().all(|slot| !before.contains(&slot.id)));
        }
    }
}

fn until(sent: DateTime<Utc>) -> Located {
    Located::TooEarly(sent + TimeDelta::minutes(15))
}

/// Blank slots carry neither name nor date.
pub(super) fn candidates(slots: &[&str]) -> Located {
    let candidate = |slot: &&str| Candidate {
        order: VendorOrderId::new(*slot),
        name: None,
        ordered: None,
        same_csr: false,
    };
    Located::Candidates(slots.iter().map(candidate).collect())
}

/// A purchase whose answer was lost. The vendor's time is that of the test.
pub(super) async fn lose_answer(world: &World, order: &Purchase) -> (Token, DateTime<Utc>) {
    let token = world.prepare(order).await;
    world
        .server
        .set_fault("PurchaseServices", Fault::ResetBeforeAnswer, 1);
    world.submit(order, &token).await.unwrap_err();
    (token, Utc::now())
}

#[tokio::test]
async fn a_lost_purchase_is_a_candidate_among_foreign_slots_after_the_settle_time() {
    let world = World::start();
    for code in [RAPID, RAPID, ESSENTIAL] {
        world.store.buy_blank(code, 1);
    }
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    world.store.buy_blank(RAPID, 2);
    world.store.buy_blank(ESSENTIAL, 1);
    let locate = async |minutes: i64| {
        let now = sent + TimeDelta::minutes(minutes);
        world.ca.locate(&order, &token, sent, now).await.unwrap()
    };
    assert_eq!(locate(14).await, until(sent));
    assert_eq!(
        locate(15).await,
        candidates(&[&world.store.sales()[0].order])
    );
    assert_eq!(world.server.hits("PurchaseServices"), 1);
    world.assert_clean();
}

#[tokio::test]
async fn of_two_new_slots_a_person_chooses() {
    let world = World::start();
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    let other = world.store.buy_blank(RAPID, 1);
    let late = sent + TimeDelta::minutes(15);
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    let own = &world.store.sales()[0].order;
    assert_eq!(located, candidates(&[&other, own]));
    assert_eq!(world.server.hits("PurchaseServices"), 1);
}

#[tokio::test]
async fn a_slot_that_is_listed_late_is_waited_for() {
    let world = World::start();
    world.switch("listing_delay", "60");
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    let locate = async |minutes: i64| {
        let now = sent + TimeDelta::minutes(minutes);
        world.ca.locate(&order, &token, sent, now).await.unwrap()
    };
    assert_eq!(locate(1).await, until(sent));
    // Even after the settle time the balance speaks against "not bought".
    let late = locate(16).await;
    assert!(
        matches!(&late, Located::CannotTell(why) if why.en().contains("balance fell")),
        "{late:?}"
    );
    world.store.clock().advance(TimeDelta::seconds(61));
    assert_eq!(locate(2).await, until(sent), "no proof, so it is waited");
    assert_eq!(
        locate(16).await,
        candidates(&[&world.store.sales()[0].order])
    );
}

#[tokio::test]
async fn nothing_bought_is_believed_when_orders_and_balance_agree() {
    let world = World::start();
    let blank = world.store.buy_blank(RAPID, 1);
    let order = purchase(RAPID);
    let token = world.prepare(&order).await;
    let sent = Utc::now();
    let late = sent + TimeDelta::minutes(16);
    let locate = async || world.ca.locate(&order, &token, sent, late).await.unwrap();
    assert_eq!(locate().await, Located::NotPlaced);
    // Goods of other kinds and other products explain themselves.
    world.store.buy_domain(900);
    assert_eq!(locate().await, Located::NotPlaced);
    world.store.buy_blank(ESSENTIAL, 1);
    world.store.buy_blank(RAPID, 2);
    assert_eq!(locate().await, Located::NotPlaced);
    // A missing amount without an order does not.
    let world = World::start();
    let token = world.prepare(&order).await;
    world.store.set_balance(90_000);
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    assert!(matches!(located, Located::CannotTell(_)), "{located:?}");
    let early = world.ca.locate(&order, &token, sent, sent).await.unwrap();
    assert_eq!(early, until(sent));
    assert!(!blank.is_empty());
}

#[tokio::test]
async fn a_new_order_that_nothing_explains_is_shown_to_a_person_by_its_slot() {
    let world = World::start();
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    let own = world.store.sales()[0].order.clone();
    // It is not blank any more, and shows no name.
    world.switch("status", &format!("{own}=2/Processing"));
    let late = sent + TimeDelta::minutes(16);
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    assert_eq!(located, candidates(&[&own]));
}

#[tokio::test]
async fn where_new_slots_cannot_be_told_each_blank_one_is_shown_to_a_person() {
    let world = World::start();
    let blank = world.store.buy_blank(RAPID, 1);
    world.store.buy_blank(RAPID, 2);
    // The account had as many as now, with larger numbers.
    let snapshot = HoldingsSnapshot::of(&slots(&[999_999_998, 999_999_999]), None, 0);
    let token = TokenContent::Purchase(snapshot).write();
    let (order, sent) = (purchase(RAPID), Utc::now());
    let late = sent + TimeDelta::minutes(16);
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    assert_eq!(located, candidates(&[&blank]));
}

#[tokio::test]
async fn an_order_without_a_slot_is_not_asked_for_as_if_it_were_one() {
    let shown = super::super::locate::without_slot(300_111_007);
    assert_eq!(shown.to_string(), "order-300111007");
    let world = World::start();
    let order = crate::ca::OrderRef {
        order: shown.order,
        template: purchase(RAPID).template,
        csr_pem: None,
    };
    let failure = world.ca.status(&order).await.unwrap_err();
    assert_eq!(failure.reason(), crate::failure::Reason::Invalid);
    assert_eq!(world.server.hits("CertGetCertDetail"), 0);
}

#[tokio::test]
async fn a_balance_that_nobody_knows_proves_nothing() {
    let world = World::start();
    let order = purchase(RAPID);
    world
        .server
        .set_fault("GetBalance", Fault::HtmlPage, FOREVER);
    let token = world.prepare(&order).await;
    assert!(token.0.contains(":-:"), "{}", token.0);
    let sent = Utc::now();
    let late = sent + TimeDelta::minutes(16);
    world.server.clear_faults();
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    assert!(
        matches!(&located, Located::CannotTell(why) if why.en().contains("not known")),
        "{located:?}"
    );
    // One that cannot be read now is asked for again later.
    let token = world.prepare(&order).await;
    world
        .server
        .set_fault("GetBalance", Fault::HtmlPage, FOREVER);
    let failure = world.ca.locate(&order, &token, sent, late).await;
    assert_eq!(
        failure.unwrap_err().kind(),
        crate::failure::FailureKind::Transient
    );
    world.server.clear_faults();
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    assert_eq!(located, Located::NotPlaced);
}

#[tokio::test]
async fn a_picture_that_is_not_true_any_more_is_not_bought_upon() {
    let world = World::start();
    let order = purchase(RAPID);
    let old = world.store.buy_blank(RAPID, 1);
    let token = world.prepare(&order).await;
    // A used slot does no harm, a new one does.
    world.switch("status", &format!("{old}=2/Processing"));
    world.server.set_fault("CertGetCerts", Fault::HtmlPage, 1);
    let failure = world.submit(&order, &token).await.unwrap_err();
    assert_eq!(failure.kind(), crate::failure::FailureKind::Transient);
    world.store.buy_blank(RAPID, 2);
    let failure = world.submit(&order, &token).await.unwrap_err();
    assert_eq!(failure.reason(), crate::failure::Reason::AccountChanged);
    assert_eq!(world.server.hits("PurchaseServices"), 0);
    let token = world.prepare(&order).await;
    world.submit(&order, &token).await.unwrap();
    assert_eq!(world.sold(), 1);
}

#[tokio::test]
async fn look_ups_that_fail_are_failures_never_answers() {
    let world = World::start();
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    let late = sent + TimeDelta::minutes(16);
    for (what, fault) in Fault::ALL {
        if matches!(
            fault,
            Fault::SlowDrip | Fault::DuplicateDelivery | Fault::RefuseNext | Fault::Refuse
        ) {
            continue;
        }
        world
            .server
            .set_fault("CertGetCerts", fault, vendor::FOREVER);
        let located = world.ca.locate(&order, &token, sent, late).await;
        assert!(located.is_err(), "{what}: {located:?}");
        world.server.clear_faults();
    }
    assert_eq!(world.sold(), 1);
}

#[tokio::test]
async fn a_listing_of_many_pages_is_read_whole() {
    let world = World::start();
    for _ in 0..260 {
        world.store.buy_blank(RAPID, 1);
    }
    world.store.set_balance(100_000);
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    assert!(token.0.starts_with("b:260:"), "{}", token.0);
    let late = sent + TimeDelta::minutes(15);
    let located = world.ca.locate(&order, &token, sent, late).await.unwrap();
    let sold = world.store.sales().last().unwrap().order.clone();
    assert_eq!(located, candidates(&[&sold]));
    assert_eq!(world.server.hits("CertGetCerts"), (2 + 1) + 2 + 2);
    world.assert_clean();
}

#[tokio::test]
async fn a_reissue_is_found_by_its_csr_and_never_declared_missing() {
    let world = World::start();
    let order = fresh(RAPID, &["www.example.com"]);
    let slot = world.buy(&order).await;
    world
        .store
        .approve(slot.order.as_str(), &vendor::Approval::All)
        .unwrap();
    let mut again = fresh(RAPID, &["www.example.com"]);
    again.kind = PurchaseKind::Reissue {
        order: slot.order.clone(),
        former_names: Vec::new(),
    };
    let token = world.prepare(&again).await;
    let sent = Utc::now();
    let late = sent + TimeDelta::minutes(16);
    let locate = async |now| world.ca.locate(&again, &token, sent, now).await.unwrap();
    assert_eq!(locate(sent).await, until(sent));
    assert!(matches!(locate(late).await, Located::CannotTell(_)));
    world
        .server
        .set_fault("CertReissueCert", Fault::ResetBeforeAnswer, 1);
    world.submit(&again, &token).await.unwrap_err();
    let located = locate(sent).await;
    assert!(
        matches!(&located, Located::Found(placed, Proof::Change) if placed.order == slot.order),
        "{located:?}"
    );
    assert_eq!(world.server.hits("CertReissueCert"), 1);
    assert_eq!(world.sold(), 1);
}

async fn seek(world: &World, order: &Purchase, from: DateTime<Utc>) -> Sought {
    seek_beside(world, order, from, &[]).await
}

/// The same beside slots that are not meant.
pub(super) async fn seek_beside(
    world: &World,
    order: &Purchase,
    from: DateTime<Utc>,
    passed: &[VendorOrderId],
) -> Sought {
    let wanted = Wanted {
        purchase: order,
        references: vec![order.key.clone()],
        passed: passed.to_vec(),
        from,
        now: Utc::now(),
    };
    world.ca.seek(&wanted).await.unwrap()
}

#[tokio::test]
async fn live_slots_of_name_and_product_are_candidates_before_a_purchase() {
    for (what, code, host, state, counts) in [
        ("ours, pending", RAPID, "www.example.com", "", true),
        (
            "a word that is not known",
            RAPID,
            "www.example.com",
            "77/Odd",
            true,
        ),
        ("another name", RAPID, "shop.example.com", "", false),
        ("another product", ESSENTIAL, "www.example.com", "", false),
        ("refunded", RAPID, "www.example.com", "refund", false),
    ] {
        let world = World::start();
        let sold = world.buy(&fresh(code, &[host])).await;
        let id = sold.order.as_str();
        match state {
            "" => {}
            "refund" => world.store.fail(id, "refund").unwrap(),
            word => world.switch("status", &format!("{id}={word}")),
        }
        world.store.buy_blank(RAPID, 1);
        let order = fresh(RAPID, &["www.example.com"]);
        let seen = seek(&world, &order, Utc::now() - TimeDelta::hours(1)).await;
        let expected = if counts {
            Sought::Candidates(vec![Candidate {
                order: sold.order.clone(),
                name: Some(host.to_owned()),
                ordered: None,
                same_csr: false,
            }])
        } else {
            not_shown()
        };
        assert_eq!(seen, expected, "{what}");
        // The vendor's days have no stated zone: two days more are asked for.
        let later = Utc::now() + TimeDelta::days(4);
        assert_eq!(seek(&world, &order, later).await, not_shown(), "{what}");
        assert_eq!(world.sold(), 1, "{what}");
    }
}

/// A blank slot may be there.
pub(super) fn not_shown() -> Sought {
    Sought::Blind(words!(
        "a slot that was bought and is not configured yet shows no name",
        "у купленного, но ещё не настроенного слота не видно имени"
    ))
}

#[tokio::test]
async fn a_listing_that_cannot_be_read_is_blindness_and_no_answer_is_a_failure() {
    let world = World::start();
    let order = purchase(RAPID);
    let wanted = Wanted {
        purchase: &order,
        references: Vec::new(),
        passed: Vec::new(),
        from: order.since,
        now: order.since,
    };
    for (fault, is_blind) in [
        (Fault::WrongTypes, true),
        (Fault::HtmlPage, false),
        (Fault::ResetBeforeAnswer, false),
    ] {
        world.server.set_fault("CertGetCerts", fault, FOREVER);
        let seen = world.ca.seek(&wanted).await;
        world.server.clear_faults();
        let told = matches!(seen, Ok(Sought::Blind(_)));
        assert_eq!(
            (told, seen.is_err()),
            (is_blind, !is_blind),
            "{fault:?}: {seen:?}"
        );
    }
}

#[tokio::test]
async fn a_paid_slot_of_an_earlier_attempt_is_used_unless_another_service_holds_it() {
    let world = World::start();
    let order = fresh(RAPID, &["www.example.com"]);
    let sold = world.buy(&order).await;
    world.store.fail(sold.order.as_str(), "declined").unwrap();
    let prepared = world.ca.prepare(&order, &[]).await.unwrap();
    assert_eq!(prepared.uses.as_ref(), Some(&sold.order));
    let taken = [sold.order.clone()];
    let prepared = world.ca.prepare(&order, &taken).await.unwrap();
    assert_eq!(prepared.uses, None);
    assert!(prepared.token.0.starts_with("b:"), "{}", prepared.token.0);
    assert_eq!(world.server.hits("PurchaseServices"), 1);
}
