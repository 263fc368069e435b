//! `pmssl balance`: how much money is left at the vendors.

use super::context::{self, AdminContext};
use super::exit::Code;
use super::output::{AdminAnswer, Cell, Tone};
use super::select::Chosen;
use crate::domain::{AccountId, Money};
use crate::failure::{Failure, Reason};
use crate::module::Text;

const ACCOUNT: Text = Text::new("account", "обработчик");
const NAME: Text = Text::new("name", "имя");
const MODULE: Text = Text::new("module", "модуль");
const BALANCE: Text = Text::new("balance", "баланс");
const CURRENCY: Text = Text::new("currency", "валюта");

/// Arguments of `pmssl balance`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asks the vendors and changes nothing.

Example:
  pmssl balance --account 3")]
pub(super) struct Arguments {
    #[command(flatten)]
    chosen: Chosen,
}

/// One line of the answer.
struct Line {
    id: AccountId,
    name: String,
    module: &'static str,
    balance: Result<Money, Failure>,
}

/// Asks one account or all. One that fails does not keep the others from being asked.
pub(super) fn run(admin: &AdminContext, arguments: &Arguments) -> Result<AdminAnswer, Failure> {
    let lines = context::wait(ask(admin, &arguments.chosen))?;
    let view = &admin.view;
    let code = if lines.iter().any(|line| line.balance.is_err()) {
        Code::Failed
    } else {
        Code::Done
    };
    if view.json {
        let list: Vec<_> = lines.iter().map(json).collect();
        return Ok(AdminAnswer::new(view.json(&list)?, code));
    }
    let rows: Vec<Vec<Cell>> = lines
        .iter()
        .map(|line| {
            let mut row: Vec<Cell> = vec![
                line.id.to_string().into(),
                line.name.as_str().into(),
                line.module.into(),
            ];
            match &line.balance {
                Ok(money) => row.extend([money.to_string().into(), money.currency.as_str().into()]),
                Err(failure) => row.push(Cell::toned(view.failure(failure), Tone::Bad)),
            }
            row
        })
        .collect();
    let heads = [ACCOUNT, NAME, MODULE, BALANCE, CURRENCY].map(|head| view.say(&head));
    Ok(AdminAnswer::new(view.table(&heads, &rows), code))
}

fn json(line: &Line) -> serde_json::Value {
    let mut document = serde_json::json!({
        "account": line.id.0,
        "name": line.name,
        "module": line.module,
    });
    match &line.balance {
        Ok(money) => {
            document["balance"] = money.to_string().into();
            document["currency"] = money.currency.as_str().into();
        }
        Err(failure) => document["error"] = super::failure_json(failure),
    }
    document
}

async fn ask(admin: &AdminContext, chosen: &Chosen) -> Result<Vec<Line>, Failure> {
    let platform = admin.any_platform();
    let mut lines = Vec::new();
    for module in chosen.modules() {
        for account in platform.account_lines(module).await? {
            if !chosen.has_account(account.id.0) {
                continue;
            }
            let balance = match admin.connect(account.id).await {
                Ok(connected) => connected.authority.balance().await,
                Err(failure) => Err(failure),
            };
            lines.push(Line {
                id: account.id,
                name: account.name,
                module: module.name,
                balance,
            });
        }
    }
    match chosen.account().map(AccountId) {
        Some(id) if lines.is_empty() => {
            // Unknown, or of a foreign module: the platform says which.
            admin.account(id).await?;
            Err(Failure::new(Reason::UnknownAccount).value(id.to_string()))
        }
        None if lines.is_empty() => Err(Failure::new(Reason::NoAccounts)),
        _ => Ok(lines),
    }
}
