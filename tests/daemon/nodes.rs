//! Several nodes of one installation: one database, one panel, logs and memory of their own.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Fixture, MODULE, Running};
use crate::sandbox::layout::Layout;
use crate::sandbox::vendor::fault::{FOREVER, Fault};

const SERVICES: usize = 8;

struct Node {
    layout: Layout,
    _directory: tempfile::TempDir,
}

impl Node {
    fn new(fixture: &Fixture) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            layout: fixture.world.add_node(directory.path()),
            _directory: directory,
        }
    }

    fn command(&self, fixture: &Fixture, words: &[&str]) -> Command {
        let mut command = fixture.command(words);
        let root: &Path = self.layout.root();
        command
            .current_dir(root)
            .env("PMSSL_MGR_ROOT", root)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn daemon(&self, fixture: &Fixture) -> Running {
        Running(self.command(fixture, &["daemon"]).spawn().unwrap())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.layout.log("pmssl")).unwrap_or_default()
    }
}

/// Each pending order is asked for by one of them, and the other takes over when that one dies.
#[test]
fn one_of_two_daemons_works_and_the_other_takes_over() {
    let fixture = Fixture::new();
    fixture.world.set_option("SSLDaemonInterval", "1");
    let nodes = [Node::new(&fixture), Node::new(&fixture)];
    for number in 0..SERVICES {
        fixture.ordered(&format!("node{number}.example.com"), 12);
    }
    // Looked at twice an hour: no second look comes in between, however long the machine takes.
    fixture.world.advance(3 * 3600);
    fixture.world.vendor(MODULE).forget_requests();
    let mut daemons = nodes.each_ref().map(|node| node.daemon(&fixture));
    let stands_by = |node: &Node| {
        let words = format!(
            "{MODULE}: 0 services due: nothing to do; vendor calls 0, failed 0; ended early: another daemon works on this module"
        );
        node.log().contains(&words)
    };
    fixture.wait_for("a pass of both", || {
        fixture.looks() >= SERVICES && nodes.iter().any(stands_by)
    });
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(
        fixture.looks(),
        SERVICES,
        "{}{}",
        nodes[0].log(),
        nodes[1].log()
    );
    let waiting = usize::from(stands_by(&nodes[1]));
    assert_ne!(stands_by(&nodes[0]), stands_by(&nodes[1]));
    // A pass by hand is no third one, and a service that is asked for by name is served all the same.
    fixture.pass();
    assert_eq!(fixture.looks(), SERVICES);
    let item = fixture.world.items()[0].to_string();
    assert!(
        fixture
            .tool(&["daemon", "--once", "--item", &item])
            .status
            .success()
    );
    assert_eq!(fixture.looks(), SERVICES + 1);

    daemons[1 - waiting].0.kill().unwrap();
    fixture.wait_for("the other one", || fixture.looks() > 2 * SERVICES);
    fixture.wait_for("its status line", || {
        nodes[waiting].log().contains("waiting 8")
    });
    let [first, second] = daemons;
    let left = if waiting == 0 { first } else { second };
    left.signal("-TERM");
    assert!(left.ends_well());
}

/// Passes that are started at the same time, as by the cron of each node.
#[test]
fn passes_of_two_nodes_reissue_once() {
    let fixture = Fixture::new();
    fixture.approves_by_itself();
    let nodes = [Node::new(&fixture), Node::new(&fixture)];
    for number in 0..SERVICES {
        fixture.ordered(&format!("cron{number}.example.com"), 24);
    }
    fixture.pass();
    for _ in 0..2 {
        fixture.days(190);
        let passes = nodes.each_ref().map(|node| {
            Running(
                node.command(&fixture, &["daemon", "--once"])
                    .spawn()
                    .unwrap(),
            )
        });
        for pass in passes {
            assert!(pass.ends_well());
        }
        fixture.world.advance(600);
        fixture.pass();
    }
    assert_eq!(fixture.reissues(), 2 * SERVICES, "{}", fixture.log());
    assert_eq!(
        fixture.world.vendor(MODULE).hits("order/reissue"),
        2 * SERVICES
    );
    fixture.is_sound();
}

/// Its connections are cut in the middle of a pass: somebody else may work from now on.
#[test]
fn a_daemon_that_is_cut_off_takes_up_no_further_service() {
    let fixture = Fixture::new();
    for number in 0..SERVICES {
        fixture.ordered(&format!("cut{number}.example.com"), 12);
    }
    fixture.world.advance(3 * 3600);
    let vendor = fixture.world.vendor(MODULE);
    vendor.forget_requests();
    vendor.set_drip_pause(std::time::Duration::from_millis(20));
    vendor.set_fault("order/status", Fault::SlowDrip, FOREVER);
    let node = Node::new(&fixture);
    let pass = Running(
        node.command(&fixture, &["daemon", "--once"])
            .spawn()
            .unwrap(),
    );
    fixture.wait_for("the first looks", || fixture.looks() > 0);
    fixture.world.database().cut_all();
    assert!(pass.ends_well());
    // Those at hand are finished.
    assert!(fixture.looks() < SERVICES, "{}", node.log());
    let log = node.log();
    assert!(
        log.contains("ended early: another daemon works on this module"),
        "{log}"
    );
    vendor.clear_faults();
    fixture.pass();
    fixture.is_sound();
}
