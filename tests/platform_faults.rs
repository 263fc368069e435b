//! The platform's side goes wrong under a command: its functions fail at every call in turn, its database is cut at
//! every statement, down, slow, read-only, locked by somebody else, or an old one. Afterwards the platform is well
//! again and repeats the command: one sale per intent, and the service comes to its end.
//!
//! Every run meets each call of a function with one of the faults, in turn, and cuts one of twenty statements;
//! `PMSSL_PROOF=all cargo test --test suite platform_faults::` meets all pairs (`.ci/proof`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::proof::{
    COMMANDS, Command, End, Extra, Shop, Staged, TRADES, Trade, everything, has_ended_well, tell,
};
use crate::sandbox::database::Age;
use crate::sandbox::{Outcome, PlatformFault, Strike};

/// Longer than the patience of the saves that wait for the platform (`SSLPlatformWait`).
const FOR_LONG: u32 = 1000;

/// Longer than the time that one call of mgrctl is given here: the caller has gone when the deed is done.
const TOO_SLOW: Duration = Duration::from_secs(4);
const LIMIT: &str = "2";

/// What a function of the platform can do to its caller, and how often in a row.
const STRIKES: [(Strike, u32); 12] = [
    (Strike::Failing, 1),
    (Strike::Failing, FOR_LONG),
    (Strike::Restarting, 1),
    (Strike::Restarting, FOR_LONG),
    (Strike::Away, 1),
    (Strike::Slow(Duration::from_millis(300)), 1),
    (Strike::Slow(TOO_SLOW), 1),
    (Strike::Garbage, 1),
    (Strike::LostReply, 1),
    (Strike::Unknown, 1),
    (Strike::KillBefore, 1),
    (Strike::KillAfter, 1),
];

/// One of so many faults is met at each call in every run.
const SHARE: usize = 12;

/// One of so many statements is cut in every run.
const SHARE_OF_STATEMENTS: usize = 20;

/// What a vendor's proof has done and found.
#[derive(Default)]
struct Tally {
    done: BTreeMap<&'static str, usize>,
    people: usize,
    failures: Vec<String>,
}

impl Tally {
    fn note(&mut self, kind: &'static str, what: String, result: Result<End, String>) {
        *self.done.entry(kind).or_default() += 1;
        match result {
            Ok(end) => self.people += usize::from(end != End::ByItself && end != End::Refused),
            Err(why) => self.failures.push(format!("{what}: {why}")),
        }
    }
}

/// Ended by itself with its document, or killed on purpose.
fn ended(outcome: &Outcome, killed: bool) -> Result<(), String> {
    if killed && outcome.signal == Some(9) {
        return Ok(());
    }
    has_ended_well(outcome)
}

/// A command with a trouble that is over after its first run.
fn troubled(
    shop: &mut Shop,
    command: Command,
    begin: impl Fn(&Shop),
    end: impl Fn(&Shop),
) -> (Staged, Outcome) {
    let staged = shop.stage(command);
    begin(shop);
    let outcome = shop.run(&staged);
    end(shop);
    (staged, outcome)
}

fn strike_functions(shop: &mut Shop, command: Command, tally: &mut Tally) {
    let staged = shop.stage(command);
    shop.world.panel().forget_calls();
    shop.run(&staged);
    let functions = shop.world.mgrctl_calls();
    let fair = shop.recover(&staged, Extra::Nothing);
    assert!(fair.is_ok(), "{command:?} in a fair world: {fair:?}");
    for (number, call) in functions.iter().enumerate() {
        for (at, (strike, times)) in STRIKES.iter().enumerate() {
            let turn = number + at + command as usize;
            if !everything() && !turn.is_multiple_of(SHARE) {
                continue;
            }
            let fault = PlatformFault {
                function: None,
                strike: *strike,
                skip: u32::try_from(number).unwrap(),
                times: *times,
            };
            let too_slow = *strike == Strike::Slow(TOO_SLOW);
            let (staged, outcome) = troubled(
                shop,
                command,
                |shop| {
                    shop.world.panel().add_fault(fault.clone());
                    if too_slow {
                        shop.world.set_option("SSLPlatformLimit", LIMIT);
                    }
                },
                |shop| {
                    shop.world.panel().clear_faults();
                    shop.world.set_option("SSLPlatformLimit", "60");
                },
            );
            // The time really was over. A refusal tells its own reason instead.
            let served = command.is_served_by(shop.trade);
            if too_slow && served && !shop.world.log(shop.trade.module).contains("within 2 s") {
                tally
                    .failures
                    .push(format!("{command:?} {number}: waited on"));
            }
            let killed = matches!(strike, Strike::KillBefore | Strike::KillAfter);
            if too_slow {
                // The deed is still to come. It comes before the platform's next try, which is a quarter of an
                // hour away: in the middle of it, or later, would be another case with each machine.
                wait_for_deeds(shop);
            }
            let result =
                ended(&outcome, killed).and_then(|()| shop.recover(&staged, Extra::Nothing));
            let what = format!(
                "{} {command:?} {number} {} {strike:?} x{times}",
                shop.trade.module, call.function
            );
            tally.note("functions", what, result);
        }
    }
}

/// Waits until the platform has carried out what its callers have given up.
fn wait_for_deeds(shop: &Shop) {
    let start = Instant::now();
    while !shop.world.panel().is_idle() {
        assert!(start.elapsed() < Duration::from_secs(300), "a deed");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn without_mgrctl(shop: &mut Shop, command: Command, tally: &mut Tally) {
    let (staged, outcome) = troubled(
        shop,
        command,
        |shop| shop.world.set_mgrctl_missing(true),
        |shop| shop.world.set_mgrctl_missing(false),
    );
    let result = ended(&outcome, false).and_then(|()| match outcome.exit {
        Some(0) => Err("done without mgrctl".to_owned()),
        _ => shop.recover(&staged, Extra::Nothing),
    });
    let what = format!("{} {command:?} without mgrctl", shop.trade.module);
    tally.note("without mgrctl", what, result);
}

/// The connection is cut at each statement: once, or with the server staying away.
fn cut_statements(shop: &mut Shop, command: Command, tally: &mut Tally) {
    let staged = shop.stage(command);
    let before = shop.world.database().admitted();
    shop.run(&staged);
    let statements = shop.world.database().admitted() - before;
    let fair = shop.recover(&staged, Extra::Nothing);
    assert!(fair.is_ok(), "{command:?} in a fair world: {fair:?}");
    for after in 0..statements {
        let turn = after as usize + command as usize;
        if !everything() && !turn.is_multiple_of(SHARE_OF_STATEMENTS) {
            continue;
        }
        let times = if after % 2 == 0 { 1 } else { FOR_LONG };
        let (staged, outcome) = troubled(
            shop,
            command,
            |shop| shop.world.database().cut_after(after, times),
            |shop| shop.world.database().clear_faults(),
        );
        let result = ended(&outcome, false).and_then(|()| shop.recover(&staged, Extra::Nothing));
        let what = format!(
            "{} {command:?} cut at {after} of {statements} x{times}",
            shop.trade.module
        );
        tally.note("cut connections", what, result);
    }
}

/// Begins a trouble of the database.
type Trouble = fn(&Shop);

fn trouble_database(shop: &mut Shop, command: Command, tally: &mut Tally) {
    let module = shop.trade.module;
    let (staged, outcome) = troubled(
        shop,
        command,
        |shop| shop.world.database().set_down(true),
        |shop| shop.world.database().clear_faults(),
    );
    let result = ended(&outcome, false).and_then(|()| match outcome.exit {
        Some(0) => Err("done without a database".to_owned()),
        _ => shop.recover(&staged, Extra::Nothing),
    });
    tally.note(
        "database down",
        format!("{module} {command:?} down"),
        result,
    );

    // A slow server keeps no command from its end; nor does one that says that it is a replica, unless
    // something would have to be ordered.
    let orders = !matches!(command, Command::Sync | Command::Close);
    let kinds: [(&str, Trouble); 2] = [
        ("database read-only", |shop| {
            shop.world.database().set_read_only(true);
        }),
        ("database slow", |shop| {
            let pause = Duration::from_millis(15);
            shop.world.database().set_slow(pause);
        }),
    ];
    for (kind, begin) in kinds {
        let (staged, outcome) = troubled(shop, command, begin, |shop| {
            shop.world.database().clear_faults();
        });
        let refused = !command.is_served_by(shop.trade)
            || (orders && outcome.stdout.contains("pmssl_locks_do_not_hold"));
        let result = ended(&outcome, false).and_then(|()| match outcome.exit {
            Some(1) if !refused => Err(format!("failed: {}", outcome.stdout)),
            _ => shop.recover(&staged, Extra::Nothing),
        });
        tally.note(kind, format!("{module} {command:?} {kind}"), result);
    }
}

/// Servers of other ages, as far as the stand-in can play them.
fn old_servers(shop: &mut Shop, command: Command, tally: &mut Tally) {
    for age in Age::ALL {
        shop.world.database().set_age(age);
        let staged = shop.stage(command);
        let outcome = shop.run(&staged);
        let refused = !command.is_served_by(shop.trade);
        let result = ended(&outcome, false).and_then(|()| match outcome.exit {
            Some(1) if !refused => Err(format!("failed: {}", outcome.stdout)),
            _ => shop.recover(&staged, Extra::Nothing),
        });
        let what = format!("{} {command:?} with {}", shop.trade.module, age.version());
        tally.note("servers of other ages", what, result);
    }
    shop.world.database().set_age(Age::default());
}

fn prove(trade: &'static Trade, command: Command) -> Tally {
    let mut shop = Shop::new(trade);
    let mut tally = Tally::default();
    strike_functions(&mut shop, command, &mut tally);
    without_mgrctl(&mut shop, command, &mut tally);
    cut_statements(&mut shop, command, &mut tally);
    trouble_database(&mut shop, command, &mut tally);
    old_servers(&mut shop, command, &mut tally);
    tally.failures.extend(shop.settle().err());
    tally
}

fn prove_all(modules: &[&str]) {
    let start = Instant::now();
    let mut failures = Vec::new();
    for trade in TRADES.iter().filter(|one| modules.contains(&one.module)) {
        let tallies: Vec<Tally> = std::thread::scope(|scope| {
            let threads: Vec<_> = COMMANDS
                .map(|command| scope.spawn(move || prove(trade, command)))
                .into_iter()
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let mut done = BTreeMap::new();
        let mut people = 0;
        for mut tally in tallies {
            for (kind, count) in tally.done {
                *done.entry(kind).or_insert(0) += count;
            }
            people += tally.people;
            failures.append(&mut tally.failures);
        }
        tell(format_args!(
            "platform: {}: {done:?}, {people} times a person had to act, {:.0?}",
            trade.module,
            start.elapsed()
        ));
    }
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}

#[test]
fn the_platforms_trouble_costs_nothing_at_thesslstore_and_globalsign() {
    prove_all(&["pmthesslstore", "pmglobalsign"]);
}

#[test]
fn the_platforms_trouble_costs_nothing_at_enom_ispmanager_and_leadertelecom() {
    prove_all(&["pmenomssl", "pmispmgrssl", "pmleadertelecom"]);
}

/// Somebody holds the service's lock for longer than a command waits.
#[test]
fn a_lock_that_is_never_free_makes_the_command_step_aside() {
    std::thread::scope(|scope| {
        for trade in &TRADES {
            scope.spawn(move || {
                let mut shop = Shop::new(trade);
                let staged = shop.stage(Command::Open);
                shop.world.database().hold_lock("pmssl");
                let outcome = shop.run(&staged);
                shop.world.database().clear_faults();
                assert!(
                    outcome.stdout.contains("type=\"pmssl_busy\""),
                    "{}: {outcome:?}",
                    trade.module
                );
                assert!(shop.vendor().requests().is_empty(), "{}", trade.module);
                let end = shop.recover(&staged, Extra::Nothing);
                assert_eq!(end, Ok(End::ByItself), "{}", trade.module);
                assert_eq!(shop.settle(), Ok(()), "{}", trade.module);
            });
        }
    });
}

/// A save comes true when the renewal that it was about is delivered: the next one is bought all the same, or a
/// person is asked; it is never closed for nothing.
#[test]
fn a_late_save_of_an_old_renewal_costs_no_renewal() {
    std::thread::scope(|scope| {
        for trade in TRADES.iter().filter(|trade| trade.renews) {
            scope.spawn(move || {
                let mut shop = Shop::new(trade);
                for state in ["sent", "unknown", "placed"] {
                    let first = shop.stage(Command::Prolong);
                    shop.run(&first);
                    let end = shop.recover(&first, Extra::Nothing);
                    assert_eq!(end, Ok(End::ByItself), "{}", trade.module);
                    let intent = shop.world.item(first.item);
                    let intent = intent.parameter("pmssl_intent").to_owned();
                    let late = intent.replace("|issued|", &format!("|{state}|"));
                    assert_ne!(late, intent);
                    let panel = shop.world.panel();
                    panel.set_parameter(first.item, "pmssl_intent", Some(&late));
                    let next = shop.stage(Command::Prolong);
                    shop.run(&next);
                    let end = shop.recover(&next, Extra::Nothing);
                    assert_eq!(end, Ok(End::ByItself), "{} {state}", trade.module);
                }
                assert_eq!(shop.settle(), Ok(()), "{}", trade.module);
            });
        }
    });
}
