//! The real process is killed with SIGKILL at every effect boundary in turn and run again as the platform
//! would do it. The vendor's books must show one sale per intent, and every service must come to its end.
//! The boundaries are found by a recording run: new code is covered by itself.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::sandbox::vendor::Approval;
use crate::sandbox::{ItemSpec, World};

/// A module with a product that its vendor validates in this way.
struct Kind {
    module: &'static str,
    template: &'static str,
    method: &'static str,
    /// The product takes further names.
    multidomain: bool,
}

const STORE: Kind = Kind {
    module: "pmthesslstore",
    template: "positivemdcssl",
    method: "auth_cname",
    multidomain: true,
};

const ENOM: Kind = Kind {
    module: "pmenomssl",
    template: "Certificate-RapidSSL-RapidSSL",
    method: "",
    multidomain: false,
};

/// The platform runs a failed operation again, up to ten times.
const TRIES: usize = 10;

/// Between two tries; more than the time after which the vendor's books count as proof.
const BETWEEN_TRIES: i64 = 16 * 60;

/// A platform command, with what must have happened before and what must hold in the end.
struct Case {
    kind: &'static Kind,
    command: &'static str,
    /// Brings a new service to where the command makes sense.
    prepare: fn(&World, u64),
    /// Queues the platform's operation; none for commands that the platform runs without one.
    queue: fn(&World, u64) -> Option<u64>,
    /// Paid sales for the service's name in the end.
    sales: usize,
    /// Checks the service in the end.
    end: fn(&World, u64),
}

struct Scene {
    directory: tempfile::TempDir,
    world: World,
    kind: &'static Kind,
    account: u64,
}

impl Scene {
    fn new(kind: &'static Kind) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let world = World::start(directory.path());
        world.set_option("SSLPlatformWait", "2");
        world.vendor(kind.module).vendor().set_balance(100_000_000);
        let account = world.add_account(kind.module, &[]);
        Self {
            directory,
            world,
            kind,
            account,
        }
    }

    fn item(&self, number: usize) -> u64 {
        let mut spec =
            ItemSpec::new(self.account, self.kind.template).name(&format!("k{number}.example.com"));
        if self.kind.multidomain {
            spec = spec.with_names(&[&format!("w{number}.example.com")]);
        }
        self.kind.method.clone_into(&mut spec.approver_method);
        self.world.add_item(&spec)
    }

    /// Runs the command once; killed at the given boundary. Answers the boundaries that were passed.
    fn run_once(&self, arguments: &[String], kill_at: Option<usize>) -> Vec<String> {
        let watch = self.world.watch();
        watch.begin(kill_at);
        let mut child = self
            .world
            .module_command(self.kind.module)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        loop {
            if watch.struck() {
                child.kill().unwrap();
                child.wait().unwrap();
                watch.confirm();
                watch.quiet();
                break;
            }
            if child.try_wait().unwrap().is_some() {
                break;
            }
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "{arguments:?} does not end"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        watch.end()
    }

    /// Runs the command as the platform does: killed once, then tried until it is done.
    fn run_with_death(&self, case: &Case, item: u64, kill_at: Option<usize>) -> Vec<String> {
        let id = item.to_string();
        let mut arguments: Vec<String> = ["--command", case.command, "--item", &id]
            .map(str::to_owned)
            .to_vec();
        let Some(operation) = (case.queue)(&self.world, item) else {
            let seen = self.run_once(&arguments, kill_at);
            assert!(self.world.sync(item).is_ok());
            return seen;
        };
        arguments.extend(["--runningoperation".to_owned(), operation.to_string()]);
        let seen = self.run_once(&arguments, kill_at);
        for _ in 0..TRIES {
            let Some(found) = self.world.operation(operation) else {
                return seen;
            };
            self.world.advance(BETWEEN_TRIES);
            if found.manual {
                // A person reads the task and presses "restart".
                let told = self
                    .world
                    .tasks()
                    .iter()
                    .any(|task| task.operation == operation);
                assert!(
                    told && !found.errorxml.is_empty(),
                    "manual without a task that says why"
                );
                self.world.retry(operation);
            }
            self.world.run(operation);
        }
        panic!(
            "{} does not end after death at {kill_at:?}: {:?}",
            case.command,
            self.world.item(item)
        );
    }

    fn sales(&self, number: usize) -> usize {
        let vendor = self.world.vendor(self.kind.module).vendor();
        let name = format!("k{number}.example.com");
        let orders: Vec<String> = vendor
            .orders()
            .into_iter()
            .filter(|order| order.common_name == name)
            .map(|order| order.id)
            .collect();
        vendor
            .sales()
            .iter()
            .filter(|sale| sale.is_paid() && orders.contains(&sale.order))
            .count()
    }
}

fn order_of(world: &World, item: u64) -> String {
    let module = pmssl::module::by_name(&world.module_of_item(item)).unwrap();
    world
        .item(item)
        .parameter(module.order_parameter)
        .to_owned()
}

fn open(world: &World, item: u64) {
    let outcome = world.perform(item, "open");
    assert!(outcome.is_ok(), "{}", outcome.stdout);
}

fn approve(world: &World, item: u64) {
    world
        .vendor(&world.module_of_item(item))
        .vendor()
        .approve(&order_of(world, item), &Approval::All)
        .unwrap();
}

fn issue(world: &World, item: u64) {
    open(world, item);
    approve(world, item);
    assert!(world.sync(item).is_ok());
    assert_eq!(world.item(item).service_status, Some(5));
}

/// The order lives: its certificate comes, is proved and saved.
fn comes_to_its_certificate(world: &World, item: u64) {
    approve(world, item);
    let outcome = world.sync(item);
    let view = world.item(item);
    assert!(outcome.is_ok(), "{}", outcome.stdout);
    assert_eq!(view.service_status, Some(5), "{view:?}");
    assert!(view.certificate.is_some());
}

/// Kills the command at every boundary and prints how many there were.
fn kill_everywhere(case: &Case) {
    let scene = Scene::new(case.kind);
    let recorded = scene.item(0);
    (case.prepare)(&scene.world, recorded);
    let places = scene.run_with_death(case, recorded, None);
    assert!(
        places.len() > 10,
        "{} passed {} boundaries only",
        case.command,
        places.len()
    );
    (case.end)(&scene.world, recorded);
    for (kill_at, place) in places.iter().enumerate() {
        let number = kill_at + 1;
        let item = scene.item(number);
        (case.prepare)(&scene.world, item);
        scene.run_with_death(case, item, Some(kill_at));
        assert_eq!(
            scene.sales(number),
            case.sales,
            "{} killed at {kill_at}: {place}",
            case.command
        );
        (case.end)(&scene.world, item);
        assert_eq!(
            scene.sales(number),
            case.sales,
            "{} killed at {kill_at}: {place}",
            case.command
        );
    }
    let books = scene.world.reconcile();
    assert!(books.is_sound(), "{books:?}");
    assert!(scene.world.operations().is_empty());
    let spool = scene.directory.path().join("var/pmssl/spool");
    let left = std::fs::read_dir(spool)
        .map(|entries| entries.count())
        .unwrap_or(0);
    assert_eq!(left, 0, "spooled orders are left");
    eprintln!(
        "{} of {}: killed at {} points",
        case.command,
        case.kind.module,
        places.len()
    );
}

fn with_approval(world: &World, item: u64) {
    open(world, item);
    approve(world, item);
}

fn is_issued(world: &World, item: u64) {
    let view = world.item(item);
    assert_eq!(view.service_status, Some(5));
    assert!(view.parameter("pmssl_intent").contains("|issued|"));
}

#[test]
fn open_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &STORE,
        command: "open",
        prepare: |_, _| (),
        queue: |world, item| Some(world.queue(item, "open")),
        sales: 1,
        end: comes_to_its_certificate,
    });
}

#[test]
fn prolong_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &STORE,
        command: "prolong",
        prepare: issue,
        queue: |world, item| Some(world.queue(item, "prolong")),
        sales: 2,
        end: comes_to_its_certificate,
    });
}

#[test]
fn reopen_is_killed_at_every_boundary() {
    // The client hands in a CSR of a new key.
    let queue = |world: &World, item: u64| {
        let names = world.item(item).parameter("altname").to_owned();
        Some(world.reissue(item, None, &[&names]))
    };
    kill_everywhere(&Case {
        kind: &STORE,
        command: "reopen",
        prepare: issue,
        queue,
        sales: 1,
        end: comes_to_its_certificate,
    });
}

#[test]
fn sync_item_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &STORE,
        command: "sync_item",
        prepare: with_approval,
        queue: |_, _| None,
        sales: 1,
        end: is_issued,
    });
}

#[test]
fn close_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &STORE,
        command: "close",
        prepare: issue,
        queue: |world, item| Some(world.queue(item, "close")),
        sales: 1,
        end: |_, _| (),
    });
}

/// Three steps: the slot is bought, configured and submitted (enom.md 1).
#[test]
fn open_of_enom_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &ENOM,
        command: "open",
        prepare: |_, _| (),
        queue: |world, item| Some(world.queue(item, "open")),
        sales: 1,
        end: comes_to_its_certificate,
    });
}

/// A renewal is a new purchase, inside the window before the end of the term only.
#[test]
fn prolong_of_enom_is_killed_at_every_boundary() {
    fn issue_old(world: &World, item: u64) {
        let vendor = world.vendor(ENOM.module).vendor();
        vendor.set_switch("backdate_days", "300").unwrap();
        issue(world, item);
        vendor.set_switch("backdate_days", "0").unwrap();
    }
    kill_everywhere(&Case {
        kind: &ENOM,
        command: "prolong",
        prepare: issue_old,
        queue: |world, item| Some(world.queue(item, "prolong")),
        sales: 2,
        end: comes_to_its_certificate,
    });
}

#[test]
fn sync_item_of_enom_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &ENOM,
        command: "sync_item",
        prepare: with_approval,
        queue: |_, _| None,
        sales: 1,
        end: is_issued,
    });
}

#[test]
fn close_of_enom_is_killed_at_every_boundary() {
    kill_everywhere(&Case {
        kind: &ENOM,
        command: "close",
        prepare: open,
        queue: |world, item| Some(world.queue(item, "close")),
        sales: 1,
        end: |_, _| (),
    });
}
