//! `send_dv_dns` and `send_dv_email`: the client asks for another look or another mail (billmanager.md 3).

use std::cell::Cell;
use std::cmp::Reverse;

use super::{Context, session, with_session};
use crate::ca::{CertificateAuthority, ValidationTask};
use crate::cli;
use crate::domain::{DomainName, EmailAddress, ItemId, TemplateCode, ValidationMethod, list};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::module::Method;
use crate::order::OrderSession;
use crate::order::waits::is_by_mail;
use crate::platform::details::{comes_with_product, common_name, name_list};
use crate::platform::{Account, approvers, fields};

/// The module whose vendor issues an order number with every list of addresses (globalsign.md 4.1): it is asked only
/// where the spelling is not the usual one.
const COUNTS_LISTS: &str = "pmglobalsign";

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

fn names_of(session: &OrderSession<'_>) -> Result<Vec<DomainName>, Failure> {
    let csr = session
        .service()
        .csr
        .as_deref()
        .ok_or_else(|| Failure::field(Reason::MissingCsr, fields::CSR))?;
    let mut names = vec![common_name(&crate::certificate::Csr::parse(csr)?)?];
    names.extend(name_list(
        session.service(),
        fields::ADDITIONAL_NAMES,
        &names[0],
    )?);
    Ok(names)
}

/// Whether a name of the form was ordered by itself: those that come with the product have no validation of
/// their own.
fn is_ordered(session: &OrderSession<'_>, common_name: &DomainName, name: &DomainName) -> bool {
    let template = session.template().ok();
    template.is_none_or(|template| !comes_with_product(template, common_name, name))
}

/// Asks the vendor to look at the record now, then follows once. A vendor that looks by itself only
/// is no failure: the state is asked all the same.
pub(super) async fn dns(context: &Context<'_>) -> Result<String, Failure> {
    let (item, name) = named(context)?;
    with_session(context, item, async |session, _| {
        let names = match name {
            Some(name) => vec![name],
            None => {
                let all = names_of(session)?;
                let ordered = all.iter().filter(|name| is_ordered(session, &all[0], name));
                ordered.cloned().collect()
            }
        };
        for name in names {
            match session.verify_now(&name).await {
                Err(failure) if failure.kind() == FailureKind::NotSupported => {
                    log!(Order, Info, "{}", failure.chain())
                }
                other => other?,
            }
        }
        session.follow().await
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
    with_session(context, item, async |session, account| {
        let all = names_of(session)?;
        let names = name.map_or_else(|| all.clone(), |name| vec![name]);
        if addresses.len() > names.len() {
            return Err(Failure::field(Reason::Invalid, "--emails")
                .value(addresses.len().to_string())
                .detail(words!(
                    "More addresses than names ({})",
                    "Адресов больше, чем доменов ({})",
                    names.len()
                )));
        }
        let mut pairs = pairs(&names, &addresses)?;
        let spellings = Spellings::of(context, session, account)?;
        for (name, address) in &mut pairs {
            if !is_ordered(session, &all[0], name) {
                continue;
            }
            *address = spellings.vendors_own(name, address.clone()).await;
            session
                .change_validation(name, &ValidationMethod::Email(address.clone()))
                .await?;
        }
        let changed: Vec<DomainName> = pairs.iter().map(|(name, _)| name.clone()).collect();
        let all_by_mail = is_all_by_mail(session, &all, &changed).await;
        let former = session
            .service()
            .parameter(fields::APPROVER_EMAIL)
            .unwrap_or_default();
        let list = merged(former, &all, &pairs);
        session.remember(fields::APPROVER_EMAIL, &list).await?;
        if all_by_mail {
            let method = Method::Email.choice_word();
            session.remember(fields::APPROVER_METHOD, method).await?;
        }
        Ok(())
    })
    .await?;
    Ok(String::new())
}

/// Whether every ordered name is proved by mail now: it was changed just now, or the vendor shows it so. Clients change one
/// name after the other.
async fn is_all_by_mail(
    session: &mut OrderSession<'_>,
    all: &[DomainName],
    changed: &[DomainName],
) -> bool {
    let ordered = all.iter().filter(|name| is_ordered(session, &all[0], name));
    let others: Vec<_> = ordered.filter(|name| !changed.contains(name)).collect();
    if others.is_empty() || is_by_mail(session.service()) {
        return others.is_empty();
    }
    if let Err(failure) = session.follow().await {
        log!(Order, Info, "{}", failure.chain());
        return false;
    }
    let is_shown = |name: &&DomainName| {
        let mut records = session.validation().iter();
        records.any(|record| {
            record.name.base() == name.base() && matches!(record.task, ValidationTask::Email(_))
        })
    };
    others.iter().all(is_shown)
}

/// The addresses as the vendor's lists have them: some vendors compare letter by letter.
struct Spellings {
    authority: Option<Box<dyn CertificateAuthority>>,
    template: TemplateCode,
    is_counted: bool,
    /// The lists could not be had: nobody waits for the next one.
    is_silent: Cell<bool>,
}

impl Spellings {
    fn of(
        context: &Context<'_>,
        session: &OrderSession<'_>,
        account: &Account,
    ) -> Result<Self, Failure> {
        let template = session.service().template.clone();
        // Nobody is asked in vain: without an order nothing is changed.
        let is_ordered = template.is_some() && session.order_ref().is_some();
        let has_lists = session.abilities().approvers && is_ordered;
        let authority = has_lists.then(|| session::authority(context, account));
        Ok(Self {
            authority: authority.transpose()?,
            template: template.unwrap_or_else(|| TemplateCode::new("")),
            is_counted: context.module.origin == COUNTS_LISTS,
            is_silent: Cell::new(false),
        })
    }

    /// An address in the vendor's spelling. What the vendor does not list stays as it is: the vendor says so itself.
    async fn vendors_own(&self, name: &DomainName, address: EmailAddress) -> EmailAddress {
        let is_plain = !address
            .as_str()
            .bytes()
            .any(|byte| byte.is_ascii_uppercase());
        let Some(authority) = self
            .authority
            .as_deref()
            .filter(|_| !(self.is_silent.get() || self.is_counted && is_plain))
        else {
            return address;
        };
        match authority.approvers(&self.template, name).await {
            Ok(listed) => {
                let is_meant =
                    |one: &EmailAddress| one.as_str().eq_ignore_ascii_case(address.as_str());
                listed.into_iter().find(is_meant).unwrap_or(address)
            }
            Err(failure) => {
                self.is_silent.set(true);
                log!(Order, Info, "the addresses for {name}: {}", failure.chain());
                address
            }
        }
    }
}

/// A name for each address; the order of the list decides only where the domains do not. An address is one name's: whoever
/// wants mails for further names says so for each.
fn pairs(
    names: &[DomainName],
    addresses: &[EmailAddress],
) -> Result<Vec<(DomainName, EmailAddress)>, Failure> {
    let is_nobodys = |address: &EmailAddress| {
        let mut names = names.iter();
        !names.any(|name| approvers::is_of_same_domain(address, name))
    };
    let mut wishes: Vec<(usize, &EmailAddress)> = addresses.iter().enumerate().collect();
    // An address of a deeper domain fits fewer names, one of the domain's owner fits all.
    wishes.sort_by_key(|(_, address)| (is_nobodys(address), Reverse(address.domain().len())));
    let mut left: Vec<(usize, &DomainName)> = names.iter().enumerate().collect();
    let mut found = Vec::new();
    for (place, address) in wishes {
        let nobodys = is_nobodys(address);
        let proves = |name: &DomainName| nobodys || approvers::proves(address, name);
        let find = |fits: &dyn Fn(usize, &DomainName) -> bool| {
            left.iter().position(|(at, name)| fits(*at, name))
        };
        let at = find(&|at, name| at == place && proves(name))
            .or_else(|| find(&|_, name| proves(name)))
            .or_else(|| find(&|_, name| approvers::is_of_same_domain(address, name)));
        let Some(at) = at else {
            return Err(Failure::field(Reason::Invalid, "--emails")
                .value(address.as_str())
                .detail(words!(
                    "No name is left for this address",
                    "Для этого адреса не осталось домена"
                )));
        };
        let (position, name) = left.remove(at);
        found.push((position, (name.clone(), address.clone())));
    }
    found.sort_by_key(|(position, _)| *position);
    Ok(found.into_iter().map(|(_, pair)| pair).collect())
}

/// The stored list of approver addresses, an address for each name, with the changed ones. Pure.
fn merged(former: &str, all: &[DomainName], changed: &[(DomainName, EmailAddress)]) -> String {
    let former: Vec<EmailAddress> = list(former).filter_map(EmailAddress::parse).collect();
    let place = |(place, name): (usize, &DomainName)| {
        let new = changed.iter().find(|(one, _)| one == name);
        let new = new.map(|(_, address)| address);
        let old = || approvers::of_name(&former, place, name);
        let as_before = || former.get(place).or(former.first());
        new.or_else(old)
            .or_else(as_before)
            .map(EmailAddress::as_str)
    };
    let places: Vec<&str> = all.iter().enumerate().filter_map(place).collect();
    places.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn changed_addresses_take_their_places_in_the_list() {
        let all = [name("a.example.com"), name("b.example.net")];
        let new = |name: &DomainName| [(name.clone(), email("admin@example.net"))];
        let list = merged("admin@example.com,root@example.net", &all, &new(&all[1]));
        assert_eq!(list, "admin@example.com,admin@example.net");
        assert_eq!(merged("", &all, &new(&all[0])), "admin@example.net");
        assert_eq!(
            merged("x@example.com", &all[..1], &new(&all[0])),
            "admin@example.net"
        );
        // The form's list in another order than the names.
        let swapped = "root@example.net,admin@example.com";
        assert_eq!(
            merged(swapped, &all, &new(&all[1])),
            "admin@example.com,admin@example.net"
        );
        let other = [(all[0].clone(), email("webmaster@example.com"))];
        assert_eq!(
            merged(swapped, &all, &other),
            "webmaster@example.com,root@example.net"
        );
    }

    #[test]
    fn an_address_is_one_names_and_a_deeper_one_that_of_the_deeper_name() {
        let (high, deep) = (name("example.com"), name("shop.example.com"));
        let (of_high, of_deep) = (email("admin@example.com"), email("admin@shop.example.com"));
        let one = pairs(
            &[high.clone(), deep.clone()],
            std::slice::from_ref(&of_high),
        );
        assert_eq!(one.unwrap(), [(high.clone(), of_high.clone())]);
        let both = [
            (high.clone(), of_high.clone()),
            (deep.clone(), of_deep.clone()),
        ];
        for names in [[&high, &deep], [&deep, &high]] {
            for addresses in [[&of_high, &of_deep], [&of_deep, &of_high]] {
                let (names, addresses) = (names.map(Clone::clone), addresses.map(Clone::clone));
                let mut found = pairs(&names, &addresses).unwrap();
                found.sort_by_key(|(name, _)| name.as_str().len());
                assert_eq!(found, both, "{names:?} {addresses:?}");
            }
        }
    }

    #[test]
    fn addresses_go_to_the_names_of_their_domains() {
        let all = [name("a.example.com"), name("b.example.net")];
        let (com, net) = (email("admin@example.com"), email("root@example.net"));
        let owner = email("owner@example.org");
        let pair = |place: usize, address: &EmailAddress| (all[place].clone(), address.clone());
        for (given, expected) in [
            (vec![&com, &net], vec![pair(0, &com), pair(1, &net)]),
            (vec![&net, &com], vec![pair(0, &com), pair(1, &net)]),
            (vec![&net], vec![pair(1, &net)]),
            (vec![&com], vec![pair(0, &com)]),
            // The domain's owner, at no name's domain: the place decides.
            (vec![&owner], vec![pair(0, &owner)]),
            (vec![&com, &owner], vec![pair(0, &com), pair(1, &owner)]),
            (vec![&net, &owner], vec![pair(0, &owner), pair(1, &net)]),
        ] {
            let given: Vec<_> = given.into_iter().cloned().collect();
            assert_eq!(pairs(&all, &given).unwrap(), expected, "{given:?}");
        }
        let more = [net.clone(), email("admin@example.net")];
        let failure = pairs(&all, &more).unwrap_err();
        assert_eq!(failure.object(), "--emails");
        assert_eq!(failure.offending_value(), "admin@example.net");
    }
}
