//! The administrator of the story: changes options in mid-life, by the words that the product reads. What they promise is
//! worked out here anew, from the product's pages alone.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::{Customer, Shop};

/// The first change comes when all services are open.
const FIRST: i64 = 35;

/// Days after which options change, in a circle: both dates are shown in all their ways, and leads are set, changed and
/// taken back. Before nobody replaces anything, what might be missed meanwhile is replaced.
const CHANGES: [(i64, &str, &str); 13] = [
    (0, BEFORE, "20"),
    (10, END_DATE, "paid"),
    (25, POLICY, "manual"),
    (40, POLICY, "auto"),
    (45, PAID_TILL, "multiyear"),
    (55, END_DATE, "certificate"),
    (60, BEFORE, "30"),
    (80, POLICY, "none"),
    (86, POLICY, ""),
    (95, BEFORE, "12"),
    (110, PAID_TILL, ""),
    (120, BEFORE, "200"),
    (124, BEFORE, ""),
];
const CIRCLE: i64 = 150;

const BEFORE: &str = "SSLSubscriptionBefore";
const POLICY: &str = "SSLSubscriptionPolicy";
const END_DATE: &str = "SSLExpireDate";
const PAID_TILL: &str = "SSLPaidTill";

/// Nobody is told of a certificate when only so much later than the paid term another would end.
const SAME: i64 = 3;

/// Who replaces certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Policy {
    Auto,
    Manual,
    Nobody,
}

pub(super) struct Options {
    first: DateTime<Utc>,
    /// Changes made so far.
    made: usize,
    pub(super) policy: Policy,
    bills_by_end_date: bool,
    only_multiyear: bool,
}

impl Options {
    pub(super) fn beginning(now: DateTime<Utc>) -> Self {
        Self {
            first: now + TimeDelta::days(FIRST),
            made: 0,
            policy: Policy::Auto,
            bills_by_end_date: false,
            only_multiyear: false,
        }
    }

    /// The change that comes next, and when.
    fn next(&self) -> (DateTime<Utc>, &'static str, &'static str) {
        let (day, name, value) = CHANGES[self.made % CHANGES.len()];
        let circles = (self.made / CHANGES.len()) as i64;
        let day = TimeDelta::days(circles * CIRCLE + day);
        (self.first + day, name, value)
    }

    /// End date and Paid till of a customer with that certificate, as the product's pages promise them.
    pub(super) fn shown(
        &self,
        customer: &Customer,
        end: NaiveDate,
    ) -> (NaiveDate, Option<NaiveDate>) {
        let till = customer.till;
        let is_told = !self.only_multiyear || customer.months > 12;
        let is_longer = (till - end).num_days() > SAME;
        let end_date = match self.bills_by_end_date {
            true => end.max(till),
            false => end,
        };
        (end_date, (is_told && is_longer).then_some(till))
    }
}

impl Shop {
    /// Not by chance, so that the rest of a run's story stays what it was.
    pub(super) fn change_options(&mut self) {
        let (moment, name, value) = self.options.next();
        if self.now() < moment {
            return;
        }
        self.world.set_option(name, value);
        self.options.made += 1;
        self.figures.options += 1;
        match (name, value) {
            (POLICY, "manual") => self.options.policy = Policy::Manual,
            (POLICY, "none") => self.options.policy = Policy::Nobody,
            (POLICY, _) => self.options.policy = Policy::Auto,
            (END_DATE, value) => self.options.bills_by_end_date = value == "paid",
            (PAID_TILL, value) => self.options.only_multiyear = value == "multiyear",
            _ => {}
        }
    }
}
