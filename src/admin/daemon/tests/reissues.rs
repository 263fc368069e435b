//! What becomes of a due certificate.

use chrono::{DateTime, Utc};

use super::{Count, ItemId, Setup, count};
use crate::domain::VendorOrderId;
use crate::order::policy::{Policy, Subscription};

#[test]
fn a_due_certificate_is_reissued_once() {
    let setup = Setup::with_due(10);
    assert_eq!(count(&setup.run(), Count::Reissued), 1);
    for hours in 1..50 {
        setup.ahead.set(hours * 3600);
        setup.run();
    }
    assert_eq!(setup.vendor.reissues.get(), 1);
}

#[test]
fn the_platforms_operation_and_the_hourly_limit_come_first() {
    let setup = Setup::with_due(20);
    setup.platform.queued.set(Some(5));
    assert_eq!(count(&setup.run(), Count::Postponed), 1);
    setup.platform.queued.set(None);
    setup.platform.sent.set(60);
    setup.ahead.set(120);
    assert_eq!(count(&setup.run(), Count::Postponed), 1);
    assert_eq!(setup.vendor.reissues.get(), 0);
    setup.platform.sent.set(59);
    // An account whose hour is used up is tried again after ten minutes.
    setup.ahead.set(900);
    assert_eq!(count(&setup.run(), Count::Reissued), 1);
}

/// An order that is on its way may be stored already: it counts once.
#[test]
fn an_order_on_its_way_takes_one_place_of_the_hour() {
    let mut setup = Setup::with_all_due(4);
    (setup.hands, setup.limits.orders_per_hour) = (2, 3);
    *setup.vendor.late.borrow_mut() = Some(VendorOrderId::new("2"));
    let summary = setup.run();
    assert_eq!(count(&summary, Count::Reissued), 3, "{summary:?}");
    assert_eq!(count(&summary, Count::Postponed), 1, "{summary:?}");
    assert_eq!(setup.vendor.reissues.get(), 3);
}

/// What another hand sent while the database answered is counted all the same.
#[test]
fn a_late_count_lets_no_order_too_many_through() {
    for late in [1, 2] {
        let mut setup = Setup::with_all_due(3);
        (setup.hands, setup.limits.orders_per_hour) = (2, 1);
        setup.platform.late_count.set(Some(late));
        let summary = setup.run();
        assert_eq!(setup.vendor.reissues.get(), 1, "{summary:?}");
        assert_eq!(count(&summary, Count::Postponed), 2, "{summary:?}");
    }
}

/// A reissue that failed before it was sent takes no place: the next service gets it.
#[test]
fn a_reissue_that_was_never_sent_takes_no_place_of_the_hour() {
    let mut setup = Setup::with_all_due(2);
    (setup.hands, setup.limits.orders_per_hour) = (1, 1);
    let mut services = setup.platform.services.borrow_mut();
    let first = services.get_mut(&ItemId(1)).unwrap();
    // Without a contact there is nothing to send.
    first.parameters.remove("adm_email");
    drop(services);
    let summary = setup.run();
    assert_eq!(count(&summary, Count::Trouble), 1, "{summary:?}");
    assert_eq!(count(&summary, Count::Reissued), 1, "{summary:?}");
}

#[test]
fn other_policies_reissue_nothing() {
    let setup = |policy| Setup {
        subscription: Subscription {
            policy,
            before: Some(25),
        },
        ..Setup::with_due(20)
    };
    let manual = setup(Policy::Manual);
    let runs = |setup: &Setup, days: std::ops::Range<i64>| {
        for hours in days.start * 24..days.end * 24 {
            setup.ahead.set(hours * 3600);
            setup.run();
        }
        let told = setup.platform.notified.borrow().len();
        (told, setup.platform.tasks.borrow().len())
    };
    assert_eq!(runs(&manual, 0..5), (1, 0), "told once");
    assert_eq!(runs(&manual, 5..12), (2, 0), "and once more");
    assert_eq!(runs(&manual, 12..16), (2, 1), "then a person hears, once");
    let text = manual.platform.tasks.borrow()[0].clone();
    assert!(text.contains("SSLSubscriptionPolicy manual"), "{text}");
    let none = setup(Policy::None);
    assert_eq!(runs(&none, 0..25), (0, 0));
    for setup in [&manual, &none] {
        assert_eq!(setup.vendor.reissues.get(), 0);
    }
}

#[test]
fn a_platform_that_cannot_write_to_clients_gets_a_task_instead() {
    let setup = Setup {
        subscription: Subscription {
            policy: Policy::Manual,
            before: Some(25),
        },
        ..Setup::with_due(20)
    };
    setup.platform.deaf.set(true);
    setup.run();
    setup.ahead.set(7200);
    setup.run();
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
}

/// The platform keeps one problem of an account: the next service's takes its place.
#[test]
fn a_person_who_got_a_problem_instead_of_a_task_gets_the_task_later() {
    let setup = Setup::with_due(20);
    setup.vendor.refuses.set(true);
    setup.platform.taskless.set(true);
    assert_eq!(count(&setup.run(), Count::Tasked), 0);
    assert_eq!(setup.platform.problems.get(), 1);
    setup.platform.taskless.set(false);
    for hours in 2..5 {
        setup.ahead.set(hours * 3600);
        setup.run();
    }
    assert_eq!(setup.platform.problems.get(), 1);
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
}

#[test]
fn a_refusal_calls_a_person_once_and_is_tried_again() {
    let setup = Setup::with_due(20);
    setup.vendor.refuses.set(true);
    let summary = setup.run();
    assert_eq!(
        (
            count(&summary, Count::Tasked),
            count(&summary, Count::Trouble)
        ),
        (1, 1)
    );
    setup.ahead.set(7200);
    setup.run();
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
    setup.vendor.refuses.set(false);
    setup.ahead.set(14_400);
    assert_eq!(count(&setup.run(), Count::Reissued), 1);
}

#[test]
fn what_cannot_be_followed_escalates_too() {
    let setup = Setup::with_due(20);
    assert_eq!(count(&setup.run(), Count::Reissued), 1);
    // The reissue is placed, and from now on the vendor cannot be asked.
    setup.vendor.broken.set(Some(1));
    let mut tasked = None;
    for day in 1..20 {
        setup.ahead.set(day * 86_400);
        setup.run();
        if tasked.is_none() && !setup.platform.tasks.borrow().is_empty() {
            tasked = Some(day);
        }
    }
    assert_eq!(
        setup.platform.notified.borrow().len(),
        2,
        "what is to be published, and that the certificate ends"
    );
    assert_eq!(setup.platform.tasks.borrow().len(), 1, "once");
    assert!(tasked.is_some_and(|day| day <= 15), "{tasked:?}");
}

#[test]
fn a_vendors_term_that_ends_too_early_calls_a_person_instead_of_reissuing_again() {
    let setup = Setup::with_due(3);
    let today = setup.start.date_naive();
    let end = (today + chrono::TimeDelta::days(3)).to_string();
    let mut services = setup.platform.services.borrow_mut();
    let service = services.get_mut(&ItemId(7)).unwrap();
    let delivery = crate::certificate::testing::Delivery::new();
    let (begin, end_of_leaf) = (
        setup.start - chrono::TimeDelta::days(20),
        setup.start + chrono::TimeDelta::days(3),
    );
    let day = |moment: DateTime<Utc>| {
        use chrono::Datelike as _;
        let part = |number: u32| u8::try_from(number).unwrap();
        (moment.year(), part(moment.month()), part(moment.day()))
    };
    let names = ["www.example.com"];
    let wish = crate::certificate::testing::Wish {
        from: day(begin),
        to: day(end_of_leaf),
        ..crate::certificate::testing::Wish::of(&names)
    };
    service.certificate = Some(delivery.intermediate.sign(&delivery.csr, &wish));
    let replaced = format!("0a {end}");
    service
        .parameters
        .insert(crate::platform::fields::REPLACED.into(), replaced);
    drop(services);
    for hours in 0..4 {
        setup.ahead.set(hours * 7200);
        setup.run();
    }
    assert_eq!(setup.vendor.reissues.get(), 0);
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
    let text = setup.platform.tasks.borrow()[0].clone();
    assert!(text.contains(&format!("own term ends on {end}")), "{text}");
    assert!(!text.contains("Reissue it at the vendor"), "{text}");
    // When it has ended a person hears once more, and then no more.
    for days in 4..7 {
        setup.ahead.set(days * 86_400);
        setup.run();
    }
    assert_eq!(setup.vendor.reissues.get(), 0);
    assert_eq!(setup.platform.tasks.borrow().len(), 2);
    let text = setup.platform.tasks.borrow()[1].clone();
    assert!(text.contains(&format!("expired on {end}")), "{text}");
}

/// This vendor is asked, and tells nothing: nobody but a person knows.
#[test]
fn a_term_that_no_look_tells_is_a_task_once() {
    let setup = Setup::with_due(20);
    setup
        .platform
        .change_parameter(ItemId(7), "pmssl_term_end", "");
    for day in 0..4 {
        setup.ahead.set(day * 86_400);
        setup.run();
    }
    assert!(setup.vendor.looks.get() > 0);
    assert_eq!(setup.vendor.reissues.get(), 0);
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
    let text = setup.platform.tasks.borrow()[0].clone();
    assert!(text.contains("pmssl_term_end"), "{text}");
}
