//! Tests of the whole adapter: its wire against fixtures and schema, its behaviour against scripted
//! answers and against the simulated vendor.

mod asking;
mod descriptions;
mod locating;
mod lost;
mod replies;
mod requests;
mod scenarios;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::*;
use crate::ca::vendor::{self, VendorServer};
use crate::ca::{Reference, Stage, Timeouts};
use crate::domain::{
    Contact, CountryCode, IntentKey, Months, NamedValidation, Organization, Phone, PurchaseKind,
};

const KEY: &str = "abcdefghij234567abcd";

fn name(text: &str) -> DomainName {
    DomainName::parse(text).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    progress::instant(text).unwrap()
}

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn person(first: &str, mail: &str) -> Contact {
    Contact {
        first_name: first.to_owned(),
        last_name: "Example".to_owned(),
        job_title: "CTO".to_owned(),
        phone: Phone::parse("+1 555 010 0100").unwrap(),
        email: email(mail),
    }
}

fn company() -> Organization {
    Organization {
        name: "Example LLC".to_owned(),
        division: "IT".to_owned(),
        duns: "123456789".to_owned(),
        address: "1 Main St".to_owned(),
        city: "Springfield".to_owned(),
        region: "IL".to_owned(),
        postal_code: "62701".to_owned(),
        country: CountryCode::parse("US").unwrap(),
        phone: Phone::parse("+1 555 010 0100").unwrap(),
        incorporating_agency: String::new(),
        registration_number: "01234567".to_owned(),
        business_category: "PO".to_owned(),
        vendors_number: String::new(),
    }
}

/// A purchase whose CSR is a placeholder.
fn purchase(template: &str, common_name: &str, names: &[&str], method: &str) -> Purchase {
    let common_name = name(common_name);
    let additional_names: Vec<_> = names.iter().map(|n| name(n)).collect();
    let method = match method {
        "email" => Some(ValidationMethod::Email(email(&format!(
            "admin@{}",
            base_domain(&common_name)
        )))),
        "dns" => Some(ValidationMethod::DnsTxt),
        "http" => Some(ValidationMethod::HttpFile),
        "https" => Some(ValidationMethod::HttpsFile),
        "cname" => Some(ValidationMethod::DnsCname),
        _ => None,
    };
    let validation = std::iter::once(&common_name)
        .chain(&additional_names)
        .filter_map(|name| {
            Some(NamedValidation {
                name: name.clone(),
                method: method.clone()?,
            })
        })
        .collect();
    Purchase {
        key: IntentKey::new(KEY),
        kind: PurchaseKind::New,
        template: TemplateCode::new(template),
        csr_pem: "-----BEGIN CERTIFICATE REQUEST-----\nMIIC\n-----END CERTIFICATE REQUEST-----\n"
            .to_owned(),
        common_name,
        addresses: Vec::new(),
        names_bought: u32::try_from(names.len()).unwrap(),
        additional_names,
        term: Months(12),
        validation,
        administrative: person("Anna", "anna@example.com"),
        technical: person("Anna", "anna@example.com"),
        organization: Some(company()),
        since: Utc::now(),
    }
}

/// A real CSR for a name.
fn csr(common_name: &str) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, common_name);
    let pem = params.serialize_request(&key).unwrap().pem().unwrap();
    pem.replace("\r\n", "\n")
}

fn with_csr(mut purchase: Purchase) -> Purchase {
    purchase.csr_pem = csr(purchase.common_name.as_str());
    purchase
}

fn permit() -> Permit {
    Permit::for_tests()
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

fn adapter_of(values: &[(&'static str, String, bool)]) -> GlobalSign {
    let mut settings = Settings::default();
    for (name, value, secret) in values {
        if *secret {
            settings.set_secret(*name, value.as_str().into());
        } else {
            settings.set(*name, value.as_str());
        }
    }
    GlobalSign::connect(&settings, &options()).unwrap()
}

/// An adapter that talks to a scripted server.
fn adapter_at(url: &str) -> GlobalSign {
    adapter_of(&[
        ("username", "PAR00000_example".to_owned(), false),
        ("password", "s3cret".to_owned(), true),
        ("api_url", url.to_owned(), false),
    ])
}

/// The simulated vendor with an adapter that talks to it.
struct World {
    server: VendorServer,
    vendor: Arc<vendor::globalsign::GlobalSign>,
    adapter: GlobalSign,
}

impl World {
    fn start() -> Self {
        use vendor::Vendor;
        let vendor = Arc::new(vendor::globalsign::GlobalSign::new());
        let server = VendorServer::start(Arc::clone(&vendor) as Arc<dyn Vendor>);
        let adapter = adapter_of(&vendor.settings(&server.url()));
        Self {
            server,
            vendor,
            adapter,
        }
    }

    fn switch(&self, name: &str, value: &str) {
        use vendor::Vendor;
        self.vendor.set_switch(name, value).unwrap();
    }

    /// Paid entries of the books.
    fn paid(&self) -> usize {
        use vendor::Vendor;
        self.vendor.sales().iter().filter(|s| s.is_paid()).count()
    }

    /// Entries of the books.
    fn booked(&self) -> usize {
        use vendor::Vendor;
        self.vendor.sales().len()
    }

    fn assert_no_violations(&self) {
        use vendor::Vendor;
        assert_eq!(self.vendor.violations(), []);
    }

    async fn order(&self, purchase: &Purchase) -> Placed {
        self.adapter.examine(purchase).await.unwrap();
        let prepared = self
            .adapter
            .prepare(purchase, &[])
            .await
            .map(|prepared| prepared.token)
            .unwrap();
        self.adapter
            .submit(purchase, &prepared, permit())
            .await
            .result()
            .unwrap()
    }

    async fn stage(&self, placed: &Placed) -> Stage {
        self.adapter.status(&order_ref(placed)).await.unwrap().stage
    }
}

fn order_ref(placed: &Placed) -> OrderRef {
    OrderRef {
        order: placed.order.clone(),
        template: TemplateCode::new("DV"),
        csr_pem: None,
    }
}
