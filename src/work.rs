//! The work that texts of others cost, counted in tests: bytes looked at, so that no machine's load plays a part. Who reads
//! what others write says here how much of it was looked at, and how often.

#[cfg(test)]
thread_local! {
    static WORK: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// Counts bytes looked at, for the tests that hold the work against the length of the text.
#[inline]
pub(crate) fn looked_at(bytes: usize) {
    #[cfg(test)]
    WORK.with(|work| work.set(work.get() + bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// The bytes looked at by this thread while something was done.
#[cfg(test)]
pub(crate) fn work_of(deed: impl FnOnce()) -> usize {
    let before = WORK.with(std::cell::Cell::get);
    deed();
    WORK.with(std::cell::Cell::get) - before
}
