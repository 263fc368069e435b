//! A log that is moved aside while others write to it.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::Path;

use super::super::file::{LogFile, MOVED};
use super::*;

fn first_line(text: &str) -> String {
    format!("first: {text}")
}

/// All lines of the log in its order: packed parts, parts not packed, the log itself.
/// Checks that every file but the oldest begins by naming an archive that exists.
fn all_lines(directory: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    let mut archives = HashSet::new();
    for entry in fs::read_dir(directory.join("logs")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let mut text = String::new();
        flate2::read::GzDecoder::new(fs::File::open(&path).unwrap())
            .read_to_string(&mut text)
            .unwrap();
        archives.insert(format!("var/logs/{}", path.file_name().unwrap().display()));
        texts.push(text);
    }
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            texts.push(fs::read_to_string(&path).unwrap());
        }
    }
    let mut named = HashSet::new();
    let mut lines = Vec::new();
    for text in texts {
        assert!(text.ends_with('\n'));
        for (number, line) in text.lines().enumerate() {
            match line.split_once(MOVED) {
                Some((_, archive)) => {
                    assert_eq!(number, 0, "{line}");
                    assert!(named.insert(archive.to_owned()));
                }
                None => lines.push(line.to_owned()),
            }
        }
    }
    assert_eq!(named, archives);
    lines
}

#[test]
fn a_long_log_is_packed_and_its_successor_names_the_archive() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    let mut log = LogFile::open(&path, 1000).unwrap();
    for number in 0..100 {
        log.write(&format!("line {number:03} {}", "x".repeat(30)), first_line)
            .unwrap();
    }
    log.finish();
    assert_eq!(all_lines(directory.path()).len(), 100);
    let left: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("first: the log reached its size limit"));
    assert!(text.len() < 1100);
    assert!(fs::read_dir(directory.path().join("logs")).unwrap().count() >= 4);
}

#[test]
fn the_new_log_keeps_the_old_ones_mode() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    let mut log = LogFile::open(&path, 10).unwrap();
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    log.write("longer than ten", first_line).unwrap();
    log.write("after the move", first_line).unwrap();
    log.finish();
    assert_eq!(mode(), 0o640);
}

#[test]
fn a_log_replaced_or_removed_by_others_is_opened_anew() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    let mut log = LogFile::open(&path, 1_000_000).unwrap();
    log.write("one", first_line).unwrap();
    fs::rename(&path, directory.path().join("old")).unwrap();
    log.write("two", first_line).unwrap();
    fs::remove_file(&path).unwrap();
    log.write("three", first_line).unwrap();
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    assert_eq!(read("old"), "one\n");
    assert_eq!(read("pmtest.log"), "three\n");
}

#[test]
fn a_move_that_was_cut_off_is_finished_later() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    // A part that was moved but not packed, and the log under a second name.
    fs::write(
        directory.path().join("pmtest.log-20260303-090541-1"),
        "lost?\n",
    )
    .unwrap();
    fs::write(&path, "kept\n").unwrap();
    fs::hard_link(&path, directory.path().join("pmtest.log-20260303-090541-2")).unwrap();
    let not_ours = [
        "notes",
        "20260303",
        "20260303-090541",
        "20260303-090541-1-1",
    ]
    .map(|suffix| directory.path().join(format!("pmtest.log-{suffix}")));
    for path in &not_ours {
        fs::write(path, "not ours").unwrap();
    }
    let mut log = LogFile::open(&path, 5).unwrap();
    log.write("next", first_line).unwrap();
    log.finish();
    let archives = fs::read_dir(directory.path().join("logs")).unwrap().count();
    assert!(not_ours.iter().all(|path| path.exists()));
    assert!(
        !directory
            .path()
            .join("pmtest.log-20260303-090541-1")
            .exists()
    );
    assert!(
        !directory
            .path()
            .join("pmtest.log-20260303-090541-2")
            .exists()
    );
    assert!(archives >= 2);
}

#[test]
fn a_move_that_fails_loses_no_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    fs::write(directory.path().join("logs"), "in the way").unwrap();
    let mut log = LogFile::open(&path, 20).unwrap();
    for number in 0..3 {
        log.write(&format!("a line of some length {number}"), first_line)
            .unwrap();
    }
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("a line of some length").count(), 3);
    assert!(text.contains("first: the log cannot be moved to var/logs: "));
}

/// The two halves of the proof that no line can go to a file that was packed already.
#[test]
fn a_log_is_not_moved_while_another_is_about_to_write() {
    use std::io::Write;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    let mut log = LogFile::open(&path, 1000).unwrap();
    log.write(&"x".repeat(2000), first_line).unwrap();
    let mut other = fs::OpenOptions::new().append(true).open(&path).unwrap();
    other.lock_shared().unwrap();
    log.write("written instead of waiting for ever", first_line)
        .unwrap();
    assert!(!directory.path().join("logs").exists());
    other.write_all(b"late\n").unwrap();
    other.unlock().unwrap();
    log.write(&"y".repeat(100), first_line).unwrap();
    log.finish();
    assert_eq!(
        fs::read_dir(directory.path().join("logs")).unwrap().count(),
        1
    );
    let lines = all_lines(directory.path());
    assert_eq!(lines.len(), 4);
    assert!(lines.contains(&"late".to_owned()));
}

#[test]
fn nobody_writes_to_a_log_that_is_being_moved() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    let mut log = LogFile::open(&path, 1_000_000).unwrap();
    log.write("one", first_line).unwrap();
    let mover = fs::File::open(&path).unwrap();
    mover.lock().unwrap();
    let writer = std::thread::spawn(move || log.write("two", first_line));
    std::thread::sleep(std::time::Duration::from_millis(50));
    let moved = directory.path().join("moved");
    fs::rename(&path, &moved).unwrap();
    // It opens the new log although the moved one stays locked, as it does while it is packed.
    writer.join().unwrap().unwrap();
    assert_eq!(fs::read_to_string(&moved).unwrap(), "one\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
}

/// What writer `writer` puts in its line `number`: long enough to tear, with a check of its end.
fn numbered(writer: usize, number: usize) -> String {
    let filler = "abcdefghij".repeat(1 + (writer * 7 + number) % 60);
    format!("writer {writer} line {number} {filler} end {writer} {number}")
}

fn check_numbered(directory: &Path, writers: usize, count: usize) {
    let lines = all_lines(directory);
    let found: HashSet<_> = lines.iter().map(String::as_str).collect();
    assert_eq!(lines.len(), writers * count, "lost or torn lines");
    for writer in 0..writers {
        for number in 0..count {
            assert!(found.contains(numbered(writer, number).as_str()));
        }
    }
}

#[test]
fn parallel_handles_lose_and_tear_nothing_while_the_log_is_moved() {
    const COUNT: usize = 1500;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmtest.log");
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let mut log = LogFile::open(path, 300_000).unwrap();
                for number in 0..COUNT {
                    log.write(&numbered(writer, number), first_line).unwrap();
                }
                log.finish();
            });
        }
    });
    let moves = fs::read_dir(directory.path().join("logs")).unwrap().count();
    assert!(moves >= 5, "{moves}");
    check_numbered(directory.path(), 8, COUNT);
}

#[test]
#[ignore = "run by the test below in a process of its own"]
fn child_writer() {
    let number: usize = std::env::var(NUMBER).unwrap().parse().unwrap();
    let mut log = LogFile::open(&given_root().join("pmtest.log"), 200_000).unwrap();
    for line in 0..1000 {
        log.write(&numbered(number, line), first_line).unwrap();
    }
    // No finish: what is not packed when the process ends must not be lost.
}

#[test]
fn parallel_processes_lose_and_tear_nothing_while_the_log_is_moved() {
    let directory = tempfile::tempdir().unwrap();
    let children: Vec<_> = (0..8)
        .map(|number| {
            child("moves::child_writer", directory.path(), number)
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    // One more move packs what ended processes left; it holds its own line apart.
    let mut log = LogFile::open(&directory.path().join("pmtest.log"), 1).unwrap();
    log.write(&numbered(8, 0), first_line).unwrap();
    log.finish();
    for entry in fs::read_dir(directory.path().join("logs")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "part")
        {
            fs::remove_file(path).unwrap();
        }
    }
    let moves = fs::read_dir(directory.path().join("logs")).unwrap().count();
    assert!(moves >= 5, "{moves}");
    let text = fs::read_to_string(directory.path().join("pmtest.log")).unwrap();
    assert!(text.ends_with(&format!("{}\n", numbered(8, 0))));
    let moved_line = text.lines().next().unwrap();
    fs::write(
        directory.path().join("pmtest.log"),
        format!("{moved_line}\n"),
    )
    .unwrap();
    check_numbered(directory.path(), 8, 1000);
}
