//! When to look at what: eager at first, then slower. It is kept in a file that may be lost.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};

use crate::regular;

/// Pauses between two looks at the same service, by the age of what is awaited (both in minutes): most
/// certificates come within minutes or not before a person has acted.
const PAUSES: [(i64, i64); 5] = [
    (15, 1),
    (2 * 60, 5),
    (24 * 60, 30),
    (7 * 24 * 60, 2 * 60),
    (30 * 24 * 60, 6 * 60),
];

/// The pause after the last step of the table.
const LONGEST_PAUSE: i64 = 24 * 60;

/// The schedule keeps more than services: numbers from here on are those of accounts that are to be left
/// alone, and counted down from the largest number those whose balance is asked for.
pub(super) const QUIET: u64 = 1 << 63;

/// From here on they are those of accounts whose last calls failed.
pub(super) const FAILING: u64 = QUIET + (1 << 62);

/// From here on they are those of accounts that cannot be used as they are, and of which a person has a task.
pub(super) const UNUSABLE: u64 = QUIET + (1 << 61);

/// Accounts whose low balance was told stand there from this number on.
pub(super) const LOW: u64 = QUIET + (1 << 60);

/// From here on they are those of accounts whose vendor is asked for revoked orders, with the day of the last answer.
pub(super) const REVOKED: u64 = QUIET + (1 << 59);

/// The number of the options that were in force when the shown dates of all services fitted them: no account has it.
pub(super) const SHOWN: u64 = QUIET;

/// A service of an account that rests is visited again after this, for those who have to know of its certificate.
const TOLD_AGAIN: TimeDelta = TimeDelta::hours(1);

/// The stamp of a schedule that no whole pass has left.
pub(in crate::admin) const NO_PASS: SystemTime = SystemTime::UNIX_EPOCH;

/// Largest schedule that is read, in bytes: a million services.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Directory of the schedules below the platform root.
pub(super) const DIRECTORY: &str = "var/pmssl/looks";

/// The pause until the next look, by age. A tenth of it, by a number that differs from service to
/// service, is added, so that services ordered together are not asked for together.
#[must_use]
pub(super) fn pause(age: TimeDelta, number: u64) -> TimeDelta {
    let minutes = PAUSES
        .iter()
        .find(|(until, _)| age < TimeDelta::minutes(*until))
        .map_or(LONGEST_PAUSE, |(_, pause)| *pause);
    let spread = (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % 61;
    let seconds = minutes * 60;
    TimeDelta::seconds(seconds + seconds * spread.cast_signed() / 600)
}

/// The next look at each service, kept for the next pass.
#[derive(Debug, Default)]
pub(super) struct Looks {
    next: HashMap<u64, (i64, u32)>,
    /// Services of resting accounts, with the time when they were visited for the sake of their people. Not kept.
    told: HashMap<u64, DateTime<Utc>>,
    /// Something is not on the disk yet.
    is_changed: bool,
}

impl Looks {
    /// Whether a service is to be looked at: never seen, changed since, or its time has come.
    pub(super) fn is_due(&self, number: u64, state: u32, now: DateTime<Utc>) -> bool {
        self.next
            .get(&number)
            .is_none_or(|(next, seen)| *seen != state || *next <= now.timestamp())
    }

    /// Sets the next look.
    pub(super) fn set(&mut self, number: u64, state: u32, next: DateTime<Utc>) {
        let look = (next.timestamp(), state);
        self.is_changed |= self.next.insert(number, look) != Some(look);
    }

    /// The next look, where one is set.
    pub(super) fn next(&self, number: u64) -> Option<DateTime<Utc>> {
        let (next, _) = self.next.get(&number)?;
        DateTime::from_timestamp(*next, 0)
    }

    /// Whether a service whose account rests is visited now, so that those hear who have to know: once in [`TOLD_AGAIN`].
    pub(super) fn tells(&mut self, number: u64, now: DateTime<Utc>) -> bool {
        let last = self.told.get(&number);
        // A clock that went back says nothing.
        let is_fresh = last.is_some_and(|last| (*last..*last + TOLD_AGAIN).contains(&now));
        if !is_fresh {
            self.told.insert(number, now);
        }
        !is_fresh
    }

    /// The mark that was set with the next look.
    pub(super) fn state(&self, number: u64) -> Option<u32> {
        self.next.get(&number).map(|(_, state)| *state)
    }

    /// Forgets one.
    pub(super) fn forget(&mut self, number: u64) {
        self.is_changed |= self.next.remove(&number).is_some();
    }

    /// Forgets what is not to be looked at any more.
    pub(super) fn keep(&mut self, wanted: impl Fn(u64) -> bool) {
        let before = self.next.len();
        self.next.retain(|number, _| wanted(*number));
        self.told.retain(|number, _| wanted(*number));
        self.is_changed |= self.next.len() != before;
    }

    fn file(root: &Path, module: &str) -> PathBuf {
        root.join(DIRECTORY).join(module)
    }

    /// Reads the schedule of a module; what cannot be read was never seen.
    pub(super) fn load(root: &Path, module: &str) -> Self {
        let text = regular::read_text(&Self::file(root, module), LARGEST).unwrap_or_default();
        let line = |line: &str| {
            let mut words = line.split(' ');
            let number = words.next()?.parse().ok()?;
            let next = words.next()?.parse().ok()?;
            Some((number, (next, words.next()?.parse().ok()?)))
        };
        Self {
            next: text.lines().filter_map(line).collect(),
            ..Self::default()
        }
    }

    /// Keeps the schedule, and stamps it with the time of the pass. A failure costs some looks in vain.
    pub(super) fn save(&mut self, root: &Path, module: &str) {
        self.write(root, module, SystemTime::now());
    }

    /// The same after a pass over a part of the services: no trace of a whole one is left.
    pub(super) fn save_part(&mut self, root: &Path, module: &str) {
        let data = fs::metadata(Self::file(root, module));
        let last = data.and_then(|data| data.modified());
        self.write(root, module, last.unwrap_or(NO_PASS));
    }

    fn write(&mut self, root: &Path, module: &str, last_pass: SystemTime) {
        let stamp = |file: &Path| stamp(file, last_pass);
        if !self.is_changed && stamp(&Self::file(root, module)).is_ok() {
            return;
        }
        let mut text = String::with_capacity(self.next.len() * 32);
        for (number, (next, state)) in &self.next {
            let _ = writeln!(text, "{number} {next} {state}");
        }
        let file = Self::file(root, module);
        let written = regular::replace(&file, text.as_bytes(), |_| Ok(()));
        match written.and_then(|()| stamp(&file)) {
            Ok(()) => self.is_changed = false,
            Err(error) => {
                crate::log!(Main, Warning, "{} is not written: {error}", file.display());
            }
        }
    }
}

/// When a module's daemon looks next at which service, as it has noted it.
pub(in crate::admin) fn noted(root: &Path, module: &str) -> BTreeMap<u64, DateTime<Utc>> {
    let looks = Looks::load(root, module);
    let services = looks.next.keys().filter(|number| **number < QUIET);
    services
        .filter_map(|number| Some((*number, looks.next(*number)?)))
        .collect()
}

/// By the clock that `doctor` compares it with: a file server's own may differ.
fn stamp(file: &Path, last_pass: SystemTime) -> std::io::Result<()> {
    let file = regular::open(file, fs::OpenOptions::new().append(true))?;
    file.set_modified(last_pass)
}

/// A mark of what a pass saw of a service.
#[must_use]
pub(super) fn state_of(texts: &[&str]) -> u32 {
    // FNV-1a: stable over versions of the program, unlike the library's hasher.
    texts
        .iter()
        .flat_map(|text| text.bytes().chain([0]))
        .fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_begin_eager_and_slow_down() {
        let minutes = |age| pause(TimeDelta::minutes(age), 0).num_minutes();
        let cases = [
            (0, 1),
            (14, 1),
            (15, 5),
            (119, 5),
            (120, 30),
            (1439, 30),
            (1440, 120),
            (10_080, 360),
            (43_200, 1440),
            (900_000, 1440),
        ];
        for (age, expected) in cases {
            assert_eq!(minutes(age), expected, "{age}");
        }
        assert_eq!(minutes(-5), 1, "a clock that went back");
    }

    #[test]
    fn the_spread_stays_below_a_tenth_and_differs() {
        let pauses: std::collections::BTreeSet<_> = (0..200)
            .map(|number| pause(TimeDelta::minutes(60), number).num_seconds())
            .collect();
        assert!(pauses.iter().all(|seconds| (300..=330).contains(seconds)));
        assert!(pauses.len() > 20);
    }

    #[test]
    fn what_has_changed_is_looked_at_before_its_time() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut looks = Looks::default();
        let before = state_of(&["4", "pending"]);
        assert!(looks.is_due(7, before, now));
        looks.set(7, before, now + TimeDelta::minutes(5));
        assert!(!looks.is_due(7, before, now));
        assert!(looks.is_due(7, state_of(&["4", "issued"]), now));
        assert!(looks.is_due(7, before, now + TimeDelta::minutes(5)));
        looks.keep(|number| number != 7);
        assert!(looks.is_due(7, before, now));
    }

    #[test]
    fn people_are_told_once_in_an_hour() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut looks = Looks::default();
        let mut tells = |number, minutes| looks.tells(number, now + TimeDelta::minutes(minutes));
        assert!(tells(7, 0) && tells(8, 1));
        assert!(!tells(7, 59));
        assert!(tells(7, 60) && !tells(7, 61));
        assert!(tells(7, -600), "a clock that went back");
    }

    #[test]
    fn a_part_of_a_pass_is_no_pass() {
        let root = tempfile::tempdir().unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let file = Looks::file(root.path(), "pmthesslstore");
        let stamped = || fs::metadata(&file).unwrap().modified().unwrap();
        let mut looks = Looks::default();
        looks.set(7, 1, now);
        looks.save_part(root.path(), "pmthesslstore");
        assert_eq!(stamped(), NO_PASS);
        looks.save(root.path(), "pmthesslstore");
        assert!(stamped() > NO_PASS);
        let before = SystemTime::now() - std::time::Duration::from_secs(7200);
        stamp(&file, before).unwrap();
        let before = stamped();
        for number in [7, 8] {
            looks.set(number, 1, now);
            looks.save_part(root.path(), "pmthesslstore");
            assert_eq!(stamped(), before, "{number}");
        }
        assert_eq!(Looks::load(root.path(), "pmthesslstore").next, looks.next);
    }

    #[test]
    fn one_that_is_forgotten_is_due_and_gone_from_the_disk() {
        let root = tempfile::tempdir().unwrap();
        let later = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut looks = Looks::default();
        for number in [7, 8] {
            looks.set(number, 1, later);
        }
        looks.save(root.path(), "pmthesslstore");
        looks.forget(9);
        assert!(!looks.is_changed);
        looks.forget(7);
        looks.save(root.path(), "pmthesslstore");
        let read = Looks::load(root.path(), "pmthesslstore");
        assert_eq!((read.next(7), read.next(8)), (None, Some(later)));
    }

    #[test]
    fn the_memory_outlives_the_process_and_may_be_damaged() {
        let root = tempfile::tempdir().unwrap();
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut looks = Looks::default();
        looks.set(7, 1, now);
        looks.set(8, 2, now + TimeDelta::days(1));
        looks.save(root.path(), "pmthesslstore");
        assert_eq!(Looks::load(root.path(), "pmthesslstore").next, looks.next);
        assert!(Looks::load(root.path(), "pmenomssl").next.is_empty());
        fs::write(
            Looks::file(root.path(), "pmthesslstore"),
            "7 x\n8 1800086400 2\n\nbroken",
        )
        .unwrap();
        assert_eq!(Looks::load(root.path(), "pmthesslstore").next.len(), 1);
        let file = Looks::file(root.path(), "pmthesslstore");
        fs::write(file, format!("8 1800086400 2\n{QUIET} 1800086400 2\n")).unwrap();
        let noted: Vec<u64> = noted(root.path(), "pmthesslstore").into_keys().collect();
        assert_eq!(noted, [8], "what stands for accounts is no service");
    }
}
