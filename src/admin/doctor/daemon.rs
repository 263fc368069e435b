//! Whether the daemon runs, by the traces of its passes: it may run on its own, from cron or from a timer.

use chrono::{DateTime, TimeDelta, Utc};

use super::findings::{self, Findings};
use crate::admin::context::AdminContext;
use crate::admin::daemon::{NO_PASS, interval, traces};
use crate::admin::policy;
use crate::module::{self, Module, Text};
use crate::platform::Platform;

/// The daemon is not called stopped before this has passed: a pass over many services takes its time,
/// and cron or a timer have a rhythm of their own.
const PATIENCE: TimeDelta = TimeDelta::hours(2);

const NEVER: Text = Text::new("never", "не было");

/// Examines: each module that has accounts by its own trace. A daemon for one module, or one that hangs in one, leaves the
/// others alone.
pub(super) async fn examine(admin: &AdminContext, findings: &mut Findings<'_>) {
    let platform = admin.any_platform();
    let mut passes = Vec::new();
    for module in module::all() {
        // A database that cannot be read has a finding of its own.
        match platform.accounts_of(module.name).await {
            Ok(accounts) if accounts.is_empty() => {}
            Ok(_) => passes.push((module, last_pass(admin, module))),
            Err(_) => return,
        }
    }
    if passes.iter().all(|(_, last)| last.is_none()) {
        return findings.add(&findings::DAEMON_NEVER, "", "");
    }
    let seconds = interval(|name| platform.option(name));
    let shown = |last: DateTime<Utc>| last.format("%Y-%m-%d %H:%M UTC").to_string();
    let mut good = None;
    for (module, last) in passes {
        match last {
            // The machine's own clock: files are stamped with it.
            Some(last) if !is_late(Utc::now() - last, seconds) => good = good.max(Some(last)),
            last => {
                let when = last.map_or_else(|| admin.view.say(&NEVER).to_owned(), shown);
                let when = format!("{when} ({})", module.name);
                findings.add(&findings::DAEMON_STOPPED, &when, &seconds.to_string());
            }
        }
    }
    if let Some(last) = good {
        findings.add(&findings::DAEMON_GOOD, &shown(last), "");
    }
}

/// What the daemon may do, and where that is read; or why it is not known.
pub(super) fn examine_policy(admin: &AdminContext, findings: &mut Findings<'_>) {
    let platform = admin.any_platform();
    let found = policy::in_force(&platform, None);
    let policy = policy::word(&found.subscription);
    match found.trouble {
        Some(failure) => {
            let why = admin.view.failure(&failure);
            findings.add(&findings::POLICY_UNKNOWN, &why, policy);
        }
        None => {
            let place = admin.view.say(&policy::place(&platform));
            findings.add(&findings::POLICY_GOOD, policy, place);
        }
    }
}

/// Whether the daemon has looked lately at a module's services.
pub(super) fn works(admin: &AdminContext, module: &Module) -> bool {
    let platform = admin.any_platform();
    let seconds = interval(|name| platform.option(name));
    last_pass(admin, module).is_some_and(|last| !is_late(Utc::now() - last, seconds))
}

fn is_late(since: TimeDelta, interval: u32) -> bool {
    since > PATIENCE.max(TimeDelta::seconds(i64::from(interval) * 3))
}

/// The trace of the last pass over a module.
fn last_pass(admin: &AdminContext, module: &Module) -> Option<DateTime<Utc>> {
    let file = traces(&admin.root).join(module.name);
    let changed = std::fs::metadata(file).ok()?.modified().ok()?;
    // A file that only passes over single services have written.
    (changed > NO_PASS).then(|| DateTime::from(changed))
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
