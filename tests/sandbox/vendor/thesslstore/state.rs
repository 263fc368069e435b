//! What the simulated store remembers: orders and books.

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde_json::Value;

use super::super::authority::{Authority, Content, Issued};
use super::super::csr::{Csr, Subject, hex};
use super::super::{Approval, Sale, SaleKind, Violation, mail_proves};
use super::products::{Level, Names, Product};
use super::switches::Switches;

/// Validation of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name.
    pub domain: String,
    /// The vendor's word for the method, or the approver's address.
    pub method: String,
    /// Succeeded.
    pub done: bool,
    /// What would have to be published; derived from CSR and name.
    pub token: String,
}

impl Check {
    /// Whether whoever answers a mail proves it.
    pub fn is_by_mail(&self) -> bool {
        self.method.contains('@') || self.method == "EMAIL"
    }
}

/// A certificate being made.
#[derive(Debug, Clone)]
pub struct Pending {
    /// The CSR.
    pub csr: Csr,
    /// Additional names.
    pub names: Vec<String>,
    /// Validation by name, the common name first.
    pub checks: Vec<Check>,
    /// The applicant still has to be verified.
    pub organization_open: bool,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// An order that was bought as an invitation (6.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invitation {
    /// Paid, not yet configured.
    Open,
    /// Configured with the order's token.
    Used,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// `TheSSLStoreOrderID`.
    pub id: String,
    /// `PartnerOrderID`; changes with each reissue.
    pub partner: String,
    /// `CustomOrderID`.
    pub custom: String,
    /// `VendorOrderID`.
    pub vendor: String,
    /// What was bought.
    pub product: &'static Product,
    /// Term in months.
    pub months: u32,
    /// Days added to the term.
    pub bonus_days: i64,
    /// Common name.
    pub common_name: String,
    /// The www twin is added.
    pub www: bool,
    /// Additional names of the current or first certificate.
    pub names: Vec<String>,
    /// `ReserveSANCount`.
    pub reserve: u32,
    /// `WildcardReserveSANCount`.
    pub wildcard_reserve: u32,
    /// The request, without credentials.
    pub request: Value,
    /// Hundredths.
    pub amount: i64,
    /// When it was bought.
    pub purchased: DateTime<Utc>,
    /// First or further certificate being made.
    pub pending: Option<Pending>,
    /// Validation of the last certificate.
    pub checks: Vec<Check>,
    /// The current certificate.
    pub certificate: Option<Issued>,
    /// The request that it answers.
    pub csr: Option<Csr>,
    /// The first certificate's date.
    pub activated: Option<DateTime<Utc>>,
    /// Closed: minor status word.
    pub cancelled: Option<String>,
    /// Remarks of the authority.
    pub comments: String,
    /// Request number and whether it was granted.
    pub refund: Option<(String, bool)>,
    /// Validation mails sent.
    pub mails: u32,
    /// Bought as an invitation.
    pub invitation: Option<Invitation>,
    /// Serial numbers whose revocation was asked for.
    pub revocations: Vec<String>,
    /// The authority has revoked the certificate.
    pub revoked: bool,
}

impl Order {
    /// Names whose proof is awaited.
    pub fn open_checks(&self) -> impl Iterator<Item = &Check> {
        let pending = self.pending.iter().flat_map(|pending| &pending.checks);
        pending.filter(|check| !check.done)
    }

    /// An order that was just paid; nothing of it is configured. `count` is its place among all orders.
    pub fn paid(product: &'static Product, months: u32, count: usize, now: DateTime<Utc>) -> Self {
        Self {
            id: (7_700_000 + count).to_string(),
            partner: (90_000_000 + count * 10).to_string(),
            custom: String::new(),
            vendor: format!("{}{count:07}", product.family.order_prefix()),
            product,
            months,
            bonus_days: 0,
            common_name: String::new(),
            www: true,
            names: Vec::new(),
            reserve: 0,
            wildcard_reserve: 0,
            request: Value::Null,
            amount: 0,
            purchased: now,
            pending: None,
            checks: Vec::new(),
            certificate: None,
            csr: None,
            activated: None,
            cancelled: None,
            comments: String::new(),
            refund: None,
            mails: 0,
            invitation: None,
            revocations: Vec::new(),
            revoked: false,
        }
    }

    /// The two halves of the token that stands for this order alone (2.1).
    pub fn token(&self) -> (String, String) {
        (
            format!("tid-{}", self.id),
            format!("secret-tcode-{}", self.id),
        )
    }

    /// When something of it changed last.
    pub fn modified(&self) -> DateTime<Utc> {
        let issued = self.certificate.as_ref().map(|issued| issued.not_before);
        let asked = self.pending.as_ref().map(|pending| pending.since);
        let dates = [Some(self.purchased), issued, asked];
        dates.into_iter().flatten().max().unwrap_or(self.purchased)
    }

    /// End of the paid term.
    pub fn term_end(&self) -> DateTime<Utc> {
        self.purchased + Months::new(self.months) + TimeDelta::days(self.bonus_days)
    }

    /// An order of somebody else, like this one: nothing of it is proved or issued.
    pub fn begin_anew(&mut self, csr: Csr) {
        self.pending = Some(Pending {
            csr,
            names: Vec::new(),
            checks: vec![Check {
                domain: self.common_name.clone(),
                method: String::new(),
                done: false,
                token: String::new(),
            }],
            organization_open: self.product.level != Level::Dv,
            since: self.purchased,
        });
        self.checks.clear();
        self.names.clear();
        (self.certificate, self.csr, self.activated) = (None, None, None);
        (self.cancelled, self.refund, self.revoked) = (None, None, false);
    }

    /// The public key of the last request in hexadecimal.
    pub fn key(&self) -> String {
        let pending = self.pending.as_ref().map(|pending| &pending.csr);
        let csr = pending.or(self.csr.as_ref());
        csr.map(|csr| hex(&csr.public_key)).unwrap_or_default()
    }

    /// Major and minor status.
    pub fn status(&self, now: DateTime<Utc>, waiting: &str) -> (String, String) {
        let (major, minor) = match (&self.cancelled, &self.certificate, &self.pending) {
            (Some(minor), _, _) => ("Cancelled", minor.as_str()),
            (None, Some(_), Some(_)) if self.revoked => (waiting, ""),
            (None, Some(_), None) if self.revoked => ("Revoked", ""),
            (None, Some(_), Some(_)) => ("Active", "PENDING_REISSUE"),
            (None, Some(_), None) if now >= self.term_end() => ("Expired", ""),
            (None, Some(_), None) => ("Active", ""),
            (None, None, _) if self.invitation == Some(Invitation::Open) => ("Initial", ""),
            (None, None, _) => (waiting, ""),
        };
        (major.to_owned(), minor.to_owned())
    }

    /// A text field of the stored request.
    pub fn requested(&self, pointer: &str) -> &str {
        self.request
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// All names that the next certificate will carry.
    fn certificate_names(&self, additional: &[String]) -> Vec<String> {
        let mut names = vec![self.common_name.clone()];
        if let Some(bare) = self.common_name.strip_prefix("*.") {
            names.push(bare.to_owned());
        } else if self.www && self.product.names == Names::Single {
            names.push(match self.common_name.strip_prefix("www.") {
                Some(bare) => bare.to_owned(),
                None => format!("www.{}", self.common_name),
            });
        }
        names.extend_from_slice(additional);
        names
    }
}

/// Everything that changes.
#[derive(Debug, Default)]
pub struct State {
    /// Orders, oldest first.
    pub orders: Vec<Order>,
    /// Books.
    pub sales: Vec<Sale>,
    /// Deviations from the documentation.
    pub violations: Vec<Violation>,
    /// Hundredths.
    pub balance: i64,
    /// Behaviour.
    pub switches: Switches,
    /// How often `digicert/checkdcv` was asked, by name.
    pub looks: Vec<String>,
}

impl State {
    /// An order by its number.
    pub fn order(&mut self, id: &str) -> Result<&mut Order, String> {
        self.orders
            .iter_mut()
            .find(|order| order.id == id)
            .ok_or_else(|| format!("there is no order {id}"))
    }

    /// Lets validation succeed and issues what is complete.
    pub fn approve(
        &mut self,
        id: &str,
        what: &Approval,
        authority: &Authority,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let order = self.order(id)?;
        if order.cancelled.is_some() {
            return Err(format!("order {id} is cancelled"));
        }
        let pending = order
            .pending
            .as_mut()
            .ok_or_else(|| format!("nothing is open in order {id}"))?;
        if *what != Approval::Organization {
            mail_proves(pending.checks.iter().any(Check::is_by_mail), now)?;
        }
        match what {
            Approval::All => {
                pending.organization_open = false;
                pending
                    .checks
                    .iter_mut()
                    .for_each(|check| check.done = true);
            }
            Approval::Organization => pending.organization_open = false,
            Approval::Name(name) => {
                pending
                    .checks
                    .iter_mut()
                    .find(|check| &check.domain == name)
                    .ok_or_else(|| format!("order {id} has no name {name}"))?
                    .done = true;
            }
        }
        if pending.organization_open || pending.checks.iter().any(|check| !check.done) {
            return Ok(());
        }
        let pending = pending.clone();
        let subject = (order.product.level != Level::Dv).then(|| Subject {
            organization: order
                .requested("/OrganizationInfo/OrganizationName")
                .to_owned(),
            country: order
                .requested("/OrganizationInfo/OrganizationAddress/Country")
                .to_owned(),
            locality: order
                .requested("/OrganizationInfo/OrganizationAddress/City")
                .to_owned(),
            state: order
                .requested("/OrganizationInfo/OrganizationAddress/Region")
                .to_owned(),
            ..Subject::default()
        });
        let content = Content {
            common_name: order.common_name.clone(),
            names: order.certificate_names(&pending.names),
            subject,
            no_later_than: Some(order.term_end()),
        };
        let issued = authority.issue(&pending.csr, &content, now)?;
        order.certificate = Some(issued);
        (order.pending, order.revoked) = (None, false);
        order.activated.get_or_insert(now);
        order.csr = Some(pending.csr);
        order.names = pending.names;
        order.checks = pending.checks;
        order.comments.clear();
        Ok(())
    }

    /// The authority says no: an order that never had a certificate ends and is paid back; a reissue
    /// ends and the former certificate stays.
    pub fn reject(&mut self, id: &str, reason: &str) -> Result<(), String> {
        let order = self.order(id)?;
        if order.pending.take().is_none() {
            return Err(format!("nothing is open in order {id}"));
        }
        order.comments = reason.to_owned();
        if order.certificate.is_none() {
            order.cancelled = Some("REJECTED".to_owned());
            self.pay_back(id);
        }
        Ok(())
    }

    /// A person reissues in the panel: with another request, or with the one of the certificate that is there.
    pub fn reissue_by_hand(
        &mut self,
        id: &str,
        csr: &str,
        authority: &Authority,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let order = self.order(id)?;
        if order.cancelled.is_some() || order.pending.is_some() {
            return Err(format!("order {id} cannot be reissued now"));
        }
        let former = order.csr.clone();
        let former = former.ok_or_else(|| format!("order {id} has no certificate"))?;
        let csr = match csr {
            "" => former,
            other => Csr::parse(other)?,
        };
        order.pending = Some(Pending {
            csr,
            names: order.names.clone(),
            checks: order.checks.clone(),
            organization_open: false,
            since: now,
        });
        self.approve(id, &Approval::All, authority, now)
    }

    /// A person cancels in the panel.
    pub fn cancel_by_hand(&mut self, id: &str) -> Result<(), String> {
        let order = self.order(id)?;
        if order.cancelled.is_some() {
            return Err(format!("order {id} is cancelled"));
        }
        order.cancelled = Some(String::new());
        order.pending = None;
        self.pay_back(id);
        Ok(())
    }

    /// The authority revokes the certificate of an order.
    pub fn revoke(&mut self, id: &str) -> Result<(), String> {
        let order = self.order(id)?;
        if order.cancelled.is_some() || order.certificate.is_none() {
            return Err(format!("order {id} has no certificate"));
        }
        order.revoked = true;
        Ok(())
    }

    /// Gives the money of an order back.
    pub fn pay_back(&mut self, id: &str) {
        for sale in &mut self.sales {
            if sale.order == id && sale.kind != SaleKind::Reissue && !sale.refunded {
                sale.refunded = true;
                self.balance += sale.amount;
            }
        }
    }

    /// Staff decides on a refund request.
    pub fn decide_refund(&mut self, id: &str, granted: bool) -> Result<(), String> {
        let order = self.order(id)?;
        let refund = order
            .refund
            .as_mut()
            .ok_or_else(|| format!("nobody asked for a refund of {id}"))?;
        refund.1 = granted;
        if granted {
            order.cancelled = Some(String::new());
            order.pending = None;
            self.pay_back(id);
        }
        Ok(())
    }

    /// Approves by itself what has waited long enough.
    pub fn settle(&mut self, authority: &Authority, now: DateTime<Utc>) {
        let Some(seconds) = self.switches.auto_approve else {
            return;
        };
        let due: Vec<String> = self
            .orders
            .iter()
            .filter(|order| order.cancelled.is_none())
            .filter(|order| {
                order
                    .pending
                    .as_ref()
                    .is_some_and(|pending| (now - pending.since).num_seconds() >= seconds)
            })
            .map(|order| order.id.clone())
            .collect();
        for id in due {
            // An order whose term is over stays open: nothing can be issued for it any more.
            let _ = self.approve(&id, &Approval::All, authority, now);
        }
    }
}
