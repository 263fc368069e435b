//! BILLmanager: reads by SQL, writes by mgrctl functions (design, section 3; billmanager.md 5, 6).

mod account;
mod addons;
pub mod choices;
pub mod crypt;
pub mod database;
#[cfg(any(test, fuzzing))]
pub(crate) mod hostile;
mod import;
mod lazy;
mod leader_lock;
pub mod lock_host;
mod locks;
pub mod mgrctl;
pub mod overview;
pub(crate) mod owner;
pub mod row;
mod service;
pub mod settings;
pub mod statements;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use chrono::{DateTime, Local, NaiveDate, Utc};

use super::{
    Account, CertificateFile, CertificateStatus, Finish, ImportedService, News, Patience, Platform,
    RunningOperation, Service, ServiceSummary, TakeFact, Which,
};
use crate::domain::{AccountId, ItemId, Money, OperationId};
use crate::failure::{Failure, Reason};
use crate::logging::{mask_start, register_secret};
use crate::module::Module;
use choices::FunctionCall;
use crypt::PlatformKey;
use database::{Database, Purpose, Value};
use lazy::cached;
use locks::login_lock;
use mgrctl::{Argument, Mgrctl, Rehearsal};
use settings::{DatabaseSettings, Options};

/// Longest text of a registered problem; it is shown in a list.
const LONGEST_PROBLEM: usize = 1000;

/// The platform as one command sees it. Nothing is read or opened before it is needed.
#[derive(Debug)]
pub struct BillManager {
    root: PathBuf,
    module: &'static Module,
    mgrctl: OnceLock<Mgrctl>,
    /// Keeps what would be written, in a rehearsal.
    rehearsal: Option<Arc<Rehearsal>>,
    files: OnceLock<Options>,
    options: OnceLock<Options>,
    database: OnceLock<Database>,
    /// A connection of its own for services' locks, where a server is named for them.
    item_locks: OnceLock<Database>,
    /// A connection of its own for the account's lock: older servers keep one lock for each connection.
    login_locks: OnceLock<Database>,
    key: OnceLock<PlatformKey>,
    /// Codes by id. A vendor with several paid steps has the purchase described again and again.
    countries: Mutex<BTreeMap<u64, Option<String>>>,
}

impl BillManager {
    /// The platform below a root directory, called in the name of a module.
    #[must_use]
    pub fn new(root: PathBuf, module: &'static Module) -> Self {
        Self {
            mgrctl: OnceLock::new(),
            rehearsal: None,
            root,
            module,
            files: OnceLock::new(),
            options: OnceLock::new(),
            database: OnceLock::new(),
            item_locks: OnceLock::new(),
            login_locks: OnceLock::new(),
            key: OnceLock::new(),
            countries: Mutex::default(),
        }
    }

    /// The platform's root directory.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The module in whose name the platform is called.
    #[must_use]
    pub fn module(&self) -> &'static Module {
        self.module
    }

    /// Ends the database connection politely. Not needed before the process ends.
    pub async fn close(&self) {
        for cell in [&self.database, &self.item_locks, &self.login_locks] {
            if let Some(database) = cell.get() {
                database.close().await;
            }
        }
    }

    fn mgrctl(&self) -> &Mgrctl {
        let limit = || self.files().platform_limit();
        let new = || Mgrctl::new(&self.root, self.module.name, limit());
        self.mgrctl
            .get_or_init(|| new().rehearsing(self.rehearsal.clone()))
    }

    fn files(&self) -> &Options {
        self.files.get_or_init(|| Options::from_files(&self.root))
    }

    /// The options that say where database and key are: the files where they name a database, otherwise
    /// the platform's own list. Not both, so that the key, and with it the installation's fingerprint,
    /// never depends on whether the platform could be asked.
    fn options(&self) -> Result<&Options, Failure> {
        if self.files().name_a_database() {
            return Ok(self.files());
        }
        self.listed()
    }

    /// The platform's own list of options.
    fn listed(&self) -> Result<&Options, Failure> {
        cached(&self.options, || {
            // Settings are needed by functions that cannot wait; this rare question gets a thread of its own.
            let reply = std::thread::scope(|scope| {
                scope
                    .spawn(|| {
                        tokio::runtime::Builder::new_current_thread()
                            .enable_all()
                            .build()
                            .map_err(|error| Failure::new(Reason::Internal).because(error))?
                            .block_on(self.mgrctl().run(choices::OPTIONS, &[]))
                    })
                    .join()
            });
            let reply = reply.map_err(|_| {
                Failure::new(Reason::Internal).detail(words!(
                    "BILLmanager's options could not be read",
                    "не удалось запросить параметры BILLmanager"
                ))
            })??;
            Ok(Options::from_reply(&reply))
        })
    }

    fn database(&self) -> Result<&Database, Failure> {
        cached(&self.database, || {
            let purpose = match self.lock_host() {
                Some(_) => Purpose::Reads,
                None => Purpose::Everything,
            };
            Ok(Database::new(self.database_settings()?, purpose))
        })
    }

    fn database_settings(&self) -> Result<DatabaseSettings, Failure> {
        let settings = DatabaseSettings::from_options(self.options()?)?;
        register_secret(&settings.password);
        settings.secured_by(self.files(), &self.root)
    }

    fn key(&self) -> Result<&PlatformKey, Failure> {
        cached(&self.key, || {
            PlatformKey::load(&self.options()?.key_file(&self.root))
        })
    }

    async fn call(&self, calls: &[FunctionCall], arguments: &[Argument]) -> Result<(), Failure> {
        self.mgrctl().run(calls, arguments).await.map(drop)
    }
}

fn number(name: &'static str, id: impl std::fmt::Display) -> Argument {
    Argument::open(name, id.to_string())
}

#[async_trait(?Send)]
impl Platform for BillManager {
    async fn service(&self, item: ItemId) -> Result<Service, Failure> {
        self.read_service(item).await
    }

    async fn account(&self, account: AccountId) -> Result<Account, Failure> {
        self.read_account(account).await
    }

    async fn accounts_of(&self, module: &str) -> Result<Vec<AccountId>, Failure> {
        let rows = self
            .database()?
            .rows(statements::ACCOUNTS_OF_MODULE, &[Value::Text(module)])
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| row.id(0))
            .map(AccountId)
            .collect())
    }

    async fn services_of(&self, module: &str) -> Result<Vec<ServiceSummary>, Failure> {
        work::services_of(self.database()?, module).await
    }

    async fn unissued_of(&self, module: &str) -> Result<Vec<ItemId>, Failure> {
        work::unissued_of(self.database()?, module).await
    }

    async fn facts_of(
        &self,
        module: &str,
        which: Which,
        found: &mut TakeFact<'_>,
    ) -> Result<(), Failure> {
        work::facts_of(self.database()?, module, which, found).await
    }

    async fn news_of(&self, module: &str, after: u64) -> Result<News, Failure> {
        work::news_of(self.database()?, module, after).await
    }

    async fn sent_since(
        &self,
        account: AccountId,
        since: DateTime<Utc>,
    ) -> Result<BTreeSet<ItemId>, Failure> {
        work::sent_since(self.database()?, account, since).await
    }

    async fn parameters_of(
        &self,
        account: AccountId,
        name: &str,
        found: &mut TakeFact<'_>,
    ) -> Result<(), Failure> {
        work::parameters_of(self.database()?, account, name, found).await
    }

    async fn notify_client(&self, item: ItemId, subject: &str, text: &str) -> Result<(), Failure> {
        work::notify_client(self.database()?, self.mgrctl(), item, subject, text).await
    }

    async fn raise_task(&self, account: AccountId, text: &str) -> Result<(), Failure> {
        work::raise_task(self.database()?, self.mgrctl(), account, text).await
    }

    async fn services_with_order(
        &self,
        parameter: &str,
        order: &str,
    ) -> Result<Vec<ItemId>, Failure> {
        self.find_services_with_order(parameter, order).await
    }

    async fn country(&self, id: u64) -> Result<Option<String>, Failure> {
        let known = || {
            self.countries
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(code) = known().get(&id) {
            return Ok(code.clone());
        }
        let row = self
            .database()?
            .row(statements::COUNTRY, &[Value::Number(id)])
            .await?;
        let code = row.and_then(|row| row.text(0).map(|code| code.trim().to_owned()));
        known().insert(id, code.clone());
        Ok(code)
    }

    async fn operation(&self, id: OperationId) -> Result<Option<RunningOperation>, Failure> {
        let row = self
            .database()?
            .row(statements::OPERATION, &[Value::Number(id.0)])
            .await?;
        Ok(row.map(|row| RunningOperation {
            id,
            item: row.id(0).map(ItemId),
            command: row.text(1).unwrap_or_default().trim().to_owned(),
            tries: row
                .number(2)
                .and_then(|tries| u32::try_from(tries).ok())
                .unwrap_or_default(),
        }))
    }

    async fn queued_operation(
        &self,
        item: ItemId,
        command: &str,
    ) -> Result<Option<OperationId>, Failure> {
        let values = [Value::Number(item.0), Value::Text(command)];
        let row = self
            .database()?
            .row(statements::QUEUED_OPERATION, &values)
            .await?;
        Ok(row.and_then(|row| row.id(0)).map(OperationId))
    }

    fn is_rehearsed(&self) -> bool {
        self.rehearsal.is_some()
    }

    async fn lock(&self, item: ItemId, wait: Duration) -> Result<(), Failure> {
        self.lock_item(item, wait).await
    }

    async fn holds_lock(&self, item: ItemId) -> Result<bool, Failure> {
        self.item_locks()?.holds_lock(&item.to_string()).await
    }

    async fn unlock(&self, _item: ItemId) -> Result<(), Failure> {
        self.item_locks()?.give_lock_back().await
    }

    async fn lock_login(&self, login: &str, wait: Duration) -> Result<bool, Failure> {
        let taken = self
            .login_locks()?
            .take_lock(&login_lock(login), wait)
            .await;
        taken.map_err(|failure| self.of_locks(failure))
    }

    async fn holds_login_lock(&self, login: &str) -> Result<bool, Failure> {
        self.login_locks()?.holds_lock(&login_lock(login)).await
    }

    async fn unlock_login(&self) -> Result<(), Failure> {
        self.login_locks()?.give_lock_back().await
    }

    async fn locks_hold(&self, item: ItemId, login: Option<&str>) -> Result<(), Failure> {
        self.must_lock_for_all(item, login).await
    }

    async fn place_of_locks(&self, former: Option<&str>) -> Result<Option<String>, Failure> {
        self.known_place_of_locks(former).await
    }

    fn installation(&self) -> Result<String, Failure> {
        self.key()?.installation()
    }

    fn option(&self, name: &str) -> Option<String> {
        self.files().get(name).map(str::to_owned)
    }

    async fn save_parameter(
        &self,
        item: ItemId,
        name: &str,
        value: &str,
        patience: Patience,
    ) -> Result<(), Failure> {
        let arguments = [
            number("elid", item),
            Argument::open("name", name),
            Argument::value_of(name, value),
        ];
        let wait = match patience {
            Patience::Once => Duration::ZERO,
            Patience::UntilPlatformIsBack => self.files().platform_wait(),
        };
        self.mgrctl()
            .run_patiently(choices::SAVE_PARAMETER, &arguments, wait)
            .await
            .map(drop)
    }

    async fn set_status(&self, item: ItemId, status: CertificateStatus) -> Result<(), Failure> {
        let arguments = [
            number("elid", item),
            number("service_status", status.code()),
        ];
        self.call(choices::SET_STATUS, &arguments).await
    }

    async fn set_expire_date(&self, item: ItemId, date: NaiveDate) -> Result<(), Failure> {
        let arguments = [
            number("elid", item),
            number("expiredate", date.format("%Y-%m-%d")),
        ];
        self.call(choices::SET_EXPIRE_DATE, &arguments).await
    }

    async fn save_certificate(&self, item: ItemId, file: &CertificateFile) -> Result<(), Failure> {
        let (calls, text) = match file {
            CertificateFile::Pem(text) => (choices::SAVE_CERTIFICATE_PEM, text.clone()),
            CertificateFile::Zip(bytes) => (
                choices::SAVE_CERTIFICATE_ZIP,
                base64::engine::general_purpose::STANDARD.encode(bytes),
            ),
        };
        self.call(calls, &[number("elid", item), Argument::open("crt", text)])
            .await
    }

    async fn mark_failed(&self, item: ItemId) -> Result<(), Failure> {
        self.call(choices::MARK_FAILED, &[number("elid", item)])
            .await
    }

    async fn finish(&self, item: ItemId, operation: Finish) -> Result<(), Failure> {
        self.call(choices::finishing(operation), &[number("elid", item)])
            .await
    }

    async fn save_balance(
        &self,
        account: AccountId,
        balance: Money,
        at: DateTime<Utc>,
    ) -> Result<(), Failure> {
        // The panel keeps local times (inferred).
        let at = at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S");
        let arguments = [
            number("processingmodule", account),
            number("balance", balance),
            number("currency", balance.currency),
            number("notify_time", at),
        ];
        self.call(choices::SAVE_BALANCE, &arguments).await
    }

    async fn import_service(&self, service: &ImportedService) -> Result<ItemId, Failure> {
        import::service(self.mgrctl(), service).await
    }

    async fn roll_back_tariff_change(&self, item: ItemId) -> Result<(), Failure> {
        self.call(choices::ROLL_BACK_TARIFF_CHANGE, &[number("elid", item)])
            .await
    }

    async fn record_error(&self, operation: OperationId, document: &str) -> Result<(), Failure> {
        let arguments = [
            number("elid", operation),
            Argument::hidden("errorxml", document),
        ];
        self.call(choices::RECORD_ERROR, &arguments).await
    }

    async fn hand_to_person(
        &self,
        operation: OperationId,
        item: Option<ItemId>,
        command: &str,
    ) -> Result<(), Failure> {
        let values = [Value::Number(operation.0)];
        let tasks = self
            .database()?
            .row(statements::OPEN_TASKS_OF_OPERATION, &values)
            .await?;
        // The task comes first: an operation that was made manual by a command that then died would wait
        // for ever, and nobody would know.
        if tasks.and_then(|row| row.id(0)).is_none() {
            let item = match item {
                Some(item) => Some(item),
                None => {
                    let operation = self.operation(operation).await?;
                    operation.and_then(|operation| operation.item)
                }
            };
            work::create_task(self.mgrctl(), operation, item, command).await?;
        }
        self.call(choices::MAKE_MANUAL, &[number("elid", operation)])
            .await
    }

    async fn register_problem(
        &self,
        account: AccountId,
        account_name: &str,
        text: &str,
    ) -> Result<(), Failure> {
        let text = work::harmless(&mask_start(text, LONGEST_PROBLEM));
        let arguments = [
            number("id", account),
            Argument::open("param_pm_name", account_name),
            number("param_pm_id", account),
            Argument::open("param_errormsg", text),
        ];
        self.call(choices::REGISTER_PROBLEM, &arguments).await
    }
}

#[cfg(test)]
mod tests;
