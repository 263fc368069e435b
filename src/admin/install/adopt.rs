//! `pmssl install --adopt`: services of the platform vendor's own modules go on with this program. Their
//! item parameters are the ones this program uses itself (billmanager.md 7), so that almost all is in place:
//! what is missing is learned, and what nobody can know goes to a person. Nothing is ordered.

use std::collections::BTreeMap;

use crate::admin::context::{self, AdminContext};
use crate::admin::output::{Cell, Tone, View};
use crate::ca::{CertificateAuthority, Placed, Reference};
use crate::domain::{AccountId, ItemId, OperationId};
use crate::failure::Failure;
use crate::log;
use crate::module::{Module, Text};
use crate::order;
use crate::order::intent::PARAMETER;
use crate::platform::billmanager::BillManager;
use crate::platform::billmanager::overview::{QueuedLine, ServiceLine};
use crate::platform::{DELETED, Patience, Platform};

/// What becomes of one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// This program has ordered it.
    Ours,
    /// Its order's number is stored.
    Found,
    /// Its order's number was learned from the vendor and stored.
    Learned,
    /// Nothing was ordered for it.
    NotOrdered,
    /// Its first order failed under the former module, which may have bought nevertheless: its operation
    /// is manual now.
    Handed,
    /// The former module has ordered, and the vendor does not tell what.
    Lost,
    /// Its tariff's product code is not one of this module.
    OtherProduct,
}

impl Fate {
    /// The word in JSON.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Found => "found",
            Self::Learned => "learned",
            Self::NotOrdered => "not-ordered",
            Self::Handed => "handed-over",
            Self::Lost => "lost",
            Self::OtherProduct => "other-product",
        }
    }

    fn label(self) -> (Text, Tone) {
        match self {
            Self::Ours => (
                Text::new("ordered by pmssl", "заказана через pmssl"),
                Tone::Faint,
            ),
            Self::Found => (Text::new("taken over", "принята"), Tone::Good),
            Self::Learned => (
                Text::new(
                    "taken over, the vendor reported its order number",
                    "принята, номер заказа получен у поставщика",
                ),
                Tone::Good,
            ),
            Self::NotOrdered => (
                Text::new("nothing is ordered yet", "ещё ничего не заказано"),
                Tone::Plain,
            ),
            Self::Handed => (
                Text::new(
                    "its order failed under the former module but may exist: check the vendor's panel, then store the order number or run the operation again; the operation is manual until then",
                    "заказ прежнего модуля завершился ошибкой, но мог дойти: проверьте в панели поставщика, затем сохраните номер заказа или повторите операцию; до этого операция ручная",
                ),
                Tone::Bad,
            ),
            Self::Lost => (
                Text::new(
                    "the former module has ordered, but the vendor does not report the number: store it with the service",
                    "прежний модуль сделал заказ, но поставщик не сообщает номер: сохраните его в услуге",
                ),
                Tone::Bad,
            ),
            Self::OtherProduct => (
                Text::new(
                    "the product code of its tariff does not belong to this module: correct the tariff before the service is renewed",
                    "код продукта её тарифа не относится к этому модулю: исправьте тариф до продления",
                ),
                Tone::Warning,
            ),
        }
    }

    /// Somebody has to do something.
    pub(super) fn needs_person(self) -> bool {
        matches!(self, Self::Handed | Self::Lost | Self::OtherProduct)
    }
}

/// One service with its fate.
#[derive(Debug)]
pub(super) struct Taken {
    item: u64,
    module: &'static str,
    order: Option<String>,
    fate: Fate,
}

/// What is known before the vendor is asked.
#[derive(Debug, Clone, Copy)]
struct Facts<'a> {
    has_intent: bool,
    has_order: bool,
    /// A number that the former module stored beside the order's.
    trace: Option<&'a str>,
    /// The former module has tried to order and failed.
    tried: bool,
    known_product: bool,
}

/// The next step for one service.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Settled(Fate),
    /// Ask the vendor for the order of the reference.
    LookUp,
}

/// Decides. Pure.
fn judge(facts: Facts<'_>) -> Next {
    Next::Settled(match facts {
        Facts {
            has_intent: true, ..
        } => Fate::Ours,
        Facts {
            has_order: false,
            trace: Some(_),
            ..
        } => return Next::LookUp,
        Facts {
            has_order: false,
            tried: true,
            ..
        } => Fate::Handed,
        Facts {
            known_product: false,
            ..
        } => Fate::OtherProduct,
        Facts {
            has_order: true, ..
        } => Fate::Found,
        Facts {
            has_order: false, ..
        } => Fate::NotOrdered,
    })
}

/// Takes the services of the modules' accounts over.
pub(super) fn run(
    admin: &AdminContext,
    modules: &[&'static Module],
    dry_run: bool,
) -> Result<Vec<Taken>, Failure> {
    context::wait(async {
        let mut all = Vec::new();
        for module in modules {
            of_module(admin, module, dry_run, &mut all).await?;
        }
        all.sort_by_key(|taken| taken.item);
        Ok(all)
    })
}

/// The services of one module, some at a time: a shop may have more than fit into memory.
async fn of_module(
    admin: &AdminContext,
    module: &'static Module,
    dry_run: bool,
    all: &mut Vec<Taken>,
) -> Result<(), Failure> {
    let platform = admin.platform(module);
    if platform.accounts_of(module.name).await?.is_empty() {
        return Ok(());
    }
    admin.start_log(module);
    // The oldest first order of each.
    let mut opening: BTreeMap<u64, QueuedLine> = BTreeMap::new();
    for queued in platform.queued_lines(module).await? {
        if queued.command == "open" {
            opening.entry(queued.item.0).or_insert(queued);
        }
    }
    let mut last = Some(0);
    while let Some(seen) = last {
        let page = platform.services_after(seen).await?;
        last = page.last;
        let own = page.lines.iter().filter(|(of, _)| of.name == module.name);
        for (_, line) in own.filter(|(_, line)| line.status != DELETED) {
            let opening = opening.get(&line.item);
            all.push(one(admin, &platform, module, line, opening, dry_run).await?);
        }
    }
    Ok(())
}

async fn one(
    admin: &AdminContext,
    platform: &BillManager,
    module: &'static Module,
    line: &ServiceLine,
    opening: Option<&QueuedLine>,
    dry_run: bool,
) -> Result<Taken, Failure> {
    let item = ItemId(line.item);
    let order = line.parameter(module.order_parameter);
    let service = platform.service(item).await?;
    let trace = module
        .reference_parameters
        .iter()
        .filter(|(_, name)| *name != module.order_parameter)
        .find_map(|(kind, name)| Some((*kind, service.parameter(name)?)));
    let template = line.template.as_ref().map(|code| code.as_str());
    let facts = Facts {
        has_intent: line.parameter(PARAMETER).is_some(),
        has_order: order.is_some(),
        trace: trace.map(|(_, value)| value),
        tried: opening.is_some_and(|queued| queued.tries > 0),
        known_product: template.is_some_and(|code| module.template(code).is_some()),
    };
    let mut taken = Taken {
        item: line.item,
        module: module.name,
        order: order.map(str::to_owned),
        fate: Fate::Lost,
    };
    taken.fate = match judge(facts) {
        Next::Settled(fate) => fate,
        Next::LookUp => match look_up(admin, AccountId(line.account), trace).await? {
            // Another service has it, perhaps by import: whose it is says a person.
            Some(placed)
                if order::owner_beside(platform, module, item, &placed.order)
                    .await?
                    .is_some() =>
            {
                Fate::Lost
            }
            Some(placed) if dry_run || store(platform, module, item, &placed).await? => {
                taken.order = Some(placed.order.to_string());
                Fate::Learned
            }
            Some(_) => Fate::Lost,
            None => Fate::Lost,
        },
    };
    if let (Fate::Handed | Fate::Lost, Some(opening), false) = (taken.fate, opening, dry_run) {
        hand_over(platform, item, opening.operation).await?;
    }
    if !dry_run && taken.fate != Fate::Ours {
        log!(
            Order,
            Notice,
            "{} takes service {item} over at {}: {}",
            context::person(),
            admin.clock.now().to_rfc3339(),
            taken.fate.word()
        );
    }
    Ok(taken)
}

/// The order of a client reference. A vendor that has no such look-up knows none.
async fn look_up(
    admin: &AdminContext,
    account: AccountId,
    trace: Option<(Reference, &str)>,
) -> Result<Option<Placed>, Failure> {
    let Some((Reference::Client, reference)) = trace else {
        return Ok(None);
    };
    let connected = admin.connect(account).await?;
    let authority: &dyn CertificateAuthority = connected.authority.as_ref();
    match authority.by_reference(reference).await {
        Err(failure) if failure.kind() == crate::failure::FailureKind::NotSupported => Ok(None),
        outcome => outcome,
    }
}

/// Stores the numbers of an order as this program keeps them, unless the service has got one meanwhile or another one
/// claims it. Whether they are stored.
async fn store(
    platform: &BillManager,
    module: &Module,
    item: ItemId,
    placed: &Placed,
) -> Result<bool, Failure> {
    order::lock(platform, item).await?;
    let outcome = async {
        let service = platform.service(item).await?;
        let decisive = [module.order_parameter, PARAMETER];
        if decisive
            .iter()
            .any(|name| service.parameter(name).is_some())
        {
            return Ok(false);
        }
        let save = |name: &'static str, value: String| async move {
            platform
                .save_parameter(item, name, &value, Patience::Once)
                .await
        };
        save(module.order_parameter, placed.order.to_string()).await?;
        let rival = order::rival(platform, module, item, &placed.order).await;
        if !matches!(rival, Ok(None)) {
            save(module.order_parameter, String::new()).await?;
            return rival.map(|_| false);
        }
        for (reference, value) in &placed.references {
            if let Some(name) = module.reference_parameter(*reference) {
                save(name, value.clone()).await?;
            }
        }
        Ok(true)
    }
    .await;
    let _ = platform.unlock(item).await;
    outcome
}

/// No intent tells of the order: `pmssl retry` must not start it with all the others. A service that this program has begun
/// to order for has an intent, and perhaps a bar of its own, which stays.
async fn note_former(platform: &BillManager, item: ItemId) -> Result<(), Failure> {
    let (given, former) = (order::person::PARAMETER, order::person::FORMER);
    let service = platform.service(item).await?;
    if [PARAMETER, given]
        .iter()
        .any(|name| service.parameter(name).is_some())
    {
        return Ok(());
    }
    platform
        .save_parameter(item, given, former, Patience::Once)
        .await
}

async fn hand_over(
    platform: &BillManager,
    item: ItemId,
    operation: OperationId,
) -> Result<(), Failure> {
    order::lock(platform, item).await?;
    let noted = note_former(platform, item).await;
    let _ = platform.unlock(item).await;
    noted?;
    platform.hand_to_person(operation, Some(item), "open").await
}

/// For people.
pub(super) fn text(view: &View, taken: &[Taken]) -> String {
    const SERVICE: Text = Text::new("service", "услуга");
    const MODULE: Text = Text::new("module", "модуль");
    const ORDER: Text = Text::new("order", "заказ");
    const OUTCOME: Text = Text::new("outcome", "итог");
    let rows: Vec<Vec<Cell>> = taken
        .iter()
        .map(|taken| {
            let (label, tone) = taken.fate.label();
            vec![
                taken.item.to_string().into(),
                taken.module.into(),
                taken.order.clone().unwrap_or_default().into(),
                Cell::toned(view.say(&label), tone),
            ]
        })
        .collect();
    view.table(
        &[SERVICE, MODULE, ORDER, OUTCOME].map(|head| view.say(&head)),
        &rows,
    )
}

/// For programs.
pub(super) fn json(taken: &[Taken]) -> Vec<serde_json::Value> {
    taken
        .iter()
        .map(|taken| {
            serde_json::json!({
                "item": taken.item,
                "module": taken.module,
                "order": taken.order,
                "outcome": taken.fate.word(),
            })
        })
        .collect()
}

/// Whether somebody has to do something.
pub(super) fn needs_person(taken: &[Taken]) -> bool {
    taken.iter().any(|taken| taken.fate.needs_person())
}

#[cfg(test)]
mod tests;
