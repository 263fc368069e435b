//! The little BER and DER that PKCS#7 needs: definite and indefinite lengths in, DER out.

use crate::work::looked_at;

/// Nesting that is followed; a PKCS#7 of certificates needs six.
const MAX_DEPTH: usize = 24;

/// One element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    /// Identifier octet; tag numbers above 30 are not read.
    pub(super) tag: u8,
    /// The content, without the end mark of an indefinite length.
    pub(super) content: &'a [u8],
    /// Identifier, length and content.
    pub(super) whole: &'a [u8],
}

/// The first element and what follows it; `None` when the bytes are no BER or nest too deeply.
pub(super) fn read(input: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let extent = measure(input, 0)?;
    let (whole, rest) = input.split_at_checked(extent.total)?;
    let content = whole.get(extent.header..extent.total.checked_sub(extent.trailer)?)?;
    let tag = *whole.first()?;
    Some((
        Element {
            tag,
            content,
            whole,
        },
        rest,
    ))
}

/// Reads the first element when it has the given tag.
pub(super) fn expect(input: &[u8], tag: u8) -> Option<(Element<'_>, &[u8])> {
    read(input).filter(|(element, _)| element.tag == tag)
}

struct Extent {
    header: usize,
    trailer: usize,
    total: usize,
}

fn measure(input: &[u8], depth: usize) -> Option<Extent> {
    if depth > MAX_DEPTH {
        return None;
    }
    looked_at(1);
    let tag = *input.first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let length = *input.get(1)?;
    match length {
        0..=0x7f => definite(input, 2, usize::from(length)),
        0x80 if tag & 0x20 != 0 => {
            let mut position = 2_usize;
            loop {
                let rest = input.get(position..)?;
                if rest.starts_with(&[0, 0]) {
                    return Some(Extent {
                        header: 2,
                        trailer: 2,
                        total: position + 2,
                    });
                }
                position = position.checked_add(measure(rest, depth + 1)?.total)?;
            }
        }
        0x81..=0x84 => {
            let octets = input.get(2..2 + usize::from(length & 0x7f))?;
            let value = octets
                .iter()
                .fold(0_usize, |value, octet| (value << 8) | usize::from(*octet));
            definite(input, 2 + octets.len(), value)
        }
        _ => None,
    }
}

fn definite(input: &[u8], header: usize, length: usize) -> Option<Extent> {
    let total = header.checked_add(length)?;
    (total <= input.len()).then_some(Extent {
        header,
        trailer: 0,
        total,
    })
}

/// DER of one element with the given content.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    let length = content.len();
    if let Ok(short @ 0..=0x7f) = u8::try_from(length) {
        der.push(short);
    } else {
        let octets = length.to_be_bytes();
        let octets: Vec<u8> = octets.into_iter().skip_while(|octet| *octet == 0).collect();
        // A usize has at most eight octets.
        der.push(0x80 | octets.len() as u8);
        der.extend_from_slice(&octets);
    }
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests;
