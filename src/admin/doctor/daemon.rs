//! Whether the daemon runs, by the traces of its passes: it may run on its own, from cron or from a timer.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

use super::findings::{self, Findings};
use crate::admin::daemon::{interval, traces};
use crate::admin::scene::Scene;
use crate::platform::Platform;

/// The daemon is not called stopped before this has passed: a pass over many services takes its time,
/// and cron or a timer have a rhythm of their own.
const PATIENCE: TimeDelta = TimeDelta::hours(2);

/// Examines.
pub(super) fn examine(scene: &Scene, findings: &mut Findings<'_>) {
    let Some(last) = last_pass(&traces(&scene.root)) else {
        return findings.add(&findings::DAEMON_NEVER, "", "");
    };
    let platform = scene.any_platform();
    let seconds = interval(|name| platform.option(name));
    let shown = last.format("%Y-%m-%d %H:%M UTC").to_string();
    // The machine's own clock: files are stamped with it.
    if is_late(Utc::now() - last, seconds) {
        findings.add(&findings::DAEMON_STOPPED, &shown, &seconds.to_string());
    } else {
        findings.add(&findings::DAEMON_GOOD, &shown, "");
    }
}

/// Whether the daemon has looked lately.
pub(super) fn works(scene: &Scene) -> bool {
    let platform = scene.any_platform();
    let seconds = interval(|name| platform.option(name));
    last_pass(&traces(&scene.root)).is_some_and(|last| !is_late(Utc::now() - last, seconds))
}

fn is_late(since: TimeDelta, interval: u32) -> bool {
    since > PATIENCE.max(TimeDelta::seconds(i64::from(interval) * 3))
}

/// The newest trace.
fn last_pass(directory: &Path) -> Option<DateTime<Utc>> {
    let entries = std::fs::read_dir(directory).ok()?;
    entries
        .filter_map(|entry| {
            let changed: SystemTime = entry.ok()?.metadata().ok()?.modified().ok()?;
            Some(DateTime::from(changed))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_missed_after_two_hours_or_three_intervals() {
        for (minutes, interval, late) in [
            (1, 60, false),
            (119, 60, false),
            (121, 60, true),
            (250, 86_400, false),
            (3 * 24 * 60 + 1, 86_400, true),
            // A clock that was set back.
            (-60, 60, false),
        ] {
            let since = TimeDelta::minutes(minutes);
            assert_eq!(is_late(since, interval), late, "{minutes} {interval}");
        }
    }
}
