//! SQL: an in-memory SQLite with the few functions of MariaDB that our statements use.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Statement, params_from_iter};

use super::locks::Locks;
use super::packet::{Kind, Refusal};
use crate::lock;

/// One answer.
#[derive(Debug, Default)]
pub struct Answer {
    /// Empty for statements without a result set.
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Value>>,
    pub affected: u64,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub unsigned: bool,
}

pub struct Engine {
    connection: Mutex<Connection>,
    /// What clients read instead: a replica that has stopped to follow.
    late: Mutex<Option<Connection>>,
    pub locks: Arc<Locks>,
    current: Arc<AtomicU32>,
    wanted: Arc<Mutex<Option<Duration>>>,
    version: Arc<Mutex<&'static str>>,
}

impl Engine {
    /// An empty database with the platform's tables.
    pub fn new(schema: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(schema)?;
        // Large worlds must not make each parameter a walk through all of them.
        connection.execute_batch(
            "CREATE INDEX itemparam_item ON itemparam (item, intname); \
             CREATE INDEX item_parent ON item (parent); \
             CREATE INDEX runningoperation_item ON runningoperation (item);",
        )?;
        let engine = Self {
            connection: Mutex::new(connection),
            late: Mutex::default(),
            locks: Arc::default(),
            current: Arc::default(),
            wanted: Arc::default(),
            version: Arc::new(Mutex::new(super::Age::default().version())),
        };
        engine.register(&lock(&engine.connection))?;
        Ok(engine)
    }

    /// Everything as it is now, as a file.
    pub fn remember(&self, file: &Path) {
        let _ = std::fs::remove_file(file);
        self.with(|connection| connection.execute("VACUUM INTO ?", [file.display().to_string()]));
    }

    /// Everything as it was in a file of [`Engine::remember`].
    pub fn set_back(&self, file: &Path) {
        self.with(|connection| {
            connection.execute("ATTACH ? AS former", [file.display().to_string()])?;
            let tables: Vec<String> = connection
                .prepare("SELECT name FROM former.sqlite_master WHERE type = 'table'")?
                .query_map([], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            for table in tables {
                connection.execute_batch(&format!(
                    "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM former.{table};"
                ))?;
            }
            connection.execute_batch("DETACH former")
        });
    }

    /// From now on clients read what a file of [`Engine::remember`] says; `None`: what is true.
    pub fn set_late(&self, file: Option<&Path>) {
        let late = file.map(|file| {
            let connection = Connection::open(file).expect("the replica");
            self.register(&connection).expect("the replica's functions");
            connection
        });
        *lock(&self.late) = late;
    }

    pub fn set_version(&self, version: &'static str) {
        *lock(&self.version) = version;
    }

    /// Direct access, for the platform itself.
    pub fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> T {
        work(&lock(&self.connection)).expect("a statement of the simulated platform")
    }

    /// Number of parameters and names of result columns of a statement.
    pub fn describe(&self, sql: &str) -> Result<(usize, Vec<String>), Refusal> {
        let Some(sql) = rewritten(sql) else {
            return Ok((0, Vec::new()));
        };
        let connection = lock(&self.connection);
        let statement = connection.prepare(&sql).map_err(refusal)?;
        let names = statement.column_names().map(str::to_owned);
        Ok((statement.parameter_count(), names.collect()))
    }

    /// Runs one statement for a connection. Waits for a lock where the statement asks for it.
    pub fn run(
        &self,
        owner: u32,
        sql: &str,
        parameters: &[Value],
        read_only: bool,
    ) -> Result<Answer, Refusal> {
        let Some(sql) = rewritten(sql) else {
            return Ok(Answer::default());
        };
        let start = Instant::now();
        loop {
            let (answer, wanted) = self.once(owner, &sql, parameters, read_only)?;
            match wanted.and_then(|time| time.checked_sub(start.elapsed())) {
                Some(rest) if !rest.is_zero() => self.locks.wait(rest),
                _ => return Ok(answer),
            }
        }
    }

    /// One try, and how long the statement is willing to wait for a lock. Both are taken while nobody else's
    /// statement can run.
    fn once(
        &self,
        owner: u32,
        sql: &str,
        parameters: &[Value],
        read_only: bool,
    ) -> Result<(Answer, Option<Duration>), Refusal> {
        let (connection, late) = (lock(&self.connection), lock(&self.late));
        let connection = late.as_ref().unwrap_or(&connection);
        self.current.store(owner, Ordering::SeqCst);
        *lock(&self.wanted) = None;
        let mut statement = connection.prepare_cached(sql).map_err(refusal)?;
        if !statement.readonly() {
            if read_only {
                let text = "The MariaDB server is running with the --read-only option so it \
                            cannot execute this statement";
                return Err(Refusal(1290, "HY000", text.to_owned()));
            }
            if statement.column_count() == 0 {
                let affected = statement
                    .execute(params_from_iter(parameters))
                    .map_err(refusal)?;
                let answer = Answer {
                    affected: affected as u64,
                    ..Answer::default()
                };
                return Ok((answer, None));
            }
        }
        let count = statement.column_count();
        let declared = declared_columns(&statement);
        let mut rows = Vec::new();
        let mut found = statement
            .query(params_from_iter(parameters))
            .map_err(refusal)?;
        while let Some(row) = found.next().map_err(refusal)? {
            let values: Result<Vec<Value>, _> = (0..count)
                .map(|index| row.get_ref(index).map(owned))
                .collect();
            rows.push(values.map_err(refusal)?);
        }
        let columns = declared
            .into_iter()
            .enumerate()
            .map(|(index, (name, declared))| Column {
                kind: declared.unwrap_or_else(|| kind_of(rows.iter().map(|row| &row[index]))),
                unsigned: name.to_uppercase().starts_with("CONNECTION_ID("),
                name,
            })
            .collect();
        let answer = Answer {
            columns,
            rows,
            affected: 0,
        };
        Ok((answer, lock(&self.wanted).take()))
    }

    fn register(&self, connection: &Connection) -> rusqlite::Result<()> {
        let flags = FunctionFlags::SQLITE_UTF8;
        let current = Arc::clone(&self.current);
        connection.create_scalar_function("connection_id", 0, flags, move |_| {
            Ok(i64::from(current.load(Ordering::SeqCst)))
        })?;
        let (current, locks, wanted) = (
            Arc::clone(&self.current),
            Arc::clone(&self.locks),
            Arc::clone(&self.wanted),
        );
        connection.create_scalar_function("get_lock", 2, flags, move |context| {
            let name: String = context.get(0)?;
            if name.is_empty() || name.chars().count() > 64 {
                return Err(failed("Incorrect user-level lock name"));
            }
            let taken = locks.try_take(&name, current.load(Ordering::SeqCst));
            if !taken {
                let seconds = match context.get_raw(1) {
                    ValueRef::Integer(seconds) => seconds as f64,
                    ValueRef::Real(seconds) => seconds,
                    _ => return Err(failed("Incorrect lock time-out")),
                };
                *lock(&wanted) = Duration::try_from_secs_f64(seconds).ok();
            }
            Ok(i64::from(taken))
        })?;
        let (current, locks) = (Arc::clone(&self.current), Arc::clone(&self.locks));
        connection.create_scalar_function("release_lock", 1, flags, move |context| {
            let name: String = context.get(0)?;
            let released = locks.release(&name, current.load(Ordering::SeqCst));
            Ok(released.map(i64::from))
        })?;
        let (current, locks) = (Arc::clone(&self.current), Arc::clone(&self.locks));
        connection.create_scalar_function("release_all_locks", 0, flags, move |_| {
            Ok(locks.forget(current.load(Ordering::SeqCst)) as i64)
        })?;
        let locks = Arc::clone(&self.locks);
        connection.create_scalar_function("is_used_lock", 1, flags, move |context| {
            let name: String = context.get(0)?;
            Ok(locks.owner(&name).map(i64::from))
        })?;
        let locks = Arc::clone(&self.locks);
        connection.create_scalar_function("is_free_lock", 1, flags, move |context| {
            let name: String = context.get(0)?;
            Ok(i64::from(locks.owner(&name).is_none()))
        })?;
        let version = Arc::clone(&self.version);
        connection.create_scalar_function("version", 0, flags, move |_| {
            let version = *lock(&version);
            Ok(version.trim_start_matches("5.5.5-"))
        })?;
        connection.create_scalar_function("database", 0, flags, |_| Ok(super::DATABASE))
    }
}

/// `None` for statements that are accepted and have no effect here.
fn rewritten(sql: &str) -> Option<String> {
    let sql = sql.trim().trim_end_matches(';').trim_end();
    let (word, rest) = sql.split_once(char::is_whitespace).unwrap_or((sql, ""));
    match word.to_uppercase().as_str() {
        "SET" | "USE" | "BEGIN" | "START" | "COMMIT" | "ROLLBACK" => None,
        "DO" => Some(format!("SELECT {rest}")),
        _ => Some(sql.to_owned()),
    }
}

fn declared_columns(statement: &Statement<'_>) -> Vec<(String, Option<Kind>)> {
    let kind = |declared: &str| {
        let declared = declared.to_uppercase();
        match declared.split('(').next().unwrap_or_default() {
            "INTEGER" | "INT" | "BIGINT" => Kind::LongLong,
            "DECIMAL" => Kind::Decimal,
            "DATE" => Kind::Date,
            "DATETIME" | "TIMESTAMP" => Kind::DateTime,
            "TEXT" => Kind::Text,
            _ => Kind::VarString,
        }
    };
    statement
        .columns()
        .map(|column| (column.name().to_owned(), column.decl_type().map(kind)))
        .collect()
}

/// The type of a computed column, from its values.
fn kind_of<'a>(values: impl Iterator<Item = &'a Value>) -> Kind {
    let mut kind = None;
    for value in values {
        let this = match value {
            Value::Null => continue,
            Value::Integer(_) => Kind::LongLong,
            Value::Real(_) => Kind::Double,
            Value::Text(_) | Value::Blob(_) => Kind::VarString,
        };
        if kind.is_some_and(|kind| kind != this) {
            return Kind::VarString;
        }
        kind = Some(this);
    }
    kind.unwrap_or(Kind::VarString)
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn failed(text: &str) -> rusqlite::Error {
    rusqlite::Error::UserFunctionError(text.into())
}

fn refusal(error: rusqlite::Error) -> Refusal {
    let text = error.to_string();
    if text.contains("no such table") {
        Refusal(1146, "42S02", text)
    } else if text.contains("no such column") {
        Refusal(1054, "42S22", text)
    } else if text.contains("no such function") {
        Refusal(1305, "42000", text)
    } else if text.contains("UNIQUE") {
        Refusal(1062, "23000", text)
    } else if text.contains("lock name") {
        Refusal(3057, "42000", text)
    } else {
        Refusal(1064, "42000", text)
    }
}
