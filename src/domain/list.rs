//! Lists of names and addresses as people type them.

/// Line ends as programs write them, where they were not understood.
const WRITTEN_ENDS: [&str; 3] = ["\\r\\n", "\\n", "<br>"];

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
/// address holds one of them, nor the quotes and brackets that go from around an entry. Marks of a list (`- `, `1. `)
/// are no entries.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    let mut before = "";
    let entries = WRITTEN_ENDS
        .iter()
        .fold(vec![text], |parts, end| {
            parts
                .into_iter()
                .flat_map(|part| part.split(*end))
                .collect()
        })
        .into_iter()
        .flat_map(|part| part.split(divides))
        .map(|entry| entry.trim_matches(is_around))
        .filter(|entry| !entry.is_empty());
    let mut entries = entries.peekable();
    std::iter::from_fn(move || {
        let entry = entries.next()?;
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
                .unwrap_or(entry),
        })
    })
    .filter(|entry| !entry.is_empty() && !is_mark(entry))
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
            ',' | ';' | '|' | '\u{ff0c}' | '\u{ff1b}' | '\u{3001}' | '\u{60c}' | '\u{61b}'
        )
}

/// The mark of a list's line, or a sign that joins two entries. An asterisk is none: it may belong to a wildcard.
fn is_mark(entry: &str) -> bool {
    let number = entry.strip_suffix('.').unwrap_or_default();
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    let is_sign = |c| {
        matches!(
            c,
            '-' | '+' | '&' | '\u{b7}' | '\u{2013}' | '\u{2014}' | '\u{2022}'
        )
    };
    is_number || entry.chars().all(is_sign)
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
        // A name of two letters stays one.
        let short: Vec<&str> = list("ip dns a.example").collect();
        assert_eq!(short, ["ip", "dns", "a.example"]);
        assert_eq!(list(" ;,\n\u{200b}\"\"").count(), 0);
    }
}
