//! What is said about an order: "nothing was bought" only where it is known, and when more will be known.

use chrono::TimeDelta;

use super::authority::Mood;
use super::course::Setup;
use crate::failure::{Failure, Language, Reason};
use crate::order::{Operation, State};
use crate::platform::fields;

fn both(failure: &Failure) -> String {
    let russian = failure.text(Language::Russian);
    format!("{} {russian}", failure.chain())
}

fn claims_no_purchase(text: &str) -> bool {
    text.contains("nothing was bought") || text.contains("ничего не куплено")
}

fn opens(setup: &Setup) -> Failure {
    setup.order(Operation::Open, Some(41)).unwrap_err()
}

#[test]
fn nothing_was_bought_is_said_of_a_refused_purchase_only() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::Refuses);
    let refused = opens(&setup);
    assert_eq!(refused.reason(), Reason::NothingBought);
    assert!(claims_no_purchase(&both(&refused)), "{refused}");

    // The call may have arrived, and it is the look-up that is refused.
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.refuses_looks.set(true);
    let open = opens(&setup);
    assert!(open.to_string().contains("no such call"), "{open}");
    assert!(!claims_no_purchase(&both(&open)), "{}", both(&open));

    // A question about an order that is paid for.
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.authority.refuses_status.set(true);
    let asked = setup.sync().unwrap_err();
    assert!(asked.to_string().contains("no such order"), "{asked}");
    assert!(!claims_no_purchase(&both(&asked)), "{asked}");
}

/// Reads and paid calls are refused in the same words; which of them said so is known in one place only.
#[test]
fn one_place_turns_a_refusal_into_nothing_was_bought() {
    let home = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![home.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let product = text.split("#[cfg(test)]\nmod tests").next();
            let product = product.unwrap_or_default();
            let name = path.strip_prefix(&home).unwrap().display().to_string();
            let is_test = name.contains("tests");
            let names = ["Reason::NothingBought", "ended_the_purchase"];
            if !is_test && names.iter().any(|word| product.contains(word)) {
                found.push(name);
            }
        }
    }
    found.sort();
    assert_eq!(found, ["failure.rs", "failure/texts.rs", "order/place.rs"]);
    let says: Vec<_> = Reason::ALL
        .iter()
        .filter(|reason| claims_no_purchase(reason.text(Language::English)))
        .collect();
    assert_eq!(says, [&Reason::NothingBought]);
}

#[test]
fn a_look_up_that_waits_names_the_time_and_promises_nothing() {
    // Sent on the first of February at midnight; the vendor's listings are late by a quarter of an hour.
    for takes_numbers in [false, true] {
        let setup = Setup::new();
        setup.authority.takes_numbers.set(takes_numbers);
        setup.authority.mood.set(Mood::HearsNothing);
        let waits = opens(&setup);
        assert_eq!(waits.reason(), Reason::OutcomeUnknown);
        let words = "the vendor is asked again after 2026-02-01 00:15 UTC";
        assert!(waits.to_string().contains(words), "{waits}");
        let russian = waits.text(Language::Russian);
        assert!(russian.contains("2026-02-01 00:15 UTC"), "{russian}");
        assert!(!claims_no_purchase(&both(&waits)), "{waits}");
    }
}

/// A call under a number that the vendor takes once, made by the operation and lost on its way.
fn lost_under_its_number() -> Setup {
    let setup = Setup::new();
    setup.authority.takes_numbers.set(true);
    setup.authority.mood.set(Mood::HearsNothing);
    opens(&setup);
    setup.pass(TimeDelta::minutes(20));
    setup
}

#[test]
fn a_refusal_of_the_second_call_proves_nothing_of_the_first() {
    for mood in [Mood::Refuses, Mood::Mumbles] {
        let setup = lost_under_its_number();
        setup.authority.mood.set(mood);
        let failure = opens(&setup);
        assert_eq!(failure.reason(), Reason::OutcomeForPerson, "{failure}");
        assert!(!claims_no_purchase(&both(&failure)), "{failure}");
        assert_eq!(setup.intent().state, State::Unknown);
        assert_eq!(setup.authority.submitted.get(), 2);
    }
}

#[test]
fn a_second_call_that_was_not_sent_leaves_the_first_one_open() {
    let setup = lost_under_its_number();
    let key = setup.intent().key;
    setup.authority.mood.set(Mood::IsAway);
    let failure = opens(&setup);
    assert_eq!(failure.reason(), Reason::Unreachable);
    assert_eq!(setup.intent().state, State::Unknown);
    // The same number goes out once the vendor can be reached, and buys once.
    setup.authority.mood.set(Mood::Sells);
    setup.pass(TimeDelta::minutes(20));
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!((setup.sales(), setup.intent().key), (1, key));
}

#[test]
fn an_answered_number_that_is_none_is_kept_for_a_person() {
    let setup = Setup::new();
    setup.authority.refuses_looks.set(true);
    setup.authority.prefix.replace("see mail of 7 ".into());
    let failure = opens(&setup);
    assert!(
        failure.to_string().contains("'see mail of 7 01'"),
        "{failure}"
    );
    assert_eq!(setup.intent().state, State::Unknown);
    let kept = setup.platform.parameter(fields::VENDOR_WORDS).unwrap();
    assert!(kept.contains("see mail of 7 01"), "{kept}");
    // Whoever looks later is told it, too.
    let later = opens(&setup).to_string();
    assert!(later.contains("see mail of 7 01"), "{later}");
}
