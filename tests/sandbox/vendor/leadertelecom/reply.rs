//! Answers in the shape that the switches choose.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::VendorResponse;
use super::state::{Certificate, PRODUCTS, Preorder, State};
use super::switches::Switches;

/// A JSON answer.
pub fn answer(status: u16, value: &Value) -> VendorResponse {
    VendorResponse::with_status(status, "application/json; charset=utf-8", value.to_string())
}

/// The documented error shape (leaderssl.md 3).
pub fn error(status: u16, text: &str) -> VendorResponse {
    answer(status, &json!({ "error": text }))
}

/// The answer to an order that was sold.
pub fn order(sold: &Certificate, switches: &Switches) -> VendorResponse {
    let (id, order) = (sold.id, sold.order);
    let value = match switches.word("order_reply") {
        "certificate" => json!({"order_id": order, "certificate_id": id, "status": "new"}),
        "nested" => {
            json!({"order": {"id": order, "items": [{"id": 3, "ssl_certificate": {"id": id}}]}})
        }
        "list" => json!({"ssl_certificates": [{"id": id, "domain_name": sold.names[0]}]}),
        "wrapped" => json!({"success": true, "error": null, "data": {"ssl_certificate_id": id}}),
        "text-id" => json!([{"certificate_id": id.to_string()}]),
        "bare-id" => json!({"id": order}),
        "order-only" => json!({"order": {"id": order, "state": "paid"}}),
        "success" => json!({"success": true}),
        "plain" => return VendorResponse::ok("text/plain", "OK"),
        "two" => json!({"certificates": [{"id": id}, {"id": id + 1}]}),
        "null-id" => json!({"certificate_id": null, "order_id": order}),
        "word-id" => json!({"certificate_id": "in preparation"}),
        "error-after" => return error(200, "Order is created but the supplier is busy"),
        "server-error-after" => return error(500, "Internal error"),
        _ => return error(422, "Domain validation could not be started"),
    };
    answer(200, &value)
}

/// The answer to an order that was not sold.
pub fn refusal(text: &str, switches: &Switches) -> VendorResponse {
    match switches.word("refusal") {
        "unprocessable" => answer(422, &json!({"errors": {"base": [text]}})),
        "server-error" => error(500, text),
        "bad-request" => error(400, text),
        "forbidden" => error(403, text),
        _ => error(200, text),
    }
}

/// A preorder as far as it was told to the vendor; which names the real answer has is not known (8).
pub fn preorder(one: &Preorder) -> Value {
    let mut shown = one.request.clone();
    shown["id"] = one.id.into();
    shown
}

/// The list of certificates.
pub fn list(state: &State, now: DateTime<Utc>) -> VendorResponse {
    let switches = &state.switches;
    let shape = switches.word("list_reply");
    let visible = state
        .certificates
        .iter()
        .filter(|one| now - one.bought >= TimeDelta::seconds(switches.listing_delay));
    let mut lines: Vec<Value> = visible.map(|one| line(one, shape, switches)).collect();
    let value = match shape {
        "wrapped" => json!({"ssl_certificates": lines, "total": 1}),
        "data" => json!({"data": {"ssl_certificates": lines}}),
        "items" => json!({"items": lines, "meta": {"page": 1}}),
        "unknown-wrap" => json!({"zertifikate": lines}),
        "object" => json!({"count": lines.len()}),
        "page" => {
            // The oldest only: what is new is on a page that nobody asks for.
            lines.truncate(1);
            Value::Array(lines)
        }
        "html" => return VendorResponse::ok("text/html", "<html><body>Sign in</body></html>"),
        _ => Value::Array(lines),
    };
    answer(200, &value)
}

fn line(one: &Certificate, shape: &str, switches: &Switches) -> Value {
    let created = one.bought.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut line = json!({
        "id": one.id, "domain_name": one.names[0], "status": one.word(switches), "created_at": created,
    });
    match shape {
        "attributes" => {
            let id = line["id"].take();
            return json!({"id": id, "type": "ssl_certificate",
                "attributes": {"common_name": one.names[0], "created_at": created}});
        }
        "wrapped" => return json!({"ssl_certificate": line}),
        "text-ids" => line["id"] = one.id.to_string().into(),
        "with-csr" => line["csr"] = one.text("csr").into(),
        "with-mark" => line["unique_value"] = one.text("unique_value").into(),
        "nameless" => line = json!({"id": one.id, "status": one.word(switches)}),
        "no-ids" => line = json!({"domain_name": one.names[0]}),
        _ => {}
    }
    line
}

/// The status of a certificate.
pub fn status(one: &Certificate, switches: &Switches) -> VendorResponse {
    let word = one.word(switches);
    let value = match switches.word("status_reply") {
        "flat" => json!({"id": one.id, "status": word}),
        "nested" => json!({"ssl_certificate": {"id": one.id, "status": word, "days": one.days}}),
        "state" => json!({"state": word}),
        "two-words" => json!({"status": "ok", "certificate": {"status": word}}),
        "missing" => json!({"id": one.id, "progress": 40}),
        "bad-request" => return error(400, "Status is not available"),
        _ => return VendorResponse::ok("text/plain", word),
    };
    answer(200, &value)
}

/// Validation data.
pub fn dcv(one: &Certificate, switches: &Switches) -> VendorResponse {
    let method = one.text("dcv_type");
    let lines = one.names.iter().map(|name| {
        let done = !one.open.contains(name);
        if switches.word("dcv_reply") == "marked" {
            return json!({"domain": name, "method": method, "done": done});
        }
        let [record, value, address, content] = one.tokens(name);
        match method {
            "EMAIL" => {
                let own = one.item.pointer("/additional_validation_emails").and_then(|map| map.get(name));
                let address = own.and_then(Value::as_str).unwrap_or(one.text("dcv_email"));
                json!({"domain_name": name, "dcv_type": method, "dcv_email": address, "validated": done})
            }
            "CNAME_CSR_HASH" => json!({"domain_name": name, "dcv_type": method,
                "dns_name": record, "dns_value": value, "validated": done}),
            _ => json!({"domain_name": name, "dcv_type": method,
                "file_url": address, "file_content": content, "validated": done}),
        }
    });
    let lines: Vec<Value> = lines.collect();
    let value = match switches.word("dcv_reply") {
        "array" => Value::Array(lines),
        "wrapped" => json!({"domains": lines}),
        "marked" => json!({"unique_value": one.text("unique_value"), "domains": lines}),
        "progress" => json!({"done": 0, "total": lines.len()}),
        _ => return VendorResponse::ok("application/json", ""),
    };
    answer(200, &value)
}

/// Approver addresses.
pub fn emails(domain: &str, switches: &Switches) -> VendorResponse {
    let list: Vec<String> = ["admin", "webmaster", "owner"]
        .iter()
        .map(|mailbox| format!("{mailbox}@{domain}"))
        .collect();
    let value = match switches.word("emails_reply") {
        "array" => json!(list),
        "by-domain" => json!({ domain: list }),
        "objects" => {
            json!({"emails": list.iter().map(|email| json!({"email": email})).collect::<Vec<_>>()})
        }
        "foreign" => json!(["admin@elsewhere.example.net", "noreply@vendor.example.org"]),
        "none" => json!([]),
        _ => return VendorResponse::ok("text/plain", list.join("\n")),
    };
    answer(200, &value)
}

/// The balance.
pub fn balance(cents: i64, switches: &Switches) -> VendorResponse {
    let text = format!("{}.{:02}", cents / 100, cents % 100);
    let number: Value = serde_json::from_str(&text).unwrap_or_default();
    answer(
        200,
        &match switches.word("balance_reply") {
            "flat" => json!({"balance": text, "currency": "EUR"}),
            "number" => json!({"balance": number, "currency": "EUR"}),
            "nested" => json!({"data": {"id": 5, "balance": text, "currency": "eur"}}),
            "amount" => json!({"balance": {"amount": text, "currency": "EUR"}}),
            "purses" => {
                json!([{"balance": text, "currency": "EUR"}, {"balance": "0.00", "currency": "RUB"}])
            }
            "bare" => number,
            "no-currency" => json!({"balance": text}),
            "null" => json!({"balance": null, "currency": "EUR"}),
            "words" => json!({"balance": "see the panel", "currency": "EUR"}),
            "missing" => json!({"credit": text, "currency": "EUR"}),
            _ => json!({"balance": {"EUR": text, "RUB": "0.00"}}),
        },
    )
}

/// The catalogue.
pub fn products(switches: &Switches) -> VendorResponse {
    let shape = switches.word("products_reply");
    let lines = PRODUCTS.iter().map(|product| {
        let price = format!("{}.{:02}", product.price / 100, product.price % 100);
        match shape {
            "no-prices" => json!({"nomenclature_id": product.id, "title": product.name}),
            "no-ids" => json!({"name": product.name, "price": price}),
            _ => json!({"id": product.id, "code": format!("ssl:{}", product.id), "name": product.name,
                "period_type": "year", "period_count": 1, "price": price, "currency": "EUR"}),
        }
    });
    let lines: Vec<Value> = lines.collect();
    answer(
        200,
        &match shape {
            "wrapped" => json!({ "products": lines }),
            "object" => json!({"5001": "Simple DV"}),
            _ => Value::Array(lines),
        },
    )
}
