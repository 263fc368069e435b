//! Renewals and reissues that come to nothing, and what the service goes back to.

use chrono::TimeDelta;

use super::course::Setup;
use crate::certificate::testing::at;
use crate::domain::ItemId;
use crate::failure::Reason;
use crate::order::port::Stage;
use crate::order::{Followed, Operation, Ordered, State};
use crate::platform::DELETED;

fn stage(setup: &Setup, order: &str, stage: Stage) {
    let stages = &setup.authority.stages;
    stages.borrow_mut().insert(order.into(), stage);
}

fn cancelled() -> Stage {
    Stage::Cancelled("rejected".into())
}

/// An order that has expired cannot be renewed, and a service that shows it as its own could not be ordered anew.
#[test]
fn a_dead_renewal_of_an_expired_order_leaves_nothing_to_go_back_to() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(setup.term_end(), "2028-02-01");
    setup.pass(TimeDelta::days(200));
    stage(&setup, "7701", Stage::Expired);
    stage(&setup, "7702", cancelled());
    for _ in 0..2 {
        assert_eq!(setup.sync().unwrap(), Followed::Failed);
    }
    assert_eq!(setup.platform.failed.get(), 1);
    assert_eq!(setup.term_end(), "2027-02-01", "nothing more was paid");
    setup.order(Operation::Open, Some(44)).unwrap();
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7703");
}

#[test]
fn a_renewal_that_expires_at_the_vendor_is_dead() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    stage(&setup, "7702", Stage::Expired);
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(setup.term_end(), "2027-02-01");
}

#[test]
fn a_dead_renewal_leaves_no_term_where_the_former_one_was_not_known() {
    let setup = Setup::delivered();
    setup.set("pmssl_term_end", "");
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(setup.term_end(), "2027-02-01", "from today on");
    stage(&setup, "7702", cancelled());
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    let left = setup.platform.parameter("pmssl_term_end");
    assert_eq!(left.unwrap_or_default(), "");
}

/// Ordered by another program: the end of the term is the vendor's to tell, and the renewal goes on from there.
#[test]
fn a_renewal_goes_on_from_the_term_that_the_vendor_tells() {
    let setup = Setup::delivered();
    setup.set("pmssl_term_end", "");
    stage(&setup, "7701", Stage::Issued);
    setup.authority.term_end.set(Some(at((2026, 12, 20))));
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(setup.term_end(), "2027-12-20");
    stage(&setup, "7702", cancelled());
    setup.authority.term_end.set(None);
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(setup.term_end(), "2026-12-20");
}

#[test]
fn an_answer_that_names_the_renewed_order_is_no_renewal() {
    let setup = Setup::delivered();
    setup.authority.names_former.set(true);
    for _ in 0..2 {
        let failure = setup.order(Operation::Prolong, Some(42)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    }
    assert_eq!(setup.term_end(), "2027-02-01");
    assert!(setup.intent().state.is_unsettled());
    assert_eq!(setup.authority.submitted.get(), 2, "open and one renewal");
}

/// What the vendor must refuse would take the pending renewal's place in what is stored, and the way back with it.
#[test]
fn a_reissue_waits_for_the_certificate_of_a_renewal() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    let early = setup.order(Operation::Reissue, Some(43)).unwrap_err();
    assert_eq!(early.reason(), Reason::NotReady);
    assert_eq!(setup.intent().operation, Operation::Prolong);
    stage(&setup, "7702", cancelled());
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(setup.intent().state, State::Dead);
    setup.order(Operation::Reissue, Some(43)).unwrap();
}

/// The row of a service that was deleted goes on to have its number.
#[test]
fn a_former_order_that_another_living_service_has_is_no_way_back() {
    for (status, is_back) in [(2, false), (DELETED, true)] {
        let setup = Setup::delivered();
        setup.order(Operation::Prolong, Some(42)).unwrap();
        let other = ("7701".to_owned(), ItemId(8));
        setup.platform.taken.borrow_mut().push(other);
        // This platform has one record for all services.
        setup.platform.service.borrow_mut().status = status;
        stage(&setup, "7702", cancelled());
        let number = || setup.platform.parameter("store_order_id").unwrap();
        match is_back {
            false => assert_eq!(setup.sync().unwrap(), Followed::Failed),
            true => assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead),
        }
        assert_eq!(number(), if is_back { "7701" } else { "7702" });
    }
}

/// What needs no vendor goes on while it is away.
#[test]
fn a_service_that_a_dead_renewal_left_is_opened_without_its_vendor() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    let dead = setup.intent().with_state(State::Dead);
    setup.set("pmssl_intent", &dead.to_text().unwrap());
    setup.authority.away_for.set(usize::MAX);
    setup.with_session(async |_| ());
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7702");
    setup.authority.away_for.set(0);
    setup.with_session(async |_| ());
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
}

#[test]
fn no_term_is_learned_from_an_order_that_is_over() {
    let setup = Setup::delivered();
    setup.set("pmssl_term_end", "");
    setup.order(Operation::Prolong, Some(42)).unwrap();
    stage(&setup, "7701", Stage::Expired);
    stage(&setup, "7702", cancelled());
    setup.authority.term_end.set(Some(at((2027, 2, 1))));
    for _ in 0..2 {
        assert_eq!(setup.sync().unwrap(), Followed::Failed);
        let term = setup.platform.parameter("pmssl_term_end");
        assert_eq!(term.unwrap_or_default(), "");
    }
}

/// An operation that could not be closed comes back while a renewal is awaited.
#[test]
fn a_reissue_that_was_made_is_only_closed_while_a_renewal_is_awaited() {
    let setup = Setup::delivered();
    setup.platform.restarts.set(true);
    setup.order(Operation::Reissue, Some(43)).unwrap_err();
    setup.platform.restarts.set(false);
    setup.order(Operation::Prolong, Some(42)).unwrap();
    let again = setup.order(Operation::Reissue, Some(43)).unwrap();
    assert_eq!(again, Ordered::DoneBefore);
}

/// The dead renewal's number and term are no ground for another purchase.
#[test]
fn nothing_is_bought_before_a_dead_renewal_is_left() {
    for operation in [Operation::Prolong, Operation::Reissue] {
        let setup = Setup::delivered();
        setup.order(Operation::Prolong, Some(42)).unwrap();
        let dead = setup.intent().with_state(State::Dead);
        setup.set("pmssl_intent", &dead.to_text().unwrap());
        stage(&setup, "7702", cancelled());
        // Away when the command begins, and back a moment later.
        setup.authority.away_for.set(1);
        setup.order(operation, Some(43)).unwrap();
        let previous = setup.platform.parameter("pmssl_previous_order");
        match operation {
            Operation::Prolong => {
                assert_eq!(previous.as_deref(), Some("7701"));
                assert_eq!(setup.term_end(), "2028-02-01");
            }
            _ => assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701"),
        }
    }
}

/// Also where renewals go on under one number.
#[test]
fn a_reissue_waits_for_the_first_certificate() {
    for in_place in [false, true] {
        let setup = Setup::new();
        setup.authority.keeps_number.set(in_place);
        setup.order(Operation::Open, Some(41)).unwrap();
        let early = setup.order(Operation::Reissue, Some(43)).unwrap_err();
        assert_eq!(early.reason(), Reason::NotReady);
        assert_eq!(setup.intent().operation, Operation::Open);
        assert_eq!(setup.authority.submitted.get(), 1);
    }
}
