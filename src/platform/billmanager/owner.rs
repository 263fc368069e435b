//! Who can change the platform: run as root, this program starts `sbin/mgrctl`, so a directory that
//! somebody else made or can change must not be taken for the platform (design, section 3).

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use super::mgrctl::PROGRAM;
use crate::failure::{Failure, Reason};

/// Links followed in one path, as the kernel does.
const MOST_LINKS: usize = 40;

/// Accepts a platform root for this process.
///
/// # Errors
/// `PlatformFile` naming the path, when the process is root's and somebody else owns or can change
/// the root, its directory `sbin`, the client program or a directory on the way to them.
pub(crate) fn check(root: &Path) -> Result<(), Failure> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    examine(root, 0)
}

/// Accepts a program of the administrator's that this process is to run: nobody else may own or change it, its
/// directory, or the way to them. The answer is the place without links, which is to be run.
///
/// # Errors
/// `PlatformFile` naming the path.
pub(crate) fn check_program(program: &Path) -> Result<PathBuf, Failure> {
    examine_program(program, rustix::process::geteuid().as_raw())
}

fn examine_program(program: &Path, owner: u32) -> Result<PathBuf, Failure> {
    let about = || Failure::field(Reason::PlatformFile, program.display().to_string());
    if !program.is_absolute() {
        return Err(about().detail(words!(
            "an absolute path is needed",
            "нужен абсолютный путь"
        )));
    }
    let Some((place, data)) = walk(program, owner)? else {
        return Err(about().because(io::Error::from(io::ErrorKind::NotFound)));
    };
    if !data.is_file() || data.mode() & 0o111 == 0 {
        return Err(about().detail(words!(
            "it is not an executable file",
            "это не исполняемый файл"
        )));
    }
    strictly(&place, &data, owner)?;
    for directory in place.ancestors().skip(1) {
        let Some(data) = present(directory)? else {
            continue;
        };
        // Below the distribution's own a group may write (Debian gives /usr/local to 'staff'); a sticky directory keeps
        // its entries.
        let is_own = Some(directory) == place.parent();
        let is_usual = directory.starts_with("/usr/local") || data.mode() & 0o1000 != 0;
        if is_own || !is_usual {
            strictly(directory, &data, owner)?;
        }
    }
    Ok(place)
}

/// Why a path is not trusted.
enum Fault {
    Owner(PathBuf, u32),
    Mode(PathBuf, u32),
    Unknown(PathBuf, io::Error),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let about = |path: PathBuf| Self::field(Reason::PlatformFile, path.display().to_string());
        match fault {
            Fault::Owner(path, user) => about(path).detail(words!(
                "it belongs to user {user}, and this program runs as root: give it to root with chown, or name another place", "он принадлежит пользователю {user}, а программа запущена от root: отдайте его root командой chown или укажите другое место"
            )),
            Fault::Mode(path, mode) => about(path).detail(words!(
                "others than root can change it (mode {mode:o}), and this program runs as root: run chmod go-w on it, or name another place", "изменить его может не только root (права {mode:o}), а программа запущена от root: выполните для него chmod go-w или укажите другое место"
            )),
            Fault::Unknown(path, error) => about(path).because(error),
        }
    }
}

/// `owner` is root, but for tests.
fn examine(root: &Path, owner: u32) -> Result<(), Failure> {
    let root = std::path::absolute(root).map_err(|error| Fault::Unknown(root.to_owned(), error))?;
    let program = root.join(PROGRAM);
    let sbin = program.parent().unwrap_or(&root);
    // What is not there cannot be run; who needs it says so.
    for directory in [&root, sbin] {
        let Some((place, data)) = walk(directory, owner)? else {
            return Ok(());
        };
        strictly(&place, &data, owner)?;
    }
    let Some(link) = present(&program)? else {
        return Ok(());
    };
    belongs(&program, &link, owner)?;
    // Whoever owns the link has chosen where it leads: the file there and its directory are looked
    // at, not the way to them.
    let Some(file) = absent(&program, program.canonicalize())? else {
        return Ok(());
    };
    for place in [file.parent().unwrap_or(&file), &file] {
        if let Some(data) = present(place)? {
            strictly(place, &data, owner)?;
        }
    }
    Ok(())
}

/// Goes to a path as the kernel does. Every link on the way must belong to the owner, and every
/// directory must keep its entries from being exchanged by others.
fn walk(path: &Path, owner: u32) -> Result<Option<(PathBuf, Metadata)>, Fault> {
    let names = |path: &Path| -> VecDeque<OsString> {
        path.components()
            .filter(|part| matches!(part, Component::Normal(_) | Component::ParentDir))
            .map(|part| part.as_os_str().to_owned())
            .collect()
    };
    let mut place = PathBuf::from("/");
    let mut rest = names(path);
    let mut links = 0;
    loop {
        let Some(data) = present(&place)? else {
            return Ok(None);
        };
        if data.is_symlink() {
            belongs(&place, &data, owner)?;
            links += 1;
            let target = match std::fs::read_link(&place) {
                Ok(target) if links <= MOST_LINKS => target,
                Ok(_) => return Err(Fault::Unknown(place, io::Error::other("too many links"))),
                Err(error) => return Err(Fault::Unknown(place, error)),
            };
            place = if target.is_absolute() {
                PathBuf::from("/")
            } else {
                place.parent().unwrap_or(&place).to_owned()
            };
            let mut further = names(&target);
            further.append(&mut rest);
            rest = further;
            continue;
        }
        belongs(&place, &data, owner)?;
        let Some(name) = rest.pop_front() else {
            return Ok(Some((place, data)));
        };
        // A sticky directory (/tmp) keeps the entries of one user from the others. A group that may
        // write in a directory above is the distribution's: Debian gives /usr/local to 'staff'.
        if data.mode() & 0o002 != 0 && data.mode() & 0o1000 == 0 {
            return Err(Fault::Mode(place, data.mode() & 0o7777));
        }
        if name == ".." {
            place.pop();
        } else {
            place.push(name);
        }
    }
}

/// Directories above belong to root wherever the platform stands.
fn belongs(path: &Path, data: &Metadata, owner: u32) -> Result<(), Fault> {
    if data.uid() == owner || data.uid() == 0 {
        return Ok(());
    }
    Err(Fault::Owner(path.to_owned(), data.uid()))
}

/// The root's own group has no members but root.
fn strictly(path: &Path, data: &Metadata, owner: u32) -> Result<(), Fault> {
    belongs(path, data, owner)?;
    let mode = data.mode();
    if mode & 0o002 != 0 || mode & 0o020 != 0 && data.gid() != 0 {
        return Err(Fault::Mode(path.to_owned(), mode & 0o7777));
    }
    Ok(())
}

fn present(path: &Path) -> Result<Option<Metadata>, Fault> {
    absent(path, std::fs::symlink_metadata(path))
}

fn absent<T>(path: &Path, result: io::Result<T>) -> Result<Option<T>, Fault> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Fault::Unknown(path.to_owned(), error)),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, lchown, symlink};

    use super::*;

    fn own() -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// A platform with its client program.
    fn platform() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("sbin")).unwrap();
        fs::write(directory.path().join(PROGRAM), "").unwrap();
        for name in ["sbin", PROGRAM] {
            set_mode(&directory.path().join(name), 0o755);
        }
        directory
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn refused(root: &Path, path: &Path, word: &str) {
        let failure = examine(root, own()).unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile);
        assert_eq!(failure.object(), path.display().to_string());
        assert!(failure.words().contains(word), "{failure}");
        let russian = failure.text(crate::failure::Language::Russian);
        assert!(!russian.contains("this program"), "{russian}");
    }

    #[test]
    fn a_platform_that_only_its_owner_can_change_is_accepted() {
        let platform = platform();
        let root = platform.path();
        examine(root, own()).unwrap();
        // A link of the owner to a program of the owner, as packages make them.
        let elsewhere = tempfile::tempdir().unwrap();
        fs::rename(root.join(PROGRAM), elsewhere.path().join("core")).unwrap();
        symlink(elsewhere.path().join("core"), root.join(PROGRAM)).unwrap();
        examine(root, own()).unwrap();
        // A root that is a link itself.
        let link = elsewhere.path().join("mgr5");
        symlink(root, &link).unwrap();
        examine(&link, own()).unwrap();
    }

    #[test]
    fn a_program_of_the_administrators_is_trusted_as_long_as_nobody_else_can_change_it() {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("hook");
        let word = |path: &Path| match examine_program(path, own()) {
            Ok(place) => {
                assert_eq!(place.file_name(), Some("hook".as_ref()));
                Ok(())
            }
            Err(failure) => Err(failure.words()),
        };
        assert!(word(&program).unwrap_err().contains("does not exist"));
        fs::write(&program, "").unwrap();
        set_mode(&program, 0o644);
        assert!(word(&program).unwrap_err().contains("executable"));
        set_mode(&program, 0o755);
        assert_eq!(word(&program), Ok(()));
        let link = directory.path().join("link");
        symlink("hook", &link).unwrap();
        assert_eq!(word(&link), Ok(()));
        assert!(word(Path::new("hook")).unwrap_err().contains("absolute"));
        assert!(word(directory.path()).unwrap_err().contains("executable"));
        set_mode(&program, 0o757);
        assert!(word(&program).unwrap_err().contains("chmod go-w"));
        set_mode(&program, 0o755);
        set_mode(directory.path(), 0o707);
        assert!(word(&program).unwrap_err().contains("chmod go-w"));
        set_mode(directory.path(), 0o700);
        assert_eq!(word(&program), Ok(()));
    }

    #[test]
    fn what_is_not_there_is_left_to_those_who_need_it() {
        let platform = platform();
        fs::remove_file(platform.path().join(PROGRAM)).unwrap();
        examine(platform.path(), own()).unwrap();
        fs::remove_dir(platform.path().join("sbin")).unwrap();
        examine(platform.path(), own()).unwrap();
        examine(&platform.path().join("nowhere"), own()).unwrap();
    }

    #[test]
    fn what_others_can_write_is_refused_with_path_and_remedy() {
        for name in ["", "sbin", PROGRAM] {
            let platform = platform();
            let path = match name {
                "" => platform.path().to_owned(),
                name => platform.path().join(name),
            };
            set_mode(&path, 0o757);
            refused(platform.path(), &path, "chmod go-w");
        }
        // A directory above in which others could put another platform.
        let above = tempfile::tempdir().unwrap();
        let root = above.path().join("mgr5");
        fs::create_dir(&root).unwrap();
        set_mode(above.path(), 0o777);
        refused(&root, above.path(), "chmod go-w");
        set_mode(above.path(), 0o1777);
        examine(&root, own()).unwrap();
        // What the link to the program leads to.
        let platform = platform();
        let program = above.path().join("core");
        fs::rename(platform.path().join(PROGRAM), &program).unwrap();
        symlink(&program, platform.path().join(PROGRAM)).unwrap();
        refused(platform.path(), above.path(), "chmod go-w");
        set_mode(above.path(), 0o755);
        set_mode(&program, 0o775);
        let group = fs::metadata(&program).unwrap().gid();
        assert_eq!(examine(platform.path(), own()).is_ok(), group == 0);
        set_mode(&program, 0o757);
        refused(platform.path(), &program, "chmod go-w");
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "a test says what it skips")]
    fn what_belongs_to_somebody_else_is_refused_with_path_and_remedy() {
        if own() != 0 {
            eprintln!("skipped: only root can give a file away");
            return;
        }
        const NOBODY: u32 = 65534;
        for name in ["", "sbin", PROGRAM] {
            let platform = platform();
            let path = match name {
                "" => platform.path().to_owned(),
                name => platform.path().join(name),
            };
            lchown(&path, Some(NOBODY), None).unwrap();
            refused(platform.path(), &path, "chown");
            assert!(check(platform.path()).is_err());
        }
        // A link of somebody else on the way, though it leads to a sound platform.
        let platform = platform();
        let link = platform.path().with_extension("link");
        symlink(platform.path(), &link).unwrap();
        lchown(&link, Some(NOBODY), None).unwrap();
        refused(&link, &link, "chown");
        fs::remove_file(&link).unwrap();
        let program = platform.path().join(PROGRAM);
        fs::remove_file(&program).unwrap();
        symlink("/bin/true", &program).unwrap();
        examine(platform.path(), 0).unwrap();
        lchown(&program, Some(NOBODY), None).unwrap();
        refused(platform.path(), &program, "chown");
    }
}
