//! The small worlds that are searched, with their bounds.

use super::plans::plans;
use crate::order::{intent, person};

/// How the vendor can be asked whether a call arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It shows the reference that was sent with an order; what is not listed after the settle time was not sold.
    Shown,
    /// It issues the number beforehand and takes each once.
    Numbered,
    /// It shows the CSR; what is not listed proves nothing.
    Marked,
    /// It shows names and times only; purchases of a login are made one at a time.
    Alike,
    /// It shows nothing.
    Blind,
}

/// How often something may happen in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bounds {
    /// Processes are killed, before or after any effect.
    pub(super) kills: u8,
    /// Answers to paid calls are given up on.
    pub(super) lost_answers: u8,
    /// Orders are listed only after the settle time.
    pub(super) late_listings: u8,
    /// Writes of the platform fail, before or after they took place.
    pub(super) failures: u8,
    /// The vendor refuses.
    pub(super) refusals: u8,
    /// Connections to the vendor are not opened.
    pub(super) unsent: u8,
    /// Reads that see the database before its last writes.
    pub(super) late_reads: u8,
    /// The database is set back.
    pub(super) set_backs: u8,
    /// The clock passes the settle time.
    pub(super) passes: u8,
    /// A person orders the name in the vendor's panel.
    pub(super) by_hand: u8,
    /// A connection to the database is cut, and its locks with it.
    pub(super) cuts: u8,
    /// The platform runs an operation again while its process lives.
    pub(super) twins: u8,
    /// The daemon or `sync` looks.
    pub(super) looks: u8,
    /// A person settles with `pmssl resolve`.
    pub(super) settled: u8,
    /// A person restarts an operation without settling anything.
    pub(super) restarts: u8,
    /// A lock is not waited for.
    pub(super) busy: u8,
}

/// Nothing goes wrong.
pub(super) const CALM: Bounds = Bounds {
    kills: 0,
    lost_answers: 0,
    late_listings: 0,
    failures: 0,
    refusals: 0,
    unsent: 0,
    late_reads: 0,
    set_backs: 0,
    passes: 0,
    by_hand: 0,
    cuts: 0,
    twins: 0,
    looks: 0,
    settled: 0,
    restarts: 0,
    busy: 0,
};

/// What is wrong with a world: the search must notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// Locks keep nobody out, and nobody is told.
    KeepsNobodyOut,
    /// The platform stores this parameter for as long as a process lives, no longer.
    Forgets(&'static str),
}

/// What locks are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Locks {
    Hold,
    /// They are not seen by everybody, and that is known.
    NotForAll,
    /// Each machine names a server of its own for them, which its mark tells.
    Apart,
}

/// One small world.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Services, all of one name.
    pub(super) items: &'static [u64],
    /// Number, service and command of what the platform has queued.
    pub(super) operations: &'static [(u64, u64, &'static str)],
    /// The services have one CSR.
    pub(super) same_csr: bool,
    /// Machines that the platform may run a command on.
    pub(super) nodes: usize,
    /// How often the platform runs an operation; the last time is its last.
    pub(super) runs: u32,
    pub(super) locks: Locks,
    /// The first operation runs alone until the time in which an order may still arrive is over: what follows is about
    /// a call that was lost, and the commands that meet then.
    pub(super) begins_with_one: bool,
    pub(super) bounds: Bounds,
    pub(super) sabotage: Option<Sabotage>,
}

impl Scenario {
    /// The server at which a machine takes its locks.
    pub(super) fn server_of_locks(&self, node: usize) -> usize {
        if self.locks == Locks::Apart { node } else { 0 }
    }

    /// Whether a process may lose its lock, and others come between where they should not.
    pub(super) fn is_unsure(&self) -> bool {
        self.bounds.cuts > 0 || self.bounds.set_backs > 0 || self.sabotage.is_some()
    }
}

const OPEN: &[(u64, u64, &str)] = &[(41, 7, "open")];

const ALL: &[Kind] = &[
    Kind::Shown,
    Kind::Numbered,
    Kind::Marked,
    Kind::Alike,
    Kind::Blind,
];

pub(super) const ONE: Scenario = Scenario {
    name: "",
    kind: Kind::Shown,
    items: &[7],
    operations: OPEN,
    same_csr: false,
    nodes: 1,
    runs: 2,
    locks: Locks::Hold,
    begins_with_one: false,
    bounds: CALM,
    sabotage: None,
};

/// A scenario at each of some vendors, with the bounds of every run and of the whole proof. The whole proof takes all
/// vendors, and one run of each operation more, except where a lock may be lost at every step.
pub(super) struct Plan {
    pub(super) scenario: Scenario,
    pub(super) kinds: &'static [Kind],
    pub(super) usual: Bounds,
    pub(super) whole: Bounds,
}

/// The scenarios whose name holds some words.
pub(super) fn scenarios(is_whole: bool, words: &str) -> Vec<Scenario> {
    let mut all = Vec::new();
    let plans = plans().into_iter();
    // Machines that lock apart wait for their marks over and over: too many states for a search to its end, so that
    // the scenario is searched by its name only.
    let is_meant = |plan: &Plan| plan.scenario.locks != Locks::Apart || !words.is_empty();
    for plan in plans.filter(|plan| plan.scenario.name.contains(words) && is_meant(plan)) {
        for kind in if is_whole { ALL } else { plan.kinds } {
            all.push(Scenario {
                kind: *kind,
                bounds: if is_whole { plan.whole } else { plan.usual },
                runs: plan.scenario.runs + u32::from(is_whole && plan.whole.cuts == 0),
                ..plan.scenario.clone()
            });
        }
    }
    all
}

/// Worlds that are wrong, with the rule that must be seen broken.
pub(super) fn wrong(is_whole: bool) -> Vec<(Scenario, &'static str)> {
    let one = |sabotage, kind, bounds: Bounds| {
        Scenario {
            name: "a world that is wrong",
            kind,
            // A machine's ledger would make up for what the platform forgets.
            nodes: if bounds.restarts > 0 { 1 } else { 2 },
            runs: if bounds.restarts > 0 { 1 } else { 2 },
            bounds,
            sabotage: Some(sabotage),
            ..ONE
        }
    };
    let dies = Bounds { kills: 1, ..CALM };
    let twins = Bounds { twins: 1, ..CALM };
    let restarts = Bounds {
        lost_answers: 1,
        looks: 1,
        passes: 1,
        restarts: 1,
        ..CALM
    };
    let mut all = vec![
        (
            one(Sabotage::Forgets(intent::PARAMETER), Kind::Blind, dies),
            "money:",
        ),
        (
            one(Sabotage::Forgets(super::world::ORDER), Kind::Shown, CALM),
            "lost:",
        ),
        (
            one(Sabotage::Forgets(person::PARAMETER), Kind::Shown, restarts),
            "person:",
        ),
    ];
    if is_whole {
        // Nothing is serial there: it takes longest.
        // Which rule is seen broken first, two sales or one beside a person, is all the same.
        all.push((one(Sabotage::KeepsNobodyOut, Kind::Shown, twins), ""));
    }
    all
}
