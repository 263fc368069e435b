//! Room in memory: of large answers only one at a time is read and understood in this process, so that those of several
//! hands of the daemon are never there together.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Answers of more bytes are large. Few are: listings of whole accounts.
pub(super) const LARGE: usize = 1024 * 1024;

static ROOM: Semaphore = Semaphore::const_new(1);

/// What a large answer takes as long as it is kept; a small one takes none.
#[derive(Debug, Clone, Default)]
pub struct Room(Option<Arc<SemaphorePermit<'static>>>);

impl Room {
    /// Takes it as soon as it is free; `None` where it does not become free in time.
    pub(super) async fn take(limit: Duration) -> Option<Self> {
        let permit = tokio::time::timeout(limit, ROOM.acquire()).await;
        let permit = permit.ok()?.ok()?;
        Some(Self(Some(Arc::new(permit))))
    }

    pub(super) const fn is_taken(&self) -> bool {
        self.0.is_some()
    }
}

/// Answers are compared by what they say.
impl PartialEq for Room {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Room {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Others may have it for a moment: large answers of tests beside this one.
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_second_large_answer_waits_until_the_first_is_gone() {
        let first = Room::take(LONG).await.unwrap();
        assert!(first.is_taken() && !Room::default().is_taken());
        let kept = first.clone();
        drop(first);
        assert!(Room::take(Duration::from_millis(10)).await.is_none());
        drop(kept);
        assert!(Room::take(LONG).await.is_some());
    }
}
