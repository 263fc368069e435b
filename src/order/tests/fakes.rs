//! A platform and a vendor in memory. Both count their effects on one counter; at a chosen effect
//! the "process" dies: that call and all later ones fail without any effect, until it is revived.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::life::Life;
use super::queue::{Queue, Sabotage};
use crate::domain::text::Words;
use crate::domain::{AccountId, ItemId, Money, OperationId, Settings};
use crate::failure::{Failure, Reason};
use crate::order::intent::{self, Intent};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Finish, News, Patience, Platform,
    RunningOperation, Service, ServiceSummary, TakeFact, Which,
};

/// The platform.
pub(super) struct FakePlatform {
    pub(super) life: Rc<Life>,
    pub(super) service: RefCell<Service>,
    pub(super) finished: RefCell<Vec<Finish>>,
    pub(super) saved: RefCell<Vec<CertificateFile>>,
    pub(super) failed: Cell<u32>,
    pub(super) holds_lock: Cell<bool>,
    /// A lock that was lost cannot be taken again: the server keeps it for the dead connection.
    pub(super) is_stuck: Cell<bool>,
    /// The lock is lost while the vendor is called, and another command writes this.
    pub(super) meanwhile: RefCell<Option<Vec<(&'static str, String)>>>,
    /// Orders that other services have.
    pub(super) taken: RefCell<Vec<(String, ItemId)>>,
    /// An order that another service claims in the moment in which this one does.
    pub(super) rival: RefCell<Option<(String, ItemId)>>,
    /// Ending an operation fails.
    pub(super) restarts: Cell<bool>,
    /// The service's number.
    pub(super) item: ItemId,
    /// Queued operations; services of one platform share them.
    pub(super) queue: Rc<Queue>,
    /// Options of `billmgr.conf`.
    pub(super) options: RefCell<BTreeMap<&'static str, &'static str>>,
    /// Settings of the account.
    pub(super) settings: Vec<(&'static str, &'static str)>,
    /// Tasks that no operation belongs to.
    pub(super) tasks: RefCell<Vec<String>>,
    /// What clients were told.
    pub(super) letters: RefCell<Vec<String>>,
    /// The platform refuses every certificate.
    pub(super) refuses_certificates: Cell<bool>,
    /// Its locks are not seen by everybody.
    pub(super) locks_alone: Cell<bool>,
    /// What it does wrong, for proofs that a proof can fail.
    pub(super) sabotage: Cell<Option<Sabotage>>,
}

impl FakePlatform {
    pub(super) fn new(life: &Rc<Life>, service: Service) -> Self {
        Self {
            life: Rc::clone(life),
            service: RefCell::new(service),
            finished: RefCell::default(),
            saved: RefCell::default(),
            failed: Cell::new(0),
            holds_lock: Cell::new(true),
            is_stuck: Cell::default(),
            meanwhile: RefCell::default(),
            taken: RefCell::default(),
            rival: RefCell::default(),
            restarts: Cell::new(false),
            item: super::course::ITEM,
            queue: Rc::default(),
            options: RefCell::default(),
            settings: Vec::new(),
            tasks: RefCell::default(),
            letters: RefCell::default(),
            refuses_certificates: Cell::default(),
            locks_alone: Cell::default(),
            sabotage: Cell::default(),
        }
    }

    fn must_hold_for_all(&self) -> Result<(), Failure> {
        match self.locks_alone.get() {
            true => Err(Failure::new(Reason::LocksDoNotHold)),
            false => Ok(()),
        }
    }

    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        self.service.borrow().parameter(name).map(str::to_owned)
    }
}

#[async_trait(?Send)]
impl Platform for FakePlatform {
    async fn service(&self, _item: ItemId) -> Result<Service, Failure> {
        self.life.effect(|| self.service.borrow().clone())
    }

    async fn account(&self, id: AccountId) -> Result<Account, Failure> {
        let mut settings = Settings::default();
        for (name, value) in &self.settings {
            settings.set(*name, *value);
        }
        let module = self.service.borrow().module.clone().unwrap_or_default();
        self.life.effect(|| Account {
            id,
            name: "account".into(),
            module,
            settings,
        })
    }

    async fn accounts_of(&self, _module: &str) -> Result<Vec<AccountId>, Failure> {
        Ok(Vec::new())
    }

    async fn services_of(&self, _module: &str) -> Result<Vec<ServiceSummary>, Failure> {
        Ok(Vec::new())
    }

    async fn facts_of(&self, _: &str, _: Which, found: &mut TakeFact<'_>) -> Result<(), Failure> {
        self.life.effect(|| {
            let service = self.service.borrow();
            service.facts(self.item, AccountId(1), found);
        })
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

    async fn notify_client(&self, _: ItemId, _: &str, text: &str) -> Result<(), Failure> {
        self.life
            .effect(|| self.letters.borrow_mut().push(text.to_owned()))
    }

    async fn raise_task(&self, _: AccountId, text: &str) -> Result<(), Failure> {
        self.life
            .effect(|| self.tasks.borrow_mut().push(text.to_owned()))
    }

    async fn services_with_order(
        &self,
        parameter: &str,
        value: &str,
    ) -> Result<Vec<ItemId>, Failure> {
        let taken = self.taken.borrow();
        let others = taken.iter().filter(|(order, _)| order == value);
        let mut found: Vec<ItemId> = others.map(|(_, item)| *item).collect();
        let intent = self.parameter(intent::PARAMETER);
        let intent = intent.and_then(|text| Intent::from_text(&text).ok());
        let claimed = intent.and_then(|intent| intent.order);
        if self.parameter(parameter).as_deref() == Some(value)
            || claimed.is_some_and(|order| order.as_str() == value)
        {
            found.push(self.item);
            let rival = self.rival.borrow();
            let claims = rival.iter().filter(|(order, _)| order == value);
            found.extend(claims.map(|(_, item)| *item));
        }
        Ok(found)
    }

    async fn country(&self, id: u64) -> Result<Option<String>, Failure> {
        self.life.effect(|| (id == 1).then(|| "US".to_owned()))
    }

    async fn operation(&self, id: OperationId) -> Result<Option<RunningOperation>, Failure> {
        self.life.effect(|| self.queue.running(id))
    }

    async fn queued_operation(
        &self,
        item: ItemId,
        command: &str,
    ) -> Result<Option<OperationId>, Failure> {
        self.life.effect(|| self.queue.of(item, command))
    }

    async fn lock(&self, _item: ItemId, _wait: Duration) -> Result<(), Failure> {
        if self.is_stuck.get() {
            return Err(Failure::new(Reason::Busy));
        }
        self.life.effect(|| self.holds_lock.set(true))
    }

    async fn holds_lock(&self, _item: ItemId) -> Result<bool, Failure> {
        self.must_hold_for_all()?;
        self.life.effect(|| {
            if self.life.called.get()
                && let Some(written) = self.meanwhile.take()
            {
                self.holds_lock.set(false);
                let written = written.into_iter().map(|(name, text)| (name.into(), text));
                self.service.borrow_mut().parameters.extend(written);
            }
            self.holds_lock.get()
        })
    }

    async fn unlock(&self, _item: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn lock_login(&self, _login: &str, _wait: Duration) -> Result<bool, Failure> {
        self.life.effect(|| self.life.account.take())
    }

    async fn holds_login_lock(&self, _login: &str) -> Result<bool, Failure> {
        self.life.effect(|| self.life.account.is_held())
    }

    async fn unlock_login(&self) -> Result<(), Failure> {
        self.life.account.give_back();
        Ok(())
    }

    async fn locks_hold(&self, _: ItemId, _: Option<&str>) -> Result<(), Failure> {
        self.must_hold_for_all()
    }

    async fn place_of_locks(&self, _: Option<&str>) -> Result<Option<String>, Failure> {
        self.must_hold_for_all().map(|()| None)
    }

    async fn pause(&self, _: Duration) {}

    fn installation(&self) -> Result<String, Failure> {
        Ok("installation".to_owned())
    }

    fn option(&self, name: &str) -> Option<String> {
        let set = self
            .options
            .borrow()
            .get(name)
            .map(|value| (*value).to_owned());
        let set = set.filter(|value| !value.is_empty());
        // No test asks a real name server.
        set.or_else(|| (name == "SSLResolver").then(|| "off".to_owned()))
    }

    async fn save_parameter(
        &self,
        _item: ItemId,
        name: &str,
        value: &str,
        _: Patience,
    ) -> Result<(), Failure> {
        self.life.effect(|| {
            let mut service = self.service.borrow_mut();
            let former = service.parameter(name);
            if let Some(value) = Sabotage::stored(self.sabotage.get(), name, value, former) {
                service.parameters.insert(name.to_owned(), value);
            }
        })
    }

    async fn set_status(&self, _item: ItemId, status: CertificateStatus) -> Result<(), Failure> {
        self.life.effect(|| {
            let code = status.code().to_string();
            self.service
                .borrow_mut()
                .parameters
                .insert("service_status".to_owned(), code);
        })
    }

    async fn set_expire_date(&self, _item: ItemId, date: NaiveDate) -> Result<(), Failure> {
        self.life
            .effect(|| self.service.borrow_mut().expire_date = Some(date))
    }

    async fn save_certificate(&self, _item: ItemId, file: &CertificateFile) -> Result<(), Failure> {
        if self.refuses_certificates.get() {
            return Err(Failure::field(Reason::PlatformFunction, "certificate.save")
                .detail(Words::verbatim("value is too long")));
        }
        let forged = CertificateFile::Pem("another certificate".into());
        let forge = self.sabotage.get() == Some(Sabotage::ForgesCertificates);
        let file = if forge { &forged } else { file };
        self.life.effect(|| {
            self.service.borrow_mut().certificate = Some(match file {
                CertificateFile::Pem(pem) => pem.clone(),
                CertificateFile::Zip(bytes) => {
                    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
                }
            });
            self.saved.borrow_mut().push(file.clone());
        })
    }

    async fn mark_failed(&self, _item: ItemId) -> Result<(), Failure> {
        self.life.effect(|| self.failed.set(self.failed.get() + 1))
    }

    async fn finish(&self, _item: ItemId, operation: Finish) -> Result<(), Failure> {
        self.life.effect(|| {
            if self.restarts.get() {
                return Err(Failure::new(Reason::PlatformFunction));
            }
            self.finished.borrow_mut().push(operation);
            let status = self.queue.end(self.item, operation);
            let mut service = self.service.borrow_mut();
            // Nothing brings a deleted service back.
            if service.status != 4 {
                service.status = status.unwrap_or(service.status);
            }
            Ok(())
        })?
    }

    async fn save_balance(&self, _: AccountId, _: Money, _: DateTime<Utc>) -> Result<(), Failure> {
        Ok(())
    }

    async fn roll_back_tariff_change(&self, _item: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn record_error(&self, operation: OperationId, document: &str) -> Result<(), Failure> {
        self.life
            .effect(|| self.queue.note_error(operation, document))
    }

    async fn hand_to_person(
        &self,
        operation: OperationId,
        _: Option<ItemId>,
        _: &str,
    ) -> Result<(), Failure> {
        let silent = self.sabotage.get() == Some(Sabotage::SwallowsTasks);
        self.life
            .effect(|| self.queue.hand_over(operation, !silent))
    }

    async fn register_problem(&self, _: AccountId, _: &str, _: &str) -> Result<(), Failure> {
        self.life.effect(|| ())
    }
}
