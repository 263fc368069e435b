//! What is hidden by its looks, whatever the field is called: addresses, telephone numbers, names of
//! domains, and the certificates and requests that hold all of them.

use crate::domain::DomainName;
use crate::logging::mask::MASK;

/// Begin and end of the first and last line of a PEM block.
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Letters of base64 in a row that cannot be a name, a number or a word: half a line of a PEM block.
const LONG: usize = 40;

/// Hides in a transcript.
pub(super) fn hide(text: &str) -> String {
    words(&encoded(&blocks(text)))
}

/// The contents of PEM blocks; their titles stay.
fn blocks(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        let title = &rest[at + BEGIN.len()..];
        let Some(end_of_title) = title.find(DASHES) else {
            break;
        };
        let content = at + BEGIN.len() + end_of_title + DASHES.len();
        hidden.push_str(&rest[..content]);
        hidden.push_str(MASK);
        rest = &rest[content..];
        // Without an end everything is content.
        rest = rest.find(END).map_or("", |end| &rest[end..]);
    }
    hidden.push_str(rest);
    hidden
}

/// Long texts in base64, wherever they stand and however they are broken into lines.
fn encoded(text: &str) -> String {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_letter) {
        let (before, word) = rest.split_at(start);
        hidden.push_str(before);
        let end = word.find(|c| !is_letter(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        hidden.push_str(if is_encoded(word) { MASK } else { word });
        rest = after;
    }
    hidden.push_str(rest);
    hidden
}

/// Base64 mixes its letters; digests, paths and product codes do not.
fn is_encoded(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(&test);
    word.len() >= LONG
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

/// Words that look like an e-mail address, a telephone number, the name of a domain or an IP address.
fn words(text: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '@');
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (before, word) = rest.split_at(start);
        hidden.push_str(before);
        let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
        let (word, after) = word.split_at(end);
        let tells = is_mail(word) || is_phone(word) || is_address(word) || is_domain(word);
        hidden.push_str(if tells { MASK } else { word });
        rest = after;
    }
    hidden.push_str(rest);
    hidden
}

fn is_mail(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn is_phone(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let is_mark = |c: char| c.is_ascii_digit() || c == '-' || c == '.';
    word.starts_with('+') && digits >= 7 && word[1..].chars().all(is_mark)
}

fn is_address(word: &str) -> bool {
    word.parse::<std::net::Ipv4Addr>().is_ok()
}

/// A name that a public authority could certify, also percent-encoded or behind an underscore.
fn is_domain(word: &str) -> bool {
    let bare = word.trim_matches(['.', '-', '_', '+', '%']);
    bare.contains('.')
        && bare
            .split(['%', '@', '+'])
            .map(|part| part.trim_start_matches('_'))
            .any(|part| part.contains('.') && DomainName::parse(part).is_ok_and(|n| n.is_public()))
}

#[cfg(test)]
mod tests;
