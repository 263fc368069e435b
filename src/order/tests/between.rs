//! What another command does between a paid call and what is written of it.

use super::authority::Mood;
use super::course::Scene;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
use crate::order::port::Stage;
use crate::order::{Intent, Operation, State, fresh, intent};

/// Moods in which the call names no order, and what is stored of it.
const WITHOUT_NUMBER: [(Mood, State); 3] = [
    (Mood::Refuses, State::Rejected),
    (Mood::IsAway, State::Prepared),
    (Mood::HearsNothing, State::Unknown),
];

/// The lock is lost while the vendor is called.
fn scene(mood: Mood, written: Vec<(&'static str, String)>) -> Scene {
    let scene = Scene::new();
    scene.authority.mood.set(mood);
    *scene.platform.meanwhile.borrow_mut() = Some(written);
    scene
}

#[test]
fn a_lost_lock_is_taken_again_before_the_outcome_is_stored() {
    for (mood, state) in WITHOUT_NUMBER {
        let scene = scene(mood, Vec::new());
        scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(scene.intent().state, state, "{mood:?}");
        assert!(scene.platform.holds_lock.get(), "{mood:?}");
    }
}

/// An order that another command has found, or bought.
fn settled_by_another() -> Intent {
    let first = Scene::new();
    first.order(Operation::Open, Some(41)).unwrap();
    Intent {
        attempt: 2,
        order: Some(VendorOrderId::new("9900")),
        ..first.intent().with_state(State::Placed)
    }
}

fn written_by_another(intent: &Intent) -> Vec<(&'static str, String)> {
    vec![
        (fresh::PARAMETER, "another mark".to_owned()),
        (intent::PARAMETER, intent.to_text().unwrap()),
    ]
}

/// What was paid for is told to a person, unless the other command has it.
#[test]
fn a_number_does_not_overwrite_what_another_command_has_settled() {
    for (others, tasks) in [("9900", 1), ("7701", 0)] {
        let settled = Intent {
            order: Some(VendorOrderId::new(others)),
            ..settled_by_another()
        };
        let scene = scene(Mood::Sells, written_by_another(&settled));
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
        assert_eq!(scene.intent(), settled);
        let raised = scene.platform.tasks.borrow();
        assert_eq!(raised.len(), tasks, "{raised:?}");
        assert!(raised.iter().all(|text| text.contains("order 7701")));
    }
}

/// A lock that is lost with nobody else about costs nothing.
#[test]
fn a_number_is_stored_under_a_lock_that_was_taken_again() {
    for is_stuck in [false, true] {
        let scene = scene(Mood::Sells, Vec::new());
        scene.platform.is_stuck.set(is_stuck);
        let _ = scene.order(Operation::Open, Some(41));
        assert!(scene.platform.tasks.borrow().is_empty());
        let stored = scene.intent();
        assert_eq!(stored.order, Some(VendorOrderId::new("7701")), "{is_stuck}");
    }
}

/// A look decides by what it has read without a mark: what another command has begun since then stands.
#[test]
fn a_look_does_not_overwrite_what_was_begun_since_it_has_read() {
    let stages = [Stage::Issued, Stage::Cancelled("revoked".into())];
    for stage in stages {
        let scene = Scene::new();
        scene.order(Operation::Open, Some(41)).unwrap();
        scene.issue("7701");
        let former = scene.platform.service.borrow().clone();
        scene.sync().unwrap();
        scene.authority.mood.set(Mood::HearsNothing);
        scene.order(Operation::Prolong, Some(42)).unwrap_err();
        let renewal = scene.intent();
        assert_eq!(renewal.state, State::Unknown);
        scene
            .authority
            .stages
            .borrow_mut()
            .insert("7701".into(), stage);
        let failure = scene.sync_late(former).unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
        assert_eq!(scene.intent(), renewal);
    }
}

#[test]
fn an_outcome_without_number_does_not_overwrite_what_another_command_has_settled() {
    for (mood, _) in WITHOUT_NUMBER {
        let settled = settled_by_another();
        let scene = scene(mood, written_by_another(&settled));
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy, "{mood:?}");
        assert_eq!(scene.intent(), settled, "{mood:?}");
    }
}

/// A number is kept at once, whoever else claims it; what a look has found is taken back.
#[test]
fn a_number_is_stored_before_it_is_asked_whose_it_is() {
    for (mood, kept) in [(Mood::Sells, Some("7701")), (Mood::SellsSilently, None)] {
        let scene = Scene::new();
        scene.authority.mood.set(mood);
        let other = ("7701".to_owned(), ItemId(8));
        scene.platform.taken.borrow_mut().push(other);
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeForPerson);
        let intent = scene.intent();
        assert_eq!(intent.state, State::Unknown);
        let order = intent.order.as_ref().map(VendorOrderId::as_str);
        assert_eq!(order, kept, "{mood:?}");
        assert_eq!(scene.platform.parameter("store_order_id"), None);
    }
}

/// Neither by the vendor's answer nor by a person's word do two services get one order.
#[test]
fn an_order_that_is_claimed_by_two_in_the_same_moment_is_a_persons() {
    let scene = Scene::new();
    *scene.platform.rival.borrow_mut() = Some(("7701".into(), ItemId(8)));
    let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeForPerson);
    assert_eq!(scene.platform.parameter("store_order_id"), None);

    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    let before = scene.intent();
    *scene.platform.rival.borrow_mut() = Some(("9900".into(), ItemId(8)));
    let failure = scene.replace("9900").unwrap_err();
    assert_eq!(failure.object(), "--replace");
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(scene.platform.parameter("pmssl_previous_order"), None);
    assert_eq!(scene.intent(), before);
}
