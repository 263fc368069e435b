//! One line of a log, as the platform's own programs write it (billmanager.md 10.1, 10.2):
//! `Mon DD HH:MM:SS [pid:thread] component ␛[<colour>mLEVEL text␛[0m`.
//!
//! Texts of several lines stay readable, as the platform writes them too, but every further line
//! begins with [`CONTINUATION`], which no line of the platform does: a text from outside cannot
//! pass for a line of its own. Other control characters are shown as escapes.

use std::fmt::Write;

use chrono::NaiveDateTime;

use super::Level;
use super::visible::hides;

/// Begins every further line of a text.
pub(super) const CONTINUATION: &str = "  | ";

/// An event with everything its line shows.
pub(super) struct Line<'a> {
    /// Local time.
    pub(super) time: NaiveDateTime,
    pub(super) process: u32,
    /// Number of the thread within the process, from 1.
    pub(super) thread: u64,
    pub(super) component: &'a str,
    pub(super) level: Level,
    /// `item 7 intent ABC`, or nothing.
    pub(super) context: &'a str,
    /// Masked already.
    pub(super) text: &'a str,
}

impl Line<'_> {
    /// The line without its end.
    pub(super) fn format(&self, color: bool) -> String {
        let mut line = String::with_capacity(self.text.len() + self.context.len() + 80);
        let (on, off) = if color {
            (format!("\x1b[{}m", self.level.color()), "\x1b[0m")
        } else {
            (String::new(), "")
        };
        // Writing to a String cannot fail.
        let _ = write!(
            line,
            "{} [{}:{}] {} {on}{} ",
            self.time.format("%b %e %H:%M:%S"),
            self.process,
            self.thread,
            self.component,
            self.level.tag(),
        );
        if !self.context.is_empty() {
            line.push('[');
            escape(self.context, &mut line);
            line.push_str("] ");
        }
        escape(self.text, &mut line);
        line.push_str(off);
        line
    }
}

fn escape(text: &str, line: &mut String) {
    let text = text.trim_end_matches(['\r', '\n']);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => {
                line.push('\n');
                line.push_str(CONTINUATION);
            }
            '\r' if characters.peek() == Some(&'\n') => {}
            '\t' => line.push('\t'),
            '\r' => line.push_str("\\r"),
            hidden if hides(hidden) => line.extend(hidden.escape_default()),
            shown => line.push(shown),
        }
    }
}

#[cfg(test)]
mod tests {
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
}
