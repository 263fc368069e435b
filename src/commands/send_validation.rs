//! `send_dv_dns` and `send_dv_email`: the client asks for another look or another mail (billmanager.md 3).

use super::{Context, with_desk};
use crate::cli;
use crate::domain::{DomainName, EmailAddress, ItemId, ValidationMethod, list};
use crate::failure::{Failure, Kind, Reason};
use crate::log;
use crate::module::Method;
use crate::order::Desk;
use crate::platform::details::{comes_with_product, common_name, name_list};
use crate::platform::fields;

fn named(context: &Context<'_>) -> Result<(ItemId, Option<DomainName>), Failure> {
    let item = context.arguments.needs_item()?;
    let name = context.arguments.domain.as_deref().map(|word| {
        DomainName::parse(word).map_err(|error| {
            Failure::field(Reason::NameNotAllowed, "--domain")
                .value(word)
                .detail(error)
        })
    });
    Ok((item, name.transpose()?))
}

fn names_of(desk: &Desk<'_>) -> Result<Vec<DomainName>, Failure> {
    let csr = desk
        .service()
        .csr
        .as_deref()
        .ok_or_else(|| Failure::field(Reason::MissingCsr, fields::CSR))?;
    let mut names = vec![common_name(&crate::certificate::Csr::parse(csr)?)?];
    names.extend(name_list(
        desk.service(),
        fields::ADDITIONAL_NAMES,
        &names[0],
    )?);
    Ok(names)
}

/// Whether a name of the form was ordered by itself: those that come with the product have no validation of
/// their own.
fn is_ordered(desk: &Desk<'_>, common_name: &DomainName, name: &DomainName) -> bool {
    let template = desk.template().ok();
    template.is_none_or(|template| !comes_with_product(template, common_name, name))
}

/// Asks the vendor to look at the record now, then follows once. A vendor that looks by itself only
/// is no failure: the state is asked all the same.
pub(super) async fn dns(context: &Context<'_>) -> Result<String, Failure> {
    let (item, name) = named(context)?;
    with_desk(context, item, async |desk, _| {
        let names = match name {
            Some(name) => vec![name],
            None => {
                let all = names_of(desk)?;
                let ordered = all.iter().filter(|name| is_ordered(desk, &all[0], name));
                ordered.cloned().collect()
            }
        };
        for name in names {
            match desk.verify_now(&name).await {
                Err(failure) if failure.kind() == Kind::NotSupported => {
                    log!(Order, Info, "{}", failure.chain())
                }
                other => other?,
            }
        }
        desk.follow().await
    })
    .await?;
    Ok(String::new())
}

/// Changes the approver of each name (or sends the mail again to the same one) and saves the list.
pub(super) async fn email(context: &Context<'_>) -> Result<String, Failure> {
    let (item, name) = named(context)?;
    let emails = context
        .arguments
        .emails
        .as_deref()
        .ok_or_else(|| cli::missing("--emails"))?;
    let addresses = list(emails)
        .map(|text| {
            EmailAddress::parse(text).ok_or_else(|| {
                Failure::field(Reason::Invalid, "--emails")
                    .value(text)
                    .detail(words!(
                        "An e-mail address is needed",
                        "Нужен адрес электронной почты"
                    ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if addresses.is_empty() {
        return Err(cli::missing("--emails"));
    }
    with_desk(context, item, async |desk, _| {
        let all = names_of(desk)?;
        let names = name.map_or_else(|| all.clone(), |name| vec![name]);
        if addresses.len() > names.len() {
            return Err(Failure::field(Reason::Invalid, "--emails")
                .value(addresses.len().to_string())
                .detail(words!(
                    "More addresses than names ({})",
                    "Адресов больше, чем имён ({})",
                    names.len()
                )));
        }
        let by_mail = &names[..addresses.len()];
        let mut ordered = all.iter().filter(|name| is_ordered(desk, &all[0], name));
        let all_by_mail = ordered.all(|name| by_mail.contains(name));
        let pairs = names.iter().zip(&addresses);
        for (name, address) in pairs.filter(|(name, _)| is_ordered(desk, &all[0], name)) {
            desk.change_validation(name, &ValidationMethod::Email(address.clone()))
                .await?;
        }
        let former = desk
            .service()
            .parameter(fields::APPROVER_EMAIL)
            .unwrap_or_default();
        let list = merged(former, &all, &names, &addresses);
        desk.remember(fields::APPROVER_EMAIL, &list).await?;
        if all_by_mail {
            let method = Method::Email.choice_word();
            desk.remember(fields::APPROVER_METHOD, method).await?;
        }
        Ok(())
    })
    .await?;
    Ok(String::new())
}

/// The stored list of approver addresses with the changed ones in their places. Pure.
fn merged(
    former: &str,
    all: &[DomainName],
    changed: &[DomainName],
    addresses: &[EmailAddress],
) -> String {
    let former: Vec<&str> = list(former).collect();
    let place = |position: usize, name: &DomainName| {
        let new = changed
            .iter()
            .position(|one| one == name)
            .and_then(|index| addresses.get(index));
        let old = former.get(position).or(former.first()).copied();
        new.map(EmailAddress::as_str).or(old).map(str::to_owned)
    };
    all.iter()
        .enumerate()
        .filter_map(|(position, name)| place(position, name))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_addresses_take_their_places_in_the_list() {
        let name = |text: &str| DomainName::parse(text).unwrap();
        let email = |text: &str| EmailAddress::parse(text).unwrap();
        let all = [name("a.example.com"), name("b.example.net")];
        let new = [email("admin@example.net")];
        let list = merged("admin@example.com,root@example.net", &all, &all[1..], &new);
        assert_eq!(list, "admin@example.com,admin@example.net");
        assert_eq!(merged("", &all, &all[..1], &new), "admin@example.net");
        assert_eq!(
            merged("x@example.com", &all[..1], &all[..1], &new),
            "admin@example.net"
        );
    }
}
