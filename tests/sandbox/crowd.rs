//! Ten thousand pending certificates in one pass of the real daemon: time, memory, vendor calls.
//!
//! Placing ten thousand orders would take an hour, so a few are placed at each vendor and their services are
//! copied: many services share one order number, which a look-up cannot tell from orders of their own.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::params;

use super::layout::MODULES;
use super::sample::plain_product;
use super::{ItemSpec, World};

/// Orders that are really placed at each vendor.
const PLACED: usize = 4;

/// Figures of one pass.
#[derive(Debug, Clone)]
pub struct Pass {
    /// Pending services.
    pub services: usize,
    /// Wall time.
    pub wall: Duration,
    /// Processor time of the daemon.
    pub processor: Duration,
    /// Most resident memory, KiB.
    pub resident: u64,
    /// Vendor calls, all accounts.
    pub calls: usize,
    /// Calls of the busiest account divided by the configured rate: no pass can be faster.
    pub bound: Duration,
}

impl Pass {
    /// One line.
    pub fn line(&self) -> String {
        let each = self.processor.as_secs_f64() * 1000.0 / self.services.max(1) as f64;
        format!(
            "{:>6} services  {:>6} calls  {:>7.1} s  bound by the vendors' limits {:>7.1} s  \
             processor {:>6.2} s ({each:.2} ms each)  at most {:>5.1} MiB resident",
            self.services,
            self.calls,
            self.wall.as_secs_f64(),
            self.bound.as_secs_f64(),
            self.processor.as_secs_f64(),
            self.resident as f64 / 1024.0
        )
    }
}

/// Measures one pass over so many pending services at so many calls per second and account.
pub fn pass(directory: &Path, services: usize, rate: u32) -> Pass {
    let world = World::start(directory);
    std::fs::write(world.root().join("etc/debug.conf"), "* 4\nSET color=off\n")
        .expect("etc/debug.conf");
    for (name, value) in [
        ("SSLDaemonRate", rate.to_string().as_str()),
        ("SSLDaemonWorkers", "4"),
    ] {
        world.set_option(name, value);
    }
    let mut samples = Vec::new();
    for module in MODULES {
        world.vendor(module).vendor().set_balance(100_000_000);
        let account = world.add_account(module, &[]);
        let product = plain_product(module);
        for number in 0..PLACED {
            let name = format!("c{number}.{}.example.com", module.trim_start_matches("pm"));
            let item = world.add_item(&ItemSpec::new(account, product).name(&name));
            let outcome = world.perform(item, "open");
            assert!(outcome.is_ok(), "{module}: {}", outcome.stdout);
            samples.push(item);
        }
    }
    for number in samples.len()..services {
        copy(&world, samples[number % samples.len()]);
    }
    for server in world.vendors().values() {
        server.forget_requests();
    }
    let (wall, processor, resident) = measured(&world);
    let calls: Vec<usize> = world
        .vendors()
        .values()
        .map(|server| server.requests().len())
        .collect();
    let busiest = calls.iter().copied().max().unwrap_or_default();
    Pass {
        services,
        wall,
        processor,
        resident,
        calls: calls.iter().sum(),
        bound: Duration::from_secs_f64(busiest as f64 / f64::from(rate)),
    }
}

/// Passes of growing crowds, for the printed figures.
pub fn report(directory: &Path, largest: usize, rate: u32) -> String {
    let mut text =
        format!("one pass of pmssl daemon, five vendors, {rate} calls per second each\n");
    let mut first: Option<f64> = None;
    for part in [8, 4, 2, 1] {
        let services = largest / part;
        let figures = pass(&directory.join(services.to_string()), services, rate);
        let _ = writeln!(text, "{}", figures.line());
        let each = figures.processor.as_secs_f64() / services as f64;
        let growth = each / *first.get_or_insert(each);
        if part == 1 {
            let _ = writeln!(
                text,
                "processor time for one service in the largest crowd: {growth:.2} times that in the smallest"
            );
        }
    }
    text
}

/// A second service like this one.
pub fn copy(world: &World, item: u64) {
    let panel = world.panel();
    let id = panel.next_id("item");
    let parameter = panel.next_id("itemparam");
    for sql in [
        "INSERT INTO item (id, name, account, pricelist, processingmodule, period, status, createdate, \
         opendate, expiredate) SELECT ?1, name, account, pricelist, processingmodule, period, status, \
         createdate, opendate, expiredate FROM item WHERE id = ?2",
        "INSERT INTO certificate (item, pkey, csr, crt) SELECT ?1, pkey, csr, crt FROM certificate WHERE item = ?2",
    ] {
        panel.execute(sql, params![id, item]);
    }
    panel.execute(
        "INSERT INTO itemparam (id, item, intname, value) SELECT ?3 + row_number() OVER (ORDER BY id), ?1, \
         intname, value FROM itemparam WHERE item = ?2",
        params![id, item, parameter],
    );
}

/// Wall time, processor time and the peak of resident memory of one pass.
fn measured(world: &World) -> (Duration, Duration, u64) {
    let start = Instant::now();
    let mut child = world
        .tool(&["daemon", "--once"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the daemon");
    let (mut resident, mut ticks) = (0, 0);
    let process = format!("/proc/{}", child.id());
    let status = loop {
        resident = crate::memory::peak(child.id()).max(resident);
        let stat = std::fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
        // Behind the name in brackets: fields 14 and 15, user and system time (proc(5)).
        let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
        let used: u64 = fields
            .skip(12)
            .take(2)
            .filter_map(|text| text.parse::<u64>().ok())
            .sum();
        ticks = used.max(ticks);
        if let Some(status) = child.try_wait().expect("the daemon's state") {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{}", world.log("pmssl"));
    (start.elapsed(), Duration::from_millis(ticks * 10), resident)
}
