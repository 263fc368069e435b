use chrono::NaiveDate;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    let day: NaiveDate = text.parse().unwrap();
    day.and_hms_opt(12, 0, 0).unwrap().and_utc()
}

/// Everything that decides.
#[derive(Clone, Copy)]
struct Situation {
    now: DateTime<Utc>,
    certificate: Life,
    horizon: Horizon,
    vendor_reissues: bool,
    tells_term: bool,
    urgent: Urgent,
    done: Done,
}

fn decide(subscription: &Subscription, situation: &Situation) -> Decision {
    let basis = Basis {
        subscription: *subscription,
        horizon: situation.horizon,
        vendor_reissues: situation.vendor_reissues,
        tells_term: situation.tells_term,
        is_active: true,
        urgent: situation.urgent,
    };
    let ahead = basis.replacement(&situation.certificate, situation.now);
    super::decide(&ahead, &situation.done, situation.now)
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
        tells_term: true,
        urgent: Urgent::default(),
        done: Done::default(),
    }
}

/// Weeks before it would be due.
#[test]
fn a_revoked_certificate_is_a_task_and_only_a_persons_word_reissues_it() {
    use Decision::{LeaveToRenewal, Nothing, Reissue, Task};
    let day = "2027-05-01";
    let since = Some(at("2027-04-30"));
    let revoked = Urgent {
        revoked: since,
        ..Urgent::default()
    };
    let wished = Urgent {
        wished: since,
        ..Urgent::default()
    };
    let both = Urgent {
        revoked: since,
        wished: since,
        new_key: false,
    };
    let by = |policy, urgent, term_end: Option<&str>, tasked, underway| {
        let subscription = Subscription { policy, ..WITH_25 };
        let done = Done {
            tasked,
            underway,
            ..Done::default()
        };
        let horizon = till(term_end.map(|day| day.parse().unwrap()));
        let situation = Situation {
            urgent,
            done,
            horizon,
            ..situation(day)
        };
        decide(&subscription, &situation)
    };
    let paid = Some("2028-04-01");
    for policy in [Policy::Auto, Policy::Manual, Policy::None] {
        // One that covers its term, and one whose term is not known.
        for term in [paid, Some("2027-07-10"), None] {
            assert_eq!(by(policy, revoked, term, false, false), Task, "{policy:?}");
            assert_eq!(by(policy, revoked, term, true, false), Nothing);
            for urgent in [wished, both] {
                assert_eq!(by(policy, urgent, term, true, false), Reissue, "{policy:?}");
                assert_eq!(by(policy, urgent, term, true, true), Nothing);
            }
        }
        // What is not paid for any more is renewed.
        let over = by(policy, both, Some("2027-05-01"), false, false);
        assert_ne!(over, Reissue, "{policy:?}");
    }
    let late = Situation {
        urgent: revoked,
        ..situation("2027-06-20")
    };
    assert_eq!(decide(&WITH_25, &late), Task, "not even when it is due");
    let unable = Situation {
        urgent: wished,
        vendor_reissues: false,
        ..situation(day)
    };
    assert_eq!(decide(&WITH_25, &unable), Task);
    let over = Situation {
        urgent: wished,
        horizon: till(Some("2027-06-20".parse().unwrap())),
        ..situation("2027-06-20")
    };
    assert_eq!(decide(&WITH_25, &over), LeaveToRenewal);
}

/// The program would reissue it with the key that is to blame.
#[test]
fn a_certificate_whose_key_is_to_blame_is_the_clients() {
    let with = |urgent, day, policy| {
        let subscription = Subscription { policy, ..WITH_25 };
        let situation = Situation {
            urgent,
            ..situation(day)
        };
        decide(&subscription, &situation)
    };
    let new_key = Urgent {
        new_key: true,
        ..Urgent::default()
    };
    // As soon as it is due, and when little time is left.
    for (day, decision) in [
        ("2027-06-14", Decision::Nothing),
        ("2027-06-15", Decision::Notify),
        ("2027-07-04", Decision::Task),
    ] {
        assert_eq!(with(new_key, day, Policy::Auto), decision, "{day}");
    }
    let none = with(new_key, "2027-06-15", Policy::None);
    assert_eq!(none, Decision::Nothing);
    let known = with(Urgent::default(), "2027-06-15", Policy::Auto);
    assert_eq!(known, Decision::Reissue);
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
            done: Done {
                underway,
                notified,
                tasked,
                over: tasked,
                ..Done::default()
            },
            ..situation(day)
        };
        assert_eq!(
            decide(&auto, &situation),
            expected,
            "{day} {underway} {notified} {tasked}"
        );
    }
    let refused = Situation {
        done: Done {
            needs_person: true,
            ..Done::default()
        },
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
        done: Done {
            notified: true,
            ..Done::default()
        },
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
        done: Done {
            notified: true,
            tasked: true,
            ..Done::default()
        },
        ..due
    };
    assert_eq!(decide(&with(Policy::None), &due), Nothing);
    assert_eq!(decide(&with(Policy::Manual), &due), Notify);
    assert_eq!(decide(&with(Policy::Manual), &told), Nothing);
    // The client is told, told again, and in the end a person hears.
    let manual = |day: &str, notified, notified_again, tasked| {
        let done = Done {
            notified,
            notified_again,
            tasked,
            ..Done::default()
        };
        let situation = Situation {
            done,
            ..situation(day)
        };
        decide(&with(Policy::Manual), &situation)
    };
    assert_eq!(manual("2027-06-27", true, false, false), Nothing);
    assert_eq!(manual("2027-06-28", true, false, false), Notify);
    assert_eq!(manual("2027-06-28", true, true, false), Nothing);
    assert_eq!(manual("2027-07-04", true, true, false), Task);
    assert_eq!(manual("2027-07-04", true, true, true), Nothing);
    assert_eq!(
        manual("2027-07-04", false, false, false),
        Task,
        "a late daemon tells everybody"
    );
    let by_hand = |situation| Situation {
        vendor_reissues: false,
        ..situation
    };
    assert_eq!(decide(&with(Policy::Auto), &by_hand(due)), Task);
    assert_eq!(
        decide(&with(Policy::Manual), &by_hand(due)),
        Task,
        "the client area cannot do it either"
    );
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
        done: Done {
            reminded: true,
            ..urgent.done
        },
        ..urgent
    };
    assert_eq!(decide(&with(Policy::Auto), &by_hand(reminded)), Nothing);
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

/// A task of weeks ago is not the last word about a certificate that has ended.
#[test]
fn of_a_certificate_that_has_ended_a_person_hears_once_more() {
    use Decision::{Nothing, Notify, Reissue, Task};
    let told = Done {
        notified: true,
        notified_again: true,
        tasked: true,
        reminded: true,
        ..Done::default()
    };
    let heard = Done { over: true, ..told };
    let with = |policy, vendor_reissues, now, done| {
        let subscription = Subscription { policy, ..WITH_25 };
        let situation = Situation {
            vendor_reissues,
            done,
            ..situation(now)
        };
        decide(&subscription, &situation)
    };
    // The certificate ends on 10 July, at noon.
    for (policy, vendor_reissues, rest) in [
        (Policy::Auto, true, Reissue),
        (Policy::Auto, false, Nothing),
        (Policy::Manual, true, Nothing),
    ] {
        let with = |now, done| with(policy, vendor_reissues, now, done);
        let what = format!("{policy:?} {vendor_reissues}");
        assert_eq!(with("2027-07-09", told), rest, "{what}");
        assert_eq!(with("2027-07-10", told), Task, "{what}");
        assert_eq!(with("2027-07-11", heard), rest, "{what}");
    }
    assert_eq!(with(Policy::None, true, "2027-07-11", told), Nothing);
    let late = Done {
        over: true,
        ..Done::default()
    };
    assert_eq!(with(Policy::Auto, true, "2027-07-11", late), Task);
    let tasked = Done {
        tasked: true,
        ..late
    };
    assert_eq!(with(Policy::Auto, true, "2027-07-11", tasked), Notify);
}

/// What the vendor never tells, a person is asked for as soon as it matters.
#[test]
fn a_term_that_the_vendor_does_not_tell_is_a_persons_to_enter() {
    let unknown = |now, done, tells_term| Situation {
        horizon: till(None),
        tells_term,
        done,
        ..situation(now)
    };
    let none = Done::default();
    let tasked = Done {
        tasked: true,
        ..none
    };
    let decided = |now, done| decide(&WITH_25, &unknown(now, done, false));
    assert_eq!(decided("2027-06-14", none), Decision::Nothing);
    assert_eq!(decided("2027-06-15", none), Decision::Task);
    assert_eq!(decided("2027-06-16", tasked), Decision::Nothing);
    assert_eq!(decided("2027-07-06", tasked), Decision::Task, "a reminder");
    let told = unknown("2027-06-15", none, true);
    assert_eq!(decide(&WITH_25, &told), Decision::AskTerm);
    let left_alone = Subscription {
        policy: Policy::None,
        ..WITH_25
    };
    let silent = unknown("2027-06-15", none, false);
    assert_eq!(decide(&left_alone, &silent), Decision::Nothing);
}
