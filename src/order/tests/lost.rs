//! Calls whose answer never came.

use chrono::TimeDelta;

use super::authority::{Mood, Sale};
use super::course::{ITEM, Scene};
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::Reason;
use crate::order::port::{Placed, Stage, Token};
use crate::order::purchase::renewal;
use crate::order::{Intent, Operation, Ordered, State};

#[test]
fn a_lost_answer_is_looked_up() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!((scene.sales(), scene.authority.submitted.get()), (1, 1));
}

#[test]
fn an_order_that_another_service_has_is_never_adopted() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    scene
        .platform
        .taken
        .borrow_mut()
        .push(("7701".into(), ItemId(8)));
    let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeForPerson);
    assert_eq!(scene.intent().state, State::Unknown);
    assert_eq!(scene.platform.parameter("store_order_id"), None);
}

#[test]
fn a_lost_call_is_repeated_only_after_the_settle_time() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::HearsNothing);
    for _ in 0..3 {
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeUnknown);
        assert_eq!(scene.intent().state, State::Unknown);
    }
    assert_eq!(
        scene.authority.submitted.get(),
        1,
        "nothing is sent while the outcome is unknown"
    );
    scene.authority.mood.set(Mood::Sells);
    scene.pass(TimeDelta::minutes(16));
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(scene.intent().attempt, 2);
    assert_eq!((scene.sales(), scene.authority.submitted.get()), (1, 2));
}

#[test]
fn what_the_vendor_cannot_tell_waits_for_a_person() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    scene.authority.blind.set(true);
    for _ in 0..5 {
        let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::OutcomeForPerson);
        scene.pass(TimeDelta::days(1));
    }
    assert_eq!(scene.authority.submitted.get(), 1);
    scene.authority.mood.set(Mood::Sells);
    scene.settle_as_not_placed().unwrap();
    assert_eq!(
        scene.order(Operation::Open, Some(41)).unwrap(),
        Ordered::Placed
    );
    assert_eq!(
        scene.settle_as_not_placed().unwrap_err().reason(),
        Reason::Missing,
        "nothing is unsettled any more"
    );
}

/// Refused, and bought all the same: a request delivered twice, of which the second delivery was answered. Then a look that
/// saw nothing, and a call that never left.
fn refused_and_bought() -> Scene {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    let key = scene.intent().key.to_string();
    scene.authority.mood.set(Mood::IsAway);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(scene.intent().state, State::Prepared);
    let order = "9901".to_owned();
    let stage = Stage::Pending("waiting".into());
    scene
        .authority
        .stages
        .borrow_mut()
        .insert(order.clone(), stage);
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    scene.authority.shows_references.set(true);
    scene.authority.mood.set(Mood::Sells);
    scene
}

#[test]
fn what_an_earlier_attempt_has_bought_is_a_question_and_bought_no_second_time() {
    let scene = refused_and_bought();
    let submitted = scene.authority.submitted.get();
    for _ in 0..3 {
        let asked = scene.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(asked.reason(), Reason::OutcomeForPerson);
        scene.pass(TimeDelta::minutes(20));
        let _ = scene.sync();
    }
    assert_eq!(scene.authority.submitted.get(), submitted);
    let shown = scene
        .with_desk(async |desk| desk.evidence(&[]).await)
        .unwrap();
    let shown: Vec<_> = shown
        .candidates
        .iter()
        .map(|one| one.order.as_str())
        .collect();
    assert_eq!(shown, ["9901"]);
    scene.settle_as_placed("9901").unwrap();
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "9901");
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.authority.submitted.get(), submitted);
}

#[test]
fn what_an_earlier_attempt_has_left_and_is_over_or_somebody_elses_holds_nothing_up() {
    let dead = |scene: &Scene| {
        let stage = Stage::Cancelled("refunded".into());
        scene
            .authority
            .stages
            .borrow_mut()
            .insert("9901".into(), stage);
    };
    let foreign = |scene: &Scene| {
        let order = VendorOrderId::new("9901");
        scene
            .with_desk(async |desk| desk.declare_foreign(&[order]).await)
            .unwrap();
    };
    let settled: [&dyn Fn(&Scene); 2] = [&dead, &foreign];
    for settle in settled {
        let scene = refused_and_bought();
        settle(&scene);
        let submitted = scene.authority.submitted.get();
        let outcome = scene.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(outcome, Ordered::Placed);
        assert_eq!(scene.authority.submitted.get(), submitted + 1);
    }
}

/// The number that the panel shows for the service is the first one that comes to mind.
#[test]
fn the_order_to_be_renewed_is_not_its_own_renewal() {
    let scene = Scene::delivered();
    // A later attempt of the same decision.
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    scene.authority.mood.set(Mood::SellsSilently);
    scene.authority.blind.set(true);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    assert_eq!(scene.intent().attempt, 2);
    let term = scene.term_end();
    let refused = scene.settle_as_placed("7701").unwrap_err();
    assert_eq!(refused.reason(), Reason::Invalid);
    assert!(
        refused.chain().contains("--not-placed"),
        "{}",
        refused.chain()
    );
    assert_eq!(scene.intent().state, State::Unknown);
    assert_eq!(scene.term_end(), term);
    scene.settle_as_placed("7702").unwrap();
    assert_ne!(scene.term_end(), term);
    assert_eq!(scene.authority.submitted.get(), 3, "one of them refused");
}

/// A machine whose database has lost everything, and orders at the vendor under the keys of the first two attempts.
fn set_back(orders: &[(usize, &str, Stage)]) -> Scene {
    let before = Scene::new();
    before.authority.mood.set(Mood::WantsMoney);
    let keys = [(); 2].map(|()| {
        before.order(Operation::Open, Some(41)).unwrap_err();
        before.intent().key.to_string()
    });
    assert_ne!(keys[0], keys[1]);
    let scene = Scene::new();
    scene.authority.shows_references.set(true);
    for (attempt, order, stage) in orders {
        let (key, order) = (keys[attempt - 1].clone(), (*order).to_owned());
        let stages = &scene.authority.stages;
        stages.borrow_mut().insert(order.clone(), stage.clone());
        scene.authority.sales.borrow_mut().push(Sale { key, order });
    }
    scene
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
        let scene = set_back(&orders);
        let outcome = scene.order(Operation::Open, Some(41)).unwrap();
        assert_eq!(outcome, Ordered::Placed, "{orders:?}");
        assert_eq!(scene.authority.submitted.get(), 0, "{orders:?}");
        let stored = scene.platform.parameter("store_order_id");
        assert_eq!(stored.as_deref(), Some(living), "{orders:?}");
    }
    // Nothing lives: the next attempt has a key of its own.
    let scene = set_back(&[(1, "9901", dead()), (2, "9902", dead())]);
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 1);
    assert_eq!(scene.intent().attempt, 3);
}

#[test]
fn the_double_of_an_order_that_ended_is_a_question_before_another_is_bought() {
    let scene = Scene::new();
    scene.authority.shows_references.set(true);
    scene.order(Operation::Open, Some(41)).unwrap();
    let key = scene.intent().key.to_string();
    let stages = [
        ("7701", Stage::Cancelled("by hand".into())),
        ("9901", Stage::Pending("waiting".into())),
    ];
    for (order, stage) in stages {
        let stages = &scene.authority.stages;
        stages.borrow_mut().insert(order.to_owned(), stage);
    }
    let order = "9901".to_owned();
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    let _ = scene.sync();
    assert_eq!(scene.intent().state, State::Dead);
    let asked = scene.order(Operation::Open, Some(42)).unwrap_err();
    assert_eq!(asked.reason(), Reason::OutcomeForPerson);
    assert!(asked.chain().contains("9901"), "{}", asked.chain());
    assert_eq!(scene.authority.submitted.get(), 1);
    let shown = scene
        .with_desk(async |desk| desk.evidence(&[]).await)
        .unwrap();
    let shown: Vec<_> = shown.candidates.iter().map(|one| &one.order).collect();
    assert_eq!(shown, [&VendorOrderId::new("9901")]);
    scene.settle_as_placed("9901").unwrap();
    scene.order(Operation::Open, Some(42)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 1);
}

#[test]
fn an_order_that_a_person_has_called_somebody_elses_hides_no_own_one() {
    let lives = || Stage::Pending("waiting".into());
    let scene = set_back(&[(1, "9901", lives()), (1, "9902", lives())]);
    scene.set("pmssl_foreign", "1|9901");
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 0);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "9902");
}

/// A request that was delivered twice, and whose answer was lost.
#[test]
fn a_person_is_shown_every_order_of_a_reference() {
    let scene = Scene::new();
    scene.authority.mood.set(Mood::SellsSilently);
    scene.authority.blind.set(true);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    let (key, order) = (scene.intent().key.to_string(), "9901".to_owned());
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    scene.authority.shows_references.set(true);
    for (foreign, ours) in [
        (vec![], vec!["7701", "9901"]),
        (vec!["7701"], vec!["9901"]),
        (vec!["9901", "7701"], vec![]),
    ] {
        let foreign: Vec<_> = foreign.into_iter().map(VendorOrderId::new).collect();
        let shown = scene.with_desk(async |desk| desk.evidence(&foreign).await);
        let shown = shown.unwrap();
        let shown = shown.proved.iter().map(|(order, _)| order.as_str());
        assert_eq!(shown.collect::<Vec<_>>(), ours, "{foreign:?}");
    }
}

/// What this machine's ledger remembers is over, and the vendor shows its double.
#[test]
fn an_order_of_the_ledger_that_is_over_hides_no_living_one() {
    let scene = Scene::new();
    scene.authority.shows_references.set(true);
    let backup = scene.platform.service.borrow().clone();
    scene.order(Operation::Open, Some(41)).unwrap();
    let key = scene.intent().key.to_string();
    let order = "9902".to_owned();
    for (order, stage) in [
        ("7701", Stage::Cancelled("by hand".into())),
        ("9902", Stage::Pending("waiting".into())),
    ] {
        let stages = &scene.authority.stages;
        stages.borrow_mut().insert(order.to_owned(), stage);
    }
    scene.authority.sales.borrow_mut().push(Sale { key, order });
    scene.platform.service.replace(backup);
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 1);
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "9902");
}

/// The renewal's own number, put into the panel's field or with `--replace` before it is adopted.
#[test]
fn a_renewals_own_number_is_adopted_wherever_it_stands_already() {
    let scene = Scene::delivered();
    scene.authority.mood.set(Mood::WantsMoney);
    scene.order(Operation::Prolong, Some(42)).unwrap_err();
    scene.replace("7799").unwrap();
    assert_eq!(scene.platform.parameter("store_order_id").unwrap(), "7799");
    let refused = scene.settle_as_placed("7701").unwrap_err();
    assert_eq!(refused.reason(), Reason::Invalid, "the former one");
    scene.authority.mood.set(Mood::Sells);
    scene.settle_as_placed("7799").unwrap();
    scene.order(Operation::Prolong, Some(42)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 2, "one sale, one refusal");
}

/// Renewals that keep the number stand in the ledger under one number and several keys.
#[test]
fn a_number_that_is_over_may_stand_in_the_ledger_twice() {
    let scene = Scene::delivered();
    let order = VendorOrderId::new("7701");
    scene.with_desk(async |desk| {
        let subject = renewal(&order, desk.term_bought().map(|term| term.end));
        for attempt in [1, 2] {
            let (installation, now) = (desk.platform.installation().unwrap(), desk.clock.now());
            let operation = Operation::Prolong;
            let sent = Intent::decide(&installation, ITEM, operation, &subject, attempt, None, now);
            let placed = Placed {
                order: order.clone(),
                references: Vec::new(),
                validation: Vec::new(),
                remark: None,
            };
            desk.keep(&sent, &placed);
            // The platform was told: the record is the ledger's.
            desk.spool.forget(ITEM);
        }
    });
    let stage = Stage::Cancelled("by hand".into());
    let stages = &scene.authority.stages;
    stages.borrow_mut().insert("7701".into(), stage);
    scene.order(Operation::Prolong, Some(44)).unwrap();
    assert_eq!(scene.authority.submitted.get(), 2);
    assert_eq!(scene.intent().attempt, 3, "both keys are used up");
}

/// The tariff's period was changed while the order was looked for.
#[test]
fn the_term_of_an_order_that_is_found_later_is_the_one_that_was_asked_for() {
    let scene = Scene::new();
    scene.platform.service.borrow_mut().period = 24;
    scene.authority.mood.set(Mood::SellsLate);
    scene.authority.refuses_looks.set(true);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    scene.platform.service.borrow_mut().period = 12;
    scene.authority.refuses_looks.set(false);
    scene.pass(TimeDelta::minutes(16));
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(
        (scene.sales(), scene.term_end().as_str()),
        (1, "2028-02-01")
    );
}

/// Two attempts counted as refused, the third was bought; then the database knows of none of them.
#[test]
fn an_order_of_a_later_attempt_is_found_by_a_database_that_has_forgotten_all() {
    let scene = Scene::new();
    let former = scene.platform.service.borrow().clone();
    scene.authority.mood.set(Mood::WantsMoney);
    for _ in 0..2 {
        scene.order(Operation::Open, Some(41)).unwrap_err();
    }
    scene.authority.mood.set(Mood::Sells);
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!((scene.sales(), scene.intent().attempt), (1, 3));
    *scene.platform.service.borrow_mut() = former;
    scene.move_to_another_node();
    scene.authority.shows_references.set(true);
    scene.order(Operation::Open, Some(42)).unwrap();
    assert_eq!((scene.sales(), scene.intent().attempt), (1, 3));
}

/// An attempt that took too long to be sent is sent once more; then the database is set back between the two.
#[test]
fn a_call_that_only_the_machine_remembers_is_waited_for_as_long_as_any_other() {
    let scene = Scene::new();
    scene.pass(TimeDelta::minutes(20));
    scene.authority.mood.set(Mood::HearsNothing);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    let sent = scene.intent();
    let earlier = Intent {
        since: sent.since - TimeDelta::minutes(20),
        token: Token("another".into()),
        ..sent.clone()
    };
    scene.set("pmssl_intent", &earlier.to_text().unwrap());
    scene.authority.mood.set(Mood::Sells);
    let failure = scene.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown, "{failure}");
    assert_eq!((scene.sales(), scene.authority.submitted.get()), (0, 1));
    let now = scene.intent();
    assert_eq!((now.since, now.token), (sent.since, sent.token));
    scene.pass(TimeDelta::minutes(16));
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.sales(), 1);
}

/// The clock ran ahead when the call was sent and is right again.
#[test]
fn a_call_of_a_day_that_is_far_away_is_looked_up_all_the_same() {
    let scene = Scene::new();
    let today = chrono::Utc::now();
    scene.set_time(today);
    scene.pass(TimeDelta::days(400));
    scene.authority.mood.set(Mood::HearsNothing);
    scene.order(Operation::Open, Some(41)).unwrap_err();
    scene.set_time(today);
    let mut ends = Vec::new();
    for minutes in [0, 10, 20, 30] {
        let now = today + TimeDelta::minutes(minutes);
        scene.set_time(now);
        scene.authority.vendors_time.set(Some(now));
        let _ = scene.sync();
        ends.push(scene.intent().since);
    }
    assert!(
        ends.iter().all(|since| *since < today + TimeDelta::days(1)),
        "{ends:?}"
    );
    scene.authority.mood.set(Mood::Sells);
    scene.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(scene.sales(), 1);
}
