//! The vendors' books against the platform's, line by line: per intent one sale, per sale one service.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::layout::Layout;
use super::reconcile::Reconciliation;
use super::vendor::SaleKind;
use super::world::Core;

/// One entry of a vendor's books with what the platform knows of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleLine {
    pub vendor: String,
    pub order: String,
    /// order, renewal or reissue.
    pub kind: String,
    /// Hundredths.
    pub amount: i64,
    pub refunded: bool,
    /// Key of the intent: the client reference, where the vendor takes one, else what the service keeps.
    pub intent: String,
    /// Services that name the order, now or as the one before.
    pub items: Vec<u64>,
}

/// A service with an intent that no sale belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsold {
    pub item: u64,
    pub intent: String,
    pub state: String,
}

/// Everything side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesReport {
    pub entries: Vec<SaleLine>,
    pub unsold: Vec<Unsold>,
    pub found: Reconciliation,
}

impl Core {
    /// Puts the books of all vendors beside the platform's.
    pub fn sales_report(&self) -> SalesReport {
        let services: Vec<_> = self.items().into_iter().map(|id| self.item(id)).collect();
        // The stored intent: version, operation, state, attempt, key, ..., order.
        let intent = |text: &str| -> Option<(String, String, String)> {
            let parts: Vec<&str> = text.split('|').collect();
            let owned = |at: usize| parts.get(at).map(|part| (*part).to_owned());
            Some((owned(4)?, owned(2)?, owned(9)?))
        };
        let mut entries = Vec::new();
        for (name, server) in self.vendors() {
            for sale in server.vendor().sales() {
                let own = services.iter().filter(|view| {
                    self.module_of_item(view.id).strip_prefix("pm") == Some(*name)
                        && view.parameters.values().any(|value| *value == sale.order)
                });
                let own: Vec<_> = own.collect();
                let kept = own.iter().find_map(|view| {
                    let (key, _, order) = intent(view.parameter("pmssl_intent"))?;
                    (order == sale.order).then_some(key)
                });
                let told = Some(&sale.custom).filter(|custom| !custom.is_empty());
                entries.push(SaleLine {
                    vendor: (*name).to_owned(),
                    order: sale.order.clone(),
                    kind: match sale.kind {
                        SaleKind::Order => "order",
                        SaleKind::Renewal => "renewal",
                        SaleKind::Reissue => "reissue",
                    }
                    .to_owned(),
                    amount: sale.amount,
                    refunded: sale.refunded,
                    intent: told.cloned().or(kept).unwrap_or_default(),
                    items: own.iter().map(|view| view.id).collect(),
                });
            }
        }
        let unsold = services.iter().filter_map(|view| {
            let (key, state, order) = intent(view.parameter("pmssl_intent"))?;
            let sold = entries
                .iter()
                .any(|entry| entry.intent == key || (!order.is_empty() && entry.order == order));
            (!sold).then_some(Unsold {
                item: view.id,
                intent: key,
                state,
            })
        });
        SalesReport {
            unsold: unsold.collect(),
            found: self.reconcile(),
            entries,
        }
    }
}

impl SalesReport {
    /// The table for people.
    pub fn table(&self) -> String {
        let mut text = format!(
            "{:<14} {:<22} {:<8} {:>10}  {:<22} {}\n",
            "vendor", "order", "kind", "amount", "intent", "service"
        );
        for entry in &self.entries {
            let items: Vec<_> = entry.items.iter().map(u64::to_string).collect();
            let mut service = items.join(", ");
            if entry.refunded {
                service += " (refunded)";
            }
            let row = format!(
                "{:<14} {:<22} {:<8} {:>7}.{:02}  {:<22} {service}",
                entry.vendor,
                entry.order,
                entry.kind,
                entry.amount / 100,
                entry.amount % 100,
                if entry.intent.is_empty() {
                    "-"
                } else {
                    &entry.intent
                },
            );
            text += row.trim_end();
            text.push('\n');
        }
        for one in &self.unsold {
            text += &format!(
                "{:<14} {:<22} {:<8} {:>10}  {:<22} {} ({})\n",
                "-", "-", "nothing", "-", one.intent, one.item, one.state
            );
        }
        for (vendor, sales) in self.found.sales.iter().filter(|(_, sales)| **sales > 0) {
            text += &format!("{vendor}: {sales} paid sales\n");
        }
        let findings = self.found.findings();
        if findings.is_empty() {
            text += "sound: one sale per intent, one service per sale\n";
        }
        for finding in findings {
            text += &format!("NOT SOUND: {finding}\n");
        }
        text
    }
}

/// Prints the books of the world that is served in a directory; whether they are sound.
///
/// # Errors
/// No world is served there.
pub fn print(root: &Path) -> Result<bool, String> {
    let place = Layout::new(root).control();
    let url = std::fs::read_to_string(&place)
        .map_err(|error| format!("no world is served in {}: {error}", root.display()))?;
    let host = url.trim().trim_start_matches("http://").to_owned();
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&host)?;
        let request = format!("GET /books HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = ask().map_err(|error| format!("the world at {url} does not answer: {error}"))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let report: SalesReport =
        serde_json::from_str(body).map_err(|error| format!("{error}: {body}"))?;
    print!("{}", report.table());
    Ok(report.found.is_sound())
}
