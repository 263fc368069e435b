//! What happens at the vendor without us: persons, dead reissues, terms of the vendor's own, its clock.

use chrono::{NaiveDate, TimeDelta};

use super::authority::Mood;
use super::course::{ITEM, Setup, block_on};
use super::life::Death;
use crate::certificate::testing::{Wish, file};
use crate::domain::VendorOrderId;
use crate::failure::Reason;
use crate::order::current::{self, Current, Replaced};
use crate::order::policy::Life;
use crate::order::port::{Proof, Stage, Token, VendorFiles};
use crate::order::{Followed, Intent, Operation, State, intent};
use crate::platform::{Platform, Service, fields};

type Day = (i32, u8, u8);

fn opened() -> Setup {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    setup.issue("7701");
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup
}

/// The vendor has another certificate for the same CSR.
fn vendor_has(setup: &Setup, order: &str, from: Day, to: Day) {
    let names = ["www.example.com", "example.com"];
    let wish = Wish {
        from,
        to,
        ..Wish::of(&names)
    };
    let leaf = setup.delivery.intermediate.sign(&setup.delivery.csr, &wish);
    *setup.authority.files.borrow_mut() = VendorFiles {
        files: vec![
            file("leaf.crt", leaf),
            file("chain.crt", &setup.delivery.intermediate.pem),
        ],
    };
    let mut stages = setup.authority.stages.borrow_mut();
    stages.insert(order.into(), Stage::Issued);
}

fn mark(setup: &Setup) -> String {
    let service = block_on(setup.platform.service(ITEM)).unwrap();
    current::certificate(&service, crate::module::by_name("pmthesslstore").unwrap())
        .unwrap()
        .mark
}

#[test]
fn a_dead_reissue_with_a_number_of_its_own_leaves_the_running_order_in_place() {
    let setup = opened();
    setup.authority.renumbers.set(true);
    setup.reissue_by_daemon().unwrap();
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7702");
    let mut stages = setup.authority.stages.borrow_mut();
    stages.insert("7702".into(), Stage::Cancelled("rejected".into()));
    drop(stages);
    assert_eq!(setup.sync().unwrap_err().reason(), Reason::OrderDead);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(setup.platform.failed.get(), 0);
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup.reissue_by_daemon().unwrap();
    assert_eq!(setup.intent().attempt, 2);
}

#[test]
fn a_reissue_that_dies_with_its_order_does_not_fall_back_to_an_order_of_a_former_term() {
    let setup = opened();
    setup.order(Operation::Prolong, Some(42)).unwrap();
    vendor_has(&setup, "7702", (2026, 2, 1), (2026, 8, 1));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    setup.reissue_by_daemon().unwrap();
    let mut stages = setup.authority.stages.borrow_mut();
    stages.insert("7702".into(), Stage::Cancelled("revoked".into()));
    drop(stages);
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7702");
}

#[test]
fn what_a_person_reissued_at_the_vendor_is_fetched() {
    let setup = opened();
    let saved = || setup.platform.saved.borrow().len();
    vendor_has(&setup, "7701", (2026, 2, 1), (2026, 8, 15));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saved(), 1, "nobody was asked to do anything");
    setup.set(fields::TASKED, &mark(&setup));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saved(), 2);
    let shown = setup.platform.service.borrow().expire_date;
    assert_eq!(shown, "2026-08-15".parse().ok());
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saved(), 2, "the task was about the former one");
    setup.set(fields::TASKED, &mark(&setup));
    vendor_has(&setup, "7701", (2026, 1, 1), (2026, 3, 1));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(saved(), 2, "an earlier end is nothing to fetch");
}

/// The next look may find nothing that it waits for: it must finish what was begun all the same.
#[test]
fn a_fetch_that_dies_between_certificate_and_dates_is_finished() {
    let fetch = |death: Option<Death>| {
        let setup = opened();
        setup.set(fields::TASKED, &mark(&setup));
        vendor_has(&setup, "7701", (2026, 2, 1), (2026, 8, 15));
        setup.life.begin(death);
        let _ = setup.sync();
        let effects = setup.life.effects();
        setup.life.begin(None);
        assert_eq!(setup.sync().unwrap(), Followed::Delivered, "{death:?}");
        let shown = setup.platform.service.borrow().expire_date;
        assert_eq!(shown, "2026-08-15".parse().ok(), "{death:?}");
        effects
    };
    let effects = fetch(None);
    assert!(effects >= 2, "{effects}");
    for number in 0..effects {
        fetch(Some(Death::Before(number)));
        fetch(Some(Death::After(number)));
    }
}

#[test]
fn a_former_certificate_whose_number_is_not_known_is_told_by_its_begin() {
    let setup = opened();
    setup.platform.service.borrow_mut().certificate = Some("kept by another module".into());
    setup.reissue_by_daemon().unwrap();
    vendor_has(&setup, "7701", (2026, 1, 15), (2026, 7, 1));
    assert_eq!(setup.sync().unwrap(), Followed::Waiting);
    vendor_has(&setup, "7701", (2026, 2, 1), (2026, 8, 15));
    assert_eq!(setup.sync().unwrap(), Followed::Delivered);
    assert_eq!(setup.intent().state, State::Issued);
}

#[test]
fn paid_till_never_moves_back() {
    let setup = opened();
    let vendors = |text: &str| {
        let day: NaiveDate = text.parse().unwrap();
        let moment = day.and_hms_opt(12, 0, 0).unwrap().and_utc();
        setup.authority.term_end.set(Some(moment));
    };
    let reissued = |to: Day| {
        setup.reissue_by_daemon().unwrap();
        vendor_has(&setup, "7701", (2026, 2, 1), to);
        assert_eq!(setup.sync().unwrap(), Followed::Delivered);
        setup.platform.parameter(fields::PAID_TILL).unwrap()
    };
    vendors("2027-03-03");
    assert_eq!(reissued((2026, 8, 1)), "2027-03-03", "the vendor gave more");
    vendors("2027-01-01");
    assert_eq!(reissued((2026, 8, 2)), "2027-03-03");
    setup.authority.term_end.set(None);
    assert_eq!(reissued((2026, 8, 3)), "2027-03-03");
}

#[test]
fn a_reissue_without_a_later_end_shows_that_the_vendors_term_is_over() {
    let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
    let current = |start: &str, end: &str| Current {
        life: Life {
            start: day(start).and_hms_opt(0, 0, 0).unwrap().and_utc(),
            end: day(end).and_hms_opt(0, 0, 0).unwrap().and_utc(),
        },
        mark: "0b".into(),
    };
    // (stored, begin, end, over)
    let cases = [
        ("0a 2028-03-01", "2028-02-10", "2028-03-01", true),
        ("0a 2028-03-01", "2028-02-10", "2028-03-02", true),
        ("0a 2028-03-01", "2028-02-10", "2028-05-19", false),
        ("0b 2028-03-01", "2028-02-10", "2028-03-01", false),
        ("0a", "2028-02-10", "2028-03-01", false),
        ("- 2028-03-01", "2028-02-10", "2028-03-01", true),
        // Reissued at once with another key: both have a whole life.
        ("0a 2028-05-19", "2028-02-10", "2028-05-19", false),
    ];
    for (stored, start, end, over) in cases {
        let mut service = Service::default();
        service
            .parameters
            .insert(fields::REPLACED.into(), stored.into());
        assert_eq!(
            current::ends_with_vendors_term(&service, &current(start, end)),
            over,
            "{stored} {start} {end}"
        );
    }
    assert!(!current::ends_with_vendors_term(
        &Service::default(),
        &current("2028-02-10", "2028-03-01")
    ));
}

#[test]
fn the_replaced_certificate_survives_its_text() {
    for (serial, end) in [("0a0b", Some("2028-03-01")), ("", None), ("0a", None)] {
        let replaced = Replaced {
            serial: serial.into(),
            end: end.map(|end| end.parse().unwrap()),
        };
        let mut service = Service::default();
        service
            .parameters
            .insert(fields::REPLACED.into(), replaced.to_text());
        assert_eq!(Replaced::stored(&service), Some(replaced));
    }
}

#[test]
fn people_are_told_about_a_certificate_or_about_more() {
    let mut service = Service::default();
    service
        .parameters
        .insert(fields::TASKED.into(), "0a KEY".into());
    let told = |mark: &str| current::told(&service, fields::TASKED, mark).map(str::to_owned);
    assert_eq!(told("0a"), Some("KEY".into()));
    assert_eq!(told("0"), None);
    assert_eq!(current::told(&service, fields::NOTIFIED, "0a"), None);
}

#[test]
fn a_clock_that_was_put_forward_does_not_prove_that_nothing_was_bought() {
    let setup = opened();
    setup.authority.mood.set(Mood::HearsNothing);
    setup.reissue_by_daemon().unwrap_err();
    let sent = setup.intent().since;
    setup.authority.mood.set(Mood::Sells);
    // By this machine a day has passed, by the vendor five minutes.
    setup.pass(TimeDelta::days(1));
    let vendors = |minutes: i64| {
        let time = sent + TimeDelta::minutes(minutes);
        setup.authority.vendors_time.set(Some(time));
    };
    vendors(5);
    let failure = setup.reissue_by_daemon().unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeUnknown);
    assert_eq!(setup.authority.submitted.get(), 2);
    vendors(16);
    setup.reissue_by_daemon().unwrap();
    assert_eq!(setup.authority.submitted.get(), 3);
}

#[test]
fn an_order_counts_as_sent_at_the_later_of_both_clocks() {
    let setup = opened();
    setup.set_time("2026-02-05T20:00:00Z".parse().unwrap());
    setup
        .authority
        .vendors_time
        .set(Some("2026-02-06T10:00:00Z".parse().unwrap()));
    setup.authority.mood.set(Mood::HearsNothing);
    setup.reissue_by_daemon().unwrap_err();
    let day = setup.intent().since.date_naive();
    assert_eq!(day, "2026-02-06".parse().unwrap());
}

/// One of both clocks is wrong, and every later look-up would count from it.
#[test]
fn nothing_is_sent_while_the_clocks_are_more_than_a_day_apart() {
    let setup = Setup::new();
    for wrong in ["2036-01-01T00:00:00Z", "2016-01-01T00:00:00Z"] {
        setup
            .authority
            .vendors_time
            .set(Some(wrong.parse().unwrap()));
        let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
        assert_eq!(failure.reason(), Reason::ClocksDiffer, "{wrong}");
        assert_eq!(setup.authority.submitted.get(), 0);
    }
    setup.authority.vendors_time.set(None);
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.sales(), 1);
}

#[test]
fn an_order_that_was_sent_in_the_future_counts_as_sent_now() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let sent = setup.intent();
    let ahead = Intent {
        since: sent.since + TimeDelta::days(3650),
        ..sent.clone()
    };
    setup.set(intent::PARAMETER, &ahead.to_text().unwrap());
    // Without the vendor's word nobody knows which clock is wrong.
    setup.sync().unwrap_err();
    assert_eq!(setup.intent().since, ahead.since);
    setup.authority.vendors_time.set(Some(sent.since));
    setup.sync().unwrap_err();
    assert!(setup.intent().since - sent.since < TimeDelta::hours(1));
}

#[test]
fn an_order_that_a_person_put_in_the_place_of_a_dead_one_stays() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    let stage = |order: &str, stage| {
        let mut stages = setup.authority.stages.borrow_mut();
        stages.insert(order.to_owned(), stage);
    };
    stage("7701", Stage::Cancelled("rejected".into()));
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    stage("8800", Stage::Pending("waiting".into()));
    setup.replace("8800").unwrap();
    for _ in 0..2 {
        assert_eq!(setup.sync().unwrap(), Followed::Waiting);
        assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "8800");
        assert_eq!(setup.intent().order.unwrap().as_str(), "8800");
    }
    setup.order(Operation::Open, Some(41)).unwrap();
    assert_eq!(setup.sales(), 1);
}

#[test]
fn a_persons_word_counts_only_for_what_was_shown() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    let unknown = setup.intent();
    setup.with_session(async |session| session.must_be_as_shown().await.unwrap());
    setup.with_session(async |session| {
        // While the question stands, another command finds the order.
        let found = Intent {
            order: Some(VendorOrderId::new("7701")),
            ..unknown.with_state(State::Placed)
        };
        setup.set(intent::PARAMETER, &found.to_text().unwrap());
        let failure = session.must_be_as_shown().await.unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
    });
}

#[test]
fn what_a_person_called_somebody_elses_is_not_taken_over_until_the_person_says_so() {
    let setup = Setup::new();
    setup.set("pmssl_foreign", "1|55,7701");
    setup.authority.mood.set(Mood::SellsSilently);
    let failure = setup.order(Operation::Open, Some(41)).unwrap_err();
    assert_eq!(failure.reason(), Reason::OutcomeForPerson);
    assert_eq!(setup.platform.parameter("store_order_id"), None);
    setup.settle_as_placed("7701").unwrap();
    assert_eq!(setup.platform.parameter("store_order_id").unwrap(), "7701");
    assert_eq!(setup.platform.parameter("pmssl_foreign").unwrap(), "1|55");
}

#[test]
fn an_order_with_our_csr_is_a_candidate_where_nothing_was_seen_before_it() {
    let setup = Setup::new();
    setup.authority.mood.set(Mood::SellsSilently);
    setup.authority.blind.set(true);
    setup.order(Operation::Open, Some(41)).unwrap_err();
    // A question from before anything was sent.
    let asked = Intent {
        token: Token::default(),
        ..setup.intent()
    };
    setup.set(intent::PARAMETER, &asked.to_text().unwrap());
    setup.authority.blind.set(false);
    setup.authority.proof.set(Proof::Csr);
    setup.with_session(async |session| {
        session.give_to_person().await.unwrap();
        let seen = session.evidence(&[]).await.unwrap();
        assert_eq!(seen.proved, []);
        assert_eq!(seen.candidates.len(), 1);
        assert!(seen.candidates[0].same_csr);
    });
}

#[test]
fn a_first_order_that_expired_without_a_certificate_is_dead() {
    let setup = Setup::new();
    setup.order(Operation::Open, Some(41)).unwrap();
    let mut stages = setup.authority.stages.borrow_mut();
    stages.insert("7701".into(), Stage::Expired);
    drop(stages);
    assert_eq!(setup.sync().unwrap(), Followed::Failed);
    // A new operation orders anew.
    setup.order(Operation::Open, Some(44)).unwrap();
    assert_eq!((setup.sales(), setup.intent().attempt), (2, 2));
}

#[test]
fn renewals_under_the_same_order_number_are_different_purchases() {
    for reissued_between in [false, true] {
        let setup = opened();
        setup.authority.keeps_number.set(true);
        let mut keys = Vec::new();
        for (operation, end) in [(42, "2028-02-01"), (43, "2029-02-01"), (44, "2030-02-01")] {
            setup.order(Operation::Prolong, Some(operation)).unwrap();
            vendor_has(&setup, "7701", (2026, 2, 1), (2026, 8, 15));
            assert_eq!(setup.sync().unwrap(), Followed::Delivered);
            assert_eq!(setup.term_end(), end, "{reissued_between}");
            keys.push(setup.intent().key.to_string());
            if reissued_between {
                setup.reissue_by_daemon().unwrap();
                vendor_has(&setup, "7701", (2026, 2, 1), (2026, 8, 16));
                assert_eq!(setup.sync().unwrap(), Followed::Delivered);
            }
        }
        keys.dedup();
        assert_eq!(keys.len(), 3);
    }
}
