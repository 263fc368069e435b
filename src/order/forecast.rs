//! What becomes of one service's certificates up to a day: reissues, the renewal at the end of the paid term, and where
//! nobody replaces one. Pure: the steps of [`super::plan`], counted.

use chrono::NaiveDate;

use super::calendar::MailProof;
use super::owner::Owner;
use super::plan::{Facts, Proof, Step, What, plan_until};

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Another certificate inside the paid term is due.
    Reissue {
        /// The client has a part in it: the proof of the names or the company's verification is too old by then, or
        /// the policy leaves it to the client.
        client: bool,
        /// Only the administrator can place it.
        person: bool,
    },
    /// The paid term ends, and the client renews or does not: what follows is not known.
    Renewal,
    /// The certificate ends inside the paid term, and nobody replaces it.
    Lapse,
}

/// One event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The day (UTC) from which a reissue is due, on which the paid term ends, or the certificate that is not replaced.
    pub day: NaiveDate,
    /// What.
    pub kind: Kind,
}

impl Event {
    /// What a step comes to; a first certificate is neither reissued nor renewed.
    fn of(step: &Step, mail_only: bool) -> Option<Self> {
        let is_stuck = mail_only && step.mail == Some(MailProof::Forbidden);
        let (day, kind) = match (step.what, step.by) {
            (What::Issue, _) => return None,
            (What::Renewal, _) => (step.until, Kind::Renewal),
            (What::Reissue, Owner::Nobody) => (step.until, Kind::Lapse),
            (What::Reissue, by) => {
                let is_asked = step.proof == Proof::New || step.company_anew;
                let kind = Kind::Reissue {
                    client: is_asked || by == Owner::Client,
                    // Nothing but e-mail proves it: somebody has to find another product.
                    person: by == Owner::Administrator || is_stuck,
                };
                (step.day, kind)
            }
        };
        Some(Self { day, kind })
    }
}

/// The events of a service from today to a day, both included. What is overdue counts today, a term that is over not
/// at all.
#[must_use]
pub fn forecast(facts: &Facts, last: NaiveDate) -> Vec<Event> {
    let steps = plan_until(facts, last);
    let events = steps
        .iter()
        .filter_map(|step| Event::of(step, facts.mail_only));
    events
        .filter(|event| (facts.today..=last).contains(&event.day))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::lead::Horizon;
    use crate::order::policy::{Policy, Subscription};
    use crate::order::replacement::Urgent;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The documented example: bought on 2 April 2026 for five years, the certificate ends on 19 October 2026.
    fn example() -> Facts {
        Facts {
            today: on("2026-04-02"),
            certificate: Some((on("2026-04-02"), on("2026-10-19"))),
            horizon: Horizon {
                module: "pmispmgrssl",
                term_end: Some(on("2031-04-02")),
                proved: Some(on("2026-04-02")),
                ..Horizon::default()
            },
            by_mail: false,
            mail_only: false,
            vendor_reissues: true,
            is_active: true,
            subscription: Subscription::default(),
            urgent: Urgent::default(),
        }
    }

    /// Reissues, those with the client and those by the administrator among them, renewals, lapses.
    fn counted(facts: &Facts, last: &str) -> [usize; 5] {
        let mut counts = [0; 5];
        for event in forecast(facts, on(last)) {
            match event.kind {
                Kind::Reissue { client, person } => {
                    counts[0] += 1;
                    counts[1] += usize::from(client);
                    counts[2] += usize::from(person);
                }
                Kind::Renewal => counts[3] += 1,
                Kind::Lapse => counts[4] += 1,
            }
        }
        counts
    }

    #[test]
    fn five_years_are_twenty_eight_reissues_and_a_renewal() {
        let events = forecast(&example(), on("2031-12-31"));
        let reissue = |day: &str, client| Event {
            day: on(day),
            kind: Kind::Reissue {
                client,
                person: false,
            },
        };
        // 200 days, 100 from March 2027 on; a proof of 100 days serves every other certificate, one of 10 none.
        let first = [
            reissue("2026-10-09", false),
            reissue("2027-04-13", true),
            reissue("2027-07-12", false),
            reissue("2027-10-06", true),
        ];
        assert_eq!(events[..4], first);
        let last = Event {
            day: on("2031-04-02"),
            kind: Kind::Renewal,
        };
        assert_eq!(events[27], reissue("2031-02-13", true));
        assert_eq!((events.len(), events[28]), (29, last));
    }

    #[test]
    fn what_is_counted_follows_horizon_policy_and_vendor() {
        let with = |change: &dyn Fn(&mut Facts)| {
            let mut facts = example();
            change(&mut facts);
            facts
        };
        let policy = |policy| {
            with(&|facts| {
                facts.subscription = Subscription {
                    policy,
                    before: None,
                }
            })
        };
        let none = || policy(Policy::None);
        let first = with(&|facts| (facts.certificate, facts.horizon.proved) = (None, None));
        let company = with(&|facts| {
            facts.horizon.organization = true;
            facts.horizon.verified = facts.horizon.proved;
        });
        let covered = with(&|facts| facts.horizon.term_end = Some(on("2026-10-20")));
        let over = Facts {
            today: on("2026-11-25"),
            ..covered
        };
        let spring = |by_mail| {
            with(&|facts| {
                facts.today = on("2028-02-01");
                facts.certificate = Some((on("2028-02-01"), on("2028-05-11")));
                facts.horizon.proved = Some(on("2028-02-01"));
                facts.by_mail = by_mail;
            })
        };
        let found = "2026-04-02T00:00:00Z".parse().unwrap();
        let revoked = with(&|facts| facts.urgent.revoked = Some(found));
        let untold = with(&|facts| facts.horizon.term_end = None);
        let far = "2031-12-31";
        let cases = [
            ("all", example(), far, [28, 23, 0, 1, 0]),
            ("a day too early", example(), "2027-04-12", [1, 0, 0, 0, 0]),
            ("the last day", example(), "2027-04-13", [2, 1, 0, 0, 0]),
            ("before the end", example(), "2031-04-01", [28, 23, 0, 0, 0]),
            ("first certificate", first, far, [28, 23, 0, 1, 0]),
            ("company", company, far, [29, 25, 0, 1, 0]),
            ("manual", policy(Policy::Manual), far, [28, 28, 0, 1, 0]),
            ("none", none(), far, [0, 0, 0, 0, 1]),
            ("none, not ended", none(), "2026-10-18", [0; 5]),
            (
                "the vendor does not reissue",
                with(&|facts| facts.vendor_reissues = false),
                far,
                [28, 23, 28, 1, 0],
            ),
            (
                "suspended",
                with(&|facts| facts.is_active = false),
                far,
                [0, 0, 0, 0, 1],
            ),
            (
                "overdue",
                with(&|facts| facts.today = on("2026-10-18")),
                "2026-10-18",
                [1, 0, 0, 0, 0],
            ),
            (
                "a proof that is used again",
                spring(false),
                "2028-05-11",
                [1, 0, 0, 0, 0],
            ),
            (
                "one by e-mail, after their end",
                spring(true),
                "2028-05-11",
                [1, 1, 0, 0, 0],
            ),
            ("revoked", revoked, "2026-04-03", [1, 0, 1, 0, 0]),
            ("covers its term", covered, far, [0, 0, 0, 1, 0]),
            ("the term is over", over, far, [0; 5]),
            ("the term is not known", untold, far, [0; 5]),
        ];
        for (what, facts, last, expected) in cases {
            assert_eq!(counted(&facts, last), expected, "{what}");
        }
    }
}
