//! Reads the zip archives of vendors, with limits: what a server sends is not trusted.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;
use zip::result::ZipError;

use super::x509::unreadable;
use crate::failure::Failure;

/// Largest archive, in bytes.
const MAX_ARCHIVE: usize = 4 * 1024 * 1024;
/// Most entries.
const MAX_ENTRIES: usize = 64;
/// Begins each entry of an archive's directory.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";
/// Most bytes of all entries together, unpacked.
const MAX_UNPACKED: u64 = 8 * 1024 * 1024;

/// Whether bytes begin like a certificate or a PKCS#7 without armour: a sequence with a length of several
/// octets or of none. A text that begins with the digit 0 does not.
#[must_use]
pub(super) fn is_der(bytes: &[u8]) -> bool {
    let begins = [[0x30, 0x80], [0x30, 0x82], [0x30, 0x83]];
    begins.iter().any(|begin| bytes.starts_with(begin))
}

/// Unpacks a vendor's archive in memory: names without directories, and contents, in the archive's
/// order. Directories and links are left out.
///
/// # Errors
/// `UnreadableCertificate`: damaged, encrypted, larger than any bundle of certificates (packed or
/// unpacked, the announced sizes are not believed), or with a name that leaves its directory.
pub fn files_from_zip(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    if bytes.len() > MAX_ARCHIVE {
        return Err(unreadable(words!(
            "the vendor's archive is too large",
            "архив поставщика слишком велик"
        )));
    }
    let damaged = |error| {
        unreadable(match error {
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                words!(
                    "the vendor's archive is encrypted or packed in an unusual way",
                    "архив поставщика зашифрован или упакован необычным способом"
                )
            }
            _ => words!(
                "the vendor's archive is damaged",
                "архив поставщика повреждён"
            ),
        })
        .because(error)
    };
    let too_many = || {
        unreadable(words!(
            "the vendor's archive holds too many files",
            "в архиве поставщика слишком много файлов"
        ))
    };
    // Counted before the directory is read into memory: each entry begins with this mark, whatever
    // number the archive announces.
    let entries = bytes
        .windows(ENTRY_MARK.len())
        .filter(|window| *window == ENTRY_MARK);
    if entries.count() > MAX_ENTRIES {
        return Err(too_many());
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(too_many());
    }
    let mut files = Vec::new();
    let mut room = MAX_UNPACKED;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(damaged)?;
        let path = entry
            .enclosed_name()
            .filter(|_| !is_hostile(entry.name_raw()))
            .ok_or_else(|| {
                unreadable(words!(
                    "the vendor's archive holds a file name with a way out",
                    "в архиве поставщика имя файла ведёт за его пределы"
                ))
            })?;
        if !entry.is_file() {
            continue;
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let name = name.to_owned();
        let mut content = Vec::new();
        entry
            .take(room + 1)
            .read_to_end(&mut content)
            .map_err(|error| {
                unreadable(words!(
                    "the vendor's archive is damaged",
                    "архив поставщика повреждён"
                ))
                .because(error)
            })?;
        room = room.checked_sub(content.len() as u64).ok_or_else(|| {
            unreadable(words!(
                "the vendor's archive unpacks to too much",
                "архив поставщика распаковывается в слишком большой объём"
            ))
        })?;
        files.push((name, content));
    }
    Ok(files)
}

/// Names that only an attacker writes. Backslashes are separators on the systems that write them.
fn is_hostile(name: &[u8]) -> bool {
    name.contains(&0)
        || name.starts_with(b"/")
        || name.starts_with(b"\\")
        || name.get(1) == Some(&b':')
        || name
            .split(|octet| matches!(octet, b'/' | b'\\'))
            .any(|part| part == b"..")
}
