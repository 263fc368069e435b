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
mod tests;
