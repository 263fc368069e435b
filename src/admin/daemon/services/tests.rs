use super::*;

const ITEM: ItemId = ItemId(7);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn facts(status: i64, expire_date: Option<&str>, parameters: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    // In the order that is least likely: nothing may depend on it.
    for (name, value) in parameters {
        facts.take(Fact::Parameter {
            item: ITEM,
            name,
            value,
        });
    }
    facts.take(Fact::Service {
        item: ITEM,
        account: AccountId(3),
        status,
        expire_date: expire_date.map(day),
        months: 12,
    });
    facts
}

fn wanted(shown: Option<Shown>) -> Wanted {
    Wanted {
        now: DateTime::from_timestamp(1_775_003_600, 0).unwrap(),
        before: day("2026-06-01"),
        shown,
        options: 0,
    }
}

fn intent(operation: &str, state: &str) -> String {
    format!("1|{operation}|{state}|1|ABCDEFGHIJKLMNOPQRST|1775000000|0|||7700124")
}

#[test]
fn what_may_be_due_or_is_awaited_is_work_and_nothing_else() {
    let (placed, sent) = (intent("reissue", "placed"), intent("open", "sent"));
    let unknown = intent("prolong", "unknown");
    let (delivered, reissued) = (intent("open", "issued"), intent("reissue", "issued"));
    let former = delivered.replace("1775000000", "1774000000");
    type Case<'a> = (
        &'a str,
        i64,
        Option<&'a str>,
        &'a [(&'a str, &'a str)],
        Option<bool>,
    );
    let cases: [Case<'_>; 16] = [
        ("pending", 2, None, &[("service_status", "4")], Some(true)),
        (
            "requested, suspended",
            3,
            None,
            &[("service_status", "3")],
            Some(true),
        ),
        ("failed", 2, None, &[("service_status", "6")], None),
        ("nothing yet", 5, None, &[], None),
        ("sent", 5, None, &[("pmssl_intent", &sent)], Some(true)),
        (
            "unknown beside a certificate",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01 AB"),
                ("pmssl_intent", &unknown),
            ],
            Some(true),
        ),
        (
            "a reissue that is placed",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01 AB"),
                ("pmssl_intent", &placed),
            ],
            Some(false),
        ),
        (
            "a certificate that came before a second order of the same request must be seen",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01 AB"),
                ("pmssl_intent", &delivered),
            ],
            Some(false),
        ),
        (
            "one of long ago",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01 AB"),
                ("pmssl_intent", &former),
            ],
            None,
        ),
        (
            "a reissue, which costs nothing",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01 AB"),
                ("pmssl_intent", &reissued),
            ],
            None,
        ),
        (
            "at rest",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2026-06-02 AB"),
            ],
            None,
        ),
        (
            "near its end",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2026-06-01 AB"),
            ],
            Some(false),
        ),
        (
            "the end date is near",
            2,
            Some("2026-06-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01 AB"),
            ],
            Some(false),
        ),
        (
            "an end of an earlier form",
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2030-01-01"),
            ],
            Some(false),
        ),
        (
            "no stored end",
            2,
            Some("2030-01-01"),
            &[("service_status", "5")],
            Some(false),
        ),
        (
            "near its end, suspended",
            3,
            Some("2026-01-01"),
            &[
                ("service_status", "5"),
                ("pmssl_certificate_end", "2026-01-01 AB"),
            ],
            None,
        ),
    ];
    for (what, status, expire, parameters, awaited) in cases {
        let work = facts(status, expire, parameters).work(ITEM, &wanted(None));
        assert_eq!(work.map(|work| work.awaited), awaited, "{what}");
    }
    // Parameters of a service that is not there, or not ours.
    let mut alone = Facts::default();
    alone.take(Fact::Parameter {
        item: ITEM,
        name: "service_status",
        value: "4",
    });
    assert_eq!(alone.work(ITEM, &wanted(None)), None);
}

/// A service far from its end is work when an option wants other dates than it shows, and no longer when it shows them.
#[test]
fn dates_that_are_to_be_shown_otherwise_are_work() {
    let placed = intent("prolong", "placed");
    let at_rest = [
        ("service_status", "5"),
        ("pmssl_certificate_end", "2027-01-01 AB"),
        ("pmssl_term_end", "2030-01-01 KEY"),
    ];
    let shown = |bills_by_end_date, only_multiyear| Shown {
        bills_by_end_date,
        only_multiyear,
    };
    let usual = shown(false, false);
    let cases = [
        ("as it is", "2027-01-01", "2030-01-01", usual, false),
        ("no Paid till", "2027-01-01", "", usual, true),
        (
            "the End date is the term's",
            "2030-01-01",
            "2030-01-01",
            usual,
            true,
        ),
        (
            "bills by it",
            "2030-01-01",
            "2030-01-01",
            shown(true, false),
            false,
        ),
        (
            "should bill by it",
            "2027-01-01",
            "2030-01-01",
            shown(true, false),
            true,
        ),
        (
            "a term of a year",
            "2027-01-01",
            "2030-01-01",
            shown(false, true),
            true,
        ),
        ("hidden", "2027-01-01", "", shown(false, true), false),
    ];
    for (what, end, paid, shown, is_work) in cases {
        let mut parameters = at_rest.to_vec();
        parameters.push(("paid_till", paid));
        for status in [2, 3] {
            let facts = facts(status, Some(end), &parameters);
            let work = facts.work(ITEM, &wanted(Some(shown)));
            assert_eq!(work.is_some(), is_work, "{what}, {status}");
            assert_eq!(facts.work(ITEM, &wanted(None)), None, "{what}");
        }
        // Its dates come with the certificate that is awaited.
        parameters.push(("pmssl_intent", &placed));
        let awaited = facts(2, Some(end), &parameters);
        assert_eq!(awaited.work(ITEM, &wanted(Some(shown))), None, "{what}");
    }
}

#[test]
fn a_mark_differs_with_whatever_counts() {
    let base: &[(&str, &str)] = &[("service_status", "4")];
    let sent = intent("open", "sent");
    let all = [
        facts(2, Some("2030-01-01"), base),
        facts(3, Some("2030-01-01"), base),
        facts(2, Some("2030-01-02"), base),
        facts(2, Some("2030-01-01"), &[("service_status", "3")]),
        facts(
            2,
            Some("2030-01-01"),
            &[("service_status", "4"), ("pmssl_intent", &sent)],
        ),
        facts(
            2,
            Some("2030-01-01"),
            &[
                ("service_status", "4"),
                ("pmssl_certificate_end", "2029-01-01 AB"),
            ],
        ),
    ];
    let mut marks: HashSet<u32> = all.iter().map(|facts| facts.mark(0)).collect();
    marks.insert(all[0].mark(1));
    assert_eq!(marks.len(), all.len() + 1);
}

#[test]
fn a_full_look_comes_the_rarer_the_more_there_is_and_after_hours_at_the_latest() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let is_due = |found: usize, took: i64, seconds: i64| {
        let look = FullLook::new(now, TimeDelta::seconds(took), found);
        let services = Services {
            full: Some(look),
            ..Services::default()
        };
        services.is_full_look_due(now + TimeDelta::seconds(seconds))
    };
    assert!(Services::default().is_full_look_due(now));
    for (found, took, seconds, due) in [
        (0, 0, 0, true),
        (600, 0, 59, false),
        (600, 0, 60, true),
        // A second may be a moment between two of them.
        (600, 1, 60, true),
        (600, 2, 599, false),
        (600, 2, 600, true),
        // A module of ten services in a shop of a million.
        (10, 12, 6599, false),
        (10, 12, 6600, true),
        (40_000, 2, 3999, false),
        (40_000, 2, 4000, true),
        (10, 26, 4 * 3600 - 1, false),
        (10, 3_000_000, 4 * 3600, true),
        (10_000_000, 0, 4 * 3600 - 1, false),
        (10_000_000, 0, 4 * 3600, true),
        (40_000, 0, -1, true),
        // A clock that went back during the look.
        (0, -3600, 0, true),
    ] {
        assert_eq!(
            is_due(found, took, seconds),
            due,
            "{found} {took} {seconds}"
        );
    }
}

/// Without a first look a module does nothing at all.
#[test]
fn a_first_look_that_fails_is_tried_again_in_minutes_and_ever_more_rarely() {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let rest = |look: &FullLook| {
        let minutes = (0..1000).find(|minutes| !look.rests(now + TimeDelta::minutes(*minutes)));
        minutes.unwrap()
    };
    let mut pauses = Vec::new();
    let mut former = None;
    for _ in 0..8 {
        let look = FullLook::new(now, TimeDelta::seconds(70), 0).in_vain(former);
        pauses.push(rest(&look));
        former = Some(look);
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 240, 240]);
    // One that cost little waits no longer than ever.
    let look = FullLook::new(now, TimeDelta::seconds(1), 600).in_vain(former);
    assert_eq!(rest(&look), 1);
}

/// Due days that another version put off are looked at anew: it may have decided otherwise.
#[test]
fn another_version_of_the_program_counts_as_another_option() {
    let (subscription, shown) = (Subscription::default(), Shown::default());
    let mark = |version| options_mark(&subscription, shown, version);
    let mut services = Services::default();
    services.set_options(&subscription, shown);
    assert_eq!(services.options, mark(env!("CARGO_PKG_VERSION")));
    assert_ne!(services.options, mark("0.0.1"));
    let pending = facts(2, None, &[("service_status", "4")]);
    let work = |options| {
        let wanted = Wanted {
            options,
            ..wanted(None)
        };
        pending.work(ITEM, &wanted).unwrap()
    };
    let (now, later) = (wanted(None).now, wanted(None).now + TimeDelta::days(9));
    let mut looks = Looks::default();
    looks.set(ITEM.0, work(mark("0.0.1")).state, later);
    assert!(!looks.is_due(ITEM.0, work(mark("0.0.1")).state, now));
    assert!(looks.is_due(ITEM.0, work(services.options).state, now));
}
