//! A world with one vendor's account, services at the point where a command makes sense, and what must hold
//! afterwards.

use crate::fixture;
use crate::sandbox::queue::TRIES;
use crate::sandbox::vendor::tls::{self, Identity};
use crate::sandbox::vendor::{Sale, VendorServer};
use crate::sandbox::{ItemSpec, ItemView, Outcome, World, binaries};

use super::{Extra, Trade, everything, log_as_usual, resolve};

/// Between two tries of the platform; longer than an order may take to appear in a vendor's look-ups.
pub const PAUSE: i64 = 16 * 60;

/// Periodic looks after which a certificate must be there.
const LOOKS: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Command {
    Open,
    Prolong,
    Reopen,
    Sync,
    Close,
}

pub const COMMANDS: [Command; 5] = [
    Command::Open,
    Command::Prolong,
    Command::Reopen,
    Command::Sync,
    Command::Close,
];

impl Command {
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Prolong => "prolong",
            Self::Reopen => "reopen",
            Self::Sync => "sync_item",
            Self::Close => "close",
        }
    }

    /// Whether a vendor has what the command asks for; else it must be refused.
    pub fn is_served_by(self, trade: &Trade) -> bool {
        match self {
            Self::Prolong => trade.renews,
            Self::Reopen => trade.reissues,
            Self::Open | Self::Sync | Self::Close => true,
        }
    }

    /// Whether it takes money or brings another certificate.
    pub fn sells_something(self, trade: &Trade) -> bool {
        let sold = self.sells(trade);
        sold.paid + sold.reissued > 0
    }

    /// What it adds to the vendor's books.
    fn sells(self, trade: &Trade) -> Sold {
        let mut sold = Sold::default();
        match self {
            _ if !self.is_served_by(trade) => {}
            Self::Open | Self::Prolong => sold.paid = 1,
            Self::Reopen => sold.reissued = 1,
            Self::Close if trade.refunds => sold.refunded = 1,
            Self::Sync | Self::Close => {}
        }
        sold
    }
}

/// The vendor's books about one name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sold {
    /// Orders and renewals, those given back included.
    pub paid: usize,
    pub reissued: usize,
    pub refunded: usize,
}

/// A service that is ready for its command.
pub struct Staged {
    pub command: Command,
    pub item: u64,
    /// `None`: `sync_item`, which the platform does not queue.
    pub operation: Option<u64>,
    before: ItemView,
    sold: Sold,
    /// Length of the vendor's books.
    sales: usize,
}

/// What became of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// The platform's own tries were enough.
    ByItself,
    /// A task was made; a person's restart was enough.
    AfterRestart,
    /// The vendor's look-ups cannot tell what became of the call; a person looked into the vendor's books, told
    /// `pmssl resolve`, and restarted.
    AfterDecision,
    /// The vendor does not have this; a task says so.
    Refused,
}

/// A world with one account of one vendor.
pub struct Shop {
    pub world: World,
    pub trade: &'static Trade,
    pub account: u64,
    /// A service with a certificate, for commands that leave one behind.
    ready: Option<u64>,
    services: usize,
    /// The world's directory goes with it.
    directory: tempfile::TempDir,
}

impl Shop {
    pub fn new(trade: &'static Trade) -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let world = World::start(directory.path());
        if !everything() {
            log_as_usual(&world);
        }
        Self::of(trade, world, directory)
    }

    /// The vendor speaks TLS, with a certificate of an authority that the site has added to its list.
    pub fn over_tls(trade: &'static Trade) -> Self {
        let directory = tempfile::tempdir().expect("a scratch directory");
        let world = World::start(directory.path());
        world.vendor(trade.module).show(Identity::Good);
        let roots = world.root().join("etc/roots.pem");
        std::fs::write(&roots, tls::root()).expect("the file of roots");
        world.set_option("SSLCaFile", &roots.display().to_string());
        Self::of(trade, world, directory)
    }

    /// In a world of one's own making.
    pub fn of(trade: &'static Trade, world: World, directory: tempfile::TempDir) -> Self {
        world.set_option("SSLRetryPause", "0.01");
        world.set_option("SSLPlatformWait", "2");
        trade.prepare(&world);
        let account = world.add_account(trade.module, &[]);
        let shop = Self {
            world,
            trade,
            account,
            ready: None,
            services: 0,
            directory,
        };
        shop.set_patience("30");
        shop
    }

    /// How long a silent vendor is waited for, in seconds.
    pub fn set_patience(&self, seconds: &str) {
        self.world.set_option("SSLReadTimeout", seconds);
        self.world.set_option("SSLOrderTimeout", seconds);
    }

    pub fn vendor(&self) -> &VendorServer {
        self.world.vendor(self.trade.module)
    }

    /// A service that was not ordered yet, with a name of its own.
    pub fn service(&mut self) -> u64 {
        self.services += 1;
        let number = self.services;
        let mut spec = ItemSpec::new(self.account, self.trade.template())
            .name(&format!("case{number}.example.com"));
        if self.trade.takes_names() {
            spec = spec.with_names(&[&format!("more{number}.example.com")]);
        }
        self.trade.method.clone_into(&mut spec.approver_method);
        self.world.add_item(&spec)
    }

    /// A service whose order waits for its validation.
    pub fn ordered(&mut self) -> u64 {
        let item = self.service();
        let outcome = self.world.perform(item, "open");
        assert!(outcome.is_ok(), "{}: {}", self.trade.module, outcome.stdout);
        item
    }

    /// A service with its certificate.
    pub fn issued(&mut self) -> u64 {
        let item = self.ordered();
        self.world.approve(item);
        let outcome = self.world.sync(item);
        assert!(outcome.is_ok(), "{}: {}", self.trade.module, outcome.stdout);
        assert!(self.world.is_issued(item), "{}", self.trade.module);
        item
    }

    /// Queues what the platform would queue for a command; `None` for the periodic look.
    pub fn queue(&self, item: u64, command: Command) -> Option<u64> {
        match command {
            Command::Sync => None,
            Command::Reopen => {
                // The client hands in a CSR of a new key; the names stay.
                let names = self.world.item(item).parameter("altname").to_owned();
                let names: Vec<&str> = names.split_whitespace().collect();
                Some(self.world.reissue(item, None, &names))
            }
            Command::Open | Command::Prolong | Command::Close => {
                Some(self.world.queue(item, command.word()))
            }
        }
    }

    pub fn stage(&mut self, command: Command) -> Staged {
        let item = match command {
            Command::Open => self.service(),
            Command::Prolong | Command::Reopen => match self.ready.take() {
                Some(item) => item,
                None => self.issued(),
            },
            Command::Sync | Command::Close => {
                let item = self.ordered();
                if command == Command::Sync {
                    self.world.approve(item);
                }
                item
            }
        };
        // Saved by the first reissue of a service only: each shall pass the same boundaries.
        self.world.panel().set_parameter(item, "pmssl_proved", None);
        let staged = self.asked(item, command);
        self.vendor().forget_requests();
        staged
    }

    /// A service whose command is queued.
    pub fn asked(&self, item: u64, command: Command) -> Staged {
        let before = self.world.item(item);
        let operation = self.queue(item, command);
        Staged {
            command,
            item,
            operation,
            before,
            sold: self.sold(item),
            sales: self.vendor().vendor().sales().len(),
        }
    }

    /// The vendor's books about an item's name.
    pub fn sold(&self, item: u64) -> Sold {
        let name = self.world.common_name(&self.world.item(item));
        let vendor = self.vendor().vendor();
        let orders = vendor.orders().into_iter();
        let orders: Vec<String> = orders
            .filter(|order| order.common_name.eq_ignore_ascii_case(&name))
            .map(|order| order.id)
            // An order that is not configured yet has no name.
            .chain([self.world.order_of(item)])
            .collect();
        let mut sold = Sold::default();
        for sale in vendor.sales() {
            if orders.contains(&sale.order) {
                sold.paid += usize::from(sale.is_paid());
                sold.reissued += usize::from(!sale.is_paid());
                sold.refunded += usize::from(sale.refunded);
            }
        }
        sold
    }

    /// What the vendor has sold since a service was staged.
    pub fn sold_since(&self, staged: &Staged) -> Vec<Sale> {
        self.vendor().vendor().sales().split_off(staged.sales)
    }

    pub fn run(&self, staged: &Staged) -> Outcome {
        match staged.operation {
            Some(operation) => self.world.run(operation),
            None => self.world.sync(staged.item),
        }
    }

    pub fn is_done(&self, staged: &Staged) -> bool {
        match staged.operation {
            Some(operation) => self.world.operation(operation).is_none(),
            None => self.world.is_issued(staged.item),
        }
    }

    /// Runs the command again as the platform would: until it is done, ten times, or manual.
    pub fn repeat(&self, staged: &Staged) {
        for _ in 0..TRIES {
            let may_run = staged.operation.is_none_or(|id| {
                self.world
                    .operation(id)
                    .is_some_and(|operation| !operation.manual && operation.tries < TRIES)
            });
            if !may_run || self.is_done(staged) {
                return;
            }
            self.world.advance(PAUSE);
            self.run(staged);
        }
    }

    /// What is left of an operation that did not end: a task that says why, or the case has failed.
    pub fn has_task(&self, operation: u64) -> Result<String, String> {
        let found = self.world.operation(operation);
        let found = found.ok_or("the operation is gone")?;
        let tasks = self.world.tasks();
        let told = tasks.iter().filter(|task| task.operation == operation);
        let told = told.count();
        if !found.manual || told != 1 {
            return Err(format!("stuck: {told} tasks, {found:?}"));
        }
        if !found.errorxml.contains("<error ") {
            return Err("the task does not say why".to_owned());
        }
        Ok(found.errorxml)
    }

    /// Everything after the disturbance: the platform's tries, a person's restart of what became manual, the
    /// vendor's validation; then books and service must be as they would have been without it.
    pub fn recover(&mut self, staged: &Staged, extra: Extra) -> Result<End, String> {
        self.repeat(staged);
        let mut end = End::ByItself;
        if staged.command.is_served_by(self.trade) {
            if !self.is_done(staged) {
                end = self.let_a_person_act(staged, extra)?;
            }
        } else {
            end = self.must_be_refused(staged)?;
        }
        self.check(staged, extra)?;
        Ok(end)
    }

    /// A person reads the task, does what it asks for, and presses "restart"; what comes of that may ask again.
    fn let_a_person_act(&self, staged: &Staged, extra: Extra) -> Result<End, String> {
        let operation = staged.operation.ok_or("sync_item never came to its end")?;
        let mut end = End::AfterRestart;
        for _ in 0..2 {
            let why = self.has_task(operation)?;
            if why.contains("pmssl_outcome_for_person") {
                self.decide(staged)?;
                end = End::AfterDecision;
            }
            if extra == Extra::DoubledByGateway {
                // The vendor refuses while what it was asked for twice is under way: it is waited for.
                self.world.approve(staged.item);
            }
            self.world.retry(operation);
            self.repeat(staged);
            if self.is_done(staged) {
                return Ok(end);
            }
        }
        let why = self.has_task(operation)?;
        Err(format!("a person's restart does not help: {why}"))
    }

    /// Looks into the vendor's books and tells the product what is there.
    fn decide(&self, staged: &Staged) -> Result<(), String> {
        let sales = self.sold_since(staged);
        let order = sales.first().map(|sale| sale.order.as_str());
        resolve(&self.world, staged.item, order)
    }

    /// The administrator's side of the product.
    pub fn tool(&self, arguments: &[&str]) -> std::process::Command {
        tool(&self.world, arguments)
    }

    /// The vendor does not have this: nothing is sold, and a task says so. Where the first try had another
    /// trouble, a person restarts first.
    fn must_be_refused(&self, staged: &Staged) -> Result<End, String> {
        let operation = staged.operation.ok_or("a refusal needs an operation")?;
        let mut why = self.has_task(operation)?;
        if !why.contains("\"not_supported\"") {
            self.world.retry(operation);
            self.repeat(staged);
            why = self.has_task(operation)?;
        }
        if !why.contains("\"not_supported\"") {
            return Err(format!("refused for another reason: {why}"));
        }
        self.world.give_up(operation);
        Ok(End::Refused)
    }

    /// Books and service after everything has come to rest.
    fn check(&mut self, staged: &Staged, extra: Extra) -> Result<(), String> {
        self.check_books(staged, extra)?;
        if staged.command == Command::Close {
            let status = self.world.item(staged.item).status;
            return match status {
                4 => Ok(()),
                other => Err(format!("not closed but in status {other}")),
            };
        }
        // Steps after paying that were disturbed are made by later looks; then there is something to approve.
        let mut tries = 0;
        let mut outcome = None;
        while outcome.is_none() || !self.world.is_issued(staged.item) {
            if tries == LOOKS {
                return Err(format!("no certificate: {outcome:?}"));
            }
            tries += 1;
            self.world.approve(staged.item);
            outcome = Some(self.world.sync(staged.item));
        }
        let view = self.world.item(staged.item);
        let sells = staged.command.sells(self.trade);
        if sells.paid + sells.reissued > 0 {
            if view.crt == staged.before.crt {
                return Err("the former certificate is still there".to_owned());
            }
            if !view.parameter("pmssl_intent").contains("|issued|") {
                return Err(format!("intent {}", view.parameter("pmssl_intent")));
            }
        }
        if staged.before.expiredate > view.expiredate {
            return Err(format!("shortened: {:?}", view.expiredate));
        }
        // Following once more has ordered nothing either.
        self.check_books(staged, extra)?;
        if matches!(staged.command, Command::Prolong | Command::Reopen) {
            self.ready = Some(staged.item);
        }
        Ok(())
    }

    fn check_books(&self, staged: &Staged, extra: Extra) -> Result<(), String> {
        let (before, now) = (staged.sold, self.sold(staged.item));
        let wanted = staged.command.sells(self.trade);
        let doubled = usize::from(extra == Extra::DoubledByGateway);
        let fits = |seen: usize, wanted: usize| (wanted..=wanted + doubled).contains(&seen);
        let seen = Sold {
            paid: now.paid - before.paid,
            reissued: now.reissued - before.reissued,
            refunded: now.refunded - before.refunded,
        };
        if fits(seen.paid, wanted.paid)
            && fits(seen.reissued, wanted.reissued)
            && seen.refunded == wanted.refunded
        {
            return Ok(());
        }
        Err(format!(
            "{} sales, {} reissues, {} refunds",
            seen.paid, seen.reissued, seen.refunded
        ))
    }

    /// The books of the whole world, the spool and the log after all cases.
    pub fn settle(&self) -> Result<(), String> {
        let reconciled = self.world.reconcile();
        if !reconciled.is_sound() {
            return Err(format!("books: {reconciled:#?}"));
        }
        self.is_tidy()
    }

    /// Nothing is left lying about.
    pub fn is_tidy(&self) -> Result<(), String> {
        let waiting = self.world.operations();
        if !waiting.is_empty() {
            return Err(format!("waiting operations: {waiting:?}"));
        }
        let spool = self.directory.path().join("var/pmssl/spool");
        let left = std::fs::read_dir(spool).map_or(0, Iterator::count);
        if left > 0 {
            return Err(format!("{left} spooled orders are left"));
        }
        fixture::assert_whole_lines(&self.world.log(self.trade.module));
        Ok(())
    }
}

/// The administrator's side of the product.
pub(super) fn tool(world: &World, arguments: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(binaries::pmssl());
    command
        .args(arguments)
        .current_dir(world.root())
        .env_clear()
        .envs(crate::sandbox::clock::carried())
        .env("PATH", "/usr/bin:/bin")
        .env("PMSSL_MGR_ROOT", world.root())
        .stdin(std::process::Stdio::null());
    command
}
