//! `reopen`, also called `reissue`: a new certificate inside the paid term (billmanager.md 3.5).

use super::Context;
use crate::failure::Failure;
use crate::order::Operation;

/// Asks for the reissue, follows once, and closes the platform's operation.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    super::open::order(context, Operation::Reissue).await
}
