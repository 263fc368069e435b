//! A private MariaDB, shared by the tests of one run, and one database and platform root per test.

// The suite and the measurements use different parts.
#![allow(dead_code)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, MySqlConnection};
use tempfile::TempDir;

/// Where the server program is beside the search path.
const DIRECTORIES: [&str; 4] = ["/usr/sbin", "/usr/libexec", "/usr/bin", "/usr/local/sbin"];

/// Longest wait for the server to come up on a busy machine.
const START_LIMIT: Duration = Duration::from_secs(120);

static SERVER: LazyLock<Option<Server>> = LazyLock::new(Server::start);

struct Server {
    socket: PathBuf,
    // Its stdin keeps the server alive: it closes when this process ends.
    _keeper: Child,
}

/// The server's program and the one that makes its data directory; `None` where there are none and need be none.
pub(crate) fn programs() -> Option<(PathBuf, PathBuf)> {
    let found = program("mariadbd").zip(program("mariadb-install-db"));
    if found.is_none() {
        assert_ne!(
            std::env::var("PMSSL_REQUIRE_MARIADB").as_deref(),
            Ok("1"),
            "PMSSL_REQUIRE_MARIADB is set, but there is no MariaDB server program"
        );
        eprintln!("skipped: there is no MariaDB server program on this machine");
    }
    found
}

/// Makes a data directory below another one; the option that names it.
pub(crate) fn install(installer: &Path, directory: &Path) -> String {
    /// So often where it ends without a result: on a machine that is busy with other servers it has been seen to.
    const TRIES: usize = 3;
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let mut said = Vec::new();
    for number in 0..TRIES {
        let place = directory.join(format!("data{number}"));
        let data = format!("--datadir={}", place.display());
        let output = Command::new(installer)
            .args(["--no-defaults", &data, "--skip-test-db"])
            .args(["--auth-root-authentication-method=normal", "--user=root"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        if output.status.success() {
            return data;
        }
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8_lossy(&words).into_owned();
        // Past the harness, so that it is seen where a later try succeeds.
        let _ = writeln!(
            std::io::stderr(),
            "mariadb-install-db, try {number}: {words}"
        );
        said.push(words);
    }
    panic!("no data directory: {}", said.join("\n"));
}

impl Server {
    fn start() -> Option<Self> {
        let (daemon, installer) = programs()?;
        let directory = tempfile::Builder::new()
            .prefix("pmssl-db-")
            .tempdir()
            .unwrap()
            .keep();
        let data = install(&installer, &directory);
        let socket = directory.join("s");
        let keeper = kept(&directory, &daemon)
            .args(["--no-defaults", &data, "--skip-networking", "--user=root"])
            .arg(format!("--socket={}", socket.display()))
            .arg(format!("--pid-file={}", directory.join("pid").display()))
            // A stricter dialect than any installation has.
            .args(["--sql-mode=ANSI_QUOTES,ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES"])
            .args(["--character-set-server=utf8mb4", "--skip-log-bin"])
            // Rows that are read are counted for each user.
            .arg("--userstat=1")
            .args([
                "--innodb-buffer-pool-size=32M",
                "--innodb-flush-log-at-trx-commit=0",
            ])
            .spawn()
            .unwrap();
        let server = Self {
            socket,
            _keeper: keeper,
        };
        answers(&directory);
        Some(server)
    }

    fn try_sql(&self, database: &str, statements: &str) -> Result<(), sqlx::Error> {
        try_sql(&self.socket, database, statements)
    }
}

/// A server that ends, and whose directory goes, when this process ends.
pub(crate) fn kept(directory: &Path, daemon: &Path) -> Command {
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "dir=$1; shift; \"$@\" >\"$dir/log\" 2>&1 & server=$!; cat >/dev/null; \
             kill $server; wait $server; rm -rf \"$dir\"",
            "sh",
        ])
        .arg(directory)
        .arg(daemon)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Waits until the server of a directory answers.
pub(crate) fn answers(directory: &Path) {
    let started = Instant::now();
    while try_sql(&directory.join("s"), "mysql", "SELECT 1").is_err() {
        assert!(
            started.elapsed() < START_LIMIT,
            "the server did not start: {}",
            std::fs::read_to_string(directory.join("log")).unwrap_or_default()
        );
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Runs statements as the administrator of the server with this socket.
pub(crate) fn try_sql(socket: &Path, database: &str, statements: &str) -> Result<(), sqlx::Error> {
    apart(async {
        let mut connection = connected(socket, database).await?;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut connection)
            .await
            .map(drop)
    })
}

/// The number that a statement of the server's administrator answers.
pub(crate) fn number(socket: &Path, statement: &str) -> u64 {
    apart(async {
        let mut connection = connected(socket, "mysql").await.unwrap();
        let asked = sqlx::query_scalar(AssertSqlSafe(statement.to_owned()));
        asked.fetch_one(&mut connection).await.unwrap()
    })
}

async fn connected(socket: &Path, database: &str) -> Result<MySqlConnection, sqlx::Error> {
    MySqlConnectOptions::new()
        .socket(socket)
        .username("root")
        .database(database)
        .ssl_mode(sqlx::mysql::MySqlSslMode::Disabled)
        .pipes_as_concat(false)
        .connect()
        .await
}

/// In a thread of its own: called from inside other runtimes, too.
fn apart<T: Send>(work: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        scope
            .spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap()
                    .block_on(work)
            })
            .join()
            .unwrap()
    })
}

pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(DIRECTORIES.iter().map(PathBuf::from))
        .map(|directory| directory.join(name))
        .find(|program| program.is_file())
}

/// A platform root with a database of its own.
pub(crate) struct Installation {
    pub(crate) root: TempDir,
    name: &'static str,
    server: &'static Server,
}

/// A fresh installation with empty tables; `None` when there is no server program.
pub(crate) fn installation(name: &'static str) -> Option<Installation> {
    let server = SERVER.as_ref()?;
    server
        .try_sql("mysql", &format!("CREATE DATABASE {name}"))
        .unwrap();
    let installation = Installation {
        root: tempfile::tempdir().unwrap(),
        name,
        server,
    };
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.sql");
    installation.sql(&std::fs::read_to_string(schema).unwrap());
    installation.configure("DBUser root\n");
    Some(installation)
}

impl Installation {
    /// Runs statements as the server's administrator.
    pub(crate) fn sql(&self, statements: &str) {
        self.server.try_sql(self.name, statements).unwrap();
    }

    /// From now on the program reads as a user of its own, whose rows the server counts.
    pub(crate) fn count_rows_of(&self, user: &str) {
        self.sql(&format!(
            "CREATE USER {user}@localhost; GRANT SELECT ON {}.* TO {user}@localhost;",
            self.name
        ));
        self.configure(&format!("DBUser {user}\n"));
    }

    /// Rows that the server has read for a user.
    pub(crate) fn rows_read(&self, user: &str) -> u64 {
        let statement = format!(
            "SELECT CAST(COALESCE(MAX(ROWS_READ), 0) AS UNSIGNED) FROM information_schema.USER_STATISTICS WHERE USER = '{user}'"
        );
        number(&self.server.socket, &statement)
    }

    /// Time that the server has worked for a user.
    pub(crate) fn busy_time(&self, user: &str) -> std::time::Duration {
        let statement = format!(
            "SELECT CAST(COALESCE(MAX(BUSY_TIME), 0) * 1000000 AS UNSIGNED) FROM information_schema.USER_STATISTICS WHERE USER = '{user}'"
        );
        std::time::Duration::from_micros(number(&self.server.socket, &statement))
    }

    /// Where the server listens.
    pub(crate) fn socket(&self) -> &Path {
        &self.server.socket
    }

    /// Writes the configuration file; socket and database name are added.
    pub(crate) fn configure(&self, lines: &str) {
        let etc = self.root.path().join("etc");
        std::fs::create_dir_all(etc.join("billmgr.conf.d")).unwrap();
        let socket = self.server.socket.display();
        std::fs::write(
            etc.join("billmgr.conf.d/db.conf"),
            format!("DBName {}\nDBSocket {socket}\n{lines}", self.name),
        )
        .unwrap();
    }

    /// Cuts every connection to this database but the one that does it, and waits until the server has let go.
    pub(crate) fn kill_connections(&self) {
        let theirs = format!("information_schema.PROCESSLIST WHERE DB = '{}'", self.name);
        // One that ends by itself meanwhile is none (error 1094).
        let kill = format!(
            "BEGIN NOT ATOMIC
               DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;
               FOR victim IN (SELECT ID FROM {theirs}) DO
                 KILL victim.ID;
               END FOR;
             END"
        );
        self.server.try_sql("mysql", &kill).unwrap();
        let count = format!("SELECT CAST(COUNT(*) AS UNSIGNED) FROM {theirs}");
        while number(&self.server.socket, &count) > 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
