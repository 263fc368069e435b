//! `open`: a paid order becomes an order at the vendor (billmanager.md 3.3).

use super::{Context, with_session};
use crate::failure::Failure;
use crate::order::{Operation, Ordered, Trigger};

/// Orders, follows once, and closes the platform's operation.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    order(context, Operation::Open).await
}

/// The common course of `open`, `prolong` and `reopen`.
pub(super) async fn order(context: &Context<'_>, operation: Operation) -> Result<String, Failure> {
    let item = context.arguments.needs_item()?;
    let queued = match context.arguments.operation {
        Some(operation) => Some(operation),
        None => {
            context
                .platform
                .queued_operation(item, operation.command())
                .await?
        }
    };
    with_session(context, item, async |session, _| {
        let trigger = Trigger::operation(queued);
        if session.order(operation, trigger).await? == Ordered::Placed {
            session.follow_after_order().await?;
        }
        session.close_operation(operation, queued).await
    })
    .await?;
    Ok(String::new())
}
