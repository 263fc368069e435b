//! The post of a module's daemon: an advisory lock as those of services, held for as long as the daemon lives.

use std::time::Duration;

use super::BillManager;
use crate::failure::Failure;

impl BillManager {
    /// Takes the post of this module's daemon, without waiting. `false` when another one has it.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_post(&self) -> Result<bool, Failure> {
        let key = self.post();
        let taken = self.item_locks()?.take_post(&key, Duration::ZERO).await;
        taken.map_err(|failure| self.of_locks(failure))
    }

    /// Whether the post is still held.
    pub async fn holds_post(&self) -> bool {
        match self.item_locks() {
            Ok(database) => database.holds_lock(&self.post()).await.unwrap_or(false),
            Err(_) => false,
        }
    }

    fn post(&self) -> String {
        format!("daemon-{}", self.module().name)
    }
}
