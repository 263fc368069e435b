//! The machine: log directory and what is in it, disk, clock, spool.

use std::path::Path;
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::findings::{self, Findings};
use super::paths;
use crate::admin::context::AdminContext;
use crate::module::Text;

/// Free space below which the disk is low, in MiB.
const LOW: u64 = 1024;

/// Free space below which things fail soon, in MiB.
const FULL: u64 = 100;

/// No clock is right that shows an earlier day than this program's sources.
const EARLIEST: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 1, 1);

/// Files may be this much ahead: other nodes' clocks, coarse time stamps.
const AHEAD: TimeDelta = TimeDelta::hours(1);

const TOO_EARLY: Text = Text::new(
    "this version was made later than that",
    "эта версия программы создана позже",
);
const FUTURE: Text = Text::new(
    "__file__ was changed on __when__",
    "файл __file__ изменён __when__",
);

/// Examines.
pub(super) fn examine(admin: &AdminContext, findings: &mut Findings<'_>) {
    let var = admin.root.join("var");
    let name = var.display().to_string();
    match tempfile::NamedTempFile::new_in(&var) {
        Ok(_) => {
            findings.add(&findings::LOG_GOOD, &name, "");
            paths::below(admin, findings);
        }
        Err(error) => {
            let why = paths::plain(&error);
            findings.add(&findings::LOG, &name, why.get(admin.view.language));
        }
    }
    paths::metrics(admin, findings);
    if let Ok(disk) = rustix::fs::statvfs(&var) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize) / (1024 * 1024);
        let kind = match free {
            free if free < FULL => &findings::DISK_FULL,
            free if free < LOW => &findings::DISK_LOW,
            _ => &findings::DISK_GOOD,
        };
        findings.add(kind, &free.to_string(), &name);
    }
    clock(admin, &var, findings);
    spool(admin, findings);
}

fn clock(admin: &AdminContext, var: &Path, findings: &mut Findings<'_>) {
    // The machine's own clock: files are stamped with it.
    let now = Utc::now();
    let shown = now.format("%Y-%m-%d %H:%M UTC").to_string();
    if EARLIEST.is_some_and(|earliest| now.date_naive() < earliest) {
        let why = admin.view.say(&TOO_EARLY);
        return findings.add(&findings::CLOCK, &shown, why);
    }
    let newest = newest(var);
    if let Some((file, changed)) = newest.filter(|(_, changed)| *changed > now + AHEAD) {
        let why = admin
            .view
            .say(&FUTURE)
            .replace("__file__", &file)
            .replace("__when__", &changed.format("%Y-%m-%d").to_string());
        return findings.add(&findings::CLOCK, &shown, &why);
    }
    findings.add(&findings::CLOCK_GOOD, &shown, "");
}

/// The newest log.
fn newest(var: &Path) -> Option<(String, DateTime<Utc>)> {
    let entries = std::fs::read_dir(var).ok()?;
    entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let is_log = path.extension().is_some_and(|kind| kind == "log");
            let changed: SystemTime = path.metadata().ok()?.modified().ok()?;
            is_log.then(|| (path.display().to_string(), DateTime::from(changed)))
        })
        .max_by_key(|(_, changed)| *changed)
}

fn spool(admin: &AdminContext, findings: &mut Findings<'_>) {
    let entries = std::fs::read_dir(admin.root.join("var/pmssl/spool"));
    for path in entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        let stem = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned());
        let item = stem.as_deref().and_then(|stem| stem.strip_prefix("item-"));
        if let Some(item) = item {
            findings.add(&findings::SPOOL, &path.display().to_string(), item);
        }
    }
}
