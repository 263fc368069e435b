//! The model over the real program: random sequences of commands, vendor and platform faults, kills with
//! SIGKILL and clock moves, for every vendor. The thousands are played in memory
//! (`cargo test --lib order::tests::model`); these few go through processes, sockets and the database.
//! `PMSSL_MODEL_PROCESSES=200 cargo test --test suite model:: -- --nocapture` plays more for each vendor.

mod hands;
mod shared;

use std::cell::Cell;
use std::process::Stdio;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use self::shared::{Silence, at_every_vendor, more, nobody_waits_in_silence, unless, world_of};
use crate::proof::Verdict;
use crate::sandbox::sample::plain_product;
use crate::sandbox::vendor::Fault;
use crate::sandbox::{ItemSpec, PlatformFault, Strike, World};
use pmssl::certificate::{Csr, assemble};

/// Rounds in which everything must come to its end, and the seconds between them.
const ROUNDS: usize = 12;
const PAUSE: i64 = 3600;

/// What happens to one command.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Good,
    Killed(usize),
    Vendor(Fault, u32),
    Platform(Strike, u32),
}

#[derive(Debug, Clone, Copy)]
enum Action {
    /// Queue and run; `open` comes first of all.
    Perform(&'static str, Luck),
    /// Run what waits in the queue.
    Retry(Luck),
    Sync(Luck),
    Daemon,
    Approve,
    Hours(i64),
    /// The administrator changes an option.
    Option(&'static str, &'static str),
}

fn luck() -> impl Strategy<Value = Luck> {
    let faults = vec![
        Fault::ResetBeforeHandling,
        Fault::ResetBeforeAnswer,
        Fault::ServerErrorAfter,
        Fault::HtmlPageAfter,
        Fault::ErrorWith200,
        Fault::Truncated,
    ];
    let strikes = vec![Strike::Failing, Strike::LostReply, Strike::Garbage];
    prop_oneof![
        2 => Just(Luck::Good),
        4 => (0..90usize).prop_map(Luck::Killed),
        3 => (select(faults), 0..8u32).prop_map(|(fault, skip)| Luck::Vendor(fault, skip)),
        1 => (select(strikes), 0..8u32).prop_map(|(strike, skip)| Luck::Platform(strike, skip)),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        3 => (select(vec!["prolong", "prolong", "reopen", "suspend", "close"]), luck())
            .prop_map(|(command, luck)| Action::Perform(command, luck)),
        3 => luck().prop_map(Action::Retry),
        2 => luck().prop_map(Action::Sync),
        1 => Just(Action::Daemon),
        2 => Just(Action::Approve),
        2 => select(vec![1, 1, 24 * 170, 24 * 300]).prop_map(Action::Hours),
        1 => select(vec![
            ("SSLExpireDate", "paid"),
            ("SSLExpireDate", ""),
            ("SSLPaidTill", "multiyear"),
            ("SSLSubscriptionPolicy", "manual"),
            ("SSLSubscriptionPolicy", "auto"),
            ("SSLSubscriptionBefore", "90"),
        ])
        .prop_map(|(name, value)| Action::Option(name, value)),
    ]
}

/// How `open` fares, and what follows.
fn sequence() -> impl Strategy<Value = (Luck, Vec<Action>)> {
    (luck(), prop::collection::vec(action(), 0..9))
}

#[derive(Default)]
struct Figures {
    sequences: Cell<usize>,
    commands: Cell<usize>,
    kills: Cell<usize>,
    faults: Cell<usize>,
    sales: Cell<usize>,
    silence: Silence,
}

/// No story is longer than the shortest term: what nobody has proved by its end is never issued.
const LONGEST: i64 = 24 * 330;

/// One service of one vendor.
struct Play<'a> {
    world: World,
    module: &'static str,
    item: u64,
    figures: &'a Figures,
    saves: usize,
    term_end: String,
    /// End date shows the paid term.
    bills_by_end_date: bool,
    /// Hours that have passed.
    hours: i64,
    _directory: tempfile::TempDir,
}

impl<'a> Play<'a> {
    fn new(module: &'static str, figures: &'a Figures) -> Self {
        let (world, directory) = world_of(module);
        let account = world.add_account(module, &[]);
        let product = plain_product(module);
        let item = world.add_item(&ItemSpec::new(account, product).name("m.example.com"));
        Self {
            world,
            module,
            item,
            figures,
            saves: 0,
            term_end: String::new(),
            bills_by_end_date: false,
            hours: 0,
            _directory: directory,
        }
    }

    fn perform(&mut self, command: &str, luck: Luck) -> Verdict {
        let view = self.world.item(self.item);
        let waits = self
            .world
            .operations()
            .iter()
            .any(|one| one.command == command);
        // Nobody asks twice for what is under way, nor for anything of a service that is not there.
        if waits || (command != "open" && !matches!(view.status, 2 | 3)) {
            return Ok(());
        }
        // A client reissues what is issued.
        if command == "reopen" && view.service_status != Some(5) {
            return Ok(());
        }
        let operation = if command == "reopen" {
            self.world.reissue(self.item, None, &[])
        } else {
            self.world.queue(self.item, command)
        };
        self.run(operation, luck)
    }

    fn run(&mut self, operation: u64, luck: Luck) -> Verdict {
        let server = self.world.vendor(self.module);
        more(&self.figures.commands, 1);
        let outcome = match luck {
            Luck::Killed(at) => {
                let id = operation.to_string();
                let item = self.item.to_string();
                let command = self.world.operation(operation).unwrap().command;
                let words = [
                    "--command",
                    &command,
                    "--item",
                    &item,
                    "--runningoperation",
                    &id,
                ];
                self.kill(&words, at);
                return self.check();
            }
            Luck::Vendor(fault, skip) => {
                server.set_fault_after("*", fault, skip, 1);
                more(&self.figures.faults, 1);
                self.world.run(operation)
            }
            Luck::Platform(strike, skip) => {
                self.world.panel().add_fault(PlatformFault {
                    function: None,
                    strike,
                    skip,
                    times: 1,
                });
                more(&self.figures.faults, 1);
                self.world.run(operation)
            }
            Luck::Good => self.world.run(operation),
        };
        server.clear_faults();
        self.world.panel().clear_faults();
        let left = self.world.operation(operation);
        let undisturbed = !matches!(luck, Luck::Platform(..));
        unless(undisturbed && outcome.is_ok() && left.is_some(), || {
            format!("next step: operation {operation} is done and still queued")
        })?;
        let silent = left.is_some_and(|one| one.errorxml.is_empty());
        unless(undisturbed && !outcome.is_ok() && silent, || {
            format!("next step: operation {operation} failed without a word")
        })?;
        self.check()
    }

    fn sync(&mut self, luck: Luck) -> Verdict {
        more(&self.figures.commands, 1);
        let server = self.world.vendor(self.module);
        match luck {
            Luck::Killed(at) => {
                let item = self.item.to_string();
                self.kill(&["--command", "sync_item", "--item", &item], at);
            }
            Luck::Vendor(fault, skip) => {
                server.set_fault_after("*", fault, skip, 1);
                more(&self.figures.faults, 1);
                self.world.sync(self.item);
                server.clear_faults();
            }
            Luck::Platform(..) | Luck::Good => drop(self.world.sync(self.item)),
        }
        self.check()
    }

    /// Runs a command that is killed at a boundary, if it comes so far.
    fn kill(&self, words: &[&str], at: usize) {
        let watch = self.world.watch();
        watch.begin(Some(at));
        let mut child = self
            .world
            .module_command(self.module)
            .args(words)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while child.try_wait().unwrap().is_none() {
            if watch.struck() {
                child.kill().unwrap();
                child.wait().unwrap();
                watch.confirm();
                watch.quiet();
                more(&self.figures.kills, 1);
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        watch.end();
    }

    fn admin(&self, words: &[&str]) -> bool {
        more(&self.figures.commands, 1);
        let program = self.world.layout().module(self.module);
        let mut command = std::process::Command::new(program.canonicalize().unwrap());
        command
            .args(words)
            .env_clear()
            .envs(crate::sandbox::clock::carried())
            .env("PMSSL_MGR_ROOT", self.world.root())
            .stdin(Stdio::null());
        command.output().unwrap().status.success()
    }

    /// A person reads the tasks, looks into the vendor's panel where the outcome is unknown, presses
    /// "restart".
    fn person(&mut self) -> Verdict {
        let manual = self.world.operations().into_iter().filter(|one| one.manual);
        let manual: Vec<u64> = manual.map(|one| one.id).collect();
        if manual.is_empty() {
            return Ok(());
        }
        let view = self.world.item(self.item);
        let parts: Vec<&str> = view.parameter("pmssl_intent").split('|').collect();
        if matches!(parts.get(2), Some(&("sent" | "unknown"))) {
            let known: Vec<&String> = view.parameters.values().collect();
            let sales = self.world.vendor(self.module).vendor().sales();
            // One service, so every order that it does not know is the one that is looked for.
            let unknown = sales
                .iter()
                .rfind(|sale| sale.custom == parts[4] || !known.contains(&&sale.order));
            let id = self.item.to_string();
            let mut words = vec!["resolve", "--item", &id, "--yes"];
            match unknown {
                Some(sale) => words.extend(["--adopt", &sale.order]),
                None => words.push("--not-placed"),
            }
            self.admin(&words);
        }
        for operation in manual {
            self.world.retry(operation);
        }
        self.check()
    }

    /// After every step.
    fn check(&mut self) -> Verdict {
        let reconciled = self.world.reconcile();
        for list in [
            &reconciled.paid_twice,
            &reconciled.shared,
            &reconciled.too_many,
            &reconciled.violations,
        ] {
            unless(!list.is_empty(), || format!("money: {list:?}"))?;
        }
        let view = self.world.item(self.item);
        nobody_waits_in_silence(&self.world)?;
        let end = view.parameter("pmssl_term_end").split(' ').next();
        let end = end.unwrap_or_default().to_owned();
        // What was closed is refunded, and a refunded renewal bought no term.
        let sales = self.world.vendor(self.module).vendor().sales();
        let refunded = sales.iter().any(|sale| sale.refunded);
        unless(end < self.term_end && !refunded, || {
            format!("term: it ended on {}, now on {end}", self.term_end)
        })?;
        self.term_end = end;
        if view.saves > self.saves
            && let Some(saved) = &view.certificate
        {
            let csr = Csr::parse(&view.csr).map_err(|failure| failure.chain())?;
            assemble(&saved.files, &csr)
                .map_err(|failure| format!("certificate: {}", failure.chain()))?;
        }
        self.saves = view.saves;
        unless(
            view.service_status == Some(5) && view.certificate.is_none(),
            || "certificate: shown as issued without one".to_owned(),
        )
    }

    fn act(&mut self, action: Action) -> Verdict {
        match action {
            Action::Perform(command, luck) => self.perform(command, luck),
            Action::Retry(luck) => {
                let mut waiting = self
                    .world
                    .operations()
                    .into_iter()
                    .filter(|one| !one.manual);
                waiting.next().map_or(Ok(()), |one| self.run(one.id, luck))
            }
            Action::Sync(luck) => self.sync(luck),
            Action::Daemon => {
                self.admin(&["daemon", "--once"]);
                self.check()
            }
            Action::Approve => {
                self.world.approve(self.item);
                Ok(())
            }
            Action::Hours(hours) => {
                let hours = hours.min(LONGEST - self.hours);
                self.hours += hours;
                self.world.advance(hours * 3600);
                Ok(())
            }
            Action::Option(name, value) => {
                if name == "SSLExpireDate" {
                    self.bills_by_end_date = value == "paid";
                }
                self.world.set_option(name, value);
                Ok(())
            }
        }
    }

    /// Nobody disturbs any more.
    fn settle(&mut self) -> Verdict {
        for _ in 0..ROUNDS {
            self.world.advance(PAUSE);
            for one in self.world.operations() {
                if !one.manual && self.world.operation(one.id).is_some() {
                    self.run(one.id, Luck::Good)?;
                }
            }
            self.world.approve(self.item);
            self.sync(Luck::Good)?;
            let view = self.world.item(self.item);
            let open = view
                .parameter("pmssl_intent")
                .split('|')
                .nth(2)
                .unwrap_or_default();
            if self.world.operations().is_empty()
                && !matches!(open, "sent" | "unknown" | "placed" | "pending")
            {
                break;
            }
            self.person()?;
        }
        self.end()
    }

    /// The platform works its queue off and the daemon looks, at once and after more days than an order may wait.
    fn alone(&mut self) -> Verdict {
        for days in [0, 9] {
            self.world.advance(days * 86_400);
            for one in self.world.operations() {
                if !one.manual && self.world.operation(one.id).is_some() {
                    self.run(one.id, Luck::Good)?;
                }
            }
            self.act(Action::Daemon)?;
            let silence = &self.figures.silence;
            silence.judge(&self.world, self.module, self.item)?;
        }
        Ok(())
    }

    fn whole(&mut self, first: Luck, actions: &[Action]) -> Verdict {
        self.perform("open", first)?;
        for action in actions {
            self.act(*action)?;
        }
        self.alone()?;
        self.settle()
    }

    fn end(&self) -> Verdict {
        let reconciled = self.world.reconcile();
        unless(!reconciled.is_sound(), || {
            format!("books: {:?}", reconciled.findings())
        })?;
        let view = self.world.item(self.item);
        for one in self.world.operations() {
            // A renewal or reissue that this vendor refuses waits for a person, with its reason.
            let refused = one.command != "open" && !one.errorxml.is_empty();
            unless(!refused, || {
                format!(
                    "end: operation {} ({}) is stuck: {}",
                    one.id, one.command, one.errorxml
                )
            })?;
        }
        let closed = view.status == 4 || view.service_status == Some(6);
        // A certificate that ended before anybody asked for it is refused aloud.
        let over = || {
            let told = self.world.sync(self.item).stdout;
            told.contains("pmssl_certificate_mismatch") && told.contains("it expired on")
        };
        unless(
            !closed && !self.world.is_issued(self.item) && !over(),
            || format!("end: the service is not issued: {view:?}"),
        )?;
        more(&self.figures.sales, reconciled.sales.values().sum());
        let awaited = ["|placed|", "|pending|"];
        let awaited = awaited
            .iter()
            .any(|state| view.parameter("pmssl_intent").contains(state));
        let saved = view.certificate.filter(|_| !closed && !awaited);
        let end = saved.map(|saved| saved.not_after);
        unless(
            end.is_some() && !self.bills_by_end_date && view.expiredate != end,
            || format!("dates: it ends on {end:?} and shows {:?}", view.expiredate),
        )
    }
}

fn play(
    module: &'static str,
    (first, actions): &(Luck, Vec<Action>),
    figures: &Figures,
) -> Verdict {
    more(&figures.sequences, 1);
    let mut play = Play::new(module, figures);
    let verdict = play.whole(*first, actions);
    if verdict.is_err() {
        // The broken rule is told, not what it leaves behind.
        play.world.expect_at_the_end("");
    }
    verdict
}

#[test]
fn the_real_program_keeps_the_law_in_random_sequences() {
    let figures = Figures::default();
    at_every_vendor(0, &sequence(), |module, case| play(module, case, &figures));
    crate::proof::tell(format_args!(
        "model over the real program: {} sequences, {} commands, {} kills, {} faults, {} sales; {} times a paid order \
         without a certificate had an owner, {} of them past its deadline, and somebody was told",
        figures.sequences.get(),
        figures.commands.get(),
        figures.kills.get(),
        figures.faults.get(),
        figures.sales.get(),
        figures.silence.owned.get(),
        figures.silence.late.get()
    ));
    assert!(figures.silence.late.get() > 0, "no order has ever waited");
}
