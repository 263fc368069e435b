//! What a command may spend, in calls instead of time: every statement once, one connection for all reads of a
//! vendor, no run of mgrctl too many.

use std::collections::{BTreeMap, BTreeSet};

use crate::sandbox::sample::plain_product;
use crate::sandbox::{ItemSpec, World};
use pmssl::platform::billmanager::statements;

/// mgrctl runs of a successful `open` of the platform vendor's own module for TheSSLStore (billmanager.md 3.3): six
/// numbers, two statuses, one ending. Four more are allowed (design, section 8).
const OWN_MODULE: usize = 9;

/// Statements that a command may send more than once: the lock is looked at around the paid call, and
/// where purchases are made one at a time the account has a lock like the service's, on a connection of its own.
const REPEATED: [&str; 4] = [
    statements::LOCK_VARIABLES,
    statements::TAKE_LOCK,
    statements::OWNS_LOCK,
    statements::RELEASE_LOCK,
];

/// How a connection begins: the account's lock has one of its own (older servers keep one lock for each).
const GREETING: &str = "SET ";

struct Shop {
    _directory: tempfile::TempDir,
    world: World,
    module: &'static str,
    account: u64,
}

/// What a command has sent.
struct Spent {
    statements: Vec<String>,
    functions: usize,
    /// Requests of each connection.
    connections: BTreeMap<u64, usize>,
}

impl Shop {
    fn open(module: &'static str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        Self {
            _directory: directory,
            world,
            module,
            account,
        }
    }

    fn item(&self) -> u64 {
        let product = plain_product(self.module);
        self.world
            .add_item(&ItemSpec::new(self.account, product).name("www.example.com"))
    }

    fn spent(&self, command: impl FnOnce(&World)) -> Spent {
        let statements = self.world.database().statements().len();
        let functions = self.world.mgrctl_calls().len();
        let server = self.world.vendor(self.module);
        server.forget_requests();
        command(&self.world);
        let mut connections = BTreeMap::new();
        for request in server.requests() {
            *connections.entry(request.connection).or_default() += 1;
        }
        Spent {
            statements: self.world.database().statements().split_off(statements),
            functions: self.world.mgrctl_calls().len() - functions,
            connections,
        }
    }

    /// Runs a queued command that must succeed.
    fn perform(&self, item: u64, command: &str) -> Spent {
        self.spent(|world| {
            let outcome = world.perform(item, command);
            assert!(outcome.is_ok(), "{}: {}", self.module, outcome.stdout);
        })
    }

    fn sync(&self, item: u64) -> Spent {
        self.spent(|world| {
            let outcome = world.sync(item);
            assert!(outcome.is_ok(), "{}: {}", self.module, outcome.stdout);
        })
    }
}

/// A command that orders or saves a certificate reads the service anew once the database shows its mark, an ordering one
/// right before the paid call, too (design, law 5).
const FRESH: [&str; 4] = [
    statements::SERVICE,
    statements::ITEM_PARAMETERS,
    statements::CERTIFICATE,
    statements::ADDONS,
];

fn assert_no_statement_twice(case: &str, spent: &Spent) {
    let is_fresh = ["open", "prolong", "reopen", "delivers"]
        .iter()
        .any(|command| case.ends_with(command));
    let mut seen = BTreeSet::new();
    for statement in &spent.statements {
        let first = seen.insert(statement.as_str());
        assert!(
            first
                || REPEATED.contains(&statement.as_str())
                || statement.starts_with(GREETING)
                || (is_fresh && FRESH.contains(&statement.as_str())),
            "{case}: sent twice: {statement}"
        );
    }
}

#[test]
fn no_command_sends_a_statement_twice() {
    for module in crate::modules() {
        let shop = Shop::open(module);
        let item = shop.item();
        for (command, spent) in [
            ("open", shop.perform(item, "open")),
            ("sync_item", shop.sync(item)),
            ("suspend", shop.perform(item, "suspend")),
        ] {
            assert_no_statement_twice(&format!("{module} {command}"), &spent);
        }
        shop.world.approve(item);
        assert_no_statement_twice(&format!("{module} delivers"), &shop.sync(item));
    }
}

#[test]
fn the_reads_of_a_command_share_one_connection() {
    for module in crate::modules() {
        let shop = Shop::open(module);
        let item = shop.item();
        let spent = shop.perform(item, "open");
        let shared = spent.connections.values().filter(|requests| **requests > 1);
        assert!(shared.count() <= 1, "{module}: {:?}", spent.connections);
        shop.world.approve(item);
        let spent = shop.sync(item);
        assert!(!spent.connections.is_empty(), "{module}");
    }
    let shop = Shop::open("pmthesslstore");
    let item = shop.item();
    let spent = shop.perform(item, "open");
    assert_eq!(
        spent.connections.len(),
        2,
        "one for the reads, one for the paid call: {:?}",
        spent.connections
    );
    shop.world.approve(item);
    assert_eq!(shop.sync(item).connections.len(), 1);
}

#[test]
fn a_vendor_is_reached_only_where_something_is_asked() {
    let shop = Shop::open("pmthesslstore");
    let item = shop.item();
    shop.perform(item, "open");
    for command in ["suspend", "resume", "setparam"] {
        let spent = shop.perform(item, command);
        assert!(spent.connections.is_empty(), "{command}");
        assert_eq!(spent.functions, 1, "{command} only closes its operation");
    }
}

#[test]
fn mgrctl_runs_stay_within_the_budget() {
    let shop = Shop::open("pmthesslstore");
    let item = shop.item();
    let spent = shop.perform(item, "open");
    assert!(
        spent.functions <= OWN_MODULE + 4,
        "{} runs of mgrctl",
        spent.functions
    );
    // The first look keeps what the ordering operation did not wait for: the order's own pair.
    assert_eq!(shop.sync(item).functions, 2);
    assert_eq!(shop.sync(item).functions, 0, "nothing new, nothing written");
}
