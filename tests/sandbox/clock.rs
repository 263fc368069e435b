//! The world's clock: the real one plus the seconds in a file that the product reads, too.

use std::path::PathBuf;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// A clock that all parts of the world share.
#[derive(Debug, Clone)]
pub struct WorldClock(PathBuf);

impl WorldClock {
    pub fn new(file: PathBuf) -> Self {
        Self(file)
    }

    /// Now, whole seconds.
    pub fn now(&self) -> DateTime<Utc> {
        (Utc::now() + TimeDelta::seconds(self.offset())).trunc_subsecs(0)
    }

    /// Seconds by which the clock is ahead of the real one.
    pub fn offset(&self) -> i64 {
        std::fs::read_to_string(&self.0)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or_default()
    }

    /// Moves the clock, backwards too.
    pub fn advance(&self, seconds: i64) {
        let text = (self.offset() + seconds).to_string();
        // Replaced in one step, so that a module that reads at this moment sees the old or the new time.
        let scratch = self.0.with_extension("new");
        std::fs::write(&scratch, text).expect("the clock file");
        std::fs::rename(&scratch, &self.0).expect("the clock file");
    }
}
