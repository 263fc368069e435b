//! Numbers of an order that the platform could not be told yet, kept on this machine (design,
//! section 3). The law does not lean on it: it only turns some "unknown" into "known".

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::ca::{Placed, Reference};
use crate::domain::{IntentKey, ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};

/// Directory of spool files below the platform root.
const DIRECTORY: &str = "var/pmssl/spool";

/// The spool of this installation.
#[derive(Debug, Clone)]
pub struct Spool {
    directory: PathBuf,
}

/// One spooled order. Fields may be added; readers ignore what they do not know.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    key: String,
    order: String,
    #[serde(default)]
    client: Option<String>,
    #[serde(default)]
    partner: Option<String>,
    #[serde(default)]
    authority: Option<String>,
}

impl Spool {
    /// The spool below a platform root.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            directory: root.join(DIRECTORY),
        }
    }

    fn file(&self, item: ItemId) -> PathBuf {
        self.directory.join(format!("item-{item}.json"))
    }

    /// Writes an order's numbers and waits until the disk has them.
    ///
    /// # Errors
    /// The file cannot be written. The caller goes on: the platform is told anyway.
    pub fn keep(&self, item: ItemId, key: &IntentKey, placed: &Placed) -> Result<(), Failure> {
        let reference = |kind| {
            placed
                .references
                .iter()
                .find(|(known, _)| *known == kind)
                .map(|(_, value)| value.clone())
        };
        let entry = Entry {
            key: key.to_string(),
            order: placed.order.to_string(),
            client: reference(Reference::Client),
            partner: reference(Reference::Partner),
            authority: reference(Reference::Authority),
        };
        let text = serde_json::to_vec(&entry).map_err(|error| self.unusable(item, error))?;
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(&self.directory)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
            file.write_all(&text)?;
            file.as_file().sync_all()?;
            file.persist(self.file(item))?;
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|error| self.unusable(item, error))
    }

    /// The spooled order of an item, if it belongs to the intent. An unreadable file or one of another
    /// intent is as good as none: the look-up at the vendor decides then.
    #[must_use]
    pub fn recall(&self, item: ItemId, key: &IntentKey) -> Option<Placed> {
        let text = fs::read(self.file(item)).ok()?;
        let entry: Entry = serde_json::from_slice(&text).ok()?;
        if entry.key != key.as_str() || entry.order.is_empty() {
            return None;
        }
        let references = [
            (Reference::Client, entry.client),
            (Reference::Partner, entry.partner),
            (Reference::Authority, entry.authority),
        ];
        Some(Placed {
            order: VendorOrderId::new(entry.order),
            references: references
                .into_iter()
                .filter_map(|(kind, value)| Some((kind, value?)))
                .collect(),
            validation: Vec::new(),
            remark: None,
        })
    }

    /// Removes an item's file once the platform knows everything.
    pub fn forget(&self, item: ItemId) {
        // A file that stays is harmless: it is read only for its own intent.
        let _ = fs::remove_file(self.file(item));
    }

    fn unusable(
        &self,
        item: ItemId,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> Failure {
        Failure::field(Reason::PlatformFile, self.file(item).display().to_string()).because(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed() -> Placed {
        Placed {
            order: VendorOrderId::new("7700123"),
            references: vec![
                (Reference::Client, "KEY".into()),
                (Reference::Authority, "51".into()),
            ],
            validation: Vec::new(),
            remark: None,
        }
    }

    #[test]
    fn a_kept_order_is_recalled_for_its_own_intent_only() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let (key, other) = (IntentKey::new("A"), IntentKey::new("B"));
        assert_eq!(spool.recall(ItemId(1), &key), None);
        spool.keep(ItemId(1), &key, &placed()).unwrap();
        assert_eq!(spool.recall(ItemId(1), &key), Some(placed()));
        assert_eq!(spool.recall(ItemId(1), &other), None);
        assert_eq!(spool.recall(ItemId(2), &key), None);
        spool.forget(ItemId(1));
        assert_eq!(spool.recall(ItemId(1), &key), None);
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        spool
            .keep(ItemId(1), &IntentKey::new("A"), &placed())
            .unwrap();
        for text in ["", "{", "[]", "{\"key\":\"A\",\"order\":\"\"}"] {
            fs::write(spool.file(ItemId(1)), text).unwrap();
            assert_eq!(
                spool.recall(ItemId(1), &IntentKey::new("A")),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn a_spool_that_cannot_be_written_says_which_file() {
        let root = tempfile::tempdir().unwrap();
        fs::write(
            root.path().join("var"),
            "a file where a directory should be",
        )
        .unwrap();
        let failure = Spool::below(root.path())
            .keep(ItemId(1), &IntentKey::new("A"), &placed())
            .unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile);
        assert!(failure.object().ends_with("item-1.json"));
    }
}
