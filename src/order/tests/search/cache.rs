//! What the real commands do, remembered: a command that has seen the same goes on alike, so that it is run once for
//! each of its own courses and not once for each state of the world.
//!
//! A course is a chain of points. At each the command has handed over what it is about to do, and waits for the answer.
//! What follows is decided by the answer, the clock and its machine's files; where that was met before, it is known.
//! Where it was not, the command itself goes on: its future, or one that is brought to that point again.

use std::any::Any;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context as Waking, Waker};

use super::command;
use super::process::{Answered, Pending, Port, Slot, text_mark};
use super::scenarios::Scenario;
use super::world::Pid;

/// So many futures are kept where they stand; the others are brought there again when they are needed.
const MOST_LIVING: usize = 512;

/// Where a command stands.
pub(super) type Place = usize;

/// A command as it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Start {
    pub(super) pid: Pid,
    pub(super) item: u64,
    /// 0 for none.
    pub(super) operation: u64,
    pub(super) what: &'static str,
    pub(super) node: usize,
}

/// Everything that a machine keeps in files.
#[derive(Debug, Default)]
pub(super) struct Kept {
    texts: BTreeMap<PathBuf, Vec<u8>>,
    pub(super) mark: u64,
}

/// What a command finds when it goes on: the clock, and its machine's files.
#[derive(Clone)]
pub(super) struct Moment {
    pub(super) now: i64,
    pub(super) kept: Rc<Kept>,
}

/// The mark of the answer, none for a failure; the clock; the mark of the files.
type Met = (Option<u64>, i64, u64);

struct Point {
    start: Start,
    /// The point before, and what was answered there; none where the command began.
    before: Option<(Place, Option<Rc<dyn Any>>)>,
    met: Moment,
    /// Nothing: it has ended.
    pending: Option<Pending>,
    /// The files as they are then.
    left: Rc<Kept>,
    next: HashMap<Met, Place>,
}

/// A command that waits for an answer.
struct Living {
    port: Rc<Port>,
    work: Pin<Box<dyn Future<Output = ()>>>,
}

/// All courses of a scenario's commands.
pub(super) struct CommandCache {
    scenario: Rc<Scenario>,
    home: tempfile::TempDir,
    clock: Arc<AtomicI64>,
    points: Vec<Point>,
    starts: HashMap<(Start, i64, u64), Place>,
    living: HashMap<Place, Living>,
    /// Those, oldest first; some are gone on from already.
    order: VecDeque<Place>,
    /// What is in the machines' directories at the moment.
    laid_out: Vec<Rc<Kept>>,
    /// How often a command was let go on in truth.
    pub(super) polls: usize,
}

impl CommandCache {
    pub(super) fn new(scenario: &Rc<Scenario>) -> Self {
        // Written and read thousands of times: in memory where there is such a place.
        let shared = Path::new("/dev/shm");
        let home = match shared.is_dir() {
            true => tempfile::tempdir_in(shared),
            false => tempfile::tempdir(),
        };
        Self {
            scenario: Rc::clone(scenario),
            home: home.unwrap(),
            clock: Arc::default(),
            points: Vec::new(),
            starts: HashMap::new(),
            living: HashMap::new(),
            order: VecDeque::new(),
            laid_out: vec![Rc::default(); scenario.nodes],
            polls: 0,
        }
    }

    /// What a command is about to do; nothing when it has ended.
    pub(super) fn pending(&self, place: Place) -> Option<&Pending> {
        self.points[place].pending.as_ref()
    }

    /// A machine's directory with its files.
    pub(super) fn root(&mut self, node: usize, kept: &Rc<Kept>) -> PathBuf {
        let root = self.home.path().join(node.to_string());
        if self.laid_out[node].mark != kept.mark {
            if root.exists() {
                std::fs::remove_dir_all(&root).unwrap();
            }
            for (name, text) in &kept.texts {
                let file = root.join(name);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, text).unwrap();
            }
            self.laid_out[node] = Rc::clone(kept);
        }
        root
    }

    /// Where a command stands when it has begun, and the files as they are then.
    pub(super) fn start(&mut self, start: Start, met: Moment) -> (Place, Rc<Kept>) {
        let key = (start, met.now, met.kept.mark);
        let known = self.starts.get(&key).copied();
        let place = known.unwrap_or_else(|| {
            let living = self.begin(start);
            let place = self.go(living, start, None, met);
            self.starts.insert(key, place);
            place
        });
        (place, Rc::clone(&self.points[place].left))
    }

    /// Where a command stands once it was answered; none: what it wanted has failed.
    pub(super) fn go_on(
        &mut self,
        at: Place,
        answered: Option<&Answered>,
        met: Moment,
    ) -> (Place, Rc<Kept>) {
        let key = (answered.map(|(_, mark)| *mark), met.now, met.kept.mark);
        let known = self.points[at].next.get(&key).copied();
        let place = known.unwrap_or_else(|| {
            let answer = answered.map(|(answer, _)| Rc::clone(answer));
            let living = self.living_at(at);
            let start = self.points[at].start;
            let place = self.go(living, start, Some((at, answer)), met);
            self.points[at].next.insert(key, place);
            place
        });
        (place, Rc::clone(&self.points[place].left))
    }

    fn begin(&mut self, start: Start) -> Living {
        let port = Rc::new(Port {
            scenario: Rc::clone(&self.scenario),
            clock: Arc::clone(&self.clock),
            slot: Slot::default(),
            pid: start.pid,
            node: start.node,
            item: start.item,
            operation: start.operation,
            marks: Default::default(),
        });
        let root = self.home.path().join(start.node.to_string());
        let work = Box::pin(command::run(Rc::clone(&port), root, start.what));
        Living { port, work }
    }

    /// Lets a command go on from a point, to one that is new.
    fn go(
        &mut self,
        mut living: Living,
        start: Start,
        before: Option<(Place, Option<Rc<dyn Any>>)>,
        met: Moment,
    ) -> Place {
        let answer = before.as_ref().map(|(_, answer)| answer.clone());
        let pending = self.poll(&mut living, answer, &met);
        let left = self.look(start.node);
        let place = self.points.len();
        if pending.is_some() {
            self.keep(place, living);
        }
        self.points.push(Point {
            start,
            before,
            met,
            pending,
            left,
            next: HashMap::new(),
        });
        place
    }

    fn poll(
        &mut self,
        living: &mut Living,
        answer: Option<Option<Rc<dyn Any>>>,
        met: &Moment,
    ) -> Option<Pending> {
        self.polls += 1;
        self.root(living.port.node, &met.kept);
        self.clock.store(met.now, Ordering::Relaxed);
        living.port.slot.reply.replace(answer);
        command::make_current(Some(&living.port));
        let mut waking = Waking::from_waker(Waker::noop());
        let is_done = living.work.as_mut().poll(&mut waking).is_ready();
        command::make_current(None);
        let pending = living.port.slot.pending.take();
        assert_eq!(pending.is_none(), is_done, "nobody will wake it");
        pending
    }

    fn keep(&mut self, place: Place, living: Living) {
        self.living.insert(place, living);
        self.order.push_back(place);
        while self.order.len() > MOST_LIVING {
            let oldest = self.order.pop_front();
            oldest.and_then(|place| self.living.remove(&place));
        }
    }

    /// A command at a point: the one that stands there, or one that is brought there.
    fn living_at(&mut self, place: Place) -> Living {
        if let Some(living) = self.living.remove(&place) {
            return living;
        }
        let mut path = vec![place];
        while let Some((before, _)) = self.points[path[path.len() - 1]].before {
            path.push(before);
        }
        let start = self.points[place].start;
        let mut living = self.begin(start);
        for at in path.into_iter().rev() {
            let point = &self.points[at];
            let answer = point.before.as_ref().map(|(_, answer)| answer.clone());
            let (met, left) = (point.met.clone(), point.left.mark);
            let effect = point.pending.as_ref().map(|pending| pending.effect);
            let pending = self.poll(&mut living, answer, &met);
            // What the search leans on: the same answers lead to the same end.
            let came_to = pending.map(|pending| pending.effect);
            let kept = self.look(start.node).mark;
            assert_eq!((came_to, kept), (effect, left), "{start:?} at {at}");
        }
        living
    }

    /// The files of a machine as they are now.
    fn look(&mut self, node: usize) -> Rc<Kept> {
        let root = self.home.path().join(node.to_string());
        let mut texts = BTreeMap::new();
        read(&root, &root, &mut texts);
        if texts != self.laid_out[node].texts {
            let mark = text_mark(&texts);
            self.laid_out[node] = Rc::new(Kept { texts, mark });
        }
        Rc::clone(&self.laid_out[node])
    }
}

fn read(root: &Path, directory: &Path, texts: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(root, &path, texts);
        } else if let Ok(text) = std::fs::read(&path) {
            texts.insert(path.strip_prefix(root).unwrap().to_owned(), text);
        }
    }
}
