//! Shared samples; the tests themselves stand in the files of this folder.

mod examining;
mod locating;
mod mapping;
mod operations;
mod paid;
mod progress;
mod requests;
mod seeking;

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::Value;

use super::TheSslStore;
use crate::ca::http::scripted::{Answer, Received, Server, ok};
use crate::ca::{ConnectOptions, Timeouts};
use crate::domain::{
    Contact, CountryCode, DomainName, EmailAddress, IntentKey, Months, NamedValidation,
    Organization, Phone, Purchase, PurchaseKind, Settings, TemplateCode, ValidationMethod,
    VendorOrderId,
};

const KEY: &str = "abcdefghij2345672345";
const TOKEN: &str = "canary-auth-token";

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn email(text: &str) -> ValidationMethod {
    ValidationMethod::Email(EmailAddress::parse(text).unwrap())
}

fn template(code: &str) -> TemplateCode {
    TemplateCode::new(code)
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn person(first: &str) -> Contact {
    Contact {
        first_name: first.to_owned(),
        last_name: "Lee".to_owned(),
        job_title: "Manager".to_owned(),
        phone: Phone::parse("+1 555 010-0200").unwrap(),
        email: EmailAddress::parse(&format!("{}@example.com", first.to_lowercase())).unwrap(),
    }
}

fn company() -> Organization {
    Organization {
        name: "Example LLC".to_owned(),
        division: "Web".to_owned(),
        duns: "123456789".to_owned(),
        address: "1 Main St".to_owned(),
        city: "Springfield".to_owned(),
        region: "IL".to_owned(),
        postal_code: "62701".to_owned(),
        country: CountryCode::parse("US").unwrap(),
        phone: Phone::parse("+15550100300").unwrap(),
        incorporating_agency: "Secretary of State".to_owned(),
        registration_number: "R-77".to_owned(),
        business_category: "Private Organization".to_owned(),
        vendors_number: "77".to_owned(),
    }
}

/// An order whose names are all validated in the same way.
fn purchase(code: &str, names: &[&str], method: &ValidationMethod) -> Purchase {
    let names: Vec<_> = names.iter().map(|text| name(text)).collect();
    Purchase {
        key: IntentKey::new(KEY),
        kind: PurchaseKind::New,
        template: template(code),
        csr_pem:
            "-----BEGIN CERTIFICATE REQUEST-----\nMIIB+/w=\n-----END CERTIFICATE REQUEST-----\n"
                .to_owned(),
        common_name: names[0].clone(),
        additional_names: names[1..].to_vec(),
        addresses: Vec::new(),
        names_bought: u32::try_from(names.len() - 1).unwrap(),
        term: Months(12),
        validation: names
            .iter()
            .map(|name| NamedValidation {
                name: name.clone(),
                method: method.clone(),
            })
            .collect(),
        administrative: person("Ann"),
        technical: person("Bob"),
        organization: None,
        since: time("2026-08-01T10:00:00Z"),
    }
}

fn with_company(mut purchase: Purchase) -> Purchase {
    purchase.organization = Some(company());
    purchase
}

fn reissue_of(mut purchase: Purchase, former: &[&str]) -> Purchase {
    purchase.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new("7700123"),
        former_names: former.iter().map(|text| name(text)).collect(),
    };
    purchase
}

fn fixture(path: &str) -> String {
    let path = format!(
        "{}/src/ca/thesslstore/fixtures/{path}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares with `fixtures/requests/<name>.json`, names and values alike.
fn assert_request(name: &str, actual: &Value) {
    let expected: Value = serde_json::from_str(&fixture(&format!("requests/{name}.json"))).unwrap();
    assert_eq!(
        serde_json::to_string_pretty(actual).unwrap(),
        serde_json::to_string_pretty(&expected).unwrap(),
        "{name}"
    );
}

fn reply(name: &str) -> Answer {
    ok(fixture(&format!("replies/{name}")))
}

fn settings(url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.set("url", url);
    settings.set("partner_code", "11112222");
    settings.set_secret("auth_token", SecretString::from(TOKEN));
    settings
}

fn adapter(url: &str) -> TheSslStore {
    adapter_with(&settings(url))
}

fn adapter_with(settings: &Settings) -> TheSslStore {
    let options = ConnectOptions {
        timeouts: Timeouts {
            connect: Duration::from_secs(30),
            read: Duration::from_secs(3),
            once: Duration::from_secs(3),
            pause: Duration::from_millis(1),
        },
        ..ConnectOptions::default()
    };
    TheSslStore::new(settings, &options).unwrap()
}

/// The call of a request: `order/status`.
fn call_of(request: &Received) -> String {
    let path = request.line.split(' ').nth(1).unwrap_or_default();
    path.trim_start_matches("/rest/").to_owned()
}

fn body_of(request: &Received) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// The calls received, in their order.
fn calls(server: &Server) -> Vec<String> {
    server.requests().iter().map(call_of).collect()
}

/// A server that answers each call with a fixture of replies; other calls get a page that is no JSON.
async fn serve(replies: &'static [(&'static str, &'static str)]) -> Server {
    Server::start(move |request| {
        let call = call_of(request);
        let known = replies.iter().find(|(known, _)| *known == call);
        known.map_or_else(|| ok("<html>no such call</html>"), |(_, name)| reply(name))
    })
    .await
}

/// A page of a listing of so many orders; one behind the last is refused.
fn page_of(count: usize, request: &Received) -> Answer {
    let body = body_of(request);
    let number = |name: &str| usize::try_from(body[name].as_u64().unwrap()).unwrap();
    let (page, size) = (number("PageNumber"), number("PageSize"));
    let orders = (0..count).skip((page - 1) * size).take(size);
    let order = |index: usize| {
        serde_json::json!({
            "AuthResponse": {"isError": false},
            "TheSSLStoreOrderID": (1000 + index).to_string(),
            "CustomOrderID": format!("REFERENCE{}", 1000 + index),
        })
    };
    match Value::from_iter(orders.map(order)) {
        Value::Array(orders) if orders.is_empty() => reply("refused_in_a_list.json"),
        page => ok(page.to_string()),
    }
}
