//! `sync_item`: the vendor's state of an order becomes the platform's (billmanager.md 3.3).

use super::{Context, with_session};
use crate::failure::Failure;

/// Follows the order once.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let item = context.arguments.needs_item()?;
    with_session(context, item, async |session, _| session.follow().await).await?;
    Ok(String::new())
}
