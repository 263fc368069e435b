//! Exit codes of the administrator's subcommands: the one place that decides and documents them.

use std::process::ExitCode;

use crate::failure::{Failure, FailureKind, Reason};

/// What a subcommand came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Code {
    /// Done, and nothing is wrong.
    Done = 0,
    /// It failed, or `check` or `doctor` found something broken.
    Failed = 1,
    /// The command line is wrong; nothing was done.
    Usage = 2,
    /// Done, but there is something to look at.
    Warnings = 3,
    /// It is not known whether an order arrived: a person has to settle it with `pmssl resolve`.
    Person = 4,
    /// The question was answered with no: nothing was changed.
    Declined = 5,
}

/// All codes with what they mean.
const CODES: [(Code, &str); 6] = [
    (Code::Done, "done, nothing is wrong"),
    (Code::Failed, "failed, or something broken was found"),
    (Code::Usage, "the command line is wrong, nothing was done"),
    (Code::Warnings, "done, but there is something to look at"),
    (
        Code::Person,
        "it is not known whether an order arrived: settle it with 'pmssl resolve'",
    ),
    (
        Code::Declined,
        "the question was answered with no, nothing was changed",
    ),
];

/// The codes that a subcommand can end with, with what they mean; those of all without a subcommand.
pub(super) fn of_command(name: Option<&str>) -> impl Iterator<Item = (Code, &'static str)> {
    let own = match name {
        None => &[Code::Warnings, Code::Person, Code::Declined][..],
        Some("check" | "doctor" | "capture" | "install" | "uninstall" | "balance") => {
            &[Code::Warnings]
        }
        Some("retry" | "reissue") => &[Code::Warnings, Code::Person, Code::Declined],
        Some("sync" | "rehearse") => &[Code::Warnings, Code::Person],
        Some("resolve") => &[Code::Person, Code::Declined],
        Some(_) => &[],
    };
    let all = CODES.into_iter();
    all.filter(move |(code, _)| *code <= Code::Usage || own.contains(code))
}

/// The same as help shows it.
pub(super) fn table(name: Option<&str>) -> String {
    of_command(name).fold(HEAD.to_owned(), |table, (code, text)| {
        format!("{table}\n  {}  {text}", code as u8)
    })
}

/// What the table begins with.
pub(super) const HEAD: &str = "Exit codes:";

impl Code {
    /// The code of a failure.
    pub(super) fn of(failure: &Failure) -> Self {
        match (failure.kind(), failure.reason()) {
            (FailureKind::Unknown, _) => Self::Person,
            (_, Reason::Usage | Reason::NoPlatform) => Self::Usage,
            // Nothing failed, and nothing was found either: whoever watches must not take it for good.
            (_, Reason::NoAccounts) => Self::Warnings,
            (_, Reason::Missing | Reason::Invalid) if failure.object().starts_with("--") => {
                Self::Usage
            }
            _ => Self::Failed,
        }
    }
}

/// What a check tells Nagios. The numbers are those of its plugin interface and differ from [`Code`]'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plugin {
    /// Nothing was found.
    Ok = 0,
    /// There is something to look at.
    Warning = 1,
    /// Something is broken.
    Critical = 2,
    /// It could not be found out.
    Unknown = 3,
}

impl Plugin {
    /// The word that such checks print.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// How the program ends: in its own numbers or in those of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As every subcommand does.
    Own(Code),
    /// As Nagios expects.
    Plugin(Plugin),
}

impl End {
    /// The number that the process ends with.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Own(code) => code as u8,
            Self::Plugin(state) => state as u8,
        }
    }
}

impl From<Code> for End {
    fn from(code: Code) -> Self {
        Self::Own(code)
    }
}

impl From<Plugin> for End {
    fn from(state: Plugin) -> Self {
        Self::Plugin(state)
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        Self::from(end.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_have_the_documented_codes() {
        let cases = [
            (Failure::new(Reason::OutcomeForPerson), Code::Person),
            (Failure::new(Reason::OutcomeUnknown), Code::Person),
            (Failure::field(Reason::Missing, "--item"), Code::Usage),
            (
                Failure::field(Reason::Usage, "--adopt or --not-placed"),
                Code::Usage,
            ),
            (Failure::field(Reason::Invalid, "--set"), Code::Usage),
            (Failure::field(Reason::Missing, "adm_fname"), Code::Failed),
            (Failure::new(Reason::Database), Code::Failed),
            (Failure::new(Reason::NoPlatform), Code::Usage),
            (Failure::new(Reason::NoAccounts), Code::Warnings),
            (Failure::new(Reason::NotRoot), Code::Failed),
        ];
        for (failure, code) in cases {
            assert_eq!(Code::of(&failure), code, "{failure}");
        }
    }

    #[test]
    fn the_table_of_a_subcommand_has_what_it_can_end_with() {
        let numbers = |name| -> Vec<u8> { of_command(name).map(|(code, _)| code as u8).collect() };
        assert_eq!(numbers(None), [0, 1, 2, 3, 4, 5]);
        assert_eq!(numbers(Some("orders")), [0, 1, 2]);
        assert_eq!(numbers(Some("doctor")), [0, 1, 2, 3]);
        assert_eq!(numbers(Some("sync")), [0, 1, 2, 3, 4]);
        assert_eq!(numbers(Some("resolve")), [0, 1, 2, 4, 5]);
        let table = table(Some("orders"));
        assert!(table.starts_with("Exit codes:\n  0  done"), "{table}");
        assert_eq!(table.lines().count(), 4);
    }
}
