//! `speed shop`: a shop of a chosen size in a real MariaDB. What each statement, each pass of the daemon and each list
//! costs there, in rows that the server reads and in its time, and how much memory the program takes.
//!
//! Vendors and BILLmanager are simulated; only the database is real. Orders that are followed are copies of one that
//! was really placed at each vendor.

mod lists;
mod passes;
mod statements;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use pmssl::module;
use rusqlite::types::Value;

use super::figures::{Budgets, Table};
use super::kept::Kept;
use super::{server, services};
use crate::sandbox::request::{Subject, rsa};
use crate::sandbox::sample::plain_product;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, World, binaries};

/// The database's name, and that of the user whose work the server counts.
const NAME: &str = "shop";

/// Peak resident memory, KiB: of the daemon (design, section 8), and of every list.
const MEMORY: u64 = 64 * 1024;

/// The server counts a statement after its answer has left.
const COUNTED: Duration = Duration::from_millis(50);

/// The shop whose rows are kept, and how many of its orders are open in the last pass.
const KEPT_SHOP: (u64, u64) = (5000, 500);

const KEPT: Kept = Kept {
    file: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/database/rows.txt"),
    head: "\
# Rows that MariaDB reads for statements and for passes of the daemon in a shop of 5000 certificates, 500 of them open in
# the last pass: the same on every machine with the same server (MariaDB 10.11). What reads 5 % and 10 rows more fails the check. To enter new counts on
# purpose:
#     cargo run --example sandbox -- speed shop --update
",
    tolerance: 5.0,
    slack: 10,
};

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

/// What becomes of the rows that were read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Shown,
    Checked,
    Entered,
}

/// What is measured.
pub struct Wanted {
    items: u64,
    /// Open orders of the last pass.
    open: u64,
    /// Whether there is an index on the parameters of a service.
    index: bool,
    counts: Counts,
}

impl Wanted {
    /// Reads the command line; `None` when it is not understood.
    pub fn read(words: &[&str]) -> Option<Self> {
        let (mut items, mut open, mut index, mut counts) = (None, None, true, Counts::Shown);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "--items" => items = Some(words.next()?.parse().ok()?),
                "--open" => open = Some(words.next()?.parse().ok()?),
                "--no-index" => index = false,
                "--check" => counts = Counts::Checked,
                "--update" => counts = Counts::Entered,
                _ => return None,
            }
        }
        let usual = (counts != Counts::Shown).then_some(KEPT_SHOP);
        let items = items.or(usual.map(|(items, _)| items));
        let open = open.or(usual.map(|(_, open)| open));
        let items = items.unwrap_or(200_000);
        let wanted = Self {
            items,
            open: open.unwrap_or(items / 2),
            index,
            counts,
        };
        // Rows of another shop say nothing against those that are kept.
        let is_kept_shop = (wanted.items, wanted.open) == KEPT_SHOP && index;
        (counts == Counts::Shown || is_kept_shop).then_some(wanted)
    }
}

/// What was found out.
#[derive(Default)]
struct Report {
    budgets: Budgets,
    /// Rows that were read, by what read them.
    rows: Vec<(&'static str, u64)>,
}

impl Report {
    /// Prints the budgets and, where that is wanted, the rows against the kept ones. Times are not the machine's own where
    /// tests run beside: rows alone decide then.
    fn end(&self, counts: Counts) -> ExitCode {
        println!("## Budgets\n");
        let holds = self.budgets.print();
        let holds = match counts {
            Counts::Shown => holds,
            Counts::Checked => self.check(),
            Counts::Entered => {
                KEPT.update(self.rows.iter().copied());
                true
            }
        };
        match holds {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        }
    }

    fn check(&self) -> bool {
        println!("## Rows read\n");
        let kept = KEPT.read();
        let mut table = Table::new(&["what", "kept", "now", "change", ""]);
        let mut failed = false;
        for (name, rows) in &self.rows {
            let verdict = KEPT.judge(&kept, name, *rows);
            failed |= verdict.fails;
            table.add([
                (*name).to_owned(),
                verdict.kept,
                rows.to_string(),
                verdict.change,
                verdict.words.to_owned(),
            ]);
        }
        table.print();
        if failed {
            eprintln!(
                "More rows are read than tests/database/rows.txt says. If that is meant: \
                 cargo run --example sandbox -- speed shop --update"
            );
        }
        !failed
    }
}

/// Measures a shop.
pub fn run(wanted: &Wanted) -> ExitCode {
    let directory = tempfile::tempdir().expect("a scratch directory");
    let Some(shop) = Shop::open(directory.path(), wanted) else {
        return ExitCode::FAILURE;
    };
    let mut report = Report::default();
    println!(
        "## A shop of {} certificates at five vendors\n",
        wanted.items
    );
    if !wanted.index {
        println!("Without an index on the parameters of a service.\n");
    }
    shop.statements(&mut report);
    shop.lists(wanted.items, &mut report);
    shop.at_rest(&mut report);
    shop.passes(wanted.items, wanted.open, &mut report);
    report.end(wanted.counts)
}

/// What the server did for the program.
#[derive(Clone, Copy)]
struct Work {
    rows: u64,
    time: Duration,
}

impl Work {
    fn since(self, before: Self) -> Self {
        Self {
            rows: self.rows - before.rows,
            time: self.time.saturating_sub(before.time),
        }
    }
}

/// Services that are alike, whoever serves them.
struct Kind<'a> {
    /// The End date.
    end: &'a str,
    certificate: &'a str,
    parameters: &'a [(String, String)],
}

/// A really placed order at one vendor.
struct Pattern {
    module: &'static str,
    account: u64,
    item: u64,
}

struct Shop {
    world: World,
    database: server::Installation,
    patterns: Vec<Pattern>,
    /// The number after the last service.
    next: std::cell::Cell<u64>,
}

impl Shop {
    fn open(directory: &Path, wanted: &Wanted) -> Option<Self> {
        let Some(database) = server::installation(NAME) else {
            eprintln!("sandbox: mariadbd is needed (package mariadb-server)");
            return None;
        };
        // Estimates from few pages, renewed at a moment of the server's own, would let the plans of statements change from
        // run to run.
        database.sql(
            "SET GLOBAL innodb_buffer_pool_size = 2147483648; \
             SET GLOBAL innodb_stats_persistent_sample_pages = 10000; \
             SET GLOBAL innodb_stats_auto_recalc = 0",
        );
        let setup = Setup {
            pmssl: binaries::any_pmssl(),
            ..Setup::default()
        };
        let world = World::start_with(directory, &setup);
        // Passes with nothing due are told at the highest level only; the rest as usual.
        let levels =
            "* 6\npmssl.* 9\n*.database 6\n*.http 6\n*.order 6\n*.mgrctl 6\n*.platform 6\n";
        std::fs::write(world.root().join("etc/debug.conf"), levels).expect("etc/debug.conf");
        // What clients bring; it takes longer to read than one with a short key.
        let csr = rsa(&Subject::of("www.example.com"), 2048).csr;
        let patterns = module::MODULES.iter().map(|module| {
            let module = module.name;
            world.vendor(module).vendor().set_balance(100_000_000);
            let account = world.add_account(module, &[]);
            let spec = ItemSpec {
                csr: Some(csr.clone()),
                ..ItemSpec::new(account, plain_product(module)).name("www.example.com")
            };
            let item = world.add_item(&spec);
            let outcome = world.perform(item, "open");
            assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
            // The first look saves what later ones need, and the panel would not know a copy of this service.
            let outcome = world.sync(item);
            assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
            Pattern {
                module,
                account,
                item,
            }
        });
        let patterns = patterns.collect();
        let next = std::cell::Cell::new(1000);
        let shop = Self {
            world,
            database,
            patterns,
            next,
        };
        shop.fill(wanted);
        Some(shop)
    }

    /// The simulated platform's tables, and so many services at rest.
    fn fill(&self, wanted: &Wanted) {
        let began = Instant::now();
        for table in TABLES {
            for rows in self.rows_of(table, "").chunks(100) {
                self.database
                    .sql(&format!("INSERT INTO {table} VALUES {}", rows.join(",")));
            }
        }
        let at_rest = Kind {
            end: "2036-01-01",
            certificate: "",
            parameters: &services::at_rest(),
        };
        let each = wanted.items / self.patterns.len() as u64;
        for pattern in &self.patterns {
            self.add(pattern, each, &at_rest);
        }
        if wanted.index {
            self.database
                .sql("CREATE INDEX itemparam_item ON itemparam (item)");
        }
        self.database.sql(
            "CREATE INDEX item_parent ON item (parent); \
             CREATE INDEX runningoperation_item ON runningoperation (item)",
        );
        self.analyze();
        self.database.count_rows_of(NAME);
        let place = format!("DBSocket {}", self.database.socket().display());
        let layout = self.world.layout();
        layout.write_database_settings(&place, NAME, "", NAME);
        eprintln!(
            "sandbox: the shop was filled in {} s",
            began.elapsed().as_secs()
        );
    }

    /// The server counts its rows anew, by which it chooses its plans.
    fn analyze(&self) {
        self.database.sql(
            "ANALYZE TABLE item, itemparam, certificate, pricelist, itemtype, processingmodule, runningoperation",
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

    /// Adds services; their numbers.
    fn add(&self, pattern: &Pattern, count: u64, kind: &Kind<'_>) -> std::ops::Range<u64> {
        let pricelist = self.world.database().engine().with(|sql| {
            sql.query_row(
                "SELECT pricelist FROM item WHERE id = ?",
                [pattern.item],
                |row| row.get(0),
            )
        });
        let csr = self.text_of(&format!(
            "SELECT csr FROM certificate WHERE item = {}",
            pattern.item
        ));
        let first = self.next.replace(self.next.get() + count);
        let block = services::Block {
            first,
            count,
            account: pattern.account,
            pricelist,
            end: kind.end,
            csr: &csr,
            certificate: kind.certificate,
            parameters: kind.parameters,
        };
        services::add(&|text: &str| self.database.sql(text), &block);
        first..first + count
    }

    fn work(&self) -> Work {
        std::thread::sleep(COUNTED);
        Work {
            rows: self.database.rows_read(NAME),
            time: self.database.busy_time(NAME),
        }
    }

    fn work_of<T>(&self, deed: impl FnOnce() -> T) -> (T, Work) {
        let before = self.work();
        let done = deed();
        (done, self.work().since(before))
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binaries::any_pmssl());
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
}
