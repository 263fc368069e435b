//! The frame of a command about one item: lock, service, account, vendor, desk.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Context;
use crate::ca::{self, CertificateAuthority, Reach};
use crate::certificate::Format;
use crate::domain::{AccountId, Clock, ItemId, Settings};
use crate::failure::{Failure, Reason};
use crate::module::Module;
use crate::order::{self, Desk, DeskParts, Spool, term};
use crate::platform::{Account, Platform, Service};

/// Product type that the modules serve (billmanager.md 4).
const ITEM_TYPE: &str = "certificate";

/// Option of `billmgr.conf`: the platform bills by End date (design, section 5).
const EXPIRE_DATE_OPTION: &str = "SSLExpireDate";

/// Option of `billmgr.conf`: Paid till stays empty for terms of up to a year.
const PAID_TILL_OPTION: &str = "SSLPaidTill";

/// Account setting: form in which certificates are given to the platform.
const FORMAT_SETTING: &str = "cert_format";

/// How vendors are reached, from the options of `billmgr.conf`.
#[must_use]
pub fn reach(platform: &dyn Platform) -> Reach {
    let seconds = |name: &str| platform.option(name).as_deref().and_then(duration);
    let mut reach = Reach {
        extra_roots: platform.option("SSLCaFile").map(Into::into),
        proxy: platform.option(ca::PROXY_OPTION),
        ..Reach::default()
    };
    if let Some(limit) = seconds("SSLReadTimeout") {
        reach.timeouts.read = limit;
    }
    if let Some(limit) = seconds("SSLOrderTimeout") {
        reach.timeouts.once = limit;
    }
    if let Some(pause) = seconds("SSLRetryPause") {
        reach.timeouts.pause = pause;
    }
    reach
}

/// Seconds, fractions allowed; `None` for what is no length of time above nothing.
fn duration(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|length| !length.is_zero())
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
    (context.connect)(context.module.origin, &account.settings, &context.reach)
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
            "Тип её продукта '{}', а не '{ITEM_TYPE}'",
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
pub async fn with_desk<T>(
    context: &Context<'_>,
    item: ItemId,
    work: impl AsyncFnOnce(&mut Desk<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    under_lock(context, item, false, work).await
}

/// The same for a person's word, which settles what a newer version has stored, too.
///
/// # Errors
/// As [`with_desk`].
pub async fn with_desk_for_person<T>(
    context: &Context<'_>,
    item: ItemId,
    work: impl AsyncFnOnce(&mut Desk<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    under_lock(context, item, true, work).await
}

async fn under_lock<T>(
    context: &Context<'_>,
    item: ItemId,
    for_person: bool,
    work: impl AsyncFnOnce(&mut Desk<'_>, &Account) -> Result<T, Failure>,
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
    work: impl AsyncFnOnce(&mut Desk<'_>, &Account) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let (service, account_id) = own_service(context.platform, context.module, item).await?;
    let account = account(context, account_id).await?;
    let authority = authority(context, &account)?;
    let parts = desk_parts(
        context.platform,
        authority.as_ref(),
        context.module,
        &context.clock,
        &context.root,
        &account,
    );
    let mut desk = if for_person {
        Desk::open_for_person(parts, item, service).await?
    } else {
        Desk::open(parts, item, service).await?
    };
    work(&mut desk, &account).await
}

/// What a desk is made of, with the options of installation and account.
#[must_use]
pub fn desk_parts<'a>(
    platform: &'a dyn Platform,
    authority: &'a dyn CertificateAuthority,
    module: &'static Module,
    clock: &'a Clock,
    root: &Path,
    account: &Account,
) -> DeskParts<'a> {
    DeskParts {
        platform,
        authority,
        module,
        clock,
        spool: Spool::below(root),
        shown: shown(platform),
        format: format(module, &account.settings),
        books_mark: module.books_mark(&account.settings),
    }
}

/// How the installation wants the two dates shown.
pub(super) fn shown(platform: &dyn Platform) -> term::Shown {
    let is = |name: &str, value: &str| platform.option(name).as_deref() == Some(value);
    term::Shown {
        bills_by_end_date: is(EXPIRE_DATE_OPTION, "paid"),
        only_multiyear: is(PAID_TILL_OPTION, "multiyear"),
    }
}

/// The form in which an account's certificates are given to the platform.
pub(super) fn format(module: &Module, settings: &Settings) -> Format {
    settings
        .text(FORMAT_SETTING)
        .and_then(Format::parse)
        .unwrap_or(module.format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_time_are_seconds_with_fractions() {
        let cases = [
            ("60", Some(60_000)),
            (" 0.25 ", Some(250)),
            ("0", None),
            ("-1", None),
            ("NaN", None),
            ("1e30", None),
            ("soon", None),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                duration(text),
                milliseconds.map(Duration::from_millis),
                "{text}"
            );
        }
    }
}
