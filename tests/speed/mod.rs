//! `sandbox speed`: what the program as it is shipped costs, measured in the simulated world (docs/performance.md).

// A measurement that cannot go on must stop at once.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod commands;
mod daemon;
mod figures;
mod front;
mod instructions;
mod kept;
mod launch;
mod parts;
#[path = "../database/server.rs"]
mod server;
#[path = "../database/shop.rs"]
mod services;
mod shop;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use crate::sandbox::binaries;
use figures::{Budgets, Table, mebibytes, milliseconds};
use launch::{Launcher, Program};
pub use parts::WRITER;

/// Size of the binary (design, section 8).
const SIZE: u64 = 10 * 1024 * 1024;

/// Peak resident memory of `features`, KiB (design, section 8).
const FEATURES_MEMORY: u64 = 8 * 1024;

/// What `features` may take beside twice the floor (design, section 8).
const FEATURES_MORE: Duration = Duration::from_millis(2);

/// Runs a part of the measurements, or all.
pub fn run(words: &[&str]) -> ExitCode {
    let mut budgets = Budgets::default();
    match words {
        [] => {
            machine();
            start(&mut budgets);
            commands::measure(&mut budgets);
            daemon::measure(&mut budgets);
            parts::measure();
        }
        ["start"] => start(&mut budgets),
        ["commands"] => commands::measure(&mut budgets),
        ["daemon"] => daemon::measure(&mut budgets),
        ["parts"] => parts::measure(),
        ["shop", words @ ..] => {
            let Some(wanted) = shop::Wanted::read(words) else {
                return misused();
            };
            return shop::run(&wanted);
        }
        ["instructions"] => return instructions::run(false),
        ["instructions", "--update"] => return instructions::run(true),
        [WRITER, root] => {
            parts::write_log(Path::new(root));
            return ExitCode::SUCCESS;
        }
        _ => return misused(),
    }
    println!("## Budgets\n");
    if budgets.print() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn misused() -> ExitCode {
    eprintln!(
        "sandbox speed [start | commands | daemon | parts | instructions [--update] | \
         shop [--items N] [--open N] [--no-index] [--check | --update]]"
    );
    ExitCode::from(2)
}

fn machine() {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    println!(
        "{cores} cores; load before the first measurement: {}\n",
        load.join(" ")
    );
}

/// Size of the binary and cold starts.
fn start(budgets: &mut Budgets) {
    let binary = binaries::shipped_pmssl();
    let size = std::fs::metadata(&binary).expect("the binary").len();
    println!("## Start\n\nWhole processes from before the fork to after the wait, in turns.\n");
    let directory = tempfile::tempdir().expect("a scratch directory");
    let launcher = Launcher::build(directory.path());
    let features = Program {
        name: "pmssl, features of TheSSLStore".to_owned(),
        line: [
            &binary.display().to_string(),
            "pmthesslstore",
            "--command",
            "features",
        ]
        .map(str::to_owned)
        .into(),
        runs: 10,
    };
    let mut programs = vec![launcher.nothing(), features];
    let (interpreters, missing) = launch::interpreters();
    programs.extend(interpreters);
    let starts = launcher.compare(&programs);
    let mut table = Table::new(&["program", "median ms", "least ms", "peak MiB"]);
    for (program, starts) in programs.iter().zip(&starts) {
        table.add([
            program.name.clone(),
            milliseconds(starts.times.median()),
            milliseconds(starts.times.least()),
            mebibytes(starts.memory * 1024),
        ]);
    }
    table.print();
    if !missing.is_empty() {
        println!("Not here, so not measured: {}.\n", missing.join(", "));
    }
    let (floor, features) = (starts[0].times.least(), &starts[1]);
    let allowed = floor * 2 + FEATURES_MORE;
    let own = features.times.least();
    budgets.add(
        "features, cold start, least of 100",
        &format!("2 x {} + 2 ms", milliseconds(floor)),
        &format!("{} ms", milliseconds(own)),
        own <= allowed,
    );
    budgets.add(
        "features, resident memory",
        "8 MiB",
        &format!("{} MiB", mebibytes(features.memory * 1024)),
        features.memory <= FEATURES_MEMORY,
    );
    budgets.add(
        "size of the shipped binary",
        "10 MB",
        &format!("{:.1} MB", size as f64 / 1e6),
        size <= SIZE,
    );
    let linked = Command::new("ldd").arg(&binary).output();
    let linked = linked.map(|output| String::from_utf8_lossy(&output.stdout).lines().count());
    println!(
        "The binary has {size} bytes; libraries it is linked with: {}.\n",
        linked.map_or_else(|_| "unknown".to_owned(), |lines| lines.to_string())
    );
}
