//! When the certificate in hand is replaced inside its paid term, by whom, and what is done about it. Pure; daemon,
//! plan, doctor, orders and show ask it, the last three by way of [`super::outlook`].

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::lead::Horizon;
use super::owner::Owner;
use super::policy::{Life, Policy, Subscription, covers};
use super::port::Abilities;
use super::stored::{Revocation, Wish, Wished};
use crate::platform::Service;

/// Of a reissue in trouble the client is told when so many days are left, at the latest. Short certificates
/// make shares of the lead short: there must be time for a slow answer.
const NOTICE_LEFT: i64 = 8;

/// A person gets a task when so many days are left, at the latest: a weekend and some working days.
const TASK_LEFT: i64 = 5;

/// People take their time: how often is looked for what came of a task.
const PEOPLES_PACE: TimeDelta = TimeDelta::hours(1);

/// What follows the certificate in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Another certificate inside the paid term.
    Reissue,
    /// The client's renewal: the certificate reaches the end of the term, or the term is over.
    Renew,
    /// The end of the paid term is found out.
    AskTerm,
}

/// The answer about the certificate in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replacement {
    /// From when on it is to be replaced.
    pub due: DateTime<Utc>,
    /// Its end.
    pub end: DateTime<Utc>,
    /// What follows it.
    pub what: What,
    /// Who acts then.
    pub owner: Owner,
}

/// What a vendor can do for a certificate inside its paid term, as its adapter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Able {
    /// It reissues on request.
    pub reissue: bool,
    /// It tells the end of the term.
    pub tell_term: bool,
}

impl Able {
    /// Everything.
    pub const ALL: Self = Self {
        reissue: true,
        tell_term: true,
    };

    /// Of an account that cannot be used as it is: nothing is reissued there, and whether the term is told is not known.
    pub const UNUSABLE: Self = Self {
        reissue: false,
        tell_term: true,
    };

    /// What the adapter says.
    #[must_use]
    pub const fn of(abilities: &Abilities) -> Self {
        Self {
            reissue: abilities.reissue,
            tell_term: abilities.tells_term,
        }
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy)]
pub struct Basis {
    /// The options in force.
    pub subscription: Subscription,
    /// The term and what was proved in it.
    pub horizon: Horizon,
    /// The vendor reissues on request, and its own term is not over.
    pub vendor_reissues: bool,
    /// The vendor tells the end of the term.
    pub tells_term: bool,
    /// The service is paid and running, and no operation of the platform works on it.
    pub is_active: bool,
    /// What goes before the calendar.
    pub urgent: Urgent,
}

/// What goes before the calendar, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Urgent {
    /// The vendor has revoked the certificate.
    pub revoked: Option<DateTime<Utc>>,
    /// A person wants it reissued.
    pub wished: Option<DateTime<Utc>>,
    /// Its key is to blame: the client was told to reissue it with another one.
    pub new_key: bool,
}

impl Urgent {
    /// What is stored with a service.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        Self {
            revoked: Revocation::stored(service).map(|revocation| revocation.found),
            wished: Wish::due(service),
            new_key: Wish::stored(service)
                .is_some_and(|wish| wish.what == Wished::NewKey && wish.is_open(service)),
        }
    }

    /// Whether a person has to say what becomes of a revoked certificate.
    #[must_use]
    pub fn is_left_to_person(&self) -> bool {
        self.revoked.is_some() && self.wished.is_none()
    }
}

impl Basis {
    /// What follows a certificate, seen at a moment.
    #[must_use]
    pub fn replacement(&self, life: &Life, now: DateTime<Utc>) -> Replacement {
        let end = life.end.date_naive();
        let lead = self.subscription.lead(life.days(), end, &self.horizon);
        let what = match self.horizon.term_end {
            None => What::AskTerm,
            Some(term_end) if covers(end, term_end) || term_end <= now.date_naive() => What::Renew,
            Some(_) => What::Reissue,
        };
        let owner = match (what, self.subscription.policy) {
            (What::Renew, _) => Owner::Client,
            (_, Policy::None) => Owner::Nobody,
            _ if !self.is_active => Owner::Nobody,
            (What::AskTerm, _) if !self.tells_term => Owner::Administrator,
            (What::AskTerm, _) => Owner::Program,
            // The client area reissues by the same call of the vendor.
            (What::Reissue, _) if !self.vendor_reissues => Owner::Administrator,
            // The program has no other key than the one to blame.
            (What::Reissue, Policy::Auto) if !self.urgent.new_key => Owner::Program,
            (What::Reissue, _) => Owner::Client,
        };
        let ahead = Replacement {
            due: life.end - TimeDelta::days(lead.into()),
            end: life.end,
            what,
            owner,
        };
        self.before_calendar(&ahead, now).unwrap_or(ahead)
    }

    /// A person's word is done by the program whatever the policy says, as long as the service is paid for; what is revoked
    /// waits for that word.
    fn before_calendar(&self, ahead: &Replacement, now: DateTime<Utc>) -> Option<Replacement> {
        let is_over = |end: NaiveDate| end <= now.date_naive();
        if !self.is_active || self.horizon.term_end.is_some_and(is_over) {
            return None;
        }
        let (since, owner) = match (self.urgent.wished, self.urgent.revoked) {
            (Some(since), _) if self.vendor_reissues => (since, Owner::Program),
            (Some(since), _) | (None, Some(since)) => (since, Owner::Administrator),
            (None, None) => return None,
        };
        Some(Replacement {
            due: ahead.due.min(since),
            what: What::Reissue,
            owner,
            ..*ahead
        })
    }
}

impl Replacement {
    /// When the daemon looks at it again after there was nothing to do; `None` where it depends on how long something
    /// has been awaited.
    #[must_use]
    pub fn next_look(&self, done: &Done, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self.what {
            _ if done.underway => None,
            _ if now < self.due => Some(self.due),
            What::Renew | What::AskTerm => Some(now + TimeDelta::days(1)),
            What::Reissue => done.tasked.then(|| now + PEOPLES_PACE),
        }
    }

    /// Whether so many quarters of the lead are used up; one less when only so many days are left.
    fn is_late(&self, now: DateTime<Utc>, quarters: i32, days: i64) -> bool {
        let (used, lead) = (now - self.due, self.end - self.due);
        let is_near = self.end - now <= TimeDelta::days(days);
        used * 4 >= lead * (quarters - i32::from(is_near))
    }

    /// Whether a person of the hoster has it replaced.
    #[must_use]
    pub fn is_administrators(&self) -> bool {
        self.what == What::Reissue && self.owner == Owner::Administrator
    }

    /// Whether the certificate has ended.
    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.end <= now
    }

    /// Whether a person knows of the end, where there is one to know of.
    fn is_known(&self, done: &Done, now: DateTime<Utc>) -> bool {
        done.over || !self.is_over(now)
    }

    /// Whether the client has to know by now, whatever is under way.
    #[must_use]
    pub fn hurries(&self, now: DateTime<Utc>) -> bool {
        self.is_late(now, 2, NOTICE_LEFT)
    }

    /// Whether a person has to know by now, whatever is under way.
    #[must_use]
    pub fn is_urgent(&self, now: DateTime<Utc>) -> bool {
        self.is_late(now, 3, TASK_LEFT)
    }
}

/// What was already done about a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    /// A reissue is placed and its certificate awaited.
    pub underway: bool,
    /// The last try showed that only a person can go on.
    pub needs_person: bool,
    /// The client was told about this certificate.
    pub notified: bool,
    /// The client was told again.
    pub notified_again: bool,
    /// A person has a task about this certificate.
    pub tasked: bool,
    /// A person was reminded of that task.
    pub reminded: bool,
    /// A person was told that the certificate has ended.
    pub over: bool,
}

/// What to do about a certificate now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Not yet, not any more, or nothing at all.
    Nothing,
    /// It should be replaced, but the end of the term is not known: the vendor may tell.
    AskTerm,
    /// Reissue it.
    Reissue,
    /// Tell the client.
    Notify,
    /// Give a person a task.
    Task,
    /// It reaches the end of the term: a renewal follows, which the client orders.
    LeaveToRenewal,
}

/// What the daemon does about a certificate, as [`Replacement`] says. A reissue in trouble escalates with the part of the
/// lead that is used up: tried again from the first day on, the client is told after half of it, a person gets a task
/// after three quarters; when few days are left ([`NOTICE_LEFT`], [`TASK_LEFT`]), a quarter of the lead earlier. What
/// only a person can reissue is that one's task at once, who is reminded when little time is left. What the client
/// reissues is that one's from the first day on, who is told again when a notice would be due, and a person hears as well.
/// Of a certificate that has ended a person hears once more, whatever was said before.
#[must_use]
pub fn decide(ahead: &Replacement, done: &Done, now: DateTime<Utc>) -> Decision {
    if now < ahead.due {
        return Decision::Nothing;
    }
    let go_on = match (ahead.what, ahead.owner) {
        (_, Owner::Nobody) => return Decision::Nothing,
        (What::AskTerm, Owner::Program) => return Decision::AskTerm,
        (What::Renew, _) => return Decision::LeaveToRenewal,
        (_, Owner::Client) => {
            let is_told = match ahead.hurries(now) {
                true => done.notified_again,
                false => done.notified,
            };
            let tell = unless(is_told, Decision::Notify, Decision::Nothing);
            let is_known = ahead.is_known(done, now) && (done.tasked || !ahead.is_urgent(now));
            return unless(is_known, Decision::Task, tell);
        }
        (_, Owner::Administrator) => {
            let is_told = done.tasked && (done.reminded || !ahead.is_urgent(now));
            let is_told = is_told && ahead.is_known(done, now);
            return unless(is_told, Decision::Task, Decision::Nothing);
        }
        _ => unless(done.underway, Decision::Reissue, Decision::Nothing),
    };
    let calls = (done.needs_person || ahead.is_urgent(now)) && !done.tasked;
    if calls || !ahead.is_known(done, now) {
        Decision::Task
    } else if ahead.hurries(now) && !done.notified {
        Decision::Notify
    } else {
        go_on
    }
}

fn unless(done: bool, decision: Decision, otherwise: Decision) -> Decision {
    if done { otherwise } else { decision }
}

#[cfg(test)]
mod tests;
