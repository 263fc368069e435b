//! What went wrong, told by what to do next (design, section 5).
//!
//! A [`Failure`] names a [`Reason`], the field it is about and what the other side said. The texts
//! that people read, in two languages, stand in [`texts`]; nothing else in the program decides
//! wording. `Display` is one English line without the cause; [`Failure::chain`] walks the causes.

pub mod texts;

use std::error::Error;
use std::fmt;

pub use crate::domain::text::Language;
use crate::domain::text::{Bilingual, Words};
pub use texts::Reason;

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The request is wrong; somebody has to correct a field. Nothing was sent.
    Input,
    /// The vendor said no: a person looks at it.
    Rejected,
    /// Credentials, allow-list or locked account: every order of the account is affected.
    Auth,
    /// Not enough money on the account: may be run again after a top-up.
    Funds,
    /// Not finished yet: look again later.
    Pending,
    /// A read failed or a connection was never opened: may be run again.
    Transient,
    /// A paid call may have arrived: it is looked up, never sent again.
    Unknown,
    /// The vendor or this version cannot do it: a person does it.
    NotSupported,
    /// An answer that contradicts the documentation: stop, keep the sample.
    Protocol,
    /// The platform, its database or its files refused: may be run again.
    Platform,
}

/// A failed step, ready to be told to the platform, the log and a person.
#[derive(Debug)]
pub struct Failure {
    reason: Reason,
    object: Option<String>,
    value: Option<String>,
    detail: Option<Box<Words>>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// A failure without particulars.
    #[must_use]
    pub fn new(reason: Reason) -> Self {
        Self {
            reason,
            object: None,
            value: None,
            detail: None,
            source: None,
        }
    }

    /// A failure of one field of the order or the settings, by the platform's field name.
    #[must_use]
    pub fn field(reason: Reason, object: impl Into<String>) -> Self {
        Self::new(reason).about(object)
    }

    /// Names the field or thing.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Names the offending value. Never a secret.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    /// Adds the particulars: what this program says about it, or what the other side said.
    #[must_use]
    pub fn detail(mut self, detail: impl Bilingual) -> Self {
        self.detail = Some(Box::new(detail.both()));
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same refusal, where it is the whole outcome of a paid call: only then is it known that nothing was
    /// bought. For the one place that reads such outcomes; adapters say [`Reason::Rejected`], of paid calls as
    /// well, since a refusal of a second try proves nothing of the first.
    #[must_use]
    pub(crate) fn ended_the_purchase(mut self) -> Self {
        if self.reason == Reason::Rejected {
            self.reason = Reason::NothingBought;
        }
        self
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// What happens next.
    #[must_use]
    pub fn kind(&self) -> FailureKind {
        self.reason.kind()
    }

    /// The field or thing, empty when none was named.
    #[must_use]
    pub fn object(&self) -> &str {
        self.object.as_deref().unwrap_or_default()
    }

    /// The offending value, empty when none was named.
    #[must_use]
    pub fn offending_value(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// The particulars in English, or else the cause's own words.
    #[must_use]
    pub fn words(&self) -> String {
        self.particulars().en().to_owned()
    }

    /// The particulars, or else the cause's own words.
    #[must_use]
    pub fn particulars(&self) -> Words {
        match (&self.detail, &self.source) {
            (Some(detail), _) => detail.as_ref().clone(),
            (None, Some(source)) => match source.downcast_ref::<std::io::Error>() {
                Some(error) => crate::regular::told(error),
                None => Words::verbatim(source),
            },
            (None, None) => Words::verbatim(""),
        }
    }

    /// The text for people, placeholders filled.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let form = self.reason.text(language);
        let particulars = self.particulars();
        let detail = match form.contains(". __detail__") {
            true => sentence(particulars.get(language)),
            false => particulars.get(language).to_owned(),
        };
        form.replace("__object__", self.object())
            .replace("__value__", self.offending_value())
            .replace("__detail__", &detail)
            .trim_end()
            .to_owned()
    }

    /// The text for people, in English with every cause.
    #[must_use]
    pub fn in_full(&self) -> Words {
        Words::made(self.chain(), self.text(Language::Russian))
    }

    /// This failure and those that it came of.
    pub fn causes(&self) -> impl Iterator<Item = &Self> {
        let mut next: Option<&(dyn Error + 'static)> = Some(self);
        std::iter::from_fn(move || {
            let error = next?;
            next = error.source();
            Some(error.downcast_ref())
        })
        .flatten()
    }

    /// Whether the account's login was refused, whatever was asked for: not one function or order, but every one.
    #[must_use]
    pub fn is_login_refused(&self) -> bool {
        self.causes().any(|cause| {
            matches!(
                cause.reason,
                Reason::BadCredentials | Reason::AccountLocked | Reason::TwoFactorOn
            )
        })
    }

    /// The English text followed by every cause, for the log.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !line.contains(&words) && !line.contains(&sentence(&words)) {
                line.push_str(": ");
                line.push_str(&words);
            }
            cause = error.source();
        }
        line
    }
}

/// What follows a full stop begins with a capital letter; names such as `pmssl_intent` stay as they are.
fn sentence(text: &str) -> String {
    let first = text.split(' ').next().unwrap_or_default();
    let word = first.trim_end_matches([',', ':', ';']);
    match text.chars().next() {
        Some(letter) if word.chars().all(char::is_lowercase) => {
            letter.to_uppercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// The text for people.
impl Bilingual for Failure {
    fn both(&self) -> Words {
        let [english, russian] = [Language::English, Language::Russian].map(|it| self.text(it));
        Words::made(english, russian)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particulars_behind_a_full_stop_begin_with_a_capital_letter() {
        let text = |words: &str| {
            let detail = Words::verbatim(words);
            Failure::new(Reason::LowFunds).detail(detail).to_string()
        };
        assert!(text("price 11.00 USD").ends_with("again. Price 11.00 USD"));
        assert!(text("price: 11.00 USD").ends_with("again. Price: 11.00 USD"));
        assert!(text("цена 11").ends_with("again. Цена 11"));
        for name in [
            "order/status: no",
            "pmssl_intent is odd",
            "eNom says no",
            "-102",
        ] {
            assert!(text(name).ends_with(name), "{name}");
        }
        assert!(text("").ends_with("again."));
        let inside = Failure::new(Reason::Rejected).detail(Words::verbatim("sold out"));
        assert!(inside.to_string().ends_with(": sold out"));
    }

    #[test]
    fn a_cause_is_told_once() {
        let cause = Failure::new(Reason::Rejected).detail(Words::verbatim("sold out"));
        let failure = Failure::new(Reason::LowFunds).because(cause);
        let line = failure.chain();
        assert_eq!(line.to_lowercase().matches("sold out").count(), 1, "{line}");
    }
}
