//! Searches whose work grows with the text and not with its square, whatever the text is: others write
//! it, and a command waits until it is masked.

use crate::work::looked_at;

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
