//! The daemon's part of the platform: what needs work, and words to people.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::database::{Database, Value};
use super::mgrctl::{Argument, Mgrctl};
use super::row::Row;
use super::{BillManager, choices, number, statements};
use crate::domain::{AccountId, ItemId, OperationId};
use crate::failure::{Failure, Reason};
use crate::logging::visible;
use crate::order::stored;
use crate::platform::{Fact, News, ServiceSummary, TakeFact, Which};

pub(super) async fn services_of(
    database: &Database,
    module: &str,
) -> Result<Vec<ServiceSummary>, Failure> {
    let values = [Value::Text(module)];
    let rows = database
        .rows(statements::SERVICES_OF_MODULE, &values)
        .await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(ServiceSummary {
                item: ItemId(row.id(0)?),
                status: row.number(1).unwrap_or_default(),
                certificate_status: row.number(2),
                expire_date: row.date(3),
            })
        })
        .collect())
}

pub(super) async fn unissued_of(database: &Database, module: &str) -> Result<Vec<ItemId>, Failure> {
    let values = [Value::Text(module)];
    let rows = database
        .rows(statements::UNISSUED_SERVICES_OF_MODULE, &values)
        .await?;
    Ok(rows
        .iter()
        .filter_map(|row| row.id(0).map(ItemId))
        .collect())
}

impl BillManager {
    /// Has the platform run the operations of a service again. Sends nothing to a vendor.
    ///
    /// # Errors
    /// The platform refused, or its client program fails.
    pub async fn restart_operations(&self, item: ItemId) -> Result<(), Failure> {
        self.call(choices::RESTART_OPERATIONS, &[number("elid", item)])
            .await
    }
}

pub(super) async fn facts_of(
    database: &Database,
    module: &str,
    which: Which,
    found: &mut TakeFact<'_>,
) -> Result<(), Failure> {
    let module = Value::Text(module);
    let (statement, values) = match which {
        Which::All => (statements::FACTS_OF_MODULE, vec![module, module]),
        Which::AllWithDates => (statements::FACTS_AND_DATES_OF_MODULE, vec![module, module]),
        Which::One(item) => {
            let item = Value::Number(item.0);
            let values = vec![module, item, module, item];
            (statements::FACTS_OF_SERVICE, values)
        }
    };
    let take = |row: &Row| {
        if let Some(fact) = fact(row) {
            found(fact);
        }
    };
    match which {
        Which::All | Which::AllWithDates => database.each_of_all(statement, &values, take).await,
        Which::One(_) => database.each(statement, &values, take).await,
    }
}

fn fact(row: &Row) -> Option<Fact<'_>> {
    let item = ItemId(row.id(0)?);
    Some(match row.text(4) {
        Some(name) => Fact::Parameter {
            item,
            name,
            value: row.text(5)?,
        },
        None => Fact::Service {
            item,
            account: AccountId(row.id(1)?),
            status: row.number(2).unwrap_or_default(),
            expire_date: row.date(3),
            months: row.number(6).unwrap_or_default(),
        },
    })
}

pub(super) async fn news_of(
    database: &Database,
    module: &str,
    after: u64,
) -> Result<News, Failure> {
    // First: what is stored in between is found by the next look.
    let newest = database.row(statements::NEWEST_PARAMETER, &[]).await?;
    let mut news = News {
        newest: newest.and_then(|row| row.id(0)).unwrap_or_default(),
        ..News::default()
    };
    let module = Value::Text(module);
    let values = [module, Value::Number(after), module];
    for row in database.rows(statements::NEWS_OF_MODULE, &values).await? {
        match (row.id(0), row.id(1).map(ItemId)) {
            (Some(number), Some(item)) => news.stored.push((number, item)),
            (None, Some(item)) => news.queued.push(item),
            (_, None) => {}
        }
    }
    Ok(news)
}

pub(super) async fn parameters_of(
    database: &Database,
    account: AccountId,
    name: &str,
    found: &mut TakeFact<'_>,
) -> Result<(), Failure> {
    let values = [Value::Number(account.0), Value::Text(name)];
    let take = |row: &Row| {
        if let (Some(item), Some(value)) = (row.id(0).map(ItemId), row.text(1)) {
            found(Fact::Parameter { item, name, value });
        }
    };
    let statement = statements::PARAMETERS_OF_ACCOUNT;
    database.each_of_all(statement, &values, take).await
}

pub(super) async fn sent_since(
    database: &Database,
    account: AccountId,
    since: DateTime<Utc>,
) -> Result<BTreeSet<ItemId>, Failure> {
    let values = [Value::Number(account.0), Value::Text(stored::NOTHING_SENT)];
    let mut sent = BTreeSet::new();
    // Every intent that an account ever had is among them: only what counts is kept.
    let take = |row: &Row| {
        if row.text(1).and_then(stored::moment_of_intent) >= Some(since.timestamp()) {
            sent.extend(row.id(0).map(ItemId));
        }
    };
    database
        .each(statements::INTENTS_OF_ACCOUNT, &values, take)
        .await?;
    Ok(sent)
}

/// A text with a vendor's words in it, as the panel may show it: lines stay lines.
pub(super) fn harmless(text: &str) -> String {
    visible(&text.replace("\r\n", "\n"), &['\n'])
}

pub(super) async fn notify_client(
    database: &Database,
    mgrctl: &Mgrctl,
    item: ItemId,
    subject: &str,
    text: &str,
) -> Result<(), Failure> {
    let user = database
        .row(statements::CLIENT_USER, &[Value::Number(item.0)])
        .await?
        .and_then(|row| row.id(0))
        .ok_or_else(|| {
            Failure::field(Reason::PlatformFunction, "notification.edit").detail(words!(
                "the client of service {item} has no user to write to",
                "у клиента услуги {item} нет пользователя, которому можно написать"
            ))
        })?;
    let arguments = [
        number("user", user),
        Argument::open("subject", visible(subject, &[])),
        Argument::open("message", harmless(text)),
    ];
    mgrctl
        .run(choices::NOTIFY_CLIENT, &arguments)
        .await
        .map(drop)
}

/// Gives an operation its task (billmanager.md 8.3). A task belongs to a service, and the platform has types of
/// them; without one of the two the manual operation has to speak for itself.
pub(super) async fn create_task(
    mgrctl: &Mgrctl,
    operation: OperationId,
    item: Option<ItemId>,
    command: &str,
) -> Result<(), Failure> {
    let Some(item) = item else {
        return Ok(());
    };
    let question = [Argument::open("operation", command), number("item", item)];
    let reply = mgrctl.run(choices::TASK_TYPE, &question).await?;
    let Some(kind) = reply.value("task_type") else {
        crate::log!(
            Platform,
            Warning,
            "BILLmanager has no task type for '{command}': operation {operation} has no task"
        );
        return Ok(());
    };
    let arguments = [
        number("item", item),
        number("runningoperation", operation),
        Argument::open("type", kind),
    ];
    mgrctl.run(choices::CREATE_TASK, &arguments).await.map(drop)
}

pub(super) async fn raise_task(
    database: &Database,
    mgrctl: &Mgrctl,
    account: AccountId,
    text: &str,
) -> Result<(), Failure> {
    let department = database
        .row(statements::DEPARTMENT, &[Value::Number(account.0)])
        .await?
        .and_then(|row| row.id(0))
        .ok_or_else(|| {
            Failure::field(Reason::PlatformFunction, "task.simple.create").detail(words!(
                "account {account} has no department for its tasks",
                "у обработчика {account} нет отдела для его задач"
            ))
        })?;
    let arguments = [
        number("elid", department),
        Argument::open("specification", harmless(text)),
    ];
    mgrctl
        .run(choices::CREATE_FREE_TASK, &arguments)
        .await
        .map(drop)
}
