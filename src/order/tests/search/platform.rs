//! The platform of a small world, behind the core's port.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::process::{Effect, Port};
use super::scenes::Sabotage;
use crate::domain::{AccountId, ItemId, Money, OperationId, Settings};
use crate::failure::{Failure, Reason};
use crate::order::{intent, person};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Finish, News, Patience, Platform,
    RunningOperation, Service, ServiceSummary, TakeFact,
};

/// Parameters that decide something outside of the service's lock: who reads them may be of another service, or hold
/// no lock. All others are written and read under the lock.
const SHARED: [&str; 4] = [
    intent::PARAMETER,
    person::PARAMETER,
    super::world::ORDER,
    "pmssl_fresh",
];

#[async_trait(?Send)]
impl Platform for Port {
    async fn service(&self, item: ItemId) -> Result<Service, Failure> {
        let own = |pid| (pid == self.pid).then_some(0);
        self.effect_seen(
            Effect::Read,
            |world| world.service(item),
            |service, world| {
                let mut hasher = DefaultHasher::new();
                hasher.write_i64(service.status);
                world.mark_service(&service.parameters, &own, &mut hasher);
                hasher.finish()
            },
        )
        .await
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

    async fn facts_of(
        &self,
        _: &str,
        _: Option<ItemId>,
        _: &mut TakeFact<'_>,
    ) -> Result<(), Failure> {
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
        self.effect(Effect::Write, |world| {
            *world.tasks.entry(operation).or_insert(0) += 1;
        })
        .await
    }

    async fn services_with_order(&self, _: &str, order: &str) -> Result<Vec<ItemId>, Failure> {
        self.effect(Effect::Read, |world| world.holders(order))
            .await
    }

    async fn country(&self, id: u64) -> Result<Option<String>, Failure> {
        Ok((id == 1).then(|| "US".to_owned()))
    }

    async fn operation(&self, id: OperationId) -> Result<Option<RunningOperation>, Failure> {
        self.effect(Effect::Read, |world| {
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
        let pid = self.pid;
        let taken = self.effect(Effect::Lock, |world| {
            world.locks.insert(item.0, pid);
        });
        let busy = |_| Failure::new(Reason::Busy).value(item.to_string());
        taken.await.map_err(busy)
    }

    async fn holds_lock(&self, item: ItemId) -> Result<bool, Failure> {
        let pid = self.pid;
        self.effect(Effect::LockState, |world| {
            let is_held = world.locks.get(&item.0) == Some(&pid);
            is_held || world.scene.sabotage == Some(Sabotage::KeepsNobodyOut)
        })
        .await
    }

    async fn unlock(&self, item: ItemId) -> Result<(), Failure> {
        let pid = self.pid;
        self.effect(Effect::LockState, |world| {
            if world.locks.get(&item.0) == Some(&pid) {
                world.locks.remove(&item.0);
            }
        })
        .await
    }

    async fn lock_login(&self, _: &str, _: Duration) -> Result<bool, Failure> {
        let pid = self.pid;
        let taken = self.effect(Effect::Login, |world| world.login = Some(pid));
        Ok(taken.await.is_ok())
    }

    async fn holds_login_lock(&self, _: &str) -> Result<bool, Failure> {
        let pid = self.pid;
        self.effect(Effect::LockState, |world| world.login == Some(pid))
            .await
    }

    async fn unlock_login(&self) -> Result<(), Failure> {
        let pid = self.pid;
        self.effect(Effect::LockState, |world| {
            world.login = world.login.filter(|holder| *holder != pid);
        })
        .await
    }

    async fn locks_hold(&self, _: ItemId, _: Option<&str>) -> Result<(), Failure> {
        if self.world.borrow().scene.locks_hold {
            return Ok(());
        }
        Err(Failure::new(Reason::LocksDoNotHold))
    }

    async fn pause(&self, _: Duration) {}

    fn installation(&self) -> Result<String, Failure> {
        Ok("installation".to_owned())
    }

    fn option(&self, _: &str) -> Option<String> {
        None
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
        let pid = self.pid;
        self.effect(effect, |world| world.write(pid, item, name, value))
            .await
    }

    async fn set_status(&self, item: ItemId, status: CertificateStatus) -> Result<(), Failure> {
        let (pid, code) = (self.pid, status.code().to_string());
        self.effect(Effect::Private, |world| {
            world.write(pid, item, "service_status", &code);
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
        self.effect(Effect::Write, |world| world.finish(item, operation))
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
        self.effect(Effect::Write, |world| {
            world.about_to_write();
            if let Some(queued) = world.base.queue.get_mut(&operation.0) {
                queued.manual = !queued.done;
            }
        })
        .await
    }

    async fn register_problem(&self, _: AccountId, _: &str, _: &str) -> Result<(), Failure> {
        Ok(())
    }
}
