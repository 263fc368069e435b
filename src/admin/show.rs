//! `pmssl show`: everything about one service. Reads the platform only; the vendor is not asked.

mod intent;
mod pem;

use chrono::{DateTime, Utc};
use serde::Serialize;

use self::intent::IntentCard;
use super::context::{self, AdminContext};
use super::history;
use super::orders;
use super::output::{AdminAnswer, Cell, Section, Tone, View};
use super::plan;
use super::policy;
use super::select::whole;
use crate::certificate;
use crate::domain::ItemId;
use crate::domain::text::Words;
use crate::failure::Failure;
use crate::module::{Module, Text};
use crate::order::intent::PARAMETER;
use crate::order::outlook::{self, Around, Outlook};
use crate::order::position::Position;
use crate::order::replacement::Able;
use crate::order::{Intent, calendar, current, shown, waits, words};
use crate::platform::billmanager::BillManager;
use crate::platform::billmanager::overview::QueuedLine;
use crate::platform::{Platform, Service, fields};

const SERVICE: Text = Text::new("Service", "Услуга");
const ID: Text = Text::new("id", "ID");
const NAME: Text = Text::new("name", "имя");
const PRODUCT: Text = Text::new("product", "продукт");
const PERIOD: Text = Text::new("period", "период");
const MONTHS: Text = Text::new("months", "мес.");
const ACCOUNT: Text = Text::new("account", "обработчик");
const NAMES: Text = Text::new("names", "домены");
const STATE: Text = Text::new("state", "состояние");
const WAITING_SINCE: Text = Text::new("waiting since", "ожидает с");
const NEXT: Text = Text::new("next", "что делать");
const WHO: Text = Text::new("who acts", "кто действует");
const UNTIL: Text = Text::new("by", "до");
const VENDOR_SAYS: Text = Text::new("the vendor says", "поставщик сообщает");
const INTENT: Text = Text::new("Intent", "Запись о заказе");
const KEY: Text = Text::new("key", "ключ");
const OPERATION: Text = Text::new("operation", "операция");
const ATTEMPT: Text = Text::new("attempt", "попытка");
const SINCE: Text = Text::new("since", "с");
const TOKEN: Text = Text::new("token", "метка");
const CAME_BACK: Text = Text::new("came back when sent", "ответ при отправке");
const BY_HAND: Text = Text::new("settled by hand", "решено вручную");
const QUEUED: Text = Text::new("BILLmanager's operation", "операция BILLmanager");
const UNREADABLE: Text = Text::new("unreadable", "не читается");
const NUMBERS: Text = Text::new("At the vendor", "У поставщика");
const ORDER: Text = Text::new("order", "заказ");
const PREVIOUS: Text = Text::new("previous order", "прежний заказ");
const DATES: Text = Text::new("Dates", "Даты");
const REMARK: Text = Text::new("remark", "замечание");
const CERTIFICATE: Text = Text::new("certificate", "сертификат");
const ISSUER: Text = Text::new("issued by", "выпущен");
const VALID: Text = Text::new("valid", "действует");
const END: Text = Text::new("end date", "дата окончания");
const PAID_TILL: Text = Text::new("paid till", "оплачено до");
const TERM_END: Text = Text::new("end of the term bought", "конец купленного срока");
const VALIDATION: Text = Text::new("Validation", "Подтверждение");
const METHOD: Text = Text::new("method", "способ");
const APPROVERS: Text = Text::new("approver addresses", "адреса подтверждения");
const CNAME: Text = Text::new("CNAME record", "запись CNAME");
const TXT: Text = Text::new("TXT value", "значение TXT");
const FILE: Text = Text::new("file", "файл");
const CONTENT: Text = Text::new("content", "содержимое");
const OPERATIONS: Text = Text::new("Queued operations", "Операции в очереди");
const TRIES: Text = Text::new("tries", "попыток");
const TASKS: Text = Text::new("tasks", "задач");
const COMPLAINTS: Text = Text::new("Recent errors in the log", "Последние ошибки в журнале");

/// Arguments of `pmssl show`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pmssl show --item 7
  pmssl show --item 7 --pem > chain.pem")]
pub(super) struct Arguments {
    /// The service
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    item: u64,
    /// Print the stored certificate and its chain only, in PEM, as a server takes them
    #[arg(long)]
    pem: bool,
}

/// Everything about one service; the JSON document.
#[derive(Debug, Serialize)]
struct Card {
    item: u64,
    service: String,
    module: &'static str,
    account: Option<u64>,
    account_name: String,
    template: Option<String>,
    period: i64,
    names: Vec<String>,
    #[serde(serialize_with = "word")]
    state: Position,
    /// The state for people.
    #[serde(skip)]
    label: String,
    waiting_since: Option<DateTime<Utc>>,
    next: String,
    /// Who acts.
    owner: &'static str,
    /// The same for people.
    #[serde(skip)]
    who: String,
    /// By when.
    until: Option<DateTime<Utc>>,
    /// The vendor's words about what stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor_says: Option<String>,
    intent: Option<IntentCard>,
    numbers: Vec<(String, String)>,
    previous_order: Option<String>,
    certificate: Option<CertificateCard>,
    end_date: Option<chrono::NaiveDate>,
    paid_till: Option<String>,
    term_end: Option<String>,
    settled: Option<String>,
    /// What came back for the order whose outcome is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "maybe_in_english")]
    came_back: Option<Words>,
    validation: Validation,
    operations: Vec<OperationCard>,
    complaints: Vec<String>,
}

fn word<S: serde::Serializer>(position: &Position, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(position.word())
}

/// Programs read one language.
fn maybe_in_english<S: serde::Serializer>(words: &Option<Words>, to: S) -> Result<S::Ok, S::Error> {
    words.as_ref().map(Words::en).serialize(to)
}

/// Programs read one language.
fn in_english<S: serde::Serializer>(remarks: &[Words], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(remarks.iter().map(Words::en))
}

#[derive(Debug, Serialize)]
struct CertificateCard {
    serial: String,
    issuer: String,
    names: Vec<String>,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    /// What is to be known of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[serde(serialize_with = "in_english")]
    remarks: Vec<Words>,
}

#[derive(Debug, Default, Serialize)]
struct Validation {
    method: Option<String>,
    approvers: Option<String>,
    domains: Option<String>,
    cname: Vec<(String, String)>,
    txt: Option<String>,
    files: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct OperationCard {
    id: u64,
    command: String,
    tries: i64,
    tasks: i64,
}

/// Shows.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    if arguments.pem {
        let pem = context::wait(pem::of(admin, ItemId(arguments.item)))?;
        let document = || admin.view.json(&serde_json::json!({ "pem": pem }));
        return match admin.view.json {
            true => document().map(AdminAnswer::done),
            false => Ok(AdminAnswer::done(pem)),
        };
    }
    let card = context::wait(card(admin, ItemId(arguments.item)))?;
    let view = &admin.view;
    if view.json {
        return Ok(AdminAnswer::done(view.json(&card)?));
    }
    Ok(AdminAnswer::done(crate::logging::mask(&text(view, &card))))
}

async fn card(admin: &AdminContext, item: ItemId) -> Result<Card, Failure> {
    let module = admin.module_of(&admin.any_platform(), item).await?;
    let platform = admin.platform(module);
    let service = platform.service(item).await?;
    let account_name = account_name(&platform, module, &service).await?;
    let intent = service.parameter(PARAMETER).map(Intent::from_text);
    let known = intent.as_ref().and_then(|intent| intent.as_ref().ok());
    let csr = service.csr.as_deref().and_then(certificate::listed);
    let mut queued = platform.queued_lines(module).await?;
    queued.retain(|queued| queued.item == item);
    let outlook = ahead(admin, &platform, module, &service, &queued).await;
    let operations = queued
        .into_iter()
        .map(|queued| OperationCard {
            id: queued.operation.0,
            command: queued.command,
            tries: queued.tries,
            tasks: queued.tasks,
        })
        .collect();
    let own = |name: &str| service.parameter(name).map(str::to_owned);
    Ok(Card {
        item: item.0,
        service: platform.service_name(item).await?,
        module: module.name,
        account: service.account.map(|account| account.0),
        account_name,
        template: service.template.as_ref().map(ToString::to_string),
        period: service.period,
        names: orders::all_names(
            csr.as_ref().and_then(|csr| csr.names.first()),
            service
                .parameter(fields::ADDITIONAL_NAMES)
                .unwrap_or_default(),
        ),
        state: outlook.position,
        label: admin.view.say(&outlook.label(admin.clock.now())).to_owned(),
        waiting_since: outlook
            .since
            .filter(|_| outlook.position == Position::Waiting),
        owner: outlook.owner.word(),
        who: admin.view.say(&outlook.owner.text()).to_owned(),
        until: outlook.until,
        vendor_says: waits::vendors_words(&service, module, known),
        next: admin
            .view
            .say(&outlook.next.text())
            .replace("--item N", &format!("--item {item}")),
        numbers: numbers(module, &service),
        previous_order: own(fields::PREVIOUS_ORDER),
        certificate: stored(&service),
        end_date: service.expire_date,
        paid_till: own(fields::PAID_TILL),
        // The day; what follows says which order it was bought with.
        term_end: service
            .parameter(fields::TERM_END)
            .and_then(|text| text.split_whitespace().next())
            .map(str::to_owned),
        settled: own(fields::SETTLED),
        came_back: known
            .filter(|intent| intent.state.is_unsettled())
            .and_then(|intent| words::of(&service, intent.key.as_str())),
        validation: validation(&service),
        operations,
        complaints: history::complaints(&admin.root, module.log_name(), item.0)
            .iter()
            .map(|line| crate::logging::mask(line))
            .collect(),
        intent: intent.map(IntentCard::of),
    })
}

/// The core's answer about the service.
async fn ahead(
    admin: &AdminContext,
    platform: &BillManager,
    module: &'static Module,
    service: &Service,
    queued: &[QueuedLine],
) -> Outlook {
    let subscription = policy::shown(platform);
    let can = plan::vendor(platform, service.account, module).await;
    let around = Around {
        now: admin.clock.now(),
        subscription,
        vendor: can.unwrap_or(Able::ALL),
        tries: 0,
        tasks: 0,
        idle: false,
    };
    outlook::of_service(service, module, &orders::busy(&around, queued))
}

async fn account_name(
    platform: &BillManager,
    module: &Module,
    service: &Service,
) -> Result<String, Failure> {
    let accounts = platform.account_lines(module).await?;
    let own = accounts
        .into_iter()
        .find(|account| Some(account.id) == service.account);
    Ok(own.map(|account| account.name).unwrap_or_default())
}

/// The vendor's numbers by the parameters that keep them.
fn numbers(module: &Module, service: &Service) -> Vec<(String, String)> {
    let shown = module.reference_parameters.iter();
    let shown = shown.filter(|(kind, _)| !kind.is_secret());
    let further = shown.map(|(_, name)| *name);
    let mut found: Vec<(String, String)> = Vec::new();
    for name in std::iter::once(module.order_parameter).chain(further) {
        let value = service.parameter(name);
        if let Some(value) = value.filter(|_| !found.iter().any(|(known, _)| known == name)) {
            found.push((name.to_owned(), value.to_owned()));
        }
    }
    found
}

/// The saved certificate, whatever form it is kept in.
fn stored(service: &Service) -> Option<CertificateCard> {
    let text = service.certificate.as_deref()?;
    let leaf = current::read(text)?;
    let root = certificate::chain_of(text).and_then(|chain| chain.root_remark());
    let beyond = calendar::life_remark(leaf.not_before, leaf.not_after);
    let usage = leaf.use_remark();
    let for_clients = calendar::clients_remark(leaf.is_for_clients);
    Some(CertificateCard {
        remarks: [beyond, usage, root, for_clients]
            .into_iter()
            .flatten()
            .collect(),
        names: leaf.names.iter().map(ToString::to_string).collect(),
        serial: leaf.serial,
        issuer: leaf.issuer,
        not_before: leaf.not_before,
        not_after: leaf.not_after,
    })
}

fn validation(service: &Service) -> Validation {
    let own = |name: &str| service.parameter(name).map(str::to_owned);
    Validation {
        method: own(fields::APPROVER_METHOD),
        approvers: own(fields::APPROVER_EMAIL),
        domains: own(fields::DOMAINS_LIST),
        cname: shown(service, fields::CNAME_NAME, fields::CNAME_VALUE),
        txt: own(fields::TXT_VALUE),
        files: shown(service, fields::FILE_NAME, fields::FILE_VALUE),
    }
}

fn text(view: &View, card: &Card) -> String {
    let say = |text: &Text| view.say(text);
    let optional = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut service = Section::new(say(&SERVICE));
    service.row(say(&ID), card.item.to_string());
    service.row(say(&NAME), card.service.as_str());
    service.row(say(&PRODUCT), optional(&card.template));
    service.row(say(&PERIOD), format!("{} {}", card.period, say(&MONTHS)));
    let account = card.account.map(|id| id.to_string()).unwrap_or_default();
    service.row(
        say(&ACCOUNT),
        format!("{account} {} ({})", card.account_name, card.module),
    );
    service.row(say(&NAMES), card.names.join(", "));
    service.row(
        say(&STATE),
        Cell::toned(card.label.as_str(), orders::tone(card.state)),
    );
    service.row(say(&WAITING_SINCE), moment(card.waiting_since));
    service.row(say(&NEXT), card.next.as_str());
    service.row(say(&WHO), card.who.as_str());
    service.row(say(&UNTIL), moment(card.until));
    service.row(say(&VENDOR_SAYS), optional(&card.vendor_says));

    let mut intent = Section::new(say(&INTENT));
    if let Some(stored) = &card.intent {
        match &stored.unreadable {
            Some(text) => intent.row(say(&UNREADABLE), Cell::toned(text.as_str(), Tone::Bad)),
            None => {
                intent.row(say(&KEY), stored.key.as_str());
                intent.row(say(&OPERATION), stored.operation);
                intent.row(say(&ATTEMPT), stored.attempt.to_string());
                intent.row(say(&STATE), stored.state);
                intent.row(say(&SINCE), moment(stored.since));
                let queued = stored.queued.map(|id| id.to_string());
                intent.row(say(&QUEUED), queued.unwrap_or_default());
                intent.row(say(&TOKEN), stored.token.as_str());
            }
        }
    }
    intent.row(
        say(&CAME_BACK),
        card.came_back
            .as_ref()
            .map_or("", |words| words.get(view.language)),
    );
    intent.row(say(&BY_HAND), optional(&card.settled));

    let mut numbers = Section::new(say(&NUMBERS));
    for (index, (name, value)) in card.numbers.iter().enumerate() {
        let label = if index == 0 {
            say(&ORDER)
        } else {
            name.as_str()
        };
        numbers.row(label, value.as_str());
    }
    numbers.row(say(&PREVIOUS), optional(&card.previous_order));

    let mut dates = Section::new(say(&DATES));
    if let Some(certificate) = &card.certificate {
        dates.row(say(&CERTIFICATE), certificate.serial.as_str());
        dates.row(say(&ISSUER), certificate.issuer.as_str());
        let (from, to) = (certificate.not_before, certificate.not_after);
        dates.row(
            say(&VALID),
            format!("{} - {}", moment(Some(from)), moment(Some(to))),
        );
        for remark in &certificate.remarks {
            dates.row(say(&REMARK), remark.get(view.language));
        }
    }
    let end = card.end_date.map(|date| date.to_string());
    dates.row(say(&END), end.unwrap_or_default());
    dates.row(say(&PAID_TILL), optional(&card.paid_till));
    dates.row(say(&TERM_END), optional(&card.term_end));

    let mut validation = Section::new(say(&VALIDATION));
    let published = &card.validation;
    validation.row(say(&METHOD), optional(&published.method));
    validation.row(say(&APPROVERS), optional(&published.approvers));
    for (name, value) in &published.cname {
        validation.row(say(&CNAME), format!("{name} -> {value}"));
    }
    validation.row(say(&TXT), optional(&published.txt));
    for (name, value) in &published.files {
        validation.row(say(&FILE), name.as_str());
        validation.row(say(&CONTENT), value.as_str());
    }

    let mut operations = Section::new(say(&OPERATIONS));
    for queued in &card.operations {
        let counts = format!(
            "{}, {} {}, {} {}",
            queued.command,
            say(&TRIES),
            queued.tries,
            say(&TASKS),
            queued.tasks
        );
        operations.row(&queued.id.to_string(), counts);
    }
    let mut text = view.sheet(&[service, intent, numbers, dates, validation, operations]);
    if !card.complaints.is_empty() {
        text.push('\n');
        text.push_str(&view.paint(Tone::Head, say(&COMPLAINTS)));
        for line in &card.complaints {
            text.push_str(&format!("\n  {line}"));
        }
        text.push('\n');
    }
    text
}

/// A time for people: minutes, UTC.
fn moment(time: Option<DateTime<Utc>>) -> String {
    time.map(|time| time.format("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}
