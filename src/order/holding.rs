//! What an account holds already: for shops that move in with running services.

use chrono::{DateTime, NaiveDate, Utc};

use super::answer::Reference;
use crate::domain::{DomainName, Months, TemplateCode, VendorOrderId};

/// One order of an account as the vendor's listing shows it. Nothing in it is guessed: what the
/// vendor does not tell is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    /// The number that every later call needs.
    pub order: VendorOrderId,
    /// The product code as tariffs have it, where the vendor's word can be translated. Whether the module
    /// sells it is the caller's question.
    pub template: Option<TemplateCode>,
    /// The vendor's word for the product, for people.
    pub product: String,
    /// The common name, where told.
    pub common_name: Option<DomainName>,
    /// The vendor says that its certificate can be fetched and is in force.
    pub issued: bool,
    /// The vendor's word for the state, for people.
    pub state: String,
    /// Months that were bought, where told.
    pub term: Option<Months>,
    /// End of the paid term, where only the listing tells it: a reissue may show nothing but its own date.
    pub term_end: Option<DateTime<Utc>>,
    /// Further numbers.
    pub references: Vec<(Reference, String)>,
}

/// What the vendor's list shows of an order that ended although its certificate was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The certificate is revoked or about to be; the order may be reissued.
    Revoked,
    /// The same, and the order is not reissued.
    ForGood,
    /// The order is cancelled or paid back and is not reissued; of its certificate nothing is said.
    Cancelled,
}

/// An order that the vendor's list shows as ended although its certificate was issued: revoked, about to be, or paid
/// back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// The number that every later call needs.
    pub order: VendorOrderId,
    /// What that means for its certificate.
    pub ended: Ended,
    /// The vendor's word for the state, for people.
    pub words: String,
    /// The day of it, where the list shows one.
    pub day: Option<NaiveDate>,
}
