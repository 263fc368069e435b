//! Functions about operations, tasks, problems and balances.

use chrono::NaiveDateTime;
use quick_xml::events::Event;
use rusqlite::params;
use rusqlite::types::Value;

use super::functions::{number, ok};
use super::line::Line;
use super::{Balance, Panel, Problem, Refused, escape};
use crate::lock;

pub fn operation_edit(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let id = number(line, "elid")?;
    match line.get("manual") {
        None => {}
        Some(manual @ ("on" | "off")) => {
            panel.execute(
                "UPDATE runningoperation SET manual = ? WHERE id = ?",
                params![manual, id],
            );
        }
        Some(other) => return Err(Refused::value("manual", other, "on or off")),
    }
    if let Some(document) = line.get("errorxml") {
        well_formed(document).map_err(|text| Refused::value("errorxml", "", &text))?;
        panel.execute(
            "UPDATE runningoperation SET errorxml = ? WHERE id = ?",
            params![document, id],
        );
    }
    ok()
}

/// Reads a document to its end; the error says where it breaks.
fn well_formed(document: &str) -> Result<(), String> {
    let mut reader = quick_xml::Reader::from_str(document);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_u32;
    let mut roots = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                roots += u32::from(depth == 0);
                if depth == 0 && start.name().as_ref() != "doc" {
                    return Err("the root is not doc".to_owned());
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Eof if depth == 0 && roots == 1 => return Ok(()),
            Event::Eof => return Err("not one whole document".to_owned()),
            _ => {}
        }
    }
}

pub fn setmanual(panel: &Panel, line: &Line) -> Result<String, Refused> {
    panel.execute(
        "UPDATE runningoperation SET manual = 'on' WHERE id = ?",
        params![number(line, "elid")?],
    );
    ok()
}

pub fn operation_delete(panel: &Panel, line: &Line) -> Result<String, Refused> {
    panel.execute(
        "DELETE FROM runningoperation WHERE id = ?",
        params![number(line, "elid")?],
    );
    ok()
}

/// A person restarts the operations of services, several at once (billmanager.md 5.3).
pub fn retry(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let wanted = line.get("elid").unwrap_or_default();
    for item in wanted.split(", ") {
        if !item.parse().is_ok_and(|id| panel.exists("item", id)) {
            return Err(Refused::value("elid", item, "No such element"));
        }
        panel.execute(
            "UPDATE runningoperation SET manual = 'off', trycount = 0 WHERE item = ?",
            params![item],
        );
    }
    ok()
}

pub fn taskcreate(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let operation = number(line, "elid")?;
    let item = panel.find(
        "SELECT item FROM runningoperation WHERE id = ?",
        params![operation],
    );
    let item = match item {
        Some(Value::Integer(item)) => item.cast_unsigned(),
        _ => 0,
    };
    let id = new_task(panel, TASK_TYPES[0].1, item, operation);
    Ok(format!("<id>{id}</id><ok/>"))
}

/// Types of tasks by command; the numbers are this panel's own.
const TASK_TYPES: &[(&str, u64)] = &[
    ("open", 1),
    ("prolong", 2),
    ("reopen", 3),
    ("close", 4),
    ("setparam", 5),
    ("suspend", 5),
    ("resume", 5),
];

pub fn gettype(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let command = line.get("operation").unwrap_or_default();
    let silent = lock(&panel.state)
        .without_task_type
        .iter()
        .any(|one| one == command);
    let found = TASK_TYPES.iter().find(|(name, _)| *name == command);
    let kind = found.filter(|_| !silent).map(|(_, kind)| kind.to_string());
    Ok(format!(
        "<task_type>{}</task_type>",
        kind.unwrap_or_default()
    ))
}

pub fn task_edit(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let kind = number(line, "type")?;
    if !TASK_TYPES.iter().any(|(_, known)| *known == kind) {
        return Err(Refused::value("type", &kind.to_string(), "No such type"));
    }
    let (item, operation) = (number(line, "item")?, number(line, "runningoperation")?);
    let id = new_task(panel, kind, item, operation);
    if let Some(text) = line.get("params") {
        lock(&panel.state).task_texts.insert(id, text.to_owned());
    }
    Ok(format!("<id>{id}</id><ok/>"))
}

fn new_task(panel: &Panel, kind: u64, item: u64, operation: u64) -> u64 {
    let id = panel.next_id("task");
    panel.execute(
        "INSERT INTO task (id, type, item, runningoperation, status) VALUES (?, ?, ?, ?, 0)",
        params![id, kind, item, operation],
    );
    id
}

/// Numbers of tasks that belong to no operation begin behind this one.
pub const FREE_TASKS: u64 = 9000;

/// A task that belongs to no operation: it goes to a department.
pub fn task_simple(panel: &Panel, line: &Line) -> Result<String, Refused> {
    number(line, "elid")?;
    let text = line.get("specification").unwrap_or_default().to_owned();
    let mut state = lock(&panel.state);
    state.free_tasks.push(text);
    let id = FREE_TASKS + state.free_tasks.len() as u64;
    Ok(format!("<id>{id}</id><ok/>"))
}

/// A message to a user.
pub fn notification(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let user = number(line, "user")?;
    let field = |name: &str| line.get(name).unwrap_or_default().to_owned();
    let message = (user, field("subject"), field("message"));
    lock(&panel.state).messages.push(message);
    ok()
}

const PROBLEMS: [&str; 4] = [
    "processingmodule_connect",
    "processingmodule_getnextmodule",
    "nameserver_connect",
    "ipmgr_connect",
];

pub fn problem(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let name = line.get("name").unwrap_or_default();
    if !PROBLEMS.contains(&name) {
        return Err(Refused::value("name", name, "No such problem"));
    }
    let level = line.get("level").unwrap_or_default();
    if level != "error" {
        return Err(Refused::value("level", level, "error"));
    }
    let problem = Problem {
        name: name.to_owned(),
        account: number(line, "id")?,
        text: line.get("param_errormsg").unwrap_or_default().to_owned(),
        parameters: line
            .parameters
            .iter()
            .filter(|(name, _)| name.starts_with("param_"))
            .cloned()
            .collect(),
    };
    let mut state = lock(&panel.state);
    // A problem is known by name and account; registering it again refreshes it.
    state
        .problems
        .retain(|old| (&old.name, old.account) != (&problem.name, problem.account));
    state.problems.push(problem);
    ok()
}

pub fn processing(panel: &Panel, _: &Line) -> Result<String, Refused> {
    let rows = panel.database.engine().with(|connection| {
        connection
            .prepare("SELECT id, name, module FROM processingmodule ORDER BY id")?
            .query_map([], |row| {
                let (id, name, module): (u64, String, String) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(format!(
                    "<elem><id>{id}</id><name>{}</name><module>{}</module></elem>",
                    escape(&name),
                    escape(&module)
                ))
            })?
            .collect::<Result<String, _>>()
    });
    Ok(rows)
}

pub fn savebalance(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let account = number(line, "processingmodule")?;
    let get = |name| line.get(name).unwrap_or_default().to_owned();
    let (amount, currency, time) = (get("balance"), get("currency"), get("notify_time"));
    let plain = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let value: f64 = amount
        .parse()
        .ok()
        .filter(|_| amount.chars().all(plain))
        .ok_or_else(|| Refused::value("balance", &amount, "Not an amount"))?;
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(Refused::value(
            "currency",
            &currency,
            "Three capital letters",
        ));
    }
    if NaiveDateTime::parse_from_str(&time, "%Y-%m-%d %H:%M:%S").is_err() {
        return Err(Refused::value("notify_time", &time, "YYYY-MM-DD HH:MM:SS"));
    }
    let mut state = lock(&panel.state);
    if state
        .minimal
        .get(&account)
        .is_some_and(|least| value < *least)
    {
        let text = format!("balance of account {account} is low: {amount} {currency}");
        state.notices.push(text);
    }
    let balance = Balance {
        account,
        amount,
        currency,
        notify_time: time,
    };
    state.balances.insert(account, balance);
    ok()
}
