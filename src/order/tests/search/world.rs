//! The small world of a search: a database, locks, a vendor, requests on their way, a clock. Everything in it is
//! counted in the mark of a state, so that two states with one mark go on alike.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::scenarios::{Bounds, Kind, Locks, Sabotage, Scenario};
use super::supplies::Supplies;
use crate::domain::{ItemId, TemplateCode};
use crate::order::{Intent, State, intent, person};
use crate::platform::{Finish, Service};

/// The number of a process: never used again within a run.
pub(super) type Pid = usize;

/// Stands for the login among the services that are locked.
pub(super) const LOGIN: u64 = 0;

/// The parameter in which the module keeps the vendor's number.
pub(super) const ORDER: &str = "store_order_id";

/// The parameter of law 5: a text that no other run writes.
pub(super) const FRESH: &str = "pmssl_fresh";

/// Seconds that pass at once: more than the settle time of the vendor.
const PASS: i64 = 16 * 60;

/// The platform gives up after so many tries.
const MOST_TRIES: u32 = 10;

/// What the database keeps of a service.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) status: i64,
}

/// A queued operation.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Queued {
    pub(super) item: u64,
    pub(super) command: &'static str,
    pub(super) tries: u32,
    pub(super) manual: bool,
    pub(super) done: bool,
}

/// What is set back with the database: services and queue.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) services: BTreeMap<u64, Rc<Stored>>,
    pub(super) queue: BTreeMap<u64, Queued>,
}

/// An order in the vendor's records.
#[derive(Clone, Hash)]
pub(super) struct Order {
    pub(super) number: String,
    /// The reference that came with it.
    pub(super) key: String,
    pub(super) csr: String,
    pub(super) name: String,
    /// The service and the operation for which the program bought it; none where a person bought it.
    pub(super) bought_for: Option<(u64, u64)>,
    /// Listings show it.
    pub(super) listed: bool,
    pub(super) dead: bool,
    pub(super) at: i64,
}

/// A paid request on its way.
#[derive(Clone, Hash)]
pub(super) struct Request {
    /// Who waits for the answer, if anybody still does.
    pub(super) waits: Option<Pid>,
    pub(super) item: u64,
    pub(super) operation: u64,
    pub(super) key: String,
    pub(super) token: String,
    pub(super) csr: String,
    pub(super) name: String,
}

/// What came back for it.
#[derive(Clone, Debug, Hash)]
pub(super) enum Answer {
    Placed(String),
    Refused,
}

/// The mark of law 5 that stands in the world for one of a process.
pub(super) fn mark_of(pid: Pid, count: usize, place: Option<usize>) -> String {
    let place = place.map(|node| format!(" at {}", server(node)));
    format!("{pid}.{count}{}", place.unwrap_or_default())
}

/// The server that a machine takes its locks at, where each has one of its own.
pub(super) fn server(node: usize) -> String {
    format!("server {node}")
}

/// All of it.
#[derive(Clone)]
pub(super) struct World {
    pub(super) scenario: Rc<Scenario>,
    pub(super) supplies: Arc<Supplies>,
    /// Seconds since 1970.
    pub(super) now: i64,
    /// What may still go wrong.
    pub(super) left: Bounds,
    pub(super) base: Rc<Base>,
    /// The database before each of its writes, where that may be seen again.
    pub(super) past: Vec<Rc<Base>>,
    /// The read at hand sees the database before its last so many writes.
    pub(super) late: usize,
    /// By service, 0 for the login, and server.
    pub(super) locks: BTreeMap<(u64, usize), Pid>,
    pub(super) orders: Vec<Order>,
    /// Numbers that the vendor has issued.
    pub(super) issued: usize,
    pub(super) in_flight: Vec<Request>,
    pub(super) answers: BTreeMap<Pid, Answer>,
    /// Tasks that no operation belongs to.
    pub(super) tasks: BTreeMap<u64, u32>,
    /// Numbers that a person has called a service's.
    pub(super) adopted: BTreeMap<String, u64>,
    /// The database was set back under a living command: what it had written is lost, and what it has yet to write
    /// is not.
    pub(super) has_lost_writes: bool,
    /// The first broken rule.
    pub(super) broken: Option<String>,
}

impl World {
    pub(super) fn new(scenario: &Rc<Scenario>, supplies: &Arc<Supplies>) -> Self {
        let services = scenario.items.iter().map(|item| {
            let stored = Stored {
                parameters: supplies.parameters(scenario, *item),
                status: 1,
            };
            (*item, Rc::new(stored))
        });
        let queue = scenario.operations.iter().map(|(id, item, command)| {
            let queued = Queued {
                item: *item,
                command,
                tries: 0,
                manual: false,
                done: false,
            };
            (*id, queued)
        });
        let world = Self {
            scenario: Rc::clone(scenario),
            supplies: Arc::clone(supplies),
            now: super::supplies::BEGIN,
            left: scenario.bounds,
            base: Rc::new(Base {
                services: services.collect(),
                queue: queue.collect(),
            }),
            past: Vec::new(),
            late: 0,
            locks: BTreeMap::new(),
            orders: Vec::new(),
            issued: 0,
            in_flight: Vec::new(),
            answers: BTreeMap::new(),
            tasks: BTreeMap::new(),
            adopted: BTreeMap::new(),
            has_lost_writes: false,
            broken: None,
        };
        world.with_former_orders()
    }

    /// Services that are renewed have an order already.
    fn with_former_orders(mut self) -> Self {
        for (item, stored) in &self.base.services {
            let Some(number) = stored.parameters.get(ORDER) else {
                continue;
            };
            self.orders.push(Order {
                number: number.clone(),
                key: String::new(),
                csr: self.supplies.csr(&self.scenario, *item),
                name: self.supplies.name(&self.scenario, *item),
                bought_for: None,
                listed: true,
                dead: false,
                at: super::supplies::BEGIN - 365 * 24 * 3600,
            });
            self.adopted.insert(number.clone(), *item);
        }
        self
    }

    /// The clock passes the settle time: what was sold is listed by then.
    pub(super) fn pass(&mut self) {
        self.now += PASS;
        for order in &mut self.orders {
            order.listed = true;
        }
    }

    /// What a read sees.
    fn seen(&self) -> &Base {
        match self.late {
            0 => &self.base,
            back => &self.past[self.past.len() - back],
        }
    }

    /// Before the database is written.
    pub(super) fn about_to_write(&mut self) {
        if self.left.late_reads > 0 || self.left.set_backs > 0 {
            self.past.push(Rc::clone(&self.base));
        }
    }

    /// `is_under_way`: a command lives that has written since.
    pub(super) fn set_back(&mut self, writes: usize, is_under_way: bool) {
        self.has_lost_writes |= is_under_way;
        let at = self.past.len() - writes;
        self.base = Rc::clone(&self.past[at]);
        self.past.truncate(at);
        // The servers' connections are cut by it.
        self.locks.clear();
    }

    pub(super) fn service(&self, item: ItemId) -> Service {
        let stored = &self.seen().services[&item.0];
        Service {
            item_type: "certificate".into(),
            account: Some(crate::domain::AccountId(1)),
            module: Some("pmthesslstore".into()),
            template: Some(TemplateCode::new("positivessl")),
            period: 12,
            status: stored.status,
            created: chrono::DateTime::from_timestamp(super::supplies::BEGIN, 0)
                .map(|at| at.date_naive()),
            parameters: stored.parameters.clone(),
            csr: Some(self.supplies.csr(&self.scenario, item.0)),
            ..Service::default()
        }
    }

    pub(super) fn parameter(&self, item: u64, name: &str) -> Option<&str> {
        let value = self.base.services[&item].parameters.get(name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn write(&mut self, item: ItemId, name: &str, value: &str) {
        self.about_to_write();
        if let Some(stored) = self.base_mut().services.get_mut(&item.0) {
            let stored = Rc::make_mut(stored);
            stored.parameters.insert(name.to_owned(), value.to_owned());
        }
    }

    pub(super) fn finish(&mut self, item: ItemId, finish: Finish) {
        self.about_to_write();
        let (command, status) = match finish {
            Finish::Prolong => ("prolong", 2),
            Finish::Close => ("close", 4),
            _ => ("open", 2),
        };
        let base = self.base_mut();
        for queued in base.queue.values_mut() {
            if queued.item == item.0 && queued.command == command {
                queued.done = true;
            }
        }
        if let Some(stored) = base.services.get_mut(&item.0)
            && stored.status != 4
        {
            Rc::make_mut(stored).status = status;
        }
    }

    fn base_mut(&mut self) -> &mut Base {
        Rc::make_mut(&mut self.base)
    }

    pub(super) fn operation_mut(&mut self, operation: u64) -> &mut Queued {
        self.base_mut().queue.get_mut(&operation).unwrap()
    }

    /// The platform runs an operation: its service and command.
    pub(super) fn try_once_more(&mut self, operation: u64) -> (u64, &'static str) {
        let queued = self.operation_mut(operation);
        queued.tries += 1;
        (queued.item, queued.command)
    }

    /// A person has the platform try again.
    pub(super) fn restart(&mut self, operation: u64) {
        let queued = self.operation_mut(operation);
        queued.manual = false;
        queued.tries = 0;
    }

    /// A person has the platform try all that of a service again which waits for a person.
    pub(super) fn restart_all_of(&mut self, item: u64) {
        self.about_to_write();
        let queue = &self.base.queue;
        let manual = queue
            .iter()
            .filter(|(_, one)| one.item == item && one.manual);
        let manual: Vec<u64> = manual.map(|(id, _)| *id).collect();
        for operation in manual {
            self.restart(operation);
        }
    }

    /// The tries that the platform counts: the last run of a scenario is the platform's last.
    pub(super) fn tries(&self, operation: u64) -> u32 {
        let tries = self.seen().queue[&operation].tries;
        // Where locks are apart, nobody is given what the other machine is about to send.
        if tries >= self.scenario.runs && self.scenario.locks != Locks::Apart {
            MOST_TRIES
        } else {
            tries
        }
    }

    /// Services that have an order, or whose intent names it: as the adapter's query answers.
    pub(super) fn holders(&self, number: &str) -> Vec<ItemId> {
        let services = self.seen().services.iter();
        let holds = |stored: &Stored| {
            let named = stored.parameters.get(ORDER).is_some_and(|n| n == number);
            let text = stored.parameters.get(intent::PARAMETER);
            let intent = text.and_then(|text| Intent::from_text(text).ok());
            named || intent.is_some_and(|i| i.order.is_some_and(|o| o.as_str() == number))
        };
        services
            .filter(|(_, stored)| holds(stored))
            .map(|(item, _)| ItemId(*item))
            .collect()
    }

    pub(super) fn intent(&self, item: u64) -> Option<Intent> {
        let text = self.parameter(item, intent::PARAMETER)?;
        Intent::from_text(text).ok()
    }

    /// Whether a person has the service's open intent.
    pub(super) fn is_barred(&self, item: u64) -> bool {
        let given = self.parameter(item, person::PARAMETER).unwrap_or_default();
        self.intent(item).is_some_and(|intent| {
            let open = matches!(
                intent.state,
                State::Prepared | State::Sent | State::Unknown | State::Rejected
            );
            open && given.contains(intent.key.as_str())
        })
    }

    /// A request arrives: the vendor sells, and the answer begins its way.
    pub(super) fn arrive(&mut self, number: usize, listed: bool) {
        let request = self.in_flight.remove(number);
        let is_numbered = self.scenario.kind == Kind::Numbered;
        let sold = if is_numbered {
            request.token.clone()
        } else {
            format!("{}", 7701 + self.orders.len())
        };
        let is_used = self.orders.iter().any(|order| order.number == sold);
        let answer = if is_used {
            Answer::Refused
        } else {
            self.orders.push(Order {
                number: sold.clone(),
                key: request.key,
                csr: request.csr,
                name: request.name,
                bought_for: Some((request.item, request.operation)),
                listed,
                dead: false,
                at: self.now,
            });
            Answer::Placed(sold)
        };
        if let Some(pid) = request.waits {
            self.answers.insert(pid, answer);
        }
    }

    pub(super) fn refuse(&mut self, number: usize) {
        let request = self.in_flight.remove(number);
        if let Some(pid) = request.waits {
            self.answers.insert(pid, Answer::Refused);
        }
    }

    /// A person orders the first service's name in the vendor's panel.
    pub(super) fn order_by_hand(&mut self) {
        let item = self.scenario.items[0];
        let number = format!("{}", 9901 + self.orders.len());
        self.orders.push(Order {
            number,
            key: String::new(),
            csr: "a key of the person's own".into(),
            name: self.supplies.name(&self.scenario, item),
            bought_for: None,
            listed: true,
            dead: false,
            at: self.now,
        });
    }

    /// A rule is broken; the first one counts.
    pub(super) fn breaks(&mut self, rule: &str) {
        self.broken.get_or_insert_with(|| rule.to_owned());
    }

    pub(super) fn unlock(&mut self, lock: (u64, usize), pid: Pid) {
        if self.locks.get(&lock) == Some(&pid) {
            self.locks.remove(&lock);
        }
    }

    /// The process is gone, with its connections.
    pub(super) fn gone(&mut self, pid: Pid) {
        self.locks.retain(|_, holder| *holder != pid);
        self.give_up(pid);
        if let Some(Sabotage::Forgets(name)) = self.scenario.sabotage {
            for stored in self.base_mut().services.values_mut() {
                Rc::make_mut(stored).parameters.remove(name);
            }
        }
    }

    /// Nobody waits for the answer any longer.
    pub(super) fn give_up(&mut self, pid: Pid) {
        self.answers.remove(&pid);
        for request in &mut self.in_flight {
            request.waits = request.waits.filter(|waits| *waits != pid);
        }
    }
}
