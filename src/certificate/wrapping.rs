//! Requests in the texts that people really paste: out of mails, web pages, JSON, forms and word
//! processors.
//!
//! The armour decides nothing. A request in base64 begins with its own length, so its end is known
//! without an end mark, and its signature proves that nothing was read wrongly. Every step is linear in
//! the length of the text.

use super::{kind, pem, unwrapping};
use crate::work::looked_at;

/// Longest words behind `BEGIN`.
const LONGEST_LABEL: usize = 40;

/// So many characters of base64 show a short private key.
const SHORT_KEY: usize = 8;

/// So many bytes in base64 always hold a small letter, as good as surely.
const SURELY_MIXED: usize = 60;

/// What stands at one place of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The words behind `BEGIN`, in capitals; `None` without armour.
    pub(super) label: Option<String>,
    pub(super) content: Content,
}

/// How much of it is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// As many bytes as its own head announces.
    Whole {
        der: Vec<u8>,
        /// The same when blanks inside of lines were plus signs: a form was decoded too often.
        with_plus: Option<Vec<u8>>,
        /// The first character that is no base64; it was passed over.
        foreign: Option<char>,
    },
    /// Fewer bytes than its own head announces.
    Cut {
        part: Vec<u8>,
        /// Whether its end is there, padding or a line of armour: what is missing was further up.
        is_closed: bool,
    },
    /// Nothing between `BEGIN` and `END`.
    Empty,
    /// All letters are small ones: base64 does not survive that.
    SmallLetters,
    /// All letters are capitals.
    Capitals,
    /// Something else.
    Other,
}

impl Found {
    /// Whether the armour says that this is a request.
    pub(super) fn is_labelled(&self) -> bool {
        self.label.as_deref().is_some_and(pem::is_request)
    }
}

/// Whatever looks like a request, a certificate or an armoured block, in order.
pub(super) fn find(text: &str) -> Vec<Found> {
    let plain = unwrapping::plain(text);
    let text = plain.as_bytes();
    let mut found = Vec::new();
    let mut open: Option<(String, usize)> = None;
    // Whether nothing but a line of armour has come.
    let mut is_fresh = false;
    let mut at = 0;
    while at < text.len() {
        looked_at(1);
        if let Some(mark) = mark(&plain, at) {
            found.extend(open.take().map(|open| without_request(&plain, open, at)));
            is_fresh = mark.begins;
            if mark.begins {
                open = Some((mark.label, mark.end));
            } else if let Some(Content::Cut { is_closed, .. }) =
                found.last_mut().map(|last| &mut last.content)
            {
                *is_closed = true;
            }
            at = mark.end;
            continue;
        }
        let is_first = is_fresh && is_base64(text[at]);
        is_fresh &= !is_first;
        let is_start = at == 0 || !is_base64(text[at - 1]);
        if is_start && begins_short_key(&text[at..]) {
            let label = open.take().map(|(label, _)| label);
            let label = label.filter(|label| label.ends_with(kind::PRIVATE_KEY));
            found.push(Found {
                label: Some(label.unwrap_or_else(|| kind::PRIVATE_KEY.to_owned())),
                content: Content::Other,
            });
            at += SHORT_KEY;
            continue;
        }
        if is_first && begins_der_somehow(&text[at..]) || is_start && begins_der(&text[at..]) {
            let (content, end) = collect(&plain, at);
            let label = open.take().map(|(label, _)| label);
            found.push(Found { label, content });
            at = end;
            continue;
        }
        at += 1;
    }
    found.extend(open.map(|open| without_request(&plain, open, text.len())));
    found
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Base64 of a DER sequence with a length of one or two octets; no longer one fits into the text.
pub(super) fn begins_der(text: &[u8]) -> bool {
    matches!(text, [b'M', b'I', b'E'..=b'L', ..])
}

/// The same with other characters between, as far as they can be there behind a line of armour.
fn begins_der_somehow(text: &[u8]) -> bool {
    const FAR: usize = 24;
    looked_at(FAR);
    let near = text
        .iter()
        .take(FAR)
        .copied()
        .filter(|byte| is_base64(*byte));
    begins_der(&near.collect::<Vec<u8>>())
}

/// Base64 of a private key of less than 128 bytes: EC on P-256 (RFC 5915), Ed25519, Ed448, X25519 (RFC 8410), EC in
/// PKCS#8 without its public key. Behind the length stand version 0 or 1 and a sequence or the octets of the key. So
/// short no request is.
fn begins_short_key(text: &[u8]) -> bool {
    matches!(
        text,
        [
            b'M',
            b'A'..=b'H',
            _,
            b'C',
            b'A',
            b'Q',
            b'A' | b'E',
            b'w' | b'E',
            ..
        ]
    )
}

/// A line of armour.
struct Mark {
    begins: bool,
    label: String,
    /// Behind it and its dashes.
    end: usize,
}

/// The mark whose `BEGIN` or `END` stands at a position. Dashes may be missing around the label of a
/// request, which nothing else can be.
fn mark(text: &str, at: usize) -> Option<Mark> {
    let bytes = text.as_bytes();
    let begins = starts_with(bytes, at, b"BEGIN");
    if !begins && !starts_with(bytes, at, b"END") {
        return None;
    }
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    if before.is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let words = at + if begins { 5 } else { 3 };
    if let Some(end) = request_label(bytes, words) {
        return Some(Mark {
            begins,
            label: "CERTIFICATE REQUEST".to_owned(),
            end: skip(bytes, end, |byte| byte == b'-' || is_blank(byte)),
        });
    }
    let dashes_before = bytes[..at]
        .iter()
        .rev()
        .inspect(|_| looked_at(1))
        .find(|byte| !is_blank(**byte))
        .is_some_and(|byte| *byte == b'-');
    let end = bytes
        .get(words..)?
        .iter()
        .take(LONGEST_LABEL)
        .position(|byte| matches!(byte, b'-' | b'\n'))
        .map(|length| words + length)?;
    if !dashes_before || !bytes[words].is_ascii_whitespace() {
        return None;
    }
    let label: Vec<&str> = text.get(words..end)?.split_whitespace().collect();
    Some(Mark {
        begins,
        label: label.join(" ").to_ascii_uppercase(),
        end: skip(bytes, end, |byte| byte == b'-' || is_blank(byte)),
    })
}

/// The end of the words of a request's label, in any case, with any blanks or none (forms write
/// blanks as plus signs).
fn request_label(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    for (word, needed) in [
        (&b"NEW"[..], false),
        (b"CERTIFICATE", true),
        (b"SIGNING", false),
        (b"REQUEST", true),
    ] {
        let start = skip(bytes, at, |byte| {
            is_blank(byte) || matches!(byte, b'_' | b'+')
        });
        if starts_with(bytes, start, word) {
            at = start + word.len();
        } else if needed {
            return None;
        }
    }
    Some(at)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn starts_with(bytes: &[u8], at: usize, word: &[u8]) -> bool {
    let end = at.checked_add(word.len());
    end.and_then(|end| bytes.get(at..end))
        .is_some_and(|found| found.eq_ignore_ascii_case(word))
}

fn skip(bytes: &[u8], from: usize, skipped: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let count = rest.iter().take_while(|byte| skipped(**byte)).count();
    looked_at(count);
    from + count
}

/// An armoured block in which no base64 of a DER sequence began.
fn without_request(text: &str, (label, from): (String, usize), to: usize) -> Found {
    let body = text.get(from..to).unwrap_or_default();
    looked_at(body.len());
    let body = body.trim_matches(|c: char| c == '-' || c.is_whitespace());
    let content = if body.is_empty() {
        Content::Empty
    } else if body.len() > 40 && !body.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Content::SmallLetters
    } else {
        Content::Other
    };
    Found {
        label: Some(label),
        content,
    }
}

/// Collects base64 until the DER is whole, or up to the dashes of the next line of armour; also says
/// where it ended.
fn collect(text: &str, from: usize) -> (Content, usize) {
    let bytes = text.as_bytes();
    let mut plain = Collector::default();
    // The same until the first blank inside of a line.
    let mut with_plus: Option<Collector> = None;
    let mut foreign = None;
    let mut has_small = false;
    let mut is_padded = false;
    let mut end = from;
    for (offset, character) in text[from..].char_indices() {
        if plain.is_whole() && with_plus.as_ref().is_none_or(Collector::is_whole) {
            break;
        }
        looked_at(1);
        let at = from + offset;
        end = at + character.len_utf8();
        let neighbour = |at: Option<usize>| {
            at.and_then(|at| bytes.get(at))
                .is_some_and(|byte| is_base64(*byte) || matches!(byte, b'-' | b'_'))
        };
        let is_inside = || neighbour(at.checked_sub(1)) && neighbour(at.checked_add(1));
        let is_next_dash = || bytes.get(at + 1) == Some(&b'-');
        let value = match character {
            'A'..='Z' => character as u8 - b'A',
            'a'..='z' => character as u8 - b'a' + 26,
            '0'..='9' => character as u8 - b'0' + 52,
            '+' => 62,
            '/' => 63,
            // The alphabet of web addresses (RFC 4648, section 5).
            '-' if is_inside() && !is_next_dash() => 62,
            '_' if is_inside() => 63,
            '-' => {
                end = at;
                break;
            }
            ' ' if is_inside() => {
                with_plus.get_or_insert_with(|| plain.clone()).push(62);
                continue;
            }
            '=' => {
                is_padded = true;
                continue;
            }
            _ if character.is_whitespace() => continue,
            _ => {
                foreign.get_or_insert(character);
                continue;
            }
        };
        has_small |= character.is_ascii_lowercase();
        is_padded = false;
        plain.push(value);
        if let Some(other) = &mut with_plus {
            other.push(value);
        }
    }
    let with_plus = with_plus
        .filter(Collector::is_whole)
        .map(|other| other.bytes);
    let content = match (plain.needed, with_plus) {
        _ if !has_small && plain.bytes.len() > SURELY_MIXED => Content::Capitals,
        (Some(needed), with_plus) if plain.bytes.len() == needed => Content::Whole {
            der: plain.bytes,
            with_plus,
            foreign,
        },
        (_, Some(der)) => Content::Whole {
            der,
            with_plus: None,
            foreign,
        },
        (Some(_), None) => Content::Cut {
            part: plain.bytes,
            is_closed: is_padded,
        },
        (None, None) => Content::Other,
    };
    (content, end)
}

/// Bytes out of base64 digits, no more than the first of them announce.
#[derive(Default, Clone)]
struct Collector {
    bytes: Vec<u8>,
    pending: u32,
    bits: u32,
    /// Head and content together, once the head is there.
    needed: Option<usize>,
}

impl Collector {
    fn push(&mut self, value: u8) {
        if self.is_whole() {
            return;
        }
        self.pending = (self.pending << 6) | u32::from(value);
        self.bits += 6;
        if self.bits >= 8 {
            self.bits -= 8;
            // The mask leaves one octet.
            self.bytes.push(((self.pending >> self.bits) & 0xff) as u8);
            if self.needed.is_none() {
                self.needed = self.announced();
            }
        }
    }

    fn announced(&self) -> Option<usize> {
        let octets = usize::from(self.bytes.get(1)? & 0x7f);
        let length = self.bytes.get(2..2_usize.checked_add(octets)?)?;
        let length = length
            .iter()
            .fold(0_usize, |length, octet| (length << 8) | usize::from(*octet));
        Some(2 + octets + length)
    }

    fn is_whole(&self) -> bool {
        self.needed.is_some_and(|needed| self.bytes.len() >= needed)
    }
}
