//! What both models share: their worlds, what must hold in each, and how random sequences are played.

use std::cell::Cell;

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
