//! `--once` on a terminal: a bar while it works, a table at the end; nothing of both in a pipe.

use std::fs::File;
use std::io::Read;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::{Fixture, MODULE};

/// What a pass shows on a terminal.
fn shown(fixture: &Fixture) -> String {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let open = || {
        let mut options = File::options();
        options.read(true).write(true);
        options.open(name.to_str().unwrap()).unwrap()
    };
    let mut command = fixture.command(&["daemon", "--once"]);
    command
        .stdout(Stdio::from(open()))
        .stderr(Stdio::from(open()));
    let mut child = command.spawn().unwrap();
    // The last owner of the other side must be the program: its end is the end of the text.
    drop(command);
    let (mut text, mut part) = (Vec::new(), [0; 4096]);
    let mut master = File::from(master);
    // A terminal whose other side is gone answers with an error.
    while let Ok(length @ 1..) = master.read(&mut part) {
        text.extend_from_slice(&part[..length]);
    }
    assert!(child.wait().unwrap().success(), "{}", fixture.log());
    plain(&String::from_utf8(text).unwrap())
}

/// Without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        plain + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

#[test]
fn a_pass_shows_a_bar_and_a_table() {
    let fixture = Fixture::new();
    for number in 0..4 {
        fixture.ordered(&format!("bar{number}.example.com"), 12);
    }
    let text = shown(&fixture);
    assert!(
        text.contains("\r[#######-----------------------] 1/4"),
        "{text}"
    );
    assert!(
        text.contains("\r[##############################] 4/4\r\n"),
        "{text}"
    );
    let table = text.split_once("4/4\r\n").unwrap().1;
    let mut lines = table.lines();
    let head = lines.next().unwrap();
    assert!(head.starts_with("module") && head.contains("waiting") && head.ends_with("calls"));
    let line = lines.find(|line| line.starts_with(MODULE)).unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[1..3], ["4", "4"], "{line}");
    assert!(fixture.log().contains("looked at 4, waiting 4"));
}

#[test]
fn a_pipe_gets_nothing() {
    let fixture = Fixture::new();
    fixture.ordered("pipe.example.com", 12);
    let output = fixture.tool(&["daemon", "--once"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
}
