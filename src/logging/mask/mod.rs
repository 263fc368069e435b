//! Masking: what is secret never reaches a log, an error document or a panic message (design,
//! law 4).
//!
//! Three nets, all of them at every level, all laid over the same text before anything is cut out:
//! the literal values that were registered, in every usual encoding ([`literal`]); values of fields
//! with secret-looking names ([`fields`]); private keys in PEM armour.

mod fields;
mod literal;
mod registered;
mod search;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

use literal::Needle;
use registered::{Change, Registered};
use search::Next;

/// What stands in a secret's place.
pub const MASK: &str = "***";

static REGISTERED: RwLock<Registered> = RwLock::new(Registered::new());

/// Masks this value from now on, wherever it appears, also percent-encoded, escaped for JSON or
/// XML, or inside base64 text. Values below four characters are left to the field names.
///
/// For what an account keeps: it is never forgotten. What is new in every call goes to [`register_passing_secret`],
/// what is in use for a while to [`hold_secret`].
pub fn register_secret(secret: &SecretString) {
    change(secret, Change::Keep);
}

/// Masks a value that is used at once and never again, as [`register_secret`] does, but not for ever: the last
/// [`PASSING`](registered::PASSING) of them are known. A process that lives for years would look for ever more.
pub fn register_passing_secret(secret: &SecretString) {
    change(secret, Change::Pass);
}

/// Masks a value as long as the answer lives, and afterwards as one that was registered in passing: what was made of
/// it may be printed a little later.
pub fn hold_secret(secret: SecretString) -> HeldSecret {
    change(&secret, Change::Hold);
    HeldSecret(secret)
}

/// A secret that is in use.
#[derive(Debug)]
#[must_use]
pub struct HeldSecret(SecretString);

impl HeldSecret {
    /// The secret.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl Drop for HeldSecret {
    fn drop(&mut self) {
        change(&self.0, Change::Release);
    }
}

fn change(secret: &SecretString, change: Change) {
    let mut registered = REGISTERED.write().unwrap_or_else(PoisonError::into_inner);
    registered.take(secret.expose_secret(), change);
}

/// Whether what stands in a field of this name is masked wherever it is printed.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    fields::is_secret(name)
}

/// The text with everything secret replaced by [`MASK`].
#[must_use]
pub fn mask(text: &str) -> String {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    mask_with(text, registered.needles())
}

/// The first `limit` characters of the masked text, for texts of any length of which little is shown:
/// only so much is read that nothing shown can be the beginning of a secret that was cut.
#[must_use]
pub fn mask_start(text: &str, limit: usize) -> String {
    let registered = REGISTERED.read().unwrap_or_else(PoisonError::into_inner);
    start_with(text, limit, registered.needles())
}

fn start_with(text: &str, limit: usize, needles: &[Needle]) -> String {
    /// A PEM key, or a value of a field.
    const LONGEST_SECRET: usize = 16 * 1024;
    /// The longest escape of a byte that is read: an entity inside entities.
    const LONGEST_ESCAPE: usize = 32;
    let longest = needles.iter().map(Needle::len).max().unwrap_or_default();
    let margin = LONGEST_SECRET.max(longest * LONGEST_ESCAPE);
    let shown = text.floor_char_boundary(limit.saturating_mul(4));
    let read = text.floor_char_boundary(shown.saturating_add(margin));
    let mut spans = spans(&text[..read], needles);
    if read < text.len() {
        spans.push(shown..read);
    }
    cut(&text[..read], spans).chars().take(limit).collect()
}

fn mask_with(text: &str, needles: &[Needle]) -> String {
    cut(text, spans(text, needles))
}

fn spans(text: &str, needles: &[Needle]) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    literal::spans(text, needles, &mut spans);
    fields::spans(text, &mut spans);
    private_keys(text, &mut spans);
    spans
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
    let mut words = Next::new(WORD);
    let mut ends = ["-----END", "%2D%2DEND", "%2d%2dEND"].map(Next::new);
    let mut from = 0;
    while let Some(at) = words.from(text, from) {
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
            let end = ends
                .iter_mut()
                .filter_map(|mark| mark.from(text, body))
                .min()
                .unwrap_or(text.len());
            spans.push(body..end);
            from = end;
        }
    }
}
