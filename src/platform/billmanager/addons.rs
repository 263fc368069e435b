//! What a service's addons sell (billmanager.md 6.4).

use super::row::Row;

/// Addon types that carry a number (billmanager.md 6.4).
const INTEGER_ADDON: i64 = 2;
/// Addon whose choice is named with a number.
const ENUMERATION_ADDON: i64 = 3;

/// Number of additional names that a service's addons sell (billmanager.md 6.4).
pub(super) fn names_ordered(addons: &[Row]) -> u32 {
    let sum: i64 = addons
        .iter()
        .map(|addon| names_of_addon(addon).max(0))
        .sum();
    u32::try_from(sum).unwrap_or(u32::MAX)
}

fn names_of_addon(addon: &Row) -> i64 {
    const KIND: usize = 0;
    const OWN_LIMIT: usize = 1;
    const TARIFF_LIMIT: usize = 2;
    const ORDERED: usize = 3;
    const CHOICE: usize = 4;
    match addon.number(KIND) {
        Some(INTEGER_ADDON) => addon
            .number(OWN_LIMIT)
            .or_else(|| addon.number(TARIFF_LIMIT))
            .unwrap_or(0)
            .saturating_add(addon.number(ORDERED).unwrap_or(0)),
        Some(ENUMERATION_ADDON) => addon.number(CHOICE).unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_names_are_summed_over_integer_and_enumeration_addons() {
        let addon =
            |kind, own, tariff, ordered, choice| Row::of(&[kind, own, tariff, ordered, choice]);
        let cases = [
            (vec![], 0),
            (vec![addon(Some("2"), None, None, None, None)], 0),
            (
                vec![addon(Some("2"), None, Some("1.0000"), Some("4"), None)],
                5,
            ),
            (
                vec![addon(Some("2"), Some("2"), Some("1"), Some("4"), None)],
                6,
            ),
            (
                vec![addon(Some("2"), Some("0"), Some("1"), Some("4"), None)],
                4,
            ),
            (
                vec![addon(
                    Some("3"),
                    Some("9"),
                    Some("9"),
                    Some("9"),
                    Some("10"),
                )],
                10,
            ),
            (vec![addon(Some("3"), None, None, None, Some("ten"))], 0),
            (
                vec![addon(Some("1"), Some("9"), None, Some("9"), Some("9"))],
                0,
            ),
            (vec![addon(None, Some("9"), None, None, None)], 0),
            (
                vec![
                    addon(Some("2"), None, None, Some("-5"), None),
                    addon(Some("2"), None, None, Some("3"), None),
                    addon(Some("3"), None, None, None, Some("2")),
                ],
                5,
            ),
            (
                vec![addon(Some("2"), None, None, Some("99999999999"), None)],
                u32::MAX,
            ),
        ];
        for (addons, expected) in cases {
            assert_eq!(names_ordered(&addons), expected, "{addons:?}");
        }
    }
}
