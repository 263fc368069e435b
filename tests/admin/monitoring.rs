//! What monitoring reads: `metrics`, `doctor --nagios`, the messages to the service manager.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use super::*;

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|known| known == line), "{line} in {text}");
}

#[test]
fn services_and_vendors_are_counted() {
    let place = Place::new();
    place.world.expect_at_the_end("lost: thesslstore");
    place.issued("one.example.com");
    place.ordered("two.example.com");
    place.paid("three.example.com");
    place.unsettled("four.example.com");
    let text = place.tell(&["metrics"]).with(0);
    let states = [
        ("issued", 1),
        ("waiting", 1),
        ("not-ordered", 1),
        ("unknown", 1),
        ("deleted", 0),
    ];
    for (state, count) in states {
        has(
            &text,
            &format!("pmssl_services{{module=\"{MODULE}\",state=\"{state}\"}} {count}"),
        );
    }
    has(
        &text,
        &format!("pmssl_services_stuck{{module=\"{MODULE}\",next=\"settle\"}} 1"),
    );
    let bucket = |le: &str, count: u32| {
        let name = "pmssl_certificate_remaining_seconds_bucket";
        has(
            &text,
            &format!("{name}{{module=\"{MODULE}\",le=\"{le}\"}} {count}"),
        );
    };
    bucket("0", 0);
    bucket("8640000", 0);
    bucket("17280000", 1);
    bucket("+Inf", 1);
    assert!(
        !text.contains("pmssl_vendor_requests_total"),
        "no daemon ran"
    );
    // What the daemon has seen, in the file that the option names.
    let file = place.directory.path().join("pmssl.prom");
    place
        .world
        .set_option("SSLMetricsFile", file.to_str().unwrap());
    assert_eq!(place.tell(&["daemon", "--once"]).code, 0);
    let text = std::fs::read_to_string(&file).unwrap();
    let sample = |name: &str| -> f64 {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!("{name}{{")));
        let line = line.unwrap_or_else(|| panic!("{name} in {text}"));
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    assert!(sample("pmssl_vendor_requests_total") >= 2.0);
    assert!(sample("pmssl_vendor_request_seconds_total") > 0.0);
    assert!(sample("pmssl_account_balance") > 0.0);
    assert!(sample("pmssl_last_pass_timestamp_seconds") > 1_700_000_000.0);
    accepted_by_promtool(&text);
    // By hand it is the same.
    let families = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.starts_with("# TYPE"));
        lines.map(str::to_owned).collect()
    };
    let by_hand = place.tell(&["metrics"]).with(0);
    assert_eq!(families(&by_hand), families(&text));
}

/// Prometheus' own tool, where it is installed (`.ci/proof` installs it): no fault of form, no name against its rules.
fn accepted_by_promtool(text: &str) {
    use std::io::Write;
    let mut command = Command::new("promtool");
    command
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut tool) = command.spawn() else {
        let is_needed = std::env::var_os("PMSSL_REQUIRE_PROMTOOL").is_some();
        assert!(!is_needed, "promtool cannot be run");
        return;
    };
    tool.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = tool.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{text}");
}

#[test]
fn nagios_reads_the_state_of_the_installation() {
    let place = Place::new();
    place.world.expect_at_the_end("lost: thesslstore");
    place.unsettled("one.example.com");
    let told = place.tell(&["doctor", "--nagios"]);
    assert_eq!(told.code, 2, "{told:?}");
    let mut lines = told.stdout.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("PMSSL CRITICAL - "), "{first}");
    assert!(first.contains(" | broken="), "{first}");
    assert!(
        lines.any(|line| line.starts_with("bad intent-unknown: ")),
        "{told:?}"
    );
    let nowhere = place.tell(&["doctor", "--nagios", "--root", "/nowhere"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    let usage = place.tell(&["doctor", "--nagios", "--odd"]);
    assert_eq!(usage.code, 3, "{usage:?}");
}

/// Whatever stands in for the service manager hears: ready, what a pass came to, alive, ending.
#[test]
fn the_service_manager_is_told() {
    let place = Place::new();
    let socket = place.directory.path().join("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let mut command = place.command(&["daemon"]);
    command
        .env("NOTIFY_SOCKET", &socket)
        .env("WATCHDOG_USEC", "400000");
    let mut daemon = command.spawn().unwrap();
    let mut heard = String::new();
    let mut hear_until = |word: &str| {
        let began = Instant::now();
        let mut part = [0; 4096];
        while !heard.contains(word) {
            assert!(
                began.elapsed() < Duration::from_secs(120),
                "{word} in {heard}"
            );
            if let Ok(length) = manager.recv(&mut part) {
                heard.push_str(&String::from_utf8_lossy(&part[..length]));
            }
        }
    };
    hear_until("READY=1");
    hear_until("WATCHDOG=1");
    hear_until("STATUS=last pass: ");
    let id = daemon.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    hear_until("STOPPING=1");
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn a_stored_certificate_is_handed_out_as_a_server_takes_it() {
    let place = Place::new();
    let id = place.issued("one.example.com").to_string();
    let text = place.tell(&["show", "--item", &id, "--pem"]).with(0);
    assert!(text.starts_with("-----BEGIN CERTIFICATE-----\n"), "{text}");
    assert_eq!(
        text.matches("-----BEGIN CERTIFICATE-----").count(),
        2,
        "{text}"
    );
    let document = place
        .tell(&["show", "--item", &id, "--pem", "--json"])
        .json();
    assert_eq!(document["pem"], text);
    let none = place.paid("two.example.com").to_string();
    let told = place.tell(&["show", "--item", &none, "--pem"]);
    assert_eq!((told.code, told.stdout.as_str()), (1, ""), "{told:?}");
    assert!(told.stderr.contains("no certificate yet"), "{told:?}");
}

/// An installation that is none is an error at once, not a daemon that waits for ever.
#[test]
fn a_daemon_without_an_installation_ends() {
    let place = Place::new();
    let nowhere = place.directory.path().join("nowhere");
    std::fs::create_dir(&nowhere).unwrap();
    let root = nowhere.to_str().unwrap();
    let told = place.tell(&["daemon", "--root", root]);
    assert_eq!(told.code, 2, "{told:?}");
    assert!(told.stderr.contains("processing are missing"), "{told:?}");
}
