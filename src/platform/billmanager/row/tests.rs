use super::*;

fn row(text: Option<&str>) -> Row {
    Row::of(&[text])
}

#[test]
fn numbers_are_read_whatever_the_columns_type_is() {
    for (text, number) in [
        (Some("12"), Some(12)),
        (Some("-100"), Some(-100)),
        (Some(" 7 "), Some(7)),
        (Some("5.0000"), Some(5)),
        (Some("5.x"), None),
        (Some("on"), None),
        (Some(""), None),
        (None, None),
    ] {
        assert_eq!(row(text).number(0), number, "{text:?}");
    }
    assert_eq!(row(Some("0")).id(0), None);
    assert_eq!(row(Some("-1")).id(0), None);
    assert_eq!(row(Some("3")).id(0), Some(3));
    assert_eq!(row(Some("3")).id(1), None);
}

#[test]
fn dates_are_read_with_and_without_a_time() {
    let date = chrono::NaiveDate::from_ymd_opt(2026, 3, 9);
    for (text, expected) in [
        (Some("2026-03-09"), date),
        (Some("2026-03-09 12:00:00"), date),
        (Some("0000-00-00"), None),
        (Some("2026-02-30"), None),
        (Some("20260309"), None),
        (Some("яяяяяяяяя"), None),
        (Some(""), None),
        (None, None),
    ] {
        assert_eq!(row(text).date(0), expected, "{text:?}");
    }
}
