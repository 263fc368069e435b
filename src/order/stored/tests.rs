use chrono::DateTime;
use proptest::prelude::*;

use super::served::Served;
use super::*;
use crate::domain::{ItemId, OperationId, VendorOrderId};
use crate::order::{Intent, Operation, State};

fn intent(state: State) -> Intent {
    let now = DateTime::from_timestamp(1_775_000_000, 0).unwrap();
    Intent::decide(
        "i",
        ItemId(7),
        Operation::Open,
        "",
        1,
        Some(OperationId(4)),
        now,
    )
    .with_state(state)
}

#[test]
fn what_is_given_bars_its_own_open_intent_only() {
    let given = Given {
        key: intent(State::Unknown).key.to_string(),
        since: DateTime::from_timestamp(1_775_000_500, 0).unwrap(),
    };
    let text = given.to_text();
    assert_eq!(text, format!("1|{}|1775000500", given.key));
    assert_eq!(
        Given::read(&text, &intent(State::Unknown)),
        Some(given.clone())
    );
    for state in [
        State::Prepared,
        State::Sent,
        State::Unknown,
        State::Rejected,
    ] {
        assert!(given.bars(&intent(state)), "{state:?}");
    }
    for state in [State::Placed, State::Pending, State::Issued, State::Dead] {
        assert!(!given.bars(&intent(state)), "{state:?}");
    }
    let other = Given {
        key: "OTHER".into(),
        ..given
    };
    assert!(!other.bars(&intent(State::Unknown)));
}

#[test]
fn a_form_of_another_version_fails_closed() {
    let intent = intent(State::Unknown);
    for text in ["2|x|1|y", "1|x", "something"] {
        assert!(Given::read(text, &intent).unwrap().bars(&intent), "{text}");
    }
    assert_eq!(Given::read(" ", &intent), None);
}

/// As earlier versions wrote them: read, they are written as they were.
#[test]
fn forms_of_version_1_are_read_and_written_as_ever() {
    let intents = [
        "1|prolong|placed|2|ATFBJCETDYTSMYZZZTFB|1775000000|41|3:0a1b2c|r|7700124",
        "1|open|prepared|1|ATFBJCETDYTSMYZZZTFB|1775000000|0|||",
    ];
    for text in intents {
        let read = Intent::from_text(text).unwrap();
        assert_eq!(read.to_text().unwrap(), text);
        assert_eq!(moment_of_intent(text), Some(1_775_000_000));
    }
    let given = "1|ATFBJCETDYTSMYZZZTFB|1775000500";
    let read = Given::read(given, &intent(State::Unknown)).unwrap();
    assert_eq!(read.to_text(), given);
    let numbers: Vec<_> = foreign("1|7,8 , ,9").into_iter().collect();
    assert_eq!(foreign_text(&numbers), "1|7,8,9");
    let served = "prolong 41 1775000000,reissue 42 1775000001";
    assert_eq!(Served::from_text(served).to_text(), served);
    let bought = "2028-02-01 KEY 2027-02-01";
    assert_eq!(Bought::from_text(bought).unwrap().to_text(), bought);
    let proved = "1|2026-05-01|-";
    assert_eq!(Proved::from_text(proved).to_text(), proved);
    let waits = "1|7700124|proof|1775000000|1|0|no | such mailbox";
    assert_eq!(Waits::stored(waits, "7700124").unwrap().to_text(), waits);
    assert_eq!(Waits::stored(waits, "7700125"), None);
    let end = "2027-02-01 0a1b";
    assert_eq!(end_text(end_of(end).unwrap(), Some("0a1b")), end);
    assert_eq!(looked_at(&intent(State::Placed)).len(), 22);
}

/// `LIKE` of SQL, as far as the patterns use it.
fn like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('%');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let (last, middle) = parts.split_last().unwrap();
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn the_patterns_for_sql_follow_the_form() {
    for operation in Operation::ALL {
        for state in [
            State::Prepared,
            State::Sent,
            State::Unknown,
            State::Rejected,
            State::Placed,
            State::Pending,
            State::Issued,
            State::Dead,
        ] {
            let mut intent = intent(state);
            intent.operation = operation;
            intent.order = Some(VendorOrderId::new("77!00%1_24"));
            let text = intent.to_text().unwrap();
            assert_eq!(
                like(NOTHING_SENT, &text),
                state == State::Prepared,
                "{text}"
            );
            assert!(text.ends_with("|77!00%1_24"));
        }
    }
    assert_eq!(intents_of_order("77!00%1_24"), "%|77!!00!%1!_24");
}

fn odd() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,80}",
        "(1|2)(\\|[0-9A-Za-z:, -]{0,12}){0,12}",
        "\\PC{0,40}",
    ]
}

proptest! {
    /// Whatever stands there, it is read or refused; what was read is written in a form that is read the same.
    #[test]
    fn odd_forms_do_no_harm(text in odd()) {
        if let Ok(read) = Intent::from_text(&text) {
            prop_assert_eq!(Intent::from_text(&read.to_text().unwrap()).unwrap(), read);
        }
        let _ = moment_of_intent(&text);
        if let Some(given) = Given::read(&text, &intent(State::Unknown)) {
            let again = Given::read(&given.to_text(), &intent(State::Unknown));
            prop_assert_eq!(again, Some(given));
        }
        let orders: Vec<String> = foreign(&text).into_iter().collect();
        prop_assert_eq!(foreign(&foreign_text(&orders)).into_iter().collect::<Vec<_>>(), orders);
        let served = Served::from_text(&text);
        prop_assert_eq!(Served::from_text(&served.to_text()), served);
        if let Some(bought) = Bought::from_text(&text) {
            prop_assert_eq!(Bought::from_text(&bought.to_text()), Some(bought));
        }
        let proved = Proved::from_text(&text);
        prop_assert_eq!(Proved::from_text(&proved.to_text()), proved);
        let _ = (Waits::stored(&text, "1"), end_of(&text));
    }
}
