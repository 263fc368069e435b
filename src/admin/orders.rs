//! `pmssl orders`: the services of all modules, filtered.

pub(super) mod list;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use clap::builder::PossibleValuesParser;

use super::context::{self, AdminContext};
use super::output::{AdminAnswer, Tone, View};
use super::plan;
use super::policy;
use super::select::{Chosen, whole};
use super::table::Layout;
use crate::certificate;
use crate::domain::{AccountId, DomainName, ItemId};
use crate::failure::Failure;
use crate::module::{Module, Text};
use crate::order::Intent;
use crate::order::intent::PARAMETER;
use crate::order::outlook::{self, Around, Outlook};
use crate::order::position::Position;
use crate::order::replacement::Able;
use crate::order::revoked::{Revocation, Wish};
use crate::order::{current, waits};
use crate::platform::billmanager::BillManager;
use crate::platform::billmanager::overview::{QueuedLine, ServiceLine};
use crate::platform::{ACTIVE, Platform, Service, fields};

const SINCE: Text = Text::new("since __day__", "с __day__");

/// Arguments of `pmssl orders`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "\
A table shows what matters most in 80 columns; -o wide shows all in full. What is waited for is said with
whose turn it is; '!' marks what needs a person's look. Days and times are in UTC.

Examples:
  pmssl orders --stuck
  pmssl orders --vendor globalsign --state waiting,unknown
  pmssl orders --due 30 --sort end-date --limit 20
  pmssl orders -o csv --columns service,name,order,end-date")]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
    /// Only services in one of these states, separated by commas
    #[arg(long, value_name = "STATES", value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Position::ALL.map(Position::word)))]
    state: Vec<String>,
    /// Only services with this text in their names or order number
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Only services whose end date comes within so many days, or is past
    #[arg(long, value_name = "DAYS", value_parser = whole::<u32>)]
    due: Option<u32>,
    /// Only services that need a person's look
    #[arg(long)]
    stuck: bool,
    #[command(flatten)]
    layout: Layout,
}

impl Arguments {
    /// How it is printed.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// One service, judged.
#[derive(Debug)]
pub(super) struct Judged {
    /// The service.
    pub(super) line: ServiceLine,
    /// Its module.
    pub(super) module: &'static Module,
    /// Read out of the CSR when somebody asks for them: of all that a list does, that takes the longest.
    names: OnceCell<Vec<String>>,
    /// The stored intent.
    pub(super) intent: Option<Result<Intent, Failure>>,
    /// What happens next, and who acts.
    pub(super) outlook: Outlook,
    /// Queued operations.
    pub(super) queued: Vec<QueuedLine>,
    /// Why it needs a person's look.
    pub(super) stuck: Option<Text>,
    /// A person's last wish for a reissue, and whether no new certificate has fulfilled it.
    pub(super) wish: Option<(Wish, bool)>,
    /// The vendor has revoked its certificate.
    pub(super) is_revoked: bool,
}

impl Judged {
    fn new(
        line: ServiceLine,
        service: Service,
        module: &'static Module,
        queued: Vec<QueuedLine>,
        around: &Around,
    ) -> Self {
        let intent = line.parameter(PARAMETER).map(Intent::from_text);
        let outlook = outlook::of_service(&service, module, &busy(around, &queued));
        Self {
            names: OnceCell::new(),
            line,
            module,
            intent,
            stuck: outlook
                .needs_a_look(around.now)
                .then(|| outlook.next.label()),
            outlook,
            queued,
            wish: Wish::stored(&service).map(|wish| {
                let is_open = wish.is_open(&service);
                (wish, is_open)
            }),
            is_revoked: Revocation::stored(&service).is_some(),
        }
    }

    /// Names of the certificate, common name first.
    pub(super) fn names(&self) -> &[String] {
        self.names.get_or_init(|| names(&self.line))
    }

    /// The order number at the vendor.
    pub(super) fn order(&self) -> Option<&str> {
        self.line.parameter(self.module.order_parameter)
    }

    /// Where it stands.
    pub(super) fn position(&self) -> Position {
        self.outlook.position
    }

    /// Whether BILLmanager calls it active.
    pub(super) fn is_active(&self) -> bool {
        self.line.status == ACTIVE
    }

    /// Whether its names are proved by e-mail.
    pub(super) fn is_by_mail(&self) -> bool {
        waits::is_by_mail(&as_service(&self.line))
    }

    /// The vendor's words about what it waits for.
    pub(super) fn vendor_says(&self) -> Option<String> {
        let intent = self.intent.as_ref().and_then(|intent| intent.as_ref().ok());
        waits::vendors_words(&as_service(&self.line), self.module, intent)
    }

    /// Why it needs a person's look, whose turn it is and since when.
    pub(super) fn stuck_words(&self, view: &View) -> Option<String> {
        let why = view.say(&self.stuck?).to_owned();
        let owner = view.say(&self.outlook.owner.text()).to_owned();
        let since = self.outlook.since.map(|since| {
            let day = since.format("%Y-%m-%d").to_string();
            view.say(&SINCE).replace("__day__", &day)
        });
        let parts = [Some(why), Some(owner), since];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

/// The same with what is queued.
pub(super) fn busy(around: &Around, queued: &[QueuedLine]) -> Around {
    let most = |pick: fn(&QueuedLine) -> i64| queued.iter().map(pick).max().unwrap_or(0);
    Around {
        tries: most(|queued| queued.tries),
        tasks: most(|queued| queued.tasks),
        idle: queued.is_empty(),
        ..*around
    }
}

/// What a list knows of a service. The certificate itself is not read: its end is stored beside it.
fn as_service(line: &ServiceLine) -> Service {
    let is_saved = line.parameter(fields::SERVICE_STATUS) == Some("5")
        || line.parameter(fields::CERTIFICATE_END).is_some();
    Service {
        template: line.template.clone(),
        status: line.status,
        expire_date: line.expire_date,
        parameters: line.parameters.clone(),
        certificate: is_saved.then(String::new),
        ..Service::default()
    }
}

fn names(line: &ServiceLine) -> Vec<String> {
    let csr = line.csr.as_deref().and_then(certificate::listed);
    let further = line.parameter(fields::ADDITIONAL_NAMES).unwrap_or_default();
    all_names(csr.as_ref().and_then(|csr| csr.names.first()), further)
}

/// The CSR's main name and what the form holds beside it, each once.
pub(super) fn all_names(common: Option<&DomainName>, further: &str) -> Vec<String> {
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

/// The services of the given modules, judged, some at a time: a shop may have more than fit into memory.
pub(super) struct Survey {
    platform: BillManager,
    modules: Vec<&'static Module>,
    around: Around,
    /// What the vendor of an account can do.
    vendors: BTreeMap<u64, Able>,
    /// Queued operations by service, read at the beginning.
    queued: BTreeMap<u64, Vec<QueuedLine>>,
    last: Option<u64>,
}

impl Survey {
    /// Reads the queue.
    ///
    /// # Errors
    /// `Database`.
    pub(super) async fn begin(
        admin: &AdminContext,
        modules: &[&'static Module],
    ) -> Result<Self, Failure> {
        let platform = admin.any_platform();
        let subscription = policy::shown(&platform);
        let mut queued: BTreeMap<u64, Vec<QueuedLine>> = BTreeMap::new();
        for module in modules {
            for line in platform.queued_lines(module).await? {
                queued.entry(line.item.0).or_default().push(line);
            }
        }
        Ok(Self {
            platform,
            modules: modules.to_vec(),
            around: Around {
                now: admin.clock.now(),
                subscription,
                vendor: Able::ALL,
                tries: 0,
                tasks: 0,
                idle: false,
            },
            vendors: BTreeMap::new(),
            queued,
            last: Some(0),
        })
    }

    /// Begins with this service instead of the first one.
    pub(super) fn start_at(&mut self, item: u64) {
        self.last = Some(item.saturating_sub(1));
    }

    /// The next services, by id; `None` after the last.
    ///
    /// # Errors
    /// `Database`.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Judged>>, Failure> {
        self.page(Judged::new).await
    }

    /// The same, judged in another way. Of a certificate that need not be read, only the end is known.
    ///
    /// # Errors
    /// `Database`.
    pub(super) async fn page<T>(
        &mut self,
        judge: impl Fn(ServiceLine, Service, &'static Module, Vec<QueuedLine>, &Around) -> T,
    ) -> Result<Option<Vec<T>>, Failure> {
        let Some(last) = self.last else {
            return Ok(None);
        };
        let page = self.platform.services_after(last).await?;
        self.last = page.last;
        let mut found = Vec::with_capacity(page.lines.len());
        for (module, line) in page.lines {
            if !self.modules.iter().any(|wanted| wanted.name == module.name) {
                continue;
            }
            let queued = self.queued.remove(&line.item).unwrap_or_default();
            self.around.vendor = match self.vendors.get(&line.account) {
                Some(known) => *known,
                None => {
                    let account = Some(AccountId(line.account));
                    // A list is no place to complain of an account's settings.
                    let can = plan::vendor(&self.platform, account, module).await;
                    let can = can.unwrap_or(Able::ALL);
                    self.vendors.insert(line.account, can);
                    can
                }
            };
            let service = self.with_certificate(&line).await?;
            found.push(judge(line, service, module, queued, &self.around));
        }
        Ok(Some(found))
    }

    /// The same answer by the certificate itself, of which the list knows the end only.
    ///
    /// # Errors
    /// `Database`.
    pub(super) async fn by_certificate(&self, service: &Judged) -> Result<Outlook, Failure> {
        let read = self.platform.service(ItemId(service.line.item)).await?;
        let vendor = self.vendors.get(&service.line.account).copied();
        let around = Around {
            vendor: vendor.unwrap_or(Able::ALL),
            ..busy(&self.around, &service.queued)
        };
        Ok(outlook::of_service(&read, service.module, &around))
    }

    /// The service with its certificate where only that can tell who reissues it.
    async fn with_certificate(&self, line: &ServiceLine) -> Result<Service, Failure> {
        let listed = as_service(line);
        let end = line.parameter(fields::CERTIFICATE_END);
        let end = end.and_then(current::end_of);
        if !end.is_some_and(|end| current::needs_reading(&listed, end)) {
            return Ok(listed);
        }
        let certificate = self.platform.service(ItemId(line.item)).await?.certificate;
        Ok(Service {
            certificate,
            ..listed
        })
    }
}

/// Lists.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    context::wait(list::print(admin, arguments))
}

fn wanted(arguments: &Arguments, service: &Judged, today: NaiveDate) -> bool {
    let text = arguments.name.as_deref().map(str::to_lowercase);
    let has = |text: &str| {
        let own = [
            service.line.name.as_str(),
            service.order().unwrap_or_default(),
        ];
        service
            .names()
            .iter()
            .map(String::as_str)
            .chain(own)
            .any(|name| name.to_lowercase().contains(text))
    };
    let within = |days: u32| {
        // Beyond the calendar everything is within.
        let last = today.checked_add_signed(TimeDelta::days(i64::from(days)));
        let last = last.unwrap_or(NaiveDate::MAX);
        service.position() != Position::Deleted
            && service.line.expire_date.is_some_and(|end| end <= last)
    };
    let states = &arguments.state;
    arguments.chosen.has_account(service.line.account)
        && (states.is_empty() || states.iter().any(|word| service.position().word() == word))
        && text.is_none_or(|text| has(&text))
        && arguments.due.is_none_or(within)
        && (!arguments.stuck || service.stuck.is_some())
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

#[cfg(test)]
mod tests;
