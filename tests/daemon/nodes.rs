//! Several nodes of one installation: one database, one panel, logs and memory of their own.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{MODULE, Running, Scene};
use crate::sandbox::layout::Layout;
use crate::sandbox::vendor::fault::{FOREVER, Fault};

const SERVICES: usize = 8;

struct Node {
    layout: Layout,
    _directory: tempfile::TempDir,
}

impl Node {
    fn new(scene: &Scene) -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            layout: scene.world.add_node(directory.path()),
            _directory: directory,
        }
    }

    fn command(&self, scene: &Scene, words: &[&str]) -> Command {
        let mut command = scene.command(words);
        let root: &Path = self.layout.root();
        command
            .current_dir(root)
            .env("PMSSL_MGR_ROOT", root)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn daemon(&self, scene: &Scene) -> Running {
        Running(self.command(scene, &["daemon"]).spawn().unwrap())
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.layout.log("pmssl")).unwrap_or_default()
    }
}

/// Each pending order is asked for by one of them, and the other takes over when that one dies.
#[test]
fn one_of_two_daemons_works_and_the_other_takes_over() {
    let scene = Scene::new();
    scene.world.set_option("SSLDaemonInterval", "1");
    let nodes = [Node::new(&scene), Node::new(&scene)];
    for number in 0..SERVICES {
        scene.ordered(&format!("node{number}.example.com"), 12);
    }
    // Looked at twice an hour: no second look comes in between, however long the machine takes.
    scene.world.advance(3 * 3600);
    scene.world.vendor(MODULE).forget_requests();
    let mut daemons = nodes.each_ref().map(|node| node.daemon(&scene));
    let stands_by = |node: &Node| {
        let words = format!(
            "{MODULE}: 0 services due: nothing to do; vendor calls 0, failed 0; ended early: another daemon works on this module"
        );
        node.log().contains(&words)
    };
    scene.wait_for("a pass of both", || {
        scene.looks() >= SERVICES && nodes.iter().any(stands_by)
    });
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(
        scene.looks(),
        SERVICES,
        "{}{}",
        nodes[0].log(),
        nodes[1].log()
    );
    let waiting = usize::from(stands_by(&nodes[1]));
    assert_ne!(stands_by(&nodes[0]), stands_by(&nodes[1]));
    // A pass by hand is no third one, and a service that is asked for by name is served all the same.
    scene.pass();
    assert_eq!(scene.looks(), SERVICES);
    let item = scene.world.items()[0].to_string();
    assert!(
        scene
            .tool(&["daemon", "--once", "--item", &item])
            .status
            .success()
    );
    assert_eq!(scene.looks(), SERVICES + 1);

    daemons[1 - waiting].0.kill().unwrap();
    scene.wait_for("the other one", || scene.looks() > 2 * SERVICES);
    scene.wait_for("its status line", || {
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
    let scene = Scene::new();
    scene.approves_by_itself();
    let nodes = [Node::new(&scene), Node::new(&scene)];
    for number in 0..SERVICES {
        scene.ordered(&format!("cron{number}.example.com"), 24);
    }
    scene.pass();
    for _ in 0..2 {
        scene.days(190);
        let passes = nodes
            .each_ref()
            .map(|node| Running(node.command(&scene, &["daemon", "--once"]).spawn().unwrap()));
        for pass in passes {
            assert!(pass.ends_well());
        }
        scene.world.advance(600);
        scene.pass();
    }
    assert_eq!(scene.reissues(), 2 * SERVICES, "{}", scene.log());
    assert_eq!(
        scene.world.vendor(MODULE).hits("order/reissue"),
        2 * SERVICES
    );
    scene.is_sound();
}

/// Its connections are cut in the middle of a pass: somebody else may work from now on.
#[test]
fn a_daemon_that_is_cut_off_takes_up_no_further_service() {
    let scene = Scene::new();
    for number in 0..SERVICES {
        scene.ordered(&format!("cut{number}.example.com"), 12);
    }
    scene.world.advance(3 * 3600);
    let vendor = scene.world.vendor(MODULE);
    vendor.forget_requests();
    vendor.set_drip_pause(std::time::Duration::from_millis(20));
    vendor.set_fault("order/status", Fault::SlowDrip, FOREVER);
    let node = Node::new(&scene);
    let pass = Running(node.command(&scene, &["daemon", "--once"]).spawn().unwrap());
    scene.wait_for("the first looks", || scene.looks() > 0);
    scene.world.database().cut_all();
    assert!(pass.ends_well());
    // Those at hand are finished.
    assert!(scene.looks() < SERVICES, "{}", node.log());
    let log = node.log();
    assert!(
        log.contains("ended early: another daemon works on this module"),
        "{log}"
    );
    vendor.clear_faults();
    scene.pass();
    scene.is_sound();
}
