//! Lists of names and addresses as people type them.

/// The entries of a list: blanks, line ends, commas, semicolons and bars divide, however many. No name and no
/// address holds one of them, nor the quotes and brackets that go from around an entry, nor `DNS:` before it,
/// as openssl prints names.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                ',' | ';' | '|' | '\u{ff0c}' | '\u{ff1b}' | '\u{3001}' | '\u{60c}' | '\u{61b}'
            )
    })
    .map(|entry| entry.trim_matches(is_around))
    .map(|entry| match entry.split_at_checked(4) {
        Some((front, name)) if front.eq_ignore_ascii_case("DNS:") => name,
        _ => entry,
    })
    .filter(|entry| !entry.is_empty())
}

/// Quotes, angle brackets, and marks that nobody sees.
fn is_around(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '`' | '<' | '>' | '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}' | '\u{2039}' | '\u{203a}'
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
            "\u{feff}a.example\u{200b} \u{202a}b.example\u{202c}",
        ] {
            let entries: Vec<&str> = list(text).collect();
            assert_eq!(entries, ["a.example", "b.example"], "{text:?}");
        }
        assert_eq!(list(" ;,\n\u{200b}\"\"").count(), 0);
    }
}
