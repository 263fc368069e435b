//! The port to certificate authorities: one trait, one folder per vendor (design, section 4).

mod account;
pub mod enom;
pub mod globalsign;
mod holding;
pub mod http;
pub mod ispmanager;
pub mod leadertelecom;
pub mod overrides;
pub mod thesslstore;

/// The simulated vendors, for tests of adapters against them; they share no code with any adapter.
#[cfg(test)]
pub(crate) use pmssl_sandbox::vendor;

use std::time::Duration;

pub use holding::Holding;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::{
    Addon, DomainName, EmailAddress, Money, Months, Purchase, Settings, TemplateCode,
    ValidationMethod, VendorOrderId,
};
use crate::failure::Failure;

/// A vendor, as the order core sees it.
///
/// Every method either answers what its type says or fails with a [`Failure`] whose kind tells what
/// to do next. Optional abilities are declared in [`Abilities`]; a method of an undeclared ability
/// answers [`crate::failure::Reason::NotSupported`] by default.
#[async_trait(?Send)]
pub trait CertificateAuthority {
    /// What this vendor can do, for all its products.
    fn abilities(&self) -> &'static Abilities;

    /// Tries reach and credentials. Costs nothing.
    async fn check(&self) -> Result<(), Failure>;

    /// Everything the vendor can say about an order before it is paid for: CSR accepted, parameters
    /// complete, price known and covered by the balance. Costs nothing and changes nothing; a failure
    /// means that nothing must be bought. What cannot be asked is not a failure.
    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure>;

    /// Makes what must exist before the paid call: an order number issued by the vendor, a picture of
    /// what the account already holds, or nothing.
    async fn prepare(&self, purchase: &Purchase) -> Result<Token, Failure>;

    /// **The call that orders.** Sent at most once per intent; [`OrderingPermit`] can only be made by
    /// `order::place`. `Rejected`, `Auth`, `Funds`, `Input`, `NotSupported` and `Transient` failures
    /// promise that nothing was bought and that nothing will be; everything else is `Unknown`. After
    /// `Transient` the same token is used again, after the others a new attempt prepares anew.
    async fn submit(
        &self,
        purchase: &Purchase,
        token: &Token,
        permit: OrderingPermit,
    ) -> Result<Placed, Failure>;

    /// Whether a purchase has steps after paying that [`continue_order`](Self::continue_order) makes.
    fn has_later_steps(&self) -> bool {
        false
    }

    /// Makes the steps of a purchase that come after paying: idempotent, goes on at the first open one.
    /// Called once the order's number is stored, and again by every later run until the certificate is
    /// there.
    async fn continue_order(&self, _order: &OrderRef, _purchase: &Purchase) -> Result<(), Failure> {
        Ok(())
    }

    /// Purchases of one account cannot be told apart at this vendor: whoever prepares, submits or
    /// locates holds a lock on the account from `prepare` until the order's id is stored, and an order
    /// found by `locate` must not belong to another item.
    fn orders_one_at_a_time(&self) -> bool {
        false
    }

    /// Whether an addon of a service sells additional names at this vendor.
    fn sells_names(&self, addon: &Addon) -> bool {
        addon.names
    }

    /// Whether what each addon sold covers the names of an order, for vendors that bill names by kind.
    /// The sum is checked by the caller. No network.
    ///
    /// # Errors
    /// The kind of which too few were ordered.
    fn check_addons(
        &self,
        _common_name: &DomainName,
        _additional: &[DomainName],
        _addons: &[Addon],
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// Finds out whether an earlier [`submit`](Self::submit) arrived. `since` is when the intent was
    /// marked as sent, `now` the clock of this run.
    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure>;

    /// The state of an order.
    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure>;

    /// The files of an issued certificate, as the vendor gives them.
    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure>;

    /// Approver addresses the vendor allows for one name.
    async fn approvers(
        &self,
        _template: &TemplateCode,
        _name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        Err(self.cannot("approver"))
    }

    /// Cancels the order, inside the vendor's window only.
    async fn cancel(
        &self,
        _order: &OrderRef,
        _now: DateTime<Utc>,
    ) -> Result<Cancellation, Failure> {
        Err(self.cannot("cancel"))
    }

    /// Changes how one name of a pending order is validated (or, with the same address, sends the mail again).
    async fn change_validation(
        &self,
        _order: &OrderRef,
        _name: &DomainName,
        _method: &ValidationMethod,
    ) -> Result<(), Failure> {
        Err(self.cannot("change validation"))
    }

    /// Asks the vendor to look at the published validation data now.
    async fn verify_now(&self, _order: &OrderRef, _name: &DomainName) -> Result<(), Failure> {
        Err(self.cannot("verify now"))
    }

    /// The account's balance.
    async fn balance(&self) -> Result<Money, Failure> {
        Err(self.cannot("balance"))
    }

    /// What the vendor sells to this account, with prices.
    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        Err(self.cannot("products"))
    }

    /// The way to the vendor: it hears the vendor's clock and its wish for a pause. `None` for a vendor
    /// that is not reached over HTTP.
    fn way(&self) -> Option<&http::Http> {
        None
    }

    /// All orders that the account holds, for moving in with running services. Costs nothing and
    /// changes nothing.
    async fn holdings(&self, _now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        Err(self.cannot("import"))
    }

    /// The order that carries a client reference; `None` when the vendor knows none. Not a proof that
    /// nothing was bought.
    async fn by_reference(&self, _reference: &str) -> Result<Option<Placed>, Failure> {
        Err(self.cannot("look-up by client reference"))
    }

    /// Where the vendor is called, for messages and connection checks; `None` when the adapter does
    /// not tell.
    fn endpoint(&self) -> Option<&http::Url> {
        None
    }

    /// The calls that change nothing, cost nothing and are known to be harmless, each with its raw
    /// answer (status, type, body): what `pmssl capture` records. Answers may hold secrets and personal
    /// data: the caller masks them.
    async fn harmless_reads(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        vec![("capture", Err(self.cannot("capture")))]
    }

    /// The failure of an ability the vendor does not have.
    fn cannot(&self, operation: &str) -> Failure {
        Failure::field(crate::failure::Reason::NotSupported, operation)
            .detail(format!("{} has no such call", self.abilities().vendor))
    }
}

/// What a vendor can do. A gap is declared here, shown in the README's table and honoured by the
/// contract suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// The vendor's name for people.
    pub vendor: &'static str,
    /// Lists approver addresses.
    pub approvers: bool,
    /// Sells renewals that refer to the previous order.
    pub renewal: bool,
    /// Reissues a certificate inside its term.
    pub reissue: bool,
    /// Cancels or takes refund requests.
    pub cancel: bool,
    /// Changes or resends validation of a pending order.
    pub change_validation: bool,
    /// Verifies published data on demand.
    pub verify_now: bool,
    /// Tells the balance.
    pub balance: bool,
    /// Lists products.
    pub products: bool,
    /// How long after sending an order may still appear in the vendor's look-ups. Before that, "not
    /// found" is not proof that nothing was bought.
    pub settle_time: Duration,
}

/// Proof that the caller is the order core, about to send a paid call whose intent is stored.
#[derive(Debug)]
pub struct OrderingPermit(());

impl OrderingPermit {
    /// Only `order::place` calls this, after the intent has been stored as sent.
    pub(crate) fn after_intent_was_stored() -> Self {
        Self(())
    }
}

/// What an adapter wants remembered between preparing and locating: at most 80 characters without
/// `|`, stored with the intent. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token(pub String);

/// An order that exists at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The number that every later call needs.
    pub order: VendorOrderId,
    /// Further numbers worth keeping.
    pub references: Vec<(Reference, String)>,
    /// What the client has to publish, when the answer already told.
    pub validation: Vec<ValidationRecord>,
    /// A remark for log and people, e.g. that the order is held for review.
    pub remark: Option<String>,
}

/// Further numbers of an order; the module's descriptor says which item parameter keeps which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// The client reference that was sent: the intent's key, where the vendor takes one.
    Client,
    /// The reseller-side number, when it differs from the order number.
    Partner,
    /// The certificate authority's own number behind a reseller.
    Authority,
}

/// An order as stored with the item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRef {
    /// The vendor's order number.
    pub order: VendorOrderId,
    /// The product, for vendors whose calls differ by product.
    pub template: TemplateCode,
    /// The current CSR as PEM, for vendors that answer with several certificates.
    pub csr_pem: Option<String>,
}

/// The answer to "did it arrive".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// It did: this is the order.
    Found(Placed),
    /// It did not, and it will not appear any more.
    NotPlaced,
    /// Nothing found, but the vendor's settle time is not over: ask again after it.
    TooEarly,
    /// The vendor cannot tell: a person decides. The text says what was seen.
    CannotTell(String),
}

/// What a status look-up says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// What the client has to publish or answer, where the vendor tells.
    pub validation: Vec<ValidationRecord>,
    /// End of the paid term, where the vendor tells (not the certificate's end).
    pub term_end: Option<DateTime<Utc>>,
    /// The certificate authority's own number, where it has become known.
    pub references: Vec<(Reference, String)>,
}

/// Where an order stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Waiting; the text says for what, in the vendor's words.
    Pending(String),
    /// The vendor says that a certificate can be fetched. Not proof of issue.
    Issued,
    /// A reissue runs; the former certificate stays valid.
    Reissuing(String),
    /// Cancelled, rejected or refunded: no certificate will come.
    Cancelled(String),
    /// The order is over.
    Expired,
    /// A word that is not in the table: treated as pending, with a warning.
    Unknown(String),
}

/// What a client has to do for one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidationRecord {
    /// The name.
    pub name: DomainName,
    /// What to publish or answer.
    pub task: ValidationTask,
    /// The vendor says that this name is done.
    pub done: bool,
}

/// The thing to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationTask {
    /// Answer the mail sent to this address.
    Email(String),
    /// Put this content at this address.
    File {
        /// Full address of the file.
        url: String,
        /// Content, byte for byte.
        content: String,
    },
    /// Publish a CNAME record.
    Cname {
        /// Record name.
        name: String,
        /// Record value.
        value: String,
    },
    /// Publish a TXT record.
    Txt {
        /// Record name.
        name: String,
        /// Record value.
        value: String,
    },
}

/// Files of a certificate as downloaded: each may hold any number of PEM blocks, a PKCS#7 or text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VendorFiles {
    /// Name and content.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What came of a cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancellation {
    /// The vendor took the request; the text carries its number or words.
    Requested(String),
    /// The order is dead already.
    AlreadyDead,
    /// The vendor's window is over: nothing was asked.
    WindowOver,
}

/// One product of the vendor's price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Product code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Prices by term.
    pub prices: Vec<Price>,
}

/// The price of one term of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Term.
    pub term: Months,
    /// Price of the term.
    pub amount: Money,
    /// Price of each additional name, where the vendor tells.
    pub per_additional_name: Option<Money>,
    /// Price of each additional wildcard name, where the vendor tells.
    pub per_wildcard_name: Option<Money>,
}

/// How to reach a vendor from this machine, common to all modules.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// PEM file of root certificates trusted beside the built-in ones.
    pub extra_roots: Option<std::path::PathBuf>,
    /// Explicit proxy; the environment's proxy variables are ignored.
    pub proxy: Option<String>,
    /// How long to wait for vendors.
    pub timeouts: Timeouts,
    /// The module's file of corrections to its vendor's table: `etc/pmssl/<module>.conf` under the
    /// platform root. It need not exist.
    pub overrides: Option<std::path::PathBuf>,
}

/// How long to wait for vendors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// A whole read call.
    pub read: Duration,
    /// A whole paid call: resellers pass orders on to the authority before they answer.
    pub once: Duration,
    /// The first pause before a read is repeated; later ones are longer.
    pub pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(60),
            once: Duration::from_secs(150),
            pause: Duration::from_secs(1),
        }
    }
}

/// Modules whose adapter exists: the arms of [`connect`].
pub const CONNECTED: &[&str] = &[
    "pmenomssl",
    "pmglobalsign",
    "pmispmgrssl",
    "pmleadertelecom",
    "pmthesslstore",
];

/// A way to come by the adapter of a module: [`connect`], or a vendor in memory.
pub type Connect = fn(&str, &Settings, &Reach) -> Result<Box<dyn CertificateAuthority>, Failure>;

/// Builds the adapter of a module from an account's settings. No network.
///
/// # Errors
/// Missing or malformed settings by field name; modules whose adapter does not exist yet.
pub fn connect(
    module: &str,
    settings: &Settings,
    reach: &Reach,
) -> Result<Box<dyn CertificateAuthority>, Failure> {
    match module {
        "pmenomssl" => Ok(Box::new(enom::Enom::new(settings, reach)?)),
        "pmglobalsign" => Ok(Box::new(globalsign::GlobalSign::connect(settings, reach)?)),
        "pmispmgrssl" => Ok(Box::new(ispmanager::Ispmanager::new(settings, reach)?)),
        "pmleadertelecom" => Ok(Box::new(leadertelecom::LeaderTelecom::new(
            settings, reach,
        )?)),
        "pmthesslstore" => Ok(Box::new(thesslstore::TheSslStore::new(settings, reach)?)),
        _ => Err(Failure::field(crate::failure::Reason::NotSupported, module)
            .detail("this version cannot order from this vendor yet")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;
    use crate::module::MODULES;

    #[test]
    fn the_list_of_connected_modules_tells_the_truth() {
        for module in MODULES {
            let failure = connect(module.name, &Settings::default(), &Reach::default()).err();
            let connected = failure.is_none_or(|failure| failure.reason() != Reason::NotSupported);
            assert_eq!(
                connected,
                CONNECTED.contains(&module.name),
                "{}",
                module.name
            );
        }
    }
}
