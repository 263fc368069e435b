//! The clock of a command. UTC, whole seconds.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Where the time comes from.
///
/// The simulated world moves time with a file of seconds to add; it is ignored in the platform's
/// usual place, so that the dates of a real installation cannot be shifted.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_file: Option<std::path::PathBuf>,
    /// Seconds since 1970, moved by hand.
    #[cfg(test)]
    standing: Option<std::sync::Arc<std::sync::atomic::AtomicI64>>,
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
            #[cfg(test)]
            standing: None,
        }
    }

    /// A clock that stands still between the moments to which it is set.
    #[cfg(test)]
    pub(crate) fn standing(seconds: std::sync::Arc<std::sync::atomic::AtomicI64>) -> Self {
        Self {
            standing: Some(seconds),
            ..Self::default()
        }
    }

    /// Now, cut to seconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        #[cfg(test)]
        if let Some(seconds) = &self.standing {
            let seconds = seconds.load(std::sync::atomic::Ordering::Relaxed);
            return DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        }
        let offset = self
            .offset_file
            .as_deref()
            .and_then(|file| crate::regular::read_text(file, crate::regular::SETTINGS).ok())
            .and_then(|text| text.trim().parse().ok())
            .and_then(TimeDelta::try_seconds)
            .unwrap_or_default();
        (Utc::now() + offset).trunc_subsecs(0)
    }
}
