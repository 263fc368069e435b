//! The real process is killed with SIGKILL at every effect boundary in turn and run again as the platform would
//! do it, for every vendor and every command. The vendor's books must show one sale per intent, and every
//! service must come to its end, or to a task that says why not.
//!
//! The boundaries are found by a recording run: new code is covered by itself. Every run kills at a share of them,
//! by what is lost there:
//!
//! - around the calls that sell: all, at every vendor;
//! - other vendor calls and locks: all at one vendor of each kind of purchase (found again by our reference, made of
//!   several steps, under a number given before), a share at the other two;
//! - the platform's functions, which are called by what all vendors share: a share, the larger at TheSSLStore;
//! - plain reads, between which the world does not change: a small share.
//!
//! `PMSSL_PROOF=all cargo test --test suite crash::` kills at all of them (`.ci/proof`).

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::proof::{COMMANDS, Command, End, Extra, Shop, Staged, Trade, everything, tell, trade};

/// One vendor for each kind of purchase: found again by our reference, several steps, a number given before.
const KINDS: [&str; 3] = ["pmthesslstore", "pmenomssl", "pmglobalsign"];

/// One of so many boundaries is tried in every run: of vendor calls that sell nothing and of locks, at a vendor whose
/// kind another one stands for; of the platform's functions, at the first vendor and at the others; of plain reads.
const SHARE_OF_CALLS: usize = 3;
const SHARES_OF_FUNCTIONS: (usize, usize) = (2, 6);
const SHARE_OF_READS: usize = 25;

/// Runs a command once, killed at the given boundary. Answers the boundaries that were passed.
pub fn run_once(shop: &Shop, staged: &Staged, kill_at: Option<usize>) -> Vec<String> {
    let (places, is_killed) = run_up_to(shop, staged, kill_at);
    let comes = is_killed || kill_at.is_none();
    assert!(
        comes,
        "{:?} of item {} does not come to its boundary {kill_at:?} of {places:?}",
        staged.command, staged.item
    );
    places
}

/// Runs a command once, killed at the given boundary if it comes so far: the boundaries that were passed, and whether
/// it was killed.
pub fn run_up_to(shop: &Shop, staged: &Staged, kill_at: Option<usize>) -> (Vec<String>, bool) {
    let item = staged.item.to_string();
    let mut arguments = vec!["--command", staged.command.word(), "--item", &item];
    let operation = staged.operation.map(|id| id.to_string());
    if let (Some(id), Some(text)) = (staged.operation, &operation) {
        shop.world.count_try(id);
        arguments.extend(["--runningoperation", text]);
    }
    let watch = shop.world.watch();
    watch.begin(kill_at);
    let mut child = shop
        .world
        .module_command(shop.trade.module)
        .args(&arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let is_killed = loop {
        if watch.struck() {
            child.kill().unwrap();
            child.wait().unwrap();
            watch.confirm();
            watch.quiet();
            break true;
        }
        if child.try_wait().unwrap().is_some() {
            break false;
        }
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "{arguments:?} does not end"
        );
        std::thread::sleep(Duration::from_millis(1));
    };
    (watch.end(), is_killed)
}

/// What the kills of one command came to.
#[derive(Debug, Default)]
pub struct Report {
    /// Boundaries that the command passes.
    pub places: usize,
    pub killed: usize,
    pub restarted: usize,
    pub decided: usize,
    /// Which kill, and what was wrong afterwards.
    pub failures: Vec<String>,
}

/// Whether a boundary is tried in every run.
fn is_tried(module: &str, number: usize, place: &str, selling: &BTreeSet<String>) -> bool {
    let effect = place.split_once(' ').map_or("", |(_, effect)| effect);
    let is_read = effect.starts_with("SELECT ") || effect.starts_with("SET ");
    let is_function = effect.starts_with("service.") || effect.starts_with("runningoperation.");
    let share = match () {
        () if everything() => 1,
        () if selling.contains(effect) => 1,
        () if is_read && !effect.contains("_LOCK(") => SHARE_OF_READS,
        () if is_function && module == KINDS[0] => SHARES_OF_FUNCTIONS.0,
        () if is_function => SHARES_OF_FUNCTIONS.1,
        () if KINDS.contains(&module) => 1,
        () => SHARE_OF_CALLS,
    };
    number % share == module.len() % share
}

/// Kills a command at its boundaries, each time with a service of its own.
pub fn kill_everywhere(shop: &mut Shop, command: Command) -> Report {
    let module = shop.trade.module;
    kill_at(shop, command, |number, place, selling| {
        is_tried(module, number, place, selling)
    })
}

/// Kills a command at the boundaries of a choice.
pub fn kill_at_some(shop: &mut Shop, command: Command, chosen: fn(&str) -> bool) -> Report {
    kill_at(shop, command, |_, place, _| chosen(place))
}

/// The choice is made by a boundary's number, its name, and the calls that sell.
fn kill_at(
    shop: &mut Shop,
    command: Command,
    chosen: impl Fn(usize, &str, &BTreeSet<String>) -> bool,
) -> Report {
    let staged = shop.stage(command);
    shop.vendor().note_selling();
    let places = run_once(shop, &staged, None);
    let selling = shop.vendor().selling();
    let undisturbed = shop.recover(&staged, Extra::Nothing);
    let expected = match command.is_served_by(shop.trade) {
        true => End::ByItself,
        false => End::Refused,
    };
    assert_eq!(undisturbed, Ok(expected), "{command:?} in a fair world");
    assert!(places.len() > 10, "{command:?} passes {places:?} only");
    let mut report = Report {
        places: places.len(),
        ..Report::default()
    };
    for (number, place) in places.iter().enumerate() {
        if !chosen(number, place, &selling) {
            continue;
        }
        let staged = shop.stage(command);
        run_once(shop, &staged, Some(number));
        report.killed += 1;
        match shop.recover(&staged, Extra::Nothing) {
            Ok(End::AfterRestart) => report.restarted += 1,
            Ok(End::AfterDecision) => report.decided += 1,
            Ok(End::ByItself | End::Refused) => {}
            Err(why) => report
                .failures
                .push(format!("{command:?} killed at {number}, {place}: {why}")),
        }
    }
    report.failures.extend(shop.settle().err());
    report
}

/// All commands of a vendor, worlds beside each other.
fn kill_all(trade: &'static Trade) {
    let start = Instant::now();
    let reports: Vec<(Command, Report)> = std::thread::scope(|scope| {
        let threads: Vec<_> = COMMANDS
            .map(|command| {
                scope.spawn(move || (command, kill_everywhere(&mut Shop::new(trade), command)))
            })
            .into_iter()
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut failures = Vec::new();
    for (command, mut report) in reports {
        tell(format_args!(
            "crash: {} {}: killed at {} of {} boundaries; a person had to restart {} and to decide {} times",
            trade.module,
            command.word(),
            report.killed,
            report.places,
            report.restarted,
            report.decided
        ));
        failures.append(&mut report.failures);
    }
    tell(format_args!(
        "crash: {} in {:.0?}",
        trade.module,
        start.elapsed()
    ));
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}

#[test]
fn thesslstore_is_killed_at_every_boundary() {
    kill_all(trade("pmthesslstore"));
}

#[test]
fn globalsign_is_killed_at_every_boundary() {
    kill_all(trade("pmglobalsign"));
}

#[test]
fn enom_is_killed_at_every_boundary() {
    kill_all(trade("pmenomssl"));
}

#[test]
fn ispmanager_is_killed_at_every_boundary() {
    kill_all(trade("pmispmgrssl"));
}

#[test]
fn leadertelecom_is_killed_at_every_boundary() {
    kill_all(trade("pmleadertelecom"));
}
