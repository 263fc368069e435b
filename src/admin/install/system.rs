//! The system's own files: units, cron line, log rotation. They are part of the program, so that one
//! copied file is all an installation needs.

use std::path::{Path, PathBuf};

use super::work::Work;
use crate::cli::USUAL_ROOT;
use crate::failure::Failure;

/// A file as it is shipped, with the usual places in it.
struct Shipped {
    /// Below the directory of the system's settings.
    place: &'static str,
    text: &'static str,
}

const LOGROTATE: Shipped = Shipped {
    place: "logrotate.d/pmssl",
    text: include_str!("../../../etc/logrotate.d/pmssl"),
};

const CRON: Shipped = Shipped {
    place: "cron.d/pmssl",
    text: include_str!("../../../etc/cron.d/pmssl"),
};

/// Units by their names, of which the first stands for a package's.
const UNITS: [(&str, &str); 3] = [
    (
        "pmssl.service",
        include_str!("../../../etc/systemd/pmssl.service"),
    ),
    (
        "pmssl-once.service",
        include_str!("../../../etc/systemd/pmssl-once.service"),
    ),
    (
        "pmssl-once.timer",
        include_str!("../../../etc/systemd/pmssl-once.timer"),
    ),
];

/// Where the administrator's own units lie, below the directory of the system's settings.
const OWN_UNITS: &str = "systemd/system";

/// Where the packages (`.ci/packages`) put units, beside the directory of the system's settings.
const PACKAGED_UNITS: [&str; 2] = ["lib/systemd/system", "usr/lib/systemd/system"];

/// The program where the shipped texts have it.
const USUAL_PROGRAM: &str = "/usr/local/mgr5/sbin/pmssl";

/// What the shipped texts are filled with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'a> {
    /// Directory of the system's settings.
    pub(super) etc: &'a Path,
    /// The platform's directory.
    pub(super) root: &'a Path,
    /// The program.
    pub(super) program: &'a Path,
}

impl Places<'_> {
    fn filled(self, text: &str) -> String {
        text.replace(USUAL_PROGRAM, &self.program.display().to_string())
            .replace(USUAL_ROOT, &self.root.display().to_string())
    }

    /// The directory with the units of a package.
    fn packaged(self) -> Option<PathBuf> {
        let top = self.etc.parent().unwrap_or(Path::new("/"));
        let (stands_for_all, _) = UNITS[0];
        PACKAGED_UNITS
            .iter()
            .map(|directory| top.join(directory))
            .find(|directory| directory.join(stands_for_all).exists())
    }
}

/// Puts them. A cron line works at once, a unit only when it is enabled: the line is put when it is asked
/// for, and renewed while it is there.
pub(super) fn put(work: &mut Work<'_>, places: Places<'_>, cron: bool) -> Result<(), Failure> {
    let put = |work: &mut Work<'_>, shipped: &Shipped| {
        let place = places.etc.join(shipped.place);
        work.settings(&place, places.filled(shipped.text).as_bytes())
    };
    put(work, &LOGROTATE)?;
    let line = places.etc.join(CRON.place);
    if cron || (work.made(&line) && line.exists()) {
        put(work, &CRON)?;
    }
    let packaged = places.packaged();
    for (name, text) in UNITS {
        let place = places.etc.join(OWN_UNITS).join(name);
        match &packaged {
            // A unit of ours would hide the package's.
            Some(directory) => {
                work.take_away(&place, places.program)?;
                work.is_there(&directory.join(name));
            }
            None => work.settings(&place, places.filled(text).as_bytes())?,
        }
    }
    Ok(())
}

/// Whether the system has to read its units anew when this file changes.
pub(super) fn is_unit(place: &Path) -> bool {
    place
        .parent()
        .is_some_and(|directory| directory.ends_with(OWN_UNITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_texts_name_program_and_root_and_every_unit_is_shipped() {
        let places = Places {
            etc: Path::new("/etc"),
            root: Path::new("/opt/panel"),
            program: Path::new("/usr/bin/pmssl"),
        };
        let services = UNITS.iter().filter(|(name, _)| name.ends_with(".service"));
        for text in services.map(|(_, text)| *text).chain([CRON.text]) {
            let filled = places.filled(text);
            assert!(filled.contains("/usr/bin/pmssl daemon"), "{filled}");
            assert!(!filled.contains("/usr/local"), "{filled}");
        }
        let rotation = places.filled(LOGROTATE.text);
        assert!(rotation.contains("/opt/panel/var/pmssl.log"), "{rotation}");
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("etc/systemd");
        let shipped = std::fs::read_dir(directory).unwrap().count();
        assert_eq!(shipped, UNITS.len());
    }
}
