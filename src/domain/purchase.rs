//! What is to be bought, in words every vendor adapter understands.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use super::{
    Contact, DomainName, EmailAddress, IntentKey, Organization, TemplateCode, VendorOrderId,
};

/// A term in months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Months(pub u32);

/// How control of one name is proved (domain validation, DCV).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationMethod {
    /// A mail to an approver address.
    Email(EmailAddress),
    /// A file fetched over plain http.
    HttpFile,
    /// A file fetched over https.
    HttpsFile,
    /// A CNAME record.
    DnsCname,
    /// A TXT record.
    DnsTxt,
}

/// A name with the way in which control of it is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedValidation {
    /// The name as ordered, `*.` included.
    pub name: DomainName,
    /// The method.
    pub method: ValidationMethod,
}

/// Which of the three ordering operations this is (design, section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PurchaseKind {
    /// A first order.
    New,
    /// A renewal: a new term that follows an order.
    Renewal {
        /// The order being renewed.
        previous: VendorOrderId,
    },
    /// A new certificate inside a paid term.
    Reissue {
        /// The order that holds the term.
        order: VendorOrderId,
        /// Additional names of the certificate that is being replaced.
        former_names: Vec<DomainName>,
    },
}

/// One order as the domain knows it. Adapters map it to their wire in pure functions.
#[derive(Debug, Clone)]
pub struct Purchase {
    /// Client reference: the intent's key.
    pub key: IntentKey,
    /// First order, renewal or reissue.
    pub kind: PurchaseKind,
    /// Product code of the tariff.
    pub template: TemplateCode,
    /// The CSR as PEM, 64 columns, LF, label `CERTIFICATE REQUEST`.
    pub csr_pem: String,
    /// The name in the subject.
    pub common_name: DomainName,
    /// Additional names, without the common name, in the order in which they were entered, no duplicates.
    pub additional_names: Vec<DomainName>,
    /// Public IP addresses to be certified beside them; only for products that take them.
    pub addresses: Vec<IpAddr>,
    /// How many additional names and addresses were paid for (the tariff's addon); at least as many as are named.
    pub names_bought: u32,
    /// Term bought.
    pub term: Months,
    /// Validation of each name: the common name first, then the additional names in their order.
    /// Empty for products whose validation is the vendor's affair (OV, EV without approver).
    pub validation: Vec<NamedValidation>,
    /// Administrative contact.
    pub administrative: Contact,
    /// Technical contact.
    pub technical: Contact,
    /// Company; required by OV and EV products.
    pub organization: Option<Organization>,
    /// When the intent was written; vendors' listings are searched around it.
    pub since: DateTime<Utc>,
}
