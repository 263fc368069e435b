//! Tests of the whole adapter: its wire against fixtures, its behaviour against scripted answers and
//! against the simulated billing.

mod limits;
mod locating;
mod lost;
mod paid;
mod replies;
mod requests;
mod scenarios;
mod shapes;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::*;
use crate::ca::http::scripted::{Answer, Received, Server, ok};
use crate::ca::vendor::{self, Fault, Vendor, VendorServer};
use crate::ca::{Placed, Stage, Timeouts};
use crate::domain::{
    Contact, CountryCode, IntentKey, Months, NamedValidation, Organization, Phone,
    ValidationMethod, VendorOrderId,
};

const KEY: &str = "ABCDEFGHIJ234567ABCD";

/// A CSR for `shop.example.com` with a whole subject; its key was thrown away.
const CSR: &str = include_str!("../fixtures/shop.csr");

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn person(first: &str, title: &str) -> Contact {
    Contact {
        first_name: first.to_owned(),
        last_name: "Muster".to_owned(),
        job_title: title.to_owned(),
        phone: Phone::parse("+49 40 5550100").unwrap(),
        email: email(&format!("{}@example.com", first.to_lowercase())),
    }
}

fn company() -> Organization {
    Organization {
        name: "Example GmbH".to_owned(),
        division: "IT".to_owned(),
        duns: String::new(),
        address: "Hafenstr. 1".to_owned(),
        city: "Hamburg".to_owned(),
        region: "Hamburg".to_owned(),
        postal_code: "20457".to_owned(),
        country: CountryCode::parse("DE").unwrap(),
        phone: Phone::parse("+49 40 5550100").unwrap(),
        incorporating_agency: String::new(),
        registration_number: "HRB 1".to_owned(),
        business_category: String::new(),
        vendors_number: String::new(),
    }
}

fn by_mail(name: &DomainName) -> NamedValidation {
    NamedValidation {
        method: ValidationMethod::Email(email(&format!("admin@{}", name.base()))),
        name: name.clone(),
    }
}

/// A first order with the CSR of the fixtures, validated by mail.
fn purchase(code: &str, additional: &[&str]) -> Purchase {
    purchase_with(code, CSR, "shop.example.com", additional)
}

fn purchase_with(code: &str, csr: &str, common_name: &str, additional: &[&str]) -> Purchase {
    let common_name = name(common_name);
    let additional_names: Vec<_> = additional.iter().map(|text| name(text)).collect();
    let validation = std::iter::once(&common_name)
        .chain(&additional_names)
        .map(by_mail);
    Purchase {
        key: IntentKey::new(KEY),
        kind: PurchaseKind::New,
        template: TemplateCode::new(code),
        csr_pem: csr.to_owned(),
        validation: validation.collect(),
        addresses: Vec::new(),
        names_bought: u32::try_from(additional.len()).unwrap(),
        common_name,
        additional_names,
        term: Months(12),
        administrative: person("Eva", "CEO"),
        technical: person("Jan", "Admin"),
        organization: None,
        since: DateTime::from_timestamp(1_795_000_000, 0).unwrap(),
    }
}

fn renewal_of(mut purchase: Purchase, service: &str) -> Purchase {
    purchase.kind = PurchaseKind::Renewal {
        previous: VendorOrderId::new(service),
    };
    purchase
}

fn reissue_of(mut purchase: Purchase, service: &str) -> Purchase {
    purchase.kind = PurchaseKind::Reissue {
        order: VendorOrderId::new(service),
        former_names: Vec::new(),
    };
    purchase
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

fn adapter_at(url: &str, password: &str) -> Ispmanager {
    let mut settings = Settings::default();
    settings.set("url", url);
    settings.set("username", "reseller@example.com");
    settings.set_secret("password", SecretString::from(password));
    Ispmanager::new(&settings, &options()).unwrap()
}

fn fixture(path: &str) -> String {
    let path = format!(
        "{}/src/ca/ispmanager/fixtures/{path}",
        env!("CARGO_MANIFEST_DIR")
    );
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The form fields of a request in their order.
fn fields_of(request: &Received) -> Vec<(String, String)> {
    let text = String::from_utf8(request.body.clone()).unwrap();
    let decoded = |text: &str| vendor::csr::form_decoded(text);
    text.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Compares with `fixtures/requests/<name>.txt`: one `name=value` per line, names, values and order.
fn assert_request(name: &str, actual: &[(String, String)]) {
    let lines: Vec<String> = actual
        .iter()
        .map(|(name, value)| format!("{name}={}", value.replace('\n', "\\n")))
        .collect();
    let text = lines.join("\n") + "\n";
    if std::env::var_os("BLESS").is_some() {
        let root = env!("CARGO_MANIFEST_DIR");
        std::fs::write(
            format!("{root}/src/ca/ispmanager/fixtures/requests/{name}.txt"),
            &text,
        )
        .unwrap();
    }
    assert_eq!(text, fixture(&format!("requests/{name}.txt")), "{name}");
}

/// The function of a request, with a `!` when it acts.
fn call_of(request: &Received) -> String {
    let fields = fields_of(request);
    let value = |wanted: &str| {
        fields
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.clone())
    };
    let mark = if value("sok").is_some() { "!" } else { "" };
    format!("{}{mark}", value("func").unwrap_or_default())
}

fn calls(server: &Server) -> Vec<String> {
    server.requests().iter().map(call_of).collect()
}

/// Calls with the fixtures that answer them.
type Replies = &'static [(&'static str, &'static str)];

/// A server that answers each call with a reply of the fixtures.
async fn serve(replies: Replies) -> Server {
    Server::start(move |request| {
        let call = call_of(request);
        match replies.iter().find(|(known, _)| *known == call) {
            Some((_, file)) => ok(fixture(&format!("replies/{file}"))),
            None => ok("<doc><error type=\"missed\" object=\"function\"><msg>No such function</msg></error></doc>"),
        }
    })
    .await
}

/// The simulated billing with an adapter for it.
struct World {
    vendor: Arc<vendor::ispmanager::Ispmanager>,
    server: VendorServer,
    adapter: Ispmanager,
}

impl World {
    fn start() -> Self {
        let vendor = Arc::new(vendor::ispmanager::Ispmanager::new());
        let server = VendorServer::start(vendor.clone());
        let adapter = adapter_at(&server.url(), vendor::ispmanager::PASSWORD);
        Self {
            vendor,
            server,
            adapter,
        }
    }

    fn with(switches: &[(&str, &str)]) -> Self {
        let world = Self::start();
        for (name, value) in switches {
            world.vendor.set_switch(name, value).unwrap();
        }
        world
    }

    /// The adapter with corrections of the site.
    fn corrected(switches: &[(&str, &str)], corrections: &str) -> Self {
        let mut world = Self::with(switches);
        world.adapter.client.wire = Wire::corrected(corrections);
        world
    }

    fn now(&self) -> DateTime<Utc> {
        self.vendor.clock().now()
    }

    /// What the core does: examine, prepare, submit.
    async fn order(&self, purchase: &Purchase) -> Result<Placed, Failure> {
        self.adapter.examine(purchase).await?;
        let prepared = self
            .adapter
            .prepare(purchase, &[])
            .await
            .map(|prepared| prepared.token)?;
        self.submit(purchase, &prepared).await
    }

    async fn submit(&self, purchase: &Purchase, token: &Token) -> Result<Placed, Failure> {
        let permit = Permit::for_tests();
        self.adapter.submit(purchase, token, permit).await.result()
    }

    async fn stage(&self, order: &str, purchase: &Purchase) -> Stage {
        self.adapter
            .status(&order_ref(order, purchase))
            .await
            .unwrap()
            .stage
    }

    fn paid_sales(&self) -> usize {
        self.vendor
            .sales()
            .iter()
            .filter(|sale| sale.is_paid())
            .count()
    }
}

impl Drop for World {
    /// Every request of every test is lawful.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.vendor.violations(), []);
        }
    }
}

fn order_ref(order: &str, purchase: &Purchase) -> OrderRef {
    OrderRef {
        order: VendorOrderId::new(order),
        template: purchase.template.clone(),
        csr_pem: Some(purchase.csr_pem.clone()),
    }
}

/// A new CSR for these names.
fn csr_for(names: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let all: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(all).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0]);
    params
        .serialize_request(&key)
        .unwrap()
        .pem()
        .unwrap()
        .replace("\r\n", "\n")
}

/// What the core makes of a paid call: a number counts once its record is ours.
async fn believed(
    adapter: &Ispmanager,
    purchase: &Purchase,
    token: &Token,
) -> Result<Placed, Failure> {
    let outcome = adapter.submit(purchase, token, Permit::for_tests()).await;
    let placed = outcome.result()?;
    match adapter.confirm(purchase, token, &placed.order).await {
        Ok(true) => Ok(placed),
        Ok(false) | Err(_) => {
            let unknown = Failure::new(crate::failure::Reason::OutcomeUnknown);
            Err(unknown.value(purchase.key.as_str()))
        }
    }
}
