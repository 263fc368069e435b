//! How long certificates may live and proofs may be used again, by the day of issue. Data and pure
//! functions.
//!
//! Source of the steps: CA/Browser Forum, Baseline Requirements, sections 4.2.1 and 6.3.2 as changed
//! by ballot SC-081v3 (398, 200, 100, 47 days; thesslstore.md 7.4, globalsign.md). The end of proof
//! by e-mail is the same body's sunset of mail methods.

use crate::domain::text::Words;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// One step of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// First day of issue for which it holds.
    pub from: NaiveDate,
    /// Longest lawful lifetime of a certificate, days.
    pub lifetime: u16,
    /// For how many days a proof of domain control may be used again.
    pub domain_reuse: u16,
    /// For how many days the verified identity of a company may be used again.
    pub identity_reuse: u16,
}

/// All steps, the oldest first.
pub static RULES: [Rule; 4] = [
    rule(day(2020, 9, 1), 398, 398, 825),
    rule(day(2026, 3, 15), 200, 200, 398),
    rule(day(2027, 3, 15), 100, 100, 398),
    rule(day(2029, 3, 15), 47, 10, 398),
];

/// From this day on proof by e-mail is not accepted at all; until then it is discouraged.
pub const MAIL_ENDS: NaiveDate = day(2028, 3, 15);

/// DigiCert sells its brands for one year at a time from this day on, and for two and three on request only (its page about
/// plans of several years).
pub const ONE_YEAR_PLANS: NaiveDate = day(2026, 2, 24);

/// Months of such a plan.
pub const PLAN_MONTHS: u32 = 12;

/// What a vendor issues, and for how long it uses proofs again, from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Practice {
    from: NaiveDate,
    lifetime: u16,
    domain_reuse: u16,
}

/// Resellers of several authorities, by the earliest day and the shortest life of any of them. Sectigo: 199 and 198
/// days from 12 March 2026, 99 and 98 from 12 March 2027 (its resellers' announcements); DigiCert's brands
/// 199 from 24 February 2026, their day of 2027 is not published. Days of 2029 are not known: the law's.
static RESELLERS: [Practice; 4] = [
    practice(day(2020, 9, 1), 397, 397),
    practice(day(2026, 3, 12), 199, 198),
    practice(day(2027, 3, 12), 99, 98),
    practice(day(2029, 3, 15), 46, 8),
];

/// GlobalSign announced 199 days from 14 March 2026; 2027 is inferred from it, 2029 is the law's.
static GLOBALSIGN: [Practice; 4] = [
    practice(day(2020, 9, 1), 397, 397),
    practice(day(2026, 3, 14), 199, 199),
    practice(day(2027, 3, 14), 99, 99),
    practice(day(2029, 3, 15), 46, 8),
];

/// Ispmanager's documented example (bought on 2 April 2026, certificate till 19 October 2026) uses the law's
/// whole span.
static TO_THE_DAY: [Practice; 4] = [
    practice(day(2020, 9, 1), 398, 398),
    practice(day(2026, 3, 15), 200, 200),
    practice(day(2027, 3, 15), 100, 100),
    practice(day(2029, 3, 15), 47, 10),
];

const fn practice(from: NaiveDate, lifetime: u16, domain_reuse: u16) -> Practice {
    Practice {
        from,
        lifetime,
        domain_reuse,
    }
}

fn practices(module: &str) -> &'static [Practice; 4] {
    match module {
        "pmispmgrssl" => &TO_THE_DAY,
        "pmglobalsign" => &GLOBALSIGN,
        _ => &RESELLERS,
    }
}

fn practice_on(module: &str, day: NaiveDate) -> Practice {
    let all = practices(module);
    let found = all.iter().rev().find(|practice| practice.from <= day);
    *found.unwrap_or(&all[0])
}

const fn rule(from: NaiveDate, lifetime: u16, domain_reuse: u16, identity_reuse: u16) -> Rule {
    Rule {
        from,
        lifetime,
        domain_reuse,
        identity_reuse,
    }
}

const fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, day) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// The step that holds for certificates issued on a day. Days before the first step count as its own.
#[must_use]
pub fn rule_on(day: NaiveDate) -> &'static Rule {
    RULES
        .iter()
        .rev()
        .find(|rule| rule.from <= day)
        .unwrap_or(&RULES[0])
}

/// Days that a module's vendor gives a certificate issued on a day.
#[must_use]
pub fn expected_days(module: &str, day: NaiveDate) -> u16 {
    practice_on(module, day).lifetime
}

/// For how many days a module's vendor uses a proof of domain control again, on a day.
#[must_use]
pub fn domain_reuse(module: &str, day: NaiveDate) -> u16 {
    practice_on(module, day).domain_reuse
}

/// The longest life of any certificate that may still be valid on a day.
#[must_use]
pub fn longest_alive(day: NaiveDate) -> u16 {
    RULES
        .iter()
        .zip(
            RULES
                .iter()
                .skip(1)
                .map(|next| Some(next.from))
                .chain([None]),
        )
        .filter(|(rule, end)| {
            rule.from <= day
                && end.is_none_or(|end| day < end + TimeDelta::days(rule.lifetime.into()))
        })
        .map(|(rule, _)| rule.lifetime)
        .max()
        .unwrap_or(RULES[0].lifetime)
}

/// Days of life of a certificate of which only the end is known, as its vendor's practice has it. Where
/// two steps could have made that end, the longer life is taken: it is replaced earlier.
#[must_use]
pub fn life_by_end(module: &str, end: NaiveDate) -> u16 {
    practices(module)
        .iter()
        .map(|practice| practice.lifetime)
        .find(|life| expected_days(module, end - TimeDelta::days((*life).into())) == *life)
        .unwrap_or(RULES[0].lifetime)
}

/// Whether the lifetime of a certificate is within the law of the day on which it begins. Both ends
/// count; a second more than a day is another day.
#[must_use]
pub fn is_lawful(not_before: DateTime<Utc>, not_after: DateTime<Utc>) -> bool {
    let limit = TimeDelta::days(rule_on(not_before.date_naive()).lifetime.into());
    not_after - not_before + TimeDelta::seconds(1) <= limit
}

/// What is to be said about a certificate that lives longer than the law allows: clients may refuse it.
#[must_use]
pub fn life_remark(not_before: DateTime<Utc>, not_after: DateTime<Utc>) -> Option<Words> {
    if is_lawful(not_before, not_after) {
        return None;
    }
    let days = (not_after - not_before).num_days();
    let rule = rule_on(not_before.date_naive());
    Some(words!(
        "the certificate is valid for {days} days, but one issued since {} may be valid for {} at most: browsers may reject it",
        "срок действия сертификата {days} дн., а выпущенный с {} может действовать не больше {}: браузеры могут его отклонить",
        rule.from,
        rule.lifetime
    ))
}

/// What is to be said about a certificate with which a client can log in somewhere: authorities leave that usage
/// out one after the other (calendar.md 3).
#[must_use]
pub fn clients_remark(is_for_clients: bool) -> Option<Words> {
    is_for_clients.then(
        || words!("the certificate may be used by clients, too (clientAuth), its successors will not: Sectigo ends that on 2027-02-10, DigiCert on 2027-03-01, and Chrome's rules on 2027-03-15. If a program logs in with it, it needs another certificate by then", "сертификат годится и для клиентов (clientAuth), а следующие - нет: Sectigo прекращает это 2027-02-10, DigiCert 2027-03-01, правила Chrome - 2027-03-15. Если программа входит куда-то с ним, к этому времени нужен другой сертификат"),
    )
}

/// What is to be said about proof by e-mail on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailProof {
    /// Still accepted.
    Discouraged,
    /// Not accepted any more.
    Forbidden,
}

/// Whether proof by e-mail is still accepted on a day.
#[must_use]
pub fn mail_proof(day: NaiveDate) -> MailProof {
    if day < MAIL_ENDS {
        MailProof::Discouraged
    } else {
        MailProof::Forbidden
    }
}

impl MailProof {
    /// The warning for people.
    #[must_use]
    pub fn words(self) -> Words {
        match self {
            Self::Discouraged => words!(
                "validation by e-mail is discouraged and not accepted from {MAIL_ENDS} on: choose DNS or a file",
                "подтверждение по e-mail не рекомендуется и с {MAIL_ENDS} не принимается: выберите DNS или файл"
            ),
            Self::Forbidden => {
                words!(
                    "validation by e-mail is not accepted since {MAIL_ENDS}: choose DNS or a file",
                    "с {MAIL_ENDS} подтверждение по e-mail не принимается: выберите DNS или файл"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_steps_hold_from_their_first_day() {
        let cases = [
            ("2026-03-14", 398, 398, 825),
            ("2026-03-15", 200, 200, 398),
            ("2027-03-14", 200, 200, 398),
            ("2027-03-15", 100, 100, 398),
            ("2029-03-14", 100, 100, 398),
            ("2029-03-15", 47, 10, 398),
            ("2035-01-01", 47, 10, 398),
            ("2001-01-01", 398, 398, 825),
        ];
        for (day, lifetime, domain, identity) in cases {
            let rule = rule_on(on(day));
            assert_eq!(
                (rule.lifetime, rule.domain_reuse, rule.identity_reuse),
                (lifetime, domain, identity),
                "{day}"
            );
        }
    }

    #[test]
    fn vendors_stay_below_the_law_in_their_own_way() {
        let days = |module| {
            ["2026-04-02", "2027-04-02", "2029-04-02"].map(|day| expected_days(module, on(day)))
        };
        assert_eq!(days("pmthesslstore"), [199, 99, 46]);
        assert_eq!(days("pmispmgrssl"), [200, 100, 47]);
        // The documented example: bought on 2 April 2026, valid until 19 October 2026.
        assert_eq!(on("2026-04-02") + TimeDelta::days(200), on("2026-10-19"));
    }

    #[test]
    fn the_longest_life_falls_when_the_last_long_certificate_has_ended() {
        let cases = [
            ("2026-03-14", 398),
            ("2027-04-16", 398),
            ("2027-04-17", 200),
            ("2027-09-30", 200),
            ("2027-10-01", 100),
            ("2029-06-22", 100),
            ("2029-06-23", 47),
        ];
        for (day, life) in cases {
            assert_eq!(longest_alive(on(day)), life, "{day}");
        }
    }

    #[test]
    fn the_life_is_told_from_the_end() {
        let cases = [
            ("2026-10-18", 397),
            ("2027-03-20", 397),
            ("2027-05-01", 199),
            ("2027-08-01", 199),
            ("2027-10-01", 99),
            ("2029-06-01", 99),
            ("2029-06-21", 99),
            ("2029-06-23", 46),
            ("2026-12-01", 397),
            ("2026-09-01", 397),
        ];
        for (end, life) in cases {
            assert_eq!(life_by_end("pmthesslstore", on(end)), life, "{end}");
        }
    }

    #[test]
    fn lawful_lifetimes_end_at_the_last_second() {
        let start = on("2026-03-15").and_hms_opt(0, 0, 0).unwrap().and_utc();
        let last = start + TimeDelta::days(200) - TimeDelta::seconds(1);
        assert!(is_lawful(start, last));
        assert!(!is_lawful(start, last + TimeDelta::seconds(1)));
        assert_eq!(life_remark(start, last), None);
        assert_eq!(clients_remark(false), None);
        assert!(clients_remark(true).is_some_and(|remark| remark.en().contains("2027-03-15")));
        let remark = life_remark(start, start + TimeDelta::days(3650)).unwrap();
        assert!(
            remark
                .en()
                .starts_with("the certificate is valid for 3650 days"),
            "{remark:?}"
        );
        let earlier = start - TimeDelta::seconds(1);
        assert!(is_lawful(
            earlier,
            earlier + TimeDelta::days(398) - TimeDelta::seconds(1)
        ));
    }

    #[test]
    fn mail_ends_on_its_day() {
        assert_eq!(mail_proof(on("2028-03-14")), MailProof::Discouraged);
        assert_eq!(mail_proof(on("2028-03-15")), MailProof::Forbidden);
    }

    proptest! {
        #[test]
        fn what_vendors_are_expected_to_issue_is_lawful(days in 0i64..4000, module in prop::sample::select(vec!["pmispmgrssl", "pmenomssl"])) {
            let start = (on("2025-01-01") + TimeDelta::days(days)).and_hms_opt(0, 0, 0).unwrap().and_utc();
            let life = TimeDelta::days(expected_days(module, start.date_naive()).into());
            prop_assert!(is_lawful(start, start + life - TimeDelta::seconds(1)));
        }
    }
}
