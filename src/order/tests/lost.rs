//! Calls whose answer never came.

use chrono::TimeDelta;

use super::authority::{Mood, Sale};
use super::course::{ITEM, Setup};
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
use crate::order::port::{Placed, Stage, Token};
use crate::order::purchase::renewal;
use crate::order::{Intent, Operation, Ordered, State};

#[test]
fn a_lost_answer_is_looked_up() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!((setup.sales(), setup.authority.submitted.get()), (1, 1));
}

#[test]
fn an_order_that_another_service_has_is_never_adopted() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup
        .platform
        .taken
        .borrow_mut()
        .push(("7701".into(), ItemId(8)));
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeForPerson);
    assert_eq!(setup.intent().state, State::Unknown);
    assert_eq!(setup.platform.parameter("store_order_id"), None);
}

#[test]
fn a_lost_call_is_repeated_only_after_the_settle_time() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::HearsNothing);
    for _ in 0..3 {
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
        assert_eq!(setup.intent().state, State::Unknown);
    }
    assert_eq!(
        setup.authority.submitted.get(),
        1,
        "nothing is sent while the outcome is unknown"
    );
    setup.authority.mood.set(Mood::Sells);
    setup.pass(TimeDelta::minutes(16));
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(setup.intent().attempt, 2);
    assert_eq!((setup.sales(), setup.authority.submitted.get()), (1, 2));
}

#[test]
fn what_the_vendor_cannot_tell_waits_for_a_person() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    for _ in 0..5 {
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeForPerson);
        setup.pass(TimeDelta::days(1));
    }
    assert_eq!(setup.authority.submitted.get(), 1);
    setup.authority.mood.set(Mood::Sells);
    setup.settle_as_not_placed().unwrap();
    assert_eq!(
        setup.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(
        setup.settle_as_not_placed().unwrap_err().reason(),
        Reason::Missing,
        "nothing is unsettled any more"
    );
}

/// Refused, and bought all the same: a request delivered twice, of which the second delivery was answered. Then a look that
/// saw nothing, and a call that never left.
fn refused_and_bought() -> Setup {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let key = setup.intent().key.to_string();
    setup.authority.mood.set(Mood::IsAway);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(setup.intent().state, State::Prepared);
    let order = "9901".to_owned();
    let stage = Stage::Pending("waiting".into());
    setup
        .authority
        .stages
        .borrow_mut()
        .insert(order.clone(), stage);
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    setup.authority.shows_references.set(true);
    setup.authority.mood.set(Mood::Sells);
    setup
}

#[test]
fn what_an_earlier_attempt_has_bought_is_a_question_and_bought_no_second_time() {
    let setup = refused_and_bought();
    let submitted = setup.authority.submitted.get();
    for _ in 0..3 {
        let asked = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(asked.reason(), Reason::OutcomeForPerson);
        setup.pass(TimeDelta::minutes(20));
        let _ = setup.sync();
    }
    assert_eq!(setup.authority.submitted.get(), submitted);
    let shown = setup
        .with_session(async |session| session.evidence(&[]).await)
        .unwrap();
    let shown: Vec<_> = shown
        .candidates
        .iter()
        .map(|one| one.order.as_str())
        .collect();
    assert_eq!(shown, ["9901"]);
    setup.settle_as_placed("9901").unwrap();
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "9901");
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.authority.submitted.get(), submitted);
}

#[test]
fn what_an_earlier_attempt_has_left_and_is_over_or_somebody_elses_holds_nothing_up() {
    let dead = |setup: &Setup| {
        let stage = Stage::Cancelled("refunded".into());
        setup
            .authority
            .stages
            .borrow_mut()
            .insert("9901".into(), stage);
    };
    let foreign = |setup: &Setup| {
        let order = VendorOrderId::new("9901");
        setup
            .with_session(async |session| session.declare_foreign(&[order]).await)
            .unwrap();
    };
    let settled: [&dyn Fn(&Setup); 2] = [&dead, &foreign];
    for settle in settled {
        let setup = refused_and_bought();
        settle(&setup);
        let submitted = setup.authority.submitted.get();
        let outcome = setup.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(outcome, Ordered::Placed);
        assert_eq!(setup.authority.submitted.get(), submitted + 1);
    }
}

/// The number that the panel shows for the service is the first one that comes to mind.
#[test]
fn the_order_to_be_renewed_is_not_its_own_renewal() {
    let setup = Setup::delivered();
    // A later attempt of the same decision.
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(setup.intent().attempt, 2);
    let term = setup.term_end();
    let refused = setup.settle_as_placed("7701").unwrap_err();
    assert_eq!(refused.reason(), Reason::Invalid);
    assert!(
        refused.chain().contains("--not-placed"),
        "{}",
        refused.chain()
    );
    assert_eq!(setup.intent().state, State::Unknown);
    assert_eq!(setup.term_end(), term);
    setup.settle_as_placed("7702").unwrap();
    assert_ne!(setup.term_end(), term);
    assert_eq!(setup.authority.submitted.get(), 3, "one of them refused");
}

/// A machine whose database has lost everything, and orders at the vendor under the keys of the first two attempts.
fn set_back(orders: &[(usize, &str, Stage)]) -> Setup {
    let before = Setup::new();
    before.authority.mood.set(Mood::WantsMoney);
    let keys = [(); 2].map(|()| {
        before.order(Operation::Open, Some(41)).unwrap_err();
        before.intent().key.to_string()
    });
    assert_ne!(keys[0], keys[1]);
    let setup = Setup::new();
    setup.authority.shows_references.set(true);
    for (attempt, order, stage) in orders {
        let (key, order) = (keys[attempt - 1].clone(), (*order).to_owned());
        let stages = &setup.authority.stages;
        stages.borrow_mut().insert(order.clone(), stage.clone());
        setup.authority.sales.borrow_mut().push(Sale { key, order });
    }
    setup
}

#[test]
fn an_order_that_is_over_hides_no_living_one_of_the_same_or_an_earlier_attempt() {
    let dead = || Stage::Cancelled("refunded".into());
    let lives = || Stage::Pending("waiting".into());
    for (orders, living) in [
        (vec![(1, "9901", dead()), (1, "9902", lives())], "9902"),
        (vec![(1, "9902", lives()), (1, "9901", dead())], "9902"),
        (vec![(2, "9901", dead()), (1, "9902", lives())], "9902"),
        (
            vec![
                (2, "9901", dead()),
                (2, "9903", dead()),
                (1, "9902", lives()),
            ],
            "9902",
        ),
    ] {
        let setup = set_back(&orders);
        let outcome = setup.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(outcome, Ordered::Placed, "{orders:?}");
        assert_eq!(setup.authority.submitted.get(), 0, "{orders:?}");
        let stored = setup.platform.parameter("store_order_id");
        assert_eq!(stored.as_deref(), Some(living), "{orders:?}");
    }
    // Nothing lives: the next attempt has a key of its own.
    let setup = set_back(&[(1, "9901", dead()), (2, "9902", dead())]);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 1);
    assert_eq!(setup.intent().attempt, 3);
}

#[test]
fn the_double_of_an_order_that_ended_is_a_question_before_another_is_bought() {
    let setup = Setup::new();
    setup.authority.shows_references.set(true);
    setup.order(Operation::Open, Some(41)).unwrap();
    let key = setup.intent().key.to_string();
    let stages = [
        ("7701", Stage::Cancelled("by hand".into())),
        ("9901", Stage::Pending("waiting".into())),
    ];
    for (order, stage) in stages {
        let stages = &setup.authority.stages;
        stages.borrow_mut().insert(order.to_owned(), stage);
    }
    let order = "9901".to_owned();
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    let _ = setup.sync();
    assert_eq!(setup.intent().state, State::Dead);
    let asked = setup.order(Operation::Open, Some(42)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    assert!(asked.chain().contains("9901"), "{}", asked.chain());
    assert_eq!(setup.authority.submitted.get(), 1);
    let shown = setup
        .with_session(async |session| session.evidence(&[]).await)
        .unwrap();
    let shown: Vec<_> = shown.candidates.iter().map(|one| &one.order).collect();
    assert_eq!(shown, [&VendorOrderId::new("9901")]);
    setup.settle_as_placed("9901").unwrap();
    setup.order(Operation::Open, Some(42)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 1);
}

#[test]
fn an_order_that_a_person_has_called_somebody_elses_hides_no_own_one() {
    let lives = || Stage::Pending("waiting".into());
    let setup = set_back(&[(1, "9901", lives()), (1, "9902", lives())]);
    setup.set("pmssl_foreign", "1|9901");
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 0);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "9902");
}

/// A request that was delivered twice, and whose answer was lost.
#[test]
fn a_person_is_shown_every_order_of_a_reference() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let (key, order) = (setup.intent().key.to_string(), "9901".to_owned());
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    setup.authority.shows_references.set(true);
    for (foreign, ours) in [
        (vec![], vec!["7701", "9901"]),
        (vec!["7701"], vec!["9901"]),
        (vec!["9901", "7701"], vec![]),
    ] {
        let foreign: Vec<_> = foreign.into_iter().map(VendorOrderId::new).collect();
        let shown = setup.with_session(async |session| session.evidence(&foreign).await);
        let shown = shown.unwrap();
        let shown = shown.proved.iter().map(|(order, _)| order.as_str());
        assert_eq!(shown.collect::<Vec<_>>(), ours, "{foreign:?}");
    }
}

/// What this machine's ledger remembers is over, and the vendor shows its double.
#[test]
fn an_order_of_the_ledger_that_is_over_hides_no_living_one() {
    let setup = Setup::new();
    setup.authority.shows_references.set(true);
    let backup = setup.platform.service.borrow().clone();
    setup.order(Operation::Open, Some(41)).unwrap();
    let key = setup.intent().key.to_string();
    let order = "9902".to_owned();
    for (order, stage) in [
        ("7701", Stage::Cancelled("by hand".into())),
        ("9902", Stage::Pending("waiting".into())),
    ] {
        let stages = &setup.authority.stages;
        stages.borrow_mut().insert(order.to_owned(), stage);
    }
    setup.authority.sales.borrow_mut().push(Sale { key, order });
    setup.platform.service.replace(backup);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 1);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "9902");
}

/// The renewal's own number, put into the panel's field or with `--replace` before it is adopted.
#[test]
fn a_renewals_own_number_is_adopted_wherever_it_stands_already() {
    let setup = Setup::delivered();
    setup.authority.mood.set(Mood::WantsMoney);
    setup.order(Operation::Prolong, Some(42)).unwrap_err();
    setup.replace("7799").unwrap();
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7799");
    let refused = setup.settle_as_placed("7701").unwrap_err();
    assert_eq!(refused.reason(), Reason::Invalid, "the former one");
    setup.authority.mood.set(Mood::Sells);
    setup.settle_as_placed("7799").unwrap();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 2, "one sale, one refusal");
}

/// Renewals that keep the number stand in the ledger under one number and several keys.
#[test]
fn a_number_that_is_over_may_stand_in_the_ledger_twice() {
    let setup = Setup::delivered();
    let order = VendorOrderId::new("7701");
    setup.with_session(async |session| {
        let subject = renewal(&order, session.term_bought().map(|term| term.end));
        for attempt in [1, 2] {
            let (installation, now) = (
                session.platform.installation().unwrap(),
                session.clock.now(),
            );
            let operation = Operation::Prolong;
            let sent = Intent::decide(&installation, ITEM, operation, &subject, attempt, None, now);
            let placed = Placed {
                order: order.clone(),
                references: Vec::new(),
                validation: Vec::new(),
                remark: None,
            };
            session.keep(&sent, &placed);
            // The platform was told: the record is the ledger's.
            session.spool.forget(ITEM);
        }
    });
    let stage = Stage::Cancelled("by hand".into());
    let stages = &setup.authority.stages;
    stages.borrow_mut().insert("7701".into(), stage);
    setup.order(Operation::Prolong, Some(44)).unwrap();
    assert_eq!(setup.authority.submitted.get(), 2);
    assert_eq!(setup.intent().attempt, 3, "both keys are used up");
}

/// The tariff's period was changed while the order was looked for.
#[test]
fn the_term_of_an_order_that_is_found_later_is_the_one_that_was_asked_for() {
    let setup = Setup::new();
    setup.platform.service.borrow_mut().period = 24;
    setup.authority.mood.set(Mood::SellsLate);
    setup.authority.refuses_looks.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    setup.platform.service.borrow_mut().period = 12;
    setup.authority.refuses_looks.set(false);
    setup.pass(TimeDelta::minutes(16));
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(
        (setup.sales(), setup.term_end().as_str()),
        (1, "2028-02-01")
    );
}

/// Two attempts counted as refused, the third was bought; then the database knows of none of them.
#[test]
fn an_order_of_a_later_attempt_is_found_by_a_database_that_has_forgotten_all() {
    let setup = Setup::new();
    let former = setup.platform.service.borrow().clone();
    setup.authority.mood.set(Mood::WantsMoney);
    for _ in 0..2 {
        setup.order(Operation::Open, Some(41)).unwrap_err();
    }
    setup.authority.mood.set(Mood::Sells);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!((setup.sales(), setup.intent().attempt), (1, 3));
    *setup.platform.service.borrow_mut() = former;
    setup.move_to_another_node();
    setup.authority.shows_references.set(true);
    setup.order(Operation::Open, Some(42)).unwrap();
    assert_eq!((setup.sales(), setup.intent().attempt), (1, 3));
}

/// An attempt that took too long to be sent is sent once more; then the database is set back between the two.
#[test]
fn a_call_that_only_the_machine_remembers_is_waited_for_as_long_as_any_other() {
    let setup = Setup::new();
    setup.pass(TimeDelta::minutes(20));
    setup.authority.mood.set(Mood::HearsNothing);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let sent = setup.intent();
    let earlier = Intent {
        since: sent.since - TimeDelta::minutes(20),
        token: Token("another".into()),
        ..sent.clone()
    };
    setup.set("pmssl_intent", &earlier.to_text().unwrap());
    setup.authority.mood.set(Mood::Sells);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{failure}");
    assert_eq!((setup.sales(), setup.authority.submitted.get()), (0, 1));
    let now = setup.intent();
    assert_eq!((now.since, now.token), (sent.since, sent.token));
    setup.pass(TimeDelta::minutes(16));
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.sales(), 1);
}

/// The clock ran ahead when the call was sent and is right again.
#[test]
fn a_call_of_a_day_that_is_far_away_is_looked_up_all_the_same() {
    let setup = Setup::new();
    let today = chrono::Utc::now();
    setup.set_time(today);
    setup.pass(TimeDelta::days(400));
    setup.authority.mood.set(Mood::HearsNothing);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    setup.set_time(today);
    let mut ends = Vec::new();
    for minutes in [0, 10, 20, 30] {
        let now = today + TimeDelta::minutes(minutes);
        setup.set_time(now);
        setup.authority.vendors_time.set(Some(now));
        let _ = setup.sync();
        ends.push(setup.intent().since);
    }
    assert!(
        ends.iter().all(|since| *since < today + TimeDelta::days(1)),
        "{ends:?}"
    );
    setup.authority.mood.set(Mood::Sells);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.sales(), 1);
}
