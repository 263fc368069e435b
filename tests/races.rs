//! Processes beside each other: at the same service, at different services of one account, the periodic look
//! beside an order, and a dead owner of a lock. One sale each, and no torn line in the log they share.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::Outcome;
use crate::sandbox::vendor::{Fault, SaleKind};
use crate::scene::{MODULE, ORDER, Scene, assert_whole_lines, refused};

/// Runs commands at the same moment.
fn together(scene: &Scene, calls: &[Vec<String>]) -> Vec<Outcome> {
    let start = std::sync::Barrier::new(calls.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = calls
            .iter()
            .map(|arguments| {
                let start = &start;
                scope.spawn(move || {
                    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                    start.wait();
                    scene.world.run_module(MODULE, &arguments)
                })
            })
            .collect();
        let outcomes = threads.into_iter().map(|thread| thread.join());
        outcomes.map(|outcome| outcome.unwrap()).collect()
    })
}

fn call(command: &str, item: u64, operation: Option<u64>) -> Vec<String> {
    let item = item.to_string();
    let mut arguments = vec!["--command", command, "--item", &item];
    let operation = operation.map(|id| id.to_string());
    if let Some(id) = &operation {
        arguments.extend(["--runningoperation", id]);
    }
    arguments.into_iter().map(str::to_owned).collect()
}

/// Each run is done or steps aside for another one.
fn assert_polite(outcomes: &[Outcome]) {
    for outcome in outcomes {
        if !outcome.is_ok() {
            assert_eq!(refused(outcome).kind, "pmssl_busy", "{outcome:?}");
        }
    }
    assert!(outcomes.iter().any(Outcome::is_ok), "{outcomes:?}");
}

fn assert_at_rest(scene: &Scene) {
    assert!(
        scene.world.operations().is_empty(),
        "{:?}",
        scene.world.operations()
    );
    assert!(scene.world.tasks().is_empty());
    scene.assert_sound();
    assert_whole_lines(&scene.world.log(MODULE));
}

#[test]
fn one_order_by_two_and_by_eight() {
    for processes in [2, 8] {
        let scene = Scene::new();
        let item = scene.world.add_item(&scene.spec());
        let operation = scene.world.queue(item, "open");
        let calls = vec![call("open", item, Some(operation)); processes];
        assert_polite(&together(&scene, &calls));
        assert_eq!(scene.paid(), 1, "{processes} processes");
        assert_eq!(scene.vendor().hits(ORDER), 1, "{processes} processes");
        assert_eq!(scene.order(item), scene.vendor().vendor().sales()[0].order);
        scene.approve(item);
        // The certificate is fetched by several at once, too, and saved once.
        assert_polite(&together(
            &scene,
            &vec![call("sync_item", item, None); processes],
        ));
        let view = scene.world.item(item);
        assert_eq!((view.service_status, view.saves), (Some(5), 1));
        assert_at_rest(&scene);
    }
}

#[test]
fn one_renewal_and_one_reissue_by_eight() {
    let scene = Scene::new();
    let item = scene.issued(&scene.spec());
    let operation = scene.world.queue(item, "prolong");
    assert_polite(&together(
        &scene,
        &vec![call("prolong", item, Some(operation)); 8],
    ));
    assert_eq!(scene.paid(), 2, "the order and its renewal");
    scene.approve(item);
    assert!(scene.world.sync(item).is_ok());

    let operation = scene.world.reissue(item, None, &[]);
    assert_polite(&together(
        &scene,
        &vec![call("reopen", item, Some(operation)); 8],
    ));
    let sales = scene.vendor().vendor().sales();
    let reissues = sales.iter().filter(|sale| sale.kind == SaleKind::Reissue);
    assert_eq!(reissues.count(), 1);
    scene.approve(item);
    assert!(scene.world.sync(item).is_ok());
    assert_eq!(scene.world.item(item).saves, 3);
    assert_eq!(scene.paid(), 2);
    assert_at_rest(&scene);
}

#[test]
fn different_services_of_one_account() {
    for processes in [2, 8] {
        let scene = Scene::new();
        let calls: Vec<_> = (0..processes)
            .map(|number| {
                let name = format!("shop{number}.example.com");
                let item = scene.world.add_item(&scene.spec().name(&name));
                call("open", item, Some(scene.world.queue(item, "open")))
            })
            .collect();
        for outcome in together(&scene, &calls) {
            assert!(outcome.is_ok(), "{outcome:?}");
        }
        assert_eq!(scene.paid(), processes);
        let mut orders: Vec<_> = scene
            .world
            .items()
            .iter()
            .map(|item| scene.order(*item))
            .collect();
        orders.sort();
        orders.dedup();
        assert_eq!(orders.len(), processes, "each has its own");
        assert_at_rest(&scene);
    }
}

#[test]
fn the_periodic_look_beside_an_order() {
    let scene = Scene::new();
    for round in 0..4 {
        let name = format!("round{round}.example.com");
        let item = scene.world.add_item(&scene.spec().name(&name));
        let operation = scene.world.queue(item, "open");
        let mut calls = vec![call("sync_item", item, None); 3];
        calls.insert(round % 4, call("open", item, Some(operation)));
        assert_polite(&together(&scene, &calls));
        assert!(scene.world.operation(operation).is_none());
        assert_eq!(scene.world.item(item).service_status, Some(4));
    }
    assert_eq!(scene.paid(), 4);
    assert_at_rest(&scene);
}

#[test]
fn a_deletion_beside_an_order() {
    let scene = Scene::new();
    let item = scene.world.add_item(&scene.spec());
    let (open, close) = (
        scene.world.queue(item, "open"),
        scene.world.queue(item, "close"),
    );
    let calls = [
        call("open", item, Some(open)),
        call("close", item, Some(close)),
    ];
    assert_polite(&together(&scene, &calls));
    // Whoever came first, the vendor's books and the platform agree.
    assert!(scene.paid() <= 1);
    scene.assert_sound();
}

fn start(scene: &Scene, arguments: &[String]) -> Child {
    let mut command = scene.world.module_command(MODULE);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The owner dies in the middle of the paid call, with seven others waiting for its lock. Whether the order
/// arrived, only the vendor can say.
#[test]
fn the_owner_of_the_lock_is_killed_while_others_wait() {
    for (fault, arrived) in [(Fault::Stall, true), (Fault::StallBefore, false)] {
        let scene = Scene::new();
        let item = scene.world.add_item(&scene.spec());
        let operation = scene.world.queue(item, "open");
        scene.vendor().set_fault(ORDER, fault, 1);
        let arguments = call("open", item, Some(operation));
        let mut owner = start(&scene, &arguments);
        wait_until("the paid call", || scene.vendor().hits(ORDER) == 1);
        let locks = |scene: &Scene| {
            let statements = scene.world.database().statements();
            statements
                .iter()
                .filter(|sql| sql.contains("GET_LOCK"))
                .count()
        };
        let before = locks(&scene);
        let others: Vec<Outcome> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..7)
                .map(|_| {
                    scope.spawn(|| {
                        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
                        scene.world.run_module(MODULE, &arguments)
                    })
                })
                .collect();
            wait_until("the others wait", || locks(&scene) >= before + 7);
            owner.kill().unwrap();
            owner.wait().unwrap();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        if arrived {
            assert!(others.iter().all(Outcome::is_ok), "{others:?}");
        } else {
            for outcome in &others {
                assert_eq!(
                    refused(outcome).kind,
                    "pmssl_outcome_unknown",
                    "{outcome:?}"
                );
            }
            assert_eq!(scene.vendor().hits(ORDER), 1, "nobody sends it again");
            scene.world.advance(16 * 60);
            assert!(scene.world.run(operation).is_ok());
        }
        assert_eq!(scene.paid(), 1, "{fault:?}");
        assert!(!scene.order(item).is_empty());
        assert_at_rest(&scene);
    }
}
