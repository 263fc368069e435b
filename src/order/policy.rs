//! When a certificate is replaced inside its paid term, and by whom. Pure.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::calendar;
use super::lead::{self, Horizon};
use crate::domain::options::{BEFORE, POLICY};
pub use crate::domain::options::{LARGEST_BEFORE, Policy};

/// A certificate that ends at most this many days before the term covers it: both end at hours of
/// their own.
const SAME_END: i64 = 1;

/// Of a reissue in trouble the client is told when so many days are left, at the latest. Short certificates
/// make shares of the lead short: there must be time for a slow answer.
const NOTICE_LEFT: i64 = 8;

/// A person gets a task when so many days are left, at the latest: a weekend and some working days.
const TASK_LEFT: i64 = 5;

/// The policy of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subscription {
    /// Who.
    pub policy: Policy,
    /// Days before the certificate's end, where the option is set.
    pub before: Option<u16>,
}

impl Subscription {
    /// Reads the options. Bad values are refused with a line for the log; the default holds then.
    #[must_use]
    pub fn read(option: impl Fn(&str) -> Option<String>) -> (Self, Vec<String>) {
        let mut complaints = Vec::new();
        let policy = POLICY.read(&option, &mut complaints);
        let before = BEFORE.read(&option, &mut complaints);
        let before = before.and_then(|days| u16::try_from(days).ok());
        (Self { policy, before }, complaints)
    }

    /// How many days before its end a certificate of that life is replaced.
    #[must_use]
    pub fn lead(&self, life: u16, end: NaiveDate, horizon: &Horizon) -> u16 {
        lead::lead(self.before, life, end, horizon)
    }

    /// What is to be said about a wish that is longer than certificates of that day allow.
    #[must_use]
    pub fn remark(&self, today: NaiveDate) -> Option<String> {
        let life = calendar::rule_on(today).lifetime;
        let most = lead::most(life, today);
        let before = self.before.filter(|before| *before > most)?;
        Some(format!(
            "option {}: {before} days are more than half of what a certificate lives now ({life} days): {most} are used",
            BEFORE.name
        ))
    }
}

/// The life of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// Begin.
    pub start: DateTime<Utc>,
    /// End.
    pub end: DateTime<Utc>,
}

impl Life {
    /// Whole days, rounded up.
    #[must_use]
    pub fn days(&self) -> u16 {
        let seconds = (self.end - self.start).num_seconds().max(0);
        u16::try_from(seconds.cast_unsigned().div_ceil(86_400)).unwrap_or(u16::MAX)
    }

    /// From when on it is to be replaced.
    #[must_use]
    pub fn due(&self, subscription: &Subscription, horizon: &Horizon) -> DateTime<Utc> {
        let lead = subscription.lead(self.days(), self.end.date_naive(), horizon);
        self.end - TimeDelta::days(lead.into())
    }

    /// Whether so many quarters of the lead are used up; one less when only so many days are left.
    fn is_late(
        &self,
        subscription: &Subscription,
        horizon: &Horizon,
        now: DateTime<Utc>,
        quarters: i32,
        days: i64,
    ) -> bool {
        let due = self.due(subscription, horizon);
        let (used, lead) = (now - due, self.end - due);
        let hurries = self.end - now <= TimeDelta::days(days);
        used * 4 >= lead * (quarters - i32::from(hurries))
    }

    /// Whether a person has to know by now, whatever is under way.
    #[must_use]
    pub fn is_urgent(
        &self,
        subscription: &Subscription,
        horizon: &Horizon,
        now: DateTime<Utc>,
    ) -> bool {
        self.is_late(subscription, horizon, now, 3, TASK_LEFT)
    }
}

/// Whether a certificate's end covers a term's.
#[must_use]
pub fn covers(certificate_end: NaiveDate, term_end: NaiveDate) -> bool {
    certificate_end + TimeDelta::days(SAME_END) >= term_end
}

/// What is known about a delivered certificate and its term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Now.
    pub now: DateTime<Utc>,
    /// The current certificate.
    pub certificate: Life,
    /// The term and what was proved in it.
    pub horizon: Horizon,
    /// The vendor reissues on request.
    pub vendor_reissues: bool,
    /// A reissue is placed and its certificate awaited.
    pub underway: bool,
    /// The last try showed that only a person can go on.
    pub needs_person: bool,
    /// The last reissue brought no later end: the vendor's own term is over before the paid one.
    pub vendors_term_over: bool,
    /// The client was told about this certificate.
    pub notified: bool,
    /// A person has a task about this certificate.
    pub tasked: bool,
    /// A person was reminded of that task.
    pub reminded: bool,
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

/// Decides. A reissue in trouble escalates with the part of the lead that is used up: tried again from
/// the first day on, the client is told after half of it, a person gets a task after three quarters; when
/// few days are left ([`NOTICE_LEFT`], [`TASK_LEFT`]), a quarter of the lead earlier. A vendor without
/// reissue gets its task at once and is reminded when little time is left, and so is one whose own term is over.
#[must_use]
pub fn decide(subscription: &Subscription, situation: &Situation) -> Decision {
    let Situation {
        now, certificate, ..
    } = *situation;
    let due = certificate.due(subscription, &situation.horizon);
    if subscription.policy == Policy::None || now < due {
        return Decision::Nothing;
    }
    let Some(term_end) = situation.horizon.term_end else {
        return Decision::AskTerm;
    };
    if covers(certificate.end.date_naive(), term_end) || term_end <= now.date_naive() {
        return Decision::LeaveToRenewal;
    }
    if subscription.policy == Policy::Manual {
        return unless(situation.notified, Decision::Notify, Decision::Nothing);
    }
    if !situation.vendor_reissues || situation.vendors_term_over {
        let is_told = situation.tasked
            && (situation.reminded
                || !certificate.is_urgent(subscription, &situation.horizon, now));
        return unless(is_told, Decision::Task, Decision::Nothing);
    }
    let horizon = &situation.horizon;
    let is_late = |quarters, days| certificate.is_late(subscription, horizon, now, quarters, days);
    let go_on = if situation.underway {
        Decision::Nothing
    } else {
        Decision::Reissue
    };
    if (situation.needs_person || certificate.is_urgent(subscription, horizon, now))
        && !situation.tasked
    {
        Decision::Task
    } else if is_late(2, NOTICE_LEFT) && !situation.notified {
        Decision::Notify
    } else {
        go_on
    }
}

fn unless(done: bool, decision: Decision, otherwise: Decision) -> Decision {
    if done { otherwise } else { decision }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        let day: NaiveDate = text.parse().unwrap();
        day.and_hms_opt(12, 0, 0).unwrap().and_utc()
    }

    fn options<'a>(list: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| {
            let found = list.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn options_are_read_and_bad_ones_refused() {
        let read = |policy: &str, before: &str| {
            let list = [(POLICY.name, policy), (BEFORE.name, before)];
            let (read, complaints) = Subscription::read(options(&list));
            (read.policy, read.before, complaints.len())
        };
        assert_eq!(
            Subscription::read(|_| None),
            (Subscription::default(), vec![])
        );
        assert_eq!(read("auto", "10"), (Policy::Auto, Some(10), 0));
        assert_eq!(read(" Manual ", "200"), (Policy::Manual, Some(200), 0));
        assert_eq!(read("none", "1"), (Policy::None, Some(1), 0));
        for bad in ["0", "201", "-3", "ten", "1.5", "99999"] {
            assert_eq!(read("auto", bad), (Policy::Auto, None, 1), "{bad}");
        }
        assert_eq!(read("always", "x"), (Policy::Auto, None, 2));
    }

    const WITH_25: Subscription = Subscription {
        policy: Policy::Auto,
        before: Some(25),
    };

    fn till(term_end: Option<NaiveDate>) -> Horizon {
        Horizon {
            module: "pmthesslstore",
            term_end,
            ..Horizon::default()
        }
    }

    /// 100 days, replaced from day 75 on; half of the lead is used up after 12.5 days, three quarters
    /// after 18.75.
    fn situation(now: &str) -> Situation {
        Situation {
            now: at(now),
            certificate: Life {
                start: at("2027-04-01"),
                end: at("2027-07-10"),
            },
            horizon: till(Some("2028-04-01".parse().unwrap())),
            vendor_reissues: true,
            underway: false,
            needs_person: false,
            vendors_term_over: false,
            notified: false,
            tasked: false,
            reminded: false,
        }
    }

    #[test]
    fn a_reissue_escalates_with_its_age() {
        use Decision::{Nothing, Notify, Reissue, Task};
        let auto = WITH_25;
        // (day, underway, notified, tasked)
        let cases = [
            ("2027-06-14", false, false, false, Nothing),
            ("2027-06-15", false, false, false, Reissue),
            ("2027-06-15", true, false, false, Nothing),
            ("2027-06-27", false, false, false, Reissue),
            ("2027-06-28", false, false, false, Notify),
            ("2027-06-28", true, false, false, Notify),
            ("2027-06-28", true, true, false, Nothing),
            ("2027-06-28", false, true, false, Reissue),
            ("2027-07-03", false, true, false, Reissue),
            ("2027-07-04", false, true, false, Task),
            ("2027-07-04", true, false, false, Task),
            ("2027-07-04", false, false, true, Notify),
            ("2027-07-04", false, true, true, Reissue),
            ("2027-08-01", false, true, true, Reissue),
            ("2027-08-01", true, true, true, Nothing),
        ];
        for (day, underway, notified, tasked, expected) in cases {
            let situation = Situation {
                underway,
                notified,
                tasked,
                ..situation(day)
            };
            assert_eq!(
                decide(&auto, &situation),
                expected,
                "{day} {underway} {notified} {tasked}"
            );
        }
        let refused = Situation {
            needs_person: true,
            ..situation("2027-06-15")
        };
        assert_eq!(decide(&auto, &refused), Task);
    }

    /// 46 days have a lead of twelve here; without the days that must be left, the client would be told
    /// with under six left, and the task would come with under three.
    #[test]
    fn short_certificates_leave_days_for_people() {
        use Decision::{Notify, Reissue, Task};
        let short = |now: &str| Situation {
            certificate: Life {
                start: at("2029-05-01"),
                end: at("2029-06-16"),
            },
            horizon: till(Some("2030-04-01".parse().unwrap())),
            ..situation(now)
        };
        let auto = Subscription {
            before: Some(12),
            ..WITH_25
        };
        assert_eq!(decide(&auto, &short("2029-06-07")), Reissue);
        assert_eq!(decide(&auto, &short("2029-06-08")), Notify);
        let notified = |now: &str| Situation {
            notified: true,
            ..short(now)
        };
        assert_eq!(decide(&auto, &notified("2029-06-10")), Reissue);
        assert_eq!(decide(&auto, &notified("2029-06-11")), Task);
        // A short lead that is wished for still begins with the reissue.
        let late = Subscription {
            before: Some(2),
            ..auto
        };
        assert_eq!(decide(&late, &short("2029-06-14")), Reissue);
    }

    #[test]
    fn policies_and_vendors_differ() {
        use Decision::{Nothing, Notify, Task};
        let with = |policy| Subscription { policy, ..WITH_25 };
        let due = situation("2027-06-20");
        let told = Situation {
            notified: true,
            tasked: true,
            ..due
        };
        assert_eq!(decide(&with(Policy::None), &due), Nothing);
        assert_eq!(decide(&with(Policy::Manual), &due), Notify);
        assert_eq!(decide(&with(Policy::Manual), &told), Nothing);
        let by_hand = |situation| Situation {
            vendor_reissues: false,
            ..situation
        };
        assert_eq!(decide(&with(Policy::Auto), &by_hand(due)), Task);
        assert_eq!(decide(&with(Policy::Auto), &by_hand(told)), Nothing);
        let urgent = Situation {
            now: at("2027-07-06"),
            ..told
        };
        assert_eq!(
            decide(&with(Policy::Auto), &by_hand(urgent)),
            Task,
            "the reminder comes again"
        );
        let reminded = Situation {
            reminded: true,
            ..urgent
        };
        assert_eq!(decide(&with(Policy::Auto), &by_hand(reminded)), Nothing);
        let over = |situation| Situation {
            vendors_term_over: true,
            ..situation
        };
        assert_eq!(decide(&with(Policy::Auto), &over(due)), Task);
        assert_eq!(
            decide(&with(Policy::Auto), &over(told)),
            Nothing,
            "another reissue would bring nothing"
        );
    }

    #[test]
    fn the_end_of_the_term_belongs_to_renewal() {
        let auto = WITH_25;
        let with = |term: Option<&str>| Situation {
            horizon: till(term.map(|text| text.parse().unwrap())),
            ..situation("2027-06-20")
        };
        assert_eq!(decide(&auto, &with(None)), Decision::AskTerm);
        for term in ["2027-07-10", "2027-07-11", "2027-07-01", "2027-06-20"] {
            assert_eq!(
                decide(&auto, &with(Some(term))),
                Decision::LeaveToRenewal,
                "{term}"
            );
        }
        assert_eq!(decide(&auto, &with(Some("2027-07-12"))), Decision::Reissue);
        let over = Situation {
            now: at("2027-08-02"),
            ..with(Some("2027-08-01"))
        };
        assert_eq!(
            decide(&auto, &over),
            Decision::LeaveToRenewal,
            "nothing can be issued any more"
        );
    }
}
