use super::*;

fn usd(text: &str) -> Option<i64> {
    Money::parse(text, Currency::USD).map(|money| money.minor)
}

#[test]
#[allow(clippy::print_stdout)] // The count is told.
fn amounts_are_read_as_vendors_write_them() {
    let cases = [
        ("152.4", 15_240),
        ("152.40", 15_240),
        ("0", 0),
        ("+7", 700),
        ("1,234.50", 123_450),
        ("1 234,50", 123_450),
        ("1\u{a0}234,50", 123_450),
        ("1.234,50", 123_450),
        ("1.234.567,50", 123_456_750),
        ("1\u{2009}234.50", 123_450),
        ("1\u{2007}234,50", 123_450),
        ("1\u{2019}234.50", 123_450),
        ("USD 5", 500),
        ("$\u{a0}5.00", 500),
        ("1,234", 123_400),
        ("12,5", 1_250),
        ("$ 12.00", 1_200),
        ("US$12.00", 1_200),
        ("12.00 USD", 1_200),
        ("$12.00 USD", 1_200),
        ("USD $12.00", 1_200),
        ("12.00 usd.", 1_200),
        ("12.50 CR", 1_250),
        ("-3", -300),
        ("- 3", -300),
        ("-$3.019", -301),
        ("$-3.00", -300),
        ("\u{2212}3", -300),
        ("1,234,567.899", 123_456_789),
    ];
    println!("proof: {} spellings of a balance read", cases.len());
    for (text, minor) in cases {
        assert_eq!(usd(text), Some(minor), "{text}");
    }
}

#[test]
fn debts_are_negative_however_accountants_write_them() {
    let cases = [
        ("(5.00)", -500),
        ("(1.00)", -100),
        ("(1\u{a0}234,50)", -123_450),
        ("( 5.00 )", -500),
        ("($12.50)", -1_250),
        ("$(12.50)", -1_250),
        ("(12.50 USD)", -1_250),
        ("USD (1,234.50)", -123_450),
        ("12.50 DR", -1_250),
        ("$12.50 Dr.", -1_250),
        ("12.50DR", -1_250),
        ("(0.00)", 0),
    ];
    for (text, minor) in cases {
        assert_eq!(usd(text), Some(minor), "{text}");
    }
    for text in [
        "(-5.00)",
        "(5.00) DR",
        "-5.00 DR",
        "-5 CR",
        "(5.00",
        "5.00)",
        "(5) (6)",
    ] {
        assert_eq!(usd(text), None, "{text}");
    }
}

#[test]
fn an_amount_in_another_currency_is_none_of_the_expected_one() {
    for text in [
        "\u{20ac} 1 234,50",
        "5 EUR",
        "5.00 руб.",
        "A$5",
        "CAD $5",
        "\u{a3}5",
        "5 apples",
        "from 5",
    ] {
        assert_eq!(usd(text), None, "{text}");
    }
    for (text, currency, minor) in [
        ("\u{20ac} 1 234,50", Currency::EUR, 123_450),
        ("12,50 руб.", Currency::RUB, 1_250),
        ("1 234,56 р.", Currency::RUB, 123_456),
        ("5 EUR", Currency::EUR, 500),
        ("5 \u{20bd}", Currency::RUB, 500),
    ] {
        let told = Some(Money { minor, currency });
        assert_eq!(Money::parse(text, currency), told, "{text}");
        assert_eq!(Money::parse(text, Currency::NONE), told, "{text}");
    }
    let bare = Money::parse("5.00", Currency::NONE).map(|money| money.currency);
    assert_eq!(bare, Some(Currency::NONE));
    assert_eq!(Money::parse("5 apples", Currency::NONE), None);
}

/// A thousand or little more than one: read where a currency is written in one way, else not at all.
#[test]
fn three_digits_behind_a_single_sign_are_not_guessed() {
    for (text, currency, minor) in [
        ("1.234", Currency::EUR, None),
        ("1,234", Currency::EUR, None),
        ("-12.345 EUR", Currency::EUR, None),
        ("\u{20ac}123.456", Currency::EUR, None),
        ("1.234", Currency::RUB, None),
        ("1,234", Currency::RUB, None),
        ("1.234", Currency::NONE, None),
        ("1,234 EUR", Currency::NONE, None),
        ("1.234", Currency::USD, Some(123)),
        ("1,234", Currency::USD, Some(123_400)),
        // Nothing else can be meant.
        ("0.123", Currency::EUR, Some(12)),
        ("1234.567", Currency::EUR, Some(123_456)),
        ("1.2345", Currency::RUB, Some(123)),
        ("1 234", Currency::RUB, Some(123_400)),
        ("1.234,50", Currency::EUR, Some(123_450)),
        ("1,234.50", Currency::EUR, Some(123_450)),
        ("1.234.567", Currency::EUR, Some(123_456_700)),
    ] {
        let read = Money::parse(text, currency).map(|money| money.minor);
        assert_eq!(read, minor, "{text} {currency:?}");
    }
}

#[test]
fn doubtful_amounts_are_refused() {
    for text in [
        "",
        "abc",
        "1.2.3",
        "12-5",
        "--5",
        "1,23,4.5",
        "5-",
        "1 2",
        ".5",
        "99999999999999999999",
    ] {
        assert_eq!(usd(text), None, "{text}");
    }
}

#[test]
fn amounts_are_printed_with_two_decimals() {
    let print = |minor| {
        Money {
            minor,
            currency: Currency::USD,
        }
        .to_string()
    };
    assert_eq!(print(15_240), "152.40");
    assert_eq!(print(-5), "-0.05");
    assert_eq!(Currency::parse("eur"), Some(Currency::EUR));
    assert_eq!(Currency::parse("euro"), None);
}
