//! Random sequences of platform actions, vendor events, clock moves, faults and kills against a simple
//! model of what must hold: sales = intents placed, no money for a dead service, paid-till never
//! shortened, the saved certificate is the one of the CSR, every failure has a next step.
//!
//! A thousand sequences with a fixed seed belong to every run of the tests. The long run:
//! `PMSSL_MODEL_SEQUENCES=100000 PMSSL_MODEL_SEED=7 cargo test --lib order::tests::model -- --nocapture`.
//! A broken rule is shown with the shortest sequence that still breaks it.
// The figures are part of the result.
#![allow(clippy::print_stderr)]

mod action;
mod people;
mod rules;
mod vendor;
mod world;

use std::cell::Cell;
use std::io::Write as _;

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestError, TestRunner};

use self::action::{Action, Setting, sequence};
use self::rules::Rules;
use self::world::{Figures, ModelWorld};
use super::queue::Sabotage;

/// Sequences of an ordinary run.
const SEQUENCES: u32 = 1000;

fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).unwrap_or_default();
    match text.trim() {
        "" => default,
        text => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is not a number")),
    }
}

/// Plays one sequence; answers the rule that was broken.
fn play(
    (setting, actions): &(Setting, Vec<Action>),
    sabotage: Option<Sabotage>,
    figures: &Cell<Figures>,
) -> Result<(), String> {
    let world = ModelWorld::new(setting, sabotage);
    let mut rules = Rules::default();
    let mut broken = Ok(());
    for action in actions {
        let run = world.act(action);
        broken = rules.check(&world, run.as_ref());
        if broken.is_err() {
            break;
        }
    }
    let broken = broken.and_then(|()| rules.settle(&world));
    figures.set(figures.get().with(world.figures.get()));
    broken
}

impl Figures {
    fn with(self, more: Self) -> Self {
        Self {
            sequences: self.sequences + 1,
            steps: self.steps + more.steps,
            commands: self.commands + more.commands,
            kills: self.kills + more.kills,
            faults: self.faults + more.faults,
            sales: self.sales + more.sales,
        }
    }
}

type Broken = (String, (Setting, Vec<Action>));

/// Plays so many sequences of a seed; answers the first broken rule with the shortest sequence.
fn play_many(
    sequences: u32,
    seed: u64,
    sabotage: Option<Sabotage>,
) -> (Figures, Result<(), Broken>) {
    let config = Config {
        cases: sequences,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        max_shrink_iters: 4096,
        ..Config::default()
    };
    let mut runner = TestRunner::new(config);
    let figures = Cell::new(Figures::default());
    let result = runner.run(&sequence(), |case| {
        play(&case, sabotage, &figures).map_err(TestCaseError::fail)
    });
    let result = result.map_err(|error| match error {
        TestError::Fail(reason, case) => (reason.message().to_owned(), case),
        TestError::Abort(reason) => panic!("{reason}"),
    });
    (figures.get(), result)
}

#[test]
fn whatever_happens_the_law_holds() {
    let sequences = number("PMSSL_MODEL_SEQUENCES", SEQUENCES.into());
    let seed = number("PMSSL_MODEL_SEED", 20_261_125);
    let (figures, result) = play_many(u32::try_from(sequences).unwrap(), seed, None);
    // Past the harness, which keeps what the macros print to itself: the log of every run tells it.
    let _ = writeln!(
        std::io::stderr(),
        "proof: model, seed {seed}: {} sequences, {} steps, {} commands, {} kills, {} faults, {} sales",
        figures.sequences,
        figures.steps,
        figures.commands,
        figures.kills,
        figures.faults,
        figures.sales
    );
    if let Err((rule, (setting, actions))) = result {
        panic!("seed {seed}: {rule}\n{setting:#?}\n{actions:#?}");
    }
    assert!(
        figures.kills * 5 > figures.sequences,
        "too few kills: {figures:?}"
    );
}

/// The proof can fail: a platform that breaks one promise breaks exactly one rule, and the sequence that
/// shows it is short.
#[test]
fn a_broken_rule_is_caught_by_a_short_sequence() {
    let cases = [
        (Sabotage::ForgetsIntents, "money:"),
        (Sabotage::LosesOrders, "lost:"),
        (Sabotage::CutsTerms, "term:"),
        (Sabotage::ForgesCertificates, "certificate:"),
        (Sabotage::SwallowsTasks, "next step:"),
    ];
    for (sabotage, rule) in cases {
        let (figures, result) = play_many(400, 1, Some(sabotage));
        let (broken, (setting, actions)) = result.expect_err("a broken rule");
        let case = format!("{sabotage:?}: {broken}\n{setting:?}\n{actions:?}");
        assert!(broken.starts_with(rule), "{case}");
        assert!(actions.len() <= 12, "{sabotage:?}: {actions:#?}");
        eprintln!(
            "{sabotage:?}: '{broken}' after {} sequences, {} steps left",
            figures.sequences,
            actions.len()
        );
    }
}
