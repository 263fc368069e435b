//! `pmssl reissue`: a person's wish that certificates are reissued inside their paid terms, for the bad day of a vendor.
//!
//! It cannot order: it holds no trigger. What it stores with a service is taken up by the daemon, which makes all its own
//! checks, keeps to its pace, and ends the wish. So it may be interrupted and called again: what is under way is left out.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal;
use std::path::PathBuf;

use chrono::TimeDelta;
use clap::ArgGroup;

use self::report::{Left, Outcome, Report, Row};
use super::context::{self, AdminContext};
use super::exit::Code;
use super::orders::{Judged, Survey};
use super::output::AdminAnswer;
use super::resolve::confirm::confirm;
use super::select::{Chosen, whole};
use crate::cli;
use crate::domain::ItemId;
use crate::failure::{Failure, Reason};
use crate::log;
use crate::module::{Module, Text};
use crate::order::intent::{Intent, PARAMETER, State};
use crate::order::position::{self, Position};
use crate::order::revoked::{self, Wish, Wished};
use crate::order::{self, current, fresh, person};
use crate::platform::billmanager::BillManager;
use crate::platform::{ACTIVE, CertificateStatus, Patience, Platform, Service, fields};
use crate::regular;

/// Largest file of serial numbers, in bytes: a hundred thousand of them.
const LARGEST: u64 = 8 * 1024 * 1024;

/// A service whose certificate was reissued by such a wish is left out for so long, unless --item names it.
const RECENT: TimeDelta = TimeDelta::days(7);

const ASK: Text = Text::new(
    "have these certificates reissued (__count__)?",
    "перевыпустить эти сертификаты (__count__)?",
);
const ASK_CANCEL: Text = Text::new(
    "take these wishes back (__count__)?",
    "отменить перевыпуск для этих услуг (__count__)?",
);
const DECLINED: Text = Text::new("nothing was changed", "ничего не изменено");
const DRY_RUN: Text = Text::new(
    "dry run, nothing was changed: --yes does it",
    "пробный запуск, ничего не изменено: выполнит --yes",
);
const THEN: Text = Text::new(
    "the daemon reissues them at its pace; the same command with --dry-run shows how far it is",
    "демон перевыпустит их в своём темпе; та же команда с --dry-run покажет, сколько сделано",
);

/// Arguments of `pmssl reissue`.
#[derive(Debug, clap::Args)]
#[command(
    group = ArgGroup::new("which").required(true).multiple(true)
        .args(["item", "revoked", "issuer", "serials", "account", "module", "vendor"]),
    after_help = "\
Nothing is ordered here: the daemon ('pmssl daemon') takes up what is stored, in its next pass and at its pace
(SSLDaemonOrders in an hour), whatever SSLSubscriptionPolicy says, and makes all its checks. Revoked certificates come
first, then those that end first. Several conditions have to hold together. Called again, it leaves out what is stored,
begun or reissued already, and says so.

Examples:
  pmssl reissue --revoked --dry-run
  pmssl reissue --vendor globalsign --revoked --limit 100 --yes
  pmssl reissue --issuer 'Some CA' --dry-run
  pmssl reissue --serials serials.txt --new-key --yes
  pmssl reissue --item 7
  pmssl reissue --item 7 --cancel --yes"
)]
pub(super) struct Arguments {
    /// This service, also after a refusal
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    item: Option<u64>,
    /// Services whose certificate the vendor shows as revoked
    #[arg(long)]
    revoked: bool,
    /// Services whose certificate's issuer has this text in its name
    #[arg(long, value_name = "TEXT")]
    issuer: Option<String>,
    /// Services whose certificate has one of these serial numbers, hexadecimal, one in a line
    #[arg(long, value_name = "FILE")]
    serials: Option<PathBuf>,
    #[command(flatten)]
    only: Chosen,
    /// At most so many services now
    #[arg(long, value_name = "COUNT", value_parser = whole::<usize>)]
    limit: Option<usize>,
    /// The key is to blame: tell the clients to make a new CSR and to reissue with it; nothing is sent to the vendor
    #[arg(long, conflicts_with = "cancel")]
    new_key: bool,
    /// Take the wish back where nothing has begun
    #[arg(long)]
    cancel: bool,
    /// Show what would be done and what is left out, change nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Stores the wishes.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    if !arguments.yes && !arguments.dry_run && !std::io::stdin().is_terminal() {
        return Err(cli::needed("--yes"));
    }
    context::wait(reissue(admin, arguments))
}

async fn reissue(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let view = &admin.view;
    let mut report = Report::new(view);
    let chosen = choose(admin, arguments, &mut report).await?;
    if arguments.dry_run {
        let then = (!chosen.is_empty()).then_some(DRY_RUN);
        let due = chosen.into_iter().map(|row| (row, Outcome::Due));
        report.tell(due.collect())?;
        return Ok(report.answer(then));
    }
    if !chosen.is_empty() && !arguments.yes {
        let ask = if arguments.cancel { &ASK_CANCEL } else { &ASK };
        let question = view
            .say(ask)
            .replace("__count__", &chosen.len().to_string());
        if !confirm(view, "", &question)? {
            return Ok(AdminAnswer::new(
                report.end(view.say(&DECLINED)),
                Code::Declined,
            ));
        }
    }
    let is_any = !chosen.is_empty() && !arguments.cancel && !arguments.new_key;
    let mut platforms: BTreeMap<&str, BillManager> = BTreeMap::new();
    let mut log_of = "";
    for row in chosen {
        let name = row.module.name;
        if log_of != name {
            admin.start_log(row.module);
            log_of = name;
        }
        let platform = platforms.entry(name);
        let platform = platform.or_insert_with(|| admin.platform(row.module));
        let outcome = match store(admin, platform, arguments, &row).await {
            Ok(outcome) => outcome,
            Err(failure) => Outcome::Failed(failure),
        };
        report.tell(vec![(row, outcome)])?;
    }
    Ok(report.answer(is_any.then_some(THEN)))
}

/// Tells what is left out, and answers what is due, in the order of need.
async fn choose(
    admin: &AdminContext,
    arguments: &Arguments,
    report: &mut Report<'_>,
) -> Result<Vec<Row>, Failure> {
    if let Some(item) = arguments.item {
        // An unknown one is no empty list.
        admin.module_of(&admin.any_platform(), ItemId(item)).await?;
    }
    let serials = arguments.serials.as_deref().map(|file| {
        let text = regular::read_text(file, LARGEST).map_err(|error| {
            Failure::field(Reason::Invalid, "--serials")
                .value(file.display().to_string())
                .because(error)
        });
        text.map(|text| serials(&text))
    });
    let serials = serials.transpose()?;
    let mut survey = Survey::begin(admin, &arguments.only.modules()).await?;
    if let Some(item) = arguments.item {
        survey.start_at(item);
    }
    let platform = admin.any_platform();
    let mut chosen = Vec::new();
    while let Some(mut services) = survey.next().await? {
        services.retain(|service| is_wanted(arguments, service));
        keep_issued_by(&platform, arguments, serials.as_ref(), &mut services).await?;
        let mut lines = Vec::new();
        for service in &services {
            match judge(admin, arguments, service) {
                Ok(()) => chosen.push(Row::of(service)),
                Err(left) => lines.push((Row::of(service), Outcome::Left(left))),
            }
        }
        report.tell(lines)?;
        if arguments.item.is_some() {
            break;
        }
    }
    chosen.sort_by_key(|row| (!row.is_revoked, row.end, row.item));
    chosen.truncate(arguments.limit.unwrap_or(usize::MAX));
    Ok(chosen)
}

fn is_wanted(arguments: &Arguments, service: &Judged) -> bool {
    arguments.item.is_none_or(|item| service.line.item == item)
        && arguments.only.has_account(service.line.account)
        && service.position() != Position::Deleted
        && (!arguments.revoked || service.is_revoked)
}

/// Leaves those whose certificate is of that issuer, or has one of the serial numbers.
async fn keep_issued_by(
    platform: &BillManager,
    arguments: &Arguments,
    serials: Option<&BTreeSet<String>>,
    services: &mut Vec<Judged>,
) -> Result<(), Failure> {
    let items = || services.iter().map(|service| service.line.item);
    let (Some(first), Some(last)) = (items().min(), items().max()) else {
        return Ok(());
    };
    if arguments.issuer.is_none() && serials.is_none() {
        return Ok(());
    }
    let issuer = arguments.issuer.as_deref().map(str::to_lowercase);
    let stored = platform.certificates_between(first, last).await?;
    let fits = stored.into_iter().filter_map(|(item, _, certificate)| {
        let certificate = current::read(&certificate)?;
        let name = certificate.issuer.to_lowercase();
        let is_issuers = issuer.as_ref().is_none_or(|text| name.contains(text));
        let is_listed = serials.is_none_or(|all| all.contains(&digits(&certificate.serial)));
        (is_issuers && is_listed).then_some(item)
    });
    let fits: BTreeSet<u64> = fits.collect();
    services.retain(|service| fits.contains(&service.line.item));
    Ok(())
}

/// The serial numbers of a file, without what programs put between their digits.
fn serials(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(digits);
    lines.filter(|line| !line.is_empty()).collect()
}

/// The digits of a serial number, without zeros before the first.
fn digits(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("0x").unwrap_or(&text);
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    digits.trim_start_matches('0').to_owned()
}

/// Whether something is due, or why not, as far as the list tells.
fn judge(admin: &AdminContext, arguments: &Arguments, service: &Judged) -> Result<(), Left> {
    let wish = service.wish.as_ref();
    if arguments.cancel {
        return match wish {
            Some((_, true)) => has_not_begun(service.position()),
            _ => Err(Left::NoWish),
        };
    }
    barred(
        service.intent.as_ref(),
        service.line.parameter(person::PARAMETER),
    )?;
    let is_named = arguments.item.is_some();
    let now = admin.clock.now();
    let is_issued = service.line.parameter(fields::SERVICE_STATUS) == Some("5");
    let position = match service.position() {
        // The certificate is there, whatever was refused for it.
        Position::Rejected | Position::Prepared if is_issued => Position::Issued,
        position => position,
    };
    // What the daemon does with it, and how far that is.
    match (position, wish) {
        (Position::Waiting, Some((wish, true))) if wish.what == Wished::Now => {
            return Err(Left::Begun);
        }
        (Position::Waiting, _) => return Err(Left::Waiting),
        (Position::Issued, _) if !service.is_active() => return Err(Left::Inactive),
        (Position::Issued, Some((wish, true))) => match wish.what {
            Wished::Now if !arguments.new_key => return Err(Left::Wished),
            Wished::NewKey if arguments.new_key || !is_named => return Err(Left::NewKey),
            Wished::Refused if !is_named => return Err(Left::Refused),
            _ => {}
        },
        (Position::Issued, Some((wish, false))) if !is_named && now - wish.since < RECENT => {
            return Err(Left::Reissued);
        }
        (Position::Issued, _) => {}
        _ => return Err(Left::NoCertificate),
    }
    // Neither the daemon nor the client could.
    if !service.outlook.vendor_reissues {
        return Err(Left::Vendor);
    }
    if service
        .outlook
        .paid
        .is_some_and(|paid| paid <= now.date_naive())
    {
        return Err(Left::Over);
    }
    match service.queued.is_empty() {
        true => Ok(()),
        false => Err(Left::Queued),
    }
}

/// What has begun cannot be taken back.
fn has_not_begun(position: Position) -> Result<(), Left> {
    match position {
        Position::Waiting => Err(Left::Begun),
        Position::Unsettled | Position::Unreadable => Err(Left::Unsettled),
        _ => Ok(()),
    }
}

/// Whether there still is a wish that can be taken back: things may have changed since the list was made.
fn can_take_back(service: &Service, module: &Module) -> Result<(), Left> {
    if !Wish::stored(service).is_some_and(|wish| wish.is_open(service)) {
        return Err(Left::NoWish);
    }
    let intent = service.parameter(PARAMETER).map(Intent::from_text);
    let status = service.parameter(fields::SERVICE_STATUS);
    has_not_begun(position::judge(&position::Facts {
        intent: intent.as_ref(),
        certificate_status: status.and_then(|text| text.parse().ok()),
        status: service.status,
        has_order: service.parameter(module.order_parameter).is_some(),
    }))
}

/// What is not reissued whoever asks: an order's outcome is open.
fn barred(intent: Option<&Result<Intent, Failure>>, given: Option<&str>) -> Result<(), Left> {
    match intent {
        Some(Err(_)) => Err(Left::Unsettled),
        Some(Ok(intent)) if person::has(given, intent) => Err(Left::Person),
        Some(Ok(intent)) if intent.state.is_unsettled() => Err(Left::Unsettled),
        _ => Ok(()),
    }
}

/// Stores the wish, or takes it back, under the service's lock.
async fn store(
    admin: &AdminContext,
    platform: &BillManager,
    arguments: &Arguments,
    row: &Row,
) -> Result<Outcome, Failure> {
    let item = ItemId(row.item);
    crate::logging::set_item(item);
    order::lock(platform, item).await?;
    let outcome = store_locked(admin, platform, arguments, row).await;
    // The lock dies with the process at the latest.
    let _ = platform.unlock(item).await;
    if let Err(failure) = &outcome {
        log!(Order, Warning, "no wish is stored: {}", failure.chain());
    }
    outcome
}

async fn store_locked(
    admin: &AdminContext,
    platform: &BillManager,
    arguments: &Arguments,
    row: &Row,
) -> Result<Outcome, Failure> {
    let item = ItemId(row.item);
    // A late replica must not hide that something has begun.
    let former = platform.service(item).await?;
    let service = fresh::read_fresh(platform, item, former.parameter(fresh::PARAMETER)).await?;
    let (who, now) = (context::person(), admin.clock.now());
    if arguments.cancel {
        if let Err(left) = can_take_back(&service, row.module) {
            return Ok(Outcome::Left(left));
        }
        log!(Order, Warning, "{who} takes the wish for a reissue back");
        platform
            .save_parameter(item, fields::WISH, "", Patience::Once)
            .await?;
        return Ok(Outcome::Cancelled);
    }
    let certificate = match in_hand(&service, row.module) {
        Ok(certificate) => certificate,
        Err(left) => return Ok(Outcome::Left(left)),
    };
    let wish = Wish {
        what: match arguments.new_key {
            true => Wished::NewKey,
            false => Wished::Now,
        },
        certificate,
        since: now,
        who: who.clone(),
    };
    if arguments.new_key {
        let (subject, text) = revoked::new_key(&service, item);
        platform.notify_client(item, &subject, &text).await?;
    }
    log!(
        Order,
        Warning,
        "{who} wants the certificate reissued ({}) at {}",
        wish.what.word(),
        now.to_rfc3339()
    );
    platform
        .save_parameter(item, fields::WISH, &wish.to_text(), Patience::Once)
        .await?;
    Ok(match arguments.new_key {
        true => Outcome::Told,
        false => Outcome::Stored,
    })
}

/// The certificate in hand of a service that is at rest, as the wish names it: things may have changed since the list was
/// made.
fn in_hand(service: &Service, module: &Module) -> Result<String, Left> {
    let intent = service.parameter(PARAMETER).map(Intent::from_text);
    barred(intent.as_ref(), service.parameter(person::PARAMETER))?;
    let is_awaited = |intent: &Intent| matches!(intent.state, State::Placed | State::Pending);
    let known = intent.and_then(Result::ok);
    let issued = CertificateStatus::Issued.code().to_string();
    let is_issued = service.parameter(fields::SERVICE_STATUS) == Some(issued.as_str());
    if !is_issued || known.as_ref().is_some_and(is_awaited) {
        return Err(Left::Waiting);
    }
    if service.status != ACTIVE {
        return Err(Left::Inactive);
    }
    let has_order = service.parameter(module.order_parameter).is_some();
    let certificate = service.parameter(fields::CERTIFICATE_END);
    let certificate = certificate.filter(|_| has_order && service.certificate.is_some());
    certificate.map(str::to_owned).ok_or(Left::NoCertificate)
}

#[cfg(test)]
mod tests;
