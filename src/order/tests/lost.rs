//! Calls whose answer never came.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::Scene;
use crate::domain::ItemId;
use crate::failure::Reason;
use crate::order::{Operation, Ordered, State};

#[test]
fn a_lost_answer_is_looked_up() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!((scene.sales(), scene.authority.submitted.get()), (1, 1));
}

#[test]
fn an_order_that_another_service_has_is_never_adopted() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    scene
        .platform
        .taken
        .borrow_mut()
        .push(("7701".into(), ItemId(8)));
    let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeForPerson);
    assert_eq!(scene.intent().state, State::Unknown);
    assert_eq!(scene.platform.parameter("store_order_id"), None);
}

#[test]
fn a_lost_call_is_repeated_only_after_the_settle_time() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::HearsNothing);
    for _ in 0..3 {
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
        assert_eq!(scene.intent().state, State::Unknown);
    }
    assert_eq!(
        scene.authority.submitted.get(),
        1,
        "nothing is sent while the outcome is unknown"
    );
    scene.authority.mood.set(Mood::Sells);
    scene.pass(TimeDelta::minutes(16));
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(scene.intent().attempt, 2);
    assert_eq!((scene.sales(), scene.authority.submitted.get()), (1, 2));
}

#[test]
fn what_the_vendor_cannot_tell_waits_for_a_person() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    scene.authority.blind.set(true);
    for _ in 0..5 {
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeForPerson);
        scene.pass(TimeDelta::days(1));
    }
    assert_eq!(scene.authority.submitted.get(), 1);
    scene.authority.mood.set(Mood::Sells);
    scene.settle_as_not_placed().unwrap();
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(
        scene.settle_as_not_placed().unwrap_err().reason(),
        Reason::Missing,
        "nothing is unsettled any more"
    );
}
