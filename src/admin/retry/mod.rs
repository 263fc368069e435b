//! `pmssl retry`: has BILLmanager run operations again that stopped after failed tries.
//!
//! It cannot order: it holds no trigger and asks the platform's own function to queue the operation again. The command
//! that then runs makes all its own checks. What may have been bought already, and what a person has been given, is left
//! out and named.

mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::IsTerminal;

use clap::ArgGroup;
use clap::builder::PossibleValuesParser;

use self::report::{Left, Outcome, Report, Row};
use super::context::{self, AdminContext};
use super::exit::Code;
use super::orders::{Judged, Survey};
use super::output::AdminAnswer;
use super::resolve::confirm::confirm;
use super::select::{Chosen, whole};
use crate::cli;
use crate::commands::Command;
use crate::domain::ItemId;
use crate::failure::Failure;
use crate::log;
use crate::module::Text;
use crate::order::intent::{Intent, PARAMETER, State};
use crate::order::position::Position;
use crate::order::{self, fresh, person};
use crate::platform::Platform;
use crate::platform::billmanager::BillManager;
use crate::platform::billmanager::overview::QueuedLine;

/// The command of a deletion.
const CLOSE: &str = "close";

const ASK: Text = Text::new(
    "restart these operations (__count__)?",
    "перезапустить эти операции (__count__)?",
);
const DECLINED: Text = Text::new("nothing was changed", "ничего не изменено");
const DRY_RUN: Text = Text::new(
    "dry run, nothing was changed: --yes restarts them",
    "пробный запуск, ничего не изменено: перезапустит --yes",
);
const THEN: Text = Text::new(
    "BILLmanager runs them from its queue; later, 'pmssl orders --stuck' shows what has not succeeded",
    "BILLmanager выполнит их из своей очереди; позже 'pmssl orders --stuck' покажет, что не удалось",
);

/// Arguments of `pmssl retry`.
#[derive(Debug, clap::Args)]
#[command(
    group = ArgGroup::new("which").required(true).multiple(true).args(["stuck", "state", "account", "item"]),
    after_help = "\
BILLmanager stops an operation after ten failed tries, a renewal after the first one, and at once where the vendor
refused the order. Remove the cause first (top the account up, correct the data), then restart. Several conditions
have to hold together. Nothing is bought here: the operation runs in BILLmanager's queue and makes all its checks.

Left out are orders whose outcome is unknown or that a person has to settle ('pmssl resolve'), services without an open
operation, and, unless --item names them, operations that BILLmanager runs again by itself, orders that a former module may
have made, and operations beside a deletion: BILLmanager restarts all operations of a service.

Examples:
  pmssl retry --stuck --dry-run
  pmssl retry --stuck --account 3 --yes
  pmssl retry --state rejected,prepared
  pmssl retry --item 7"
)]
pub(super) struct Arguments {
    /// Services that 'pmssl orders --stuck' lists or whose operation has stopped
    #[arg(long)]
    stuck: bool,
    /// Services in one of these states, separated by commas
    #[arg(
        long,
        value_name = "STATE",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Position::ALL.map(Position::word))
    )]
    state: Vec<String>,
    /// This service, also while BILLmanager still runs its operation by itself
    #[arg(
        long,
        value_name = "ID",
        value_parser = whole::<u64>,
        conflicts_with_all = ["stuck", "state", "account"]
    )]
    item: Option<u64>,
    #[command(flatten)]
    only: Chosen,
    /// Show what would be restarted and what is left out, change nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
}

/// Restarts.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    if !arguments.yes && !arguments.dry_run && !std::io::stdin().is_terminal() {
        return Err(cli::needed("--yes"));
    }
    context::wait(retry(admin, arguments))
}

async fn retry(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let view = &admin.view;
    let mut report = Report::new(view);
    let chosen = choose(admin, arguments, &mut report).await?;
    if arguments.dry_run {
        let then = (report.to_restart > 0).then_some(DRY_RUN);
        return Ok(report.answer(then));
    }
    if !chosen.is_empty() && !arguments.yes {
        let question = view
            .say(&ASK)
            .replace("__count__", &chosen.len().to_string());
        if !confirm(view, "", &question)? {
            return Ok(AdminAnswer::new(
                report.end(view.say(&DECLINED)),
                Code::Declined,
            ));
        }
    }
    report.to_restart = 0;
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
        let is_named = arguments.item.is_some();
        let outcome = match restart(admin, platform, &row, is_named).await {
            Ok(None) => Outcome::Restarted,
            Ok(Some(left)) => Outcome::Left(left),
            Err(failure) => Outcome::Failed(failure),
        };
        report.tell(vec![(row, outcome)])?;
    }
    let then = (report.restarted > 0).then_some(THEN);
    Ok(report.answer(then))
}

/// Tells what is left out, and answers what is to be restarted: what is kept of a service is small, and only such are kept.
async fn choose(
    admin: &AdminContext,
    arguments: &Arguments,
    report: &mut Report<'_>,
) -> Result<Vec<Row>, Failure> {
    let modules = arguments.only.modules();
    if let Some(item) = arguments.item {
        // An unknown one is no empty list.
        admin.module_of(&admin.any_platform(), ItemId(item)).await?;
    }
    let mut survey = Survey::begin(admin, &modules).await?;
    if let Some(item) = arguments.item {
        survey.start_at(item);
    }
    // What is restarted at once is told when it is.
    let is_shown = arguments.dry_run || !(arguments.yes || admin.view.json);
    let mut chosen = Vec::new();
    while let Some(services) = survey.next().await? {
        let mut lines = Vec::new();
        for service in services.iter().filter(|service| wanted(arguments, service)) {
            match judged(service, arguments.item.is_some()) {
                Ok(operation) if is_shown => {
                    lines.push((Row::of(service, Some(operation)), Outcome::ToRestart));
                    chosen.push(Row::of(service, Some(operation)));
                }
                Ok(operation) => chosen.push(Row::of(service, Some(operation))),
                Err(left) => lines.push((Row::of(service, None), Outcome::Left(left))),
            }
        }
        report.tell(lines)?;
        if arguments.item.is_some() {
            break;
        }
    }
    report.is_empty &= chosen.is_empty();
    Ok(chosen)
}

fn wanted(arguments: &Arguments, service: &Judged) -> bool {
    let word = service.position().word();
    let is_stuck = || service.stuck.is_some() || service.queued.iter().any(has_stopped);
    arguments.item.is_none_or(|item| service.line.item == item)
        && arguments.only.has_account(service.line.account)
        && (arguments.state.is_empty() || arguments.state.iter().any(|state| state == word))
        && (!arguments.stuck || is_stuck())
}

fn judged(service: &Judged, is_named: bool) -> Result<&QueuedLine, Left> {
    let given = given(
        service.line.parameter(person::PARAMETER),
        service.intent.is_some(),
        service.order().is_some(),
    );
    let found = judge(service.intent.as_ref(), given, &service.queued, is_named);
    found.map_err(|left| match left {
        Left::NoOperation if service.stuck.is_none() && !is_named => Left::Idle,
        left => left,
    })
}

/// What a person was given; of a former module's order nothing any more once the service has its number.
fn given(stored: Option<&str>, has_intent: bool, has_order: bool) -> Option<&str> {
    stored.filter(|_| has_intent || !has_order)
}

/// The operation that is to be restarted, or why there is none.
fn judge<'a>(
    intent: Option<&Result<Intent, Failure>>,
    given: Option<&str>,
    queued: &'a [QueuedLine],
    is_named: bool,
) -> Result<&'a QueuedLine, Left> {
    if let Some(left) = barred(intent, given, is_named) {
        return Err(left);
    }
    // The platform's function knows services, not operations.
    if !is_named && queued.len() > 1 && queued.iter().any(|one| one.command == CLOSE) {
        return Err(Left::Several);
    }
    let first = queued.first().ok_or(Left::NoOperation)?;
    // What a vendor refused becomes manual at once, also where BILLmanager has no task for it.
    let is_refused = matches!(intent, Some(Ok(intent)) if matches!(intent.state, State::Rejected));
    let stopped = queued.iter().find(|queued| has_stopped(queued));
    match stopped {
        Some(stopped) => Ok(stopped),
        None if is_named || is_refused => Ok(first),
        None => Err(Left::GoesOn),
    }
}

/// What is not restarted whoever asks: money may be out.
fn barred(
    intent: Option<&Result<Intent, Failure>>,
    given: Option<&str>,
    is_named: bool,
) -> Option<Left> {
    let Some(intent) = intent else {
        let is_given = given.is_some_and(|text| !text.trim().is_empty());
        return (is_given && !is_named).then_some(Left::Former);
    };
    match intent {
        Err(_) => Some(Left::Unreadable),
        Ok(intent) if person::has(given, intent) => Some(Left::Person),
        Ok(intent) if intent.state.is_unsettled() => Some(Left::Unsettled),
        Ok(_) => None,
    }
}

/// Whether BILLmanager does not run it again by itself. That an operation is manual is not told by the tables that are
/// known (billmanager.md 7): a task about it and the number of tries do.
fn has_stopped(queued: &QueuedLine) -> bool {
    let command = Command::parse(&queued.command).unwrap_or(Command::Open);
    // The task of an operation that was restarted stays open while it runs again.
    (queued.tries > 0 && queued.tasks > 0) || queued.tries >= i64::from(command.try_limit())
}

/// Restarts under the service's lock, so that no command is between its decision and its paid call.
async fn restart(
    admin: &AdminContext,
    platform: &BillManager,
    row: &Row,
    is_named: bool,
) -> Result<Option<Left>, Failure> {
    let item = ItemId(row.item);
    crate::logging::set_item(item);
    order::lock(platform, item).await?;
    let outcome = restart_locked(admin, platform, row, is_named).await;
    // The lock dies with the process at the latest.
    let _ = platform.unlock(item).await;
    if let Err(failure) = &outcome {
        log!(Order, Warning, "not restarted: {}", failure.chain());
    }
    outcome
}

async fn restart_locked(
    admin: &AdminContext,
    platform: &BillManager,
    row: &Row,
    is_named: bool,
) -> Result<Option<Left>, Failure> {
    let item = ItemId(row.item);
    let Some(operation) = &row.operation else {
        return Ok(Some(Left::NoOperation));
    };
    // A late replica must not hide that a person has the order.
    let former = platform.service(item).await?;
    let service = fresh::read_fresh(platform, item, former.parameter(fresh::PARAMETER)).await?;
    let intent = service.parameter(PARAMETER).map(Intent::from_text);
    let given = given(
        service.parameter(person::PARAMETER),
        intent.is_some(),
        service.parameter(row.module.order_parameter).is_some(),
    );
    if let Some(left) = barred(intent.as_ref(), given, is_named) {
        return Ok(Some(left));
    }
    let running = platform.operation(operation.operation).await?;
    if running.is_none_or(|running| running.item != Some(item)) {
        return Ok(Some(Left::NoOperation));
    }
    // A deletion may have been queued since the list was made.
    let is_alone = is_named || operation.command == CLOSE;
    if !is_alone && platform.queued_operation(item, CLOSE).await?.is_some() {
        return Ok(Some(Left::Several));
    }
    log!(
        Order,
        Warning,
        "{} restarts operation {} ({}, tries {}) at {}",
        context::person(),
        operation.operation,
        operation.command,
        operation.tries,
        admin.clock.now().to_rfc3339()
    );
    platform.restart_operations(item).await?;
    Ok(None)
}
