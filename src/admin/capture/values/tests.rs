use super::*;

#[test]
fn what_tells_about_a_person_is_hidden_and_words_of_the_wire_stay() {
    for (text, expected) in [
        ("write to anna@shop.example.org now", "write to *** now"),
        ("+49.301234567 or +1234567890", "*** or ***"),
        ("from 192.0.2.17:1500", "from ***:1500"),
        (
            "*.shop.example.com, http://www.example.co.uk/x.txt",
            "****, http://***/x.txt",
        ),
        (
            "_4f1c.example.com CNAME 1a2b.3c4d.sectigo.com",
            "*** CNAME ***",
        ),
        ("пример.рф", "***"),
        ("name=shop%2Eexample", "name=shop%2Eexample"),
        // Functions, prices, dates, versions, files, types.
        (
            "certificate.order.param 12.50 2026-11-20 6.94.1 1.crt application/json RU.png",
            "certificate.order.param 12.50 2026-11-20 6.94.1 1.crt application/json RU.png",
        ),
        ("3a4b:5c6d", "3a4b:5c6d"),
    ] {
        assert_eq!(hide(text), expected);
    }
}

#[test]
fn certificates_and_archives_are_hidden_in_every_form() {
    let line = "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ";
    for (text, expected) in [
        (
            format!(
                "<crt>-----BEGIN CERTIFICATE-----\n{line}\nAB==\n-----END CERTIFICATE-----\n</crt>"
            ),
            "<crt>-----BEGIN CERTIFICATE-----***-----END CERTIFICATE-----\n</crt>".to_owned(),
        ),
        (
            format!("{{\"c\":\"-----BEGIN X-----\\n{line}\\nAB\\n-----END X-----\\n\"}}"),
            "{\"c\":\"-----BEGIN X-----***-----END X-----\\n\"}".to_owned(),
        ),
        (
            format!("-----BEGIN X-----\n{line}"),
            "-----BEGIN X-----***".to_owned(),
        ),
        (format!("<crt>{line}</crt>"), "<crt>***</crt>".to_owned()),
        (
            "983df4250066a88faaa033a5ebbd3c1405c1cd6dde028ab56035e79917ace068".to_owned(),
            "983df4250066a88faaa033a5ebbd3c1405c1cd6dde028ab56035e79917ace068".to_owned(),
        ),
        ("-----BEGIN".to_owned(), "-----BEGIN".to_owned()),
        (
            "certificate-comodo-ucc-dv-1yr-additional-domain".to_owned(),
            "certificate-comodo-ucc-dv-1yr-additional-domain".to_owned(),
        ),
    ] {
        assert_eq!(hide(&text), expected);
    }
}

proptest::proptest! {
    #[test]
    fn hiding_never_panics(text in "\\PC{0,200}") {
        let _ = hide(&text);
        let _ = hide(&format!("-----BEGIN {text}-----END"));
    }

    #[test]
    fn a_domain_never_survives(before in "[ -,/:-?\\[-`]{0,5}", after in "[ -$&-*,/:-?]{0,5}") {
        let hidden = hide(&format!("{before}shop.example.com{after}"));
        proptest::prop_assert!(!hidden.contains("shop.example.com"), "{hidden}");
    }
}
