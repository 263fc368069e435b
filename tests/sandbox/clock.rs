//! The world's clock: the real one plus the seconds in a file that the product reads, too. It begins at a fixed
//! moment.

use std::ffi::OsString;
use std::path::PathBuf;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The moment at which worlds begin, whatever the real date: laws of certificates change with the calendar
/// (reference calendar.md), so a test that is right on this day would be wrong on a later one.
pub const BEGIN: &str = "2026-11-25T09:00:00Z";

/// [`BEGIN`], or what the variable `PMSSL_WORLD_START` says in its stead (RFC 3339).
pub fn begin() -> DateTime<Utc> {
    told_begin().unwrap_or_else(|| BEGIN.parse().expect("the begin of all worlds"))
}

/// What the variable says. Panics when that is no moment.
pub fn told_begin() -> Option<DateTime<Utc>> {
    let told = std::env::var("PMSSL_WORLD_START").ok()?;
    Some(
        told.parse()
            .expect("PMSSL_WORLD_START: a moment as in 2026-11-25T09:00:00Z"),
    )
}

/// What shifts the machine's clock for this process (`faketime`) shifts it for the program, whose environment is empty
/// otherwise: a proof that no test depends on the day of its run.
pub fn carried() -> impl Iterator<Item = (OsString, OsString)> {
    std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        name == "LD_PRELOAD" || name.starts_with("FAKETIME")
    })
}

/// A clock that all parts of the world share.
#[derive(Debug, Clone)]
pub struct WorldClock(PathBuf);

impl WorldClock {
    /// A link means what it leads to: the clock is replaced when it moves.
    pub fn new(file: PathBuf) -> Self {
        Self(file.canonicalize().unwrap_or(file))
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
