//! What a person was asked, and what follows from the word.

use chrono::TimeDelta;

use super::authority::{Mood, Sale};
use super::course::{ITEM, Scene};
use crate::domain::AccountId;
use crate::failure::Reason;
use crate::order::port::Stage;
use crate::order::{Operation, Ordered, State};
use crate::platform::Platform;

fn lives(scene: &Scene, order: &str) {
    let stages = &scene.authority.stages;
    let stage = Stage::Pending("waiting".into());
    stages.borrow_mut().insert(order.into(), stage);
}

/// A delivered service whose renewal somebody has made in the vendor's panel, long after the first order.
fn renewed_by_hand() -> Scene {
    let scene = Scene::delivered();
    scene.pass(TimeDelta::days(120));
    lives(&scene, "8801");
    scene
}

#[test]
fn a_renewal_that_was_only_asked_about_is_as_new_as_the_persons_word() {
    let scene = renewed_by_hand();
    scene.authority.shows_references.set(true);
    scene.authority.alike.borrow_mut().push("8801".into());
    let asked = scene.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    scene.settle_as_placed("8801").unwrap();
    // Not "perhaps one of long ago", which would be bought again by a further word.
    let again = scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(again, Ordered::Placed);
    assert_eq!(scene.authority.submitted.get(), 1, "the first order alone");
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "8801");
    assert_eq!(scene.term_end(), "2028-02-01");
    assert_eq!(scene.intent().state, State::Pending);
}

/// The term is counted from the day it was sent, however late the person's word comes.
#[test]
fn a_renewal_that_was_sent_long_ago_is_none_of_former_times_after_the_persons_word() {
    let scene = Scene::delivered();
    scene.authority.mood.set(Mood::SellsSilently);
    scene.authority.blind.set(true);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    scene.pass(TimeDelta::days(120));
    scene.settle_as_placed("7702").unwrap();
    let again = scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(again, Ordered::Placed);
    assert_eq!(scene.authority.submitted.get(), 2);
    assert_eq!(scene.term_end(), "2028-02-01");
}

/// At some vendors a renewal can only be made by hand.
#[test]
fn a_queued_renewal_that_a_person_has_made_is_taken_over() {
    let scene = renewed_by_hand();
    let nothing = scene.settle_as_placed("8801").unwrap_err();
    assert_eq!(nothing.reason(), Reason::Missing, "nothing is queued");
    let queued = scene.platform.queue.add(ITEM, "prolong");
    let own = scene.settle_as_placed("7701").unwrap_err();
    assert_eq!(own.reason(), Reason::Invalid, "the order to be renewed");
    scene.settle_as_placed("8801").unwrap();
    let again = scene.order(Operation::Prolong, Some(queued)).unwrap();
    assert_eq!(again, Ordered::Placed);
    assert_eq!(scene.authority.submitted.get(), 1, "the first order alone");
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "8801");
    let previous = scene.platform.parameter("pmssl_previous_order");
    assert_eq!(previous.as_deref(), Some("7701"));
    assert_eq!(scene.term_end(), "2028-02-01");
}

/// An operation of long ago is in the list of those that were served.
#[test]
fn a_word_about_nothing_bought_ends_the_question_whatever_was_served_before() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    scene.issue("7702");
    scene.pass(TimeDelta::days(2));
    scene.sync().unwrap();
    scene.order(Operation::Reissue, Some(43)).unwrap();
    scene.pass(TimeDelta::days(120));
    scene.authority.mood.set(Mood::HearsNothing);
    scene.order(Operation::Prolong, Some(50)).unwrap_err();
    scene.with_desk(async |desk| desk.give_to_person().await.unwrap());
    scene.pass(TimeDelta::minutes(20));
    let _ = scene.sync();
    assert_eq!(scene.intent().state, State::Rejected);
    scene.settle_as_not_placed().unwrap();
    scene.authority.mood.set(Mood::Sells);
    scene.order(Operation::Prolong, Some(50)).unwrap();
}

#[test]
fn the_renewal_itself_is_no_order_in_the_place_of_the_services_one() {
    let scene = Scene::delivered();
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    let (key, order) = (scene.intent().key.to_string(), "9901".to_owned());
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    lives(&scene, "9901");
    scene.authority.shows_references.set(true);
    let refused = scene.replace("9901").unwrap_err();
    assert_eq!(refused.reason(), Reason::Invalid);
    assert!(refused.chain().contains("--adopt 9901"));
    scene.settle_as_placed("9901").unwrap();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 2, "open, and the refusal");
}

#[test]
fn a_wrong_number_of_a_renewal_is_no_order_to_go_back_to() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    lives(&scene, "7799");
    scene.replace("7799").unwrap();
    let previous = || scene.platform.parameter("pmssl_previous_order");
    assert_eq!(previous().as_deref(), Some("7701"), "not 7702");
    let stage = Stage::Cancelled("no".into());
    let stages = &scene.authority.stages;
    stages.borrow_mut().insert("7799".into(), stage);
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
}

#[test]
fn an_order_of_another_name_is_a_question_unless_it_is_over() {
    for (stage, is_asked) in [
        (Stage::Pending("waiting".into()), true),
        (Stage::Cancelled("refunded".into()), false),
    ] {
        // A database that was set back has given the number of another service out again.
        let before = Scene::new();
        before.authority.mood.set(Mood::WantsMoney);
        before.order(Operation::Open, Some(41)).unwrap_err();
        let scene = Scene::new();
        scene.authority.shows_references.set(true);
        let other = (before.intent().key.to_string(), "9901".to_owned());
        scene.authority.others.borrow_mut().push(other);
        let stages = &scene.authority.stages;
        stages.borrow_mut().insert("9901".into(), stage);
        let outcome = scene.order(Operation::Open, Some(41));
        let sold = scene.authority.submitted.get();
        if !is_asked {
            outcome.unwrap();
            assert_eq!(sold, 1);
            continue;
        }
        assert_eq!(outcome.unwrap_err().reason(), Reason::OutcomeForPerson);
        assert_eq!(sold, 0);
        let shown = scene.with_desk(async |desk| desk.evidence(&[]).await);
        let shown = shown.unwrap().candidates;
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].order.as_str(), "9901");
        scene.set("pmssl_foreign", "1|9901");
        scene.settle_as_not_placed().unwrap();
        scene.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(scene.authority.submitted.get(), 1);
    }
}

/// A first delivery was sold, the second one refused, and the client leaves.
#[test]
fn what_a_refused_order_has_left_is_told_before_the_service_is_deleted() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    let (key, order) = (scene.intent().key.to_string(), "9901".to_owned());
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    lives(&scene, "9901");
    scene.authority.shows_references.set(true);
    for _ in 0..2 {
        scene.with_desk(async |desk| {
            let account = scene.platform.account(AccountId(1)).await.unwrap();
            desk.look_for_spare_at_the_end(&account).await;
        });
        let tasks = scene.platform.tasks.borrow();
        assert_eq!(tasks.len(), 1, "told once");
        assert!(tasks[0].contains("cancel and refund 9901"), "{tasks:?}");
    }
}

/// A database that was set back has lost another service of that number: its order is nobody's to refund.
#[test]
fn an_order_of_another_name_is_not_to_be_refunded_when_a_service_is_deleted() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    let other = (scene.intent().key.to_string(), "9901".to_owned());
    scene.order(Operation::Open, Some(41)).unwrap_err();
    scene.authority.others.borrow_mut().push(other);
    lives(&scene, "9901");
    scene.authority.shows_references.set(true);
    scene.with_desk(async |desk| {
        let account = scene.platform.account(AccountId(1)).await.unwrap();
        desk.look_for_spare_at_the_end(&account).await;
    });
    assert_eq!(scene.platform.tasks.borrow().len(), 0);
}

#[test]
fn a_reissue_under_a_number_of_its_own_can_go_back_to_the_order_before_it() {
    let scene = Scene::delivered();
    scene.order(Operation::Reissue, Some(42)).unwrap();
    lives(&scene, "7799");
    scene.replace("7799").unwrap();
    let previous = scene.platform.parameter("pmssl_previous_order");
    assert_eq!(previous.as_deref(), Some("7701"));
}

/// It was sent, on the day that its certificate is told from the former one by.
#[test]
fn a_reissue_that_was_given_to_a_person_is_as_old_as_it_was() {
    let scene = Scene::delivered();
    scene.authority.mood.set(Mood::SellsSilently);
    scene.authority.blind.set(true);
    scene.order(Operation::Reissue, Some(42)).unwrap_err();
    let sent = scene.intent().since;
    scene.with_desk(async |desk| desk.give_to_person().await.unwrap());
    scene.pass(TimeDelta::days(5));
    scene.settle_as_placed("7701").unwrap();
    assert_eq!(scene.intent().since, sent);
}
