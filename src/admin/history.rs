//! The last complaints about one service, from its module's log.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::regular;

/// How much of the log's end is searched, in bytes.
const SEARCHED: u64 = 4 * 1024 * 1024;

/// How many lines are shown.
const SHOWN: usize = 5;

/// Longest line shown, in characters.
const LONGEST: usize = 400;

/// Reads the last warnings and errors about an item; an unreadable log holds none.
pub(super) fn complaints(root: &Path, module: &str, item: u64) -> Vec<String> {
    let read = || -> std::io::Result<String> {
        let path = root.join("var").join(format!("{module}.log"));
        let mut file = regular::open(&path, OpenOptions::new().read(true))?;
        let skipped = file.metadata()?.len().saturating_sub(SEARCHED);
        file.seek(SeekFrom::Start(skipped))?;
        let mut bytes = Vec::new();
        file.take(SEARCHED).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        // What begins in the middle of a line may be any part of it, a text of others included.
        let whole = match skipped {
            0 => &text,
            _ => text.split_once('\n').map_or("", |(_, rest)| rest),
        };
        Ok(whole.to_owned())
    };
    read().map(|text| pick(&text, item)).unwrap_or_default()
}

/// Lines look like `Mar  3 09:05:41 [4321:1] pmthesslstore ERROR [item 7 intent ABC] text`.
fn pick(log: &str, item: u64) -> Vec<String> {
    let mut found: Vec<String> = log
        .lines()
        .map(plain)
        .filter(|line| is_complaint(line, item))
        .collect();
    found.drain(..found.len().saturating_sub(SHOWN));
    found
}

/// Whether a line is an entry of its own, a warning or worse, about the item. Further lines of an entry
/// begin with blanks: they hold texts of others, whatever they look like. So does what follows the item.
fn is_complaint(line: &str, item: u64) -> bool {
    if line.starts_with(char::is_whitespace) {
        return false;
    }
    let mut rest = line;
    let mut word = || {
        let (word, after) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
        rest = after;
        word
    };
    let (_month, _day, time, process, _component, level) =
        (word(), word(), word(), word(), word(), word());
    let is_entry = time.len() == "09:05:41".len()
        && time
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b':')
        && process.starts_with('[')
        && process.ends_with(']');
    let about = rest.strip_prefix(&format!("[item {item}"));
    is_entry
        && matches!(level, "WARNING" | "ERROR" | "CRITICAL")
        && about.is_some_and(|after| after.starts_with([' ', ']']))
}

/// Without colour codes, cut to a bearable length.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests;
