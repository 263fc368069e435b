//! What an administrator asks about many services at once. Reads only.

use std::collections::BTreeMap;

use super::database::Value;
use super::{BillManager, statements};
use crate::domain::{AccountId, ItemId, OperationId, TemplateCode};
use crate::failure::Failure;
use crate::module::{self, Module};

/// One service of a module, as a list shows it.
#[derive(Debug, Clone, Default)]
pub struct ServiceLine {
    /// Its id.
    pub item: u64,
    /// Its name in the platform.
    pub name: String,
    /// Account that serves it.
    pub account: u64,
    /// Name of the account.
    pub account_name: String,
    /// Product code of the tariff.
    pub template: Option<TemplateCode>,
    /// Item status (billmanager.md 8.2).
    pub status: i64,
    /// End date that the platform shows.
    pub expire_date: Option<chrono::NaiveDate>,
    /// The CSR (PEM).
    pub csr: Option<String>,
    /// Months that are ordered at a time.
    pub months: u32,
    /// Item parameters that lists need; empty values count as absent.
    pub parameters: BTreeMap<String, String>,
}

impl ServiceLine {
    /// An item parameter, trimmed; `None` when absent or empty.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }
}

/// Some services of all modules.
#[derive(Debug, Default)]
pub struct Page {
    /// Each with its module.
    pub lines: Vec<(&'static Module, ServiceLine)>,
    /// The last number that was read, other programs' services included; `None` at the end.
    pub last: Option<u64>,
}

/// A configured account, without its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: String,
    /// Orders may go to it.
    pub active: bool,
}

/// A tariff that sells a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TariffLine {
    /// Its id.
    pub id: u64,
    /// Its product code.
    pub code: String,
    /// It can be ordered.
    pub active: bool,
}

/// A queued operation of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedLine {
    /// Its id.
    pub operation: OperationId,
    /// The service.
    pub item: ItemId,
    /// The command.
    pub command: String,
    /// Tries so far.
    pub tries: i64,
    /// Tasks that refer to it: a person has been asked.
    pub tasks: i64,
}

impl BillManager {
    /// Services of all modules that follow a number, some at a time, by id.
    ///
    /// # Errors
    /// `Database`.
    pub async fn services_after(&self, last: u64) -> Result<Page, Failure> {
        let database = self.database()?;
        let rows = database
            .rows(statements::OVERVIEW, &[Value::Number(last)])
            .await?;
        let last = rows.iter().filter_map(|row| row.id(0)).max();
        let mut lines: BTreeMap<u64, (&'static Module, ServiceLine)> = rows
            .iter()
            .filter(|row| row.text(9) == Some("certificate"))
            .filter_map(|row| {
                let line = ServiceLine {
                    item: row.id(0)?,
                    name: row.text(1).unwrap_or_default().to_owned(),
                    account: row.id(2)?,
                    account_name: row.text(3).unwrap_or_default().to_owned(),
                    template: row.text(5).map(TemplateCode::new),
                    status: row.number(6).unwrap_or_default(),
                    expire_date: row.date(7),
                    csr: row.text(8).map(str::to_owned),
                    months: row
                        .number(10)
                        .and_then(|months| months.try_into().ok())
                        .unwrap_or_default(),
                    parameters: BTreeMap::new(),
                };
                let module = module::by_name(row.text(4)?)?;
                Some((line.item, (module, line)))
            })
            .collect();
        let range = lines.keys().next().copied().zip(last);
        if let Some((first, last)) = range {
            let values = [Value::Number(first), Value::Number(last)];
            let take = |row: &super::row::Row| {
                let line = row.id(0).and_then(|item| lines.get_mut(&item));
                if let (Some((_, line)), Some(name), Some(value)) = (line, row.text(1), row.text(2))
                {
                    line.parameters.insert(name.to_owned(), value.to_owned());
                }
            };
            database
                .each(statements::OVERVIEW_PARAMETERS, &values, take)
                .await?;
        }
        Ok(Page {
            lines: lines.into_values().collect(),
            last,
        })
    }

    /// Number, CSR and certificate of services in a range of numbers that are not deleted. Texts that are not there are
    /// empty.
    ///
    /// # Errors
    /// `Database`.
    pub async fn certificates_between(
        &self,
        first: u64,
        last: u64,
    ) -> Result<Vec<(u64, String, String)>, Failure> {
        let values = [Value::Number(first), Value::Number(last)];
        let rows = self
            .database()?
            .rows(statements::CERTIFICATES_BETWEEN, &values)
            .await?;
        let text = |row: &super::row::Row, index| row.text(index).unwrap_or_default().to_owned();
        let rows = rows.iter();
        Ok(rows
            .filter_map(|row| Some((row.id(0)?, text(row, 1), text(row, 2))))
            .collect())
    }

    /// Name of a service in the platform.
    ///
    /// # Errors
    /// `Database`.
    pub async fn service_name(&self, item: ItemId) -> Result<String, Failure> {
        let row = self
            .database()?
            .row(statements::SERVICE_NAME, &[Value::Number(item.0)])
            .await?;
        Ok(row
            .and_then(|row| row.text(0).map(str::to_owned))
            .unwrap_or_default())
    }

    /// The accounts of a module with their names.
    ///
    /// # Errors
    /// `Database`.
    pub async fn account_lines(&self, module: &Module) -> Result<Vec<AccountLine>, Failure> {
        let rows = self
            .database()?
            .rows(statements::ACCOUNT_LINES, &[Value::Text(module.name)])
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| {
                Some(AccountLine {
                    id: AccountId(row.id(0)?),
                    name: row.text(1).unwrap_or_default().to_owned(),
                    active: row.text(2) != Some("off"),
                })
            })
            .collect())
    }

    /// The tariffs of certificates that an account serves, by id.
    ///
    /// # Errors
    /// `Database`.
    pub async fn tariff_lines(&self, account: AccountId) -> Result<Vec<TariffLine>, Failure> {
        let values = [Value::Number(account.0)];
        let rows = self
            .database()?
            .rows(statements::TARIFFS_OF_ACCOUNT, &values)
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| {
                Some(TariffLine {
                    id: row.id(0)?,
                    code: row.text(1)?.to_owned(),
                    active: row.text(2) != Some("off"),
                })
            })
            .collect())
    }

    /// The queued operations of a module's services.
    ///
    /// # Errors
    /// `Database`.
    pub async fn queued_lines(&self, module: &Module) -> Result<Vec<QueuedLine>, Failure> {
        let rows = self
            .database()?
            .rows(statements::QUEUED_LINES, &[Value::Text(module.name)])
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| {
                Some(QueuedLine {
                    operation: OperationId(row.id(0)?),
                    item: ItemId(row.id(1)?),
                    command: row.text(2).unwrap_or_default().to_owned(),
                    tries: row.number(3).unwrap_or_default(),
                    tasks: row.number(4).unwrap_or_default(),
                })
            })
            .collect())
    }

    /// Whether the platform answers a question that changes nothing.
    ///
    /// # Errors
    /// It does not, or its client program fails.
    pub async fn answers(&self) -> Result<(), Failure> {
        self.call(super::choices::OPTIONS, &[]).await
    }

    /// Whether the parameters of a service are found without a walk through those of all; `None` where the server does
    /// not tell.
    pub async fn has_parameter_index(&self) -> Option<bool> {
        let told = self.database().ok()?;
        let told = told.variables(statements::PARAMETER_INDEX).await.ok()?;
        Some(!told.is_empty())
    }

    /// Where the database is, for messages.
    ///
    /// # Errors
    /// Settings that cannot be had or are wrong.
    pub fn database_place(&self) -> Result<String, Failure> {
        let settings = super::settings::DatabaseSettings::from_options(self.options()?)?;
        Ok(settings.place.to_string())
    }

    /// Servers on other machines that are talked to in plain text: the database's, the one for locks.
    ///
    /// # Errors
    /// `Database`, `LockHost`.
    pub async fn plain_places(&self) -> Result<Vec<String>, Failure> {
        let mut plain = Vec::new();
        if self.database()?.is_plain().await? {
            plain.push(self.database_place()?);
        }
        if let Some(host) = self.lock_host() {
            let is_plain = self.item_locks()?.is_plain().await;
            if is_plain.map_err(|failure| self.of_locks(failure))? {
                plain.push(host.to_owned());
            }
        }
        Ok(plain)
    }

    /// Where the platform's key file is.
    ///
    /// # Errors
    /// Options that cannot be had.
    pub fn key_file(&self) -> Result<std::path::PathBuf, Failure> {
        Ok(self.options()?.key_file(&self.root))
    }
}
