//! The life of a process: its effects are counted, and it dies or stumbles at a chosen one.

use std::cell::Cell;

use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// Where the process dies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Death {
    /// Before the effect takes place.
    Before(usize),
    /// After the effect took place, before anybody hears of it.
    After(usize),
}

/// The life of one process.
#[derive(Debug, Default)]
pub(super) struct Life {
    effects: Cell<usize>,
    death: Cell<Option<Death>>,
    dead: Cell<bool>,
    stumble: Cell<Option<Death>>,
    stumbled: Cell<bool>,
    /// A paid call was made.
    pub(super) called: Cell<bool>,
    /// The lock of the account.
    pub(super) account: super::alone::AccountLock,
}

impl Life {
    pub(super) fn begin(&self, death: Option<Death>) {
        self.effects.set(0);
        self.death.set(death);
        self.dead.set(false);
        self.stumble.set(None);
        self.stumbled.set(false);
    }

    /// One effect of the life that has begun fails: before it takes place, or with its answer lost.
    pub(super) fn stumble(&self, at: Death) {
        self.stumble.set(Some(at));
    }

    pub(super) fn stumbled(&self) -> bool {
        self.stumbled.get()
    }

    pub(super) fn effects(&self) -> usize {
        self.effects.get()
    }

    pub(super) fn died(&self) -> bool {
        self.dead.get()
    }

    /// Runs an effect, or dies at it.
    pub(super) fn effect<T>(&self, act: impl FnOnce() -> T) -> Result<T, Failure> {
        let gone =
            || Err(Failure::new(Reason::Internal).detail(Words::verbatim("the process is dead")));
        if self.dead.get() {
            return gone();
        }
        let number = self.effects.get();
        self.effects.set(number + 1);
        if self.death.get() == Some(Death::Before(number)) {
            self.dead.set(true);
            return gone();
        }
        if self.stumble.get() == Some(Death::Before(number)) {
            return Err(self.fall());
        }
        let result = act();
        if self.death.get() == Some(Death::After(number)) {
            self.dead.set(true);
            return gone();
        }
        if self.stumble.get() == Some(Death::After(number)) {
            return Err(self.fall());
        }
        Ok(result)
    }

    fn fall(&self) -> Failure {
        self.stumbled.set(true);
        Failure::new(Reason::PlatformFunction).detail(Words::verbatim("it stumbled"))
    }
}
