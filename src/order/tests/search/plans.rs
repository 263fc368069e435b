//! The scenarios by what is tried in them, with their bounds.

use super::scenarios::{Bounds, CALM, Kind, Locks, ONE, Plan, Scenario};

const PROLONG: &[(u64, u64, &str)] = &[(42, 7, "prolong")];
const CLOSE: &[(u64, u64, &str)] = &[(41, 7, "open"), (43, 7, "close")];
const TWO: &[(u64, u64, &str)] = &[(41, 7, "open"), (51, 8, "open")];

/// All of them.
pub(super) fn plans() -> Vec<Plan> {
    let plans = [
        plans_of_calls(),
        plans_of_people(),
        plans_of_databases(),
        plans_of_twins(),
        plans_of_two(),
    ];
    plans.into_iter().flatten().collect()
}

/// One process at a time, and what becomes of its calls.
fn plans_of_calls() -> Vec<Plan> {
    vec![
        Plan {
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
                name: "the database is set back under two processes",
                runs: 1,
                ..ONE
            },
            kinds: &[Kind::Blind],
            usual: Bounds {
                set_backs: 1,
                twins: 1,
                ..CALM
            },
            whole: Bounds {
                set_backs: 1,
                twins: 1,
                ..CALM
            },
        },
        Plan {
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
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
            scenario: Scenario {
                name: "two machines that lock at different servers",
                nodes: 2,
                locks: Locks::Apart,
                ..ONE
            },
            kinds: &[Kind::Blind],
            usual: Bounds { twins: 1, ..CALM },
            whole: Bounds {
                twins: 1,
                passes: 1,
                ..CALM
            },
        },
        Plan {
            scenario: Scenario {
                name: "locks that are not seen by everybody",
                nodes: 2,
                locks: Locks::NotForAll,
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
            scenario: Scenario {
                name: "two services of one CSR at one login, and an answer that is lost or late",
                items: &[7, 8],
                operations: TWO,
                same_csr: true,
                begins_with_one: true,
                ..ONE
            },
            kinds: &[Kind::Marked],
            usual: Bounds {
                lost_answers: 1,
                passes: 1,
                ..CALM
            },
            whole: Bounds {
                lost_answers: 1,
                passes: 1,
                ..CALM
            },
        },
        Plan {
            scenario: Scenario {
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
            scenario: Scenario {
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
