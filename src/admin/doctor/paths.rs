//! Places that this program writes: one that is of the wrong kind, or in which nothing can be written, is named before an
//! order needs it. One that is missing is made when it is needed.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::findings::{self, Findings};
use crate::admin::context::AdminContext;
use crate::admin::metrics::Traffic;
use crate::admin::{daemon, policy};
use crate::domain::options::METRICS_FILE;
use crate::domain::text::Words;
use crate::module;
use crate::order::Spool;
use crate::platform::Platform;
use crate::regular;

/// What has to stand in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PathKind {
    Directory,
    File,
}

/// Names what is wrong below the directory of logs, the outermost place alone.
pub(super) fn below(admin: &AdminContext, findings: &mut Findings<'_>) {
    let mut broken: Vec<PathBuf> = Vec::new();
    for (path, kind) in places(&admin.root) {
        if broken.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        if let Some(why) = trouble(&path, kind) {
            let name = path.display().to_string();
            findings.add(&findings::PATH, &name, why.get(admin.view.language));
            broken.push(path);
        }
    }
}

/// The file for Prometheus. One in a directory that is none is a wrong option.
pub(super) fn metrics(admin: &AdminContext, findings: &mut Findings<'_>) {
    let platform = admin.any_platform();
    let Some(file) = METRICS_FILE.get(|name| platform.option(name)) else {
        return;
    };
    let file = PathBuf::from(file.trim());
    let Some(directory) = file.parent().filter(|directory| directory.is_dir()) else {
        return;
    };
    // It is replaced, so that the directory has to be writable.
    let of_directory = trouble(directory, PathKind::Directory);
    if let Some(why) = of_directory.or_else(|| trouble(&file, PathKind::File)) {
        let name = format!("{} {}", METRICS_FILE.name, file.display());
        findings.add(&findings::PATH, &name, why.get(admin.view.language));
    }
}

/// Everything below the root that is written, directories before what is in them.
fn places(root: &Path) -> Vec<(PathBuf, PathKind)> {
    let spool = Spool::below(root);
    let mut all = vec![(root.join("var/pmssl"), PathKind::Directory)];
    all.extend(
        spool
            .places()
            .map(|path| (path.to_owned(), PathKind::Directory)),
    );
    all.push((daemon::traces(root), PathKind::Directory));
    all.push((root.join(policy::FILE), PathKind::File));
    all.push((Traffic::file(root), PathKind::File));
    let logs = module::all().map(|module| module.log_name());
    let mut logs: Vec<_> = logs.chain([daemon::LOG]).collect();
    logs.sort_unstable();
    logs.dedup();
    let log = |name| (root.join("var").join(format!("{name}.log")), PathKind::File);
    all.extend(logs.into_iter().map(log));
    all
}

/// Why a place cannot be used.
fn trouble(path: &Path, kind: PathKind) -> Option<Words> {
    let data = match std::fs::metadata(path) {
        Ok(data) => data,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // The system makes a file through such a link, but no directory.
            let leads_nowhere = kind == PathKind::Directory && path.is_symlink();
            return leads_nowhere.then(|| {
                words!(
                    "it is a link that leads nowhere",
                    "это ссылка, которая никуда не ведёт"
                )
            });
        }
        Err(error) => return Some(plain(&error)),
    };
    match kind {
        PathKind::Directory if !data.is_dir() => {
            return Some(words!("it is not a directory", "это не каталог"));
        }
        PathKind::File if data.is_dir() => {
            return Some(words!(
                "it is a directory where a file belongs",
                "это каталог, а нужен файл"
            ));
        }
        PathKind::File if !data.is_file() => {
            return Some(words!("it is not a regular file", "это не обычный файл"));
        }
        _ => {}
    }
    let rights = match kind {
        PathKind::Directory => Access::WRITE_OK | Access::EXEC_OK,
        PathKind::File => Access::WRITE_OK,
    };
    let denied = access(path, rights).err()?;
    Some(plain(&io::Error::from(denied)))
}

/// The system's reason in plain words, without the name of a scratch file.
pub(super) fn plain(error: &io::Error) -> Words {
    match error.raw_os_error() {
        Some(_) => regular::told(error),
        None => regular::told(&io::Error::from(error.kind())),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_is_missing_is_fine_and_what_is_of_the_wrong_kind_is_not() {
        let root = tempfile::tempdir().unwrap();
        let place = |name: &str| root.path().join(name);
        fs::create_dir(place("directory")).unwrap();
        fs::write(place("file"), "").unwrap();
        symlink("nowhere", place("link")).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, place("pipe"), mode).unwrap();
        for (name, kind, words) in [
            ("missing", PathKind::Directory, None),
            ("missing", PathKind::File, None),
            ("directory", PathKind::Directory, None),
            ("file", PathKind::File, None),
            ("link", PathKind::File, None),
            ("link", PathKind::Directory, Some("leads nowhere")),
            ("file", PathKind::Directory, Some("not a directory")),
            ("directory", PathKind::File, Some("it is a directory")),
            ("pipe", PathKind::File, Some("not a regular file")),
            ("file/x", PathKind::File, Some("a part of the path")),
        ] {
            let told = trouble(&place(name), kind);
            let told = told.as_ref().map(Words::en);
            match (told, words) {
                (None, None) => {}
                (Some(told), Some(words)) if told.contains(words) => {}
                _ => panic!("{name} {kind:?}: {told:?}"),
            }
        }
    }

    #[test]
    fn no_place_is_named_twice_and_directories_come_first() {
        let all = places(Path::new("/r"));
        for (index, (path, _)) in all.iter().enumerate() {
            let before = &all[..index];
            assert!(before.iter().all(|(known, _)| known != path), "{path:?}");
            let inner = before.iter().any(|(known, _)| known.starts_with(path));
            assert!(!inner, "{path:?}");
        }
        let has = |name: &str| all.iter().any(|(path, _)| path == Path::new(name));
        for name in [
            "/r/var/pmssl/spool",
            "/r/var/pmssl/ledger",
            "/r/var/pmssl/looks",
            "/r/var/pmssl.log",
            "/r/var/pmthesslstore.log",
        ] {
            assert!(has(name), "{name}");
        }
    }

    #[test]
    fn a_scratch_file_is_not_named() {
        let error = tempfile::NamedTempFile::new_in("/nonexistent").unwrap_err();
        assert_eq!(plain(&error).en(), "it does not exist");
    }
}
