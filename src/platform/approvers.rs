//! Which approver address is meant for which name.

use std::collections::HashSet;

use super::details::{email, required};
use super::{Service, fields};
use crate::domain::{DomainName, EmailAddress, NamedValidation, ValidationMethod, list};
use crate::failure::{Failure, Reason};

/// Finds the address of each name among those of the form, wherever they stand. Addresses of no ordered name's domain
/// (of the domain's owner, Baseline Requirements 3.2.2.4.2) go to the names that are left, in their order. Where the
/// vendor takes one for the whole order, the first name's is enough: which further mails are sent is the vendor's affair.
pub(super) fn by_email(
    service: &Service,
    names: &[&DomainName],
    is_one_enough: bool,
) -> Result<Vec<NamedValidation>, Failure> {
    let field = fields::APPROVER_EMAIL;
    let addresses = list(required(service, field)?)
        .map(|text| email(field, text))
        .collect::<Result<Vec<_>, _>>()?;
    let written = addresses.iter().map(|one| one.as_str().to_lowercase());
    let different = written.collect::<HashSet<_>>().len();
    if different == 0 {
        return Err(Failure::field(Reason::Missing, field));
    }
    if different > names.len() {
        return Err(Failure::field(Reason::Invalid, field)
            .value(different.to_string())
            .detail(words!(
                "More addresses than names ({})",
                "Адресов больше, чем доменов ({})",
                names.len()
            )));
    }
    // An address at another ordered name's domain is that name's, wherever it stands.
    let is_elsewhere =
        |address: &&EmailAddress| !names.iter().any(|name| is_of_same_domain(address, name));
    let mut elsewhere = addresses.iter().filter(is_elsewhere);
    let needed = if is_one_enough { 1 } else { names.len() };
    let find = |(position, name): (usize, &&DomainName)| {
        let found = of_name(&addresses, position, name);
        let address = found.or_else(|| elsewhere.next()).ok_or_else(|| {
            Failure::field(Reason::Missing, field).detail(words!(
                "The name {name} has no approver address",
                "Для домена {name} нет адреса подтверждения"
            ))
        })?;
        Ok(NamedValidation {
            name: (*name).clone(),
            method: ValidationMethod::Email(address.clone()),
        })
    };
    names.iter().take(needed).enumerate().map(find).collect()
}

/// The address that is meant for a name: one at the name itself or at a domain above it, as authorities demand (Baseline
/// Requirements, 3.2.2.4.4), the one of the name's own place before others, then one of the same registrable domain.
#[must_use]
pub fn of_name<'a>(
    addresses: &'a [EmailAddress],
    place: usize,
    name: &DomainName,
) -> Option<&'a EmailAddress> {
    let own = addresses.get(place).filter(|one| proves(one, name));
    own.or_else(|| addresses.iter().find(|one| proves(one, name)))
        .or_else(|| addresses.iter().find(|one| is_of_same_domain(one, name)))
}

/// Whether an address stands at a name or at a domain above it, up to the registrable one.
#[must_use]
pub fn proves(address: &EmailAddress, name: &DomainName) -> bool {
    name.is_at_or_below(address.domain()) && is_of_same_domain(address, name)
}

/// Whether an address is of a name's registrable domain.
#[must_use]
pub fn is_of_same_domain(address: &EmailAddress, name: &DomainName) -> bool {
    let domain = DomainName::parse(address.domain()).ok();
    let own = name.registrable().unwrap_or(name.base());
    domain.is_some_and(|domain| domain.is_at_or_below(own))
}
