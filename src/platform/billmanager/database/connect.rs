//! How a connection comes about: in plain text or encrypted, as `SSLDBTls` says.

use std::io;

use secrecy::ExposeSecret;
use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlSslMode};
use tokio::time::timeout;

use super::super::settings::Place;
use super::{Broken, CONNECT_LIMIT, Database, Purpose};
use crate::domain::options::{self, DatabaseTls};
use crate::domain::text::Words;
use crate::regular;

/// Why a first try brought no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hurdle {
    /// The same login may be welcome over TLS.
    WantsTls,
    /// The server and this program find no common TLS, or the server does not prove itself.
    NoTls,
    /// Something else.
    Other,
}

impl Hurdle {
    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Tls(_) => Self::NoTls,
            // A handshake that fails comes as data that are not valid.
            sqlx::Error::Io(why) if why.kind() == io::ErrorKind::InvalidData => Self::NoTls,
            error if wants_tls(error) => Self::WantsTls,
            _ => Self::Other,
        }
    }
}

/// What is tried first. On this machine TLS protects nothing and costs a handshake of 40 ms and more with every
/// command. A socket never leaves the machine, whatever is demanded; an address of this machine may lead elsewhere
/// through a tunnel, so that there a demand holds.
fn first(tls: DatabaseTls, place: &Place) -> MySqlSslMode {
    match (tls, place) {
        (DatabaseTls::Off, _) | (_, Place::Socket(_)) => MySqlSslMode::Disabled,
        (DatabaseTls::Require, _) => MySqlSslMode::Required,
        (DatabaseTls::Verify, _) => MySqlSslMode::VerifyIdentity,
        (DatabaseTls::Prefer, place) if place.is_local() => MySqlSslMode::Disabled,
        (DatabaseTls::Prefer, _) => MySqlSslMode::Preferred,
    }
}

/// What is tried after that, if anything. Where TLS is demanded there is no second way.
fn second(tls: DatabaseTls, place: &Place, hurdle: Hurdle) -> Option<MySqlSslMode> {
    let is_socket = matches!(place, Place::Socket(_));
    if tls == DatabaseTls::Off || tls.is_demanded() && !is_socket {
        return None;
    }
    match (place.is_local(), hurdle) {
        (true, Hurdle::WantsTls) => Some(MySqlSslMode::Required),
        // Servers of the age of MySQL 5.6 speak TLS versions that nobody speaks any more. The
        // preferred mode does not verify the server, so that nothing is given away here.
        (false, Hurdle::NoTls) => Some(MySqlSslMode::Disabled),
        _ => None,
    }
}

impl Database {
    /// Opens a connection.
    pub(super) async fn connect(&self) -> Result<MySqlConnection, Broken> {
        let (tls, place) = (self.settings.tls, &self.settings.place);
        let error = match self.try_connect(first(tls, place)).await {
            Err(Broken::Statement(error)) => error,
            outcome => return outcome,
        };
        let Some(mode) = second(tls, place, Hurdle::of(&error)) else {
            return Err(self.about(error));
        };
        if matches!(mode, MySqlSslMode::Disabled) {
            crate::log!(
                Database,
                Warning,
                "the database at {place} cannot be reached with TLS ({error}): connecting without"
            );
        }
        match self.try_connect(mode).await {
            // A server without TLS: the first answer is the one that matters.
            Err(Broken::Statement(sqlx::Error::Tls(_))) => Err(self.about(error)),
            Err(Broken::Statement(later)) => Err(self.about(later)),
            outcome => outcome,
        }
    }

    /// What stood in the way, with the server's place or the option that it is about.
    fn about(&self, error: sqlx::Error) -> Broken {
        let place = &self.settings.place;
        let secure = match &error {
            sqlx::Error::Tls(why) => Some(why.to_string()),
            // What is wrong with a certificate or a handshake comes as data that are not valid.
            sqlx::Error::Io(why) if why.kind() == io::ErrorKind::InvalidData => {
                Some(why.to_string())
            }
            _ => None,
        };
        match (secure, error) {
            (Some(why), _) if self.settings.tls.is_demanded() => {
                let option = options::DATABASE_TLS.name;
                Broken::Connection(words!(
                    "{option} demands TLS, and no such connection to {place} can be made: {why}",
                    "{option} требует TLS, а такое соединение с {place} не устанавливается: {why}"
                ))
            }
            (None, sqlx::Error::Io(error)) => Broken::Connection(unreached(place, &error)),
            (_, error) => Broken::Statement(error),
        }
    }

    async fn try_connect(&self, mode: MySqlSslMode) -> Result<MySqlConnection, Broken> {
        let settings = &self.settings;
        let mut options = MySqlConnectOptions::new()
            .username(&settings.user)
            .ssl_mode(mode)
            // The session stays as the panel has it: no modes, no time zone of ours (crates.md, Q5, trap 2).
            .pipes_as_concat(false)
            .no_engine_substitution(false)
            .timezone(None)
            .disable_statement_logging();
        options = match &settings.place {
            Place::Socket(path) => options.socket(path),
            Place::Host(host, port) => options.host(host).port(*port),
        };
        if self.purpose != Purpose::Locks {
            options = options.database(&settings.name);
        }
        if !settings.password.expose_secret().is_empty() {
            options = options.password(settings.password.expose_secret());
        }
        if matches!(mode, MySqlSslMode::VerifyIdentity)
            && let Some(file) = &settings.ca_file
        {
            let pem = regular::read(file, regular::ROOTS).map_err(|error| {
                let (option, file) = (options::DATABASE_CA_FILE.name, file.display());
                let why = regular::told(&error);
                Broken::Connection(words!(
                    "{option} {file} cannot be read: {why}",
                    "не удалось прочитать {option} {file}: {why}"; why
                ))
            })?;
            options = options.ssl_ca_from_pem(pem);
        }
        match timeout(CONNECT_LIMIT, options.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Broken::Statement(error)),
            Err(_) => Err(Broken::Connection(words!(
                "no answer from {} within {} s",
                "нет ответа от {} за {} с",
                settings.place,
                CONNECT_LIMIT.as_secs()
            ))),
        }
    }
}

/// A server that is not there, with its place: the system's words name neither.
fn unreached(place: &Place, error: &io::Error) -> Words {
    let why = regular::told(error);
    match place {
        // The standard library has no kind for it.
        Place::Host(host, _) if error.to_string().contains("lookup address") => {
            words!(
                "the database's host '{host}' is not known: no address is found for this name",
                "узел базы данных '{host}' неизвестен: для этого имени не найден адрес"
            )
        }
        place => words!(
            "no connection to the database server at {place}: {why}",
            "нет соединения с сервером базы данных на {place}: {why}"; why
        ),
    }
}

/// Whether the same login may be welcome over TLS: MySQL 8 wants its password encrypted (crates.md, Q5,
/// trap 1), a server or a user may insist on TLS; the latter looks like a wrong password.
fn wants_tls(error: &sqlx::Error) -> bool {
    const DENIED: u16 = 1045;
    const SECURE_TRANSPORT_REQUIRED: u16 = 3159;
    match error {
        sqlx::Error::Database(refusal) => refusal
            .try_downcast_ref::<MySqlDatabaseError>()
            .is_some_and(|refusal| [DENIED, SECURE_TRANSPORT_REQUIRED].contains(&refusal.number())),
        other => other.to_string().contains("RSA auth backend"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::failure::Language;

    fn places() -> [Place; 3] {
        let host = |host: &str| Place::Host(host.to_owned(), 3306);
        [
            Place::Socket(PathBuf::from("/s")),
            host("127.0.0.1"),
            host("db.example.com"),
        ]
    }

    /// Socket, this machine, another one: first try, and the second one after each hurdle.
    #[test]
    fn plain_text_is_no_way_out_where_tls_is_demanded() {
        use DatabaseTls::{Off, Prefer, Require, Verify};
        let none = [None, None];
        let local = [Some("Required"), None];
        let cases = [
            (Prefer, 0, "Disabled", local),
            (Prefer, 1, "Disabled", local),
            (Prefer, 2, "Preferred", [None, Some("Disabled")]),
            (Off, 0, "Disabled", none),
            (Off, 1, "Disabled", none),
            (Off, 2, "Disabled", none),
            (Require, 0, "Disabled", local),
            (Require, 1, "Required", none),
            (Require, 2, "Required", none),
            (Verify, 0, "Disabled", local),
            (Verify, 1, "VerifyIdentity", none),
            (Verify, 2, "VerifyIdentity", none),
        ];
        for (tls, place, expected, then) in cases {
            let place = &places()[place];
            let shown = |mode: MySqlSslMode| format!("{mode:?}");
            assert_eq!(shown(first(tls, place)), expected, "{tls:?} {place}");
            for (hurdle, mode) in [Hurdle::WantsTls, Hurdle::NoTls].into_iter().zip(then) {
                let found = second(tls, place, hurdle).map(shown);
                assert_eq!(found.as_deref(), mode, "{tls:?} {place} {hurdle:?}");
            }
            assert!(second(tls, place, Hurdle::Other).is_none());
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_named() {
        let [socket, _, host] = places();
        let unknown =
            io::Error::other("failed to lookup address information: Name or service not known");
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        for (place, error, words) in [
            (&host, &unknown, "'db.example.com'"),
            (&host, &refused, "db.example.com:3306"),
            (&socket, &missing, "/s"),
        ] {
            let told = unreached(place, error);
            for language in [Language::English, Language::Russian] {
                assert!(told.get(language).contains(words), "{told:?}");
            }
        }
    }
}
