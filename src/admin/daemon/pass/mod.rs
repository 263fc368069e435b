//! One pass over a module: what needs work, done by a few hands at once inside the vendors' limits.

mod accounts;
mod balances;
mod orders;
mod revocations;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Deref;
use std::path::Path;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use super::Limits;
use super::hook::Events;
use super::leadership::Leader;
use super::proof_lookup::ProofLookup;
use super::services::{Services, Work};
use super::worker::Worker;
use crate::admin::metrics::{Counted, Funds};
use crate::ca::CertificateAuthority;
use crate::ca::http::{Meter, Usage};
use crate::commands;
use crate::domain::{AccountId, Clock, ItemId};
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::module::{Module, Text};
use crate::order::policy::{Policy, Subscription};
use crate::order::{calendar, lead};
use crate::platform::{Account, Platform};

/// The schedule is saved after so many services of a pass, and at its end.
const SAVED_AFTER: usize = 1000;

/// After so many failures of the platform itself a pass ends: without it nothing can be done.
const PLATFORM_FAILURES: u32 = 5;

/// A pass is stopped when more than this part of its calls failed ...
const FAILING_PART: u64 = 4;

/// ... of at least so many.
const ENOUGH_CALLS: u64 = 50;

/// Whether so many calls failed that going on would only do harm.
const fn is_hopeless(asked: Usage) -> bool {
    asked.calls >= ENOUGH_CALLS && asked.failures * FAILING_PART > asked.calls
}

/// Why a pass ends before its list does.
pub(super) const ASKED_TO_STOP: Text = Text::new("asked to stop", "получен сигнал остановки");
pub(super) const STANDS_BY: Text = Text::new(
    "another daemon works on this module",
    "с этим модулем работает другой демон",
);
pub(super) const CALLS_FAIL: Text = Text::new(
    "more than a quarter of the vendor's calls failed",
    "не удалось больше четверти вызовов поставщика",
);
const PLATFORM_FAILS: Text = Text::new("BILLmanager is not available", "BILLmanager недоступен");

/// Things that are counted for the status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    Looked,
    Waiting,
    Delivered,
    Reissued,
    Postponed,
    Notified,
    Tasked,
    Failed,
    Busy,
    Trouble,
}

impl Count {
    /// All with their words, the English ones for log and JSON.
    pub(super) const ALL: [(Self, Text); 10] = [
        (Self::Looked, Text::new("looked at", "проверено")),
        (Self::Waiting, Text::new("waiting", "ожидает")),
        (Self::Delivered, Text::new("delivered", "выдано")),
        (Self::Reissued, Text::new("reissued", "перевыпущено")),
        (Self::Postponed, Text::new("postponed", "отложено")),
        (Self::Notified, Text::new("told", "уведомлений")),
        (Self::Tasked, Text::new("tasks", "задач")),
        (Self::Failed, Text::new("failed", "не удалось")),
        (Self::Busy, Text::new("busy", "занято")),
        (Self::Trouble, Text::new("trouble", "сбоев")),
    ];
}

/// An account with its vendor.
pub(super) type Vendor = (Account, Box<dyn CertificateAuthority>);

/// Builds the vendor of an account.
pub(super) type Connect<'a> =
    dyn Fn(&Account, &Rc<Meter>) -> Result<Box<dyn CertificateAuthority>, Failure> + 'a;

/// Meters of all accounts, and the balances that were told; they outlive a pass.
#[derive(Debug, Default)]
pub(super) struct Meters {
    of_account: RefCell<BTreeMap<AccountId, Rc<Meter>>>,
    funds: RefCell<BTreeMap<AccountId, Funds>>,
    /// What was counted before.
    counted: RefCell<BTreeMap<AccountId, Usage>>,
    /// What the administrator's program is told.
    pub(super) events: Events,
}

impl Meters {
    fn get(&self, account: AccountId) -> Option<Rc<Meter>> {
        self.of_account.borrow().get(&account).map(Rc::clone)
    }

    /// What was counted since this was last called, by account.
    pub(super) fn take_counts(&self) -> BTreeMap<u64, Counted> {
        let mut funds = self.funds.take();
        let meters = self.of_account.borrow();
        let mut before = self.counted.borrow_mut();
        let counted = meters.iter().map(|(account, meter)| {
            let all = meter.usage();
            let usage = all.since(before.insert(*account, all).unwrap_or_default());
            let counted = Counted {
                requests: usage.requests,
                failures: usage.failures,
                milliseconds: u64::try_from(usage.spent.as_millis()).unwrap_or(u64::MAX),
                funds: funds.remove(account),
            };
            (account.0, counted)
        });
        counted
            .filter(|(_, counted)| *counted != Counted::default())
            .collect()
    }
}

/// Which services a pass is about.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Only {
    pub(super) account: Option<AccountId>,
    pub(super) item: Option<ItemId>,
}

impl Only {
    const fn is_all(self) -> bool {
        self.account.is_none() && self.item.is_none()
    }
}

/// What a pass is made of; each part is used by somebody else.
pub(super) struct Parts<'a> {
    pub(super) module: &'static Module,
    pub(super) root: &'a Path,
    pub(super) clock: &'a Clock,
    pub(super) subscription: Subscription,
    pub(super) limits: Limits,
    pub(super) proof_lookup: &'a dyn ProofLookup,
    pub(super) stop: &'a Cell<bool>,
    pub(super) only: Only,
    /// Told after each service: done, all.
    pub(super) progress: &'a dyn Fn(usize, usize),
    pub(super) connect: &'a Connect<'a>,
    pub(super) meters: &'a Meters,
    pub(super) services: &'a RefCell<Services>,
    pub(super) lead: &'a dyn Leader,
    /// Held by the module that looks at all its services.
    pub(super) looking: &'a Mutex<()>,
}

/// One pass.
pub(super) struct Pass<'a> {
    parts: Parts<'a>,
    /// Accounts that this pass has to do with, and what was asked in their names before it.
    accounts: RefCell<BTreeMap<AccountId, Usage>>,
    list: RefCell<VecDeque<Work>>,
    all: Cell<usize>,
    done: Cell<usize>,
    counts: RefCell<BTreeMap<Count, u32>>,
    platform_failures: Cell<u32>,
    /// Another daemon has taken over.
    replaced: Cell<bool>,
    /// Services of an account that were ordered for within the hour before this pass first asked for them.
    sent: RefCell<BTreeMap<AccountId, BTreeSet<ItemId>>>,
    /// Accounts whose credentials were refused in this pass.
    refused: RefCell<BTreeSet<AccountId>>,
    /// Services whose reissue this pass is sending or has sent: another hand's count may be older.
    ordering: RefCell<BTreeSet<(AccountId, ItemId)>>,
}

impl<'a> Deref for Pass<'a> {
    type Target = Parts<'a>;

    fn deref(&self) -> &Parts<'a> {
        &self.parts
    }
}

/// What a pass came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) module: &'static str,
    pub(super) found: usize,
    pub(super) counts: BTreeMap<Count, u32>,
    /// Calls of vendors; one that is repeated is one.
    pub(super) calls: u64,
    pub(super) failed_calls: u64,
    /// Why it ended early.
    pub(super) ended_early: Option<Text>,
}

impl Summary {
    /// Whether nothing was due and no vendor was asked.
    pub(super) fn is_idle(&self) -> bool {
        self.found == 0 && self.calls == 0 && self.counts.is_empty()
    }

    /// The status line.
    pub(super) fn line(&self) -> String {
        let counts: Vec<String> = Count::ALL
            .iter()
            .filter_map(|(count, word)| Some(format!("{} {}", word.en, self.counts.get(count)?)))
            .collect();
        let counts = if counts.is_empty() {
            "nothing to do".to_owned()
        } else {
            counts.join(", ")
        };
        let early = self
            .ended_early
            .map(|why| format!("; ended early: {}", why.en))
            .unwrap_or_default();
        format!(
            "{}: {} services due: {counts}; vendor calls {}, failed {}{early}",
            self.module, self.found, self.calls, self.failed_calls
        )
    }
}

impl<'a> Pass<'a> {
    pub(super) fn new(parts: Parts<'a>) -> Self {
        Self {
            parts,
            accounts: RefCell::default(),
            list: RefCell::default(),
            all: Cell::default(),
            done: Cell::default(),
            counts: RefCell::default(),
            platform_failures: Cell::default(),
            replaced: Cell::default(),
            sent: RefCell::default(),
            refused: RefCell::default(),
            ordering: RefCell::default(),
        }
    }

    /// Finds what needs work. The services whose certificate may be due come first, the one that ends
    /// first before all others.
    pub(super) async fn find(&self, platform: &dyn Platform) -> Result<Vec<Work>, Failure> {
        let now = self.clock.now();
        let today = now.date_naive();
        let lead = lead::widest(self.subscription.before, calendar::longest_alive(today));
        let before = match self.subscription.policy {
            // Only what is awaited.
            Policy::None => today - TimeDelta::days(36_500),
            _ => today + TimeDelta::days(lead.into()),
        };
        let mut services = self.services.take();
        services.set_options(&self.subscription, commands::shown(platform));
        let (name, item) = (self.module.name, self.only.item);
        let read = match item {
            Some(item) => services.read(platform, name, item, before).await,
            None => {
                let (clock, looking, stop) = (self.clock, self.looking, self.stop);
                services
                    .refresh(platform, name, before, clock, looking, stop)
                    .await
            }
        };
        let mut found = match item {
            Some(item) => services.only(item),
            None => services.due(now),
        };
        self.services.replace(services);
        read?;
        found.retain(|work| {
            let account = self.only.account;
            account.is_none_or(|account| account == work.account)
        });
        Ok(found)
    }

    /// Does the work with as many hands as there are platforms; each serves one service at a time.
    ///
    /// # Errors
    /// The platform cannot say what needs work.
    pub(super) async fn run(&self, platforms: &[&dyn Platform]) -> Result<Summary, Failure> {
        let Some(first) = platforms.first() else {
            return Ok(Summary::default());
        };
        let found = self.find(*first).await?;
        self.all.set(found.len());
        for work in &found {
            self.meter(work.account);
        }
        if found.iter().any(|work| work.shows_other) {
            // Before any date changes: a killed process must not leave behind that all dates fit former options.
            self.save_looks();
        }
        *self.list.borrow_mut() = found.into();
        let workers = platforms.iter().map(|platform| async move {
            let mut worker = Worker {
                platform: *platform,
                pass: self,
                vendors: BTreeMap::new(),
            };
            worker.work().await;
        });
        super::all(workers).await;
        if self.only.item.is_none() && self.ended_early().is_none() {
            self.balances(*first).await;
            self.revocations(*first).await;
        }
        self.remember_wishes();
        self.save_looks();
        Ok(self.summary())
    }

    fn summary(&self) -> Summary {
        let asked = self.asked();
        Summary {
            module: self.module.name,
            found: self.all.get(),
            counts: self.counts.borrow().clone(),
            calls: asked.calls,
            failed_calls: asked.failures,
            ended_early: self.ended_early(),
        }
    }

    fn ended_early(&self) -> Option<Text> {
        if self.stop.get() {
            Some(ASKED_TO_STOP)
        } else if self.replaced.get() {
            Some(STANDS_BY)
        } else if is_hopeless(self.asked()) {
            Some(CALLS_FAIL)
        } else if self.platform_failures.get() >= PLATFORM_FAILURES {
            Some(PLATFORM_FAILS)
        } else {
            None
        }
    }

    /// The next service, as long as this daemon is the one that works on the module.
    pub(super) async fn next(&self) -> Option<Work> {
        if self.ended_early().is_none() && !self.lead.leads().await && !self.replaced.replace(true)
        {
            self.services.borrow_mut().forget();
            log!(
                Main,
                Warning,
                "{}: another daemon has taken over, or may: this one stops",
                self.module.name
            );
        }
        self.take()
    }

    fn take(&self) -> Option<Work> {
        if self.ended_early().is_some() {
            return None;
        }
        loop {
            let work = self.list.borrow_mut().pop_front()?;
            // Dates need no vendor, and whoever has to know of a certificate hears whatever the vendor does.
            let is_told = || {
                let looks = &mut self.services.borrow_mut().looks;
                work.certificate_end.is_some() && looks.tells(work.item.0, self.clock.now())
            };
            if work.shows_other || !self.is_resting(work.account) || is_told() {
                return Some(work);
            }
            self.step();
        }
    }

    /// Whether an account's vendor is left alone.
    pub(super) fn is_resting(&self, account: AccountId) -> bool {
        let meter = self.meters.get(account);
        meter.is_some_and(|meter| meter.is_resting())
    }

    /// A service had its turn.
    pub(super) fn step(&self) {
        self.done.set(self.done.get() + 1);
        (self.progress)(self.done.get(), self.all.get());
    }

    pub(super) fn count(&self, what: Count) {
        *self.counts.borrow_mut().entry(what).or_default() += 1;
    }

    pub(super) fn note_trouble(&self, failure: &Failure) {
        // A fault of this program says nothing of the platform.
        if failure.kind() == FailureKind::Platform && failure.reason() != Reason::Internal {
            self.platform_failures.set(self.platform_failures.get() + 1);
        }
    }

    /// A service is done with for now.
    pub(super) fn seen(&self, work: &Work, next: DateTime<Utc>) {
        let mut services = self.services.borrow_mut();
        services.looks.set(work.item.0, work.state, next);
        drop(services);
        // A pass over many services takes long, and may be cut.
        if self.done.get() % SAVED_AFTER == SAVED_AFTER - 1 {
            self.save_looks();
        }
        self.step();
    }

    /// What a pass over all services leaves tells that it was here.
    fn save_looks(&self) {
        let looks = &mut self.services.borrow_mut().looks;
        match self.only.is_all() {
            true => looks.save(self.root, self.module.name),
            false => looks.save_part(self.root, self.module.name),
        }
    }

    /// How long a service has waited: since its intent, else since its certificate became due.
    pub(super) fn age(&self, work: &Work, now: DateTime<Utc>) -> TimeDelta {
        match work.since {
            Some(since) if work.awaited => now - since,
            None if work.awaited => TimeDelta::days(1),
            _ => TimeDelta::hours(1),
        }
    }

    /// An account with its vendor, at the account's pace.
    pub(super) async fn connect(
        &self,
        platform: &dyn Platform,
        id: AccountId,
    ) -> Result<Vendor, Failure> {
        let account = platform.account(id).await?;
        if account.module != self.module.name {
            return Err(
                Failure::field(Reason::ForeignModule, format!("account {id}"))
                    .value(&account.module),
            );
        }
        for secret in account.settings.secrets() {
            crate::logging::register_secret(secret);
        }
        let authority = (self.connect)(&account, &self.meter(id))?;
        Ok((account, authority))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_hopeless_when_more_than_a_quarter_of_fifty_calls_failed() {
        let hopeless = |calls: u64, failures: u64| {
            is_hopeless(Usage {
                calls,
                requests: 3 * calls,
                failures,
                ..Usage::default()
            })
        };
        assert!(!hopeless(49, 49));
        assert!(!hopeless(50, 12));
        assert!(hopeless(50, 13));
        assert!(!hopeless(100, 25));
        assert!(hopeless(100, 26));
    }
}
