//! What the client has to publish is the client's only way to the certificate: it is kept as well as the order's
//! number, whatever the platform does, and where it is lost a person hears of it at once.

use std::collections::BTreeMap;

use crate::proof::{Command, Extra, METHODS, PAUSE, Shop, Staged, TOLD_ONCE, Trade, everything};
use crate::sandbox::sample::plain_product;
use crate::sandbox::vendor::Approval;
use crate::sandbox::vendor::fault::Fault;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, PlatformFault, Strike, World};

const SAVE: &str = "service.saveparam";

/// Longer than the patience of the saves that wait for the platform.
const FOR_LONG: u32 = 1000;

const STRIKES: [(Strike, u32); 3] = [
    (Strike::Garbage, 1),
    (Strike::Failing, FOR_LONG),
    (Strike::KillBefore, 1),
];

/// The parameter that shows the value.
fn parameter(trade: &Trade) -> String {
    format!("{}_value", trade.method)
}

/// The value belongs to the service's present order, or a person was told that it is lost.
fn is_known_or_tasked(shop: &Shop, item: u64) -> Result<bool, String> {
    let view = shop.world.item(item);
    let value = view.parameter(&parameter(shop.trade));
    let order = shop.world.order_of(item);
    if value.contains(&order) {
        return Ok(true);
    }
    let tasks = shop.world.panel().free_tasks();
    let told = tasks.iter().any(|text| text.contains(&order));
    if !value.is_empty() || !told {
        return Err(format!("order {order} shows '{value}', tasks {tasks:?}"));
    }
    Ok(false)
}

/// How many positions were tried, and where something was lost.
fn prove(trade: &'static Trade, command: Command) -> (usize, Vec<String>) {
    let mut failures = Vec::new();
    let mut shop = Shop::new(trade);
    shop.world.set_option("SSLPlatformWait", "1");
    let staged = shop.stage(command);
    shop.world.panel().forget_calls();
    shop.run(&staged);
    let calls = shop.world.mgrctl_calls();
    let saves = calls.iter().filter(|call| call.function == SAVE).count();
    shop.recover(&staged, Extra::Nothing).unwrap();
    for position in 0..saves {
        for (strike, times) in &STRIKES {
            let staged = shop.stage(command);
            shop.world.panel().add_fault(PlatformFault {
                function: Some(SAVE.to_owned()),
                strike: *strike,
                skip: u32::try_from(position).unwrap(),
                times: *times,
            });
            shop.run(&staged);
            shop.world.panel().clear_faults();
            shop.repeat(&staged);
            if let Some(operation) = staged.operation.filter(|_| !shop.is_done(&staged)) {
                shop.world.retry(operation);
                shop.repeat(&staged);
            }
            let what = format!(
                "{} {command:?} {position} {strike:?} x{times}",
                trade.method
            );
            match is_known_or_tasked(&shop, staged.item) {
                Ok(true) => {}
                Ok(false) => failures.push(format!("{what}: lost, and a person was told")),
                Err(why) => failures.push(format!("{what}: {why}")),
            }
            if let Err(why) = shop.recover(&staged, Extra::Nothing) {
                failures.push(format!("{what}: {why}"));
            }
        }
    }
    (saves * STRIKES.len(), failures)
}

#[test]
fn no_failing_save_loses_what_the_client_has_to_publish() {
    let proved: Vec<(usize, Vec<String>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = TOLD_ONCE
            .iter()
            .flat_map(|trade| [Command::Open, Command::Prolong].map(|command| (trade, command)))
            .map(|(trade, command)| scope.spawn(move || prove(trade, command)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.collect()
    });
    let positions: usize = proved.iter().map(|(positions, _)| positions).sum();
    let failures: Vec<String> = proved
        .into_iter()
        .flat_map(|(_, failures)| failures)
        .collect();
    crate::proof::tell(format_args!(
        "{positions} fault positions of open and prolong: {} without what the client needs and without a task",
        failures.len()
    ));
    assert!(positions > 0);
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}

/// The order is found again, the value in its answer is not.
#[test]
fn an_order_whose_answer_was_lost_is_a_task_at_once_and_shows_no_former_value() {
    for trade in &TOLD_ONCE {
        for command in [Command::Open, Command::Prolong] {
            let mut shop = Shop::new(trade);
            let staged = shop.stage(command);
            shop.set_patience("1");
            for call in ["DVDNSOrder", "URLVerification"] {
                shop.vendor().set_fault(call, Fault::ResetBeforeAnswer, 1);
            }
            shop.run(&staged);
            shop.vendor().clear_faults();
            shop.set_patience("30");
            shop.repeat(&staged);
            if let Some(operation) = staged.operation.filter(|_| !shop.is_done(&staged)) {
                shop.world.retry(operation);
                shop.repeat(&staged);
            }
            let what = format!("{} {command:?}", trade.method);
            assert!(shop.is_done(&staged), "{what}");
            assert_eq!(is_known_or_tasked(&shop, staged.item), Ok(false), "{what}");
            let tasks = shop.world.panel().free_tasks();
            assert_eq!(tasks.len(), 1, "{what}: {tasks:?}");
            for word in [
                parameter(trade).as_str(),
                "GlobalSign",
                "cancel",
                "отмените",
            ] {
                assert!(tasks[0].contains(word), "{what}: {word}: {}", tasks[0]);
            }
            shop.world.advance(600);
            shop.world.sync(staged.item);
            let again = shop.world.panel().free_tasks().len();
            assert_eq!(again, 1, "{what}: told once");
            let end = shop.recover(&staged, Extra::Nothing);
            assert!(end.is_ok(), "{what}: {end:?}");
        }
    }
}

/// What any function of the platform can do to its caller.
const ANYWHERE: [(Strike, u32); 5] = [
    (Strike::Garbage, 1),
    (Strike::Failing, FOR_LONG),
    (Strike::LostReply, 1),
    (Strike::KillBefore, 1),
    (Strike::KillAfter, 1),
];

/// One of so many positions is struck in every run.
const SHARE: usize = 16;

/// What became of what the client needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// It is shown with the service.
    Shown,
    /// The certificate is there: nobody needs it any more.
    Issued,
    /// A person was told.
    Told,
}

/// Whatever the vendor waits for (letters at addresses, contents of records and files) is shown with the service, or a
/// person has a task about the order.
fn fate(shop: &Shop, staged: &Staged) -> Result<Fate, String> {
    let item = staged.item;
    if shop.world.is_issued(item) {
        return Ok(Fate::Issued);
    }
    let order = shop.world.order_of(item);
    let orders = shop.vendor().vendor().orders();
    let found = orders.iter().find(|one| one.id == order);
    let proofs = found.map(|one| one.proofs.clone()).unwrap_or_default();
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    let view = shop.world.item(item);
    let shown: Vec<String> = view
        .parameters
        .iter()
        .filter(|(name, _)| name.ends_with("_value") || *name == "approver_email")
        .map(|(_, value)| plain(value))
        .collect();
    let missing: Vec<&String> = proofs
        .iter()
        .filter(|proof| !shown.iter().any(|value| value.contains(&plain(proof))))
        .collect();
    if missing.is_empty() && !proofs.is_empty() {
        return Ok(Fate::Shown);
    }
    // The call may have been sent and was not: nothing is ordered before the person who has the operation has said so.
    let given = staged.operation.filter(|_| order.is_empty());
    if given.is_some_and(|operation| shop.has_task(operation).is_ok()) {
        return Ok(Fate::Told);
    }
    let tasks = shop.world.panel().free_tasks();
    if !order.is_empty() && tasks.iter().any(|text| text.contains(&order)) {
        return Ok(Fate::Told);
    }
    Err(format!(
        "order {order} waits for {missing:?} of {proofs:?}, shown {shown:?}, tasks {tasks:?}"
    ))
}

/// The platform's tries, a person's restart, and one periodic look.
fn come_to_rest(shop: &Shop, staged: &Staged) {
    shop.repeat(staged);
    if let Some(operation) = staged.operation.filter(|_| !shop.is_done(staged)) {
        shop.world.retry(operation);
        shop.repeat(staged);
    }
    shop.world.advance(PAUSE);
    shop.world.sync(staged.item);
}

/// Strikes at every call of every function of the platform, in turn.
fn strike_everywhere(
    trade: &'static Trade,
    command: Command,
    first: usize,
) -> (Vec<Fate>, Vec<String>) {
    let (mut fates, mut failures) = (Vec::new(), Vec::new());
    let mut shop = Shop::new(trade);
    shop.world.set_option("SSLPlatformWait", "1");
    let staged = shop.stage(command);
    shop.world.panel().forget_calls();
    shop.run(&staged);
    let calls = shop.world.mgrctl_calls();
    come_to_rest(&shop, &staged);
    let fair = fate(&shop, &staged);
    assert!(
        fair.is_ok(),
        "{trade:?} {command:?} in a fair world: {fair:?}"
    );
    shop.recover(&staged, Extra::Nothing).unwrap();
    for (position, call) in calls.iter().enumerate() {
        for (at, (strike, times)) in ANYWHERE.iter().enumerate() {
            let turn = first + position * ANYWHERE.len() + at;
            if !everything() && !turn.is_multiple_of(SHARE) {
                continue;
            }
            let staged = shop.stage(command);
            shop.world.panel().add_fault(PlatformFault {
                function: None,
                strike: *strike,
                skip: u32::try_from(position).unwrap(),
                times: *times,
            });
            shop.run(&staged);
            shop.world.panel().clear_faults();
            come_to_rest(&shop, &staged);
            let what = format!(
                "{} '{}' {command:?} {position} {} {strike:?} x{times}",
                trade.module, trade.method, call.function
            );
            match fate(&shop, &staged) {
                Ok(fate) => fates.push(fate),
                Err(why) => failures.push(format!("{what}: {why}")),
            }
            if let Err(why) = shop.recover(&staged, Extra::Nothing) {
                failures.push(format!("{what}: {why}"));
            }
        }
    }
    (fates, failures)
}

/// Every call of every function of the platform, for all vendors and methods: what the client needs is there, or a
/// person knows that it is not. `PMSSL_PROOF=all` strikes everywhere.
#[test]
fn no_trouble_of_the_platform_leaves_the_client_without_what_is_needed() {
    const ORDERING: [Command; 3] = [Command::Open, Command::Prolong, Command::Reopen];
    let (mut fates, mut failures) = (BTreeMap::new(), Vec::new());
    for (number, trades) in METHODS.chunks(3).enumerate() {
        let proved: Vec<(Vec<Fate>, Vec<String>)> = std::thread::scope(|scope| {
            let threads: Vec<_> = trades
                .iter()
                .enumerate()
                .flat_map(|(at, trade)| ORDERING.map(|command| (at, trade, command)))
                .filter(|(_, trade, command)| command.is_served_by(trade))
                .map(|(at, trade, command)| {
                    let first = (number * 3 + at) * 7 + command as usize * 5;
                    scope.spawn(move || strike_everywhere(trade, command, first))
                })
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join().unwrap());
            joined.collect()
        });
        for (seen, wrong) in proved {
            for fate in seen {
                *fates.entry(fate).or_insert(0usize) += 1;
            }
            failures.extend(wrong);
        }
    }
    let positions: usize = fates.values().sum();
    crate::proof::tell(format_args!(
        "{} vendors and methods, open, prolong, reopen: {} positions of the platform's functions struck: {fates:?}, {} without \
         what the client needs and without a task",
        METHODS.len(),
        positions + failures.len(),
        failures.len()
    ));
    assert!(positions > 0);
    assert!(failures.is_empty(), "{}: {failures:#?}", failures.len());
}

/// A service that is proved by e-mail, ordered at that moment.
fn by_mail(module: &str, begin: &str) -> (World, u64, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let setup = Setup {
        begin: begin.parse().unwrap(),
        ..Setup::default()
    };
    let world = World::start_with(directory.path(), &setup);
    world.vendor(module).vendor().set_balance(100_000_000);
    let account = world.add_account(module, &[]);
    let spec = ItemSpec::new(account, plain_product(module)).name("mail.example.com");
    let item = world.add_item(&spec);
    let outcome = world.perform(item, "open");
    assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
    (world, item, directory)
}

const DAY: i64 = 86_400;

/// No vendor takes the answer to a mail from the day on which proof by e-mail ends, also of an order that was placed before.
#[test]
fn no_vendor_takes_the_answer_to_a_mail_when_its_time_is_over() {
    let mut changed = 0;
    for module in crate::modules() {
        let (world, item, _directory) = by_mail(module, "2028-03-14T09:00:00Z");
        let (vendor, order) = (world.vendor(module).vendor(), world.order_of(item));
        world.advance(DAY);
        let refused = vendor.approve(&order, &Approval::All).unwrap_err();
        assert!(refused.contains("2028-03-15"), "{module}: {refused}");
        // Where a person can have the method changed, the other one is taken.
        let is_changed = vendor.prove_otherwise(&order).is_ok();
        let is_taken = vendor.approve(&order, &Approval::All).is_ok();
        assert_eq!(is_taken, is_changed, "{module}");
        changed += usize::from(is_changed);
    }
    assert_eq!(changed, 2);
}

/// A reissue that cannot name another method is refused then, and goes on when a person has had the method changed.
#[test]
fn a_reissue_that_keeps_the_method_is_refused_when_mails_have_ended() {
    for module in ["pmglobalsign", "pmenomssl"] {
        let (world, item, _directory) = by_mail(module, "2028-03-12T09:00:00Z");
        world.approve(item);
        world.sync(item);
        assert!(world.is_issued(item), "{module}");
        let saves = world.item(item).saves;
        world.advance(4 * DAY);
        let operation = world.reissue(item, None, &[]);
        assert!(!world.run(operation).is_ok(), "{module}");
        let reissues = || {
            let sales = world.vendor(module).vendor().sales();
            sales.iter().filter(|sale| !sale.is_paid()).count()
        };
        assert_eq!(reissues(), 0, "{module}");
        let order = world.order_of(item);
        let changed = world.vendor(module).vendor().prove_otherwise(&order);
        assert_eq!(changed, Ok(()), "{module}");
        world.retry(operation);
        let outcome = world.run(operation);
        assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
        world.approve(item);
        world.sync(item);
        assert!(world.is_issued(item), "{module}");
        assert_eq!((reissues(), world.item(item).saves), (1, saves + 1));
    }
}
