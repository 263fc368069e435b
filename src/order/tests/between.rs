//! What another command does between a paid call and what is written of it.

use super::authority::Mood;
use super::course::Scene;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
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

#[test]
fn an_outcome_without_number_does_not_overwrite_what_another_command_has_settled() {
    for (mood, _) in WITHOUT_NUMBER {
        // What the other one stores: an order that it has found, or bought.
        let first = Scene::new();
        first.order(Operation::Open, Some(41)).unwrap();
        let settled = Intent {
            attempt: 2,
            order: Some(VendorOrderId::new("9900")),
            ..first.intent().with_state(State::Placed)
        };
        let text = settled.to_text().unwrap();
        let written = vec![
            (fresh::PARAMETER, "another mark".to_owned()),
            (intent::PARAMETER, text),
        ];
        let scene = scene(mood, written);
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
