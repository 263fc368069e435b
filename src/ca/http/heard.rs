//! What answers tell beside their content: the vendor's clock, and its wish to be left alone.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::Reply;

/// Statuses with which a pause is meant for the caller (RFC 6585, RFC 9110).
const BUSY: [u16; 2] = [429, 503];

/// No wish is obeyed for longer than this: a vendor that answers nonsense must not stop everything.
const LONGEST_WISH: Duration = Duration::from_secs(3600);

/// The latest of both, from any answer of one way.
#[derive(Debug, Default)]
pub(super) struct Heard(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    time: Option<(DateTime<Utc>, Instant)>,
    quiet_until: Option<Instant>,
}

impl Heard {
    fn state(&self) -> MutexGuard<'_, State> {
        // Both values are whole at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, reply: &Reply, at: Instant) {
        let mut state = self.state();
        if let Some(date) = reply.date {
            state.time = Some((date, at));
        }
        if BUSY.contains(&reply.status) {
            let wish = reply.retry_after.map(|wish| at + wish.min(LONGEST_WISH));
            state.quiet_until = state.quiet_until.max(wish);
        }
    }

    pub(super) fn time(&self, at: Instant) -> Option<DateTime<Utc>> {
        let (date, heard) = self.state().time?;
        let passed = chrono::TimeDelta::from_std(at.saturating_duration_since(heard)).ok()?;
        date.checked_add_signed(passed)
    }

    pub(super) fn quiet_for(&self, at: Instant) -> Option<Duration> {
        let until = self.state().quiet_until?;
        Some(until.saturating_duration_since(at)).filter(|rest| !rest.is_zero())
    }
}

/// A date as HTTP writes it (RFC 9110, 5.6.7); the older forms are not read.
pub(super) fn date(text: &str) -> Option<DateTime<Utc>> {
    let date = DateTime::parse_from_rfc2822(text.trim()).ok()?;
    Some(date.to_utc())
}

/// `Retry-After`: seconds, or a moment on the clock of the answer that carries it.
pub(super) fn pause(text: &str, now: Option<DateTime<Utc>>) -> Option<Duration> {
    match text.trim().parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => Some((date(text)? - now?).to_std().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests;
