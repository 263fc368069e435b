//! Two dates, kept apart: the certificate's end and the end of the paid term (design, section 5). Pure.

use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};

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

/// What the two dates of a service with a certificate follow from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// End of the certificate.
    pub certificate_end: NaiveDate,
    /// End of the term as it was bought.
    pub bought: Option<NaiveDate>,
    /// The same as the vendor has just told it.
    pub told: Option<NaiveDate>,
    /// Ordered period in months.
    pub months: i64,
    /// End date as it is shown now.
    pub end_date: Option<NaiveDate>,
    /// Paid till as it is shown now.
    pub paid_till: Option<NaiveDate>,
}

impl Basis {
    /// What is to be shown.
    #[must_use]
    pub fn dates(&self, shown: Shown) -> Dates {
        // The latest that was ever known: paid time is never shortened.
        let term_end = self.bought.max(self.paid_till).max(self.told);
        // The term has to be known elsewhere before it is hidden here.
        let months = self.bought.map_or(i64::MAX, |_| self.months);
        let end = self.certificate_end.and_time(NaiveTime::MIN).and_utc();
        dates(end, term_end, self.end_date, months, shown)
    }

    /// Whether that is what is shown now.
    #[must_use]
    pub fn is_shown(&self, shown: Shown) -> bool {
        let dates = self.dates(shown);
        (Some(dates.end_date), dates.paid_till) == (self.end_date, self.paid_till)
    }
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
