//! Reissues inside the paid term that nobody queued.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::{ITEM, Setup, block_on};
use super::life::Death;
use crate::certificate::Format;
use crate::certificate::testing::{Wish, csr, file};
use crate::failure::Reason;
use crate::order::port::{Stage, VendorFiles};
use crate::order::{Followed, Operation, Ordered, State};
use crate::platform::Platform;

/// A service with its first certificate.
fn opened() -> Setup {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup
}

/// The vendor has made another certificate for the same CSR.
fn issue_again(setup: &Setup, to: (i32, u8, u8)) {
    let names = ["www.example.com", "example.com"];
    let wish = Wish {
        to,
        ..Wish::of(&names)
    };
    let leaf = setup.delivery.intermediate.sign(&setup.delivery.csr, &wish);
    *setup.authority.files.borrow_mut() = VendorFiles {
        files: vec![
            file("leaf.crt", leaf),
            file("chain.crt", &setup.delivery.intermediate.pem),
        ],
    };
    let mut stages = setup.authority.stages.borrow_mut();
    stages.insert("7701".into(), Stage::Issued);
}

#[test]
fn a_due_certificate_is_reissued_once_for_each_certificate() {
    let setup = opened();
    let calls = |n| assert_eq!(setup.authority.submitted.get(), n);
    assert_eq!(setup.reissue_by_daemon().unwrap(), Ordered::Placed);
    assert_eq!(setup.intent().state, State::Pending);
    assert_eq!(setup.intent().queued, None);
    let failure = setup.reissue_by_daemon().unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);
    calls(2);
    issue_again(&setup, (2026, 8, 1));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.intent().state, State::Issued);
    assert_eq!(setup.reissue_by_daemon().unwrap(), Ordered::Placed);
    calls(3);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    let term = setup.platform.parameter("pmssl_term_end").unwrap();
    assert!(
        term.starts_with("2027-02-01 "),
        "a reissue does not change the term: {term}"
    );
    // Nothing was queued, so nothing is closed.
    assert_eq!(setup.platform.finished.borrow().len(), 1);
}

#[test]
fn the_same_certificate_is_not_replaced_twice() {
    let setup = opened();
    setup.reissue_by_daemon().unwrap();
    // The mark of the awaited certificate is lost: the former one is still saved.
    let text = setup.intent().with_state(State::Issued).to_text().unwrap();
    block_on(setup.platform.save_parameter(
        ITEM,
        "pmssl_intent",
        &text,
        crate::platform::Patience::Once,
    ))
    .unwrap();
    assert_eq!(
        setup.reissue_by_daemon().unwrap_err().reason(),
        Reason::NotReady
    );
    assert_eq!(setup.authority.submitted.get(), 2);
}

#[test]
fn a_refused_reissue_is_tried_again_as_another_attempt() {
    let setup = opened();
    setup.authority.mood.set(Mood::Refuses);
    assert_eq!(
        setup.reissue_by_daemon().unwrap_err().reason(),
        Reason::NothingBought
    );
    setup.authority.mood.set(Mood::Sells);
    setup.reissue_by_daemon().unwrap();
    assert_eq!(setup.intent().attempt, 2);
    assert_eq!(setup.sales(), 2);
}

#[test]
fn a_lost_reissue_is_looked_up_before_anything_else() {
    let setup = opened();
    setup.authority.mood.set(Mood::HearsNothing);
    for _ in 0..2 {
        let failure = setup.reissue_by_daemon().unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    }
    assert_eq!(setup.authority.submitted.get(), 2);
    setup.authority.mood.set(Mood::Sells);
    setup.pass(TimeDelta::minutes(16));
    setup.reissue_by_daemon().unwrap();
    assert_eq!(setup.authority.submitted.get(), 3);
    assert_eq!(setup.sales(), 2);
}

#[test]
fn an_open_operation_of_the_platform_comes_first() {
    let setup = opened();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(
        setup.reissue_by_daemon().unwrap_err().reason(),
        Reason::NotReady
    );
    assert_eq!(setup.sales(), 2);
}

/// The daemon's reissue exists, and the daemon was killed before it could say so.
fn killed_after_placing() -> Setup {
    for effect in 0..60 {
        let setup = opened();
        setup.life.begin(Some(Death::Before(effect)));
        let _ = setup.reissue_by_daemon();
        setup.life.begin(None);
        if setup.intent().operation == Operation::Reissue && setup.intent().state == State::Placed {
            return setup;
        }
    }
    unreachable!()
}

#[test]
fn a_clients_reissue_is_served_by_an_equal_one_of_the_daemon() {
    let setup = killed_after_placing();
    let before = setup.authority.submitted.get();
    assert_eq!(
        setup.order(Operation::Reissue, Some(50)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(setup.authority.submitted.get(), before);
}

#[test]
fn a_clients_reissue_with_another_csr_is_ordered_for_itself() {
    let setup = killed_after_placing();
    let before = setup.authority.submitted.get();
    let new = csr(&["www.example.com"]);
    setup.platform.service.borrow_mut().csr = Some(new.pem().to_owned());
    assert_eq!(
        setup.order(Operation::Reissue, Some(50)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(setup.authority.submitted.get(), before + 1);
    assert_eq!(
        setup.intent().queued.map(|id| id.0),
        Some(50),
        "the intent is the operation's now"
    );
}

#[test]
fn a_reissue_that_is_killed_anywhere_is_made_once() {
    for after in [false, true] {
        for effect in 0..40 {
            let setup = opened();
            setup.life.begin(Some(if after {
                Death::After(effect)
            } else {
                Death::Before(effect)
            }));
            let _ = setup.reissue_by_daemon();
            if !setup.life.died() {
                break;
            }
            setup.life.begin(None);
            setup.pass(TimeDelta::minutes(20));
            for _ in 0..2 {
                let _ = setup.reissue_by_daemon();
            }
            assert_eq!(setup.sales(), 2, "killed at {effect} {after}");
            assert_eq!(
                setup.intent().state,
                State::Pending,
                "killed at {effect} {after}"
            );
        }
    }
}

#[test]
fn a_reissued_certificate_that_was_saved_by_a_killed_command_is_not_taken_for_the_former_one() {
    for format in [Format::Pem, Format::Zip] {
        for after in [false, true] {
            for effect in 0..40 {
                let mut setup = Setup::new();
                setup.format = format;
                setup.order(Operation::Open, Some(41)).unwrap();
                setup.issue("7701");
                assert_eq!(setup.sync().unwrap(), Followed::Delivered);
                setup.reissue_by_daemon().unwrap();
                {
                    let mut stages = setup.authority.stages.borrow_mut();
                    stages.insert("7701".into(), Stage::Issued);
                }
                assert_eq!(
                    setup.sync().unwrap(),
                    Followed::Waiting,
                    "the former certificate"
                );
                issue_again(&setup, (2026, 8, 1));
                setup.life.begin(Some(if after {
                    Death::After(effect)
                } else {
                    Death::Before(effect)
                }));
                let _ = setup.sync();
                let died = setup.life.died();
                setup.life.begin(None);
                assert_eq!(
                    setup.sync().unwrap(),
                    Followed::Delivered,
                    "{format:?}, killed at {effect} {after}"
                );
                assert_eq!(setup.intent().state, State::Issued);
                if !died {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_dead_renewal_takes_its_term_back() {
    for format in [Format::Pem, Format::Zip] {
        let mut setup = Setup::new();
        setup.format = format;
        setup.order(Operation::Open, Some(41)).unwrap();
        setup.issue("7701");
        setup.sync().unwrap();
        assert_eq!(setup.term_end(), "2027-02-01");
        setup.order(Operation::Prolong, Some(42)).unwrap();
        assert_eq!(setup.term_end(), "2028-02-01");
        // As its delivery would have left it.
        setup.set("paid_till", "2028-02-01");
        let refunded = Stage::Cancelled("refunded".into());
        setup
            .authority
            .stages
            .borrow_mut()
            .insert("7702".into(), refunded);
        assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
        assert_eq!(setup.term_end(), "2027-02-01");
        assert_eq!(setup.platform.parameter("paid_till").unwrap(), "2027-02-01");
        // The renewal that takes its place is counted once.
        setup.order(Operation::Prolong, Some(43)).unwrap();
        assert_eq!(setup.term_end(), "2028-02-01");
    }
}

#[test]
fn the_way_back_from_a_dead_renewal_is_finished_whoever_comes_next() {
    for after in [false, true] {
        for effect in 0..30 {
            let setup = opened();
            setup.order(Operation::Prolong, Some(42)).unwrap();
            let refunded = Stage::Cancelled("refunded".into());
            setup
                .authority
                .stages
                .borrow_mut()
                .insert("7702".into(), refunded);
            setup.life.begin(Some(if after {
                Death::After(effect)
            } else {
                Death::Before(effect)
            }));
            let _ = setup.sync();
            let died = setup.life.died();
            setup.life.begin(None);
            let buried = setup.intent().state == State::Dead;
            let again = setup.order(Operation::Prolong, Some(43));
            if buried {
                again.unwrap();
                let previous = setup.platform.parameter("pmssl_previous_order");
                assert_eq!(previous.as_deref(), Some("7701"), "{after} {effect}");
                assert_eq!(setup.term_end(), "2028-02-01", "{after} {effect}");
            }
            if !died {
                break;
            }
        }
    }
}
