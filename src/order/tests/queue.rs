//! The platform's queue in memory (billmanager.md 8.3), and what a platform may do wrong.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::domain::{ItemId, OperationId};
use crate::platform::{Finish, RunningOperation, fields};

/// A queued operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queued {
    pub(super) item: ItemId,
    pub(super) command: &'static str,
    pub(super) tries: u32,
    /// Waits for a person.
    pub(super) manual: bool,
    /// A person has a task about it.
    pub(super) task: bool,
    /// The stored error document.
    pub(super) error: String,
}

/// All queued operations by number.
#[derive(Debug, Default)]
pub(super) struct Queue {
    list: RefCell<BTreeMap<u64, Queued>>,
    last: Cell<u64>,
    /// Command and service of everything that was ever queued.
    ever: RefCell<BTreeMap<u64, (&'static str, ItemId)>>,
}

impl Queue {
    /// Queues an operation; answers its number, which is never used again.
    pub(super) fn add(&self, item: ItemId, command: &'static str) -> u64 {
        self.last.set(self.last.get() + 1);
        let queued = Queued {
            item,
            command,
            tries: 0,
            manual: false,
            task: false,
            error: String::new(),
        };
        self.list.borrow_mut().insert(self.last.get(), queued);
        let mut ever = self.ever.borrow_mut();
        ever.insert(self.last.get(), (command, item));
        self.last.get()
    }

    pub(super) fn ever(&self) -> BTreeMap<u64, (&'static str, ItemId)> {
        self.ever.borrow().clone()
    }

    pub(super) fn all(&self) -> Vec<(u64, Queued)> {
        let list = self.list.borrow();
        list.iter().map(|(id, one)| (*id, one.clone())).collect()
    }

    pub(super) fn get(&self, id: u64) -> Option<Queued> {
        self.list.borrow().get(&id).cloned()
    }

    pub(super) fn change(&self, id: u64, change: impl FnOnce(&mut Queued)) {
        if let Some(queued) = self.list.borrow_mut().get_mut(&id) {
            change(queued);
        }
    }

    /// A person closes an operation in the platform.
    pub(super) fn remove(&self, id: u64) {
        self.list.borrow_mut().remove(&id);
    }

    pub(super) fn running(&self, id: OperationId) -> Option<RunningOperation> {
        let queued = self.get(id.0)?;
        Some(RunningOperation {
            id,
            item: Some(queued.item),
            command: queued.command.to_owned(),
            tries: queued.tries,
        })
    }

    pub(super) fn of(&self, item: ItemId, command: &str) -> Option<OperationId> {
        let list = self.list.borrow();
        let mut own = list
            .iter()
            .filter(|(_, one)| one.item == item && one.command == command);
        own.next().map(|(id, _)| OperationId(*id))
    }

    pub(super) fn note_error(&self, id: OperationId, document: &str) {
        self.change(id.0, |queued| document.clone_into(&mut queued.error));
    }

    pub(super) fn hand_over(&self, id: OperationId, with_task: bool) {
        self.change(id.0, |queued| {
            queued.manual = true;
            queued.task |= with_task;
        });
    }

    /// Ends the operations of an item by a post function; answers the item status that follows
    /// (billmanager.md 8.2).
    pub(super) fn end(&self, item: ItemId, finish: Finish) -> Option<i64> {
        let (command, status) = match finish {
            Finish::Open => ("open", Some(2)),
            Finish::Prolong => ("prolong", Some(2)),
            Finish::Reopen => ("reopen", Some(2)),
            Finish::Suspend => ("suspend", Some(3)),
            Finish::Resume => ("resume", Some(2)),
            Finish::Close => ("close", Some(4)),
            Finish::SetParameters => ("setparam", None),
        };
        self.list
            .borrow_mut()
            .retain(|_, one| one.item != item || one.command != command);
        status
    }
}

/// What a platform does wrong: each breaks one rule that the proofs must notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sabotage {
    /// An intent that is not settled is lost with its command: the same as a program that stores it too late.
    ForgetsIntents,
    /// The vendor's number is not stored, nor anywhere else.
    LosesOrders,
    /// A renewed term is cut to its former end.
    CutsTerms,
    /// Another certificate is saved than the one that was given.
    ForgesCertificates,
    /// An operation becomes manual, and nobody is told.
    SwallowsTasks,
}

impl Sabotage {
    /// What is stored of a parameter, if anything.
    pub(super) fn stored(
        sabotage: Option<Self>,
        name: &str,
        value: &str,
        former: Option<&str>,
    ) -> Option<String> {
        match (sabotage, name) {
            (Some(Self::LosesOrders), "store_order_id" | fields::PREVIOUS_ORDER) => None,
            (Some(Self::CutsTerms), fields::TERM_END) => Some(former.unwrap_or(value).to_owned()),
            _ => Some(value.to_owned()),
        }
    }
}
