//! What the daemon costs: while it goes on with nothing to do, and in single passes over what is due or open.

use std::ops::Range;
use std::process::Child;
use std::time::{Duration, Instant};

use chrono::{Datelike as _, NaiveDate, TimeDelta};

use super::super::figures::{Table, mebibytes, milliseconds};
use super::super::launch::{Cost, cost};
use super::super::services;
use super::{Kind, MEMORY, Pattern, Report, Shop, Work};
use crate::sandbox::memory;

/// Database time of a quick pass over all modules (design, section 8).
const QUICK: Duration = Duration::from_millis(100);

/// Quick passes that are measured.
const PASSES: usize = 5;

/// Longest wait for passes of the daemon.
const PATIENCE: Duration = Duration::from_secs(1800);

/// How a pass ends in the log.
const SUMMARY: &str = "services due";

/// Orders that the daemon may make for an account within an hour (option `SSLDaemonOrders`, its usual value).
const ORDERS: u64 = 60;

/// A certificate that ends so soon is due, and a person need not know yet.
const DAYS_LEFT: i64 = 6;

/// Whose due certificates are a person's task at once: its interface has no reissue unless the site says so.
const NO_REISSUE: &str = "pmleadertelecom";

/// One pass with what it cost.
struct Pass {
    /// Services that it is about.
    services: u64,
    cost: Cost,
    work: Work,
}

/// The rows of single passes.
struct Passes {
    table: Table,
    /// Services and peak memory, KiB, of the row before.
    before: Option<(u64, u64)>,
}

impl Passes {
    fn new() -> Self {
        let table = Table::new(&[
            "pass",
            "services",
            "time s",
            "processor s",
            "rows read",
            "rows a service",
            "database s",
            "peak MiB",
            "bytes a service",
        ]);
        Self {
            table,
            before: None,
        }
    }

    /// Adds a row. What a service takes of memory is what this pass took more than the one before, for the services that it
    /// had more.
    fn add(&mut self, name: &str, pass: &Pass) {
        let (services, memory) = (pass.services, pass.cost.memory);
        let before = self.before.replace((services, memory));
        let growth = before.filter(|(fewer, _)| *fewer < services);
        let bytes = growth.map(|(fewer, less)| {
            let more = (memory as f64 - less as f64) * 1024.0;
            format!("{:.0}", more / (services - fewer) as f64)
        });
        let rows = (services > 0).then(|| pass.work.rows as f64 / services as f64);
        self.table.add([
            name.to_owned(),
            services.to_string(),
            format!("{:.1}", pass.cost.wall.as_secs_f64()),
            format!("{:.1}", pass.cost.processor.as_secs_f64()),
            pass.work.rows.to_string(),
            rows.map(|rows| format!("{rows:.0}")).unwrap_or_default(),
            format!("{:.1}", pass.work.time.as_secs_f64()),
            mebibytes(memory * 1024),
            bytes.unwrap_or_default(),
        ]);
    }
}

impl Shop {
    /// A daemon that goes on, with nothing to do.
    pub(super) fn at_rest(&self, report: &mut Report) {
        println!("### The daemon, all modules, nothing due\n");
        // Long enough for what is read between two passes, whatever else the machine does.
        self.world.set_option("SSLDaemonInterval", "5");
        let before = self.work();
        let daemon = Running(self.command(&["daemon"]).spawn().expect("the daemon"));
        self.wait_for_passes(1);
        let full = self.work();
        // Balances are asked for in the first pass.
        self.wait_for_passes(2);
        let settled = self.work();
        self.wait_for_passes(2 + PASSES);
        let quick = self.work().since(settled);
        let memory = daemon.memory();
        drop(daemon);
        let (time, rows) = (quick.time / PASSES as u32, quick.rows / PASSES as u64);
        let full = full.since(before);
        let mut table = Table::new(&["pass", "rows read", "database ms"]);
        let mean = format!("quick, mean of {PASSES}");
        for (name, rows, time) in [
            ("full, at start", full.rows, full.time),
            (&mean, rows, time),
        ] {
            table.add([name.to_owned(), rows.to_string(), milliseconds(time)]);
        }
        table.print();
        report.rows.push(("pass: full, at start", full.rows));
        report.rows.push(("pass: quick", rows));
        println!("Most resident memory: {} MiB.\n", mebibytes(memory * 1024));
        report.budgets.add(
            "database time of a quick pass, nothing due",
            &format!("{} ms", QUICK.as_millis()),
            &format!("{} ms, {rows} rows", milliseconds(time)),
            time < QUICK,
        );
    }

    /// Single passes: with nothing due, over what is due and must wait, over open orders.
    pub(super) fn passes(&self, items: u64, open: u64, report: &mut Report) {
        println!("### Single passes, all modules\n");
        self.world.set_option("SSLDaemonRate", "1000");
        let mut passes = Passes::new();
        let mut add = |name: &'static str, pass: &Pass| {
            passes.add(name, pass);
            report.rows.push((name, pass.work.rows));
        };
        add("pass: nothing due", &self.pass(0));
        add("pass: 1 % due, hour used up", &self.over_due(items / 100));
        let mut there = 0;
        for (name, wanted) in [("pass: 1 % open", items / 100), ("pass: open", open)] {
            let each = wanted.saturating_sub(there) / self.patterns.len() as u64;
            there += each * self.patterns.len() as u64;
            let pass = self.over_open(each, there);
            add(name, &pass);
            if wanted == open {
                report.budgets.add(
                    &format!("daemon, peak memory, {there} open orders"),
                    "64 MiB",
                    &format!("{} MiB", mebibytes(pass.cost.memory * 1024)),
                    pass.cost.memory <= MEMORY,
                );
            }
        }
        passes.table.print();
    }

    /// One pass over all that is there, as if nothing had been looked at before; none may end before its list does.
    fn pass(&self, services: u64) -> Pass {
        self.analyze();
        let _ = std::fs::remove_dir_all(self.world.root().join("var/pmssl/looks"));
        for server in self.world.vendors().values() {
            server.forget_requests();
        }
        let (cost, work) = self.work_of(|| cost(&mut self.command(&["daemon", "--once"])));
        assert!(cost.success, "{}", self.end_of_log());
        let summaries = self.summaries();
        assert_eq!(summaries.len(), self.patterns.len(), "{summaries:?}");
        let is_cut = |line: &String| line.contains("ended early");
        assert!(
            !summaries.iter().any(is_cut),
            "{summaries:?}\n{}",
            self.end_of_log()
        );
        Pass {
            services,
            cost,
            work,
        }
    }

    /// The last pass of each module, in the log's words.
    fn summaries(&self) -> Vec<String> {
        let log = self.world.log("pmssl");
        let lines = log.lines().rev().filter(|line| line.contains(SUMMARY));
        let lines = lines.take(self.patterns.len());
        lines.map(str::to_owned).collect()
    }

    fn end_of_log(&self) -> String {
        let log = self.world.log("pmssl");
        let lines: Vec<&str> = log.lines().rev().take(40).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// A pass over certificates that are due at vendors whose hour is used up: each is postponed.
    fn over_due(&self, count: u64) -> Pass {
        let reissuing = || {
            let patterns = self.patterns.iter();
            patterns.filter(|pattern| pattern.module != NO_REISSUE)
        };
        let each = count / reissuing().count() as u64;
        let first = self.next.get();
        for pattern in reissuing() {
            self.use_up_hour(pattern);
            self.add_due(pattern, each);
        }
        let pass = self.pass(each * reissuing().count() as u64);
        let summaries = self.summaries();
        for pattern in reissuing().filter(|_| each > 0) {
            let said = |line: &&String| line.contains(&format!("{}: ", pattern.module));
            let summary = summaries.iter().find(said).expect("a pass of each module");
            let postponed = format!("postponed {each}");
            assert!(summary.contains(&postponed), "{postponed}: {summary}");
        }
        // The next passes are about others.
        let added = Range {
            start: first,
            end: self.next.get(),
        };
        services::remove(&|text: &str| self.database.sql(text), &added);
        pass
    }

    /// Services that were reissued a moment ago, as many as the daemon may reissue within an hour.
    fn use_up_hour(&self, pattern: &Pattern) {
        let now = self.world.clock().now().timestamp();
        let intent = format!("1|reissue|issued|1|ABCDEFGHIJKLMNOPQRST|{now}|0|||7700125");
        let kind = Kind {
            end: "2036-01-01",
            certificate: "",
            parameters: &with(services::at_rest(), &[("pmssl_intent", &intent)]),
        };
        self.add(pattern, ORDERS, &kind);
    }

    /// Services whose certificate is to be replaced inside the paid term. Their clients have been told of its end.
    fn add_due(&self, pattern: &Pattern, count: u64) {
        let today = self.world.clock().now().date_naive();
        let end = today + TimeDelta::days(DAYS_LEFT);
        let certificate = certificate(today - TimeDelta::days(60), end);
        let read = pmssl::order::current::read(&certificate).expect("a certificate");
        let serial = read.serial;
        let parameters = with(
            services::at_rest(),
            &[
                ("pmssl_certificate_end", &format!("{end} {serial}")),
                ("paid_till", "2036-01-01"),
                ("pmssl_notified", &serial),
            ],
        );
        let kind = Kind {
            end: &end.to_string(),
            certificate: &certificate,
            parameters: &parameters,
        };
        self.add(pattern, count, &kind);
    }

    /// A pass over open orders, so many more at each vendor than there were.
    fn over_open(&self, each: u64, all: u64) -> Pass {
        for pattern in &self.patterns {
            let kind = Kind {
                end: "2036-01-01",
                certificate: "",
                parameters: &self.parameters_of(pattern.item),
            };
            self.add(pattern, each, &kind);
        }
        let pass = self.pass(all);
        for pattern in &self.patterns {
            let asked = self.world.vendor(pattern.module).requests().len();
            let orders = all as usize / self.patterns.len();
            assert!(
                asked >= orders,
                "{}: {asked} requests for {orders} orders\n{}",
                pattern.module,
                self.end_of_log()
            );
        }
        pass
    }

    /// Parameters of a really placed order.
    fn parameters_of(&self, item: u64) -> Vec<(String, String)> {
        self.world.database().engine().with(|sql| {
            sql.prepare(
                "SELECT intname, value FROM itemparam WHERE item = ? AND value IS NOT NULL",
            )?
            .query_map([item], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
        })
    }

    /// Waits until every module has so many passes behind it.
    fn wait_for_passes(&self, passes: usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let log = self.world.log("pmssl");
            let done = self.patterns.iter().map(|pattern| {
                let line = format!("{}: ", pattern.module);
                let is_end = |text: &&str| text.contains(&line) && text.contains(SUMMARY);
                log.lines().filter(is_end).count()
            });
            if done.min() >= Some(passes) {
                return;
            }
            assert!(Instant::now() < end, "{passes} passes: {log}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Parameters, some of them with other values or added.
fn with(mut parameters: Vec<(String, String)>, others: &[(&str, &str)]) -> Vec<(String, String)> {
    parameters.retain(|(name, _)| !others.iter().any(|(other, _)| other == name));
    let others = others.iter();
    parameters.extend(others.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    parameters
}

/// A certificate of that life, PEM.
fn certificate(begin: NaiveDate, end: NaiveDate) -> String {
    let day = |day: NaiveDate| rcgen::date_time_ymd(day.year(), day.month() as u8, day.day() as u8);
    let names = vec!["www.example.com".to_owned()];
    let mut parameters = rcgen::CertificateParams::new(names).expect("a name");
    (parameters.not_before, parameters.not_after) = (day(begin), day(end));
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    certificate.pem().replace("\r\n", "\n")
}

/// Ends the daemon whatever becomes of the measurement.
struct Running(Child);

impl Running {
    /// Most resident memory so far, KiB.
    fn memory(&self) -> u64 {
        memory::peak(self.0.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
