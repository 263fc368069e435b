//! Renewals and reissues: what follows the first certificate.

use super::authority::Mood;
use super::course::Scene;
use crate::certificate::testing::{Wish, csr, file};
use crate::failure::Reason;
use crate::order::port::{Stage, VendorFiles};
use crate::order::{Followed, Operation, Ordered, State};

#[test]
fn renewals_are_bought_once_per_operation() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    scene.sync().unwrap();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(
        scene.order(Operation::Prolong, Some(42)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(scene.sales(), 2);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7702");
    assert_eq!(
        scene.platform.parameter("pmssl_previous_order").unwrap(),
        "7701"
    );
    assert_eq!(scene.term_end(), "2028-02-01");
    assert_eq!(
        scene.order(Operation::Prolong, None).unwrap_err().object(),
        "--runningoperation"
    );
    assert_eq!(
        scene.order(Operation::Open, Some(43)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(scene.sales(), 2);
}

#[test]
fn a_refused_renewal_leaves_the_delivered_certificate_alone() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    scene.sync().unwrap();
    scene.authority.mood.set(Mood::Refuses);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.intent().state, State::Rejected);
    assert_eq!(scene.platform.saved.borrow().len(), 1);
}

#[test]
fn a_dead_renewal_leaves_the_running_order_in_place() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    scene.sync().unwrap();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("7702".into(), Stage::Cancelled("refunded".into()));
    assert_eq!(scene.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(scene.platform.failed.get(), 0);
}

#[test]
fn a_reissue_waits_for_the_certificate_of_the_new_csr() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    scene.sync().unwrap();
    let fresh = csr(&["www.example.com"]);
    scene.platform.service.borrow_mut().csr = Some(fresh.pem().to_owned());
    scene.order(Operation::Reissue, Some(42)).unwrap();
    // The vendor says "issued" and still hands out the certificate of the old key.
    scene
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Issued);
    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
    assert_eq!(scene.platform.saved.borrow().len(), 1);
    let leaf = scene
        .delivery
        .intermediate
        .sign(&fresh, &Wish::of(&["www.example.com"]));
    let files = vec![
        file("new.crt", leaf),
        file("ca.crt", &scene.delivery.intermediate.pem),
    ];
    *scene.authority.files.borrow_mut() = VendorFiles { files };
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    assert_eq!(scene.platform.saved.borrow().len(), 2);
    assert_eq!(scene.intent().state, State::Issued);
}

#[test]
fn a_reissue_of_the_same_csr_waits_for_another_certificate() {
    let scene = Scene::new();
    scene.order(Operation::Open, Some(41)).unwrap();
    scene.issue("7701");
    scene.sync().unwrap();
    scene.order(Operation::Reissue, Some(42)).unwrap();
    scene.issue("7701");
    assert_eq!(scene.sync().unwrap(), Followed::Waiting);
    let again = scene
        .delivery
        .intermediate
        .sign(&scene.delivery.csr, &Wish::of(&["www.example.com"]));
    let files = vec![
        file("new.crt", again),
        file("ca.crt", &scene.delivery.intermediate.pem),
    ];
    *scene.authority.files.borrow_mut() = VendorFiles { files };
    assert_eq!(scene.sync().unwrap(), Followed::Delivered);
    let first_key = scene.intent().key;
    scene.order(Operation::Reissue, Some(43)).unwrap();
    assert_ne!(
        scene.intent().key,
        first_key,
        "the same CSR reissued again is another decision"
    );
}
