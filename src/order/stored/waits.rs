//! What an order waits for, as it is kept.

use chrono::{DateTime, Utc};

use super::{MAXIMUM_LENGTH, VERSION, versioned};
use crate::order::waits::For;

/// The stored form: `1|ORDER|WHAT|SINCE|REMINDED|TASKED|WORDS`, times in seconds, 0 for not yet. TASKED is a list with commas;
/// a time about something else than WHAT is followed by `:` and that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The vendor's number.
    pub order: String,
    /// For what.
    pub for_what: For,
    /// Since when.
    pub since: DateTime<Utc>,
    pub(in crate::order) reminded: bool,
    /// What a person was told of, and when: each thing by itself, because one may come and go while another stays.
    pub(in crate::order) tasked: Vec<(For, DateTime<Utc>)>,
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
        let since = moment(fields.next()?)?;
        let reminded = moment(fields.next().unwrap_or_default()).is_some();
        let tasked = fields.next().unwrap_or_default().split(',');
        let tasked = tasked.filter_map(|told| match told.split_once(':') {
            Some((at, what)) => Some((For::by_word(what)?, moment(at)?)),
            None => Some((for_what, moment(told)?)),
        });
        let tasked = tasked.collect();
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
        let told = self
            .tasked
            .iter()
            .map(|(what, at)| match *what == self.for_what {
                true => at.timestamp().to_string(),
                false => format!("{}:{}", at.timestamp(), what.word()),
            });
        let told = told.collect::<Vec<_>>().join(",");
        let text = format!(
            "{VERSION}|{}|{}|{}|{}|{}|{}",
            self.order,
            self.for_what.word(),
            self.since.timestamp(),
            u8::from(self.reminded),
            if told.is_empty() { "0" } else { &told },
            self.words
        );
        text.chars().take(MAXIMUM_LENGTH).collect()
    }
}

/// A moment in seconds; zero is none.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let seconds = text.parse().ok().filter(|seconds| *seconds != 0)?;
    DateTime::from_timestamp(seconds, 0)
}
