//! Options of the installation: `etc/billmgr.conf` and `etc/billmgr.conf.d/*.conf` (billmanager.md 1.1,
//! 6.1), and the platform's own list of options where the files do not name a database.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;

use crate::domain::options::{self, DatabaseTls, Known, Whole};
use crate::failure::{Failure, Reason};
use crate::regular;
use crate::work::looked_at;
use crate::xml::Element;

/// Configuration file, relative to the platform's root.
const MAIN_FILE: &str = "etc/billmgr.conf";

/// Directory of further configuration files, relative to the platform's root.
const FURTHER_FILES: &str = "etc/billmgr.conf.d";

/// Where servers on this machine put their socket (billmanager.md 6.1); a third place is `mysql.sock` in
/// the directory for temporary files.
const KNOWN_SOCKETS: [&str; 2] = ["/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock"];

/// Port of MySQL and MariaDB.
pub(super) const DEFAULT_PORT: u16 = 3306;

/// The word that may stand before an option's name.
const OPTION_WORD: &str = "Option";

/// Option names with their values, as they stand.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<String, String>);

/// Names only: a value may be the database password.
impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Options {
    /// Reads the configuration files below a platform root: first `billmgr.conf`, then the files of
    /// `billmgr.conf.d` by name; a later value replaces an earlier one (inferred). Missing files are no
    /// error, unreadable ones are a warning.
    #[must_use]
    pub fn from_files(root: &Path) -> Self {
        let mut options = Self::default();
        for file in std::iter::once(root.join(MAIN_FILE)).chain(further_files(root)) {
            match regular::read(&file, regular::SETTINGS) {
                Ok(bytes) => options.add(&String::from_utf8_lossy(&bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    crate::log!(Platform, Warning, "{} is not read: {error}", file.display());
                }
            }
        }
        options
    }

    /// Reads the reply of `paramlist`: each `elem` has one child named like the option (billmanager.md 5.3).
    pub(crate) fn from_reply(reply: &Element) -> Self {
        let options = reply
            .children
            .iter()
            .filter(|child| child.name == "elem")
            .filter_map(|elem| elem.children.first())
            .map(|option| (option.name.clone(), option.text.trim().to_owned()))
            .collect();
        Self(options)
    }

    /// The options of one text, for hostile input.
    #[cfg(any(test, fuzzing))]
    pub(super) fn of_text(text: &str) -> Self {
        let mut options = Self::default();
        options.add(text);
        options
    }

    /// Adds the lines of one file: the first blank ends the name, the trimmed rest is the value, a line
    /// that begins with `#` is a comment. A password may hold anything, `#` and blanks included.
    fn add(&mut self, text: &str) {
        for line in text.lines() {
            looked_at(line.len() + 1);
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = split_line(line);
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    /// An option; `None` when it is absent or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether the options say anything about the database. Where they do not, the platform is asked.
    #[must_use]
    pub fn name_a_database(&self) -> bool {
        [
            options::DB_NAME.name,
            options::DB_USER.name,
            "DBPassword",
            options::DB_HOST.name,
            options::DB_SOCKET.name,
        ]
        .iter()
        .any(|name| self.get(name).is_some())
    }

    /// How long a write that must not be lost waits for a restarting panel.
    #[must_use]
    pub fn platform_wait(&self) -> Duration {
        self.seconds(&options::PLATFORM_WAIT)
    }

    /// Longest run of one call of the platform's client program.
    #[must_use]
    pub fn platform_limit(&self) -> Duration {
        self.seconds(&options::PLATFORM_LIMIT)
    }

    /// A number of seconds; a wrong one is a warning and the default.
    fn seconds(&self, known: &Known<Whole>) -> Duration {
        let mut complaints = Vec::new();
        let seconds = known.read(|name| self.get(name).map(str::to_owned), &mut complaints);
        for complaint in complaints {
            crate::log!(Platform, Warning, "{complaint}");
        }
        Duration::from_secs(seconds.into())
    }

    /// The platform's key file (`CryptKey`).
    #[must_use]
    pub fn key_file(&self, root: &Path) -> PathBuf {
        root.join(
            self.get(options::CRYPT_KEY.name)
                .unwrap_or("etc/billmgr.pem"),
        )
    }
}

impl super::BillManager {
    /// An option of the files; where they do not name it, of the platform's own list (billmanager.md 13), which costs
    /// a call.
    ///
    /// # Errors
    /// The platform cannot be asked.
    pub fn ask_option(&self, name: &str) -> Result<Option<String>, Failure> {
        let found = match self.files().get(name) {
            Some(own) => Some(own),
            None => self.listed()?.get(name),
        };
        Ok(found.map(str::to_owned))
    }
}

/// Name and value of a line. The product's pages print the word `Option` before the names of the reissue policy;
/// whether it belongs there is open, so both forms are understood (billmanager.md 13).
#[must_use]
pub fn split_line(line: &str) -> (&str, &str) {
    let cut = |line: &str| line.find(char::is_whitespace).unwrap_or(line.len());
    let (name, value) = line.split_at(cut(line));
    let value = value.trim();
    if name == OPTION_WORD && !value.is_empty() {
        let (name, value) = value.split_at(cut(value));
        return (name, value.trim());
    }
    (name, value)
}

fn further_files(root: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(root.join(FURTHER_FILES)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "conf")
        })
        .collect();
    files.sort();
    files
}

/// Where the platform's database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A unix socket.
    Socket(PathBuf),
    /// A host and port.
    Host(String, u16),
}

impl Place {
    /// Whether the database is on this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Host(host, _) => {
                host == "localhost"
                    || host
                        .parse::<std::net::IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Socket(path) => write!(f, "{}", path.display()),
            Self::Host(host, port) => write!(f, "{host}:{port}"),
        }
    }
}

/// How to reach the platform's database (billmanager.md 6.1).
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// Socket or host.
    pub place: Place,
    /// User.
    pub user: String,
    /// Password, may be empty.
    pub password: SecretString,
    /// Name of the database.
    pub name: String,
    /// Whether the connection is encrypted.
    pub tls: DatabaseTls,
    /// Root certificates beside the built-in ones.
    pub ca_file: Option<PathBuf>,
}

impl DatabaseSettings {
    /// Reads the settings with their defaults.
    ///
    /// # Errors
    /// `Database` naming the option when host or port make no sense: a wrong guess could be another
    /// database.
    pub fn from_options(options: &Options) -> Result<Self, Failure> {
        let temporary = std::env::temp_dir().join("mysql.sock");
        let sockets = KNOWN_SOCKETS
            .iter()
            .map(PathBuf::from)
            .chain([temporary])
            .collect::<Vec<_>>();
        Self::with_sockets(options, &sockets)
    }

    fn with_sockets(options: &Options, known: &[PathBuf]) -> Result<Self, Failure> {
        let text = |name: &str, default: &str| options.get(name).unwrap_or(default).to_owned();
        Ok(Self {
            place: place(options, known)?,
            user: text(options::DB_USER.name, "root"),
            password: SecretString::from(text("DBPassword", "")),
            name: text(options::DB_NAME.name, "billmgr"),
            tls: DatabaseTls::default(),
            ca_file: None,
        })
    }

    /// The same with what the files say about TLS. A word that is none stops everything: the default could be plain
    /// text where TLS was meant.
    ///
    /// # Errors
    /// `Database` naming the option.
    pub fn secured_by(self, files: &Options, root: &Path) -> Result<Self, Failure> {
        let option = |name: &str| files.get(name).map(str::to_owned);
        let tls = options::DATABASE_TLS
            .strictly(option)
            .map_err(|value| bad_option(options::DATABASE_TLS.name, &value))?;
        let ca_file = options::DATABASE_CA_FILE.get(option);
        Ok(Self {
            tls,
            ca_file: ca_file.map(|file| root.join(file)),
            ..self
        })
    }
}

/// A socket when one is configured; for the bare name `localhost` the first known socket that exists;
/// otherwise host and port. The port comes from `host:port` or from `DBPort` (inferred: a name of ours).
fn place(options: &Options, known: &[PathBuf]) -> Result<Place, Failure> {
    if let Some(socket) = options.get(options::DB_SOCKET.name) {
        return Ok(Place::Socket(PathBuf::from(socket)));
    }
    let text = options.get(options::DB_HOST.name).unwrap_or("localhost");
    let (host, port) = split_host(text).ok_or_else(|| bad_option(options::DB_HOST.name, text))?;
    let port = match (port, options.get(options::DB_PORT.name)) {
        (Some(port), _) => Some(port),
        (None, Some(text)) => {
            Some(port_number(text).ok_or_else(|| bad_option(options::DB_PORT.name, text))?)
        }
        (None, None) => None,
    };
    if host == "localhost"
        && port.is_none()
        && let Some(socket) = known.iter().find(|socket| socket.exists())
    {
        return Ok(Place::Socket(socket.clone()));
    }
    Ok(Place::Host(host.to_owned(), port.unwrap_or(DEFAULT_PORT)))
}

fn bad_option(name: &str, value: &str) -> Failure {
    Failure::new(Reason::Database).detail(words!(
        "option {name} has an invalid value '{value}'",
        "у параметра {name} недопустимое значение '{value}'"
    ))
}

/// Splits `host`, `host:port`, `::1` and `[::1]:port`.
pub(super) fn split_host(text: &str) -> Option<(&str, Option<u16>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port_number(port)?))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => {
            (!host.is_empty()).then_some((host, Some(port_number(port)?)))
        }
        _ => Some((text, None)),
    }
}

fn port_number(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

#[cfg(test)]
mod tests;
