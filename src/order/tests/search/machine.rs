//! One state: the world with its processes, what may happen next, and what happens.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

use super::cache::{CommandCache, Kept, Moment, Place, Start};
use super::process::{Answered, Effect, Turn};
use super::rules;
use super::scenarios::{Locks, Sabotage, Scenario};
use super::supplies::Supplies;
use super::world::{LOGIN, Pid, World};

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Choice {
    /// A process makes its effect.
    Turn(Pid, Turn),
    /// A process is killed before its effect.
    Kill(Pid),
    /// The connection that holds a process's locks is cut.
    Cut(Pid),
    /// The platform runs an operation, on a machine.
    Run(u64, usize),
    /// The daemon looks at a service, on a machine.
    Look(u64, usize),
    /// A person settles a service's order.
    Settle(u64),
    /// A person restarts an operation, and settles nothing.
    Restart(u64),
    /// A request arrives, and what it buys is listed at once or late.
    Arrive(usize, bool),
    /// A request is refused, or lost on its way.
    Refuse(usize),
    Vanish(usize),
    /// A person orders the name in the vendor's panel.
    ByHand,
    /// The database is set back by so many writes.
    SetBack(usize),
    /// The clock passes the settle time.
    Pass,
}

/// Effects that leave something in the world.
const LEAVES: [Effect; 4] = [Effect::Write, Effect::Private, Effect::Issue, Effect::Send];

/// A living process.
#[derive(Clone)]
struct Process {
    start: Start,
    /// Its last effect changed something, here or in its files.
    has_left: bool,
    waits_for: Effect,
    /// The mark of everything that it has seen.
    seen: u64,
    place: Place,
}

impl Process {
    fn see(&mut self, seen: &impl Hash) {
        let mut hasher = DefaultHasher::new();
        (self.seen, seen).hash(&mut hasher);
        self.seen = hasher.finish();
    }
}

/// One state.
#[derive(Clone)]
pub(super) struct Machine {
    scenario: Rc<Scenario>,
    world: World,
    processes: Vec<Process>,
    started: Pid,
    /// What each machine keeps in files.
    kept: Vec<Rc<Kept>>,
}

impl Machine {
    /// A world in which nothing has happened yet.
    pub(super) fn new(scenario: &Rc<Scenario>, supplies: &Arc<Supplies>) -> Self {
        Self {
            scenario: Rc::clone(scenario),
            world: World::new(scenario, supplies),
            processes: Vec::new(),
            started: 0,
            kept: vec![Rc::default(); scenario.nodes],
        }
    }

    /// Everything that may happen now.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let world = &self.world;
        let left = world.left;
        let mut all = Vec::new();
        if let Some(process) = self.alone() {
            self.turns(process, &mut all);
            return all;
        }
        for process in &self.processes {
            self.turns(process, &mut all);
        }
        for (id, queued) in &world.base.queue {
            let lives = self.processes.iter().any(|p| p.start.operation == *id);
            let may_run = self.may_begin(*id, queued.tries) && (!lives || left.twins > 0);
            if !queued.done && !queued.manual && queued.tries < self.scenario.runs && may_run {
                all.extend((0..self.scenario.nodes).map(|node| Choice::Run(*id, node)));
            }
            if queued.manual && !queued.done && left.restarts > 0 {
                all.push(Choice::Restart(*id));
            }
        }
        for item in self.scenario.items.iter() {
            if left.looks > 0 {
                all.extend((0..self.scenario.nodes).map(|node| Choice::Look(*item, node)));
            }
            let settles = |p: &Process| p.start.what == "settle" && p.start.item == *item;
            let is_asked = self.scenario.operations.iter().any(|(id, of, _)| {
                let queued = &world.base.queue[id];
                of == item && queued.manual && !queued.done
            });
            let is_asked = is_asked || world.is_barred(*item);
            if left.settled > 0 && is_asked && !self.processes.iter().any(settles) {
                all.push(Choice::Settle(*item));
            }
        }
        for (number, request) in world.in_flight.iter().enumerate() {
            all.push(Choice::Arrive(number, true));
            if left.late_listings > 0 {
                all.push(Choice::Arrive(number, false));
            }
            if left.refusals > 0 {
                all.push(Choice::Refuse(number));
            }
            // Of a request whose answer is awaited, that nothing comes is told by giving up.
            if request.waits.is_none() {
                all.push(Choice::Vanish(number));
            }
        }
        if left.by_hand > 0 {
            all.push(Choice::ByHand);
        }
        if left.set_backs > 0 {
            all.extend((1..=world.past.len()).map(Choice::SetBack));
        }
        // What is on its way arrives within the settle time, or never: that is what the word means.
        let sends = self.processes.iter().any(|p| p.waits_for == Effect::Send);
        let is_too_soon = self.scenario.begins_with_one && !self.processes.is_empty();
        if left.passes > 0 && world.in_flight.is_empty() && !sends && !is_too_soon {
            all.push(Choice::Pass);
        }
        all
    }

    /// Whether an operation may be run now, as far as the scenario's beginning goes.
    fn may_begin(&self, operation: u64, tries: u32) -> bool {
        let is_over = !self.scenario.begins_with_one || self.world.left.passes == 0;
        let is_first = self
            .scenario
            .operations
            .first()
            .is_some_and(|(id, ..)| *id == operation);
        is_over || (is_first && tries == 0 && self.processes.is_empty())
    }

    /// A process about to write what only it reads while it has the lock: it makes no difference to anybody when.
    fn alone(&self) -> Option<&Process> {
        let bounds = self.scenario.bounds;
        if bounds.cuts + bounds.set_backs + bounds.late_reads > 0
            || self.scenario.sabotage.is_some()
            || self.scenario.locks == Locks::Apart
        {
            return None;
        }
        self.processes.iter().find(|process| {
            let item = process.start.item;
            let of_item = self.processes.iter().filter(|one| one.start.item == item);
            process.waits_for == Effect::Private
                && self.world.locks.get(&(item, 0)) == Some(&process.start.pid)
                && of_item.filter(|one| one.waits_for != Effect::Lock).count() == 1
        })
    }

    fn turns(&self, process: &Process, all: &mut Vec<Choice>) {
        let Start {
            pid, item, node, ..
        } = process.start;
        let server = self.scenario.server_of_locks(node);
        let (world, left, effect) = (&self.world, self.world.left, process.waits_for);
        let others = |holder: Option<&Pid>| holder.is_some_and(|holder| *holder != pid);
        let keeps_nobody_out = self.scenario.sabotage == Some(Sabotage::KeepsNobodyOut);
        let is_taken = match effect {
            Effect::Lock | Effect::Login if keeps_nobody_out => false,
            Effect::Lock => others(world.locks.get(&(item, server))),
            Effect::Login => others(world.locks.get(&(LOGIN, server))),
            Effect::Answer => !world.answers.contains_key(&pid),
            _ => false,
        };
        let mut add = |turn| all.push(Choice::Turn(pid, turn));
        if !is_taken {
            add(Turn::Go);
        }
        match effect {
            Effect::Lock | Effect::Login if is_taken && left.busy > 0 => add(Turn::GiveUp),
            Effect::Answer if left.lost_answers > 0 => add(Turn::GiveUp),
            Effect::Send if left.unsent > 0 => add(Turn::Fail),
            Effect::Read if left.late_reads > 0 => {
                let writes = world.past.len();
                let (last, all) = ((writes > 0).then_some(1), (writes > 1).then_some(writes));
                for back in [last, all].into_iter().flatten() {
                    add(Turn::Late(back));
                }
            }
            Effect::Write | Effect::Private if left.failures > 0 => {
                add(Turn::Fail);
                add(Turn::FailAfter);
            }
            _ => {}
        }
        // To die after a look is to die before it.
        let has_left = process.has_left || effect == Effect::Send;
        if left.kills > 0 && has_left {
            all.push(Choice::Kill(pid));
        }
        if left.kills > 0 && LEAVES.contains(&effect) {
            all.push(Choice::Turn(pid, Turn::GoAndDie));
        }
        if left.cuts > 0 && world.locks.values().any(|holder| *holder == pid) {
            all.push(Choice::Cut(pid));
        }
    }

    /// Lets one thing happen.
    pub(super) fn act(&mut self, choice: Choice, cache: &mut CommandCache) {
        let world = &mut self.world;
        match choice {
            Choice::Turn(pid, turn) => self.turn(pid, turn, cache),
            Choice::Kill(pid) => {
                world.left.kills -= 1;
                self.bury(pid);
            }
            Choice::Cut(pid) => {
                world.left.cuts -= 1;
                world.locks.retain(|_, holder| *holder != pid);
            }
            Choice::Run(operation, node) => self.run(operation, node, cache),
            Choice::Look(item, node) => {
                world.left.looks -= 1;
                self.start(item, 0, "sync_item", node, cache);
            }
            Choice::Settle(item) => {
                world.left.settled -= 1;
                self.start(item, 0, "settle", 0, cache);
            }
            Choice::Restart(operation) => {
                world.left.restarts -= 1;
                world.restart(operation);
            }
            Choice::Arrive(number, listed) => {
                world.left.late_listings -= u8::from(!listed);
                world.arrive(number, listed);
            }
            Choice::Refuse(number) => {
                world.left.refusals -= 1;
                world.refuse(number);
            }
            Choice::Vanish(number) => {
                world.in_flight.remove(number);
            }
            Choice::ByHand => {
                world.left.by_hand -= 1;
                world.order_by_hand();
            }
            Choice::SetBack(writes) => {
                world.left.set_backs -= 1;
                world.set_back(writes, !self.processes.is_empty());
            }
            Choice::Pass => {
                world.left.passes -= 1;
                world.pass();
            }
        }
    }

    fn run(&mut self, operation: u64, node: usize, cache: &mut CommandCache) {
        let mut processes = self.processes.iter();
        let lives = processes.any(|process| process.start.operation == operation);
        self.world.left.twins -= u8::from(lives);
        let (item, command) = self.world.try_once_more(operation);
        self.start(item, operation, command, node, cache);
    }

    fn start(
        &mut self,
        item: u64,
        operation: u64,
        what: &'static str,
        node: usize,
        cache: &mut CommandCache,
    ) {
        self.started += 1;
        let start = Start {
            pid: self.started,
            item,
            operation,
            what,
            node,
        };
        let (place, kept) = cache.start(start, self.moment(node));
        self.kept[node] = kept;
        let mut process = Process {
            start,
            has_left: true,
            waits_for: Effect::Constant,
            seen: 0,
            place,
        };
        process.see(&self.world.now);
        self.processes.push(process);
        self.go_on(self.processes.len() - 1, cache);
    }

    fn moment(&self, node: usize) -> Moment {
        Moment {
            now: self.world.now,
            kept: Rc::clone(&self.kept[node]),
        }
    }

    fn turn(&mut self, pid: Pid, turn: Turn, cache: &mut CommandCache) {
        let at = self.place_of(pid);
        let world = &mut self.world;
        let process = &mut self.processes[at];
        let effect = process.waits_for;
        match (turn, effect) {
            (Turn::GoAndDie, _) => world.left.kills -= 1,
            (Turn::Late(_), _) => world.left.late_reads -= 1,
            (Turn::GiveUp, Effect::Answer) => {
                world.left.lost_answers -= 1;
                world.give_up(pid);
            }
            (Turn::GiveUp, _) => world.left.busy -= 1,
            (Turn::Fail, Effect::Send) => world.left.unsent -= 1,
            (Turn::Fail | Turn::FailAfter, _) => world.left.failures -= 1,
            (Turn::Go, _) => {}
        }
        // A machine's notes on a service are read and written under its lock: what they are is seen with it, and
        // at every step where a lock can be lost.
        if effect == Effect::Lock || self.scenario.is_unsure() {
            process.see(&self.kept[process.start.node].mark);
        }
        process.has_left = !matches!(effect, Effect::Read | Effect::Look);
        let answered = match (turn, cache.pending(process.place)) {
            (Turn::Fail | Turn::GiveUp, _) | (_, None) => None,
            (_, Some(pending)) => {
                if let Turn::Late(writes) = turn {
                    world.late = writes;
                }
                let answered = (pending.act)(world);
                world.late = 0;
                Some(answered).filter(|_| turn != Turn::FailAfter)
            }
        };
        if turn == Turn::GoAndDie {
            return self.bury(pid);
        }
        self.tell_answer(at, answered.as_ref(), cache);
        self.go_on(at, cache);
    }

    /// Gives a process its answer; none: what it wanted has failed.
    fn tell_answer(&mut self, at: usize, answered: Option<&Answered>, cache: &mut CommandCache) {
        let now = self.world.now;
        let Process { start, place, .. } = self.processes[at];
        let (place, kept) = cache.go_on(place, answered, self.moment(start.node));
        self.kept[start.node] = kept;
        let process = &mut self.processes[at];
        process.see(&(answered.map(|(_, mark)| *mark), now));
        process.place = place;
    }

    /// Lets a process go on to its next effect that others can tell, or to its end.
    fn go_on(&mut self, at: usize, cache: &mut CommandCache) {
        loop {
            let process = &mut self.processes[at];
            let Some(pending) = cache.pending(process.place) else {
                let pid = process.start.pid;
                return self.bury(pid);
            };
            process.waits_for = pending.effect;
            if pending.effect != Effect::Constant {
                return;
            }
            let answered = (pending.act)(&mut self.world);
            self.tell_answer(at, Some(&answered), cache);
        }
    }

    fn place_of(&self, pid: Pid) -> usize {
        let mut processes = self.processes.iter();
        let is_it = |process: &Process| process.start.pid == pid;
        processes.position(is_it).unwrap()
    }

    fn bury(&mut self, pid: Pid) {
        self.processes.retain(|process| process.start.pid != pid);
        self.world.gone(pid);
    }

    /// The rule that is broken now, if one is. `is_end`: nothing can happen any more.
    pub(super) fn broken(&self, cache: &mut CommandCache, is_end: bool) -> Option<String> {
        let world = &self.world;
        let broken = world.broken.clone().or_else(|| rules::always(world));
        let rests = self.processes.is_empty() && world.in_flight.is_empty();
        broken.or_else(|| rests.then(|| rules::at_rest(world, &self.kept, cache, is_end))?)
    }

    /// The mark of the state: two prefixes with one mark go on alike.
    pub(super) fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let rank = |pid| {
            let mut processes = self.processes.iter();
            processes.position(|process| process.start.pid == pid)
        };
        self.world.mark(&rank, &mut hasher);
        for process in &self.processes {
            let apart = Start {
                pid: 0,
                ..process.start
            };
            let state = (process.waits_for, process.seen, process.has_left);
            (apart, state).hash(&mut hasher);
        }
        for kept in &self.kept {
            kept.mark.hash(&mut hasher);
        }
        hasher.finish()
    }

    /// What a process waits for, to show a path.
    pub(super) fn tell(&self, choice: Choice) -> String {
        match choice {
            Choice::Turn(pid, turn) => {
                let process = &self.processes[self.place_of(pid)];
                let Start { what, item, .. } = process.start;
                format!("{pid} {what} {item}: {:?} {turn:?}", process.waits_for)
            }
            other => format!("{other:?}"),
        }
    }
}
