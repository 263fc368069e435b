//! The daemon's part of the platform: what needs work, and words to people.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::database::{Database, Value};
use super::mgrctl::{Argument, Mgrctl};
use super::{choices, number, statements};
use crate::domain::{AccountId, ItemId, OperationId};
use crate::failure::{Failure, Reason};
use crate::platform::Work;

/// Position of the moment in a stored intent (`order::intent`): the sixth field between bars.
const INTENT_MOMENT: usize = 5;

pub(super) async fn of_module(
    database: &Database,
    module: &str,
    before: NaiveDate,
) -> Result<Vec<Work>, Failure> {
    let before = before.format("%Y-%m-%d").to_string();
    let day = Value::Text(&before);
    let values = [Value::Text(module), day, day];
    let rows = database.rows(statements::WORK_OF_MODULE, &values).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            Some(Work {
                item: ItemId(row.id(0)?),
                account: AccountId(row.id(1)?),
                status: row.number(2).unwrap_or_default(),
                certificate_status: row.number(3),
                certificate_end: row.date(4),
                intent: row.text(5).map(str::to_owned),
            })
        })
        .collect())
}

pub(super) async fn sent_since(
    database: &Database,
    account: AccountId,
    since: DateTime<Utc>,
) -> Result<BTreeSet<ItemId>, Failure> {
    let values = [Value::Number(account.0)];
    let rows = database
        .rows(statements::INTENTS_OF_ACCOUNT, &values)
        .await?;
    let moment = |text: &str| -> Option<i64> { text.split('|').nth(INTENT_MOMENT)?.parse().ok() };
    Ok(rows
        .iter()
        .filter(|row| row.text(1).and_then(moment) >= Some(since.timestamp()))
        .filter_map(|row| row.id(0).map(ItemId))
        .collect())
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
        Argument::open("subject", subject),
        Argument::open("message", text),
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
            "the platform has no task type for '{command}': operation {operation} has no task"
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
        Argument::open("specification", text),
    ];
    mgrctl
        .run(choices::CREATE_FREE_TASK, &arguments)
        .await
        .map(drop)
}
