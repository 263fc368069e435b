//! PEM as people and vendors really write it: CRLF, one long line, blanks around, text between.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::work::looked_at;

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
    each_block(text).collect()
}

/// The same, each read when it is asked for: of a stored chain mostly the first one is wanted.
pub(super) fn each_block(text: &str) -> impl Iterator<Item = Block> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let (before, after) = rest.split_once("-----BEGIN ")?;
            let (label, body) = after.split_once(DASHES)?;
            looked_at(before.len() + label.len());
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
            rest = tail;
            return Some(Block {
                label: label.to_owned(),
                der: closed.then(|| decode(content)).flatten(),
            });
        }
    })
}

/// `NEW CERTIFICATE REQUEST` is the older name of `CERTIFICATE REQUEST`; hand-edited files mix them.
fn same_label(begin: &str, end: &str) -> bool {
    begin == end || (is_request(begin) && is_request(end))
}

/// Whether the label is that of a CSR.
pub(super) fn is_request(label: &str) -> bool {
    matches!(label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST")
}

/// The same in the alphabet of web addresses (RFC 4648, section 5).
const LENIENT_IN_ADDRESSES: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Base64 with any white space in it; `None` when it is empty or something else.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    decode_packed(&packed(text))
}

/// Several texts in base64 one behind another, each but the last with its padding; none when one of them is something
/// else.
pub(super) fn decode_all(text: &str) -> Vec<Vec<u8>> {
    let packed = packed(text);
    let mut parts: Vec<&str> = packed.split('=').collect();
    parts.retain(|part| !part.is_empty());
    let decoded: Option<Vec<_>> = parts.into_iter().map(decode_packed).collect();
    decoded.unwrap_or_default()
}

fn packed(text: &str) -> String {
    looked_at(text.len());
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .collect()
}

fn decode_packed(packed: &str) -> Option<Vec<u8>> {
    if packed.is_empty() {
        return None;
    }
    let decoded = match packed.contains(['-', '_']) {
        true => LENIENT_IN_ADDRESSES.decode(packed),
        false => LENIENT.decode(packed),
    };
    decoded.ok()
}

/// One block with LF line ends and 64 columns.
pub(super) fn armour(label: &str, der: &[u8]) -> String {
    let packed = base64::engine::general_purpose::STANDARD.encode(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = packed.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(COLUMNS));
        looked_at(line.len());
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

#[cfg(test)]
mod tests;
