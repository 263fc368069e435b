//! Counts that are the same on a busy machine as on an idle one, kept in a file: a growth must be entered there on purpose
//! (`--update`).

/// A file of lines `name count` behind a comment.
pub struct Kept {
    pub file: &'static str,
    /// The comment.
    pub head: &'static str,
    /// Growth up to this many percent holds ...
    pub tolerance: f64,
    /// ... and growth by this many, whatever it is in percent.
    pub slack: u64,
}

/// What is to be said of a count.
pub struct Verdict {
    pub kept: String,
    pub change: String,
    pub words: &'static str,
    pub fails: bool,
}

impl Kept {
    /// Replaces all counts.
    pub fn update<'a>(&self, counts: impl IntoIterator<Item = (&'a str, u64)>) {
        let lines = counts.into_iter();
        let lines = lines.map(|(name, count)| format!("{name} {count}\n"));
        let text = format!("{}{}", self.head, lines.collect::<String>());
        std::fs::write(self.file, text).expect(self.file);
    }

    /// What the file holds.
    pub fn read(&self) -> String {
        std::fs::read_to_string(self.file).unwrap_or_default()
    }

    /// A count against the kept one.
    pub fn judge(&self, text: &str, name: &str, now: u64) -> Verdict {
        let Some(before) = kept_count(text, name) else {
            return Verdict {
                kept: String::new(),
                change: String::new(),
                words: "not in the file",
                fails: true,
            };
        };
        let change = percent(before, now);
        let counts = before.abs_diff(now) > self.slack && change.abs() > self.tolerance;
        Verdict {
            kept: before.to_string(),
            change: format!("{change:+.2} %"),
            words: match (counts, now > before) {
                (false, _) => "holds",
                (true, true) => "GREW",
                (true, false) => "shrank: enter it",
            },
            fails: counts && now > before,
        }
    }
}

pub fn percent(before: u64, now: u64) -> f64 {
    (now as f64 / before.max(1) as f64 - 1.0) * 100.0
}

fn kept_count(text: &str, name: &str) -> Option<u64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut found = lines.filter_map(|line| line.rsplit_once(' '));
    let (_, count) = found.find(|(known, _)| *known == name)?;
    count.parse().ok()
}
