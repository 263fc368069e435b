//! The frame of a command about one item: lock, service, account, vendor, session.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Context;
use crate::ca::{CertificateAuthority, ConnectOptions, Timeouts};
use crate::certificate::Format;
use crate::dns;
use crate::domain::{AccountId, Clock, ItemId, Settings, options};
use crate::failure::{Failure, Reason};
use crate::module::{CERTIFICATE_FORMAT, Module};
use crate::order::{self, OrderSession, SessionParts, Spool, term};
use crate::platform::{Account, Platform, Service};

/// Product type that the modules serve (billmanager.md 4).
const ITEM_TYPE: &str = "certificate";

/// Longest wait for one answer of the domain name system; a resolver that is silent costs no more.
const ANSWER_WAIT: Duration = Duration::from_secs(1);

/// How a module's vendors are reached: the options of `billmgr.conf` and the site's corrections to the vendor's table.
#[must_use]
pub fn connect_options(platform: &dyn Platform, root: &Path, module: &Module) -> ConnectOptions {
    let option = |name: &str| platform.option(name);
    ConnectOptions {
        extra_roots: options::CA_FILE.get(option).map(Into::into),
        proxy: options::PROXY.get(option),
        timeouts: Timeouts {
            read: options::READ_TIMEOUT.get(option),
            once: options::ORDER_TIMEOUT.get(option),
            pause: options::RETRY_PAUSE.get(option),
            ..Timeouts::default()
        },
        overrides: Some(overrides(root, module)),
        ..ConnectOptions::default()
    }
}

/// A module's file of corrections to its vendor's table.
#[must_use]
pub fn overrides(root: &Path, module: &Module) -> PathBuf {
    root.join("etc/pmssl")
        .join(format!("{}.conf", module.origin))
}

/// Loads an account, notes it for error reports, hides its secrets from the log and checks that it
/// belongs to this module.
///
/// # Errors
/// Unknown account, foreign account, unreadable settings.
pub(super) async fn account(context: &Context<'_>, id: AccountId) -> Result<Account, Failure> {
    let account = context.platform.account(id).await?;
    for secret in account.settings.secrets() {
        crate::logging::register_secret(secret);
    }
    if account.module != context.module.name {
        return Err(foreign(
            context.module,
            &format!("account {id}"),
            &account.module,
        ));
    }
    *context.account.borrow_mut() = Some((id, account.name.clone()));
    Ok(account)
}

fn foreign(module: &Module, object: &str, owner: &str) -> Failure {
    let owner = if owner.is_empty() { "none" } else { owner };
    Failure::field(Reason::ForeignModule, object)
        .value(owner)
        .detail(words!("This is {}", "Это {}", module.name))
}

/// The vendor of an account.
///
/// # Errors
/// Settings that are missing or wrong, by field.
pub(super) fn authority(
    context: &Context<'_>,
    account: &Account,
) -> Result<Box<dyn CertificateAuthority>, Failure> {
    (context.connect)(
        context.module.origin,
        &account.settings,
        &context.connect_options,
    )
}

/// Reads a service and checks that it is this module's.
///
/// # Errors
/// Unknown item, another product type, another module's service.
pub async fn own_service(
    platform: &dyn Platform,
    module: &Module,
    item: ItemId,
) -> Result<(Service, AccountId), Failure> {
    let service = platform.service(item).await?;
    let object = format!("service {item}");
    if service.item_type != ITEM_TYPE {
        let owner = service.module.as_deref().unwrap_or_default();
        return Err(foreign(module, &object, owner).detail(words!(
            "Its product type is '{}', not '{ITEM_TYPE}'",
            "Тип её продукта - '{}', а не '{ITEM_TYPE}'",
            service.item_type
        )));
    }
    match (&service.module, service.account) {
        (Some(owner), Some(account)) if owner == module.name => Ok((service, account)),
        (owner, _) => Err(foreign(
            module,
            &object,
            owner.as_deref().unwrap_or_default(),
        )),
    }
}

/// Works on one item under its lock.
///
/// # Errors
/// The frame's own failures and those of the work.
pub async fn with_session<T>(
    context: &Context<'_>,
    item: ItemId,
    work: impl AsyncFnOnce(&mut OrderSession<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    under_lock(context, item, false, work).await
}

/// The same for a person's word, which settles what a newer version has stored, too.
///
/// # Errors
/// As [`with_session`].
pub async fn with_session_for_person<T>(
    context: &Context<'_>,
    item: ItemId,
    work: impl AsyncFnOnce(&mut OrderSession<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    under_lock(context, item, true, work).await
}

async fn under_lock<T>(
    context: &Context<'_>,
    item: ItemId,
    for_person: bool,
    work: impl AsyncFnOnce(&mut OrderSession<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    crate::logging::set_item(item);
    order::lock(context.platform, item).await?;
    let result = locked(context, item, for_person, work).await;
    // The lock dies with the process at the latest.
    let _ = context.platform.unlock(item).await;
    result
}

async fn locked<T>(
    context: &Context<'_>,
    item: ItemId,
    for_person: bool,
    work: impl AsyncFnOnce(&mut OrderSession<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (service, account_id) = own_service(context.platform, context.module, item).await?;
    let account = account(context, account_id).await?;
    let authority = authority(context, &account)?;
    let parts = session_parts(
        context.platform,
        authority.as_ref(),
        context.module,
        &context.clock,
        &context.root,
        &account,
    );
    let mut session = if for_person {
        OrderSession::open_for_person(parts, item, service).await?
    } else {
        OrderSession::open(parts, item, service).await?
    };
    work(&mut session, &account).await
}

/// What a session is made of, with the options of installation and account.
#[must_use]
pub fn session_parts<'a>(
    platform: &'a dyn Platform,
    authority: &'a dyn CertificateAuthority,
    module: &'static Module,
    clock: &'a Clock,
    root: &Path,
    account: &Account,
) -> SessionParts<'a> {
    SessionParts {
        platform,
        authority,
        module,
        clock,
        spool: Spool::below(root).unless_rehearsed(platform.is_rehearsed()),
        shown: shown(platform),
        format: format(module, &account.settings),
        login_mark: module.login_mark(&account.settings),
        zone: Box::new(zone(platform)),
    }
}

/// Where names are looked at before they are paid for.
pub(super) fn zone(platform: &dyn Platform) -> dns::Resolver {
    let server = options::RESOLVER.get(|name| platform.option(name));
    dns::Resolver::new(server, ANSWER_WAIT)
}

/// How the installation wants the two dates shown.
pub(crate) fn shown(platform: &dyn Platform) -> term::Shown {
    let option = |name: &str| platform.option(name);
    term::Shown {
        bills_by_end_date: options::EXPIRE_DATE.get(option),
        only_multiyear: options::PAID_TILL.get(option),
    }
}

/// The form in which an account's certificates are given to the platform.
pub(super) fn format(module: &Module, settings: &Settings) -> Format {
    settings
        .text(CERTIFICATE_FORMAT)
        .and_then(Format::parse)
        .unwrap_or(module.format)
}
