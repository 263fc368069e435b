//! Renewals that go on under the number of the renewed order: what is shown may be the former certificate.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::Scene;
use super::life::Death;
use crate::certificate::Format;
use crate::certificate::testing::{Wish, file};
use crate::failure::Reason;
use crate::order::port::{Stage, VendorFiles};
use crate::order::{Followed, Operation, Ordered, State};

/// A renewed service; the vendor has not begun to make the new certificate.
fn renewed(format: Format) -> Scene {
    let mut scene = Scene::new();
    scene.format = format;
    scene.authority.keeps_number.set(true);
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    scene.order(Operation::Prolong, Some(42)).unwrap();
    show_issued(&scene);
    scene
}

fn show_issued(scene: &Scene) {
    let mut stages = scene.authority.stages.borrow_mut();
    stages.insert("7701".into(), Stage::Issued);
}

/// The vendor hands out another certificate for the same CSR.
fn issue_again(scene: &Scene) {
    let wish = Wish {
        to: (2026, 8, 1),
        ..Wish::of(&["www.example.com", "example.com"])
    };
    let leaf = scene.delivery.intermediate.sign(&scene.delivery.csr, &wish);
    *scene.authority.files.borrow_mut() = VendorFiles {
        files: vec![
            file("leaf.crt", leaf),
            file("chain.crt", &scene.delivery.intermediate.pem),
        ],
    };
    show_issued(scene);
}

fn saves(scene: &Scene) -> usize {
    scene.platform.saved.borrow().len()
}

#[test]
fn the_former_certificate_is_not_taken_for_the_renewed_one() {
    for format in [Format::Pem, Format::Zip, Format::Pkcs7] {
        let scene = renewed(format);
        assert_eq!(scene.sync().unwrap(), Followed::Waiting, "{format:?}");
        assert_eq!(saves(&scene), 1, "{format:?}");
        issue_again(&scene);
        assert_eq!(scene.sync().unwrap(), Followed::Delivered, "{format:?}");
        assert_eq!(saves(&scene), 2, "{format:?}");
        assert_eq!(scene.intent().state, State::Issued);
    }
}

#[test]
fn an_archive_whose_serial_number_nobody_kept_is_opened() {
    let mut scene = Scene::new();
    scene.format = Format::Zip;
    scene.authority.keeps_number.set(true);
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    scene.set("pmssl_certificate_serial", "");
    scene.order(Operation::Prolong, Some(42)).unwrap();
    show_issued(&scene);
    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
}

#[test]
fn a_renewal_that_brings_no_certificate_leaves_the_former_one_in_place_and_is_watched() {
    let scene = renewed(Format::Zip);
    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
    scene.pass(TimeDelta::hours(25));
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.intent().state, State::Issued);
    let paid_till = scene.platform.parameter("paid_till");
    assert_eq!(paid_till.as_deref(), Some("2028-02-01"));
    let before = saves(&scene);
    assert_eq!(before, 1, "it is saved already");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(saves(&scene), before);
    // It comes after all, without a stage in between.
    issue_again(&scene);
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(saves(&scene), before + 1);
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(saves(&scene), before + 1);
    assert_eq!(scene.reissue_by_daemon().unwrap(), Ordered::Placed);
}

#[test]
fn a_renewed_certificate_saved_by_a_killed_command_is_not_taken_for_the_former_one() {
    for after in [false, true] {
        for effect in 0..40 {
            let scene = renewed(Format::Zip);
            issue_again(&scene);
            scene.life.begin(Some(if after {
                Death::After(effect)
            } else {
                Death::Before(effect)
            }));
            let _ = scene.sync();
            let died = scene.life.died();
            scene.life.begin(None);
            assert_eq!(scene.sync().unwrap(), Followed::Delivered, "{effect}");
            assert_eq!(scene.intent().state, State::Issued);
            if !died {
                break;
            }
        }
    }
}

#[test]
fn each_renewal_of_the_same_order_is_a_decision_of_its_own_and_extends_the_term() {
    let scene = renewed(Format::Pem);
    issue_again(&scene);
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.term_end(), "2028-02-01");
    // At once.
    scene.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(
        (scene.sales(), scene.term_end().as_str()),
        (3, "2029-02-01")
    );
    scene.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(scene.sales(), 3, "the same operation again");
    // With a reissue in between.
    scene.order(Operation::Reissue, Some(44)).unwrap();
    scene.order(Operation::Prolong, Some(45)).unwrap();
    assert_eq!(
        (scene.sales(), scene.term_end().as_str()),
        (5, "2030-02-01")
    );
    let sales = scene.authority.sales.borrow();
    let keys: std::collections::BTreeSet<_> = sales.iter().map(|sale| &sale.key).collect();
    assert_eq!(keys.len(), sales.len(), "no key was used twice");
}

/// Nobody knows when the platform carries out a save that it was given up on.
#[test]
fn a_late_save_of_a_delivered_renewal_is_not_taken_for_the_next_one() {
    for state in [State::Placed, State::Sent, State::Unknown] {
        let scene = renewed(Format::Pem);
        issue_again(&scene);
        assert_eq!(scene.sync().unwrap(), Followed::Delivered);
        let late = scene.intent().with_state(state).to_text().unwrap();
        scene.set("pmssl_intent", &late);
        for _ in 0..2 {
            scene.order(Operation::Prolong, Some(43)).unwrap();
            assert_eq!(scene.sales(), 3, "{state:?}");
        }
    }
}

/// A renewal that was closed by hand before its certificate came is the one that the client orders again.
#[test]
fn a_renewal_that_was_not_delivered_serves_the_next_operation() {
    let scene = renewed(Format::Pem);
    let open = scene.intent().with_state(State::Placed).to_text().unwrap();
    scene.set("pmssl_intent", &open);
    scene.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(scene.sales(), 2);
}

/// Renewed, and then another node goes on with a copy of the database that knows nothing of it.
fn forgotten() -> Scene {
    let scene = Scene::new();
    scene.authority.keeps_number.set(true);
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    let former = scene.platform.service.borrow().clone();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    *scene.platform.service.borrow_mut() = former;
    scene.move_to_another_node();
    let paid_till = "2028-02-01T00:00:00Z".parse().unwrap();
    scene.authority.term_end.set(Some(paid_till));
    show_issued(&scene);
    // No look-up tells renewals that keep their number apart.
    scene.authority.blind.set(true);
    assert_eq!(scene.term_end(), "2027-02-01");
    scene
}

#[test]
fn a_renewal_that_neither_the_database_nor_the_machine_knows_is_a_question_and_not_bought_again() {
    let scene = forgotten();
    for _ in 0..3 {
        let asked = scene.order(Operation::Prolong, Some(43)).unwrap_err();
        assert_eq!(asked.reason(), Reason::OutcomeForPerson, "{asked}");
        scene.pass(TimeDelta::minutes(20));
    }
    assert_eq!(scene.sales(), 2);
    scene.settle_as_placed("7701").unwrap();
    assert_eq!(scene.term_end(), "2028-02-01");
    scene.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(scene.sales(), 2);
}

#[test]
fn a_person_who_says_that_the_renewal_is_not_this_one_lets_it_be_bought() {
    let scene = forgotten();
    scene.order(Operation::Prolong, Some(43)).unwrap_err();
    scene.settle_as_not_placed().unwrap();
    scene.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(scene.sales(), 3);
}

#[test]
fn a_term_that_reaches_further_than_the_renewal_is_one_task_with_both_days() {
    for (told, tasks) in [("2028-02-04T00:00:00Z", 0), ("2029-02-01T00:00:00Z", 1)] {
        let scene = renewed(Format::Pem);
        scene.authority.term_end.set(Some(told.parse().unwrap()));
        for _ in 0..3 {
            scene.sync().unwrap();
            scene.pass(TimeDelta::hours(1));
        }
        let told = scene.platform.tasks.borrow();
        assert_eq!(told.len(), tasks, "{told:?}");
        for text in told.iter() {
            assert!(
                text.contains("2029-02-01") && text.contains("2028-02-01"),
                "{text}"
            );
        }
    }
}

/// The first attempt was refused; then somebody renewed by hand.
#[test]
fn a_renewal_by_hand_after_a_refusal_is_a_question() {
    let scene = Scene::new();
    scene.authority.keeps_number.set(true);
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    scene.authority.mood.set(Mood::Sells);
    let paid_till = "2028-02-01T00:00:00Z".parse().unwrap();
    scene.authority.term_end.set(Some(paid_till));
    show_issued(&scene);
    scene.authority.blind.set(true);
    let asked = scene.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    assert_eq!(scene.sales(), 1);
    scene.settle_as_placed("7701").unwrap();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(
        (scene.sales(), scene.term_end().as_str()),
        (1, "2028-02-01")
    );
}

#[test]
fn an_answer_about_one_renewal_is_none_about_the_next() {
    let scene = forgotten();
    scene.order(Operation::Prolong, Some(43)).unwrap_err();
    scene.settle_as_not_placed().unwrap();
    // Nobody went on with it; a year later the vendor's term reaches further again.
    scene.set("pmssl_term_end", "2028-02-01");
    let paid_till = "2029-02-01T00:00:00Z".parse().unwrap();
    scene.authority.term_end.set(Some(paid_till));
    let asked = scene.order(Operation::Prolong, Some(44)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    assert_eq!(scene.sales(), 2);
}
