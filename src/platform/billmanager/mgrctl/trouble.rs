//! Why a call of the platform did not count as done.

use std::time::Duration;

use super::Refusal;
use crate::domain::text::{Bilingual, Words};
use crate::failure::{Failure, Reason};
use crate::logging::mask;
use crate::platform::billmanager::choices::function_refused;

/// Why a call did not count as done.
#[derive(Debug)]
pub enum Trouble {
    /// The program could not be started, or was not started because a value is too long: nothing happened.
    NotStarted(Words),
    /// The program did not end in time and was stopped; whether the deed was done is not known.
    TimedOut(Duration),
    /// The panel is not there; it is probably restarting.
    PanelAway(Words),
    /// The platform said no.
    Refused(Refusal),
    /// The reply is not one.
    Unreadable(Words),
}

impl Bilingual for Trouble {
    fn both(&self) -> Words {
        match self {
            Self::NotStarted(why) | Self::Unreadable(why) => why.clone(),
            Self::TimedOut(limit) => {
                words!(
                    "mgrctl did not answer within {} s",
                    "mgrctl не ответил за {} с",
                    limit.as_secs()
                )
            }
            Self::PanelAway(why) => {
                words!("BILLmanager does not answer ({why})", "BILLmanager не отвечает ({why})"; why)
            }
            Self::Refused(refusal) => Words::verbatim(refusal),
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.both().en())
    }
}

impl std::error::Error for Trouble {}

impl Trouble {
    /// The failure to report.
    pub(super) fn into_failure(self, function: &str) -> Failure {
        Failure::field(Reason::PlatformFunction, function)
            .detail(self.both().map(mask))
            .because(self)
    }

    /// Whether waiting may help. A call that timed out is among them: only writes that may be done twice
    /// are repeated.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::PanelAway(_) | Self::TimedOut(_))
    }

    /// Whether it is this function that the platform refuses.
    pub(super) fn refuses_function(&self) -> bool {
        matches!(self, Self::Refused(refusal) if function_refused(&refusal.kind, &refusal.object))
    }
}
