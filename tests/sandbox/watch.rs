//! Effect boundaries of the product: every statement, function and vendor call passes here twice, before
//! it takes effect and before its answer leaves. A test can record them, or have the process killed at one.

use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::lock;

/// How long a boundary waits for the process to be dead.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A statement of the database.
    Statement,
    /// A function of the panel, which is a run of mgrctl.
    Function,
    /// A call of a vendor.
    Call,
}

/// Beginning or end of an effect.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub at: Instant,
    pub effect: Effect,
    pub begins: bool,
}

#[derive(Default)]
struct State {
    watching: bool,
    kill_at: Option<usize>,
    seen: Vec<String>,
    struck: bool,
    dead: bool,
    /// Effects that have begun and whose answer has not left: they go on when the process dies.
    under_way: usize,
}

/// The boundaries of one world.
#[derive(Default)]
pub struct Watch {
    /// Noted only while somebody measures.
    marks: Mutex<Option<Vec<Mark>>>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Watch {
    /// Begins to note boundaries; with a number, the process is to be killed at that one.
    pub fn begin(&self, kill_at: Option<usize>) {
        let mut state = lock(&self.state);
        *state = State {
            watching: true,
            kill_at,
            under_way: state.under_way,
            ..State::default()
        };
    }

    /// Ends noting: the names of the boundaries that were passed.
    pub fn end(&self) -> Vec<String> {
        let mut state = lock(&self.state);
        state.watching = false;
        std::mem::take(&mut state.seen)
    }

    /// An effect begins.
    pub fn before(&self, place: &str) {
        lock(&self.state).under_way += 1;
        self.pass("before", place);
    }

    /// An effect has taken place; its answer has not left yet.
    pub fn after(&self, place: &str) {
        self.pass("after", place);
        lock(&self.state).under_way -= 1;
        self.changed.notify_all();
    }

    /// Waits until nothing is under way.
    pub fn quiet(&self) {
        let state = lock(&self.state);
        let busy = |state: &mut State| state.under_way > 0;
        let waited = self.changed.wait_timeout_while(state, PATIENCE, busy);
        let (state, waited) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(state);
        assert!(!waited.timed_out(), "an effect does not end");
    }

    /// A boundary. When it is the fatal one, the world is held there until the process is dead.
    fn pass(&self, when: &str, place: &str) {
        let mut state = lock(&self.state);
        if !state.watching {
            return;
        }
        let number = state.seen.len();
        state.seen.push(format!("{when} {place}"));
        if state.kill_at != Some(number) {
            return;
        }
        state.struck = true;
        self.changed.notify_all();
        let alive = |state: &mut State| !state.dead;
        let (state, waited) = self
            .changed
            .wait_timeout_while(state, PATIENCE, alive)
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(state);
        assert!(!waited.timed_out(), "nobody killed the process at {place}");
    }

    /// Whether the fatal boundary was reached.
    pub fn struck(&self) -> bool {
        lock(&self.state).struck
    }

    /// The process is dead: the world goes on, and notes no more.
    pub fn confirm(&self) {
        let mut state = lock(&self.state);
        state.dead = true;
        state.watching = false;
        self.changed.notify_all();
    }

    /// Begins to note times, or begins anew.
    pub fn measure(&self) {
        *lock(&self.marks) = Some(Vec::new());
    }

    /// Ends noting times: what was noted.
    pub fn measured(&self) -> Vec<Mark> {
        lock(&self.marks).take().unwrap_or_default()
    }

    /// An effect began so long ago.
    pub fn began(&self, effect: Effect, ago: Duration) {
        let now = Instant::now();
        self.mark(now.checked_sub(ago).unwrap_or(now), effect, true);
    }

    /// An effect is over.
    pub fn ended(&self, effect: Effect) {
        self.mark(Instant::now(), effect, false);
    }

    fn mark(&self, at: Instant, effect: Effect, begins: bool) {
        if let Some(marks) = lock(&self.marks).as_mut() {
            marks.push(Mark { at, effect, begins });
        }
    }
}
