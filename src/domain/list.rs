//! Lists of names and addresses as people type them.

use crate::work::looked_at;

/// Line ends as programs write them, where they were not understood.
const WRITTEN_ENDS: [&str; 2] = ["\\r\\n", "\\n"];

/// What stands before an entry and is none of it: names as programs print them, addresses as web pages link them.
const FRONTS: [&str; 4] = ["DNS:", "IP:", "email:", "mailto:"];

/// Fronts of two words: openssl's and certtool's `IP Address:`, certutil's `DNS Name=`.
const LONG_FRONTS: [(&str, &str); 4] = [
    ("IP", "Address:"),
    ("IP", "Address="),
    ("DNS", "Name="),
    ("DNS", "Name:"),
];

/// The entries of a list: blanks, line ends, commas, semicolons and bars divide, however many. No name and no
/// address holds one of them, nor the quotes and brackets that go from around an entry. Marks of a list (`- `, `1. `,
/// `1) `) are no entries.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    let mut before = "";
    let entries = WRITTEN_ENDS
        .iter()
        .fold(between_breaks(text), |parts, end| {
            parts
                .into_iter()
                .flat_map(|part| part.split(*end))
                .collect()
        })
        .into_iter()
        .flat_map(|part| part.split(divides))
        // Before its bracket goes.
        .filter(|entry| !is_number(entry))
        .map(|entry| entry.trim_matches(is_around))
        .filter(|entry| !entry.is_empty());
    let mut entries = entries.peekable();
    std::iter::from_fn(move || {
        let entry = entries.next()?;
        looked_at(entry.len() + 1);
        let word = std::mem::replace(&mut before, entry);
        let is_first = entries
            .peek()
            .is_some_and(|next| behind_long_front(entry, next).is_some());
        Some(match behind_long_front(word, entry) {
            Some(rest) => rest,
            None if is_first => "",
            None => FRONTS
                .iter()
                .find_map(|front| behind(front, entry))
                .or_else(|| behind_numbered(entry))
                .or_else(|| entry.strip_prefix('='))
                .unwrap_or(entry),
        })
    })
    .filter(|entry| !entry.is_empty() && !is_mark(entry))
}

/// The parts of a text between the line ends of a page: `<br>`, `<BR />` and the like.
fn between_breaks(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('<') {
        let tag = text.get(at..).and_then(|rest| behind("<br", rest));
        let rest = tag
            .filter(|rest| rest.starts_with(|c: char| c == '>' || c == '/' || c.is_whitespace()));
        // A tag holds no other one.
        let end = rest.and_then(|rest| rest.find(['<', '>']).and_then(|end| rest.get(end..)));
        if let Some(tail) = end.and_then(|end| end.strip_prefix('>')) {
            parts.extend(text.get(start..at));
            start = text.len() - tail.len();
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// What follows a front with a number, as in openssl's files: `DNS.1 = `.
fn behind_numbered(entry: &str) -> Option<&str> {
    let rest = ["DNS.", "IP."]
        .iter()
        .find_map(|front| behind(front, entry))?;
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_front = behind.len() < rest.len() && (behind.is_empty() || behind.starts_with('='));
    is_front.then(|| behind.strip_prefix('=').unwrap_or(behind))
}

fn behind<'a>(front: &str, entry: &'a str) -> Option<&'a str> {
    let (found, rest) = entry.split_at_checked(front.len())?;
    found.eq_ignore_ascii_case(front).then_some(rest)
}

/// What follows a front whose two words are the entries.
fn behind_long_front<'a>(first: &str, second: &'a str) -> Option<&'a str> {
    LONG_FRONTS.iter().find_map(|(one, other)| {
        let is_first = first.eq_ignore_ascii_case(one);
        is_first.then(|| behind(other, second)).flatten()
    })
}

fn divides(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | ';'
                | '|'
                | '\u{a6}'
                | '\u{2502}'
                | '\u{2503}'
                | '\u{2551}'
                | '\u{ff0c}'
                | '\u{ff1b}'
                | '\u{3001}'
                | '\u{60c}'
                | '\u{61b}'
        )
}

/// The mark of a list's line, or a sign that joins two entries. What may stand for a name or for more of them is none:
/// an asterisk, the `@` of a zone, colons of an address, dots.
fn is_mark(entry: &str) -> bool {
    let is_sign =
        |c: char| !c.is_alphanumeric() && !matches!(c, '*' | '@' | ':' | '.' | '\u{2026}');
    is_number(entry) || entry.chars().all(is_sign)
}

/// `1.`, `1)`, `(1)`
fn is_number(entry: &str) -> bool {
    let entry = entry.strip_prefix('(').unwrap_or(entry);
    let number = entry.strip_suffix(['.', ')']).unwrap_or_default();
    (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Quotes, brackets, and marks that nobody sees.
fn is_around(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '[' | ']' | '{' | '}' | '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}'
            | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::list;

    #[test]
    fn every_usual_division_of_a_list_is_understood() {
        for text in [
            "a.example b.example",
            "a.example,b.example",
            " a.example ;\tb.example; ",
            "a.example\r\nb.example\n",
            "a.example,\u{a0}b.example",
            ",;a.example;,\n;b.example",
            "a.example | b.example",
            "a.example\u{3001}b.example",
            "\"a.example\", 'b.example'",
            "<a.example>; \u{201c}b.example\u{201d}",
            "DNS:a.example, dns:b.example",
            "DNS:a.example, IP Address:b.example",
            "DNS: a.example\nIP address: b.example",
            "DNS Name=a.example\r\nDNS Name=b.example\r\n",
            "a.example, email:b.example",
            "[a.example, b.example]",
            "(a.example) {b.example}",
            "- a.example\n- b.example",
            "1. a.example\r\n2. b.example",
            "\u{2022} a.example \u{2022} b.example",
            "a.example & b.example",
            "a.example\\nb.example\\r\\n",
            "a.example<br>b.example",
            "a.example<br/>b.example",
            "a.example<BR />b.example<br clear=all>",
            "a.example\u{2502}b.example",
            "a.example \u{2503} b.example",
            "a.example\u{2551}b.example\u{a6}",
            "1) a.example\n2) b.example",
            "(1) a.example (2) b.example",
            "\u{25cf} a.example\n\u{25cf} b.example",
            "\u{2713} a.example\r\n\u{2192} b.example",
            "DNS.1 = a.example\nDNS.2 = b.example",
            "DNS.1=a.example\ndns.12= b.example",
            "DNS.1 =a.example\nIP.1 = b.example",
            "mailto:a.example, IP:b.example",
            "\u{feff}a.example\u{200b} \u{202a}b.example\u{202c}",
        ] {
            let entries: Vec<&str> = list(text).collect();
            assert_eq!(entries, ["a.example", "b.example"], "{text:?}");
        }
        let whole: Vec<&str> = list("* 1 12. [2001:db8::1] a-b").collect();
        assert_eq!(whole, ["*", "1", "2001:db8::1", "a-b"]);
        let printed: Vec<&str> = list("DNS:a.example.com, IP Address:93.184.216.34").collect();
        assert_eq!(printed, ["a.example.com", "93.184.216.34"]);
        // What may stand for a name, or is none, stays.
        let odd: Vec<&str> =
            list("* @ :: .. \u{2026} <br.example> DNS.example DNS.1.example 1) 1").collect();
        let kept = [
            "*",
            "@",
            "::",
            "..",
            "\u{2026}",
            "br.example",
            "DNS.example",
            "DNS.1.example",
            "1",
        ];
        assert_eq!(odd, kept);
        // A name of two letters stays one.
        let short: Vec<&str> = list("ip dns a.example").collect();
        assert_eq!(short, ["ip", "dns", "a.example"]);
        assert_eq!(list(" ;,\n\u{200b}\"\"").count(), 0);
    }
}
