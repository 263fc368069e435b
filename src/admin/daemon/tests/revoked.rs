//! Certificates that the vendor's list shows as revoked, and a person's wish to have one reissued.

use std::rc::Rc;

use super::{Count, ItemId, Setup, count};
use crate::ca::Ended;
use crate::order::policy::{Policy, Subscription};
use crate::platform::fields;

const ITEM: ItemId = ItemId(7);

/// Order 77, whose certificate would not be due for long.
fn setup() -> Setup {
    Setup::with_due(200)
}

fn parameter(setup: &Setup, name: &str) -> String {
    let services = setup.platform.services.borrow();
    services[&ITEM]
        .parameter(name)
        .unwrap_or_default()
        .to_owned()
}

/// What `pmssl reissue` stores.
fn wish(setup: &Setup) {
    wish_of(setup, "now");
}

fn wish_of(setup: &Setup, what: &str) {
    let end = parameter(setup, fields::CERTIFICATE_END);
    assert!(!end.is_empty());
    // The clock of a pass may be a part of a second behind.
    let since = setup.start.timestamp() - 60;
    let wish = format!("1|{what}|{end}|{since}|ann");
    setup.platform.change_parameter(ITEM, fields::WISH, &wish);
}

/// Two passes on each day, each day a minute later.
fn pass_for_days(setup: &Setup, days: std::ops::Range<i64>) {
    for day in days {
        for hours in [0, 6] {
            setup.ahead.set(day * 86_460 + hours * 3600);
            setup.run();
        }
    }
}

#[test]
fn a_revoked_certificate_is_told_once_and_never_reissued_by_itself() {
    let setup = setup();
    *setup.vendor.revoked.borrow_mut() = vec!["78", "77"];
    let summary = setup.run();
    for told in [Count::Tasked, Count::Notified] {
        assert_eq!(count(&summary, told), 1, "{summary:?}");
    }
    pass_for_days(&setup, 0..20);
    assert_eq!(setup.vendor.lists.get(), 20, "once a day");
    assert_eq!(*setup.platform.notified.borrow(), [ITEM]);
    let tasks = setup.platform.tasks.borrow().clone();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("order 77 as 'withdrawn'"), "{tasks:?}");
    assert_eq!(setup.vendor.reissues.get(), 0);
    // By a person's word it is, once.
    wish(&setup);
    assert_eq!(count(&setup.run(), Count::Reissued), 1);
    pass_for_days(&setup, 20..24);
    assert_eq!(setup.vendor.reissues.get(), 1);
}

#[test]
fn who_could_not_be_told_is_told_later() {
    let setup = setup();
    *setup.vendor.revoked.borrow_mut() = vec!["77"];
    setup.platform.taskless.set(true);
    // Not after a day, but after an hour; the client hears at once, and once.
    for look in 1..3 {
        assert_eq!(count(&setup.run(), Count::Tasked), 0);
        assert_eq!(setup.vendor.lists.get(), look);
        assert_eq!(*setup.platform.notified.borrow(), [ITEM]);
        setup.ahead.set(i64::from(look) * 3700);
    }
    setup.platform.taskless.set(false);
    setup.run();
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
    pass_for_days(&setup, 1..3);
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
    assert_eq!(*setup.platform.notified.borrow(), [ITEM]);
}

#[test]
fn a_client_who_could_not_be_told_without_a_task_is_told_later() {
    let setup = setup();
    *setup.vendor.revoked.borrow_mut() = vec!["77"];
    setup.platform.taskless.set(true);
    setup.platform.deaf.set(true);
    assert_eq!(count(&setup.run(), Count::Notified), 0);
    setup.platform.deaf.set(false);
    setup.ahead.set(3700);
    assert_eq!(count(&setup.run(), Count::Notified), 1);
}

/// A shop that moves in may have many old ones.
#[test]
fn a_cancelled_order_is_a_persons_task_and_no_notice() {
    let setup = setup();
    *setup.vendor.revoked.borrow_mut() = vec!["77"];
    setup.vendor.ended.set(Some(Ended::Cancelled));
    assert_eq!(count(&setup.run(), Count::Tasked), 1);
    pass_for_days(&setup, 1..4);
    let tasks = setup.platform.tasks.borrow();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert!(tasks[0].contains("shows order 77"), "{tasks:?}");
    assert!(setup.platform.notified.borrow().is_empty());
}

#[test]
fn a_look_that_was_stopped_is_made_again_at_once() {
    let setup = setup();
    *setup.vendor.revoked.borrow_mut() = vec!["77"];
    *setup.vendor.stops.borrow_mut() = Some(Rc::clone(&setup.stop));
    setup.run();
    assert!(setup.platform.tasks.borrow().is_empty());
    *setup.vendor.stops.borrow_mut() = None;
    setup.stop.set(false);
    setup.run();
    assert_eq!(setup.vendor.lists.get(), 2);
    assert_eq!(setup.platform.tasks.borrow().len(), 1);
}

/// The daemon has no other key.
#[test]
fn a_due_certificate_whose_key_is_to_blame_is_left_to_the_client() {
    for (what, reissues) in [("new-key", 0), ("refused", 1)] {
        let setup = setup();
        setup.run();
        wish_of(&setup, what);
        // Twenty days before its end.
        pass_for_days(&setup, 180..182);
        assert_eq!(setup.vendor.reissues.get(), reissues, "{what}");
        assert!(!setup.platform.notified.borrow().is_empty(), "{what}");
    }
}

#[test]
fn an_expired_certificate_is_not_told_as_revoked() {
    let setup = Setup {
        subscription: Subscription {
            policy: Policy::None,
            before: Some(25),
        },
        ..Setup::with_due(-3)
    };
    *setup.vendor.revoked.borrow_mut() = vec!["77"];
    setup.run();
    assert_eq!(setup.vendor.lists.get(), 1);
    assert_eq!(parameter(&setup, fields::REVOKED), "");
    assert!(setup.platform.notified.borrow().is_empty());
}

#[test]
fn another_certificate_ends_what_was_said_of_the_former_one() {
    let setup = setup();
    *setup.vendor.revoked.borrow_mut() = vec!["77"];
    setup.run();
    let stored = parameter(&setup, fields::REVOKED);
    assert!(stored.starts_with("1|77|"), "{stored}");
    let is_revoked = |setup: &Setup| {
        let services = setup.platform.services.borrow();
        crate::order::revoked::Revocation::stored(&services[&ITEM]).is_some()
    };
    assert!(is_revoked(&setup));
    let other = "2031-01-01 0a:0b";
    setup
        .platform
        .change_parameter(ITEM, fields::CERTIFICATE_END, other);
    assert!(!is_revoked(&setup));
}

#[test]
fn a_wish_reissues_nothing_of_an_order_that_is_open_or_given_to_a_person() {
    let key = "ATFBJCETDYTSMYZZZTFB";
    for state in ["unknown", "sent", "pending", "given"] {
        let setup = setup();
        // The dates are stored by now.
        setup.run();
        wish(&setup);
        let since = setup.start.timestamp();
        let (stored, order) = match state {
            "pending" => (state, "77"),
            "given" => ("prepared", ""),
            other => (other, ""),
        };
        let intent = format!("1|reissue|{stored}|1|{key}|{since}|0|1:0a1b2c||{order}");
        setup
            .platform
            .change_parameter(ITEM, "pmssl_intent", &intent);
        if state == "given" {
            let given = format!("1|{key}|{since}");
            setup
                .platform
                .change_parameter(ITEM, "pmssl_person", &given);
        }
        pass_for_days(&setup, 1..4);
        assert_eq!(setup.vendor.reissues.get(), 0, "{state}");
    }
}

#[test]
fn a_refused_wish_is_not_tried_again_and_a_person_hears() {
    // Of a revocation a person has heard before; some reissues are refused before anything is sent.
    for (is_revoked, is_sent) in [(false, true), (true, true), (false, false), (true, false)] {
        let setup = setup();
        if is_revoked {
            *setup.vendor.revoked.borrow_mut() = vec!["77"];
        }
        setup.run();
        wish(&setup);
        let refusal = match is_sent {
            true => &setup.vendor.refuses,
            false => &setup.vendor.is_dead,
        };
        refusal.set(true);
        setup.run();
        let tasks = 1 + usize::from(is_revoked);
        assert_eq!(setup.platform.tasks.borrow().len(), tasks, "{is_sent}");
        let stored = parameter(&setup, fields::WISH);
        assert!(stored.starts_with("1|refused|"), "{stored}");
        refusal.set(false);
        pass_for_days(&setup, 1..4);
        assert_eq!(setup.vendor.reissues.get(), 0);
        assert_eq!(setup.platform.tasks.borrow().len(), tasks, "{is_sent}");
    }
}
