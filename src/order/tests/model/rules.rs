//! What must hold after every step, and in the end. The vendor's books and the platform's queue are
//! asked, never the program.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::super::authority::Mood;
use super::action::Luck;
use super::world::{ModelWorld, Place, Run, is_final};
use crate::certificate::{Csr, assemble, files_from_zip};
use crate::commands::{Command, needs_person, try_limit};
use crate::failure::Failure;
use crate::module;
use crate::order::{Intent, State, current, intent};
use crate::platform::{CertificateFile, Service};

/// Rounds in which everything must come to its end once nobody disturbs; the try limit is among them.
const ROUNDS: usize = 12;

/// Minutes between two rounds.
const PAUSE: i64 = 20;

type Verdict = Result<(), String>;

/// The watch over one world.
#[derive(Default)]
pub(super) struct Rules {
    seen: BTreeMap<u64, Seen>,
    dead: usize,
}

/// What was seen of a service at the last step.
#[derive(Default, Clone)]
struct Seen {
    saved: usize,
    failed: u32,
    term_end: Option<NaiveDate>,
    end_date: Option<NaiveDate>,
}

fn unless(broken: bool, text: impl FnOnce() -> String) -> Verdict {
    if broken { Err(text()) } else { Ok(()) }
}

impl Rules {
    /// After every step.
    pub(super) fn check(&mut self, world: &ModelWorld, run: Option<&Run>) -> Verdict {
        money(world)?;
        if let Some(run) = run {
            next_step(world, run)?;
        }
        for (id, one) in world.queue.all() {
            unless(one.manual && !one.task, || {
                format!("next step: operation {id} waits for a person, and nobody was told")
            })?;
        }
        let orders = world.vendor.orders.borrow();
        let dead = orders.keys().filter(|id| !world.vendor.lives(id)).count();
        drop(orders);
        for place in &world.places {
            self.service(world, place, dead > self.dead)?;
        }
        self.dead = dead;
        Ok(())
    }

    fn service(&mut self, world: &ModelWorld, place: &Place, died: bool) -> Verdict {
        let item = place.platform.item;
        let seen = self.seen.entry(item.0).or_default();
        let service = place.platform.service.borrow();
        let saved = place.platform.saved.borrow();
        for file in &saved[seen.saved..] {
            matches(world, place, file)
                .map_err(|why| format!("certificate: what was saved for {item} is wrong: {why}"))?;
        }
        seen.saved = saved.len();
        let shown = service.parameter("service_status");
        unless(shown == Some("5") && service.certificate.is_none(), || {
            format!("certificate: {item} is shown as issued without one")
        })?;
        let failed = place.platform.failed.get();
        let order = service.parameter("store_order_id").unwrap_or_default();
        unless(failed > seen.failed && world.vendor.lives(order), || {
            format!("status: {item} was given up while order {order} lives")
        })?;
        seen.failed = failed;
        let term_end = current::term_end(&service);
        unless(term_end < seen.term_end && !died && self.dead == 0, || {
            format!(
                "term: {item} was paid till {:?}, now {term_end:?}",
                seen.term_end
            )
        })?;
        seen.term_end = term_end;
        unless(
            is_set(place, "SSLExpireDate", "paid") && service.expire_date < seen.end_date,
            || {
                format!(
                    "term: {item} ended on {:?}, now {:?}",
                    seen.end_date, service.expire_date
                )
            },
        )?;
        seen.end_date = service.expire_date;
        Ok(())
    }

    /// Nobody disturbs any more, people do their work, the vendor approves: everything must come to
    /// its end.
    pub(super) fn settle(&mut self, world: &ModelWorld) -> Verdict {
        let mut last: BTreeMap<u64, Failure> = BTreeMap::new();
        for _ in 0..ROUNDS {
            world.approve_all();
            for (id, queued) in world.queue.all() {
                if queued.manual || world.queue.get(id).is_none() {
                    continue;
                }
                let run = world.run(id, Mood::Sells, Luck::Good);
                self.check(world, Some(&run))?;
                last.extend(run.failure.map(|failure| (id, failure)));
                world.approve_all();
            }
            for place in &world.places {
                let run = world.person(place, Luck::Good);
                self.check(world, run.as_ref())?;
                let run = world.sync(place, Luck::Good);
                self.check(world, Some(&run))?;
            }
            let open = |place: &Place| unsettled(place) || awaited(place);
            if world.queue.all().is_empty() && !world.places.iter().any(open) {
                break;
            }
            world.pass(PAUSE);
        }
        for (id, queued) in world.queue.all() {
            let place = world.place_of(queued.item);
            let order = place
                .platform
                .parameter("store_order_id")
                .unwrap_or_default();
            let deleted = place.platform.service.borrow().status == 4;
            // Its own order died: another one is bought for a new operation only.
            let sales = world.vendor.sales.borrow();
            let mut own = sales.iter().filter(|sale| sale.operation == Some(id));
            let died = own.any(|sale| !world.vendor.lives(&sale.order));
            let excused = deleted || died || !world.vendor.lives(&order);
            let failure = last.get(&id).map(Failure::chain).unwrap_or_default();
            let is_said = last.get(&id).is_some_and(is_final);
            unless(!(excused && is_said), || {
                format!(
                    "end: operation {id} ({}) is stuck: {failure}",
                    queued.command
                )
            })?;
        }
        for place in &world.places {
            rest(world, place)?;
        }
        Ok(())
    }
}

/// A service at rest.
fn rest(world: &ModelWorld, place: &Place) -> Verdict {
    let item = place.platform.item;
    let service = place.platform.service.borrow();
    unless(unsettled(place), || {
        format!("end: the intent of {item} is not settled")
    })?;
    let alone = world.places.iter().filter(|p| p.name == place.name).count() == 1;
    if !alone {
        return Ok(());
    }
    let (sales, ever) = (world.vendor.sales.borrow(), world.queue.ever());
    for (id, (command, _)) in ever.iter().filter(|(_, (_, of))| *of == item) {
        if !matches!(*command, "open" | "prolong") || world.queue.get(*id).is_some() {
            continue;
        }
        let own = sales
            .iter()
            .filter(|sale| sale.paid && sale.operation == Some(*id));
        unless(own.count() == 0, || {
            format!("money: operation {id} ({command}) ended, and nothing was bought")
        })?;
    }
    let orders = world.vendor.orders.borrow();
    let living = orders
        .values()
        .filter(|order| order.name == place.name && world.vendor.lives(&order.id));
    let living: Vec<_> = living.collect();
    let order = service.parameter("store_order_id").unwrap_or_default();
    let failed = service.parameter("service_status") == Some("6");
    let Some(latest) = living.last() else {
        return Ok(());
    };
    unless(latest.id != order && !failed, || {
        format!(
            "lost: order {} of {item} is bought, the service has '{order}'",
            latest.id
        )
    })?;
    if latest.is_over(world.now())
        || service.status == 4
        || failed
        || world.queue.all().iter().any(|(_, q)| q.item == item)
    {
        return Ok(());
    }
    unless(service.parameter("service_status") != Some("5"), || {
        format!("end: order {order} is issued, {item} does not show it")
    })?;
    let last = place.platform.saved.borrow().last().cloned();
    let last = last.ok_or_else(|| format!("end: {item} has no certificate"))?;
    matches(world, place, &last)
        .map_err(|why| format!("certificate: {item} ends with a wrong one: {why}"))?;
    let bought = living.iter().map(|order| order.term_end).max();
    unless(current::term_end(&service) != bought, || {
        format!(
            "term: {item} is paid till {bought:?}, the platform knows {:?}",
            current::term_end(&service)
        )
    })?;
    dates(place, &service, bought)
}

fn is_set(place: &Place, name: &str, value: &str) -> bool {
    place.platform.options.borrow().get(name) == Some(&value)
}

/// Both dates are shown as the options of now want them, whatever they wanted before.
fn dates(place: &Place, service: &Service, bought: Option<NaiveDate>) -> Verdict {
    let item = place.platform.item;
    let module = module::by_name("pmthesslstore").unwrap();
    let end = current::certificate(service, module).map(|one| one.life.end.date_naive());
    let fits = match is_set(place, "SSLExpireDate", "paid") {
        true => service.expire_date >= bought.max(end),
        false => service.expire_date == end,
    };
    unless(!fits, || {
        format!(
            "dates: {item} shows {:?}, ends on {end:?}, is paid till {bought:?}",
            service.expire_date
        )
    })?;
    let is_hidden = is_set(place, "SSLPaidTill", "multiyear") && service.period <= 12;
    let paid = service.parameter("paid_till");
    unless(is_hidden && paid.is_some(), || {
        format!("dates: {item} shows Paid till {paid:?}")
    })
}

fn stored(place: &Place) -> Option<Intent> {
    let text = place.platform.parameter(intent::PARAMETER)?;
    Intent::from_text(&text).ok()
}

fn unsettled(place: &Place) -> bool {
    stored(place).is_some_and(|intent| intent.state.is_unsettled())
}

fn awaited(place: &Place) -> bool {
    stored(place).is_some_and(|intent| matches!(intent.state, State::Placed | State::Pending))
}

/// One sale per intent, none for the dead.
fn money(world: &ModelWorld) -> Verdict {
    let sales = world.vendor.sales.borrow();
    let mut keys = BTreeSet::new();
    let (mut of_operation, mut of_name) = (BTreeMap::new(), BTreeMap::new());
    for sale in sales.iter() {
        unless(!keys.insert(&sale.key), || {
            format!("money: intent {} was sold twice", sale.key)
        })?;
        unless(sale.for_deleted, || {
            format!(
                "dead: order {} was bought for a deleted service",
                sale.order
            )
        })?;
        let living = sale.paid && world.vendor.lives(&sale.order);
        if living {
            *of_operation.entry(sale.operation).or_insert(0usize) += 1;
            *of_name.entry(&sale.name).or_insert(0usize) += 1;
        }
    }
    unless(world.vendor.steps_for_deleted.get() > 0, || {
        "dead: a deleted service's order was submitted further".to_owned()
    })?;
    for (operation, count) in of_operation {
        unless(operation.is_none() || count > 1, || {
            format!("money: operation {operation:?} bought {count} times")
        })?;
    }
    let ever = world.queue.ever();
    for (name, count) in of_name {
        let buying = ever.values().filter(|(command, item)| {
            matches!(*command, "open" | "prolong") && world.place_of(*item).name == *name
        });
        let wanted = buying.count();
        unless(count > wanted, || {
            format!("money: {name} was bought {count} times for {wanted} operations")
        })?;
    }
    Ok(())
}

/// A failed command leaves something to do, and says it; a good one is done.
fn next_step(world: &ModelWorld, run: &Run) -> Verdict {
    let Some((id, before)) = run.operation.as_ref().filter(|_| run.undisturbed) else {
        return Ok(());
    };
    let now = world.queue.get(*id);
    match (&run.failure, now) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(format!(
            "next step: operation {id} is done and still queued"
        )),
        (Some(failure), None) => Err(format!(
            "next step: operation {id} failed and is gone: {}",
            failure.chain()
        )),
        (Some(failure), Some(queued)) => {
            unless(queued.error.is_empty(), || {
                format!("next step: operation {id} failed without a word")
            })?;
            let limit = try_limit(Command::parse(before.command).ok(), failure);
            let hopeless = queued.tries >= limit || needs_person(failure);
            unless(hopeless && !queued.manual, || {
                format!(
                    "next step: operation {id} is repeated for ever: {}",
                    failure.chain()
                )
            })
        }
    }
}

/// Whether a saved file proves itself for the service's CSR.
fn matches(world: &ModelWorld, place: &Place, file: &CertificateFile) -> Verdict {
    let service = place.platform.service.borrow();
    let csr = service.csr.as_deref().unwrap_or_default();
    let csr = Csr::parse(csr).map_err(|failure| failure.chain())?;
    let files = match file {
        CertificateFile::Pem(pem) => vec![("all.pem".to_owned(), pem.clone().into_bytes())],
        CertificateFile::Zip(bytes) => files_from_zip(bytes).map_err(|failure| failure.chain())?,
    };
    let chain = assemble(&files, &csr).map_err(|failure| failure.chain())?;
    let proved = chain.prove(&csr, csr.names(), world.now());
    proved.map_err(|why| why.en().to_owned())
}
