use super::*;

fn row(
    kind: Option<&str>,
    own: Option<&str>,
    tariff: Option<&str>,
    ordered: Option<&str>,
    choice: Option<&str>,
) -> Row {
    Row::of(&[
        Some("altname"),
        Some("san"),
        kind,
        own,
        tariff,
        ordered,
        choice,
    ])
}

#[test]
fn integer_and_enumeration_addons_carry_a_number() {
    let cases = [
        (row(Some("2"), None, None, None, None), Some(0)),
        (
            row(Some("2"), None, Some("1.0000"), Some("4"), None),
            Some(5),
        ),
        (
            row(Some("2"), Some("2"), Some("1"), Some("4"), None),
            Some(6),
        ),
        (
            row(Some("2"), Some("0"), Some("1"), Some("4"), None),
            Some(4),
        ),
        (
            row(Some("3"), Some("9"), Some("9"), Some("9"), Some("10")),
            Some(10),
        ),
        (row(Some("3"), None, None, None, Some("ten")), Some(0)),
        (row(Some("1"), Some("9"), None, Some("9"), Some("9")), None),
        (row(None, Some("9"), None, None, None), None),
        (row(Some("2"), None, None, Some("-5"), None), Some(0)),
        (
            row(Some("2"), None, None, Some("99999999999"), None),
            Some(u32::MAX),
        ),
    ];
    for (row, expected) in cases {
        let counts: Vec<_> = counted(std::slice::from_ref(&row))
            .into_iter()
            .map(|addon| addon.count)
            .collect();
        assert_eq!(counts, Vec::from_iter(expected), "{row:?}");
    }
    assert_eq!(counted(&[]), []);
}

#[test]
fn addons_keep_their_internal_names() {
    let of = |kind, tariff| Row::of(&[kind, tariff, Some("2"), None, None, Some("1"), None]);
    let found = counted(&[
        of(Some("altname"), Some("san")),
        of(Some("ip"), Some("altname")),
        of(None, None),
    ]);
    let shown: Vec<_> = found
        .iter()
        .map(|addon| (addon.kind.as_str(), addon.tariff.as_str(), addon.names))
        .collect();
    assert_eq!(
        shown,
        [
            ("altname", "san", true),
            ("ip", "altname", false),
            ("", "", false)
        ]
    );
}
