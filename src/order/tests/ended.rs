//! Renewals and reissues that come to nothing, and what the service goes back to.

use chrono::TimeDelta;

use super::course::Scene;
use crate::certificate::testing::at;
use crate::domain::ItemId;
use crate::failure::Reason;
use crate::order::port::Stage;
use crate::order::{Followed, Operation, Ordered, State};
use crate::platform::DELETED;

fn stage(scene: &Scene, order: &str, stage: Stage) {
    let stages = &scene.authority.stages;
    stages.borrow_mut().insert(order.into(), stage);
}

fn cancelled() -> Stage {
    Stage::Cancelled("rejected".into())
}

/// An order that has expired cannot be renewed, and a service that shows it as its own could not be ordered anew.
#[test]
fn a_dead_renewal_of_an_expired_order_leaves_nothing_to_go_back_to() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(scene.term_end(), "2028-02-01");
    scene.pass(TimeDelta::days(200));
    stage(&scene, "7701", Stage::Expired);
    stage(&scene, "7702", cancelled());
    for _ in 0..2 {
        assert_eq!(scene.sync().unwrap(), Followed::Failed);
    }
    assert_eq!(scene.platform.failed.get(), 1);
    assert_eq!(scene.term_end(), "2027-02-01", "nothing more was paid");
    scene.order(Operation::Open, Some(44)).unwrap();
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7703");
}

#[test]
fn a_renewal_that_expires_at_the_vendor_is_dead() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    stage(&scene, "7702", Stage::Expired);
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(scene.term_end(), "2027-02-01");
}

#[test]
fn a_dead_renewal_leaves_no_term_where_the_former_one_was_not_known() {
    let scene = Scene::delivered();
    scene.set("pmssl_term_end", "");
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(scene.term_end(), "2027-02-01", "from today on");
    stage(&scene, "7702", cancelled());
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    let left = scene.platform.parameter("pmssl_term_end");
    assert_eq!(left.unwrap_or_default(), "");
}

/// Ordered by another program: the end of the term is the vendor's to tell, and the renewal goes on from there.
#[test]
fn a_renewal_goes_on_from_the_term_that_the_vendor_tells() {
    let scene = Scene::delivered();
    scene.set("pmssl_term_end", "");
    stage(&scene, "7701", Stage::Issued);
    scene.authority.term_end.set(Some(at((2026, 12, 20))));
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(scene.term_end(), "2027-12-20");
    stage(&scene, "7702", cancelled());
    scene.authority.term_end.set(None);
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(scene.term_end(), "2026-12-20");
}

#[test]
fn an_answer_that_names_the_renewed_order_is_no_renewal() {
    let scene = Scene::delivered();
    scene.authority.names_former.set(true);
    for _ in 0..2 {
        let failure = scene.order(Operation::Prolong, Some(42)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    }
    assert_eq!(scene.term_end(), "2027-02-01");
    assert!(scene.intent().state.is_unsettled());
    assert_eq!(scene.authority.submitted.get(), 2, "open and one renewal");
}

/// What the vendor must refuse would take the pending renewal's place in what is stored, and the way back with it.
#[test]
fn a_reissue_waits_for_the_certificate_of_a_renewal() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    let early = scene.order(Operation::Reissue, Some(43)).unwrap_err();
    assert_eq!(early.reason(), Reason::NotReady);
    assert_eq!(scene.intent().operation, Operation::Prolong);
    stage(&scene, "7702", cancelled());
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(scene.intent().state, State::Dead);
    scene.order(Operation::Reissue, Some(43)).unwrap();
}

/// The row of a service that was deleted goes on to have its number.
#[test]
fn a_former_order_that_another_living_service_has_is_no_way_back() {
    for (status, is_back) in [(2, false), (DELETED, true)] {
        let scene = Scene::delivered();
        scene.order(Operation::Prolong, Some(42)).unwrap();
        let other = ("7701".to_owned(), ItemId(8));
        scene.platform.taken.borrow_mut().push(other);
        // This platform has one record for all services.
        scene.platform.service.borrow_mut().status = status;
        stage(&scene, "7702", cancelled());
        let number = || scene.platform.parameter("store_order_id").unwrap();
        match is_back {
            false => assert_eq!(scene.sync().unwrap(), Followed::Failed),
            true => assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead),
        }
        assert_eq!(number(), if is_back { "7701" } else { "7702" });
    }
}

/// What needs no vendor goes on while it is away.
#[test]
fn a_service_that_a_dead_renewal_left_is_opened_without_its_vendor() {
    let scene = Scene::delivered();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    let dead = scene.intent().with_state(State::Dead);
    scene.set("pmssl_intent", &dead.to_text().unwrap());
    scene.authority.away_for.set(usize::MAX);
    scene.with_desk(async |_| ());
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7702");
    scene.authority.away_for.set(0);
    scene.with_desk(async |_| ());
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
}

#[test]
fn no_term_is_learned_from_an_order_that_is_over() {
    let scene = Scene::delivered();
    scene.set("pmssl_term_end", "");
    scene.order(Operation::Prolong, Some(42)).unwrap();
    stage(&scene, "7701", Stage::Expired);
    stage(&scene, "7702", cancelled());
    scene.authority.term_end.set(Some(at((2027, 2, 1))));
    for _ in 0..2 {
        assert_eq!(scene.sync().unwrap(), Followed::Failed);
        let term = scene.platform.parameter("pmssl_term_end");
        assert_eq!(term.unwrap_or_default(), "");
    }
}

/// An operation that could not be closed comes back while a renewal is awaited.
#[test]
fn a_reissue_that_was_made_is_only_closed_while_a_renewal_is_awaited() {
    let scene = Scene::delivered();
    scene.platform.restarts.set(true);
    scene.order(Operation::Reissue, Some(43)).unwrap_err();
    scene.platform.restarts.set(false);
    scene.order(Operation::Prolong, Some(42)).unwrap();
    let again = scene.order(Operation::Reissue, Some(43)).unwrap();
    assert_eq!(again, Ordered::DoneBefore);
}

/// The dead renewal's number and term are no ground for another purchase.
#[test]
fn nothing_is_bought_before_a_dead_renewal_is_left() {
    for operation in [Operation::Prolong, Operation::Reissue] {
        let scene = Scene::delivered();
        scene.order(Operation::Prolong, Some(42)).unwrap();
        let dead = scene.intent().with_state(State::Dead);
        scene.set("pmssl_intent", &dead.to_text().unwrap());
        stage(&scene, "7702", cancelled());
        // Away when the command begins, and back a moment later.
        scene.authority.away_for.set(1);
        scene.order(operation, Some(43)).unwrap();
        let previous = scene.platform.parameter("pmssl_previous_order");
        match operation {
            Operation::Prolong => {
                assert_eq!(previous.as_deref(), Some("7701"));
                assert_eq!(scene.term_end(), "2028-02-01");
            }
            _ => assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701"),
        }
    }
}

/// Also where renewals go on under one number.
#[test]
fn a_reissue_waits_for_the_first_certificate() {
    for in_place in [false, true] {
        let scene = Scene::new();
        scene.authority.keeps_number.set(in_place);
        scene.order(Operation::Open, Some(41)).unwrap();
        let early = scene.order(Operation::Reissue, Some(43)).unwrap_err();
        assert_eq!(early.reason(), Reason::NotReady);
        assert_eq!(scene.intent().operation, Operation::Open);
        assert_eq!(scene.authority.submitted.get(), 1);
    }
}
