//! `pmssl orders`: the services of all modules, filtered.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clap::builder::PossibleValuesParser;

use super::output::{Answer, Cell, Tone, View};
use super::position::{self, Facts, Position};
use super::scene::{self, Scene};
use crate::certificate::Csr;
use crate::failure::{Failure, Reason};
use crate::module::{self, MODULES, Module, Text};
use crate::order::Intent;
use crate::order::intent::PARAMETER;
use crate::platform::billmanager::overview::{QueuedLine, ServiceLine};
use crate::platform::fields;

const SERVICE: Text = Text::new("service", "услуга");
const NAME: Text = Text::new("name", "имя");
const MODULE: Text = Text::new("module", "модуль");
const ACCOUNT: Text = Text::new("account", "обработчик");
const PRODUCT: Text = Text::new("product", "продукт");
const STATE: Text = Text::new("state", "состояние");
const ORDER: Text = Text::new("order", "заказ");
const END: Text = Text::new("end date", "дата окончания");
const STUCK: Text = Text::new("needs a look", "требует внимания");
const NONE: Text = Text::new("no service matches", "подходящих услуг нет");

/// Arguments of `pmssl orders`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  pmssl orders --stuck
  pmssl orders --vendor globalsign --state waiting
  pmssl orders --due 30 --json")]
pub(super) struct Arguments {
    /// Only this account
    #[arg(long, visible_alias = "account", value_name = "ACCOUNT")]
    module: Option<u64>,
    /// Only this module, by its name or its vendor's
    #[arg(long, value_name = "NAME")]
    vendor: Option<String>,
    /// Only services in this state
    #[arg(long, value_parser = PossibleValuesParser::new(Position::ALL.map(Position::word)))]
    state: Option<String>,
    /// Only services with this text in their names or order number
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only services whose end date comes within so many days, or is past
    #[arg(long, value_name = "DAYS")]
    due: Option<u32>,
    /// Only services that need a person's look
    #[arg(long)]
    stuck: bool,
}

/// One service, judged.
#[derive(Debug)]
pub(super) struct Judged {
    /// The service.
    pub(super) line: ServiceLine,
    /// Its module.
    pub(super) module: &'static Module,
    /// Names of the certificate, common name first.
    pub(super) names: Vec<String>,
    /// The stored intent.
    pub(super) intent: Option<Result<Intent, Failure>>,
    /// Where it stands.
    pub(super) position: Position,
    /// Since when the certificate is awaited.
    pub(super) since: Option<DateTime<Utc>>,
    /// Queued operations.
    pub(super) queued: Vec<QueuedLine>,
    /// Why it needs a person's look.
    pub(super) stuck: Option<Text>,
}

impl Judged {
    fn new(
        line: ServiceLine,
        module: &'static Module,
        queued: Vec<QueuedLine>,
        now: DateTime<Utc>,
    ) -> Self {
        let intent = line.parameter(PARAMETER).map(Intent::from_text);
        let facts = Facts {
            intent: intent.as_ref(),
            certificate_status: line
                .parameter(fields::SERVICE_STATUS)
                .and_then(|text| text.parse().ok()),
            status: line.status,
            has_order: line.parameter(module.order_parameter).is_some(),
        };
        let position = position::judge(&facts);
        let known = intent.as_ref().and_then(|intent| intent.as_ref().ok());
        let since = position::waiting_since(position, known);
        let most = |pick: fn(&QueuedLine) -> i64| queued.iter().map(pick).max().unwrap_or(0);
        let stuck = position::stuck(
            position,
            since,
            most(|queued| queued.tries),
            most(|queued| queued.tasks),
            now,
        );
        Self {
            names: names(&line),
            line,
            module,
            intent,
            position,
            since,
            queued,
            stuck,
        }
    }

    /// The order number at the vendor.
    pub(super) fn order(&self) -> Option<&str> {
        self.line.parameter(self.module.order_parameter)
    }
}

fn names(line: &ServiceLine) -> Vec<String> {
    let csr = line.csr.as_deref().and_then(|csr| Csr::parse(csr).ok());
    let further = line.parameter(fields::ADDITIONAL_NAMES).unwrap_or_default();
    all_names(csr.as_ref(), further)
}

/// The CSR's main name and what the form holds beside it, each once.
pub(super) fn all_names(csr: Option<&Csr>, further: &str) -> Vec<String> {
    let common = csr.and_then(|csr| csr.common_name().or(csr.names().first()));
    // Before it is taken apart: a key that was pasted there is no key any more word by word.
    let further = crate::logging::mask(further);
    let further = further
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    let mut seen = std::collections::HashSet::new();
    common
        .map(ToString::to_string)
        .into_iter()
        .chain(further)
        .filter(|name| seen.insert(name.clone()))
        .collect()
}

/// All services of the given modules, judged.
pub(super) async fn all(
    scene: &Scene,
    modules: &[&'static Module],
) -> Result<Vec<Judged>, Failure> {
    let platform = scene.any_platform();
    let now = scene.clock.now();
    let mut found = Vec::new();
    for module in modules {
        let lines = platform.overview(module).await?;
        if lines.is_empty() {
            continue;
        }
        let mut queued = platform.queued_lines(module).await?;
        for line in lines {
            let (own, others) = queued
                .into_iter()
                .partition(|operation| operation.item.0 == line.item);
            queued = others;
            found.push(Judged::new(line, module, own, now));
        }
    }
    found.sort_by_key(|service| service.line.item);
    Ok(found)
}

/// Lists.
pub(super) fn run(scene: &Scene, arguments: &Arguments) -> Result<Answer, Failure> {
    let modules = wanted_modules(arguments.vendor.as_deref())?;
    let mut services = scene::wait(all(scene, &modules))?;
    let today = scene.clock.now().date_naive();
    services.retain(|service| wanted(arguments, service, today));
    let view = &scene.view;
    if view.json {
        let list: Vec<_> = services.iter().map(json).collect();
        return Ok(Answer::done(view.json(&list)?));
    }
    if services.is_empty() {
        return Ok(Answer::done(format!("{}\n", view.say(&NONE))));
    }
    Ok(Answer::done(table(view, &services, today)))
}

fn wanted_modules(name: Option<&str>) -> Result<Vec<&'static Module>, Failure> {
    let Some(name) = name else {
        return Ok(module::all().collect());
    };
    let plain = name.to_lowercase();
    let found: Vec<_> = module::all()
        .filter(|module| {
            module.name == plain
                || module.origin == plain
                || module.origin.strip_prefix("pm") == Some(&plain)
                || module.vendor.to_lowercase() == plain
        })
        .collect();
    if found.is_empty() {
        let known: Vec<_> = MODULES.iter().map(|module| module.name).collect();
        return Err(Failure::field(Reason::Invalid, "--vendor")
            .value(name)
            .detail(format!("One of: {}", known.join(", "))));
    }
    Ok(found)
}

fn wanted(arguments: &Arguments, service: &Judged, today: NaiveDate) -> bool {
    let text = arguments.name.as_deref().map(str::to_lowercase);
    let has = |text: &str| {
        let own = [
            service.line.name.as_str(),
            service.order().unwrap_or_default(),
        ];
        service
            .names
            .iter()
            .map(String::as_str)
            .chain(own)
            .any(|name| name.to_lowercase().contains(text))
    };
    let within = |days: u32| {
        let last = today + TimeDelta::days(i64::from(days));
        service.position != Position::Deleted
            && service.line.expire_date.is_some_and(|end| end <= last)
    };
    arguments.module.is_none_or(|id| service.line.account == id)
        && arguments
            .state
            .as_deref()
            .is_none_or(|state| service.position.word() == state)
        && text.is_none_or(|text| has(&text))
        && arguments.due.is_none_or(within)
        && (!arguments.stuck || service.stuck.is_some())
}

fn table(view: &View, services: &[Judged], today: NaiveDate) -> String {
    let rows: Vec<Vec<Cell>> = services
        .iter()
        .map(|service| {
            let line = &service.line;
            let name = match service.names.as_slice() {
                [] => line.name.clone(),
                [only] => only.clone(),
                [first, others @ ..] => format!("{first} +{}", others.len()),
            };
            let end = line.expire_date.map(|date| date.to_string());
            let past = line.expire_date.is_some_and(|date| date < today);
            let over = past && service.position == Position::Issued;
            vec![
                line.item.to_string().into(),
                name.into(),
                service.module.name.into(),
                line.account.to_string().into(),
                line.template
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default()
                    .into(),
                Cell::toned(view.say(&service.position.label()), tone(service.position)),
                service.order().unwrap_or_default().into(),
                Cell::toned(
                    end.unwrap_or_default(),
                    if over { Tone::Bad } else { Tone::Plain },
                ),
                Cell::toned(
                    service.stuck.map(|why| view.say(&why)).unwrap_or_default(),
                    Tone::Warning,
                ),
            ]
        })
        .collect();
    let heads = [
        SERVICE, NAME, MODULE, ACCOUNT, PRODUCT, STATE, ORDER, END, STUCK,
    ];
    view.table(&heads.map(|head| view.say(&head)), &rows)
}

/// How a position is coloured.
pub(super) fn tone(position: Position) -> Tone {
    match position {
        Position::Issued => Tone::Good,
        Position::Unsettled | Position::Unreadable | Position::Failed => Tone::Bad,
        Position::Rejected | Position::Waiting | Position::Prepared => Tone::Warning,
        Position::NotOrdered => Tone::Plain,
        Position::Deleted => Tone::Faint,
    }
}

fn json(service: &Judged) -> serde_json::Value {
    let line = &service.line;
    serde_json::json!({
        "item": line.item,
        "service": line.name,
        "names": service.names,
        "module": service.module.name,
        "account": line.account,
        "account_name": line.account_name,
        "template": line.template.as_ref().map(ToString::to_string),
        "state": service.position.word(),
        "since": service.since.map(|since| since.to_rfc3339()),
        "order": service.order(),
        "end_date": line.expire_date,
        "paid_till": line.parameter(fields::PAID_TILL),
        "stuck": service.stuck.map(|why| why.en),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(position: Position, end: Option<&str>) -> Judged {
        let mut service = Judged::new(
            ServiceLine {
                item: 7,
                account: 3,
                name: "Shop".into(),
                expire_date: end.map(|day| day.parse().unwrap()),
                ..ServiceLine::default()
            },
            MODULES[0],
            Vec::new(),
            DateTime::from_timestamp(1_775_000_000, 0).unwrap(),
        );
        service.position = position;
        service.names = vec!["a.example".into(), "b.example".into()];
        service
    }

    fn filter() -> Arguments {
        Arguments {
            module: None,
            vendor: None,
            state: None,
            name: None,
            due: None,
            stuck: false,
        }
    }

    #[test]
    fn every_filter_filters() {
        let today = "2026-04-01".parse().unwrap();
        let issued = service(Position::Issued, Some("2026-04-20"));
        let cases = [
            (filter(), true),
            (
                Arguments {
                    module: Some(3),
                    ..filter()
                },
                true,
            ),
            (
                Arguments {
                    module: Some(4),
                    ..filter()
                },
                false,
            ),
            (
                Arguments {
                    state: Some("issued".into()),
                    ..filter()
                },
                true,
            ),
            (
                Arguments {
                    state: Some("waiting".into()),
                    ..filter()
                },
                false,
            ),
            (
                Arguments {
                    name: Some("B.EXAMPLE".into()),
                    ..filter()
                },
                true,
            ),
            (
                Arguments {
                    name: Some("shop".into()),
                    ..filter()
                },
                true,
            ),
            (
                Arguments {
                    name: Some("c.example".into()),
                    ..filter()
                },
                false,
            ),
            (
                Arguments {
                    due: Some(19),
                    ..filter()
                },
                true,
            ),
            (
                Arguments {
                    due: Some(18),
                    ..filter()
                },
                false,
            ),
            (
                Arguments {
                    stuck: true,
                    ..filter()
                },
                false,
            ),
        ];
        for (arguments, expected) in cases {
            assert_eq!(
                wanted(&arguments, &issued, today),
                expected,
                "{arguments:?}"
            );
        }
        let deleted = service(Position::Deleted, Some("2026-04-02"));
        let due = Arguments {
            due: Some(30),
            ..filter()
        };
        assert!(!wanted(&due, &deleted, today));
    }

    #[test]
    fn vendors_are_found_by_any_of_their_names() {
        for name in ["pmglobalsign", "globalsign", "GlobalSign"] {
            let found = wanted_modules(Some(name)).unwrap();
            assert_eq!(found[0].name, "pmglobalsign", "{name}");
        }
        let failure = wanted_modules(Some("nobody")).unwrap_err();
        assert_eq!(failure.object(), "--vendor");
        assert_eq!(wanted_modules(None).unwrap().len(), module::all().count());
    }
}
