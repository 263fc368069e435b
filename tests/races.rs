//! Processes beside each other, at every vendor: at the same service, at different services of one account, the
//! daemon and the periodic look beside orders, and a dead owner of a lock. One sale each, no lost certificate, and
//! no torn line in the log they share.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::fixture::{assert_whole_lines, refused};
use crate::proof::{Command, End, Extra, PAUSE, Shop, TRADES, Trade, has_ended_well, tell, trade};
use crate::sandbox::queue::Manner;
use crate::sandbox::vendor::Fault;
use crate::sandbox::{ItemSpec, Outcome, PlatformFault, Strike};

/// Processes at the same moment.
const CROWDS: [usize; 2] = [2, 8];

/// The lock is another's; or another service of the account has ordered the same product at this moment, at a vendor
/// that tells its orders apart by what was there before (nothing was sent then).
const POLITE: [&str; 3] = ["pmssl_busy", "pmssl_books_changed", "pmssl_service_deleted"];

/// Runs commands of a module at the same moment.
fn together(shop: &Shop, calls: &[Vec<String>]) -> Vec<Outcome> {
    let start = Barrier::new(calls.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = calls
            .iter()
            .map(|arguments| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    run(shop, arguments)
                })
            })
            .collect();
        let outcomes = threads.into_iter().map(|thread| thread.join());
        outcomes.map(|outcome| outcome.unwrap()).collect()
    })
}

fn run(shop: &Shop, arguments: &[String]) -> Outcome {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    shop.world.run_module(shop.trade.module, &arguments)
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

/// Steps aside for another process, without having ordered.
fn steps_aside(outcome: &Outcome) -> bool {
    !outcome.is_ok() && POLITE.contains(&refused(outcome).kind.as_str())
}

/// Each run is done or steps aside for another one.
fn assert_polite(shop: &Shop, outcomes: &[Outcome]) {
    let module = shop.trade.module;
    for outcome in outcomes {
        assert!(
            outcome.is_ok() || steps_aside(outcome),
            "{module}: {outcome:?}"
        );
    }
    assert!(
        outcomes.iter().any(Outcome::is_ok),
        "{module}: {outcomes:?}"
    );
}

fn assert_at_rest(shop: &Shop) {
    assert_eq!(shop.settle(), Ok(()), "{}", shop.trade.module);
    assert_eq!(shop.world.tasks(), [], "{}", shop.trade.module);
}

/// Runs a race for every vendor, vendors beside each other, and prints how many processes met.
fn at_every_vendor(what: &str, race: impl Fn(&'static Trade) -> usize + Sync) {
    let processes = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for trade in &TRADES {
            let (race, processes) = (&race, &processes);
            scope.spawn(move || processes.fetch_add(race(trade), Ordering::SeqCst));
        }
    });
    tell(format_args!(
        "races: {what}: {} processes at {} vendors",
        processes.into_inner(),
        TRADES.len()
    ));
}

#[test]
fn one_command_by_two_and_by_eight() {
    at_every_vendor("one service", |trade| {
        let mut shop = Shop::new(trade);
        let mut raced = 0;
        for processes in CROWDS {
            for command in [
                Command::Open,
                Command::Prolong,
                Command::Reopen,
                Command::Close,
            ] {
                let staged = shop.stage(command);
                let one = call(command.word(), staged.item, staged.operation);
                let outcomes = together(&shop, &vec![one; processes]);
                raced += processes;
                if command.is_served_by(trade) {
                    assert_polite(&shop, &outcomes);
                } else {
                    assert!(!outcomes.iter().any(Outcome::is_ok), "{outcomes:?}");
                }
                let end = shop.recover(&staged, Extra::Nothing);
                let expected = match command.is_served_by(trade) {
                    true => End::ByItself,
                    false => End::Refused,
                };
                let what = format!("{} {command:?} by {processes}", trade.module);
                assert_eq!(end, Ok(expected), "{what}");
            }
            // The certificate is fetched by several at once, too, and saved once.
            let staged = shop.stage(Command::Sync);
            let one = call("sync_item", staged.item, None);
            assert_polite(&shop, &together(&shop, &vec![one; processes]));
            raced += processes;
            assert_eq!(
                shop.recover(&staged, Extra::Nothing),
                Ok(End::ByItself),
                "{}",
                trade.module
            );
            assert_eq!(shop.world.item(staged.item).saves, 1, "{}", trade.module);
        }
        assert_eq!(shop.settle(), Ok(()), "{}", trade.module);
        raced
    });
}

#[test]
fn different_services_of_one_account() {
    at_every_vendor("one account", |trade| {
        for processes in CROWDS {
            let mut shop = Shop::new(trade);
            let staged: Vec<_> = (0..processes).map(|_| shop.stage(Command::Open)).collect();
            let calls: Vec<_> = staged
                .iter()
                .map(|one| call("open", one.item, one.operation))
                .collect();
            assert_polite(&shop, &together(&shop, &calls));
            for one in &staged {
                assert_eq!(shop.recover(one, Extra::Nothing), Ok(End::ByItself));
            }
            let orders: BTreeSet<_> = staged
                .iter()
                .map(|one| shop.world.order_of(one.item))
                .collect();
            assert_eq!(orders.len(), processes, "each has its own");
            assert_at_rest(&shop);
        }
        CROWDS.iter().sum()
    });
}

/// All answers to the orders of one account are lost at the same time. Each service gets its own order back, or a
/// task that says that nobody can tell whose order is whose; nothing is bought twice.
#[test]
fn lost_answers_of_one_account() {
    at_every_vendor("lost answers", |trade| {
        let processes = 4;
        let mut shop = Shop::new(trade);
        let paid = paid_call(&mut shop);
        let staged: Vec<_> = (0..processes).map(|_| shop.stage(Command::Open)).collect();
        let calls: Vec<_> = staged
            .iter()
            .map(|one| call("open", one.item, one.operation))
            .collect();
        let times = u32::try_from(processes).unwrap();
        shop.vendor()
            .set_fault(&paid, Fault::ResetBeforeAnswer, times);
        let before = paid_sales(&shop);
        for outcome in together(&shop, &calls) {
            assert_eq!(has_ended_well(&outcome), Ok(()), "{}", trade.module);
        }
        shop.vendor().clear_faults();
        let mut own = BTreeSet::new();
        let mut told = 0;
        for one in &staged {
            shop.repeat(one);
            if shop.is_done(one) {
                let order = shop.world.order_of(one.item);
                assert!(own.insert(order), "{}", trade.module);
                continue;
            }
            let why = one.operation.map(|operation| shop.has_task(operation));
            let asks = why.as_ref().is_some_and(|why| {
                why.as_ref()
                    .is_ok_and(|why| why.contains("pmssl_outcome_for_person"))
            });
            assert!(asks, "{}: {why:?}", trade.module);
            told += 1;
        }
        let sold = paid_sales(&shop) - before;
        assert!(sold <= processes, "{}: {sold} sold", trade.module);
        assert_eq!(own.len() + told, processes, "{}", trade.module);
        // A person looks into the vendor's books: by name, and where a paid slot has none, any that is free.
        for one in &staged {
            let Some(operation) = one.operation.filter(|_| !shop.is_done(one)) else {
                continue;
            };
            let name = shop.world.common_name(&shop.world.item(one.item));
            let orders = shop.vendor().vendor().orders();
            let named = orders.iter().find(|order| order.common_name == name);
            let free = || {
                let sales = shop.sold_since(one).into_iter();
                sales
                    .map(|sale| sale.order)
                    .find(|order| !own.contains(order))
            };
            let order = named.map(|order| order.id.clone()).or_else(free);
            own.extend(order.clone());
            assert_eq!(
                crate::proof::resolve(&shop.world, one.item, order.as_deref()),
                Ok(()),
                "{}",
                trade.module
            );
            shop.world.retry(operation);
            shop.repeat(one);
            assert!(shop.is_done(one), "{}", trade.module);
        }
        tell(format_args!(
            "races: {}: {} lost orders found by their services, {told} left to a person",
            trade.module,
            own.len()
        ));
        for one in staged.iter().filter(|_| told == 0) {
            let end = shop.recover(one, Extra::Nothing);
            assert_eq!(end, Ok(End::ByItself), "{}", trade.module);
        }
        processes
    });
}

/// The call that takes the money of a new order.
fn paid_call(shop: &mut Shop) -> String {
    let staged = shop.stage(Command::Open);
    shop.vendor().note_selling();
    shop.run(&staged);
    let selling = shop.vendor().selling();
    assert_eq!(shop.recover(&staged, Extra::Nothing), Ok(End::ByItself));
    selling.into_iter().next().expect("a call that sells")
}

fn paid_sales(shop: &Shop) -> usize {
    let sales = shop.vendor().vendor().sales();
    sales.iter().filter(|sale| sale.is_paid()).count()
}

#[test]
fn the_periodic_look_and_a_deletion_beside_an_order() {
    at_every_vendor("looks and deletions", |trade| {
        let mut shop = Shop::new(trade);
        let mut raced = 0;
        for round in 0..4 {
            let staged = shop.stage(Command::Open);
            let mut calls = vec![call("sync_item", staged.item, None); 3];
            calls.insert(round, call("open", staged.item, staged.operation));
            assert_polite(&shop, &together(&shop, &calls));
            raced += calls.len();
            assert_eq!(
                shop.recover(&staged, Extra::Nothing),
                Ok(End::ByItself),
                "{} round {round}",
                trade.module
            );
        }
        // Whoever comes first, the vendor's books and the platform agree.
        let staged = shop.stage(Command::Open);
        let close = shop.world.queue(staged.item, "close");
        let calls = [
            call("open", staged.item, staged.operation),
            call("close", staged.item, Some(close)),
        ];
        assert_polite(&shop, &together(&shop, &calls));
        raced += calls.len();
        assert!(shop.sold(staged.item).paid <= 1, "{}", trade.module);
        let reconciled = shop.world.reconcile();
        assert!(reconciled.is_sound(), "{}: {reconciled:?}", trade.module);
        raced
    });
}

fn daemon(shop: &Shop) -> Child {
    shop.tool(&["daemon", "--once"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Two daemons, as of two nodes, follow pending orders and reissue due certificates while the platform orders,
/// renews and looks itself.
#[test]
fn the_daemon_beside_the_platform() {
    at_every_vendor("daemon", |trade| {
        let mut shop = Shop::new(trade);
        shop.world.set_option("SSLDaemonRate", "1000");
        let pending: Vec<_> = (0..3).map(|_| shop.stage(Command::Sync)).collect();
        let opening = shop.stage(Command::Open);
        let renewed = shop.stage(Command::Prolong);
        shop.world.advance(PAUSE);
        let mut daemons = [daemon(&shop), daemon(&shop)];
        let mut calls: Vec<_> = pending
            .iter()
            .map(|one| call("sync_item", one.item, None))
            .collect();
        calls.push(call("open", opening.item, opening.operation));
        calls.push(call("prolong", renewed.item, renewed.operation));
        for outcome in together(&shop, &calls) {
            assert_eq!(has_ended_well(&outcome), Ok(()), "{}", trade.module);
        }
        for daemon in &mut daemons {
            assert!(daemon.wait().unwrap().success(), "{}", trade.module);
        }
        for one in pending.iter().chain([&opening]) {
            let end = shop.recover(one, Extra::Nothing);
            assert_eq!(end, Ok(End::ByItself), "{} {:?}", trade.module, one.command);
        }
        let end = shop.recover(&renewed, Extra::Nothing);
        assert!(end.is_ok(), "{}: {end:?}", trade.module);
        for one in &pending {
            assert_eq!(shop.world.item(one.item).saves, 1, "{}", trade.module);
        }
        assert_eq!(shop.settle(), Ok(()), "{}", trade.module);
        assert_whole_lines(&shop.world.log("pmssl"));
        calls.len() + daemons.len()
    });
}

fn start(shop: &Shop, arguments: &[String]) -> Child {
    let mut command = shop.world.module_command(shop.trade.module);
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
        assert!(start.elapsed() < Duration::from_secs(120), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The owner dies in the middle of the paid call, with seven others waiting for its lock. Whether the order
/// arrived, only the vendor can say.
#[test]
fn the_owner_of_the_lock_is_killed_while_others_wait() {
    at_every_vendor("dead owners", |trade| {
        let mut shop = Shop::new(trade);
        let paid = paid_call(&mut shop);
        for fault in [Fault::Stall, Fault::StallBefore] {
            let staged = shop.stage(Command::Open);
            shop.vendor().set_fault(&paid, fault, 1);
            let arguments = call("open", staged.item, staged.operation);
            let mut owner = start(&shop, &arguments);
            wait_until("the paid call", || shop.vendor().hits(&paid) == 1);
            let locks = || {
                let statements = shop.world.database().statements();
                let taken = statements.iter().filter(|sql| sql.contains("GET_LOCK"));
                taken.count()
            };
            let before = locks();
            let others: Vec<Outcome> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..7)
                    .map(|_| scope.spawn(|| run(&shop, &arguments)))
                    .collect();
                wait_until("the others wait", || locks() >= before + 7);
                owner.kill().unwrap();
                owner.wait().unwrap();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            let what = format!("{} {fault:?}", trade.module);
            for outcome in &others {
                assert_eq!(has_ended_well(outcome), Ok(()), "{what}");
            }
            // A vendor that takes a number once may be asked again with the same number: sales count.
            assert!(shop.sold(staged.item).paid <= 1, "{what}: ordered again");
            let end = shop.recover(&staged, Extra::Nothing);
            assert!(end.is_ok(), "{what}: {end:?}");
        }
        assert_eq!(shop.settle(), Ok(()), "{}", trade.module);
        16
    });
}

/// A client who orders twice, and a person once more.
#[test]
fn three_operations_of_one_order_place_it_once() {
    let shop = Shop::new(trade("pmthesslstore"));
    let spec = ItemSpec::new(shop.account, "positivessl");
    let item = shop.world.add_item(&spec);
    let operations = [(); 3].map(|()| shop.world.queue(item, "open"));
    shop.world.run_together(&operations);
    for _ in 0..2 {
        shop.world.run_with_pauses(4, PAUSE);
        for operation in shop.world.operations() {
            shop.world.retry(operation.id);
        }
    }
    assert!(shop.world.operations().is_empty());
    assert_eq!(paid_sales(&shop), 1);
}

/// A node dies behind one of the platform's functions; another one, with a spool of its own, is given the operation.
#[test]
fn another_node_continues_where_the_dead_one_stopped() {
    for step in 0..6 {
        let shop = Shop::new(trade("pmthesslstore"));
        let world = &shop.world;
        let directory = tempfile::tempdir().unwrap();
        let node = world.add_node(directory.path());
        let item = world.add_item(&ItemSpec::new(shop.account, "positivessl"));
        let operation = world.queue(item, "open");
        world.panel().add_fault(PlatformFault {
            function: None,
            strike: Strike::KillAfter,
            skip: step,
            times: 1,
        });
        assert_eq!(world.run(operation).signal, Some(9), "step {step}");
        let manner = Manner {
            node: Some(&node),
            ..Manner::default()
        };
        for _ in 0..4 {
            if world.operation(operation).is_some() {
                world.run_in(operation, &manner);
                world.advance(PAUSE);
            }
        }
        assert_eq!(world.operation(operation), None, "step {step}");
        let sales = shop.vendor().vendor().sales();
        assert_eq!(sales.len(), 1, "step {step}");
        assert_eq!(world.order_of(item), sales[0].order, "step {step}");
    }
}
