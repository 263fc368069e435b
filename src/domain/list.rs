//! Lists of names and addresses as people type them.

/// Line ends as programs write them, where they were not understood.
const WRITTEN_ENDS: [&str; 3] = ["\\r\\n", "\\n", "<br>"];

/// What stands before an entry and is none of it: names as openssl prints them, addresses as web pages link them.
const FRONTS: [&str; 3] = ["DNS:", "IP:", "mailto:"];

/// The entries of a list: blanks, line ends, commas, semicolons and bars divide, however many. No name and no
/// address holds one of them, nor the quotes and brackets that go from around an entry. Marks of a list (`- `, `1. `)
/// are no entries.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    WRITTEN_ENDS
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
        .map(|entry| {
            let mut rests = FRONTS.iter().filter_map(|front| {
                let (found, rest) = entry.split_at_checked(front.len())?;
                found.eq_ignore_ascii_case(front).then_some(rest)
            });
            rests.next().unwrap_or(entry)
        })
        .filter(|entry| !entry.is_empty() && !is_mark(entry))
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
        assert_eq!(list(" ;,\n\u{200b}\"\"").count(), 0);
    }
}
