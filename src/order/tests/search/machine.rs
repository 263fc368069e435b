//! One run: the world with its processes, what may happen next, and what happens.

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as Waking, Waker};

use super::process::{Effect, Port, Slot, Turn, text_mark};
use super::scenes::{Sabotage, Scene};
use super::supplies::Supplies;
use super::world::{Pid, World};
use super::{command, rules};

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
struct Process {
    pid: Pid,
    /// Its last effect changed something, here or in its files.
    has_left: Cell<bool>,
    port: Rc<Port>,
    what: &'static str,
    node: usize,
    work: Pin<Box<dyn Future<Output = ()>>>,
}

impl Process {
    fn waits_for(&self) -> Effect {
        self.port.slot.waits_for.get().unwrap_or(Effect::Constant)
    }
}

/// One run.
pub(super) struct Machine {
    scene: Rc<Scene>,
    world: Rc<RefCell<World>>,
    processes: Vec<Process>,
    started: Pid,
    /// Where the machines keep their files.
    place: PathBuf,
    /// The marks of what each machine keeps; none where it may have changed.
    kept: RefCell<Vec<Option<u64>>>,
}

impl Machine {
    /// A run whose machines keep their files at a place, where nothing is yet.
    pub(super) fn new(scene: &Rc<Scene>, supplies: &Arc<Supplies>, place: &Path) -> Self {
        Self {
            scene: Rc::clone(scene),
            world: Rc::new(RefCell::new(World::new(scene, supplies))),
            processes: Vec::new(),
            started: 0,
            place: place.to_owned(),
            kept: RefCell::new(vec![None; scene.nodes]),
        }
    }

    /// The mark of what a machine keeps.
    fn kept(&self, node: usize) -> u64 {
        let known = self.kept.borrow()[node];
        known.unwrap_or_else(|| {
            let mut files = Vec::new();
            notes(&self.root(node), &mut files);
            let mark = text_mark(&files);
            self.kept.borrow_mut()[node] = Some(mark);
            mark
        })
    }

    fn root(&self, node: usize) -> PathBuf {
        self.place.join(node.to_string())
    }

    /// Everything that may happen now.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let world = self.world.borrow();
        let left = world.left;
        let mut all = Vec::new();
        if let Some(process) = self.alone(&world) {
            self.turns(&world, process, &mut all);
            return all;
        }
        for process in &self.processes {
            self.turns(&world, process, &mut all);
        }
        for (id, queued) in &world.base.queue {
            let lives = self.processes.iter().any(|p| p.port.operation == *id);
            let may_run = !lives || left.twins > 0;
            if !queued.done && !queued.manual && queued.tries < self.scene.runs && may_run {
                all.extend((0..self.scene.nodes).map(|node| Choice::Run(*id, node)));
            }
            if queued.manual && !queued.done && left.restarts > 0 {
                all.push(Choice::Restart(*id));
            }
        }
        for item in self.scene.items.iter() {
            if left.looks > 0 {
                all.extend((0..self.scene.nodes).map(|node| Choice::Look(*item, node)));
            }
            let settles = |p: &Process| p.what == "settle" && p.port.item == *item;
            let is_asked = self.scene.operations.iter().any(|(id, of, _)| {
                let queued = &world.base.queue[id];
                of == item && queued.manual && !queued.done
            });
            let is_asked = is_asked || world.is_barred(*item);
            if left.settled > 0 && is_asked && !self.processes.iter().any(settles) {
                all.push(Choice::Settle(*item));
            }
        }
        for (number, request) in world.on_way.iter().enumerate() {
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
        // A command that lives through it cannot know: what it has to do yet would go to another database.
        if left.set_backs > 0 && self.processes.is_empty() {
            all.extend((1..=world.past.len()).map(Choice::SetBack));
        }
        // What is on its way arrives within the settle time, or never: that is what the word means.
        let sends = self.processes.iter().any(|p| p.waits_for() == Effect::Send);
        if left.passes > 0 && world.on_way.is_empty() && !sends {
            all.push(Choice::Pass);
        }
        all
    }

    /// A process about to write what only it reads while it has the lock: it makes no difference to anybody when.
    fn alone(&self, world: &World) -> Option<&Process> {
        let bounds = self.scene.bounds;
        if bounds.cuts + bounds.set_backs + bounds.late_reads > 0 || self.scene.sabotage.is_some() {
            return None;
        }
        self.processes.iter().find(|process| {
            let item = process.port.item;
            let of_item = self.processes.iter().filter(|one| one.port.item == item);
            process.waits_for() == Effect::Private
                && world.locks.get(&item) == Some(&process.pid)
                && of_item
                    .filter(|one| one.waits_for() != Effect::Lock)
                    .count()
                    == 1
        })
    }

    fn turns(&self, world: &World, process: &Process, all: &mut Vec<Choice>) {
        let (left, pid, item) = (world.left, process.pid, process.port.item);
        let effect = process.waits_for();
        let others = |holder: Option<&Pid>| holder.is_some_and(|holder| *holder != pid);
        let keeps_nobody_out = self.scene.sabotage == Some(Sabotage::KeepsNobodyOut);
        let is_taken = match effect {
            Effect::Lock | Effect::Login if keeps_nobody_out => false,
            Effect::Lock => others(world.locks.get(&item)),
            Effect::Login => others(world.login.as_ref()),
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
        let has_left = process.has_left.get() || effect == Effect::Send;
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
    pub(super) fn act(&mut self, choice: Choice) {
        match choice {
            Choice::Turn(pid, turn) => self.turn(pid, turn),
            Choice::Kill(pid) => {
                self.world.borrow_mut().left.kills -= 1;
                self.bury(pid);
            }
            Choice::Cut(pid) => {
                let mut world = self.world.borrow_mut();
                world.left.cuts -= 1;
                world.locks.retain(|_, holder| *holder != pid);
                world.login = world.login.filter(|holder| *holder != pid);
            }
            Choice::Run(operation, node) => self.run(operation, node),
            Choice::Look(item, node) => {
                self.world.borrow_mut().left.looks -= 1;
                self.start(item, 0, "sync_item", node);
            }
            Choice::Settle(item) => {
                self.world.borrow_mut().left.settled -= 1;
                self.start(item, 0, "settle", 0);
            }
            Choice::Restart(operation) => {
                let mut world = self.world.borrow_mut();
                world.left.restarts -= 1;
                let queued = world.base.queue.get_mut(&operation).unwrap();
                queued.manual = false;
                queued.tries = 0;
            }
            Choice::Arrive(number, listed) => {
                let mut world = self.world.borrow_mut();
                world.left.late_listings -= u8::from(!listed);
                world.arrive(number, listed);
            }
            Choice::Refuse(number) => {
                let mut world = self.world.borrow_mut();
                world.left.refusals -= 1;
                world.refuse(number);
            }
            Choice::Vanish(number) => {
                self.world.borrow_mut().on_way.remove(number);
            }
            Choice::ByHand => {
                let mut world = self.world.borrow_mut();
                world.left.by_hand -= 1;
                world.order_by_hand();
            }
            Choice::SetBack(writes) => {
                let mut world = self.world.borrow_mut();
                world.left.set_backs -= 1;
                world.set_back(writes);
            }
            Choice::Pass => {
                let mut world = self.world.borrow_mut();
                world.left.passes -= 1;
                world.pass();
            }
        }
    }

    fn run(&mut self, operation: u64, node: usize) {
        let lives = self
            .processes
            .iter()
            .any(|process| process.port.operation == operation);
        let (item, command) = {
            let mut world = self.world.borrow_mut();
            world.left.twins -= u8::from(lives);
            let queued = world.base.queue.get_mut(&operation).unwrap();
            queued.tries += 1;
            (queued.item, queued.command)
        };
        self.start(item, operation, command, node);
    }

    fn start(&mut self, item: u64, operation: u64, what: &'static str, node: usize) {
        self.started += 1;
        let port = Rc::new(Port {
            world: Rc::clone(&self.world),
            slot: Rc::new(Slot::default()),
            pid: self.started,
            item,
            operation,
        });
        let (root, own) = (self.root(node), Rc::clone(&port));
        self.processes.push(Process {
            pid: port.pid,
            has_left: Cell::new(true),
            port,
            what,
            node,
            work: Box::pin(command::run(own, root, what)),
        });
        self.poll(self.processes.len() - 1, false);
    }

    fn turn(&mut self, pid: Pid, turn: Turn) {
        let at = self.place_of(pid);
        {
            let mut world = self.world.borrow_mut();
            let effect = self.processes[at].waits_for();
            match (turn, effect) {
                (Turn::GoAndDie, _) => world.left.kills -= 1,
                (Turn::Late(_), _) => world.left.late_reads -= 1,
                (Turn::GiveUp, Effect::Answer) => {
                    world.left.lost_answers -= 1;
                    world.answers.remove(&pid);
                    for request in &mut world.on_way {
                        request.waits = request.waits.filter(|waits| *waits != pid);
                    }
                }
                (Turn::GiveUp, _) => world.left.busy -= 1,
                (Turn::Fail, Effect::Send) => world.left.unsent -= 1,
                (Turn::Fail | Turn::FailAfter, _) => world.left.failures -= 1,
                (Turn::Go, _) => {}
            }
        }
        // A machine's notes on a service are read and written under its lock: what they are is seen with it, and
        // at every step where a lock can be lost.
        let own = &self.processes[at];
        let is_unsure = self.scene.bounds.cuts > 0 || self.scene.sabotage.is_some();
        if own.waits_for() == Effect::Lock || is_unsure {
            own.port.slot.see(&self.kept(own.node));
        }
        let is_look = matches!(own.waits_for(), Effect::Read | Effect::Look);
        let writes = [Effect::Write, Effect::Private, Effect::Answer, Effect::Send];
        let may_write = writes.contains(&own.waits_for());
        own.has_left.set(!is_look);
        own.port.slot.turn.set(Some(turn));
        self.poll(at, may_write);
        if turn == Turn::GoAndDie {
            self.bury(pid);
        }
    }

    /// Lets a process go on to its next effect, or to its end.
    fn poll(&mut self, at: usize, may_write: bool) {
        let process = &mut self.processes[at];
        let pid = process.pid;
        process.port.slot.see(&self.world.borrow().now());
        command::make_current(Some(&process.port));
        let mut waking = Waking::from_waker(Waker::noop());
        let is_done = process.work.as_mut().poll(&mut waking).is_ready();
        command::make_current(None);
        // Files are written before something is sent or stored, and once it was.
        let may_have = [Effect::Write, Effect::Private, Effect::Send];
        if may_write || may_have.contains(&process.waits_for()) {
            self.kept.borrow_mut()[process.node] = None;
        }
        if is_done {
            self.bury(pid);
        }
    }

    fn place_of(&self, pid: Pid) -> usize {
        let mut processes = self.processes.iter();
        processes.position(|process| process.pid == pid).unwrap()
    }

    fn bury(&mut self, pid: Pid) {
        self.processes.retain(|process| process.pid != pid);
        self.world.borrow_mut().gone(pid);
    }

    /// The rule that is broken now, if one is. `is_end`: nothing can happen any more.
    pub(super) fn broken(&self, is_end: bool) -> Option<String> {
        let world = self.world.borrow();
        let broken = world.broken.clone().or_else(|| rules::always(&world));
        let rests = self.processes.is_empty() && world.on_way.is_empty();
        broken.or_else(|| {
            let roots: Vec<PathBuf> = (0..self.scene.nodes).map(|n| self.root(n)).collect();
            rests.then(|| rules::at_rest(&world, &roots, is_end))?
        })
    }

    /// The mark of the state: two prefixes with one mark go on alike.
    pub(super) fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let rank = |pid| self.processes.iter().position(|process| process.pid == pid);
        self.world.borrow().mark(&rank, &mut hasher);
        for process in &self.processes {
            let port = &process.port;
            (port.item, port.operation, process.what, process.node).hash(&mut hasher);
            let state = (
                process.waits_for(),
                port.slot.seen.get(),
                process.has_left.get(),
            );
            state.hash(&mut hasher);
        }
        for node in 0..self.scene.nodes {
            self.kept(node).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// What a process waits for, to show a path.
    pub(super) fn tell(&self, choice: Choice) -> String {
        match choice {
            Choice::Turn(pid, turn) => {
                let process = &self.processes[self.place_of(pid)];
                let effect = process.waits_for();
                format!(
                    "{pid} {} {}: {effect:?} {turn:?}",
                    process.what, process.port.item
                )
            }
            other => format!("{other:?}"),
        }
    }
}

/// Everything that a machine keeps in files.
fn notes(directory: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            notes(&path, files);
        } else if let Ok(text) = std::fs::read(&path) {
            let name = path.file_name().unwrap_or_default().into();
            files.push((name, text));
        }
    }
}
