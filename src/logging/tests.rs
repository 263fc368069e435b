//! The log as a whole: start, context, files under many writers.
//!
//! What is global (subscriber, levels, sink) is tested in processes of its own: a test starts this
//! test program again with one ignored test and a directory in the environment.

mod moves;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use secrecy::SecretString;
use tempfile::TempDir;

use super::*;

const DIRECTORY: &str = "PMSSL_TEST_LOG_DIRECTORY";
const NUMBER: &str = "PMSSL_TEST_LOG_NUMBER";

fn root(debug_conf: &str) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("etc")).unwrap();
    fs::create_dir(root.path().join("var")).unwrap();
    fs::write(root.path().join("etc/debug.conf"), debug_conf).unwrap();
    root
}

fn child(test: &str, root: &Path, number: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "--nocapture"])
        .arg(format!("logging::tests::{test}"))
        .env(DIRECTORY, root)
        .env(NUMBER, number.to_string())
        .env("TZ", "UTC")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(test: &str, root: &Path) -> Output {
    let output = child(test, root, 0).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    output
}

/// The directory given to a child process.
fn given_root() -> PathBuf {
    PathBuf::from(std::env::var_os(DIRECTORY).expect("run by another test only"))
}

/// The log with times, ids and the panic's place replaced.
fn normalised(root: &Path) -> String {
    let text = fs::read_to_string(root.join("var/pmtest.log")).unwrap();
    text.lines()
        .map(|line| match (line.find('['), line.find("] ")) {
            (Some(open), Some(close)) if !line.starts_with(line::CONTINUATION) => {
                assert_eq!(open, "Mar  3 09:05:41 ".len(), "{line}");
                let id = &line[open + 1..close];
                let (process, thread) = id.split_once(':').unwrap();
                assert!(process.parse::<u32>().is_ok() && thread.parse::<u64>().is_ok());
                format!("TIME [ID] {}\n", &line[close + 2..])
            }
            _ => format!("{line}\n"),
        })
        .collect()
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn child_one_command() {
    let root = given_root();
    crate::log!(Main, Error, "before the start");
    start(&Start {
        root: &root,
        module: "pmtest",
    });
    crate::log!(Main, Info, "started {}", 1);
    set_item(ItemId(7));
    crate::log!(Order, Info, "with item");
    set_intent(&IntentKey::new("ABCDEFGHIJKLMNOPQRST"));
    register_secret(&SecretString::from("hunter22"));
    let name = "example.com";
    crate::log!(Http, Ext, "POST {name}: hunter22 & password=x");
    crate::log!(Http, Debug, "not at level 7");
    crate::log!(Database, Info, "quieted");
    crate::log!(Database, Warning, "two\nlines");
    tracing::info!("own event without our macro");
    tracing::warn!(target: "hyper::proto", size = 5, "foreign warning");
    tracing::info!(target: "hyper::proto", "foreign chatter");
    tracing::event!(target: "sqlx::query", tracing::Level::WARN, { db.statement = "SELECT 1", summary = "SELECT" }, "slow");
    std::panic::set_hook(Box::new(log_panic));
    let _ = std::panic::catch_unwind(|| panic!("broken\nhunter22"));
    let _ = std::panic::take_hook();
    assert_eq!(recent_lines().len(), 8);
    assert!(recent_lines().iter().all(|line| !line.contains('\x1b')));
    finish();
}

const ONE_COMMAND: &str = "\
TIME [ID] pmtest INFO started 1
TIME [ID] order INFO [item 7] with item
TIME [ID] http EXT [item 7 intent ABCDEFGHIJKLMNOPQRST] POST example.com: *** & password=***
TIME [ID] database WARNING [item 7 intent ABCDEFGHIJKLMNOPQRST] two
  | lines
TIME [ID] pmtest INFO [item 7 intent ABCDEFGHIJKLMNOPQRST] own event without our macro
TIME [ID] http WARNING [item 7 intent ABCDEFGHIJKLMNOPQRST] foreign warning size=5
TIME [ID] database WARNING [item 7 intent ABCDEFGHIJKLMNOPQRST] slow summary=\"SELECT\"
TIME [ID] pmtest CRITICAL [item 7 intent ABCDEFGHIJKLMNOPQRST] panic at PLACE: broken ***
";

#[test]
fn a_command_logs_in_the_platforms_format() {
    let root = root("* 7\n*.database 4\nSET color=off\n");
    let output = run("child_one_command", root.path());
    let log = normalised(root.path());
    let place = log.find("panic at ").unwrap() + "panic at ".len();
    let end = place + log[place..].find(": ").unwrap();
    assert!(log[place..end].starts_with("src/logging/tests.rs:"));
    assert_eq!(log.replace(&log[place..end], "PLACE"), ONE_COMMAND);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_log_in_colour() {
    let root = root("* 5");
    let text = {
        let mut sink = Sink::open(root.path(), "pmtest");
        sink.write(&Line {
            time: chrono::NaiveDateTime::default(),
            process: 1,
            thread: 2,
            component: "order",
            level: Level::Warning,
            context: "item 7",
            text: "careful",
        });
        fs::read_to_string(root.path().join("var/pmtest.log")).unwrap()
    };
    assert_eq!(
        text,
        "Jan  1 00:00:00 [1:2] order \x1b[1;35mWARNING [item 7] careful\x1b[0m\n"
    );
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn child_lines_only() {
    start(&Start {
        root: &given_root(),
        module: "pmtest",
    });
    crate::log!(Main, Info, "a line");
    assert_eq!(recent_lines().len(), 1);
}

#[test]
fn a_log_that_cannot_be_opened_is_one_line_on_stderr() {
    let root = root("");
    fs::create_dir(root.path().join("var/pmtest.log")).unwrap();
    let output = run("child_lines_only", root.path());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with("pmssl: cannot open the log "),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1);
}

#[test]
fn console_storage_is_stderr_and_no_file() {
    let root = root("SET storage=console\nSET color=off");
    let output = run("child_lines_only", root.path());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.ends_with("] pmtest INFO a line\n"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1);
    assert!(!root.path().join("var/pmtest.log").exists());
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn child_scopes() {
    start(&Start {
        root: &given_root(),
        module: "pmtest",
    });
    set_item(ItemId(1));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let one = |item| async move {
        set_item(ItemId(item));
        crate::log!(Main, Info, "begin");
        tokio::task::yield_now().await;
        crate::log!(Main, Info, "end");
        recent_lines()
    };
    let (two, three) = runtime.block_on(async { tokio::join!(scope(one(2)), scope(one(3))) });
    for (lines, mark) in [(two, "[item 2]"), (three, "[item 3]")] {
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.contains(mark)), "{lines:?}");
    }
    crate::log!(Main, Info, "own");
    assert_eq!(recent_lines().len(), 1);
    assert!(recent_lines()[0].contains("[item 1] own"));
    for number in 0..150 {
        crate::log!(Main, Info, "{number}{}", "x".repeat(2000));
    }
    assert_eq!(recent_lines().len(), RECENT_LINES);
    assert!(recent_lines()[0].contains("] 50xxx"));
    assert!(recent_lines()[0].ends_with(" characters more)"));
}

#[test]
fn commands_served_at_once_keep_their_lines_apart() {
    let root = root("");
    run("child_scopes", root.path());
}

#[test]
#[ignore = "run by the tests below in a process of its own"]
fn child_reload() {
    let root = given_root();
    start(&Start {
        root: &root,
        module: "pmtest",
    });
    crate::log!(Main, Debug, "too fine");
    fs::write(root.join("etc/debug.conf"), "* 9").unwrap();
    reload();
    crate::log!(Main, Debug, "fine");
    assert_eq!(recent_lines().len(), 1);
}

#[test]
fn levels_can_be_read_anew() {
    let root = root("* 4");
    run("child_reload", root.path());
}
