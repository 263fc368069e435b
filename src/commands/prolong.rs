//! `prolong`: a paid renewal becomes a new order that follows the old one (billmanager.md 3.3).

use super::Context;
use crate::failure::Failure;
use crate::order::Operation;

/// Orders the renewal, follows once, and closes the platform's operation.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    super::open::order(context, Operation::Prolong).await
}
