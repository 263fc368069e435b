//! Every interleaving of small worlds, not only random ones: the real order core, driven by the real commands, with one
//! effect of one process at a time.
//!
//! The core is async over its ports, so that each call of a port (a read or write of the platform, a lock, a call of the
//! vendor) is a place where another process may go on. Here a process is the command's own future; nothing happens until
//! the search gives it its turn. A paid call is two effects: the request goes, and from then on it arrives, is refused or
//! vanishes by itself, whether anybody still waits for its answer or not. All choices are tried, depth first, by running
//! them again in a new world. Two ways that lead to the same world, with processes that have seen the same, go on
//! alike: a state is its mark (64 bits), and none is gone on from twice. There is no limit at which a search is cut:
//! it ends when every choice of every state was tried.
//!
//! What is bounded is the world ([`scenes`]): how many services, machines and runs of an operation there are, and how
//! often each thing may go wrong: kills before and after every effect, lost answers, late listings, failed writes,
//! late reads, set-backs, lost locks, other hands. Beyond that:
//! - Reads of what nothing in a scene changes (account, country, approvers) are nobody's turn but the process's own. A
//!   write that only processes of the same service read, under its lock, is made at once where no lock can be lost.
//! - What is on its way arrives within the settle time, or never; the clock does not pass between the last look at the
//!   lock and the request.
//! - A database is set back while no process lives: killed ones stand for those that were cut off.
//! - A machine's ledger is read and written in one step with the effect before.
//! - The certificate is never issued here: following it to the end is the model's and the suites' part.
//!
//! Rules ([`rules`]): one living sale for each operation and each reference; no order at two services, none at a service
//! that did not buy it unless a person said so; no paid call while a person has the order, none where locks do not
//! hold; where everything rests, each sale has a service or an owner who will find it.
//!
//! Every run searches small bounds; `PMSSL_PROOF=all` searches the larger ones at all five kinds of vendor, and
//! `PMSSL_SEARCH='late replica'` the scenes whose name holds these words.

mod command;
mod explore;
mod machine;
mod person;
mod platform;
mod process;
mod rules;
mod scenes;
mod supplies;
mod vendor;
mod world;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use self::explore::{Figures, search};
use self::scenes::{scenes, wrong};
use self::supplies::Supplies;

/// Past the harness, which keeps what the macros print to itself: the log of every run tells it.
fn tell(figures: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "proof: search, {figures}");
}

/// The whole proof instead of the share that fits into every run.
fn is_whole() -> bool {
    std::env::var_os("PMSSL_PROOF").is_some_and(|value| value == "all")
}

#[test]
fn no_interleaving_breaks_the_law() {
    let supplies = Arc::new(Supplies::new());
    let words = std::env::var("PMSSL_SEARCH").unwrap_or_default();
    let mut all: BTreeMap<&str, Figures> = BTreeMap::new();
    for scene in scenes(is_whole(), &words) {
        let (figures, broken) = search(&scene, &supplies);
        if let Some(broken) = broken {
            panic!(
                "{} ({:?}): {}\n{:#?}",
                scene.name, scene.kind, broken.rule, broken.path
            );
        }
        assert!(figures.ends > 0, "{scene:?}");
        all.entry(scene.name).or_default().add(figures);
    }
    assert!(!all.is_empty(), "no scene is called so: {words}");
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
    for (scene, rule) in wrong(is_whole()) {
        let (_, broken) = search(&scene, &supplies);
        let broken = broken.unwrap_or_else(|| panic!("{:?} is not found out", scene.sabotage));
        let text = format!("{:?}: {} {:#?}", scene.sabotage, broken.rule, broken.path);
        assert!(broken.rule.starts_with(rule), "{text}");
    }
}
