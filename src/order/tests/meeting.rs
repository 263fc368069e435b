//! Operations of one service that meet: one could not be closed, another comes in between, the first
//! one comes back.

use chrono::TimeDelta;

use crate::certificate::testing::csr;
use crate::domain::AccountId;
use crate::failure::Reason;
use crate::order::port::Stage;
use crate::order::{Followed, Operation, Ordered, State};
use crate::platform::Finish;

use super::authority::Mood;
use super::course::Setup;
use super::life::Death;

/// A delivered service whose renewal (operation 42) was bought and could not be closed.
fn with_unclosed_renewal() -> Setup {
    let setup = Setup::delivered();
    setup.platform.restarts.set(true);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    setup.platform.restarts.set(false);
    assert_eq!(setup.sales(), 2);
    setup
}

#[test]
fn an_open_by_hand_does_not_let_a_renewal_be_bought_again() {
    for queued in [None, Some(43)] {
        let setup = with_unclosed_renewal();
        assert_eq!(
            setup.order(Operation::Open, queued).unwrap(),
            Ordered::DoneBefore
        );
        assert_eq!(
            setup.order(Operation::Prolong, Some(42)).unwrap(),
            Ordered::DoneBefore
        );
        assert_eq!(setup.sales(), 2);
        assert_eq!(
            *setup.platform.finished.borrow(),
            [Finish::Open, Finish::Open, Finish::Prolong],
            "each command ends its own operation"
        );
    }
}

#[test]
fn a_reissue_in_between_does_not_let_a_renewal_be_bought_again() {
    let setup = with_unclosed_renewal();
    setup.issue("7702");
    setup.order(Operation::Reissue, Some(43)).unwrap();
    assert_eq!(setup.sales(), 3, "the reissue itself");
    assert_eq!(
        setup.order(Operation::Prolong, Some(42)).unwrap(),
        Ordered::DoneBefore
    );
    assert_eq!(setup.sales(), 3);
    assert_eq!(setup.intent().operation, Operation::Reissue);
    assert_eq!(setup.intent().queued.map(|id| id.0), Some(43));
    // The next renewal is one.
    setup.order(Operation::Prolong, Some(44)).unwrap();
    assert_eq!(setup.sales(), 4);
}

#[test]
fn a_second_renewal_in_between_is_bought_and_the_first_one_is_not_bought_again() {
    let setup = with_unclosed_renewal();
    setup.order(Operation::Prolong, Some(43)).unwrap();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(setup.sales(), 3);
    assert_eq!(setup.term_end(), "2029-02-01");
}

#[test]
fn a_renewal_after_a_dead_one_and_a_reissue_has_a_key_of_its_own() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    let dead = setup.intent().key;
    let stages = &setup.authority.stages;
    stages
        .borrow_mut()
        .insert("7702".into(), Stage::Cancelled("refused".into()));
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    setup.order(Operation::Reissue, Some(43)).unwrap();
    setup.order(Operation::Prolong, Some(44)).unwrap();
    assert_ne!(setup.intent().key, dead);
    let sales = setup.authority.sales.borrow();
    let keys: std::collections::BTreeSet<_> = sales.iter().map(|sale| &sale.key).collect();
    assert_eq!(keys.len(), sales.len(), "no key was used twice");
}

#[test]
fn an_order_that_dies_after_a_refused_renewal_is_not_exchanged_for_an_older_one() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    // The certificate stays the same: it is believed on the next day only.
    setup.issue("7702");
    setup.pass(TimeDelta::days(2));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup.authority.mood.set(Mood::Refuses);
    setup.order(Operation::Prolong, Some(43)).unwrap_err();
    let stages = &setup.authority.stages;
    stages
        .borrow_mut()
        .insert("7702".into(), Stage::Cancelled("revoked".into()));
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    assert_eq!(
        setup.platform.parameter("store_order_id").as_deref(),
        Some("7702")
    );
    assert_eq!(setup.intent().state, State::Rejected);
}

#[test]
fn an_order_that_may_exist_in_one_account_is_not_looked_up_in_another() {
    // Another account, and another login typed into the same account.
    for (account, mark) in [(2, "0a1b2c"), (1, "ffffff")] {
        let mut setup = Setup::new();
        setup.authority.mood.set(Mood::SellsSilently);
        setup.authority.blind.set(true);
        setup.order(Operation::Open, Some(41)).unwrap_err();
        // The other login has nothing of it.
        setup.authority.blind.set(false);
        let sales = std::mem::take(&mut *setup.authority.sales.borrow_mut());
        setup.authority.mood.set(Mood::Sells);
        setup.platform.service.borrow_mut().account = Some(AccountId(account));
        let own = std::mem::replace(&mut setup.login_mark, mark.into());
        setup.pass(TimeDelta::hours(1));
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeForPerson);
        assert_eq!(setup.sales(), 0, "nothing was bought there");
        // Back under its login the order is found.
        setup.platform.service.borrow_mut().account = Some(AccountId(1));
        setup.login_mark = own;
        *setup.authority.sales.borrow_mut() = sales;
        setup.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(setup.sales(), 1);
    }
}

#[test]
fn a_person_cannot_adopt_what_is_no_order() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    for number in ["", "77|01", "77 01"] {
        assert_eq!(
            setup.settle_as_placed(number).unwrap_err().object(),
            "--adopt",
            "{number}"
        );
        assert_eq!(setup.intent().state, State::Unknown);
    }
    // The fake knows what it sold; a vendor answers a mistyped number with a refusal.
    setup.authority.refuses_status.set(true);
    setup.settle_as_placed("7799").unwrap_err();
    assert_eq!(setup.intent().state, State::Unknown);
    setup.authority.refuses_status.set(false);
    setup.settle_as_placed("7701").unwrap();
    assert_eq!(setup.intent().state, State::Placed);
}

#[test]
fn a_number_that_comes_back_a_year_later_is_neither_confirmed_nor_bought_on_a_guess() {
    for closed in [true, false] {
        let setup = if closed {
            let setup = Setup::delivered();
            setup.order(Operation::Prolong, Some(42)).unwrap();
            setup
        } else {
            with_unclosed_renewal()
        };
        let sold = setup.sales();
        setup.issue("7702");
        setup.sync().unwrap();
        setup.pass(TimeDelta::days(91));
        let failure = setup.order(Operation::Prolong, Some(42)).unwrap_err();
        assert_eq!(failure.reason(), Reason::ServedLongAgo, "{closed}");
        assert!(
            failure
                .text(crate::failure::Language::English)
                .contains("operation 42")
        );
        assert_eq!(setup.sales(), sold);
        setup.settle_as_not_placed().unwrap();
        setup.order(Operation::Prolong, Some(42)).unwrap();
        assert_eq!(setup.sales(), sold + 1);
        assert_eq!(
            setup.order(Operation::Prolong, Some(42)).unwrap(),
            Ordered::DoneBefore
        );
        assert_eq!(setup.sales(), sold + 1);
    }
}

/// A reissue for operation 42 that is placed, and whose command was killed before it could close it.
fn with_killed_reissue() -> Setup {
    for effect in 0..60 {
        let setup = Setup::delivered();
        setup.life.begin(Some(Death::Before(effect)));
        let _ = setup.order(Operation::Reissue, Some(42));
        setup.life.begin(None);
        let intent = setup.intent();
        if intent.operation == Operation::Reissue && intent.state == State::Placed {
            return setup;
        }
    }
    unreachable!()
}

#[test]
fn a_reissue_that_was_never_closed_does_not_swallow_the_next_one() {
    let setup = with_killed_reissue();
    assert_eq!(setup.sales(), 2);
    let new = csr(&["www.example.com"]);
    setup.platform.service.borrow_mut().csr = Some(new.pem().to_owned());
    setup.order(Operation::Reissue, Some(43)).unwrap();
    assert_eq!(setup.sales(), 3, "the new CSR is asked for");
    assert_eq!(setup.intent().queued.map(|id| id.0), Some(43));
}

#[test]
fn the_same_reissue_under_another_number_is_not_asked_for_twice() {
    let setup = with_killed_reissue();
    setup.order(Operation::Reissue, Some(43)).unwrap();
    assert_eq!(setup.sales(), 2);
}

#[test]
fn an_operation_that_waited_while_its_service_was_deleted_buys_nothing() {
    let setup = Setup::delivered();
    setup.platform.service.borrow_mut().status = 4;
    for (operation, queued) in [(Operation::Prolong, 42), (Operation::Reissue, 43)] {
        let failure = setup.order(operation, Some(queued)).unwrap_err();
        assert_eq!(failure.reason(), Reason::ServiceDeleted, "{operation:?}");
    }
    assert_eq!(
        setup.reissue_by_daemon().unwrap_err().reason(),
        Reason::ServiceDeleted
    );
    assert_eq!(setup.sales(), 1);
    // What may have been bought before is still looked up, so that it can be cancelled.
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    setup.platform.service.borrow_mut().status = 4;
    setup.authority.blind.set(false);
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    assert_eq!(setup.sales(), 1);
}
