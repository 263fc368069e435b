//! The run of all targets over what is kept, what is monstrous, and what is damaged with a fixed seed.
//! `PMSSL_HOSTILE_INPUTS=20000 cargo test --lib hostile -- --nocapture` runs longer.
// The figures are part of the result.
#![allow(clippy::print_stderr)]

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;

use super::TARGETS;
use super::mutation::{Chance, monsters};
use super::vendors::ACCEPTED;

/// Damaged inputs for each target in an ordinary run.
const INPUTS: usize = 200;

/// Address space of the run in KiB, and its processor time in seconds for an ordinary run.
const MEMORY: u64 = 2 * 1024 * 1024;
const TIME: usize = 200;

/// The test that is run by another one, with limits.
const INNER: &str = "hostile::run::inside_of_limits";

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn inputs() -> usize {
    let wished = std::env::var("PMSSL_HOSTILE_INPUTS").ok();
    wished.map_or(INPUTS, |text| text.parse().expect("a number of inputs"))
}

/// What is kept for a target, and the fixtures of the adapters and of certificates.
pub(super) fn kept(name: &str) -> Vec<Vec<u8>> {
    let further = match name {
        "csr" | "chain" | "pkcs7" | "zip" => "src/certificate/fixtures".to_owned(),
        vendor => format!("src/ca/{vendor}/fixtures/replies"),
    };
    let mut all = Vec::new();
    for directory in [format!("fuzz/corpus/{name}"), further] {
        let entries = std::fs::read_dir(here().join(directory))
            .into_iter()
            .flatten();
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        all.extend(files.iter().filter_map(|file| std::fs::read(file).ok()));
    }
    all
}

/// An input that breaks a target is put where the fuzzer puts its own.
fn keep_broken(name: &str, input: &[u8]) -> String {
    let directory = here().join("fuzz/artifacts").join(name);
    let file = directory.join(format!("broken-{}", input.len()));
    let written = std::fs::create_dir_all(&directory).and_then(|()| std::fs::write(&file, input));
    written.map_or_else(|error| error.to_string(), |()| file.display().to_string())
}

/// No input costs more memory or time than this, not even by crashing: the run is a process of its own.
#[test]
fn no_parser_chokes_on_hostile_input() {
    let time = TIME * inputs().div_ceil(INPUTS);
    let program = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -v {MEMORY}; ulimit -t {time}; exec \"$@\""),
        ])
        .arg("sh")
        .arg(program)
        .args([
            INNER,
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{:?}\n{}\n{text}",
        output.status,
        String::from_utf8_lossy(&output.stdout)
    );
    let figures = text
        .lines()
        .filter(|line| line.starts_with("hostile input"));
    let figures: Vec<_> = figures.collect();
    assert_eq!(figures.len(), 1, "{text}");
    // Past the harness, which keeps what the macros print to itself: the log of every run tells it.
    let _ = writeln!(std::io::stderr(), "proof: {}", figures[0]);
}

#[test]
#[ignore = "started with limits by no_parser_chokes_on_hostile_input"]
fn inside_of_limits() {
    let (count, mut total) = (inputs(), 0);
    let monsters = monsters();
    for (number, (name, target)) in TARGETS.iter().enumerate() {
        let begun = std::time::Instant::now();
        let kept = kept(name);
        assert!(kept.len() >= 2, "nothing is kept for {name}");
        let mut chance = Chance::new(number as u64);
        let damaged = (0..count).map(|_| chance.damaged(&kept));
        let all = kept.iter().chain(&monsters).cloned().chain(damaged);
        for input in all {
            total += 1;
            // Where the process itself is ended, the last name tells the target.
            if catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
                panic!("{name} broke on {}", keep_broken(name, &input));
            }
        }
        let accepted = ACCEPTED.swap(0, Ordering::Relaxed);
        let seconds = begun.elapsed().as_secs_f32();
        eprintln!("{name}: {seconds:.1} s, {accepted} answers accepted");
    }
    eprintln!("hostile input: {total} inputs, {} targets", TARGETS.len());
}

/// Each entry point is a fuzz target, and the other way round.
#[test]
fn the_fuzz_targets_are_the_entry_points() {
    let manifest = std::fs::read_to_string(here().join("fuzz/Cargo.toml")).unwrap();
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for (name, _) in TARGETS {
        let file = here().join(format!("fuzz/fuzz_targets/{name}.rs"));
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let call = format!("pmssl::hostile::{name}(data)");
        assert!(
            text.contains(&call) && manifest.contains(&format!("name = \"{name}\"")),
            "{name}"
        );
    }
}

/// The run can fail: a target that panics on one byte is found.
#[test]
fn a_parser_that_breaks_is_found() {
    let kept = [b"harmless".to_vec()];
    let mut chance = Chance::new(1);
    let found = (0..1000).any(|_| chance.damaged(&kept).contains(&b'<'));
    assert!(found, "damage never made a tag");
}
