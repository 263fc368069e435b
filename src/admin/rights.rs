//! Root's rights. BILLmanager's settings, its key and its client program are root's. Whoever may not read them would be
//! told of a broken key, a panel that is away or a wrong password, while one thing helps: to run the command as root.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::failure::{Failure, Reason};
use crate::platform::billmanager::mgrctl;
use crate::platform::billmanager::settings::Options;
use crate::regular;

/// Refuses a command for which this user has no rights. `changes` is said of commands that are root's in every
/// installation; `command` is what to type.
///
/// # Errors
/// `NotRoot`.
pub(super) fn check(root: &Path, changes: bool, command: &str) -> Result<(), Failure> {
    let user = rustix::process::geteuid().as_raw();
    let owner = std::fs::metadata(root).ok().map(|data| data.uid());
    if !lacks(user, owner, changes, || is_closed(root)) {
        return Ok(());
    }
    Err(Failure::new(Reason::NotRoot).value(command))
}

/// Whether rights are missing. An installation that belongs to whoever runs the program, as a simulated world does,
/// needs no others.
fn lacks(user: u32, owner: Option<u32>, changes: bool, is_closed: impl FnOnce() -> bool) -> bool {
    let is_root = user == 0;
    let is_anothers = owner.is_some_and(|owner| owner != user);
    !is_root && (changes && is_anothers || is_closed())
}

/// Whether something that every command needs is denied to this user.
fn is_closed(root: &Path) -> bool {
    let further = root.join("etc/billmgr.conf.d");
    let (entries, listed) = match std::fs::read_dir(&further) {
        Ok(entries) => (
            entries.flatten().map(|entry| entry.path()).collect(),
            Ok(()),
        ),
        Err(error) => (Vec::new(), Err(error)),
    };
    let lines = |path: &&std::path::PathBuf| path.extension() == Some(OsStr::new("conf"));
    let mut files: Vec<_> = entries.iter().filter(lines).cloned().collect();
    files.push(root.join("etc/billmgr.conf"));
    let read = |path: &Path| regular::open(path, OpenOptions::new().read(true)).map(drop);
    let program = std::fs::metadata(root.join(mgrctl::PROGRAM)).map(drop);
    if is_denied(&listed) || is_denied(&program) || files.iter().any(|file| is_denied(&read(file)))
    {
        return true;
    }
    // Where the key is stands in the files.
    is_denied(&read(&Options::from_files(root).key_file(root)))
}

fn is_denied(outcome: &io::Result<()>) -> bool {
    let denied = |error: &io::Error| error.kind() == ErrorKind::PermissionDenied;
    outcome.as_ref().is_err_and(denied)
}

/// The whole command as root has to type it. What the environment says about the root does not pass through `sudo`.
pub(super) fn as_root(program: &Path, words: &[String], variable: Option<&OsStr>) -> String {
    let names_root = |word: &String| word == "--root" || word.starts_with("--root=");
    let mut all = vec!["sudo".to_owned(), quoted(&program.display().to_string())];
    all.extend(words.iter().map(|word| quoted(word)));
    if let Some(root) = variable.filter(|root| !root.is_empty())
        && !words.iter().any(names_root)
    {
        all.extend(["--root".to_owned(), quoted(&root.to_string_lossy())]);
    }
    all.join(" ")
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn rights_are_missing_by_user_owner_and_what_is_denied() {
        // User, owner of the root, a command that is root's, something is denied.
        let cases = [
            (0, Some(0), true, true, false),
            (0, Some(1000), true, true, false),
            (1000, Some(0), true, false, true),
            (1000, Some(0), false, false, false),
            (1000, Some(0), false, true, true),
            (1000, Some(1000), true, false, false),
            (1000, Some(1000), false, true, true),
            (1000, None, true, false, false),
            (1000, None, true, true, true),
        ];
        for (user, owner, changes, denied, expected) in cases {
            let about = format!("{user} {owner:?} {changes} {denied}");
            assert_eq!(lacks(user, owner, changes, || denied), expected, "{about}");
        }
    }

    #[test]
    fn only_denied_rights_count() {
        let root = tempfile::tempdir().unwrap();
        assert!(
            !is_closed(root.path()),
            "what is not there is denied to nobody"
        );
        for directory in ["etc/billmgr.conf.d", "sbin"] {
            fs::create_dir_all(root.path().join(directory)).unwrap();
        }
        fs::write(root.path().join("etc/billmgr.conf"), "CryptKey etc/key\n").unwrap();
        fs::create_dir(root.path().join("etc/billmgr.conf.d/odd.conf")).unwrap();
        fs::write(root.path().join("etc/key"), "").unwrap();
        assert!(!is_closed(root.path()));
        let error = |kind: ErrorKind| Err(io::Error::from(kind));
        assert!(is_denied(&error(ErrorKind::PermissionDenied)));
        assert!(!is_denied(&error(ErrorKind::NotFound)));
        assert!(!is_denied(&Ok(())));
    }

    #[test]
    fn the_command_can_be_typed_as_it_stands() {
        let words = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        let root = Some(OsStr::new("/opt/mgr 5"));
        for (program, typed, variable, expected) in [
            ("pmssl", &["doctor"][..], None, "sudo pmssl doctor"),
            (
                "/usr/local/mgr5/sbin/pmssl",
                &["orders", "--name", "it's"],
                Some(OsStr::new("")),
                r"sudo /usr/local/mgr5/sbin/pmssl orders --name 'it'\''s'",
            ),
            (
                "pmssl",
                &["doctor"],
                root,
                "sudo pmssl doctor --root '/opt/mgr 5'",
            ),
            (
                "pmssl",
                &["doctor", "--root=/x"],
                root,
                "sudo pmssl doctor --root=/x",
            ),
        ] {
            let shown = as_root(Path::new(program), &words(typed), variable);
            assert_eq!(shown, expected);
        }
    }
}
