//! Locks on a real Galera cluster: two nodes on addresses of their own of this machine, with directories of their
//! own, started and ended here.
//!
//! Takes half a minute, therefore `.ci/proof` runs it. Needs the packages `mariadb-server`, `galera-4` and `rsync`; as
//! root the nodes run as the user that the first one brings, because rsync gives up root's rights.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use pmssl::domain::ItemId;
use pmssl::failure::Reason;
use pmssl::platform::Platform;
use pmssl::platform::billmanager::BillManager;
use tempfile::TempDir;

use super::block;
use super::server::{answers, kept, program, try_sql};

/// Where packages put the library.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib64/galera-4/libgalera_smm.so",
    "/usr/lib64/galera/libgalera_smm.so",
    "/usr/lib/libgalera_smm.so",
];

/// Every port that a node listens at, on its own address.
const PORTS: [u16; 4] = [3306, 4444, 4567, 4568];

const ITEM: ItemId = ItemId(7);
const LOGIN: &str = "3";

struct Node {
    address: Ipv4Addr,
    directory: PathBuf,
    // Its stdin keeps the server alive.
    _keeper: Child,
}

impl Node {
    fn sql(&self, statements: &str) {
        try_sql(&self.directory.join("s"), "billmgr", statements).unwrap();
    }
}

/// Two addresses of this machine at which nobody listens.
fn addresses() -> [Ipv4Addr; 2] {
    let pid = std::process::id().to_be_bytes();
    for third in 0..=u8::MAX {
        let pair = [1, 2].map(|last| Ipv4Addr::new(127, pid[3].max(1), third ^ pid[2], last));
        let is_free = |address: &Ipv4Addr| {
            let mut ports = PORTS.iter();
            ports.all(|port| TcpListener::bind((*address, *port)).is_ok())
        };
        if pair.iter().all(is_free) {
            return pair;
        }
    }
    panic!("no free loopback addresses");
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// Starts a node; the first one makes the cluster.
fn node(address: Ipv4Addr, first: Option<Ipv4Addr>, library: &str) -> Option<Node> {
    let (daemon, installer) = (program("mariadbd")?, program("mariadb-install-db")?);
    let directory = tempfile::Builder::new().prefix("pmssl-node-").tempdir();
    let directory = directory.unwrap().keep();
    let is_root = std::fs::metadata(&directory).unwrap().uid() == 0;
    let user = is_root.then_some("--user=mysql");
    if is_root {
        run(Command::new("chown").arg("mysql").arg(&directory));
    }
    let data = format!("--datadir={}", directory.join("data").display());
    run(Command::new(installer)
        .args(["--no-defaults", &data, "--skip-test-db"])
        .arg("--auth-root-authentication-method=normal")
        .args(user));
    let place = |name: &str, file: &str| format!("--{name}={}", directory.join(file).display());
    let others = first.map(|first| first.to_string()).unwrap_or_default();
    let mut command = kept(&directory, &daemon);
    command
        .args(["--no-defaults", &data])
        .args(user)
        .args([place("socket", "s"), place("pid-file", "pid")])
        .arg(format!("--bind-address={address}"))
        .args(["--skip-name-resolve", "--binlog-format=ROW"])
        .args(["--innodb-autoinc-lock-mode=2", "--innodb-buffer-pool-size=32M"])
        .args(["--wsrep-on=ON", "--wsrep-cluster-name=pmssl"])
        .arg(format!("--wsrep-provider={library}"))
        .args(["--wsrep-sst-method=rsync"])
        .arg(format!("--wsrep-node-address={address}"))
        .arg(format!("--wsrep-cluster-address=gcomm://{others}"))
        .arg(format!(
            "--wsrep-provider-options=gmcast.listen_addr=tcp://{address}:4567;ist.recv_addr={address}:4568;gcache.size=16M"
        ));
    if first.is_none() {
        command.arg("--wsrep-new-cluster");
    }
    let keeper = command.spawn().unwrap();
    answers(&directory);
    Some(Node {
        address,
        directory,
        _keeper: keeper,
    })
}

fn cluster() -> Option<[Node; 2]> {
    let library = LIBRARIES.into_iter().find(|file| Path::new(file).exists());
    let started = library
        .filter(|_| program("rsync").is_some())
        .and_then(|library| {
            let [one, two] = addresses();
            let first = node(one, None, library)?;
            let second = node(two, Some(one), library)?;
            Some([first, second])
        });
    if started.is_none() {
        assert_ne!(
            std::env::var("PMSSL_REQUIRE_GALERA").as_deref(),
            Ok("1"),
            "PMSSL_REQUIRE_GALERA is set, but mariadb-server, galera-4 or rsync is missing"
        );
        eprintln!("skipped: mariadb-server, galera-4 or rsync is missing on this machine");
    }
    started
}

/// A platform root on a node.
fn root(node: &Node, lock_host: Option<Ipv4Addr>) -> (TempDir, BillManager) {
    let root = tempfile::tempdir().unwrap();
    let etc = root.path().join("etc");
    std::fs::create_dir(&etc).unwrap();
    let socket = node.directory.join("s");
    let option = lock_host.map(|host| format!("SSLLockHost {host}\n"));
    let text = format!(
        "DBName billmgr\nDBUser pmssl\nDBPassword secret\nDBSocket {}\n{}",
        socket.display(),
        option.unwrap_or_default()
    );
    std::fs::write(etc.join("billmgr.conf"), text).unwrap();
    let module = pmssl::module::by_name("pmglobalsign").unwrap();
    let platform = BillManager::new(root.path().to_owned(), module);
    (root, platform)
}

#[test]
#[ignore = "two nodes of a cluster take half a minute to start: .ci/proof"]
fn nodes_of_a_cluster_exclude_each_other_only_at_one_server_for_locks() {
    let Some(nodes) = cluster() else {
        return;
    };
    let [first, second] = &nodes;
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema.sql");
    let prepare = "CREATE DATABASE billmgr; CREATE USER pmssl@'%' IDENTIFIED BY 'secret'; \
        GRANT ALL ON billmgr.* TO pmssl@'%';";
    try_sql(&first.directory.join("s"), "mysql", prepare).unwrap();
    first.sql(&std::fs::read_to_string(schema).unwrap());

    // Each node for itself: both have the lock, and neither may order by it.
    let ((_a, one), (_b, two)) = (root(first, None), root(second, None));
    block(async {
        for platform in [&one, &two] {
            platform.lock(ITEM, Duration::ZERO).await.unwrap();
            for asked in [
                platform.locks_hold(ITEM, None).await,
                platform.examine_locks().await,
            ] {
                let failure = asked.unwrap_err();
                assert_eq!(failure.reason(), Reason::LocksDoNotHold);
                let words = failure.words();
                assert!(
                    words.starts_with("it is a node of a Galera cluster"),
                    "{words}"
                );
            }
        }
        for platform in [&one, &two] {
            platform.unlock(ITEM).await.unwrap();
        }
    });

    // One server for the locks of both.
    let host = Some(first.address);
    let ((_a, one), (_b, two)) = (root(first, host), root(second, host));
    block(async {
        for platform in [&one, &two] {
            platform.examine_locks().await.unwrap();
        }
        one.lock(ITEM, Duration::ZERO).await.unwrap();
        assert!(one.lock_login(LOGIN, Duration::ZERO).await.unwrap());
        one.locks_hold(ITEM, None).await.unwrap();
        one.locks_hold(ITEM, Some(LOGIN)).await.unwrap();
        let failure = two.lock(ITEM, Duration::ZERO).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::Busy);
        assert!(!two.lock_login(LOGIN, Duration::ZERO).await.unwrap());
        // The server cuts the one connection, then the other.
        for key in ["7", "login-3"] {
            first.sql(&format!(
                "BEGIN NOT ATOMIC DECLARE victim INT DEFAULT IS_USED_LOCK('pmssl/billmgr/{key}'); KILL victim; END"
            ));
        }
        assert!(!one.holds_lock(ITEM).await.unwrap());
        assert!(!one.holds_login_lock(LOGIN).await.unwrap());
        let wait = Duration::from_secs(10);
        two.lock(ITEM, wait).await.unwrap();
        assert!(two.lock_login(LOGIN, wait).await.unwrap());
        two.locks_hold(ITEM, Some(LOGIN)).await.unwrap();
        assert!(one.lock(ITEM, Duration::ZERO).await.is_err());
    });

    // Each names itself: the mark of the first one's order tells the second.
    let ((_a, one), (_b, two)) = (root(first, host), root(second, Some(second.address)));
    block(async {
        let place = one.place_of_locks(None).await.unwrap().unwrap();
        first.sql(&format!(
            "INSERT INTO itemparam (id, item, intname, value) VALUES (1, 8, 'pmssl_fresh', '1-1-0 at {place}')"
        ));
        one.place_of_locks(None).await.unwrap();
        let failure = two.place_of_locks(None).await.unwrap_err();
        assert_eq!(failure.reason(), Reason::LocksDoNotHold);
        assert!(failure.words().contains(&place), "{}", failure.words());
        assert!(two.examine_locks().await.is_err());
        assert!(two.locks_hold(ITEM, None).await.is_err());
    });
}
