//! What a pass keeps of its accounts: pace, wishes of their vendors, failures.

use std::rc::Rc;

use chrono::TimeDelta;

use super::{Count, Pass};
use crate::admin::daemon::hook::{Event, EventKind as Happened};
use crate::admin::daemon::schedule::{FAILING, QUIET, UNUSABLE};
use crate::admin::orders;
use crate::ca::http::{Meter, Usage};
use crate::certificate;
use crate::domain::{AccountId, ItemId};
use crate::failure::{Failure, FailureKind, Language};
use crate::log;
use crate::module::Text;
use crate::order::OrderSession;
use crate::platform::{Account, Platform, fields};

impl Pass<'_> {
    /// The meter of an account, at the pace of this pass. A new one knows what an earlier process was asked
    /// for: with a pass started every few minutes nobody else would remember.
    pub(super) fn meter(&self, account: AccountId) -> Rc<Meter> {
        let new = || {
            let meter = Meter::new(self.limits.calls_per_second);
            let until = self.services.borrow().looks.next(QUIET + account.0);
            let rest = until.and_then(|until| (until - self.clock.now()).to_std().ok());
            if let Some(rest) = rest.filter(|rest| !rest.is_zero()) {
                meter.keep_quiet(rest);
            }
            Rc::new(meter)
        };
        let mut meters = self.meters.of_account.borrow_mut();
        let meter = Rc::clone(meters.entry(account).or_insert_with(new));
        meter.set_pace(self.limits.calls_per_second);
        let mut accounts = self.accounts.borrow_mut();
        accounts.entry(account).or_insert_with(|| meter.usage());
        meter
    }

    /// What was asked in this pass.
    pub(super) fn asked(&self) -> Usage {
        let mut asked = Usage::default();
        for (account, before) in self.accounts.borrow().iter() {
            let Some(meter) = self.meters.get(*account) else {
                continue;
            };
            let usage = meter.usage().since(*before);
            asked.requests += usage.requests;
            asked.calls += usage.calls;
            asked.failures += usage.failures;
            asked.spent += usage.spent;
        }
        asked
    }

    /// Keeps the vendors' wishes, and which accounts fail, for the next pass and the next process.
    pub(super) fn remember_wishes(&self) {
        let looks = &mut self.services.borrow_mut().looks;
        for account in self.accounts.borrow().keys() {
            let meter = self.meters.get(*account);
            let quiet = meter.as_ref().and_then(|meter| meter.quiet_for());
            let quiet = quiet.and_then(|rest| TimeDelta::from_std(rest).ok());
            let failing = meter.is_some_and(|meter| meter.is_failing());
            let failing = failing.then(TimeDelta::zero);
            for (number, pause) in [(QUIET + account.0, quiet), (FAILING + account.0, failing)] {
                match pause {
                    Some(pause) => looks.set(number, 0, self.clock.now() + pause),
                    None => looks.forget(number),
                }
            }
        }
    }

    /// Tells the administrator's program of a service, without waiting for it.
    pub(in crate::admin::daemon) fn tell(
        &self,
        session: &OrderSession<'_>,
        item: ItemId,
        account: AccountId,
        event: Happened,
        text: impl Into<String>,
    ) {
        let service = session.service();
        let csr = service.csr.as_deref().and_then(certificate::listed);
        let common = csr.as_ref().and_then(|csr| csr.names.first());
        let further = service.parameter(fields::ADDITIONAL_NAMES);
        self.meters.events.tell(Event {
            event,
            item: Some(item.0),
            module: self.module.name,
            account: Some(account.0),
            order: session.order_number().map(|order| order.to_string()),
            names: orders::all_names(common, further.unwrap_or_default()),
            text: text.into(),
        });
    }

    /// Leaves an account alone whose login was refused.
    pub(in crate::admin::daemon) fn heed(&self, account: AccountId, failure: &Failure) {
        let meter = self.meters.get(account);
        if let Some(meter) = meter.filter(|_| failure.is_login_refused()) {
            meter.refuse();
        }
    }

    /// An account whose credentials are refused is the administrator's, as with the platform's own commands. Once in a
    /// pass.
    pub(in crate::admin::daemon) async fn register_problem(
        &self,
        platform: &dyn Platform,
        account: &Account,
        failure: &Failure,
    ) {
        let is_refused = failure
            .causes()
            .any(|cause| cause.kind() == FailureKind::Auth);
        if !is_refused || !self.refused.borrow_mut().insert(account.id) {
            return;
        }
        register(platform, account.id, &account.name, failure).await;
    }

    /// The same of an account that cannot be used as it is, for whatever reason.
    pub(in crate::admin::daemon) async fn register_unusable(
        &self,
        platform: &dyn Platform,
        account: AccountId,
        failure: &Failure,
    ) {
        if self.refused.borrow_mut().insert(account) {
            // Its name stands among the settings that may be what cannot be read.
            let known = platform.account(account).await;
            let name = known.map_or_else(|_| account.to_string(), |known| known.name);
            register(platform, account, &name, failure).await;
        }
    }

    /// Gives a person a task about an account that cannot be used while a service needs it, and what for; once, until it
    /// can be used again.
    pub(in crate::admin::daemon) async fn call_for_account(
        &self,
        platform: &dyn Platform,
        account: AccountId,
        item: ItemId,
        why: Text,
        failure: &Failure,
    ) {
        let (number, now) = (UNUSABLE + account.0, self.clock.now());
        // Noted before anything is awaited: another hand may be about to do the same.
        {
            let looks = &mut self.services.borrow_mut().looks;
            if looks.state(number).is_some() {
                return;
            }
            looks.set(number, 0, now);
        }
        let text = failure.in_full();
        let needs = |text: &str| text.replace("__item__", &item.to_string());
        let text = format!(
            "pmssl: account {account} cannot be used ({}), and {}. Correct the account's settings; \
             'pmssl check --account {account}' tests them.\n\
             pmssl: обработчик {account} не работает ({}), а {}. Исправьте настройки обработчика; \
             'pmssl check --account {account}' проверит их.",
            text.en(),
            needs(why.en),
            text.get(Language::Russian),
            needs(why.ru)
        );
        match platform
            .raise_task(account, &crate::logging::mask(&text))
            .await
        {
            Ok(()) => {
                self.count(Count::Tasked);
                self.meters.events.tell(Event {
                    event: Happened::NeedsPerson,
                    item: Some(item.0),
                    module: self.module.name,
                    account: Some(account.0),
                    order: None,
                    names: Vec::new(),
                    text,
                });
            }
            Err(trouble) => {
                self.account_is_usable(account);
                let why = trouble.chain();
                log!(Main, Warning, "no task about the account: {why}");
            }
        }
    }

    /// Whatever hindered an account is over: the next time is another one.
    pub(in crate::admin::daemon) fn account_is_usable(&self, account: AccountId) {
        let number = UNUSABLE + account.0;
        let looks = &mut self.services.borrow_mut().looks;
        if looks.state(number).is_some() {
            looks.keep(|known| known != number);
        }
    }
}

/// Tells the platform what is wrong with an account. Where it does not listen, the log has it.
async fn register(platform: &dyn Platform, account: AccountId, name: &str, failure: &Failure) {
    let text = failure.in_full();
    let text = format!("{}\n{}", text.en(), text.get(Language::Russian));
    let text = crate::logging::mask(&text);
    if let Err(trouble) = platform.register_problem(account, name, &text).await {
        let why = trouble.chain();
        log!(Main, Warning, "the problem is not registered: {why}");
    }
}
