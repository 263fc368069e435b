//! What `--once` shows on a terminal while it works: one bar over all modules.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
