//! `open`: a paid order becomes an order at the vendor (billmanager.md 3.3).

use super::{Context, with_desk};
use crate::failure::Failure;
use crate::log;
use crate::order::{Desk, Operation, Ordered};
use crate::platform::CertificateStatus;

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
    with_desk(context, item, async |desk, _| {
        if desk.order(operation, queued).await? == Ordered::Placed {
            follow_once(desk).await?;
        }
        desk.close_operation(operation, queued).await
    })
    .await?;
    Ok(String::new())
}

/// The order stands: a status look-up that fails now is made up for by the next `sync_item`.
async fn follow_once(desk: &mut Desk<'_>) -> Result<(), Failure> {
    match desk.follow().await {
        Ok(_) => Ok(()),
        Err(failure) => {
            log!(
                Order,
                Warning,
                "the order is placed; its state will be asked again: {}",
                failure.chain()
            );
            desk.set_status(CertificateStatus::Requested).await
        }
    }
}
