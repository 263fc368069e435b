//! The platform's protocol against the whole program: every command, every kind of bad input, every trouble of
//! the installation, and what comes out on stdout, in the error history and in the log.

mod approver;
mod bad_order;
mod bookkeeping;
mod calls;
mod connection;
mod lifecycle;
mod logs;
mod names;
mod trouble;

use crate::sandbox::Outcome;

/// Compares with `tests/snapshots/<name>.snap`; what differs from run to run is filtered.
fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (pattern, stand_in) in [
        // The inner form of a stored intent is no matter of the protocol.
        (r"value=\d\|(\w+)\|(\w+)\|\S*", "value=[$1 $2]"),
        (r"127\.0\.0\.1:\d+", "[vendor]"),
        (
            r"/tmp/[^\s'<\x22]*?/(etc|var|sbin|processing)/",
            "[root]/$1/",
        ),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "[time]"),
        (
            r"(?m)^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \[\d+:\d+\]",
            "[time] [process]",
        ),
        (r"\b\d{19}-\d+-\d+\b", "[mark]"),
        (r"\b\d{10}\b", "[seconds]"),
        (r"\b[A-Z2-7]{20}\b", "[key]"),
        (r"\b\d+ ms\b", "[n] ms"),
        (r"\b\d+ bytes\b", "[n] bytes"),
        (r"\b20\d\d-\d\d-\d\d\b", "[date]"),
        (r"certificate [0-9a-f]{16,} of", "certificate [serial] of"),
        (r"\[date\] [0-9a-f]{16,}", "[date] [serial]"),
    ] {
        settings.add_filter(pattern, stand_in);
    }
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A run as a reader sees it.
fn shown(outcome: &Outcome) -> String {
    let exit = outcome
        .exit
        .map_or_else(|| "killed".to_owned(), |exit| exit.to_string());
    let mut text = format!("exit {exit}\n{}", outcome.stdout.trim_end());
    if !outcome.stderr.is_empty() {
        text += &format!("\nstderr: {}", outcome.stderr.trim_end());
    }
    text
}

/// Several runs under their headings.
#[derive(Default)]
struct Transcript(String);

impl Transcript {
    fn add(&mut self, heading: &str, outcome: &Outcome) {
        self.0 += &format!("## {heading}\n{}\n\n", shown(outcome));
    }

    fn check(self, name: &str) {
        snapshot(name, self.0.trim_end());
    }
}
