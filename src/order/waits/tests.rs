use super::*;
use crate::order::stored::MAXIMUM_LENGTH;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn waits(for_what: For) -> Waits {
    Waits {
        order: "77".to_owned(),
        for_what,
        since: now(),
        reminded: false,
        tasked: Vec::new(),
        words: "no | such mailbox".to_owned(),
    }
}

#[test]
fn the_stored_form_is_read_as_it_is_written_and_belongs_to_one_order() {
    for (for_what, _) in For::ALL {
        let others = vec![(For::Proof, now()), (For::Payment, now())];
        for tasked in [vec![], vec![(for_what, now())], others] {
            let waits = Waits {
                tasked,
                ..waits(for_what)
            };
            let text = waits.to_text();
            assert_eq!(Waits::stored(&text, "77"), Some(waits));
            assert_eq!(Waits::stored(&text, "78"), None);
        }
    }
    for text in [
        "",
        "2|77|proof|1|0|0|",
        "1|77|tea|1|0|0|",
        "1|77|proof|x|0|0|",
    ] {
        assert_eq!(Waits::stored(text, "77"), None, "{text}");
    }
    let mut long = waits(For::Payment);
    long.words = "x".repeat(400);
    assert!(long.to_text().chars().count() <= MAXIMUM_LENGTH);
}

#[test]
fn every_wait_has_an_owner_a_deadline_and_a_call() {
    use Call::{Nothing, Remind, Task};
    // what, company, days, reminded, tasked days ago, expected
    let cases = [
        (For::Proof, false, 0, false, None, Nothing),
        (For::Proof, false, 2, false, None, Nothing),
        (For::Proof, false, 3, false, None, Remind),
        (For::Proof, false, 3, true, None, Nothing),
        (For::Proof, false, 7, true, None, Task),
        (For::Proof, false, 7, true, Some(0), Nothing),
        (For::Proof, false, 21, true, Some(14), Task),
        (For::Proof, true, 20, true, None, Nothing),
        (For::Proof, true, 21, true, None, Task),
        (For::Issue, false, 6, false, None, Nothing),
        (For::Issue, false, 7, false, None, Task),
        (For::RefusedStep, false, 0, false, None, Task),
        (For::RefusedStep, false, 5, false, Some(5), Nothing),
        (For::RefusedStep, false, 14, false, Some(14), Task),
        (For::Payment, true, 0, false, None, Task),
        (For::ReadableCertificate, false, 0, false, None, Task),
        (For::OwnCertificate, false, 0, false, None, Task),
        (For::ReadableAnswer, false, 0, false, None, Nothing),
        (For::ReadableAnswer, false, 1, false, None, Task),
        (For::NewOrder, false, 0, false, None, Task),
        (For::Csr, false, 0, false, None, Task),
        (For::Saving, false, 0, false, None, Nothing),
        (For::Saving, false, 1, false, None, Task),
        (For::Saving, false, 1, false, Some(0), Nothing),
    ];
    for (for_what, company, days, reminded, tasked, expected) in cases {
        let at = now() + TimeDelta::days(days);
        let waits = Waits {
            reminded,
            tasked: tasked
                .map(|ago| (for_what, at - TimeDelta::days(ago)))
                .into_iter()
                .collect(),
            ..waits(for_what)
        };
        assert_eq!(
            waits.call(at, company),
            expected,
            "{for_what:?} {company} {days} {tasked:?}"
        );
        assert_ne!(for_what.owner(), Owner::Nobody);
    }
}

/// One thing may come and go while another stays: each is told by itself.
#[test]
fn what_was_told_of_one_thing_says_nothing_of_another() {
    let told = Waits {
        tasked: vec![(For::Payment, now())],
        ..waits(For::Payment)
    };
    assert_eq!(told.call(now(), false), Call::Nothing);
    let ended = Waits {
        for_what: For::NewOrder,
        ..told
    };
    assert_eq!(ended.call(now(), false), Call::Task);
    let text = ended.to_text();
    assert!(text.contains("|1800000000:payment|"), "{text}");
    // A hiccup beside a proof that is overdue, and told, is no second task.
    let day = now() + TimeDelta::days(9);
    let overdue = Waits {
        reminded: true,
        tasked: vec![(For::Proof, now() + TimeDelta::days(7)), (For::Saving, day)],
        ..waits(For::Proof)
    };
    assert_eq!(overdue.call(day, false), Call::Nothing);
}
