//! Finds registered values in a text, whatever way they are written.
//!
//! A list of encoded forms would never be complete: every library escapes another set of
//! characters. So the text is read instead: at each place a character may stand for itself or be
//! the start of an escape (percent, plus, backslash, entity), and every reading is tried. Escapes
//! inside escapes are read as well ([`DEPTH`]). Base64 cannot be read in place, as it shifts with
//! what stands before; its three alignments are needles of their own.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use crate::work::looked_at;

/// How many layers of escapes are read: JSON inside a form inside XML has been seen, and one spare
/// layer costs nothing where no escape character stands.
const DEPTH: u8 = 3;

/// Parts of base64 text shorter than this would match by chance.
const SHORTEST_BASE64: usize = 4;

/// One byte sequence to look for.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Needle {
    bytes: Vec<u8>,
    base64: bool,
}

impl Needle {
    /// Its length in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The value itself and its parts in base64.
    pub(super) fn all(value: &str) -> Vec<Self> {
        let mut needles = vec![Self {
            bytes: value.as_bytes().to_vec(),
            base64: false,
        }];
        for before in 0..3 {
            // Letters that depend on the value alone, not on its neighbours.
            let encoded = STANDARD_NO_PAD.encode([&[0; 3][..before], value.as_bytes()].concat());
            let first = (before * 8).div_ceil(6);
            let last = (before + value.len()) * 8 / 6;
            let own = encoded.get(first..last).unwrap_or_default();
            if own.len() < SHORTEST_BASE64 {
                continue;
            }
            let address_safe = own.replace('+', "-").replace('/', "_");
            for form in [own, address_safe.as_str()] {
                let needle = Self {
                    bytes: form.as_bytes().to_vec(),
                    base64: true,
                };
                if !needles.contains(&needle) {
                    needles.push(needle);
                }
            }
        }
        needles
    }
}

/// Adds the places where a needle stands.
pub(super) fn spans(text: &str, needles: &[Needle], spans: &mut Vec<Range<usize>>) {
    if needles.is_empty() {
        return;
    }
    let bytes = text.as_bytes();
    let mut starts = [false; 256];
    for byte in *b"%+\\&" {
        starts[usize::from(byte)] = true;
    }
    for needle in needles {
        if let Some(first) = needle.bytes.first() {
            starts[usize::from(*first)] = true;
        }
    }
    // The end of the last base64 word: hits inside it are covered already.
    let mut word_end = 0;
    let mut firsts: Vec<u8> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        looked_at(1);
        if !starts[usize::from(*byte)] {
            continue;
        }
        // Every way to read what stands here, once for all needles.
        firsts.clear();
        read(bytes, at, DEPTH, &mut |read, _| firsts.extend(read.first()));
        for needle in needles {
            if !needle
                .bytes
                .first()
                .is_some_and(|first| firsts.contains(first))
            {
                continue;
            }
            if let Some(end) = match_at(bytes, at, &needle.bytes) {
                if !needle.base64 {
                    spans.push(at..end);
                } else if end > word_end {
                    let word = whole_word(bytes, at.max(word_end), end, word_end);
                    word_end = word.end;
                    spans.push(at.min(word.start)..word.end);
                }
            }
        }
    }
}

fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'%' | b'+' | b'\\' | b'&')
}

/// The whole base64 word around a hit, whose edges hold bits of the value too. What stands before
/// `done` is not looked at again.
fn whole_word(text: &[u8], start: usize, end: usize, done: usize) -> Range<usize> {
    let belongs = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
    };
    let before = text[done..start]
        .iter()
        .rev()
        .take_while(|b| belongs(b))
        .count();
    let after = text[end..].iter().take_while(|b| belongs(b)).count();
    looked_at(before + after);
    start - before..end + after
}

/// The end of the longest way to read the needle at this place.
fn match_at(text: &[u8], at: usize, needle: &[u8]) -> Option<usize> {
    let mut states = vec![(at, 0)];
    let mut end = None;
    let mut next = 0;
    while let Some(&(position, matched)) = states.get(next) {
        next += 1;
        read(text, position, DEPTH, &mut |bytes, after| {
            if !needle[matched..].starts_with(bytes) {
                return;
            }
            let state = (after, matched + bytes.len());
            if state.1 == needle.len() {
                end = end.max(Some(after));
            } else if !states.contains(&state) {
                states.push(state);
            }
        });
    }
    end
}

/// Calls back with every way to read what stands at `at`: the bytes meant and the place after.
fn read(text: &[u8], at: usize, depth: u8, found: &mut dyn FnMut(&[u8], usize)) {
    looked_at(1);
    let Some(&byte) = text.get(at) else {
        return;
    };
    if depth == 0 || is_plain(byte) {
        found(&[byte], at + 1);
        return;
    }
    let inner = depth - 1;
    read(text, at, inner, &mut |bytes, after| {
        found(bytes, after);
        match bytes {
            b"%" => digits(text, after, inner, 2, 2, &mut |value, after| {
                if let Ok(byte) = u8::try_from(value) {
                    found(&[byte], after);
                }
            }),
            b"+" => found(b" ", after),
            b"\\" => backslash(text, after, inner, found),
            b"&" => entity(text, after, inner, found),
            _ => {}
        }
    });
}

/// Escapes of JSON and of Rust's own quoting.
fn backslash(text: &[u8], at: usize, depth: u8, found: &mut dyn FnMut(&[u8], usize)) {
    read(text, at, depth, &mut |bytes, after| match bytes {
        [quoted @ (b'"' | b'\\' | b'/' | b'\'')] => found(&[*quoted], after),
        b"b" => found(b"\x08", after),
        b"f" => found(b"\x0c", after),
        b"n" => found(b"\n", after),
        b"r" => found(b"\r", after),
        b"t" => found(b"\t", after),
        b"0" => found(b"\0", after),
        b"x" => digits(text, after, depth, 2, 2, &mut |value, after| {
            character(value, after, found);
        }),
        b"u" => {
            digits(text, after, depth, 4, 4, &mut |value, after| {
                if (0xd800..0xdc00).contains(&value) {
                    second_half(text, after, depth, value, found);
                } else {
                    character(value, after, found);
                }
            });
            read(text, after, depth, &mut |bytes, after| {
                if bytes == b"{" {
                    digits(text, after, depth, 1, 6, &mut |value, after| {
                        expect(text, after, depth, b"}", &mut |after| {
                            character(value, after, found);
                        });
                    });
                }
            });
        }
        _ => {}
    });
}

/// The second `\uXXXX` of a character beyond the basic plane.
fn second_half(text: &[u8], at: usize, depth: u8, high: u32, found: &mut dyn FnMut(&[u8], usize)) {
    expect(text, at, depth, b"\\", &mut |after| {
        expect(text, after, depth, b"u", &mut |after| {
            digits(text, after, depth, 4, 4, &mut |low, after| {
                if (0xdc00..0xe000).contains(&low) {
                    let value = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    character(value, after, found);
                }
            });
        });
    });
}

/// Entities of XML.
fn entity(text: &[u8], at: usize, depth: u8, found: &mut dyn FnMut(&[u8], usize)) {
    const LONGEST: usize = 9;
    let mut words = vec![(Vec::new(), at)];
    while let Some((word, at)) = words.pop() {
        read(text, at, depth, &mut |bytes, after| match bytes {
            b";" => match word.as_slice() {
                b"amp" => found(b"&", after),
                b"lt" => found(b"<", after),
                b"gt" => found(b">", after),
                b"quot" => found(b"\"", after),
                b"apos" => found(b"'", after),
                [b'#', b'x' | b'X', number @ ..] => number_entity(number, 16, after, found),
                [b'#', number @ ..] => number_entity(number, 10, after, found),
                _ => {}
            },
            [byte] if word.len() < LONGEST && (byte.is_ascii_alphanumeric() || *byte == b'#') => {
                words.push(([word.as_slice(), bytes].concat(), after));
            }
            _ => {}
        });
    }
}

fn number_entity(digits: &[u8], radix: u32, after: usize, found: &mut dyn FnMut(&[u8], usize)) {
    let value = std::str::from_utf8(digits)
        .ok()
        .and_then(|digits| u32::from_str_radix(digits, radix).ok());
    if let Some(value) = value {
        character(value, after, found);
    }
}

fn character(value: u32, after: usize, found: &mut dyn FnMut(&[u8], usize)) {
    if let Some(character) = char::from_u32(value) {
        found(character.encode_utf8(&mut [0; 4]).as_bytes(), after);
    }
}

fn expect(text: &[u8], at: usize, depth: u8, wanted: &[u8], found: &mut dyn FnMut(usize)) {
    read(text, at, depth, &mut |bytes, after| {
        if bytes == wanted {
            found(after);
        }
    });
}

/// Between `least` and `most` hexadecimal digits.
fn digits(
    text: &[u8],
    at: usize,
    depth: u8,
    least: usize,
    most: usize,
    found: &mut dyn FnMut(u32, usize),
) {
    let mut numbers = vec![(0_u32, 0_usize, at)];
    while let Some((value, count, at)) = numbers.pop() {
        if count >= least {
            found(value, at);
        }
        if count == most {
            continue;
        }
        read(text, at, depth, &mut |bytes, after| {
            if let [byte] = bytes
                && let Some(digit) = char::from(*byte).to_digit(16)
            {
                numbers.push((value << 4 | digit, count + 1, after));
            }
        });
    }
}
