//! Rows of any column types, read as text.

use sqlx::mysql::MySqlRow;
use sqlx::{Row as _, ValueRef as _};

/// A row of texts, in the order of the statement's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<Option<String>>);

impl Row {
    /// A row for tests of what is made of rows.
    #[cfg(test)]
    pub(super) fn of(columns: &[Option<&str>]) -> Self {
        Self(columns.iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// All columns as text. The server has cast them; what arrives as bytes has to be UTF-8.
    pub(super) fn read(row: &MySqlRow) -> Result<Self, sqlx::Error> {
        (0..row.len())
            .map(|column| {
                if row.try_get_raw(column)?.is_null() {
                    return Ok(None);
                }
                row.try_get_unchecked::<String, _>(column).map(Some)
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// A column as text; NULL and blanks are `None`.
    #[must_use]
    pub fn text(&self, column: usize) -> Option<&str> {
        self.raw(column).filter(|text| !text.trim().is_empty())
    }

    /// A column as text, blanks kept; NULL is `None`.
    #[must_use]
    pub fn raw(&self, column: usize) -> Option<&str> {
        self.0.get(column).and_then(Option::as_deref)
    }

    /// A column as a whole number; what is not one is `None`. Decimals (`5.0000`) are cut.
    #[must_use]
    pub fn number(&self, column: usize) -> Option<i64> {
        let text = self.text(column)?.trim();
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        fraction
            .bytes()
            .all(|digit| digit.is_ascii_digit())
            .then(|| whole.parse().ok())?
    }

    /// A column as the id of a row: a number above zero.
    #[must_use]
    pub fn id(&self, column: usize) -> Option<u64> {
        self.number(column)
            .and_then(|number| u64::try_from(number).ok())
            .filter(|id| *id > 0)
    }

    /// A column as a date; a time behind it is cut off, `0000-00-00` and the like are `None`.
    #[must_use]
    pub fn date(&self, column: usize) -> Option<chrono::NaiveDate> {
        let day = self.text(column)?.trim().get(..10)?;
        chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()
    }
}

#[cfg(test)]
mod tests {
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
}
