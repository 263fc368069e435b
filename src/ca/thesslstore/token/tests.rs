use super::*;

fn snapshot(serial: &str, start: &str) -> CertificateSnapshot {
    let order = serde_json::json!({
        "SerialNumber": serial, "CertificateStartDateInUTC": start
    });
    CertificateSnapshot::of(&serde_json::from_value(order).unwrap())
}

#[test]
fn tokens_are_read_as_they_were_written_and_fit_the_store() {
    let long = snapshot(&"aB:".repeat(40), "8/1/2026 1:50:20 PM");
    let cases = [
        (CsrForm::Raw, None, "r"),
        (CsrForm::Percent, None, "p"),
        (CsrForm::Raw, Some(snapshot("", "")), "r;;"),
        (CsrForm::Raw, Some(snapshot("00:FF", "")), "r;00ff;"),
        (
            CsrForm::Percent,
            Some(long),
            "p;abababababababababababababababababababab;1785592220",
        ),
    ];
    for (form, snapshot, text) in cases {
        let content = TokenContent { form, snapshot };
        let token = content.write();
        assert_eq!(token.0, text);
        assert!(token.0.len() <= 80 && !token.0.contains('|'));
        assert_eq!(TokenContent::read(&token), Some(content));
    }
    for text in ["", "x", "r;", "r;a", "r;a;b", "r;a;1;", "r|"] {
        assert_eq!(TokenContent::read(&Token(text.to_owned())), None, "{text}");
    }
}

#[test]
fn pictures_are_compared_by_what_both_hold() {
    let (day, next) = ("8/1/2026", "8/2/2026");
    let cases = [
        (snapshot("aa", day), snapshot("AA", next), Comparison::Same),
        (
            snapshot("aa", day),
            snapshot("bb", day),
            Comparison::Different,
        ),
        (snapshot("", day), snapshot("bb", day), Comparison::Same),
        (snapshot("", day), snapshot("", next), Comparison::Different),
        (snapshot("aa", ""), snapshot("", next), Comparison::Unclear),
        (snapshot("", ""), snapshot("", ""), Comparison::Unclear),
        (
            snapshot("", "1/1/1900 12:00:00 AM"),
            snapshot("", day),
            Comparison::Unclear,
        ),
    ];
    for (before, now, expected) in cases {
        assert_eq!(before.compare(&now), expected, "{before:?} {now:?}");
    }
}
