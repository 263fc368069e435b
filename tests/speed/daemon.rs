//! Passes of `pmssl daemon` over more and more pending services of five vendors.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use pmssl::module::MODULES;
use rusqlite::params;

use super::figures::{Budgets, Table, mebibytes};
use super::launch::cost;
use crate::sandbox::sample::plain_product;
use crate::sandbox::world::Setup;
use crate::sandbox::{ItemSpec, World, binaries};

/// Numbers of services, all vendors together.
const SIZES: [u64; 5] = [1_000, 2_000, 5_000, 10_000, 20_000];

/// The number of the memory budget (design, section 8).
const LARGE: u64 = 10_000;

/// Peak resident memory (design, section 8).
const MEMORY: u64 = 64 * 1024;

/// More calls per second and account than this machine can make: what the program itself can do.
const NO_LIMIT: u64 = 1_000;

/// Calls per second and account, low enough for simulators that share the machine with the daemon.
const LIMIT: u64 = 10;

/// Numbers of services under that limit.
const LIMITED: [u64; 3] = [100, 200, 1_000];

/// One pass.
struct Pass {
    services: u64,
    time: Duration,
    processor: Duration,
    memory: u64,
    requests: usize,
    /// Calls of the vendor that was called most, as the limit counts them.
    most_calls: u64,
}

impl Pass {
    fn rate(&self) -> f64 {
        self.requests as f64 / self.time.as_secs_f64()
    }
}

/// Runs all passes.
pub fn measure(budgets: &mut Budgets) {
    println!(
        "## Daemon\n\nOne pass of `pmssl daemon --once` over pending services, spread evenly over five vendors; the \
         limit is in\ncalls per second, all accounts together; a call is one or more requests. Growth is time and memory against the row before.\n"
    );
    let directory = tempfile::tempdir().expect("a scratch directory");
    let crowd = Crowd::new(directory.path());
    let mut table = Table::new(&[
        "services",
        "limit",
        "time s",
        "growth",
        "processor s",
        "ms a service",
        "peak MiB",
        "growth",
        "requests",
        "requests/s",
    ]);
    let accounts = MODULES.len() as u64;
    // The crowd only grows: what takes long with many comes first.
    for size in LIMITED {
        let pass = crowd.pass(size, LIMIT);
        add(&mut table, &pass, LIMIT * accounts, None);
        // The account with the most calls decides: some vendors need more than one for a look.
        let share = pass.most_calls as f64 / LIMIT as f64 / pass.time.as_secs_f64();
        if Some(&size) == LIMITED.last() {
            budgets.add(
                "daemon, calls of the busiest account of what its limit allows",
                "at least 95 %",
                &format!("{:.0} %", share * 100.0),
                share >= 0.95,
            );
        }
    }
    let mut before: Option<Pass> = None;
    for size in SIZES {
        let pass = crowd.pass(size, NO_LIMIT);
        add(&mut table, &pass, NO_LIMIT * accounts, before.as_ref());
        if size == LARGE {
            judge(budgets, &pass, before.as_ref());
        }
        before = Some(pass);
    }
    table.print();
}

fn add(table: &mut Table, pass: &Pass, limit: u64, before: Option<&Pass>) {
    let growth = |pick: fn(&Pass) -> f64| {
        before.map_or(String::new(), |before| {
            format!("{:.2}", pick(pass) / pick(before))
        })
    };
    table.add([
        pass.services.to_string(),
        limit.to_string(),
        format!("{:.2}", pass.time.as_secs_f64()),
        growth(|pass| pass.time.as_secs_f64()),
        format!("{:.2}", pass.processor.as_secs_f64()),
        format!(
            "{:.3}",
            pass.processor.as_secs_f64() * 1000.0 / pass.services as f64
        ),
        mebibytes(pass.memory * 1024),
        growth(|pass| pass.memory as f64),
        pass.requests.to_string(),
        format!("{:.0}", pass.rate()),
    ]);
}

fn judge(budgets: &mut Budgets, pass: &Pass, before: Option<&Pass>) {
    budgets.add(
        "daemon, peak memory over 10 000 services",
        "64 MiB",
        &format!("{} MiB", mebibytes(pass.memory * 1024)),
        pass.memory <= MEMORY,
    );
    let Some(before) = before else { return };
    // Processor time: the wall time of a pass includes the simulators' share of the machine.
    let each = |pass: &Pass| pass.processor.as_secs_f64() / pass.services as f64;
    let growth = each(pass) / each(before);
    budgets.add(
        "daemon, cost of one service, 10 000 against 5 000",
        "at most 1.2 times",
        &format!("{growth:.2} times"),
        growth <= 1.2,
    );
}

/// A world with as many pending services as wanted.
struct Crowd {
    world: World,
    /// One really ordered service of each vendor; all others are its copies.
    patterns: Vec<u64>,
}

impl Crowd {
    fn new(directory: &Path) -> Self {
        let setup = Setup {
            pmssl: binaries::shipped_pmssl(),
            ..Setup::default()
        };
        let world = World::start_with(directory, &setup);
        std::fs::write(world.root().join("etc/debug.conf"), "").expect("etc/debug.conf");
        let patterns = MODULES.map(|module| {
            let module = module.name;
            let account = world.add_account(module, &[]);
            let product = plain_product(module);
            let item = world.add_item(&ItemSpec::new(account, product).name("www.example.com"));
            let outcome = world.perform(item, "open");
            assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
            item
        });
        let patterns = patterns.to_vec();
        Self { world, patterns }
    }

    /// Makes copies until there are so many services of each vendor. A copy has its pattern's order: what is
    /// asked and answered is the same as for an order of its own.
    fn grow(&self, each: u64) {
        self.world.database().engine().with(|sql| {
            sql.execute_batch("BEGIN")?;
            for pattern in &self.patterns {
                let there: u64 = sql.query_row(
                    "SELECT COUNT(*) FROM item WHERE id = ?1 OR remoteid = ?1",
                    params![pattern],
                    |row| row.get(0),
                )?;
                for _ in there..each {
                    let id: u64 =
                        sql.query_row("SELECT MAX(id) + 1 FROM item", [], |row| row.get(0))?;
                    copy(sql, *pattern, id)?;
                }
            }
            sql.execute_batch("COMMIT")
        });
    }

    fn pass(&self, services: u64, limit: u64) -> Pass {
        self.grow(services / self.patterns.len() as u64);
        self.world.set_option("SSLDaemonRate", &limit.to_string());
        // Everybody is to be looked at again.
        let _ = std::fs::remove_dir_all(self.world.root().join("var/pmssl/looks"));
        for server in self.world.vendors().values() {
            server.forget_requests();
        }
        let cost = cost(
            Command::new(binaries::shipped_pmssl())
                .args(["daemon", "--once"])
                .current_dir(self.world.root())
                .env_clear()
                .env("PATH", "/usr/bin:/bin")
                .env("PMSSL_MGR_ROOT", self.world.root())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        );
        assert!(cost.success, "{}", self.world.log("pmssl"));
        let requests = self.world.vendors().values();
        let requests: usize = requests.map(|server| server.requests().len()).sum();
        assert!(requests as u64 >= services, "{requests} calls only");
        Pass {
            services,
            time: cost.wall,
            processor: cost.processor,
            memory: cost.memory,
            requests,
            most_calls: self.most_calls(),
        }
    }

    /// From the status lines of the last pass.
    fn most_calls(&self) -> u64 {
        let log = self.world.log("pmssl");
        let calls = log.lines().rev().filter_map(|line| {
            let (_, rest) = line.split_once("vendor calls ")?;
            rest.split(',').next()?.parse().ok()
        });
        calls.take(self.patterns.len()).max().unwrap_or(0)
    }
}

fn copy(sql: &rusqlite::Connection, pattern: u64, id: u64) -> rusqlite::Result<()> {
    sql.prepare_cached(
        "INSERT INTO item (id, name, account, pricelist, processingmodule, period, status, createdate, opendate, \
         expiredate, remoteid) SELECT ?1, name, account, pricelist, processingmodule, period, status, createdate, \
         opendate, expiredate, id FROM item WHERE id = ?2",
    )?
    .execute(params![id, pattern])?;
    sql.prepare_cached(
        "INSERT INTO certificate (item, pkey, csr, crt) SELECT ?1, pkey, csr, crt FROM certificate WHERE item = ?2",
    )?
    .execute(params![id, pattern])?;
    let first: u64 = sql.query_row("SELECT MAX(id) FROM itemparam", [], |row| row.get(0))?;
    sql.prepare_cached(
        "INSERT INTO itemparam (id, item, intname, value) SELECT ?1 + row_number() OVER (), ?2, intname, value \
         FROM itemparam WHERE item = ?3",
    )?
    .execute(params![first, id, pattern])?;
    Ok(())
}
