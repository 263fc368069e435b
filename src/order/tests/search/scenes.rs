//! The small worlds that are searched, with their bounds.

use std::rc::Rc;

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
    /// The platform does not store this parameter.
    Forgets(&'static str),
}

/// One small world.
#[derive(Debug, Clone)]
pub(super) struct Scene {
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
    /// Locks are seen by everybody.
    pub(super) locks_hold: bool,
    pub(super) bounds: Bounds,
    pub(super) sabotage: Option<Sabotage>,
}

const OPEN: &[(u64, u64, &str)] = &[(41, 7, "open")];
const PROLONG: &[(u64, u64, &str)] = &[(42, 7, "prolong")];
const CLOSE: &[(u64, u64, &str)] = &[(41, 7, "open"), (43, 7, "close")];
const TWO: &[(u64, u64, &str)] = &[(41, 7, "open"), (51, 8, "open")];

const ALL: &[Kind] = &[
    Kind::Shown,
    Kind::Numbered,
    Kind::Marked,
    Kind::Alike,
    Kind::Blind,
];

const ONE: Scene = Scene {
    name: "",
    kind: Kind::Shown,
    items: &[7],
    operations: OPEN,
    same_csr: false,
    nodes: 1,
    runs: 2,
    locks_hold: true,
    bounds: CALM,
    sabotage: None,
};

/// A scene at each of some vendors, with the bounds of every run and of the whole proof. The whole proof takes all
/// vendors, and one run of each operation more.
struct Plan {
    scene: Scene,
    kinds: &'static [Kind],
    usual: Bounds,
    whole: Bounds,
}

/// The scenes whose name holds some words.
pub(super) fn scenes(is_whole: bool, words: &str) -> Vec<Rc<Scene>> {
    let mut all = Vec::new();
    let plans = [
        plans_of_calls(),
        plans_of_people(),
        plans_of_databases(),
        plans_of_twins(),
        plans_of_two(),
    ];
    let plans = plans.into_iter().flatten();
    for plan in plans.filter(|plan| plan.scene.name.contains(words)) {
        for kind in if is_whole { ALL } else { plan.kinds } {
            all.push(Rc::new(Scene {
                kind: *kind,
                bounds: if is_whole { plan.whole } else { plan.usual },
                runs: plan.scene.runs + u32::from(is_whole),
                ..plan.scene.clone()
            }));
        }
    }
    all
}

/// Worlds that are wrong, with the rule that must be seen broken.
pub(super) fn wrong(is_whole: bool) -> Vec<(Rc<Scene>, &'static str)> {
    let one = |sabotage, kind, bounds: Bounds| {
        Rc::new(Scene {
            name: "a world that is wrong",
            kind,
            // A machine's ledger would make up for what the platform forgets.
            nodes: if bounds.restarts > 0 { 1 } else { 2 },
            runs: if bounds.restarts > 0 { 1 } else { 2 },
            bounds,
            sabotage: Some(sabotage),
            ..ONE
        })
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

/// One process at a time, and what becomes of its calls.
fn plans_of_calls() -> Vec<Plan> {
    vec![
        Plan {
            scene: Scene {
                name: "a process dies, and its request arrives when it likes",
                nodes: 2,
                ..ONE
            },
            kinds: &[Kind::Shown, Kind::Alike, Kind::Blind],
            usual: Bounds {
                kills: 1,
                passes: 1,
                ..CALM
            },
            whole: Bounds {
                kills: 1,
                late_listings: 1,
                passes: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "answers, requests and writes are lost",
                ..ONE
            },
            kinds: &[Kind::Numbered, Kind::Marked],
            usual: Bounds {
                lost_answers: 1,
                late_listings: 1,
                passes: 1,
                ..CALM
            },
            whole: Bounds {
                lost_answers: 1,
                late_listings: 1,
                refusals: 1,
                unsent: 1,
                failures: 1,
                passes: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "a renewal's process dies",
                operations: PROLONG,
                ..ONE
            },
            kinds: &[Kind::Shown, Kind::Blind],
            usual: Bounds { kills: 1, ..CALM },
            whole: Bounds {
                kills: 1,
                lost_answers: 1,
                passes: 1,
                ..CALM
            },
        },
    ]
}

/// People, and what they order and end.
fn plans_of_people() -> Vec<Plan> {
    vec![
        Plan {
            scene: Scene {
                name: "a person has the order",
                runs: 1,
                ..ONE
            },
            kinds: &[Kind::Shown, Kind::Blind],
            usual: Bounds {
                lost_answers: 1,
                passes: 1,
                settled: 1,
                restarts: 1,
                ..CALM
            },
            whole: Bounds {
                lost_answers: 1,
                passes: 1,
                looks: 1,
                settled: 1,
                restarts: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "a person orders by hand while a call is lost",
                ..ONE
            },
            kinds: &[Kind::Marked, Kind::Alike],
            usual: Bounds {
                lost_answers: 1,
                passes: 1,
                by_hand: 1,
                ..CALM
            },
            whole: Bounds {
                lost_answers: 1,
                late_listings: 1,
                passes: 1,
                by_hand: 1,
                settled: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "a service is deleted while its order is under way",
                operations: CLOSE,
                ..ONE
            },
            kinds: &[Kind::Numbered, Kind::Blind],
            usual: Bounds {
                lost_answers: 1,
                ..CALM
            },
            whole: Bounds {
                lost_answers: 1,
                passes: 1,
                ..CALM
            },
        },
    ]
}

/// Databases that do not show what was written.
fn plans_of_databases() -> Vec<Plan> {
    vec![
        Plan {
            scene: Scene {
                name: "the database is set back",
                ..ONE
            },
            kinds: &[Kind::Shown, Kind::Blind],
            usual: Bounds {
                set_backs: 1,
                ..CALM
            },
            whole: Bounds {
                set_backs: 1,
                kills: 1,
                passes: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "a late replica",
                nodes: 2,
                ..ONE
            },
            kinds: &[Kind::Blind],
            usual: Bounds {
                late_reads: 1,
                kills: 1,
                ..CALM
            },
            whole: Bounds {
                late_reads: 1,
                kills: 1,
                lost_answers: 1,
                ..CALM
            },
        },
    ]
}

/// Two processes of one service.
fn plans_of_twins() -> Vec<Plan> {
    vec![
        Plan {
            scene: Scene {
                name: "two processes of one order on two nodes",
                nodes: 2,
                ..ONE
            },
            kinds: &[Kind::Shown, Kind::Blind],
            usual: Bounds { twins: 1, ..CALM },
            whole: Bounds {
                twins: 1,
                busy: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "two processes of one order, and a lock that is lost",
                runs: 1,
                ..ONE
            },
            kinds: &[],
            usual: CALM,
            whole: Bounds {
                twins: 1,
                cuts: 1,
                ..CALM
            },
        },
        Plan {
            scene: Scene {
                name: "locks that are not seen by everybody",
                nodes: 2,
                locks_hold: false,
                ..ONE
            },
            kinds: &[Kind::Shown],
            usual: Bounds { twins: 1, ..CALM },
            whole: Bounds {
                twins: 1,
                looks: 1,
                kills: 1,
                ..CALM
            },
        },
    ]
}

/// Two services.
fn plans_of_two() -> Vec<Plan> {
    vec![
        Plan {
            scene: Scene {
                name: "two services of one name",
                items: &[7, 8],
                operations: TWO,
                runs: 1,
                ..ONE
            },
            kinds: &[Kind::Shown],
            usual: CALM,
            whole: CALM,
        },
        Plan {
            scene: Scene {
                name: "two services of one CSR",
                items: &[7, 8],
                operations: TWO,
                runs: 1,
                same_csr: true,
                ..ONE
            },
            kinds: &[],
            usual: CALM,
            whole: CALM,
        },
    ]
}
