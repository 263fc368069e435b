//! A person who settles: looks with `pmssl resolve`, looks into the vendor's panel, says what is true, and restarts
//! the operation.

use super::process::{Effect, Port};
use super::world::{ORDER, World};
use crate::commands::{self, Context};
use crate::domain::{ItemId, VendorOrderId};
use crate::failure::{Failure, Reason};
use crate::order::OrderSession;

/// What the panel shows about the service's last order.
#[derive(Debug, Clone)]
struct Panel {
    /// It was sold, and no service has it.
    sold: Option<String>,
    /// Nothing can arrive any more.
    is_sure: bool,
}

fn panel(world: &World, item: u64, since: Option<i64>) -> Panel {
    let is_free = |number: &str| {
        let mut services = world.base.services.values();
        services.all(|stored| stored.parameters.get(ORDER).is_none_or(|n| n != number))
    };
    let mut orders = world.orders.iter().rev();
    let sold = orders.find(|order| {
        let is_own = order.bought_for.is_some_and(|(of, _)| of == item);
        is_own && order.listed && !order.dead && is_free(&order.number)
    });
    let is_hidden = world.orders.iter().any(|order| !order.listed);
    let is_late = since.is_none_or(|since| world.now - since > 900);
    Panel {
        sold: sold.map(|order| order.number.clone()),
        is_sure: is_late && world.in_flight.is_empty() && !is_hidden,
    }
}

/// Settles what can be settled; a person who is not sure leaves it for later.
pub(super) async fn settle(context: &Context<'_>, port: &Port) {
    let item = ItemId(port.item);
    let settled =
        commands::with_session(context, item, async |session, _| say(session, port).await).await;
    if settled.is_err() {
        return;
    }
    let own = port.item;
    let restarted = port.effect(Effect::Write, move |world| world.restart_all_of(own));
    let _ = restarted.await;
}

async fn say(session: &mut OrderSession<'_>, port: &Port) -> Result<(), Failure> {
    let Some(open) = session.open_question() else {
        return Ok(());
    };
    let seen = session.evidence(&[]).await?;
    let since = Some(open.since.timestamp());
    let item = port.item;
    let panel = port.effect(Effect::Look, move |world| panel(world, item, since));
    let panel = panel.await?;
    if let Some(order) = panel.sold {
        let order = VendorOrderId::new(order);
        if session.other_owner(&order).await?.is_none() {
            return session.adopt_by_person(&order).await;
        }
    }
    let refuses = || Failure::new(Reason::OutcomeUnknown);
    if !panel.is_sure || seen.too_early.is_some() || !seen.proved.is_empty() {
        return Err(refuses());
    }
    let foreign: Vec<VendorOrderId> = seen.candidates.into_iter().map(|one| one.order).collect();
    if !foreign.is_empty() {
        session.declare_foreign(&foreign).await?;
    }
    session.reject_by_person().await
}
