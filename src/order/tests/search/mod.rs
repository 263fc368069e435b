//! Every interleaving of small worlds, not only random ones: the real order core, driven by the real commands, with one
//! effect of one process at a time.
//!
//! The core is async over its ports, so that each call of a port (a read or write of the platform, a lock, a call of the
//! vendor) is a place where another process may go on. Here a process is the command's own future; nothing happens until
//! the search gives it its turn. A paid call is two effects: the request goes, and from then on it arrives, is refused or
//! vanishes by itself, whether anybody still waits for its answer or not. All choices of all states are tried, depth
//! first. Two ways that lead to the same world, with processes that have seen the same, go on alike: a state is its mark
//! (64 bits), and none is gone on from twice. What a command does is decided by what it has seen, so that it is run once
//! for each of its own courses ([`cache`]) and its effects are made in each state of the world. A scenario that grows
//! beyond a stated number of states fails; no search is cut.
//!
//! What is bounded is the world ([`scenarios`]): how many services, machines and runs of an operation there are, and
//! how often each thing may go wrong: kills before and after every effect, lost answers, late listings, failed writes,
//! late reads, set-backs, lost locks, other hands. Beyond that:
//! - Reads of what nothing in a scenario changes (account, country, approvers) are nobody's turn but the process's own.
//!   A write that only processes of the same service read, under its lock, is made at once where no lock can be lost.
//! - What is on its way arrives within the settle time, or never; the clock does not pass between the last look at the
//!   lock and the request.
//! - A machine's ledger is read and written in one step with the effect before.
//! - The certificate is never issued here: following it to the end is the model's and the suites' part.
//!
//! Rules ([`rules`]): one living sale for each operation and each reference; no order at two services, none at a service
//! that did not buy it unless a person said so; no paid call while a person has the order, none where locks do not
//! hold; where everything rests, each sale has a service or an owner who will find it.
//!
//! Every run searches small bounds; `PMSSL_PROOF=all` searches the larger ones at all five kinds of vendor, and
//! `PMSSL_SEARCH='late replica'` the scenarios whose name holds these words.

mod cache;
mod command;
mod explore;
mod machine;
mod marks;
mod person;
mod plans;
mod platform;
mod process;
mod rules;
mod scenarios;
mod supplies;
mod vendor;
mod world;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use self::explore::{Figures, search};
use self::scenarios::{Scenario, scenarios, wrong};
use self::supplies::Supplies;

/// Past the harness, which keeps what the macros print to itself: the log of every run tells it.
fn tell(figures: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "proof: search, {figures}");
}

/// The whole proof instead of the share that fits into every run.
fn is_whole() -> bool {
    std::env::var_os("PMSSL_PROOF").is_some_and(|value| value == "all")
}

/// Searches all scenarios, on as many processors as there are and at most two: others test beside.
fn search_all(scenarios: &[Scenario]) -> BTreeMap<&'static str, Figures> {
    let supplies = Arc::new(Supplies::new());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut own = Vec::new();
        while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (figures, broken) = search(scenario, &supplies);
            if let Some(broken) = broken {
                panic!(
                    "{} ({:?}): {}\n{:#?}",
                    scenario.name, scenario.kind, broken.rule, broken.path
                );
            }
            assert!(figures.ends > 0, "{scenario:?}");
            own.push((scenario.name, figures));
        }
        own
    };
    let found = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut found = work();
        found.extend(other.join().unwrap_or_else(|broken| resume_unwind(broken)));
        found
    });
    let mut all: BTreeMap<_, Figures> = BTreeMap::new();
    for (name, figures) in found {
        all.entry(name).or_default().add(figures);
    }
    all
}

#[test]
fn no_interleaving_breaks_the_law() {
    let words = std::env::var("PMSSL_SEARCH").unwrap_or_default();
    let all = search_all(&scenarios(is_whole(), &words));
    assert!(!all.is_empty(), "no scenario is called so: {words}");
    let mut sum = Figures::default();
    for (name, figures) in &all {
        tell(format_args!("{name}: {figures}"));
        sum.add(*figures);
    }
    tell(format_args!("all of it: {sum}"));
}

/// The proof can fail: in a world that is wrong the rule is seen broken.
#[test]
fn a_world_that_is_wrong_is_found_out() {
    let supplies = Arc::new(Supplies::new());
    for (scenario, rule) in wrong(is_whole()) {
        let (_, broken) = search(&scenario, &supplies);
        let broken = broken.unwrap_or_else(|| panic!("{:?} is not found out", scenario.sabotage));
        let text = format!(
            "{:?}: {} {:#?}",
            scenario.sabotage, broken.rule, broken.path
        );
        assert!(broken.rule.starts_with(rule), "{text}");
    }
}
