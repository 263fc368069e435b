//! Telling the platform that forms and modules have changed (billmanager.md 1.4).

use std::path::Path;
use std::process::{Command, Stdio};

/// One command that was run, or would be.
#[derive(Debug)]
pub(super) struct Ran {
    /// As one would type it.
    pub(super) line: String,
    /// Why it did not succeed.
    pub(super) complaint: Option<String>,
}

/// Commands with their arguments, relative to the root: compiled forms, compiled Russian texts, restart
/// of the panel, which asks every module for its features when it starts.
const COMMANDS: [&[&str]; 3] = [
    &[
        "sbin/xmlinstall",
        "-m",
        "billmgr",
        "--meta-cache",
        "--apply",
    ],
    &[
        "sbin/xmlinstall",
        "-m",
        "billmgr",
        "--lang-cache",
        "ru",
        "--base",
        "en",
        "--apply",
    ],
    &["sbin/mgrctl", "-m", "billmgr", "exit"],
];

/// Runs those whose programs exist.
pub(super) fn run(root: &Path, units: bool, dry_run: bool) -> Vec<Ran> {
    let mut ran: Vec<Ran> = COMMANDS
        .iter()
        .filter_map(|words| {
            let (program, arguments) = words.split_first()?;
            let program = root.join(program);
            program
                .exists()
                .then(|| one(root, &program, arguments, dry_run))
        })
        .collect();
    let systemctl = Path::new("/bin/systemctl");
    if units && systemctl.exists() && Path::new("/run/systemd/system").exists() {
        ran.push(one(root, systemctl, &["daemon-reload"], dry_run));
    }
    ran
}

fn one(root: &Path, program: &Path, arguments: &[&str], dry_run: bool) -> Ran {
    let line = format!("{} {}", program.display(), arguments.join(" "));
    if dry_run {
        return Ran {
            line,
            complaint: None,
        };
    }
    let outcome = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .output();
    let complaint = match outcome {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            // mgrctl says on standard output what is wrong.
            let told = [&output.stderr, &output.stdout].map(|told| String::from_utf8_lossy(told));
            let mut lines = told.iter().flat_map(|told| told.lines());
            let words = lines.find(|line| !line.trim().is_empty());
            let words = words.unwrap_or_default();
            Some(crate::logging::mask(&format!("{}: {words}", output.status)))
        }
        Err(error) => Some(error.to_string()),
    };
    Ran { line, complaint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_shown_wherever_it_was_printed() {
        let complaint = |script: &str| {
            let root = Path::new("/");
            one(root, Path::new("/bin/sh"), &["-c", script], false).complaint
        };
        assert_eq!(complaint("echo fine"), None);
        let told = complaint("echo; echo 'ERROR no function exit'; exit 1").unwrap();
        assert!(told.ends_with(": ERROR no function exit"), "{told}");
        let told = complaint("echo out; echo err >&2; exit 1").unwrap();
        assert!(told.ends_with(": err"), "{told}");
    }
}
