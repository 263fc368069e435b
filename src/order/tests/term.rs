//! Reissues inside the paid term that nobody queued.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::{ITEM, Scene, block_on};
use super::life::Death;
use crate::certificate::Format;
use crate::certificate::testing::{Wish, csr, file};
use crate::failure::Reason;
use crate::order::port::{Stage, VendorFiles};
use crate::order::{Followed, Operation, Ordered, State};
use crate::platform::Platform;

/// A service with its first certificate.
fn opened() -> Scene {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    scene
}

/// The vendor has made another certificate for the same CSR.
fn issue_again(scene: &Scene, to: (i32, u8, u8)) {
    let names = ["www.example.com", "example.com"];
    let wish = Wish {
        to,
        ..Wish::of(&names)
    };
    let leaf = scene.delivery.intermediate.sign(&scene.delivery.csr, &wish);
    *scene.authority.files.borrow_mut() = VendorFiles {
        files: vec![
            file("leaf.crt", leaf),
            file("chain.crt", &scene.delivery.intermediate.pem),
        ],
    };
    let mut stages = scene.authority.stages.borrow_mut();
    stages.insert("7701".into(), Stage::Issued);
}

#[test]
fn a_due_certificate_is_reissued_once_for_each_certificate() {
    let scene = opened();
    let calls = |n| assert_eq!(scene.authority.submitted.get(), n);
    assert_eq!(scene.reissue_by_daemon().unwrap(), Ordered::Placed);
    assert_eq!(scene.intent().state, State::Pending);
    assert_eq!(scene.intent().queued, None);
    let failure = scene.reissue_by_daemon().unwrap_err();
    assert_eq!(failure.reason(), Reason::NotReady);
    calls(2);
    issue_again(&scene, (2026, 8, 1));
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.intent().state, State::Issued);
    assert_eq!(scene.reissue_by_daemon().unwrap(), Ordered::Placed);
    calls(3);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
    let term = scene.platform.parameter("pmssl_term_end").unwrap();
    assert!(
        term.starts_with("2027-02-01 "),
        "a reissue does not change the term: {term}"
    );
    // Nothing was queued, so nothing is closed.
    assert_eq!(scene.platform.finished.borrow().len(), 1);
}

#[test]
fn the_same_certificate_is_not_replaced_twice() {
    let scene = opened();
    scene.reissue_by_daemon().unwrap();
    // The mark of the awaited certificate is lost: the former one is still saved.
    let text = scene.intent().with_state(State::Issued).to_text().unwrap();
    block_on(scene.platform.save_parameter(
        ITEM,
        "pmssl_intent",
        &text,
        crate::platform::Patience::Once,
    ))
    .unwrap();
    assert_eq!(
        scene.reissue_by_daemon().unwrap_err().reason(),
        Reason::NotReady
    );
    assert_eq!(scene.authority.submitted.get(), 2);
}

#[test]
fn a_refused_reissue_is_tried_again_as_another_attempt() {
    let scene = opened();
    scene.authority.mood.set(Mood::Refuses);
    assert_eq!(
        scene.reissue_by_daemon().unwrap_err().reason(),
        Reason::NothingBought
    );
    scene.authority.mood.set(Mood::Sells);
    scene.reissue_by_daemon().unwrap();
    assert_eq!(scene.intent().attempt, 2);
    assert_eq!(scene.sales(), 2);
}

#[test]
fn a_lost_reissue_is_looked_up_before_anything_else() {
    let scene = opened();
    scene.authority.mood.set(Mood::HearsNothing);
    for _ in 0..2 {
        let failure = scene.reissue_by_daemon().unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    }
    assert_eq!(scene.authority.submitted.get(), 2);
    scene.authority.mood.set(Mood::Sells);
    scene.pass(TimeDelta::minutes(16));
    scene.reissue_by_daemon().unwrap();
    assert_eq!(scene.authority.submitted.get(), 3);
    assert_eq!(scene.sales(), 2);
}

#[test]
fn an_open_operation_of_the_platform_comes_first() {
    let scene = opened();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(
        scene.reissue_by_daemon().unwrap_err().reason(),
        Reason::NotReady
    );
    assert_eq!(scene.sales(), 2);
}

/// The daemon's reissue exists, and the daemon was killed before it could say so.
fn killed_after_placing() -> Scene {
    for effect in 0..60 {
        let scene = opened();
        scene.life.begin(Some(Death::Before(effect)));
        let _ = scene.reissue_by_daemon();
        scene.life.begin(None);
        if scene.intent().operation == Operation::Reissue && scene.intent().state == State::Placed {
            return scene;
        }
    }
    unreachable!()
}

#[test]
fn a_clients_reissue_is_served_by_an_equal_one_of_the_daemon() {
    let scene = killed_after_placing();
    let before = scene.authority.submitted.get();
    assert_eq!(
        scene.order(Operation::Reissue, Some(50)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(scene.authority.submitted.get(), before);
}

#[test]
fn a_clients_reissue_with_another_csr_is_ordered_for_itself() {
    let scene = killed_after_placing();
    let before = scene.authority.submitted.get();
    let new = csr(&["www.example.com"]);
    scene.platform.service.borrow_mut().csr = Some(new.pem().to_owned());
    assert_eq!(
        scene.order(Operation::Reissue, Some(50)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(scene.authority.submitted.get(), before + 1);
    assert_eq!(
        scene.intent().queued.map(|id| id.0),
        Some(50),
        "the intent is the operation's now"
    );
}

#[test]
fn a_reissue_that_is_killed_anywhere_is_made_once() {
    for after in [false, true] {
        for effect in 0..40 {
            let scene = opened();
            scene.life.begin(Some(if after {
                Death::After(effect)
            } else {
                Death::Before(effect)
            }));
            let _ = scene.reissue_by_daemon();
            if !scene.life.died() {
                break;
            }
            scene.life.begin(None);
            scene.pass(TimeDelta::minutes(20));
            for _ in 0..2 {
                let _ = scene.reissue_by_daemon();
            }
            assert_eq!(scene.sales(), 2, "killed at {effect} {after}");
            assert_eq!(
                scene.intent().state,
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
                let mut scene = Scene::new();
                scene.format = format;
                scene.order(Operation::Open, Some(41)).unwrap();
                scene.issue("7701");
                assert_eq!(scene.sync().unwrap(), Followed::Delivered);
                scene.reissue_by_daemon().unwrap();
                {
                    let mut stages = scene.authority.stages.borrow_mut();
                    stages.insert("7701".into(), Stage::Issued);
                }
                assert_eq!(
                    scene.sync().unwrap(),
                    Followed::Waiting,
                    "the former certificate"
                );
                issue_again(&scene, (2026, 8, 1));
                scene.life.begin(Some(if after {
                    Death::After(effect)
                } else {
                    Death::Before(effect)
                }));
                let _ = scene.sync();
                let died = scene.life.died();
                scene.life.begin(None);
                assert_eq!(
                    scene.sync().unwrap(),
                    Followed::Delivered,
                    "{format:?}, killed at {effect} {after}"
                );
                assert_eq!(scene.intent().state, State::Issued);
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
        let mut scene = Scene::new();
        scene.format = format;
        scene.order(Operation::Open, Some(41)).unwrap();
        scene.issue("7701");
        scene.sync().unwrap();
        assert_eq!(scene.term_end(), "2027-02-01");
        scene.order(Operation::Prolong, Some(42)).unwrap();
        assert_eq!(scene.term_end(), "2028-02-01");
        // As its delivery would have left it.
        scene.set("paid_till", "2028-02-01");
        let refunded = Stage::Cancelled("refunded".into());
        scene
            .authority
            .stages
            .borrow_mut()
            .insert("7702".into(), refunded);
        assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
        assert_eq!(scene.term_end(), "2027-02-01");
        assert_eq!(scene.platform.parameter("paid_till").unwrap(), "2027-02-01");
        // The renewal that takes its place is counted once.
        scene.order(Operation::Prolong, Some(43)).unwrap();
        assert_eq!(scene.term_end(), "2028-02-01");
    }
}

#[test]
fn the_way_back_from_a_dead_renewal_is_finished_whoever_comes_next() {
    for after in [false, true] {
        for effect in 0..30 {
            let scene = opened();
            scene.order(Operation::Prolong, Some(42)).unwrap();
            let refunded = Stage::Cancelled("refunded".into());
            scene
                .authority
                .stages
                .borrow_mut()
                .insert("7702".into(), refunded);
            scene.life.begin(Some(if after {
                Death::After(effect)
            } else {
                Death::Before(effect)
            }));
            let _ = scene.sync();
            let died = scene.life.died();
            scene.life.begin(None);
            let buried = scene.intent().state == State::Dead;
            let again = scene.order(Operation::Prolong, Some(43));
            if buried {
                again.unwrap();
                let previous = scene.platform.parameter("pmssl_previous_order");
                assert_eq!(previous.as_deref(), Some("7701"), "{after} {effect}");
                assert_eq!(scene.term_end(), "2028-02-01", "{after} {effect}");
            }
            if !died {
                break;
            }
        }
    }
}
