//! A process as the search drives it: each effect waits for its turn, and what it has seen makes its local state.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::task::Poll;

use super::world::{Pid, World};
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// What a process is about to do, as far as others can tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Effect {
    /// Reads what nothing in the world changes: it is nobody's turn but its own.
    Constant,
    /// Takes the service's lock.
    Lock,
    /// Takes the login's lock.
    Login,
    /// Reads the database.
    Read,
    /// Writes what only processes of this service read, under its lock.
    Private,
    /// Writes to the platform.
    Write,
    /// Gives a lock back, or asks about it.
    LockState,
    /// Looks at the vendor.
    Look,
    /// Has the vendor issue a number.
    Issue,
    /// Sends the paid request.
    Send,
    /// Waits for the answer to it.
    Answer,
}

/// How an effect goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Go,
    /// It takes place, and the process does not live to see it.
    GoAndDie,
    /// It fails: before it took place, or after.
    Fail,
    FailAfter,
    /// A read sees the database before its last so many writes.
    Late(usize),
    /// It is not waited for any longer.
    GiveUp,
}

/// Between a process and the search.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) waits_for: Cell<Option<Effect>>,
    pub(super) turn: Cell<Option<Turn>>,
    /// The mark of everything that the process has seen.
    pub(super) seen: Cell<u64>,
}

impl Slot {
    async fn turn(&self, effect: Effect) -> Turn {
        poll_fn(|_| match self.turn.take() {
            Some(turn) => Poll::Ready(turn),
            None => {
                self.waits_for.set(Some(effect));
                Poll::Pending
            }
        })
        .await
    }

    pub(super) fn see(&self, seen: &impl Hash) {
        let mut hasher = DefaultHasher::new();
        (self.seen.get(), seen).hash(&mut hasher);
        self.seen.set(hasher.finish());
    }
}

/// The platform, the vendor and the person's panel as one process reaches them.
pub(super) struct Port {
    pub(super) world: Rc<RefCell<World>>,
    pub(super) slot: Rc<Slot>,
    pub(super) pid: Pid,
    /// The service that is served.
    pub(super) item: u64,
    /// The operation that is served; 0 for none.
    pub(super) operation: u64,
}

impl Port {
    /// An effect in its turn; its answer is seen by its text.
    pub(super) async fn effect<T: fmt::Debug>(
        &self,
        effect: Effect,
        act: impl FnOnce(&mut World) -> T,
    ) -> Result<T, Failure> {
        self.effect_seen(effect, act, |answer, _| text_mark(answer))
            .await
    }

    /// An effect in its turn.
    pub(super) async fn effect_seen<T>(
        &self,
        effect: Effect,
        act: impl FnOnce(&mut World) -> T,
        seen: impl FnOnce(&T, &World) -> u64,
    ) -> Result<T, Failure> {
        let turn = if effect == Effect::Constant {
            Turn::Go
        } else {
            self.slot.turn(effect).await
        };
        let failed = || Failure::new(Reason::PlatformFunction).detail(Words::verbatim("it failed"));
        if matches!(turn, Turn::Fail | Turn::GiveUp) {
            self.slot.see(&"failed");
            return Err(failed());
        }
        let (answer, mark) = self.make(turn, act, seen);
        match turn {
            Turn::GoAndDie => std::future::pending().await,
            Turn::FailAfter => {
                self.slot.see(&"failed");
                Err(failed())
            }
            _ => {
                self.slot.see(&mark);
                Ok(answer)
            }
        }
    }

    /// Makes an effect: its answer, and the mark of what was seen.
    fn make<T>(
        &self,
        turn: Turn,
        act: impl FnOnce(&mut World) -> T,
        seen: impl FnOnce(&T, &World) -> u64,
    ) -> (T, u64) {
        let mut world = self.world.borrow_mut();
        if let Turn::Late(writes) = turn {
            world.late = writes;
        }
        let answer = act(&mut world);
        world.late = 0;
        let mark = seen(&answer, &world);
        (answer, mark)
    }
}

/// The mark of a text that is never put together.
pub(super) fn text_mark(answer: &impl fmt::Debug) -> u64 {
    struct Into(DefaultHasher);
    impl fmt::Write for Into {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.write(text.as_bytes());
            Ok(())
        }
    }
    let mut into = Into(DefaultHasher::new());
    let _ = write!(into, "{answer:?}");
    into.0.finish()
}
