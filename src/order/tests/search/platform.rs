//! The platform of a small world, behind the core's port.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::process::{Effect, Port};
use super::scenarios::{Locks, Sabotage};
use super::world::{FRESH, LOGIN, mark_of, server};
use crate::domain::{AccountId, ItemId, Money, OperationId, Settings};
use crate::failure::{Failure, Reason};
use crate::order::{fresh, intent, person};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Finish, News, Patience, Platform,
    RunningOperation, Service, ServiceSummary, TakeFact, Which,
};

/// Parameters that decide something outside of the service's lock: who reads them may be of another service, or hold
/// no lock. All others are written and read under the lock.
const SHARED: [&str; 4] = [
    intent::PARAMETER,
    person::PARAMETER,
    super::world::ORDER,
    FRESH,
];

impl Port {
    /// Takes down a mark of law 5: what stands for it in the world.
    fn keep_mark(&self, mark: &str) -> String {
        let mut marks = self.marks.borrow_mut();
        marks.push(mark.to_owned());
        mark_of(self.pid, marks.len(), self.place())
    }

    /// The server for locks that its marks name.
    fn place(&self) -> Option<usize> {
        (self.scenario.locks == Locks::Apart).then_some(self.node)
    }

    fn lock_on(&self, item: u64) -> (u64, usize) {
        (item, self.scenario.server_of_locks(self.node))
    }

    /// The mark that this process wrote, by what stands for it in the world.
    fn own_mark(&self, shown: &str) -> Option<String> {
        let marks = self.marks.borrow();
        let mut numbered = marks.iter().zip(1..);
        let own = numbered.find(|(_, count)| mark_of(self.pid, *count, self.place()) == shown);
        own.map(|(mark, _)| mark.clone())
    }
}

#[async_trait(?Send)]
impl Platform for Port {
    async fn service(&self, item: ItemId) -> Result<Service, Failure> {
        let own_pid = self.pid;
        let read = self.effect_seen(
            Effect::Read,
            move |world| world.service(item),
            move |service, world| {
                let own = |pid| (pid == own_pid).then_some(0);
                let mut hasher = DefaultHasher::new();
                hasher.write_i64(service.status);
                world.mark_service(&service.parameters, &own, &mut hasher);
                hasher.finish()
            },
        );
        let mut service = read.await?;
        if let Some(mark) = service.parameters.get_mut(FRESH)
            && let Some(own) = self.own_mark(mark)
        {
            *mark = own;
        }
        Ok(service)
    }

    async fn account(&self, id: AccountId) -> Result<Account, Failure> {
        Ok(Account {
            id,
            name: "account".into(),
            module: "pmthesslstore".into(),
            settings: Settings::default(),
        })
    }

    async fn accounts_of(&self, _: &str) -> Result<Vec<AccountId>, Failure> {
        Ok(Vec::new())
    }

    async fn services_of(&self, _: &str) -> Result<Vec<ServiceSummary>, Failure> {
        Ok(Vec::new())
    }

    async fn facts_of(&self, _: &str, _: Which, _: &mut TakeFact<'_>) -> Result<(), Failure> {
        Ok(())
    }

    async fn news_of(&self, _: &str, _: u64) -> Result<News, Failure> {
        Ok(News::default())
    }

    async fn sent_since(
        &self,
        _: AccountId,
        _: DateTime<Utc>,
    ) -> Result<BTreeSet<ItemId>, Failure> {
        Ok(BTreeSet::new())
    }

    async fn notify_client(&self, _: ItemId, _: &str, _: &str) -> Result<(), Failure> {
        Ok(())
    }

    async fn raise_task(&self, _: AccountId, _: &str) -> Result<(), Failure> {
        let operation = self.operation;
        self.effect(Effect::Write, move |world| {
            *world.tasks.entry(operation).or_insert(0) += 1;
        })
        .await
    }

    async fn services_with_order(&self, _: &str, order: &str) -> Result<Vec<ItemId>, Failure> {
        let order = order.to_owned();
        self.effect(Effect::Read, move |world| world.holders(&order))
            .await
    }

    async fn country(&self, id: u64) -> Result<Option<String>, Failure> {
        Ok((id == 1).then(|| "US".to_owned()))
    }

    async fn operation(&self, id: OperationId) -> Result<Option<RunningOperation>, Failure> {
        self.effect(Effect::Read, move |world| {
            let queued = &world.base.queue[&id.0];
            (!queued.done).then(|| RunningOperation {
                id,
                item: Some(ItemId(queued.item)),
                command: queued.command.to_owned(),
                tries: world.tries(id.0),
            })
        })
        .await
    }

    async fn queued_operation(&self, _: ItemId, _: &str) -> Result<Option<OperationId>, Failure> {
        Ok(None)
    }

    async fn lock(&self, item: ItemId, _: Duration) -> Result<(), Failure> {
        let (pid, lock) = (self.pid, self.lock_on(item.0));
        let taken = self.effect(Effect::Lock, move |world| {
            world.locks.insert(lock, pid);
        });
        let busy = |_| Failure::new(Reason::Busy).value(item.to_string());
        taken.await.map_err(busy)
    }

    async fn holds_lock(&self, item: ItemId) -> Result<bool, Failure> {
        let (pid, lock) = (self.pid, self.lock_on(item.0));
        self.effect(Effect::LockState, move |world| {
            let is_held = world.locks.get(&lock) == Some(&pid);
            is_held || world.scenario.sabotage == Some(Sabotage::KeepsNobodyOut)
        })
        .await
    }

    async fn unlock(&self, item: ItemId) -> Result<(), Failure> {
        let (pid, lock) = (self.pid, self.lock_on(item.0));
        self.effect(Effect::LockState, move |world| world.unlock(lock, pid))
            .await
    }

    async fn lock_login(&self, _: &str, _: Duration) -> Result<bool, Failure> {
        let (pid, lock) = (self.pid, self.lock_on(LOGIN));
        let taken = self.effect(Effect::Login, move |world| {
            world.locks.insert(lock, pid);
        });
        Ok(taken.await.is_ok())
    }

    async fn holds_login_lock(&self, _: &str) -> Result<bool, Failure> {
        let (pid, lock) = (self.pid, self.lock_on(LOGIN));
        self.effect(Effect::LockState, move |world| {
            world.locks.get(&lock) == Some(&pid)
        })
        .await
    }

    async fn unlock_login(&self) -> Result<(), Failure> {
        let (pid, lock) = (self.pid, self.lock_on(LOGIN));
        self.effect(Effect::LockState, move |world| world.unlock(lock, pid))
            .await
    }

    async fn locks_hold(&self, _: ItemId, _: Option<&str>) -> Result<(), Failure> {
        if self.scenario.locks == Locks::NotForAll {
            return Err(Failure::new(Reason::LocksDoNotHold));
        }
        Ok(())
    }

    async fn place_of_locks(&self, former: Option<&str>) -> Result<Option<String>, Failure> {
        if self.scenario.locks != Locks::Apart {
            return Ok(None);
        }
        let own = server(self.node);
        match former.and_then(fresh::place_in) {
            Some(other) if other != own => Err(Failure::new(Reason::LocksDoNotHold)),
            _ => Ok(Some(own)),
        }
    }

    async fn pause(&self, _: Duration) {}

    fn installation(&self) -> Result<String, Failure> {
        Ok("installation".to_owned())
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
        let effect = if SHARED.contains(&name) {
            Effect::Write
        } else {
            Effect::Private
        };
        let value = if name == FRESH {
            self.keep_mark(value)
        } else {
            value.to_owned()
        };
        let name = name.to_owned();
        self.effect(effect, move |world| world.write(item, &name, &value))
            .await
    }

    async fn set_status(&self, item: ItemId, status: CertificateStatus) -> Result<(), Failure> {
        let code = status.code().to_string();
        self.effect(Effect::Private, move |world| {
            world.write(item, "service_status", &code);
        })
        .await
    }

    async fn set_expire_date(&self, _: ItemId, _: NaiveDate) -> Result<(), Failure> {
        Ok(())
    }

    async fn save_certificate(&self, _: ItemId, _: &CertificateFile) -> Result<(), Failure> {
        Ok(())
    }

    async fn mark_failed(&self, _: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn finish(&self, item: ItemId, operation: Finish) -> Result<(), Failure> {
        self.effect(Effect::Write, move |world| world.finish(item, operation))
            .await
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
        operation: OperationId,
        _: Option<ItemId>,
        _: &str,
    ) -> Result<(), Failure> {
        self.effect(Effect::Write, move |world| {
            world.about_to_write();
            let queued = world.operation_mut(operation.0);
            queued.manual = !queued.done;
        })
        .await
    }

    async fn register_problem(&self, _: AccountId, _: &str, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}
