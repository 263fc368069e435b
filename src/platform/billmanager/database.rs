//! Reads from the platform's database, and its advisory locks (billmanager.md 6; crates.md, Q5).
//!
//! One connection serves one command. It is opened at the first read. When it breaks during a read it is
//! opened once more; an item lock that it held is lost then, which [`Database::holds_lock`] tells.

use std::time::Duration;

use sqlx::Connection;
use sqlx::mysql::{MySqlConnection, MySqlDatabaseError};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::row::Row;
use super::settings::DatabaseSettings;
use super::statements;
use crate::domain::text::Words;
use crate::failure::{Failure, Reason};

/// Longest wait for a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Longest wait for the answer to a statement.
const READ_LIMIT: Duration = Duration::from_secs(60);

/// Longest name of an advisory lock (MySQL 5.7 refuses longer ones).
const LONGEST_LOCK_NAME: usize = 64;

/// Server errors that mean that the connection is gone: shutdown, killed, idle for too long.
const CONNECTION_LOST: [u16; 4] = [1053, 1927, 3169, 4031];

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reads and locks at one server.
    Everything,
    /// Reads of a server beside others, while locks are taken elsewhere.
    Reads,
    /// Locks of a server that need not have the platform's tables.
    Locks,
}

/// The platform's database, or the server that locks are taken at.
pub struct Database {
    settings: DatabaseSettings,
    purpose: Purpose,
    link: Mutex<Link>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The connection and the lock it holds.
#[derive(Default)]
struct Link {
    connection: Option<MySqlConnection>,
    lock: Option<String>,
}

impl Link {
    /// Forgets a broken connection and what it held.
    fn lost(&mut self) {
        self.connection = None;
        if let Some(lock) = self.lock.take() {
            crate::log!(
                Database,
                Warning,
                "the connection broke, and with it the lock {lock} is lost"
            );
        }
    }
}

/// A value of a statement.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// A number.
    Number(u64),
    /// A text.
    Text(&'a str),
}

impl Database {
    /// Nothing is opened yet.
    #[must_use]
    pub fn new(settings: DatabaseSettings, purpose: Purpose) -> Self {
        Self {
            settings,
            purpose,
            link: Mutex::default(),
        }
    }

    /// All rows of a statement. A connection that breaks is opened once more.
    ///
    /// # Errors
    /// `Database`.
    pub async fn rows(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let mut link = self.link.lock().await;
        let had_connection = link.connection.is_some();
        match self.read(&mut link, statement, values, READ_LIMIT).await {
            Err(Broken::Connection(error)) if had_connection => {
                crate::log!(Database, Warning, "{}; connecting again", error.en());
                self.read(&mut link, statement, values, READ_LIMIT)
                    .await
                    .map_err(Broken::into_failure)
            }
            outcome => outcome.map_err(Broken::into_failure),
        }
    }

    /// The first row of a statement.
    ///
    /// # Errors
    /// `Database`.
    pub async fn row(
        &self,
        statement: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, Failure> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    /// Takes an advisory lock, waiting for at most `wait` (whole seconds, rounded up). `false` when
    /// somebody else holds it. A lock that is already held stays held once; another one held before is
    /// given back, as older servers do by themselves.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_lock(&self, key: &str, wait: Duration) -> Result<bool, Failure> {
        self.take(key, wait, statements::STAY_CONNECTED).await
    }

    /// The same for a lock whose owner shows that it lives: the server takes it away from one that is silent.
    ///
    /// # Errors
    /// `Database`.
    pub async fn take_leader_lock(&self, key: &str, wait: Duration) -> Result<bool, Failure> {
        self.take(key, wait, statements::SHOW_LIFE).await
    }

    async fn take(&self, key: &str, wait: Duration, idle: &'static str) -> Result<bool, Failure> {
        let name = self.lock_name(key);
        if self.owns(&name).await {
            return Ok(true);
        }
        self.give_lock_back().await?;
        let mut link = self.link.lock().await;
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let values = [Value::Text(&name), Value::Number(seconds)];
        let limit = READ_LIMIT + Duration::from_secs(seconds);
        // An idle connection may have been closed by the server; no lock was held, so nothing is lost.
        let mut tries = 2;
        let rows = loop {
            tries -= 1;
            let had_connection = link.connection.is_some();
            self.set_idle_limit(&mut link, idle).await;
            match self
                .read(&mut link, statements::TAKE_LOCK, &values, limit)
                .await
            {
                Err(Broken::Connection(_)) if had_connection && tries > 0 => {}
                outcome => break outcome.map_err(Broken::into_failure)?,
            }
        };
        match rows.first().and_then(|row| row.number(0)) {
            Some(1) => {
                link.lock = Some(name);
                Ok(true)
            }
            Some(0) => Ok(false),
            _ => Err(Failure::new(Reason::Database).detail(words!(
                "the server did not say whether the lock was taken",
                "сервер не сообщил, взята ли блокировка"
            ))),
        }
    }

    /// Whether this connection still holds the lock. Never connects anew: a new connection holds nothing.
    ///
    /// # Errors
    /// `LocksDoNotHold`: the connection was not cut, and the server says that the lock is not this one's.
    pub async fn holds_lock(&self, key: &str) -> Result<bool, Failure> {
        let name = self.lock_name(key);
        if self.owns(&name).await {
            return Ok(true);
        }
        let link = self.link.lock().await;
        if link.connection.is_some() && link.lock.as_deref() == Some(&name) {
            return Err(Failure::new(Reason::LocksDoNotHold).detail(
                words!("a lock does not stay with the connection that took it: a proxy or load balancer shares its connections among commands", "блокировка не остаётся за соединением, которое её взяло: прокси или балансировщик делит свои соединения между командами"),
            ));
        }
        Ok(false)
    }

    /// What the server says about itself; a `SHOW VARIABLES` or `SHOW INDEX`.
    ///
    /// # Errors
    /// `Database`.
    pub async fn variables(&self, statement: &'static str) -> Result<Vec<Row>, Failure> {
        let mut link = self.link.lock().await;
        let rows = match self.connection(&mut link).await {
            Ok(connection) => {
                let asked = sqlx::raw_sql(statement).fetch_all(connection);
                timeout(READ_LIMIT, asked).await
            }
            Err(broken) => return Err(broken.into_failure()),
        };
        let broken = match rows {
            Ok(Ok(rows)) => {
                let rows = rows.iter().map(Row::read).collect::<Result<_, _>>();
                return rows.map_err(|error| Broken::Statement(error).into_failure());
            }
            Ok(Err(error)) if is_lost(&error) => Broken::Connection(Words::verbatim(error)),
            Ok(Err(error)) => return Err(Broken::Statement(error).into_failure()),
            Err(_) => Broken::TimedOut(READ_LIMIT),
        };
        link.lost();
        Err(broken.into_failure())
    }

    /// Gives the lock back, if one is held.
    ///
    /// # Errors
    /// `Database`.
    pub async fn give_lock_back(&self) -> Result<(), Failure> {
        let mut link = self.link.lock().await;
        let Some(name) = link.lock.take() else {
            return Ok(());
        };
        let values = [Value::Text(&name)];
        match self
            .read(&mut link, statements::RELEASE_LOCK, &values, READ_LIMIT)
            .await
        {
            // The server gives back what a broken connection held.
            Ok(_) | Err(Broken::Connection(_)) => Ok(()),
            Err(broken) => Err(broken.into_failure()),
        }
    }

    async fn owns(&self, name: &str) -> bool {
        let mut link = self.link.lock().await;
        if link.connection.is_none() || link.lock.as_deref() != Some(name) {
            return false;
        }
        let values = [Value::Text(name)];
        let answer = self
            .read(&mut link, statements::OWNS_LOCK, &values, READ_LIMIT)
            .await;
        match answer {
            Ok(rows) => rows.first().and_then(|row| row.number(0)) == Some(1),
            Err(broken) => {
                // A lock that cannot be proved is not held.
                crate::log!(Database, Warning, "{}", broken.into_failure());
                false
            }
        }
    }

    /// Advisory locks belong to the server, not to a database; the name therefore carries the database.
    fn lock_name(&self, key: &str) -> String {
        let name = format!("pmssl/{}/{key}", self.settings.name);
        if name.chars().count() <= LONGEST_LOCK_NAME {
            return name;
        }
        use sha2::Digest;
        let digest = sha2::Sha256::digest(name.as_bytes());
        format!("pmssl/{}", data_encoding::HEXLOWER.encode(&digest[..16]))
    }

    /// Asks the server when to close an idle connection.
    async fn set_idle_limit(&self, link: &mut Link, limit: &'static str) {
        if self.connection(link).await.is_ok() {
            Self::wish(link, limit).await;
        }
    }

    /// Sets something for the session; what the server does not know is as it was.
    async fn wish(link: &mut Link, statement: &'static str) {
        let Some(connection) = link.connection.as_mut() else {
            return;
        };
        let wish = sqlx::raw_sql(statement).execute(connection);
        match timeout(READ_LIMIT, wish).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                crate::log!(Database, Debug, "refused: {statement}: {error}");
                if is_lost(&error) {
                    link.lost();
                }
            }
            Err(_) => link.lost(),
        }
    }

    /// Sends one statement over the connection there is, or over a new one.
    async fn read(
        &self,
        link: &mut Link,
        statement: &'static str,
        values: &[Value<'_>],
        limit: Duration,
    ) -> Result<Vec<Row>, Broken> {
        let connection = self.connection(link).await?;
        match timeout(limit, each::query(statement, values).fetch_all(connection)).await {
            Ok(Ok(rows)) => rows
                .iter()
                .map(|row| Row::read(row).map_err(Broken::Statement))
                .collect(),
            Ok(Err(error)) if is_lost(&error) => {
                link.lost();
                Err(Broken::Connection(Words::verbatim(error)))
            }
            Ok(Err(error)) => Err(Broken::Statement(error)),
            Err(_) => {
                // A late answer must not be taken for the answer to the next statement.
                link.lost();
                Err(Broken::TimedOut(limit))
            }
        }
    }

    async fn connection<'a>(&self, link: &'a mut Link) -> Result<&'a mut MySqlConnection, Broken> {
        if link.connection.is_none() {
            link.connection = Some(self.connect().await?);
            Self::wish(link, statements::END_LONG_STATEMENTS).await;
            if self.purpose == Purpose::Reads {
                Self::wish(link, statements::READ_WHAT_WAS_WRITTEN).await;
            }
        }
        link.connection
            .as_mut()
            .ok_or_else(|| Broken::Connection(words!("there is no connection", "соединения нет")))
    }

    /// Whether what is read crosses a network in plain text.
    ///
    /// # Errors
    /// `Database`.
    pub async fn is_plain(&self) -> Result<bool, Failure> {
        if self.settings.place.is_local() {
            return Ok(false);
        }
        let rows = self.variables(statements::CIPHER).await?;
        let has_cipher = |row: &Row| row.text(1).is_some_and(|cipher| !cipher.is_empty());
        Ok(!rows.iter().any(has_cipher))
    }

    /// Ends the connection politely. Not needed: the server gives back everything when it breaks.
    pub async fn close(&self) {
        let mut link = self.link.lock().await;
        link.lock = None;
        if let Some(connection) = link.connection.take() {
            // Fails over TLS sockets (crates.md, Q5, trap 1), and it does not matter.
            let _ = timeout(CONNECT_LIMIT, connection.close()).await;
        }
    }
}

/// Why a statement brought nothing.
enum Broken {
    /// The connection is gone or cannot be had; a new one may help.
    Connection(Words),
    /// No answer in time.
    TimedOut(Duration),
    /// The server said no.
    Statement(sqlx::Error),
}

impl Broken {
    fn into_failure(self) -> Failure {
        let failure = Failure::new(Reason::Database);
        match self {
            Self::Connection(words) => failure.detail(words),
            Self::TimedOut(limit) => failure.detail(words!(
                "no answer within {} s",
                "нет ответа за {} с",
                limit.as_secs()
            )),
            Self::Statement(error) => {
                let told = crate::logging::mask(&without_password_word(&error.to_string()));
                let words = if told.contains("unknown authentication plugin") {
                    words!(
                        "{told}; give the database user the plugin mysql_native_password or caching_sha2_password",
                        "{told}; назначьте пользователю базы данных плагин mysql_native_password или caching_sha2_password"
                    )
                } else {
                    Words::verbatim(told)
                };
                failure.detail(words)
            }
        }
    }
}

/// Servers say `using password: YES`, which looks like a password to whoever masks them.
fn without_password_word(told: &str) -> String {
    told.replace("(using password: YES)", "(with a password)")
        .replace("(using password: NO)", "(without a password)")
}

/// Whether an error says that the connection cannot be used any more.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        sqlx::Error::Database(refusal) => refusal
            .try_downcast_ref::<MySqlDatabaseError>()
            .is_some_and(|refusal| CONNECTION_LOST.contains(&refusal.number())),
        _ => false,
    }
}

mod connect;
mod each;
#[cfg(test)]
mod tests;
