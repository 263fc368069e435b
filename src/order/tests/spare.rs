//! One too many, and servers whose locks are not seen by everybody.

use chrono::TimeDelta;

use super::authority::{Mood, SETTLE, Sale};
use super::course::Setup;
use super::life::Death;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
use crate::order::port::{Proof, Stage};
use crate::order::{Followed, Operation};

/// A vendor that shows these orders beside the service's own, 7701.
fn shows(setup: &Setup, others: &[(&str, Proof)]) {
    let own = [("7701", Proof::Reference)];
    let all = own.iter().chain(others);
    let copies = all.map(|(order, proof)| (VendorOrderId::new(*order), *proof));
    *setup.authority.copies.borrow_mut() = Some(copies.collect());
}

fn tasks(setup: &Setup) -> Vec<String> {
    setup.platform.tasks.borrow().clone()
}

fn ordered(others: &[(&str, Proof)]) -> Setup {
    let setup = Setup::new();
    shows(&setup, others);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Pending("validation".into()));
    setup
}

fn settled(setup: &Setup) {
    setup.pass(TimeDelta::from_std(SETTLE).unwrap());
}

#[test]
fn another_order_of_one_purchase_is_one_task_that_says_which_to_refund() {
    let setup = ordered(&[("7799", Proof::Reference)]);
    // The listings need not show it yet.
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    assert_eq!(tasks(&setup), [] as [String; 0]);
    settled(&setup);
    for _ in 0..3 {
        assert_eq!(setup.sync().unwrap(), Followed::Waiting);
        setup.pass(TimeDelta::hours(1));
    }
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    let told = tasks(&setup);
    let [text] = told.as_slice() else {
        panic!("{told:?}");
    };
    for words in [
        "order 7799 carries the same reference",
        "cancel and refund 7799, not 7701",
        "заказ 7701 не отменяйте",
    ] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn the_certificate_is_a_moment_to_look_however_early() {
    let setup = ordered(&[("7799", Proof::Csr)]);
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    let told = tasks(&setup);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("carries the same CSR"), "{told:?}");
    settled(&setup);
    setup.sync().unwrap();
    assert_eq!(tasks(&setup).len(), 1);
}

#[test]
fn an_early_look_that_finds_nothing_is_not_the_last_one() {
    let setup = ordered(&[]);
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    // The listing was behind.
    shows(&setup, &[("7799", Proof::Reference)]);
    settled(&setup);
    setup.sync().unwrap();
    assert_eq!(tasks(&setup).len(), 1);
}

/// A vendor's search may not show an order that it has just sold.
#[test]
fn a_listing_without_the_own_order_is_no_look() {
    let setup = ordered(&[]);
    *setup.authority.copies.borrow_mut() = Some(Vec::new());
    settled(&setup);
    setup.sync().unwrap();
    shows(&setup, &[("7799", Proof::Reference)]);
    setup.sync().unwrap();
    assert_eq!(tasks(&setup).len(), 1);
}

#[test]
fn what_is_somebodys_or_dead_is_not_too_many() {
    let setup = ordered(&[
        ("7780", Proof::Reference),
        ("7781", Proof::Reference),
        ("7782", Proof::Reference),
    ]);
    let other = ("7780".to_owned(), ItemId(8));
    setup.platform.taken.borrow_mut().push(other);
    setup.set("pmssl_foreign", "1|7781");
    let dead = Stage::Cancelled("refunded".into());
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("7782".into(), dead);
    settled(&setup);
    setup.sync().unwrap();
    assert_eq!(tasks(&setup), [] as [String; 0]);
    // Looked at once: what comes later is nobody's doubled request.
    shows(&setup, &[("7790", Proof::Reference)]);
    setup.sync().unwrap();
    assert_eq!(tasks(&setup), [] as [String; 0]);
}

#[test]
fn a_look_that_is_killed_anywhere_loses_no_task() {
    let settled_one = || {
        let setup = ordered(&[("7799", Proof::Reference)]);
        settled(&setup);
        setup.life.begin(None);
        setup
    };
    let whole = settled_one();
    whole.sync().unwrap();
    let effects = whole.life.effects();
    for death in (0..effects).flat_map(|at| [Death::Before(at), Death::After(at)]) {
        let setup = settled_one();
        setup.life.begin(Some(death));
        let _ = setup.sync();
        setup.life.begin(None);
        setup.sync().unwrap();
        setup.sync().unwrap();
        let count = tasks(&setup).len();
        assert!((1..=2).contains(&count), "{death:?}: {count} tasks");
    }
}

#[test]
fn an_old_purchase_is_not_looked_at() {
    let setup = ordered(&[("7799", Proof::Reference)]);
    setup.pass(TimeDelta::days(61));
    setup.sync().unwrap();
    let mut found = tasks(&setup);
    // That it has waited for so long is a task of its own.
    found.retain(|text| !text.contains("has waited"));
    assert_eq!(found, [] as [String; 0]);
}

#[test]
fn nothing_is_bought_where_locks_are_not_seen_by_everybody_and_looks_go_on() {
    let setup = Setup::new();
    setup.platform.locks_alone.set(true);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::LocksDoNotHold);
    assert_eq!(setup.authority.submitted.get(), 0);
    setup.platform.locks_alone.set(false);
    setup.authority.mood.set(Mood::SellsSilently);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.platform.locks_alone.set(true);
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert!(setup.order(Operation::Prolong, Some(42)).is_err());
    assert_eq!(setup.authority.submitted.get(), 1);
}

/// A vendor that proves by reference, and an attempt that counted as not placed before the one that was bought.
#[test]
fn an_earlier_attempt_that_arrives_late_is_told() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::HearsNothing);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let first = setup.intent().key;
    settled(&setup);
    setup.authority.mood.set(Mood::Sells);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.intent().attempt, 2);
    shows(&setup, &[]);
    let (key, order) = (first.to_string(), "7788".to_owned());
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    setup.authority.shows_references.set(true);
    settled(&setup);
    for _ in 0..3 {
        setup.sync().unwrap();
        setup.pass(TimeDelta::hours(1));
    }
    let told = tasks(&setup);
    let [text] = told.as_slice() else {
        panic!("{told:?}");
    };
    for words in ["has arrived late", "cancel and refund 7788, not 7701"] {
        assert!(text.contains(words), "{text}");
    }
}

/// A vendor whose purchases carry nothing of ours, and what came with the service's own, 7701.
fn beside(setup: &Setup, others: &[&str]) {
    let all = std::iter::once(&"7701").chain(others);
    let shown = all.map(|order| VendorOrderId::new(*order)).collect();
    *setup.authority.beside.borrow_mut() = Some(shown);
}

#[test]
fn what_came_with_a_purchase_that_carries_nothing_of_ours_is_a_task_that_claims_no_proof() {
    let setup = Setup::new();
    beside(&setup, &["7799", "7780", "7781"]);
    let other = ("7780".to_owned(), ItemId(8));
    setup.platform.taken.borrow_mut().push(other);
    setup.set("pmssl_foreign", "1|7781");
    setup.order(Operation::Open, Some(41)).unwrap();
    let stage = Stage::Pending("validation".into());
    let stages = &setup.authority.stages;
    stages.borrow_mut().insert("7701".into(), stage);
    // The listings need not show everything yet.
    setup.sync().unwrap();
    assert_eq!(tasks(&setup), [] as [String; 0]);
    settled(&setup);
    for _ in 0..3 {
        setup.sync().unwrap();
    }
    let told = tasks(&setup);
    let [text] = told.as_slice() else {
        panic!("{told:?}");
    };
    for words in [
        "order 7799 may be one too many",
        "Nothing in it tells whose it is",
        "cancel and refund 7799, not 7701",
        "заказ 7701 не отменяйте",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert!(!text.contains("7780") && !text.contains("7781"), "{text}");
}

#[test]
fn a_purchase_that_nothing_came_with_is_looked_at_once() {
    let setup = Setup::new();
    beside(&setup, &[]);
    setup.order(Operation::Open, Some(41)).unwrap();
    let stage = Stage::Pending("validation".into());
    let stages = &setup.authority.stages;
    stages.borrow_mut().insert("7701".into(), stage);
    settled(&setup);
    setup.sync().unwrap();
    beside(&setup, &["7799"]);
    setup.sync().unwrap();
    assert_eq!(tasks(&setup), [] as [String; 0]);
}
