//! What this machine remembers of orders (design, section 3). The spool holds an order that the platform could not
//! be told yet: its numbers and what the client has to publish. Once the platform knows everything, the file goes
//! into the ledger, which is kept for [`KEPT`]: a database that lost its last writes does not know of it. The law
//! does not lean on either: they only turn some "unknown" into "known".

mod proof;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proof::SpooledProof;
use serde::{Deserialize, Serialize};

use super::port::{Placed, Reference};
use crate::domain::{IntentKey, ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::regular;

/// Largest entry that is read, in bytes: hundreds of names with their proofs take a tenth of it.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Directory of spool files below the platform root.
const DIRECTORY: &str = "var/pmssl/spool";

/// Directory of the ledger below the platform root.
const LEDGER: &str = "var/pmssl/ledger";

/// How long the ledger keeps an order: longer than a term of a year and a late backup.
const KEPT: Duration = Duration::from_secs(400 * 24 * 3600);

/// The spool and the ledger of this installation.
#[derive(Debug, Clone)]
pub struct Spool {
    directory: PathBuf,
    ledger: PathBuf,
    /// A rehearsal reads it only.
    is_rehearsed: bool,
}

/// One spooled order. Fields may be added; readers ignore what they do not know.
#[derive(Debug, Serialize, Deserialize)]
struct SpoolEntry {
    key: String,
    order: String,
    #[serde(default)]
    client: Option<String>,
    #[serde(default)]
    partner: Option<String>,
    #[serde(default)]
    authority: Option<String>,
    #[serde(default)]
    validation: Vec<SpooledProof>,
    /// The vendor's remark about the order, which it may make once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// The name it was for: after a lost database another service may have the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Months that the paid call asked for: those of the service may be changed before its order is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    months: Option<u32>,
    /// The intent as it was when its paid call was about to be sent; the order is not known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sent: Option<String>,
}

impl Spool {
    /// The spool below a platform root.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self {
            directory: root.join(DIRECTORY),
            ledger: root.join(LEDGER),
            is_rehearsed: false,
        }
    }

    /// The same for a command that may be rehearsed: then it is read only.
    #[must_use]
    pub fn unless_rehearsed(self, is_rehearsed: bool) -> Self {
        Self {
            is_rehearsed,
            ..self
        }
    }

    /// Its directories.
    #[must_use]
    pub fn places(&self) -> [&Path; 2] {
        [&self.directory, &self.ledger]
    }

    /// The ledger's file of an intent. A key is twenty letters and digits.
    fn page(&self, item: ItemId, key: &IntentKey) -> PathBuf {
        self.ledger
            .join(item.to_string())
            .join(format!("{key}.json"))
    }

    fn file(&self, item: ItemId) -> PathBuf {
        self.directory.join(format!("item-{item}.json"))
    }

    /// Writes what is known of an order and waits until the disk has it.
    ///
    /// # Errors
    /// The file cannot be written. The caller goes on: the platform is told anyway.
    pub fn keep(
        &self,
        item: ItemId,
        key: &IntentKey,
        placed: &Placed,
        name: Option<String>,
    ) -> Result<(), Failure> {
        if self.is_rehearsed {
            return Ok(());
        }
        let reference = |kind| {
            placed
                .references
                .iter()
                .find(|(known, _)| *known == kind)
                .map(|(_, value)| value.clone())
        };
        let entry = SpoolEntry {
            key: key.to_string(),
            order: placed.order.to_string(),
            client: reference(Reference::Client),
            partner: reference(Reference::Partner),
            authority: reference(Reference::Authority),
            validation: placed.validation.iter().map(SpooledProof::of).collect(),
            remark: placed.remark.clone(),
            name,
            months: self.months_of(item, key),
            sent: None,
        };
        let text = serde_json::to_vec(&entry).map_err(|error| self.unusable(item, error))?;
        let write = || -> std::io::Result<()> {
            regular::replace(&self.file(item), &text, File::sync_all)?;
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|error| self.unusable(item, error))
    }

    /// Notes in the ledger that a paid call is about to be sent. Not waited for: the intent in the database is
    /// what counts, and this only helps where that was lost.
    pub fn mark_sent(
        &self,
        item: ItemId,
        key: &IntentKey,
        intent: &str,
        name: Option<String>,
        months: u32,
    ) {
        let entry = SpoolEntry {
            key: key.to_string(),
            order: String::new(),
            client: None,
            partner: None,
            authority: None,
            validation: Vec::new(),
            remark: None,
            name,
            // The same call may be sent twice: the first one is the one that is found.
            months: Some(self.months_of(item, key).unwrap_or(months)),
            sent: Some(intent.to_owned()),
        };
        let page = self.page(item, key);
        if let (Ok(text), false) = (serde_json::to_vec(&entry), self.is_rehearsed) {
            let _ = regular::replace(&page, &text, |_| Ok(()));
        }
    }

    /// Takes the note back: nothing was sent after all.
    pub fn was_not_sent(&self, item: ItemId, key: &IntentKey) {
        if !self.is_rehearsed {
            let _ = fs::remove_file(self.page(item, key));
        }
    }

    /// The intent of a paid call that this machine has sent and whose answer it does not know.
    #[must_use]
    pub fn sent(&self, item: ItemId, key: &IntentKey) -> Option<String> {
        read(&self.page(item, key), key)?.sent
    }

    /// The name for which an intent was sent or placed, where it was noted.
    #[must_use]
    pub fn name_of(&self, item: ItemId, key: &IntentKey) -> Option<String> {
        let files = [self.file(item), self.page(item, key)];
        files.iter().find_map(|file| read(file, key)?.name)
    }

    /// The months that the paid call of an intent asked for, where this machine sent it.
    #[must_use]
    pub fn months_of(&self, item: ItemId, key: &IntentKey) -> Option<u32> {
        let files = [self.file(item), self.page(item, key)];
        files.iter().find_map(|file| read(file, key)?.months)
    }

    /// Drops what is older than the ledger keeps. Trouble with it is no failure.
    pub fn prune(&self, now: SystemTime) {
        let items = fs::read_dir(&self.ledger).into_iter().flatten().flatten();
        for item in items {
            for file in fs::read_dir(item.path()).into_iter().flatten().flatten() {
                let changed = file.metadata().and_then(|data| data.modified());
                let age = changed.ok().and_then(|at| now.duration_since(at).ok());
                if age.is_some_and(|age| age > KEPT) {
                    let _ = fs::remove_file(file.path());
                }
            }
            // Succeeds for an empty directory only.
            let _ = fs::remove_dir(item.path());
        }
    }

    /// The order of an intent, if this machine knows it. An unreadable file or one of another intent is as good
    /// as none: the look-up at the vendor decides then.
    #[must_use]
    pub fn recall(&self, item: ItemId, key: &IntentKey) -> Option<Placed> {
        let files = [self.file(item), self.page(item, key)];
        let mut known = files.iter().filter_map(|file| read(file, key));
        let entry = known.find(|entry| !entry.order.is_empty())?;
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
            validation: entry
                .validation
                .into_iter()
                .filter_map(SpooledProof::record)
                .collect(),
            remark: entry.remark,
        })
    }

    /// Moves an item's file into the ledger once the platform knows everything.
    pub fn forget(&self, item: ItemId) {
        if self.is_rehearsed {
            return;
        }
        let file = self.file(item);
        let entry: Option<SpoolEntry> = regular::read(&file, LARGEST)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        let is_key = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let page = entry
            .filter(|entry| !entry.key.is_empty() && is_key(&entry.key))
            .map(|entry| self.page(item, &IntentKey::new(entry.key)));
        let moved = page.and_then(|page| {
            fs::create_dir_all(page.parent()?).ok()?;
            fs::rename(&file, page).ok()
        });
        // A file that stays is harmless: it is read only for its own intent.
        if moved.is_none() {
            let _ = fs::remove_file(file);
        }
    }

    fn unusable(
        &self,
        item: ItemId,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> Failure {
        Failure::field(Reason::PlatformFile, self.file(item).display().to_string()).because(error)
    }
}

fn read(file: &Path, key: &IntentKey) -> Option<SpoolEntry> {
    let text = regular::read(file, LARGEST).ok()?;
    let entry: SpoolEntry = serde_json::from_slice(&text).ok()?;
    (entry.key == key.as_str()).then_some(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainName;
    use crate::order::port::{ValidationRecord, ValidationTask};

    fn placed() -> Placed {
        Placed {
            order: VendorOrderId::new("7700123"),
            references: vec![
                (Reference::Client, "KEY".into()),
                (Reference::Authority, "51".into()),
            ],
            validation: [
                ValidationTask::Email("admin@a.example".into()),
                ValidationTask::File {
                    url: "http://a.example/f".into(),
                    content: "one\ntwo".into(),
                },
                ValidationTask::Cname {
                    name: "_1.a.example".into(),
                    value: "x.ca.example".into(),
                },
                ValidationTask::Txt {
                    name: "a.example".into(),
                    value: "token".into(),
                },
            ]
            .map(|task| ValidationRecord {
                name: DomainName::parse("*.a.example").unwrap(),
                task,
                done: false,
            })
            .to_vec(),
            remark: Some("held for review".into()),
        }
    }

    #[test]
    fn a_kept_order_is_recalled_for_its_own_intent_only() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let (key, other) = (IntentKey::new("A"), IntentKey::new("B"));
        assert_eq!(spool.recall(ItemId(1), &key), None);
        spool.keep(ItemId(1), &key, &placed(), None).unwrap();
        assert_eq!(spool.recall(ItemId(1), &key), Some(placed()));
        assert_eq!(spool.recall(ItemId(1), &other), None);
        assert_eq!(spool.recall(ItemId(2), &key), None);
    }

    #[test]
    fn the_months_that_were_asked_for_stay_with_the_order() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let key = IntentKey::new("A");
        assert_eq!(spool.months_of(ItemId(1), &key), None);
        spool.mark_sent(ItemId(1), &key, "1|open|sent", None, 24);
        assert_eq!(spool.months_of(ItemId(1), &key), Some(24));
        spool.keep(ItemId(1), &key, &placed(), None).unwrap();
        spool.forget(ItemId(1));
        assert_eq!(spool.months_of(ItemId(1), &key), Some(24));
        assert_eq!(spool.months_of(ItemId(1), &IntentKey::new("B")), None);
    }

    #[test]
    fn the_ledger_remembers_what_the_platform_was_told_and_drops_it_after_its_time() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let (key, other) = (IntentKey::new("A"), IntentKey::new("B"));
        spool.keep(ItemId(1), &key, &placed(), None).unwrap();
        spool.forget(ItemId(1));
        assert!(!spool.file(ItemId(1)).exists());
        spool.keep(ItemId(1), &other, &placed(), None).unwrap();
        spool.forget(ItemId(1));
        for key in [&key, &other] {
            assert_eq!(spool.recall(ItemId(1), key), Some(placed()));
            assert_eq!(spool.recall(ItemId(2), key), None);
        }
        let day = Duration::from_secs(24 * 3600);
        spool.prune(SystemTime::now() + 399 * day);
        assert!(spool.recall(ItemId(1), &key).is_some());
        spool.prune(SystemTime::now() + 401 * day);
        assert_eq!(spool.recall(ItemId(1), &key), None);
        assert!(!spool.ledger.join("1").exists());
    }

    #[test]
    fn a_call_that_was_sent_is_known_until_its_order_is() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let key = IntentKey::new("A");
        assert_eq!(spool.sent(ItemId(1), &key), None);
        spool.mark_sent(ItemId(1), &key, "1|open|sent", Some("a.example".into()), 24);
        assert_eq!(spool.name_of(ItemId(1), &key).as_deref(), Some("a.example"));
        assert_eq!(spool.sent(ItemId(1), &key).as_deref(), Some("1|open|sent"));
        assert_eq!(spool.recall(ItemId(1), &key), None);
        spool.keep(ItemId(1), &key, &placed(), None).unwrap();
        spool.forget(ItemId(1));
        assert_eq!(spool.sent(ItemId(1), &key), None);
        assert_eq!(spool.recall(ItemId(1), &key), Some(placed()));
        spool.mark_sent(ItemId(1), &key, "1|open|sent", None, 12);
        spool.was_not_sent(ItemId(1), &key);
        assert_eq!(spool.sent(ItemId(1), &key), None);
    }

    #[test]
    fn a_rehearsal_reads_it_only() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let (key, item) = (IntentKey::new("A"), ItemId(1));
        spool.keep(item, &key, &placed(), None).unwrap();
        let rehearsed = spool.clone().unless_rehearsed(true);
        rehearsed.forget(item);
        rehearsed.mark_sent(item, &key, "1|open|sent", None, 12);
        rehearsed.was_not_sent(item, &key);
        rehearsed.keep(ItemId(2), &key, &placed(), None).unwrap();
        assert_eq!(rehearsed.recall(item, &key), Some(placed()));
        assert!(spool.file(item).exists() && !spool.ledger.exists());
        assert_eq!(spool.recall(ItemId(2), &key), None);
    }

    /// Neither is written through nor waited for, and nobody else reads what is written.
    #[test]
    fn a_note_takes_the_place_of_whatever_lies_there() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let key = IntentKey::new("A");
        let page = spool.page(ItemId(1), &key);
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        let victim = root.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        let pipe = |place: &Path| {
            let mode = rustix::fs::Mode::from_raw_mode(0o666);
            rustix::fs::mkfifoat(rustix::fs::CWD, place, mode).unwrap();
        };
        let plants: [&dyn Fn(&Path); 3] =
            [&|place| symlink(&victim, place).unwrap(), &pipe, &|place| {
                fs::write(place, "{}").unwrap()
            }];
        for plant in plants {
            plant(&page);
            spool.mark_sent(ItemId(1), &key, "1|open|sent", None, 12);
            let data = fs::symlink_metadata(&page).unwrap();
            assert!(data.is_file(), "{data:?}");
            assert_eq!(data.permissions().mode() & 0o7777, 0o600);
            assert_eq!(spool.sent(ItemId(1), &key).as_deref(), Some("1|open|sent"));
            fs::remove_file(&page).unwrap();
        }
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    }

    #[test]
    fn files_of_older_and_newer_versions_are_read() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        let key = IntentKey::new("A");
        fs::create_dir_all(&spool.directory).unwrap();
        let read = |text: &str| {
            fs::write(spool.file(ItemId(1)), text).unwrap();
            spool.recall(ItemId(1), &key).unwrap()
        };
        let old = read(r#"{"key":"A","order":"7","client":"A","partner":null,"authority":null}"#);
        assert_eq!((old.order.as_str(), old.validation), ("7", Vec::new()));
        let new = read(
            r#"{"key":"A","order":"7","later":1,"validation":[{"name":"a.example","kind":"dance","value":"x"}]}"#,
        );
        assert_eq!((new.order.as_str(), new.validation), ("7", Vec::new()));
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let root = tempfile::tempdir().unwrap();
        let spool = Spool::below(root.path());
        spool
            .keep(ItemId(1), &IntentKey::new("A"), &placed(), None)
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
            .keep(ItemId(1), &IntentKey::new("A"), &placed(), None)
            .unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile);
        assert!(failure.object().ends_with("item-1.json"));
    }
}
