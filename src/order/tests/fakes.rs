//! A platform and a vendor in memory. Both count their effects on one counter; at a chosen effect
//! the "process" dies: that call and all later ones fail without any effect, until it is revived.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::life::Life;
use super::queue::{Queue, Sabotage};
use crate::ca::http::Http;
use crate::ca::{
    Abilities, CertificateAuthority, Located, OrderRef, OrderingPermit, Placed, Prepared, Progress,
    Reference, Stage, Token, VendorFiles,
};
use crate::domain::{
    AccountId, DomainName, EmailAddress, ItemId, Money, OperationId, Purchase, PurchaseKind,
    Settings, TemplateCode, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use crate::platform::{
    Account, CertificateFile, CertificateStatus, Finish, Patience, Platform, RunningOperation,
    Service, ServiceSummary, Work,
};

/// The platform.
pub(super) struct FakePlatform {
    pub(super) life: Rc<Life>,
    pub(super) service: RefCell<Service>,
    pub(super) finished: RefCell<Vec<Finish>>,
    pub(super) saved: RefCell<Vec<CertificateFile>>,
    pub(super) failed: Cell<u32>,
    pub(super) holds_lock: Cell<bool>,
    /// Orders that other services have.
    pub(super) taken: RefCell<Vec<(String, ItemId)>>,
    /// Ending an operation fails.
    pub(super) restarts: Cell<bool>,
    /// The service's number.
    pub(super) item: ItemId,
    /// Queued operations; services of one platform share them.
    pub(super) queue: Rc<Queue>,
    /// Options of `billmgr.conf`.
    pub(super) options: BTreeMap<&'static str, &'static str>,
    /// Settings of the account.
    pub(super) settings: Vec<(&'static str, &'static str)>,
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
            taken: RefCell::default(),
            restarts: Cell::new(false),
            item: super::course::ITEM,
            queue: Rc::default(),
            options: BTreeMap::new(),
            settings: Vec::new(),
            sabotage: Cell::default(),
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

    async fn work_of(&self, _: &str, before: NaiveDate) -> Result<Vec<Work>, Failure> {
        self.life.effect(|| {
            let service = self.service.borrow();
            let work = Work {
                item: self.item,
                account: service.account.unwrap_or(AccountId(1)),
                status: service.status,
                certificate_status: service
                    .parameter("service_status")
                    .and_then(|text| text.parse().ok()),
                certificate_end: service.expire_date,
                intent: service.parameter("pmssl_intent").map(str::to_owned),
            };
            let due = work.certificate_status != Some(5) || work.certificate_end <= Some(before);
            due.then_some(work).into_iter().collect()
        })
    }

    async fn sent_since(&self, _: AccountId, _: DateTime<Utc>) -> Result<usize, Failure> {
        Ok(0)
    }

    async fn notify_client(&self, _: ItemId, _: &str, _: &str) -> Result<(), Failure> {
        self.life.effect(|| ())
    }

    async fn raise_task(&self, _: AccountId, _: &str) -> Result<(), Failure> {
        self.life.effect(|| ())
    }

    async fn services_with(&self, _: &str, value: &str) -> Result<Vec<ItemId>, Failure> {
        let taken = self.taken.borrow();
        Ok(taken
            .iter()
            .filter(|(order, _)| order == value)
            .map(|(_, item)| *item)
            .collect())
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
        self.life.effect(|| ())
    }

    async fn holds_lock(&self, _item: ItemId) -> Result<bool, Failure> {
        self.life.effect(|| self.holds_lock.get())
    }

    async fn unlock(&self, _item: ItemId) -> Result<(), Failure> {
        Ok(())
    }

    async fn lock_account(&self, _account: AccountId, _wait: Duration) -> Result<(), Failure> {
        self.life.effect(|| self.life.account.take())?
    }

    async fn holds_account_lock(&self, _account: AccountId) -> Result<bool, Failure> {
        self.life.effect(|| self.life.account.is_held())
    }

    async fn unlock_account(&self, _account: AccountId) -> Result<(), Failure> {
        self.life.account.give_back();
        Ok(())
    }

    fn installation(&self) -> Result<String, Failure> {
        Ok("installation".to_owned())
    }

    fn option(&self, name: &str) -> Option<String> {
        self.options.get(name).map(|value| (*value).to_owned())
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

/// What the vendor does with the next ordering call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Sells and answers.
    Sells,
    /// Sells, and the answer is lost.
    SellsSilently,
    /// Sells, the answer is lost, and look-ups show the order only after a while.
    SellsLate,
    /// The call is lost on its way; nothing is sold, and nobody knows.
    HearsNothing,
    /// Says no.
    Refuses,
    /// Has no money of ours.
    WantsMoney,
    /// The connection is not opened.
    IsAway,
}

/// One sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sale {
    pub(super) key: String,
    pub(super) order: String,
}

/// The vendor.
pub(super) struct FakeAuthority {
    pub(super) life: Rc<Life>,
    pub(super) mood: Cell<Mood>,
    pub(super) sales: RefCell<Vec<Sale>>,
    pub(super) stages: RefCell<BTreeMap<String, Stage>>,
    pub(super) files: RefCell<VendorFiles>,
    /// The vendor's listing cannot tell.
    pub(super) blind: Cell<bool>,
    pub(super) submitted: Cell<usize>,
    /// How its order numbers begin.
    pub(super) prefix: RefCell<String>,
    /// The vendor knows no order.
    pub(super) refuses_status: Cell<bool>,
    /// Renewals go on under the number of the renewed order.
    pub(super) keeps_number: Cell<bool>,
    /// Reissues get order numbers of their own.
    pub(super) renumbers: Cell<bool>,
    /// End of the term as the vendor tells it.
    pub(super) term_end: Cell<Option<DateTime<Utc>>>,
    /// A way that has heard the vendor's clock.
    pub(super) way: RefCell<Option<&'static Http>>,
}

pub(super) const SETTLE: Duration = Duration::from_secs(900);

static ABILITIES: Abilities = Abilities {
    vendor: "Fake",
    approvers: true,
    renewal: true,
    reissue: true,
    cancel: false,
    change_validation: false,
    verify_now: false,
    balance: false,
    products: false,
    settle_time: SETTLE,
};

impl FakeAuthority {
    pub(super) fn new(life: &Rc<Life>) -> Self {
        Self {
            life: Rc::clone(life),
            mood: Cell::new(Mood::Sells),
            sales: RefCell::default(),
            stages: RefCell::default(),
            files: RefCell::default(),
            blind: Cell::new(false),
            submitted: Cell::new(0),
            prefix: RefCell::new("77".into()),
            refuses_status: Cell::new(false),
            keeps_number: Cell::new(false),
            renumbers: Cell::new(false),
            term_end: Cell::new(None),
            way: RefCell::default(),
        }
    }

    fn sell(&self, purchase: &Purchase) -> Placed {
        let order = match &purchase.kind {
            PurchaseKind::Reissue { order, .. } if !self.renumbers.get() => order.to_string(),
            PurchaseKind::Renewal { previous } if self.keeps_number.get() => previous.to_string(),
            _ => format!(
                "{}{:02}",
                self.prefix.borrow(),
                self.sales.borrow().len() + 1
            ),
        };
        self.sales.borrow_mut().push(Sale {
            key: purchase.key.to_string(),
            order: order.clone(),
        });
        self.stages
            .borrow_mut()
            .insert(order.clone(), Stage::Pending("waiting".into()));
        placed(&order, purchase.key.as_str())
    }
}

fn placed(order: &str, key: &str) -> Placed {
    Placed {
        order: VendorOrderId::new(order),
        references: vec![
            (Reference::Client, key.to_owned()),
            (Reference::Partner, format!("P{order}")),
            (Reference::Authority, format!("A{order}")),
        ],
        validation: Vec::new(),
        remark: None,
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for FakeAuthority {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    fn way(&self) -> Option<&Http> {
        *self.way.borrow()
    }

    async fn check(&self) -> Result<(), Failure> {
        Ok(())
    }

    async fn examine(&self, _purchase: &Purchase) -> Result<(), Failure> {
        self.life.effect(|| ())
    }

    fn orders_one_at_a_time(&self) -> bool {
        self.life.account.is_needed()
    }

    async fn prepare(&self, _purchase: &Purchase) -> Result<Prepared, Failure> {
        self.life.account.must_be_held();
        self.life.effect(|| Prepared {
            token: Token("t".into()),
            issued_by_vendor: true,
        })
    }

    async fn submit(
        &self,
        purchase: &Purchase,
        _: &Token,
        _: OrderingPermit,
    ) -> Result<Placed, Failure> {
        self.life.account.must_be_held();
        self.life.effect(|| {
            self.submitted.set(self.submitted.get() + 1);
            let lost = || Failure::new(Reason::OutcomeUnknown).value(purchase.key.as_str());
            match self.mood.get() {
                Mood::Sells => Ok(self.sell(purchase)),
                Mood::SellsSilently | Mood::SellsLate => {
                    self.sell(purchase);
                    Err(lost())
                }
                Mood::HearsNothing => Err(lost()),
                Mood::Refuses => Err(Failure::new(Reason::Rejected).detail("no")),
                Mood::WantsMoney => Err(Failure::new(Reason::LowFunds)),
                Mood::IsAway => Err(Failure::new(Reason::Unreachable).detail("refused")),
            }
        })?
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        _token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        self.life.account.must_be_held();
        self.life.effect(|| {
            if self.blind.get() {
                return Located::CannotTell("two orders look alike".into());
            }
            let sales = self.sales.borrow();
            match sales.iter().find(|sale| sale.key == purchase.key.as_str()) {
                Some(sale) => Located::Found(placed(&sale.order, &sale.key)),
                None if (now - since).num_seconds() < 900 => Located::TooEarly,
                None => Located::NotPlaced,
            }
        })
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        if self.refuses_status.get() {
            return Err(Failure::new(Reason::Rejected).detail("no such order"));
        }
        self.life.effect(|| {
            let stages = self.stages.borrow();
            let stage = stages
                .get(order.order.as_str())
                .cloned()
                .unwrap_or(Stage::Unknown("?".into()));
            Progress {
                stage,
                validation: Vec::new(),
                term_end: self.term_end.get(),
                references: Vec::new(),
            }
        })
    }

    async fn certificate(&self, _order: &OrderRef) -> Result<VendorFiles, Failure> {
        self.life.effect(|| self.files.borrow().clone())
    }

    async fn approvers(
        &self,
        _: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        self.life.effect(|| {
            EmailAddress::parse(&format!("admin@{}", name.base()))
                .into_iter()
                .collect()
        })
    }
}
