//! What `pmssl install` made: path and fingerprint of each file, and what had to make room for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::failure::{Failure, Reason};
use crate::regular;

/// The ledger below the platform root.
const FILE: &str = "var/pmssl/installed.json";

/// Made things by their absolute path. Fields may be added; readers ignore what they do not know.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ledger {
    #[serde(default)]
    files: BTreeMap<PathBuf, LedgerEntry>,
}

/// One made thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LedgerEntry {
    /// Fingerprint of the content, or `link` and the target.
    pub(super) mark: String,
    /// Where the file lies that stood here before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replaced: Option<PathBuf>,
}

impl Ledger {
    /// Reads the ledger; a missing one is empty.
    ///
    /// # Errors
    /// A ledger that cannot be read: guessing what was made would remove what was not.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let file = root.join(FILE);
        let broken = || Failure::field(Reason::PlatformFile, file.display().to_string());
        match regular::read(&file, regular::SETTINGS) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| broken().because(error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(broken().because(error)),
        }
    }

    /// Writes the ledger; an empty one is removed.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn write(&self, root: &Path) -> Result<(), Failure> {
        let file = root.join(FILE);
        let write = || -> std::io::Result<()> {
            if self.files.is_empty() {
                return match std::fs::remove_file(&file) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                };
            }
            let text = serde_json::to_vec_pretty(self)?;
            regular::replace(&file, &text, std::fs::File::sync_all)
        };
        write().map_err(|error| {
            Failure::field(Reason::PlatformFile, file.display().to_string()).because(error)
        })
    }

    /// What was made at a place.
    pub(super) fn entry(&self, place: &Path) -> Option<&LedgerEntry> {
        self.files.get(place)
    }

    /// Notes what was made.
    pub(super) fn note(&mut self, place: &Path, entry: LedgerEntry) {
        self.files.insert(place.to_owned(), entry);
    }

    /// Forgets what is gone.
    pub(super) fn forget(&mut self, place: &Path) -> Option<LedgerEntry> {
        self.files.remove(place)
    }

    /// All places.
    pub(super) fn places(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.keys()
    }
}

/// What stands at a place, as the ledger writes it; `None` when there is nothing.
pub(super) fn mark(place: &Path) -> Option<String> {
    let data = std::fs::symlink_metadata(place).ok()?;
    if data.is_symlink() {
        return Some(link_mark(&std::fs::read_link(place).ok()?));
    }
    if !data.is_file() {
        return Some("directory".to_owned());
    }
    Some(content_mark(&std::fs::read(place).ok()?))
}

/// The mark of a link.
pub(super) fn link_mark(target: &Path) -> String {
    format!("link {}", target.display())
}

/// The mark of a file.
pub(super) fn content_mark(content: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_that_is_no_file_or_endless_is_refused() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Ledger::read(root.path()).unwrap(), Ledger::default());
        let file = root.path().join(FILE);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "{}").unwrap();
        assert_eq!(Ledger::read(root.path()).unwrap(), Ledger::default());
        std::fs::write(&file, " ".repeat(1024 * 1024 - 1) + "{}").unwrap();
        assert!(Ledger::read(root.path()).is_err());
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
        assert!(Ledger::read(root.path()).is_err());
    }
}
