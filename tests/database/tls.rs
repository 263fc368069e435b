//! TLS to a real MariaDB with a certificate of its own: wished for, demanded, verified.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::atomic::{AtomicU16, Ordering};

use pmssl::failure::{Failure, Reason};
use pmssl::platform::Platform;
use pmssl::platform::billmanager::BillManager;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use super::block;
use super::server::{answers, install, kept, programs, try_sql};

/// A server at a port of this machine, whose certificate is for `localhost`.
struct Server {
    directory: PathBuf,
    port: u16,
    // Its stdin keeps the server alive.
    _keeper: Child,
}

/// A port that nobody listens at, below those that the kernel gives to connections of its own choice.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let mut ports = (0..100).map(|_| base + NEXT.fetch_add(1, Ordering::Relaxed));
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    ports.find(is_free).expect("a free port")
}

impl Server {
    /// `None` where there is no server program.
    fn start(has_tls: bool) -> Option<Self> {
        let (daemon, installer) = programs()?;
        let directory = tempfile::Builder::new().prefix("pmssl-tls-").tempdir();
        let directory = directory.unwrap().keep();
        let data = install(&installer, &directory);
        let port = free_port();
        let place = |name: &str, file: &str| format!("--{name}={}", directory.join(file).display());
        let mut command = kept(&directory, &daemon);
        command
            .args(["--no-defaults", &data, "--user=root", "--skip-log-bin"])
            .args(["--bind-address=127.0.0.1", "--skip-name-resolve"])
            .arg(format!("--port={port}"))
            .args([place("socket", "s"), place("pid-file", "pid")])
            .arg("--innodb-buffer-pool-size=32M");
        if has_tls {
            write_certificates(&directory);
            command
                .arg(place("ssl-ca", "ca.pem"))
                .arg(place("ssl-cert", "cert.pem"))
                .arg(place("ssl-key", "key.pem"));
        } else {
            command.arg("--skip-ssl");
        }
        let server = Self {
            _keeper: command.spawn().unwrap(),
            directory,
            port,
        };
        answers(&server.directory);
        let prepare = "CREATE DATABASE billmgr; CREATE USER pmssl@'%' IDENTIFIED BY 'secret'; \
            GRANT SELECT ON billmgr.* TO pmssl@'%';";
        server.sql("mysql", prepare);
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.sql");
        server.sql("billmgr", &fs::read_to_string(schema).unwrap());
        server.sql(
            "billmgr",
            "INSERT INTO country (id, iso2, name_ru) VALUES (1, 'DE', '');",
        );
        Some(server)
    }

    fn sql(&self, database: &str, statements: &str) {
        try_sql(&self.directory.join("s"), database, statements).unwrap();
    }

    /// Reads through the program, with this host and these options.
    fn read(&self, host: &str, lines: &str) -> Result<(), Failure> {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("etc")).unwrap();
        let text = format!(
            "DBHost {host}:{}\nDBName billmgr\nDBUser pmssl\nDBPassword secret\n{lines}",
            self.port
        );
        fs::write(root.path().join("etc/billmgr.conf"), text).unwrap();
        let module = pmssl::module::by_name("pmglobalsign").unwrap();
        let platform = BillManager::new(root.path().to_owned(), module);
        let country = block(platform.country(1))?;
        assert_eq!(country.as_deref(), Some("DE"));
        Ok(())
    }

    /// The same where it is refused: the words for the administrator.
    fn refuses(&self, host: &str, lines: &str) -> String {
        let failure = self.read(host, lines).unwrap_err();
        assert_eq!(failure.reason(), Reason::Database, "{failure}");
        failure.words()
    }
}

fn write_certificates(directory: &Path) {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters
        .distinguished_name
        .push(DnType::CommonName, "the test's authority");
    let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    let certificate = parameters.signed_by(&key, &authority).unwrap();
    for (name, text) in [
        ("ca.pem", authority.pem()),
        ("cert.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
    ] {
        fs::write(directory.join(name), text).unwrap();
    }
}

#[test]
fn tls_is_demanded_and_the_server_verified_by_chain_and_name() {
    let Some(server) = Server::start(true) else {
        return;
    };
    let ca = format!(
        "SSLDBCaFile {}\n",
        server.directory.join("ca.pem").display()
    );
    // On this machine plain text is enough, until the server insists.
    server.read("localhost", "").unwrap();
    server.read("localhost", "SSLDBTls off\n").unwrap();
    server.sql("mysql", "ALTER USER pmssl@'%' REQUIRE SSL;");
    server.read("localhost", "").unwrap();
    let words = server.refuses("localhost", "SSLDBTls off\n");
    assert!(words.contains("Access denied"), "{words}");
    for host in ["localhost", "127.0.0.1"] {
        server.read(host, "SSLDBTls require\n").unwrap();
    }
    server
        .read("localhost", &format!("SSLDBTls verify\n{ca}"))
        .unwrap();
    for (host, lines) in [
        // Nobody knows its authority.
        ("localhost", "SSLDBTls verify\n".to_owned()),
        // It is another one's certificate.
        ("127.0.0.1", format!("SSLDBTls verify\n{ca}")),
    ] {
        let words = server.refuses(host, &lines);
        assert!(words.contains("SSLDBTls demands TLS"), "{host}: {words}");
    }
    let words = server.refuses("localhost", "SSLDBTls verify\nSSLDBCaFile /nowhere.pem\n");
    assert!(words.contains("SSLDBCaFile /nowhere.pem"), "{words}");
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_demanded() {
    let Some(server) = Server::start(false) else {
        return;
    };
    server.read("localhost", "").unwrap();
    for word in ["require", "verify"] {
        let words = server.refuses("localhost", &format!("SSLDBTls {word}\n"));
        assert!(words.contains("SSLDBTls demands TLS"), "{word}: {words}");
    }
}
