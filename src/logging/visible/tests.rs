use super::*;

#[test]
fn what_cannot_be_seen_is_shown() {
    for (text, shown) in [
        ("a\x1b[2Jb\tc", "a\\u{1b}[2Jb\\tc"),
        ("\u{9b}31m\u{85}", "\\u{9b}31m\\u{85}"),
        ("moc.\u{202e}lpmaxe\u{2069}", "moc.\\u{202e}lpmaxe\\u{2069}"),
        (
            "exa\u{200b}mple\u{ad}\u{feff}",
            "exa\\u{200b}mple\\u{ad}\\u{feff}",
        ),
        ("Прівет ß 例 😀", "Прівет ß 例 😀"),
    ] {
        assert_eq!(visible(text, &[]), shown);
    }
    assert_eq!(visible("a\nb\tc\r", &['\n', '\t']), "a\nb\tc\\r");
}

#[test]
fn a_document_means_the_same_to_a_program() {
    let value = serde_json::json!({ "name": "a\u{202e}b\u{9b}\u{e0041}\n", "b": ["\u{200b}"] });
    let document = serde_json::to_string_pretty(&value).unwrap();
    let shown = visible_json(&document);
    assert!(!shown.chars().any(|c| hides(c) && c != '\n'), "{shown}");
    let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(read, value);
}

#[test]
fn secrets_in_the_texts_of_a_document_are_masked_and_it_stays_one() {
    let key = "-----BEGIN PRIVATE KEY----- MIIE \"x\" -----END PRIVATE KEY-----";
    let value =
        serde_json::json!({ "a": key, "token": "T1 \\", "n": 7, "list": ["", "password=x y"] });
    let shown = visible_json(&serde_json::to_string_pretty(&value).unwrap());
    let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        read,
        serde_json::json!({
            "a": "-----BEGIN PRIVATE KEY***-----END PRIVATE KEY-----",
            "token": "T1 \\", "n": 7, "list": ["", "password=*** y"],
        })
    );
}
