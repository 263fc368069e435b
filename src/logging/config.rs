//! `etc/debug.conf`: which lines of which log are written (billmanager.md 10.3).
//!
//! ```text
//! # comment, anywhere in a line
//! SET max_log_size=104857600
//! SET pmthesslstore.color=off
//! * 4
//! pmthesslstore.* 9
//! *.database 4
//! ```
//!
//! The platform does not document which of two matching lines wins. Here the line that names more
//! parts (log, component) wins over one with stars; among equals the later line wins. So a general
//! line may stand anywhere, and a list of quieting lines after it works as it does for the platform.

use crate::domain::text::Words;
use crate::work::looked_at;

/// Level of a log that no line speaks about, and of all logs without the file: extended
/// information, as the platform's Python modules do (billmanager.md 10.3).
pub const DEFAULT_LEVEL: u8 = 6;

/// Size at which a log is moved away, in bytes, unless `SET max_log_size` says otherwise.
pub const DEFAULT_MAX_LOG_SIZE: u64 = 100 * 1024 * 1024;

/// Highest level that may stand in the file.
const MAX_LEVEL: u8 = 9;

/// Where lines go (`SET storage`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// `var/<log>.log`.
    #[default]
    File,
    /// Standard error; standard output belongs to the platform's documents.
    Console,
}

/// A line that was not understood and has no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line number, from 1.
    pub line: usize,
    /// The line without its comment.
    pub text: String,
    /// Why it was not understood.
    pub reason: Words,
}

/// The file's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    rules: Vec<Rule>,
    settings: Vec<Setting>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// `None` is a star.
    log: Option<String>,
    component: Option<String>,
    level: u8,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    log: Option<String>,
    value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    MaxLogSize(u64),
    Color(bool),
    Storage(Storage),
}

impl Config {
    /// Level of a component of a log: lines up to this number are written, 0 writes nothing.
    ///
    /// The empty component is the log's main one; a line may name it by the log's own name, which
    /// is what stands in its lines.
    #[must_use]
    pub fn level(&self, log: &str, component: &str) -> u8 {
        let component = if component.is_empty() { log } else { component };
        let rules = self.rules.iter().filter_map(|rule| {
            let named =
                matches(rule.log.as_deref(), log)? + matches(rule.component.as_deref(), component)?;
            Some((named, rule.level))
        });
        last_of_most_named(rules).unwrap_or(DEFAULT_LEVEL)
    }

    /// Size in bytes at which the log is moved away.
    #[must_use]
    pub fn max_log_size(&self, log: &str) -> u64 {
        self.setting(log, |value| match value {
            Value::MaxLogSize(size) => Some(size),
            _ => None,
        })
        .unwrap_or(DEFAULT_MAX_LOG_SIZE)
    }

    /// Whether lines carry colour codes.
    #[must_use]
    pub fn color(&self, log: &str) -> bool {
        self.setting(log, |value| match value {
            Value::Color(on) => Some(on),
            _ => None,
        })
        .unwrap_or(true)
    }

    /// Where lines go.
    #[must_use]
    pub fn storage(&self, log: &str) -> Storage {
        self.setting(log, |value| match value {
            Value::Storage(storage) => Some(storage),
            _ => None,
        })
        .unwrap_or_default()
    }

    fn setting<T>(&self, log: &str, pick: impl Fn(Value) -> Option<T>) -> Option<T> {
        last_of_most_named(self.settings.iter().filter_map(|setting| {
            Some((matches(setting.log.as_deref(), log)?, pick(setting.value)?))
        }))
    }
}

/// How many parts the pattern names: 1 for the name itself, 0 for a star, `None` for another name.
fn matches(pattern: Option<&str>, name: &str) -> Option<u8> {
    match pattern {
        None => Some(0),
        Some(pattern) if pattern == name => Some(1),
        Some(_) => None,
    }
}

/// The precedence rule of this file: most named parts first, then the later line.
fn last_of_most_named<T>(candidates: impl Iterator<Item = (u8, T)>) -> Option<T> {
    candidates
        .reduce(|best, next| if next.0 >= best.0 { next } else { best })
        .map(|(_, value)| value)
}

/// Reads the file. Lines that are not understood have no effect and are returned with their number.
///
/// Lines with conditions (user, address) raise the level of the panel's requests; a module serves
/// none, so they have no effect here and are no mistake.
#[must_use]
pub fn parse_debug_conf(text: &str) -> (Config, Vec<Mistake>) {
    let mut config = Config::default();
    let mut mistakes = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        looked_at(line.len() + 1);
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        if let Err(reason) = parse_line(line, &mut config) {
            mistakes.push(Mistake {
                line: index + 1,
                text: line.to_owned(),
                reason,
            });
        }
    }
    (config, mistakes)
}

fn parse_line(line: &str, config: &mut Config) -> Result<(), Words> {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    if first == "SET" {
        config
            .settings
            .push(parse_setting(line[first.len()..].trim())?);
        return Ok(());
    }
    let (log, component) = match first.split_once('.') {
        Some((log, component)) => (name(log)?, name(component)?),
        None => (name(first)?, None),
    };
    let level = words
        .next()
        .ok_or_else(|| words!("the level is missing", "не указан уровень"))?
        .parse::<u8>()
        .ok()
        .filter(|level| *level <= MAX_LEVEL)
        .ok_or_else(|| {
            words!(
                "the level is not a number from 0 to 9",
                "уровень не является числом от 0 до 9"
            )
        })?;
    if words.next().is_none() {
        config.rules.push(Rule {
            log,
            component,
            level,
        });
    }
    Ok(())
}

fn parse_setting(text: &str) -> Result<Setting, Words> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| words!("the equals sign is missing", "нет знака равенства"))?;
    let (key, value) = (key.trim(), value.trim());
    let (log, key) = match key.rsplit_once('.') {
        Some((log, key)) => (name(log)?, key),
        None => (None, key),
    };
    let value = match (key, value) {
        ("max_log_size", size) => {
            Value::MaxLogSize(size.parse().ok().filter(|size| *size > 0).ok_or_else(|| {
                words!(
                    "the size is not a number of bytes above 0",
                    "размер не является числом байт больше 0"
                )
            })?)
        }
        ("color", "on") => Value::Color(true),
        ("color", "off") => Value::Color(false),
        ("color", _) => {
            return Err(words!(
                "the colour is neither on nor off",
                "для цвета допустимо только on или off"
            ));
        }
        ("storage", "file") => Value::Storage(Storage::File),
        ("storage", "console") => Value::Storage(Storage::Console),
        ("storage", _) => {
            return Err(words!(
                "the storage is neither file nor console",
                "для хранилища допустимо только file или console"
            ));
        }
        _ => {
            return Err(words!(
                "a setting of this name is not known",
                "настройка с таким именем неизвестна"
            ));
        }
    };
    Ok(Setting { log, value })
}

/// One part of a pattern; a star stands for a whole part.
fn name(part: &str) -> Result<Option<String>, Words> {
    match part {
        "*" => Ok(None),
        "" => Err(words!("a name is empty", "имя пустое")),
        part if part.contains(['*', '=']) => Err(words!(
            "a star stands for a whole name, not for a part of one",
            "звёздочка заменяет имя целиком, а не его часть"
        )),
        part => Ok(Some(part.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let (config, mistakes) = parse_debug_conf(text);
        assert_eq!(mistakes, []);
        config
    }

    #[test]
    fn levels_by_pattern() {
        let cases = [
            ("", "", DEFAULT_LEVEL),
            ("other 9\nother.http 9", "http", DEFAULT_LEVEL),
            ("* 9", "http", 9),
            ("* 0", "", 0),
            ("* 9 # everything", "", 9),
            ("#* 9", "", DEFAULT_LEVEL),
            ("pmthesslstore 8", "order", 8),
            ("pmthesslstore.* 8", "order", 8),
            ("pmthesslstore.order 8", "order", 8),
            ("pmthesslstore.order 8", "http", DEFAULT_LEVEL),
            ("pmthesslstore.pmthesslstore 8", "", 8),
            ("pmthesslstore.pmthesslstore 8", "http", DEFAULT_LEVEL),
            // More names win over order.
            ("pmthesslstore.http 3\n* 9", "http", 3),
            ("pmthesslstore.* 9\n* 1", "http", 9),
            (
                "pmthesslstore.http 2\n*.http 7\npmthesslstore.* 8",
                "http",
                2,
            ),
            // Equals: the later line.
            ("* 9\n* 4", "", 4),
            ("pmthesslstore.* 9\n*.http 4", "http", 4),
            ("*.http 4\npmthesslstore.* 9", "http", 9),
            // The usual debugging file.
            ("* 9\n*.conn 4\n*.http 4", "order", 9),
            ("* 9\n*.conn 4\n*.http 4", "http", 4),
            // Conditions belong to the panel's requests.
            ("* 3\n* 9 user=root", "http", 3),
        ];
        for (text, component, level) in cases {
            assert_eq!(
                config(text).level("pmthesslstore", component),
                level,
                "{text:?} {component:?}"
            );
        }
    }

    #[test]
    fn settings_for_all_logs_and_for_one() {
        let config = config(
            "SET max_log_size=1000\nSET mgrctl.max_log_size=500\nSET color = off\n\
             SET *.storage=console\nSET mgrctl.storage=file\nSET color=on\nSET mgrctl.color=off",
        );
        assert_eq!(config.max_log_size("pmssl"), 1000);
        assert_eq!(config.max_log_size("mgrctl"), 500);
        assert!(config.color("pmssl"));
        assert!(!config.color("mgrctl"));
        assert_eq!(config.storage("pmssl"), Storage::Console);
        assert_eq!(config.storage("mgrctl"), Storage::File);
    }

    #[test]
    fn defaults_without_a_file() {
        let config = Config::default();
        assert_eq!(config.level("pmssl", ""), DEFAULT_LEVEL);
        assert_eq!(config.max_log_size("pmssl"), DEFAULT_MAX_LOG_SIZE);
        assert!(config.color("pmssl"));
        assert_eq!(config.storage("pmssl"), Storage::File);
    }

    #[test]
    fn mistakes_are_returned_with_their_line_and_have_no_effect() {
        let text = "# head\n\n* 9\n* ten\n* 10\npmssl\npm* 3\n.http 3\nSET color=blue\n\
                    SET max_log_size=1M\nSET max_log_size=0\nSET shade=on\nSET color\n\
                    SET storage=tape # no\n";
        let (config, mistakes) = parse_debug_conf(text);
        let found: Vec<_> = mistakes
            .iter()
            .map(|mistake| (mistake.line, mistake.text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                (4, "* ten"),
                (5, "* 10"),
                (6, "pmssl"),
                (7, "pm* 3"),
                (8, ".http 3"),
                (9, "SET color=blue"),
                (10, "SET max_log_size=1M"),
                (11, "SET max_log_size=0"),
                (12, "SET shade=on"),
                (13, "SET color"),
                (14, "SET storage=tape"),
            ]
        );
        assert_eq!(config, super::tests::config("* 9"));
    }

    #[test]
    fn the_committed_sample_holds_no_mistake() {
        let config = config(include_str!("../../etc/debug.conf.sample"));
        assert_eq!(config.level("pmthesslstore", "order"), 9);
        assert_eq!(config.level("pmthesslstore", "database"), 4);
        assert_eq!(config.level("other", ""), DEFAULT_LEVEL);
        assert_eq!(config.max_log_size("pmthesslstore"), 104_857_600);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,40}(\n\\PC{0,40}){0,4}") {
            let (config, mistakes) = parse_debug_conf(&text);
            proptest::prop_assert!(config.level("a", "b") <= 9);
            for mistake in mistakes {
                proptest::prop_assert!(mistake.line <= 5);
            }
        }
    }
}
