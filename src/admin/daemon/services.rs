//! What the daemon knows of a module's services, in memory: those that have to be looked at some day soon. A full
//! look finds them all; between two of them only what is new and what is queued is read.
//!
//! A full look costs what the shop has, a quick one what has changed. What changes without a new parameter and while
//! no look sees the operation in the queue (a renewal that took seconds) is found by the next full look; until
//! then the platform's own scheduler follows its order.

mod look;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::Mutex;

use self::look::FullLook;
use super::schedule::{FAILING, Looks, QUIET, SHOWN, state_of};
use crate::domain::{AccountId, Clock, ItemId};
use crate::failure::{Failure, Reason};
use crate::order::intent::{self, Operation, State};
use crate::order::policy::Subscription;
use crate::order::revoked::{Wish, Wished};
use crate::order::term::{self, Shown};
use crate::order::{Intent, current, spare};
use crate::platform::{ACTIVE, CertificateStatus, Fact, News, Platform, Which, fields};

/// The same of one that is suspended: it is paid for, and its dates are read.
const SUSPENDED: i64 = 3;

/// Numbers of parameters are given out in order, but appear when their transactions end, and nodes of a cluster
/// have ranges of their own: so many numbers before the newest one are read again.
const MARGIN: u64 = 1000;

/// After so many new parameters a full look is cheaper than one service after the other.
const MOST_NEWS: u64 = 20_000;

/// One service that has to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Work {
    /// Its id.
    pub(super) item: ItemId,
    /// Account that serves it.
    pub(super) account: AccountId,
    /// Whether an order's certificate or outcome is awaited, as far as the list tells.
    pub(super) awaited: bool,
    /// The moment of its intent.
    pub(super) since: Option<DateTime<Utc>>,
    /// End of the certificate, as far as the platform knows it.
    pub(super) certificate_end: Option<NaiveDate>,
    /// It shows other dates than the options want, which no vendor has to be asked about.
    pub(super) shows_other: bool,
    /// A mark of what was read.
    pub(super) state: u32,
}

/// What is read of one service.
#[derive(Debug, Clone, Copy, Default)]
struct Facts {
    account: Option<AccountId>,
    status: i64,
    expire_date: Option<NaiveDate>,
    months: i64,
    /// The paid term as it was bought, and Paid till.
    bought: Option<NaiveDate>,
    paid_till: Option<NaiveDate>,
    certificate_status: Option<i64>,
    /// The day of the stored end, and whether it has the present form, with a serial number.
    stored_end: Option<(NaiveDate, bool)>,
    /// A mark of that value.
    end_mark: u32,
    /// A person's wish to have it reissued, as a mark of the certificate that it is about.
    wished: Option<u32>,
    intent: Option<Stored>,
}

/// What counts of a stored intent.
#[derive(Debug, Clone, Copy)]
struct Stored {
    mark: u32,
    since: Option<DateTime<Utc>>,
    is_unsettled: bool,
    is_placed_reissue: bool,
    is_awaited: bool,
    is_delivered_purchase: bool,
}

impl Facts {
    fn take(&mut self, fact: Fact<'_>) {
        match fact {
            Fact::Service {
                account,
                status,
                expire_date,
                months,
                ..
            } => {
                self.account = Some(account);
                self.status = status;
                self.expire_date = expire_date;
                self.months = months;
            }
            Fact::Parameter { name, value, .. } => match name {
                fields::SERVICE_STATUS => self.certificate_status = value.trim().parse().ok(),
                fields::CERTIFICATE_END => {
                    let day = current::end_of(value);
                    self.stored_end = day.map(|day| (day, value.trim().contains(' ')));
                    self.end_mark = state_of(&[value.trim()]);
                }
                fields::WISH => {
                    let wish = Wish::from_text(value).filter(|wish| wish.what == Wished::Now);
                    self.wished = wish.map(|wish| state_of(&[&wish.certificate]));
                }
                fields::TERM_END => self.bought = current::term_end_of(value),
                fields::PAID_TILL => self.paid_till = current::term_end_of(value),
                intent::PARAMETER => {
                    let read = Intent::from_text(value).ok();
                    let state = read.as_ref().map(|intent| intent.state);
                    let operation = read.as_ref().map(|intent| intent.operation);
                    self.intent = Some(Stored {
                        mark: state_of(&[value]),
                        since: read.as_ref().map(|intent| intent.since),
                        is_unsettled: state.is_some_and(State::is_unsettled),
                        is_placed_reissue: state == Some(State::Placed)
                            && operation == Some(Operation::Reissue),
                        is_awaited: matches!(state, Some(State::Placed | State::Pending)),
                        is_delivered_purchase: state == Some(State::Issued)
                            && operation != Some(Operation::Reissue),
                    });
                }
                _ => {}
            },
        }
    }

    /// The end that comes first. The End date may show the paid term, and an end that was stored once may be
    /// another certificate's.
    fn first_end(&self) -> Option<NaiveDate> {
        let stored = self.stored_end.map(|(day, _)| day);
        stored.into_iter().chain(self.expire_date).min()
    }

    /// Whether the dates that are shown are other ones than these options want. While a certificate is awaited they come
    /// with it.
    fn shows_other(&self, shown: Shown) -> bool {
        let is_issued = self.certificate_status == Some(CertificateStatus::Issued.code().into());
        let is_awaited = self.intent.is_some_and(|intent| intent.is_awaited);
        let Some((certificate_end, _)) = self.stored_end else {
            return false;
        };
        let basis = term::Basis {
            certificate_end,
            bought: self.bought,
            told: None,
            months: self.months,
            end_date: self.expire_date,
            paid_till: self.paid_till,
        };
        let is_at_rest = is_issued && !is_awaited && matches!(self.status, ACTIVE | SUSPENDED);
        is_at_rest && !basis.is_shown(shown)
    }

    /// The work that it makes, `None` where it can wait for the next full look. More than what is due counts: the
    /// policy decides by the certificate.
    fn work(&self, item: ItemId, wanted: &Wanted) -> Option<Work> {
        let is_issued = self.certificate_status == Some(CertificateStatus::Issued.code().into());
        let is_waiting = matches!(self.certificate_status, Some(3 | 4));
        let is_unsettled = self.intent.is_some_and(|intent| intent.is_unsettled);
        let is_placed = self.intent.is_some_and(|intent| intent.is_placed_reissue);
        let is_near = || {
            self.stored_end.is_none_or(|(_, is_present)| !is_present)
                || self.first_end().is_some_and(|end| end <= wanted.before)
        };
        // Whether the order was made twice may be seen late.
        let is_new = self.intent.is_some_and(|intent| {
            intent.is_delivered_purchase
                && intent
                    .since
                    // The last look comes after that time.
                    .is_some_and(|since| wanted.now < since + spare::LATE + TimeDelta::days(1))
        });
        let is_wished = self.wished == Some(self.end_mark);
        let is_replaced = is_issued && self.status == ACTIVE && (is_wished || is_near());
        let shows_other = wanted.shown.is_some_and(|shown| self.shows_other(shown));
        if !(is_waiting || is_unsettled || is_placed || is_new || is_replaced || shows_other) {
            return None;
        }
        Some(Work {
            item,
            account: self.account?,
            awaited: !is_issued || is_unsettled,
            since: self.intent.and_then(|intent| intent.since),
            certificate_end: self.first_end(),
            shows_other,
            state: self.mark(wanted.options),
        })
    }

    fn mark(&self, options: u32) -> u32 {
        let status = self.certificate_status.unwrap_or_default().to_string();
        let end = self.first_end().map(|end| end.to_string());
        let intent = self.intent.map(|intent| intent.mark.to_string());
        let wished = self.wished.map(|wished| wished.to_string());
        state_of(&[
            wished.as_deref().unwrap_or_default(),
            &status,
            &self.status.to_string(),
            &end.unwrap_or_default(),
            &intent.unwrap_or_default(),
            &options.to_string(),
        ])
    }
}

/// Which services are work.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    now: DateTime<Utc>,
    /// Certificates that end by this day may be due.
    before: NaiveDate,
    /// How the dates are to be shown, where not all services are known to show them so.
    shown: Option<Shown>,
    /// A mark of all options.
    options: u32,
}

/// All that has to be looked at in one module, and when.
#[derive(Debug, Default)]
pub(super) struct Services {
    /// When to look at what.
    pub(super) looks: Looks,
    known: HashMap<u64, Work>,
    /// The moment of the last look.
    now: DateTime<Utc>,
    /// The last full look, as long as what it found is known to count.
    full: Option<FullLook>,
    /// The last one, when it failed on the way: it has cost as much as another.
    failed: Option<FullLook>,
    /// The parameter that was stored last when it was looked.
    newest: u64,
    /// Numbers of parameters near the newest one that were read.
    read: HashSet<u64>,
    queued: HashSet<u64>,
    /// Services that this daemon has changed itself.
    again: HashSet<u64>,
    /// A mark of the options in force, which decide when a service is due and what it shows.
    options: u32,
    shown: Shown,
}

impl Services {
    /// What a process that has looked at nothing yet knows: when to look at what.
    pub(super) fn new(looks: Looks) -> Self {
        Self {
            looks,
            ..Self::default()
        }
    }

    /// The options in force. Others than before, or read by another version of the program, which may decide otherwise:
    /// every service is looked at anew.
    pub(super) fn set_options(&mut self, subscription: &Subscription, shown: Shown) {
        let options = options_mark(subscription, shown, env!("CARGO_PKG_VERSION"));
        self.shown = shown;
        if self.options != options {
            self.options = options;
            self.full = None;
        }
    }

    /// A mark of how the dates are shown.
    fn shown_mark(&self) -> u32 {
        state_of(&[&format!("{:?}", self.shown)])
    }

    fn wanted(&self, before: NaiveDate) -> Wanted {
        let is_known = self.looks.state(SHOWN) == Some(self.shown_mark());
        Wanted {
            now: self.now,
            before,
            shown: (!is_known).then_some(self.shown),
            options: self.options,
        }
    }

    /// Finds out what has to be looked at: certificates that end by a day, and orders that are open. `looking` is held
    /// during a full look: each walks through the parameters of the whole shop, and all modules at once would take
    /// longer than the server allows.
    ///
    /// # Errors
    /// The platform cannot be asked.
    pub(super) async fn refresh(
        &mut self,
        platform: &dyn Platform,
        module: &str,
        before: NaiveDate,
        clock: &Clock,
        looking: &Mutex<()>,
        stop: &Cell<bool>,
    ) -> Result<(), Failure> {
        let now = clock.now();
        self.now = now;
        let failed = self.failed.filter(|failed| failed.rests(now));
        let rests = || {
            Failure::new(Reason::Database).detail(words!(
                "the last check of all services failed and took long: the next one comes later",
                "последняя проверка всех услуг не удалась и заняла много времени: следующая будет позже"
            ))
        };
        if failed.is_some() && self.newest == 0 {
            return Err(rests());
        }
        if failed.is_some() || !self.is_full_look_due(now) {
            let news = platform
                .news_of(module, self.newest.saturating_sub(MARGIN))
                .await?;
            let is_in_reach = self.newest.saturating_sub(MARGIN)..=self.newest + MOST_NEWS;
            if is_in_reach.contains(&news.newest) {
                return self.read_news(platform, module, before, news).await;
            }
            if failed.is_some() {
                return Err(rests());
            }
        }
        let turn = looking.lock().await;
        if stop.get() {
            return Ok(());
        }
        // Before all else: what is stored in between is news for the next look.
        let newest = platform.news_of(module, u64::MAX).await?.newest;
        let news = platform
            .news_of(module, newest.saturating_sub(MARGIN))
            .await?;
        let mut found: HashMap<u64, Facts> = HashMap::new();
        let mut take = |fact: Fact<'_>| found.entry(item_of(fact).0).or_default().take(fact);
        let wanted = self.wanted(before);
        let which = match wanted.shown {
            Some(_) => Which::AllWithDates,
            None => Which::All,
        };
        let began = clock.now();
        let outcome = platform.facts_of(module, which, &mut take).await;
        drop(turn);
        let look = FullLook::new(began, clock.now() - began, found.len());
        self.failed = outcome.is_err().then(|| match self.newest {
            0 => look.in_vain(self.failed),
            _ => look,
        });
        outcome?;
        self.full = Some(look);
        self.note(&news);
        self.again.clear();
        let work = found
            .iter()
            .filter_map(|(item, facts)| Some((*item, facts.work(ItemId(*item), &wanted)?)));
        self.known = work.collect();
        // A pass may be cut, and a visit may fail: only what was seen to fit is not looked for again. What fitted former
        // options does so no more once this pass begins.
        if let Some(shown) = wanted.shown {
            match found.values().any(|facts| facts.shows_other(shown)) {
                true => self.looks.forget(SHOWN),
                false => self.looks.set(SHOWN, self.shown_mark(), now),
            }
        }
        let known = &self.known;
        self.looks
            .keep(|number| number >= QUIET || known.contains_key(&number));
        Ok(())
    }

    fn is_full_look_due(&self, now: DateTime<Utc>) -> bool {
        self.full.is_none_or(|last| !last.rests(now))
    }

    /// Reads what was stored since, and what has come into the queue or left it.
    async fn read_news(
        &mut self,
        platform: &dyn Platform,
        module: &str,
        before: NaiveDate,
        news: News,
    ) -> Result<(), Failure> {
        let queued: HashSet<u64> = news.queued.iter().map(|item| item.0).collect();
        let moved = queued.symmetric_difference(&self.queued).copied();
        let unread = news
            .stored
            .iter()
            .filter(|(number, _)| !self.read.contains(number));
        let changed: HashSet<u64> = moved
            .chain(unread.map(|(_, item)| item.0))
            .chain(self.again.iter().copied())
            .collect();
        for item in changed {
            self.read(platform, module, ItemId(item), before).await?;
        }
        self.again.clear();
        self.note(&news);
        Ok(())
    }

    fn note(&mut self, news: &News) {
        self.newest = news.newest;
        self.read = news.stored.iter().map(|(number, _)| *number).collect();
        self.queued = news.queued.iter().map(|item| item.0).collect();
    }

    /// Somebody else works, or may: what is known here may be old.
    pub(super) fn forget(&mut self) {
        self.full = None;
    }

    /// A service that is being changed is read again by the next look.
    pub(super) fn read_again(&mut self, item: ItemId) {
        self.again.insert(item.0);
    }

    /// Reads one service.
    ///
    /// # Errors
    /// The platform cannot be asked.
    pub(super) async fn read(
        &mut self,
        platform: &dyn Platform,
        module: &str,
        item: ItemId,
        before: NaiveDate,
    ) -> Result<(), Failure> {
        let mut facts = Facts::default();
        let mut take = |fact: Fact<'_>| facts.take(fact);
        let which = Which::One(item);
        platform.facts_of(module, which, &mut take).await?;
        match facts.work(item, &self.wanted(before)) {
            Some(work) => {
                self.known.insert(item.0, work);
            }
            None => {
                self.known.remove(&item.0);
                self.looks.forget(item.0);
            }
        }
        Ok(())
    }

    /// The services whose time has come. Certificates that may be due come first, the one that ends first before all
    /// others; then what is awaited. Of an account whose calls fail only a few services are visited before it rests
    /// again: the one that was visited longest ago comes first, or the others would never have their turn.
    pub(super) fn due(&self, now: DateTime<Utc>) -> Vec<Work> {
        let looks = &self.looks;
        let mut due = sorted(self.known.values().filter(|work| {
            let (number, state) = (work.item.0, work.state);
            looks.is_due(number, state, now)
        }));
        due.sort_by_key(|work| {
            let fails = looks.next(FAILING + work.account.0).is_some();
            fails.then(|| looks.next(work.item.0))
        });
        due
    }

    /// One service, whether its time has come or not.
    pub(super) fn only(&self, item: ItemId) -> Vec<Work> {
        sorted(self.known.get(&item.0).into_iter())
    }
}

fn options_mark(subscription: &Subscription, shown: Shown, version: &str) -> u32 {
    state_of(&[&format!("{subscription:?} {shown:?}"), version])
}

fn item_of(fact: Fact<'_>) -> ItemId {
    match fact {
        Fact::Service { item, .. } | Fact::Parameter { item, .. } => item,
    }
}

fn sorted<'a>(work: impl Iterator<Item = &'a Work>) -> Vec<Work> {
    let mut work: Vec<Work> = work.copied().collect();
    work.sort_by_key(|work| {
        let end = (!work.awaited).then_some(work.certificate_end).flatten();
        (work.awaited, end, work.item)
    });
    work
}

#[cfg(test)]
mod tests;
