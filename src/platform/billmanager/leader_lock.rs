//! The leader lock of a module's daemon: an advisory lock as those of services, held for as long as the daemon lives.

use std::time::Duration;

use super::BillManager;
use crate::failure::Failure;

impl BillManager {
    /// Takes the leader lock of this module's daemon, without waiting. `false` when another one has it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_leader_lock(&self) -> Result<bool, Failure> {
        let key = self.leader_lock_name();
        let taken = self
            .item_locks()?
            .take_leader_lock(&key, Duration::ZERO)
            .await;
        taken.map_err(|failure| self.of_locks(failure))
    }

    /// Whether the leader lock is still held.
    pub async fn holds_leader_lock(&self) -> bool {
        match self.item_locks() {
            Ok(database) => database
                .holds_lock(&self.leader_lock_name())
                .await
                .unwrap_or(false),
            Err(_) => false,
        }
    }

    fn leader_lock_name(&self) -> String {
        format!("daemon-{}", self.module().name)
    }
}
