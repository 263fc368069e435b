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
        delivered("  -----BEGIN CERTIFICATE-----\r\n   MIIB\r\n  -----END CERTIFICATE-----  "),
        Some("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_owned())
    );
    for text in [
        "",
        "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----------END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\\r\\n-----END CERTIFICATE-----\\n",
    ] {
        assert_eq!(delivered(text), None, "{text}");
    }
    // Whether anything else is a certificate is not asked here.
    for text in [
        "pending",
        "MIIB",
        "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n",
        "-----BEGIN CERTIFICATE----- MIIB -----END CERTIFICATE-----",
    ] {
        assert_eq!(delivered(text), Some(format!("{text}\n")), "{text}");
    }
}
