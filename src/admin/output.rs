//! How answers look: tables for people, JSON for programs.

use std::io::{ErrorKind, Write};

use serde::Serialize;
use serde_json::Value;

use super::exit::{Code, End};
use crate::failure::{Failure, Language, Reason};
use crate::module::Text;

/// What a subcommand answers.
#[derive(Debug)]
pub(super) struct AdminAnswer {
    /// Goes to standard output as it is.
    pub(super) text: String,
    /// What it came to.
    pub(super) end: End,
}

impl AdminAnswer {
    /// A good answer.
    pub(super) fn done(text: impl Into<String>) -> Self {
        Self::new(text, Code::Done)
    }

    /// An answer with a code.
    pub(super) fn new(text: impl Into<String>, end: impl Into<End>) -> Self {
        Self {
            text: text.into(),
            end: end.into(),
        }
    }
}

/// How the reader wants it.
#[derive(Debug, Clone, Copy)]
pub(super) struct View {
    /// Language of people's texts; JSON has the same keys and words in all of them.
    pub(super) language: Language,
    /// JSON instead of tables.
    pub(super) json: bool,
    /// Colours: on a terminal only.
    pub(super) color: bool,
}

/// How a word is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// To be looked at.
    Warning,
    /// Broken.
    Bad,
    /// Less important.
    Faint,
    /// A heading.
    Head,
}

impl Tone {
    const ALL: [Self; 6] = [
        Self::Plain,
        Self::Good,
        Self::Warning,
        Self::Bad,
        Self::Faint,
        Self::Head,
    ];

    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Faint => "2",
            Self::Head => "1",
        }
    }
}

impl View {
    /// A text in the reader's language.
    pub(super) fn say(&self, text: &Text) -> &'static str {
        text.get(self.language)
    }

    /// A failure's text, for people.
    pub(super) fn failure(&self, failure: &Failure) -> String {
        let text = match self.language {
            Language::English => failure.chain(),
            Language::Russian => failure.text(self.language),
        };
        let text = text.replace(['\r', '\n'], " ");
        crate::logging::visible(&crate::logging::mask(&text), &[])
    }

    /// A word in its tone.
    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        if self.color && tone != Tone::Plain && !text.is_empty() {
            format!("\x1b[{}m{text}\x1b[0m", tone.code())
        } else {
            text.to_owned()
        }
    }

    /// An answer as it may go to a terminal: of what steers one only this program's own tones are left.
    pub(super) fn harmless(&self, text: &str) -> String {
        let mut harmless = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("\x1b[") {
            harmless.push_str(&crate::logging::visible(before, &['\n', '\t']));
            let tone = Tone::ALL
                .iter()
                .map(|tone| tone.code())
                .chain(["0"])
                .find(|code| {
                    let end = after.strip_prefix(code);
                    self.color && !code.is_empty() && end.is_some_and(|end| end.starts_with('m'))
                });
            harmless.push_str(if tone.is_some() { "\x1b[" } else { "\\u{1b}[" });
            rest = after;
        }
        harmless + &crate::logging::visible(rest, &['\n', '\t'])
    }

    /// Prints a part of an answer at once, while the rest is still being found out. Whether anybody still reads.
    ///
    /// # Errors
    /// Output that cannot be written.
    pub(super) fn print(&self, text: &str) -> Result<bool, Failure> {
        let mut output = std::io::stdout().lock();
        let text = self.harmless(text);
        match output
            .write_all(text.as_bytes())
            .and_then(|()| output.flush())
        {
            Ok(()) => Ok(true),
            // Whoever reads no further has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::field(Reason::PlatformFile, "stdout").because(error)),
        }
    }

    /// A document for programs: its texts are masked as people's are.
    pub(super) fn json(&self, value: &impl Serialize) -> Result<String, Failure> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Failure::new(Reason::Internal).because(error))?;
        Ok(crate::logging::visible_json(&text) + "\n")
    }

    /// Columns under their heads, two blanks between them. No rows: nothing.
    pub(super) fn table(&self, heads: &[&str], rows: &[Vec<Cell>]) -> String {
        Pages::default().table(self, heads, rows)
    }

    /// Labels and values in sections; a value of several lines is indented below its first one.
    pub(super) fn sheet(&self, sections: &[Section]) -> String {
        let width = sections
            .iter()
            .flat_map(|section| &section.rows)
            .map(|(label, _)| label.chars().count())
            .max()
            .unwrap_or_default();
        let mut text = String::new();
        for section in sections.iter().filter(|section| !section.rows.is_empty()) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&self.paint(Tone::Head, &section.title));
            text.push('\n');
            for (label, cell) in &section.rows {
                let mut lines = cell.text.lines();
                let first = self.paint(cell.tone, lines.next().unwrap_or_default());
                let pad = " ".repeat(width - label.chars().count());
                text.push_str(format!("  {label}{pad}  {first}").trim_end());
                text.push('\n');
                for line in lines {
                    let line = self.paint(cell.tone, line);
                    text.push_str(&format!("  {}  {line}\n", " ".repeat(width)));
                }
            }
        }
        text
    }
}

/// A long table or list whose parts go out as they are known.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Widths of the columns so far: they only grow from page to page.
    widths: Vec<usize>,
    begun: bool,
}

impl Pages {
    /// Further rows of a table; the first ones bring the heads.
    pub(super) fn table(&mut self, view: &View, heads: &[&str], rows: &[Vec<Cell>]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let heads: Vec<Cell> = heads
            .iter()
            .map(|head| Cell::toned(*head, Tone::Head))
            .collect();
        let first = (!self.begun).then_some(heads.as_slice());
        self.begun = true;
        let all: Vec<&[Cell]> = first
            .into_iter()
            .chain(rows.iter().map(Vec::as_slice))
            .collect();
        self.widths.resize(heads.len(), 0);
        for (column, width) in self.widths.iter_mut().enumerate() {
            let cells = all.iter().filter_map(|row| row.get(column));
            *width = cells.map(Cell::width).max().unwrap_or_default().max(*width);
        }
        let mut text = String::new();
        for row in all {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&self.widths).enumerate() {
                if column > 0 {
                    line.push_str("  ");
                }
                line.push_str(&view.paint(cell.tone, &cell.text));
                line.extend(std::iter::repeat_n(' ', width - cell.width()));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// Further elements of a JSON array.
    pub(super) fn json(&mut self, view: &View, values: &[Value]) -> Result<String, Failure> {
        let mut text = String::new();
        for value in values {
            text.push_str(if self.begun { ",\n" } else { "[\n" });
            self.begun = true;
            let element = view.json(value)?;
            for (number, line) in element.trim_end().lines().enumerate() {
                text.push_str(if number > 0 { "\n  " } else { "  " });
                text.push_str(line);
            }
        }
        Ok(text)
    }

    /// The end of a JSON array.
    pub(super) fn json_end(&self) -> &'static str {
        match self.begun {
            true => "\n]\n",
            false => "[]\n",
        }
    }
}

/// One place in a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// A text with a tone.
    pub(super) fn toned(text: impl Into<String>, tone: Tone) -> Self {
        // What comes from outside must not move the cursor, turn the row round or break it.
        let text = text.into().replace("\r\n", "\n").replace('\t', " ");
        let text = crate::logging::visible(&text, &['\n']);
        Self { text, tone }
    }

    /// Its text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The same on one line, cut to so many characters; 0 cuts nothing.
    pub(super) fn on_one_line(&self, most: usize) -> Self {
        let mut text = self.text.replace('\n', " ");
        if most > 0 && text.chars().count() > most {
            text = text.chars().take(most - 1).collect();
            text.truncate(text.trim_end().len());
            text.push('…');
        }
        Self {
            text,
            tone: self.tone,
        }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::toned(text, Tone::Plain)
    }
}

/// A part of a sheet.
#[derive(Debug, Default)]
pub(super) struct Section {
    title: String,
    rows: Vec<(String, Cell)>,
}

impl Section {
    /// A part with its title.
    pub(super) fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; an empty value adds nothing.
    pub(super) fn row(&mut self, label: &str, value: impl Into<Cell>) {
        let value = value.into();
        if !value.text.trim().is_empty() {
            self.rows.push((label.to_owned(), value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(color: bool) -> View {
        View {
            language: Language::English,
            json: false,
            color,
        }
    }

    #[test]
    fn columns_are_aligned_by_characters_and_lines_end_without_blanks() {
        let rows = vec![
            vec![Cell::from("7"), "Домен".into(), "x".into()],
            vec!["4711".into(), "a".into(), "".into()],
        ];
        assert_eq!(
            view(false).table(&["id", "name", "state"], &rows),
            "id    name   state\n7     Домен  x\n4711  a\n"
        );
        assert_eq!(view(false).table(&["id"], &[]), "");
    }

    #[test]
    fn a_table_that_goes_out_in_pages_has_one_head_and_columns_that_only_grow() {
        let row = |name: &str| vec![vec![Cell::from(name), "x".into()]];
        let mut pages = Pages::default();
        let heads = ["id", "state"];
        let mut text = pages.table(&view(false), &heads, &row("longer"));
        for name in ["a", "the longest"] {
            text += &pages.table(&view(false), &heads, &row(name));
        }
        text += &pages.table(&view(false), &heads, &[]);
        assert_eq!(
            text,
            "id      state\nlonger  x\na       x\nthe longest  x\n"
        );
    }

    #[test]
    fn an_array_that_goes_out_in_pages_is_the_same_array() {
        let values = [
            serde_json::json!({"a": [1, {"b": "x\ny"}]}),
            serde_json::json!([]),
        ];
        for count in 0..=2 {
            let mut pages = Pages::default();
            let mut text = String::new();
            for value in &values[..count] {
                text += &pages
                    .json(&view(false), std::slice::from_ref(value))
                    .unwrap();
            }
            text += pages.json_end();
            assert_eq!(text, view(false).json(&&values[..count]).unwrap());
        }
    }

    #[test]
    fn colours_do_not_disturb_the_alignment_and_are_absent_when_piped() {
        let rows = vec![
            vec![Cell::toned("bad", Tone::Bad), "x".into()],
            vec!["longer".into(), "y".into()],
        ];
        let colored = view(true).table(&["a", "b"], &rows);
        assert!(colored.contains("\x1b[31mbad\x1b[0m     x"), "{colored:?}");
        assert!(!view(false).table(&["a", "b"], &rows).contains('\x1b'));
    }

    #[test]
    fn sheets_skip_what_is_empty_and_indent_further_lines() {
        let mut one = Section::new("One");
        one.row("key", "value");
        one.row("longer key", "first\nsecond");
        one.row("nothing", " ");
        let mut none = Section::new("None");
        none.row("nothing", "");
        assert_eq!(
            view(false).sheet(&[one, none]),
            "One\n  key         value\n  longer key  first\n              second\n"
        );
    }

    #[test]
    fn answers_keep_the_tones_and_nothing_else_that_steers() {
        let painted = view(true).paint(Tone::Bad, "bad");
        let text = format!("{painted}\t\x1b[2J\x1b]0;x\x07\u{9b}2J\u{202e}\n");
        assert_eq!(
            view(true).harmless(&text),
            "\x1b[31mbad\x1b[0m\t\\u{1b}[2J\\u{1b}]0;x\\u{7}\\u{9b}2J\\u{202e}\n"
        );
        assert_eq!(view(false).harmless("\x1b[31mbad"), "\\u{1b}[31mbad");
    }

    #[test]
    fn texts_from_outside_cannot_steer_the_terminal() {
        let cell = Cell::from("a\x1b[2Jb\tc\r\nd\u{202e}e\u{9b}");
        assert_eq!(cell.text, "a\\u{1b}[2Jb c\nd\\u{202e}e\\u{9b}");
    }
}
