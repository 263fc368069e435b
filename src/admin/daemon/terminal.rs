//! What `--once` shows on a terminal: one bar over all modules while it works, a table at the end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;

use super::pass::{Count, Summary};
use crate::failure::Failure;
use crate::logging;

/// Signs of a full bar.
const WIDTH: usize = 30;

/// How far all modules are, drawn over itself.
#[derive(Default)]
pub(super) struct Progress {
    parts: RefCell<BTreeMap<&'static str, (usize, usize)>>,
}

impl Progress {
    /// A module has done so many of the services that it found.
    pub(super) fn note(&self, module: &'static str, done: usize, found: usize, to: &mut dyn Write) {
        self.parts.borrow_mut().insert(module, (done, found));
        let _ = write!(to, "\r{}", self.bar()).and_then(|()| to.flush());
    }

    /// Leaves the bar's line, also where a pass ended early.
    pub(super) fn end(&self, to: &mut dyn Write) {
        if !self.parts.borrow().is_empty() {
            let _ = writeln!(to).and_then(|()| to.flush());
        }
    }

    fn bar(&self) -> String {
        let parts = self.parts.borrow();
        let done: usize = parts.values().map(|(done, _)| done).sum();
        let found: usize = parts.values().map(|(_, found)| found).sum();
        let full = (WIDTH * done / found.max(1)).min(WIDTH);
        format!(
            "[{}{}] {done}/{found}",
            "#".repeat(full),
            "-".repeat(WIDTH - full)
        )
    }
}

/// The summary.
pub(super) fn table(summaries: &[Result<Summary, Failure>]) -> String {
    let mut text = format!("{:<18}", "module");
    for (_, word) in Count::ALL {
        text.push_str(&format!("{word:>10}"));
    }
    text.push_str("     calls\n");
    for summary in summaries {
        match summary {
            Ok(summary) => {
                text.push_str(&format!("{:<18}", summary.module));
                for (count, _) in Count::ALL {
                    let number = summary.counts.get(&count).copied().unwrap_or_default();
                    text.push_str(&format!("{number:>10}"));
                }
                text.push_str(&format!("{:>10}\n", summary.calls));
                if let Some(why) = summary.ended_early {
                    text.push_str(&format!("{:<18}ended early: {why}\n", ""));
                }
            }
            Err(failure) => text.push_str(&format!("{}\n", logging::mask(&failure.chain()))),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    #[test]
    fn one_bar_counts_all_modules() {
        let (progress, mut shown) = (Progress::default(), Vec::new());
        progress.note("pmenomssl", 0, 2, &mut shown);
        progress.note("pmthesslstore", 1, 2, &mut shown);
        progress.note("pmenomssl", 2, 2, &mut shown);
        progress.end(&mut shown);
        let shown = String::from_utf8(shown).unwrap();
        let steps: Vec<&str> = shown.trim_end().split('\r').skip(1).collect();
        assert_eq!(
            steps,
            [
                "[------------------------------] 0/2",
                "[#######-----------------------] 1/4",
                "[######################--------] 3/4",
            ]
        );
        assert!(shown.ends_with('\n'), "the table has a line of its own");
    }

    #[test]
    fn nothing_done_draws_nothing() {
        let mut shown = Vec::new();
        Progress::default().end(&mut shown);
        assert!(shown.is_empty());
    }

    #[test]
    fn the_table_has_a_line_for_each_module_and_says_what_ended_early() {
        let summaries = [
            Ok(Summary {
                module: "pmthesslstore",
                counts: [(Count::Looked, 12), (Count::Reissued, 3)].into(),
                calls: 17,
                ended_early: Some("asked to stop"),
                ..Summary::default()
            }),
            Err(Failure::new(Reason::Database)),
        ];
        let text = table(&summaries);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            lines[1],
            [
                "pmthesslstore",
                "12",
                "0",
                "0",
                "3",
                "0",
                "0",
                "0",
                "0",
                "0",
                "0",
                "17"
            ]
        );
        assert_eq!(lines[2].join(" "), "ended early: asked to stop");
        let widths: Vec<usize> = text.lines().take(2).map(str::len).collect();
        assert_eq!(widths[0], widths[1], "numbers stand below their words");
        assert_eq!(lines.len(), 4);
    }
}
