//! Services and books of the simulated billing.

use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::super::authority::{Authority, Content, Issued};
use super::super::csr::{self, Csr, Subject};
use super::super::{Approval, Sale, Violation, mail_proves};
use super::catalogue::Tariff;

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    pub id: u64,
    pub tariff: &'static Tariff,
    pub common_name: String,
    /// Additional domains.
    pub names: Vec<String>,
    pub csr: Csr,
    pub marker: String,
    pub created: NaiveDate,
    pub expires: NaiveDate,
    /// Raw state of the service: `2`, `5_open`, …
    pub state: String,
    /// State of the certificate: 3 to 6.
    pub certificate_state: u8,
    pub certificate: Option<Issued>,
    pub approvers: Vec<String>,
    /// `auth_dnstxt` or empty.
    pub method: String,
    /// Domains whose control is not proved.
    pub open: Vec<String>,
    /// The applicant is not verified.
    pub organization_open: bool,
    pub subject: Option<Subject>,
}

impl Service {
    /// The value of the TXT record.
    pub fn txt(&self) -> String {
        format!("_chk={:x}", self.id * 7919)
    }

    /// Main and additional domains.
    pub fn all_names(&self) -> Vec<String> {
        let mut names = vec![self.common_name.clone()];
        names.extend(self.names.iter().cloned());
        names
    }

    /// Begins a certificate for the present request and names.
    pub fn begin(&mut self) {
        self.certificate_state = 4;
        self.open = self.all_names();
        self.organization_open = self.tariff.organization;
    }

    /// Issues when nothing is open.
    pub fn settle(&mut self, authority: &Authority, now: DateTime<Utc>) -> Result<(), String> {
        if !self.open.is_empty() || self.organization_open || self.certificate_state == 5 {
            return Ok(());
        }
        let content = Content {
            common_name: self.common_name.clone(),
            names: self.all_names(),
            subject: self.subject.clone(),
            no_later_than: None,
        };
        self.certificate = Some(authority.issue(&self.csr, &content, now)?);
        self.certificate_state = 5;
        self.state = "2".to_owned();
        Ok(())
    }
}

/// Everything that changes.
#[derive(Debug, Default)]
pub struct State {
    pub services: Vec<Service>,
    pub sales: Vec<Sale>,
    pub violations: Vec<Violation>,
    /// Hundredths.
    pub balance: i64,
    /// The list filter that somebody saved: column and value.
    pub filter: BTreeMap<String, String>,
    pub switches: BTreeMap<String, String>,
    pub last_id: u64,
    /// Open sessions: number, and whether the second factor was shown.
    pub sessions: BTreeMap<String, bool>,
    pub last_session: u64,
}

impl State {
    /// A switch's value, empty when it was never set.
    pub fn switch(&self, name: &str) -> &str {
        self.switches.get(name).map_or("", String::as_str)
    }

    /// A service by its number.
    pub fn service(&mut self, id: &str) -> Option<&mut Service> {
        let id: u64 = id.parse().ok()?;
        self.services.iter_mut().find(|service| service.id == id)
    }

    /// A person's order, like the last one but for name and request. Its number.
    pub fn order_by_hand(
        &mut self,
        common_name: &str,
        csr: &str,
        now: DateTime<Utc>,
    ) -> Result<String, String> {
        let csr = csr::by_hand(common_name, csr)?;
        let last = self.services.last().cloned();
        let mut service = last.ok_or("there is no order yet")?;
        self.last_id += 17;
        service.id = self.last_id;
        service.csr = csr;
        service.marker.clear();
        service.common_name = common_name.to_owned();
        service.created = now.date_naive();
        service.certificate = None;
        service.begin();
        let id = service.id.to_string();
        self.services.push(service);
        Ok(id)
    }

    /// A person deletes the service in the panel; whether anything is paid back is not known.
    pub fn cancel_by_hand(&mut self, id: &str) -> Result<(), String> {
        let service = self.service(id).ok_or("no such service")?;
        service.state = "4".to_owned();
        Ok(())
    }

    /// A person reissues in the panel.
    pub fn reissue_by_hand(
        &mut self,
        id: &str,
        csr: &str,
        authority: &Authority,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let service = self.service(id).ok_or("no such service")?;
        if service.certificate_state != 5 {
            return Err(format!("service {id} cannot be reissued now"));
        }
        if !csr.is_empty() {
            service.csr = Csr::parse(csr)?;
        }
        service.begin();
        service.open.clear();
        service.organization_open = false;
        service.settle(authority, now)
    }

    /// Lets validation succeed.
    pub fn approve(
        &mut self,
        id: &str,
        what: &Approval,
        authority: &Authority,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let service = self
            .service(id)
            .ok_or_else(|| format!("there is no service {id}"))?;
        if service.state == "1" {
            return Err(format!("service {id} is not paid"));
        }
        if *what != Approval::Organization {
            mail_proves(!service.approvers.is_empty(), now)?;
        }
        match what {
            Approval::All => {
                service.open.clear();
                service.organization_open = false;
            }
            Approval::Name(name) => service.open.retain(|open| open != name),
            Approval::Organization => service.organization_open = false,
        }
        service.settle(authority, now)
    }

    pub fn violation(&mut self, call: &str, problem: impl Into<String>) {
        self.violations.push(Violation {
            call: call.to_owned(),
            problem: problem.into(),
        });
    }
}

/// The last paid day.
pub fn term_end(begin: NaiveDate, months: u32) -> NaiveDate {
    begin
        .checked_add_months(Months::new(months))
        .expect("a day of the calendar")
}
