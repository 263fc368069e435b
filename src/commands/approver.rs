//! `approver`: the addresses that may confirm a name, grouped by name (billmanager.md 3.2).

use super::{Context, session};
use crate::cli;
use crate::domain::{DomainName, TemplateCode, list};
use crate::failure::{Failure, Reason};
use crate::platform::documents;

/// Asks the vendor for each name of `--domain`.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let account = session::account(context, context.arguments.needs_account()?).await?;
    let code = context
        .arguments
        .template
        .as_deref()
        .ok_or_else(|| cli::missing("--intname"))?;
    if context.module.template(code).is_none() {
        return Err(Failure::field(Reason::UnknownTemplate, "--intname").value(code));
    }
    let names = context
        .arguments
        .domain
        .as_deref()
        .ok_or_else(|| cli::missing("--domain"))?;
    let authority = session::authority(context, &account)?;
    let template = TemplateCode::new(code);
    let mut groups = Vec::new();
    for word in list(names) {
        let name = DomainName::parse(word).map_err(|error| {
            Failure::field(Reason::NameNotAllowed, "--domain")
                .value(word)
                .detail(error)
        })?;
        let addresses = authority.approvers(&template, &name).await?;
        groups.push((name, addresses));
    }
    if groups.is_empty() {
        return Err(cli::missing("--domain"));
    }
    Ok(documents::approvers(&groups))
}
