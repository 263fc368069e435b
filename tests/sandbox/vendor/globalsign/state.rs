//! Orders, books and the account.

use chrono::{DateTime, Months, Utc};

use super::super::authority::{Authority, Content, Issued};
use super::super::csr::{Csr, Subject};
use super::super::{Sale, SaleKind};

/// How an order is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// Mail to this address.
    Email(String),
    /// TXT record with this content.
    Dns(String),
    /// File with this content.
    Url(String),
    /// Vetting by people.
    Vetting,
}

impl Proof {
    /// Whether it is a mail.
    pub fn is_by_mail(&self) -> bool {
        matches!(self, Self::Email(_))
    }

    /// What it is looked for by.
    pub fn looked_for(&self) -> Vec<String> {
        match self {
            Self::Email(text) | Self::Dns(text) | Self::Url(text) => vec![text.clone()],
            Self::Vetting => Vec::new(),
        }
    }
}

/// One order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Number.
    pub id: String,
    /// Product code as ordered.
    pub product: String,
    /// Wildcard common name.
    pub wildcard: bool,
    /// `New` or `Renewal`, as replies write it.
    pub kind: &'static str,
    /// Order this one renews.
    pub renewal_of: Option<String>,
    /// Order this one reissues.
    pub reissue_of: Option<String>,
    /// Common name.
    pub common_name: String,
    /// Additional names as sent, with their type.
    pub names: Vec<(String, String)>,
    /// Term.
    pub months: u32,
    /// Marker.
    pub sub_id: String,
    /// CSR.
    pub csr: Csr,
    /// Organization in the certificate.
    pub organization: Option<Subject>,
    /// Price in hundredths.
    pub price: i64,
    /// When it was placed.
    pub at: DateTime<Utc>,
    /// When it was changed.
    pub changed: DateTime<Utc>,
    /// When it was issued.
    pub completed: Option<DateTime<Utc>>,
    /// End of the paid term.
    pub term_end: DateTime<Utc>,
    /// Status number.
    pub status: u8,
    /// How it is proved.
    pub proof: Proof,
    /// The proof is published.
    pub published: bool,
    /// Domain control is proved.
    pub domain_done: bool,
    /// The organization is vetted; true for DV.
    pub organization_done: bool,
    /// Certificate.
    pub issued: Option<Issued>,
    /// Mails sent to the approver.
    pub mails: u32,
}

impl Order {
    /// Everything that is open has been done.
    pub fn is_ready(&self) -> bool {
        self.domain_done && self.organization_done
    }

    /// All names of the certificate.
    pub fn all_names(&self) -> Vec<String> {
        let mut names = vec![self.common_name.clone()];
        if let Some(base) = self.common_name.strip_prefix("*.") {
            names.extend([base.to_owned(), format!("www.{base}")]);
        } else if let Some(base) = self.common_name.strip_prefix("www.") {
            names.push(base.to_owned());
        }
        for (_, name) in &self.names {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// Everything the vendor remembers.
#[derive(Debug, Default)]
pub struct State {
    /// Orders in their sequence.
    pub orders: Vec<Order>,
    /// Books.
    pub sales: Vec<Sale>,
    /// Numbers handed out by approver lists with their name.
    pub numbers: Vec<(String, String)>,
    /// Account balance in hundredths.
    pub balance: i64,
    /// Last number.
    pub sequence: u32,
}

impl State {
    /// A fresh number.
    pub fn number(&mut self, now: DateTime<Utc>) -> String {
        self.sequence += 1;
        format!("CEXX{}{:06}", now.format("%y%m%d"), self.sequence)
    }

    /// An order by number.
    pub fn order(&self, id: &str) -> Option<&Order> {
        self.orders.iter().find(|order| order.id == id)
    }

    /// An order by number, to change it.
    pub fn order_mut(&mut self, id: &str) -> Option<&mut Order> {
        self.orders.iter_mut().find(|order| order.id == id)
    }

    /// Enters an order into the books and takes the money.
    pub fn book(&mut self, order: Order, kind: SaleKind) {
        self.balance -= order.price;
        self.sales.push(Sale {
            order: order.id.clone(),
            custom: order.sub_id.clone(),
            product: order.product.clone(),
            amount: order.price,
            at: order.at,
            kind,
            refunded: false,
        });
        self.orders.push(order);
    }

    /// Issues an order that is ready.
    pub fn issue(
        &mut self,
        id: &str,
        authority: &Authority,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let order = self.order_mut(id).ok_or("no such order")?;
        if order.issued.is_some() || !order.is_ready() || order.status > 2 {
            return Ok(());
        }
        let content = Content {
            common_name: order.common_name.clone(),
            names: order.all_names(),
            subject: order.organization.clone(),
            no_later_than: Some(order.term_end),
        };
        order.issued = Some(authority.issue(&order.csr, &content, now)?);
        order.status = 4;
        order.completed = Some(now);
        order.changed = now;
        Ok(())
    }

    /// Gives the money of an order back.
    pub fn refund(&mut self, id: &str) {
        for sale in self.sales.iter_mut().filter(|sale| sale.order == id) {
            if !sale.refunded {
                sale.refunded = true;
                self.balance += sale.amount;
            }
        }
    }
}

/// The end of a term that starts now.
pub fn term_end(now: DateTime<Utc>, months: u32) -> DateTime<Utc> {
    now.checked_add_months(Months::new(months)).unwrap_or(now)
}
