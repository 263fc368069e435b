use super::*;

fn picture(serial: &str, start: &str) -> Picture {
    let order = serde_json::json!({
        "SerialNumber": serial, "CertificateStartDateInUTC": start
    });
    Picture::of(&serde_json::from_value(order).unwrap())
}

#[test]
fn tokens_are_read_as_they_were_written_and_fit_the_store() {
    let long = picture(&"aB:".repeat(40), "8/1/2026 1:50:20 PM");
    let cases = [
        (CsrForm::Raw, None, "r"),
        (CsrForm::Percent, None, "p"),
        (CsrForm::Raw, Some(picture("", "")), "r;;"),
        (CsrForm::Raw, Some(picture("00:FF", "")), "r;00ff;"),
        (
            CsrForm::Percent,
            Some(long),
            "p;abababababababababababababababababababab;1785592220",
        ),
    ];
    for (form, picture, text) in cases {
        let memory = Memory { form, picture };
        let token = memory.write();
        assert_eq!(token.0, text);
        assert!(token.0.len() <= 80 && !token.0.contains('|'));
        assert_eq!(Memory::read(&token), Some(memory));
    }
    for text in ["", "x", "r;", "r;a", "r;a;b", "r;a;1;", "r|"] {
        assert_eq!(Memory::read(&Token(text.to_owned())), None, "{text}");
    }
}

#[test]
fn pictures_are_compared_by_what_both_hold() {
    let (day, next) = ("8/1/2026", "8/2/2026");
    let cases = [
        (picture("aa", day), picture("AA", next), Comparison::Same),
        (
            picture("aa", day),
            picture("bb", day),
            Comparison::Different,
        ),
        (picture("", day), picture("bb", day), Comparison::Same),
        (picture("", day), picture("", next), Comparison::Different),
        (picture("aa", ""), picture("", next), Comparison::Unclear),
        (picture("", ""), picture("", ""), Comparison::Unclear),
        (
            picture("", "1/1/1900 12:00:00 AM"),
            picture("", day),
            Comparison::Unclear,
        ),
    ];
    for (before, now, expected) in cases {
        assert_eq!(before.compare(&now), expected, "{before:?} {now:?}");
    }
}
