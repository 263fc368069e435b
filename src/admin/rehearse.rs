//! `pmssl rehearse`: an ordering command on the real installation and at the real vendor, up to the paid call.
//!
//! The command itself runs, with its own locks, checks and looks. What it would write is kept by the platform's client, what
//! it would send is kept by the connection to the vendor, and its permit has ended before it began: three bars, each of which
//! alone keeps it from ordering. So what is shown is what the command would do, not what somebody thinks it does.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};

use super::context::{self, AdminContext};
use super::exit::Code;
use super::orders::{Judged, Survey};
use super::output::{AdminAnswer, Pages, Tone, View};
use super::select::{Chosen, whole};
use crate::ca::http;
use crate::cli;
use crate::commands::{self, Command};
use crate::domain::ItemId;
use crate::failure::Failure;
use crate::log;
use crate::logging::mask;
use crate::module::{Module, Text};
use crate::platform::Platform;
use crate::platform::billmanager::mgrctl::{Deed, Rehearsal};

/// What orders, by its name in BILLmanager's queue.
const ORDERING: [&str; 3] = ["open", "prolong", "reopen"];

const SERVICE: Text = Text::new("service", "услуга");
const WOULD_SEND: Text = Text::new(
    "all checks that can be rehearsed passed; now this request would be sent",
    "все проверки, возможные без отправки, пройдены; сейчас был бы отправлен запрос",
);
const NOTHING_TO_SEND: Text = Text::new(
    "nothing would be sent: the order exists already",
    "ничего не было бы отправлено: заказ уже существует",
);
const STOPS: Text = Text::new("it would stop: __why__", "команда остановилась бы: __why__");
const WRITES: Text = Text::new(
    "functions of BILLmanager that would be called before",
    "функции BILLmanager, которые были бы вызваны до этого",
);
const NONE: Text = Text::new(
    "no order, renewal or reissue is queued",
    "в очереди нет ни заказов, ни продлений, ни перевыпусков",
);
const DOES_NOTHING: Text = Text::new(
    "nothing would be sent: __file__ exists, and BILLmanager's operations do nothing",
    "ничего не было бы отправлено: есть файл __file__, и операции BILLmanager ничего не делают",
);
const END: Text = Text::new(
    "rehearsal: nothing that changes anything was sent, and nothing was bought or written",
    "репетиция: ничего изменяющего не отправлено, ничего не куплено и не записано",
);

/// Arguments of `pmssl rehearse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs the ordering command with all its locks, checks and looks at the vendor, and stops where the first request would be
sent that changes something there. That request is shown, masked, with what would have been written in BILLmanager before.
Nothing is sent that changes something, nothing is bought, nothing is written but the module's log. What depends on the
answer to that request cannot be rehearsed, nor whether BILLmanager takes the writes ('pmssl doctor').

Without --item, all services with a queued order, renewal or reissue. 'pmssl plan' shows what the daemon will reissue.

Examples:
  pmssl rehearse --item 7
  pmssl rehearse --item 7 --command prolong
  pmssl rehearse --account 3")]
pub(super) struct Arguments {
    /// This service
    #[arg(long, value_name = "ID", value_parser = whole::<u64>,
        conflicts_with_all = ["account", "module", "vendor"])]
    item: Option<u64>,
    /// What is rehearsed; the service's queued operation otherwise
    #[arg(long, value_name = "COMMAND", value_parser = ORDERING, requires = "item")]
    command: Option<String>,
    #[command(flatten)]
    only: Chosen,
}

/// Where a rehearsal ended.
enum Verdict {
    /// At the request that would be sent.
    WouldSend(http::Request),
    /// There is nothing to send.
    NothingToSend,
    /// The installation's operations do nothing.
    DoesNothing,
    /// Before it.
    Stops(Failure),
}

/// One rehearsed command.
struct Case {
    item: u64,
    command: &'static str,
    module: &'static Module,
    verdict: Verdict,
    /// What would have been written before that request.
    writes: Vec<Deed>,
}

/// Rehearses.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    context::wait(async {
        match arguments.item {
            Some(item) => one(admin, ItemId(item), arguments.command.as_deref()).await,
            None => all(admin, arguments).await,
        }
    })
}

async fn one(
    admin: &AdminContext,
    item: ItemId,
    command: Option<&str>,
) -> Result<AdminAnswer, Failure> {
    let platform = admin.any_platform();
    let module = admin.module_of(&platform, item).await?;
    let command = match ORDERING.into_iter().find(|word| command == Some(*word)) {
        Some(command) => command,
        None => queued(&platform, module, item).await?,
    };
    let case = rehearse(admin, module, item, command).await;
    let view = &admin.view;
    let code = match &case.verdict {
        Verdict::Stops(failure) => Code::of(failure),
        _ => Code::Done,
    };
    if view.json {
        return Ok(AdminAnswer::new(view.json(&document(&case))?, code));
    }
    let text = format!("{}{}\n", whole_text(view, &case), view.say(&END));
    Ok(AdminAnswer::new(text, code))
}

/// The ordering operation that waits; for a service without an order its first one.
async fn queued(
    platform: &dyn Platform,
    module: &Module,
    item: ItemId,
) -> Result<&'static str, Failure> {
    for command in ORDERING {
        if platform.queued_operation(item, command).await?.is_some() {
            return Ok(command);
        }
    }
    let service = platform.service(item).await?;
    match service.parameter(module.order_parameter) {
        None => Ok(ORDERING[0]),
        Some(_) => Err(cli::needed("--command")),
    }
}

async fn all(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let view = &admin.view;
    let mut survey = Survey::begin(admin, &arguments.only.modules()).await?;
    let (mut pages, mut count, mut code) = (Pages::default(), 0_usize, Code::Done);
    while let Some(services) = survey.next().await? {
        for service in &services {
            if !arguments.only.has_account(service.line.account) {
                continue;
            }
            let Some(command) = coming(service) else {
                continue;
            };
            let item = ItemId(service.line.item);
            let case = rehearse(admin, service.module, item, command).await;
            if matches!(case.verdict, Verdict::Stops(_)) {
                code = Code::Warnings;
            }
            count += 1;
            let text = match view.json {
                true => pages.json(view, &[document(&case)])?,
                false => format!("{}\n", line(view, &case)),
            };
            if !view.print(&text)? {
                return Ok(AdminAnswer::new("", code));
            }
        }
    }
    let end = match (view.json, count) {
        (true, _) => pages.json_end().to_owned(),
        (false, 0) => format!("{}\n", view.say(&NONE)),
        (false, _) => format!("{}\n", view.say(&END)),
    };
    Ok(AdminAnswer::new(end, code))
}

/// The ordering operation that is queued for a service.
fn coming(service: &Judged) -> Option<&'static str> {
    let is_queued = |word: &&str| service.queued.iter().any(|queued| queued.command == **word);
    ORDERING.into_iter().find(is_queued)
}

async fn rehearse(
    admin: &AdminContext,
    module: &'static Module,
    item: ItemId,
    command: &'static str,
) -> Case {
    admin.start_log(module);
    let (writes, requests) = (
        Arc::<Rehearsal>::default(),
        Rc::<http::Rehearsal>::default(),
    );
    let platform = admin.platform(module).rehearsing(Arc::clone(&writes));
    let mut context = admin.context(&platform);
    context.connect_options.rehearsal = Some(Rc::clone(&requests));
    context.arguments.item = Some(item);
    context.arguments.command = command.to_owned();
    context.arguments.language = admin.view.language;
    log!(
        Main,
        Info,
        "{} rehearses {command} of service {item}: nothing is sent, nothing is written",
        context::person()
    );
    let does_nothing = admin.root.join(commands::DO_NOTHING).exists();
    let outcome = match Command::parse(command) {
        Ok(_) if does_nothing => Ok(()),
        Ok(command) => commands::run(&context, command).await.map(drop),
        Err(failure) => Err(failure),
    };
    log!(Main, Info, "the rehearsal of service {item} has ended");
    let mut writes = writes.deeds();
    let verdict = match (requests.kept().into_iter().next(), outcome) {
        (Some((at, request)), _) => {
            writes.retain(|deed| deed.at <= at);
            Verdict::WouldSend(request)
        }
        (None, Ok(())) if does_nothing => Verdict::DoesNothing,
        (None, Ok(())) => Verdict::NothingToSend,
        (None, Err(failure)) => Verdict::Stops(failure),
    };
    Case {
        item: item.0,
        command,
        module,
        verdict,
        writes,
    }
}

/// The verdict in words.
fn verdict(view: &View, case: &Case) -> String {
    match &case.verdict {
        Verdict::WouldSend(request) => {
            let text = format!("{}: {}", view.say(&WOULD_SEND), request.operation);
            view.paint(Tone::Good, &text)
        }
        Verdict::NothingToSend => view.say(&NOTHING_TO_SEND).to_owned(),
        Verdict::DoesNothing => {
            let text = view.say(&DOES_NOTHING);
            text.replace("__file__", commands::DO_NOTHING)
        }
        Verdict::Stops(failure) => {
            let text = view.say(&STOPS).replace("__why__", &view.failure(failure));
            view.paint(Tone::Bad, &text)
        }
    }
}

/// A service of many on one line.
fn line(view: &View, case: &Case) -> String {
    let service = view.say(&SERVICE);
    let (item, name) = (case.item, case.module.name);
    format!(
        "{service} {item} ({name}), {}: {}",
        case.command,
        verdict(view, case)
    )
}

fn whole_text(view: &View, case: &Case) -> String {
    let mut text = line(view, case) + "\n";
    if let Verdict::WouldSend(request) = &case.verdict {
        let (address, body) = request.written_out();
        text.push_str(&format!("  {} {}\n", request.method, mask(&address)));
        for line in mask(&body).lines() {
            text.push_str(&format!("    {line}\n"));
        }
    }
    if !case.writes.is_empty() {
        text.push_str(&format!("  {}:\n", view.say(&WRITES)));
    }
    for deed in &case.writes {
        let arguments = deed.arguments.iter();
        let arguments: Vec<_> = arguments
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let deed = format!("{} {}", deed.function, arguments.join(" "));
        text.push_str(&format!("    {}\n", mask(&deed).replace('\n', " ")));
    }
    text
}

fn document(case: &Case) -> Value {
    let (word, request, error) = match &case.verdict {
        Verdict::WouldSend(request) => {
            let (address, body) = request.written_out();
            let request = json!({
                "operation": request.operation,
                "method": request.method.as_str(),
                "address": mask(&address),
                "body": mask(&body),
            });
            ("would-send", Some(request), None)
        }
        Verdict::NothingToSend => ("nothing-to-send", None, None),
        Verdict::DoesNothing => ("does-nothing", None, None),
        Verdict::Stops(failure) => ("stops", None, Some(super::failure_json(failure))),
    };
    let write = |deed: &Deed| {
        let arguments = deed.arguments.iter();
        let arguments: serde_json::Map<String, Value> = arguments
            .map(|(name, value)| ((*name).to_owned(), Value::String(mask(value))))
            .collect();
        json!({ "function": deed.function, "arguments": arguments })
    };
    json!({
        "item": case.item,
        "module": case.module.name,
        "command": case.command,
        "verdict": word,
        "request": request,
        "writes": case.writes.iter().map(write).collect::<Vec<_>>(),
        "error": error,
    })
}
