//! Every fault of the vendor's line at every call of every command of every vendor, as a recording run finds them.
//! The run that meets the fault must end with its document; afterwards the platform runs the operation again as
//! it would, and there must be one sale per intent, and a certificate or a task that says why there is none.
//!
//! Every run meets all faults at the call that sells a new order, at every vendor, a half of them at the calls that
//! sell a renewal or a reissue, and one at each other call, in turn. `PMSSL_PROOF=all cargo test --test suite
//! faults::` runs every pair (`.ci/proof`).
//!
//! A request that a gateway delivers twice is beyond the client: where the vendor sells both, no program can take
//! it back. What is asserted there is that the client itself sent it once (twice where the vendor takes a number
//! once and is asked with the same number), that the service has one of the two orders, and that the comparison of
//! the books names the other one; they are counted and printed. Where the vendor refuses the second one, the client
//! sees the refusal: what runs is found by a look-up, or a task says what the vendor said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::proof::limits::limited_product;
use crate::proof::{
    COMMANDS, Command, End, Extra, Shop, Trade, everything, has_ended_well, tell, trade,
};
use crate::sandbox::vendor::{Fault, Sale};
use crate::sandbox::world::Setup;
use crate::sandbox::{World, lock};

/// Worlds beside each other: most of the time is spent waiting for silent vendors.
const WORLDS: usize = 4;

/// A read call is repeated inside the command; this many faults in a row are felt outside.
const FELT: u32 = 3;

/// One of so many faults is met in every run: at a call that sells a renewal or a reissue, at one that sells nothing.
const SHARE_OF_LATER_SALES: usize = 2;
const SHARE_OF_READS: usize = 24;

/// One fault at one call.
#[derive(Debug, Clone)]
pub struct Case {
    pub command: Command,
    pub call: String,
    /// How many calls of that name go through first.
    pub skip: u32,
    pub fault: Fault,
    /// The call takes money or brings another certificate.
    pub sells: bool,
}

/// A shop, and what gateways doubled in it.
pub struct Place {
    pub shop: Shop,
    /// Orders of sales beyond the one that was asked for; a renewal may be sold twice under one number.
    doubled: Vec<String>,
}

impl Place {
    pub fn new(trade: &'static Trade) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let setup = Setup {
            pmssl: limited_product(directory.path()),
            ..Setup::default()
        };
        let world = World::start_with(&directory.path().join("root"), &setup);
        Self::of(Shop::of(trade, world, directory))
    }

    pub fn of(shop: Shop) -> Self {
        shop.vendor().set_drip_pause(Duration::from_millis(10));
        // What gateways double is held against the cases by `settle`.
        for doubled in ["lost: ", "paid twice: ", "too many: "] {
            shop.world.expect_at_the_end(doubled);
        }
        Self {
            shop,
            doubled: Vec::new(),
        }
    }

    /// The books of the whole world: what a gateway doubled, and nothing else, is one too many.
    fn settle(&self) -> Result<(), String> {
        self.shop.is_tidy()?;
        let mut reconciled = self.shop.world.reconcile();
        reconciled.lost.retain(|text| {
            let is_doubled = |order: &String| text.ends_with(&format!("order {order}"));
            !self.doubled.iter().any(is_doubled)
        });
        if reconciled.paid_twice.len() <= self.doubled.len() {
            reconciled.paid_twice.clear();
        }
        if reconciled.too_many.len() <= self.doubled.len() {
            reconciled.too_many.clear();
        }
        if !reconciled.is_sound() {
            return Err(format!("books: {reconciled:#?}"));
        }
        Ok(())
    }
}

/// The calls that a command makes in a fair world, in their order, and whether they sell.
fn recorded(place: &mut Place, command: Command) -> Vec<(String, u32, bool)> {
    let shop = &mut place.shop;
    let staged = shop.stage(command);
    shop.vendor().note_selling();
    shop.run(&staged);
    let selling = shop.vendor().selling();
    let requests = shop.vendor().requests();
    let end = shop.recover(&staged, Extra::Nothing);
    let expected = match command.is_served_by(shop.trade) {
        true => End::ByItself,
        false => End::Refused,
    };
    assert_eq!(end, Ok(expected), "{command:?} in a fair world");
    let mut seen = BTreeMap::<String, u32>::new();
    let calls = requests.into_iter().map(|request| {
        let skip = seen.entry(request.call.clone()).or_default();
        *skip += 1;
        let sells = selling.contains(&request.call);
        (request.call, *skip - 1, sells)
    });
    calls.collect()
}

pub fn play(place: &mut Place, case: &Case) -> Result<End, String> {
    let staged = place.shop.stage(case.command);
    let shop = &place.shop;
    let vendor = shop.vendor();
    let times = if case.sells { 1 } else { FELT };
    vendor.set_fault_after(&case.call, case.fault, case.skip, times);
    // Only where silence is meant: a busy machine is no silent vendor.
    let silent = matches!(case.fault, Fault::Stall | Fault::StallBefore);
    if silent {
        shop.set_patience("0.5");
    }
    let outcome = shop.run(&staged);
    shop.set_patience("30");
    vendor.clear_faults();
    has_ended_well(&outcome)?;
    let doubles = case.sells && case.fault == Fault::DuplicateDelivery;
    if doubles && vendor.hits(&case.call) > 2 {
        return Err(format!("sent {} times", vendor.hits(&case.call)));
    }
    let extra = if doubles {
        Extra::DoubledByGateway
    } else {
        Extra::Nothing
    };
    let end = place.shop.recover(&staged, extra)?;
    if doubles {
        let own = place.shop.world.order_of(staged.item);
        let mut sold = place.shop.sold_since(&staged);
        sold.retain(Sale::is_paid);
        if let Some(at) = sold.iter().position(|sale| sale.order == own) {
            sold.remove(at);
        }
        place
            .doubled
            .extend(sold.into_iter().map(|sale| sale.order));
    }
    Ok(end)
}

/// Which faults are met at a call in every run.
fn share(command: Command, number: usize, sells: bool) -> impl Iterator<Item = Fault> {
    let share = match sells {
        _ if everything() => 1,
        true if command == Command::Open => 1,
        true => SHARE_OF_LATER_SALES,
        false => SHARE_OF_READS,
    };
    let all = Fault::ALL.iter().enumerate();
    let chosen = all.filter(move |(at, _)| (at + number).is_multiple_of(share));
    chosen.map(|(_, (_, fault))| *fault)
}

fn meet_all(trade: &'static Trade) {
    let started = Instant::now();
    let mut recording = Place::new(trade);
    let mut cases = Vec::new();
    let mut calls = 0;
    let mut met = BTreeSet::new();
    for command in COMMANDS {
        let recorded = recorded(&mut recording, command);
        println!("faults: {} {command:?} calls {recorded:?}", trade.module);
        let sells = recorded.iter().any(|(.., sells)| *sells);
        assert!(
            sells || !command.sells_something(trade),
            "{command:?} sells, but by which call?"
        );
        for (call, skip, sells) in recorded {
            calls += 1;
            for fault in share(command, calls, sells) {
                met.insert(format!("{fault:?}"));
                cases.push(Case {
                    command,
                    call: call.clone(),
                    skip,
                    fault,
                    sells,
                });
            }
        }
    }
    assert_eq!(recording.settle(), Ok(()));
    assert_eq!(met.len(), Fault::ALL.len(), "every fault is met somewhere");
    let total = cases.len();
    let queue = Mutex::new(cases.into_iter());
    let failures = Mutex::new(Vec::new());
    let ends = Mutex::new(BTreeMap::<(Command, End), usize>::new());
    let doubled = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WORLDS {
            scope.spawn(|| {
                let mut place = Place::new(trade);
                loop {
                    let Some(case) = lock(&queue).next() else {
                        break;
                    };
                    match play(&mut place, &case) {
                        Ok(end) => *lock(&ends).entry((case.command, end)).or_default() += 1,
                        Err(why) => lock(&failures).push(format!("{case:?}: {why}")),
                    }
                }
                *lock(&doubled) += place.doubled.len();
                lock(&failures).extend(place.settle().err());
            });
        }
    });
    tell(format_args!(
        "faults: {}: {total} of {} pairs of {calls} calls and {} faults in {:.0?}: {:?}; \
         {} sales doubled by a gateway, which the books name",
        trade.module,
        calls * Fault::ALL.len(),
        Fault::ALL.len(),
        started.elapsed(),
        lock(&ends),
        lock(&doubled)
    ));
    let failures = lock(&failures);
    assert!(
        failures.is_empty(),
        "{} of {total}: {:#?}",
        failures.len(),
        *failures
    );
}

#[test]
fn thesslstore_meets_every_fault() {
    meet_all(trade("pmthesslstore"));
}

#[test]
fn globalsign_meets_every_fault() {
    meet_all(trade("pmglobalsign"));
}

#[test]
fn enom_meets_every_fault() {
    meet_all(trade("pmenomssl"));
}

#[test]
fn ispmanager_meets_every_fault() {
    meet_all(trade("pmispmgrssl"));
}

#[test]
fn leadertelecom_meets_every_fault() {
    meet_all(trade("pmleadertelecom"));
}
