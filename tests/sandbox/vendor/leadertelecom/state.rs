//! What the simulated vendor remembers.

use chrono::{DateTime, TimeDelta, Utc};
use md5::{Digest as _, Md5};
use serde_json::Value;

use super::super::authority::{Authority, Content, Issued};
use super::super::csr::{Csr, Subject, hex};
use super::super::{Approval, Sale, SaleKind, Violation, mail_has_ended, mail_proves};
use super::switches::Switches;

/// A product of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// `nomenclature_id`.
    pub id: u64,
    /// Name.
    pub name: &'static str,
    /// Hundredths for 365 days.
    pub price: i64,
    /// The applicant is verified.
    pub organization: bool,
    /// Takes additional names.
    pub multi: bool,
}

/// The catalogue; the numbers are invented.
pub const PRODUCTS: [Product; 4] = [
    Product {
        id: 5001,
        name: "Simple DV",
        price: 900,
        organization: false,
        multi: false,
    },
    Product {
        id: 5002,
        name: "Simple DV Wildcard",
        price: 6000,
        organization: false,
        multi: false,
    },
    Product {
        id: 5003,
        name: "Simple DV Multi-Domain",
        price: 2500,
        organization: false,
        multi: true,
    },
    Product {
        id: 5004,
        name: "Simple OV",
        price: 4000,
        organization: true,
        multi: false,
    },
];

/// One certificate with its order.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// Certificate number: what calls 11 to 15 take.
    pub id: u64,
    /// Order number.
    pub order: u64,
    /// Product.
    pub product: Product,
    /// Days.
    pub days: i64,
    /// The item as it came.
    pub item: Value,
    /// CSR.
    pub csr: Csr,
    /// Names, the main one first.
    pub names: Vec<String>,
    /// Names still open.
    pub open: Vec<String>,
    /// The applicant is still open.
    pub organization_open: bool,
    /// When it was bought.
    pub bought: DateTime<Utc>,
    /// The certificate.
    pub issued: Option<Issued>,
    /// Rejected: why.
    pub rejected: Option<String>,
    /// Validation mails sent.
    pub mails: u32,
}

impl Certificate {
    /// A text of the item.
    pub fn text(&self, name: &str) -> &str {
        self.item
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The vendor's status word.
    pub fn word(&self, switches: &Switches) -> String {
        match (&self.rejected, &self.issued) {
            (Some(_), _) => "rejected".to_owned(),
            (None, Some(_)) => switches.issued_word.clone(),
            (None, None) => switches.waiting_word.clone(),
        }
    }

    /// Issues, or issues anew.
    pub fn issue(&mut self, authority: &Authority, now: DateTime<Utc>) -> Result<(), String> {
        let subject = self.product.organization.then(|| Subject {
            organization: self.text("organization_name").to_owned(),
            country: self.text("country_name").to_owned(),
            locality: self.text("city_name").to_owned(),
            state: self.text("region_name").to_owned(),
            ..Subject::default()
        });
        let content = Content {
            common_name: self.names[0].clone(),
            names: self.names.clone(),
            subject,
            no_later_than: Some(self.bought + TimeDelta::days(self.days)),
        };
        self.issued = Some(authority.issue(&self.csr, &content, now)?);
        Ok(())
    }

    /// What the proofs that are open are looked for by.
    pub fn proofs(&self) -> Vec<String> {
        let of = |name: &String| {
            let [_, value, _, content] = self.tokens(name);
            match self.text("dcv_type") {
                "EMAIL" => self.text("dcv_email").to_owned(),
                "CNAME_CSR_HASH" => value,
                _ => content,
            }
        };
        self.open.iter().map(of).collect()
    }

    /// What a name has to publish, as Sectigo computes it: record name and value, file address and
    /// content (leaderssl.md 6).
    pub fn tokens(&self, name: &str) -> [String; 4] {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let md5 = hex(&Md5::digest(&self.csr.der));
        let sha = self.csr.fingerprint();
        let unique = self.text("unique_value");
        let scheme = if self.text("dcv_type") == "HTTPS_CSR_HASH" {
            "https"
        } else {
            "http"
        };
        [
            format!("_{md5}.{name}"),
            format!("{}.{}.{unique}.sectigo.com", &sha[..32], &sha[32..]),
            format!(
                "{scheme}://{name}/.well-known/pki-validation/{}.txt",
                md5.to_uppercase()
            ),
            format!("{sha}\nsectigo.com\n{unique}"),
        ]
    }
}

/// A certificate bought without a request (8).
#[derive(Debug, Clone)]
pub struct Preorder {
    /// Number.
    pub id: u64,
    /// The request as it came.
    pub request: Value,
}

/// Everything that changes.
#[derive(Debug, Default)]
pub struct State {
    /// Certificates, oldest first.
    pub certificates: Vec<Certificate>,
    /// Bought without a request, oldest first.
    pub preorders: Vec<Preorder>,
    /// Books.
    pub sales: Vec<Sale>,
    /// Deviations.
    pub violations: Vec<Violation>,
    /// Hundredths.
    pub balance: i64,
    /// Behaviour.
    pub switches: Switches,
    /// Live tokens and how often each was used.
    pub tokens: Vec<(String, u32)>,
    /// Sign-ins so far.
    pub sign_ins: u32,
}

impl State {
    /// A certificate by its number.
    pub fn certificate(&mut self, id: &str) -> Result<&mut Certificate, String> {
        self.certificates
            .iter_mut()
            .find(|certificate| certificate.id.to_string() == id)
            .ok_or_else(|| format!("there is no certificate {id}"))
    }

    /// Sells; the error is the vendor's text and nothing has happened.
    pub fn sell(&mut self, item: &Value, now: DateTime<Utc>) -> Result<Certificate, String> {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| item.get(name).and_then(Value::as_i64).unwrap_or_default();
        let product = PRODUCTS
            .into_iter()
            .find(|product| i64::try_from(product.id) == Ok(number("nomenclature_id")))
            .ok_or("Nomenclature not found")?;
        let csr = Csr::parse(text("csr")).map_err(|why| format!("CSR is invalid: {why}"))?;
        let days = number("days");
        if days <= 0 || days % 365 != 0 {
            return Err("Days is not included in the list".to_owned());
        }
        if text("dcv_type") == "EMAIL" && mail_has_ended(now) {
            return Err("Dcv type is not included in the list".to_owned());
        }
        if product.organization && text("organization_name").is_empty() {
            return Err("Organization name can't be blank".to_owned());
        }
        let mut names = vec![text("domain_name").to_lowercase()];
        names.extend(
            text("additional_domains")
                .split(',')
                .filter(|n| !n.is_empty())
                .map(str::to_owned),
        );
        if names.len() > 1 && !product.multi {
            return Err("Additional domains are not allowed".to_owned());
        }
        let unique = text("unique_value");
        let is_reused = self
            .certificates
            .iter()
            .any(|old| old.csr.der == csr.der && old.text("unique_value") == unique);
        if is_reused {
            return Err("This CSR was used with the same unique value".to_owned());
        }
        let price = product.price * (days / 365);
        if self.balance < price {
            return Err("Not enough money on balance".to_owned());
        }
        self.balance -= price;
        let count = self.certificates.len() as u64;
        let certificate = Certificate {
            id: 70_001 + count * 3,
            order: 31_001 + count,
            product,
            days,
            item: item.clone(),
            csr,
            open: names.clone(),
            names,
            organization_open: product.organization,
            bought: now,
            issued: None,
            rejected: None,
            mails: u32::from(text("dcv_type") == "EMAIL"),
        };
        self.sales.push(Sale {
            order: certificate.id.to_string(),
            custom: unique.to_owned(),
            product: product.id.to_string(),
            amount: price,
            at: now,
            kind: SaleKind::Order,
            refunded: false,
        });
        self.certificates.push(certificate.clone());
        Ok(certificate)
    }

    /// Takes the money for a certificate whose request is not known yet. Whether the vendor takes or only
    /// reserves it is not established; that a domain counts as one product's price is invented.
    pub fn preorder(&mut self, request: &Value, now: DateTime<Utc>) -> Result<Preorder, String> {
        let number = |name: &str| {
            request
                .get(name)
                .and_then(Value::as_i64)
                .unwrap_or_default()
        };
        let product = PRODUCTS
            .into_iter()
            .find(|product| i64::try_from(product.id) == Ok(number("nomenclature_id")))
            .ok_or("Nomenclature not found")?;
        let price = product.price * (number("days") / 365).max(1);
        if self.balance < price {
            return Err("Not enough money on balance".to_owned());
        }
        self.balance -= price;
        let preorder = Preorder {
            id: 90_001 + self.preorders.len() as u64,
            request: request.clone(),
        };
        self.sales.push(Sale {
            order: preorder.id.to_string(),
            custom: String::new(),
            product: product.id.to_string(),
            amount: price,
            at: now,
            kind: SaleKind::Order,
            refunded: false,
        });
        self.preorders.push(preorder.clone());
        Ok(preorder)
    }

    /// Lets validation succeed and issues what is complete.
    pub fn approve(
        &mut self,
        id: &str,
        what: &Approval,
        authority: &Authority,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let certificate = self.certificate(id)?;
        if certificate.issued.is_some() || certificate.rejected.is_some() {
            return Err(format!("nothing is open in certificate {id}"));
        }
        if *what != Approval::Organization {
            mail_proves(certificate.text("dcv_type") == "EMAIL", now)?;
        }
        match what {
            Approval::All => {
                certificate.open.clear();
                certificate.organization_open = false;
            }
            Approval::Name(name) => certificate.open.retain(|open| open != name),
            Approval::Organization => certificate.organization_open = false,
        }
        if !certificate.open.is_empty() || certificate.organization_open {
            return Ok(());
        }
        certificate.issue(authority, now)
    }

    /// The authority says no; the money comes back.
    pub fn reject(&mut self, id: &str, reason: &str) -> Result<(), String> {
        let certificate = self.certificate(id)?;
        if certificate.issued.is_some() {
            return Err(format!("certificate {id} is issued"));
        }
        certificate.rejected = Some(reason.to_owned());
        self.pay_back(id);
        Ok(())
    }

    /// A person ends an order at the vendor's site; the money comes back.
    pub fn cancel_by_hand(&mut self, id: &str) -> Result<(), String> {
        let certificate = self.certificate(id)?;
        certificate.rejected = Some("cancelled".to_owned());
        self.pay_back(id);
        Ok(())
    }

    fn pay_back(&mut self, id: &str) {
        for sale in self
            .sales
            .iter_mut()
            .filter(|sale| sale.order == id && !sale.refunded)
        {
            sale.refunded = true;
            self.balance += sale.amount;
        }
    }
}
