//! How many days before its end a certificate is replaced (design, section 5). Pure.
//!
//! A replacement made early costs the rest of the former certificate's life, one made late leaves people no time.
//! The product promises ten days, and a new verification of a company has the days that it takes, also where the term needs
//! a certificate more for it: a reissue is free inside the term, a certificate that lapses meanwhile is not. Where
//! the client alone has to act more days are given, as long as they cost no certificate.

use chrono::{NaiveDate, TimeDelta};

use super::calendar;
use super::policy::covers;

/// Days that the product documents.
pub const USUAL: u16 = 10;

/// Days where the client proves control of the names anew.
pub const WITH_CLIENT: u16 = 14;

/// Days where the vendor verifies a company anew, which takes telephone calls and papers. They are not weighed against
/// certificates.
pub const WITH_IDENTITY: u16 = 21;

/// Days that an issue may take without costing what a few days more of lead were to save.
const SLOW: u16 = 2;

/// A replacement never begins before half of the certificate's life is over, nor earlier before its end than half
/// of what its successor may live, whatever is set: a wish of 200 days would replace short certificates
/// without end, and long ones by shorter ones.
const LARGEST_SHARE: u16 = 2;

/// No term needs more certificates; a count that comes so far compares equal.
const MOST: usize = 500;

/// What a lead depends on beside the certificate at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Horizon {
    /// The module, for its vendor's practice.
    pub module: &'static str,
    /// End of the paid term, where known.
    pub term_end: Option<NaiveDate>,
    /// The day of the oldest proof of a name's control, where known.
    pub proved: Option<NaiveDate>,
    /// The vendor verifies a company, too.
    pub organization: bool,
    /// The day on which the company was verified, where known.
    pub verified: Option<NaiveDate>,
}

impl Horizon {
    /// The last day on which the vendor may use the proofs again.
    #[must_use]
    pub fn proof_until(&self, day: NaiveDate) -> Option<NaiveDate> {
        let reuse = calendar::domain_reuse(self.module, day);
        Some(self.proved? + TimeDelta::days(reuse.into()))
    }

    /// Whether the client proves the names anew for a certificate of that day.
    #[must_use]
    pub fn client_acts(&self, day: NaiveDate) -> bool {
        self.proof_until(day).is_none_or(|last| last < day)
    }

    /// Whether the vendor verifies the company anew for a certificate of that day.
    #[must_use]
    pub fn identity_acts(&self, day: NaiveDate) -> bool {
        let reuse = TimeDelta::days(calendar::rule_on(day).identity_reuse.into());
        self.organization && self.verified.is_none_or(|day_of| day_of + reuse < day)
    }

    /// The same after a certificate of that day, with what was proved for it.
    #[must_use]
    pub fn after(&self, day: NaiveDate) -> Self {
        Self {
            proved: if self.client_acts(day) {
                Some(day)
            } else {
                self.proved
            },
            verified: if self.identity_acts(day) {
                Some(day)
            } else {
                self.verified
            },
            ..*self
        }
    }

    /// Days before that end that are promised whatever they cost.
    fn promised(&self, end: NaiveDate, most: u16) -> u16 {
        let usual = USUAL.min(most);
        match self.identity_acts(end - TimeDelta::days(usual.into())) {
            true => WITH_IDENTITY.min(most),
            false => usual,
        }
    }

    /// How many further certificates the term needs when the one at hand is replaced that many days early, and all
    /// later ones as they are promised.
    fn further(&self, term_end: NaiveDate, life: u16, end: NaiveDate, first: u16) -> usize {
        let (mut horizon, mut end, mut lead) = (*self, end, first.min(most(life, end)));
        for count in 0..MOST {
            if covers(end, term_end) {
                return count;
            }
            let begin = end - TimeDelta::days(lead.into());
            horizon = horizon.after(begin);
            let life = calendar::expected_days(self.module, begin);
            end = (begin + TimeDelta::days(life.into())).min(term_end);
            lead = horizon.promised(end, most(life, end));
        }
        MOST
    }
}

/// The longest lead of a certificate of that life.
#[must_use]
pub fn most(life: u16, end: NaiveDate) -> u16 {
    life.min(calendar::rule_on(end).lifetime) / LARGEST_SHARE
}

/// How many days before its end a certificate of that life is replaced; `set` is the installation's wish.
#[must_use]
pub fn lead(set: Option<u16>, life: u16, end: NaiveDate, horizon: &Horizon) -> u16 {
    let most = most(life, end);
    if let Some(set) = set {
        return set.min(most);
    }
    let promised = horizon.promised(end, most);
    let Some(term_end) = horizon.term_end else {
        return promised;
    };
    let further = |lead: u16| horizon.further(term_end, life, end, lead);
    let with_client = WITH_CLIENT.min(most);
    let day = end - TimeDelta::days(promised.into());
    let is_wanted = with_client > promised && (horizon.organization || horizon.client_acts(day));
    let wish = if is_wanted && further(with_client) <= further(promised) {
        with_client
    } else {
        promised
    };
    before_step(wish, most, end, horizon, further)
}

/// Some days more where the certificate is then issued before a step of the calendar, lives longer, and saves the term
/// another one; also when the issue takes as long as [`SLOW`].
fn before_step(
    lead: u16,
    most: u16,
    end: NaiveDate,
    horizon: &Horizon,
    further: impl Fn(u16) -> usize,
) -> u16 {
    let longest = WITH_IDENTITY.min(most);
    let life =
        |lead: u16| calendar::expected_days(horizon.module, end - TimeDelta::days(lead.into()));
    if life(longest) <= life(lead) {
        return lead;
    }
    let needed = further(lead);
    let saves = |lead: u16| further(lead) < needed;
    (lead + 1 + SLOW..=longest)
        .find(|wish| (wish - SLOW..=*wish).all(saves))
        .unwrap_or(lead)
}

/// No certificate of any service is replaced earlier before its end; `longest` is the longest life of any.
#[must_use]
pub fn widest(set: Option<u16>, longest: u16) -> u16 {
    set.unwrap_or(WITH_IDENTITY).min(longest / LARGEST_SHARE)
}

#[cfg(test)]
mod tests;
