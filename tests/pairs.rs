//! Pairs of services of one name at one vendor: lost calls, kills and a person's own orders between. No order is held
//! by a service that it was not sold to, none by two, none that the person made; what is not settled has a task, and
//! a person who looks into the vendor's books settles it. Ordinary purchases stand in `ordinary`.
//!
//! `PMSSL_PROOF=all` plays a thousand of each at every vendor.

mod ordinary;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::crash::run_up_to;
use crate::proof::{
    Command, PAUSE, Shop, Staged, TRADES, Trade, Verdict, everything, holds, log_as_usual, tell,
};
use crate::sandbox::ItemSpec;
use crate::sandbox::vendor::Fault;

/// Pairs and ordinary purchases for each vendor in an ordinary run, and in the whole proof.
const SHARE: usize = 4;
const WHOLE: usize = 1000;

/// Pairs of one world: lists of orders stay as short as those of a small shop.
const OF_ONE_WORLD: usize = 20;

/// What happens to one run.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Good,
    Killed(usize),
    /// A fault at a call so many further on.
    Lost(Fault, u32),
}

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The operation of the first or the second service is run.
    Run(usize, Luck),
    /// Both at once.
    Together,
    /// A person orders the name in the vendor's panel.
    Hand,
    Wait,
}

#[derive(Debug, Clone)]
struct Story {
    /// The client uses one key for both.
    same_csr: bool,
    /// The second service is ordered by another account of the same login.
    other_account: bool,
    steps: Vec<Step>,
}

fn luck() -> impl Strategy<Value = Luck> {
    let faults = vec![
        Fault::ResetBeforeHandling,
        Fault::ResetBeforeAnswer,
        Fault::ServerErrorAfter,
        Fault::HtmlPageAfter,
        Fault::Truncated,
    ];
    prop_oneof![
        1 => Just(Luck::Good),
        2 => (0..100usize).prop_map(Luck::Killed),
        3 => (select(faults), 0..10u32).prop_map(|(fault, skip)| Luck::Lost(fault, skip)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..2usize, luck()).prop_map(|(which, luck)| Step::Run(which, luck)),
        1 => Just(Step::Together),
        1 => Just(Step::Hand),
        2 => Just(Step::Wait),
    ]
}

fn story() -> impl Strategy<Value = Story> {
    let steps = prop::collection::vec(step(), 2..7);
    (any::<bool>(), any::<bool>(), steps).prop_map(|(same_csr, other_account, steps)| Story {
        same_csr,
        other_account,
        steps,
    })
}

/// What became of the pairs of a vendor.
#[derive(Debug, Default)]
struct Figures {
    pairs: usize,
    kills: usize,
    lost: usize,
    by_hand: usize,
    /// Orders that a person had to decide about; those without other hands and with two keys apart.
    decided: usize,
    decided_alone: usize,
    /// The latter whose order is in the vendor's books.
    sold_alone: usize,
}

impl Figures {
    /// How often a person was asked in vain, where nobody else orders.
    fn asked_in_vain(&self, trade: &Trade, shows: &str) -> usize {
        match (trade.module, shows) {
            // Whatever became of a call, the vendor shows it by our reference or takes its number only once.
            ("pmthesslstore" | "pmglobalsign", _) => self.decided_alone,
            // What was sold is found by our mark. That nothing is found proves nothing: a filter that a person has left
            // on the account hides rows of Ispmanager's list, and LeaderTelecom's is not known to be complete. So a call
            // that never arrived is a person's.
            ("pmispmgrssl", _) | ("pmleadertelecom", MARKS) => self.sold_alone,
            // eNom's new slots and LeaderTelecom's list as most accounts see it carry nothing of ours.
            _ => 0,
        }
    }
}

/// What LeaderTelecom's list shows to some accounts.
const MARKS: &str = "with-mark";

/// The vendors, and LeaderTelecom once more as it may be.
fn shops() -> impl Iterator<Item = (&'static Trade, &'static str)> {
    let marked = TRADES.iter().filter(|one| one.module == "pmleadertelecom");
    let as_they_are = TRADES.iter().map(|trade| (trade, ""));
    as_they_are.chain(marked.map(|trade| (trade, MARKS)))
}

/// Two services of one name, and what the vendor sold to each.
struct Pair<'a> {
    shop: &'a Shop,
    staged: [Staged; 2],
    /// Orders that were sold while the one or the other was run.
    sold: [Vec<String>; 2],
    /// While both were.
    to_either: Vec<String>,
    by_hand: Vec<String>,
    figures: &'a mut Figures,
}

impl Pair<'_> {
    fn sales(&self) -> Vec<String> {
        let sales = self.shop.vendor().vendor().sales().into_iter();
        let paid = sales.filter(|sale| sale.is_paid());
        paid.map(|sale| sale.order).collect()
    }

    /// Runs an operation that waits, and notes what was sold meanwhile.
    fn run(&mut self, which: usize, luck: Luck) {
        let staged = &self.staged[which];
        let id = staged.operation.expect("a queued operation");
        if self.shop.world.operation(id).is_none_or(|one| one.manual) {
            return;
        }
        let before = self.sales().len();
        match luck {
            Luck::Good => drop(self.shop.run(staged)),
            Luck::Killed(at) => {
                let (_, is_killed) = run_up_to(self.shop, staged, Some(at));
                self.figures.kills += usize::from(is_killed);
            }
            Luck::Lost(fault, skip) => {
                let vendor = self.shop.vendor();
                vendor.set_fault_after("*", fault, skip, 1);
                self.shop.run(staged);
                vendor.clear_faults();
                self.figures.lost += 1;
            }
        }
        let sold = self.sales().split_off(before);
        self.sold[which].extend(sold);
    }

    fn act(&mut self, step: Step) -> Verdict {
        match step {
            Step::Run(which, luck) => self.run(which, luck),
            Step::Together => {
                let waiting = |one: &Staged| {
                    let found = self.shop.world.operation(one.operation?)?;
                    (!found.manual).then_some(found.id)
                };
                let waiting: Vec<u64> = self.staged.iter().filter_map(waiting).collect();
                let before = self.sales().len();
                self.shop.world.run_together(&waiting);
                let sold = self.sales().split_off(before);
                self.to_either.extend(sold);
            }
            Step::Hand => {
                let item = self.shop.world.item(self.staged[0].item);
                let name = self.shop.world.common_name(&item);
                let order = self.shop.vendor().vendor().order_by_hand(&name, "")?;
                self.by_hand.push(order);
                self.figures.by_hand += 1;
            }
            Step::Wait => self.shop.world.advance(PAUSE),
        }
        self.check()
    }

    fn held(&self, which: usize) -> String {
        self.shop.world.order_of(self.staged[which].item)
    }

    /// What must hold at any moment.
    fn check(&self) -> Verdict {
        let held = [self.held(0), self.held(1)];
        holds(held[0].is_empty() || held[0] != held[1], || {
            format!("both hold {}", held[0])
        })?;
        for (which, order) in held.iter().enumerate() {
            let is_own = self.sold[which].contains(order) || self.to_either.contains(order);
            holds(order.is_empty() || is_own, || {
                format!(
                    "service {which} holds {order}; sold to it {:?}, by hand {:?}",
                    self.sold[which], self.by_hand
                )
            })?;
            holds(self.sold[which].len() <= 1, || {
                format!("service {which} bought {:?}", self.sold[which])
            })?;
        }
        let all = self.sold_in_all();
        holds(all <= 2, || format!("{all} sales for two services"))
    }

    /// Nobody disturbs any more: the platform's tries, then a person for what is left.
    fn settle(&mut self, alone: bool) -> Verdict {
        for which in 0..2 {
            for _ in 0..crate::sandbox::queue::TRIES {
                self.shop.world.advance(PAUSE);
                self.run(which, Luck::Good);
            }
        }
        self.check()?;
        // A person has found everything in the vendor's books, and says first what is there.
        let mut open: Vec<usize> = (0..2).filter(|one| !self.is_done(*one)).collect();
        open.sort_by_key(|one| self.order_of(*one).is_none());
        for which in open {
            self.decide(which, alone)?;
        }
        self.check()?;
        let all = self.sold_in_all();
        holds(all == 2, || format!("{all} sales in the end"))?;
        let is_empty = (0..2).any(|which| self.held(which).is_empty());
        holds(!is_empty, || "a service has none".to_owned())
    }

    fn sold_in_all(&self) -> usize {
        self.sold[0].len() + self.sold[1].len() + self.to_either.len()
    }

    fn is_done(&self, which: usize) -> bool {
        self.shop.is_done(&self.staged[which])
    }

    /// The order that was sold to a service; of two that were run at once, the one that the other does not hold.
    fn order_of(&self, which: usize) -> Option<String> {
        let own = self.sold[which].first().cloned();
        let other = self.held(1 - which);
        let both = || self.to_either.iter().find(|order| **order != other);
        own.or_else(|| both().cloned())
    }

    fn decide(&mut self, which: usize, alone: bool) -> Verdict {
        let operation = self.staged[which].operation.expect("a queued operation");
        let why = self.shop.has_task(operation)?;
        self.figures.decided += 1;
        self.figures.decided_alone += usize::from(alone);
        let item = self.staged[which].item.to_string();
        let mut words = vec!["resolve", "--item", &item, "--yes"];
        let order = self.order_of(which);
        self.figures.sold_alone += usize::from(alone && order.is_some());
        let foreign = self.by_hand.join(",");
        match &order {
            Some(order) => words.extend(["--adopt", order]),
            None => words.push("--not-placed"),
        }
        if order.is_none() && !foreign.is_empty() {
            words.extend(["--foreign", &foreign]);
        }
        if why.contains("pmssl_outcome_for_person") {
            let told = self.shop.tool(&words).output().expect("the product");
            holds(told.status.success(), || format!("{words:?}: {told:?}"))?;
        }
        self.shop.world.retry(operation);
        for _ in 0..2 {
            self.run(which, Luck::Good);
            self.shop.world.advance(PAUSE);
        }
        holds(self.is_done(which), || {
            let left = self.shop.world.operation(operation);
            format!("service {which} does not go on after {words:?}: {left:?}")
        })
    }
}

/// The second service's CSR is the first one's.
fn use_one_key(shop: &Shop, [first, second]: [u64; 2]) {
    shop.world.panel().execute(
        "UPDATE certificate SET csr = (SELECT csr FROM certificate WHERE item = ?) WHERE item = ?",
        [first, second],
    );
}

fn play(
    shop: &Shop,
    accounts: [u64; 2],
    number: usize,
    story: &Story,
    figures: &mut Figures,
) -> Verdict {
    let name = format!("pair{number}.example.com");
    let account = accounts[usize::from(story.other_account)];
    let items = [accounts[0], account].map(|account| {
        let mut spec = ItemSpec::new(account, shop.trade.template()).name(&name);
        shop.trade.method.clone_into(&mut spec.approver_method);
        shop.world.add_item(&spec)
    });
    if story.same_csr {
        use_one_key(shop, items);
    }
    figures.pairs += 1;
    let mut pair = Pair {
        shop,
        staged: items.map(|item| shop.asked(item, Command::Open)),
        sold: [Vec::new(), Vec::new()],
        to_either: Vec::new(),
        by_hand: Vec::new(),
        figures,
    };
    for step in &story.steps {
        pair.act(*step)?;
    }
    let alone = pair.by_hand.is_empty() && !story.same_csr;
    pair.settle(alone)
}

/// A world with two accounts of one login, and an order that a person can copy.
fn world_of(trade: &'static Trade, shows: &str) -> (Shop, [u64; 2]) {
    let mut shop = Shop::new(trade);
    if !shows.is_empty() {
        let vendor = shop.vendor().vendor();
        vendor.set_switch("list_reply", shows).expect("a switch");
    }
    // Thousands of commands, in the whole proof as well.
    log_as_usual(&shop.world);
    let other = shop.world.add_account(trade.module, &[]);
    let accounts = [shop.account, other];
    shop.ordered();
    // What a person ordered is nobody's, and the cases themselves tell what was sold to whom.
    shop.world.expect_at_the_end("");
    (shop, accounts)
}

fn count() -> usize {
    let wished = std::env::var("PMSSL_PAIRS").ok();
    let wished = wished.map(|text| text.parse().expect("a number of pairs"));
    wished.unwrap_or(if everything() { WHOLE } else { SHARE })
}

fn pairs_of(trade: &'static Trade, shows: &str, seed: u64) -> (Figures, Vec<String>) {
    let mut figures = Figures::default();
    let mut failed = Vec::new();
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    });
    let mut world = world_of(trade, shows);
    for number in 0..count() {
        if number % OF_ONE_WORLD == OF_ONE_WORLD - 1 {
            world = world_of(trade, shows);
        }
        let story = story().new_tree(&mut runner).expect("a story").current();
        let (shop, accounts) = &world;
        if let Err(why) = play(shop, *accounts, number, &story, &mut figures) {
            failed.push(format!("{} {number}: {why}: {story:?}", trade.module));
        }
    }
    (figures, failed)
}

#[test]
fn two_services_of_one_name_never_share_an_order() {
    let failed: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = shops()
            .enumerate()
            .map(|(seed, (trade, shows))| {
                let pairs = move || pairs_of(trade, shows, seed as u64);
                (trade, shows, scope.spawn(pairs))
            })
            .collect();
        let mut all = Vec::new();
        for (trade, shows, thread) in threads {
            let (figures, failed) = thread.join().expect("the pairs of a vendor");
            tell(format_args!("pairs: {} {shows}: {figures:?}", trade.module));
            all.extend(failed);
            if figures.asked_in_vain(trade, shows) > 0 {
                all.push(format!(
                    "{} {shows}: a person was asked: {figures:?}",
                    trade.module
                ));
            }
        }
        all
    });
    assert!(failed.is_empty(), "{} failed: {failed:#?}", failed.len());
}
