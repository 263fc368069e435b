//! What must hold in every world of every suite when it is given up, whatever a test was about: the vendors' books
//! agree with the platform, and no secret stands where it may not. A test that needs it otherwise says so.

use std::sync::atomic::{AtomicBool, Ordering};

use super::lock;
use super::world::Core;

static UNJUDGED: AtomicBool = AtomicBool::new(false);

/// From now on worlds of this process may end as they like: they belong to whoever plays in them.
pub fn judge_no_world() {
    UNJUDGED.store(true, Ordering::SeqCst);
}

impl Core {
    /// What a test does on purpose: findings that begin with these words are no surprise at the end.
    pub fn expect_at_the_end(&self, words: &'static str) {
        lock(self.expected()).push(words);
    }

    /// What nobody has expected.
    pub fn surprises(&self) -> Vec<String> {
        let mut found = self.leaks();
        found.extend(self.reconcile().findings());
        let expected = lock(self.expected());
        found.retain(|text| !expected.iter().any(|words| text.starts_with(words)));
        found
    }
}

impl Drop for super::World {
    fn drop(&mut self) {
        // What a failed test leaves behind explains nothing.
        if std::thread::panicking() || UNJUDGED.load(Ordering::SeqCst) {
            return;
        }
        let found = self.surprises();
        assert!(found.is_empty(), "a world ends with {found:#?}");
    }
}
