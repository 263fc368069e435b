//! Vendors whose purchases cannot be told apart: one at a time, from preparing to the stored number.

use std::cell::Cell;

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::Setup;
use crate::domain::VendorOrderId;
use crate::failure::Reason;
use crate::order::{Operation, Ordered, State};

/// The lock of the one account.
#[derive(Debug, Default)]
pub(super) struct AccountLock {
    /// The vendor needs it.
    needed: Cell<bool>,
    /// Somebody else has it.
    elsewhere: Cell<bool>,
    /// The connection that holds it breaks at once.
    breaks: Cell<bool>,
    held: Cell<bool>,
    taken: Cell<u32>,
    /// The vendor was asked without it.
    missed: Cell<bool>,
}

impl AccountLock {
    pub(super) fn is_needed(&self) -> bool {
        self.needed.get()
    }

    pub(super) fn take(&self) -> bool {
        if self.elsewhere.get() {
            return false;
        }
        self.taken.set(self.taken.get() + 1);
        self.held.set(true);
        true
    }

    pub(super) fn is_held(&self) -> bool {
        self.held.get() && !self.breaks.get()
    }

    pub(super) fn give_back(&self) {
        self.held.set(false);
    }

    /// The vendor prepares, sells or looks up.
    pub(super) fn must_be_held(&self) {
        if self.needed.get() && !self.held.get() {
            self.missed.set(true);
        }
    }
}

fn shared_account() -> Setup {
    let setup = Setup::new();
    setup.life.account.needed.set(true);
    setup
}

#[test]
fn a_purchase_is_made_and_looked_up_under_the_accounts_lock() {
    for mood in [Mood::Sells, Mood::SellsSilently] {
        let setup = shared_account();
        setup.authority.mood.set(mood);
        let ordered = setup.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(ordered, Ordered::Placed);
        let lock = &setup.life.account;
        assert!(!lock.missed.get() && !lock.held.get());
        assert_eq!(lock.taken.get(), 1);
    }
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.life.account.taken.get(), 0, "another vendor");
}

#[test]
fn nothing_is_prepared_or_bought_beside_another_purchase() {
    let setup = shared_account();
    setup.life.account.elsewhere.set(true);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::AccountBusy);
    assert_eq!(setup.authority.submitted.get(), 0);
    assert_eq!(
        setup.platform.parameter(crate::order::intent::PARAMETER),
        None
    );
    setup.life.account.elsewhere.set(false);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.sales(), 1);
}

#[test]
fn a_lost_purchase_is_not_looked_for_beside_another_one() {
    let setup = shared_account();
    setup.authority.mood.set(Mood::HearsNothing);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(setup.intent().state, State::Unknown);
    setup.pass(TimeDelta::minutes(20));
    setup.life.account.elsewhere.set(true);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::AccountBusy);
    assert_eq!(setup.intent().state, State::Unknown);
    setup.life.account.elsewhere.set(false);
    setup.authority.mood.set(Mood::Sells);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert!(!setup.life.account.missed.get() && !setup.life.account.held.get());
    assert_eq!(setup.sales(), 1);
}

#[test]
fn a_broken_lock_sends_nothing() {
    let setup = shared_account();
    setup.life.account.breaks.set(true);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::AccountBusy);
    assert_eq!(setup.authority.submitted.get(), 0);
}

/// What another service is buying at this moment has no owner yet.
#[test]
fn what_came_with_a_purchase_is_not_looked_at_beside_another_one() {
    let setup = shared_account();
    let both = ["7701", "7799"].map(VendorOrderId::new).to_vec();
    *setup.authority.beside.borrow_mut() = Some(both);
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.pass(TimeDelta::minutes(20));
    setup.life.account.elsewhere.set(true);
    setup.sync().unwrap();
    assert_eq!(setup.platform.tasks.borrow().len(), 0);
    setup.life.account.elsewhere.set(false);
    setup.sync().unwrap();
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
    assert!(!setup.life.account.missed.get() && !setup.life.account.held.get());
}
