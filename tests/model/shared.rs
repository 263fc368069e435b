//! What both models share: their worlds, what must hold in each, and how random sequences are played.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use crate::proof::{Verdict, holds};
use crate::sandbox::World;

/// Sequences for each vendor in an ordinary run.
const SEQUENCES: u32 = 3;

pub fn more(figure: &Cell<usize>, by: usize) {
    figure.set(figure.get() + by);
}

pub fn unless(broken: bool, text: impl FnOnce() -> String) -> Verdict {
    holds(!broken, text)
}

/// A world with a vendor who is paid, and commands that do not wait for long.
pub fn world_of(module: &str) -> (World, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let world = World::start(directory.path());
    for (name, value) in [
        ("SSLReadTimeout", "30"),
        ("SSLOrderTimeout", "30"),
        ("SSLRetryPause", "0.01"),
        ("SSLPlatformWait", "1"),
    ] {
        world.set_option(name, value);
    }
    world.vendor(module).vendor().set_balance(100_000_000);
    (world, directory)
}

/// Whoever has a manual operation was told.
pub fn nobody_waits_in_silence(world: &World) -> Verdict {
    let tasks = world.tasks();
    for one in world.operations().into_iter().filter(|one| one.manual) {
        unless(!tasks.iter().any(|task| task.operation == one.id), || {
            format!(
                "next step: operation {} is manual, and nobody was told",
                one.id
            )
        })?;
    }
    Ok(())
}

/// Every paid order without a certificate has an owner and, past its deadline, a task or a notice; and how often that was
/// judged.
#[derive(Default)]
pub struct Silence {
    pub owned: Cell<usize>,
    /// Of them past the deadline.
    pub late: Cell<usize>,
}

impl Silence {
    /// Judges by what the program says to an administrator, in a world with one service, after the daemon has looked.
    pub fn judge(&self, world: &World, module: &str, item: u64) -> Verdict {
        let view = world.item(item);
        let is_closed = view.status == 4 || view.service_status == Some(6);
        let sales = world.vendor(module).vendor().sales();
        let is_paid = sales.iter().any(|sale| sale.is_paid() && !sale.refunded);
        let mut queued = world.operations().into_iter();
        let is_over = is_closed || queued.any(|one| one.command == "close");
        if is_over || !is_paid || view.certificate.is_some() {
            return Ok(());
        }
        let output = world.tool(&["orders", "--json"]).output().unwrap();
        let orders: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut orders = orders.as_array().unwrap().iter();
        let order = orders.find(|order| order["item"].as_u64() == Some(item));
        let order = order.ok_or_else(|| format!("silence: 'orders' does not list {item}"))?;
        more(&self.owned, 1);
        unless(order["owner"] == "nobody", || {
            format!("silence: paid, without a certificate, and nobody acts: {order}")
        })?;
        let until = order["until"].as_str();
        let until: Option<DateTime<Utc>> = until.and_then(|text| text.parse().ok());
        if until.is_none_or(|until| until >= world.clock().now()) {
            return Ok(());
        }
        more(&self.late, 1);
        let about = format!("(service {item})");
        let is_told = world.tasks().iter().any(|task| task.item == item)
            || world
                .panel()
                .free_tasks()
                .iter()
                .any(|text| text.contains(&about));
        // What comes with an order is no word about its waiting.
        let messages = world.panel().messages();
        let is_told = is_told
            || messages
                .iter()
                .any(|(.., text)| text.contains(&about) && !text.contains(") is ordered."));
        unless(!is_told, || {
            format!("silence: past its deadline, and nobody was told: {order}")
        })
    }
}

/// Plays random sequences at every vendor: a few, or as many as `PMSSL_MODEL_PROCESSES` says.
pub fn at_every_vendor<S: Strategy>(
    seed: u64,
    sequences: &S,
    play: impl Fn(&'static str, &S::Value) -> Verdict,
) {
    let wished = std::env::var("PMSSL_MODEL_PROCESSES").ok();
    let cases = wished.map_or(SEQUENCES, |text| {
        text.parse().expect("a number of sequences")
    });
    for (number, module) in crate::modules().into_iter().enumerate() {
        let config = Config {
            cases,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(seed + number as u64),
            max_shrink_iters: 60,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(sequences, |case| {
            play(module, &case).map_err(TestCaseError::fail)
        });
        match result {
            Ok(()) => {}
            Err(TestError::Fail(rule, case)) => panic!("{module}: {rule}\n{case:#?}"),
            Err(TestError::Abort(reason)) => panic!("{module}: {reason}"),
        }
    }
}
