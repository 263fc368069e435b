//! Five years of a service bought today: the real daemon, the clock jumping from one due day to the next.

use std::path::Path;

use chrono::{Months, NaiveDate, TimeDelta};

use crate::years::Current;
use crate::{ItemSpec, World};

const MODULE: &str = "pmthesslstore";
const MONTHS: u32 = 60;

/// More passes than any such life needs.
const ENOUGH: usize = 400;

/// Days before a certificate's end on which something may happen where a client proves names, and no company.
const EARLIEST: i64 = 14;

/// Seconds between passes while something is awaited.
const STEP: i64 = 24 * 3600;

/// What became of the service.
pub struct Life {
    pub till: NaiveDate,
    /// Each certificate, and the days its predecessor still had when it came.
    pub certificates: Vec<(Current, Option<i64>)>,
    pub paid_sales: usize,
    pub wrongs: Vec<String>,
}

impl Life {
    /// The certificates, two to a line.
    pub fn table(&self) -> Vec<String> {
        let cells: Vec<String> = self
            .certificates
            .iter()
            .enumerate()
            .map(|(number, (one, left))| {
                let left = left.map_or("    first".to_owned(), |days| format!("{days:>3} d early"));
                format!(
                    "{:>2}  {} to {}  {:>3} days {left}",
                    number + 1,
                    one.begin.date_naive(),
                    one.end.date_naive(),
                    one.days(),
                )
            })
            .collect();
        let half = cells.len().div_ceil(2);
        (0..half)
            .map(|line| match cells.get(line + half) {
                Some(right) => format!("{}   {right}", cells[line]),
                None => cells[line].clone(),
            })
            .collect()
    }
}

/// Lives through the five years in a world of its own.
pub fn live(directory: &Path) -> Life {
    let world = World::start(directory);
    std::fs::write(world.root().join("etc/debug.conf"), "* 4\nSET color=off\n")
        .expect("etc/debug.conf");
    world.set_option("SSLDaemonRate", "1000");
    let vendor = world.vendor(MODULE).vendor();
    vendor.set_switch("auto_approve", "0").expect("a switch");
    let account = world.add_account(MODULE, &[]);
    let spec = ItemSpec::new(account, "positivessl").name("years.example.com");
    let item = world.add_item(&spec.months(MONTHS.into()));
    let till = world.clock().now().date_naive() + Months::new(MONTHS);
    let mut life = Life {
        till,
        certificates: Vec::new(),
        paid_sales: 0,
        wrongs: Vec::new(),
    };
    let opened = world.perform(item, "open");
    if !opened.is_ok() {
        life.wrongs.push(opened.stdout);
    }
    for _ in 0..ENOUGH {
        let now = world.clock().now();
        for saved in world.panel().saved_after(item, life.certificates.len()) {
            let Some(next) = Current::read(&saved) else {
                life.wrongs.push("an unreadable certificate".to_owned());
                continue;
            };
            let former = life.certificates.last().map(|(former, _)| former.end);
            if former.is_some_and(|end| end < now) {
                life.wrongs.push(format!("a gap before {now}"));
            }
            if !next.is_lawful() {
                life.wrongs.push(format!("an unlawful life from {now}"));
            }
            let left = former.map(|end| (end - now).num_days());
            life.certificates.push((next, left));
        }
        let next = match life.certificates.last() {
            Some((current, _)) if current.ends_the_term(till) => break,
            Some((current, _)) => current.end - TimeDelta::days(EARLIEST) + TimeDelta::hours(1),
            None => now,
        };
        // What is due by the program's own reckoning a little later is met soon after.
        world.advance((next - now).num_seconds().max(STEP));
        let pass = world.tool(&["daemon", "--once"]).output();
        if !pass.is_ok_and(|pass| pass.status.success()) {
            life.wrongs.push(format!("the pass of {next} failed"));
        }
    }
    if life
        .certificates
        .last()
        .is_none_or(|(last, _)| !last.ends_the_term(till))
    {
        life.wrongs.push(format!("not covered until {till}"));
    }
    let reconciled = world.reconcile();
    if !reconciled.is_sound() {
        life.wrongs.push(format!("{reconciled:?}"));
    }
    life.paid_sales = reconciled.sales.values().sum();
    life
}
