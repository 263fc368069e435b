//! The clock of a command. UTC, whole seconds.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Where the time comes from.
///
/// The simulated world moves time with a file of seconds to add; it is ignored in the platform's
/// usual place, so that the dates of a real installation cannot be shifted.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_file: Option<std::path::PathBuf>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The system's clock plus the seconds written in a file, read anew at each look.
    #[must_use]
    pub fn shifted(offset_file: impl Into<std::path::PathBuf>) -> Self {
        Self {
            offset_file: Some(offset_file.into()),
        }
    }

    /// Now, cut to seconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let offset = self
            .offset_file
            .as_deref()
            .and_then(|file| std::fs::read_to_string(file).ok())
            .and_then(|text| text.trim().parse().ok())
            .and_then(TimeDelta::try_seconds)
            .unwrap_or_default();
        (Utc::now() + offset).trunc_subsecs(0)
    }
}
