//! The process dies at every effect in turn and is run again, as the platform would do it: one sale
//! per intent, and the end is the same as without the death.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::Setup;
use super::life::Death;
use crate::order::{Followed, Operation, State};

/// The platform runs a failed operation again, up to ten times.
const TRIES: usize = 10;

/// Runs a command until it succeeds; the first run dies as told. Answers the number of effects of
/// the first run.
fn run_with_death(
    setup: &Setup,
    operation: Operation,
    queued: u64,
    death: Option<Death>,
    other_node: bool,
) -> usize {
    setup.life.begin(death);
    let first = setup.order(operation, Some(queued));
    let effects = setup.life.effects();
    if first.is_ok() && !setup.life.died() {
        return effects;
    }
    if other_node {
        setup.move_to_another_node();
    }
    for _ in 0..TRIES {
        setup.pass(TimeDelta::minutes(10));
        setup.life.begin(None);
        if setup.order(operation, Some(queued)).is_ok() {
            return effects;
        }
    }
    panic!(
        "{operation:?} does not end after {death:?}: {:?}",
        setup.intent()
    );
}

/// Deaths before and after each of so many effects.
fn deaths(effects: usize) -> impl Iterator<Item = Death> {
    (0..effects).flat_map(|number| [Death::Before(number), Death::After(number)])
}

/// Effects of an undisturbed run, found by running it: new code is covered by itself.
fn count(mood: Mood, prepare: impl Fn(&Setup), operation: Operation) -> usize {
    let setup = Setup::new();
    prepare(&setup);
    setup.authority.mood.set(mood);
    setup.life.begin(None);
    let _ = setup.order(operation, Some(42));
    setup.life.effects()
}

fn delivered(setup: &Setup) {
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
}

fn check(operation: Operation, mood: Mood, prepare: impl Fn(&Setup), order: &str) {
    let effects = count(mood, &prepare, operation);
    assert!(effects > 5, "the recording run saw {effects} effects");
    let mut points = 0;
    for other_node in [false, true] {
        for death in deaths(effects) {
            let setup = Setup::new();
            prepare(&setup);
            let before = setup.sales();
            setup.authority.mood.set(mood);
            run_with_death(&setup, operation, 42, Some(death), other_node);
            assert_eq!(
                setup.sales() - before,
                1,
                "{operation:?} {mood:?} {death:?} other node: {other_node}"
            );
            assert_eq!(
                setup.platform.parameter("store_order_id").as_deref(),
                Some(order),
                "{death:?}"
            );
            assert_eq!(
                setup.intent().state,
                State::Pending,
                "{operation:?} {death:?}"
            );
            let sale = setup.authority.sales.borrow().last().cloned().unwrap();
            assert_eq!(setup.intent().key.as_str(), sale.key, "{death:?}");
            assert_eq!(
                setup.platform.parameter("service_status").as_deref(),
                Some("4"),
                "{death:?}"
            );
            if operation != Operation::Reissue {
                let years = 2026 + i32::from(operation == Operation::Prolong) + 1;
                assert_eq!(setup.term_end(), format!("{years}-02-01"), "{death:?}");
            }
            points += 1;
        }
    }
    assert!(points >= 4 * effects);
}

#[test]
fn open_dies_anywhere_and_one_sale_is_made() {
    check(Operation::Open, Mood::Sells, |_| (), "7701");
}

#[test]
fn open_dies_anywhere_while_answers_are_lost() {
    check(Operation::Open, Mood::SellsSilently, |_| (), "7701");
}

#[test]
fn prolong_dies_anywhere_and_one_renewal_is_bought() {
    check(Operation::Prolong, Mood::Sells, delivered, "7702");
}

#[test]
fn reissue_dies_anywhere_and_one_reissue_is_asked_for() {
    check(Operation::Reissue, Mood::Sells, delivered, "7701");
}

#[test]
fn sync_dies_anywhere_and_the_certificate_is_delivered() {
    let undisturbed = || {
        let setup = Setup::new();
        setup.order(Operation::Open, Some(41)).unwrap();
        setup.issue("7701");
        setup
    };
    let setup = undisturbed();
    setup.life.begin(None);
    setup.sync().unwrap();
    let effects = setup.life.effects();
    for death in deaths(effects) {
        let setup = undisturbed();
        setup.life.begin(Some(death));
        let _ = setup.sync();
        setup.life.begin(None);
        assert_eq!(setup.sync().unwrap(), Followed::Delivered, "{death:?}");
        assert_eq!(setup.intent().state, State::Issued, "{death:?}");
        assert_eq!(
            setup.platform.parameter("service_status").as_deref(),
            Some("5"),
            "{death:?}"
        );
        assert_eq!(setup.sales(), 1);
    }
}

#[test]
fn the_proof_can_fail() {
    // A program that forgets its intent after the paid call: exactly what the suite must notice.
    let setup = Setup::new();
    setup.life.begin(None);
    setup.order(Operation::Open, Some(42)).unwrap();
    setup
        .platform
        .service
        .borrow_mut()
        .parameters
        .retain(|name, _| name.starts_with("a"));
    setup.move_to_another_node();
    setup.order(Operation::Open, Some(42)).unwrap();
    assert_eq!(setup.sales(), 2);
}
