//! What must hold in every world of every suite when it is given up, whatever a test was about: the vendors' books
//! agree with the platform, and no secret stands where it may not. A test that needs it otherwise says so.

use super::lock;
use super::world::Core;

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

/// In tests only: the served world belongs to whoever plays in it.
#[cfg(test)]
impl Drop for super::World {
    fn drop(&mut self) {
        // What a failed test leaves behind explains nothing.
        if std::thread::panicking() {
            return;
        }
        let found = self.surprises();
        assert!(found.is_empty(), "a world ends with {found:#?}");
    }
}
