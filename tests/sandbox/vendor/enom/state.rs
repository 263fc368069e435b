//! The books: slots, orders, balance, switches.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::super::authority::Issued;
use super::super::csr::{Csr, hex};
use super::super::{Approval, Sale, Violation, mail_proves};
use super::answer::Names;
use super::products::Product;

/// Blank, waiting for configuration.
pub const BLANK: u32 = 1;
/// At the authority.
pub const PROCESSING: u32 = 2;
/// Issued.
pub const ISSUED: u32 = 4;
/// Declined by the approver.
pub const DECLINED: u32 = 6;
/// Refunded before issue.
pub const REFUNDED: u32 = 7;
/// Refunded after issue.
pub const REFUNDED_ISSUED: u32 = 8;
/// At the authority, mail sent (Comodo).
pub const MAIL_SENT: u32 = 9;
/// Approved, not issued yet (Comodo).
pub const APPROVED: u32 = 10;

/// Text of a state (enom.md 11).
pub fn status_text(status: u32) -> &'static str {
    match status {
        BLANK => "Awaiting Configuration",
        PROCESSING => "Processing",
        ISSUED => "Certificate Issued",
        DECLINED => "Rejected by Customer",
        REFUNDED => "Refunded - No Cert Issued",
        REFUNDED_ISSUED => "Refunded - Cert Issued",
        MAIL_SENT => "Approval Email Sent",
        APPROVED => "Approved by Domain Owner",
        12 => "Pending Installation",
        13 => "Cert Installed",
        _ => "",
    }
}

/// A bought slot.
#[derive(Debug, Clone)]
pub struct Slot {
    /// `CertID`.
    pub id: u64,
    /// `OrderID`.
    pub order: u64,
    /// What was bought.
    pub product: &'static Product,
    /// Years bought.
    pub years: u32,
    /// When.
    pub bought: DateTime<Utc>,
    /// State.
    pub status: u32,
    /// What listings and details show instead.
    pub shown: Option<(u32, String)>,
    /// Parameters of the last configuration.
    pub contacts: Vec<(String, String)>,
    /// Its CSR.
    pub csr: Option<Csr>,
    /// Web server id.
    pub server: String,
    /// Names of a list product.
    pub names: Vec<String>,
    /// Mailbox in use.
    pub approver: String,
    /// `FILE` or empty.
    pub method: String,
    /// Number at the authority.
    pub authority_order: u64,
    /// Current certificate.
    pub issued: Option<Issued>,
    /// A reissue is on its way.
    pub reissuing: bool,
    /// Configured at.
    pub configured: Option<DateTime<Utc>>,
    /// Why the authority said no.
    pub remark: String,
    /// Validation mails sent.
    pub mails: u32,
}

impl Slot {
    /// A fresh one.
    pub fn new(
        id: u64,
        order: u64,
        product: &'static Product,
        years: u32,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            order,
            product,
            years,
            bought: at,
            status: BLANK,
            shown: None,
            contacts: Vec::new(),
            csr: None,
            server: String::new(),
            names: Vec::new(),
            approver: String::new(),
            method: String::new(),
            authority_order: 0,
            issued: None,
            reissuing: false,
            configured: None,
            remark: String::new(),
            mails: 0,
        }
    }

    /// End of the paid term.
    pub fn term_end(&self) -> DateTime<Utc> {
        self.bought + Months::new(12 * self.years)
    }

    /// Common name, empty before configuration.
    pub fn domain(&self) -> &str {
        self.csr.as_ref().map_or("", |csr| &csr.common_name)
    }

    /// The public key of its request in hexadecimal, empty before configuration.
    pub fn key(&self) -> String {
        let csr = self.csr.as_ref();
        csr.map(|csr| hex(&csr.public_key)).unwrap_or_default()
    }

    /// What is shown of the state.
    pub fn shown(&self) -> (u32, String) {
        let real = (self.status, status_text(self.status).to_owned());
        self.shown.clone().unwrap_or(real)
    }

    /// State of a submitted slot: Comodo tells more.
    pub fn submitted_status(&self) -> u32 {
        if self.product.is_comodo() {
            MAIL_SENT
        } else {
            PROCESSING
        }
    }

    /// Whether it is proved by e-mail.
    pub fn is_by_mail(&self) -> bool {
        self.method.is_empty() && !self.approver.is_empty()
    }

    /// Whether something is open that is proved so, by whoever answers a mail or otherwise.
    pub fn must_wait_for(&self, what: &Approval, now: DateTime<Utc>) -> Result<(), String> {
        if !self.is_pending() && !self.reissuing {
            return Err("nothing is pending".to_owned());
        }
        mail_proves(self.is_by_mail() && *what != Approval::Organization, now)
    }

    /// Whether it can be configured.
    pub fn is_open(&self) -> bool {
        matches!(self.status, BLANK | DECLINED)
    }

    /// Whether the authority has it.
    pub fn is_pending(&self) -> bool {
        matches!(self.status, PROCESSING | MAIL_SENT | APPROVED)
    }
}

/// An order of something else than certificates: a domain, a renewal.
#[derive(Debug, Clone)]
pub struct OtherOrder {
    /// `OrderID`.
    pub id: u64,
    /// When.
    pub at: DateTime<Utc>,
    /// What it cost.
    pub cents: i64,
}

/// Behaviour that tests change.
#[derive(Debug, Clone)]
pub struct Switches {
    /// Bought slots and orders appear in lists this much later.
    pub listing_delay: TimeDelta,
    /// Purchases count as made this much earlier.
    pub backdate: TimeDelta,
    /// `TotalRecords` of a filtered listing counts the account instead of the filter.
    pub account_totals: bool,
    /// Negative money is written in brackets.
    pub brackets: bool,
    /// Style of element names.
    pub names: Names,
    /// Charset that answers declare; they are UTF-8 whatever they say.
    pub encoding: String,
    /// Answers carry private keys.
    pub private_keys: bool,
    /// Mailboxes offered; `None` for the five standard ones.
    pub approvers: Option<Vec<String>>,
    /// The caller's address is on the list.
    pub address_allowed: bool,
    /// The account is a reseller's.
    pub reseller: bool,
    /// Every configuration is refused with this text.
    pub refuse_configure: Option<String>,
    /// Web server ids of a slot; `None` for those of its family.
    pub servers: Option<Vec<String>>,
    /// Refusals come without six-digit codes.
    pub without_codes: bool,
    /// What details show instead of an issued certificate.
    pub certificate: Option<String>,
    /// State that details of orders show.
    pub order_status: u32,
    /// Details of orders show no amount.
    pub without_order_amounts: bool,
    /// Lists of orders do not tell where the next page begins.
    pub without_order_pages: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            listing_delay: TimeDelta::zero(),
            backdate: TimeDelta::zero(),
            account_totals: false,
            brackets: false,
            names: Names::default(),
            encoding: "utf-8".to_owned(),
            private_keys: false,
            approvers: None,
            address_allowed: true,
            reseller: true,
            refuse_configure: None,
            servers: None,
            without_codes: false,
            certificate: None,
            order_status: 6,
            without_order_amounts: false,
            without_order_pages: false,
        }
    }
}

impl Switches {
    /// Sets what details and lists show.
    pub fn show(&mut self, name: &str, value: &str) -> Result<(), String> {
        let is_off = value == "off";
        match name {
            "certificate" => {
                self.certificate = Some(value.to_owned()).filter(|text| !text.is_empty());
            }
            "order_status" => {
                self.order_status = value.parse().map_err(|_| "not a number of a state")?;
            }
            "order_amounts" => self.without_order_amounts = is_off,
            "order_pages" => self.without_order_pages = is_off,
            other => return Err(format!("no switch is called {other}")),
        }
        Ok(())
    }
}

/// Everything.
#[derive(Debug, Default)]
pub struct State {
    /// Cents.
    pub balance: i64,
    /// Slots, oldest first.
    pub slots: Vec<Slot>,
    /// Orders of other goods.
    pub others: Vec<OtherOrder>,
    /// Sales.
    pub sales: Vec<Sale>,
    /// Requests that break the documentation.
    pub violations: Vec<Violation>,
    /// Behaviour.
    pub switches: Switches,
    /// How many numbers were given out.
    pub next: u64,
}

impl State {
    /// A new number; slots and orders have ranges of their own.
    pub fn number(&mut self, base: u64) -> u64 {
        self.next += 1;
        base + self.next * 3
    }

    /// A slot.
    pub fn slot(&mut self, id: &str) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|slot| slot.id.to_string() == id)
    }

    /// A slot that is proved by e-mail takes a file from now on.
    pub fn prove_otherwise(&mut self, id: &str) -> Result<(), String> {
        let slot = self.slot(id).ok_or("no such slot")?;
        if !slot.is_by_mail() || !slot.product.takes_file() {
            return Err(format!("slot {id} has no other method"));
        }
        "FILE".clone_into(&mut slot.method);
        slot.approver.clear();
        Ok(())
    }

    /// Gives the money of a slot back.
    pub fn refund(&mut self, id: &str) {
        for sale in self.sales.iter_mut().filter(|sale| sale.order == id) {
            if !sale.refunded {
                sale.refunded = true;
                self.balance += sale.amount;
            }
        }
    }

    /// A person cancels in the panel.
    pub fn cancel(&mut self, id: &str) -> Result<(), String> {
        let slot = self.slot(id).ok_or("no such slot")?;
        slot.status = match slot.issued {
            Some(_) => REFUNDED_ISSUED,
            None => REFUNDED,
        };
        self.refund(id);
        Ok(())
    }

    /// The authority revokes a certificate.
    pub fn revoke(&mut self, id: &str) -> Result<(), String> {
        let slot = self.slot(id).ok_or("no such slot")?;
        if slot.status != ISSUED {
            return Err(format!("slot {id} has no certificate"));
        }
        slot.status = REFUNDED_ISSUED;
        Ok(())
    }

    /// Slots that lists show by now.
    pub fn listed(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Slot> {
        let delay = self.switches.listing_delay;
        self.slots
            .iter()
            .filter(move |slot| slot.bought + delay <= now)
    }
}
