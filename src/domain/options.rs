//! The options of `etc/billmgr.conf` that this program reads. Each is declared once, here: how it is read, what the
//! doctor says of a wrong value, the README's table and the daemon's help are made from the declaration.

use std::time::Duration;

/// Who replaces certificates inside their paid term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// This program.
    #[default]
    Auto,
    /// The client, who is told.
    Manual,
    /// Nobody.
    None,
}

/// Whether the connection to the database is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DatabaseTls {
    /// Where the server can: over a network at once, on this machine where the server asks for it.
    #[default]
    Prefer,
    /// Never.
    Off,
    /// Always, whoever the server is.
    Require,
    /// Always, and the server proves its name.
    Verify,
}

impl DatabaseTls {
    /// Whether plain text is no way out.
    #[must_use]
    pub fn is_demanded(self) -> bool {
        matches!(self, Self::Require | Self::Verify)
    }
}

/// An option with what it takes.
#[derive(Debug)]
pub struct Known<K> {
    /// Name in the file.
    pub name: &'static str,
    /// What it takes, and what holds where it is not set.
    pub kind: K,
    /// What holds where it is not set, in words for the docs; empty where [`OptionKind::unset`] says it.
    pub default: &'static str,
    /// What it is for, as markdown; empty for what the platform's own pages describe.
    pub meaning: &'static str,
}

/// What an option takes.
pub trait OptionKind: Sync {
    /// What it is to the program.
    type Value;
    /// Reads a value; `None` for what does not fit.
    fn read(&self, text: &str) -> Option<Self::Value>;
    /// What holds where the option is not set or not understood.
    fn unset(&self) -> Self::Value;
    /// The same for people; empty when there is no such value.
    fn default(&self) -> String;
    /// The values that fit.
    fn takes(&self) -> Takes;
}

/// The values that fit an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Takes {
    /// A whole number within limits, both included.
    Number(u32, u32),
    /// A number of seconds above 0, fractions allowed.
    Seconds,
    /// One of these words.
    Words(Vec<&'static str>),
    /// Address of a proxy; may hold credentials.
    Proxy,
    /// A DNS server, or the word that switches looks off.
    Resolver,
    /// The server at which locks are taken.
    LockHost,
    /// An absolute path of a file that is written.
    NewFile,
    /// An absolute path of a program that only root can change.
    Program,
    /// A port.
    Port,
    /// Any text.
    Anything,
}

impl std::fmt::Display for Takes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(least, most) => write!(f, "a number from {least} to {most}"),
            Self::Seconds => f.write_str("a number of seconds above 0"),
            Self::Words(words) => write!(f, "one of {}", words.join(", ")),
            Self::Proxy => f.write_str("the address of a proxy"),
            Self::Resolver => f.write_str("the address of a DNS server"),
            Self::LockHost => f.write_str("a server"),
            Self::NewFile => f.write_str("an absolute path"),
            Self::Program => f.write_str("the absolute path of a program"),
            Self::Port => f.write_str("a port"),
            Self::Anything => f.write_str("a text"),
        }
    }
}

impl<K: OptionKind> Known<K> {
    /// Reads the option. A value that does not fit is a line for the log, and the default holds.
    pub fn read(
        &self,
        option: impl Fn(&str) -> Option<String>,
        complaints: &mut Vec<String>,
    ) -> K::Value {
        let Some(text) = option(self.name) else {
            return self.kind.unset();
        };
        self.kind.read(text.trim()).unwrap_or_else(|| {
            let (name, takes, default) = (self.name, self.kind.takes(), self.default_in_force());
            complaints.push(format!(
                "option {name}: '{text}' is not {takes}; {default} is used"
            ));
            self.kind.unset()
        })
    }

    /// Reads the option where somebody else complains.
    pub fn get(&self, option: impl Fn(&str) -> Option<String>) -> K::Value {
        self.read(option, &mut Vec::new())
    }

    /// Reads the option where nothing may take the place of a value that does not fit.
    ///
    /// # Errors
    /// That value.
    pub fn strictly(&self, option: impl Fn(&str) -> Option<String>) -> Result<K::Value, String> {
        match option(self.name) {
            None => Ok(self.kind.unset()),
            Some(text) => self.kind.read(text.trim()).ok_or(text),
        }
    }

    fn default_in_force(&self) -> String {
        match self.kind.default() {
            default if default.is_empty() => "the default".to_owned(),
            default => default,
        }
    }
}

/// An option, whatever it takes.
pub trait Described: Sync {
    /// Name in the file.
    fn name(&self) -> &'static str;
    /// What it is for, as markdown; empty for what the platform's own pages describe.
    fn meaning(&self) -> &'static str;
    /// What holds where it is not set, as markdown.
    fn default(&self) -> String;
    /// The values that fit.
    fn takes(&self) -> Takes;
    /// Whether the program understands a value.
    fn fits(&self, text: &str) -> bool;
}

impl<K: OptionKind> Described for Known<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn meaning(&self) -> &'static str {
        self.meaning
    }

    fn default(&self) -> String {
        match (self.default, self.kind.default()) {
            ("", own) if own.is_empty() => "none".to_owned(),
            ("", own) => format!("`{own}`"),
            (words, _) => words.to_owned(),
        }
    }

    fn takes(&self) -> Takes {
        self.kind.takes()
    }

    fn fits(&self, text: &str) -> bool {
        self.kind.read(text.trim()).is_some()
    }
}

/// A whole number from the first to the second, or the third where the option is not set.
#[derive(Debug)]
pub struct Whole<N = u32>(pub u32, pub u32, pub N);

/// A number where nothing stands for a rule of its own.
pub type Optional = Whole<Option<u32>>;

impl OptionKind for Whole {
    type Value = u32;

    fn read(&self, text: &str) -> Option<u32> {
        within(text, self.0, self.1)
    }

    fn unset(&self) -> u32 {
        self.2
    }

    fn default(&self) -> String {
        self.2.to_string()
    }

    fn takes(&self) -> Takes {
        Takes::Number(self.0, self.1)
    }
}

impl OptionKind for Optional {
    type Value = Option<u32>;

    fn read(&self, text: &str) -> Option<Option<u32>> {
        within(text, self.0, self.1).map(Some)
    }

    fn unset(&self) -> Option<u32> {
        self.2
    }

    fn default(&self) -> String {
        self.2.map(|number| number.to_string()).unwrap_or_default()
    }

    fn takes(&self) -> Takes {
        Takes::Number(self.0, self.1)
    }
}

fn within(text: &str, least: u32, most: u32) -> Option<u32> {
    let number = text.parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}

/// A length of time, given in seconds; here the one that holds where the option is not set.
#[derive(Debug)]
pub struct Seconds(pub u64);

impl OptionKind for Seconds {
    type Value = Duration;

    fn read(&self, text: &str) -> Option<Duration> {
        /// A day: a longer wait is a slip of the finger.
        const MOST: f64 = 86_400.0;
        let seconds: f64 = text.parse().ok().filter(|seconds| *seconds < MOST)?;
        let length = Duration::try_from_secs_f64(seconds).ok()?;
        (!length.is_zero()).then_some(length)
    }

    fn unset(&self) -> Duration {
        Duration::from_secs(self.0)
    }

    fn default(&self) -> String {
        self.0.to_string()
    }

    fn takes(&self) -> Takes {
        Takes::Seconds
    }
}

/// Words with what they mean; the first holds where the option is not set. Letter case does not count.
#[derive(Debug)]
pub struct Words<T: 'static>(pub (&'static str, T), pub &'static [(&'static str, T)]);

impl<T: Copy + Sync> Words<T> {
    fn all(&self) -> impl Iterator<Item = &(&'static str, T)> {
        std::iter::once(&self.0).chain(self.1)
    }
}

impl<T: Copy + Sync> OptionKind for Words<T> {
    type Value = T;

    fn read(&self, text: &str) -> Option<T> {
        self.all()
            .find(|(word, _)| word.eq_ignore_ascii_case(text))
            .map(|(_, meaning)| *meaning)
    }

    fn unset(&self) -> T {
        self.0.1
    }

    fn default(&self) -> String {
        self.0.0.to_owned()
    }

    fn takes(&self) -> Takes {
        Takes::Words(self.all().map(|(word, _)| *word).collect())
    }
}

/// A text whose meaning is checked where it is used.
#[derive(Debug)]
pub struct Plain(pub Takes);

impl OptionKind for Plain {
    type Value = Option<String>;

    fn read(&self, text: &str) -> Option<Option<String>> {
        Some(Some(text.to_owned()))
    }

    fn unset(&self) -> Option<String> {
        None
    }

    fn default(&self) -> String {
        String::new()
    }

    fn takes(&self) -> Takes {
        self.0.clone()
    }
}

/// Declares options and the list of them.
macro_rules! options {
    ($($(#[$about:meta])* $id:ident: $kind:ty = $name:literal, $takes:expr, $default:literal, $meaning:expr;)*) => {
        $($(#[$about])* pub static $id: Known<$kind> = Known {
            name: $name,
            kind: $takes,
            default: $default,
            meaning: $meaning,
        };)*

        /// All options, in the order of the docs.
        pub static ALL: &[&dyn Described] = &[$(&$id),*];
    };
}

options! {
    /// Whether the platform bills by End date (design, section 5).
    EXPIRE_DATE: Words<bool> = "SSLExpireDate",
        Words(("certificate", false), &[("paid", true)]), "",
        "`paid`: the service's End date is the end of the paid term; `certificate`: the end of its certificate";
    /// Whether Paid till stays empty for terms of up to a year.
    PAID_TILL: Words<bool> = "SSLPaidTill",
        Words(("always", false), &[("multiyear", true)]), "",
        "`always`: Paid till is shown wherever the service is paid for longer than its certificate holds; `multiyear`: it stays empty for services of up to a year";
    /// Seconds that one call of `mgrctl` may take: one that hangs holds its service's lock.
    PLATFORM_LIMIT: Whole = "SSLPlatformLimit", Whole(1, 3600, 60), "",
        "seconds that one call of BILLmanager's `mgrctl` may take";
    /// Seconds for which a write that must not be lost waits for a restarting panel: the platform's own modules
    /// wait for a day.
    PLATFORM_WAIT: Whole = "SSLPlatformWait", Whole(0, 86_400, 300), "",
        "seconds to wait for a restarting BILLmanager before giving up saving an order number";
    /// The server at which all nodes of a cluster take their locks.
    LOCK_HOST: Plain = "SSLLockHost", Plain(Takes::LockHost), "the database's own",
        "the one database server, `host` or `host:port`, at which all nodes take their locks; for clusters, see [operations](docs/operations.md#one-server-for-the-locks-of-all-nodes)";
    /// Whether the connection to the database is encrypted. BILLmanager has no option for it.
    DATABASE_TLS: Words<DatabaseTls> = "SSLDBTls",
        Words(("prefer", DatabaseTls::Prefer), &[("off", DatabaseTls::Off), ("require", DatabaseTls::Require), ("verify", DatabaseTls::Verify)]), "",
        "TLS to the database and to `SSLLockHost`: `prefer` uses it on other hosts where the server can, `require` never goes without, `verify` also checks the server's certificate and name, `off`; a socket needs none. An option of pmssl, not of BILLmanager";
    /// Root certificates for the database.
    DATABASE_CA_FILE: Plain = "SSLDBCaFile", Plain(Takes::Anything), "",
        "PEM file of root certificates trusted beside the built-in ones when `SSLDBTls verify` checks the database's certificate";
    /// Root certificates of the administrator.
    CA_FILE: Plain = "SSLCaFile", Plain(Takes::Anything), "",
        "PEM file of root certificates trusted beside the built-in ones";
    /// The proxy of all requests to vendors.
    PROXY: Plain = "SSLProxy", Plain(Takes::Proxy), "",
        "proxy for calls to vendors, `http` or `https`; the environment's proxy variables are ignored. One that is not understood stops orders: nothing goes past it";
    /// The DNS server that is asked about names and published records.
    RESOLVER: Plain = "SSLResolver", Plain(Takes::Resolver), "those of `/etc/resolv.conf`",
        "the DNS server that is asked about names and published records, `address` or `address:port`; `off` asks nobody";
    /// A whole read call.
    READ_TIMEOUT: Seconds = "SSLReadTimeout", Seconds(60), "",
        "seconds for a call that buys nothing";
    /// A whole paid call: resellers pass orders on to the authority before they answer.
    ORDER_TIMEOUT: Seconds = "SSLOrderTimeout", Seconds(150), "", "seconds for a call that orders";
    /// The first pause before a read is repeated; later ones are longer.
    RETRY_PAUSE: Seconds = "SSLRetryPause", Seconds(1), "",
        "seconds before a call that buys nothing is repeated";
    /// Who replaces certificates.
    POLICY: Words<Policy> = "SSLSubscriptionPolicy",
        Words(("auto", Policy::Auto), &[("manual", Policy::Manual), ("none", Policy::None)]), "",
        "what happens before a certificate inside a paid term ends: `auto` reissues, `manual` tells the client, `none`";
    /// Days before the certificate's end.
    BEFORE: Optional = "SSLSubscriptionBefore", Whole(1, LARGEST_BEFORE as u32, None),
        "10; 14 where the client has to prove the names anew, as long as the term needs no certificate more for it; 21 where the vendor verifies the company anew",
        "days before the certificate's end, 1 to 200; never more than half of what the certificate and its successor live";
    /// Pause between two passes of the daemon.
    DAEMON_INTERVAL: Whole = "SSLDaemonInterval", Whole(1, 86_400, 60), "",
        "seconds between two passes of the daemon";
    /// Requests per second and account.
    DAEMON_RATE: Whole = "SSLDaemonRate", Whole(1, 1000, 5), "",
        "requests that the daemon sends to the vendor for one account within a second";
    /// Services worked on at the same time.
    DAEMON_WORKERS: Whole = "SSLDaemonWorkers", Whole(1, 32, 4), "",
        "services of one module that the daemon works on at the same time";
    /// Ordering calls per account and hour.
    DAEMON_ORDERS: Whole = "SSLDaemonOrders", Whole(1, 100_000, 60), "",
        "ordering calls that the daemon makes for one account within an hour";
    /// File that the daemon writes for Prometheus.
    METRICS_FILE: Plain = "SSLMetricsFile", Plain(Takes::NewFile), "",
        "file that the daemon writes for Prometheus, see [monitoring](docs/monitoring.md)";

    /// Program of the administrator's that hears what the daemon sees.
    HOOK: Plain = "SSLHook", Plain(Takes::Program), "",
        "program that the daemon runs with a JSON event on standard input when a certificate is issued or has expired, an order is refused, a person is needed or a balance is low, see [monitoring](docs/monitoring.md)";

    /// The database's server.
    DB_HOST: Plain = "DBHost", Plain(Takes::Anything), "", "";
    /// Its port, a name of ours.
    DB_PORT: Plain = "DBPort", Plain(Takes::Port), "", "";
    /// Its socket.
    DB_SOCKET: Plain = "DBSocket", Plain(Takes::Anything), "", "";
    /// Name of the database.
    DB_NAME: Plain = "DBName", Plain(Takes::Anything), "", "";
    /// Its user.
    DB_USER: Plain = "DBUser", Plain(Takes::Anything), "", "";
    /// The platform's key file.
    CRYPT_KEY: Plain = "CryptKey", Plain(Takes::Anything), "", "";
    /// File of seconds that the simulated world adds to the clock; ignored in the platform's usual place, so that no
    /// real installation can be shifted. An option and no variable, because a module that a person runs by hand has
    /// a shell's environment.
    CLOCK: Plain = "SSLClock", Plain(Takes::Anything), "", "";
}

/// Largest value of [`BEFORE`].
pub const LARGEST_BEFORE: u16 = 200;

#[cfg(test)]
mod tests;
