//! Instruction counts of whole commands under callgrind: the same on a busy machine as on an idle one.
//! What they were stands in a file; a growth must be entered there on purpose.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::figures::Table;
use super::kept::{Kept, percent};
use crate::sandbox::sample::plain_product;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, World, binaries};

/// Runs of which the median counts. Random numbers (hash seeds, blinding) move a run by a fraction of a percent.
const RUNS: usize = 3;

const MODULE: &str = "pmthesslstore";

const KEPT: Kept = Kept {
    file: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/speed/instructions.txt"),
    head: "\
# Instructions of whole commands of the shipped binary (profile dist) under callgrind: pmthesslstore, plain HTTP, 2048 bit
# platform key, log level 6. The loader's and the C library's part is in them, so they belong to the machine on
# which they were counted. A command that needs 5 % more fails the check. To enter new counts on purpose:
#     cargo run --example sandbox -- speed instructions --update
",
    tolerance: 5.0,
    slack: 0,
};

/// Counts, and compares with the file or replaces it.
pub fn run(update: bool) -> ExitCode {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("valgrind is not installed: instructions cannot be counted");
        return ExitCode::FAILURE;
    }
    let counts = count();
    if update {
        let medians = counts
            .iter()
            .map(|(name, runs)| (name.as_str(), median(runs)));
        KEPT.update(medians);
    }
    let kept = KEPT.read();
    let mut table = Table::new(&["command", "kept", "now", "change", "spread of runs", ""]);
    let mut failed = false;
    for (name, runs) in &counts {
        let now = median(runs);
        let (least, most) = (runs.iter().min(), runs.iter().max());
        let spread = percent(*least.unwrap_or(&now), *most.unwrap_or(&now));
        let verdict = KEPT.judge(&kept, name, now);
        failed |= verdict.fails;
        table.add([
            name.clone(),
            verdict.kept,
            now.to_string(),
            verdict.change,
            format!("{spread:.2} %"),
            verdict.words.to_owned(),
        ]);
    }
    table.print();
    if failed {
        eprintln!(
            "A command needs more instructions than tests/speed/instructions.txt says. If that is meant: \
             cargo run --example sandbox -- speed instructions --update"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn median(runs: &[u64]) -> u64 {
    let mut runs = runs.to_vec();
    runs.sort_unstable();
    runs.get(runs.len() / 2).copied().unwrap_or_default()
}

/// Every command, so often as it is run.
fn count() -> Vec<(String, Vec<u64>)> {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let setup = Setup {
        key_bits: 2048,
        pmssl: binaries::shipped_pmssl(),
        ..Setup::default()
    };
    let root = directory.path().join("root");
    let world = World::start_with(&root, &setup);
    std::fs::write(root.join("etc/debug.conf"), "").expect("etc/debug.conf");
    world.vendor(MODULE).vendor().set_balance(1_000_000_000);
    let account = world.add_account(MODULE, &[]);
    let counter = Counter {
        world: &world,
        program: wrapper(directory.path(), &world),
    };
    let mut counts: Vec<(String, Vec<u64>)> = Vec::new();
    let product = plain_product(MODULE);
    for _ in 0..RUNS {
        let item = world.add_item(&ItemSpec::new(account, product).name("www.example.com"));
        let operation = world.queue(item, "open");
        let steps: [(&str, &dyn Fn() -> bool); 4] = [
            ("features", &|| {
                world.run_module(MODULE, &["--command", "features"]).is_ok()
            }),
            ("check_connection", &|| world.check_account(account).is_ok()),
            ("open", &|| world.run(operation).is_ok()),
            ("sync_item", &|| world.sync(item).is_ok()),
        ];
        for (name, command) in steps {
            let instructions = counter.count(name, command);
            match counts.iter_mut().find(|(known, _)| known == name) {
                Some((_, runs)) => runs.push(instructions),
                None => counts.push((name.to_owned(), vec![instructions])),
            }
        }
    }
    counts
}

struct Counter<'a> {
    world: &'a World,
    program: PathBuf,
}

impl Counter<'_> {
    /// Runs a command through the wrapper and reads what callgrind counted.
    fn count(&self, name: &str, command: &dyn Fn() -> bool) -> u64 {
        let report = self.program.with_extension("log");
        let _ = std::fs::remove_file(&report);
        assert!(
            command(),
            "{name} fails under callgrind: {}",
            self.world.log(MODULE)
        );
        let text = std::fs::read_to_string(&report).expect("callgrind's report");
        let line = text
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        let count = line.and_then(|(_, count)| count.trim().parse().ok());
        count.unwrap_or_else(|| panic!("no count: {text}"))
    }
}

/// A program that runs the real one under callgrind, in the place of the module. Programs that the module
/// starts are not counted.
fn wrapper(directory: &Path, world: &World) -> PathBuf {
    let program = directory.join("counted");
    let text = format!(
        "#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file='{}' '{}' {MODULE} \"$@\"\n",
        program.with_extension("log").display(),
        binaries::shipped_pmssl().display()
    );
    std::fs::write(&program, text).expect("a wrapper");
    std::fs::set_permissions(
        &program,
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .expect("a program");
    let place = world.layout().module(MODULE);
    std::fs::remove_file(&place).expect("the module's link");
    std::os::unix::fs::symlink(&program, place).expect("the module's link");
    program
}
