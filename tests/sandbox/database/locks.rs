//! Advisory locks as MariaDB has them: by name, owned by a connection, counted, gone with their owner.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::lock;

/// Connection number of somebody outside, for the fault "the lock is held".
pub const SOMEBODY: u32 = 0;

#[derive(Default)]
pub struct Locks {
    held: Mutex<HashMap<String, (u32, u32)>>,
    patterns: Mutex<Vec<String>>,
    released: Condvar,
    /// A connection has one lock at most, as on old servers.
    single: AtomicBool,
}

impl Locks {
    /// Takes a free lock, or one that the connection has already. Never waits.
    pub fn try_take(&self, name: &str, owner: u32) -> bool {
        let name = name.to_lowercase();
        if self.single.load(Ordering::SeqCst) {
            self.forget(owner);
        }
        if self.kept(&name) {
            return false;
        }
        let mut held = lock(&self.held);
        let entry = held.entry(name).or_insert((owner, 0));
        if entry.0 == owner {
            entry.1 += 1;
        }
        entry.0 == owner
    }

    /// Switches the ways of old servers.
    pub fn set_single(&self, single: bool) {
        self.single.store(single, Ordering::SeqCst);
    }

    /// Waits until some lock is released, at most so long.
    pub fn wait(&self, at_most: Duration) {
        let held = lock(&self.held);
        // A lost wake-up costs one short round, not the whole time-out.
        let at_most = at_most.min(Duration::from_millis(50));
        drop(self.released.wait_timeout(held, at_most));
    }

    /// `Some(true)` when released, `Some(false)` when it is another's, `None` when nobody has it.
    pub fn release(&self, name: &str, owner: u32) -> Option<bool> {
        let name = name.to_lowercase();
        if self.kept(&name) {
            return Some(false);
        }
        let mut held = lock(&self.held);
        let entry = held.get_mut(&name)?;
        if entry.0 != owner {
            return Some(false);
        }
        entry.1 -= 1;
        if entry.1 == 0 {
            held.remove(&name);
        }
        drop(held);
        self.released.notify_all();
        Some(true)
    }

    /// The owner of a lock.
    pub fn owner(&self, name: &str) -> Option<u32> {
        let name = name.to_lowercase();
        if self.kept(&name) {
            return Some(SOMEBODY);
        }
        lock(&self.held).get(&name).map(|entry| entry.0)
    }

    /// Releases all that a connection holds.
    pub fn forget(&self, owner: u32) -> u64 {
        let mut held = lock(&self.held);
        let before = held.len();
        held.retain(|_, entry| entry.0 != owner);
        let released = (before - held.len()) as u64;
        drop(held);
        self.released.notify_all();
        released
    }

    /// All names that are taken now.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = lock(&self.held).keys().cloned().collect();
        names.sort();
        names
    }

    /// Lets somebody outside hold all locks whose name contains `part`.
    pub fn keep(&self, part: &str) {
        lock(&self.patterns).push(part.to_lowercase());
    }

    /// The somebody goes away.
    pub fn unkeep(&self) {
        lock(&self.patterns).clear();
        self.released.notify_all();
    }

    fn kept(&self, name: &str) -> bool {
        lock(&self.patterns)
            .iter()
            .any(|part| name.contains(part.as_str()))
    }
}
