//! What a failure does: bookkeeping in the platform, a line in the log, the error document
//! (billmanager.md 9.3). Bookkeeping that fails is only logged: the failure itself is what counts.

use std::time::Duration;

use super::{Command, Context};
use crate::domain::{ItemId, OperationId};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::order;
use crate::platform::documents;

/// After so many tries the platform gives up by itself (billmanager.md 8.3).
const MOST_TRIES: u32 = 10;

/// How long handing over to a person waits for another command on the same service.
const HAND_OVER_WAIT: Duration = Duration::from_secs(5);

/// Does the bookkeeping and answers the document for standard output.
pub async fn report(context: &Context<'_>, command: Option<Command>, failure: &Failure) -> String {
    log!(
        Main,
        Error,
        "{} failed: {}",
        context.arguments.command,
        failure.chain()
    );
    if let Some(operation) = context.arguments.operation {
        book(context, command, operation, failure).await;
    }
    let is_cut_off = matches!(
        failure.reason(),
        Reason::Unreachable | Reason::NoSecureConnection
    );
    if failure.kind() == FailureKind::Auth || is_cut_off {
        register_problem(context, command, failure).await;
    }
    if command == Some(Command::SetParam) {
        roll_back_tariff_change(context).await;
    }
    documents::error(failure, context.arguments.language)
}

/// Stores the failure in the running operation and, at the limit or when only a person can go on,
/// hands it over.
async fn book(
    context: &Context<'_>,
    command: Option<Command>,
    operation: OperationId,
    failure: &Failure,
) {
    let account = context.account.borrow().clone();
    let account = account.as_ref().map(|(id, name)| (*id, name.as_str()));
    let lines = crate::logging::recent_lines();
    let document = documents::operation_error(failure, account, &lines, context.clock.now());
    let platform = context.platform;
    let mut stored = platform.record_error(operation, &document).await;
    if stored.is_err() {
        // A person who finds a task must find the reason, too: one hiccup must not cost it.
        stored = platform.record_error(operation, &document).await;
    }
    if let Err(trouble) = stored {
        log!(
            Main,
            Warning,
            "the error is not stored in operation {operation}: {}",
            trouble.chain()
        );
    }
    let limit = try_limit(command, failure);
    let tries = match context.platform.operation(operation).await {
        Ok(Some(running)) => running.tries,
        Ok(None) => return,
        Err(trouble) => {
            log!(
                Main,
                Warning,
                "the tries of operation {operation} are not known: {}",
                trouble.chain()
            );
            0
        }
    };
    if tries < limit && !needs_person(failure) {
        return;
    }
    hand_over(context, operation).await;
}

/// Under the service's lock where it can be had: two commands at once must not make two tasks.
async fn hand_over(context: &Context<'_>, operation: OperationId) {
    let (item, name) = (context.arguments.item, context.arguments.command.as_str());
    let platform = context.platform;
    let mut locked = None;
    if let Some(item) = item
        && platform.lock(item, HAND_OVER_WAIT).await.is_ok()
    {
        locked = Some(item);
    }
    let mut barred = Ok(());
    if let Some(item) = item {
        barred = bar(context, item, locked.is_some()).await;
    }
    let handed = match barred {
        Ok(()) => platform.hand_to_person(operation, item, name).await,
        Err(trouble) => Err(trouble),
    };
    if let Err(trouble) = handed {
        log!(
            Main,
            Warning,
            "operation {operation} does not become manual: {}",
            trouble.chain()
        );
    }
    if let Some(item) = locked {
        // The lock dies with the process at the latest.
        let _ = platform.unlock(item).await;
    }
}

/// An intent whose outcome is open waits for the person from now on. Stored before the operation becomes
/// manual, because its restart must not order: where it cannot be stored, the operation is left to the next try.
async fn bar(context: &Context<'_>, item: ItemId, is_locked: bool) -> Result<(), Failure> {
    let (platform, now) = (context.platform, context.clock.now());
    let mut barred = order::person::give_to_person(platform, item, now, is_locked).await;
    if barred.is_err() {
        barred = order::person::give_to_person(platform, item, now, is_locked).await;
    }
    barred.map(|_| ())
}

/// After how many tries an operation that failed so goes to a person. A call whose outcome is open is looked
/// up by the platform's next tries: a person cannot know more yet.
#[must_use]
pub fn try_limit(command: Option<Command>, failure: &Failure) -> u32 {
    match command {
        Some(command) if failure.reason() != Reason::OutcomeUnknown => command.try_limit(),
        _ => MOST_TRIES,
    }
}

/// Failures that no repetition can mend.
#[must_use]
pub fn needs_person(failure: &Failure) -> bool {
    matches!(
        failure.kind(),
        FailureKind::Rejected | FailureKind::NotSupported
    ) || matches!(
        failure.reason(),
        Reason::OutcomeForPerson | Reason::ServedLongAgo | Reason::UnreadableIntent
    )
}

async fn register_problem(context: &Context<'_>, command: Option<Command>, failure: &Failure) {
    // While the administrator is typing credentials, the form itself shows what is wrong.
    if command == Some(Command::CheckConnection) {
        return;
    }
    let account = context.account.borrow().clone();
    if let Some((id, name)) = account {
        let text = crate::logging::mask(&failure.text(context.arguments.language));
        if let Err(trouble) = context.platform.register_problem(id, &name, &text).await {
            log!(
                Main,
                Warning,
                "the problem is not registered: {}",
                trouble.chain()
            );
        }
    }
}

/// A tariff change that could not be carried out is taken back (billmanager.md 3).
async fn roll_back_tariff_change(context: &Context<'_>) {
    let Some(item) = context.arguments.item else {
        return;
    };
    let pending = context
        .platform
        .service(item)
        .await
        .is_ok_and(|service| service.tariff_change_pending);
    if pending && let Err(trouble) = context.platform.roll_back_tariff_change(item).await {
        log!(
            Main,
            Warning,
            "the tariff change is not rolled back: {}",
            trouble.chain()
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_where_repetition_cannot_help() {
        for reason in [
            Reason::Rejected,
            Reason::NothingBought,
            Reason::OrderDead,
            Reason::NotSupported,
            Reason::OutcomeForPerson,
            Reason::ServedLongAgo,
        ] {
            assert!(needs_person(&Failure::new(reason)), "{reason:?}");
        }
        for reason in [
            Reason::OutcomeUnknown,
            Reason::LowFunds,
            Reason::Missing,
            Reason::Unreachable,
            Reason::Database,
        ] {
            assert!(!needs_person(&Failure::new(reason)), "{reason:?}");
        }
    }
}
