//! Texts of others, made harmless for a line, a terminal and a document: the one place that says which
//! characters are shown as escapes (design, section 7).

use super::mask;

/// Characters that steer a terminal, turn a line round, break it, or are not seen at all.
#[must_use]
pub(super) fn hides(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// The text with such characters as escapes (`\u{1b}`), but for those that are to be kept.
#[must_use]
pub fn visible(text: &str, kept: &[char]) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if hides(character) && !kept.contains(&character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A JSON document with its texts masked one by one, which leaves it a document, and such characters as
/// JSON's own escapes.
#[must_use]
pub fn visible_json(document: &str) -> String {
    let mut shown = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(start) = rest.find('"') {
        shown.push_str(&rest[..start]);
        let length = text_length(&rest[start..]);
        let (text, after) = rest[start..].split_at(length);
        rest = after;
        // As nearly all are: no escape in it and nothing to mask.
        let inside = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let inside = inside.filter(|text| !text.bytes().any(|b| b == b'\\' || b < b' '));
        if inside.is_some_and(|text| mask(text) == text) {
            escape_json(text, &mut shown);
            continue;
        }
        let masked = serde_json::from_str(text).map(|text: String| mask(&text));
        match masked.and_then(|text| serde_json::to_string(&text)) {
            Ok(text) => escape_json(&text, &mut shown),
            Err(_) => shown.push_str("\"\""),
        }
    }
    shown.push_str(rest);
    shown
}

/// The length of the JSON text that a document begins with, its quotation marks included.
fn text_length(document: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in document.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    document.len()
}

fn escape_json(text: &str, shown: &mut String) {
    for character in text.chars() {
        if hides(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(character);
        }
    }
}

#[cfg(test)]
mod tests;
