//! `processing.import.service` (billmanager.md 3.7): an existing certificate becomes a service. Nothing is
//! known of how it gets its CSR and certificate; here it has none until `certificate.save`.

use chrono::NaiveDate;
use rusqlite::params;
use rusqlite::types::Value;

use super::functions::number;
use super::line::Line;
use super::{Panel, Refused};

/// Arguments that every attested caller sends.
pub const REQUIRED: &[&str] = &[
    "module",
    "import_itemtype_intname",
    "import_pricelist_intname",
    "import_service_name",
    "status",
    "expiredate",
    "period",
    "service_status",
];

pub fn service(panel: &Panel, line: &Line) -> Result<String, Refused> {
    let account = number(line, "module")?;
    if !panel.exists("processingmodule", account) {
        return Err(Refused::value(
            "module",
            &account.to_string(),
            "No such account",
        ));
    }
    let text = |name: &str| line.get(name).unwrap_or_default();
    if text("import_itemtype_intname") != "certificate" {
        let value = text("import_itemtype_intname");
        return Err(Refused::value(
            "import_itemtype_intname",
            value,
            "No such type",
        ));
    }
    let product = text("import_pricelist_intname");
    let tariff = panel.find(
        "SELECT id FROM pricelist WHERE intname = ?",
        params![product],
    );
    let Some(Value::Integer(tariff)) = tariff else {
        return Err(Refused::value(
            "import_pricelist_intname",
            product,
            "No such tariff",
        ));
    };
    let date = text("expiredate");
    if NaiveDate::parse_from_str(date, "%Y-%m-%d").is_err() {
        return Err(Refused::value("expiredate", date, "YYYY-MM-DD"));
    }
    let item = panel.next_id("item");
    panel.execute(
        "INSERT INTO item (id, name, pricelist, processingmodule, period, status, createdate, opendate, expiredate) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            item,
            text("import_service_name"),
            tariff,
            account,
            number(line, "period")?,
            number(line, "status")?,
            panel.today().to_string(),
            panel.today().to_string(),
            date
        ],
    );
    panel.execute(
        "INSERT INTO certificate (item, pkey, csr, crt) VALUES (?, '', '', '')",
        params![item],
    );
    for (name, value) in &line.parameters {
        let own = name == "service_status" || !REQUIRED.contains(&name.as_str());
        if own && name != "sok" {
            panel.set_parameter(item, name, Some(value));
        }
    }
    Ok(format!("<ok/><service_id>{item}</service_id>"))
}
