//! Finds the values of fields that carry a secret by their name, in JSON, XML, forms, addresses,
//! argument lists, configuration lines and Rust's own debug output, also inside one another.
//!
//! When in doubt it masks: a blanked harmless word costs less than a password in a log.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use super::search::Next;
use crate::work::looked_at;

/// Names, lower case without separators, whose values are secret. Sources: the vendors' credential
/// and access fields (thesslstore.md, enom.md, leaderssl.md, globalsign.md,
/// ispmanager.md) and the platform's
/// settings (billmanager.md 6 and 7).
const NAMES: &[&str] = &[
    "apitoken",
    "authinfo",
    "authtoken",
    "authorization",
    "cookie",
    "key",
    "passphrase",
    "pass",
    "pkey",
    "proxyauthorization",
    "publictoken",
    "pvt",
    "pw",
    "pwd",
    "rsa",
    "secret",
    "setcookie",
    "token",
    "tokencode",
    "tokenid",
    "username",
];

/// Endings of names whose values are secret: `DBPassword`, `CustomerPassword`, `x-api-key`, …
const ENDINGS: &[&str] = &[
    "accesstoken",
    "apikey",
    "authtoken",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "secretkey",
    "sessionid",
];

/// Headers: everything up to the end of the line is the value.
const HEADERS: &[&str] = &["authorization", "cookie", "proxyauthorization", "setcookie"];

/// Names that are ordinary words before a colon ("weak key: 1024 bits").
const PROSE: &[&str] = &["key", "pass", "rsa", "secret", "token", "username"];

/// Names of configuration lines without an equals sign (etc/billmgr.conf: `Name value`).
const CONFIGURATION: &[&str] = &["dbpassword"];

/// Brackets of tags and the slash of a closing one: plain, as entities, percent-encoded.
const BRACKETS: [(&str, &str, &str); 6] = [
    ("<", ">", "/"),
    ("&lt;", "&gt;", "/"),
    ("&amp;lt;", "&amp;gt;", "/"),
    ("%3C", "%3E", "%2F"),
    ("%3c", "%3e", "%2f"),
    ("%3C", "%3E", "/"),
];

/// Signs that a colon of a namespace is written as.
const COLONS: [&str; 3] = [":", "%3A", "%3a"];

/// Adds the places of secret values.
pub(super) fn spans(text: &str, spans: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let mut scanner = Scanner::new(text);
    // Values found already, by their start. What stands inside one is masked whatever it is, so it is
    // not read again: values inside values would cost their length each.
    let mut known = BinaryHeap::new();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(Reverse((start, end))) = known.peek().copied()
            && start <= at
        {
            known.pop();
            at = at.max(end);
            continue;
        }
        looked_at(1);
        if !is_word(bytes[at]) {
            if bytes[at] == b':' {
                spans.extend(address_password(text, at));
            }
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && is_word(bytes[at]) {
            at += 1;
        }
        looked_at(at - start);
        let found = name_starts(bytes, start, at).find_map(|start| {
            let name = &text[start..at];
            is_secret(name).then(|| scanner.value(start, at)).flatten()
        });
        if let Some(value) = found {
            known.push(Reverse((value.start, value.end)));
            spans.push(value);
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Where a name may begin: at the word, or behind the letters of an escape that it is glued to
/// (`\npassword`, `\u0022password`, `%22password`).
fn name_starts(bytes: &[u8], start: usize, end: usize) -> impl Iterator<Item = usize> {
    let skips: &[usize] = match start.checked_sub(1).map(|before| bytes[before]) {
        Some(b'\\') => &[0, 1, 5],
        Some(b'%') => &[0, 2],
        _ => &[0],
    };
    skips
        .iter()
        .map(move |skip| start + skip)
        .filter(move |start| *start < end)
}

fn letters(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_lowercase())
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| letters(name).eq(known.bytes()))
}

/// Whether a field of this name holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let ends = |ending: &&str| {
        let mut name = letters(name).rev();
        ending.bytes().rev().all(|byte| name.next() == Some(byte))
    };
    is_one_of(name, NAMES) || ENDINGS.iter().any(ends)
}

/// Reads one text from its beginning to its end.
struct Scanner<'a> {
    text: &'a str,
    /// Ends of tags, in the order of [`BRACKETS`].
    tag_ends: [Next; BRACKETS.len()],
    /// Closing tags of secret names: their places by brackets and name.
    closing: Option<HashMap<(usize, &'a str), Vec<usize>>>,
    named_end: Next,
    named_escaped_end: Next,
    named_value: Next,
    open: Next,
    escaped_open: Next,
    data_end: Next,
    /// The last `value="…"`, which several names of its tag may claim.
    last_value: Option<Range<usize>>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            tag_ends: BRACKETS.map(|(_, close, _)| Next::new(close)),
            closing: None,
            named_end: Next::new(">"),
            named_escaped_end: Next::new("&gt;"),
            named_value: Next::new("value="),
            open: Next::new("<"),
            escaped_open: Next::new("&lt;"),
            data_end: Next::new("]]>"),
            last_value: None,
        }
    }

    /// The value that belongs to the secret name at `start..end`.
    fn value(&mut self, start: usize, end: usize) -> Option<Range<usize>> {
        if let Some(span) = self.element(start, end) {
            return span;
        }
        let text = self.text;
        let name = &text[start..end];
        let (after, quoted) = match quote(text, end) {
            Some((_, after)) => (after, true),
            None => (end, false),
        };
        if quoted && let Some(span) = self.named_element(start, after) {
            return Some(span);
        }
        let mut at = skip_any(text, after, &["]", "%5D", "%5d"]);
        let blank = at;
        at = skip_blanks(text, at);
        let (separator, at) = match separator(text, at) {
            Some(found) => found,
            None if at > blank && is_one_of(name, CONFIGURATION) => {
                return Some(at..line_end(text, at));
            }
            None if at > blank && name.starts_with("--") => ('=', at),
            None => return None,
        };
        let at = skip_any(text, skip_blanks(text, at), &["Some("]);
        if let Some((mark, start)) = quote(text, at) {
            return Some(start..quote_end(text, start, mark));
        }
        let end = match (separator, quoted) {
            (',', _) => return None,
            (_, true) if text[at..].starts_with(['[', '{']) => balanced_end(text, at),
            (':', true) => bare_end(text, at, |byte| {
                byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']')
            }),
            (_, false) if is_one_of(name, HEADERS) => line_end(text, at),
            (':', false) if is_one_of(name, PROSE) => return None,
            _ => bare_end(text, at, |byte| {
                byte.is_ascii_whitespace() || matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>')
            }),
        };
        let empty = ["null", "true", "false", "None"].contains(&&text[at..end]);
        (!empty).then_some(at..end)
    }

    /// `<name>value</name>`, also with a namespace or escaped once more. `Some(None)` is a tag that
    /// has no value of its own.
    #[expect(
        clippy::option_option,
        reason = "no tag, a tag without a value, a tag with one"
    )]
    fn element(&mut self, start: usize, end: usize) -> Option<Option<Range<usize>>> {
        let text = self.text;
        let bytes = text.as_bytes();
        let mut name_start = start;
        let before = &text[..start];
        if let Some(prefix) = COLONS.iter().find_map(|colon| before.strip_suffix(colon)) {
            name_start = prefix.len();
            while name_start > 0 && is_word(bytes[name_start - 1]) {
                name_start -= 1;
            }
            looked_at(start - name_start);
            if text[..name_start].ends_with('%') {
                // The letters of an encoded bracket that the prefix is glued to.
                name_start = (name_start + 2).min(start);
            }
        }
        let before = &text[..name_start];
        for (kind, (open, close, slash)) in BRACKETS.iter().enumerate() {
            if before
                .strip_suffix(slash)
                .is_some_and(|rest| rest.ends_with(open))
            {
                return Some(None);
            }
            if !before.ends_with(open) {
                continue;
            }
            let tag_end = self.tag_ends[kind].from(text, end)?;
            if text[..tag_end].ends_with(slash) {
                return Some(None);
            }
            let content = tag_end + close.len();
            let name = &text[name_start..end];
            return Some(Some(content..self.closing_tag(kind, name, content)));
        }
        None
    }

    /// Where the content of an element ends; the end of the text when it was cut.
    fn closing_tag(&mut self, kind: usize, name: &'a str, content: usize) -> usize {
        let text = self.text;
        let closing = self.closing.get_or_insert_with(|| closing_tags(text));
        let places = closing.get(&(kind, name)).map_or(&[][..], Vec::as_slice);
        let next = places.partition_point(|place| *place < content);
        places.get(next).copied().unwrap_or(text.len())
    }

    /// `<param name="password">value</param>` and `<input name="password" value="value"/>`.
    fn named_element(&mut self, start: usize, after: usize) -> Option<Range<usize>> {
        let text = self.text;
        let before = text[..start].trim_end_matches(['"', '\'', '\\']);
        let before = before.strip_suffix("&quot;").unwrap_or(before);
        before.strip_suffix('=')?.trim_end().strip_suffix("name")?;
        looked_at(start - before.len());
        let plain = self.named_end.from(text, after);
        let escaped = self.named_escaped_end.from(text, after);
        let (tag_end, close) = match (plain, escaped) {
            (Some(plain), Some(escaped)) if escaped < plain => (escaped, "&gt;"),
            (Some(plain), _) => (plain, ">"),
            (None, escaped) => (escaped?, "&gt;"),
        };
        let value = self.named_value.from(text, after);
        if let Some(value) = value.filter(|value| value + "value=".len() <= tag_end) {
            let (mark, start) = quote(text, value + "value=".len())?;
            if let Some(last) = self.last_value.as_ref().filter(|last| last.start == start) {
                return Some(last.clone());
            }
            let span = start..quote_end(text, start, mark);
            self.last_value = Some(span.clone());
            return Some(span);
        }
        if text[after..tag_end].ends_with('/') {
            return None;
        }
        let content = tag_end + close.len();
        // Character data is one value whatever it holds.
        let end = if text[content..].starts_with("<![CDATA[") {
            self.data_end.from(text, content)
        } else if close == ">" {
            self.open.from(text, content)
        } else {
            self.escaped_open.from(text, content)
        };
        Some(content..end.unwrap_or(text.len()))
    }
}

/// The places of all closing tags of secret names, each list in order.
fn closing_tags(text: &str) -> HashMap<(usize, &str), Vec<usize>> {
    let word_end = |at: usize| bare_end(text, at, |byte| !is_word(byte));
    let mut found: HashMap<_, Vec<usize>> = HashMap::new();
    for (kind, (open, _, slash)) in BRACKETS.iter().enumerate() {
        let sign = format!("{open}{slash}");
        looked_at(text.len());
        for (place, _) in text.match_indices(&sign) {
            let start = place + sign.len();
            let (mut last, mut end) = (start, word_end(start));
            let after = skip_any(text, end, &COLONS);
            if after > end {
                (last, end) = (after, word_end(after));
            }
            if is_secret(&text[last..end]) {
                found
                    .entry((kind, &text[start..end]))
                    .or_default()
                    .push(place);
            }
        }
    }
    found
}

/// `scheme://user:password@host`; `colon` is the one after the scheme.
fn address_password(text: &str, colon: usize) -> Option<Range<usize>> {
    let start = colon + text[colon..].strip_prefix("://").map(|_| "://".len())?;
    let end = bare_end(text, start, |byte| {
        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<')
    });
    looked_at(end - start);
    let user_info = &text[start..start + text[start..end].rfind('@')?];
    let password = start + user_info.find(':')? + 1;
    Some(password..start + user_info.len())
}

/// An opening or closing quotation mark with the place after it: plain, with the backslashes of
/// nested quoting, as an entity or percent-encoded.
fn quote(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = &text[at..];
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    looked_at(slashes);
    let mark = ["\"", "'", "u0022"]
        .into_iter()
        .find(|mark| rest[slashes..].starts_with(mark) && (*mark != "u0022" || slashes > 0));
    if let Some(mark) = mark {
        let length = slashes + mark.len();
        return Some((&rest[..length], at + length));
    }
    ["&quot;", "&#34;", "&apos;", "&#39;", "%22", "%27"]
        .into_iter()
        .find(|mark| rest.starts_with(mark))
        .map(|mark| (mark, at + mark.len()))
}

/// Where a value that began after `mark` ends.
fn quote_end(text: &str, start: usize, mark: &str) -> usize {
    let slashes = mark.len() - mark.trim_start_matches('\\').len();
    let sign = &mark[slashes..];
    let mut from = start;
    while let Some(at) = text[from..].find(sign).map(|at| from + at) {
        looked_at(at - from);
        let value = &text[from..at];
        let run = value.len() - value.trim_end_matches('\\').len();
        // Each layer of quoting doubles the backslashes of the value's own; a mark of the opening
        // one's layer has exactly its backslashes beside complete pairs of theirs.
        if sign.starts_with(['&', '%']) || run % (2 * (slashes + 1)) == slashes {
            return at - slashes.min(run);
        }
        from = at + sign.len();
    }
    looked_at(text.len() - from);
    text.len()
}

/// Where a bracket closes, quoted text aside; the end of the text when it was cut.
fn balanced_end(text: &str, at: usize) -> usize {
    let (mut depth, mut inside, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text[at..].bytes().enumerate() {
        looked_at(1);
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'[' | b'{' if !inside => depth += 1,
            b']' | b'}' if !inside => {
                depth -= 1;
                if depth == 0 {
                    return at + offset + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

fn separator(text: &str, at: usize) -> Option<(char, usize)> {
    const SEPARATORS: &[(&str, char)] = &[
        ("=>", '='),
        ("=", '='),
        ("%3D", '='),
        ("%3d", '='),
        (":", ':'),
        ("%3A", ':'),
        ("%3a", ':'),
        (",", ','),
    ];
    SEPARATORS
        .iter()
        .find(|(sign, _)| text[at..].starts_with(sign))
        .map(|(sign, kind)| (*kind, at + sign.len()))
}

fn skip_any(text: &str, at: usize, signs: &[&str]) -> usize {
    signs
        .iter()
        .find(|sign| text[at..].starts_with(**sign))
        .map_or(at, |sign| at + sign.len())
}

fn skip_blanks(text: &str, at: usize) -> usize {
    bare_end(text, at, |byte| !matches!(byte, b' ' | b'\t'))
}

fn line_end(text: &str, at: usize) -> usize {
    bare_end(text, at, |byte| matches!(byte, b'\n' | b'\r'))
}

fn bare_end(text: &str, at: usize, ends: impl Fn(u8) -> bool) -> usize {
    let end = text[at..]
        .bytes()
        .position(ends)
        .map_or(text.len(), |length| at + length);
    looked_at(end - at);
    end
}
