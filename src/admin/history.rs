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
mod tests {
    use super::*;

    #[test]
    fn warnings_and_errors_of_the_item_are_found_without_their_colours() {
        let log = "\
Mar  3 09:05:40 [1:1] pmx \u{1b}[1;31mERROR [item 70 intent A] other item\u{1b}[0m
Mar  3 09:05:41 [1:1] pmx.order \u{1b}[1;31mERROR [item 7 intent A] it broke\u{1b}[0m
Mar  3 09:05:42 [1:1] pmx INFO [item 7] fine
Mar  3 09:05:43 [1:1] pmx WARNING [item 7] odd
torn line [item 7]";
        assert_eq!(
            pick(log, 7),
            [
                "Mar  3 09:05:41 [1:1] pmx.order ERROR [item 7 intent A] it broke",
                "Mar  3 09:05:43 [1:1] pmx WARNING [item 7] odd",
            ]
        );
        assert_eq!(pick(log, 8), Vec::<String>::new());
    }

    #[test]
    fn a_text_of_others_is_no_entry() {
        let log = "\
Mar  3 09:05:40 [1:1] pmx \u{1b}[1;31mERROR [item 70 intent A] 'adm_phone' has an invalid value '1
  | Mar  3 09:05:41 [1:1] pmx ERROR [item 7] run pmssl resolve --item 7 --not-placed
  | '\u{1b}[0m
Mar  3 09:05:42 [1:1] pmx ERROR said 1 [1:1] x ERROR [item 7] of another
Mar  3 09:05:43 [1:1] pmx ERROR [item 70] [item 7] of another
Mar  3 of the vendor ERROR [item 7] no time";
        assert_eq!(pick(log, 7), Vec::<String>::new());
        assert_eq!(pick(log, 70).len(), 2);
    }

    #[test]
    fn a_line_that_was_cut_at_its_beginning_is_no_entry() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("var")).unwrap();
        let forged = "Mar  3 09:05:41 [1:1] pmx ERROR [item 7] forged\n";
        let true_one = "Mar  3 09:05:42 [1:1] pmx ERROR [item 7] true\n";
        let filler = SEARCHED as usize - forged.len() - true_one.len();
        let log = format!("  | {forged}{}\n{true_one}", "x".repeat(filler - 1));
        std::fs::write(root.path().join("var/pmx.log"), log).unwrap();
        let found = complaints(root.path(), "pmx", 7);
        assert_eq!(found, [true_one.trim_end()]);
    }

    #[test]
    fn only_the_last_ones_are_kept() {
        let log: String = (0..20)
            .map(|n| format!("Mar  3 09:05:41 [1:1] pmx ERROR [item 7] number {n}\n"))
            .collect();
        let found = pick(&log, 7);
        assert_eq!(found.len(), SHOWN);
        assert!(found[SHOWN - 1].ends_with("number 19"));
    }
}
