//! What a person was asked, and what follows from the word.

use chrono::TimeDelta;

use super::authority::{Mood, Sale};
use super::course::{ITEM, Setup};
use super::life::Death;
use crate::domain::AccountId;
use crate::failure::Reason;
use crate::order::port::Stage;
use crate::order::{Operation, Ordered, State};
use crate::platform::Platform;

fn lives(setup: &Setup, order: &str) {
    let stages = &setup.authority.stages;
    let stage = Stage::Pending("waiting".into());
    stages.borrow_mut().insert(order.into(), stage);
}

/// A delivered service whose renewal somebody has made in the vendor's panel, long after the first order.
fn renewed_by_hand() -> Setup {
    let setup = Setup::delivered();
    setup.pass(TimeDelta::days(120));
    lives(&setup, "8801");
    setup
}

#[test]
fn a_renewal_that_was_only_asked_about_is_as_new_as_the_persons_word() {
    let setup = renewed_by_hand();
    setup.authority.shows_references.set(true);
    setup.authority.alike.borrow_mut().push("8801".into());
    let asked = setup.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    setup.settle_as_placed("8801").unwrap();
    // Not "perhaps one of long ago", which would be bought again by a further word.
    let again = setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(again, Ordered::Placed);
    assert_eq!(setup.authority.submitted.get(), 1, "the first order alone");
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "8801");
    assert_eq!(setup.term_end(), "2028-02-01");
    assert_eq!(setup.intent().state, State::Pending);
}

/// The term is counted from the day it was sent, however late the person's word comes.
#[test]
fn a_renewal_that_was_sent_long_ago_is_none_of_former_times_after_the_persons_word() {
    let setup = Setup::delivered();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    setup.pass(TimeDelta::days(120));
    setup.settle_as_placed("7702").unwrap();
    let again = setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(again, Ordered::Placed);
    assert_eq!(setup.authority.submitted.get(), 2);
    assert_eq!(setup.term_end(), "2028-02-01");
}

/// A renewal that was sent before the end of the term and whose order a person names after it.
fn long_lost() -> Setup {
    let setup = Setup::delivered();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    setup.pass(TimeDelta::days(400));
    setup
}

#[test]
fn a_word_that_is_killed_anywhere_is_completed_by_itself_and_taken_back_by_the_other_one() {
    let deaths = |effects: usize| (0..effects).flat_map(|at| [Death::Before(at), Death::After(at)]);
    let whole = long_lost();
    whole.life.begin(None);
    whole.settle_as_placed("7702").unwrap();
    assert_eq!(whole.term_end(), "2028-02-01");
    let mut taken_back = 0;
    for death in deaths(whole.life.effects()) {
        let killed = || {
            let setup = long_lost();
            setup.life.begin(Some(death));
            let _ = setup.settle_as_placed("7702");
            setup.life.begin(None);
            setup
        };
        let setup = killed();
        // Once it is placed, nothing is left to be said.
        if setup.intent().state == State::Placed {
            setup.settle_as_placed("7702").unwrap_err();
        } else {
            setup.settle_as_placed("7702").unwrap();
        }
        assert_eq!(setup.intent().state, State::Placed, "{death:?}");
        let held = setup.platform.parameter("store_order_id");
        assert_eq!(held.as_deref(), Some("7702"), "{death:?}");
        assert_eq!(setup.term_end(), "2028-02-01", "{death:?}");

        let setup = killed();
        if setup.intent().state == State::Placed {
            continue;
        }
        let is_counted = setup.term_end() == "2028-02-01";
        setup.settle_as_not_placed().unwrap();
        assert_eq!(setup.intent().state, State::Rejected, "{death:?}");
        assert_eq!(setup.term_end(), "2027-02-01", "{death:?}");
        taken_back += usize::from(is_counted);
    }
    assert!(taken_back > 0, "no death between the term and the order");
}

#[test]
fn a_word_that_takes_a_term_back_and_is_killed_takes_it_back_when_it_is_given_again() {
    // The person's other word was killed behind the term.
    let counted = || {
        let setup = long_lost();
        let key = setup.intent().key;
        setup.set("pmssl_term_end", &format!("2028-02-01 {key} 2027-02-01"));
        setup.life.begin(None);
        setup
    };
    let whole = counted();
    whole.settle_as_not_placed().unwrap();
    for at in 0..whole.life.effects() {
        for death in [Death::Before(at), Death::After(at)] {
            let setup = counted();
            setup.life.begin(Some(death));
            let _ = setup.settle_as_not_placed();
            setup.life.begin(None);
            if setup.intent().state != State::Rejected {
                setup.settle_as_not_placed().unwrap();
            }
            assert_eq!(setup.term_end(), "2027-02-01", "{death:?}");
        }
    }
}

/// At some vendors a renewal can only be made by hand.
#[test]
fn a_queued_renewal_that_a_person_has_made_is_taken_over() {
    let setup = renewed_by_hand();
    let nothing = setup.settle_as_placed("8801").unwrap_err();
    assert_eq!(nothing.reason(), Reason::Missing, "nothing is queued");
    let queued = setup.platform.queue.add(ITEM, "prolong");
    let own = setup.settle_as_placed("7701").unwrap_err();
    assert_eq!(own.reason(), Reason::Invalid, "the order to be renewed");
    setup.settle_as_placed("8801").unwrap();
    let again = setup.order(Operation::Prolong, Some(queued)).unwrap();
    assert_eq!(again, Ordered::Placed);
    assert_eq!(setup.authority.submitted.get(), 1, "the first order alone");
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "8801");
    let previous = setup.platform.parameter("pmssl_previous_order");
    assert_eq!(previous.as_deref(), Some("7701"));
    assert_eq!(setup.term_end(), "2028-02-01");
}

/// An operation of long ago is in the list of those that were served.
#[test]
fn a_word_about_nothing_bought_ends_the_question_whatever_was_served_before() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    setup.issue("7702");
    setup.pass(TimeDelta::days(2));
    setup.sync().unwrap();
    setup.order(Operation::Reissue, Some(43)).unwrap();
    setup.pass(TimeDelta::days(120));
    setup.authority.mood.set(Mood::HearsNothing);
    setup.order(Operation::Prolong, Some(50)).unwrap_err();
    setup.with_session(async |session| session.give_to_person().await.unwrap());
    setup.pass(TimeDelta::minutes(20));
    let _ = setup.sync();
    assert_eq!(setup.intent().state, State::Rejected);
    setup.settle_as_not_placed().unwrap();
    setup.authority.mood.set(Mood::Sells);
    setup.order(Operation::Prolong, Some(50)).unwrap();
}

#[test]
fn the_renewal_itself_is_no_order_in_the_place_of_the_services_one() {
    let setup = Setup::delivered();
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    let (key, order) = (setup.intent().key.to_string(), "9901".to_owned());
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    lives(&setup, "9901");
    setup.authority.shows_references.set(true);
    let refused = setup.replace("9901").unwrap_err();
    assert_eq!(refused.reason(), Reason::Invalid);
    assert!(refused.chain().contains("--adopt 9901"));
    setup.settle_as_placed("9901").unwrap();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 2, "open, and the refusal");
}

#[test]
fn a_wrong_number_of_a_renewal_is_no_order_to_go_back_to() {
    let setup = Setup::delivered();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    lives(&setup, "7799");
    setup.replace("7799").unwrap();
    let previous = || setup.platform.parameter("pmssl_previous_order");
    assert_eq!(previous().as_deref(), Some("7701"), "not 7702");
    let stage = Stage::Cancelled("no".into());
    let stages = &setup.authority.stages;
    stages.borrow_mut().insert("7799".into(), stage);
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
}

#[test]
fn an_order_of_another_name_is_a_question_unless_it_is_over() {
    for (stage, is_asked) in [
        (Stage::Pending("waiting".into()), true),
        (Stage::Cancelled("refunded".into()), false),
    ] {
        // A database that was set back has given the number of another service out again.
        let before = Setup::new();
        before.authority.mood.set(Mood::WantsMoney);
        before.order(Operation::Open, Some(41)).unwrap_err();
        let setup = Setup::new();
        setup.authority.shows_references.set(true);
        let other = (before.intent().key.to_string(), "9901".to_owned());
        setup.authority.others.borrow_mut().push(other);
        let stages = &setup.authority.stages;
        stages.borrow_mut().insert("9901".into(), stage);
        let outcome = setup.order(Operation::Open, Some(41));
        let sold = setup.authority.submitted.get();
        if !is_asked {
            outcome.unwrap();
            assert_eq!(sold, 1);
            continue;
        }
        assert_eq!(outcome.unwrap_err().reason(), Reason::OutcomeForPerson);
        assert_eq!(sold, 0);
        let shown = setup.with_session(async |session| session.evidence(&[]).await);
        let shown = shown.unwrap().candidates;
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0].order.as_str(), "9901");
        setup.set("pmssl_foreign", "1|9901");
        setup.settle_as_not_placed().unwrap();
        setup.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(setup.authority.submitted.get(), 1);
    }
}

/// A first delivery was sold, the second one refused, and the client leaves.
#[test]
fn what_a_refused_order_has_left_is_told_before_the_service_is_deleted() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let (key, order) = (setup.intent().key.to_string(), "9901".to_owned());
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    lives(&setup, "9901");
    setup.authority.shows_references.set(true);
    for _ in 0..2 {
        setup.with_session(async |session| {
            let account = setup.platform.account(AccountId(1)).await.unwrap();
            session.look_for_spare_at_the_end(&account).await;
        });
        let tasks = setup.platform.tasks.borrow();
        assert_eq!(tasks.len(), 1, "told once");
        assert!(tasks[0].contains("cancel and refund 9901"), "{tasks:?}");
    }
}

/// A database that was set back has lost another service of that number: its order is nobody's to refund.
#[test]
fn an_order_of_another_name_is_not_to_be_refunded_when_a_service_is_deleted() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let other = (setup.intent().key.to_string(), "9901".to_owned());
    setup.order(Operation::Open, Some(41)).unwrap_err();
    setup.authority.others.borrow_mut().push(other);
    lives(&setup, "9901");
    setup.authority.shows_references.set(true);
    setup.with_session(async |session| {
        let account = setup.platform.account(AccountId(1)).await.unwrap();
        session.look_for_spare_at_the_end(&account).await;
    });
    assert_eq!(setup.platform.tasks.borrow().len(), 0);
}

#[test]
fn a_reissue_under_a_number_of_its_own_can_go_back_to_the_order_before_it() {
    let setup = Setup::delivered();
    setup.order(Operation::Reissue, Some(42)).unwrap();
    lives(&setup, "7799");
    setup.replace("7799").unwrap();
    let previous = setup.platform.parameter("pmssl_previous_order");
    assert_eq!(previous.as_deref(), Some("7701"));
}

/// It was sent, on the day that its certificate is told from the former one by.
#[test]
fn a_reissue_that_was_given_to_a_person_is_as_old_as_it_was() {
    let setup = Setup::delivered();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Reissue, Some(42)).unwrap_err();
    let sent = setup.intent().since;
    setup.with_session(async |session| session.give_to_person().await.unwrap());
    setup.pass(TimeDelta::days(5));
    setup.settle_as_placed("7701").unwrap();
    assert_eq!(setup.intent().since, sent);
}
