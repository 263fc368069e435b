//! Takes off what programs and people put around a text. Every step is linear in its length.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{pem, wrapping};
use crate::work::looked_at;

/// Rounds of percent-decoding: forms inside of forms.
const MOST_ROUNDS: usize = 3;
/// Longest HTML tag and entity that are looked for, in bytes: word processors write their styles into every tag.
const LONGEST_TAG: usize = 4096;
const LONGEST_ENTITY: usize = 16;
/// No request is so short, in bytes.
const SURELY_TAG: usize = 256;

/// The text without the wrappings that programs put around a text: percent signs, entities, tags,
/// escapes, quoted-printable; all dashes are plain ones.
pub(super) fn plain(text: &str) -> String {
    let text = text.replace('\0', "").replace("^M", "");
    let text = without_percent(text);
    let text = without_tags(&without_entities(text));
    let text = without_quoted_printable(&without_escapes(&text));
    let text = with_plain_dashes(&text);
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        plain.push_str(unquoted(line));
        plain.push('\n');
    }
    plain
}

fn hex(digits: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(digits).ok()?;
    let are_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    are_digits
        .then(|| u32::from_str_radix(digits, 16).ok())
        .flatten()
}

/// Replaces a byte and two hexadecimal digits behind it by the octet that they stand for.
fn decode_octets(text: &str, mark: u8, is_meant: impl Fn(&[u8]) -> bool) -> String {
    let bytes = text.as_bytes();
    looked_at(bytes.len());
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let octet = (*byte == mark)
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .filter(|digits| is_meant(digits))
            .and_then(hex)
            .and_then(|octet| u8::try_from(octet).ok());
        decoded.push(octet.unwrap_or(*byte));
        at += if octet.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn without_percent(text: String) -> String {
    let mut text = text;
    for _ in 0..MOST_ROUNDS {
        if !text.contains('%') {
            break;
        }
        text = decode_octets(&text, b'%', |_| true);
    }
    text
}

/// Entities, those of entities, too.
fn without_entities(text: String) -> String {
    let mut text = text;
    for _ in 0..MOST_ROUNDS {
        if !text.contains('&') {
            break;
        }
        text = without_entities_once(&text);
    }
    text
}

fn without_entities_once(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let end = after
            .bytes()
            .take(LONGEST_ENTITY)
            .position(|byte| byte == b';');
        looked_at(before.len() + end.unwrap_or(LONGEST_ENTITY));
        match end.and_then(|end| Some((entity(after.get(..end)?)?, after.get(end + 1..)?))) {
            Some((character, tail)) => {
                plain.push(character);
                rest = tail;
            }
            None => {
                plain.push('&');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let number = match number.strip_prefix(['x', 'X']) {
            Some(digits) => hex(digits.as_bytes()),
            None => number.parse().ok(),
        };
        return number.and_then(char::from_u32);
    }
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" | "thinsp" | "Tab" => ' ',
        // Invisible: they go with all of their kind.
        "shy" | "zwnj" | "zwj" | "lrm" | "rlm" | "ZeroWidthSpace" | "NoBreak" => '\u{ad}',
        "plus" => '+',
        "sol" => '/',
        "equals" => '=',
        "NewLine" => '\n',
        "dash" | "hyphen" | "ndash" | "mdash" | "minus" => '-',
        _ => return None,
    })
}

/// Tags become line ends: they stand between lines.
fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        // A tag holds no other one, and no request.
        let end = after
            .bytes()
            .take(LONGEST_TAG)
            .position(|byte| matches!(byte, b'<' | b'>'));
        looked_at(before.len() + end.unwrap_or(LONGEST_TAG));
        let end = end
            .filter(|end| after.as_bytes().get(*end) == Some(&b'>'))
            .filter(|end| {
                let tag = after.as_bytes().get(..*end).unwrap_or_default();
                *end <= SURELY_TAG || !tag.windows(3).any(wrapping::begins_der)
            });
        match end.filter(|_| is_tag).and_then(|end| after.get(end + 1..)) {
            Some(tail) => {
                plain.push('\n');
                rest = tail;
            }
            None => rest = after,
        }
    }
    plain.push_str(rest);
    plain
}

/// Escapes of word processors (`\par`, `\line`), programming languages and JSON, once or several times over: `\n`, `\r\n`, `\/`, `\u002b`,
/// `\x0a`. A lone backslash (a shell's continued line) goes.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let tail = after.trim_start_matches('\\');
        looked_at(before.len() + 1 + after.len() - tail.len());
        let digits = |from: usize, to: usize| {
            let digits = tail.as_bytes().get(from..to)?;
            Some((char::from_u32(hex(digits)?)?, tail.get(to..)?))
        };
        let (character, after) = match tail.as_bytes().first() {
            _ if tail.starts_with("par") => ('\n', &tail[3..]),
            _ if tail.starts_with("line") => ('\n', &tail[4..]),
            Some(b'n' | b'r' | b't') => ('\n', &tail[1..]),
            Some(b'u') => digits(1, 5).unwrap_or((' ', tail)),
            Some(b'x') => digits(1, 3).unwrap_or((' ', tail)),
            _ => {
                rest = tail;
                continue;
            }
        };
        plain.push(character);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

/// Only octets that mails escape in a request; behind the padding of base64 no other letter stands. A line
/// end that the mail added goes with its mark.
fn without_quoted_printable(text: &str) -> String {
    if !text.contains('=') {
        return text.to_owned();
    }
    let text = text.replace("=\r\n", "").replace("=\n", "");
    decode_octets(&text, b'=', |digits| {
        ["3D", "2D", "0A", "0D", "20", "2B", "2F"]
            .iter()
            .any(|known| known.as_bytes().eq_ignore_ascii_case(digits))
    })
}

/// Typographic dashes as plain ones, also as they look when UTF-8 was taken for Windows-1252; what is
/// invisible goes.
fn with_plain_dashes(text: &str) -> String {
    looked_at(text.len());
    let text = text
        .replace("\u{e2}\u{20ac}\u{201c}", "-")
        .replace("\u{e2}\u{20ac}\u{201d}", "-");
    text.chars()
        .filter(|c| {
            !matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}')
        })
        .map(|c| match c {
            '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{2500}'
            | '\u{2501}'
            | '\u{fe58}'
            | '\u{fe63}'
            | '\u{ff0d}' => '-',
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => ' ',
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\r' => '\n',
            // Letters of the width of Chinese ones.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            other => other,
        })
        .collect()
}

/// Other ways to read a text in which no request was found. Each may be wrong: what comes of it has to prove
/// itself.
pub(super) fn other_readings(text: &str) -> Vec<String> {
    let packed: String = text.split_whitespace().collect();
    // An address that holds what it names: `data:text/plain;base64,...`.
    let named = packed.split_once("base64,").map(|(_, inside)| inside);
    let inside = STANDARD.decode(named.unwrap_or(&packed)).ok();
    // Also of 16-bit characters.
    let inside = inside.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let written_out = |text: &str, ends: &[&str]| {
        let is_there = ends.iter().any(|end| text.contains(end));
        is_there.then(|| {
            ends.iter()
                .fold(text.to_owned(), |text, end| text.replace(end, "\n"))
        })
    };
    inside
        .into_iter()
        .chain(from_hex(&packed))
        .chain(without_margin(text))
        .chain(of_other_width(text))
        // Line ends as shells and tired people write them.
        .chain(written_out(text, &["`r`n", "`n", "[CRLF]", "[CR]", "[LF]"]))
        .chain(written_out(text, &["/r/n", "/n"]))
        // In octal digits, as logs and shells do.
        .chain(written_out(text, &["#012", "#015"]))
        .chain(written_out(text, &["\\\\012", "\\\\015", "\\012", "\\015"]))
        .chain(with_plus_signs(text).into_iter().flatten())
        .chain(of_web_addresses(text))
        .chain(without_hyphens(text))
        .chain(inside_words(text))
        // Tables of an office program.
        .chain(written_out(
            text,
            &["_x000D_", "_x000d_", "_x000A_", "_x000a_"],
        ))
        .chain(behind_other_octets(text))
        .chain(inside_quotes(text))
        .chain(std::iter::once(last_words(text)))
        .collect()
}

/// What words or fields with names hold in base64: an armoured text, or the base64 in one. All of it in one reading,
/// since a key may be among it.
pub(super) fn inside_words(text: &str) -> Option<String> {
    /// Base64 of dashes, whatever stands before them, of dashes of 16 bits, and of base64 that begins a request.
    const BEGINNINGS: [&str; 3] = ["LS0t", "LQAt", "TUlJ"];
    const MOST: usize = 8;
    let text = plain(text);
    let mut rest = text.as_str();
    let mut found = String::new();
    for _ in 0..MOST {
        looked_at(BEGINNINGS.len() * rest.len());
        let beginnings = BEGINNINGS.iter().filter_map(|begin| rest.find(begin));
        let Some(inside) = beginnings.min().and_then(|start| rest.get(start..)) else {
            break;
        };
        let is_inside =
            |c: char| c.is_ascii_alphanumeric() || "+/".contains(c) || c.is_whitespace();
        let (run, after) = inside.split_at(inside.find(|c| !is_inside(c)).unwrap_or(inside.len()));
        // Words may follow it: what is of no full octets then is of the last line of armour.
        let whole = pem::decode(run).or_else(|| {
            let mut digits: String = run.split_whitespace().collect();
            digits.truncate(digits.len() / 4 * 4);
            pem::decode(&digits)
        });
        if let Some(octets) = whole {
            found.push_str(&String::from_utf8_lossy(&octets));
            found.push('\n');
        }
        rest = after;
    }
    (!found.is_empty()).then_some(found)
}

/// A request whose blanks were plus signs. It has its lines, or stands in one, where what is behind every so many
/// characters was a line end: a letter of `\n` without its backslash, or a blank.
fn with_plus_signs(text: &str) -> Option<Vec<String>> {
    const LABEL: &str = "REQUEST-----";
    const WIDTHS: [usize; 2] = [64, 76];
    /// Blanks at the end may be gone; what is too much there does no harm.
    const TRIMMED: &str = "++";
    let start = match text.find(LABEL) {
        Some(at) => at + LABEL.len(),
        None => text.find("MII")?,
    };
    let (head, behind) = text.split_at_checked(start)?;
    let (body, tail) = behind.split_at(behind.find('-').unwrap_or(behind.len()));
    let even = ["rn", "n", "  ", " "].into_iter().find_map(|between| {
        let body = body.strip_prefix(between).unwrap_or(body);
        WIDTHS
            .into_iter()
            .find_map(|width| even_lines(body, width, between))
    });
    let as_it_is = body.contains(' ').then(|| body.to_owned());
    let bodies = even.into_iter().chain(as_it_is);
    let read = bodies.map(|body| {
        let body = body.replace(' ', "+");
        format!("{head}\n{body}{TRIMMED}\n{tail}")
    });
    Some(read.collect())
}

/// A request in the alphabet of web addresses (RFC 4648, section 5), whose dashes can be taken for those of armour.
fn of_web_addresses(text: &str) -> Option<String> {
    const DASHES: &str = "-----";
    let parts = text.split(DASHES).map(|part| {
        let is_label = ["BEGIN ", "END "].iter().any(|word| part.starts_with(word));
        match is_label {
            true => part.to_owned(),
            false => part.replace('-', "+").replace('_', "/"),
        }
    });
    let read = parts.collect::<Vec<_>>().join(DASHES);
    (read != text).then_some(read)
}

/// Lines of one width, between all of which stands the same.
fn even_lines(body: &str, width: usize, between: &str) -> Option<String> {
    let mut lines = Vec::new();
    let mut rest = body;
    while rest.len() > width {
        let (line, behind) = rest.split_at_checked(width)?;
        rest = behind.strip_prefix(between)?;
        looked_at(line.len());
        lines.push(line);
    }
    lines.push(rest);
    (lines.len() > 1).then(|| lines.join("\n"))
}

/// Lines that a word processor has hyphenated.
fn without_hyphens(text: &str) -> Option<String> {
    let text = plain(text);
    let mut joined = String::with_capacity(text.len());
    let mut has_any = false;
    for line in text.lines() {
        let line = line.trim_end();
        let word = line.strip_suffix('-').filter(|word| !word.ends_with('-'));
        has_any |= word.is_some();
        joined.push_str(word.unwrap_or(line));
        joined.push('\n');
    }
    has_any.then_some(joined)
}

/// A request before which other octets were encoded with it: a line end, the mark of a file.
fn behind_other_octets(text: &str) -> Option<String> {
    const MOST: usize = 16;
    let lines = text.lines().filter(|line| !line.contains('-'));
    let packed: String = lines.flat_map(str::split_whitespace).collect();
    let octets = STANDARD.decode(packed).ok()?;
    let start = (1..=MOST).find(|start| {
        octets
            .get(*start..)
            .is_some_and(|rest| matches!(rest, [0x30, 0x81 | 0x82, ..]))
    })?;
    Some(STANDARD.encode(octets.get(start..)?))
}

/// Characters of 16 bits whose halves were exchanged, or that hold two letters each.
fn of_other_width(text: &str) -> Vec<String> {
    if text.is_ascii() {
        return Vec::new();
    }
    let units: Vec<u16> = text.encode_utf16().collect();
    let read = |of: fn(&u16) -> [u8; 2]| {
        let bytes: Vec<u8> = units.iter().flat_map(of).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    vec![
        read(|unit| unit.to_le_bytes()),
        read(|unit| unit.to_be_bytes()),
    ]
}

/// What stands inside of the quotes of each line: a program's text with letters before the quotes.
fn inside_quotes(text: &str) -> Option<String> {
    let quotes = ['"', '\''];
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let inner: Option<Vec<&str>> = lines
        .map(|line| {
            let (from, to) = (line.find(quotes)?, line.rfind(quotes)?);
            line.get(from + 1..to)
        })
        .collect();
    inner.map(|lines| lines.join("\n"))
}

/// The last word of each line, where times, numbers or marks stand before it; marks of armour as they are.
fn last_words(text: &str) -> String {
    let plain = without_tags(&without_entities(text.to_owned()));
    let lines = plain.lines().map(|line| {
        if line.contains("BEGIN") || line.contains("END") {
            return line;
        }
        let last = line.split_whitespace().next_back().unwrap_or_default();
        let is_number = last.len() < 5 && last.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { "" } else { last }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A request in hexadecimal digits, as base64.
fn from_hex(packed: &str) -> Option<String> {
    let digits = packed.replace(':', "");
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    if !digits.starts_with("30") || !digits.len().is_multiple_of(2) {
        return None;
    }
    let octets = digits.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = octets
        .map(|pair| hex(pair).and_then(|octet| u8::try_from(octet).ok()))
        .collect();
    bytes.map(|bytes| STANDARD.encode(bytes))
}

/// Lines without what an editor or a comparison of texts put before each of them: its number, a plus or a minus
/// sign.
fn without_margin(text: &str) -> Option<String> {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    let same = ['+', '-']
        .into_iter()
        .find(|sign| lines().all(|line| line.starts_with(*sign)));
    if let Some(sign) = same {
        let rest = lines().filter_map(|line| line.strip_prefix(sign));
        return Some(rest.collect::<Vec<_>>().join("\n"));
    }
    let rest: Option<Vec<&str>> = lines()
        .map(|line| {
            let line = line.trim_start();
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
            let is_apart = rest.starts_with([' ', '\t', ':', '|', '.', ')']);
            (rest.len() < line.len() && is_apart)
                .then(|| rest.trim_start_matches([' ', '\t', ':', '|', '.', ')']))
        })
        .collect();
    rest.map(|lines| lines.join("\n"))
}

/// A line without the initials of quoted mail and without the sign that joins texts in programs. Other
/// marks need no care: no base64 holds them.
fn unquoted(line: &str) -> &str {
    let mut line = line;
    while let Some((before, after)) = line.split_once(['>', '|']) {
        looked_at(before.len() + 1);
        if before.len() > 4 || before.trim().contains(|c: char| !c.is_ascii_alphabetic()) {
            break;
        }
        line = after;
    }
    match line.trim_end().strip_suffix('+') {
        Some(text) if text.trim_end().ends_with(['"', '\'', '`']) => text,
        _ => line,
    }
}
