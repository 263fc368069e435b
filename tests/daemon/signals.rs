//! Signals: asked to stop, the step at hand is finished; a hang-up brings changed settings into a running
//! daemon.

use std::time::Duration;

use super::{MODULE, Scene};
use crate::sandbox::vendor::fault::Fault;

#[test]
fn the_daemon_ends_when_it_is_asked_to() {
    let scene = Scene::new();
    scene.ordered("stop.example.com", 12);
    let daemon = scene.daemon();
    scene.wait_for_log("services due");
    daemon.signal("-TERM");
    assert!(daemon.ends_well());
    assert!(scene.log().contains("the daemon ends"));
}

/// Due certificates, one at a time, and the vendor takes long for the first: it is sold, its number is
/// stored, and the others are not begun.
#[test]
fn a_paid_call_is_finished_before_the_end() {
    let scene = Scene::new();
    scene.approves_by_itself();
    scene.world.set_option("SSLDaemonWorkers", "1");
    let items = [1, 2, 3].map(|n| scene.ordered(&format!("paid{n}.example.com"), 24));
    scene.pass();
    scene.days(190);
    let vendor = scene.world.vendor(MODULE);
    vendor.set_fault("order/reissue", Fault::SlowDrip, 3);
    vendor.set_drip_pause(Duration::from_millis(100));
    let daemon = scene.daemon();
    scene.wait_for("the paid call", || vendor.hits("order/reissue") == 1);
    daemon.signal("-TERM");
    assert!(daemon.ends_well());
    let log = scene.log();
    assert!(log.contains("ended early: asked to stop"), "{log}");
    assert!(log.contains("reissued 1"), "{log}");
    assert_eq!(scene.reissues(), 1);
    let open = |item: &u64| {
        let view = scene.world.item(*item);
        let intent = view.parameter("pmssl_intent").to_owned();
        intent.contains("reissue") && !intent.contains(" sent ")
    };
    assert_eq!(items.iter().filter(|item| open(item)).count(), 1, "{log}");
    vendor.clear_faults();
    scene.world.advance(600);
    scene.pass();
    assert_eq!(scene.reissues(), items.len(), "{}", scene.log());
    scene.is_sound();
}

/// The pause is an hour, and still the change takes hold at once.
#[test]
fn a_hang_up_brings_another_policy() {
    let scene = Scene::new();
    scene.approves_by_itself();
    scene.ordered("policy.example.com", 24);
    scene.pass();
    scene.days(190);
    scene.world.set_option("SSLDaemonInterval", "3600");
    scene.world.set_option("SSLSubscriptionPolicy", "none");
    let levels = scene.world.root().join("etc/debug.conf");
    std::fs::write(&levels, "* 4\nSET color=off\n").unwrap();
    std::fs::remove_file(scene.world.layout().log("pmssl")).unwrap();
    let daemon = scene.daemon();
    scene.wait_for_log("pmthesslstore: 0 services due");
    scene.world.set_option("SSLSubscriptionPolicy", "auto");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(scene.reissues(), 0, "not before it is told");
    let traces = || scene.world.log("pmssl").contains("TRACE");
    assert!(!traces());
    std::fs::write(&levels, "* 9\nSET color=off\n").unwrap();
    daemon.signal("-HUP");
    scene.wait_for("a reissue", || scene.reissues() == 1);
    scene.wait_for_log("reissued 1");
    daemon.signal("-TERM");
    assert!(daemon.ends_well());
    assert!(scene.log().contains("settings are read anew"));
    assert!(traces(), "levels of the log are settings, too");
}

#[test]
fn a_hang_up_brings_another_pace() {
    const SERVICES: usize = 9;
    // Eight pauses of a second, far from eight of a thousandth on a busy machine, too.
    let between = chrono::TimeDelta::seconds(5);
    let scene = Scene::new();
    for number in 0..SERVICES {
        scene.ordered(&format!("pace{number}.example.com"), 12);
    }
    scene.world.set_option("SSLDaemonInterval", "3600");
    scene.world.set_option("SSLDaemonRate", "1");
    // A bad value is told, and the default holds; no other option suffers.
    scene.world.set_option("SSLDaemonWorkers", "many");
    let vendor = scene.world.vendor(MODULE);
    vendor.forget_requests();
    let daemon = scene.daemon();
    let took = || {
        let calls = vendor.requests_of("order/status");
        let calls = &calls[calls.len() - SERVICES..];
        calls[SERVICES - 1].at - calls[0].at
    };
    scene.wait_for_log("waiting 9");
    assert!(took() >= between, "{}", took());
    assert!(
        scene
            .world
            .log("pmssl")
            .contains("option SSLDaemonWorkers: 'many'")
    );
    scene.world.set_option("SSLDaemonRate", "1000");
    scene.world.advance(300);
    daemon.signal("-HUP");
    scene.wait_for("a second pass", || scene.looks() == 2 * SERVICES);
    assert!(took() < between, "{}", took());
    daemon.signal("-INT");
    assert!(daemon.ends_well());
}
