//! The platform's database behind the MySQL protocol, with faults.
//!
//! Listens on a unix socket and on a loopback port. One thread serves one connection.

mod age;
pub mod engine;
pub mod locks;
mod packet;
mod session;
mod variables;

use std::collections::HashMap;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rsa::rand_core::{OsRng, RngCore};
use rusqlite::types::Value;

pub use self::age::Age;
use self::engine::{Answer, Engine};
use self::packet::Refusal;
pub use self::variables::Cluster;
use self::variables::ServerSetup;
use super::lock;
use super::vendor::Home;
use super::watch::{Effect, Watch};

/// Name of the database.
pub const DATABASE: &str = "billmgr";
/// The only user.
pub const USER: &str = "billmgr";

const SCHEMA: &str = include_str!("../../schema.sql");

/// A running database. Dropping it cuts all connections.
pub struct Database {
    shared: Arc<Shared>,
    socket: PathBuf,
}

struct Shared {
    engine: Engine,
    password: String,
    faults: Mutex<Faults>,
    connections: Mutex<HashMap<u32, Line>>,
    numbers: AtomicU32,
    over: AtomicBool,
    statements: Mutex<Vec<String>>,
    /// Preparations and executions so far: what [`Database::cut_after`] counts.
    admitted: AtomicU32,
    age: Mutex<Age>,
    watch: Arc<Watch>,
    address: SocketAddr,
}

#[derive(Default)]
struct Faults {
    down: bool,
    cut: Option<(u32, u32)>,
    slow: Duration,
    setup: ServerSetup,
    /// Statements so far that a proxy has given to its connections in turn.
    shared_out: u32,
}

/// The handle with which a connection can be cut from outside.
enum Line {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Line {
    fn cut(&self) {
        // Already gone is as good as cut.
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        };
    }
}

impl Database {
    /// Starts with empty tables.
    pub fn start(socket: &Path, home: &Home, password: &str, watch: &Arc<Watch>) -> Self {
        let _ = std::fs::remove_file(socket);
        let unix = UnixListener::bind(socket).expect("the database's socket");
        let tcp = TcpListener::bind(home.any_port()).expect("the database's port");
        let address = tcp.local_addr().expect("the database's address");
        let shared = Arc::new(Shared {
            engine: Engine::new(SCHEMA).expect("the platform's tables"),
            password: password.to_owned(),
            faults: Mutex::default(),
            connections: Mutex::default(),
            numbers: AtomicU32::new(1),
            over: AtomicBool::new(false),
            statements: Mutex::default(),
            admitted: AtomicU32::new(0),
            age: Mutex::default(),
            watch: Arc::clone(watch),
            address,
        });
        let for_unix = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in unix.incoming().map_while(Result::ok) {
                let Ok(line) = stream.try_clone() else {
                    continue;
                };
                if !for_unix.admit_connection(Line::Unix(line), stream) {
                    return;
                }
            }
        });
        let for_tcp = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in tcp.incoming().map_while(Result::ok) {
                let Ok(line) = stream.try_clone() else {
                    continue;
                };
                let _ = stream.set_nodelay(true);
                if !for_tcp.admit_connection(Line::Tcp(line), stream) {
                    return;
                }
            }
        });
        Self {
            shared,
            socket: socket.to_owned(),
        }
    }

    /// The unix socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The loopback address.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Password of the only user.
    pub fn password(&self) -> &str {
        &self.shared.password
    }

    /// SQL, locks and tables.
    pub fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    /// Statements that clients sent, in their order.
    pub fn statements(&self) -> Vec<String> {
        lock(&self.shared.statements).clone()
    }

    /// Statements that came so far, preparations and executions apiece.
    pub fn admitted(&self) -> u32 {
        self.shared.admitted.load(Ordering::SeqCst)
    }

    /// From now on a server of this age.
    pub fn set_age(&self, age: Age) {
        *lock(&self.shared.age) = age;
        self.engine().set_version(age.version());
        self.engine().locks.set_single(age.has_one_lock());
    }

    /// Number of connections that are open now.
    pub fn connections(&self) -> usize {
        lock(&self.shared.connections).len()
    }

    /// Fault: nobody gets in, and who is in is cut off.
    pub fn set_down(&self, down: bool) {
        lock(&self.shared.faults).down = down;
        if down {
            self.cut_all();
        }
    }

    /// Fault: after `after` more statements (prepare and execute count apiece) the next `times` statements
    /// cut their connection instead of being run.
    pub fn cut_after(&self, after: u32, times: u32) {
        lock(&self.shared.faults).cut = Some((after, times));
    }

    /// Fault: every statement takes this much longer.
    pub fn set_slow(&self, pause: Duration) {
        lock(&self.shared.faults).slow = pause;
    }

    /// Fault: writing statements are refused.
    pub fn set_read_only(&self, read_only: bool) {
        lock(&self.shared.faults).setup.read_only = read_only;
    }

    /// Fault: the server says that it is one of several that are written to.
    pub fn set_cluster(&self, cluster: Option<Cluster>) {
        lock(&self.shared.faults).setup.cluster = cluster;
    }

    /// Fault: a proxy gives each statement to the next of its own few connections.
    pub fn set_multiplexed(&self, multiplexed: bool) {
        lock(&self.shared.faults).setup.multiplexed = multiplexed;
    }

    /// Fault: somebody holds every lock whose name contains `part`.
    pub fn hold_lock(&self, part: &str) {
        self.engine().locks.keep(part);
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        *lock(&self.shared.faults) = Faults::default();
        self.engine().locks.unkeep();
        for number in variables::POOL {
            self.engine().locks.forget(number);
        }
    }

    /// Cuts all connections; their locks are released.
    pub fn cut_all(&self) {
        for line in lock(&self.shared.connections).values() {
            line.cut();
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        self.cut_all();
        // Wakes the two listeners so that they see the end.
        let _ = UnixStream::connect(&self.socket);
        let _ = TcpStream::connect(self.shared.address);
    }
}

impl Shared {
    fn admit_connection<S>(self: &Arc<Self>, line: Line, stream: S) -> bool
    where
        S: std::io::Read + std::io::Write + Send + 'static,
    {
        if self.over.load(Ordering::SeqCst) {
            return false;
        }
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        {
            let faults = lock(&self.faults);
            if faults.down {
                line.cut();
                return true;
            }
            lock(&self.connections).insert(number, line);
        }
        let shared = Arc::clone(self);
        std::thread::spawn(move || {
            // A client that goes away in the middle is everyday life.
            let _ = session::serve(&shared, number, stream);
            shared.engine.locks.forget(number);
            if let Some(line) = lock(&shared.connections).remove(&number) {
                line.cut();
            }
        });
        true
    }

    /// Lets a statement pass, slowly if so wished; `false` cuts the connection.
    fn admit(&self) -> bool {
        self.admitted.fetch_add(1, Ordering::SeqCst);
        let mut faults = lock(&self.faults);
        if let Some((after, times)) = faults.cut.as_mut() {
            if *after > 0 {
                *after -= 1;
            } else if *times > 0 {
                *times -= 1;
                return false;
            }
        }
        let pause = faults.slow;
        drop(faults);
        std::thread::sleep(pause);
        true
    }

    fn run(&self, number: u32, sql: &str, values: &[Value]) -> Result<Answer, Refusal> {
        self.watch.began(Effect::Statement, Duration::ZERO);
        lock(&self.statements).push(sql.to_owned());
        let (setup, number) = {
            let mut faults = lock(&self.faults);
            let number = if faults.setup.multiplexed {
                faults.shared_out += 1;
                let pool = variables::POOL;
                pool.start + faults.shared_out % (pool.end - pool.start)
            } else {
                number
            };
            (faults.setup, number)
        };
        self.watch.before(first_line(sql));
        let answer = if variables::asks(sql) {
            Ok(setup.answer(sql, *lock(&self.age), self.address))
        } else {
            self.engine.run(number, sql, values, setup.read_only)
        };
        self.watch.after(first_line(sql));
        self.watch.ended(Effect::Statement);
        answer
    }
}

fn first_line(sql: &str) -> &str {
    sql.lines().next().unwrap_or_default()
}

/// Twenty printable random bytes.
fn nonce() -> [u8; 20] {
    let mut bytes = [0; 20];
    OsRng.fill_bytes(&mut bytes);
    bytes.map(|byte| b'!' + byte % 90)
}
