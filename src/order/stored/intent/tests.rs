use super::*;
use proptest::prelude::*;

fn sample() -> Intent {
    let now = DateTime::from_timestamp(1_775_000_000, 0).unwrap();
    let mut intent = Intent::decide(
        "f00d",
        ItemId(7),
        Operation::Prolong,
        "7700123",
        2,
        Some(OperationId(41)),
        now,
    );
    intent.state = State::Placed;
    intent.login = Some(LoginRef {
        account: AccountId(3),
        mark: "0a1b2c".into(),
    });
    intent.token = Token("r".into());
    intent.order = Some(VendorOrderId::new("7700124"));
    intent
}

#[test]
fn the_stored_form_is_stable() {
    // Installations hold this text: a change of form needs a new version and a reader for the old one.
    let text = sample().to_text().unwrap();
    assert_eq!(
        text,
        format!(
            "1|prolong|placed|2|{}|1775000000|41|3:0a1b2c|r|7700124",
            sample().key
        )
    );
    assert_eq!(Intent::from_text(&text).unwrap(), sample());
}

#[test]
fn keys_are_the_documented_base32() {
    // SHA-256 of "f00d\n7\nopen\n\n1", computed by an independent program.
    assert_eq!(
        key("f00d", ItemId(7), Operation::Open, "", 1).as_str(),
        "ATFBJCETDYTSMYZZZTFB"
    );
}

#[test]
fn every_part_of_a_decision_changes_the_key() {
    let base = key("a", ItemId(1), Operation::Open, "s", 1);
    let others = [
        key("b", ItemId(1), Operation::Open, "s", 1),
        key("a", ItemId(2), Operation::Open, "s", 1),
        key("a", ItemId(1), Operation::Prolong, "s", 1),
        key("a", ItemId(1), Operation::Open, "t", 1),
        key("a", ItemId(1), Operation::Open, "s", 2),
    ];
    assert!(others.iter().all(|other| *other != base));
    assert!(is_key(base.as_str()));
}

#[test]
fn damaged_texts_are_refused() {
    let good = sample().to_text().unwrap();
    let damaged = [
        String::new(),
        good.replacen('1', "2", 1),
        good.replace("placed", "plaecd"),
        good.replace("prolong", "renew"),
        good.replace("|7700124", "|"),
        good.replace("|7700124", ""),
        format!("{good}|x"),
        good.replace("1775000000", "soon"),
        good.replace("3:0a1b2c", "3"),
        good.replace("3:0a1b2c", "x:0a1b2c"),
        good.replace("3:0a1b2c", "3:UP"),
        good.replace(sample().key.as_str(), "SHORT"),
    ];
    for text in damaged {
        assert_eq!(
            Intent::from_text(&text).unwrap_err().reason(),
            Reason::UnreadableIntent,
            "{text}"
        );
    }
}

#[test]
fn what_does_not_fit_is_not_stored() {
    let mut intent = sample();
    intent.token = Token("x".repeat(200));
    assert_eq!(intent.to_text().unwrap_err().reason(), Reason::Internal);
    intent.token = Token("a|b".into());
    assert_eq!(intent.to_text().unwrap_err().reason(), Reason::Internal);
}

proptest! {
    #[test]
    fn reading_never_panics(text in "\\PC{0,300}") {
        let _ = Intent::from_text(&text);
    }

    #[test]
    fn what_is_written_is_read(
        attempt in 1u32..1000,
        seconds in 0i64..4_000_000_000,
        queued in proptest::option::of(1u64..),
        token in "[A-Za-z0-9:,./+=-]{0,80}",
        order in "[A-Za-z0-9_-]{1,40}",
    ) {
        let now = DateTime::from_timestamp(seconds, 0).unwrap();
        let mut intent = Intent::decide(
            "i", ItemId(1), Operation::Reissue, "s", attempt, queued.map(OperationId), now,
        );
        intent.token = Token(token);
        intent.order = Some(VendorOrderId::new(order));
        for state in State::ALL {
            let stored = intent.with_state(state);
            let text = stored.to_text().unwrap();
            prop_assert!(text.len() <= MAXIMUM_LENGTH);
            prop_assert_eq!(Intent::from_text(&text).unwrap(), stored);
        }
    }
}
