use super::*;
use std::fs;
use std::os::unix::fs::symlink;

struct Place {
    directory: tempfile::TempDir,
    own: PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("pmssl");
        fs::write(&own, "program").unwrap();
        fs::create_dir_all(directory.path().join("root/processing")).unwrap();
        Self { directory, own }
    }

    fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    fn module(&self) -> PathBuf {
        self.root().join("processing/pmx")
    }

    fn form(&self) -> PathBuf {
        self.root().join("etc/xml/form.xml")
    }

    /// Installs one module with a form of this text.
    fn install(&self, form: &str, replace: bool, dry_run: bool) -> Vec<Deed> {
        let root = self.root();
        let mut ledger = Ledger::read(&root).unwrap();
        let mut work = Work::new(&mut ledger, &root, replace, dry_run);
        work.link(&self.own, &self.module()).unwrap();
        work.write(&self.form(), form.as_bytes(), 0o644).unwrap();
        let outcome = work.finish();
        if !dry_run {
            ledger.write(&root).unwrap();
        }
        outcome.deeds.into_iter().map(|(deed, _)| deed).collect()
    }

    fn uninstall(&self) -> Vec<Deed> {
        let root = self.root();
        let mut ledger = Ledger::read(&root).unwrap();
        let mut work = Work::new(&mut ledger, &root, false, false);
        work.take_away(&self.module(), &self.own).unwrap();
        work.take_away(&self.form(), &self.own).unwrap();
        let outcome = work.finish();
        ledger.write(&root).unwrap();
        outcome.deeds.into_iter().map(|(deed, _)| deed).collect()
    }
}

#[test]
fn installing_twice_changes_nothing_and_an_upgrade_renews() {
    let place = Place::new();
    assert_eq!(place.install("one", false, false), [Deed::Make, Deed::Make]);
    assert_eq!(place.install("one", false, false), [Deed::Keep, Deed::Keep]);
    assert_eq!(
        place.install("two", false, false),
        [Deed::Keep, Deed::Renew]
    );
    assert_eq!(fs::read_to_string(place.form()).unwrap(), "two");
    assert_eq!(fs::read_link(place.module()).unwrap(), place.own);
    assert_eq!(place.uninstall(), [Deed::Remove, Deed::Remove]);
    assert!(!place.module().exists() && !place.form().exists());
    assert!(!place.root().join("var/pmssl/installed.json").exists());
    assert_eq!(place.uninstall(), []);
}

#[test]
fn a_dry_run_does_nothing() {
    let place = Place::new();
    assert_eq!(place.install("one", false, true), [Deed::Make, Deed::Make]);
    assert!(!place.module().exists() && !place.form().exists());
}

#[test]
fn files_of_somebody_else_stay_unless_replaced_and_then_come_back() {
    let place = Place::new();
    fs::write(place.module(), "stock module").unwrap();
    fs::create_dir_all(place.form().parent().unwrap()).unwrap();
    fs::write(place.form(), "stock form").unwrap();
    let conflicts = [Deed::Conflict, Deed::Conflict];
    assert_eq!(place.install("ours", false, false), conflicts);
    assert_eq!(fs::read_to_string(place.module()).unwrap(), "stock module");
    assert_eq!(place.uninstall(), [], "nothing of ours is there");

    let replaced = [Deed::Replace, Deed::Replace];
    assert_eq!(place.install("ours", true, false), replaced);
    assert_eq!(fs::read_to_string(place.form()).unwrap(), "ours");
    assert_eq!(
        place.install("newer", false, false),
        [Deed::Keep, Deed::Renew]
    );
    assert_eq!(place.uninstall(), [Deed::Restore, Deed::Restore]);
    assert_eq!(fs::read_to_string(place.module()).unwrap(), "stock module");
    assert_eq!(fs::read_to_string(place.form()).unwrap(), "stock form");
}

#[test]
fn what_was_changed_after_installing_is_left_alone() {
    let place = Place::new();
    place.install("ours", false, false);
    fs::write(place.form(), "ours, changed by hand").unwrap();
    let kept = [Deed::Keep, Deed::Conflict];
    assert_eq!(place.install("newer", false, false), kept);
    assert_eq!(place.uninstall(), [Deed::Remove, Deed::Leave]);
    assert_eq!(
        fs::read_to_string(place.form()).unwrap(),
        "ours, changed by hand"
    );
}

#[test]
fn a_link_made_by_hand_to_this_program_is_ours() {
    let place = Place::new();
    symlink(&place.own, place.module()).unwrap();
    assert_eq!(place.uninstall(), [Deed::Remove]);
}

#[test]
fn an_unreadable_ledger_stops_everything() {
    let place = Place::new();
    place.install("ours", false, false);
    fs::write(place.root().join("var/pmssl/installed.json"), "{").unwrap();
    assert!(Ledger::read(&place.root()).is_err());
}
