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
mod tests;
