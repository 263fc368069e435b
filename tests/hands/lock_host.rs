//! Nodes that read databases of their own, and the one server at which all of them take their locks
//! (`SSLLockHost`).

use std::sync::Barrier;

use super::{at_every_vendor, paid};
use crate::fixture::refused;
use crate::proof::{Command, Shop, TRADES, holds};
use crate::sandbox::Outcome;
use crate::sandbox::database::{Cluster, Database};
use crate::sandbox::layout::Layout;
use crate::sandbox::queue::Manner;

const OPTION: &str = "SSLLockHost";

/// Commands at the same moment.
const CROWD: usize = 8;

/// A node of a cluster with a server for locks, which goes with its directory.
struct Site {
    locks: Database,
    _directory: tempfile::TempDir,
}

/// The platform's database becomes a node of a cluster; locks are taken at another server.
fn clustered(shop: &Shop) -> Site {
    shop.world.database().set_cluster(Some(Cluster::Galera));
    let directory = tempfile::tempdir().unwrap();
    let locks = shop.world.another_database(directory.path());
    shop.world.set_option(OPTION, &locks.address().to_string());
    Site {
        locks,
        _directory: directory,
    }
}

fn node(shop: &Shop, directory: &tempfile::TempDir) -> Layout {
    shop.world.add_node(directory.path())
}

fn on(shop: &Shop, node: &Layout, operation: u64) -> Outcome {
    let manner = Manner {
        node: Some(node),
        ..Manner::default()
    };
    shop.world.run_in(operation, &manner)
}

fn locked_at(database: &Database) -> usize {
    let statements = database.statements();
    let taken = statements.iter().filter(|sql| sql.contains("GET_LOCK"));
    taken.count()
}

fn shop(module: &str) -> Shop {
    Shop::new(TRADES.iter().find(|trade| trade.module == module).unwrap())
}

#[test]
fn simultaneous_orders_of_two_nodes_are_one_sale_where_both_lock_at_one_server() {
    at_every_vendor(|shop| {
        let site = clustered(shop);
        let directory = tempfile::tempdir().unwrap();
        let second = node(shop, &directory);
        let staged = shop.stage(Command::Open);
        let operation = staged.operation.unwrap();
        let start = Barrier::new(CROWD);
        std::thread::scope(|scope| {
            for number in 0..CROWD {
                let (shop, start, second) = (&*shop, &start, &second);
                let item = staged.item.to_string();
                scope.spawn(move || {
                    let id = operation.to_string();
                    let call = [
                        "--command",
                        "open",
                        "--item",
                        &item,
                        "--runningoperation",
                        &id,
                    ];
                    let manner = Manner {
                        node: (number % 2 == 1).then_some(second),
                        ..Manner::default()
                    };
                    start.wait();
                    shop.world.run_module_in(shop.trade.module, &call, &manner)
                });
            }
        });
        holds(paid(shop) == 1, || format!("{} sales", paid(shop)))?;
        let here = locked_at(shop.world.database());
        holds(here == 0, || format!("{here} locks at the database"))?;
        let there = locked_at(&site.locks);
        holds(there >= CROWD, || format!("{there} locks at their server"))
    });
}

#[test]
fn nodes_that_name_different_servers_are_refused_until_a_person_says_which_one_counts() {
    let mut shop = shop("pmthesslstore");
    let _site = clustered(&shop);
    let directory = tempfile::tempdir().unwrap();
    let second = node(&shop, &directory);
    let elsewhere = tempfile::tempdir().unwrap();
    let others = shop.world.another_database(elsewhere.path());
    shop.ordered();
    second.set_option(OPTION, &others.address().to_string());

    let staged = shop.stage(Command::Open);
    let operation = staged.operation.unwrap();
    let told = refused(&on(&shop, &second, operation));
    assert_eq!(told.kind, "pmssl_locks_do_not_hold");
    assert!(
        told.text.contains("SSLLockHost must name the same server"),
        "{}",
        told.text
    );
    let tool = |words: &[&str]| {
        let mut tool = shop.tool(words);
        tool.env("PMSSL_MGR_ROOT", second.root()).output().unwrap()
    };
    let doctor = tool(&["doctor", "--lang", "ru"]);
    let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(doctor.contains("а другой брал их на"), "{doctor}");
    assert_eq!(paid(&shop), 1);

    let moved = tool(&["install", "--no-refresh", "--lock-host-moved"]);
    assert!(moved.status.success(), "{moved:?}");
    let outcome = on(&shop, &second, operation);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    // Now the first node is the odd one, and the one that has the option no longer would order nothing either.
    let staged = shop.stage(Command::Open);
    assert_eq!(refused(&shop.run(&staged)).kind, "pmssl_locks_do_not_hold");
    shop.world.set_option(OPTION, "");
    assert_eq!(refused(&shop.run(&staged)).kind, "pmssl_locks_do_not_hold");
    shop.world.set_option(OPTION, &others.address().to_string());
    shop.repeat(&staged);
    assert!(shop.is_done(&staged));
    assert_eq!(paid(&shop), 3);
}

#[test]
fn a_node_without_the_option_is_noticed_on_an_ordinary_database_too() {
    let mut shop = shop("pmthesslstore");
    let _site = clustered(&shop);
    shop.world.database().set_cluster(None);
    let directory = tempfile::tempdir().unwrap();
    let second = node(&shop, &directory);
    second.set_option(OPTION, "");
    // A service that was ordered with the option.
    let staged = shop.stage(Command::Prolong);
    let told = refused(&on(&shop, &second, staged.operation.unwrap()));
    assert!(told.text.contains("names no server"), "{}", told.text);
    let outcome = shop.run(&staged);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    // A new one, by which only the others can see it.
    let staged = shop.stage(Command::Open);
    assert!(on(&shop, &second, staged.operation.unwrap()).is_ok());
    let staged = shop.stage(Command::Open);
    let told = refused(&shop.run(&staged));
    assert!(told.text.contains("has no SSLLockHost"), "{}", told.text);
}

#[test]
fn without_the_server_for_locks_nothing_is_ordered_and_reads_go_on() {
    at_every_vendor(|shop| {
        let site = clustered(shop);
        let staged = shop.stage(Command::Open);
        site.locks.set_down(true);
        let outcome = shop.run(&staged);
        holds(!outcome.is_ok(), || "it went on".to_owned())?;
        let told = refused(&outcome);
        holds(told.kind == "pmssl_lock_host", || outcome.stdout.clone())?;
        holds(paid(shop) == 0, || format!("{} sales", paid(shop)))?;
        let item = staged.item.to_string();
        for words in [&["show", "--item", &item][..], &["orders"]] {
            let looked = shop.tool(words).output().unwrap();
            holds(looked.status.success(), || format!("{looked:?}"))?;
        }
        let doctor = shop.tool(&["doctor"]).output().unwrap();
        let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
        holds(doctor.contains("the server that SSLLockHost names"), || {
            doctor
        })?;
        site.locks.clear_faults();
        shop.repeat(&staged);
        holds(shop.is_done(&staged) && paid(shop) == 1, || {
            format!("it does not go on, {} sales", paid(shop))
        })
    });
}

/// Statements of the server for locks at which its connection is cut: up to all that an order sends.
const CUTS: u32 = 24;

#[test]
fn a_lock_that_is_lost_at_its_server_is_noticed_before_the_order_is_sent() {
    let mut shop = shop("pmenomssl");
    let site = clustered(&shop);
    let mut lost = 0;
    for cut in 0..CUTS {
        let staged = shop.stage(Command::Open);
        let before = paid(&shop);
        site.locks.cut_after(cut, 1);
        let outcome = shop.run(&staged);
        site.locks.clear_faults();
        let sold = paid(&shop) - before;
        if outcome.is_ok() {
            assert_eq!(sold, 1, "cut {cut}");
            continue;
        }
        assert_eq!(sold, 0, "cut {cut}: {}", outcome.stdout);
        let text = refused(&outcome).text.to_lowercase();
        lost += u32::from(text.contains("the lock was lost"));
        shop.repeat(&staged);
        assert!(shop.is_done(&staged), "cut {cut}");
        assert_eq!(paid(&shop) - before, 1, "cut {cut}");
    }
    // Both locks, before and after the intent was stored.
    assert!(lost >= 4, "{lost} losses were told");
}

#[test]
fn a_replica_is_no_place_to_read_from_wherever_locks_are_taken() {
    let mut shop = shop("pmthesslstore");
    let _site = clustered(&shop);
    shop.world.database().set_read_only(true);
    let staged = shop.stage(Command::Open);
    let told = refused(&shop.run(&staged));
    assert_eq!(told.kind, "pmssl_locks_do_not_hold");
    assert!(
        told.text.contains("a replica that may be late"),
        "{}",
        told.text
    );
    assert_eq!(paid(&shop), 0);
    shop.world.expect_at_the_end("");
}

#[test]
fn a_name_that_means_another_server_on_each_node_is_refused() {
    let mut shop = shop("pmthesslstore");
    shop.world.set_option(OPTION, "localhost");
    let staged = shop.stage(Command::Open);
    let told = refused(&shop.run(&staged));
    assert_eq!(told.kind, "pmssl_lock_host");
    assert!(told.text.contains("on each node"), "{}", told.text);
    let doctor = shop.tool(&["doctor"]).output().unwrap();
    let doctor = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        doctor.contains("(this name means another server"),
        "{doctor}"
    );
    shop.world.expect_at_the_end("");
}
