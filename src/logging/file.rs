//! The log file: whole lines from many processes at once, and the move to `var/logs` at the size
//! limit (billmanager.md 10.4).
//!
//! Every line is one `write(2)` to a file opened for appending, made while holding a shared lock on
//! that file and after seeing that the path still leads to it. Who moves the file away holds its
//! lock exclusively. So nobody writes to a file that has been moved, and none of its lines can be
//! missing from the archive. The move itself puts a prepared new file, whose first line names the
//! archive, in place of the old one by a rename; the path is never without a file.
//!
//! Packing takes a second or two at the usual limit and may not delay an order, so it is done by a
//! thread of its own. If the process ends first, the moved part stays as `var/<log>.log-<stamp>`
//! and is packed at the next move.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::regular;

/// Directory of packed logs, beside the logs.
const ARCHIVES: &str = "logs";

/// Text of a new log's first line; the platform's wording is not documented (billmanager.md 10.4).
pub(super) const MOVED: &str = "the log reached its size limit, its earlier part is ";

/// Tries to lock, one millisecond apart, before a line is written without the lock: a stopped
/// process that holds it must not hold up an order.
const LOCK_TRIES: u32 = 500;

/// Tries to lock a log for its move, a tenth of a millisecond apart.
const MOVE_TRIES: u32 = 100;

/// Logs hold personal data: for their owner alone.
const MODE: u32 = 0o600;

/// What came of a move.
#[derive(Clone, Copy)]
enum Move {
    /// The path leads to a new log, or the log was not too long any more.
    Done,
    /// The others wrote all the time.
    Later,
}

/// An open log.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    limit: u64,
    /// After a move that did not happen the next one is tried at this size.
    retry_at: u64,
    packing: Vec<JoinHandle<()>>,
}

impl LogFile {
    /// Opens or creates the log.
    ///
    /// # Errors
    /// The system's reason why it cannot be opened.
    pub(super) fn open(path: &Path, limit: u64) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            file: append(path)?,
            limit,
            retry_at: 0,
            packing: Vec::new(),
        })
    }

    /// Changes the size limit, in bytes.
    pub(super) fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Writes the line and its end. `first_line` makes a new log's first line from a text.
    ///
    /// # Errors
    /// The system's reason; the line is lost then.
    pub(super) fn write(
        &mut self,
        line: &str,
        first_line: impl Fn(&str) -> String,
    ) -> io::Result<()> {
        let size = self.lock()?;
        let mut outcome = Ok(Move::Done);
        if size >= self.limit.max(self.retry_at) {
            // Exchanging a shared lock for an exclusive one is not one step: the size is read again.
            let _ = self.file.unlock();
            outcome = self.move_away(&first_line);
            let size = self.lock()?;
            self.retry_at = match outcome {
                Ok(Move::Done) => 0,
                Ok(Move::Later) => size + self.limit / 100,
                Err(_) => size + self.limit / 10,
            };
        }
        let mut event = Vec::with_capacity(line.len() + 1);
        event.extend_from_slice(line.as_bytes());
        event.push(b'\n');
        if let Err(error) = outcome {
            let words = format!("the log cannot be moved to var/{ARCHIVES}: {error}");
            event.extend_from_slice(first_line(&words).as_bytes());
            event.push(b'\n');
        }
        // One write(2), unless the disk is full.
        let written = self.file.write_all(&event);
        let _ = self.file.unlock();
        written
    }

    /// Waits until moved parts are packed.
    pub(super) fn finish(&mut self) {
        if self.packing.is_empty() {
            return;
        }
        for thread in self.packing.drain(..) {
            let _ = thread.join();
        }
        // A part that a writer still looked at while the thread passed by was left out.
        pack_all(&self.path);
    }

    /// Locks the file that the path leads to, opening it anew if it was replaced; returns its size.
    fn lock(&mut self) -> io::Result<u64> {
        for attempt in 0.. {
            match self.file.try_lock_shared() {
                // A file that was moved away stays locked while it is packed.
                Err(TryLockError::WouldBlock) if attempt < LOCK_TRIES && self.size()?.is_some() => {
                    thread::sleep(Duration::from_millis(1));
                    continue;
                }
                // Without locks (some network file systems) lines are still whole.
                Ok(()) | Err(_) => {}
            }
            if let Some(size) = self.size()? {
                return Ok(size);
            }
            // Closing alone would leave the lock to a child process that is being started just now.
            let _ = self.file.unlock();
            self.file = append(&self.path)?;
        }
        Ok(0)
    }

    /// The size of the log, `None` when the path leads to another file now.
    fn size(&self) -> io::Result<Option<u64>> {
        let own = self.file.metadata()?;
        Ok(match fs::metadata(&self.path) {
            Ok(current) if same(&own, &current) => Some(own.len()),
            _ => None,
        })
    }

    /// Moves the log away if it still is too long.
    fn move_away(&mut self, first_line: &dyn Fn(&str) -> String) -> io::Result<Move> {
        // Every writer that sees a log too long waits here instead of writing on, so that the lock
        // becomes free even if many write without a pause.
        for attempt in 0.. {
            match self.file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if self.size()?.is_none() => return Ok(Move::Done),
                Err(TryLockError::WouldBlock) if attempt < MOVE_TRIES => {
                    thread::sleep(Duration::from_micros(100));
                }
                Err(TryLockError::WouldBlock) => return Ok(Move::Later),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        let too_long = matches!(self.size(), Ok(Some(size)) if size >= self.limit);
        let moved = if too_long {
            self.replace(first_line)
        } else {
            Ok(())
        };
        let _ = self.file.unlock();
        moved?;
        if too_long {
            self.packing.retain(|thread| !thread.is_finished());
            let path = self.path.clone();
            self.packing.push(thread::spawn(move || pack_all(&path)));
        }
        Ok(Move::Done)
    }

    /// The move; the caller holds the exclusive lock.
    fn replace(&self, first_line: &dyn Fn(&str) -> String) -> io::Result<()> {
        let archives = sibling(&self.path, ARCHIVES);
        fs::create_dir_all(&archives)?;
        let name = file_name(&self.path);
        let stamp = chrono::Local::now().format("%Y%m%d-%H%M%S");
        let mut counter = 1_u32;
        let (part, archive) = loop {
            let part_name = format!("{name}-{stamp}-{counter}");
            let part = sibling(&self.path, &part_name);
            let archive = archives.join(format!("{part_name}.gz"));
            counter += 1;
            match fs::hard_link(&self.path, &part) {
                // In this order: a part vanishes only after its archive has appeared.
                Ok(()) if archive.exists() => fs::remove_file(&part)?,
                Ok(()) => break (part, archive),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        };
        let placed = self.place_new(&archive, first_line);
        if placed.is_err() {
            let _ = fs::remove_file(&part);
        }
        placed
    }

    fn place_new(&self, archive: &Path, first_line: &dyn Fn(&str) -> String) -> io::Result<()> {
        // Only the holder of the lock gets here, so the name needs no process id.
        let new = sibling(&self.path, &format!(".{}.new", file_name(&self.path)));
        let _ = fs::remove_file(&new);
        let mut file = append(&new)?;
        file.set_permissions(self.file.metadata()?.permissions())?;
        let text = format!("{MOVED}var/{ARCHIVES}/{}", file_name(archive));
        file.write_all(format!("{}\n", first_line(&text)).as_bytes())?;
        fs::rename(&new, &self.path)
    }
}

/// Packs every moved part of the log, also those left by processes that ended too early.
fn pack_all(log: &Path) {
    let (Some(directory), prefix) = (log.parent(), format!("{}-", file_name(log))) else {
        return;
    };
    let Ok(entries) = fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.strip_prefix(prefix.as_str()).is_some_and(is_stamp) {
            // A part that cannot be packed stays as it is, readable, for the next time.
            let _ = pack(log, &entry.path());
        }
    }
}

/// Whether this is what [`LogFile::replace`] appends: date, time and counter. What logrotate leaves
/// (`<log>.log-20260303`) is its own affair.
fn is_stamp(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut digits = |length: std::ops::RangeInclusive<usize>| {
        parts.next().is_some_and(|part| {
            length.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    digits(8..=8) && digits(6..=6) && digits(1..=10) && parts.next().is_none()
}

fn pack(log: &Path, part: &Path) -> io::Result<()> {
    let mut source = regular::open(part, OpenOptions::new().read(true))?;
    // Held by another process that packs or by one that is about to finish the move.
    if source.try_lock().is_err() {
        return Ok(());
    }
    let packed = pack_locked(log, part, &mut source);
    // Closing alone would leave the lock to a child process that is being started just now.
    let _ = source.unlock();
    packed
}

fn pack_locked(log: &Path, part: &Path, source: &mut File) -> io::Result<()> {
    let own = source.metadata()?;
    match fs::metadata(part) {
        Ok(current) if same(&own, &current) => {}
        _ => return Ok(()),
    }
    if same(&own, &fs::metadata(log)?) {
        // A process died in the middle of the move: this is the log itself under a second name.
        return fs::remove_file(part);
    }
    let archive = sibling(log, ARCHIVES).join(format!("{}.gz", file_name(part)));
    let unfinished = archive.with_extension("gz.part");
    // A former try's, or a planted link.
    let _ = fs::remove_file(&unfinished);
    let target = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(MODE)
        .open(&unfinished)?;
    target.set_permissions(own.permissions())?;
    let mut encoder = GzEncoder::new(target, Compression::default());
    io::copy(source, &mut encoder)?;
    encoder.finish()?.sync_all()?;
    fs::rename(&unfinished, &archive)?;
    fs::remove_file(part)
}

fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    regular::open(path, options.append(true).create(true).mode(MODE))
}

fn same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

fn sibling(path: &Path, name: &str) -> PathBuf {
    path.with_file_name(name)
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
