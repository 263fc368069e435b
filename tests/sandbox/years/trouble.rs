//! What goes wrong: vendors away for days, broken answers, a panel that stumbles, killed processes. All
//! chosen by the run's chances, so that it can be repeated.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Customer, PATIENCE, Shop, TRADES, World};
use crate::platform::{PlatformFault, Strike};
use crate::vendor::fault::Fault;

/// Answers that break in a way that leaves the caller with a question.
const FAULTS: [Fault; 6] = [
    Fault::ResetBeforeAnswer,
    Fault::ResetBeforeHandling,
    Fault::ServerErrorAfter,
    Fault::ServerErrorBefore,
    Fault::HtmlPage,
    Fault::CutBody,
];

/// How long a vendor that was away for days stays up.
const QUIET: TimeDelta = TimeDelta::days(8);

const STRIKES: [Strike; 4] = [
    Strike::Failing,
    Strike::LostReply,
    Strike::KillBefore,
    Strike::KillAfter,
];

/// The renewal of each service whose answer is lost after the sale, at the vendor where nothing in a sold slot tells whose
/// it is: a person has to say. Not left to chance, which meets it in few runs.
const LOST_RENEWAL: u32 = 2;

/// Loses the answer to this renewal, if it is the one.
pub(super) fn lose_an_answer(world: &World, customer: &Customer) {
    if customer.renewals == LOST_RENEWAL {
        let server = world.vendor(customer.trade.module);
        server.set_fault_after("PurchaseServices", Fault::ResetBeforeAnswer, 0, 1);
    }
}

#[derive(Default)]
pub(super) struct Trouble {
    /// Vendors that are away, and until when.
    away: BTreeMap<&'static str, DateTime<Utc>>,
    /// When vendors came back.
    back: BTreeMap<&'static str, DateTime<Utc>>,
    /// Boundaries that a pass has, by the latest ones: where to kill the next one.
    boundaries: u64,
    /// Something is to break in this step.
    strikes: bool,
    /// Orders that another system has made on the same accounts.
    elsewhere: u32,
}

impl Trouble {
    pub(super) fn is_away(&self, module: &str) -> bool {
        self.away.contains_key(module)
    }
}

impl Shop {
    pub(super) fn trouble_begins(&mut self) {
        let now = self.now();
        self.trouble.strikes = false;
        self.others_order();
        for trade in &TRADES {
            let server = self.world.vendor(trade.module);
            if let Some(until) = self.trouble.away.get(trade.module) {
                if *until <= now {
                    server.come_up();
                    self.trouble.away.remove(trade.module);
                    self.trouble.back.insert(trade.module, now);
                }
                continue;
            }
            let is_stable = !self.is_busy_season(trade.module) && !self.is_just_back(trade.module);
            if self.chance.one_in(14) && is_stable {
                let until = now + self.chance.days(1, 4);
                server.go_down();
                self.trouble.away.insert(trade.module, until);
                self.figures.outages += 1;
                continue;
            }
            if self.chance.one_in(5) {
                let fault = self.chance.pick(&FAULTS);
                let (skip, times) = (self.chance.below(12), 1 + self.chance.below(3));
                server.set_fault_after("*", fault, skip as u32, times as u32);
                self.figures.faults += 1;
                self.trouble.strikes = true;
            }
        }
        if self.chance.one_in(5) {
            self.world.panel().add_fault(PlatformFault {
                function: None,
                strike: self.chance.pick(&STRIKES),
                skip: self.chance.below(20) as u32,
                times: 1,
            });
            self.figures.faults += 1;
            self.trouble.strikes = true;
        }
    }

    /// A second billing system works on the same accounts: one after the other sells it something, a name of its own
    /// each time. Not by chance, so that the rest of a run's story stays what it was.
    fn others_order(&mut self) {
        self.trouble.elsewhere += 1;
        let number = self.trouble.elsewhere;
        let Some(trade) = TRADES.get(number as usize % 20) else {
            return;
        };
        let vendor = self.world.vendor(trade.module).vendor();
        // Before the first order of an account there is nothing that theirs could be like.
        if vendor
            .order_by_hand(&format!("o{number}.example.org"), "")
            .is_ok()
        {
            self.figures.elsewhere += 1;
        }
    }

    /// Where a renewal must be bought on the last day, a vendor that is away on that day leaves a gap that
    /// no program can close: outages keep clear of those days.
    fn is_busy_season(&self, module: &str) -> bool {
        let now = self.now();
        self.customers.iter().any(|customer| {
            customer.trade.module == module
                && !customer.trade.goes_on
                && customer.opened
                && customer.goes_on(self.last)
                && customer.renews() < now + TimeDelta::days(8)
        })
    }

    /// A vendor that was away for days stays up for a while: two outages in a row take longer than the lead
    /// of the shortest certificates, which no program can help.
    fn is_just_back(&self, module: &str) -> bool {
        let back = self.trouble.back.get(module);
        back.is_some_and(|back| self.now() - *back < QUIET)
    }

    pub(super) fn trouble_ends(&mut self) {
        self.world.panel().clear_faults();
        for trade in &TRADES {
            if !self.trouble.away.contains_key(trade.module) {
                self.world.vendor(trade.module).clear_faults();
            }
        }
    }

    /// A pass in the middle of the trouble; one in three is killed somewhere on its way. Whether anything
    /// was in its way, so that another one has to follow.
    pub(super) fn pass_in_danger(&mut self) -> bool {
        let kill_at = (self.trouble.boundaries > 0 && self.chance.one_in(3))
            .then(|| self.chance.below(self.trouble.boundaries) as usize);
        let watch = self.world.watch();
        watch.begin(kill_at);
        let mut child = self
            .world
            .tool(&["daemon", "--once"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the daemon");
        let start = Instant::now();
        loop {
            if watch.struck() {
                child.kill().expect("a process to kill");
                let _ = child.wait();
                watch.confirm();
                watch.quiet();
                self.figures.kills += 1;
                break;
            }
            if child.try_wait().expect("the daemon's state").is_some() {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "a pass does not end");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let seen = self.world.watch().end().len() as u64;
        // A killed or an idle pass does not tell how many there may be.
        self.trouble.boundaries = seen.max(self.trouble.boundaries * 3 / 4).max(1);
        self.figures.passes += 1;
        kill_at.is_some() || self.trouble.strikes
    }
}
