//! Exit codes of the administrator's subcommands: the one place that decides and documents them.

use std::process::ExitCode;

use crate::failure::{Failure, Kind, Reason};

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

/// The table as help and manual show it.
pub(super) const TABLE: &str = "\
Exit codes:
  0  done, nothing is wrong
  1  failed, or something broken was found
  2  the command line is wrong, nothing was done
  3  done, but there is something to look at
  4  it is not known whether an order arrived: settle it with 'pmssl resolve'
  5  the question was answered with no, nothing was changed";

impl Code {
    /// The code of a failure.
    pub(super) fn of(failure: &Failure) -> Self {
        match (failure.kind(), failure.reason()) {
            (Kind::Unknown, _) => Self::Person,
            (_, Reason::Usage) => Self::Usage,
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
        ];
        for (failure, code) in cases {
            assert_eq!(Code::of(&failure), code, "{failure}");
        }
    }

    #[test]
    fn every_code_is_in_the_table() {
        let all = [
            Code::Done,
            Code::Failed,
            Code::Usage,
            Code::Warnings,
            Code::Person,
            Code::Declined,
        ];
        for code in all {
            let number = format!("\n  {}  ", code as u8);
            assert!(TABLE.contains(&number), "{code:?}");
        }
        assert_eq!(TABLE.lines().count(), all.len() + 1);
    }
}
