//! Placing and removing single files, by the ledger's word.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::ledger::{self, Ledger, LedgerEntry};
use crate::failure::{Failure, Reason};
use crate::module::Text;
use crate::regular;

/// Where files lie that had to make room, below the platform root.
const ASIDE: &str = "var/pmssl/replaced";

/// What is done with one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// It is as it should be.
    Keep,
    /// It is made.
    Make,
    /// It was made by an earlier run and is renewed.
    Renew,
    /// Somebody else's file is moved aside, ours is made.
    Replace,
    /// Somebody else's file is in the way: nothing is done.
    Conflict,
    /// It is removed.
    Remove,
    /// It is removed, and what had to make room comes back.
    Restore,
    /// A person has changed it, it stays as it is: a file of settings, or one that was to be removed.
    Leave,
}

impl Deed {
    /// Whether the file is another one afterwards.
    fn changes(self) -> bool {
        !matches!(self, Self::Keep | Self::Conflict | Self::Leave)
    }

    /// The word in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Make => "make",
            Self::Renew => "renew",
            Self::Replace => "replace",
            Self::Conflict => "conflict",
            Self::Remove => "remove",
            Self::Restore => "restore",
            Self::Leave => "leave",
        }
    }

    /// The word for people, all of one width.
    pub(super) fn label(self) -> Text {
        match self {
            Self::Keep => Text::new("keep    ", "оставить   "),
            Self::Make => Text::new("make    ", "создать    "),
            Self::Renew => Text::new("renew   ", "обновить   "),
            Self::Replace => Text::new("replace ", "заменить   "),
            Self::Conflict => Text::new("conflict", "чужой файл "),
            Self::Remove => Text::new("remove  ", "удалить    "),
            Self::Restore => Text::new("restore ", "вернуть    "),
            Self::Leave => Text::new("kept    ", "сохранён   "),
        }
    }
}

/// All deeds.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Deed and place, in their order.
    pub(super) deeds: Vec<(Deed, PathBuf)>,
}

impl Outcome {
    /// Whether anything was (or would be) changed.
    pub(super) fn changed(&self) -> bool {
        self.changed_any(|_| true)
    }

    /// How many files stay as a person has changed them.
    pub(super) fn left(&self) -> usize {
        let left = |(deed, _): &&(Deed, PathBuf)| *deed == Deed::Leave;
        self.deeds.iter().filter(left).count()
    }

    /// Whether anything was (or would be) changed among the places that are meant.
    pub(super) fn changed_any(&self, is_meant: impl Fn(&Path) -> bool) -> bool {
        self.deeds
            .iter()
            .any(|(deed, place)| deed.changes() && is_meant(place))
    }

    /// How many files are in the way.
    pub(super) fn conflicts(&self) -> usize {
        let conflict = |(deed, _): &&(Deed, PathBuf)| *deed == Deed::Conflict;
        self.deeds.iter().filter(conflict).count()
    }
}

/// The worker.
pub(super) struct Work<'a> {
    ledger: &'a mut Ledger,
    root: &'a Path,
    replace: bool,
    dry_run: bool,
    outcome: Outcome,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        ledger: &'a mut Ledger,
        root: &'a Path,
        replace: bool,
        dry_run: bool,
    ) -> Self {
        Self {
            ledger,
            root,
            replace,
            dry_run,
            outcome: Outcome::default(),
        }
    }

    pub(super) fn finish(self) -> Outcome {
        self.outcome
    }

    /// Whether somebody else's files are moved aside from now on.
    pub(super) fn set_replace(&mut self, replace: bool) {
        self.replace = replace;
    }

    /// Links a place to the program.
    pub(super) fn link(&mut self, target: &Path, place: &Path) -> Result<(), Failure> {
        let mark = ledger::link_mark(target);
        self.put(place, mark, Deed::Conflict, |place| {
            // A link cannot be replaced in one step; made beside and renamed it can.
            let beside = place.with_extension("pmssl-new");
            let _ = fs::remove_file(&beside);
            symlink(target, &beside)?;
            fs::rename(&beside, place)
        })
    }

    /// Copies the program to a place.
    pub(super) fn copy(&mut self, own: &Path, place: &Path) -> Result<(), Failure> {
        let content = fs::read(own).map_err(|error| unusable(own, error))?;
        self.write(place, &content, 0o755)
    }

    /// Writes a file that has to be ours.
    pub(super) fn write(&mut self, place: &Path, content: &[u8], mode: u32) -> Result<(), Failure> {
        self.file(place, content, mode, Deed::Conflict)
    }

    /// Writes a file of settings: one that a person has made or changed stays as it is.
    pub(super) fn settings(&mut self, place: &Path, content: &[u8]) -> Result<(), Failure> {
        self.file(place, content, 0o644, Deed::Leave)
    }

    fn file(
        &mut self,
        place: &Path,
        content: &[u8],
        mode: u32,
        when_foreign: Deed,
    ) -> Result<(), Failure> {
        let mark = ledger::content_mark(content);
        self.put(place, mark, when_foreign, |place| {
            let permissions = fs::Permissions::from_mode(mode);
            regular::replace(place, content, |file| file.set_permissions(permissions))
        })
    }

    fn put(
        &mut self,
        place: &Path,
        mark: String,
        when_foreign: Deed,
        make: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<(), Failure> {
        let there = ledger::mark(place);
        let known = self.ledger.entry(place).cloned();
        let deed = match (&there, &known) {
            (Some(there), _) if *there == mark => Deed::Keep,
            (None, _) => Deed::Make,
            (Some(there), Some(entry)) if *there == entry.mark => Deed::Renew,
            (Some(_), _) if self.replace => Deed::Replace,
            (Some(_), _) => when_foreign,
        };
        self.outcome.deeds.push((deed, place.to_owned()));
        // A file that is right already is taken over only if it is known: somebody else may have made it.
        if self.dry_run || !deed.changes() {
            return Ok(());
        }
        let mut replaced = known.and_then(|entry| entry.replaced);
        if deed == Deed::Replace {
            replaced = Some(self.set_aside(place)?);
        }
        make(place).map_err(|error| unusable(place, error))?;
        self.ledger.note(place, LedgerEntry { mark, replaced });
        Ok(())
    }

    /// Moves a file out of the way, never over another one.
    fn set_aside(&self, place: &Path) -> Result<PathBuf, Failure> {
        let directory = self.root.join(ASIDE);
        fs::create_dir_all(&directory).map_err(|error| unusable(&directory, error))?;
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let aside = (0..)
            .map(|number| match number {
                0 => directory.join(name.as_ref()),
                number => directory.join(format!("{name}.{number}")),
            })
            .find(|aside| fs::symlink_metadata(aside).is_err());
        let aside = aside.ok_or_else(|| Failure::new(Reason::Internal))?;
        move_file(place, &aside).map_err(|error| unusable(place, error))?;
        Ok(aside)
    }

    /// Somebody else provides the file.
    pub(super) fn is_there(&mut self, place: &Path) {
        self.outcome.deeds.push((Deed::Keep, place.to_owned()));
    }

    /// Whether this program has made something at a place.
    pub(super) fn made(&self, place: &Path) -> bool {
        self.ledger.entry(place).is_some()
    }

    /// Whether a place holds something of ours: by the ledger, or a link to this program.
    pub(super) fn knows(&self, place: &Path, own: &Path) -> bool {
        self.made(place) || ledger::mark(place).is_some_and(|there| there == ledger::link_mark(own))
    }

    /// Removes what was made at a place, and brings back what had to make room.
    pub(super) fn take_away(&mut self, place: &Path, own: &Path) -> Result<(), Failure> {
        let there = ledger::mark(place);
        let entry = self.ledger.entry(place).cloned();
        let is_own_link = there.as_deref() == Some(ledger::link_mark(own).as_str());
        let deed = match (&there, &entry) {
            // A link to this very program that was made by hand is as good as ours.
            (Some(_), None) if is_own_link => Deed::Remove,
            (_, None) => return Ok(()),
            (Some(there), Some(entry)) if *there != entry.mark => Deed::Leave,
            (_, Some(entry)) if entry.replaced.as_deref().is_some_and(Path::exists) => {
                Deed::Restore
            }
            _ => Deed::Remove,
        };
        self.outcome.deeds.push((deed, place.to_owned()));
        if self.dry_run || deed == Deed::Leave {
            return Ok(());
        }
        if there.is_some() {
            fs::remove_file(place).map_err(|error| unusable(place, error))?;
        }
        let entry = self.ledger.forget(place);
        if deed == Deed::Restore
            && let Some(aside) = entry.and_then(|entry| entry.replaced)
        {
            move_file(&aside, place).map_err(|error| unusable(place, error))?;
        }
        Ok(())
    }

    /// Made things outside the platform's own directories.
    pub(super) fn others(&self, root: &Path) -> Vec<PathBuf> {
        let inside = [root.join("processing"), root.join("etc/xml")];
        self.ledger
            .places()
            .filter(|place| !inside.iter().any(|directory| place.starts_with(directory)))
            .cloned()
            .collect()
    }
}

/// Renames, or copies between file systems.
fn move_file(from: &Path, to: &Path) -> std::io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let data = fs::symlink_metadata(from)?;
            if data.is_symlink() {
                symlink(fs::read_link(from)?, to)?;
            } else {
                fs::copy(from, to)?;
            }
            fs::remove_file(from)
        }
        outcome => outcome,
    }
}

fn unusable(place: &Path, error: std::io::Error) -> Failure {
    Failure::field(Reason::PlatformFile, place.display().to_string()).because(error)
}
