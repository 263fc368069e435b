//! `approver`: the addresses that may confirm a name, grouped by name (billmanager.md 3.2).

use super::check_param::{check, check_address};
use super::{Context, session};
use crate::certificate::Csr;
use crate::cli;
use crate::domain::{DomainName, TemplateCode, address, list};
use crate::failure::{Failure, Reason};
use crate::order::checks;
use crate::platform::{documents, fields};

/// How every armour begins, and how the label of a CSR ends.
const BEGIN: &str = "-----BEGIN";
const REQUEST: &str = " REQUEST-----";
/// Longest name of a form's first field.
const LONGEST_FIELD: usize = 40;

/// Asks the vendor for each name of `--domain`.
pub(super) async fn run(context: &Context<'_>) -> Result<String, Failure> {
    let account = session::account(context, context.arguments.needs_account()?).await?;
    let code = context
        .arguments
        .template
        .as_deref()
        .ok_or_else(|| cli::missing("--intname"))?;
    let Some(product) = context.module.template(code) else {
        return Err(Failure::field(Reason::UnknownTemplate, "--intname").value(code));
    };
    let names = context
        .arguments
        .domain
        .as_deref()
        .ok_or_else(|| cli::missing("--domain"))?;
    // The order form sends the CSR along: what the order would refuse is refused before it is paid for. Anything else on
    // standard input is nobody's concern here.
    let input = context.input.trim();
    if is_request(input) {
        check(context.module, fields::CSR, input)?;
    }
    let authority = session::authority(context, &account)?;
    let template = TemplateCode::new(code);
    let mut groups = Vec::new();
    let mut has_addresses = false;
    for word in list(names) {
        // Nobody is asked by mail about an address.
        if let Some(address) = address(word) {
            check_address(context.module, "--domain", address)?;
            checks::addresses(product, &[address])?;
            has_addresses = true;
            continue;
        }
        let name = DomainName::parse(word).map_err(|error| {
            Failure::field(Reason::NameNotAllowed, "--domain")
                .value(word)
                .detail(error)
        })?;
        let addresses = authority.approvers(&template, &name).await?;
        groups.push((name, addresses));
    }
    if groups.is_empty() && !has_addresses {
        return Err(cli::missing("--domain"));
    }
    Ok(documents::approvers(&groups))
}

/// Whether a text is meant as a CSR: by its armour, damaged as it may be inside, or because it can be read as one.
fn is_request(input: &str) -> bool {
    if input.starts_with(BEGIN) && input.contains(REQUEST) {
        return true;
    }
    !is_form(input) && Csr::parse(input).is_ok()
}

/// A document, or fields with names: what one of them holds is judged as that field.
fn is_form(input: &str) -> bool {
    let is_word = |name: &str| {
        let is_inside = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.len() <= LONGEST_FIELD && name.chars().all(is_inside)
    };
    input.starts_with(['<', '{']) || input.split_once('=').is_some_and(|(name, _)| is_word(name))
}
