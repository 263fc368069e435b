//! That the certificate in hand was revoked, and a person's wish to have it replaced.

use chrono::{DateTime, NaiveDate, Utc};

use super::{MAXIMUM_LENGTH, VERSION, versioned};
use crate::platform::{Service, fields};

/// What stands where something is not known.
const NONE: &str = "-";

/// What the vendor's list shows about the order of the certificate in hand: `1|ORDER|CERTIFICATE|FOUND|DAY|TOLD|WORDS`.
/// CERTIFICATE is the value of [`fields::CERTIFICATE_END`], by which another certificate ends it; FOUND are seconds,
/// TOLD is 1 once everybody was told, 2 once the client was, and no person could be given the task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    pub(in crate::order) order: String,
    pub(in crate::order) certificate: String,
    /// When it was found.
    pub found: DateTime<Utc>,
    /// The day of it, where the list shows one.
    pub day: Option<NaiveDate>,
    /// The person has the task, and the client was told.
    pub is_told: bool,
    /// The client was told.
    pub is_client_told: bool,
    /// The vendor's words, masked.
    pub words: String,
}

impl Revocation {
    /// What is stored about the certificate in hand; nothing about one before it, nor in a form of another version.
    #[must_use]
    pub fn stored(service: &Service) -> Option<Self> {
        let text = service.parameter(fields::REVOKED)?;
        let mut parts = versioned(text)?.splitn(6, '|');
        let mut next = || parts.next();
        let (order, certificate) = (next()?.to_owned(), next()?.to_owned());
        let found = next()?.parse().ok()?;
        let day = next()?.parse().ok();
        let told = next()?;
        let revocation = Self {
            order,
            certificate,
            found: DateTime::from_timestamp(found, 0)?,
            day,
            is_told: told == "1",
            is_client_told: matches!(told, "1" | "2"),
            words: next().unwrap_or_default().to_owned(),
        };
        is_in_hand(service, &revocation.certificate).then_some(revocation)
    }

    pub(in crate::order) fn to_text(&self) -> String {
        let day = self.day.map(|day| day.to_string());
        let told = match (self.is_told, self.is_client_told) {
            (true, _) => 1,
            (false, true) => 2,
            (false, false) => 0,
        };
        let text = format!(
            "{VERSION}|{}|{}|{}|{}|{told}|{}",
            self.order,
            self.certificate,
            self.found.timestamp(),
            day.as_deref().unwrap_or(NONE),
            self.words
        );
        text.chars().take(MAXIMUM_LENGTH).collect()
    }
}

/// How far a wish has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wished {
    /// The daemon's next pass reissues.
    Now,
    /// The client was told to make a new CSR, and reissues with it.
    NewKey,
    /// The vendor has refused.
    Refused,
}

impl Wished {
    const ALL: [Self; 3] = [Self::Now, Self::NewKey, Self::Refused];

    /// The word in the stored form and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::NewKey => "new-key",
            Self::Refused => "refused",
        }
    }
}

/// A person's wish to have a certificate replaced (`pmssl reissue`): `1|WHAT|CERTIFICATE|SECONDS|WHO`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// How far it has come.
    pub what: Wished,
    /// The certificate that is to be replaced, as [`fields::CERTIFICATE_END`] keeps it.
    pub certificate: String,
    /// When it was said.
    pub since: DateTime<Utc>,
    /// By whom.
    pub who: String,
}

impl Wish {
    /// The last wish, of whatever certificate.
    #[must_use]
    pub fn stored(service: &Service) -> Option<Self> {
        Self::from_text(service.parameter(fields::WISH)?)
    }

    /// Reads the stored form; none of a version that is not known.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = versioned(text)?.splitn(4, '|');
        let mut next = || parts.next();
        let what = next()?;
        Some(Self {
            what: Wished::ALL.into_iter().find(|one| one.word() == what)?,
            certificate: next()?.to_owned(),
            since: DateTime::from_timestamp(next()?.parse().ok()?, 0)?,
            who: next().unwrap_or_default().to_owned(),
        })
    }

    /// The stored form.
    #[must_use]
    pub fn to_text(&self) -> String {
        let text = format!(
            "{VERSION}|{}|{}|{}|{}",
            self.what.word(),
            self.certificate,
            self.since.timestamp(),
            self.who
        );
        text.chars().take(MAXIMUM_LENGTH).collect()
    }

    /// Whether it is about the certificate in hand: a new one has fulfilled it.
    #[must_use]
    pub fn is_open(&self, service: &Service) -> bool {
        is_in_hand(service, &self.certificate)
    }

    /// Since when the certificate in hand is to be reissued by a person's word.
    #[must_use]
    pub fn due(service: &Service) -> Option<DateTime<Utc>> {
        let wish = Self::stored(service)?;
        (wish.what == Wished::Now && wish.is_open(service)).then_some(wish.since)
    }
}

fn is_in_hand(service: &Service, certificate: &str) -> bool {
    service.parameter(fields::CERTIFICATE_END) == Some(certificate.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const IN_HAND: &str = "2028-02-26 0a:0b";

    fn service(name: &str, text: &str) -> Service {
        let parameters = [(name, text), (fields::CERTIFICATE_END, IN_HAND)];
        let parameters = parameters.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Service {
            parameters: parameters.into_iter().collect(),
            ..Service::default()
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// Version 1 never changes.
    #[test]
    fn a_revocation_is_kept_in_version_1_and_ends_with_its_certificate() {
        let text = "1|77|2028-02-26 0a:0b|1800000000|2027-01-14|1|revoked | by the authority";
        let read = Revocation::stored(&service(fields::REVOKED, text)).unwrap();
        assert_eq!(read.order, "77");
        assert_eq!(read.found, at(1_800_000_000));
        assert_eq!(read.day, Some("2027-01-14".parse().unwrap()));
        assert!(read.is_told);
        assert_eq!(read.words, "revoked | by the authority");
        assert_eq!(read.to_text(), text);
        let untold = Revocation {
            day: None,
            is_told: false,
            is_client_told: false,
            words: String::new(),
            ..read
        };
        let short = "1|77|2028-02-26 0a:0b|1800000000|-|0|";
        assert_eq!(untold.to_text(), short);
        let again = Revocation::stored(&service(fields::REVOKED, short));
        assert_eq!(again, Some(untold));
        let half = "1|77|2028-02-26 0a:0b|1800000000|-|2|";
        let read = Revocation::stored(&service(fields::REVOKED, half)).unwrap();
        assert_eq!((read.is_told, read.is_client_told), (false, true));
        assert_eq!(read.to_text(), half);
        for other in [
            "2|77|2028-02-26 0a:0b|1800000000|-|1|revoked",
            "1|77|2028-02-26 0a:0c|1800000000|-|1|revoked",
            "1|77|2028-02-26 0a:0b|soon|-|1|revoked",
            "1|77",
        ] {
            let read = Revocation::stored(&service(fields::REVOKED, other));
            assert_eq!(read, None, "{other}");
        }
        let long = Revocation {
            words: "я".repeat(300),
            ..Revocation::stored(&service(fields::REVOKED, short)).unwrap()
        };
        assert_eq!(long.to_text().chars().count(), MAXIMUM_LENGTH);
    }

    #[test]
    fn a_wish_is_kept_in_version_1_and_is_due_for_its_certificate_only() {
        let text = "1|now|2028-02-26 0a:0b|1800000000|ann";
        let due = |text: &str| Wish::due(&service(fields::WISH, text));
        let read = Wish::from_text(text).unwrap();
        assert_eq!((read.what, read.who.as_str()), (Wished::Now, "ann"));
        assert_eq!(read.to_text(), text);
        assert_eq!(due(text), Some(at(1_800_000_000)));
        for other in [
            "1|now|2028-02-26 0a:0c|1800000000|ann",
            "1|new-key|2028-02-26 0a:0b|1800000000|ann",
            "1|refused|2028-02-26 0a:0b|1800000000|ann",
            "1|later|2028-02-26 0a:0b|1800000000|ann",
            "2|now|2028-02-26 0a:0b|1800000000|ann",
            "1|now|2028-02-26 0a:0b|x|ann",
            "",
        ] {
            assert_eq!(due(other), None, "{other}");
        }
    }
}
