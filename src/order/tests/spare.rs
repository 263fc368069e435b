//! One too many, and servers whose locks are not seen by everybody.

use chrono::TimeDelta;

use super::authority::{Mood, SETTLE, Sale};
use super::course::Scene;
use super::life::Death;
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
use crate::order::port::{Proof, Stage};
use crate::order::{Followed, Operation};

/// A vendor that shows these orders beside the service's own, 7701.
fn shows(scene: &Scene, others: &[(&str, Proof)]) {
    let own = [("7701", Proof::Reference)];
    let all = own.iter().chain(others);
    let copies = all.map(|(order, proof)| (VendorOrderId::new(*order), *proof));
    *scene.authority.copies.borrow_mut() = Some(copies.collect());
}

fn tasks(scene: &Scene) -> Vec<String> {
    scene.platform.tasks.borrow().clone()
}

fn ordered(others: &[(&str, Proof)]) -> Scene {
    let scene = Scene::new();
    shows(&scene, others);
    scene.order(Operation::Open, Some(41)).unwrap();
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Pending("validation".into()));
    scene
}

fn settled(scene: &Scene) {
    scene.pass(TimeDelta::from_std(SETTLE).unwrap());
}

#[test]
fn another_order_of_one_purchase_is_one_task_that_says_which_to_refund() {
    let scene = ordered(&[("7799", Proof::Reference)]);
    // The listings need not show it yet.
    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
    assert_eq!(tasks(&scene), [] as [String; 0]);
    settled(&scene);
    for _ in 0..3 {
        assert_eq!(scene.sync().unwrap(), Followed::Waiting);
        scene.pass(TimeDelta::hours(1));
    }
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    let told = tasks(&scene);
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
    let scene = ordered(&[("7799", Proof::Csr)]);
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    let told = tasks(&scene);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("carries the same CSR"), "{told:?}");
    settled(&scene);
    scene.sync().unwrap();
    assert_eq!(tasks(&scene).len(), 1);
}

#[test]
fn an_early_look_that_finds_nothing_is_not_the_last_one() {
    let scene = ordered(&[]);
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    // The listing was behind.
    shows(&scene, &[("7799", Proof::Reference)]);
    settled(&scene);
    scene.sync().unwrap();
    assert_eq!(tasks(&scene).len(), 1);
}

/// A vendor's search may not show an order that it has just sold.
#[test]
fn a_listing_without_the_own_order_is_no_look() {
    let scene = ordered(&[]);
    *scene.authority.copies.borrow_mut() = Some(Vec::new());
    settled(&scene);
    scene.sync().unwrap();
    shows(&scene, &[("7799", Proof::Reference)]);
    scene.sync().unwrap();
    assert_eq!(tasks(&scene).len(), 1);
}

#[test]
fn what_is_somebodys_or_dead_is_not_too_many() {
    let scene = ordered(&[
        ("7780", Proof::Reference),
        ("7781", Proof::Reference),
        ("7782", Proof::Reference),
    ]);
    let other = ("7780".to_owned(), ItemId(8));
    scene.platform.taken.borrow_mut().push(other);
    scene.set("pmssl_foreign", "1|7781");
    let dead = Stage::Cancelled("refunded".into());
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("7782".into(), dead);
    settled(&scene);
    scene.sync().unwrap();
    assert_eq!(tasks(&scene), [] as [String; 0]);
    // Looked at once: what comes later is nobody's doubled request.
    shows(&scene, &[("7790", Proof::Reference)]);
    scene.sync().unwrap();
    assert_eq!(tasks(&scene), [] as [String; 0]);
}

#[test]
fn a_look_that_is_killed_anywhere_loses_no_task() {
    let settled_one = || {
        let scene = ordered(&[("7799", Proof::Reference)]);
        settled(&scene);
        scene.life.begin(None);
        scene
    };
    let whole = settled_one();
    whole.sync().unwrap();
    let effects = whole.life.effects();
    for death in (0..effects).flat_map(|at| [Death::Before(at), Death::After(at)]) {
        let scene = settled_one();
        scene.life.begin(Some(death));
        let _ = scene.sync();
        scene.life.begin(None);
        scene.sync().unwrap();
        scene.sync().unwrap();
        let count = tasks(&scene).len();
        assert!((1..=2).contains(&count), "{death:?}: {count} tasks");
    }
}

#[test]
fn an_old_purchase_is_not_looked_at() {
    let scene = ordered(&[("7799", Proof::Reference)]);
    scene.pass(TimeDelta::days(61));
    scene.sync().unwrap();
    let mut found = tasks(&scene);
    // That it has waited for so long is a task of its own.
    found.retain(|text| !text.contains("has waited"));
    assert_eq!(found, [] as [String; 0]);
}

#[test]
fn nothing_is_bought_where_locks_are_not_seen_by_everybody_and_looks_go_on() {
    let scene = Scene::new();
    scene.platform.locks_alone.set(true);
    let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::LocksDoNotHold);
    assert_eq!(scene.authority.submitted.get(), 0);
    scene.platform.locks_alone.set(false);
    scene.authority.mood.set(Mood::SellsSilently);
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.platform.locks_alone.set(true);
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert!(scene.order(Operation::Prolong, Some(42)).is_err());
    assert_eq!(scene.authority.submitted.get(), 1);
}

/// A vendor that proves by reference, and an attempt that counted as not placed before the one that was bought.
#[test]
fn an_earlier_attempt_that_arrives_late_is_told() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::HearsNothing);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    let first = scene.intent().key;
    settled(&scene);
    scene.authority.mood.set(Mood::Sells);
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.intent().attempt, 2);
    shows(&scene, &[]);
    let (key, order) = (first.to_string(), "7788".to_owned());
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    scene.authority.shows_references.set(true);
    settled(&scene);
    for _ in 0..3 {
        scene.sync().unwrap();
        scene.pass(TimeDelta::hours(1));
    }
    let told = tasks(&scene);
    let [text] = told.as_slice() else {
        panic!("{told:?}");
    };
    for words in ["has arrived late", "cancel and refund 7788, not 7701"] {
        assert!(text.contains(words), "{text}");
    }
}
