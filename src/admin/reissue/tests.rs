use super::*;

#[test]
fn serial_numbers_are_read_however_they_are_written() {
    let read = serials("0A:0b\n  0x00ff \n\nA-1\n");
    let expected = ["a0b", "ff", "a1"].map(str::to_owned);
    assert_eq!(read, BTreeSet::from(expected));
    assert_eq!(digits("0a:0b"), "a0b");
}

#[test]
fn a_wish_is_taken_back_only_while_nothing_has_begun() {
    let module = crate::module::by_name("pmthesslstore").unwrap();
    let in_hand = "2028-02-26 0a:0b";
    let wish = format!("1|now|{in_hand}|1800000000|ann");
    let open = wish.as_str();
    let former = "1|now|2028-02-26 0a:0c|1800000000|ann";
    for (wish, state, order, left) in [
        (open, "issued", "77", Ok(())),
        (open, "rejected", "", Ok(())),
        (open, "pending", "77", Err(Left::Begun)),
        (open, "placed", "77", Err(Left::Begun)),
        (open, "sent", "", Err(Left::Unsettled)),
        (open, "unknown", "", Err(Left::Unsettled)),
        (open, "later", "", Err(Left::Unsettled)),
        (former, "issued", "77", Err(Left::NoWish)),
        ("", "issued", "77", Err(Left::NoWish)),
    ] {
        let key = "ATFBJCETDYTSMYZZZTFB";
        let intent = format!("1|reissue|{state}|1|{key}|1775000000|0|||{order}");
        let parameters = [
            (fields::SERVICE_STATUS, "5"),
            (fields::CERTIFICATE_END, in_hand),
            (fields::WISH, wish),
            (PARAMETER, intent.as_str()),
        ];
        let parameters = parameters.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let service = Service {
            status: ACTIVE,
            parameters: parameters.into_iter().collect(),
            ..Service::default()
        };
        assert_eq!(can_take_back(&service, module), left, "{wish} {state}");
    }
}

#[test]
fn an_order_whose_outcome_is_open_is_never_touched() {
    let intent = |state: &str, order: &str| {
        let key = "ATFBJCETDYTSMYZZZTFB";
        Intent::from_text(&format!("1|open|{state}|1|{key}|1775000000|0|||{order}"))
    };
    let given = "1|ATFBJCETDYTSMYZZZTFB|1775000000";
    for (state, order, given, left) in [
        ("sent", "", None, Err(Left::Unsettled)),
        ("unknown", "", None, Err(Left::Unsettled)),
        ("unknown", "", Some(given), Err(Left::Person)),
        ("prepared", "", Some(given), Err(Left::Person)),
        ("issued", "77", Some(given), Ok(())),
        ("rejected", "", None, Ok(())),
    ] {
        let intent = intent(state, order);
        assert!(intent.is_ok(), "{state}");
        assert_eq!(barred(Some(&intent), given), left, "{state}");
    }
    let newer = Intent::from_text("2|open|sent");
    assert_eq!(barred(Some(&newer), None), Err(Left::Unsettled));
    assert_eq!(barred(None, None), Ok(()));
}
