//! What is done and seen at a vendor.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::Answer;
use crate::fields::Fields;
use crate::vendor::{Approval, SaleKind, VendorServer};

pub(super) fn act(server: &VendorServer, method: &str, what: &str, body: &Fields) -> Answer {
    let vendor = server.vendor();
    let said = |result: Result<(), String>| match result {
        Ok(()) => Ok(json!({})),
        Err(text) => Err((400, text)),
    };
    match (method, what) {
        ("GET", "sales") => {
            let sales = vendor.sales().into_iter().map(|sale| {
                let kind = match sale.kind {
                    SaleKind::Order => "order",
                    SaleKind::Renewal => "renewal",
                    SaleKind::Reissue => "reissue",
                };
                json!({
                    "order": sale.order, "custom": sale.custom, "product": sale.product,
                    "amount": sale.amount, "at": sale.at.to_rfc3339(), "kind": kind,
                    "refunded": sale.refunded,
                })
            });
            Ok(json!(sales.collect::<Vec<_>>()))
        }
        ("GET", "orders") => {
            let orders = vendor.orders().into_iter().map(|order| {
                json!({
                    "id": order.id, "custom": order.custom, "product": order.product,
                    "common_name": order.common_name, "names": order.names,
                    "status": order.status, "serial": order.serial,
                })
            });
            Ok(json!(orders.collect::<Vec<_>>()))
        }
        ("GET", "requests") => {
            let requests = server.requests().into_iter().map(|one| {
                json!({
                    "sequence": one.sequence, "connection": one.connection,
                    "at": one.at.to_rfc3339(), "call": one.call, "method": one.request.method,
                    "path": one.request.path, "query": one.request.query,
                    "body": one.request.text(), "fault": one.fault.map(|fault| format!("{fault:?}")),
                })
            });
            Ok(json!(requests.collect::<Vec<_>>()))
        }
        ("GET", "violations") => {
            let list = vendor.violations().into_iter();
            let list = list.map(|one| json!({ "call": one.call, "problem": one.problem }));
            Ok(json!(list.collect::<Vec<_>>()))
        }
        ("POST", "approve") => {
            let part = if body.0.get("organization") == Some(&Value::Bool(true)) {
                Approval::Organization
            } else {
                body.text("name")
                    .map_or(Approval::All, |name| Approval::Name(name.to_owned()))
            };
            said(vendor.approve(body.need("order")?, &part))
        }
        ("POST", "fail") => {
            let reason = body.text("reason").unwrap_or("rejected");
            said(vendor.fail(body.need("order")?, reason))
        }
        ("POST", "order") => vendor
            .order_by_hand(
                body.need("common_name")?,
                body.text("csr").unwrap_or_default(),
            )
            .map(|order| json!({ "order": order }))
            .map_err(|text| (400, text)),
        ("POST", "reissue") => {
            let csr = body.text("csr").unwrap_or_default();
            said(vendor.reissue_by_hand(body.need("order")?, csr))
        }
        ("POST", "cancel") => said(vendor.cancel_by_hand(body.need("order")?)),
        ("POST", "revoke") => said(vendor.revoke(body.need("order")?)),
        ("POST", "deliver") => Ok(json!({ "requests": server.deliver() })),
        ("POST", "clock") => {
            let seconds = body.number("seconds");
            let seconds = seconds.ok_or((400, "seconds is missing".to_owned()))?;
            vendor.clock().advance(TimeDelta::seconds(seconds));
            Ok(json!({ "now": vendor.clock().now().to_rfc3339() }))
        }
        ("POST", "balance") => {
            let cents = body.number("cents");
            vendor.set_balance(cents.ok_or((400, "cents is missing".to_owned()))?);
            Ok(json!({}))
        }
        ("POST", "switch") => said(vendor.set_switch(body.need("name")?, body.need("value")?)),
        ("POST", "faults") => match body.need("fault")? {
            "clear" => {
                server.clear_faults();
                Ok(json!({}))
            }
            name => {
                let fault = name.parse().map_err(|text| (400, text))?;
                let call = body.text("call").unwrap_or("*");
                let (skip, times) = (body.count("skip", 0), body.count("times", 1));
                server.set_fault_after(call, fault, skip, times);
                Ok(json!({}))
            }
        },
        _ => Err((404, "see GET /".to_owned())),
    }
}
