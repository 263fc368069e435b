//! The whole world: a platform root with its database, panel and queue, and the vendors.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rsa::RsaPrivateKey;
use rusqlite::params;
use rusqlite::types::Value;

use super::buyers::{self, Purchases};
use super::clock::{self, WorldClock};
use super::control::Control;
use super::database::{DATABASE, Database, USER};
use super::layout::Layout;
use super::platform::{Balance, Call, Panel, Problem};
use super::vendor::enom::Enom;
use super::vendor::globalsign::GlobalSign;
use super::vendor::ispmanager::Ispmanager;
use super::vendor::leadertelecom::LeaderTelecom;
use super::vendor::server::Moment;
use super::vendor::thesslstore::TheSslStore;
use super::vendor::{Home, Vendor, VendorServer};
use super::watch::{Effect, Watch};
use super::{binaries, catalogue, lock, mgrctl};

/// How a world is made.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The product's binary.
    pub pmssl: PathBuf,
    /// Size of the platform's key in bits.
    pub key_bits: usize,
    /// Password of the database.
    pub password: String,
    /// The world's first moment.
    pub begin: DateTime<Utc>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            pmssl: binaries::pmssl(),
            key_bits: 1024,
            password: "db-password-S3cret".to_owned(),
            begin: clock::begin(),
        }
    }
}

/// A running world. Dropping it ends everything; the directory stays.
pub struct World {
    core: Arc<Core>,
    control: Control,
}

/// What the world consists of; the control interface shares it.
pub struct Core {
    home: Arc<Home>,
    layout: Layout,
    database: Arc<Database>,
    panel: Arc<Panel>,
    clock: WorldClock,
    vendors: BTreeMap<&'static str, Arc<VendorServer>>,
    state: Mutex<WorldState>,
    printed: Mutex<Vec<String>>,
    expected: Mutex<Vec<&'static str>>,
    copies: Mutex<Vec<World>>,
    purchases: Mutex<Purchases>,
    watch: Arc<Watch>,
    _mgrctl: mgrctl::Server,
}

#[derive(Default)]
struct WorldState {
    last_operation: u64,
    queued: BTreeMap<u64, Vec<String>>,
    environment: BTreeMap<String, String>,
    running: BTreeSet<u32>,
    /// Roots of further nodes.
    nodes: Vec<Layout>,
    /// Databases that are remembered.
    databases: usize,
    /// Orders that other programs have made for services of this platform.
    elsewhere: BTreeSet<String>,
}

impl World {
    /// Starts a world in a directory with the product's own binary.
    pub fn start(directory: &Path) -> Self {
        Self::start_with(directory, &Setup::default())
    }

    /// Starts a world in a directory.
    pub fn start_with(directory: &Path, setup: &Setup) -> Self {
        let layout = Layout::new(directory);
        let home = Arc::new(Home::new());
        let watch: Arc<Watch> = Arc::default();
        layout.lay(&setup.pmssl, &binaries::mgrctl());
        let ahead = setup.begin - Utc::now();
        WorldClock::new(layout.clock()).advance(ahead.num_seconds());
        let vendors = vendors()
            .into_iter()
            .map(|vendor| {
                let server = VendorServer::start_at(vendor, &home);
                server.vendor().clock().set_offset(ahead);
                let watch = Arc::clone(&watch);
                server.observe(move |moment, call| match moment {
                    Moment::Before => {
                        watch.began(Effect::Call, Duration::ZERO);
                        watch.before_sent(call)
                    }
                    Moment::After => {
                        watch.after(call);
                        watch.ended(Effect::Call);
                        true
                    }
                });
                (server.vendor().name(), Arc::new(server))
            })
            .collect();
        let key = platform_key(setup.key_bits);
        let world = Self::furnish(layout, home, watch, vendors, &setup.password, key);
        catalogue::fill(&world.database);
        world
    }

    /// Another installation that knows the same vendors: an empty database, a panel, a control interface.
    pub(super) fn furnish(
        layout: Layout,
        home: Arc<Home>,
        watch: Arc<Watch>,
        vendors: BTreeMap<&'static str, Arc<VendorServer>>,
        password: &str,
        key: RsaPrivateKey,
    ) -> Self {
        let socket = layout.database_socket();
        let database = Arc::new(Database::start(&socket, &home, password, &watch));
        let place = format!("DBHost localhost\nDBSocket {}", socket.display());
        layout.write_database_settings(&place, USER, password, DATABASE);
        layout.write_key(&key);
        let panel = Arc::new(Panel::new(Arc::clone(&database), layout.clone(), key));
        let core = Arc::new(Core {
            home,
            _mgrctl: mgrctl::Server::start(&layout.mgrctl_socket(), Arc::clone(&panel), &watch),
            clock: WorldClock::new(layout.clock()),
            layout,
            database,
            panel,
            vendors,
            state: Mutex::default(),
            printed: Mutex::default(),
            expected: Mutex::default(),
            copies: Mutex::default(),
            purchases: Mutex::default(),
            watch,
        });
        buyers::watch(&core);
        let control = Control::start(Arc::clone(&core));
        std::fs::write(core.layout.control(), control.url()).expect("the control address");
        Self { core, control }
    }

    /// The control interface.
    pub fn control(&self) -> &Control {
        &self.control
    }
}

impl Deref for World {
    type Target = Core;

    fn deref(&self) -> &Core {
        &self.core
    }
}

impl Core {
    /// The platform root, absolute.
    pub fn root(&self) -> &Path {
        self.layout.root()
    }

    /// The loopback address of everything that listens here.
    pub fn home(&self) -> &Arc<Home> {
        &self.home
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Effect boundaries of the product.
    pub fn watch(&self) -> &Arc<Watch> {
        &self.watch
    }

    pub fn panel(&self) -> &Panel {
        &self.panel
    }

    /// A vendor by its short name (the module's name without `pm`, or the module's name). Panics when it is
    /// not simulated.
    pub fn vendor(&self, name: &str) -> &VendorServer {
        self.find_vendor(name)
            .unwrap_or_else(|| panic!("no vendor {name}"))
    }

    pub fn find_vendor(&self, name: &str) -> Option<&VendorServer> {
        let found = self.vendors.get(name);
        let found = found.or_else(|| self.vendors.get(name.strip_prefix("pm")?));
        found.map(Arc::as_ref)
    }

    pub fn vendors(&self) -> &BTreeMap<&'static str, Arc<VendorServer>> {
        &self.vendors
    }

    pub fn clock(&self) -> &WorldClock {
        &self.clock
    }

    /// Moves the time of the platform, the product and all vendors. What the program has left on the disk grows older
    /// by as much: files are stamped by the machine's clock, which nobody can move.
    pub fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
        self.layout.age(seconds);
        for node in &lock(&self.state).nodes {
            node.age(seconds);
        }
        for server in self.vendors.values() {
            server.vendor().clock().advance(TimeDelta::seconds(seconds));
        }
    }

    /// Sets a variable in the environment of all later runs of modules.
    pub fn set_environment(&self, name: &str, value: &str) {
        let mut state = lock(&self.state);
        state.environment.insert(name.to_owned(), value.to_owned());
    }

    /// What the product bought, as far as its commands could be asked for.
    pub fn purchases(&self) -> &Mutex<Purchases> {
        &self.purchases
    }

    /// The root of this installation, and those of its further nodes.
    pub(super) fn roots(&self) -> Vec<PathBuf> {
        let state = lock(&self.state);
        let nodes = state.nodes.iter().map(|node| node.root().to_owned());
        std::iter::once(self.root().to_owned())
            .chain(nodes)
            .collect()
    }

    pub(super) fn expected(&self) -> &Mutex<Vec<&'static str>> {
        &self.expected
    }

    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        lock(&self.state).environment.clone()
    }

    /// Fault: the program `mgrctl` is not there; `false` brings it back.
    pub fn set_mgrctl_missing(&self, missing: bool) {
        let (place, aside) = (self.layout.mgrctl(), self.layout.mgrctl_aside());
        let (from, to) = if missing {
            (place, aside)
        } else {
            (aside, place)
        };
        std::fs::rename(from, to).expect("the link to mgrctl");
    }

    /// Modules reach the database through its port instead of its socket.
    pub fn use_database_port(&self) {
        let address = self.database.address();
        self.layout.write_database_settings(
            &format!("DBHost {address}"),
            USER,
            self.database.password(),
            DATABASE,
        );
    }

    /// A further database server, as those that are named for locks: same login, other locks, no services.
    pub fn another_database(&self, directory: &Path) -> Database {
        let socket = directory.join("mysql.sock");
        Database::start(&socket, &self.home, self.database.password(), &self.watch)
    }

    /// Kills every module that the world runs at this moment.
    pub fn kill_running(&self) {
        for process in lock(&self.state).running.iter() {
            self.layout.kill_module(*process);
        }
    }

    /// Starts a module; whoever kills the running ones meanwhile waits until it is on the list.
    pub(super) fn spawn(&self, command: &mut Command) -> Child {
        let mut state = lock(&self.state);
        let child = command.spawn().expect("the module");
        state.running.insert(child.id());
        child
    }

    /// All that modules printed.
    pub(super) fn printed(&self) -> &Mutex<Vec<String>> {
        &self.printed
    }

    pub(super) fn note_end(&self, process: u32) {
        lock(&self.state).running.remove(&process);
    }

    /// A second root of the same installation, as on a node that takes over: same database, panel, key and
    /// clock; logs and spool of its own.
    pub fn add_node(&self, directory: &Path) -> Layout {
        let node = Layout::new(directory);
        let module = self.layout.module(super::layout::MODULES[0]);
        let pmssl = module.canonicalize().expect("the product");
        node.lay(&pmssl, &binaries::mgrctl());
        node.join(&self.layout);
        lock(&self.state).nodes.push(node.clone());
        node
    }

    /// Adds or replaces an option of `etc/billmgr.conf`.
    pub fn set_option(&self, name: &str, value: &str) {
        self.layout.set_option(name, value);
    }

    /// All accounts.
    pub fn accounts(&self) -> Vec<u64> {
        self.database.engine().with(|connection| {
            connection
                .prepare("SELECT id FROM processingmodule ORDER BY id")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
    }

    /// Module of an account. Panics when there is none.
    pub fn module_of_account(&self, account: u64) -> String {
        self.text("SELECT module FROM processingmodule WHERE id = ?", account)
    }

    /// Module that serves an item. Panics when there is none.
    pub fn module_of_item(&self, item: u64) -> String {
        self.find_module_of_item(item)
            .unwrap_or_else(|| panic!("nothing serves item {item}"))
    }

    /// Module that serves an item, if any does.
    pub fn find_module_of_item(&self, item: u64) -> Option<String> {
        let sql = "SELECT processingmodule.module FROM item \
             JOIN processingmodule ON processingmodule.id = item.processingmodule WHERE item.id = ?";
        match self.panel.find(sql, params![item]) {
            Some(Value::Text(module)) => Some(module),
            _ => None,
        }
    }

    pub fn problems(&self) -> Vec<Problem> {
        self.panel.problems()
    }

    pub fn balances(&self) -> Vec<Balance> {
        self.panel.balances()
    }

    pub fn mgrctl_calls(&self) -> Vec<Call> {
        self.panel.calls()
    }

    /// The log file of a module, empty when there is none.
    pub fn log(&self, module: &str) -> String {
        let bytes = std::fs::read(self.layout.log(module)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(super) fn last_operation(&self) -> u64 {
        lock(&self.state).last_operation
    }

    /// Numbers of operations are never used twice, as with a counting column.
    pub(super) fn set_last_operation(&self, next: u64) {
        lock(&self.state).last_operation = next;
    }

    /// A number for a remembered database.
    pub(super) fn next_database(&self) -> usize {
        let mut state = lock(&self.state);
        state.databases += 1;
        state.databases
    }

    /// Orders of this platform's services that another program has made: no invented ones.
    pub(super) fn elsewhere(&self) -> BTreeSet<String> {
        lock(&self.state).elsewhere.clone()
    }

    /// A copy lives as long as this world.
    pub(super) fn keep(&self, copy: World) {
        lock(&self.copies).push(copy);
    }

    pub(super) fn note_elsewhere(&self, order: &str) {
        lock(&self.state).elsewhere.insert(order.to_owned());
    }

    pub(super) fn note_queued(&self, item: u64, command: &str) {
        let mut state = lock(&self.state);
        let commands = state.queued.entry(item).or_default();
        commands.push(command.to_owned());
    }

    /// Commands that were ever queued for an item.
    pub fn queued(&self, item: u64) -> Vec<String> {
        lock(&self.state)
            .queued
            .get(&item)
            .cloned()
            .unwrap_or_default()
    }

    fn text(&self, sql: &str, id: u64) -> String {
        match self.panel.find(sql, params![id]) {
            Some(Value::Text(text)) => text,
            _ => panic!("nothing with number {id}: {sql}"),
        }
    }
}

/// The vendors that are simulated, one for each module.
fn vendors() -> [Arc<dyn Vendor>; super::layout::MODULES.len()] {
    [
        Arc::new(TheSslStore::new()),
        Arc::new(GlobalSign::new()),
        Arc::new(Enom::new()),
        Arc::new(Ispmanager::new()),
        Arc::new(LeaderTelecom::new()),
    ]
}

/// Making a key takes long; all worlds of a process share one.
fn platform_key(bits: usize) -> RsaPrivateKey {
    static KEYS: OnceLock<Mutex<BTreeMap<usize, RsaPrivateKey>>> = OnceLock::new();
    let mut keys = lock(KEYS.get_or_init(Mutex::default));
    keys.entry(bits)
        .or_insert_with(|| {
            RsaPrivateKey::new(&mut rsa::rand_core::OsRng, bits).expect("the platform's key")
        })
        .clone()
}
