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
mod tests;
