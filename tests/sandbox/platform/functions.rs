//! The functions that modules use (billmanager.md 5.3), with their arguments and effects.
//!
//! Stricter than the real panel where its behaviour is not known: an argument that no working module
//! sends is an error.

use chrono::NaiveDate;
use rsa::Pkcs1v15Encrypt;
use rusqlite::params;

use super::line::Line;
use super::work::{
    self, gettype, notification, operation_delete, operation_edit, problem, processing,
    savebalance, setmanual, task_edit, task_simple, taskcreate,
};
use super::{Panel, Refused, escape, import, saved};
use crate::lock;

/// Whether a function acts without `sok=ok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sok {
    /// Without it the function only shows its form.
    Needed,
    /// Working modules call it both ways.
    Either,
    /// A list or a form to read.
    None,
}

struct Function {
    name: &'static str,
    sok: Sok,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    act: fn(&Panel, &Line) -> Result<String, Refused>,
}

const fn function(
    name: &'static str,
    sok: Sok,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    act: fn(&Panel, &Line) -> Result<String, Refused>,
) -> Function {
    Function {
        name,
        sok,
        required,
        optional,
        act,
    }
}

#[rustfmt::skip]
const FUNCTIONS: &[Function] = &[
    function("paramlist", Sok::None, &[], &["elid"], paramlist),
    function("service.saveparam", Sok::Needed, &["elid", "name"], &["value", "crypted"], saveparam),
    function("service.dropparam", Sok::Needed, &["elid", "name"], &[], dropparam),
    function("service.setstatus", Sok::Either, &["elid", "service_status"], &[], setstatus),
    function("service.setexpiredate", Sok::Either, &["elid", "expiredate"], &[], setexpiredate),
    function("service.postopen", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "open", Some(2))),
    function("service.postopeninterrupt", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "open", None)),
    function("service.postprolong", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "prolong", Some(2))),
    function("service.postreopen", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "reopen", Some(2))),
    function("service.postsuspend", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "suspend", Some(3))),
    function("service.postresume", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "resume", Some(2))),
    function("service.postclose", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "close", Some(4))),
    function("service.postsetparam", Sok::Needed, &["elid"], &[], postsetparam),
    function("service.changepricelist.rollback", Sok::Needed, &["elid"], &["userid"], rollback),
    function("certificate.open", Sok::Needed, &["elid"], &[], |p, l| post(p, l, "open", Some(2))),
    function("certificate.save", Sok::Either, &["elid", "crt"], &["crt_type"], certificate_save),
    function("certificate.retry", Sok::Either, &["elid"], &[], work::retry),
    function("exit", Sok::None, &[], &[], |p, _| { p.restart(); ok() }),
    function("certificate.failed", Sok::Needed, &["elid"], &[], certificate_failed),
    function("runningoperation.edit", Sok::Needed, &["elid"], &["errorxml", "manual"], operation_edit),
    function("runningoperation.setmanual", Sok::Either, &["elid"], &[], setmanual),
    function("runningoperation.delete", Sok::Either, &["elid"], &[], operation_delete),
    function("runningoperation.taskcreate", Sok::Either, &["elid"], &[], taskcreate),
    function("task.gettype", Sok::None, &["operation"], &["item"], gettype),
    function("task.edit", Sok::Needed, &["item", "runningoperation", "type"], &["params"], task_edit),
    function("problems.register", Sok::Needed, &["name", "id", "param_pm_name", "param_pm_id", "param_errormsg", "level"], &[], problem),
    function("task.simple.create", Sok::Needed, &["elid", "specification"], &[], task_simple),
    function("notification.edit", Sok::Needed, &["subject", "message", "user"], &[], notification),
    function("processing", Sok::None, &[], &[], processing),
    function("processing.import.service", Sok::Needed, import::REQUIRED, &[], import::service),
    function("processing.savebalance", Sok::Needed, &["processingmodule", "balance", "currency", "notify_time"], &[], savebalance),
];

/// Runs a function; the result is what stands under `/doc`.
pub fn perform(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let function = FUNCTIONS
        .iter()
        .find(|function| function.name == line.function)
        .ok_or_else(|| Refused::function(&line.function))?;
    let shape_b = line.function == "service.saveparam" && line.get("name").is_none();
    for name in function.required {
        if line.get(name).is_none() && !(shape_b && *name == "name") {
            return Err(Refused::missed(name, ""));
        }
    }
    let sok = line.get("sok");
    if sok.is_some_and(|sok| sok != "ok") || (sok.is_some() && function.sok == Sok::None) {
        return Err(Refused::value("sok", sok.unwrap_or_default(), ""));
    }
    for (name, value) in &line.parameters {
        let known = name == "sok"
            || function.required.contains(&name.as_str())
            || function.optional.contains(&name.as_str())
            || shape_b
            || (line.function == "problems.register" && name.starts_with("param_"))
            // Any item parameter by its name (billmanager.md 3.7).
            || line.function == "processing.import.service";
        if !known {
            return Err(Refused::value(
                name,
                value,
                "This function does not know it",
            ));
        }
    }
    check_numbers(panel, line)?;
    if function.sok == Sok::Needed && sok.is_none() {
        // A form function: it shows what it would change.
        return Ok("<form/>".to_owned());
    }
    (function.act)(panel, line)
}

fn check_numbers(panel: &Panel, line: &Line) -> Result<(), Refused> {
    let table = match line.function.split('.').next().unwrap_or_default() {
        // Several numbers; each is looked at when its turn comes.
        _ if line.function == "certificate.retry" => None,
        "service" | "certificate" => Some("item"),
        "runningoperation" => Some("runningoperation"),
        _ => None,
    };
    let places = [
        ("elid", table),
        ("item", Some("item")),
        ("runningoperation", Some("runningoperation")),
        ("processingmodule", Some("processingmodule")),
        ("param_pm_id", Some("processingmodule")),
    ];
    for (name, table) in places {
        if let (Some(value), Some(table)) = (line.get(name), table) {
            let known = value.parse().is_ok_and(|id| panel.exists(table, id));
            if !known {
                return Err(Refused::value(name, value, "No such element"));
            }
        }
    }
    Ok(())
}

pub fn number(line: &Line, name: &str) -> Result<u64, Refused> {
    let value = line.get(name).unwrap_or_default();
    value
        .parse()
        .map_err(|_| Refused::value(name, value, "Not a number"))
}

pub fn ok() -> Result<String, Refused> {
    Ok("<ok/>".to_owned())
}

fn paramlist(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let wanted = line.get("elid");
    let mut options = panel.layout.options();
    options.extend(lock(&panel.state).listed.iter().cloned());
    let elements = options
        .iter()
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == name))
        .map(|(name, value)| format!("<elem><{name}>{}</{name}></elem>", escape(value)));
    Ok(elements.collect())
}

fn saveparam(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let item = number(line, "elid")?;
    let crypted = match line.get("crypted") {
        None | Some("off") => false,
        Some("on") => true,
        Some(other) => return Err(Refused::value("crypted", other, "on or off")),
    };
    let (name, value) = match line.get("name") {
        Some(name) => (name, line.get("value")),
        None => {
            let mut own = line
                .parameters
                .iter()
                .filter(|(name, _)| !["sok", "elid", "crypted"].contains(&name.as_str()));
            let (name, value) = own.next().ok_or_else(|| Refused::missed("name", ""))?;
            if own.next().is_some() || line.get("crypted").is_none() {
                return Err(Refused::missed("name", ""));
            }
            (name.as_str(), Some(value.as_str()))
        }
    };
    if name.is_empty() {
        return Err(Refused::missed("name", ""));
    }
    let limit = lock(&panel.state).parameter_width;
    let limit = if name.starts_with("pmssl") {
        Some(limit.unwrap_or(255))
    } else {
        limit
    };
    if let (Some(value), Some(limit)) = (value, limit)
        && value.chars().count() > limit
    {
        return Err(Refused::value("value", name, "Too long for its column"));
    }
    if !crypted {
        panel.set_parameter(item, name, value);
        return ok();
    }
    let value = value.unwrap_or_default();
    let value = panel
        .encrypt(value)
        .ok_or_else(|| Refused::value("value", name, "Too long to be encrypted"))?;
    panel.execute(
        "INSERT OR REPLACE INTO itemcryptedparam (item, intname, value) VALUES (?, ?, ?)",
        params![item, name, value],
    );
    ok()
}

impl Panel {
    /// A value as the platform stores secrets: base64 of one RSA block (billmanager.md 6.5).
    pub fn encrypt(&self, value: &str) -> Option<String> {
        use base64::Engine;
        if value.is_empty() {
            return Some(String::new());
        }
        let key = self.key.to_public_key();
        let mut random = rsa::rand_core::OsRng;
        let block = key.encrypt(&mut random, Pkcs1v15Encrypt, value.as_bytes());
        block
            .ok()
            .map(|block| base64::engine::general_purpose::STANDARD.encode(block))
    }

    /// The clear text of such a value; panics when it is not one.
    pub fn decrypt(&self, value: &str) -> String {
        self.find_clear(value).expect("a crypted value")
    }

    /// The clear text of such a value, if it is one.
    pub fn find_clear(&self, value: &str) -> Option<String> {
        use base64::Engine;
        if value.is_empty() {
            return Some(String::new());
        }
        let block = base64::engine::general_purpose::STANDARD.decode(value);
        let clear = self.key.decrypt(Pkcs1v15Encrypt, &block.ok()?);
        String::from_utf8(clear.ok()?).ok()
    }
}

fn dropparam(panel: &Panel, line: &Line) -> Result<String, Refused> {
    panel.set_parameter(
        number(line, "elid")?,
        line.get("name").unwrap_or_default(),
        None,
    );
    ok()
}

fn setstatus(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let status = number(line, "service_status")?;
    if status > 6 {
        return Err(Refused::value(
            "service_status",
            &status.to_string(),
            "No such status",
        ));
    }
    let item = number(line, "elid")?;
    panel.set_parameter(item, "service_status", Some(&status.to_string()));
    ok()
}

fn setexpiredate(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let date = line.get("expiredate").unwrap_or_default();
    let strict = NaiveDate::parse_from_str(date, "%Y-%m-%d")
        .is_ok_and(|parsed| parsed.format("%Y-%m-%d").to_string() == date);
    if !strict {
        return Err(Refused::value("expiredate", date, "YYYY-MM-DD"));
    }
    panel.execute(
        "UPDATE item SET expiredate = ? WHERE id = ?",
        params![date, number(line, "elid")?],
    );
    ok()
}

/// Ends the running operation of a command and sets the item's status.
fn post(panel: &Panel, line: &Line, command: &str, status: Option<i64>) -> Result<String, Refused> {
    let item = number(line, "elid")?;
    panel.execute(
        "DELETE FROM runningoperation WHERE item = ? AND intname = ?",
        params![item, command],
    );
    if let Some(status) = status {
        panel.execute(
            "UPDATE item SET status = ? WHERE id = ?",
            params![status, item],
        );
    }
    if command == "open" && status.is_some() {
        panel.execute(
            "UPDATE item SET opendate = COALESCE(opendate, ?) WHERE id = ?",
            params![panel.today().to_string(), item],
        );
    }
    ok()
}

fn postsetparam(panel: &Panel, line: &Line) -> Result<String, Refused> {
    panel.execute(
        "UPDATE item SET lastpricelist = NULL WHERE id = ?",
        params![number(line, "elid")?],
    );
    post(panel, line, "setparam", None)
}

fn rollback(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let item = number(line, "elid")?;
    let changed = panel.execute(
        "UPDATE item SET pricelist = lastpricelist, lastpricelist = NULL WHERE id = ? AND lastpricelist > 0",
        params![item],
    );
    if changed == 0 {
        let item = item.to_string();
        return Err(Refused::value("elid", &item, "No tariff change is pending"));
    }
    ok()
}

fn certificate_save(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let item = number(line, "elid")?;
    let crt = line.get("crt").unwrap_or_default();
    let certificate = saved::read(crt, line.get("crt_type"))?;
    let changed = panel.execute(
        "UPDATE certificate SET crt = ? WHERE item = ?",
        params![crt, item],
    );
    if changed == 0 {
        let item = item.to_string();
        return Err(Refused::value("elid", &item, "Not a certificate"));
    }
    let mut state = lock(&panel.state);
    state.saved.entry(item).or_default().push(certificate);
    ok()
}

fn certificate_failed(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let item = number(line, "elid")?;
    lock(&panel.state).failed.push(item);
    ok()
}
