//! A process as the search drives it: what it is about to do is handed over, to be made when its turn comes, and what
//! it has seen makes its local state.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::future::poll_fn;
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::task::Poll;

use super::scenarios::Scenario;
use super::world::{Pid, World};
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

/// An answer, and its mark: the same for answers after which a process goes on alike.
pub(super) type Answered = (Rc<dyn Any>, u64);

/// What a process is about to do. It can be made in any world, more than once.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) effect: Effect,
    pub(super) act: Rc<dyn Fn(&mut World) -> Answered>,
}

/// Between a process and the search.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) pending: RefCell<Option<Pending>>,
    /// The answer to it; `Some(None)`: it failed.
    pub(super) reply: RefCell<Option<Option<Rc<dyn Any>>>>,
}

/// The platform, the vendor and the person's panel as one process reaches them.
pub(super) struct Port {
    pub(super) scenario: Rc<Scenario>,
    pub(super) clock: Arc<AtomicI64>,
    pub(super) slot: Slot,
    pub(super) pid: Pid,
    /// The machine it runs on.
    pub(super) node: usize,
    /// The service that is served.
    pub(super) item: u64,
    /// The operation that is served; 0 for none.
    pub(super) operation: u64,
    /// The marks of law 5 that it wrote. Their texts differ from run to run, so that the world has others in their
    /// place.
    pub(super) marks: RefCell<Vec<String>>,
}

impl Port {
    /// An effect in its turn; its answer is seen by its text.
    pub(super) async fn effect<T: fmt::Debug + Clone + 'static>(
        &self,
        effect: Effect,
        act: impl Fn(&mut World) -> T + 'static,
    ) -> Result<T, Failure> {
        self.effect_seen(effect, act, |answer, _| text_mark(answer))
            .await
    }

    /// An effect in its turn.
    pub(super) async fn effect_seen<T: Clone + 'static>(
        &self,
        effect: Effect,
        act: impl Fn(&mut World) -> T + 'static,
        mark: impl Fn(&T, &World) -> u64 + 'static,
    ) -> Result<T, Failure> {
        let act = move |world: &mut World| -> Answered {
            let answer = act(world);
            let mark = mark(&answer, world);
            (Rc::new(answer), mark)
        };
        let act = Rc::new(act);
        self.slot.pending.replace(Some(Pending { effect, act }));
        let reply = poll_fn(|_| match self.slot.reply.take() {
            Some(reply) => Poll::Ready(reply),
            None => Poll::Pending,
        });
        let Some(answer) = reply.await else {
            return Err(Failure::new(Reason::PlatformFunction)
                .detail(crate::domain::text::Words::verbatim("it failed")));
        };
        Ok(answer.downcast_ref::<T>().unwrap().clone())
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
