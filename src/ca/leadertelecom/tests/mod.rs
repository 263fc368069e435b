//! Tests of the whole adapter: its requests against fixtures, its reading against tables of answers,
//! its behaviour against scripted servers and the simulated vendor.

mod buying;
mod downloads;
mod following;
mod listing;
mod orders;
mod overrides;
mod paid;
mod random;
mod reading;
mod session;
mod shapes;
mod tokens;
mod world;

use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::*;
use crate::ca::http::scripted::{Answer, Received, Server, ok};
use crate::ca::http::{Reply, Room};
use crate::ca::overrides::Overrides;
use crate::ca::{Timeouts, ValidationRecord};
use crate::certificate::assemble;
use crate::certificate::testing::{Delivery, certificate};
use crate::domain::{
    Contact, CountryCode, IntentKey, Months, NamedValidation, Organization, Phone,
};
use crate::failure::FailureKind;

const KEY: &str = "abcdefghij2345672345";
const PASSWORD: &str = "canary-password";
const TOKEN: &str = "canary_auth_token-1234";

/// A CSR for `shop.example.com` made with the openssl command.
const CSR: &str = include_str!("../fixtures/request.csr.pem");

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn email(text: &str) -> ValidationMethod {
    ValidationMethod::Email(EmailAddress::parse(text).unwrap())
}

fn time(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn permit() -> Permit {
    Permit::for_tests()
}

fn order_ref(id: &str, csr: &str) -> OrderRef {
    OrderRef {
        order: VendorOrderId::new(id),
        template: TemplateCode::new("leader_dv"),
        csr_pem: Some(csr.to_owned()),
    }
}

fn person() -> Contact {
    Contact {
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        job_title: "Manager".to_owned(),
        phone: Phone::parse("+31 20 123 45 67").unwrap(),
        email: EmailAddress::parse("ann@host.example.com").unwrap(),
    }
}

fn company() -> Organization {
    Organization {
        name: "Example & Sons BV".to_owned(),
        division: "Web".to_owned(),
        duns: String::new(),
        address: "Dam 1".to_owned(),
        city: "Amsterdam".to_owned(),
        region: "Noord-Holland".to_owned(),
        postal_code: "1011AB".to_owned(),
        country: CountryCode::parse("NL").unwrap(),
        phone: Phone::parse("+31201234567").unwrap(),
        incorporating_agency: String::new(),
        registration_number: String::new(),
        business_category: String::new(),
        vendors_number: String::new(),
    }
}

/// An order whose names are all validated in the same way.
fn purchase(template: &str, names: &[&str], method: &ValidationMethod) -> Purchase {
    let names: Vec<_> = names.iter().map(|text| name(text)).collect();
    Purchase {
        key: IntentKey::new(KEY),
        kind: PurchaseKind::New,
        template: TemplateCode::new(template),
        csr_pem: CSR.to_owned(),
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
        administrative: person(),
        technical: person(),
        organization: None,
        since: time("2026-08-01T10:00:00Z"),
    }
}

fn simple() -> Purchase {
    purchase(
        "leader_dv",
        &["shop.example.com"],
        &ValidationMethod::DnsCname,
    )
}

fn reissue_of(mut purchase: Purchase) -> Purchase {
    purchase.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new("70001"),
        former_names: Vec::new(),
    };
    purchase
}

fn renewal_of(mut purchase: Purchase) -> Purchase {
    let previous = VendorOrderId::new("70001");
    purchase.kind = PurchaseKind::Renewal { previous };
    purchase
}

fn settings(url: &str) -> Settings {
    let mut settings = Settings::default();
    settings.set("url", url);
    settings.set("username", "billing@host.example");
    settings.set_secret("password", SecretString::from(PASSWORD));
    settings.set(
        "nomenclature_ids",
        "leader_dv=5001 leader_dv_wild=5002 leader_dv_md=5003 leader_ov=5004",
    );
    settings
}

fn options() -> ConnectOptions {
    ConnectOptions {
        timeouts: Timeouts {
            connect: Duration::from_secs(30),
            read: Duration::from_secs(3),
            once: Duration::from_secs(3),
            pause: Duration::from_millis(1),
        },
        ..ConnectOptions::default()
    }
}

/// An override file with these entries.
fn file(entries: &[(&str, &str)]) -> String {
    let lines = entries
        .iter()
        .map(|(name, value)| format!("{name} {value}\n"));
    lines.collect()
}

fn wire(entries: &[(&str, &str)]) -> Wire {
    let overrides = Overrides::parse(&file(entries), wire::KNOWN).unwrap();
    Wire::corrected(overrides).unwrap()
}

fn adapter_with(settings: &Settings, entries: &[(&str, &str)]) -> LeaderTelecom {
    adapter_over(settings, entries, options())
}

/// An adapter with corrections, as an installation makes it.
fn adapter_over(
    settings: &Settings,
    entries: &[(&str, &str)],
    options: ConnectOptions,
) -> LeaderTelecom {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pmleadertelecom.conf");
    std::fs::write(&path, file(entries)).unwrap();
    let options = ConnectOptions {
        overrides: Some(path),
        ..options
    };
    LeaderTelecom::new(settings, &options).unwrap()
}

fn adapter(url: &str) -> LeaderTelecom {
    adapter_with(&settings(url), &[])
}

fn account() -> AccountSettings {
    AccountSettings::read(&settings("https://a.example")).unwrap()
}

/// An answer as the transport hands it over.
fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply {
        status,
        content_type: Some("application/json".to_owned()),
        body: body.into(),
        retry_after: None,
        date: None,
        location: None,
        room: Room::default(),
    }
}

fn fixture(path: &str) -> String {
    let path = format!(
        "{}/src/ca/leadertelecom/fixtures/{path}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Compares with a file of `fixtures/requests`, byte for byte.
fn assert_request(file: &str, actual: &str) {
    if std::env::var_os("BLESS").is_some() {
        let path = format!(
            "{}/src/ca/leadertelecom/fixtures/requests/{file}",
            env!("CARGO_MANIFEST_DIR")
        );
        std::fs::write(path, actual).unwrap();
    }
    assert_eq!(actual, fixture(&format!("requests/{file}")), "{file}");
}

/// The path of a request below the base, without its query.
fn call_of(request: &Received) -> String {
    let path = request.line.split(' ').nth(1).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    path.trim_start_matches("/api/v1/").to_owned()
}

/// A server that signs in and answers everything else as told.
async fn serve(answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |request| match call_of(request).as_str() {
        "users/signin" => ok(json!({"id": 1, "auth_token": TOKEN}).to_string()),
        _ => answer(request),
    })
    .await
}
