//! Signals: asked to stop, the step at hand is finished; a hang-up brings changed settings into a running
//! daemon.

use std::time::Duration;

use super::{Fixture, MODULE};
use crate::sandbox::vendor::fault::Fault;

#[test]
fn the_daemon_ends_when_it_is_asked_to() {
    let fixture = Fixture::new();
    fixture.ordered("stop.example.com", 12);
    let daemon = fixture.daemon();
    fixture.wait_for_log("services due");
    daemon.signal("-TERM");
    assert!(daemon.ends_well());
    assert!(fixture.log().contains("the daemon ends"));
}

/// Due certificates, one at a time, and the vendor takes long for the first: it is sold, its number is
/// stored, and the others are not begun.
#[test]
fn a_paid_call_is_finished_before_the_end() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    fixture.world.set_option("SSLDaemonWorkers", "1");
    let items = [1, 2, 3].map(|n| fixture.ordered(&format!("paid{n}.example.com"), 24));
    fixture.pass();
    fixture.days(190);
    let vendor = fixture.world.vendor(MODULE);
    vendor.set_fault("order/reissue", Fault::SlowDrip, 3);
    vendor.set_drip_pause(Duration::from_millis(100));
    let daemon = fixture.daemon();
    fixture.wait_for("the paid call", || vendor.hits("order/reissue") == 1);
    daemon.signal("-TERM");
    assert!(daemon.ends_well());
    let log = fixture.log();
    assert!(log.contains("ended early: asked to stop"), "{log}");
    assert!(log.contains("reissued 1"), "{log}");
    assert_eq!(fixture.reissues(), 1);
    let open = |item: &u64| {
        let view = fixture.world.item(*item);
        let intent = view.parameter("pmssl_intent").to_owned();
        intent.contains("reissue") && !intent.contains(" sent ")
    };
    assert_eq!(items.iter().filter(|item| open(item)).count(), 1, "{log}");
    vendor.clear_faults();
    fixture.world.advance(600);
    fixture.pass();
    assert_eq!(fixture.reissues(), items.len(), "{}", fixture.log());
    fixture.is_sound();
}

/// The pause is an hour, and still the change takes hold at once.
#[test]
fn a_hang_up_brings_another_policy() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    fixture.ordered("policy.example.com", 24);
    fixture.pass();
    fixture.days(190);
    fixture.world.set_option("SSLDaemonInterval", "3600");
    fixture.world.set_option("SSLSubscriptionPolicy", "none");
    let levels = fixture.world.root().join("etc/debug.conf");
    std::fs::write(&levels, "* 4\nSET color=off\n").unwrap();
    std::fs::remove_file(fixture.world.layout().log("pmssl")).unwrap();
    let daemon = fixture.daemon();
    fixture.wait_for_log("pmthesslstore: 0 services due");
    fixture.world.set_option("SSLSubscriptionPolicy", "auto");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(fixture.reissues(), 0, "not before it is told");
    let traces = || fixture.world.log("pmssl").contains("TRACE");
    assert!(!traces());
    std::fs::write(&levels, "* 9\nSET color=off\n").unwrap();
    daemon.signal("-HUP");
    fixture.wait_for("a reissue", || fixture.reissues() == 1);
    fixture.wait_for_log("reissued 1");
    daemon.signal("-TERM");
    assert!(daemon.ends_well());
    assert!(fixture.log().contains("settings are read anew"));
    assert!(traces(), "levels of the log are settings, too");
}

#[test]
fn a_hang_up_brings_another_pace() {
    const SERVICES: usize = 9;
    // Eight pauses of a second, far from eight of a thousandth on a busy machine, too.
    let between = chrono::TimeDelta::seconds(5);
    let fixture = Fixture::new();
    for number in 0..SERVICES {
        fixture.ordered(&format!("pace{number}.example.com"), 12);
    }
    fixture.world.set_option("SSLDaemonInterval", "3600");
    fixture.world.set_option("SSLDaemonRate", "1");
    // A bad value is told, and the default holds; no other option suffers.
    fixture.world.set_option("SSLDaemonWorkers", "many");
    let vendor = fixture.world.vendor(MODULE);
    vendor.forget_requests();
    let daemon = fixture.daemon();
    let took = || {
        let calls = vendor.requests_of("order/status");
        let calls = &calls[calls.len() - SERVICES..];
        calls[SERVICES - 1].at - calls[0].at
    };
    fixture.wait_for_log("waiting 9");
    assert!(took() >= between, "{}", took());
    assert!(
        fixture
            .world
            .log("pmssl")
            .contains("option SSLDaemonWorkers: 'many'")
    );
    fixture.world.set_option("SSLDaemonRate", "1000");
    fixture.world.advance(300);
    daemon.signal("-HUP");
    fixture.wait_for("a second pass", || fixture.looks() == 2 * SERVICES);
    assert!(took() < between, "{}", took());
    daemon.signal("-INT");
    assert!(daemon.ends_well());
}
