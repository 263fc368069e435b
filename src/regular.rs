//! Files that others may have put in place of ours: only regular ones are read, up to a size. A named pipe
//! would block the program for ever, a device could be read without end. Files of ours are replaced in one step.

use crate::domain::text::{Bilingual, Words};
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Largest file of settings that is read, in bytes.
pub(crate) const SETTINGS: u64 = 1024 * 1024;

/// Largest file of root certificates, in bytes: a whole distribution's is a quarter of a MiB.
pub(crate) const ROOTS: u64 = 8 * 1024 * 1024;

/// Opens what is a regular file, or a link to one.
///
/// # Errors
/// The system's; `InvalidInput` for anything that is no regular file.
pub(crate) fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    // Opening a device may already do something, so the path is looked at first. What is opened is
    // looked at again: it may have been exchanged. Without blocking, a named pipe does no harm then.
    if let Ok(data) = std::fs::metadata(path) {
        must_be_regular(&data)?;
    }
    let file = options
        .clone()
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)?;
    must_be_regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// As [`open`]; `FileTooLarge` for a larger one.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path, OpenOptions::new().read(true))?;
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, Unfit::TooLarge));
    }
    Ok(bytes)
}

/// Reads a regular text file of at most `limit` bytes.
///
/// # Errors
/// As [`read`]; `InvalidData` for one that is no UTF-8.
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, Unfit::NotText))
}

/// Puts a file with this content in a place, in one step: whoever reads sees the former one or the whole new one.
/// Missing directories are made. `prepare` sees the file before it takes its place: to give it a mode, to wait for the
/// disk.
///
/// # Errors
/// The system's.
pub(crate) fn replace(
    place: &Path,
    content: &[u8],
    prepare: impl FnOnce(&File) -> io::Result<()>,
) -> io::Result<()> {
    let directory = place.parent().unwrap_or(Path::new("/"));
    std::fs::create_dir_all(directory)?;
    let mut scratch = tempfile::NamedTempFile::new_in(directory)?;
    scratch.write_all(content)?;
    prepare(scratch.as_file())?;
    scratch.persist(place)?;
    Ok(())
}

fn must_be_regular(data: &std::fs::Metadata) -> io::Result<()> {
    if data.is_file() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        Unfit::NotRegular,
    ))
}

/// What this program itself says about a file.
#[derive(Debug)]
enum Unfit {
    TooLarge,
    NotText,
    NotRegular,
}

impl Bilingual for Unfit {
    fn both(&self) -> Words {
        match self {
            Self::TooLarge => words!("the file is too large", "файл слишком велик"),
            Self::NotText => words!("it is not UTF-8 text", "это не текст UTF-8"),
            Self::NotRegular => words!("it is not a regular file", "это не обычный файл"),
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.both().en())
    }
}

impl std::error::Error for Unfit {}

/// What an error says: this module's own words and those for what administrators meet, in both languages; the system's
/// as they came where it is something else.
pub(crate) fn told(error: &io::Error) -> Words {
    use io::ErrorKind::{
        ConnectionRefused, IsADirectory, NotADirectory, NotFound, PermissionDenied,
        ReadOnlyFilesystem, StorageFull,
    };
    let own = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Unfit>());
    match (own, error.kind()) {
        (Some(own), _) => own.both(),
        // Somebody's own words say more than a kind.
        (None, _) if error.get_ref().is_some() => Words::verbatim(error),
        (None, NotFound) => words!("it does not exist", "не существует"),
        (None, PermissionDenied) => words!("permission denied", "нет прав доступа"),
        (None, NotADirectory) => words!(
            "a part of the path is not a directory",
            "часть пути не является каталогом"
        ),
        (None, IsADirectory) => words!("it is a directory", "это каталог"),
        (None, ReadOnlyFilesystem) => words!(
            "the file system is mounted read-only",
            "файловая система доступна только для чтения"
        ),
        (None, StorageFull) => words!("the disk is full", "на диске нет места"),
        (None, ConnectionRefused) => words!("connection refused", "в соединении отказано"),
        (None, _) => Words::verbatim(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_devices_and_directories_are_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let pipe = directory.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [&pipe, &link, Path::new("/dev/zero"), directory.path()] {
            for options in [
                OpenOptions::new().read(true),
                OpenOptions::new().append(true).create(true),
            ] {
                let error = open(path, options).unwrap_err();
                assert_eq!(
                    error.kind(),
                    io::ErrorKind::InvalidInput,
                    "{path:?} {error}"
                );
            }
        }
    }

    #[test]
    fn a_file_is_replaced_whole_or_not_at_all() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a/b/file");
        replace(&file, b"first", |_| Ok(())).unwrap();
        replace(&file, b"second", File::sync_all).unwrap();
        assert_eq!(read(&file, 9).unwrap(), b"second");
        let full = |_: &File| Err(io::Error::from(io::ErrorKind::StorageFull));
        replace(&file, b"third", full).unwrap_err();
        assert_eq!(read(&file, 9).unwrap(), b"second");
        let left = std::fs::read_dir(file.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1);
    }

    #[test]
    fn the_systems_errors_are_told_in_plain_words_of_both_languages() {
        use crate::failure::Language;
        // ENOENT, EACCES, ENOTDIR, EISDIR, EROFS, ENOSPC, ECONNREFUSED
        for code in [2, 13, 20, 21, 30, 28, 111] {
            let told = told(&io::Error::from_raw_os_error(code));
            let (english, russian) = (told.en(), told.get(Language::Russian));
            assert!(!english.contains("os error"), "{code}: {english}");
            assert_ne!(english, russian, "{code}");
        }
        // What else there is stays as the system says it.
        assert!(
            told(&io::Error::from_raw_os_error(5))
                .en()
                .contains("os error")
        );
    }

    #[test]
    fn files_are_read_up_to_their_limit() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 5).unwrap(), b"12345");
        assert_eq!(read_text(&file, 5).unwrap(), "12345");
        let error = read(&file, 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        let error = read(&directory.path().join("none"), 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        std::fs::write(&file, b"\xff").unwrap();
        assert_eq!(
            read_text(&file, 4).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }
}
