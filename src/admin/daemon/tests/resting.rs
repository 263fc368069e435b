//! Accounts whose vendor is left alone or that cannot be used: people hear all the same.

use chrono::TimeDelta;

use super::{AccountId, Count, ItemId, Looks, MODULE, Only, Services, Setup, count};
use crate::admin::daemon::schedule::{NO_PASS, QUIET};
use crate::order::policy::{Policy, Subscription};

/// The vendor asks to be left alone for ten hours from the setup's present on.
fn rest(setup: &Setup) {
    let now = setup.start + TimeDelta::seconds(setup.ahead.get());
    let mut looks = Looks::load(setup.root.path(), MODULE);
    looks.set(QUIET + 1, 0, now + TimeDelta::hours(10));
    looks.save(setup.root.path(), MODULE);
    setup.services.replace(Services::new(looks));
}

/// Twenty days are left of each certificate; then so many.
fn left(setup: &Setup, days: i64) {
    setup.ahead.set((20 - days) * 86_400);
}

#[test]
fn a_resting_account_silences_no_due_certificate() {
    let setup = Setup {
        remembers: true,
        ..Setup::with_all_due(40)
    };
    left(&setup, 4);
    rest(&setup);
    let summary = setup.run();
    let tasks = || setup.platform.tasks.borrow().len();
    assert_eq!((summary.calls, setup.vendor.looks.get()), (0, 0));
    assert_eq!(setup.vendor.reissues.get(), 0);
    assert_eq!(summary.ended_early, None);
    assert_eq!(count(&summary, Count::Trouble), 0, "{}", summary.line());
    assert_eq!((tasks(), setup.platform.notified.borrow().len()), (40, 40));
    // Not again within the hour, and of the same certificate never.
    for (minutes, visited) in [(10, 0), (61, 40)] {
        left(&setup, 4);
        setup.ahead.set(setup.ahead.get() + minutes * 60);
        assert_eq!(count(&setup.run(), Count::Looked), visited, "{minutes}");
        assert_eq!(tasks(), 40, "{minutes}");
    }
}

#[test]
fn a_client_who_reissues_hears_while_the_account_rests() {
    let setup = Setup {
        subscription: Subscription {
            policy: Policy::Manual,
            before: Some(25),
        },
        ..Setup::with_all_due(3)
    };
    left(&setup, 20);
    rest(&setup);
    for _ in 0..2 {
        assert_eq!(setup.run().calls, 0);
        assert_eq!(setup.platform.notified.borrow().len(), 3);
    }
    assert_eq!(setup.platform.tasks.borrow().len(), 0);
}

/// Nothing is due yet, but an order has waited for longer than a person may stay unaware of it.
#[test]
fn an_order_that_waits_too_long_at_an_unusable_account_is_a_task() {
    let setup = Setup::with_pending(1);
    setup.unusable.set(Some(AccountId(1)));
    for (days, tasks) in [(1, 0), (8, 1), (9, 1)] {
        let since = (setup.start - TimeDelta::days(days)).timestamp();
        let intent = format!("1|open|pending|1|ABCDEFGHIJKLMNOPQRST|{since}|0|||1");
        let name = crate::order::intent::PARAMETER;
        setup.platform.change_parameter(ItemId(1), name, &intent);
        setup.run();
        let told = setup.platform.tasks.borrow();
        assert_eq!(told.len(), tasks, "{days}: {told:?}");
        assert!(
            told.iter().all(|text| text.contains("pmssl show --item 1")),
            "{told:?}"
        );
    }
}

/// A pass over one service says nothing of the others.
#[test]
fn a_pass_over_one_service_is_no_last_pass() {
    let setup = Setup {
        only: Only {
            item: Some(ItemId(2)),
            ..Only::default()
        },
        ..Setup::with_pending(3)
    };
    assert_eq!(setup.run().calls, 1);
    let file = setup.root.path().join("var/pmssl/looks").join(MODULE);
    let stamp = || std::fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(stamp(), NO_PASS);
    let setup = Setup {
        only: Only::default(),
        ..setup
    };
    setup.ahead.set(3 * 3600);
    setup.run();
    assert!(stamp() > NO_PASS);
}
