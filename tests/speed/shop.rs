//! `speed shop`: a shop of a chosen size in a real MariaDB. What each statement and each pass of the daemon costs there,
//! in rows that the server reads and in its time, and how much memory the daemon takes.
//!
//! Vendors and BILLmanager are simulated; only the database is real. Orders that are followed are copies of one that
//! was really placed at each vendor.

use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use pmssl::domain::ItemId;
use pmssl::module;
use pmssl::platform::billmanager::BillManager;
use pmssl::platform::{Fact, Platform, Which};
use rusqlite::types::Value;

use super::figures::{Budgets, Table, mebibytes, milliseconds};
use super::launch::cost;
use super::{server, services};
use crate::sandbox::sample::plain_product;
use crate::sandbox::{ItemSpec, World, binaries, memory};

/// The database's name, and that of the user whose work the server counts.
const NAME: &str = "shop";

/// Database time of a quick pass over all modules (design, section 8).
const QUICK: Duration = Duration::from_millis(100);

/// Peak resident memory of the daemon (design, section 8).
const MEMORY: u64 = 64 * 1024;

/// Quick passes that are measured.
const PASSES: usize = 5;

/// Longest wait for passes of the daemon.
const PATIENCE: Duration = Duration::from_secs(1800);

/// Tables of the simulated platform that the program reads and that services do not fill.
const TABLES: [&str; 9] = [
    "country",
    "user",
    "itemtype",
    "enumerationitem",
    "pricelist",
    "processingmodule",
    "processingmodule2pricelist",
    "processingparam",
    "processingcryptedparam",
];

/// Measures a shop of so many certificates; `pending` of them are open in the last pass, half when it is not said.
pub fn run(items: u64, pending: Option<u64>) -> ExitCode {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let Some(shop) = Shop::open(directory.path(), items) else {
        return ExitCode::FAILURE;
    };
    let mut budgets = Budgets::default();
    println!("## A shop of {items} certificates at five vendors\n");
    shop.statements();
    shop.at_rest(&mut budgets);
    shop.open_orders(items, pending.unwrap_or(items / 2), &mut budgets);
    println!("## Budgets\n");
    match budgets.print() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// What the server did for the program.
#[derive(Clone, Copy)]
struct Work {
    rows: u64,
    time: Duration,
}

struct Shop {
    world: World,
    database: server::Installation,
    /// Module, account, an order that was placed there.
    patterns: Vec<(&'static str, u64, u64)>,
    /// The number after the last service.
    next: std::cell::Cell<u64>,
}

impl Shop {
    fn open(directory: &Path, items: u64) -> Option<Self> {
        let Some(database) = server::installation(NAME) else {
            eprintln!("sandbox: mariadbd is needed (package mariadb-server)");
            return None;
        };
        database.sql("SET GLOBAL innodb_buffer_pool_size = 2147483648");
        let world = World::start(directory);
        std::fs::write(world.root().join("etc/debug.conf"), "* 6\n").expect("etc/debug.conf");
        let patterns = module::MODULES.iter().map(|module| {
            let module = module.name;
            world.vendor(module).vendor().set_balance(100_000_000);
            let account = world.add_account(module, &[]);
            let product = plain_product(module);
            let item = world.add_item(&ItemSpec::new(account, product).name("www.example.com"));
            let outcome = world.perform(item, "open");
            assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
            (module, account, item)
        });
        let patterns = patterns.collect();
        let next = std::cell::Cell::new(1000);
        let shop = Self {
            world,
            database,
            patterns,
            next,
        };
        shop.fill(items);
        Some(shop)
    }

    /// The simulated platform's tables, and so many services at rest.
    fn fill(&self, items: u64) {
        let began = Instant::now();
        for table in TABLES {
            for rows in self.rows_of(table, "").chunks(100) {
                self.database
                    .sql(&format!("INSERT INTO {table} VALUES {}", rows.join(",")));
            }
        }
        let at_rest = services::at_rest();
        let each = items / self.patterns.len() as u64;
        for (_, account, item) in &self.patterns {
            self.add(*account, *item, each, &at_rest);
        }
        self.database.sql(
            "CREATE INDEX itemparam_item ON itemparam (item); \
             CREATE INDEX item_parent ON item (parent); \
             CREATE INDEX runningoperation_item ON runningoperation (item); \
             ANALYZE TABLE item, itemparam, certificate, pricelist, itemtype, processingmodule",
        );
        self.database.count_rows_of(NAME);
        let place = format!("DBSocket {}", self.database.socket().display());
        let layout = self.world.layout();
        layout.write_database_settings(&place, NAME, "", NAME);
        eprintln!(
            "sandbox: the shop was filled in {} s",
            began.elapsed().as_secs()
        );
    }

    /// Rows of a table of the simulated platform, as values of an INSERT.
    fn rows_of(&self, table: &str, which: &str) -> Vec<String> {
        self.world.database().engine().with(|sql| {
            let mut statement = sql.prepare(&format!("SELECT * FROM {table} {which}"))?;
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                let values: rusqlite::Result<Vec<String>> = (0..columns)
                    .map(|column| {
                        Ok(match row.get::<_, Value>(column)? {
                            Value::Null | Value::Blob(_) => "NULL".to_owned(),
                            Value::Integer(number) => number.to_string(),
                            Value::Real(number) => number.to_string(),
                            Value::Text(text) => services::quoted(&text),
                        })
                    })
                    .collect();
                Ok(format!("({})", values?.join(",")))
            })?;
            rows.collect()
        })
    }

    fn text_of(&self, statement: &str) -> String {
        let engine = self.world.database().engine();
        engine
            .with(|sql| sql.query_row(statement, [], |row| row.get::<_, Option<String>>(0)))
            .unwrap_or_default()
    }

    fn add(&self, account: u64, pattern: u64, count: u64, parameters: &[(String, String)]) {
        let pricelist = self.world.database().engine().with(|sql| {
            sql.query_row(
                "SELECT pricelist FROM item WHERE id = ?",
                [pattern],
                |row| row.get(0),
            )
        });
        let csr = self.text_of(&format!(
            "SELECT csr FROM certificate WHERE item = {pattern}"
        ));
        let block = services::Block {
            first: self.next.replace(self.next.get() + count),
            count,
            account,
            pricelist,
            end: "2036-01-01",
            csr: &csr,
            certificate: "",
            parameters,
        };
        services::add(&|text: &str| self.database.sql(text), &block);
    }

    fn work(&self) -> Work {
        Work {
            rows: self.database.rows_read(NAME),
            time: self.database.busy_time(NAME),
        }
    }

    fn work_of(&self, deed: impl FnOnce()) -> Work {
        let before = self.work();
        deed();
        let after = self.work();
        Work {
            rows: after.rows - before.rows,
            time: after.time.saturating_sub(before.time),
        }
    }

    /// What the statements cost that grow with the shop, and those that must not.
    fn statements(&self) {
        println!("### Statements, one module\n");
        let (name, account, _) = self.patterns[0];
        let module = module::by_name(name).expect("the module");
        let platform = BillManager::new(self.world.root().to_owned(), module);
        let wait = |work: &mut dyn FnMut(&tokio::runtime::Runtime)| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            work(&runtime);
        };
        let mut table = Table::new(&["statement", "rows read", "database ms"]);
        wait(&mut |runtime| {
            let newest = runtime
                .block_on(platform.news_of(name, u64::MAX))
                .expect("the newest parameter")
                .newest;
            let mut add = |what: &str, deed: &mut dyn FnMut()| {
                let work = self.work_of(deed);
                table.add([
                    what.to_owned(),
                    work.rows.to_string(),
                    milliseconds(work.time),
                ]);
            };
            let item = ItemId(self.next.get() - 1);
            add("quick look: what is new and queued", &mut || {
                drop(runtime.block_on(platform.news_of(name, newest - 1000)));
            });
            add("full look", &mut || {
                let mut facts = 0_u64;
                let mut take = |_: Fact<'_>| facts += 1;
                let asked = platform.facts_of(name, Which::All, &mut take);
                runtime.block_on(asked).expect("the facts");
            });
            add(
                "full look with the shown dates, when an option changed",
                &mut || {
                    let mut facts = 0_u64;
                    let mut take = |_: Fact<'_>| facts += 1;
                    let asked = platform.facts_of(name, Which::AllWithDates, &mut take);
                    runtime.block_on(asked).expect("the facts");
                },
            );
            add("one service for the schedule", &mut || {
                let mut take = |_: Fact<'_>| {};
                let asked = platform.facts_of(name, Which::One(item), &mut take);
                runtime.block_on(asked).expect("the facts");
            });
            add("one service as a whole", &mut || {
                drop(runtime.block_on(platform.service(item)));
            });
            add("orders of an account within an hour", &mut || {
                let hour = chrono::Utc::now() - chrono::TimeDelta::hours(1);
                let account = pmssl::domain::AccountId(account);
                drop(runtime.block_on(platform.sent_since(account, hour)));
            });
            add("another owner of an order's number", &mut || {
                let order = module.order_parameter;
                drop(runtime.block_on(platform.services_with_order(order, "7700124")));
            });
            runtime.block_on(platform.close());
        });
        table.print();
    }

    /// A daemon that goes on, with nothing to do.
    fn at_rest(&self, budgets: &mut Budgets) {
        println!("### The daemon, all modules, nothing due\n");
        self.world.set_option("SSLDaemonInterval", "1");
        let before = self.work();
        let daemon = Running(self.command(&["daemon"]).spawn().expect("the daemon"));
        self.wait_for_passes(1);
        let full = self.work();
        // Balances are asked for in the first pass.
        self.wait_for_passes(2);
        let settled = self.work();
        self.wait_for_passes(2 + PASSES);
        let quick = self.work();
        let memory = daemon.memory();
        drop(daemon);
        let time = (quick.time.saturating_sub(settled.time)) / PASSES as u32;
        let rows = (quick.rows - settled.rows) / PASSES as u64;
        let mut table = Table::new(&["pass", "rows read", "database ms"]);
        let first = full.time.saturating_sub(before.time);
        table.add([
            "full, at start".to_owned(),
            (full.rows - before.rows).to_string(),
            milliseconds(first),
        ]);
        table.add([
            format!("quick, mean of {PASSES}"),
            rows.to_string(),
            milliseconds(time),
        ]);
        table.print();
        println!("Most resident memory: {} MiB.\n", mebibytes(memory * 1024));
        budgets.add(
            "database time of a quick pass, nothing due",
            &format!("{} ms", QUICK.as_millis()),
            &format!("{} ms, {rows} rows", milliseconds(time)),
            time < QUICK,
        );
    }

    /// One pass over open orders: first one in a hundred, then all that are wanted.
    fn open_orders(&self, items: u64, pending: u64, budgets: &mut Budgets) {
        println!("### One pass over open orders, all modules\n");
        self.world.set_option("SSLDaemonRate", "1000");
        let mut table = Table::new(&[
            "open",
            "time s",
            "processor s",
            "rows read",
            "rows an order",
            "database s",
            "peak MiB",
        ]);
        let mut there = 0;
        for wanted in [items / 100, pending] {
            let each = wanted.saturating_sub(there) / self.patterns.len() as u64;
            for (_, account, item) in &self.patterns {
                self.add(*account, *item, each, &self.parameters_of(*item));
            }
            there += each * self.patterns.len() as u64;
            let _ = std::fs::remove_dir_all(self.world.root().join("var/pmssl/looks"));
            for server in self.world.vendors().values() {
                server.forget_requests();
            }
            let before = self.work();
            let cost = cost(&mut self.command(&["daemon", "--once"]));
            let after = self.work();
            assert!(cost.success, "{}", self.world.log("pmssl"));
            let rows = after.rows - before.rows;
            table.add([
                there.to_string(),
                format!("{:.1}", cost.wall.as_secs_f64()),
                format!("{:.1}", cost.processor.as_secs_f64()),
                rows.to_string(),
                format!("{:.0}", rows as f64 / there.max(1) as f64),
                format!(
                    "{:.1}",
                    after.time.saturating_sub(before.time).as_secs_f64()
                ),
                mebibytes(cost.memory * 1024),
            ]);
            if wanted == pending {
                budgets.add(
                    &format!("daemon, peak memory, {there} open orders"),
                    "64 MiB",
                    &format!("{} MiB", mebibytes(cost.memory * 1024)),
                    cost.memory <= MEMORY,
                );
            }
        }
        table.print();
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

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binaries::pmssl());
        command
            .args(words)
            .current_dir(self.world.root())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("PMSSL_MGR_ROOT", self.world.root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Waits until every module has so many passes behind it.
    fn wait_for_passes(&self, passes: usize) {
        let end = Instant::now() + PATIENCE;
        loop {
            let log = self.world.log("pmssl");
            let done = self.patterns.iter().map(|(module, ..)| {
                let line = format!("{module}: ");
                let is_end =
                    |text: &&str| text.contains(&line) && text.contains("in need of a look");
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
