//! Renewals that go on under the number of the renewed order: what is shown may be the former certificate.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::Setup;
use super::life::Death;
use crate::certificate::Format;
use crate::certificate::testing::{Wish, file};
use crate::failure::Reason;
use crate::order::port::{Stage, VendorFiles};
use crate::order::{Followed, Operation, Ordered, State};

/// A renewed service; the vendor has not begun to make the new certificate.
fn renewed(format: Format) -> Setup {
    let mut setup = Setup::new();
    setup.format = format;
    setup.authority.keeps_number.set(true);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup.order(Operation::Prolong, Some(42)).unwrap();
    show_issued(&setup);
    setup
}

fn show_issued(setup: &Setup) {
    let mut stages = setup.authority.stages.borrow_mut();
    stages.insert("7701".into(), Stage::Issued);
}

/// The vendor hands out another certificate for the same CSR.
fn issue_again(setup: &Setup) {
    let wish = Wish {
        to: (2026, 8, 1),
        ..Wish::of(&["www.example.com", "example.com"])
    };
    let leaf = setup.delivery.intermediate.sign(&setup.delivery.csr, &wish);
    *setup.authority.files.borrow_mut() = VendorFiles {
        files: vec![
            file("leaf.crt", leaf),
            file("chain.crt", &setup.delivery.intermediate.pem),
        ],
    };
    show_issued(setup);
}

fn saves(setup: &Setup) -> usize {
    setup.platform.saved.borrow().len()
}

#[test]
fn the_former_certificate_is_not_taken_for_the_renewed_one() {
    for format in [Format::Pem, Format::Zip, Format::Pkcs7] {
        let setup = renewed(format);
        assert_eq!(setup.sync().unwrap(), Followed::Waiting, "{format:?}");
        assert_eq!(saves(&setup), 1, "{format:?}");
        issue_again(&setup);
        assert_eq!(setup.sync().unwrap(), Followed::Delivered, "{format:?}");
        assert_eq!(saves(&setup), 2, "{format:?}");
        assert_eq!(setup.intent().state, State::Issued);
    }
}

#[test]
fn an_archive_whose_serial_number_nobody_kept_is_opened() {
    let mut setup = Setup::new();
    setup.format = Format::Zip;
    setup.authority.keeps_number.set(true);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup.set("pmssl_certificate_serial", "");
    setup.order(Operation::Prolong, Some(42)).unwrap();
    show_issued(&setup);
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
}

#[test]
fn a_renewal_that_brings_no_certificate_leaves_the_former_one_in_place_and_is_watched() {
    let setup = renewed(Format::Zip);
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    setup.pass(TimeDelta::hours(25));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.intent().state, State::Issued);
    let paid_till = setup.platform.parameter("paid_till");
    assert_eq!(paid_till.as_deref(), Some("2028-02-01"));
    let before = saves(&setup);
    assert_eq!(before, 1, "it is saved already");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saves(&setup), before);
    // It comes after all, without a stage in between.
    issue_again(&setup);
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saves(&setup), before + 1);
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saves(&setup), before + 1);
    assert_eq!(setup.reissue_by_daemon().unwrap(), Ordered::Placed);
}

#[test]
fn a_renewed_certificate_saved_by_a_killed_command_is_not_taken_for_the_former_one() {
    for after in [false, true] {
        for effect in 0..40 {
            let setup = renewed(Format::Zip);
            issue_again(&setup);
            setup.life.begin(Some(if after {
                Death::After(effect)
            } else {
                Death::Before(effect)
            }));
            let _ = setup.sync();
            let died = setup.life.died();
            setup.life.begin(None);
            assert_eq!(setup.sync().unwrap(), Followed::Delivered, "{effect}");
            assert_eq!(setup.intent().state, State::Issued);
            if !died {
                break;
            }
        }
    }
}

#[test]
fn each_renewal_of_the_same_order_is_a_decision_of_its_own_and_extends_the_term() {
    let setup = renewed(Format::Pem);
    issue_again(&setup);
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.term_end(), "2028-02-01");
    // At once.
    setup.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(
        (setup.sales(), setup.term_end().as_str()),
        (3, "2029-02-01")
    );
    setup.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(setup.sales(), 3, "the same operation again");
    // With a reissue in between.
    setup.order(Operation::Reissue, Some(44)).unwrap();
    setup.order(Operation::Prolong, Some(45)).unwrap();
    assert_eq!(
        (setup.sales(), setup.term_end().as_str()),
        (5, "2030-02-01")
    );
    let sales = setup.authority.sales.borrow();
    let keys: std::collections::BTreeSet<_> = sales.iter().map(|sale| &sale.key).collect();
    assert_eq!(keys.len(), sales.len(), "no key was used twice");
}

/// Nobody knows when the platform carries out a save that it was given up on.
#[test]
fn a_late_save_of_a_delivered_renewal_is_not_taken_for_the_next_one() {
    for state in [State::Placed, State::Sent, State::Unknown] {
        let setup = renewed(Format::Pem);
        issue_again(&setup);
        assert_eq!(setup.sync().unwrap(), Followed::Delivered);
        let late = setup.intent().with_state(state).to_text().unwrap();
        setup.set("pmssl_intent", &late);
        for _ in 0..2 {
            setup.order(Operation::Prolong, Some(43)).unwrap();
            assert_eq!(setup.sales(), 3, "{state:?}");
        }
    }
}

/// A renewal that was closed by hand before its certificate came is the one that the client orders again.
#[test]
fn a_renewal_that_was_not_delivered_serves_the_next_operation() {
    let setup = renewed(Format::Pem);
    let open = setup.intent().with_state(State::Placed).to_text().unwrap();
    setup.set("pmssl_intent", &open);
    setup.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(setup.sales(), 2);
}

/// Renewed, and then another node goes on with a copy of the database that knows nothing of it.
fn forgotten() -> Setup {
    let setup = Setup::new();
    setup.authority.keeps_number.set(true);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    let former = setup.platform.service.borrow().clone();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    *setup.platform.service.borrow_mut() = former;
    setup.move_to_another_node();
    let paid_till = "2028-02-01T00:00:00Z".parse().unwrap();
    setup.authority.term_end.set(Some(paid_till));
    show_issued(&setup);
    // No look-up tells renewals that keep their number apart.
    setup.authority.blind.set(true);
    assert_eq!(setup.term_end(), "2027-02-01");
    setup
}

#[test]
fn a_renewal_that_neither_the_database_nor_the_machine_knows_is_a_question_and_not_bought_again() {
    let setup = forgotten();
    for _ in 0..3 {
        let asked = setup.order(Operation::Prolong, Some(43)).unwrap_err();
        assert_eq!(asked.reason(), Reason::OutcomeForPerson, "{asked}");
        setup.pass(TimeDelta::minutes(20));
    }
    assert_eq!(setup.sales(), 2);
    setup.settle_as_placed("7701").unwrap();
    assert_eq!(setup.term_end(), "2028-02-01");
    setup.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(setup.sales(), 2);
}

/// The same where no term was ever stored, and the vendor tells this one.
fn forgotten_with_its_term(told: &str) -> Setup {
    let setup = forgotten();
    let stored = &setup.platform.service;
    let removed = stored.borrow_mut().parameters.remove("pmssl_term_end");
    assert!(removed.is_some());
    let day: chrono::NaiveDate = told.parse().unwrap();
    let end = day.and_time(chrono::NaiveTime::MIN).and_utc();
    setup.authority.term_end.set(Some(end));
    setup
}

/// Earlier versions and other programs store no term: the vendor's is learned, with the forgotten renewal in it.
#[test]
fn of_a_term_that_was_never_stored_more_than_one_purchase_gives_is_a_question() {
    // A renewal in the last months of the term, on its first day, and one that was made already.
    for (told, is_asked) in [
        ("2026-05-01", false),
        ("2027-02-03", false),
        ("2027-05-01", true),
    ] {
        let setup = forgotten_with_its_term(told);
        let ordered = setup.order(Operation::Prolong, Some(43));
        if is_asked {
            let asked = ordered.unwrap_err();
            assert_eq!(asked.reason(), Reason::OutcomeForPerson, "{told}: {asked}");
            assert!(asked.chain().contains(told), "{asked}");
            assert_eq!(setup.sales(), 2, "{told}");
            setup.settle_as_not_placed().unwrap();
            setup.order(Operation::Prolong, Some(43)).unwrap();
        } else {
            ordered.unwrap();
        }
        assert_eq!(setup.sales(), 3, "{told}");
    }
}

#[test]
fn a_renewal_that_the_learned_term_has_already_is_not_counted_once_more() {
    let setup = forgotten_with_its_term("2027-05-01");
    setup.order(Operation::Prolong, Some(43)).unwrap_err();
    setup.settle_as_placed("7701").unwrap();
    assert_eq!(setup.term_end(), "2027-05-01");
    setup.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(
        (setup.sales(), setup.term_end().as_str()),
        (2, "2027-05-01")
    );
}

/// The learned end is from before the renewal: that is counted, and what reaches beyond it is a task.
#[test]
fn a_renewal_beyond_the_learned_term_is_counted_and_watched() {
    let setup = forgotten_with_its_term("2028-05-01");
    let learned = ("pmssl_term_end".to_owned(), "2026-05-01".to_owned());
    let stored = &setup.platform.service;
    stored.borrow_mut().parameters.extend([learned]);
    setup.order(Operation::Prolong, Some(43)).unwrap_err();
    setup.settle_as_placed("7701").unwrap();
    assert_eq!(setup.term_end(), "2027-05-01");
    setup.order(Operation::Prolong, Some(43)).unwrap();
    setup.sync().unwrap();
    let told = setup.platform.tasks.borrow();
    assert!(
        told.iter().any(|text| text.contains("2028-05-01")),
        "{told:?}"
    );
}

#[test]
fn a_person_who_says_that_the_renewal_is_not_this_one_lets_it_be_bought() {
    let setup = forgotten();
    setup.order(Operation::Prolong, Some(43)).unwrap_err();
    setup.settle_as_not_placed().unwrap();
    setup.order(Operation::Prolong, Some(43)).unwrap();
    assert_eq!(setup.sales(), 3);
}

#[test]
fn a_term_that_reaches_further_than_the_renewal_is_one_task_with_both_days() {
    for (told, tasks) in [("2028-02-04T00:00:00Z", 0), ("2029-02-01T00:00:00Z", 1)] {
        let setup = renewed(Format::Pem);
        setup.authority.term_end.set(Some(told.parse().unwrap()));
        for _ in 0..3 {
            setup.sync().unwrap();
            setup.pass(TimeDelta::hours(1));
        }
        let told = setup.platform.tasks.borrow();
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
    let setup = Setup::new();
    setup.authority.keeps_number.set(true);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    setup.authority.mood.set(Mood::Sells);
    let paid_till = "2028-02-01T00:00:00Z".parse().unwrap();
    setup.authority.term_end.set(Some(paid_till));
    show_issued(&setup);
    setup.authority.blind.set(true);
    let asked = setup.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    assert_eq!(setup.sales(), 1);
    setup.settle_as_placed("7701").unwrap();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(
        (setup.sales(), setup.term_end().as_str()),
        (1, "2028-02-01")
    );
}

#[test]
fn an_answer_about_one_renewal_is_none_about_the_next() {
    let setup = forgotten();
    setup.order(Operation::Prolong, Some(43)).unwrap_err();
    setup.settle_as_not_placed().unwrap();
    // Nobody went on with it; a year later the vendor's term reaches further again.
    setup.set("pmssl_term_end", "2028-02-01");
    let paid_till = "2029-02-01T00:00:00Z".parse().unwrap();
    setup.authority.term_end.set(Some(paid_till));
    let asked = setup.order(Operation::Prolong, Some(44)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    assert_eq!(setup.sales(), 2);
}
