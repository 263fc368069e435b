//! The platform's version, as the package manager tells it. The platform itself has no documented way.

use std::process::{Command, Stdio};

use super::findings::{self, Findings};

/// Beginnings of the names of the platform's packages \[inferred: `billmanager-plugin-python-libs` is attested,
/// billmanager.md 1.1; COREmanager is what it is built on\]; the first that is found counts.
const PACKAGES: [&str; 2] = ["billmanager", "coremanager"];

/// Package managers and how they list names with versions, one a line. Not by the search path, which may lead elsewhere.
const MANAGERS: [(&str, &[&str]); 2] = [
    (
        "/usr/bin/dpkg-query",
        &["-W", "-f", "${Package} ${Version}\n"],
    ),
    ("/usr/bin/rpm", &["-qa", "--qf", "%{NAME} %{VERSION}\n"]),
];

/// Major versions this program was made for (billmanager.md, head).
const KNOWN: [&str; 2] = ["5", "6"];

/// Examines.
pub(super) fn examine(findings: &mut Findings<'_>) {
    let lists = MANAGERS.iter().filter_map(|(program, arguments)| {
        let output = Command::new(program)
            .args(*arguments)
            .stdin(Stdio::null())
            .output()
            .ok()?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    });
    let found = lists.filter_map(|list| version(&list)).next();
    match found {
        None => findings.add(&findings::VERSION_UNKNOWN, "", ""),
        Some(version) if is_known(&version) => findings.add(&findings::VERSION_GOOD, &version, ""),
        Some(version) => {
            let known = KNOWN.join(", ");
            findings.add(&findings::VERSION_OTHER, &version, &known);
        }
    }
}

/// The version of the platform's own package in a list; of several, the one with the shortest name.
fn version(list: &str) -> Option<String> {
    PACKAGES.iter().find_map(|prefix| {
        list.lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(name, version)| name.starts_with(prefix) && !version.trim().is_empty())
            .min_by_key(|(name, _)| name.len())
            .map(|(_, version)| version.trim().to_owned())
    })
}

/// Whether a version (`6.101.0-1`, `5:6.1`) is one of the known ones.
fn is_known(version: &str) -> bool {
    // Debian's epoch says nothing.
    let version = version.split_once(':').map_or(version, |(_, rest)| rest);
    let major = version.split(|c: char| !c.is_ascii_digit()).next();
    major.is_some_and(|major| KNOWN.contains(&major))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_own_package_tells_the_version() {
        let list = "bash 5.2\nbillmanager-plugin-python-libs 1.0\nbillmanager 6.101.0-1\ncoremanager 5.400\n";
        assert_eq!(version(list).as_deref(), Some("6.101.0-1"));
        assert_eq!(version("coremanager 5.400").as_deref(), Some("5.400"));
        for list in ["", "bash 5.2", "billmanager", "billmanager  "] {
            assert_eq!(version(list), None, "{list}");
        }
    }

    #[test]
    fn no_other_program_of_that_name_is_run() {
        for (program, _) in MANAGERS {
            assert!(program.starts_with("/usr/bin/"), "{program}");
        }
    }

    #[test]
    fn only_the_major_version_counts() {
        for (version, known) in [
            ("6.101.0-1", true),
            ("5.2", true),
            ("1:6.5", true),
            ("7.0", false),
            ("60.1", false),
            ("", false),
            ("beta", false),
        ] {
            assert_eq!(is_known(version), known, "{version}");
        }
    }
}
