//! What is shipped to start the daemon: every line is one that the program understands.

use super::Fixture;

const PROGRAM: &str = "/usr/local/mgr5/sbin/pmssl ";

fn shipped(name: &str) -> String {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("etc");
    std::fs::read_to_string(directory.join(name)).unwrap()
}

#[test]
fn units_and_the_cron_line_start_the_daemon() {
    let fixture = Fixture::new();
    for (name, runs_once) in [
        ("systemd/pmssl.service", false),
        ("systemd/pmssl-once.service", true),
        ("cron.d/pmssl", true),
    ] {
        let text = shipped(name);
        let started: Vec<&str> = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(PROGRAM))
            .map(|(_, words)| words.split(" >").next().unwrap())
            .collect();
        assert_eq!(started.len(), 1, "{name}");
        let mut words: Vec<&str> = started[0].split_whitespace().collect();
        assert_eq!(words.contains(&"--once"), runs_once, "{name}");
        words.push("--dry-run");
        assert!(fixture.tool(&words).status.success(), "{name}: {words:?}");
    }
    let service = shipped("systemd/pmssl.service");
    // A reload is a hang-up; the stop signal goes to the daemon alone, not to the mgrctl that it waits for.
    for line in [
        "ExecReload=/bin/kill -HUP $MAINPID",
        "KillMode=mixed",
        "TimeoutStopSec=420",
    ] {
        assert!(service.lines().any(|known| known == line), "{line}");
    }
    assert!(shipped("systemd/pmssl-once.timer").contains("[Timer]"));
}
