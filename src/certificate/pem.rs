//! PEM as people and vendors really write it: CRLF, one long line, blanks around, text between.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Characters per line of base64 (RFC 7468, section 2).
const COLUMNS: usize = 64;

const DASHES: &str = "-----";

/// Base64 that does not insist on padding: some panels cut it off.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// One armoured block.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The words after `BEGIN`.
    pub(super) label: String,
    /// Its content; `None` when it is not base64 or its end is missing.
    pub(super) der: Option<Vec<u8>>,
}

/// All blocks of a text, in order; everything outside of blocks is ignored. Linear in the length.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let Some((label, body)) = after.split_once(DASHES) else {
            break;
        };
        if label.contains(['\n', '\r']) {
            // A torn BEGIN line; what follows may still hold a block.
            rest = after;
            continue;
        }
        let label = label.trim();
        // Whatever the next dashes begin, they end this body.
        let end = body.find(DASHES).unwrap_or(body.len());
        let (content, tail) = body.split_at(end);
        let closed = tail
            .strip_prefix("-----END ")
            .and_then(|end| end.split_once(DASHES))
            .is_some_and(|(word, _)| same_label(label, word.trim()));
        found.push(Block {
            label: label.to_owned(),
            der: closed.then(|| decode(content)).flatten(),
        });
        rest = tail;
    }
    found
}

/// `NEW CERTIFICATE REQUEST` is the older name of `CERTIFICATE REQUEST`; hand-edited files mix them.
fn same_label(begin: &str, end: &str) -> bool {
    begin == end || (is_request(begin) && is_request(end))
}

/// Whether the label is that of a CSR.
pub(super) fn is_request(label: &str) -> bool {
    matches!(label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST")
}

/// Base64 with any white space in it; `None` when it is empty or something else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let packed: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .collect();
    if packed.is_empty() {
        return None;
    }
    LENIENT.decode(packed).ok()
}

/// One block with LF line ends and 64 columns.
pub(super) fn armour(label: &str, der: &[u8]) -> String {
    let mut rest = base64::engine::general_purpose::STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    while !rest.is_empty() {
        let tail = rest.split_off(rest.len().min(COLUMNS));
        text.push_str(&rest);
        text.push('\n');
        rest = tail;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests;
