//! Searches whose work grows with the text and not with its square, whatever the text is: others write
//! it, and a command waits until it is masked.

#[cfg(test)]
thread_local! {
    static WORK: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts bytes looked at, for the tests that hold the work against the length of the text.
#[inline]
pub(super) fn looked_at(bytes: usize) {
    #[cfg(test)]
    WORK.with(|work| work.set(work.get() + bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// The bytes looked at by this thread while something was done.
#[cfg(test)]
pub(super) fn work_of(deed: impl FnOnce()) -> usize {
    let before = WORK.with(std::cell::Cell::get);
    deed();
    WORK.with(std::cell::Cell::get) - before
}

/// The next place of a sign. What one search has found or missed answers the following ones, as long as
/// they are made at places that grow.
pub(super) struct Next {
    sign: &'static str,
    /// Where the last search began, and what it found.
    last: Option<(usize, Option<usize>)>,
}

impl Next {
    pub(super) const fn new(sign: &'static str) -> Self {
        Self { sign, last: None }
    }

    /// The first place at or behind `from`.
    pub(super) fn from(&mut self, text: &str, from: usize) -> Option<usize> {
        if let Some((asked, found)) = self.last
            && asked <= from
            && found.is_none_or(|found| from <= found)
        {
            return found;
        }
        let found = text[from..].find(self.sign).map(|length| from + length);
        looked_at(found.unwrap_or(text.len()) - from);
        self.last = Some((from, found));
        found
    }
}
