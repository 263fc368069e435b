use super::*;

#[test]
fn dates_are_read_in_both_forms() {
    for (text, day) in [
        ("6/2/2015", "2015-06-02"),
        ("12/5/2016 5:03:02 PM", "2016-12-05"),
        ("03/09/2017 12:00:00 AM", "2017-03-09"),
    ] {
        assert_eq!(date(text).unwrap().date_naive().to_string(), day);
    }
    for text in ["", "2017-03-09", "13/1/2017", "1/1/17x"] {
        assert_eq!(date(text), None, "{text}");
    }
}

#[test]
fn brackets_around_an_amount_are_a_minus() {
    for (text, cents) in [
        ("5.00", Some(500)),
        ("-1,234.56", Some(-123_456)),
        ("$11.00", Some(1_100)),
        ("(5.00)", Some(-500)),
        ("($1,212.50)", Some(-121_250)),
        ("(0.00)", Some(0)),
        ("(-5.00)", None),
        ("((5.00))", None),
        ("(5.00", None),
        ("5.00)", None),
        ("$(5.00)", None),
        ("()", None),
    ] {
        let money = dollars(text).map(|money| money.minor);
        assert_eq!(money, cents, "{text}");
    }
}

#[test]
fn armour_with_nothing_inside_is_no_certificate() {
    assert_eq!(
        pem("  -----BEGIN CERTIFICATE-----\r\n   MIIB\r\n  -----END CERTIFICATE-----  "),
        Some("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_owned())
    );
    for text in [
        "",
        "pending",
        "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----",
    ] {
        assert_eq!(pem(text), None, "{text}");
    }
}
