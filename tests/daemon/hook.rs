//! `SSLHook`: what the daemon sees is told to a program of the administrator's, and nothing waits for it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::{Fixture, MODULE};
use crate::sandbox;
use crate::sandbox::vendor::fault::Fault;

/// A program that keeps its events, one in a line.
struct Hook {
    program: PathBuf,
    events: PathBuf,
    _directory: tempfile::TempDir,
}

impl Hook {
    fn new(fixture: &Fixture) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (program, events) = (
            directory.path().join("hook"),
            directory.path().join("events"),
        );
        let script = format!("#!/bin/sh\ncat >> '{}'\necho heard\n", events.display());
        sandbox::binaries::write_script(&program, &script);
        fixture
            .world
            .set_option("SSLHook", &program.display().to_string());
        Self {
            program,
            events,
            _directory: directory,
        }
    }

    /// Everything that was told since the last time.
    fn told(&self) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(&self.events).unwrap_or_default();
        let _ = fs::remove_file(&self.events);
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn kinds(events: &[serde_json::Value]) -> Vec<&str> {
    let kinds = events.iter().map(|event| event["event"].as_str().unwrap());
    kinds.collect()
}

#[test]
fn issued_and_refused_orders_and_low_balances_are_told_once() {
    let fixture = Fixture::new();
    let hook = Hook::new(&fixture);
    let issued = fixture.ordered("good.example.com", 12);
    fixture.approve_all();
    let refused = fixture.ordered("bad.example.com", 12);
    let order = fixture.world.order_of(refused);
    let vendor = fixture.world.vendor(MODULE).vendor();
    vendor.fail(&order, "no such company").unwrap();
    let low = fixture
        .world
        .add_account(MODULE, &[("threshold", "2000000")]);
    fixture.pass();
    let events = hook.told();
    let count = |kind: &str| {
        kinds(&events)
            .iter()
            .filter(|known| **known == kind)
            .count()
    };
    for kind in ["issued", "low-balance", "refused"] {
        assert_eq!(count(kind), 1, "{kind}: {events:?}");
    }
    // Somebody has a task about the order that ended.
    let tasks: Vec<_> = events
        .iter()
        .filter(|event| event["event"] == "needs-person")
        .collect();
    let told = fixture.world.panel().free_tasks();
    assert_eq!(tasks.len(), told.len(), "{events:?} {told:?}");
    assert!(
        tasks.iter().all(|event| event["item"] == refused),
        "{events:?}"
    );
    let of = |kind: &str| {
        let mut list = events.iter();
        list.find(|event| event["event"] == kind).unwrap().clone()
    };
    let good = of("issued");
    assert_eq!(good["item"], issued);
    assert_eq!(good["module"], MODULE);
    assert_eq!(good["account"], fixture.account);
    assert_eq!(good["order"], fixture.world.order_of(issued));
    assert_eq!(good["names"], serde_json::json!(["good.example.com"]));
    assert_eq!(of("refused")["item"], refused);
    let balance = of("low-balance");
    assert_eq!(
        (&balance["account"], &balance["item"]),
        (&low.into(), &serde_json::Value::Null)
    );
    assert!(
        balance["text"]
            .as_str()
            .unwrap()
            .contains("below its minimum")
    );
    assert!(fixture.log().contains("heard"), "{}", fixture.log());
    fixture.world.advance(600);
    fixture.pass();
    assert_eq!(kinds(&hook.told()), [] as [&str; 0], "nothing new");
}

#[test]
fn tasks_about_certificates_are_told_before_and_after_their_end() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let item = fixture.ordered("stuck.example.com", 24);
    fixture.pass();
    let end = fixture.end(item);
    let hook = Hook::new(&fixture);
    let server = fixture.world.vendor(MODULE);
    server.set_fault("order/reissue", Fault::ErrorWith200, 1_000_000);
    let mut all = Vec::new();
    while fixture.today() <= end + chrono::TimeDelta::days(3) {
        fixture.days(2);
        fixture.pass();
        let events = hook.told();
        all.extend(kinds(&events).into_iter().map(str::to_owned));
    }
    assert_eq!(
        all.first().map(String::as_str),
        Some("needs-person"),
        "{all:?}"
    );
    assert_eq!(all.last().map(String::as_str), Some("expired"), "{all:?}");
    assert_eq!(
        all.len(),
        fixture.world.panel().free_tasks().len(),
        "{all:?}"
    );
    server.clear_faults();
}

/// Whoever could write it would run what he likes as root.
#[test]
fn a_program_that_others_can_change_is_not_run() {
    let fixture = Fixture::new();
    let hook = Hook::new(&fixture);
    fs::set_permissions(&hook.program, fs::Permissions::from_mode(0o757)).unwrap();
    fixture.ordered("good.example.com", 12);
    fixture.approve_all();
    fixture.pass();
    assert_eq!(kinds(&hook.told()), [] as [&str; 0]);
    let log = fixture.log();
    assert!(
        log.contains("SSLHook") && log.contains("chmod go-w"),
        "{log}"
    );
    let output = fixture.tool(&["doctor", "--quiet"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("SSLHook"), "{text}");
}

/// One that fails or hangs: the pass has done its work before.
#[test]
fn a_program_that_fails_holds_up_nothing() {
    let fixture = Fixture::new();
    let hook = Hook::new(&fixture);
    sandbox::binaries::write_script(&hook.program, "#!/bin/sh\necho sorry >&2\nexit 7\n");
    let item = fixture.ordered("good.example.com", 12);
    fixture.approve_all();
    fixture.pass();
    assert!(fixture.world.item(item).certificate.is_some());
    let log = fixture.log();
    assert!(log.contains("exit status: 7: sorry"), "{log}");
    fixture.is_sound();
}
