//! What a service's addons sell (billmanager.md 6.4).

use super::row::Row;
use crate::domain::Addon;

/// Product type of the addons that sell additional names (billmanager.md 6.4).
const NAMES: &str = "altname";
/// Addon type that carries a number (billmanager.md 6.4).
const INTEGER_ADDON: i64 = 2;
/// Addon whose choice is named with a number.
const ENUMERATION_ADDON: i64 = 3;

/// The addons of a service that carry a number, from the rows of the statement.
pub(super) fn counted(rows: &[Row]) -> Vec<Addon> {
    const KIND: usize = 0;
    const TARIFF: usize = 1;
    rows.iter()
        .filter_map(|row| {
            let kind = row.text(KIND).unwrap_or_default().to_owned();
            Some(Addon {
                names: kind == NAMES,
                kind,
                tariff: row.text(TARIFF).unwrap_or_default().to_owned(),
                count: u32::try_from(count(row)?.max(0)).unwrap_or(u32::MAX),
            })
        })
        .collect()
}

/// How much an addon sells; `None` for one that carries no number.
fn count(row: &Row) -> Option<i64> {
    const TYPE: usize = 2;
    const OWN_LIMIT: usize = 3;
    const TARIFF_LIMIT: usize = 4;
    const ORDERED: usize = 5;
    const CHOICE: usize = 6;
    match row.number(TYPE)? {
        INTEGER_ADDON => Some(
            row.number(OWN_LIMIT)
                .or_else(|| row.number(TARIFF_LIMIT))
                .unwrap_or(0)
                .saturating_add(row.number(ORDERED).unwrap_or(0)),
        ),
        ENUMERATION_ADDON => Some(row.number(CHOICE).unwrap_or(0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
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
}
