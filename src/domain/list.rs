//! Lists of names and addresses as people type them.

/// The entries of a list: blanks, line ends, commas and semicolons divide, however many. No name and no
/// address holds one of them.
pub fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '\u{feff}' | '\u{200b}' | '\u{ff0c}')
    })
    .filter(|entry| !entry.is_empty())
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
        ] {
            let entries: Vec<&str> = list(text).collect();
            assert_eq!(entries, ["a.example", "b.example"], "{text:?}");
        }
        assert_eq!(list(" ;,\n").count(), 0);
    }
}
