use super::super::document::read;
use super::*;
use proptest::prelude::*;

fn shown(money: Option<Money>) -> String {
    money.map_or_else(
        || "-".to_owned(),
        |money| format!("{money} {}", money.currency),
    )
}

#[test]
fn the_account_tells_its_balance() {
    for (user, expected) in [
        ("<user balance=\"148.20\" currency=\"EUR\"/>", "148.20 EUR"),
        ("<user balance=\"0.00\" currency=\"RUB\"/>", "0.00 RUB"),
        ("<user balance=\"-5.10\" currency=\"EUR\"/>", "-5.10 EUR"),
        ("<user balance=\"\" currency=\"EUR\"/>", "-"),
        ("<user balance=\"ten\" currency=\"EUR\"/>", "-"),
        ("<user balance=\"148.20\"/>", "-"),
        ("<user currency=\"EUR\"/>", "-"),
        ("", "-"),
    ] {
        let doc = read(format!("<doc>{user}</doc>").as_bytes()).unwrap();
        assert_eq!(shown(of_account(&doc)), expected, "{user}");
    }
}

#[test]
fn balances_by_provider_are_taken_when_they_are_clear() {
    let eur = Some(Currency::EUR);
    for (rows, wanted, expected) in [
        (
            "<elem><balance>148.20</balance><currency>EUR</currency></elem>",
            None,
            "148.20 EUR",
        ),
        (
            "<elem><balance>1\u{a0}234,56 €</balance></elem>",
            None,
            "1234.56 EUR",
        ),
        (
            "<elem><balance>12,50 руб.</balance></elem>",
            None,
            "12.50 RUB",
        ),
        (
            "<elem><balance>1</balance><currency>EUR</currency></elem><elem><balance>2</balance><currency>USD</currency></elem>",
            eur,
            "1.00 EUR",
        ),
        (
            "<elem><balance>1</balance><currency>EUR</currency></elem><elem><balance>2</balance><currency>USD</currency></elem>",
            None,
            "-",
        ),
        (
            "<elem><balance>1</balance><currency>EUR</currency></elem><elem><balance>2</balance><currency>EUR</currency></elem>",
            eur,
            "-",
        ),
        (
            "<balance>7.5</balance><currency_iso>USD</currency_iso>",
            None,
            "7.50 USD",
        ),
        ("<elem><balance>5</balance></elem>", None, "-"),
        ("<elem><balance>soon EUR</balance></elem>", None, "-"),
        ("", eur, "-"),
    ] {
        let doc = read(format!("<doc>{rows}</doc>").as_bytes()).unwrap();
        assert_eq!(shown(of_balances(&doc, wanted)), expected, "{rows}");
    }
}

#[test]
fn the_users_form_may_hold_a_formatted_balance() {
    for (text, known, expected) in [
        ("<balance>1 234,56 EUR</balance>", None, "1234.56 EUR"),
        ("<balance>99.00</balance>", Some(Currency::USD), "99.00 USD"),
        ("<balance>99.00</balance>", None, "-"),
        ("<balance/>", Some(Currency::USD), "-"),
    ] {
        let doc = read(format!("<doc>{text}</doc>").as_bytes()).unwrap();
        assert_eq!(shown(of_user(&doc, known)), expected, "{text}");
    }
}

#[test]
fn prices_count_when_form_and_text_are_clear() {
    let form = |period: &str, price: &str| {
        format!(
            "<doc><period>{period}</period><list name=\"tariflist\"><elem><pricelist>3033</pricelist>\
                 <desc>PositiveSSL</desc><price>{price}</price></elem></list></doc>"
        )
    };
    for (period, text, expected) in [
        ("12", "&lt;b&gt;9.90 EUR&lt;/b&gt; per year", "9.90 EUR"),
        ("12", "€9.90", "9.90 EUR"),
        ("24", "9.90 EUR", "-"),
        ("12", "9.90", "-"),
        ("12", "9.90 EUR 3 domains", "-"),
        ("12", "from 9.90 EUR", "-"),
        ("12", "free", "-"),
    ] {
        let doc = read(form(period, text).as_bytes()).unwrap();
        let offers = offers(&doc, &Wire::default(), Months(12)).unwrap();
        assert_eq!(
            (offers[0].code.as_str(), offers[0].name.as_str()),
            ("3033", "PositiveSSL")
        );
        let price = offers[0].prices.first().map(|price| price.amount);
        assert_eq!(shown(price), expected, "{period} {text}");
    }
}

#[test]
fn a_choice_list_names_tariffs_without_prices() {
    let doc = read(b"<doc><slist name=\"pricelist\"><val key=\"3033\">PositiveSSL</val><val key=\"x\">Y</val></slist></doc>").unwrap();
    let offers = offers(&doc, &Wire::default(), Months(12)).unwrap();
    assert_eq!(offers.len(), 1);
    assert!(offers[0].prices.is_empty());
    let other = read(b"<doc><ok/></doc>").unwrap();
    assert_eq!(super::offers(&other, &Wire::default(), Months(12)), None);
}

proptest! {
    #[test]
    fn a_plain_balance_is_read_to_the_cent(cents in -9_999_999i64..9_999_999) {
        let money = Money { minor: cents, currency: Currency::EUR };
        let doc = read(format!("<doc><user balance=\"{money}\" currency=\"EUR\"/></doc>").as_bytes()).unwrap();
        prop_assert_eq!(of_account(&doc), Some(money));
    }
}
