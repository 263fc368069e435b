//! What came back for a paid call whose outcome is not known. Whoever settles the order needs it long after
//! the call: it is told with every later failure until then.

use super::OrderSession;
use super::intent::Intent;
use crate::domain::text::Words;
use crate::failure::{Failure, FailureKind, Language};
use crate::log;
use crate::platform::{Patience, Service, fields};

/// Longest text kept, in characters.
const LONGEST: usize = 300;

/// Between the English words and the Russian ones, where they differ.
const BETWEEN: &str = " ¦ ";

/// The words kept for an intent; those for another one are stale.
#[must_use]
pub fn of(service: &Service, key: &str) -> Option<Words> {
    let text = service.parameter(fields::VENDOR_WORDS)?;
    let text = text.strip_prefix(key)?.strip_prefix(' ')?;
    Some(match text.split_once(BETWEEN) {
        Some((english, russian)) => Words::made(english.to_owned(), russian.to_owned()),
        None => Words::verbatim(text),
    })
}

fn to_text(key: &str, words: &Words) -> String {
    let line = |language| {
        let words = words.get(language).replace('¦', " ");
        let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let line = crate::logging::mask(&line);
        line.chars().take(LONGEST).collect::<String>()
    };
    let (english, russian) = (line(Language::English), line(Language::Russian));
    if english == russian {
        format!("{key} {english}")
    } else {
        format!("{key} {english}{BETWEEN}{russian}")
    }
}

/// A failure about an intent with the words kept for it.
fn told(service: &Service, failure: Failure) -> Failure {
    if failure.kind() != FailureKind::Unknown {
        return failure;
    }
    let own = failure.particulars();
    match of(service, failure.offending_value()) {
        Some(kept) if !own.en().contains(kept.en()) => failure.detail(words!(
            "{own}. When it was sent, this came back: {kept}",
            "{own}. При отправке пришёл ответ: {kept}";
            own, kept
        )),
        _ => failure,
    }
}

impl OrderSession<'_> {
    /// Keeps what came back. Trouble with it is no failure: the intent is stored, and that counts.
    pub(super) async fn keep_words(&mut self, intent: &Intent, came_back: &Failure) {
        let text = to_text(intent.key.as_str(), &came_back.particulars());
        let kept = self.save(fields::VENDOR_WORDS, &text, Patience::Once).await;
        if let Err(failure) = kept {
            log!(
                Order,
                Warning,
                "what the vendor said is not kept: {}",
                failure.chain()
            );
        }
    }

    /// Adds the words that were kept for the intent that a failure is about.
    pub(super) fn with_words(&self, failure: Failure) -> Failure {
        told(&self.service, failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    const KEY: &str = "abcdefghij2345672345";

    #[test]
    fn words_belong_to_one_intent_and_are_one_masked_line() {
        let mut service = Service::default();
        assert_eq!(of(&service, KEY), None);
        let words = format!(
            "The answer was 422,\n the vendor says: no {}",
            "x ".repeat(250)
        );
        service.parameters.insert(
            fields::VENDOR_WORDS.to_owned(),
            to_text(KEY, &Words::verbatim(words)),
        );
        let kept = of(&service, KEY).unwrap();
        assert!(
            kept.en()
                .starts_with("The answer was 422, the vendor says: no x x"),
            "{kept:?}"
        );
        // The platform keeps no blank at the end.
        assert!((LONGEST - 1..=LONGEST).contains(&kept.en().chars().count()));
        assert_eq!(of(&service, "abcdefghij2345672346"), None);
        assert!(!to_text(KEY, &Words::verbatim("auth_token=abcdef0123")).contains("abcdef0123"));
    }

    #[test]
    fn later_failures_about_the_intent_tell_them_once_and_others_do_not() {
        let mut service = Service::default();
        let text = to_text(KEY, &Words::verbatim("Not enough money on balance"));
        service
            .parameters
            .insert(fields::VENDOR_WORDS.to_owned(), text);
        let about = |reason, key: &str, detail: &str| {
            told(
                &service,
                Failure::new(reason)
                    .value(key)
                    .detail(Words::verbatim(detail)),
            )
        };
        for reason in [Reason::OutcomeUnknown, Reason::OutcomeForPerson] {
            let failure = about(reason, KEY, "it is not listed");
            for language in [Language::English, Language::Russian] {
                let text = failure.text(language);
                assert!(text.to_lowercase().contains("it is not listed"), "{text}");
                assert!(text.contains("Not enough money on balance"), "{text}");
            }
            let again = told(&service, failure);
            assert_eq!(again.words().matches("Not enough").count(), 1);
        }
        for failure in [
            about(Reason::OutcomeUnknown, "another", "x"),
            about(Reason::Unreachable, KEY, "x"),
        ] {
            assert_eq!(failure.words(), "x");
        }
    }
}
