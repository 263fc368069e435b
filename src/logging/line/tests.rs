use super::*;

fn line(level: Level, context: &str, text: &str, color: bool) -> String {
    Line {
        time: chrono::NaiveDate::from_ymd_opt(2026, 3, 3)
            .unwrap()
            .and_hms_opt(9, 5, 41)
            .unwrap(),
        process: 4321,
        thread: 12,
        component: "mgrctl",
        level,
        context,
        text,
    }
    .format(color)
}

#[test]
fn lines_look_like_the_platforms_own() {
    assert_eq!(
        line(
            Level::ExtInfo,
            "",
            "Query('func=service.setstatus&elid=4711')",
            true
        ),
        "Mar  3 09:05:41 [4321:12] mgrctl \x1b[1;36mEXTINFO \
             Query('func=service.setstatus&elid=4711')\x1b[0m"
    );
    assert_eq!(
        line(Level::Info, "item 7 intent ABCD", "ordered", false),
        "Mar  3 09:05:41 [4321:12] mgrctl INFO [item 7 intent ABCD] ordered"
    );
}

#[test]
fn tags_and_colours_of_all_levels() {
    let found: Vec<_> = Level::ALL
        .iter()
        .map(|level| (*level as u8, level.tag(), level.color()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "NOTICE", "1;34"),
            (2, "CRITICAL", "1;31"),
            (3, "ERROR", "1;31"),
            (4, "WARNING", "1;35"),
            (5, "INFO", "1;32"),
            (6, "EXTINFO", "1;36"),
            (7, "EXT", "36"),
            (8, "TRACE", "1"),
            (9, "DEBUG", "1;33"),
        ]
    );
}

#[test]
fn a_text_cannot_pass_for_another_line() {
    let forged = "x\r\nMar  3 09:05:41 [1:1] order INFO issued\n\nend\n";
    assert_eq!(
        line(Level::Debug, "", forged, false),
        "Mar  3 09:05:41 [4321:12] mgrctl DEBUG x\n  \
             | Mar  3 09:05:41 [1:1] order INFO issued\n  | \n  | end"
    );
    assert!(!line(Level::Debug, "item 7 intent A\nB", "", false).contains("\nB"));
}

#[test]
fn control_characters_are_shown() {
    let cases = [
        ("a\tb", "a\tb"),
        ("a\rb", "a\\rb"),
        ("\x1b[31mred\x07\0", "\\u{1b}[31mred\\u{7}\\u{0}"),
        ("\u{85}\u{2028}\u{202e}", "\\u{85}\\u{2028}\\u{202e}"),
        ("exam\u{200b}ple", "exam\\u{200b}ple"),
        ("Прівет ß 例", "Прівет ß 例"),
    ];
    for (text, shown) in cases {
        let line = line(Level::Error, "", text, false);
        assert_eq!(line.rsplit_once("ERROR ").unwrap().1, shown);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_begins_a_line(text in "(\\PC|[\\x00-\\x1f\\x7f-\u{9f}\u{2028}]){0,60}") {
        let line = line(Level::Debug, "", &text, false);
        for (number, part) in line.split('\n').enumerate() {
            proptest::prop_assert!(number == 0 || part.starts_with(CONTINUATION));
            proptest::prop_assert!(!part.chars().any(|c| c.is_control() && c != '\t'));
        }
    }
}
