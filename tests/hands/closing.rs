//! A service is deleted at every state of its order: nothing is bought by that, and it ends deleted, after a person's word
//! where nobody else can tell what was bought.

use super::at_every_vendor;
use crate::proof::{Command, PAUSE, Shop, Staged, Verdict, holds, resolve};
use crate::sandbox::vendor::Fault;

/// What had become of the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    /// Decided, and never sent.
    Prepared,
    /// A person has said that nothing was bought.
    Refused,
    /// Killed while it was sent, before it arrived.
    Sent,
    /// It never arrived, and nobody knows.
    Lost,
    /// It did, and its answer was lost.
    LostAnswer,
    /// Lost, and a person has the task.
    Given,
    /// The operation that ordered was not closed.
    Placed,
    Pending,
    Issued,
    Renewing,
    Reissuing,
}

const STATES: [State; 12] = [
    State::Nothing,
    State::Prepared,
    State::Refused,
    State::Sent,
    State::Lost,
    State::LostAnswer,
    State::Given,
    State::Placed,
    State::Pending,
    State::Issued,
    State::Renewing,
    State::Reissuing,
];

/// A service in a state, and what was sold to it where that is not known.
struct Case {
    item: u64,
    order: Option<String>,
}

/// The stored intent in another state.
fn store_as(shop: &Shop, item: u64, state: &str, other: &str) -> Verdict {
    let text = shop.world.item(item).parameter("pmssl_intent").to_owned();
    let (state, other) = (format!("|{state}|"), format!("|{other}|"));
    holds(text.contains(&state), || format!("not {state}: {text}"))?;
    let text = text.replacen(&state, &other, 1);
    let panel = shop.world.panel();
    panel.set_parameter(item, "pmssl_intent", Some(&text));
    Ok(())
}

fn lost(shop: &mut Shop, fault: Fault) -> Staged {
    let call = shop.trade.paid_call;
    let staged = shop.stage(Command::Open);
    shop.vendor().set_fault(call, fault, 1);
    shop.run(&staged);
    shop.vendor().clear_faults();
    staged
}

fn refused(shop: &mut Shop) -> Result<u64, String> {
    let item = lost(shop, Fault::ResetBeforeHandling).item;
    shop.world.advance(PAUSE);
    resolve(&shop.world, item, None)?;
    Ok(item)
}

fn given(shop: &mut Shop) -> u64 {
    let item = lost(shop, Fault::ResetBeforeHandling).item;
    let intent = shop.world.item(item).parameter("pmssl_intent").to_owned();
    // Version, operation, state, attempt, key, since ...
    let fields: Vec<&str> = intent.split('|').collect();
    let text = format!("1|{}|{}", fields[4], fields[5]);
    let panel = shop.world.panel();
    panel.set_parameter(item, "pmssl_person", Some(&text));
    item
}

/// A service that something more was ordered for; `None` where the vendor has no such thing.
fn under_way(shop: &mut Shop, command: Command) -> Result<Option<u64>, String> {
    if !command.is_served_by(shop.trade) {
        return Ok(None);
    }
    let staged = shop.stage(command);
    let outcome = shop.run(&staged);
    holds(outcome.is_ok(), || outcome.stdout.clone())?;
    Ok(Some(staged.item))
}

impl State {
    fn bring(self, shop: &mut Shop) -> Result<Option<Case>, String> {
        let item = match self {
            Self::Nothing => shop.service(),
            Self::Prepared => {
                let item = refused(shop)?;
                store_as(shop, item, "rejected", "prepared")?;
                item
            }
            Self::Refused => refused(shop)?,
            Self::Sent => {
                let item = lost(shop, Fault::ResetBeforeHandling).item;
                store_as(shop, item, "unknown", "sent")?;
                item
            }
            Self::Lost => lost(shop, Fault::ResetBeforeHandling).item,
            Self::LostAnswer => {
                let staged = lost(shop, Fault::ResetBeforeAnswer);
                let sold = shop.sold_since(&staged);
                holds(sold.len() == 1, || format!("{sold:?}"))?;
                let order = sold.into_iter().next().map(|sale| sale.order);
                let item = staged.item;
                return Ok(Some(Case { item, order }));
            }
            Self::Given => given(shop),
            Self::Placed => {
                let item = shop.ordered();
                store_as(shop, item, "pending", "placed")?;
                item
            }
            Self::Pending => shop.ordered(),
            Self::Issued => shop.issued(),
            Self::Renewing | Self::Reissuing => {
                let command = match self {
                    Self::Renewing => Command::Prolong,
                    _ => Command::Reopen,
                };
                match under_way(shop, command)? {
                    Some(item) => item,
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(Case { item, order: None }))
    }

    /// Whether a person has to say what was bought; `None` where it depends on what the vendor shows beside it.
    fn asks(self, module: &str) -> Option<bool> {
        let never_arrived = matches!(self, Self::Sent | Self::Lost | Self::Given);
        let asks = match module {
            // Its list is not known to be complete.
            "pmleadertelecom" => never_arrived || self == Self::LostAnswer,
            // A blank slot carries nothing of ours.
            "pmenomssl" => self == Self::LostAnswer,
            // Our reference, a number that was given before, or our CSR.
            _ => false,
        };
        // That nothing is shown is a proof at the one, and never one at the other.
        let is_plain = matches!(module, "pmthesslstore" | "pmleadertelecom");
        (is_plain || !never_arrived).then_some(asks)
    }
}

/// Whether a person had to be asked until the service was deleted.
fn close(shop: &Shop, case: &Case) -> Result<bool, String> {
    let closing = shop.asked(case.item, Command::Close);
    shop.run(&closing);
    shop.repeat(&closing);
    if shop.is_done(&closing) {
        return Ok(false);
    }
    let operation = closing.operation.ok_or("nothing is queued")?;
    let why = shop.has_task(operation)?;
    holds(why.contains("pmssl_outcome_"), || why)?;
    resolve(&shop.world, case.item, case.order.as_deref())?;
    shop.world.retry(operation);
    shop.repeat(&closing);
    holds(shop.is_done(&closing), || {
        format!("{:?}", shop.world.operation(operation))
    })?;
    Ok(true)
}

#[test]
fn a_deletion_at_any_state_buys_nothing_and_comes_to_its_end() {
    at_every_vendor(|shop| {
        for state in STATES {
            let told = |why: String| format!("{state:?}: {why}");
            let Some(case) = state.bring(shop).map_err(told)? else {
                continue;
            };
            let call = shop.trade.paid_call;
            let seen = |shop: &Shop| {
                let sales = shop.vendor().vendor().sales().len();
                (sales, shop.vendor().hits(call))
            };
            let before = seen(shop);
            let is_asked = close(shop, &case).map_err(told)?;
            let after = seen(shop);
            holds(after == before, || told(format!("{before:?}, {after:?}")))?;
            let expected = state.asks(shop.trade.module);
            holds(expected.is_none_or(|asks| asks == is_asked), || {
                told(format!("a person was asked: {is_asked}"))
            })?;
            let status = shop.world.item(case.item).status;
            holds(status == 4, || told(format!("status {status}")))?;
        }
        Ok(())
    });
}
