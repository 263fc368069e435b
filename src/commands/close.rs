//! `close`: the service is deleted. The order is cancelled while the vendor's window is open, unless
//! the account forbids it (billmanager.md 3.4).

use super::{Context, with_desk};
use crate::ca::Cancellation;
use crate::domain::Settings;
use crate::failure::{Failure, Kind};
use crate::log;
use crate::order::Desk;
use crate::platform::Finish;

/// Account setting that keeps orders at the vendor when services are deleted.
const REFUND_SETTING: &str = "refund_on_close";

/// Cancels where possible and closes the platform's operation.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let item = context.arguments.needs_item()?;
    with_desk(context, item, async |desk, account| {
        cancel(desk, &account.settings).await?;
        context.platform.finish(item, Finish::Close).await
    })
    .await?;
    Ok(String::new())
}

async fn cancel(desk: &mut Desk<'_>, settings: &Settings) -> Result<(), Failure> {
    // A deleted service must not leave a sale behind that nobody knows of.
    desk.settle().await?;
    let Some(order) = desk.order_ref() else {
        return Ok(());
    };
    if settings.text(REFUND_SETTING) == Some("off") {
        log!(
            Order,
            Info,
            "order {} is left as it is: cancelling is switched off for the account",
            order.order
        );
        return Ok(());
    }
    match desk.cancel(&order).await {
        Ok(Cancellation::Requested(words)) => log!(
            Order,
            Info,
            "cancelling of order {} requested: {words}",
            order.order
        ),
        Ok(Cancellation::AlreadyDead) => {
            log!(Order, Info, "order {} is cancelled already", order.order)
        }
        Ok(Cancellation::WindowOver) => log!(
            Order,
            Info,
            "order {} cannot be cancelled any more",
            order.order
        ),
        Err(failure) if failure.kind() == Kind::NotSupported => {
            log!(Order, Warning, "{}", failure.chain())
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}
