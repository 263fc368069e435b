//! Books before against books after.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::vendor::{FOREVER, Fault, Vendor};
use super::*;
use crate::ca::{Located, Reference};

use super::super::locate::{Comparison, compare};
use super::super::model::Slot;
use super::super::token::Books;

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
fn exactly_one_new_blank_slot_of_the_term_is_the_purchase() {
    let before = Books::of(&slots(&[3, 5]), None, 0);
    let found = |after: &[Slot]| match compare(&before, after, Months(12)) {
        Comparison::One(slot) => Ok(Some(slot.id)),
        Comparison::None => Ok(None),
        Comparison::Unclear(why) => Err(why),
    };
    assert_eq!(found(&slots(&[3, 5])), Ok(None));
    assert_eq!(found(&slots(&[3, 5, 9])), Ok(Some(9)));
    assert_eq!(
        found(&slots(&[9, 3])),
        Ok(Some(9)),
        "one of before was used meanwhile"
    );
    assert_eq!(found(&slots(&[])), Ok(None));
    assert!(found(&slots(&[3, 5, 9, 10])).is_err());
    assert!(
        found(&slots(&[3, 4, 5])).is_err(),
        "numbers that do not grow"
    );
    assert!(found(&slots(&[3, 4])).is_err(), "an exchanged slot");
    let other_term = [slot(3, 12), slot(5, 12), slot(9, 24)];
    assert_eq!(found(&other_term), Ok(None));
    let both = [slot(3, 12), slot(5, 12), slot(9, 24), slot(10, 12)];
    assert_eq!(found(&both), Ok(Some(10)));
    let mut taken = slots(&[3, 5, 9]);
    taken[2].domain = Some("www.example.com".to_owned());
    assert_eq!(
        found(&taken),
        Ok(None),
        "a configured slot is somebody else's"
    );
    let mut vague = slots(&[3, 5, 9]);
    vague[2].validity = None;
    assert!(found(&vague).is_err());
}

proptest! {
    #[test]
    fn only_a_slot_that_was_not_there_before_is_ever_adopted(
        before in proptest::collection::btree_set(1u64..60, 0..12),
        after in proptest::collection::btree_set(1u64..60, 0..12),
    ) {
        let before: Vec<u64> = before.into_iter().collect();
        let after: Vec<u64> = after.into_iter().collect();
        let books = Books::of(&slots(&before), None, 0);
        if let Comparison::One(found) = compare(&books, &slots(&after), Months(12)) {
            prop_assert!(!before.contains(&found.id));
            prop_assert_eq!(after.iter().filter(|id| !before.contains(id)).max(), Some(&found.id));
        }
    }
}

/// A purchase whose answer was lost. The vendor's time is that of the test.
async fn lose_answer(world: &World, order: &Purchase) -> (Token, DateTime<Utc>) {
    let token = world.prepare(order).await;
    world
        .server
        .set_fault("PurchaseServices", Fault::ResetBeforeAnswer, 1);
    world.submit(order, &token).await.unwrap_err();
    (token, Utc::now())
}

#[tokio::test]
async fn a_lost_answer_is_found_among_foreign_slots() {
    let world = World::start();
    for code in [RAPID, RAPID, ESSENTIAL] {
        world.store.buy_blank(code, 1);
    }
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    world.store.buy_blank(RAPID, 2);
    world.store.buy_blank(ESSENTIAL, 1);
    let located = world.ca.locate(&order, &token, sent, sent).await.unwrap();
    let Located::Found(placed) = located else {
        panic!("{located:?}")
    };
    let sale = &world.store.sales()[0];
    assert_eq!(placed.order.as_str(), sale.order);
    assert!(matches!(placed.references[..], [(Reference::Partner, _)]));
    world.assert_clean();
}

#[tokio::test]
async fn two_new_slots_are_left_to_a_person() {
    let world = World::start();
    let order = purchase(RAPID);
    let (token, sent) = lose_answer(&world, &order).await;
    world.store.buy_blank(RAPID, 1);
    let located = world.ca.locate(&order, &token, sent, sent).await.unwrap();
    assert!(
        matches!(&located, Located::CannotTell(why) if why.contains("all new")),
        "{located:?}"
    );
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
    assert_eq!(locate(1).await, Located::TooEarly);
    // Even after the settle time the balance speaks against "not bought".
    let late = locate(16).await;
    assert!(
        matches!(&late, Located::CannotTell(why) if why.contains("balance fell")),
        "{late:?}"
    );
    world.store.clock().advance(TimeDelta::seconds(61));
    assert!(matches!(locate(2).await, Located::Found(_)));
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
    assert_eq!(early, Located::TooEarly);
    assert!(!blank.is_empty());
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
        matches!(&located, Located::CannotTell(why) if why.contains("not known")),
        "{located:?}"
    );
    // One that cannot be read now is asked for again later.
    let token = world.prepare(&order).await;
    world
        .server
        .set_fault("GetBalance", Fault::HtmlPage, FOREVER);
    let failure = world.ca.locate(&order, &token, sent, late).await;
    assert_eq!(failure.unwrap_err().kind(), crate::failure::Kind::Transient);
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
    assert_eq!(failure.kind(), crate::failure::Kind::Transient);
    world.store.buy_blank(RAPID, 2);
    let failure = world.submit(&order, &token).await.unwrap_err();
    assert_eq!(failure.reason(), crate::failure::Reason::BooksChanged);
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
    let located = world.ca.locate(&order, &token, sent, sent).await.unwrap();
    assert!(matches!(located, Located::Found(_)), "{located:?}");
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
    assert_eq!(locate(sent).await, Located::TooEarly);
    assert!(matches!(locate(late).await, Located::CannotTell(_)));
    world
        .server
        .set_fault("CertReissueCert", Fault::ResetBeforeAnswer, 1);
    world.submit(&again, &token).await.unwrap_err();
    let located = locate(sent).await;
    assert!(
        matches!(&located, Located::Found(placed) if placed.order == slot.order),
        "{located:?}"
    );
    assert_eq!(world.server.hits("CertReissueCert"), 1);
    assert_eq!(world.sold(), 1);
}
