//! The coming reissues and renewals of a service, day by day. Pure; the same rules as the daemon's.

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::calendar::{self, MailProof, Rule};
use super::lead::Horizon;
use super::owner::Owner;
use super::policy::{Life, Subscription};
use super::replacement::{self, Basis, Urgent};

/// No plan is longer: five years of 47-day certificates are some forty steps.
const LONGEST: usize = 400;

/// What is known about a service.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The first day of the plan.
    pub today: NaiveDate,
    /// Begin and end of the current certificate; none while the first one is awaited.
    pub certificate: Option<(NaiveDate, NaiveDate)>,
    /// The term, which has to be known, and what was proved in it.
    pub horizon: Horizon,
    /// Names are proved by e-mail.
    pub by_mail: bool,
    /// The product has no other method.
    pub mail_only: bool,
    /// The vendor reissues on request.
    pub vendor_reissues: bool,
    /// The service is not suspended.
    pub is_active: bool,
    /// The installation's policy.
    pub subscription: Subscription,
    /// What goes before the calendar, for the certificate in hand.
    pub urgent: Urgent,
}

/// Kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The first certificate of the term.
    Issue,
    /// A further certificate inside the term.
    Reissue,
    /// The term ends: the client renews.
    Renewal,
}

/// What proof of domain control a step needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The client proves the names anew.
    New,
    /// The vendor may use the last proof again until this day; whether it does is its choice.
    ReusableUntil(NaiveDate),
    /// None: nothing is issued.
    NotNeeded,
}

/// One step of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The first day on which it is done.
    pub day: NaiveDate,
    /// The day by which it must be done.
    pub until: NaiveDate,
    /// What.
    pub what: What,
    /// Who.
    pub by: Owner,
    /// Expected begin and end of the new certificate.
    pub certificate: Option<(NaiveDate, NaiveDate)>,
    /// The rule of that day.
    pub rule: &'static Rule,
    /// The client's part.
    pub proof: Proof,
    /// The vendor verifies the company anew.
    pub company_anew: bool,
    /// What is to be said about proof by e-mail on that day.
    pub mail: Option<MailProof>,
}

/// The steps from today to the end of the paid term; none where that is not known.
#[must_use]
pub fn plan(facts: &Facts) -> Vec<Step> {
    plan_until(facts, NaiveDate::MAX)
}

/// The same without what follows a day: of many services the far future costs time.
#[must_use]
pub fn plan_until(facts: &Facts, last: NaiveDate) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut horizon = facts.horizon;
    let (mut current, mut urgent) = (facts.certificate, facts.urgent);
    let Facts { today, .. } = *facts;
    let Some(term_end) = horizon.term_end else {
        return steps;
    };
    while steps.len() < LONGEST {
        let Some((start, end)) = current else {
            if term_end <= today {
                break;
            }
            let step = facts.issue(What::Issue, today, today, Owner::Program, &mut horizon);
            current = step.certificate;
            steps.push(step);
            continue;
        };
        let at = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let (start, end) = (at(start), at(end));
        let basis = Basis {
            subscription: facts.subscription,
            horizon,
            vendor_reissues: facts.vendor_reissues,
            // The term is known here.
            tells_term: true,
            is_active: facts.is_active,
            urgent: std::mem::take(&mut urgent),
        };
        let ahead = basis.replacement(&Life { start, end }, at(today));
        let due = ahead.due.date_naive().max(today);
        if ahead.what == replacement::What::Renew {
            steps.push(facts.renewal(due.min(term_end), term_end));
            break;
        }
        if due > last {
            break;
        }
        let (by, end) = (ahead.owner, end.date_naive());
        let step = facts.issue(What::Reissue, due, end.max(due), by, &mut horizon);
        current = step.certificate;
        steps.push(step);
        if by == Owner::Nobody {
            break;
        }
    }
    steps
}

impl Facts {
    fn issue(
        &self,
        what: What,
        day: NaiveDate,
        until: NaiveDate,
        by: Owner,
        horizon: &mut Horizon,
    ) -> Step {
        // What was proved by e-mail counts no more once such proofs have ended (calendar.md).
        let is_over = |on| calendar::mail_proof(on) == MailProof::Forbidden;
        if self.by_mail && is_over(day) && horizon.proved.is_some_and(|on| !is_over(on)) {
            horizon.proved = None;
        }
        let reusable = horizon.proof_until(day).filter(|last| *last >= day);
        let company_anew = horizon.identity_acts(day);
        *horizon = horizon.after(day);
        let life = TimeDelta::days(calendar::expected_days(horizon.module, day).into());
        let end = day + life;
        Step {
            day,
            until,
            what,
            by,
            certificate: Some((
                day,
                horizon.term_end.map_or(end, |term_end| end.min(term_end)),
            )),
            rule: calendar::rule_on(day),
            proof: reusable.map_or(Proof::New, Proof::ReusableUntil),
            company_anew,
            mail: self.by_mail.then(|| calendar::mail_proof(day)),
        }
    }

    fn renewal(&self, day: NaiveDate, term_end: NaiveDate) -> Step {
        Step {
            day,
            until: term_end,
            what: What::Renewal,
            by: Owner::Client,
            certificate: None,
            rule: calendar::rule_on(term_end),
            proof: Proof::NotNeeded,
            company_anew: false,
            mail: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::policy::{self, Policy};
    use chrono::Months;
    use proptest::prelude::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn facts() -> Facts {
        Facts {
            today: on("2026-04-02"),
            certificate: Some((on("2026-04-02"), on("2026-10-18"))),
            horizon: Horizon {
                module: "pmthesslstore",
                term_end: Some(on("2031-04-02")),
                proved: Some(on("2026-04-02")),
                ..Horizon::default()
            },
            by_mail: true,
            mail_only: false,
            vendor_reissues: true,
            is_active: true,
            subscription: Subscription::default(),
            urgent: Urgent::default(),
        }
    }

    #[test]
    fn five_years_cross_both_steps_exactly() {
        let steps = plan(&facts());
        let line = |step: &Step| {
            let (start, end) = step.certificate.unwrap_or((step.day, step.day));
            format!("{} {:?} {start} {end}", step.rule.lifetime, step.what)
        };
        let lines: Vec<_> = steps.iter().map(line).collect();
        // The current one ends on 18 October 2026, ten days before that the first reissue is due.
        assert_eq!(lines[0], "200 Reissue 2026-10-08 2027-04-25");
        assert!(lines[1].starts_with("100 Reissue 2027-04-"), "{lines:?}");
        let over = lines
            .iter()
            .position(|line| line.starts_with("47 "))
            .unwrap();
        assert!(steps[over - 1].day < on("2029-03-15") && steps[over].day >= on("2029-03-15"));
        let (_, covered) = steps[steps.len() - 2].certificate.unwrap();
        assert!(policy::covers(covered, on("2031-04-02")), "{lines:?}");
        assert_eq!(steps.last().unwrap().what, What::Renewal);
        assert!((28..=33).contains(&steps.len()), "{lines:?}");
    }

    #[test]
    fn proofs_are_renewed_when_the_law_wants_it_and_mail_ends() {
        let steps = plan(&facts());
        assert_eq!(steps[0].proof, Proof::ReusableUntil(on("2026-10-17")));
        assert_eq!(steps[1].proof, Proof::New);
        let last = steps
            .iter()
            .rfind(|step| step.what == What::Reissue)
            .unwrap();
        assert_eq!(last.proof, Proof::New, "ten days of reuse are never enough");
        assert_eq!(steps[0].mail, Some(MailProof::Discouraged));
        assert_eq!(last.mail, Some(MailProof::Forbidden));
    }

    #[test]
    fn policies_and_vendors_decide_who_acts() {
        let by = |policy, vendor_reissues| {
            let subscription = Subscription {
                policy,
                before: None,
            };
            let facts = Facts {
                subscription,
                vendor_reissues,
                ..facts()
            };
            plan(&facts)[0].by
        };
        assert_eq!(by(Policy::Auto, true), Owner::Program);
        assert_eq!(by(Policy::Auto, false), Owner::Administrator);
        assert_eq!(by(Policy::Manual, true), Owner::Client);
        assert_eq!(by(Policy::None, true), Owner::Nobody);
        let suspended = Facts {
            is_active: false,
            ..facts()
        };
        assert_eq!(plan(&suspended)[0].by, Owner::Nobody);
    }

    #[test]
    fn a_certificate_that_covers_its_term_is_only_renewed() {
        let mut facts = facts();
        facts.horizon.term_end = Some(on("2026-10-19"));
        let steps = plan(&facts);
        assert_eq!(steps.len(), 1);
        assert_eq!(
            (steps[0].what, steps[0].until),
            (What::Renewal, on("2026-10-19"))
        );
    }

    #[test]
    fn an_awaited_first_certificate_begins_the_plan() {
        let mut facts = facts();
        (facts.certificate, facts.horizon.proved) = (None, None);
        let steps = plan(&facts);
        assert_eq!(steps[0].what, What::Issue);
        assert_eq!(
            steps[0].certificate,
            Some((on("2026-04-02"), on("2026-10-18")))
        );
        facts.horizon.term_end = Some(on("2026-04-02"));
        assert!(plan(&facts).is_empty());
    }

    proptest! {
        #[test]
        fn plans_cover_every_paid_day_with_lawful_certificates(
            first in 0i64..2200,
            months in 1u32..=72,
            before in proptest::option::of(1u16..=200),
            module in prop::sample::select(vec!["pmispmgrssl", "pmthesslstore"]),
        ) {
            let today = on("2025-01-01") + TimeDelta::days(first);
            let facts = Facts {
                today,
                certificate: None,
                horizon: Horizon {
                    module,
                    term_end: today.checked_add_months(Months::new(months)),
                    ..Horizon::default()
                },
                subscription: Subscription { policy: Policy::Auto, before },
                ..facts()
            };
            let steps = plan(&facts);
            prop_assert!(steps.len() < LONGEST);
            let mut covered = today;
            let mut acted = today;
            for step in &steps {
                prop_assert!(step.day >= acted);
                acted = step.day;
                let Some((start, end)) = step.certificate else { continue };
                prop_assert!(start <= covered, "a gap before {start}");
                prop_assert!(end > covered, "{end} gains nothing over {covered}");
                prop_assert!((end - start).num_days() <= i64::from(calendar::rule_on(start).lifetime));
                covered = end;
            }
            prop_assert!(policy::covers(covered, facts.horizon.term_end.unwrap()));
            prop_assert_eq!(steps.last().unwrap().what, What::Renewal);
        }
    }
}
