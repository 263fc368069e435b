//! `pmssl daemon` against the simulated world: the real binary follows and reissues beside the platform.

mod hook;
mod limits;
mod mail;
mod nodes;
mod policy;
mod proof;
mod revoked;
mod schedule;
mod signals;
mod terminal;
mod units;

use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::vendor::Approval;
use crate::sandbox::vendor::fault::Fault;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, World, years};
use chrono::NaiveDate;

const MODULE: &str = "pmthesslstore";
const DAY: i64 = 86_400;

struct Fixture {
    world: World,
    account: u64,
    _directory: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        Self::of(world, directory)
    }

    /// In a world whose clock begins at that moment.
    fn beginning(moment: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let setup = Setup {
            begin: moment.parse().unwrap(),
            ..Setup::default()
        };
        let world = World::start_with(directory.path(), &setup);
        Self::of(world, directory)
    }

    fn of(world: World, directory: tempfile::TempDir) -> Self {
        for (name, value) in [
            ("SSLPlatformWait", "2"),
            ("SSLDaemonRate", "1000"),
            ("SSLDaemonWorkers", "2"),
            ("SSLReadTimeout", "30"),
            ("SSLOrderTimeout", "30"),
        ] {
            world.set_option(name, value);
        }
        world.vendor(MODULE).vendor().set_balance(100_000_000);
        let account = world.add_account(MODULE, &[]);
        Self {
            world,
            account,
            _directory: directory,
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        self.world.tool(words)
    }

    fn tool(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// One pass.
    fn pass(&self) {
        let output = self.tool(&["daemon", "--once"]);
        assert!(
            output.status.success(),
            "{}\n{}",
            String::from_utf8_lossy(&output.stderr),
            self.log()
        );
    }

    fn ordered(&self, name: &str, months: i64) -> u64 {
        let item = self.world.add_item(
            &ItemSpec::new(self.account, "positivessl")
                .name(name)
                .months(months),
        );
        assert!(self.world.perform(item, "open").is_ok());
        item
    }

    fn approves_by_itself(&self) {
        let vendor = self.world.vendor(MODULE).vendor();
        vendor.set_switch("auto_approve", "0").unwrap();
    }

    /// The end of the daemon's log, without traffic.
    fn log(&self) -> String {
        let log = self.world.log("pmssl");
        let lines: Vec<&str> = log
            .lines()
            .filter(|line| {
                ["NOTICE", "INFO", "WARNING", "ERROR"]
                    .iter()
                    .any(|tag| line.contains(tag))
                    && !line.contains(" mgrctl ")
            })
            .collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// What clients were told, but for letters that come with an order.
    fn notices(&self) -> Vec<(u64, String, String)> {
        let mut messages = self.world.panel().messages();
        messages.retain(|(.., text)| !text.contains(") is ordered."));
        messages
    }

    fn approve_all(&self) {
        let vendor = self.world.vendor(MODULE).vendor();
        for order in vendor.orders() {
            let _ = vendor.approve(&order.id, &Approval::All);
        }
    }

    fn reissues(&self) -> usize {
        let sales = self.world.vendor(MODULE).vendor().sales();
        sales.iter().filter(|sale| !sale.is_paid()).count()
    }

    fn end(&self, item: u64) -> NaiveDate {
        let saved = self.world.item(item).certificate.expect("a certificate");
        saved.not_after.parse().unwrap()
    }

    fn today(&self) -> NaiveDate {
        self.world.clock().now().date_naive()
    }

    fn days(&self, days: i64) {
        self.world.advance(days * DAY);
    }

    /// A daemon that runs until it is told to stop, or until the test ends.
    fn daemon(&self) -> Running {
        let mut command = self.command(&["daemon"]);
        Running(
            command
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }

    /// How often the vendor was asked for the state of an order.
    fn looks(&self) -> usize {
        self.world.vendor(MODULE).hits("order/status")
    }

    fn wait_for(&self, what: &str, is_there: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_there() {
            assert!(
                start.elapsed() < Duration::from_secs(120),
                "{what}\n{}",
                self.log()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for_log(&self, words: &str) {
        self.wait_for(words, || self.log().contains(words));
    }

    fn is_sound(&self) {
        let reconciled = self.world.reconcile();
        assert!(reconciled.is_sound(), "{reconciled:?}");
    }
}

/// A running daemon.
struct Running(Child);

impl Running {
    fn signal(&self, name: &str) {
        let process = self.0.id().to_string();
        let sent = Command::new("kill").args([name, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end; whether it was a good one.
    fn ends_well(mut self) -> bool {
        self.0.wait().unwrap().success()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn pending_orders_are_followed_and_due_certificates_reissued() {
    let fixture = Fixture::new();
    let item = fixture.ordered("shop.example.com", 12);
    assert_eq!(fixture.world.item(item).service_status, Some(4));
    fixture.pass();
    assert_eq!(fixture.world.item(item).service_status, Some(4));
    fixture.approve_all();
    fixture.world.advance(120);
    fixture.pass();
    assert_eq!(
        fixture.world.item(item).service_status,
        Some(5),
        "{}",
        fixture.log()
    );
    let first = fixture.end(item);

    fixture.days(100);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "not due yet");
    fixture.days(90);
    let dry = fixture.tool(&["daemon", "--once", "--dry-run"]);
    assert!(
        String::from_utf8_lossy(&dry.stdout).contains("a reissue is due"),
        "{}{}",
        String::from_utf8_lossy(&dry.stdout),
        String::from_utf8_lossy(&dry.stderr)
    );
    assert_eq!(fixture.reissues(), 0, "a dry run changes nothing");
    fixture.pass();
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "{}", fixture.log());
    fixture.approve_all();
    fixture.world.advance(300);
    fixture.pass();
    assert!(fixture.end(item) > first);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1);
    let view = fixture.world.item(item);
    assert_eq!(view.service_status, Some(5));
    assert_eq!(
        view.expiredate.as_deref(),
        Some(fixture.end(item).to_string().as_str())
    );
    assert!(
        fixture.world.reconcile().is_sound(),
        "{:?}",
        fixture.world.reconcile()
    );
    assert_eq!(fixture.world.balances().len(), 1);
}

#[test]
fn two_daemons_and_the_platform_do_nothing_twice() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let items: Vec<u64> = (0..6)
        .map(|n| fixture.ordered(&format!("n{n}.example.com"), 24))
        .collect();
    fixture.pass();
    fixture.days(190);
    let daemons: Vec<_> = (0..2)
        .map(|_| fixture.command(&["daemon", "--once"]).spawn().unwrap())
        .collect();
    for item in &items {
        fixture.world.sync(*item);
    }
    for daemon in daemons {
        assert!(daemon.wait_with_output().unwrap().status.success());
    }
    fixture.world.advance(600);
    fixture.pass();
    assert_eq!(fixture.reissues(), items.len(), "{}", fixture.log());
    assert!(
        items
            .iter()
            .all(|item| fixture.end(*item) > fixture.today() + chrono::TimeDelta::days(90))
    );
    assert!(
        fixture.world.reconcile().is_sound(),
        "{:?}",
        fixture.world.reconcile()
    );
}

#[test]
fn the_client_is_told_and_reminded_and_the_platforms_own_operation_comes_first() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("told.example.com", 24);
    fixture.pass();
    fixture.days(190);
    fixture.world.set_option("SSLSubscriptionPolicy", "manual");
    fixture.pass();
    fixture.pass();
    let messages = fixture.notices();
    assert_eq!(messages.len(), 1, "{}", fixture.log());
    fixture.days(2);
    fixture.pass();
    let messages = fixture.notices();
    assert_eq!(messages.len(), 2, "{}", fixture.log());
    assert!(messages[0].0 == 77 && messages[0].2.contains("told.example.com"));
    assert_eq!(fixture.reissues(), 0);

    fixture.world.set_option("SSLSubscriptionPolicy", "auto");
    let operation = fixture.world.reissue(item, None, &[]);
    fixture.pass();
    assert_eq!(fixture.reissues(), 0, "a queued reissue is the platform's");
    assert!(fixture.world.run(operation).is_ok());
    assert_eq!(fixture.reissues(), 1);
}

#[test]
fn a_reissue_in_trouble_gets_a_task_in_time() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("stuck.example.com", 24);
    fixture.pass();
    let end = fixture.end(item);
    fixture
        .world
        .vendor(MODULE)
        .set_fault("order/reissue", Fault::ErrorWith200, 1_000_000);
    let mut told = None;
    // A certificate that has ended is told once more.
    while fixture.today() < end - chrono::TimeDelta::days(2) {
        fixture.days(2);
        fixture.pass();
        if told.is_none() && !fixture.world.panel().free_tasks().is_empty() {
            told = Some(fixture.today());
        }
    }
    assert_eq!(
        fixture.world.panel().free_tasks().len(),
        1,
        "once for each certificate"
    );
    assert!(told.unwrap() <= end - chrono::TimeDelta::days(8));
    assert_eq!(fixture.reissues(), 0);
    fixture.world.vendor(MODULE).clear_faults();
    fixture.days(1);
    fixture.pass();
    assert_eq!(fixture.reissues(), 1, "tried again all the time");
}

/// The documented example: bought for five years on 2 April 2026.
#[test]
fn five_years_that_are_bought_show_the_certificates_end_and_the_day_they_are_paid_till() {
    let fixture = Fixture::beginning("2026-04-02T09:00:00Z");
    let item = fixture.ordered("example.example.com", 60);
    fixture.approve_all();
    fixture.world.advance(120);
    fixture.pass();
    let view = fixture.world.item(item);
    let end = fixture.end(item).to_string();
    assert_eq!(view.expiredate.as_deref(), Some(end.as_str()));
    assert!(
        ("2026-10-15".."2026-10-20").contains(&end.as_str()),
        "{end}"
    );
    assert_eq!(view.parameter("paid_till"), "2031-04-02");
}

#[test]
fn a_plan_is_shown_for_people_and_programs() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("plan.example.com", 60);
    fixture.pass();
    let number = item.to_string();
    let output = fixture.tool(&["plan", "--item", &number]);
    let text = String::from_utf8(output.stdout).unwrap();
    let has = |what: &str, by: &str| {
        let mut lines = text.lines();
        lines.any(|line| line.contains(what) && line.contains(by))
    };
    assert!(
        has(" reissue ", " pmssl daemon ") && has(" renewal ", " client "),
        "{text}"
    );
    let account = fixture.account.to_string();
    let output = fixture.tool(&["plan", "--account", &account, "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let limits: Vec<u64> = document[0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["lifetime_limit_days"].as_u64().unwrap())
        .collect();
    assert!(
        limits.contains(&47) && limits.contains(&100) && limits.is_sorted_by(|a, b| a >= b),
        "{limits:?}"
    );
}

/// Five years of all vendors with outages, broken answers and kills. The full size is
/// `cargo run --example sandbox -- years`; `PMSSL_FIVE_YEARS` sets another number of services.
#[test]
fn five_years_without_a_gap_and_without_a_double_sale() {
    let services = std::env::var("PMSSL_FIVE_YEARS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(5);
    let directory = tempfile::tempdir().unwrap();
    let figures = years::run(directory.path(), years::Shape::of(services));
    for line in figures.table().lines() {
        crate::proof::tell(format_args!("five years: {line}"));
    }
    assert_eq!(figures.wrong_count, 0, "{}", figures.table());
    assert_eq!(figures.vendors.len(), 5);
    for (name, vendor) in &figures.vendors {
        // Some thirty certificates cover five years of one service; what is proved by e-mail alone is not renewed
        // when that has ended.
        let least = if *name == "pmispmgrssl" { 5 } else { 25 };
        assert!(
            vendor.certificates >= least * services / 5,
            "{name}: {vendor:?}"
        );
    }
    assert!(figures.kills > 0 && figures.faults > 0 && figures.outages > 0);
    assert!(figures.tasks > 0, "one vendor needs people");
    assert!(figures.otherwise > 0, "proof by e-mail has ended");
}
