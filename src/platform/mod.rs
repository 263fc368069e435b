//! The port to the billing platform: reads by SQL, writes by mgrctl functions only (design, section 3).
//!
//! The words of the platform (item, intname, elid, its parameter names) stop here and in `commands`.

pub mod approvers;
pub mod billmanager;
pub mod details;
pub mod documents;
pub mod fields;
pub mod form;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::{AccountId, Addon, ItemId, Money, OperationId, Settings, TemplateCode};
use crate::failure::Failure;

/// The platform, as order core and commands see it. One value serves one command.
#[async_trait(?Send)]
pub trait Platform {
    /// A service with its parameters, CSR and certificate.
    async fn service(&self, item: ItemId) -> Result<Service, Failure>;

    /// A configured account with its decrypted settings.
    async fn account(&self, account: AccountId) -> Result<Account, Failure>;

    /// All accounts of a module.
    async fn accounts_of(&self, module: &str) -> Result<Vec<AccountId>, Failure>;

    /// All services of a module's accounts, by id: what the daemon goes through.
    async fn services_of(&self, module: &str) -> Result<Vec<ServiceSummary>, Failure>;

    /// Those of them that are not deleted and whose certificate is not issued.
    async fn unissued_of(&self, module: &str) -> Result<Vec<ItemId>, Failure> {
        let issued = Some(i64::from(CertificateStatus::Issued.code()));
        let all = self.services_of(module).await?.into_iter();
        let is_open = |service: &ServiceSummary| {
            service.status != DELETED && service.certificate_status != issued
        };
        Ok(all.filter(is_open).map(|service| service.item).collect())
    }

    /// What the daemon schedules the certificates of a module's accounts by: of all that are not deleted or
    /// ordered only, or of one. Each fact is handed over as it is read; those of one service come in any order.
    async fn facts_of(
        &self,
        module: &str,
        which: Which,
        found: &mut TakeFact<'_>,
    ) -> Result<(), Failure>;

    /// What may have changed at a module's certificates: parameters that were first stored after that one (their
    /// numbers grow), and the queue. Costs what is new, not what is there.
    async fn news_of(&self, module: &str, after: u64) -> Result<News, Failure>;

    /// The services of an account that keep an intent which may have been sent since a moment, whoever
    /// sent it: what the daemon's limit of ordering calls counts.
    async fn sent_since(
        &self,
        account: AccountId,
        since: DateTime<Utc>,
    ) -> Result<BTreeSet<ItemId>, Failure>;

    /// A parameter of an account's services that are not deleted or ordered only, as facts of them: which order is whose,
    /// of many orders at once.
    async fn parameters_of(
        &self,
        _account: AccountId,
        _name: &str,
        _found: &mut TakeFact<'_>,
    ) -> Result<(), Failure> {
        Err(Failure::field(
            crate::failure::Reason::NotSupported,
            "parameters of an account's services",
        ))
    }

    /// Writes to the client who owns a service.
    async fn notify_client(&self, item: ItemId, subject: &str, text: &str) -> Result<(), Failure>;

    /// Gives the people behind an account a task that no operation belongs to.
    async fn raise_task(&self, account: AccountId, text: &str) -> Result<(), Failure>;

    /// Services that keep this order number in a parameter, or in their stored intent: whose order is it?
    async fn services_with_order(
        &self,
        parameter: &str,
        order: &str,
    ) -> Result<Vec<ItemId>, Failure>;

    /// The two-letter code of a country by the platform's numeric id (billmanager.md 7, `org_country`).
    async fn country(&self, id: u64) -> Result<Option<String>, Failure>;

    /// A queued operation, `None` when it is gone.
    async fn operation(&self, id: OperationId) -> Result<Option<RunningOperation>, Failure>;

    /// The queued operation of an item for one command, when there is one.
    async fn queued_operation(
        &self,
        item: ItemId,
        command: &str,
    ) -> Result<Option<OperationId>, Failure>;

    /// Takes the item's advisory lock; `Busy` when it stays taken for `wait`. The lock is held until
    /// [`unlock`](Self::unlock) or until the process ends.
    async fn lock(&self, item: ItemId, wait: Duration) -> Result<(), Failure>;

    /// Whether this process still holds the item's lock (a cut connection loses it).
    async fn holds_lock(&self, item: ItemId) -> Result<bool, Failure>;

    /// Gives the lock back.
    async fn unlock(&self, item: ItemId) -> Result<(), Failure>;

    /// Takes the advisory lock of a vendor's login (by its mark) beside the item's; `false` when it stays
    /// taken for `wait`. Held until [`unlock_login`](Self::unlock_login) or until the process ends.
    async fn lock_login(&self, login: &str, wait: Duration) -> Result<bool, Failure>;

    /// Whether this process still holds the login's lock.
    async fn holds_login_lock(&self, login: &str) -> Result<bool, Failure>;

    /// Gives the login's lock back.
    async fn unlock_login(&self) -> Result<(), Failure>;

    /// Refuses where the locks that are held may not be seen by everybody who orders (a cluster, a replica, a
    /// proxy that shares its connections): the item's, or the login's where one is named. Asked before a
    /// purchase.
    async fn locks_hold(&self, _item: ItemId, _login: Option<&str>) -> Result<(), Failure> {
        Ok(())
    }

    /// The server that locks are taken at, where it is another one than the database's: it stands in the mark of
    /// every ordering command, by which all nodes see whether they name the same. `former` is the service's mark
    /// until now.
    ///
    /// # Errors
    /// The server cannot be used; the newest mark names another one.
    async fn place_of_locks(&self, _former: Option<&str>) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// Waits before the database is looked into again. A call of the port, so that whoever plays the platform in
    /// memory need not wait.
    async fn pause(&self, length: Duration) {
        tokio::time::sleep(length).await;
    }

    /// Whether a command is rehearsed: what it writes is kept instead of being done, and no permit to order is worth
    /// anything.
    fn is_rehearsed(&self) -> bool {
        false
    }

    /// What tells this installation from others: a hash of the platform's public key.
    fn installation(&self) -> Result<String, Failure>;

    /// An option of `billmgr.conf`, `None` when absent or empty.
    fn option(&self, name: &str) -> Option<String>;

    /// Saves an item parameter. With [`Patience::UntilPlatformIsBack`] a restarting platform is waited
    /// for, bounded: for what must not be lost once money is spent.
    async fn save_parameter(
        &self,
        item: ItemId,
        name: &str,
        value: &str,
        patience: Patience,
    ) -> Result<(), Failure>;

    /// Sets the certificate status (billmanager.md 8.1).
    async fn set_status(&self, item: ItemId, status: CertificateStatus) -> Result<(), Failure>;

    /// Sets the service's end date.
    async fn set_expire_date(&self, item: ItemId, date: NaiveDate) -> Result<(), Failure>;

    /// Saves the certificate.
    async fn save_certificate(&self, item: ItemId, file: &CertificateFile) -> Result<(), Failure>;

    /// Tells the platform that no certificate will come.
    async fn mark_failed(&self, item: ItemId) -> Result<(), Failure>;

    /// Ends an operation of an item as done.
    async fn finish(&self, item: ItemId, operation: Finish) -> Result<(), Failure>;

    /// Saves the balance of an account.
    async fn save_balance(
        &self,
        account: AccountId,
        balance: Money,
        at: DateTime<Utc>,
    ) -> Result<(), Failure>;

    /// Hands an existing certificate over as a new service and answers its id. Buys nothing.
    async fn import_service(&self, _service: &ImportedService) -> Result<ItemId, Failure> {
        Err(Failure::field(
            crate::failure::Reason::NotSupported,
            "import",
        ))
    }

    /// Rolls a pending tariff change back (billmanager.md 3).
    async fn roll_back_tariff_change(&self, item: ItemId) -> Result<(), Failure>;

    /// Stores the error document of an operation.
    async fn record_error(&self, operation: OperationId, document: &str) -> Result<(), Failure>;

    /// Gives an operation a task, unless it has an open one, and makes it manual (billmanager.md 8.3).
    async fn hand_to_person(
        &self,
        operation: OperationId,
        item: Option<ItemId>,
        command: &str,
    ) -> Result<(), Failure>;

    /// Registers the connection problem of an account (billmanager.md 5.3, `problems.register`).
    async fn register_problem(
        &self,
        account: AccountId,
        account_name: &str,
        text: &str,
    ) -> Result<(), Failure>;
}

/// Item status of a service that is paid and running (billmanager.md 8.2).
pub const ACTIVE: i64 = 2;

/// The same of a deleted one.
pub const DELETED: i64 = 4;

/// How long a write may wait for a platform that is restarting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// One try.
    Once,
    /// Again and again until it succeeds, bounded by the installation's option.
    UntilPlatformIsBack,
}

/// A certificate service, one row of the platform with all that belongs to it (billmanager.md 6.3, 7).
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// Product type (`itemtype.intname`), `certificate` for ours.
    pub item_type: String,
    /// Account that serves it.
    pub account: Option<AccountId>,
    /// Module of that account.
    pub module: Option<String>,
    /// Product code of the tariff (`pricelist.intname`).
    pub template: Option<TemplateCode>,
    /// Ordered period in months; -100 is a trial.
    pub period: i64,
    /// Item status (billmanager.md 8.2).
    pub status: i64,
    /// Paid-till date of the service.
    pub expire_date: Option<NaiveDate>,
    /// The day on which it was ordered in the platform.
    pub created: Option<NaiveDate>,
    /// A tariff change is pending.
    pub tariff_change_pending: bool,
    /// Item parameters; empty values count as absent.
    pub parameters: BTreeMap<String, String>,
    /// The CSR (PEM) of table `certificate`.
    pub csr: Option<String>,
    /// The certificate (PEM) of table `certificate`.
    pub certificate: Option<String>,
    /// What its addons sell (billmanager.md 6.4).
    pub addons: Vec<Addon>,
}

/// What can be told about a service without reading all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSummary {
    /// Its id.
    pub item: ItemId,
    /// Item status (billmanager.md 8.2).
    pub status: i64,
    /// Certificate status (billmanager.md 8.1), when one was ever set.
    pub certificate_status: Option<i64>,
    /// Paid-till date of the service.
    pub expire_date: Option<NaiveDate>,
}

/// Something that the daemon schedules a service by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact<'a> {
    /// The service itself.
    Service {
        /// Its id.
        item: ItemId,
        /// Account that serves it.
        account: AccountId,
        /// Item status (billmanager.md 8.2).
        status: i64,
        /// End date that the platform shows.
        expire_date: Option<NaiveDate>,
        /// Ordered period in months.
        months: i64,
    },
    /// A parameter of it: certificate status, stored end of the certificate or intent; the paid term and Paid till
    /// where they were asked for.
    Parameter {
        /// Its id.
        item: ItemId,
        /// Name of the parameter.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
}

/// Whose facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All services of a module.
    All,
    /// All, with what the two shown dates follow from.
    AllWithDates,
    /// Of one service, all facts.
    One(ItemId),
}

/// Takes facts as they are read.
pub type TakeFact<'a> = dyn for<'f> FnMut(Fact<'f>) + 'a;

/// What may have changed since a look.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct News {
    /// Number of the parameter that was stored last, whatever service it belongs to.
    pub newest: u64,
    /// Parameters of certificates that were first stored since: their numbers and services.
    pub stored: Vec<(u64, ItemId)>,
    /// Certificates with a queued operation.
    pub queued: Vec<ItemId>,
}

impl Service {
    /// What the daemon would read of it.
    #[cfg(test)]
    pub(crate) fn facts(&self, item: ItemId, account: AccountId, found: &mut TakeFact<'_>) {
        found(Fact::Service {
            item,
            account: self.account.unwrap_or(account),
            status: self.status,
            expire_date: self.expire_date,
            months: self.period,
        });
        for (name, value) in &self.parameters {
            found(Fact::Parameter { item, name, value });
        }
    }

    /// An item parameter, trimmed; `None` when absent or empty.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// A configured processing module (billmanager.md 6.4).
#[derive(Debug)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name, for people.
    pub name: String,
    /// The module it belongs to.
    pub module: String,
    /// Settings, crypted ones decrypted.
    pub settings: Settings,
}

/// A queued operation (billmanager.md 8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningOperation {
    /// Its id.
    pub id: OperationId,
    /// The item it is for.
    pub item: Option<ItemId>,
    /// The command.
    pub command: String,
    /// Tries so far.
    pub tries: u32,
}

/// The certificate status number space (billmanager.md 8.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Request sent to the authority.
    Requested = 3,
    /// Waiting for issue.
    Enrolled = 4,
    /// Issued.
    Issued = 5,
    /// Failed or cancelled.
    Failed = 6,
}

impl CertificateStatus {
    /// The number as the platform stores it in `service_status`.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// A certificate that exists at a vendor, as the platform takes it over (billmanager.md 3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedService {
    /// The account that holds it.
    pub account: AccountId,
    /// Product code of the tariff.
    pub template: TemplateCode,
    /// Its common name.
    pub name: String,
    /// What the platform shows as its end.
    pub expire_date: NaiveDate,
    /// Months that were bought.
    pub period: u32,
    /// Certificate status.
    pub status: CertificateStatus,
    /// Item parameters.
    pub parameters: Vec<(&'static str, String)>,
}

/// What `certificate.save` takes (billmanager.md 5.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateFile {
    /// PEM text.
    Pem(String),
    /// A zip archive.
    Zip(Vec<u8>),
}

/// Which post function ends an operation (billmanager.md 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// After `open`.
    Open,
    /// After `prolong`.
    Prolong,
    /// After `reopen`.
    Reopen,
    /// After `suspend`.
    Suspend,
    /// After `resume`.
    Resume,
    /// After `close`.
    Close,
    /// After `setparam`.
    SetParameters,
}
