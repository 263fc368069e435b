//! The small forms: what was given to a person, what was bought, replaced, proved and told.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use super::intent::{Intent, MAXIMUM_LENGTH, State};
use super::{VERSION, versioned};
use crate::platform::{Service, fields};

/// An intent that a person has to settle: `1|<key>|<seconds since 1970>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub(in crate::order) key: String,
    pub(in crate::order) since: DateTime<Utc>,
}

impl Given {
    pub(in crate::order) fn to_text(&self) -> String {
        format!("{VERSION}|{}|{}", self.key, self.since.timestamp())
    }

    /// Reads the stored form. A form of another version bars as well: it fails closed.
    pub(in crate::order) fn read(text: &str, intent: &Intent) -> Option<Self> {
        let fields: Vec<&str> = text.trim().split('|').collect();
        match fields.as_slice() {
            [""] => None,
            [VERSION, key, since] => Some(Self {
                key: (*key).to_owned(),
                since: DateTime::from_timestamp(since.parse().unwrap_or_default(), 0)?,
            }),
            _ => Some(Self {
                key: intent.key.to_string(),
                since: intent.since,
            }),
        }
    }

    /// Whether it still bars this intent. An order that has been found and proved since ends it.
    pub(in crate::order) fn bars(&self, intent: &Intent) -> bool {
        let open = matches!(
            intent.state,
            State::Prepared | State::Sent | State::Unknown | State::Rejected
        );
        open && self.key == intent.key.as_str()
    }
}

/// Reads the orders that a person has called somebody else's: `1|NUMBER,NUMBER`.
pub(in crate::order) fn foreign(text: &str) -> BTreeSet<String> {
    let numbers = versioned(text).unwrap_or_default().split(',');
    let numbers = numbers.map(str::trim).filter(|number| !number.is_empty());
    numbers.map(str::to_owned).collect()
}

/// Their stored form.
pub(in crate::order) fn foreign_text(orders: &[String]) -> String {
    format!("{VERSION}|{}", orders.join(","))
}

/// The end of the term that was bought and the key of the purchase that bought it, so that a command
/// that runs again does not count the months twice; of a renewal also the former end, to which a dead
/// one falls back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::order) struct Bought {
    pub(in crate::order) end: NaiveDate,
    pub(in crate::order) key: String,
    pub(in crate::order) former: Option<NaiveDate>,
}

impl Bought {
    /// A day that belongs to no purchase.
    pub(in crate::order) fn on(end: NaiveDate) -> Self {
        Self {
            end,
            key: String::new(),
            former: None,
        }
    }

    /// The stored form: the day, the key and the former day with blanks between.
    pub(in crate::order) fn to_text(&self) -> String {
        let former = self.former.map(|day| day.to_string()).unwrap_or_default();
        format!("{} {} {former}", self.end, self.key)
            .trim_end()
            .to_owned()
    }

    /// Reads the stored form; a day alone, set by hand, belongs to no purchase.
    pub(in crate::order) fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        Some(Self {
            end: words.next()?.parse().ok().filter(is_date)?,
            key: words.next().unwrap_or_default().to_owned(),
            former: words.next().and_then(|day| day.parse().ok()),
        })
    }
}

/// Vendors write the last year of their calendar where there is no date; earlier versions believed it.
const NO_END: i32 = 9999;

/// Whether an end is one.
pub(in crate::order) fn is_date(end: &NaiveDate) -> bool {
    end.year() < NO_END
}

/// The day of a stored end. Earlier versions kept it alone, under one option only.
#[must_use]
pub fn end_of(text: &str) -> Option<NaiveDate> {
    text.split_whitespace().next()?.parse().ok()
}

/// The end of a stored term.
#[must_use]
pub fn term_end_of(text: &str) -> Option<NaiveDate> {
    Bought::from_text(text).map(|term| term.end)
}

/// What [`fields::CERTIFICATE_END`] keeps: the day and the serial number, `-` when it is not known.
pub(in crate::order) fn end_text(end: NaiveDate, serial: Option<&str>) -> String {
    format!("{end} {}", serial.unwrap_or("-"))
}

/// The certificate that the latest reissue replaces, as [`fields::REPLACED`] keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// Its serial number, empty when it is not known.
    pub serial: String,
    /// Its end, where known.
    pub end: Option<NaiveDate>,
}

impl Replaced {
    /// The stored form: serial number and end, either may be `-`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let serial = Some(self.serial.as_str()).filter(|serial| !serial.is_empty());
        let end = self.end.map(|end| end.to_string());
        format!(
            "{} {}",
            serial.unwrap_or("-"),
            end.as_deref().unwrap_or("-")
        )
    }

    /// Reads the stored form; a serial number alone is enough.
    #[must_use]
    pub fn stored(service: &Service) -> Option<Self> {
        let text = service.parameter(fields::REPLACED)?;
        let (serial, end) = text.split_once(' ').unwrap_or((text, "-"));
        Some(Self {
            serial: serial.trim_matches('-').to_owned(),
            end: end.trim().parse().ok(),
        })
    }
}

/// Whether somebody was told about a certificate, as a parameter keeps it: its mark, and behind a blank
/// what it was about, empty for the certificate itself.
#[must_use]
pub fn told<'a>(service: &'a Service, parameter: &str, mark: &str) -> Option<&'a str> {
    let text = service.parameter(parameter)?;
    let (certificate, about) = text.split_once(' ').unwrap_or((text, ""));
    (certificate == mark).then_some(about)
}

/// The days of the last proofs of control of the names and of the company's verification, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proved {
    /// Of all names that are not in `later`: the oldest.
    pub names: Option<NaiveDate>,
    /// Of the company.
    pub company: Option<NaiveDate>,
    /// Of names that were proved after the others.
    pub later: BTreeMap<String, NaiveDate>,
}

impl Proved {
    /// The stored form: version, day of the names, day of the company, `-` where not known; then for each later day that
    /// day, a blank and its names. What does not fit counts with the others, as older than it is.
    #[must_use]
    pub fn to_text(&self) -> String {
        let day =
            |day: Option<NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
        let mut text = format!("{VERSION}|{}|{}", day(self.names), day(self.company));
        let days: BTreeSet<NaiveDate> = self.later.values().copied().collect();
        for day in days.into_iter().rev() {
            let names = self.later.iter().filter(|(_, own)| **own == day);
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            let part = format!("|{day} {}", names.join(","));
            if text.len() + part.len() <= MAXIMUM_LENGTH {
                text.push_str(&part);
            }
        }
        text
    }

    /// Reads the stored form. Earlier versions kept the two days alone.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let Some(text) = versioned(text) else {
            return Self::default();
        };
        let mut fields = text.split('|');
        let mut day = || fields.next()?.parse().ok();
        let (names, company) = (day(), day());
        let mut later = BTreeMap::new();
        for (day, list) in fields.filter_map(|field| field.split_once(' ')) {
            if let Ok(day) = day.parse() {
                later.extend(list.split(',').map(|name| (name.to_owned(), day)));
            }
        }
        Self {
            names,
            company,
            later,
        }
    }
}

/// What [`fields::SPARE`] keeps of a purchase that was looked at: `1|KEY`.
pub(in crate::order) fn looked_at(intent: &Intent) -> String {
    format!("{VERSION}|{}", intent.key)
}
