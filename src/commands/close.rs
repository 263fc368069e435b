//! `close`: the service is deleted. The order is cancelled while the vendor's window is open, unless
//! the account forbids it (billmanager.md 3.4).

use chrono::NaiveDate;

use super::{Context, with_session};
use crate::ca::{Cancellation, OrderRef};
use crate::certificate::Csr;
use crate::failure::{Failure, FailureKind};
use crate::log;
use crate::module::Setting;
use crate::order::{OrderSession, current};
use crate::platform::{Account, Finish, Service, fields};

/// Cancels where possible and closes the platform's operation.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let item = context.arguments.needs_item()?;
    with_session(context, item, async |session, account| {
        cancel(session, account, context.clock.now().date_naive()).await?;
        context.platform.finish(item, Finish::Close).await
    })
    .await?;
    Ok(String::new())
}

async fn cancel(
    session: &mut OrderSession<'_>,
    account: &Account,
    today: NaiveDate,
) -> Result<(), Failure> {
    // A deleted service must not leave a sale behind that nobody knows of, nor one that a late replica does not show.
    session.read_anew().await?;
    session.look_up().await?;
    session.look_for_spare_at_the_end(account).await;
    let Some(order) = session.order_ref() else {
        return Ok(());
    };
    if let Some(other) = session.shared_with(&order.order).await? {
        log!(
            Order,
            Warning,
            "order {} is left as it is: service {other} has it, too",
            order.order
        );
        return Ok(());
    }
    if Setting::refund_on_close().text(&account.settings) == Some("off") {
        log!(
            Order,
            Info,
            "order {} is left as it is: cancelling is switched off for the account",
            order.order
        );
        return Ok(());
    }
    if !session.abilities().cancel {
        return leave_to_person(session, account, &order, today).await;
    }
    match session.cancel(&order).await {
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
        Err(failure) if failure.kind() == FailureKind::NotSupported => {
            log!(Order, Warning, "{}", failure.chain())
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Some vendors have no known call that ends an order: while its term runs, a person does it at the
/// vendor.
async fn leave_to_person(
    session: &mut OrderSession<'_>,
    account: &Account,
    order: &OrderRef,
    today: NaiveDate,
) -> Result<(), Failure> {
    let is_over = current::term_end(session.service()).is_some_and(|end| end < today);
    let mark = format!("close {}", order.order);
    if is_over || session.service().parameter(fields::TASKED) == Some(mark.as_str()) {
        return Ok(());
    }
    let vendor = session.abilities().vendor;
    let name = common_name(session.service());
    let text = format!(
        "{vendor} / {}: the service for {name} is deleted here, and its order {} at {vendor} goes on. Delete it \
         in the vendor's panel if it is not to be kept.\n\
         Услуга для {name} удалена, а её заказ {} у поставщика продолжает действовать. Удалите его в личном \
         кабинете поставщика, если он больше не нужен.",
        account.name, order.order, order.order
    );
    session.call_person(account, &mark, &text).await?;
    Ok(())
}

fn common_name(service: &Service) -> String {
    let csr = service.csr.as_deref().and_then(|pem| Csr::parse(pem).ok());
    let name = csr.and_then(|csr| csr.names().first().map(ToString::to_string));
    name.unwrap_or_else(|| "?".to_owned())
}
