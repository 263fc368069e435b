//! Every fault of the vendor's line at every call of every command, as a recording run finds them. Afterwards the
//! platform runs the operation again as it would, and there must be one sale per intent, and a certificate or a
//! task that says why there is none.

use crate::sandbox;
use crate::scene;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::sandbox::queue::TRIES;
use crate::sandbox::vendor::Fault;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemView, World, lock};
use crate::scene::{MODULE, ORDER, Scene};

/// Worlds beside each other: most of the time is spent waiting for silent vendors.
const WORLDS: usize = 6;

/// Longer than an order may take to appear in the vendor's look-ups.
const PAUSE: i64 = 16 * 60;

/// A read call is repeated inside the command; this many faults in a row are felt outside.
const FELT: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Command {
    Open,
    Prolong,
    Reopen,
    Sync,
    Close,
}

const COMMANDS: [Command; 5] = [
    Command::Open,
    Command::Prolong,
    Command::Reopen,
    Command::Sync,
    Command::Close,
];

/// One fault at one call.
#[derive(Debug, Clone)]
struct Case {
    command: Command,
    call: String,
    /// How many calls of that name go through first.
    skip: u32,
    fault: Fault,
}

/// A service that is ready for its command.
struct Staged {
    item: u64,
    /// `None`: `sync_item`, which the platform does not queue.
    operation: Option<u64>,
    before: ItemView,
    /// Paid sales and reissues of its name before the command.
    sold: (usize, usize),
}

/// A world and what it has ready for the next case.
struct Place {
    scene: Scene,
    /// A service with a certificate, for commands that leave one behind.
    issued: Option<u64>,
    cases: usize,
}

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// The platform's own tries were enough.
    ByItself,
    /// A task was made; a person's restart was enough.
    AfterRestart,
}

impl Place {
    fn new() -> Self {
        Self::of(Scene::new())
    }

    fn of(scene: Scene) -> Self {
        scene.vendor().vendor().set_balance(100_000_000);
        scene.vendor().set_drip_pause(Duration::from_millis(10));
        Self {
            scene,
            issued: None,
            cases: 0,
        }
    }

    fn stage(&mut self, command: Command) -> Staged {
        self.cases += 1;
        let world = &self.scene.world;
        let spec = self
            .scene
            .spec()
            .name(&format!("case{}.example.com", self.cases));
        let (item, operation) = match command {
            Command::Open => {
                let item = world.add_item(&spec);
                (item, Some(world.queue(item, "open")))
            }
            Command::Prolong | Command::Reopen => {
                let ready = self.issued.take();
                let item = ready.unwrap_or_else(|| self.scene.issued(&spec));
                let operation = match command {
                    Command::Prolong => world.queue(item, "prolong"),
                    _ => world.reissue(item, None, &[]),
                };
                (item, Some(operation))
            }
            Command::Sync | Command::Close => {
                let item = world.add_item(&spec);
                let outcome = world.perform(item, "open");
                assert!(outcome.is_ok(), "{outcome:?}");
                self.scene.approve(item);
                let close = command == Command::Close;
                (item, close.then(|| world.queue(item, "close")))
            }
        };
        self.scene.vendor().forget_requests();
        Staged {
            item,
            operation,
            before: world.item(item),
            sold: sold(&self.scene, item),
        }
    }
}

/// Paid sales and reissues of an item's name.
fn sold(scene: &Scene, item: u64) -> (usize, usize) {
    let name = scene.world.common_name(&scene.world.item(item));
    let vendor = scene.vendor().vendor();
    let orders = vendor.orders().into_iter();
    let orders: Vec<String> = orders
        .filter(|order| order.common_name == name)
        .map(|order| order.id)
        .collect();
    let sales = vendor.sales().into_iter();
    let sales: Vec<_> = sales.filter(|sale| orders.contains(&sale.order)).collect();
    let paid = sales.iter().filter(|sale| sale.is_paid()).count();
    (paid, sales.len() - paid)
}

impl Command {
    /// Paid sales and reissues that it makes.
    fn sales(self) -> (usize, usize) {
        match self {
            Self::Open | Self::Prolong => (1, 0),
            Self::Reopen => (0, 1),
            Self::Sync | Self::Close => (0, 0),
        }
    }
}

/// The calls that a command makes in a fair world, in their order.
fn recorded(place: &mut Place, command: Command) -> Vec<(String, u32)> {
    let staged = place.stage(command);
    let scene = &place.scene;
    run(scene, &staged);
    assert!(
        is_done(scene, command, &staged),
        "{command:?} in a fair world"
    );
    let mut seen = BTreeMap::<String, u32>::new();
    let requests = scene.vendor().requests().into_iter();
    requests
        .map(|request| {
            let skip = seen.entry(request.call.clone()).or_default();
            *skip += 1;
            (request.call, *skip - 1)
        })
        .collect()
}

fn run(scene: &Scene, staged: &Staged) {
    match staged.operation {
        Some(operation) => scene.world.run(operation),
        None => scene.world.sync(staged.item),
    };
}

fn is_done(scene: &Scene, command: Command, staged: &Staged) -> bool {
    match staged.operation {
        Some(operation) => scene.world.operation(operation).is_none(),
        None => command == Command::Sync && scene.world.item(staged.item).service_status == Some(5),
    }
}

/// Runs the command again as the platform would: until it is done, ten times, or manual.
fn repeat(scene: &Scene, command: Command, staged: &Staged) {
    for _ in 0..TRIES {
        let may_run = staged.operation.is_none_or(|id| {
            scene
                .world
                .operation(id)
                .is_some_and(|operation| !operation.manual && operation.tries < TRIES)
        });
        if !may_run || is_done(scene, command, staged) {
            return;
        }
        scene.world.advance(PAUSE);
        run(scene, staged);
    }
}

fn play(place: &mut Place, case: &Case) -> Result<End, String> {
    let staged = place.stage(case.command);
    let scene = &place.scene;
    let (world, vendor) = (&scene.world, scene.vendor());
    let times = if case.call == ORDER { 1 } else { FELT };
    vendor.set_fault_after(&case.call, case.fault, case.skip, times);
    // Only where silence is meant: a busy machine is no silent vendor.
    scene.set_patience("0.5");
    run(scene, &staged);
    scene.set_patience("30");
    vendor.clear_faults();
    repeat(scene, case.command, &staged);
    let mut end = End::ByItself;
    if !is_done(scene, case.command, &staged) {
        let id = staged.operation.ok_or("sync_item never came to its end")?;
        let operation = world.operation(id).ok_or("the operation is gone")?;
        let tasks = world.tasks();
        let task = tasks.iter().filter(|task| task.operation == id).count();
        if !operation.manual || task != 1 {
            return Err(format!("stuck: {task} tasks, {operation:?}"));
        }
        if !operation.errorxml.contains("<error ") {
            return Err("the task does not say why".to_owned());
        }
        // The client answers a mail that came in the meantime; then the person restarts the operation.
        scene.approve(staged.item);
        world.retry(id);
        repeat(scene, case.command, &staged);
        end = End::AfterRestart;
    }
    if !is_done(scene, case.command, &staged) {
        let why = staged.operation.and_then(|id| world.operation(id));
        return Err(format!("a person's restart does not help: {why:?}"));
    }
    check(scene, case, &staged)?;
    if matches!(case.command, Command::Prolong | Command::Reopen) {
        place.issued = Some(staged.item);
    }
    Ok(end)
}

/// Books and item after everything has come to rest.
fn check(scene: &Scene, case: &Case, staged: &Staged) -> Result<(), String> {
    let world = &scene.world;
    let (paid, reissued) = sold(scene, staged.item);
    let (paid, reissued) = (paid - staged.sold.0, reissued - staged.sold.1);
    // What a gateway doubles on its own, no client can prevent.
    let doubled = case.fault == Fault::DuplicateDelivery;
    let fits = |seen: usize, wanted: usize| seen == wanted || doubled && seen == wanted + 1;
    let (wanted_paid, wanted_reissues) = case.command.sales();
    if !fits(paid, wanted_paid) || !fits(reissued, wanted_reissues) {
        return Err(format!("{paid} sales, {reissued} reissues"));
    }
    if case.command == Command::Close {
        let closed = world.item(staged.item).status == 4;
        return if closed {
            Ok(())
        } else {
            Err("not closed".to_owned())
        };
    }
    scene.approve(staged.item);
    let outcome = world.sync(staged.item);
    let view = world.item(staged.item);
    if view.service_status != Some(5) {
        return Err(format!("no certificate: {outcome:?}"));
    }
    if view.saves == 0 || case.command != Command::Sync && view.saves != staged.before.saves + 1 {
        return Err(format!("{} certificates were saved", view.saves));
    }
    let shortened = staged.before.expiredate > view.expiredate;
    if shortened {
        return Err(format!("shortened: {:?}", view.expiredate));
    }
    Ok(())
}

#[test]
fn every_fault_at_every_call_leaves_one_sale_and_a_certificate() {
    let started = Instant::now();
    let mut recording = Place::new();
    let mut cases = Vec::new();
    for command in COMMANDS {
        let calls = recorded(&mut recording, command);
        assert!(!calls.is_empty(), "{command:?} calls nobody");
        println!("{command:?}: {calls:?}");
        for (call, skip) in calls {
            cases.extend(Fault::ALL.iter().map(|(_, fault)| Case {
                command,
                call: call.clone(),
                skip,
                fault: *fault,
            }));
        }
    }
    recording.scene.assert_sound();
    let total = cases.len();
    let queue = Mutex::new(cases.into_iter());
    let failures = Mutex::new(Vec::new());
    let ends = Mutex::new(BTreeMap::<(Command, End), usize>::new());
    std::thread::scope(|scope| {
        for _ in 0..WORLDS {
            scope.spawn(|| {
                let mut place = Place::new();
                loop {
                    let Some(case) = lock(&queue).next() else {
                        break;
                    };
                    match play(&mut place, &case) {
                        Ok(end) => *lock(&ends).entry((case.command, end)).or_default() += 1,
                        Err(why) => lock(&failures).push(format!("{case:?}: {why}")),
                    }
                }
                let books = reconcile(&place.scene);
                lock(&failures).extend(books.err());
                scene::assert_whole_lines(&place.scene.world.log(MODULE));
            });
        }
    });
    let ends = lock(&ends).clone();
    println!(
        "{total} pairs of call and fault in {:.0?}: {ends:?}",
        started.elapsed()
    );
    let failures = lock(&failures);
    assert!(
        failures.is_empty(),
        "{} of {total}: {:#?}",
        failures.len(),
        *failures
    );
}

/// The books of a whole world; what a gateway doubled is known to be there.
fn reconcile(scene: &Scene) -> Result<(), String> {
    let mut found = scene.world.reconcile();
    let sales = scene.vendor().vendor().sales().into_iter();
    let doubled: Vec<String> = sales
        .filter(|sale| {
            let twice = &found.paid_twice;
            twice.iter().any(|text| text.contains(&sale.custom))
        })
        .map(|sale| sale.order)
        .collect();
    found
        .lost
        .retain(|text| !doubled.iter().any(|order| text.ends_with(order)));
    // One duplicate delivery of the order and one of the renewal.
    if found.paid_twice.len() <= 2 && found.too_many.len() <= 2 {
        found.paid_twice.clear();
        found.too_many.clear();
    }
    if found.is_sound() {
        Ok(())
    } else {
        Err(format!("books: {found:#?}"))
    }
}

/// The proof can fail: a product that forgets what it sent, whenever it ends with an error, is found out.
#[test]
fn a_product_that_forgets_its_intent_is_caught() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("forgetful.sh");
    let text = format!(
        "#!/bin/sh\n\
         {} pmthesslstore \"$@\" && exit 0\n\
         sbin/mgrctl -m billmgr -o xml service.dropparam elid=$4 name=pmssl_intent sok=ok >&2\n\
         exit 1\n",
        sandbox::binaries::pmssl().display()
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let setup = Setup {
        pmssl: program,
        ..Setup::default()
    };
    let world = World::start_with(&directory.path().join("root"), &setup);
    let mut place = Place::of(Scene::of(world, directory));
    let case = Case {
        command: Command::Open,
        call: ORDER.to_owned(),
        skip: 0,
        fault: Fault::ResetBeforeAnswer,
    };
    // The vendor is slow to show what it sold, so that nobody finds the order in the same run.
    let vendor = place.scene.vendor().vendor();
    vendor.set_switch("listing_delay", "600").unwrap();
    assert_eq!(
        play(&mut place, &case),
        Err("2 sales, 0 reissues".to_owned())
    );
    assert!(!place.scene.world.reconcile().is_sound());
}
