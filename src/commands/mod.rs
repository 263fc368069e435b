//! The platform's commands, one file each; the table below is the only list of them.

mod approver;
mod balance;
mod check_connection;
mod check_param;
mod close;
mod forms;
mod import;
mod lifecycle;
mod open;
mod prolong;
mod reopen;
mod report;
#[cfg(test)]
mod requests;
mod send_validation;
mod session;
mod sync_item;

use std::cell::RefCell;
use std::path::PathBuf;

use crate::ca::{Connect, ConnectOptions};
use crate::cli::Arguments;
use crate::domain::{AccountId, Clock};
use crate::failure::{Failure, Reason};
use crate::module::Module;
use crate::platform::{Finish, Platform};

pub use report::{needs_person, report, try_limit};
pub(crate) use session::shown;
pub use session::{
    connect_options, overrides, own_service, session_parts, with_session, with_session_for_person,
};

/// File whose presence makes the platform's operations end with success and do nothing (billmanager.md 1.1).
pub const DO_NOTHING: &str = "etc/billmgr.DoNothing";

/// Everything a command works with.
pub struct Context<'a> {
    /// The module.
    pub module: &'static Module,
    /// The platform root.
    pub root: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// The call's arguments.
    pub arguments: Arguments,
    /// The platform.
    pub platform: &'a dyn Platform,
    /// How vendors are reached from here.
    pub connect_options: ConnectOptions,
    /// What builds the vendor of an account: [`crate::ca::connect`].
    pub connect: Connect,
    /// What the platform sent on standard input; read only by commands that expect something.
    pub input: String,
    /// The account in use, for error reports: set once it is known.
    pub account: RefCell<Option<(AccountId, String)>>,
}

/// The platform's commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Describe the module.
    Features,
    /// Try the credentials from standard input.
    CheckConnection,
    /// Fill the selects of the account form.
    TuneConnection,
    /// Show the vendor's registration page.
    UserCreate,
    /// List approver addresses.
    Approver,
    /// Check one parameter of the order form.
    CheckParam,
    /// Order.
    Open,
    /// Renew.
    Prolong,
    /// Reissue.
    Reopen,
    /// Follow.
    SyncItem,
    /// Suspend: nothing to do at a vendor.
    Suspend,
    /// Resume: nothing to do at a vendor.
    Resume,
    /// Delete the service.
    Close,
    /// Parameters changed: nothing to do at a vendor.
    SetParam,
    /// Renewal switched off: nothing to do at all.
    CancelProlong,
    /// Have the vendor look at the DNS record now.
    SendDvDns,
    /// Change or resend approver mail.
    SendDvEmail,
    /// The account's balance.
    Balance,
    /// Take over what the account holds at the vendor.
    Import,
}

/// Commands by all the names they are called.
const NAMES: &[(&str, Command)] = &[
    ("features", Command::Features),
    ("check_connection", Command::CheckConnection),
    ("tune_connection", Command::TuneConnection),
    ("usercreate", Command::UserCreate),
    ("approver", Command::Approver),
    ("check_param", Command::CheckParam),
    ("open", Command::Open),
    ("prolong", Command::Prolong),
    ("reopen", Command::Reopen),
    ("reissue", Command::Reopen),
    ("sync_item", Command::SyncItem),
    ("suspend", Command::Suspend),
    ("resume", Command::Resume),
    ("close", Command::Close),
    ("setparam", Command::SetParam),
    ("cancel_prolong", Command::CancelProlong),
    ("send_dv_dns", Command::SendDvDns),
    ("send_dv_email", Command::SendDvEmail),
    ("get_balance", Command::Balance),
    ("getbalance", Command::Balance),
    ("balance", Command::Balance),
    ("import", Command::Import),
];

impl Command {
    /// Finds a command by its name.
    ///
    /// # Errors
    /// No name, or an unknown one.
    pub fn parse(name: &str) -> Result<Self, Failure> {
        if name.is_empty() {
            return Err(crate::cli::missing("--command"));
        }
        NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, command)| *command)
            .ok_or_else(|| Failure::new(Reason::UnknownCommand).value(name))
    }

    /// Whether the platform writes a document to the command's standard input.
    #[must_use]
    pub fn reads_input(self) -> bool {
        matches!(
            self,
            Self::CheckConnection
                | Self::TuneConnection
                | Self::UserCreate
                | Self::Approver
                | Self::CheckParam
        )
    }

    /// Whether `etc/billmgr.DoNothing` makes the command succeed without doing anything (billmanager.md 1.1).
    #[must_use]
    pub fn honours_do_nothing(self) -> bool {
        matches!(
            self,
            Self::Open
                | Self::Resume
                | Self::Suspend
                | Self::CancelProlong
                | Self::Close
                | Self::SyncItem
                | Self::Prolong
                | Self::Reopen
        )
    }

    /// After how many tries a failing operation goes to a person (billmanager.md 8.3).
    #[must_use]
    pub fn try_limit(self) -> u32 {
        if self == Self::Prolong { 1 } else { 10 }
    }
}

/// Runs a command and answers what goes to standard output.
///
/// # Errors
/// Whatever stopped the command; [`report()`] turns it into bookkeeping and the error document.
pub async fn run(context: &Context<'_>, command: Command) -> Result<String, Failure> {
    match command {
        Command::Features => Ok(context.module.features_document()),
        Command::CheckConnection => check_connection::run(context).await,
        Command::TuneConnection => forms::tune_connection(context),
        Command::UserCreate => forms::usercreate(context),
        Command::Approver => approver::run(context).await,
        Command::CheckParam => check_param::run(context).await,
        Command::Open => open::run(context).await,
        Command::Prolong => prolong::run(context).await,
        Command::Reopen => reopen::run(context).await,
        Command::SyncItem => sync_item::run(context).await,
        Command::Suspend => lifecycle::confirm(context, Finish::Suspend).await,
        Command::Resume => lifecycle::confirm(context, Finish::Resume).await,
        Command::SetParam => lifecycle::confirm(context, Finish::SetParameters).await,
        Command::CancelProlong => Ok(String::new()),
        Command::Close => close::run(context).await,
        Command::SendDvDns => send_validation::dns(context).await,
        Command::SendDvEmail => send_validation::email(context).await,
        Command::Balance => balance::run(context).await,
        Command::Import => import::run(context).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_found_under_all_their_names() {
        for name in ["get_balance", "getbalance", "balance"] {
            assert_eq!(Command::parse(name).unwrap(), Command::Balance);
        }
        assert_eq!(Command::parse("reissue").unwrap(), Command::Reopen);
        assert_eq!(
            Command::parse("launch").unwrap_err().reason(),
            Reason::UnknownCommand
        );
        assert_eq!(Command::parse("").unwrap_err().object(), "--command");
    }

    #[test]
    fn a_failed_renewal_goes_to_a_person_at_once() {
        assert_eq!(Command::Prolong.try_limit(), 1);
        assert_eq!(Command::Open.try_limit(), 10);
    }

    #[test]
    fn do_nothing_covers_what_changes_something() {
        assert!(Command::Open.honours_do_nothing());
        for command in [
            Command::SetParam,
            Command::Approver,
            Command::CheckConnection,
            Command::Features,
        ] {
            assert!(!command.honours_do_nothing(), "{command:?}");
        }
    }
}
