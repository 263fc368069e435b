//! JSON of others: one bounded reader for all who answer in it, as [`crate::xml`] is for XML.
//!
//! What a document takes in memory has little to do with its length: an object of six bytes takes some hundreds. So
//! its parts are counted before anything is made of them.

use serde_json::Value;

use crate::domain::text::Words;
use crate::work::looked_at;

/// Most objects and arrays of a document: a listing of 10 000 certificates has two or three for each, a list of
/// products with its prices some 8 000. Each may take 650 bytes.
const MOST_BRACKETS: usize = 30_000;

/// Most members and items: some fifteen for each of 10 000 certificates. Each may take 130 bytes.
const MOST_PARTS: usize = 150_000;

/// What is said of a document beyond the limits.
fn too_large() -> Words {
    words!("larger than any answer", "больше любого ответа")
}

/// Reads a document; a byte-order mark in front is dropped.
///
/// # Errors
/// Where it breaks, without its content; or that it is larger than any answer.
pub(crate) fn read(document: &[u8]) -> Result<Value, Words> {
    if is_too_large(document) {
        return Err(too_large());
    }
    let text = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    serde_json::from_slice(text).map_err(|error| {
        words!(
            "it breaks at line {}, column {}",
            "ошибка в строке {}, столбце {}",
            error.line(),
            error.column()
        )
    })
}

/// Whether a document has more parts than any answer. Of a text that is no JSON it says nothing that matters.
pub(crate) fn is_too_large(document: &[u8]) -> bool {
    looked_at(document.len());
    let (mut brackets, mut commas) = (0_usize, 0_usize);
    let mut bytes = document.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => brackets += 1,
            b',' => commas += 1,
            b'"' => skip_string(&mut bytes),
            _ => {}
        }
    }
    // Of n parts beside each other n - 1 are behind a comma, and the first one behind a bracket.
    brackets > MOST_BRACKETS || brackets + commas > MOST_PARTS
}

/// The rest of a string, its second quotation mark included.
fn skip_string(bytes: &mut std::slice::Iter<'_, u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(part: &str, count: usize) -> String {
        format!("[{}]", vec![part; count].join(","))
    }

    #[test]
    fn a_document_is_counted_before_it_is_read() {
        for (what, document, is_read) in [
            ("objects", listed("{\"\":0}", MOST_BRACKETS - 1), true),
            ("too many objects", listed("{\"\":0}", MOST_BRACKETS), false),
            ("too many arrays", listed("[]", MOST_BRACKETS), false),
            ("numbers", listed("0", MOST_PARTS), true),
            ("too many numbers", listed("0", MOST_PARTS + 1), false),
            (
                "too many members",
                format!("{{\"a\":0{}}}", ",\"a\":0".repeat(MOST_PARTS)),
                false,
            ),
            (
                "brackets and commas in a text",
                format!("{{\"a\":\"{}\"}}", "\\\"[{,".repeat(MOST_PARTS)),
                true,
            ),
            (
                "a text that ends in a backslash",
                format!("[\"\\\\\",{}]", listed("[]", MOST_BRACKETS)),
                false,
            ),
        ] {
            let read = read(document.as_bytes());
            assert_eq!(read.is_ok(), is_read, "{what}");
            if let Err(words) = read {
                assert_eq!(words.en(), too_large().en(), "{what}");
            }
        }
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place_and_without_its_content() {
        for (document, words) in [
            ("", "it breaks at line 1, column 0"),
            ("<secret>", "it breaks at line 1, column 1"),
            ("{\"secret\":", "it breaks at line 1, column 10"),
        ] {
            assert_eq!(read(document.as_bytes()).unwrap_err().en(), words);
        }
        let marked = read(b"\xef\xbb\xbf{\"a\":1}").unwrap();
        assert_eq!(marked["a"], 1);
    }
}
