//! A platform in memory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::MODULE;
use crate::domain::text::Words;
use crate::domain::{AccountId, ItemId, Money, OperationId, Settings};
use crate::failure::{Failure, Reason};
use crate::order::{Intent, State};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Fact, Finish, News, Patience, Platform,
    RunningOperation, Service, ServiceSummary, TakeFact, Which,
};

/// Services, locks and what people were told.
#[derive(Default)]
pub(super) struct InMemoryPlatform {
    pub(super) services: RefCell<BTreeMap<ItemId, Service>>,
    pub(super) locks: RefCell<BTreeSet<ItemId>>,
    pub(super) notified: RefCell<Vec<ItemId>>,
    pub(super) tasks: RefCell<Vec<String>>,
    pub(super) problems: Cell<u32>,
    /// The platform makes no tasks.
    pub(super) taskless: Cell<bool>,
    /// Orders of services that the daemon has nothing to do with.
    pub(super) sent: Cell<u64>,
    /// How often the sent orders were counted.
    pub(super) counted: Cell<usize>,
    /// The number of the count whose answer comes late: not before all others have done what they can.
    pub(super) late_count: Cell<Option<usize>>,
    pub(super) queued: Cell<Option<u64>>,
    pub(super) deaf: Cell<bool>,
    /// Looking at this service brings the program down.
    pub(super) cursed: Cell<Option<ItemId>>,
    /// Called in the middle of each full look, which fails if it says so.
    pub(super) in_full_look: RefCell<Option<Box<dyn Fn() -> bool>>>,
    /// Full looks at all services.
    pub(super) looked: Cell<usize>,
    /// Those that are in progress, and the most that ever were at once.
    pub(super) looking: Cell<usize>,
    pub(super) most_looking: Cell<usize>,
    /// Parameters that were stored one after the other, with their services.
    pub(super) stored: RefCell<BTreeMap<u64, ItemId>>,
    /// Services with a queued operation.
    pub(super) queue: RefCell<Vec<ItemId>>,
}

impl InMemoryPlatform {
    pub(super) fn change_parameter(&self, item: ItemId, name: &str, value: &str) {
        self.change(item, |service| {
            service.parameters.insert(name.into(), value.into());
        });
    }

    fn change(&self, item: ItemId, change: impl FnOnce(&mut Service)) {
        if let Some(service) = self.services.borrow_mut().get_mut(&item) {
            change(service);
        }
    }
}

#[async_trait(?Send)]
impl Platform for InMemoryPlatform {
    async fn service(&self, item: ItemId) -> Result<Service, Failure> {
        assert_ne!(self.cursed.get(), Some(item), "a fault of the program");
        let services = self.services.borrow();
        services
            .get(&item)
            .cloned()
            .ok_or_else(|| Failure::new(Reason::UnknownItem))
    }

    async fn account(&self, account: AccountId) -> Result<Account, Failure> {
        Ok(Account {
            id: account,
            name: "account".into(),
            module: MODULE.into(),
            settings: Settings::default(),
        })
    }

    async fn accounts_of(&self, _: &str) -> Result<Vec<AccountId>, Failure> {
        Ok(vec![AccountId(1)])
    }

    async fn services_of(&self, _: &str) -> Result<Vec<ServiceSummary>, Failure> {
        Ok(Vec::new())
    }

    async fn facts_of(
        &self,
        _: &str,
        which: Which,
        found: &mut TakeFact<'_>,
    ) -> Result<(), Failure> {
        let one = match which {
            Which::One(item) => Some(item),
            Which::All | Which::AllWithDates => None,
        };
        if one.is_none() {
            self.looked.set(self.looked.get() + 1);
            self.looking.set(self.looking.get() + 1);
            let most = self.most_looking.get().max(self.looking.get());
            self.most_looking.set(most);
            tokio::task::yield_now().await;
            self.looking.set(self.looking.get() - 1);
        }
        if let (None, Some(hook)) = (one, self.in_full_look.borrow().as_ref())
            && hook()
        {
            return Err(Failure::new(Reason::Database));
        }
        for (item, service) in self.services.borrow().iter() {
            if one.is_none_or(|one| one == *item) {
                service.facts(*item, service.account.unwrap_or(AccountId(1)), found);
            }
        }
        Ok(())
    }

    async fn news_of(&self, _: &str, after: u64) -> Result<News, Failure> {
        let stored = self.stored.borrow();
        Ok(News {
            newest: stored.keys().last().copied().unwrap_or_default(),
            stored: stored
                .range(after.saturating_add(1)..)
                .map(|(number, item)| (*number, *item))
                .collect(),
            queued: self.queue.borrow().clone(),
        })
    }

    async fn sent_since(
        &self,
        _: AccountId,
        since: DateTime<Utc>,
    ) -> Result<BTreeSet<ItemId>, Failure> {
        self.counted.set(self.counted.get() + 1);
        let was_sent = |service: &Service| {
            let intent = service.parameter("pmssl_intent")?;
            let intent = Intent::from_text(intent).ok()?;
            Some(intent.state != State::Prepared && intent.since >= since)
        };
        let services = self.services.borrow().clone().into_iter();
        let mut sent: BTreeSet<ItemId> = services
            .filter(|(_, service)| was_sent(service).unwrap_or_default())
            .map(|(item, _)| item)
            .collect();
        sent.extend((0..self.sent.get()).map(|number| ItemId(1_000_000 + number)));
        if self.late_count.get() == Some(self.counted.get()) {
            super::let_others_work().await;
        }
        Ok(sent)
    }

    async fn parameters_of(
        &self,
        _: AccountId,
        name: &str,
        found: &mut TakeFact<'_>,
    ) -> Result<(), Failure> {
        for (item, service) in self.services.borrow().iter() {
            if let Some(value) = service.parameter(name) {
                let item = *item;
                found(Fact::Parameter { item, name, value });
            }
        }
        Ok(())
    }

    async fn notify_client(&self, item: ItemId, _: &str, _: &str) -> Result<(), Failure> {
        if self.deaf.get() {
            return Err(Failure::field(
                Reason::PlatformFunction,
                "notification.edit",
            ));
        }
        self.notified.borrow_mut().push(item);
        Ok(())
    }

    async fn raise_task(&self, _: AccountId, text: &str) -> Result<(), Failure> {
        if self.taskless.get() {
            return Err(Failure::new(Reason::PlatformFunction)
                .detail(Words::verbatim("task.simple.create")));
        }
        self.tasks.borrow_mut().push(text.to_owned());
        Ok(())
    }

    async fn services_with_order(&self, _: &str, _: &str) -> Result<Vec<ItemId>, Failure> {
        Ok(Vec::new())
    }

    async fn country(&self, _: u64) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    async fn operation(&self, _: OperationId) -> Result<Option<RunningOperation>, Failure> {
        Ok(None)
    }

    async fn queued_operation(
        &self,
        _: ItemId,
        command: &str,
    ) -> Result<Option<OperationId>, Failure> {
        Ok(self
            .queued
            .get()
            .filter(|_| command == "prolong")
            .map(OperationId))
    }

    async fn lock(&self, item: ItemId, _: Duration) -> Result<(), Failure> {
        if self.locks.borrow_mut().insert(item) {
            return Ok(());
        }
        Err(Failure::new(Reason::Busy))
    }

    async fn holds_lock(&self, item: ItemId) -> Result<bool, Failure> {
        Ok(self.locks.borrow().contains(&item))
    }

    async fn unlock(&self, item: ItemId) -> Result<(), Failure> {
        self.locks.borrow_mut().remove(&item);
        Ok(())
    }

    async fn lock_login(&self, _login: &str, _wait: Duration) -> Result<bool, Failure> {
        Ok(true)
    }

    async fn holds_login_lock(&self, _login: &str) -> Result<bool, Failure> {
        Ok(true)
    }

    async fn unlock_login(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn installation(&self) -> Result<String, Failure> {
        Ok("installation".into())
    }

    /// No test asks a real name server.
    fn option(&self, name: &str) -> Option<String> {
        (name == "SSLResolver").then(|| "off".to_owned())
    }

    async fn save_parameter(
        &self,
        item: ItemId,
        name: &str,
        value: &str,
        _: Patience,
    ) -> Result<(), Failure> {
        self.change(item, |service| {
            service.parameters.insert(name.into(), value.into());
        });
        Ok(())
    }

    async fn set_status(&self, item: ItemId, status: CertificateStatus) -> Result<(), Failure> {
        let code = status.code().to_string();
        self.save_parameter(item, "service_status", &code, Patience::Once)
            .await
    }

    async fn set_expire_date(&self, item: ItemId, date: NaiveDate) -> Result<(), Failure> {
        self.change(item, |service| service.expire_date = Some(date));
        Ok(())
    }

    async fn save_certificate(&self, item: ItemId, file: &CertificateFile) -> Result<(), Failure> {
        if let CertificateFile::Pem(pem) = file {
            self.change(item, |service| service.certificate = Some(pem.clone()));
        }
        Ok(())
    }

    async fn mark_failed(&self, _: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn finish(&self, _: ItemId, _: Finish) -> Result<(), Failure> {
        panic!("nothing is queued, so nothing is closed")
    }

    async fn save_balance(&self, _: AccountId, _: Money, _: DateTime<Utc>) -> Result<(), Failure> {
        Ok(())
    }

    async fn roll_back_tariff_change(&self, _: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn record_error(&self, _: OperationId, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn hand_to_person(
        &self,
        _: OperationId,
        _: Option<ItemId>,
        _: &str,
    ) -> Result<(), Failure> {
        Ok(())
    }

    async fn register_problem(&self, _: AccountId, _: &str, _: &str) -> Result<(), Failure> {
        self.problems.set(self.problems.get() + 1);
        Ok(())
    }
}
