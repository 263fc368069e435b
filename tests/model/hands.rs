//! Other hands in random sequences: two services of one name on two accounts of one login, while a person works in
//! the vendor's panel, the database is set back or read from a late replica, options change, and requests come after
//! the next run has begun. What is proved: no order is held by two services, none is taken of other hands, nothing
//! is bought that nobody has asked for, and whatever is open at the end somebody knows of.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::process::Stdio;

use proptest::prelude::*;
use proptest::sample::select;

use super::shared::{at_every_vendor, more, nobody_waits_in_silence, unless, world_of};
use crate::proof::{Verdict, log_as_usual, trade};
use crate::sandbox::sample::plain_product;
use crate::sandbox::vendor::csr::{Csr, hex};
use crate::sandbox::vendor::{Fault, Sale, SaleKind, VendorServer};
use crate::sandbox::{ItemSpec, ItemView, World};

/// Rounds in which everything must come to its end, and the seconds between them.
const ROUNDS: usize = 10;
const PAUSE: i64 = 3600;

/// Of the two services.
type Which = usize;

#[derive(Debug, Clone, Copy)]
enum Act {
    /// The client orders or renews; the vendor's line may break.
    Wants(Which, &'static str, Option<Fault>),
    /// The platform runs what waits in its queue.
    Queue(Option<Fault>),
    Sync(Which),
    Daemon,
    Approve(Which),
    Hours(i64),
    /// A person in the vendor's panel.
    PanelOrders,
    PanelReissues(Which),
    PanelCancels(Which),
    /// What was on its way arrives.
    Deliver,
    Remember,
    SetBack,
    /// Reads come from a replica that has stopped, for one run of the queue.
    LateReads,
    Option(&'static str, &'static str),
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        2 => Just(None),
        3 => select(vec![
            Fault::ResetBeforeHandling,
            Fault::ResetBeforeAnswer,
            Fault::ServerErrorAfter,
            Fault::LateDelivery,
        ])
        .prop_map(Some),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let which = || 0..2_usize;
    prop_oneof![
        8 => (which(), select(vec!["open", "prolong"]), fault())
            .prop_map(|(which, command, fault)| Act::Wants(which, command, fault)),
        4 => fault().prop_map(Act::Queue),
        3 => which().prop_map(Act::Sync),
        1 => Just(Act::Daemon),
        3 => which().prop_map(Act::Approve),
        1 => select(vec![1, 24]).prop_map(Act::Hours),
        3 => Just(Act::PanelOrders),
        1 => which().prop_map(Act::PanelReissues),
        1 => which().prop_map(Act::PanelCancels),
        2 => Just(Act::Deliver),
        1 => Just(Act::Remember),
        2 => Just(Act::SetBack),
        1 => Just(Act::LateReads),
        1 => select(vec![
            ("SSLPaidTill", "multiyear"),
            ("SSLPaidTill", ""),
            ("SSLExpireDate", "paid"),
            ("SSLExpireDate", "certificate"),
            ("SSLSubscriptionBefore", "30"),
            ("SSLSubscriptionPolicy", "none"),
            ("SSLSubscriptionPolicy", ""),
        ])
        .prop_map(|(name, value)| Act::Option(name, value)),
    ]
}

#[derive(Default)]
struct Figures {
    sequences: Cell<usize>,
    commands: Cell<usize>,
    hands: Cell<usize>,
    restored: Cell<usize>,
    sales: Cell<usize>,
}

struct Shop<'a> {
    world: World,
    module: &'static str,
    items: [u64; 2],
    figures: &'a Figures,
    /// Orders that a person made in the panel.
    hands: BTreeSet<String>,
    /// Orders that a person ended there.
    cancelled: BTreeSet<String>,
    /// Orders and renewals that clients asked for.
    wanted: usize,
    /// A database that is kept, and what was asked for since.
    kept: (usize, Vec<(u64, &'static str)>),
    _directory: tempfile::TempDir,
}

impl<'a> Shop<'a> {
    fn new(module: &'static str, figures: &'a Figures) -> Self {
        let (world, directory) = world_of(module);
        // The books are told by the model itself: orders of other hands belong to the story.
        world.expect_at_the_end("");
        log_as_usual(&world);
        let product = plain_product(module);
        let items = [(); 2].map(|()| {
            // Two accounts of one login.
            let account = world.add_account(module, &[]);
            world.add_item(&ItemSpec::new(account, product).name("m.example.com"))
        });
        Self {
            module,
            items,
            figures,
            hands: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            wanted: 0,
            kept: (world.remember_database(), Vec::new()),
            world,
            _directory: directory,
        }
    }

    fn server(&self) -> &VendorServer {
        self.world.vendor(self.module)
    }

    fn queue(&mut self, item: u64, command: &'static str) -> u64 {
        self.kept.1.push((item, command));
        self.world.queue(item, command)
    }

    fn wants(&mut self, which: Which, command: &'static str, fault: Option<Fault>) -> Verdict {
        let item = self.items[which];
        let status = self.world.item(item).status;
        let mut queued = self.world.operations().into_iter();
        let waits = queued.any(|one| one.item == item);
        // A service is ordered once, and renewed when it is there.
        let may = match command {
            "open" => status == 1,
            _ => status == 2 && self.world.is_issued(item),
        };
        if waits || !may {
            return Ok(());
        }
        self.wanted += 1;
        let operation = self.queue(item, command);
        self.run(operation, fault)
    }

    fn run(&mut self, operation: u64, fault: Option<Fault>) -> Verdict {
        more(&self.figures.commands, 1);
        if let Some(fault) = fault {
            // Reads come before the paid call, so the fault waits for one that may be it.
            self.server()
                .set_fault(trade(self.module).paid_call, fault, 1);
        }
        self.world.run(operation);
        self.server().clear_faults();
        self.check()
    }

    /// Everything that may run by itself runs once.
    fn work_off(&mut self, fault: Option<Fault>) -> Verdict {
        for one in self.world.operations() {
            let left = self.world.operation(one.id);
            if left.is_some_and(|left| !left.manual) {
                self.run(one.id, fault)?;
            }
        }
        Ok(())
    }

    fn tool(&self, words: &[&str]) -> bool {
        more(&self.figures.commands, 1);
        let mut command = self.world.tool(words);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.status().unwrap().success()
    }

    fn set_back(&mut self) -> Verdict {
        let (number, since) = &self.kept;
        self.world.set_database_back(*number)?;
        more(&self.figures.restored, 1);
        // What clients asked for since is asked for again: nobody but this program knows that it was bought.
        for (item, command) in since {
            let mut queued = self.world.operations().into_iter();
            if !queued.any(|one| one.item == *item && one.command == *command) {
                self.world.queue(*item, command);
            }
        }
        self.check()
    }

    fn act(&mut self, act: Act) -> Verdict {
        let vendor = self.server().vendor();
        match act {
            Act::Wants(which, command, fault) => return self.wants(which, command, fault),
            Act::Queue(fault) => return self.work_off(fault),
            Act::Sync(which) => drop(self.world.sync(self.items[which])),
            Act::Daemon => drop(self.tool(&["daemon", "--once"])),
            Act::Approve(which) => self.world.approve(self.items[which]),
            Act::Hours(hours) => self.world.advance(hours * 3600),
            Act::PanelOrders => {
                // Nobody orders by hand what nobody has ordered before: the person's order is like another one.
                if let Ok(order) = vendor.order_by_hand("m.example.com", "") {
                    more(&self.figures.hands, 1);
                    self.hands.insert(order);
                }
            }
            Act::PanelReissues(which) => {
                let order = self.world.order_of(self.items[which]);
                let known = self.numbers();
                if vendor.reissue_by_hand(&order, "").is_ok() {
                    more(&self.figures.hands, 1);
                    // Where a reissue has a number of its own, it is the person's.
                    let new = self
                        .numbers()
                        .difference(&known)
                        .cloned()
                        .collect::<Vec<_>>();
                    self.hands.extend(new);
                }
            }
            Act::PanelCancels(which) => {
                let order = self.world.order_of(self.items[which]);
                if vendor.cancel_by_hand(&order).is_ok() {
                    more(&self.figures.hands, 1);
                    self.cancelled.insert(order);
                }
            }
            Act::Deliver => drop(self.server().deliver()),
            Act::Remember => {
                self.kept = (self.world.remember_database(), Vec::new());
            }
            Act::SetBack => return self.set_back(),
            Act::LateReads => {
                self.world.read_late(true);
                let worked = self.work_off(None);
                self.world.read_late(false);
                return worked;
            }
            Act::Option(name, value) => self.world.set_option(name, value),
        }
        self.check()
    }

    fn numbers(&self) -> BTreeSet<String> {
        let orders = self.server().vendor().orders().into_iter();
        orders.map(|order| order.id).collect()
    }

    /// After every step.
    fn check(&self) -> Verdict {
        let [one, other] = self.items.map(|item| self.world.order_of(item));
        unless(!one.is_empty() && one == other, || {
            format!("order {one} is held by both services")
        })?;
        for held in [&one, &other] {
            unless(self.hands.contains(held), || {
                format!("order {held} was made by other hands and is held")
            })?;
        }
        let sales = self.server().vendor().sales();
        // Whoever ends an order in the panel lets it be bought again, also where nothing is paid back.
        let counts = |sale: &&Sale| {
            sale.is_paid() && !sale.refunded && !self.cancelled.contains(&sale.order)
        };
        let paid = sales.iter().filter(counts).count();
        unless(paid > self.wanted, || {
            format!("bought {paid} times, asked for {} times", self.wanted)
        })?;
        let violations = self.server().vendor().violations();
        unless(!violations.is_empty(), || format!("{violations:?}"))?;
        nobody_waits_in_silence(&self.world)
    }

    /// The latest sale that answers a service's request and that no service knows.
    fn unknown_sale(&self, view: &ItemView) -> Option<String> {
        let vendor = self.server().vendor();
        let views = self.items.map(|item| self.world.item(item));
        let key = hex(&Csr::parse(&view.csr).unwrap().public_key);
        let orders = vendor.orders();
        let is_ours = |number: &str| {
            let order = orders.iter().find(|order| order.id == number);
            // A slot without a request may be of either service.
            order.is_some_and(|order| order.key.is_empty() || order.key == key)
        };
        let is_known = |number: &String| {
            let mut known = views.iter().flat_map(|view| view.parameters.values());
            known.any(|value| value == number)
        };
        let sales = vendor.sales().into_iter();
        let mut sales = sales
            .filter(|sale| sale.kind != SaleKind::Reissue && !sale.refunded)
            .map(|sale| sale.order);
        sales.rfind(|order| is_ours(order) && !is_known(order))
    }

    /// A person reads the tasks, looks into the vendor's panel, says what is, and presses "restart".
    fn person(&self) -> Verdict {
        for one in self.world.operations().iter().filter(|one| one.manual) {
            let view = self.world.item(one.item);
            let open = ["|sent|", "|unknown|"];
            let open = open
                .iter()
                .any(|state| view.parameter("pmssl_intent").contains(state));
            if open || !view.parameter("pmssl_person").is_empty() {
                let item = one.item.to_string();
                let theirs: Vec<&str> = self.hands.iter().map(String::as_str).collect();
                let theirs = theirs.join(",");
                let found = self.unknown_sale(&view);
                let mut words = vec!["resolve", "--item", &item, "--yes"];
                match &found {
                    Some(order) => words.extend(["--adopt", order]),
                    None => words.push("--not-placed"),
                }
                if found.is_none() && !theirs.is_empty() {
                    words.extend(["--foreign", &theirs]);
                }
                self.tool(&words);
            }
            self.world.retry(one.id);
        }
        self.check()
    }

    /// Nobody disturbs any more.
    fn settle(&mut self) -> Verdict {
        self.server().deliver();
        for _ in 0..ROUNDS {
            self.world.advance(PAUSE);
            self.work_off(None)?;
            for item in self.items {
                self.world.approve(item);
                if self.world.item(item).status == 2 {
                    self.world.sync(item);
                }
            }
            self.check()?;
            if self.world.operations().is_empty() {
                break;
            }
            self.person()?;
        }
        self.end()
    }

    fn end(&self) -> Verdict {
        for item in self.items {
            let view = self.world.item(item);
            let mut operations = self.world.operations().into_iter();
            let mut free = self.world.panel().free_tasks().into_iter();
            let told = operations.any(|one| one.item == item)
                || free.any(|text| text.contains(&format!("(service {item})")));
            let intent = view.parameter("pmssl_intent");
            let open = intent.contains("|sent|") || intent.contains("|unknown|");
            unless(open && !told, || {
                format!("service {item} is open, and nobody knows: {intent}")
            })?;
            let over = self.cancelled.contains(&self.world.order_of(item));
            let ordered = view.status != 1;
            unless(
                ordered && !over && !told && !self.world.is_issued(item),
                || format!("service {item} is not issued: {view:?}"),
            )?;
        }
        let lost = self.world.reconcile().lost;
        // A renewal takes the place of what was there; who was set back in between knows the latest.
        unless(!lost.is_empty(), || format!("lost: {lost:?}"))?;
        let sales = self.server().vendor().sales();
        more(&self.figures.sales, sales.len());
        Ok(())
    }

    fn whole(&mut self, acts: &[Act]) -> Verdict {
        self.wants(0, "open", None)?;
        for act in acts {
            self.act(*act)?;
        }
        self.settle()
    }
}

#[test]
fn other_hands_never_break_the_law() {
    let figures = Figures::default();
    let acts = prop::collection::vec(act(), 6..20);
    at_every_vendor(100, &acts, |module, acts| {
        more(&figures.sequences, 1);
        Shop::new(module, &figures).whole(acts)
    });
    crate::proof::tell(format_args!(
        "other hands: {} sequences, {} commands, {} deeds by hand, {} restored databases, {} sales",
        figures.sequences.get(),
        figures.commands.get(),
        figures.hands.get(),
        figures.restored.get(),
        figures.sales.get()
    ));
}
