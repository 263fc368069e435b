use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    day(text).and_hms_opt(23, 59, 59).unwrap().and_utc()
}

#[test]
fn a_vendors_end_is_believed_within_what_is_sold() {
    let today = day("2026-04-02");
    for (end, believed) in [
        ("2026-01-01", true),
        ("2027-04-02", true),
        ("2032-04-02", true),
        ("2033-04-02", true),
        ("2033-04-03", false),
        ("9999-12-31", false),
    ] {
        let end = day(end);
        assert_eq!(believable(end, today), believed.then_some(end), "{end}");
    }
}

#[test]
fn terms_end_on_the_day_they_began() {
    assert_eq!(end(day("2026-04-02"), None, 60), Some(day("2031-04-02")));
    assert_eq!(end(day("2027-01-31"), None, 1), Some(day("2027-02-28")));
    assert_eq!(end(day("2026-04-02"), None, 0), None);
}

#[test]
fn what_was_bought_is_read_as_it_is_written() {
    let renewed = Bought {
        end: day("2028-02-01"),
        key: "KEY".to_owned(),
        former: Some(day("2027-02-01")),
    };
    assert_eq!(renewed.to_text(), "2028-02-01 KEY 2027-02-01");
    let opened = Bought {
        former: None,
        ..renewed.clone()
    };
    assert_eq!(opened.to_text(), "2028-02-01 KEY");
    let by_hand = Bought::on(day("2028-02-01"));
    assert_eq!(by_hand.to_text(), "2028-02-01");
    for bought in [renewed, opened, by_hand] {
        assert_eq!(Bought::from_text(&bought.to_text()), Some(bought));
    }
    assert_eq!(Bought::from_text("soon"), None);
    assert_eq!(Bought::from_text("9999-12-31 KEY"), None);
}

#[test]
fn a_renewal_goes_on_where_the_term_ended() {
    assert_eq!(
        end(day("2026-03-20"), Some(day("2026-04-02")), 12),
        Some(day("2027-04-02"))
    );
    assert_eq!(
        end(day("2026-05-01"), Some(day("2026-04-02")), 12),
        Some(day("2027-05-01"))
    );
}

#[test]
fn the_documented_example_of_five_years() {
    let shown = dates(
        moment("2026-10-19"),
        Some(day("2031-04-02")),
        None,
        60,
        Shown::default(),
    );
    assert_eq!(
        shown,
        Dates {
            end_date: day("2026-10-19"),
            paid_till: Some(day("2031-04-02"))
        }
    );
}

#[test]
fn paid_till_is_empty_when_one_certificate_covers_the_term() {
    assert_eq!(
        dates(
            moment("2026-10-19"),
            Some(day("2026-10-20")),
            None,
            12,
            Shown::default()
        )
        .paid_till,
        None
    );
    assert_eq!(
        dates(moment("2026-10-19"), None, None, 12, Shown::default()).paid_till,
        None
    );
}

#[test]
fn billing_by_end_date_never_moves_back() {
    let wanted = Shown {
        bills_by_end_date: true,
        ..Shown::default()
    };
    let shown = |shown| {
        let term_end = Some(day("2027-04-02"));
        dates(moment("2026-10-19"), term_end, shown, 12, wanted).end_date
    };
    assert_eq!(shown(None), day("2027-04-02"));
    assert_eq!(shown(Some(day("2027-05-01"))), day("2027-05-01"));
    assert_eq!(shown(Some(day("2026-01-01"))), day("2027-04-02"));
    assert_eq!(shown(Some(day("9999-12-31"))), day("2027-04-02"));
}

/// The product's pages leave it empty for one year, the service is paid for longer than one certificate all
/// the same.
#[test]
fn paid_till_can_be_kept_to_terms_of_several_years() {
    let multiyear = Shown {
        only_multiyear: true,
        ..Shown::default()
    };
    let of = |months, shown| {
        let term_end = Some(day("2027-04-02"));
        dates(moment("2026-10-19"), term_end, None, months, shown).paid_till
    };
    assert_eq!(of(12, multiyear), None);
    assert_eq!(of(13, multiyear), Some(day("2027-04-02")));
    assert_eq!(of(12, Shown::default()), Some(day("2027-04-02")));
}
