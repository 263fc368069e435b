//! What an order waits for, as it is kept.

use chrono::{DateTime, Utc};

use super::{MAXIMUM_LENGTH, VERSION, versioned};
use crate::order::waits::For;

/// The stored form: `1|ORDER|WHAT|SINCE|REMINDED|TASKED|WORDS`, times in seconds, 0 for not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The vendor's number.
    pub order: String,
    /// For what.
    pub for_what: For,
    /// Since when.
    pub since: DateTime<Utc>,
    pub(in crate::order) reminded: bool,
    pub(in crate::order) tasked: Option<DateTime<Utc>>,
    /// The vendor's words.
    pub words: String,
}

impl Waits {
    /// What is stored about an order.
    #[must_use]
    pub fn stored(text: &str, order: &str) -> Option<Self> {
        let mut fields = versioned(text)?.splitn(6, '|');
        if fields.next() != Some(order) {
            return None;
        }
        let for_what = For::by_word(fields.next()?)?;
        let mut moment = || -> Option<DateTime<Utc>> {
            let seconds = fields
                .next()?
                .parse()
                .ok()
                .filter(|seconds| *seconds != 0)?;
            DateTime::from_timestamp(seconds, 0)
        };
        let since = moment()?;
        let (reminded, tasked) = (moment().is_some(), moment());
        Some(Self {
            order: order.to_owned(),
            for_what,
            since,
            reminded,
            tasked,
            words: fields.next().unwrap_or_default().to_owned(),
        })
    }

    pub(in crate::order) fn to_text(&self) -> String {
        let seconds = |moment: Option<DateTime<Utc>>| moment.map_or(0, |moment| moment.timestamp());
        let text = format!(
            "{VERSION}|{}|{}|{}|{}|{}|{}",
            self.order,
            self.for_what.word(),
            self.since.timestamp(),
            u8::from(self.reminded),
            seconds(self.tasked),
            self.words
        );
        text.chars().take(MAXIMUM_LENGTH).collect()
    }
}
