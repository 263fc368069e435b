mod revoked;

use super::*;
use crate::domain::{ItemId, VendorOrderId};
use crate::order::policy::Policy;
use crate::order::{Operation, State};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn ago(days: i64) -> DateTime<Utc> {
    now() - TimeDelta::days(days)
}

fn intent(state: State, days: i64) -> Result<Intent, Failure> {
    let mut intent = Intent::decide("i", ItemId(7), Operation::Open, "", 1, None, ago(days));
    intent.state = state;
    intent.order = Some(VendorOrderId::new("77"));
    Ok(intent)
}

fn facts(intent: Option<&Result<Intent, Failure>>) -> Facts<'_> {
    Facts {
        now: now(),
        intent,
        is_given: false,
        certificate_status: None,
        status: 2,
        order: Some("77"),
        waits: None,
        life: None,
        horizon: Horizon {
            module: "pmthesslstore",
            term_end: Some(now().date_naive() + TimeDelta::days(300)),
            ..Horizon::default()
        },
        vendor_reissues: true,
        tells_term: true,
        urgent: Urgent::default(),
        subscription: Subscription::default(),
        tries: 0,
        tasks: 0,
        idle: false,
    }
}

fn life(left: i64) -> Option<Life> {
    let end = now() + TimeDelta::days(left);
    Some(Life {
        start: end - TimeDelta::days(99),
        end,
    })
}

/// Every unfinished state, first orders included, has somebody who acts; past its deadline a person looks.
#[test]
fn every_unfinished_state_has_an_owner_and_a_deadline() {
    use Owner::{Administrator, Client, Program, Vendor};
    let step = format!("1|77|step|{}|0|0|no such mailbox", ago(1).timestamp());
    let payment = format!("1|77|payment|{}|0|0|", ago(1).timestamp());
    let issue = format!("1|77|issue|{}|0|0|", ago(1).timestamp());
    let other = format!("1|78|step|{}|0|0|of another order", ago(1).timestamp());
    // state, its age, what waits, next, owner, age of the turn, days it may take, a person looks
    let cases = [
        (State::Prepared, 0, None, Next::Repeat, Program, 0, 1, false),
        (State::Prepared, 2, None, Next::Repeat, Program, 2, 1, true),
        (
            State::Rejected,
            0,
            None,
            Next::Correct,
            Administrator,
            0,
            0,
            true,
        ),
        (State::Sent, 0, None, Next::Settle, Program, 0, 1, true),
        (State::Unknown, 2, None, Next::Settle, Program, 2, 1, true),
        (
            State::Dead,
            3,
            None,
            Next::Replace,
            Administrator,
            3,
            0,
            true,
        ),
        (
            State::Placed,
            2,
            None,
            Next::Wait(For::Proof),
            Client,
            2,
            7,
            false,
        ),
        (
            State::Pending,
            8,
            None,
            Next::Wait(For::Proof),
            Client,
            8,
            7,
            true,
        ),
        (
            State::Pending,
            6,
            Some(&issue),
            Next::Wait(For::Issue),
            Vendor,
            6,
            7,
            false,
        ),
        (
            State::Pending,
            8,
            Some(&issue),
            Next::Wait(For::Issue),
            Vendor,
            8,
            7,
            true,
        ),
        (
            State::Pending,
            6,
            Some(&step),
            Next::Wait(For::RefusedStep),
            Administrator,
            1,
            3,
            true,
        ),
        (
            State::Pending,
            1,
            Some(&payment),
            Next::Wait(For::Payment),
            Administrator,
            1,
            3,
            true,
        ),
        (
            State::Pending,
            1,
            Some(&other),
            Next::Wait(For::Proof),
            Client,
            1,
            7,
            false,
        ),
    ];
    for (state, age, waits, next, owner, turn, limit, looks) in cases {
        let intent = intent(state, age);
        let found = outlook(&Facts {
            waits: waits.map(String::as_str),
            ..facts(Some(&intent))
        });
        let what = format!("{state:?} {age} {waits:?}");
        assert_eq!((found.next, found.owner), (next, owner), "{what}");
        assert_eq!(found.since, Some(ago(turn)), "{what}");
        assert_eq!(
            found.until,
            Some(ago(turn) + TimeDelta::days(limit)),
            "{what}"
        );
        assert_eq!(found.needs_a_look(now()), looks, "{what}");
    }
    let given = intent(State::Unknown, 0);
    let found = outlook(&Facts {
        is_given: true,
        ..facts(Some(&given))
    });
    assert_eq!(
        (found.owner, found.needs_a_look(now())),
        (Administrator, true)
    );
}

#[test]
fn a_manual_operation_is_the_administrators_whatever_the_service_shows() {
    for (tries, tasks) in [(3, 0), (10, 1), (0, 1)] {
        for certificate_status in [None, Some(5)] {
            let found = outlook(&Facts {
                tries,
                tasks,
                certificate_status,
                order: None,
                ..facts(None)
            });
            assert_eq!(
                (found.next, found.owner),
                (Next::Restart, Owner::Administrator)
            );
            assert!(found.needs_a_look(now()));
        }
    }
}

#[test]
fn an_operation_that_failed_is_no_order_that_waits_for_payment() {
    let prepared = intent(State::Prepared, 0);
    for (intent, before) in [(None, Next::Order), (Some(&prepared), Next::Repeat)] {
        let after = |tries| {
            let found = outlook(&Facts {
                tries,
                order: None,
                ..facts(intent)
            });
            (found.next, found.owner, found.needs_a_look(now()))
        };
        assert_eq!(after(0), (before, Owner::Program, false));
        assert_eq!(after(1), (Next::Retry, Owner::Program, false));
        assert_eq!(after(3), (Next::Restart, Owner::Administrator, true));
    }
}

/// Paid, and nothing will ever happen.
#[test]
fn an_active_service_without_an_order_and_without_an_operation_is_the_administrators() {
    let first = |status, idle| {
        let found = outlook(&Facts {
            order: None,
            status,
            idle,
            ..facts(None)
        });
        (found.next, found.owner, found.needs_a_look(now()))
    };
    let waits = (Next::Order, Owner::Program, false);
    assert_eq!(first(2, true), (Next::FindOut, Owner::Administrator, true));
    assert_eq!(first(2, false), waits, "its operation is queued");
    assert_eq!(first(1, true), waits, "it is not paid for yet");
    assert_eq!(first(5, true), waits, "BILLmanager works on it");
}

#[test]
fn a_delivered_certificate_tells_who_replaces_it_from_when_until_when() {
    let with = |left, policy, vendor_reissues, term: Option<i64>| {
        let mut facts = Facts {
            certificate_status: Some(5),
            life: life(left),
            vendor_reissues,
            subscription: Subscription {
                policy,
                before: Some(10),
            },
            ..facts(None)
        };
        facts.horizon.term_end = term.map(|days| now().date_naive() + TimeDelta::days(days));
        outlook(&facts)
    };
    let cases = [
        (
            50,
            Policy::Auto,
            true,
            Some(300),
            Next::Reissue,
            Owner::Program,
            false,
        ),
        (
            -1,
            Policy::Auto,
            true,
            Some(300),
            Next::Reissue,
            Owner::Program,
            true,
        ),
        (
            50,
            Policy::Auto,
            false,
            Some(300),
            Next::Reissue,
            Owner::Administrator,
            false,
        ),
        (
            9,
            Policy::Auto,
            false,
            Some(300),
            Next::Reissue,
            Owner::Administrator,
            true,
        ),
        (
            9,
            Policy::Manual,
            true,
            Some(300),
            Next::Reissue,
            Owner::Client,
            false,
        ),
        (
            9,
            Policy::None,
            true,
            Some(300),
            Next::Reissue,
            Owner::Nobody,
            false,
        ),
        (
            9,
            Policy::Auto,
            true,
            Some(9),
            Next::Renew,
            Owner::Client,
            false,
        ),
        (
            9,
            Policy::Auto,
            true,
            None,
            Next::AskTerm,
            Owner::Program,
            false,
        ),
        (
            9,
            Policy::None,
            true,
            None,
            Next::AskTerm,
            Owner::Nobody,
            false,
        ),
    ];
    for (left, policy, reissues, term, next, owner, looks) in cases {
        let found = with(left, policy, reissues, term);
        let what = format!("{left} {policy:?} {reissues} {term:?}");
        assert_eq!((found.next, found.owner), (next, owner), "{what}");
        assert_eq!(found.covered, life(left).map(|life| life.end), "{what}");
        assert_eq!(found.until, found.covered, "{what}");
        assert_eq!(found.needs_a_look(now()), looks, "{what}");
    }
    let due = with(50, Policy::Auto, true, Some(300)).since;
    assert_eq!(
        due,
        Some(now() + TimeDelta::days(40)),
        "the option in force now"
    );
}

/// The daemon reissues for active services only, and nobody says anything else.
#[test]
fn nobody_is_said_to_reissue_for_a_service_that_is_not_active() {
    for (status, next, owner) in [
        (2, Next::Reissue, Owner::Program),
        (3, Next::Resume, Owner::Nobody),
        (5, Next::Resume, Owner::Nobody),
    ] {
        let found = outlook(&Facts {
            certificate_status: Some(5),
            life: life(5),
            status,
            ..facts(None)
        });
        assert_eq!((found.next, found.owner), (next, owner), "{status}");
        assert_eq!(
            found.ahead.map(|ahead| ahead.owner),
            Some(owner),
            "{status}"
        );
    }
}

#[test]
fn a_service_with_a_certificate_is_not_shown_without_one() {
    let intent = intent(State::Pending, 1);
    let with = |life| {
        outlook(&Facts {
            life,
            ..facts(Some(&intent))
        })
        .label(now())
        .en
    };
    assert_eq!(with(life(5)), "new certificate awaited");
    assert_eq!(with(life(-5)), "waiting for client");
    assert_eq!(with(None), "waiting for client");
}

#[test]
fn a_service_that_waits_says_for_whom() {
    let intent = intent(State::Pending, 1);
    let stored = |word: &str| format!("1|77|{word}|{}|0|0|", ago(1).timestamp());
    for (word, text) in [
        ("proof", "waiting for client"),
        ("issue", "waiting for vendor"),
        ("payment", "waiting for administrator"),
    ] {
        let waits = stored(word);
        let found = outlook(&Facts {
            waits: Some(&waits),
            ..facts(Some(&intent))
        });
        assert_eq!(found.label(now()).en, text, "{word}");
    }
}

/// A vendor that never tells the term is not asked for it; a person enters it, from the day on which it matters.
#[test]
fn an_unknown_term_that_the_vendor_does_not_tell_is_the_administrators() {
    let with = |left, tells_term| {
        let mut facts = Facts {
            certificate_status: Some(5),
            life: life(left),
            tells_term,
            subscription: Subscription {
                before: Some(10),
                ..Subscription::default()
            },
            ..facts(None)
        };
        facts.horizon.term_end = None;
        let found = outlook(&facts);
        (found.next, found.owner, found.needs_a_look(now()))
    };
    assert_eq!(with(9, true), (Next::AskTerm, Owner::Program, false));
    assert_eq!(with(50, false), (Next::TellTerm, Owner::Nobody, false));
    assert_eq!(with(9, false), (Next::TellTerm, Owner::Administrator, true));
}

/// A reissue that ended no later than the certificate before it shows that the vendor sells no more under that order.
#[test]
fn where_the_vendors_own_term_ends_the_next_is_a_new_order() {
    let day = |days: i64| (now() + TimeDelta::days(days)).date_naive();
    let at = |days: i64| {
        use chrono::Datelike as _;
        let day = day(days);
        let part = |number: u32| u8::try_from(number).unwrap();
        (day.year(), part(day.month()), part(day.day()))
    };
    let delivery = crate::certificate::testing::Delivery::new();
    let wish = crate::certificate::testing::Wish {
        from: at(-20),
        to: at(3),
        ..crate::certificate::testing::Wish::of(&["www.example.com"])
    };
    let mut service = Service {
        status: ACTIVE,
        certificate: Some(delivery.intermediate.sign(&delivery.csr, &wish)),
        ..Service::default()
    };
    let mut set = |name: &str, value: String| service.parameters.insert(name.to_owned(), value);
    set("service_status", "5".into());
    set("store_order_id", "77".into());
    set(fields::TERM_END, day(300).to_string());
    let around = Around {
        now: now(),
        subscription: Subscription::default(),
        vendor: Able::ALL,
        tries: 0,
        tasks: 0,
        idle: false,
    };
    let module = crate::module::by_name("pmthesslstore").unwrap();
    let next = |service: &Service| {
        let found = of_service(service, module, &around);
        (found.next, found.owner)
    };
    assert_eq!(next(&service), (Next::Reissue, Owner::Program));
    let former = format!("0a {}", day(3));
    service.parameters.insert(fields::REPLACED.into(), former);
    assert_eq!(next(&service), (Next::OrderAnew, Owner::Administrator));
}
