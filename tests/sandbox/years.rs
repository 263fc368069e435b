//! Years of a shop in minutes: services of all vendors live through their terms while vendors fail,
//! processes are killed and people come late. The real daemon does the work; nothing here looks at the code
//! under test to decide whether a certificate is lawful or a day covered.

mod check;
mod doctor;
mod options;
mod people;
mod silence;
mod trouble;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use rusqlite::params;
use rusqlite::types::Value;

pub use self::check::{Current, Figures};
use super::{ItemSpec, World};

/// The first day: the one of the documented example of two dates.
pub const FIRST_DAY: &str = "2026-04-02";

/// The last day.
pub const LAST_DAY: &str = "2031-04-02";

/// What is waited for between a deed and the next pass: longer than the time after which the books of any
/// vendor count as proof.
const PAUSE: i64 = 20 * 60;

/// A vendor and how its customers buy.
struct Trade {
    module: &'static str,
    template: &'static str,
    /// Terms in months, in turn.
    terms: &'static [u32],
    /// Renewals go on where the former term ended, at the vendor, too. Else a term bought early ends early,
    /// and clients renew on the last day.
    goes_on: bool,
    /// Only a person can reissue. This vendor counts years of 365 days, so that its term ends a day early
    /// after a leap year: one renewal in five years, in the early morning of the last day, has no gap.
    by_person: bool,
    /// The product is proved by e-mail alone, which ends.
    by_mail: bool,
}

/// Terms as the vendors sell them; the first service of the first vendor is the documented example.
const TRADES: [Trade; super::layout::MODULES.len()] = [
    Trade {
        module: "pmthesslstore",
        template: "positivessl",
        terms: &[60, 12, 36, 24],
        goes_on: true,
        by_person: false,
        by_mail: false,
    },
    Trade {
        module: "pmglobalsign",
        template: "DV",
        terms: &[12, 36, 24],
        goes_on: false,
        by_person: false,
        by_mail: false,
    },
    Trade {
        module: "pmenomssl",
        template: "Certificate-RapidSSL-RapidSSL",
        terms: &[12, 24],
        goes_on: false,
        by_person: false,
        by_mail: false,
    },
    Trade {
        module: "pmispmgrssl",
        template: "3033",
        terms: &[24, 12],
        goes_on: true,
        by_person: false,
        by_mail: true,
    },
    Trade {
        module: "pmleadertelecom",
        template: "leader_dv",
        terms: &[36],
        goes_on: false,
        by_person: true,
        by_mail: false,
    },
];

/// How the run goes.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Services, spread over the five vendors.
    pub services: usize,
    /// The shop opens them over so many days.
    pub opening_days: i64,
    /// Looks for work at most once in so many hours, unless a client or a term wants it earlier.
    pub step_hours: i64,
    /// Begin of the chances.
    pub seed: u64,
    /// A line for each half year.
    pub talks: bool,
}

impl Shape {
    /// For so many services; large shops are looked at every other day, so that the run ends today.
    pub fn of(services: usize) -> Self {
        Self {
            services,
            opening_days: if services < 50 { 8 } else { 28 },
            step_hours: if services < 50 { 30 } else { 44 },
            seed: 20_260_402,
            talks: false,
        }
    }
}

/// A small generator, so that a failing run can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn days(&mut self, least: i64, most: i64) -> TimeDelta {
        let span = (most - least + 1).cast_unsigned();
        TimeDelta::days(least + self.below(span).cast_signed())
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

/// A client with one service.
struct Customer {
    item: u64,
    trade: &'static Trade,
    months: u32,
    opens: DateTime<Utc>,
    opened: bool,
    /// End of the paid term, by what was bought.
    till: NaiveDate,
    /// The current certificate.
    current: Option<check::Current>,
    /// Certificates of the platform that were looked at.
    seen: usize,
    /// A certificate has come, its dates were not looked at yet.
    dates_unread: bool,
    /// Renewals so far, and the latest.
    renewals: u32,
    renewed: Option<DateTime<Utc>>,
    /// Answers the vendor's mail at this moment.
    answers: Option<DateTime<Utc>>,
    /// A person acts at this moment.
    helped: Option<DateTime<Utc>>,
    /// What was told about it.
    told: silence::Told,
}

impl Customer {
    /// Has just renewed on the last day: whoever does that must be quick, and cannot be warned early.
    fn is_in_haste(&self, now: DateTime<Utc>) -> bool {
        let lately = |moment: DateTime<Utc>| now - moment < TimeDelta::days(3);
        !self.trade.goes_on && self.renewed.is_some_and(lately)
    }

    /// Whether the client renews, while the story goes on: what is proved by e-mail alone is sold no more when that
    /// has ended.
    fn goes_on(&self, last: NaiveDate) -> bool {
        self.till < last && !self.has_no_proof(self.renews() + people::LAST_SALE)
    }

    /// When the client renews, while the story goes on.
    fn renews(&self) -> DateTime<Utc> {
        let early = if self.trade.goes_on { 20 } else { 1 };
        let day = self.till - TimeDelta::days(early);
        // Each time earlier in the day than the vendor's term ends, which began with the former renewal.
        let hour = if self.trade.by_person {
            2
        } else {
            18 - 4 * self.renewals.min(4)
        };
        let moment = day
            .and_hms_opt(hour, 0, 0)
            .expect("a time of day")
            .and_utc();
        // Sees when the last certificate of the term ends, and is not later than that.
        let last = self
            .current
            .as_ref()
            .filter(|one| one.ends_the_term(self.till));
        last.map_or(moment, |one| moment.min(one.end - TimeDelta::hours(2)))
    }
}

struct Shop {
    world: World,
    shape: Shape,
    chance: Chance,
    last: NaiveDate,
    customers: Vec<Customer>,
    trouble: trouble::Trouble,
    figures: Figures,
    tasks_read: usize,
    messages_read: usize,
    steps: u32,
    /// What the latest look found due and not taken up, with the first look that did.
    idle: BTreeMap<u64, DateTime<Utc>>,
    options: options::Options,
}

/// Runs the years in a directory.
pub fn run(directory: &Path, shape: Shape) -> Figures {
    let started = Instant::now();
    let mut shop = Shop::open(directory, shape);
    let (mut next_line, mut said) = (NaiveDate::MIN, 0);
    while shop.today() < shop.last {
        shop.step();
        if shop.shape.talks {
            for wrong in &shop.figures.wrongs[said..] {
                eprintln!("WRONG {wrong}");
            }
            said = shop.figures.wrongs.len();
        }
        if shop.shape.talks && shop.today() >= next_line {
            eprintln!("{} {}", shop.today(), shop.figures.line(started.elapsed()));
            next_line = shop.today() + Months::new(6);
        }
    }
    shop.figures.wall = started.elapsed();
    shop.close()
}

impl Shop {
    fn open(directory: &Path, shape: Shape) -> Self {
        let world = World::start(directory);
        let day = |text: &str| -> NaiveDate { text.parse().expect("a day") };
        let first = day(FIRST_DAY).and_hms_opt(8, 0, 0).expect("a time of day");
        world.advance((first.and_utc() - world.clock().now()).num_seconds());
        for (name, value) in [
            ("SSLPlatformWait", "2"),
            ("SSLReadTimeout", "30"),
            ("SSLOrderTimeout", "30"),
            ("SSLRetryPause", "0.01"),
            ("SSLDaemonRate", "1000"),
            ("SSLDaemonWorkers", "2"),
            ("SSLDaemonOrders", "100000"),
        ] {
            world.set_option(name, value);
        }
        // What a small shop did can be read up; the logs of a large one would fill the disk.
        let level = if shape.services <= 100 { 7 } else { 4 };
        let rules = format!("* {level}\nSET color=off\n");
        std::fs::write(world.root().join("etc/debug.conf"), rules).expect("etc/debug.conf");
        let mut accounts = BTreeMap::new();
        for trade in &TRADES {
            let vendor = world.vendor(trade.module).vendor();
            vendor.set_balance(1_000_000_000_000);
            let extra: &[(&str, &str)] = if trade.by_person {
                &[("renew_by_new_order", "on")]
            } else {
                &[]
            };
            accounts.insert(trade.module, world.add_account(trade.module, extra));
        }
        let store = world.vendor("pmthesslstore").vendor();
        store.set_switch("carry_over", "on").expect("a switch");
        let mut shop = Self {
            chance: Chance(shape.seed),
            last: day(LAST_DAY),
            customers: Vec::new(),
            trouble: trouble::Trouble::default(),
            figures: Figures::default(),
            tasks_read: 0,
            messages_read: 0,
            steps: 0,
            idle: BTreeMap::new(),
            options: options::Options::beginning(first.and_utc()),
            world,
            shape,
        };
        for number in 0..shop.shape.services {
            let trade = &TRADES[number % TRADES.len()];
            let months = trade.terms[number / TRADES.len() % trade.terms.len()];
            let item = shop.world.add_item(
                &ItemSpec::new(accounts[trade.module], trade.template)
                    .name(&format!("s{number}.example.com"))
                    .months(i64::from(months)),
            );
            let delay = shop.shape.opening_days * number as i64 / shop.shape.services as i64;
            shop.customers.push(Customer {
                item,
                trade,
                months,
                opens: first.and_utc() + TimeDelta::days(delay),
                opened: false,
                till: NaiveDate::MIN,
                current: None,
                seen: 0,
                dates_unread: false,
                renewals: 0,
                renewed: None,
                answers: None,
                helped: None,
                told: silence::Told::default(),
            });
        }
        shop.figures.services = shop.customers.len();
        shop
    }

    fn now(&self) -> DateTime<Utc> {
        self.world.clock().now()
    }

    fn today(&self) -> NaiveDate {
        self.now().date_naive()
    }

    /// From one event to the next, and everything that happens there.
    fn step(&mut self) {
        let pause = self.pause();
        self.world.advance(pause);
        self.trouble_begins();
        self.open_services();
        self.renew();
        self.work_off_queue();
        let mut hindered = self.pass_in_danger();
        self.trouble_ends();
        // Until nobody has anything to do at this moment, but not for ever: a vendor may be away for days.
        for _ in 0..5 {
            self.collect();
            self.read_tasks();
            self.read_messages();
            let acted = self.people_act() | self.clients_reissue();
            if !acted && !hindered && self.world.operations().is_empty() {
                break;
            }
            hindered = false;
            self.world.advance(PAUSE);
            self.work_off_queue();
            self.pass();
        }
        self.collect();
        self.read_dates();
        self.look_around();
        self.nobody_waits_in_silence();
        self.ask_doctor();
        // After the last step no pass makes them hold: the last checks follow at once.
        if self.today() < self.last {
            self.change_options();
        }
        self.world.panel().forget_calls();
        for server in self.world.vendors().values() {
            server.forget_requests();
        }
    }

    /// Seconds until the next event. Terms and openings keep their moment; all else waits for the next
    /// regular look.
    fn pause(&self) -> i64 {
        let now = self.now();
        let mut exact: Vec<DateTime<Utc>> = Vec::new();
        let mut regular: Vec<DateTime<Utc>> = Vec::new();
        for customer in &self.customers {
            if !customer.opened {
                exact.push(customer.opens);
                continue;
            }
            if customer.goes_on(self.last) {
                exact.push(customer.renews());
            }
            let deeds = customer.answers.iter().chain(&customer.helped);
            for deed in deeds.chain(&customer.told.reissues) {
                match *deed > now && customer.is_urgent(*deed) {
                    true => exact.push(*deed),
                    false => regular.push(*deed),
                }
            }
            match &customer.current {
                Some(current) if !current.ends_the_term(customer.till) => {
                    regular.push(current.due());
                }
                Some(_) => {}
                None => regular.push(now),
            }
        }
        if !self.world.operations().is_empty() {
            regular.push(now);
        }
        let end = self.last.and_hms_opt(0, 0, 1).expect("a time of day");
        let look = now + TimeDelta::hours(self.shape.step_hours);
        let regular = regular.into_iter().min().map(|event| event.max(look));
        let next = exact
            .into_iter()
            .chain(regular)
            .chain([end.and_utc()])
            .min();
        next.map_or(PAUSE, |next| (next - now).num_seconds().max(PAUSE))
    }

    fn open_services(&mut self) {
        let now = self.now();
        for customer in &mut self.customers {
            if customer.opened || customer.opens > now {
                continue;
            }
            customer.opened = true;
            customer.till = now.date_naive() + Months::new(customer.months);
            self.world.queue(customer.item, "open");
            self.figures.vendor(customer.trade.module).bought += 1;
        }
    }

    fn renew(&mut self) {
        let now = self.now();
        for customer in &mut self.customers {
            if !customer.opened || !customer.goes_on(self.last) || customer.renews() > now {
                continue;
            }
            self.world.queue(customer.item, "prolong");
            customer.renewals += 1;
            customer.renewed = Some(now);
            customer.till = customer.till + Months::new(customer.months);
            let vendor = self.figures.vendor(customer.trade.module);
            vendor.bought += 1;
            vendor.renewals += 1;
            trouble::lose_an_answer(&self.world, customer);
        }
    }

    /// The platform runs what is queued; a person restarts what was handed over.
    fn work_off_queue(&mut self) {
        for operation in self.world.operations() {
            if operation.manual {
                self.figures.restarted += 1;
                self.settle(operation.item);
                self.prove_otherwise(operation.item);
                self.world.retry(operation.id);
            }
            if self.world.operation(operation.id).is_some() {
                self.world.run(operation.id);
            }
        }
    }

    /// One undisturbed pass.
    fn pass(&mut self) {
        let output = self.world.tool(&["daemon", "--once"]).output();
        let output = output.expect("the daemon");
        self.figures.passes += 1;
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            self.figures.wrong(format!("a pass failed: {text}"));
        }
    }

    fn value(&self, item: u64, name: &str) -> String {
        let found = self.world.panel().find(
            "SELECT value FROM itemparam WHERE item = ? AND intname = ?",
            params![item, name],
        );
        match found {
            Some(Value::Text(text)) => text,
            _ => String::new(),
        }
    }

    fn order_of(&self, customer: &Customer) -> String {
        let module = super::sample::module(customer.trade.module);
        self.value(customer.item, module.order_parameter)
    }

    fn close(mut self) -> Figures {
        self.check_books();
        self.figures
    }
}

/// How long a pass that is to be killed may take to come to its end.
const PATIENCE: Duration = Duration::from_secs(120);
