//! Vendors that answer anything: every call of every adapter, through the port.

#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ca::http::canned;
use crate::ca::{
    self, CertificateAuthority, ConnectOptions, OrderRef, Permit, Placed, Timeouts, Token,
};
use crate::domain::{
    Contact, CountryCode, DomainName, EmailAddress, IntentKey, ItemId, Months, NamedValidation,
    Organization, Phone, Purchase, PurchaseKind, Settings, TemplateCode, ValidationMethod,
    VendorOrderId,
};
use crate::failure::{Failure, Language};
use crate::module::{self, Level, Module};
use crate::order::{Intent, Operation};

/// Calls whose answer was accepted: shows that hostile input comes past the first check.
#[cfg(test)]
pub(super) static ACCEPTED: AtomicUsize = AtomicUsize::new(0);

/// The CSR of `shop.example.com`.
const REQUEST: &str = include_str!("../ca/ispmanager/fixtures/shop.csr");

/// Answers of eNom.
pub fn enom(data: &[u8]) {
    vendor("pmenomssl", data);
}

/// Answers of GlobalSign: SOAP envelopes.
pub fn globalsign(data: &[u8]) {
    vendor("pmglobalsign", data);
}

/// Answers of Ispmanager.
pub fn ispmanager(data: &[u8]) {
    vendor("pmispmgrssl", data);
}

/// Answers of LeaderTelecom.
pub fn leadertelecom(data: &[u8]) {
    vendor("pmleadertelecom", data);
}

/// Answers of TheSSLStore.
pub fn thesslstore(data: &[u8]) {
    vendor("pmthesslstore", data);
}

/// An adapter with settings that it takes.
pub(crate) fn connected(name: &str) -> Box<dyn CertificateAuthority> {
    let module = module::by_name(name).expect("a module");
    let options = ConnectOptions {
        timeouts: Timeouts {
            pause: Duration::from_millis(1),
            ..Timeouts::default()
        },
        ..ConnectOptions::default()
    };
    ca::connect(name, &settings(module), &options).expect("good settings")
}

fn vendor(name: &str, data: &[u8]) {
    let module = module::by_name(name).expect("a module");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let connect = || connected(name);
    // Each call begins with the first answer, so that each of them meets it.
    let ask = |call: &dyn Fn(&dyn CertificateAuthority)| {
        canned::answer_with(data, || call(connect().as_ref()));
    };
    let (now, purchase) = (now(), purchase(module, PurchaseKind::New));
    let order = OrderRef {
        order: VendorOrderId::new("7700123"),
        template: purchase.template.clone(),
        csr_pem: Some(REQUEST.to_owned()),
    };
    let name = &purchase.common_name;
    ask(&|it| told(runtime.block_on(it.check())));
    ask(&|it| told(runtime.block_on(it.balance())));
    ask(&|it| told(runtime.block_on(it.products())));
    ask(&|it| told(runtime.block_on(it.approvers(&purchase.template, name))));
    ask(&|it| told(runtime.block_on(it.status(&order))));
    ask(&|it| told(runtime.block_on(it.certificate(&order))));
    ask(&|it| told(runtime.block_on(it.cancel(&order, now))));
    ask(&|it| told(runtime.block_on(it.verify_now(&order, name))));
    ask(&|it| {
        let method = ValidationMethod::HttpFile;
        told(runtime.block_on(it.change_validation(&order, name, &method)));
    });
    ask(&|it| told(runtime.block_on(it.continue_order(&order, &purchase))));
    ask(&|it| drop(runtime.block_on(it.harmless_reads())));
    let previous = VendorOrderId::new("7700123");
    let kinds = [
        PurchaseKind::New,
        PurchaseKind::Renewal {
            previous: previous.clone(),
        },
        PurchaseKind::Reissue {
            order: previous,
            former_names: Vec::new(),
        },
    ];
    for kind in kinds {
        let purchase = self::purchase(module, kind);
        ask(&|it| told(runtime.block_on(it.examine(&purchase))));
        ask(&|it| {
            if let Ok(prepared) = runtime.block_on(it.prepare(&purchase, &[])) {
                storable(&prepared.token);
            }
        });
        for token in [Token::default(), Token("7700200".to_owned())] {
            ask(&|it| {
                let permit = Permit::for_tests();
                bought(
                    &runtime
                        .block_on(it.submit(&purchase, &token, permit))
                        .result(),
                );
            });
            let since = now - TimeDelta::hours(1);
            ask(
                &|it| match runtime.block_on(it.locate(&purchase, &token, since, now)) {
                    Ok(ca::Located::Found(placed, _)) => bought(&Ok(placed)),
                    other => told(other),
                },
            );
        }
    }
}

/// A failure has words for people in both languages.
fn told<T>(result: Result<T, Failure>) {
    #[cfg(test)]
    if result.is_ok() {
        ACCEPTED.fetch_add(1, Ordering::Relaxed);
    }
    if let Err(failure) = result {
        for language in [Language::English, Language::Russian] {
            assert!(!failure.text(language).trim().is_empty());
        }
        assert!(failure.chain().len() < 100_000, "a failure without end");
    }
}

/// An order that was placed. Whether its number can be one is the order core's question.
fn bought(result: &Result<Placed, Failure>) {
    #[cfg(test)]
    if result.is_ok() {
        ACCEPTED.fetch_add(1, Ordering::Relaxed);
    }
    if let Err(failure) = result {
        assert!(!failure.chain().is_empty());
    }
}

/// What an adapter wants remembered can be stored.
fn storable(token: &Token) {
    let mut intent = Intent::decide("i", ItemId(1), Operation::Open, "", 1, None, now());
    intent.token = token.clone();
    assert!(intent.to_text().is_ok(), "it cannot be stored: {}", token.0);
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_775_000_000, 0).expect("a moment of 2026")
}

fn settings(module: &Module) -> Settings {
    let mut settings = Settings::default();
    for (name, value) in [
        ("url", "https://vendor.example/billmgr"),
        ("username", "reseller"),
        ("partner_code", "11112222"),
    ] {
        settings.set(name, value);
    }
    for name in module.secrets() {
        settings.set_secret(name, "not-a-secret".into());
    }
    settings.set("nomenclature_ids", "leader_dv=100");
    settings
}

/// The plainest product of a module, bought for one name.
fn purchase(module: &Module, kind: PurchaseKind) -> Purchase {
    let plain = module
        .templates
        .iter()
        .find(|template| {
            template.current
                && template.level == Level::Domain
                && !template.wildcard
                && !template.multidomain
        })
        .expect("a plain product");
    let name = DomainName::parse("shop.example.com").expect("a name");
    let email = EmailAddress::parse("admin@example.com").expect("an address");
    let phone = Phone::parse("+1 555 010 0200").expect("a number");
    let person = Contact {
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        job_title: "Admin".to_owned(),
        phone: phone.clone(),
        email: email.clone(),
    };
    Purchase {
        key: IntentKey::new("ATFBJCETDYTSMYZZZTFB"),
        kind,
        template: TemplateCode::new(plain.code),
        csr_pem: REQUEST.to_owned(),
        common_name: name.clone(),
        additional_names: Vec::new(),
        addresses: Vec::new(),
        names_bought: 0,
        term: Months(12),
        validation: vec![NamedValidation {
            name,
            method: ValidationMethod::Email(email),
        }],
        administrative: person.clone(),
        technical: person,
        organization: Some(Organization {
            name: "Example GmbH".to_owned(),
            division: "Web".to_owned(),
            duns: String::new(),
            address: "Lindenstrasse 1".to_owned(),
            city: "Berlin".to_owned(),
            region: "Berlin".to_owned(),
            postal_code: "10969".to_owned(),
            country: CountryCode::parse("DE").expect("a country"),
            phone,
            incorporating_agency: String::new(),
            registration_number: String::new(),
            business_category: String::new(),
            vendors_number: String::new(),
        }),
        since: now(),
    }
}
