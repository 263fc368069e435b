use proptest::prelude::*;

use super::*;

fn slots(ids: &[u64]) -> Vec<Slot> {
    let slot = |id: &u64| Slot {
        id: *id,
        ..Slot::default()
    };
    ids.iter().map(slot).collect()
}

#[test]
fn the_picture_does_not_depend_on_the_order_of_the_listing() {
    let (one, other) = (slots(&[3, 1, 2]), slots(&[1, 2, 3]));
    assert_eq!(
        HoldingsSnapshot::of(&one, None, 0),
        HoldingsSnapshot::of(&other, None, 0)
    );
    assert_ne!(fingerprint(&one), fingerprint(&slots(&[1, 2, 4])));
}

#[test]
fn texts_that_are_no_token_are_not_read() {
    for text in [
        "",
        "a:",
        "a:x",
        "b:1:2",
        "b:1:2:xyz:-:0",
        "b:1:2:e3b0c442:-:0:212",
        "b:1:2:e3b0c442:-:0:212:12:1",
        "r:00000000:2",
        "x:1",
        "a:1:2",
    ] {
        assert_eq!(TokenContent::read(&Token(text.to_owned())), None, "{text}");
    }
}

proptest! {
    #[test]
    fn tokens_survive_and_fit(ids in proptest::collection::vec(any::<u32>(), 0..20),
        balance in proptest::option::of(-99_999_999_999i64..99_999_999_999), order in any::<u32>()) {
        let ids: Vec<u64> = ids.into_iter().map(u64::from).collect();
        let goods = balance.map(|_| (order % 1000, 36));
        let content = TokenContent::Purchase(HoldingsSnapshot { goods, ..HoldingsSnapshot::of(&slots(&ids), balance, order.into()) });
        let token = content.write();
        prop_assert!(token.0.len() <= 80 && !token.0.contains('|'));
        prop_assert_eq!(TokenContent::read(&token), Some(content));
    }
}
