//! What must hold. The world is asked, never the program.

use std::rc::Rc;

use super::cache::{CommandCache, Kept};
use super::scenarios::Kind;
use super::world::{ORDER, Order, World};
use crate::domain::{IntentKey, ItemId};
use crate::order::{Spool, State};

/// In every state.
pub(super) fn always(world: &World) -> Option<String> {
    let bought = world
        .orders
        .iter()
        .filter(|order| order.bought_for.is_some());
    for order in bought.clone() {
        let same = bought
            .clone()
            .filter(|other| other.bought_for == order.bought_for || other.key == order.key);
        let living = same.filter(|other| !other.dead).count();
        if living > 1 {
            return Some(format!(
                "money: {living} sales for operation {:?}",
                order.bought_for
            ));
        }
    }
    for order in &world.orders {
        let holders: Vec<u64> = world
            .scenario
            .items
            .iter()
            .copied()
            .filter(|item| holds(world, *item, &order.number))
            .collect();
        if holders.len() > 1 {
            return Some(format!(
                "shared: order {} is held by {holders:?}",
                order.number
            ));
        }
        if let Some(holder) = holders.first() {
            let is_own = order.bought_for.is_some_and(|(item, _)| item == *holder)
                || is_proved_by_csr(world, order);
            if !is_own && world.adopted.get(&order.number) != Some(holder) {
                return Some(format!("proof: order {} is not {holder}'s", order.number));
            }
        }
    }
    None
}

/// Services of one CSR: what the vendor shows by it is proof for each of them (design, law 3). Whose call it was cannot
/// be told there, and makes no difference as long as one has it.
fn is_proved_by_csr(world: &World, order: &Order) -> bool {
    world.scenario.kind == Kind::Marked && world.scenario.same_csr && order.bought_for.is_some()
}

fn holds(world: &World, item: u64, number: &str) -> bool {
    let named = world.parameter(item, ORDER) == Some(number);
    let placed = world.intent(item).is_some_and(|intent| {
        matches!(intent.state, State::Placed | State::Pending | State::Issued)
            && intent.order.is_some_and(|order| order.as_str() == number)
    });
    named || placed
}

/// Where no process lives and no request is on its way: what was sold has an owner.
pub(super) fn at_rest(
    world: &World,
    kept: &[Rc<Kept>],
    cache: &mut CommandCache,
    is_end: bool,
) -> Option<String> {
    for (id, queued) in &world.base.queue {
        let open = world
            .intent(queued.item)
            .is_some_and(|i| i.state.is_unsettled());
        // The bar may be lost with the writes of a command under which the database was set back; whoever restarts
        // the operation then still meets the intent and the ledger.
        let is_barred = world.is_barred(queued.item) || world.has_lost_writes;
        if queued.manual && !queued.done && open && !is_barred {
            return Some(format!(
                "person: operation {id} is manual, and its intent not barred"
            ));
        }
    }
    let bought = world.orders.iter().filter(|order| !order.dead);
    for order in bought {
        let Some((item, operation)) = order.bought_for else {
            continue;
        };
        let mut items = world.scenario.items.iter();
        if is_proved_by_csr(world, order) && items.any(|item| holds(world, *item, &order.number)) {
            continue;
        }
        let queued = &world.base.queue[&operation];
        // What a command had written before the database was set back under it is lost; the machine's ledger has it.
        if queued.done
            && !world.has_lost_writes
            && world.parameter(item, ORDER) != Some(order.number.as_str())
        {
            return Some(format!(
                "lost: operation {operation} is done, and service {item} has not order {}",
                order.number
            ));
        }
        if holds(world, item, &order.number) {
            continue;
        }
        if !is_known(world, kept, cache, item, order) {
            return Some(format!(
                "lost: nobody knows order {} of service {item}",
                order.number
            ));
        }
        // The platform runs it again, or a person has it.
        if is_end && !queued.manual && !queued.done && queued.tries < world.scenario.runs {
            return Some(format!("end: operation {operation} waits for nobody"));
        }
    }
    None
}

/// Whether something leads to an order that its service does not have yet.
fn is_known(
    world: &World,
    kept: &[Rc<Kept>],
    cache: &mut CommandCache,
    item: u64,
    order: &Order,
) -> bool {
    let by_intent = world.intent(item).is_some_and(|intent| {
        intent.key.as_str() == order.key || intent.order.is_some_and(|o| o.as_str() == order.number)
    });
    // What the vendor lists is found by the look before the next purchase.
    let by_vendor = !matches!(world.scenario.kind, Kind::Blind);
    let mut by_machine = || {
        let mut machines = kept.iter().enumerate();
        machines.any(|(node, kept)| {
            let (spool, key) = (
                Spool::below(&cache.root(node, kept)),
                IntentKey::new(&order.key),
            );
            let item = ItemId(item);
            spool.recall(item, &key).is_some() || spool.sent(item, &key).is_some()
        })
    };
    by_intent || by_vendor || world.is_barred(item) || by_machine()
}
