//! How much the daemon does at a time, from options of `billmgr.conf`.

use crate::domain::options::{self, Known, Whole};

/// The daemon's limits, from options of `billmgr.conf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::admin) struct Limits {
    /// Pause between two passes, seconds.
    pub(super) interval: u32,
    /// Calls per second and account.
    pub(super) calls_per_second: u32,
    /// Services worked on at the same time, per module.
    pub(super) workers: u32,
    /// Ordering calls per account and hour.
    pub(super) orders_per_hour: u32,
}

impl Limits {
    /// Reads the options; bad values are a line for the log and the default.
    pub(super) fn read(option: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut complaints = Vec::new();
        let mut read = |known: &Known<Whole>| known.read(&option, &mut complaints);
        let limits = Self {
            interval: read(&options::DAEMON_INTERVAL),
            calls_per_second: read(&options::DAEMON_RATE),
            workers: read(&options::DAEMON_WORKERS),
            orders_per_hour: read(&options::DAEMON_ORDERS),
        };
        (limits, complaints)
    }
}

/// The pause between two passes that the options ask for, in seconds.
pub(in crate::admin) fn interval(option: impl Fn(&str) -> Option<String>) -> u32 {
    options::DAEMON_INTERVAL.get(option)
}
