//! `suspend`, `resume`, `setparam`: nothing happens at a vendor, the platform's operation is closed
//! (billmanager.md 3).

use super::{Context, session};
use crate::failure::Failure;
use crate::platform::Finish;

/// Closes the operation of a service that is this module's.
pub(super) async fn confirm(context: &Context<'_>, finish: Finish) -> Result<String, Failure> {
    let item = context.arguments.needs_item()?;
    crate::logging::set_item(item);
    session::service(context, item).await?;
    context.platform.finish(item, finish).await?;
    Ok(String::new())
}
