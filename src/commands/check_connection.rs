//! `check_connection`: tries the credentials that the administrator just typed (billmanager.md 3.1).

use super::Context;
use crate::failure::Failure;
use crate::platform::documents;

/// Tries the settings from standard input, not those of the database.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let (_, settings) = documents::connection_form(&context.input, context.module)?;
    for secret in settings.secrets() {
        crate::logging::register_secret(secret);
    }
    (context.connect)(context.module.origin, &settings, &context.connect_options)?
        .check()
        .await?;
    Ok(documents::empty())
}
