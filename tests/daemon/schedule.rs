//! What is looked at, and when.

use super::{Fixture, MODULE};
use crate::sandbox::ItemSpec;
use crate::sandbox::vendor::fault::{FOREVER, Fault};

/// A pass in every minute, a little longer than the shortest pause with its spread.
#[test]
fn looks_begin_eager_and_slow_down() {
    let fixture = Fixture::new();
    fixture.ordered("eager.example.com", 12);
    fixture.world.vendor(MODULE).forget_requests();
    let looks_of = |passes: usize| {
        let before = fixture.looks();
        for _ in 0..passes {
            let began = fixture.world.clock().now();
            fixture.pass();
            // However long the machine took for it.
            let took = (fixture.world.clock().now() - began).num_seconds();
            fixture.world.advance((67 - took).max(0));
        }
        fixture.looks() - before
    };
    let (first, second) = (looks_of(12), looks_of(30));
    assert!((11..=12).contains(&first), "first {first} {second}");
    assert!((6..=8).contains(&second), "second {second}");
    fixture.days(40);
    let late = looks_of(30);
    assert_eq!(late, 1, "once a day");
}

/// Finding work costs the same for many services as for few.
#[test]
fn work_is_found_by_one_query() {
    let statements_of = |services: usize| {
        let fixture = Fixture::new();
        fixture.approves_by_itself();
        for number in 0..services {
            fixture.ordered(&format!("quiet{number}.example.com"), 12);
        }
        fixture.pass();
        let before = fixture.world.database().statements().len();
        fixture.pass();
        fixture.world.database().statements().len() - before
    };
    assert_eq!(statements_of(1), statements_of(7));
}

/// As many services at the same time as there are hands, each over a connection of its own.
#[test]
fn services_are_served_by_the_hands_that_are_allowed() {
    let fixture = Fixture::new();
    fixture.world.set_option("SSLDaemonWorkers", "3");
    for number in 0..9 {
        fixture.ordered(&format!("hands{number}.example.com"), 12);
    }
    let vendor = fixture.world.vendor(MODULE);
    vendor.forget_requests();
    vendor.set_drip_pause(std::time::Duration::from_millis(10));
    vendor.set_fault("order/status", Fault::SlowDrip, FOREVER);
    fixture.pass();
    let mut used: Vec<u64> = vendor
        .requests_of("order/status")
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(used.len(), 9, "{}", fixture.log());
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 3);
}

#[test]
fn a_pass_can_be_about_one_module_one_account_or_one_service() {
    let fixture = Fixture::new();
    let other = fixture.world.add_account(MODULE, &[]);
    let first = fixture.ordered("first.example.com", 12);
    let spec = ItemSpec::new(other, "positivessl").name("second.example.com");
    let second = fixture.world.add_item(&spec);
    assert!(fixture.world.perform(second, "open").is_ok());
    fixture.world.vendor(MODULE).forget_requests();
    let looks_with = |words: &[&str]| {
        let before = fixture.looks();
        let all = [&["daemon", "--once"], words].concat();
        let output = fixture.tool(&all);
        assert!(output.status.success(), "{output:?}");
        fixture.looks() - before
    };
    assert_eq!(looks_with(&["--module", "pmenomssl"]), 0);
    assert_eq!(looks_with(&["--module", &other.to_string()]), 1);
    assert_eq!(looks_with(&["--module", MODULE]), 1, "the one that is left");
    assert_eq!(looks_with(&[]), 0, "both were just looked at");
    let item = first.to_string();
    assert_eq!(
        looks_with(&["--item", &item]),
        1,
        "whether its time has come or not"
    );
    assert_eq!(looks_with(&["--item", &item, "--dry-run"]), 0);
    let output = fixture.tool(&["daemon", "--once", "--module", "pmnobody"]);
    assert!(!output.status.success());
}
