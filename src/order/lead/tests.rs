use std::collections::BTreeMap;

use chrono::Months;
use proptest::prelude::*;

use super::*;
use crate::order::plan::{Facts, What, plan};
use crate::order::policy::{LARGEST_BEFORE, Policy, Subscription};

fn on(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A quarter of the life, at least ten days: the rule that was in force before.
fn quarter(set: Option<u16>, life: u16, end: NaiveDate) -> u16 {
    set.unwrap_or_else(|| 10.max(life.div_ceil(4)))
        .min(most(life, end))
}

/// What a term costs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Cost {
    certificates: usize,
    proofs: usize,
    /// The shortest lead that a replacement had, days.
    least: i64,
    /// Replacements for which the company had to be verified anew ten days before the end, and how many of them had less
    /// than the days for it.
    checks: usize,
    hurried: usize,
}

impl Cost {
    fn add(&mut self, other: Self) {
        self.certificates += other.certificates;
        self.proofs += other.proofs;
        self.checks += other.checks;
        self.hurried += other.hurried;
    }
}

/// A term from its first day on, each certificate issued on the day on which it is due.
fn live(
    module: &'static str,
    organization: bool,
    first: NaiveDate,
    months: u32,
    mut lead_of: impl FnMut(u16, NaiveDate, &Horizon) -> u16,
) -> Cost {
    let term_end = first.checked_add_months(Months::new(months)).unwrap();
    let mut horizon = Horizon {
        module,
        term_end: Some(term_end),
        organization,
        ..Horizon::default()
    };
    let mut cost = Cost {
        least: i64::MAX,
        ..Cost::default()
    };
    let mut day = first;
    loop {
        cost.certificates += 1;
        cost.proofs += usize::from(horizon.client_acts(day));
        horizon = horizon.after(day);
        let life = calendar::expected_days(module, day);
        let end = (day + TimeDelta::days(life.into())).min(term_end);
        if covers(end, term_end) || cost.certificates > MOST {
            return cost;
        }
        let life = u16::try_from((end - day).num_days()).unwrap();
        let lead = lead_of(life, end, &horizon);
        if horizon.identity_acts(end - TimeDelta::days(USUAL.min(most(life, end)).into())) {
            cost.checks += 1;
            cost.hurried += usize::from(lead < WITH_IDENTITY.min(most(life, end)));
        }
        let next = end - TimeDelta::days(lead.into());
        assert!(
            next > day,
            "a loop: {module} {first} {months}: {day} {end} {lead}"
        );
        cost.least = cost.least.min((end - next).num_days());
        day = next;
    }
}

fn days() -> impl Iterator<Item = NaiveDate> {
    on("2026-01-01")
        .iter_days()
        .take_while(|day| *day <= on("2030-12-31"))
}

const BEFORE: &str = "a quarter of the life (before)";

const LEAST: &str = "10 for everybody";

const NOW: &str = "10, 14 with the client, 21 for a new check of the company (now)";

const MODULES: [&str; 3] = ["pmthesslstore", "pmglobalsign", "pmispmgrssl"];

/// Every day of five years as the first of a term: a domain's never needs a certificate more than ten days of lead do, and
/// no lead is below what is promised. A company that has to be verified anew has the days for it each time, also where
/// that takes a certificate more, and no other day of a company's term costs one.
#[test]
fn no_lead_costs_a_certificate_that_was_not_promised_on_any_day_of_five_years() {
    let (mut saved, mut more) = (0, 0);
    let mut sums: BTreeMap<(bool, u32, &str), (usize, Cost)> = BTreeMap::new();
    for organization in [false, true] {
        for module in MODULES {
            for (months, first) in [12, 24, 36, 60]
                .into_iter()
                .flat_map(|months| days().map(move |first| (months, first)))
            {
                let lived = |lead_of: &dyn Fn(u16, NaiveDate, &Horizon) -> u16| {
                    live(module, organization, first, months, lead_of)
                };
                let before = lived(&|life, end, _| quarter(None, life, end));
                let least = lived(&|life, end, _| USUAL.min(most(life, end)));
                let promised = lived(&|life, end, horizon| horizon.promised(end, most(life, end)));
                let now = lived(&|life, end, horizon| lead(None, life, end, horizon));
                let what = format!("{module} {organization} {first} {months}: {now:?}");
                // Fewer where more days reach a longer life before the law's next step.
                assert!(now.certificates <= promised.certificates, "{what}");
                assert!(organization || promised == least, "{what}");
                assert!(now.least >= 10 && now.hurried == 0, "{what}");
                saved += promised.certificates - now.certificates;
                more += usize::from(now.certificates > least.certificates);
                for (rule, cost) in [(BEFORE, before), (LEAST, least), (NOW, now)] {
                    let sum = sums.entry((organization, months, rule)).or_default();
                    sum.0 += 1;
                    sum.1.add(cost);
                }
            }
        }
    }
    tell(format_args!(
        "{saved} certificates fewer than with what is promised alone; {more} terms of companies need more of them than with \
         ten days for everybody"
    ));
    for ((organization, months, what), (terms, cost)) in &sums {
        let whose = match organization {
            false => "a domain's",
            true => "a company's",
        };
        tell(format_args!(
            "{whose}, {months} months, {what}: {terms} terms, {} certificates, {} proofs, {} new checks of a company, {} \
             of them with less than {WITH_IDENTITY} days",
            cost.certificates, cost.proofs, cost.checks, cost.hurried
        ));
    }
    for organization in [false, true] {
        for months in [12, 24, 36, 60] {
            let of = |rule| sums[&(organization, months, rule)].1;
            let (before, least, now) = (of(BEFORE), of(LEAST), of(NOW));
            // Of single terms a few are cheaper with a long lead, which reaches a longer life before the law's next step.
            let what = format!("{organization} {months}: {before:?} {now:?}");
            assert!(now.certificates <= before.certificates, "{what}");
            assert!(now.proofs <= before.proofs, "{what}");
            // The search has met what it is about: ten days would be too few for a check, and none is made with fewer.
            let is_met = organization && months > 12;
            assert!(!is_met || least.hurried > 0 && now.checks > 0, "{what}");
        }
    }
}

/// Tells the figures of a proof as the suites do: the harness keeps what the macros print to itself.
fn tell(figures: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "proof: leads: {figures}");
}

/// Every setting on every day: the wish is kept up to half of the lives, and never makes a loop.
#[test]
fn no_setting_of_any_day_makes_a_loop() {
    let mut terms = 0usize;
    let mut worst = Cost::default();
    for set in 1..=LARGEST_BEFORE {
        for first in days() {
            let mut clipped = true;
            let cost = live("pmthesslstore", false, first, 12, |life, end, horizon| {
                let lead = lead(Some(set), life, end, horizon);
                clipped &= lead == set || lead == most(life, end);
                assert!(lead <= life / 2, "{set} {first}");
                lead
            });
            assert!(clipped, "{set} {first}");
            // Half of each life is used at the least.
            assert!(cost.certificates <= 17, "{set} {first}: {cost:?}");
            if cost.certificates > worst.certificates {
                worst = cost;
            }
            terms += 1;
        }
    }
    tell(format_args!(
        "{terms} one-year terms with 1 to {LARGEST_BEFORE} days set; the most certificates of one: {worst:?}"
    ));
}

#[test]
fn the_lead_follows_who_has_to_act() {
    let horizon = |proved: Option<&str>, organization: bool, verified: Option<&str>| Horizon {
        module: "pmthesslstore",
        term_end: Some(on("2031-04-02")),
        proved: proved.map(on),
        organization,
        verified: verified.map(on),
    };
    let of = |set, life, end: &str, horizon: &Horizon| lead(set, life, on(end), horizon);
    let fresh = horizon(Some("2026-12-01"), false, None);
    assert_eq!(
        of(None, 199, "2027-02-01", &fresh),
        10,
        "the proof is used again"
    );
    let stale = horizon(Some("2026-05-01"), false, None);
    assert!([10, 14].contains(&of(None, 199, "2027-02-01", &stale)));
    let company = horizon(Some("2026-05-01"), true, Some("2025-05-01"));
    assert_eq!(of(None, 199, "2027-02-01", &company), 21);
    let known = horizon(Some("2026-05-01"), true, Some("2026-05-01"));
    assert!([10, 14].contains(&of(None, 199, "2027-02-01", &known)));
    for (set, life, end, days) in [
        (10, 199, "2027-02-01", 10),
        (30, 46, "2030-01-01", 23),
        (200, 199, "2027-02-01", 99),
        (200, 199, "2027-06-01", 50),
        (1, 46, "2030-01-01", 1),
    ] {
        assert_eq!(of(Some(set), life, end, &fresh), days, "{set} {life} {end}");
    }
    assert_eq!(
        of(None, 12, "2028-01-01", &fresh),
        6,
        "half of a short life"
    );
    assert_eq!(of(None, 0, "2028-01-01", &fresh), 0);
    let unknown = Horizon {
        term_end: None,
        ..stale
    };
    assert_eq!(of(None, 199, "2027-02-01", &unknown), 10);
}

/// Where more days cost a certificate more, they are not taken for the client, and are for a new check of the company;
/// where they cost none, they are.
#[test]
fn more_days_are_taken_where_they_cost_nothing() {
    let at = |term_end: &str| Horizon {
        module: "pmthesslstore",
        term_end: Some(on(term_end)),
        ..Horizon::default()
    };
    // 99 days from 14, or from 10 days before the end: until 2 or 6 October.
    let end = on("2027-07-09");
    assert_eq!(lead(None, 99, end, &at("2027-10-03")), 14);
    assert_eq!(lead(None, 99, end, &at("2027-10-06")), 10);
    let company = |verified: Option<&str>, term_end| Horizon {
        organization: true,
        verified: verified.map(on),
        ..at(term_end)
    };
    assert_eq!(lead(None, 99, end, &company(None, "2027-09-20")), 21);
    // From 18 June until 25 September: another one is needed, and the check has its time.
    assert_eq!(lead(None, 99, end, &company(None, "2027-10-06")), 21);
    // Last verified 398 days before 29 June 2027, and a day earlier.
    for (verified, days) in [("2026-05-27", 10), ("2026-05-26", 21)] {
        let horizon = company(Some(verified), "2027-10-06");
        assert_eq!(lead(None, 99, end, &horizon), days, "{verified}");
    }
}

/// A certificate of 199 days that ends a few days after the law's step to 100: replaced in time before it, the next one
/// lives 199 days again and the term needs one less. Never earlier than the longest lead, never for nothing.
#[test]
fn a_few_days_more_are_taken_where_a_step_of_the_calendar_makes_them_worth_a_certificate() {
    // Resellers issue for 199 days until 11 March 2027, for 99 afterwards.
    let at = |term_end: &str, proved: &str| Horizon {
        module: "pmthesslstore",
        term_end: Some(on(term_end)),
        proved: Some(on(proved)),
        ..Horizon::default()
    };
    let of = |end: &str, term_end: &str| lead(None, 199, on(end), &at(term_end, "2027-02-01"));
    // From 9 March until 24 September, or from 17 March until 24 June.
    assert_eq!(of("2027-03-27", "2027-09-20"), 18);
    assert_eq!(
        of("2027-03-27", "2027-06-20"),
        10,
        "one certificate either way"
    );
    assert_eq!(
        of("2027-03-22", "2027-09-20"),
        13,
        "two days for a slow issue"
    );
    assert_eq!(
        of("2027-03-21", "2027-09-20"),
        10,
        "before the step as it is"
    );
    assert_eq!(of("2027-04-10", "2027-09-20"), 10, "too far from it");
}

proptest! {
    #[test]
    fn no_lead_is_wider_than_what_is_selected(
        life in 1u16..400, set in proptest::option::of(1u16..=200), day in 0i64..3000, months in 1u32..72,
        organization: bool,
    ) {
        let end = on("2025-01-01") + TimeDelta::days(day);
        let horizon = Horizon {
            module: "pmthesslstore",
            term_end: end.checked_add_months(Months::new(months)),
            organization,
            ..Horizon::default()
        };
        let lead = lead(set, life, end, &horizon);
        prop_assert!(lead <= widest(set, life));
        prop_assert!(2 * lead <= calendar::rule_on(end).lifetime);
        prop_assert!(set.is_some() || lead >= USUAL.min(most(life, end)));
    }

    /// The plan that people are shown replaces on the days on which the daemon does.
    #[test]
    fn the_plan_shows_the_days_of_the_policy(first in 0i64..1800, months in 6u32..61) {
        let today = on("2026-01-01") + TimeDelta::days(first);
        let cost = live("pmthesslstore", false, today, months, |life, end, horizon| lead(None, life, end, horizon));
        let steps = plan(&Facts {
            horizon: Horizon {
                module: "pmthesslstore",
                term_end: today.checked_add_months(Months::new(months)),
                ..Horizon::default()
            },
            today,
            certificate: None,
            by_mail: false,
            mail_only: false,
            vendor_reissues: true,
            is_active: true,
            subscription: Subscription { policy: Policy::Auto, before: None },
            urgent: Default::default(),
        });
        let issued = steps.iter().filter(|step| step.what != What::Renewal).count();
        prop_assert_eq!(issued, cost.certificates);
    }
}
