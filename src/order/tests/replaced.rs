//! Renewals and reissues: what follows the first certificate.

use super::authority::Mood;
use super::course::Setup;
use crate::certificate::testing::{Wish, csr, file};
use crate::failure::Reason;
use crate::order::port::{Stage, VendorFiles};
use crate::order::{Followed, Operation, Ordered, State};

#[test]
fn renewals_are_bought_once_per_operation() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    setup.sync().unwrap();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(
        setup.order(Operation::Prolong, Some(42)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(setup.sales(), 2);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7702");
    assert_eq!(
        setup.platform.parameter("pmssl_previous_order").unwrap(),
        "7701"
    );
    assert_eq!(setup.term_end(), "2028-02-01");
    assert_eq!(
        setup.order(Operation::Prolong, None).unwrap_err().object(),
        "--runningoperation"
    );
    assert_eq!(
        setup.order(Operation::Open, Some(43)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(setup.sales(), 2);
}

#[test]
fn a_refused_renewal_leaves_the_delivered_certificate_alone() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    setup.sync().unwrap();
    setup.authority.mood.set(Mood::Refuses);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.intent().state, State::Rejected);
    assert_eq!(setup.platform.saved.borrow().len(), 1);
}

#[test]
fn a_dead_renewal_leaves_the_running_order_in_place() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    setup.sync().unwrap();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("7702".into(), Stage::Cancelled("refunded".into()));
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(setup.platform.failed.get(), 0);
}

#[test]
fn a_reissue_waits_for_the_certificate_of_the_new_csr() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    setup.sync().unwrap();
    let fresh = csr(&["www.example.com"]);
    setup.platform.service.borrow_mut().csr = Some(fresh.pem().to_owned());
    setup.order(Operation::Reissue, Some(42)).unwrap();
    // The vendor says "issued" and still hands out the certificate of the old key.
    setup
        .authority
        .stages
        .borrow_mut()
        .insert("7701".into(), Stage::Issued);
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    assert_eq!(setup.platform.saved.borrow().len(), 1);
    let leaf = setup
        .delivery
        .intermediate
        .sign(&fresh, &Wish::of(&["www.example.com"]));
    let files = vec![
        file("new.crt", leaf),
        file("ca.crt", &setup.delivery.intermediate.pem),
    ];
    *setup.authority.files.borrow_mut() = VendorFiles { files };
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.platform.saved.borrow().len(), 2);
    assert_eq!(setup.intent().state, State::Issued);
}

#[test]
fn a_reissue_of_the_same_csr_waits_for_another_certificate() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    setup.sync().unwrap();
    setup.order(Operation::Reissue, Some(42)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    let again = setup
        .delivery
        .intermediate
        .sign(&setup.delivery.csr, &Wish::of(&["www.example.com"]));
    let files = vec![
        file("new.crt", again),
        file("ca.crt", &setup.delivery.intermediate.pem),
    ];
    *setup.authority.files.borrow_mut() = VendorFiles { files };
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    let first_key = setup.intent().key;
    setup.order(Operation::Reissue, Some(43)).unwrap();
    assert_ne!(
        setup.intent().key,
        first_key,
        "the same CSR reissued again is another decision"
    );
}
