//! Who works on a module: of several daemons, on this machine or on others, one at a time. Locks and
//! intents keep every order single anyway; this keeps a vendor from being asked about it by all of them.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use crate::domain::ItemId;
use crate::failure::Failure;
use crate::log;
use crate::module::Module;
use crate::platform::billmanager::BillManager;

/// A killed daemon's lock is given back by the server, which takes a moment.
const MOMENT: Duration = Duration::from_millis(300);

/// How often the lock is proved: the server takes it from a connection that says nothing for long.
const PULSE: Duration = Duration::from_secs(60);

/// Whether it is still this daemon's turn.
#[async_trait(?Send)]
pub(super) trait Leader {
    /// Asked before each service.
    async fn leads(&self) -> bool;
}

/// Nobody else is there: a service that is asked for by name, and what changes nothing.
pub(super) struct AlwaysLeader;

#[async_trait(?Send)]
impl Leader for AlwaysLeader {
    async fn leads(&self) -> bool {
        true
    }
}

/// The leader locks of one daemon: held until it ends.
pub(super) struct Leadership {
    locks: Vec<LeaderLock>,
    /// One service, asked for by name: a person wants it now, whoever works on the others.
    for_all: bool,
}

pub(super) struct LeaderLock {
    module: &'static Module,
    platform: BillManager,
    held: Cell<bool>,
}

impl LeaderLock {
    async fn take(&self) -> Result<bool, Failure> {
        self.held.set(self.platform.take_leader_lock().await?);
        Ok(self.held.get())
    }
}

#[async_trait(?Send)]
impl Leader for LeaderLock {
    async fn leads(&self) -> bool {
        let holds = self.held.get() && self.platform.holds_leader_lock().await;
        if !holds && self.held.replace(false) {
            log!(
                Main,
                Warning,
                "{}: the database does not know this daemon any more, another one may take over",
                self.module.name
            );
        }
        holds
    }
}

impl Leadership {
    pub(super) fn new(root: &Path, modules: &[&'static Module], item: Option<ItemId>) -> Self {
        let locks = modules.iter().map(|module| LeaderLock {
            module,
            platform: BillManager::new(root.to_path_buf(), module),
            held: Cell::new(false),
        });
        Self {
            locks: locks.collect(),
            for_all: item.is_some(),
        }
    }

    /// Who tells, before each service, whether it is this daemon's turn: it works on the module already, or nobody
    /// else does. `None` while another one does.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub(super) async fn take(&self, module: &Module) -> Result<Option<&dyn Leader>, Failure> {
        let lock = self
            .locks
            .iter()
            .find(|lock| lock.module.name == module.name);
        let Some(lock) = lock.filter(|_| !self.for_all) else {
            return Ok(Some(&AlwaysLeader));
        };
        if !lock.take().await? {
            sleep(MOMENT).await;
            if !lock.take().await? {
                return Ok(None);
            }
        }
        Ok(Some(lock))
    }

    /// Shows the server that this daemon lives, also through long passes and pauses. Never ends.
    pub(super) async fn keep(&self) {
        loop {
            sleep(PULSE).await;
            for lock in self.locks.iter().filter(|lock| lock.held.get()) {
                lock.leads().await;
            }
        }
    }

    /// Gives all leader locks back.
    pub(super) async fn leave(&self) {
        for lock in &self.locks {
            lock.platform.close().await;
        }
    }
}
