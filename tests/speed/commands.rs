//! The platform's commands one by one: own time, calls, bytes, memory.

use std::fs::File;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::figures::{Budgets, Table, Times, mebibytes, milliseconds};
use super::front::{Front, Identity, Traffic};
use super::launch::cost;
use crate::sandbox::platform::escape;
use crate::sandbox::sample::plain_product;
use crate::sandbox::watch::{Effect, Mark};
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, World, binaries};

/// A command's own time, without vendor and mgrctl, of what reads and of what orders (design, section 8).
const OWN_TIME: [Duration; 2] = [Duration::from_millis(15), Duration::from_millis(25)];

/// Commands that order.
const ORDERING: [&str; 3] = ["open", "prolong", "reopen"];

/// mgrctl runs of a successful `open` of the platform vendor's own modules (billmanager.md 3.3): six numbers, two
/// statuses, one ending at TheSSLStore; one number, two statuses, one ending at GlobalSign, whose e-mail orders
/// have nothing more to save. The others have no published module.
const OWN_MODULES: [(&str, usize); 2] = [("pmthesslstore", 9), ("pmglobalsign", 4)];

/// So many more are allowed (design, section 8).
const MORE_RUNS: usize = 4;

const MODULE: &str = "pmthesslstore";

/// Every command is run so often.
const REPEATS: usize = 15;

/// Size of the platform's key: real ones are not documented; this is what is usual.
const KEY_BITS: usize = 2048;

const DAY: i64 = 86_400;

/// One run.
struct Run {
    wall: Duration,
    own: Duration,
    /// Processor time of the process itself.
    processor: Duration,
    statements: usize,
    functions: usize,
    calls: usize,
    traffic: Traffic,
    memory: u64,
}

/// All runs of one command.
struct Line {
    name: &'static str,
    runs: Vec<Run>,
}

impl Line {
    fn times(&self, pick: impl Fn(&Run) -> Duration) -> Times {
        Times::of(self.runs.iter().map(pick))
    }

    fn row(&self) -> Vec<String> {
        let last = self.runs.last();
        let number =
            |pick: fn(&Run) -> u64| last.map(|run| pick(run).to_string()).unwrap_or_default();
        let own = self.times(|run| run.own);
        let memory = self.runs.iter().map(|run| run.memory).max().unwrap_or(0);
        vec![
            self.name.to_owned(),
            milliseconds(self.times(|run| run.wall).median()),
            milliseconds(own.median()),
            milliseconds(own.least()),
            milliseconds(self.times(|run| run.processor).least()),
            number(|run| run.statements as u64),
            number(|run| run.functions as u64),
            number(|run| run.calls as u64),
            number(|run| run.traffic.handshakes),
            number(|run| run.traffic.sent),
            number(|run| run.traffic.received),
            mebibytes(memory * 1024),
        ]
    }
}

/// A world with one account of a vendor behind TLS.
struct Bench {
    world: World,
    front: Front,
    account: u64,
    module: &'static str,
}

impl Bench {
    fn new(directory: &Path, module: &'static str, levels: &str) -> Self {
        let setup = Setup {
            key_bits: KEY_BITS,
            pmssl: binaries::shipped_pmssl(),
            ..Setup::default()
        };
        let world = World::start_with(directory, &setup);
        std::fs::write(world.root().join("etc/debug.conf"), levels).expect("etc/debug.conf");
        let identity = Identity::new();
        let roots = world.root().join("etc/roots.pem");
        identity.write_root(&roots);
        world.set_option("SSLCaFile", &roots.display().to_string());
        let server = world.vendor(module);
        server.vendor().set_balance(1_000_000_000);
        let front = Front::start(&identity, server.address());
        let settings = server.vendor().settings(&front.url());
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value, _)| (*name, value.as_str()))
            .collect();
        let account = world.add_account(module, &settings);
        Self {
            world,
            front,
            account,
            module,
        }
    }

    fn item(&self, name: &str) -> u64 {
        let product = plain_product(self.module);
        self.world
            .add_item(&ItemSpec::new(self.account, product).name(name))
    }

    /// One measured run. Panics when the command fails.
    fn run(&self, words: &[&str], input: &str) -> Run {
        let place = |name: &str| self.world.root().join("tmp").join(name);
        let (stdin, stdout) = (place("in"), place("out"));
        std::fs::write(&stdin, input).expect("the input");
        self.front.take();
        self.world.watch().measure();
        let cost = cost(
            self.world
                .module_command(self.module)
                .arg("--command")
                .args(words)
                .stdin(File::open(&stdin).expect("the input"))
                .stdout(File::create(&stdout).expect("a file for the answer"))
                .stderr(Stdio::null()),
        );
        let marks = self.world.watch().measured();
        let answer = std::fs::read_to_string(&stdout).unwrap_or_default();
        assert!(cost.success, "{words:?}: {answer}");
        let count = |effect| {
            let begun = |mark: &&Mark| mark.begins && mark.effect == effect;
            marks.iter().filter(begun).count()
        };
        let others = busy(&marks, cost.end, |effect| effect != Effect::Statement);
        Run {
            wall: cost.wall,
            own: cost.wall.saturating_sub(others),
            processor: cost.processor,
            statements: count(Effect::Statement),
            functions: count(Effect::Function),
            calls: count(Effect::Call),
            traffic: self.front.take(),
            memory: cost.memory,
        }
    }

    /// A command about a service, queued where the platform queues it.
    fn about(&self, command: &str, item: u64) -> Run {
        if command == "sync_item" {
            return self.run(&[command, "--item", &item.to_string()], "");
        }
        self.queued(command, item, self.world.queue(item, command))
    }

    fn queued(&self, command: &str, item: u64, operation: u64) -> Run {
        let (item, operation) = (item.to_string(), operation.to_string());
        let words = [command, "--item", &item, "--runningoperation", &operation];
        self.run(&words, "")
    }

    /// The account form as the platform sends it for the connection check.
    fn form(&self) -> String {
        let settings = self.world.settings_of(self.account);
        let fields = settings
            .iter()
            .map(|(name, value)| format!("<{name}>{}</{name}>", escape(value)));
        let fields: String = fields.collect();
        format!("<doc><processingmodule>{fields}</processingmodule></doc>")
    }
}

/// How long at least one such effect was under way. What has no end yet lasts until the process ended.
fn busy(marks: &[Mark], end: Instant, wanted: impl Fn(Effect) -> bool) -> Duration {
    let mut marks: Vec<&Mark> = marks.iter().filter(|mark| wanted(mark.effect)).collect();
    marks.sort_by_key(|mark| mark.at);
    let (mut depth, mut since, mut total) = (0_i32, None::<Instant>, Duration::ZERO);
    for mark in marks {
        depth += if mark.begins { 1 } else { -1 };
        match (depth, since) {
            (1.., None) => since = Some(mark.at),
            (..=0, Some(start)) => {
                total += mark.at.min(end).saturating_duration_since(start);
                since = None;
            }
            _ => {}
        }
    }
    total + since.map_or(Duration::ZERO, |start| end.saturating_duration_since(start))
}

const HEAD: [&str; 12] = [
    "command",
    "wall ms",
    "own ms",
    "least own ms",
    "processor ms",
    "queries",
    "mgrctl",
    "HTTP",
    "TLS",
    "bytes out",
    "bytes in",
    "peak MiB",
];

/// The life of services at TheSSLStore, then `open` and `sync_item` at every vendor.
pub fn measure(budgets: &mut Budgets) {
    println!(
        "## Commands\n\nTheSSLStore over TLS, {KEY_BITS} bit platform key, log level 6, {REPEATS} runs each. Own time is \
         the wall time\nwithout the time in which the vendor worked on a request or mgrctl ran. Load of other programs \
         only ever adds to it:\nthe least is what counts. Processor time is the least of the process itself.\n"
    );
    let lines = life(MODULE);
    let mut table = Table::new(&HEAD);
    for line in &lines {
        table.add(line.row());
    }
    table.print();
    for line in &lines {
        let own = line.times(|run| run.own).least();
        let measured = format!("{} ms", milliseconds(own));
        let what = format!("own time of {}", line.name);
        let allowed = OWN_TIME[usize::from(ORDERING.contains(&line.name))];
        let shown = format!("{} ms", allowed.as_millis());
        budgets.add(&what, &shown, &measured, own <= allowed);
    }
    println!("`open` and the `sync_item` that saves the certificate, at every vendor:\n");
    let mut table = Table::new(&HEAD);
    for module in pmssl::module::MODULES.map(|module| module.name) {
        for line in orders(module, "", REPEATS / 3) {
            let mut row = line.row();
            row[0] = format!("{module} {}", line.name);
            table.add(row);
            note_runs(budgets, module, &line);
        }
    }
    table.print();
    println!("The same at TheSSLStore with everything logged (level 9):\n");
    let mut table = Table::new(&HEAD);
    for line in orders(MODULE, "* 9\n", REPEATS) {
        table.add(line.row());
    }
    table.print();
}

fn note_runs(budgets: &mut Budgets, module: &str, line: &Line) {
    let known = OWN_MODULES.iter().find(|(name, _)| *name == module);
    let (Some((_, theirs)), "open", Some(run)) = (known, line.name, line.runs.last()) else {
        return;
    };
    let allowed = theirs + MORE_RUNS;
    budgets.add(
        &format!("mgrctl runs of a successful open, {module}"),
        &format!("{theirs} + {MORE_RUNS}"),
        &run.functions.to_string(),
        run.functions <= allowed,
    );
}

/// `open` and delivery at one vendor.
fn orders(module: &'static str, levels: &str, repeats: usize) -> Vec<Line> {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let bench = Bench::new(directory.path(), module, levels);
    let mut lines = ["open", "sync_item, delivers"].map(|name| Line {
        name,
        runs: Vec::new(),
    });
    for number in 0..repeats {
        let item = bench.item(&format!("www{number}.example.com"));
        lines[0].runs.push(bench.about("open", item));
        bench.world.approve(item);
        lines[1].runs.push(bench.about("sync_item", item));
        assert!(bench.world.is_issued(item), "{module}: not issued");
    }
    lines.into()
}

/// Every command of the platform that does something.
fn life(module: &'static str) -> Vec<Line> {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let bench = Bench::new(directory.path(), module, "");
    let world = &bench.world;
    let account = bench.account.to_string();
    let mut lines: Vec<Line> = Vec::new();
    let mut note = |name: &'static str, run: Run| match lines.iter_mut().find(|l| l.name == name) {
        Some(line) => line.runs.push(run),
        None => lines.push(Line {
            name,
            runs: vec![run],
        }),
    };
    let form = bench.form();
    let mut items = Vec::new();
    for number in 0..REPEATS {
        let item = bench.item(&format!("www{number}.example.com"));
        let view = world.item(item);
        note("features", bench.run(&["features"], ""));
        note("check_connection", bench.run(&["check_connection"], &form));
        let approver = [
            "approver",
            "--module",
            &account,
            "--domain",
            "www.example.com",
            "--intname",
            &view.template,
        ];
        note("approver", bench.run(&approver, &view.csr));
        note("open", bench.about("open", item));
        note("sync_item, pending", bench.about("sync_item", item));
        world.approve(item);
        note("sync_item, delivers", bench.about("sync_item", item));
        note("sync_item, settled", bench.about("sync_item", item));
        for command in ["suspend", "resume", "setparam"] {
            note(command, bench.about(command, item));
        }
        note(
            "getbalance",
            bench.run(&["getbalance", "--module", &account], ""),
        );
        let operation = world.reissue(item, None, &[]);
        note("reopen", bench.queued("reopen", item, operation));
        world.approve(item);
        assert!(world.sync(item).is_ok(), "the reissued certificate");
        items.push(item);
    }
    world.advance(170 * DAY);
    for item in items {
        note("prolong", bench.about("prolong", item));
        note("close", bench.about("close", item));
    }
    let reconciled = world.reconcile();
    assert!(reconciled.is_sound(), "{reconciled:?}");
    lines
}
