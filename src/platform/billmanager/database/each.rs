//! Statements with more rows than are kept: each is handed over as it comes.

use std::future::poll_fn;
use std::time::Duration;

use sqlx::MySql;
use sqlx::query::Query;
use tokio::time::timeout;

use super::{Broken, Database, Link, READ_LIMIT, Value, is_lost, statements};
use crate::domain::text::Words;
use crate::failure::Failure;
use crate::platform::billmanager::row::Row;

/// Longest wait for the next row of a statement that goes through the whole shop: longer than the server gives it, which
/// may send nothing before its end.
const WALK_LIMIT: Duration = Duration::from_secs(310);

/// A statement with its values.
pub(super) fn query<'a>(
    statement: &'static str,
    values: &'a [Value<'_>],
) -> Query<'a, MySql, <MySql as sqlx::Database>::Arguments> {
    crate::log!(Database, Trace, "{statement} {values:?}");
    let mut query = sqlx::query(statement);
    for value in values {
        query = match value {
            // Signed, as the platform's own programs bind ids; none is near the limit.
            Value::Number(number) => query.bind(i64::try_from(*number).unwrap_or(i64::MAX)),
            Value::Text(text) => query.bind(*text),
        };
    }
    query
}

impl Database {
    /// Hands over all rows of a statement, one after the other. What was handed over before an error counts for
    /// nothing: a broken connection is not opened again here.
    ///
    /// # Errors
    /// `Database`.
    pub async fn each(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
        take: impl FnMut(&Row),
    ) -> Result<(), Failure> {
        let mut link = self.link.lock().await;
        self.hand_over(&mut link, statement, values, READ_LIMIT, take)
            .await
    }

    /// The same for a statement that goes through the whole shop: the server gives it more time than others.
    ///
    /// # Errors
    /// `Database`.
    pub async fn each_of_all(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
        take: impl FnMut(&Row),
    ) -> Result<(), Failure> {
        let mut link = self.link.lock().await;
        // First: a new connection has the usual limit.
        let connection = self.connection(&mut link).await;
        connection.map_err(Broken::into_failure)?;
        Self::wish(&mut link, statements::END_VERY_LONG_STATEMENTS).await;
        let outcome = self.hand_over(&mut link, statement, values, WALK_LIMIT, take);
        let outcome = outcome.await;
        Self::wish(&mut link, statements::END_LONG_STATEMENTS).await;
        outcome
    }

    async fn hand_over(
        &self,
        link: &mut Link,
        statement: &'static str,
        values: &[Value<'_>],
        limit: Duration,
        mut take: impl FnMut(&Row),
    ) -> Result<(), Failure> {
        let connection = self.connection(link).await;
        let connection = connection.map_err(Broken::into_failure)?;
        let mut rows = query(statement, values).fetch(connection);
        let broken = loop {
            let next = poll_fn(|context| rows.as_mut().poll_next(context));
            match timeout(limit, next).await {
                Ok(None) => return Ok(()),
                Ok(Some(Ok(row))) => match Row::read(&row) {
                    Ok(row) => take(&row),
                    Err(error) => break Broken::Statement(error),
                },
                Ok(Some(Err(error))) if is_lost(&error) => {
                    break Broken::Connection(Words::verbatim(error));
                }
                Ok(Some(Err(error))) => break Broken::Statement(error),
                Err(_) => break Broken::TimedOut(limit),
            }
        };
        drop(rows);
        // Whatever is still to come must not be taken for the answer to the next statement.
        link.lost();
        Err(broken.into_failure())
    }
}
