//! `pmssl plan`: the coming reissues and renewals of services, with dates, rules and who acts.

pub(super) mod list;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::context::{self, AdminContext};
use super::output::AdminAnswer;
use super::policy;
use super::select::{Chosen, whole};
use super::table::{Layout, List};
use crate::domain::{AccountId, ItemId};
use crate::failure::{Failure, Reason};
use crate::module::{self, Module, Text};
use crate::order::plan::{Facts, plan};
use crate::order::policy::Subscription;
use crate::order::replacement::{Able, Urgent};
use crate::order::{current, mail, waits};
use crate::platform::billmanager::BillManager;
use crate::platform::billmanager::overview::ServiceLine;
use crate::platform::{ACTIVE, DELETED, Platform, Service};

const UNKNOWN_TERM: Text = Text::new(
    "the end of the paid term is not known: it is stored with the next order or told by the vendor",
    "конец оплаченного срока неизвестен: он сохраняется со следующим заказом или сообщается поставщиком",
);
const UNTOLD_TERM: Text = Text::new(
    "the end of the paid term is not known, and this vendor does not tell it: enter it as the item parameter pmssl_term_end, the day alone (YYYY-MM-DD)",
    "конец оплаченного срока неизвестен, и этот поставщик его не сообщает: внесите его в параметр услуги pmssl_term_end, только день (ГГГГ-ММ-ДД)",
);

/// Arguments of `pmssl plan`.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(after_help = "\
A row is a step; in JSON a service is one element, sorted by its next step. What has to be proved for a
step is in -o wide. Days are in UTC. What a vendor really issues may differ by hours; proofs may be asked
for earlier.

Examples:
  pmssl plan --item 7                     the coming years of one service
  pmssl plan --account 3 -o wide          all services of an account
  pmssl plan --sort day --limit 20        what comes next, over all services")]
pub(super) struct Arguments {
    /// Only this service
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    item: Option<u64>,
    #[command(flatten)]
    chosen: Chosen,
    #[command(flatten)]
    layout: Layout,
}

impl Arguments {
    /// How it is printed.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }
}

/// Prints the plans.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    context::wait(show(admin, arguments))
}

/// What the plans of one call share.
struct Planner<'a> {
    admin: &'a AdminContext,
    // Reading needs no module's name in particular.
    platform: BillManager,
    subscription: Subscription,
    today: NaiveDate,
    /// What the vendor of an account can do, asked once: the account's settings have to be decrypted.
    vendors: BTreeMap<Option<AccountId>, Able>,
    list: List<'a>,
    /// What the administrator should know of products and methods.
    warnings: BTreeSet<String>,
}

async fn show(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let platform = admin.any_platform();
    let found = policy::in_force(&platform, None);
    let today = admin.clock.now().date_naive();
    let remark = found.subscription.remark(today);
    let list = List::new(&admin.view, &arguments.layout, &list::COLUMNS, &list::USUAL);
    let mut planner = Planner {
        admin,
        subscription: found.subscription,
        today,
        vendors: BTreeMap::new(),
        list,
        warnings: BTreeSet::new(),
        platform,
    };
    let lines = found.complaints.iter().chain(&remark);
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    if planner.list.is_for_people() && !admin.view.print(&text)? {
        return Ok(AdminAnswer::done(""));
    }
    let is_read = match arguments.item {
        Some(item) => planner.one(arguments, ItemId(item)).await?,
        None => planner.all(&arguments.chosen).await?,
    };
    // Nobody reads on behind a pipe that was closed.
    if !is_read {
        return Ok(AdminAnswer::done(""));
    }
    let is_for_people = planner.list.is_for_people();
    let mut answer = planner.list.end(&list::NONE, &list::COUNT)?;
    for warning in planner.warnings.iter().filter(|_| is_for_people) {
        answer.text.push_str(&format!("{warning}\n"));
    }
    Ok(answer)
}

impl Planner<'_> {
    /// One service, for people with a line about its certificate. Whether anybody still reads.
    async fn one(&mut self, arguments: &Arguments, item: ItemId) -> Result<bool, Failure> {
        let service = self.platform.service(item).await?;
        let module = owner(&service, item)?;
        let account = service.account.map_or(0, |account| account.0);
        if !arguments.chosen.has_module(module) || !arguments.chosen.has_account(account) {
            return Ok(true);
        }
        let facts = self.facts(&service, module).await?;
        if self.list.is_for_people() {
            let head = list::head(&self.admin.view, item, &facts);
            if !self.admin.view.print(&head)? {
                return Ok(false);
            }
        }
        self.add(item, &facts)
    }

    /// All services that are chosen, some at a time: a shop may have more than fit into memory. What is read of each is
    /// read of all of a page at once.
    async fn all(&mut self, chosen: &Chosen) -> Result<bool, Failure> {
        // An account that does not exist is no empty list.
        if let Some(id) = chosen.account() {
            self.platform.account(AccountId(id)).await?;
        }
        let mut last = Some(0);
        while let Some(seen) = last {
            let page = self.platform.services_after(seen).await?;
            last = page.last;
            let mut lines = page.lines;
            lines.retain(|(module, line)| {
                let is_chosen = chosen.has_module(module) && chosen.has_account(line.account);
                is_chosen && line.status != DELETED
            });
            let mut certificates = self.certificates(&lines).await?;
            for (module, line) in lines {
                let item = ItemId(line.item);
                let service = listed(module, line, certificates.remove(&item.0));
                let facts = self.facts(&service, module).await?;
                if !self.add(item, &facts)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The certificates of a page's services.
    async fn certificates(
        &self,
        lines: &[(&'static Module, ServiceLine)],
    ) -> Result<BTreeMap<u64, String>, Failure> {
        let (Some((_, first)), Some((_, last))) = (lines.first(), lines.last()) else {
            return Ok(BTreeMap::new());
        };
        let found = self.platform.certificates_between(first.item, last.item);
        let found = found.await?.into_iter();
        Ok(found
            .filter(|(.., certificate)| !certificate.is_empty())
            .map(|(item, _, certificate)| (item, certificate))
            .collect())
    }

    async fn facts(
        &mut self,
        service: &Service,
        module: &'static Module,
    ) -> Result<Result<Facts, Text>, Failure> {
        let able = match self.vendors.get(&service.account) {
            Some(known) => *known,
            None => {
                let able = vendor(&self.platform, service.account, module).await?;
                self.vendors.insert(service.account, able);
                able
            }
        };
        Ok(facts(service, module, self.subscription, able, self.today))
    }

    fn add(&mut self, item: ItemId, facts: &Result<Facts, Text>) -> Result<bool, Failure> {
        let view = &self.admin.view;
        let rows = match facts {
            Ok(facts) => {
                let steps = plan(facts);
                self.warnings.extend(list::warnings(view, facts, &steps));
                list::rows(&self.list, view, item, facts, &steps)
            }
            Err(why) => vec![list::unknown(&self.list, view, item, why)],
        };
        self.list.add(rows)
    }
}

/// What the vendor of a service's account can do; told by the adapter, without any call.
pub(super) async fn vendor(
    platform: &BillManager,
    account: Option<AccountId>,
    module: &Module,
) -> Result<Able, Failure> {
    let Some(account) = account else {
        return Ok(Able::UNUSABLE);
    };
    let account = match platform.account(account).await {
        // One account of another key hides no other.
        Err(failure) if failure.reason() == Reason::Undecryptable => return Ok(Able::UNUSABLE),
        outcome => outcome?,
    };
    let connect_options = crate::commands::connect_options(platform, platform.root(), module);
    let vendor = crate::ca::connect(module.origin, &account.settings, &connect_options);
    Ok(vendor.map_or(Able::UNUSABLE, |vendor| Able::of(vendor.abilities())))
}

/// A service as a page has it, which is all that its plan follows from.
fn listed(module: &Module, line: ServiceLine, certificate: Option<String>) -> Service {
    Service {
        account: Some(AccountId(line.account)),
        module: Some(module.name.to_owned()),
        template: line.template,
        status: line.status,
        expire_date: line.expire_date,
        parameters: line.parameters,
        certificate,
        ..Service::default()
    }
}

fn owner(service: &Service, item: ItemId) -> Result<&'static Module, Failure> {
    let name = service.module.as_deref().unwrap_or_default();
    module::by_name(name)
        .ok_or_else(|| Failure::field(Reason::ForeignModule, format!("service {item}")).value(name))
}

/// What is known, or why there is no plan.
pub(super) fn facts(
    service: &Service,
    module: &'static Module,
    subscription: Subscription,
    able: Able,
    today: NaiveDate,
) -> Result<Facts, Text> {
    let (current, horizon) = current::in_hand(service, module);
    if horizon.term_end.is_none() {
        return Err(match able.tell_term {
            true => UNKNOWN_TERM,
            false => UNTOLD_TERM,
        });
    }
    let can = current::can_be_reissued(service, current.as_ref());
    let life = current.map(|current| current.life);
    Ok(Facts {
        today,
        certificate: life.map(|life| (life.start.date_naive(), life.end.date_naive())),
        horizon,
        by_mail: waits::is_by_mail(service),
        mail_only: mail::is_mail_only(service),
        vendor_reissues: able.reissue && can,
        // A first certificate is on its way to a service that is not active yet.
        is_active: service.status == ACTIVE || life.is_none(),
        subscription,
        urgent: Urgent::of(service),
    })
}

#[cfg(test)]
mod tests;
