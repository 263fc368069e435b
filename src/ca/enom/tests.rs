//! Shared samples; the tests themselves stand in the files of this folder.

mod asking;
mod crashes;
mod listing;
mod locating;
mod odd;
mod others;
mod paid;
mod progress;
mod requests;
mod scenarios;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::Enom;
use crate::ca::http::scripted::Received;
use crate::ca::vendor::{self, VendorServer, enom::Enom as Simulated};
use crate::ca::{CertificateAuthority, ConnectOptions, OrderRef, Permit, Placed, Timeouts, Token};
use crate::domain::{
    Contact, CountryCode, DomainName, EmailAddress, IntentKey, Months, NamedValidation,
    Organization, Phone, Purchase, PurchaseKind, Settings, TemplateCode, ValidationMethod,
    VendorOrderId,
};
use crate::failure::Failure;

const KEY: &str = "abcdefghij2345672345";
const PASSWORD: &str = "canary-password";

const RAPID: &str = "Certificate-RapidSSL-RapidSSL";
const ESSENTIAL: &str = "Certificate-Comodo-Essential";
const UCC: &str = "Certificate-Comodo-UCC-DV";

/// A CSR for `www.example.com` with a full subject in Cyrillic.
const CSR: &str = include_str!("../../certificate/fixtures/rsa-2048.pem");

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn email(text: &str) -> ValidationMethod {
    ValidationMethod::Email(EmailAddress::parse(text).unwrap())
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
        name: "Example & Sons".to_owned(),
        division: "Web".to_owned(),
        duns: "123456789".to_owned(),
        address: "1 Main St".to_owned(),
        city: "Springfield".to_owned(),
        region: "IL".to_owned(),
        postal_code: "62701".to_owned(),
        country: CountryCode::parse("US").unwrap(),
        phone: Phone::parse("+15550100300").unwrap(),
        incorporating_agency: String::new(),
        registration_number: String::new(),
        business_category: String::new(),
        vendors_number: String::new(),
    }
}

/// An order with this CSR whose names are validated by `admin@` each.
fn purchase_of(code: &str, csr: &str, names: &[&str]) -> Purchase {
    let names: Vec<_> = names.iter().map(|text| name(text)).collect();
    Purchase {
        key: IntentKey::new(KEY),
        kind: PurchaseKind::New,
        template: TemplateCode::new(code),
        csr_pem: csr.to_owned(),
        common_name: names[0].clone(),
        additional_names: names[1..].to_vec(),
        addresses: Vec::new(),
        names_bought: u32::try_from(names.len() - 1).unwrap(),
        term: Months(12),
        validation: names
            .iter()
            .map(|name| NamedValidation {
                name: name.clone(),
                method: email(&format!("admin@{}", name.base())),
            })
            .collect(),
        administrative: person("Ann"),
        technical: person("Bob"),
        organization: Some(company()),
        since: Utc::now(),
    }
}

/// An order for `www.example.com`.
fn purchase(code: &str) -> Purchase {
    purchase_of(code, CSR, &["www.example.com"])
}

/// A fresh CSR.
fn fresh_csr(names: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let texts: Vec<String> = names.iter().map(|text| (*text).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(texts).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0]);
    let request = params.serialize_request(&key).unwrap();
    let csr = crate::certificate::Csr::parse(&request.pem().unwrap()).unwrap();
    csr.pem().to_owned()
}

/// A fresh order for these names.
fn fresh(code: &str, names: &[&str]) -> Purchase {
    purchase_of(code, &fresh_csr(names), names)
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

fn adapter(url: &str) -> Enom {
    let mut settings = Settings::default();
    settings.set("url", url);
    settings.set("username", "myreseller");
    settings.set_secret("password", SecretString::from(PASSWORD));
    Enom::new(&settings, &options()).unwrap()
}

/// The simulated vendor with an adapter.
struct World {
    store: Arc<Simulated>,
    server: VendorServer,
    ca: Enom,
}

impl World {
    fn start() -> Self {
        let store = Arc::new(Simulated::with_credentials("myreseller", PASSWORD));
        let server = VendorServer::start(Arc::clone(&store) as Arc<dyn vendor::Vendor>);
        let ca = adapter(&server.url());
        Self { store, server, ca }
    }

    fn switch(&self, name: &str, value: &str) {
        use vendor::Vendor;
        self.store.set_switch(name, value).unwrap();
    }

    fn sold(&self) -> usize {
        use vendor::Vendor;
        let sales = self.store.sales();
        sales.iter().filter(|sale| sale.is_paid()).count()
    }

    async fn prepare(&self, purchase: &Purchase) -> Token {
        self.ca
            .prepare(purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap()
    }

    async fn submit(&self, purchase: &Purchase, token: &Token) -> Result<Placed, Failure> {
        self.ca
            .submit(purchase, token, Permit::for_tests())
            .await
            .result()
    }

    /// The whole purchase: the slot's number.
    async fn buy(&self, purchase: &Purchase) -> OrderRef {
        let token = self.prepare(purchase).await;
        let placed = self.submit(purchase, &token).await.unwrap();
        let order = order_ref(&placed.order, purchase);
        self.ca.continue_order(&order, purchase).await.unwrap();
        order
    }

    /// Every request kept to the documentation, and credentials stood in bodies only.
    fn assert_clean(&self) {
        use vendor::Vendor;
        assert_eq!(self.store.violations(), []);
        for request in self.server.requests() {
            assert!(request.request.query.is_empty());
            assert!(!request.request.path.contains(PASSWORD));
        }
    }
}

fn order_ref(order: &VendorOrderId, purchase: &Purchase) -> OrderRef {
    OrderRef {
        order: order.clone(),
        template: purchase.template.clone(),
        csr_pem: Some(purchase.csr_pem.clone()),
    }
}

fn fixture(path: &str) -> String {
    let path = format!("{}/src/ca/enom/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The parameters of a request, decoded, in their order.
fn form_of(request: &Received) -> Vec<(String, String)> {
    let body = String::from_utf8(request.body.clone()).unwrap();
    let mut url = crate::ca::http::Url::parse("http://form.example/").unwrap();
    url.set_query(Some(&body));
    url.query_pairs()
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

fn command_of(request: &Received) -> String {
    let form = form_of(request);
    let command = form.iter().find(|(name, _)| name == "Command");
    command.map(|(_, value)| value.clone()).unwrap_or_default()
}
