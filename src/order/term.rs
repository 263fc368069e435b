//! Two dates, kept apart: the certificate's end and the end of the paid term (design, section 5). Pure.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use crate::platform::details::LONGEST_TERM;

/// Days between the two ends below which one certificate counts as covering the whole term:
/// vendors round terms and certificates to their own hours.
const SAME_END: i64 = 3;

/// Vendors write the last year of their calendar where there is no date; earlier versions believed it.
const NO_END: i32 = 9999;

fn is_date(end: &NaiveDate) -> bool {
    end.year() < NO_END
}

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

/// The end of the term that was bought and the key of the purchase that bought it, so that a command
/// that runs again does not count the months twice; of a renewal also the former end, to which a dead
/// one falls back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bought {
    pub(super) end: NaiveDate,
    pub(super) key: String,
    pub(super) former: Option<NaiveDate>,
}

impl Bought {
    /// A day that belongs to no purchase.
    pub(super) fn on(end: NaiveDate) -> Self {
        Self {
            end,
            key: String::new(),
            former: None,
        }
    }

    /// The stored form: the day, the key and the former day with blanks between.
    pub(super) fn to_text(&self) -> String {
        let former = self.former.map(|day| day.to_string()).unwrap_or_default();
        format!("{} {} {former}", self.end, self.key)
            .trim_end()
            .to_owned()
    }

    /// Reads the stored form; a day alone, set by hand, belongs to no purchase.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        Some(Self {
            end: words.next()?.parse().ok().filter(is_date)?,
            key: words.next().unwrap_or_default().to_owned(),
            former: words.next().and_then(|day| day.parse().ok()),
        })
    }
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
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn moment(text: &str) -> DateTime<Utc> {
        day(text).and_hms_opt(23, 59, 59).unwrap().and_utc()
    }

    #[test]
    fn a_vendors_end_is_believed_within_what_is_sold() {
        let today = day("2026-04-02");
        for (end, believed) in [
            ("2026-01-01", true),
            ("2027-04-02", true),
            ("2032-04-02", true),
            ("2033-04-02", true),
            ("2033-04-03", false),
            ("9999-12-31", false),
        ] {
            let end = day(end);
            assert_eq!(believable(end, today), believed.then_some(end), "{end}");
        }
    }

    #[test]
    fn terms_end_on_the_day_they_began() {
        assert_eq!(end(day("2026-04-02"), None, 60), Some(day("2031-04-02")));
        assert_eq!(end(day("2027-01-31"), None, 1), Some(day("2027-02-28")));
        assert_eq!(end(day("2026-04-02"), None, 0), None);
    }

    #[test]
    fn what_was_bought_is_read_as_it_is_written() {
        let renewed = Bought {
            end: day("2028-02-01"),
            key: "KEY".to_owned(),
            former: Some(day("2027-02-01")),
        };
        assert_eq!(renewed.to_text(), "2028-02-01 KEY 2027-02-01");
        let opened = Bought {
            former: None,
            ..renewed.clone()
        };
        assert_eq!(opened.to_text(), "2028-02-01 KEY");
        let by_hand = Bought::on(day("2028-02-01"));
        assert_eq!(by_hand.to_text(), "2028-02-01");
        for bought in [renewed, opened, by_hand] {
            assert_eq!(Bought::from_text(&bought.to_text()), Some(bought));
        }
        assert_eq!(Bought::from_text("soon"), None);
        assert_eq!(Bought::from_text("9999-12-31 KEY"), None);
    }

    #[test]
    fn a_renewal_goes_on_where_the_term_ended() {
        assert_eq!(
            end(day("2026-03-20"), Some(day("2026-04-02")), 12),
            Some(day("2027-04-02"))
        );
        assert_eq!(
            end(day("2026-05-01"), Some(day("2026-04-02")), 12),
            Some(day("2027-05-01"))
        );
    }

    #[test]
    fn the_documented_example_of_five_years() {
        let shown = dates(
            moment("2026-10-19"),
            Some(day("2031-04-02")),
            None,
            60,
            Shown::default(),
        );
        assert_eq!(
            shown,
            Dates {
                end_date: day("2026-10-19"),
                paid_till: Some(day("2031-04-02"))
            }
        );
    }

    #[test]
    fn paid_till_is_empty_when_one_certificate_covers_the_term() {
        assert_eq!(
            dates(
                moment("2026-10-19"),
                Some(day("2026-10-20")),
                None,
                12,
                Shown::default()
            )
            .paid_till,
            None
        );
        assert_eq!(
            dates(moment("2026-10-19"), None, None, 12, Shown::default()).paid_till,
            None
        );
    }

    #[test]
    fn billing_by_end_date_never_moves_back() {
        let wanted = Shown {
            bills_by_end_date: true,
            ..Shown::default()
        };
        let shown = |shown| {
            let term_end = Some(day("2027-04-02"));
            dates(moment("2026-10-19"), term_end, shown, 12, wanted).end_date
        };
        assert_eq!(shown(None), day("2027-04-02"));
        assert_eq!(shown(Some(day("2027-05-01"))), day("2027-05-01"));
        assert_eq!(shown(Some(day("2026-01-01"))), day("2027-04-02"));
        assert_eq!(shown(Some(day("9999-12-31"))), day("2027-04-02"));
    }

    /// The product's pages leave it empty for one year, the service is paid for longer than one certificate all
    /// the same.
    #[test]
    fn paid_till_can_be_kept_to_terms_of_several_years() {
        let multiyear = Shown {
            only_multiyear: true,
            ..Shown::default()
        };
        let of = |months, shown| {
            let term_end = Some(day("2027-04-02"));
            dates(moment("2026-10-19"), term_end, None, months, shown).paid_till
        };
        assert_eq!(of(12, multiyear), None);
        assert_eq!(of(13, multiyear), Some(day("2027-04-02")));
        assert_eq!(of(12, Shown::default()), Some(day("2027-04-02")));
    }
}
