//! Services, their platform, a vendor and people. Everything runs through the real commands.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::authority::Mood;
use super::super::course::block_on;
use super::super::fakes::FakePlatform;
use super::super::life::Life;
use super::super::queue::{Queue, Queued, Sabotage};
use super::action::{Action, Event, Luck, Setting, Wish};
use super::vendor::{Caller, Standing, Vendor};
use crate::admin::rehearsal;
use crate::ca::ConnectOptions;
use crate::certificate::testing::{Delivery, at, csr};
use crate::certificate::{Csr, Format};
use crate::cli::Arguments;
use crate::commands::{self, Command, Context};
use crate::domain::{AccountId, Clock, ItemId, OperationId, Settings, TemplateCode};
use crate::failure::{Failure, FailureKind, Reason};
use crate::module;
use crate::order::port::CertificateAuthority;
use crate::order::{Intent, intent};
use crate::platform::Service;

thread_local! {
    /// The vendor behind [`connect`]: one world at a time lives in a thread.
    static VENDOR: RefCell<Option<Rc<Vendor>>> = const { RefCell::new(None) };
    /// Keys and the authority are made once.
    static SUPPLIES: Rc<Supplies> = Rc::new(Supplies::new());
}

struct Supplies {
    delivery: Rc<Delivery>,
    requests: RefCell<BTreeMap<(String, usize), Csr>>,
}

impl Supplies {
    fn new() -> Self {
        Self {
            delivery: Rc::new(Delivery::new()),
            requests: RefCell::default(),
        }
    }

    /// The n-th CSR of a name.
    fn request(&self, name: &str, number: usize) -> Csr {
        let mut requests = self.requests.borrow_mut();
        let key = (name.to_owned(), number);
        requests.entry(key).or_insert_with(|| csr(&[name])).clone()
    }
}

fn connect(
    _: &str,
    _: &Settings,
    _: &ConnectOptions,
) -> Result<Box<dyn CertificateAuthority>, Failure> {
    VENDOR.with_borrow(|vendor| match vendor {
        Some(vendor) => Ok(Box::new(Rc::clone(vendor)) as Box<dyn CertificateAuthority>),
        None => Err(Failure::new(Reason::Internal)),
    })
}

/// Figures of all sequences.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) sequences: usize,
    pub(super) steps: usize,
    pub(super) commands: usize,
    pub(super) kills: usize,
    pub(super) faults: usize,
    pub(super) sales: usize,
}

/// What came of a command.
pub(super) struct Run {
    pub(super) operation: Option<(u64, Queued)>,
    pub(super) failure: Option<Failure>,
    pub(super) undisturbed: bool,
}

/// A service.
pub(super) struct Place {
    pub(super) platform: FakePlatform,
    pub(super) name: String,
    keys: Cell<usize>,
}

/// All of it.
pub(super) struct ModelWorld {
    pub(super) places: Vec<Place>,
    pub(super) vendor: Rc<Vendor>,
    pub(super) queue: Rc<Queue>,
    pub(super) figures: Cell<Figures>,
    /// Operations of which the program asks whether they were served long ago.
    pub(super) doubted: RefCell<BTreeSet<u64>>,
    life: Rc<Life>,
    clock: Clock,
    machine: tempfile::TempDir,
}

impl ModelWorld {
    pub(super) fn new(setting: &Setting, sabotage: Option<Sabotage>) -> Self {
        let supplies = SUPPLIES.with(Rc::clone);
        let machine = tempfile::tempdir().unwrap();
        let clock = Clock::shifted(machine.path().join("clock"));
        let life = Rc::new(Life::default());
        let vendor = Rc::new(Vendor::new(
            setting.kind,
            setting.tells_term,
            &life,
            &clock,
            &supplies.delivery,
        ));
        VENDOR.set(Some(Rc::clone(&vendor)));
        let queue = Rc::new(Queue::default());
        let places = (0..setting.services).map(|number| {
            let name = if setting.same_name {
                "www.example.com".to_owned()
            } else {
                format!("w{number}.example.com")
            };
            let service = service(&name, &supplies.request(&name, 0), setting.months);
            let mut platform = FakePlatform::new(&life, service);
            platform.item = ItemId(7 + number as u64);
            platform.queue = Rc::clone(&queue);
            platform.sabotage.set(sabotage);
            if setting.bills_by_end_date {
                platform.options.get_mut().insert("SSLExpireDate", "paid");
            }
            let format = if setting.format == Format::Zip {
                "zip"
            } else {
                "pem"
            };
            platform.settings.push(("cert_format", format));
            Place {
                platform,
                name,
                keys: Cell::new(0),
            }
        });
        let world = Self {
            places: places.collect(),
            vendor,
            queue,
            figures: Cell::default(),
            doubted: RefCell::default(),
            life,
            clock,
            machine,
        };
        world.set_time(at((2026, 2, 1)));
        for place in &world.places {
            world.enqueue(place, "open");
        }
        world
    }

    fn set_time(&self, time: DateTime<Utc>) {
        let offset = (time - Utc::now()).num_seconds();
        std::fs::write(self.machine.path().join("clock"), offset.to_string()).unwrap();
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn pass(&self, minutes: i64) {
        self.set_time(self.clock.now() + TimeDelta::minutes(minutes));
    }

    fn count(&self, change: impl FnOnce(&mut Figures)) {
        let mut figures = self.figures.get();
        change(&mut figures);
        self.figures.set(figures);
    }

    fn enqueue(&self, place: &Place, command: &'static str) {
        // The platform lets nobody ask twice for what is under way.
        if self.queue.of(place.platform.item, command).is_some() {
            return;
        }
        self.queue.add(place.platform.item, command);
        if command == "open" {
            place.platform.service.borrow_mut().status = 5;
        }
    }

    /// Does one thing; answers the command that ran, if one did.
    pub(super) fn act(&self, action: &Action) -> Option<Run> {
        self.count(|figures| figures.steps += 1);
        let place = |number: usize| &self.places[number % self.places.len()];
        match *action {
            Action::Queue { service, wish } => {
                self.wish(place(service), wish);
                None
            }
            Action::Run {
                operation,
                mood,
                luck,
            } => {
                let waiting = self.queue.all().into_iter();
                let waiting: Vec<_> = waiting.filter(|(_, one)| !one.manual).collect();
                let (id, _) = waiting.get(operation % waiting.len().max(1))?;
                Some(self.run(*id, mood, luck))
            }
            Action::Sync { service, luck } => Some(self.sync(place(service), luck)),
            Action::Daemon {
                service,
                mood,
                luck,
            } => Some(self.daemon(place(service), mood, luck)),
            Action::Person { service, luck } => self.person(place(service), luck),
            Action::Vendor { service, event } => {
                self.happen(place(service), event);
                None
            }
            Action::Pass { minutes } => {
                self.pass(minutes);
                None
            }
            Action::Option { name, value } => {
                for place in &self.places {
                    place.platform.options.borrow_mut().insert(name, value);
                }
                None
            }
        }
    }

    fn wish(&self, place: &Place, wish: Wish) {
        let status = place.platform.service.borrow().status;
        let opened = matches!(status, 2 | 3);
        match wish {
            // A first order that died is ordered again by a new operation.
            Wish::Open => {
                let failed = place.platform.parameter("service_status").as_deref() == Some("6");
                if opened && failed {
                    self.enqueue(place, "open");
                }
            }
            _ if !opened => {}
            Wish::Prolong => self.enqueue(place, "prolong"),
            Wish::SameKey => self.enqueue(place, "reopen"),
            Wish::NewKey if self.queue.of(place.platform.item, "reopen").is_none() => {
                place.keys.set(place.keys.get() + 1);
                let request = SUPPLIES.with(|all| all.request(&place.name, place.keys.get()));
                place.platform.service.borrow_mut().csr = Some(request.pem().to_owned());
                self.enqueue(place, "reopen");
            }
            Wish::NewKey => {}
            Wish::Suspend => self.enqueue(place, "suspend"),
            Wish::Resume => self.enqueue(place, "resume"),
            Wish::Close => self.enqueue(place, "close"),
        }
    }

    fn happen(&self, place: &Place, event: Event) {
        self.vendor.change_latest(&place.name, |order| match event {
            Event::Approves => {
                self.vendor.approve(order);
                order.puzzling = false;
            }
            Event::Cancels => order.standing = Standing::Dead,
            Event::Puzzles => order.puzzling = true,
        });
    }

    /// The platform runs a queued operation.
    pub(super) fn run(&self, id: u64, mood: Mood, luck: Luck) -> Run {
        self.queue.change(id, |queued| queued.tries += 1);
        let queued = self.queue.get(id).unwrap();
        let place = self.place_of(queued.item);
        self.vendor.mood.set(mood);
        let (failure, undisturbed) = self.live(place, Some(id), luck, async || {
            self.command(place, queued.command, Some(id)).await
        });
        if failure.as_ref().map(Failure::reason) == Some(Reason::ServedLongAgo) {
            self.doubted.borrow_mut().insert(id);
        }
        Run {
            operation: Some((id, queued)),
            failure,
            undisturbed,
        }
    }

    pub(super) fn place_of(&self, item: ItemId) -> &Place {
        let mut places = self.places.iter();
        places.find(|place| place.platform.item == item).unwrap()
    }

    pub(super) fn sync(&self, place: &Place, luck: Luck) -> Run {
        let (failure, undisturbed) = self.live(place, None, luck, async || {
            self.command(place, "sync_item", None).await
        });
        Run {
            operation: None,
            failure,
            undisturbed,
        }
    }

    fn daemon(&self, place: &Place, mood: Mood, luck: Luck) -> Run {
        self.vendor.mood.set(mood);
        let vendor = Rc::clone(&self.vendor);
        let (failure, undisturbed) = self.live(place, None, luck, async || {
            let root = self.machine.path();
            let connect = || Box::new(Rc::clone(&vendor)) as Box<dyn CertificateAuthority>;
            let item = place.platform.item;
            rehearsal::pass(
                module::by_name("pmthesslstore").unwrap(),
                &place.platform,
                &connect,
                &self.clock,
                root,
                item,
            )
            .await
        });
        Run {
            operation: None,
            failure,
            undisturbed,
        }
    }

    /// A process lives: begins, does its work, perhaps ends early.
    pub(super) fn live(
        &self,
        place: &Place,
        operation: Option<u64>,
        luck: Luck,
        work: impl AsyncFnOnce() -> Result<(), Failure>,
    ) -> (Option<Failure>, bool) {
        // The machine forgets as well, or its ledger would make up for the platform.
        if place.platform.sabotage.get() == Some(Sabotage::ForgetsIntents) {
            let mut service = place.platform.service.borrow_mut();
            let stored = service.parameter(intent::PARAMETER).map(Intent::from_text);
            if stored.is_some_and(|stored| stored.is_ok_and(|one| one.state.is_unsettled())) {
                service.parameters.remove(intent::PARAMETER);
            }
            let _ = std::fs::remove_dir_all(self.machine.path().join("var/pmssl/ledger"));
        }
        self.life.begin(match luck {
            Luck::Dies { at, .. } => Some(at),
            _ => None,
        });
        if let Luck::Stumbles(at) = luck {
            self.life.stumble(at);
        }
        self.vendor.caller.set(Caller {
            operation,
            deleted: place.platform.service.borrow().status == 4,
        });
        self.share_orders(place);
        let sold = self.vendor.sales.borrow().len();
        let result = block_on(work());
        let (died, stumbled) = (self.life.died(), self.life.stumbled());
        let mood = self.vendor.mood.get();
        self.count(|figures| {
            figures.commands += 1;
            figures.kills += usize::from(died);
            figures.faults += usize::from(stumbled) + usize::from(mood != Mood::Sells);
            figures.sales += self.vendor.sales.borrow().len() - sold;
        });
        self.vendor.mood.set(Mood::Sells);
        if matches!(
            luck,
            Luck::Dies {
                other_node: true,
                ..
            }
        ) && died
        {
            let _ = std::fs::remove_dir_all(self.machine.path().join("var"));
        }
        self.life.begin(None);
        (result.err(), !died && !stumbled)
    }

    /// Each service's platform knows which orders the other services have.
    fn share_orders(&self, place: &Place) {
        let others = self
            .places
            .iter()
            .filter(|other| other.platform.item != place.platform.item);
        let taken = others.filter_map(|other| {
            let order = other.platform.parameter("store_order_id")?;
            Some((order, other.platform.item))
        });
        *place.platform.taken.borrow_mut() = taken.collect();
    }

    /// A command as [`crate::run`] runs it: the command, then the bookkeeping of its failure.
    async fn command(
        &self,
        place: &Place,
        name: &str,
        operation: Option<u64>,
    ) -> Result<(), Failure> {
        let context = self.context(place, name, operation);
        let command = Command::parse(name)?;
        let result = commands::run(&context, command).await;
        if let Err(failure) = &result {
            let document = commands::report(&context, Some(command), failure).await;
            assert!(document.contains("<error "), "{document}");
        }
        result.map(|_| ())
    }

    pub(super) fn context<'a>(
        &self,
        place: &'a Place,
        name: &str,
        operation: Option<u64>,
    ) -> Context<'a> {
        Context {
            module: module::by_name("pmthesslstore").unwrap(),
            root: self.machine.path().to_owned(),
            clock: self.clock.clone(),
            arguments: Arguments {
                command: name.to_owned(),
                item: Some(place.platform.item),
                operation: operation.map(OperationId),
                ..Arguments::default()
            },
            platform: &place.platform,
            connect_options: ConnectOptions::default(),
            connect,
            input: String::new(),
            account: RefCell::new(None),
        }
    }

    /// The vendor proves and issues whatever waits.
    pub(super) fn approve_all(&self) {
        for order in self.vendor.orders.borrow_mut().values_mut() {
            self.vendor.approve(order);
            order.puzzling = false;
        }
    }
}

/// Whether a failure is the program's word that nobody can go on with this operation.
pub(super) fn is_final(failure: &Failure) -> bool {
    failure.kind() == FailureKind::Rejected || failure.reason() == Reason::Missing
}

fn service(name: &str, request: &Csr, months: u32) -> Service {
    let parameters = [
        ("adm_fname", "Ann".to_owned()),
        ("adm_lname", "Lee".to_owned()),
        ("adm_phone", "+1 555 010 0200".to_owned()),
        ("adm_email", "ann@example.com".to_owned()),
        ("approver_email", format!("admin@{name}")),
    ];
    Service {
        item_type: "certificate".into(),
        account: Some(AccountId(1)),
        module: Some("pmthesslstore".into()),
        template: Some(TemplateCode::new("positivessl")),
        period: months.into(),
        status: 1,
        parameters: parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        csr: Some(request.pem().to_owned()),
        ..Service::default()
    }
}
