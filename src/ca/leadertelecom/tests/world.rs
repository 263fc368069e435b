//! An adapter and the simulated vendor it talks to.

use std::sync::Arc;

use super::*;
use crate::ca::vendor::leadertelecom::{LeaderTelecom as Simulated, switches::SWITCHES};
use crate::ca::vendor::{Vendor, VendorServer};

/// Not a setting: lets the adapter wait as long as it does in earnest.
pub(super) const PATIENT: (&str, &str) = ("patient", "on");

pub(super) struct World {
    pub(super) vendor: Arc<Simulated>,
    pub(super) server: VendorServer,
    pub(super) adapter: LeaderTelecom,
    pub(super) purchase: Purchase,
}

pub(super) fn fresh_csr(names: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names.clone()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, names[0].clone());
    let pem = params.serialize_request(&key).unwrap().pem().unwrap();
    Csr::parse(&pem).unwrap().pem().to_owned()
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(&[], &[])
    }

    pub(super) fn with(values: &[(&str, &str)], entries: &[(&str, &str)]) -> Self {
        let vendor = Arc::new(Simulated::new());
        let server = VendorServer::start(vendor.clone());
        let mut settings = Settings::default();
        for (name, value, is_secret) in vendor.settings(&server.url()) {
            if is_secret {
                settings.set_secret(name, SecretString::from(value));
            } else {
                settings.set(name, value);
            }
        }
        for (name, value) in values {
            settings.set(*name, *value);
        }
        let options = match values.contains(&PATIENT) {
            true => ConnectOptions::default(),
            false => options(),
        };
        let adapter = adapter_over(&settings, entries, options);
        let mut purchase = simple();
        purchase.csr_pem = fresh_csr(&["shop.example.com"]);
        purchase.since = vendor.clock().now();
        Self {
            vendor,
            server,
            adapter,
            purchase,
        }
    }

    pub(super) fn set(&self, name: &str, value: &str) {
        self.vendor.set_switch(name, value).unwrap();
    }

    pub(super) async fn buy(&self) -> Result<Placed, Failure> {
        self.adapter.examine(&self.purchase).await?;
        let token = self
            .adapter
            .prepare(&self.purchase, &[])
            .await
            .map(|prepared| prepared.token)?;
        self.adapter
            .submit(&self.purchase, &token, permit())
            .await
            .result()
    }

    pub(super) async fn locate_after(&self, token: &Token, minutes: i64) -> Located {
        let since = self.purchase.since;
        let now = since + TimeDelta::minutes(minutes);
        self.adapter
            .locate(&self.purchase, token, since, now)
            .await
            .unwrap()
    }

    pub(super) fn reference(&self, placed: &Placed) -> OrderRef {
        OrderRef {
            order: placed.order.clone(),
            template: self.purchase.template.clone(),
            csr_pem: Some(self.purchase.csr_pem.clone()),
        }
    }

    pub(super) fn assert_clean(&self) {
        assert_eq!(self.vendor.violations(), []);
    }

    pub(super) fn sold(&self) -> usize {
        self.vendor.sales().len()
    }
}

pub(super) fn words(switch: &str) -> &'static [&'static str] {
    SWITCHES
        .iter()
        .find(|known| known.name == switch)
        .unwrap()
        .words
}
