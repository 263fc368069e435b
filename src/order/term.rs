//! Two dates, kept apart: the certificate's end and the end of the paid term (design, section 5). Pure.

use chrono::{DateTime, Months, NaiveDate, Utc};

pub(super) use super::stored::Bought;
use super::stored::is_date;
use crate::platform::details::LONGEST_TERM;

/// Days between the two ends below which one certificate counts as covering the whole term:
/// vendors round terms and certificates to their own hours.
const SAME_END: i64 = 3;

/// Months before a term's end in which the next one may have been bought.
const EARLY: u32 = 12;

/// The end of a term as a vendor tells it, unless nobody sells a term that reaches so far.
#[must_use]
pub fn believable(end: NaiveDate, today: NaiveDate) -> Option<NaiveDate> {
    let last = today.checked_add_months(Months::new(LONGEST_TERM + EARLY))?;
    (end <= last).then_some(end)
}

/// End of a term bought on `ordered` for `months`; a renewal goes on from the end of the former term.
/// `None` for a term of no months or beyond the calendar.
#[must_use]
pub fn end(ordered: NaiveDate, former: Option<NaiveDate>, months: u32) -> Option<NaiveDate> {
    let start = former.map_or(ordered, |former| former.max(ordered));
    (months > 0)
        .then(|| start.checked_add_months(Months::new(months)))
        .flatten()
}

/// What the platform is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// "End date".
    pub end_date: NaiveDate,
    /// "Paid till"; none when one certificate covers the term.
    pub paid_till: Option<NaiveDate>,
}

/// How an installation wants the two dates shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// `SSLExpireDate paid`: the End date takes the term's end instead of the certificate's.
    pub bills_by_end_date: bool,
    /// `SSLPaidTill multiyear`: Paid till stays empty for terms of up to a year.
    pub only_multiyear: bool,
}

/// Decides both dates.
///
/// `term_end` is the end of the paid term as the vendor tells it, else as it was bought, `months` what was bought.
/// Where the platform bills by End date, that takes the term's end and never moves back behind `shown_now`, the
/// date that the platform shows now.
#[must_use]
pub fn dates(
    certificate_end: DateTime<Utc>,
    term_end: Option<NaiveDate>,
    shown_now: Option<NaiveDate>,
    months: i64,
    shown: Shown,
) -> Dates {
    let certificate_end = certificate_end.date_naive();
    let is_shown = !shown.only_multiyear || months > 12;
    let paid_till =
        term_end.filter(|end| is_shown && (*end - certificate_end).num_days() > SAME_END);
    let end_date = if shown.bills_by_end_date {
        [Some(certificate_end), term_end, shown_now.filter(is_date)]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(certificate_end)
    } else {
        certificate_end
    };
    Dates {
        end_date,
        paid_till,
    }
}

#[cfg(test)]
mod tests;
