//! The last complaints about one service, from its module's log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// How much of the log's end is searched, in bytes.
const SEARCHED: u64 = 4 * 1024 * 1024;

/// How many lines are shown.
const SHOWN: usize = 5;

/// Longest line shown, in characters.
const LONGEST: usize = 400;

/// Reads the last warnings and errors about an item; an unreadable log holds none.
pub(super) fn complaints(root: &Path, module: &str, item: u64) -> Vec<String> {
    let read = || -> std::io::Result<String> {
        let mut file = File::open(root.join("var").join(format!("{module}.log")))?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(SEARCHED)))?;
        let mut bytes = Vec::new();
        file.take(SEARCHED).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().map(|text| pick(&text, item)).unwrap_or_default()
}

/// Lines look like `Mar  3 09:05:41 [4321:1] pmthesslstore ERROR [item 7 intent ABC] text`.
fn pick(log: &str, item: u64) -> Vec<String> {
    let marks = [format!("[item {item} "), format!("[item {item}]")];
    let mut found: Vec<String> = log
        .lines()
        .map(plain)
        .filter(|line| marks.iter().any(|mark| line.contains(mark.as_str())))
        .filter(|line| {
            let level = line.split_whitespace().nth(5).unwrap_or_default();
            matches!(level, "WARNING" | "ERROR" | "CRITICAL")
        })
        .collect();
    found.drain(..found.len().saturating_sub(SHOWN));
    found
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
    fn only_the_last_ones_are_kept() {
        let log: String = (0..20)
            .map(|n| format!("Mar  3 09:05:41 [1:1] pmx ERROR [item 7] number {n}\n"))
            .collect();
        let found = pick(&log, 7);
        assert_eq!(found.len(), SHOWN);
        assert!(found[SHOWN - 1].ends_with("number 19"));
    }
}
