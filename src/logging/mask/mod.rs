//! Masking: what is secret never reaches a log, an error document or a panic message (design,
//! law 4).
//!
//! Three nets, all of them at every level, all laid over the same text before anything is cut out:
//! the literal values that were registered, in every usual encoding ([`literal`]); values of fields
//! with secret-looking names ([`fields`]); private keys in PEM armour.

mod fields;
mod literal;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

use literal::Needle;

/// What stands in a secret's place.
pub const MASK: &str = "***";

/// Shorter values are not masked literally: a one-letter password would blank out every text and
/// show itself by the blanks. The field names still cover them. In characters.
const SHORTEST: usize = 4;

static NEEDLES: RwLock<Vec<Needle>> = RwLock::new(Vec::new());

/// Masks this value from now on, wherever it appears, also percent-encoded, escaped for JSON or
/// XML, or inside base64 text. Values below four characters are left to the field names.
pub fn register_secret(secret: &SecretString) {
    let mut needles = NEEDLES.write().unwrap_or_else(PoisonError::into_inner);
    let value = secret.expose_secret();
    for value in [value, value.trim()] {
        if value.chars().count() < SHORTEST || value.chars().all(|c| c == '*') {
            continue;
        }
        for needle in Needle::all(value) {
            if !needles.contains(&needle) {
                needles.push(needle);
            }
        }
    }
}

/// The text with everything secret replaced by [`MASK`].
#[must_use]
pub fn mask(text: &str) -> String {
    let needles = NEEDLES.read().unwrap_or_else(PoisonError::into_inner);
    mask_with(text, &needles)
}

fn mask_with(text: &str, needles: &[Needle]) -> String {
    let mut spans = Vec::new();
    literal::spans(text, needles, &mut spans);
    fields::spans(text, &mut spans);
    private_keys(text, &mut spans);
    cut(text, spans)
}

/// Replaces the spans; overlapping ones become one.
fn cut(text: &str, mut spans: Vec<Range<usize>>) -> String {
    spans.retain(|span| span.start < span.end);
    spans.sort_unstable_by_key(|span| span.start);
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    let mut spans = spans.into_iter().peekable();
    while let Some(mut span) = spans.next() {
        while let Some(next) = spans.next_if(|next| next.start <= span.end) {
            span.end = span.end.max(next.end);
        }
        let (start, end) = (
            text.floor_char_boundary(span.start),
            text.ceil_char_boundary(span.end),
        );
        masked.push_str(text.get(done..start).unwrap_or_default());
        masked.push_str(MASK);
        done = end;
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

/// Bodies of `-----BEGIN … PRIVATE KEY-----` blocks, also with encoded blanks; a block without an
/// end reaches to the end of the text.
fn private_keys(text: &str, spans: &mut Vec<Range<usize>>) {
    const WORD: &str = "PRIVATE";
    const LONGEST_KIND: usize = 40;
    let mut from = 0;
    while let Some(at) = text[from..].find(WORD).map(|at| from + at) {
        from = at + WORD.len();
        let head = text.floor_char_boundary(at.saturating_sub(LONGEST_KIND));
        // The nearest marker before the word decides: END belongs to a block already passed.
        let begins = match (text[head..at].rfind("BEGIN"), text[head..at].rfind("END")) {
            (Some(begin), Some(end)) => begin > end,
            (begin, _) => begin.is_some(),
        };
        let Some(key) = [" ", "+", "%20"]
            .iter()
            .find_map(|blank| text[from..].strip_prefix(blank))
            .filter(|rest| rest.starts_with("KEY"))
        else {
            continue;
        };
        if begins {
            let body = text.len() - key.len() + "KEY".len();
            let end = ["-----END", "%2D%2DEND", "%2d%2dEND"]
                .iter()
                .filter_map(|mark| text[body..].find(mark))
                .min()
                .map_or(text.len(), |end| body + end);
            spans.push(body..end);
            from = end;
        }
    }
}
