//! The site's own file of corrections to a vendor's table: `etc/pmssl/<module>.conf` under the
//! platform root, one `Name value` per line.
//!
//! Vendors whose wire is known in part keep their function names, field names and status words in
//! one table. A wrong guess there is repaired on site, without a new build. The file is read whole or
//! not at all: with a wrong entry in it nothing is ordered, because half of a correction may be worse
//! than none.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use crate::domain::text::Words;
use crate::failure::{Failure, Reason};
use crate::regular;

/// Largest file read, in bytes.
const LARGEST_FILE: u64 = 256 * 1024;

/// The value that stands for "none", where an entry may be switched off.
const NONE: &str = "-";

/// What a value has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any text on one line.
    Text,
    /// One word without blanks and commas: a name of a function, a field, a status.
    Word,
    /// Words between commas.
    Words,
    /// A whole number, not negative.
    Number,
    /// Whole numbers between commas.
    Numbers,
    /// `on` or `off`.
    Flag,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `name=value` pairs between commas.
    Pairs,
}

impl Shape {
    /// Why a text does not have this shape.
    fn refuse(self, value: &str) -> Option<Words> {
        let is_word = |text: &str| {
            !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c == ',')
        };
        let is_number = |text: &str| text.parse::<u64>().is_ok();
        let words = || value.split(',').map(str::trim);
        match self {
            Self::Text => None,
            Self::Word => {
                (!is_word(value)).then(|| words!("one word is expected", "ожидается одно слово"))
            }
            Self::Words => (!words().all(is_word)).then(|| {
                words!(
                    "words between commas are expected",
                    "ожидаются слова через запятую"
                )
            }),
            Self::Number => (!is_number(value))
                .then(|| words!("a whole number is expected", "ожидается целое число")),
            Self::Numbers => (!words().all(is_number)).then(|| {
                words!(
                    "whole numbers between commas are expected",
                    "ожидаются целые числа через запятую"
                )
            }),
            Self::Flag => (!matches!(value, "on" | "off"))
                .then(|| words!("on or off is expected", "ожидается on или off")),
            Self::OneOf(known) => (!known.contains(&value)).then(|| {
                words!(
                    "one of these is expected: {}",
                    "ожидается одно из: {}",
                    known.join(", ")
                )
            }),
            Self::Pairs => (!words().all(|pair| {
                pair.split_once('=').is_some_and(|(name, value)| {
                    is_word(name) && (value.is_empty() || is_word(value))
                })
            }))
            .then(|| {
                words!(
                    "name=value pairs between commas are expected",
                    "ожидаются пары имя=значение через запятую"
                )
            }),
        }
    }
}

/// An entry that a file may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Name, letter case counts. `Country.*` stands for `Country.` and any word.
    pub name: &'static str,
    /// What its value has to look like.
    pub shape: Shape,
    /// May be `-`: none.
    pub optional: bool,
}

impl Known {
    fn is_called(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(family) => name
                .strip_prefix(family)
                .is_some_and(|member| !member.is_empty()),
            None => self.name == name,
        }
    }
}

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Number of the line, from 1.
    pub line: usize,
    /// Why.
    pub reason: Words,
}

/// The corrections of one module. Empty for sites without the file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overrides {
    values: BTreeMap<String, String>,
}

impl Overrides {
    /// Reads a module's file; no path and no file mean no corrections.
    ///
    /// # Errors
    /// [`Reason::PlatformFile`]: a file that cannot be read, or all its wrong lines with their reasons.
    pub fn read(path: Option<&Path>, known: &[Known]) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let failed = || Failure::field(Reason::PlatformFile, path.display().to_string());
        let text = match regular::read_text(path, LARGEST_FILE) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed().detail(regular::told(&error))),
        };
        Self::parse(&text, known).map_err(|wrong| {
            let lines = wrong
                .iter()
                .map(|wrong| words!("line {}: {reason}", "строка {}: {reason}", wrong.line; reason = wrong.reason));
            failed().detail(Words::joined(lines, "; "))
        })
    }

    /// Reads a module's file and makes its table of it. `table` checks what the shapes of entries leave
    /// open and gives wrong ones by name with the reason.
    ///
    /// # Errors
    /// As [`read`](Self::read); the wrong entries with their lines.
    pub fn read_table<T>(
        path: Option<&Path>,
        known: &[Known],
        table: impl FnOnce(Self) -> Result<T, Vec<(String, Words)>>,
    ) -> Result<T, Failure> {
        table(Self::read(path, known)?).map_err(|wrong| {
            let path = path.unwrap_or(Path::new(""));
            let text = regular::read_text(path, LARGEST_FILE).unwrap_or_default();
            let lines = wrong
                .into_iter()
                .map(|(name, reason)| words!("line {}: '{name}': {reason}", "строка {}: '{name}': {reason}", line_of(&text, &name); reason));
            Failure::field(Reason::PlatformFile, path.display().to_string())
                .detail(Words::joined(lines, "; "))
        })
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// All wrong lines.
    pub fn parse(text: &str, known: &[Known]) -> Result<Self, Vec<Wrong>> {
        let mut values = BTreeMap::new();
        let mut wrong = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let value = value.trim();
            match entry(name, value, known, &values) {
                Ok(()) => {
                    let value = if value == NONE { "" } else { value };
                    values.insert(name.to_owned(), value.to_owned());
                }
                Err(reason) => wrong.push(Wrong {
                    line: number + 1,
                    reason,
                }),
            }
        }
        if wrong.is_empty() {
            Ok(Self { values })
        } else {
            Err(wrong)
        }
    }

    /// The corrected value; empty when the site switched the entry off, `None` without correction.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The members of a family (`Country.`) with their values.
    pub fn family<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.values
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }
}

/// Number of the line that holds an entry.
fn line_of(text: &str, name: &str) -> usize {
    let text = text.trim_start_matches('\u{feff}');
    let names = text.lines().map(|line| line.split_whitespace().next());
    let found = names.enumerate().find(|(_, first)| *first == Some(name));
    found.map_or(0, |(index, _)| index + 1)
}

/// Checks one line.
fn entry(
    name: &str,
    value: &str,
    known: &[Known],
    before: &BTreeMap<String, String>,
) -> Result<(), Words> {
    let known = known
        .iter()
        .find(|known| known.is_called(name))
        .ok_or_else(|| {
            words!(
                "'{name}' is not an entry of this module",
                "'{name}' не относится к этому модулю"
            )
        })?;
    if before.contains_key(name) {
        return Err(words!(
            "'{name}' stands here a second time",
            "'{name}' указано второй раз"
        ));
    }
    if value.is_empty() {
        return Err(words!("'{name}' has no value", "у '{name}' нет значения"));
    }
    if value == NONE {
        return if known.optional {
            Ok(())
        } else {
            Err(words!(
                "'{name}' cannot be switched off",
                "'{name}' нельзя отключить"
            ))
        };
    }
    match known.shape.refuse(value) {
        Some(reason) => Err(reason.about(format_args!("'{name}'"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KNOWN: &[Known] = &[
        known("Reader", Shape::Word, false),
        known("Deleter", Shape::Word, true),
        known("States", Shape::Words, true),
        known("Minutes", Shape::Number, false),
        known("Periods", Shape::Numbers, false),
        known("Strict", Shape::Flag, false),
        known("Form", Shape::OneOf(&["json", "xml"]), false),
        known("Extra", Shape::Pairs, true),
        known("Note", Shape::Text, false),
        known("Country.*", Shape::Number, false),
    ];

    const fn known(name: &'static str, shape: Shape, optional: bool) -> Known {
        Known {
            name,
            shape,
            optional,
        }
    }

    #[test]
    fn entries_are_names_and_values_with_comments_between() {
        let text = "\u{feff}# a remark\r\n\r\n  Reader\tcertificate.show \nDeleter -\nStates a, b,c\n\
                    Periods 12,24\nExtra a=b, c=\nNote two words # and a mark\nCountry.DE 74\nCountry.FR 75\n";
        let overrides = Overrides::parse(text, KNOWN).unwrap();
        let value = |name| overrides.get(name);
        assert_eq!(value("Reader"), Some("certificate.show"));
        assert_eq!(value("Deleter"), Some(""));
        assert_eq!(value("States"), Some("a, b,c"));
        assert_eq!(value("Extra"), Some("a=b, c="));
        assert_eq!(value("Note"), Some("two words # and a mark"));
        assert_eq!(value("Minutes"), None);
        let countries: Vec<_> = overrides.family("Country.").collect();
        assert_eq!(countries, [("DE", "74"), ("FR", "75")]);
    }

    #[test]
    fn every_wrong_line_is_named_with_its_reason() {
        let text = "Reader two words\nreader x\nMinutes ten\nPeriods 12;24\nStrict yes\nForm csv\nExtra a\n\
                    Reader -\nReader\nCountry. 1\nMinutes 5\nMinutes 6\nStates a,,b\n";
        let wrong = Overrides::parse(text, KNOWN).unwrap_err();
        let lines: Vec<_> = wrong
            .iter()
            .map(|wrong| (wrong.line, wrong.reason.en()))
            .collect();
        assert_eq!(
            lines,
            [
                (1, "'Reader': one word is expected"),
                (2, "'reader' is not an entry of this module"),
                (3, "'Minutes': a whole number is expected"),
                (4, "'Periods': whole numbers between commas are expected"),
                (5, "'Strict': on or off is expected"),
                (6, "'Form': one of these is expected: json, xml"),
                (7, "'Extra': name=value pairs between commas are expected"),
                (8, "'Reader' cannot be switched off"),
                (9, "'Reader' has no value"),
                (10, "'Country.' is not an entry of this module"),
                (12, "'Minutes' stands here a second time"),
                (13, "'States': words between commas are expected"),
            ]
        );
    }

    #[test]
    fn a_missing_file_corrects_nothing_and_a_wrong_one_fails_with_its_name() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pmexample.conf");
        assert_eq!(Overrides::read(None, KNOWN).unwrap(), Overrides::default());
        assert_eq!(
            Overrides::read(Some(&path), KNOWN).unwrap(),
            Overrides::default()
        );
        std::fs::write(&path, "Reader x\n").unwrap();
        assert_eq!(
            Overrides::read(Some(&path), KNOWN).unwrap().get("Reader"),
            Some("x")
        );
        std::fs::write(&path, "Reader x\nWriter y\nMinutes z\n").unwrap();
        let failure = Overrides::read(Some(&path), KNOWN).unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile);
        assert!(failure.object().ends_with("pmexample.conf"));
        assert_eq!(
            failure.words(),
            "line 2: 'Writer' is not an entry of this module; line 3: 'Minutes': a whole number is expected"
        );
        let failure = Overrides::read(Some(directory.path()), KNOWN).unwrap_err();
        assert_eq!(failure.reason(), Reason::PlatformFile);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_by_line(text in "(?s).{0,300}") {
            if let Err(wrong) = Overrides::parse(&text, KNOWN) {
                prop_assert!(wrong.iter().all(|wrong| wrong.line <= text.lines().count()));
            }
        }
    }
}
