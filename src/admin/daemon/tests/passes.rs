//! What a pass takes up, and what ends it.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::{AccountId, Clock, Count, InMemoryPlatform, ItemId, MODULE, Services, Setup, count};

#[test]
fn every_pending_service_is_asked_for_once_and_then_in_its_time() {
    let setup = Setup::with_pending(40);
    let summary = setup.run();
    assert_eq!((summary.found, summary.calls), (40, 40));
    assert_eq!(count(&summary, Count::Waiting), 40);
    assert_eq!(setup.run().found, 0, "not again in the same minute");
    setup.ahead.set(3 * 3600);
    assert_eq!(setup.run().found, 40);
    assert!(
        setup.platform.locks.borrow().is_empty(),
        "all locks are given back"
    );
}

#[test]
fn a_locked_service_is_left_alone_and_taken_up_soon() {
    let setup = Setup::with_pending(3);
    setup.platform.locks.borrow_mut().insert(ItemId(2));
    let summary = setup.run();
    assert_eq!((count(&summary, Count::Busy), summary.calls), (1, 2));
    setup.platform.locks.borrow_mut().clear();
    setup.ahead.set(120);
    assert_eq!(setup.run().calls, 1);
}

#[test]
fn a_service_whose_visit_panics_stops_none_behind_it() {
    let setup = Setup {
        hands: 1,
        ..Setup::with_pending(12)
    };
    setup.platform.cursed.set(Some(ItemId(2)));
    let summary = setup.run();
    assert_eq!(summary.ended_early, None);
    assert_eq!((count(&summary, Count::Trouble), summary.calls), (1, 11));
    assert!(setup.platform.locks.borrow().is_empty(), "its lock, too");
    assert_eq!(setup.run().found, 0, "it has a next look like the others");
    setup.platform.cursed.set(None);
    setup.ahead.set(3 * 3600);
    assert_eq!(setup.run().calls, 12);
}

#[test]
fn a_failing_vendor_is_given_rest() {
    let setup = Setup::with_pending(100);
    setup.vendor.broken.set(Some(1));
    let summary = setup.run();
    assert!(summary.failed_calls < 10, "{}", summary.line());
}

#[test]
fn a_pass_in_which_too_many_calls_fail_is_stopped() {
    let setup = Setup::with_pending(400);
    setup.vendor.broken.set(Some(3));
    let summary = setup.run();
    assert_eq!(
        summary.ended_early,
        Some(crate::admin::daemon::pass::CALLS_FAIL)
    );
    assert!((50..60).contains(&summary.calls), "{}", summary.line());
}

#[test]
fn a_daemon_that_is_asked_to_stop_takes_nothing_up() {
    let setup = Setup::with_pending(10);
    setup.stop.set(true);
    assert_eq!(setup.run().calls, 0);
}

#[test]
fn the_vendor_looks_now_when_the_proof_is_visible() {
    for (is_published, asked) in [(false, 0), (true, 1)] {
        let setup = Setup {
            is_published,
            ..ordered()
        };
        setup.run();
        assert_eq!(setup.vendor.verified.get(), asked);
    }
}

/// One pending order of www.example.com and shop.example.net.
fn ordered() -> Setup {
    let setup = Setup::with_pending(1);
    let csr = crate::certificate::testing::csr(&["www.example.com"]);
    let mut services = setup.platform.services.borrow_mut();
    let service = services.get_mut(&ItemId(1)).unwrap();
    service.csr = Some(csr.pem().to_owned());
    let further = "shop.example.net".to_owned();
    service.parameters.insert("altname".to_owned(), further);
    drop(services);
    setup
}

/// Whatever a vendor names: nothing but the order's own names is looked at.
#[test]
fn a_proof_of_a_name_that_was_not_ordered_is_not_looked_for() {
    for (name, asked) in [
        ("www.example.com", 1),
        ("*.www.example.com", 1),
        ("example.com", 1),
        ("shop.example.net", 1),
        ("www.shop.example.net", 1),
        ("example.org", 0),
        ("mail.example.com", 0),
        ("xample.com", 0),
        ("a.shop.example.net", 0),
    ] {
        let setup = Setup {
            is_published: true,
            ..ordered()
        };
        setup.vendor.asks_for.set(Some(name));
        let summary = setup.run();
        assert_eq!(count(&summary, Count::Waiting), 1, "{name}");
        assert_eq!(setup.vendor.verified.get(), asked, "{name}");
    }
}

#[test]
fn the_orders_of_the_hour_are_counted_once_for_all_services_that_are_due() {
    let setup = Setup::with_all_due(20);
    let summary = setup.run();
    assert_eq!(count(&summary, Count::Reissued), 20, "{}", summary.line());
    // By each hand at most, before the first has its answer.
    let counted = setup.platform.counted.get();
    assert!((1..=4).contains(&counted), "{counted}");
}

#[test]
fn an_account_without_calls_left_is_counted_once_in_a_pass() {
    let setup = Setup::with_due(20);
    let service = setup.platform.services.borrow()[&ItemId(7)].clone();
    for number in 8..30 {
        let mut services = setup.platform.services.borrow_mut();
        services.insert(ItemId(number), service.clone());
    }
    setup.platform.sent.set(60);
    let summary = setup.run();
    assert_eq!(count(&summary, Count::Postponed), 23);
    // One of each hand at most, before the first has noted it.
    assert!(
        setup.platform.counted.get() <= 4,
        "{}",
        setup.platform.counted.get()
    );
}

#[test]
fn a_daemon_that_lost_its_post_takes_up_no_further_service() {
    let setup = Setup {
        hands: 1,
        ..Setup::with_pending(10)
    };
    setup.leads.set(3);
    let summary = setup.run();
    assert_eq!(summary.calls, 3, "{}", summary.line());
    assert_eq!(
        summary.ended_early,
        Some(crate::admin::daemon::pass::STANDS_BY)
    );
    // The rest is whoever's turn it is, and its own when it is asked again.
    setup.leads.set(usize::MAX);
    assert_eq!(setup.run().calls, 7);
}

/// A shop that is too large for a full look in every pass.
fn large() -> Setup {
    Setup {
        remembers: true,
        ..Setup::with_pending(2000)
    }
}

#[test]
fn between_two_full_looks_only_what_is_new_or_queued_is_read() {
    let setup = large();
    // One is busy, and its turn comes again in a minute.
    setup.platform.locks.borrow_mut().insert(ItemId(5));
    assert_eq!(setup.run().found, 2000);
    setup.platform.locks.borrow_mut().clear();
    setup.ahead.set(100);
    let found = setup.run().found;
    assert_eq!(
        (found, setup.platform.looked.get()),
        (1, 1),
        "what is open is known"
    );
    // Ordered since: its parameters are the newest.
    let service = setup.platform.services.borrow()[&ItemId(7)].clone();
    for number in [3001, 3002] {
        let mut services = setup.platform.services.borrow_mut();
        services.insert(ItemId(number), service.clone());
    }
    assert_eq!(setup.run().found, 0);
    setup.platform.stored.borrow_mut().insert(1, ItemId(3001));
    assert_eq!(setup.run().found, 1);
    assert_eq!(setup.run().found, 0, "it is news once");
    // An operation that came into the queue, and one that left it.
    setup.platform.queue.borrow_mut().push(ItemId(3002));
    assert_eq!(setup.run().found, 1);
    assert_eq!(setup.run().found, 0, "it is still queued");
    setup
        .platform
        .services
        .borrow_mut()
        .get_mut(&ItemId(3002))
        .unwrap()
        .status = 3;
    setup.platform.queue.borrow_mut().clear();
    assert_eq!(setup.run().found, 1);
    assert_eq!(setup.platform.looked.get(), 1);
    setup.ahead.set(100 + 3600);
    setup.run();
    assert_eq!(setup.platform.looked.get(), 2, "in its time");
}

/// The clock of the setup goes on by so many seconds during each full look.
fn costs(setup: &Setup, seconds: i64, fails: bool) {
    let file = setup.root.path().join("clock");
    let hook = move || {
        let ahead: i64 = std::fs::read_to_string(&file).unwrap().parse().unwrap();
        std::fs::write(&file, (ahead + seconds).to_string()).unwrap();
        fails
    };
    setup.platform.in_full_look.replace(Some(Box::new(hook)));
}

#[test]
fn a_full_look_that_costs_much_comes_rarely_however_small_the_module_is() {
    let setup = Setup {
        remembers: true,
        ..Setup::with_pending(3)
    };
    costs(&setup, 11, false);
    setup.run();
    // It took eleven or twelve seconds, of which one may be none; the tests themselves take some.
    for (ahead, looked) in [(60, 1), (5800, 1), (7300, 2), (7360, 2)] {
        setup.ahead.set(ahead);
        setup.run();
        assert_eq!(setup.platform.looked.get(), looked, "{ahead}");
    }
}

#[test]
fn a_full_look_that_fails_rests_as_one_that_succeeds_and_what_is_known_goes_on() {
    let setup = Setup {
        remembers: true,
        ..Setup::with_pending(3)
    };
    setup.platform.stored.borrow_mut().insert(1, ItemId(1));
    setup.run();
    costs(&setup, 11, true);
    setup.ahead.set(3 * 3600);
    assert!(setup.try_run().is_err());
    assert_eq!(setup.platform.looked.get(), 2);
    setup.platform.in_full_look.replace(None);
    setup.ahead.set(3 * 3600 + 60);
    assert_eq!(setup.run().found, 3, "what is known is looked at");
    assert_eq!(setup.platform.looked.get(), 2);
    setup.ahead.set(3 * 3600 + 7300);
    setup.run();
    assert_eq!(setup.platform.looked.get(), 3);

    // One that has never succeeded says so until it is tried again, in minutes: without it nothing is done.
    let setup = Setup {
        remembers: true,
        ..Setup::with_pending(3)
    };
    costs(&setup, 11, true);
    for (ahead, looked) in [(0, 1), (60, 1), (400, 2), (800, 2), (1200, 3)] {
        setup.ahead.set(ahead);
        assert!(setup.try_run().is_err(), "{ahead}");
        assert_eq!(setup.platform.looked.get(), looked, "{ahead}");
    }
    // A failure that cost nothing is tried again at once.
    costs(&setup, 0, true);
    for (ahead, looked) in [(20_000, 4), (20_060, 5)] {
        setup.ahead.set(ahead);
        assert!(setup.try_run().is_err(), "{ahead}");
        assert_eq!(setup.platform.looked.get(), looked, "{ahead}");
    }
}

/// Each walks through the parameters of the whole shop. One that is asked to stop begins none.
#[test]
fn full_looks_of_several_modules_come_one_after_the_other() {
    for (stops, looked) in [(false, 3), (true, 1)] {
        let (platform, clock) = (InMemoryPlatform::default(), Clock::system());
        let (looking, stop) = (Mutex::default(), Rc::new(Cell::new(false)));
        let asked = Rc::clone(&stop);
        let hook = move || {
            asked.set(stops);
            false
        };
        platform.in_full_look.replace(Some(Box::new(hook)));
        let day = clock.now().date_naive();
        let look = async || {
            let mut services = Services::default();
            let looked = services.refresh(&platform, MODULE, day, &clock, &looking, &stop);
            looked.await.unwrap();
        };
        let all = async { tokio::join!(look(), look(), look()) };
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(all);
        let seen = (platform.looked.get(), platform.most_looking.get());
        assert_eq!(seen, (looked, 1), "{stops}");
    }
}

#[test]
fn parameters_whose_numbers_appear_late_are_news_too() {
    let setup = large();
    setup.platform.stored.borrow_mut().insert(5000, ItemId(1));
    setup.run();
    let service = setup.platform.services.borrow()[&ItemId(7)].clone();
    setup
        .platform
        .services
        .borrow_mut()
        .insert(ItemId(3001), service);
    // Another node's range, or a transaction that took long.
    setup
        .platform
        .stored
        .borrow_mut()
        .insert(4500, ItemId(3001));
    assert_eq!(setup.run().found, 1);
    assert_eq!(setup.run().found, 0);
    assert_eq!(setup.platform.looked.get(), 1);
}

#[test]
fn a_database_that_was_set_back_or_filled_at_once_is_looked_at_as_a_whole() {
    for newest in [10_u64, 1_000_000] {
        let setup = large();
        setup.platform.stored.borrow_mut().insert(50_000, ItemId(1));
        setup.run();
        let mut stored = setup.platform.stored.borrow_mut();
        stored.clear();
        stored.insert(newest, ItemId(1));
        drop(stored);
        setup.run();
        assert_eq!(setup.platform.looked.get(), 2, "{newest}");
    }
}

/// Nodes that start together drift apart, by a tenth at most.
#[test]
fn pauses_between_passes_differ_from_process_to_process() {
    let minute = Duration::from_secs(60);
    let pauses: BTreeSet<_> = (7000..7100)
        .map(|process| crate::admin::daemon::spread(minute, process))
        .collect();
    assert_eq!(pauses.len(), 100);
    assert!(
        pauses
            .iter()
            .all(|pause| (minute..minute + minute / 10).contains(pause))
    );
}

/// After each rest only a few services are visited before the account rests again, and those are due again by then.
#[test]
fn an_account_that_fails_for_days_starves_none_of_its_services() {
    let setup = Setup {
        hands: 1,
        ..Setup::with_pending(30)
    };
    setup.vendor.broken.set(Some(1));
    let visited = |passes: i64| {
        for hours in 0..passes {
            setup.ahead.set(hours * 3 * 3600);
            setup.run();
        }
        let services = setup.services.borrow();
        (1..=30)
            .filter(|number| services.looks.next(*number).is_some())
            .count()
    };
    assert!(visited(1) < 10, "the account rests");
    assert_eq!(visited(8), 30);
}

#[test]
fn an_account_whose_credentials_are_refused_is_a_problem_of_the_platform() {
    let setup = Setup::with_pending(30);
    setup.vendor.locked_out.set(true);
    let summary = setup.run();
    assert_eq!(setup.platform.problems.get(), 1, "once in a pass");
    // Each hand may have a call on its way when the first is refused.
    assert!((1..=4).contains(&summary.calls), "{}", summary.line());
}

/// Its failures are of the platform's kind, but not the platform's: the pass goes on, and the other account is served.
#[test]
fn an_account_that_cannot_be_used_hinders_no_other_one() {
    let setup = Setup::with_pending(20);
    setup.unusable.set(Some(AccountId(1)));
    for number in 15..=20 {
        let mut services = setup.platform.services.borrow_mut();
        services.get_mut(&ItemId(number)).unwrap().account = Some(AccountId(2));
    }
    let summary = setup.run();
    assert_eq!(summary.ended_early, None, "{}", summary.line());
    assert_eq!(summary.calls, 6, "{}", summary.line());
    assert_eq!(count(&summary, Count::Trouble), 14);
    assert_eq!(setup.platform.problems.get(), 1, "once in a pass");
    assert!(setup.platform.tasks.borrow().is_empty(), "nothing is due");
}

#[test]
fn a_due_certificate_of_an_account_that_cannot_be_used_is_a_task_once() {
    let setup = Setup::with_all_due(3);
    setup.unusable.set(Some(AccountId(1)));
    for hours in 0..4 {
        setup.ahead.set(hours * 7200);
        setup.run();
    }
    let tasks = || setup.platform.tasks.borrow().len();
    assert_eq!(tasks(), 1);
    let text = setup.platform.tasks.borrow()[0].clone();
    assert!(text.contains("pmssl check --account 1"), "{text}");
    setup.unusable.set(None);
    setup.ahead.set(5 * 7200);
    assert_eq!(count(&setup.run(), Count::Reissued), 3);
    assert_eq!(tasks(), 1);
}
