//! What another command does between a paid call and what is written of it.

use super::authority::Mood;
use super::course::Setup;
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
fn setup(mood: Mood, written: Vec<(&'static str, String)>) -> Setup {
    let setup = Setup::new();
    setup.authority.mood.set(mood);
    *setup.platform.meanwhile.borrow_mut() = Some(written);
    setup
}

#[test]
fn a_lost_lock_is_taken_again_before_the_outcome_is_stored() {
    for (mood, state) in WITHOUT_NUMBER {
        let setup = setup(mood, Vec::new());
        setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(setup.intent().state, state, "{mood:?}");
        assert!(setup.platform.holds_lock.get(), "{mood:?}");
    }
}

/// An order that another command has found, or bought.
fn settled_by_another() -> Intent {
    let first = Setup::new();
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
        let setup = setup(Mood::Sells, written_by_another(&settled));
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
        assert_eq!(setup.intent(), settled);
        let raised = setup.platform.tasks.borrow();
        assert_eq!(raised.len(), tasks, "{raised:?}");
        assert!(raised.iter().all(|text| text.contains("order 7701")));
    }
}

/// A lock that is lost with nobody else about costs nothing.
#[test]
fn a_number_is_stored_under_a_lock_that_was_taken_again() {
    for is_stuck in [false, true] {
        let setup = setup(Mood::Sells, Vec::new());
        setup.platform.is_stuck.set(is_stuck);
        let _ = setup.order(Operation::Open, Some(41));
        assert!(setup.platform.tasks.borrow().is_empty());
        let stored = setup.intent();
        assert_eq!(stored.order, Some(VendorOrderId::new("7701")), "{is_stuck}");
    }
}

/// A look decides by what it has read without a mark: what another command has begun since then stands.
#[test]
fn a_look_does_not_overwrite_what_was_begun_since_it_has_read() {
    let stages = [Stage::Issued, Stage::Cancelled("revoked".into())];
    for stage in stages {
        let setup = Setup::new();
        setup.order(Operation::Open, Some(41)).unwrap();
        setup.issue("7701");
        let former = setup.platform.service.borrow().clone();
        setup.sync().unwrap();
        setup.authority.mood.set(Mood::HearsNothing);
        setup.order(Operation::Prolong, Some(42)).unwrap_err();
        let renewal = setup.intent();
        assert_eq!(renewal.state, State::Unknown);
        setup
            .authority
            .stages
            .borrow_mut()
            .insert("7701".into(), stage);
        let failure = setup.sync_late(former).unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
        assert_eq!(setup.intent(), renewal);
    }
}

#[test]
fn an_outcome_without_number_does_not_overwrite_what_another_command_has_settled() {
    for (mood, _) in WITHOUT_NUMBER {
        let settled = settled_by_another();
        let setup = setup(mood, written_by_another(&settled));
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy, "{mood:?}");
        assert_eq!(setup.intent(), settled, "{mood:?}");
    }
}

/// A number is kept at once, whoever else claims it; what a look has found is taken back.
#[test]
fn a_number_is_stored_before_it_is_asked_whose_it_is() {
    for (mood, kept) in [(Mood::Sells, Some("7701")), (Mood::SellsSilently, None)] {
        let setup = Setup::new();
        setup.authority.mood.set(mood);
        let other = ("7701".to_owned(), ItemId(8));
        setup.platform.taken.borrow_mut().push(other);
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeForPerson);
        let intent = setup.intent();
        assert_eq!(intent.state, State::Unknown);
        let order = intent.order.as_ref().map(VendorOrderId::as_str);
        assert_eq!(order, kept, "{mood:?}");
        assert_eq!(setup.platform.parameter("store_order_id"), None);
    }
}

/// Neither by the vendor's answer nor by a person's word do two services get one order.
#[test]
fn an_order_that_is_claimed_by_two_in_the_same_moment_is_a_persons() {
    let setup = Setup::new();
    *setup.platform.rival.borrow_mut() = Some(("7701".into(), ItemId(8)));
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeForPerson);
    assert_eq!(setup.platform.parameter("store_order_id"), None);

    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    let before = setup.intent();
    *setup.platform.rival.borrow_mut() = Some(("9900".into(), ItemId(8)));
    let failure = setup.replace("9900").unwrap_err();
    assert_eq!(failure.object(), "--replace");
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(setup.platform.parameter("pmssl_previous_order"), None);
    assert_eq!(setup.intent(), before);
}
