//! Texts for people, English and Russian side by side.
//!
//! A [`Words`] is a finished text in both languages. Only three ways lead to one: the macro [`words!`], which takes
//! both texts where they are written; [`Words::verbatim`] for what others say (a vendor, the database, the system)
//! and for what is the same in every language; and [`Words::joined`]. It is no `String` and does not print by itself,
//! so that nothing can put one language's text into the other's: who writes it says which language.

use std::fmt;

/// Languages of texts for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, also the fallback.
    #[default]
    English,
    /// Russian.
    Russian,
}

impl Language {
    /// Reads `--lang` or a locale name; everything that does not begin with `ru` is English.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.trim().to_ascii_lowercase().starts_with("ru") {
            Self::Russian
        } else {
            Self::English
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    english: String,
    /// None: the same in both.
    russian: Option<String>,
}

impl Words {
    /// What others say, as it came, or what is the same in both languages: names, numbers, a list of words.
    #[must_use]
    pub fn verbatim(words: impl fmt::Display) -> Self {
        Self {
            english: words.to_string(),
            russian: None,
        }
    }

    /// Both texts, made by [`words!`].
    #[doc(hidden)]
    #[must_use]
    pub fn made(english: String, russian: String) -> Self {
        Self {
            english,
            russian: Some(russian),
        }
    }

    /// Several texts with something between them that is the same in both languages.
    #[must_use]
    pub fn joined(all: impl IntoIterator<Item = Self>, between: &str) -> Self {
        let (english, russian): (Vec<_>, Vec<_>) = all
            .into_iter()
            .map(|one| (one.english.clone(), one.russian.unwrap_or(one.english)))
            .unzip();
        Self::made(english.join(between), russian.join(between))
    }

    /// The text of one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match (language, &self.russian) {
            (Language::Russian, Some(russian)) => russian,
            _ => &self.english,
        }
    }

    /// The text behind what it is about: `order/status: the answer is empty`.
    #[must_use]
    pub fn about(self, what: impl fmt::Display) -> Self {
        self.map(|text| format!("{what}: {text}"))
    }

    /// The same text with something done to it in either language.
    #[must_use]
    pub fn map(self, change: impl Fn(&str) -> String) -> Self {
        Self {
            english: change(&self.english),
            russian: self.russian.as_deref().map(change),
        }
    }

    /// The English text, which is the log's.
    #[must_use]
    pub fn en(&self) -> &str {
        &self.english
    }
}

/// What can be said in both languages.
pub trait Bilingual {
    /// The text in both.
    fn both(&self) -> Words;
}

impl Bilingual for Words {
    fn both(&self) -> Words {
        self.clone()
    }
}

impl<T: Bilingual + ?Sized> Bilingual for &T {
    fn both(&self) -> Words {
        (**self).both()
    }
}

/// A text in English and in Russian: `words!("no {name}", "нет {name}")`.
///
/// Both are formats with the same arguments, which the compiler checks: names are captured, expressions follow as in
/// `format!`. What is itself a text in both languages comes last, behind a semicolon, and fills its place in the same
/// language: `words!("nothing was sent: {why}", "ничего не отправлено: {why}"; why)`.
#[macro_export]
macro_rules! words {
    ($english:literal, $russian:literal $(, $argument:expr)* $(,)? $(; $($text:ident $(= $value:expr)?),+ $(,)?)?) => {{
        const _: () = $crate::domain::text::must_be_a_pair($english, $russian);
        $($(let $text = $crate::words!(@both $text $(, $value)?);)+)?
        $crate::domain::text::Words::made(
            format!($english $(, $argument)* $($(, $text = $text.get($crate::domain::text::Language::English))+)?),
            format!($russian $(, $argument)* $($(, $text = $text.get($crate::domain::text::Language::Russian))+)?),
        )
    }};
    (@both $text:ident) => { $crate::domain::text::Bilingual::both(&$text) };
    (@both $text:ident, $value:expr) => { $crate::domain::text::Bilingual::both(&$value) };
}
pub use words;

/// Stops the compiler where the second text is not Russian, the first one not English, or their placeholders differ.
#[doc(hidden)]
pub const fn must_be_a_pair(english: &str, russian: &str) {
    assert!(!has_cyrillic(english), "the first text is the English one");
    assert!(has_cyrillic(russian), "the second text is the Russian one");
    assert!(
        has_holes_of(english, russian) && has_holes_of(russian, english),
        "the placeholders of both languages differ"
    );
}

const fn has_cyrillic(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // The lead bytes of U+0400 to U+04FF.
        if matches!(bytes[at], 0xd0..=0xd3) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether each placeholder of one format stands in the other.
const fn has_holes_of(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut hole = next_hole(one, 0);
    while let Some((start, end)) = hole {
        let mut found = false;
        let mut candidate = next_hole(other, 0);
        while let Some((from, to)) = candidate {
            found |= same(one, start, end, other, from, to);
            candidate = next_hole(other, to);
        }
        if !found {
            return false;
        }
        hole = next_hole(one, end);
    }
    true
}

/// The next placeholder, without its braces.
const fn next_hole(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while at < text.len() {
        if text[at] == b'{' {
            if at + 1 < text.len() && text[at + 1] == b'{' {
                at += 2;
                continue;
            }
            let start = at + 1;
            let mut end = start;
            while end < text.len() && text[end] != b'}' {
                end += 1;
            }
            return Some((start, end));
        }
        at += 1;
    }
    None
}

const fn same(one: &[u8], start: usize, end: usize, other: &[u8], from: usize, to: usize) -> bool {
    if end - start != to - from {
        return false;
    }
    let mut at = 0;
    while at < end - start {
        if one[start + at] != other[from + at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_in_both_languages_by_the_same_arguments() {
        let (name, count) = ("a.example", 3);
        let text = words!("{name} has {count} of {}", "у {name} {count} из {}", 2 + 5);
        assert_eq!(text.get(Language::English), "a.example has 3 of 7");
        assert_eq!(text.get(Language::Russian), "у a.example 3 из 7");
    }

    #[test]
    fn a_text_inside_of_a_text_speaks_its_language_and_others_words_stay() {
        let why = words!("it is empty", "он пуст");
        let told = Words::verbatim("No such file");
        let text = words!("refused: {why} ({told})", "отказ: {why} ({told})"; why, told);
        assert_eq!(text.en(), "refused: it is empty (No such file)");
        let russian = text.get(Language::Russian);
        assert_eq!(russian, "отказ: он пуст (No such file)");
        let all = Words::joined([why, told], "; ");
        assert_eq!(all.get(Language::Russian), "он пуст; No such file");
    }

    #[test]
    fn pairs_are_told_from_what_is_none() {
        for (one, other, same) in [
            ("{a} {b:o} {{x}}", "{b:o} {a}", true),
            ("{a}", "{b}", false),
            ("{}", "нет", false),
            ("{a:o}", "{a}", false),
            ("", "", true),
        ] {
            let found = has_holes_of(one, other) && has_holes_of(other, one);
            assert_eq!(found, same, "{one} {other}");
        }
        assert!(has_cyrillic("a й") && has_cyrillic("ё") && !has_cyrillic("é … ’"));
    }
}
