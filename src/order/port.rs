//! The port to certificate authorities: what the order core asks of a vendor (design, section 4). It belongs
//! to the core: adapters know it, it knows none of them.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use super::answer::{
    Cancellation, Candidate, Copies, Doubt, Located, Offer, OrderRef, Placed, Prepared, Price,
    Progress, Proof, Reference, Sought, Stage, Submission, Token, Unplaced, ValidationRecord,
    ValidationTask, VendorFiles,
};
pub use super::holding::{Ended, Holding, Revoked};
pub use super::place::Permit;
use crate::domain::{
    Addon, DomainName, EmailAddress, IntentKey, Money, Purchase, TemplateCode, ValidationMethod,
    VendorOrderId,
};
use crate::failure::Failure;

/// What is looked for before the first purchase.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The purchase that would be made.
    pub purchase: &'a Purchase,
    /// Client references that the order may carry: those of the coming attempt and of some after it.
    pub references: Vec<IntentKey>,
    /// Orders that were shown before and are not meant: over, somebody else's, or a question already. What else carries
    /// the same reference is asked for.
    pub passed: Vec<VendorOrderId>,
    /// Older orders are not meant.
    pub from: DateTime<Utc>,
    /// The clock of this run.
    pub now: DateTime<Utc>,
}

impl Wanted<'_> {
    /// Whether an order with this number may be meant.
    #[must_use]
    pub fn may_be(&self, order: &str) -> bool {
        self.passed.iter().all(|passed| passed.as_str() != order)
    }
}

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

    /// Makes what must exist before the paid call: an order number issued by the vendor, a snapshot of
    /// what the account already holds, or nothing. Orders in `taken` are other services': none of them
    /// may be used up.
    async fn prepare(
        &self,
        purchase: &Purchase,
        taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure>;

    /// Looks whether such an order exists already: a database that lost its last writes does not know of
    /// it (design, law 4). Costs nothing and changes nothing.
    ///
    /// # Errors
    /// The account cannot be asked at all; a listing that cannot be read is [`Sought::Blind`].
    async fn seek(&self, _wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        Ok(Sought::Blind(words!(
            "{} has no look-up for orders that exist already",
            "у {} нет поиска уже существующих заказов",
            self.abilities().vendor
        )))
    }

    /// **The call that orders.** Sent at most once per intent: the permit can only be made by
    /// `order::place` and is used up by the one paid request.
    async fn submit(&self, purchase: &Purchase, token: &Token, permit: Permit) -> Submission;

    /// Whether the order that an answer named is the one that was bought. Asked before the number becomes
    /// the service's, for vendors whose answers may name other things. Costs nothing.
    ///
    /// # Errors
    /// It cannot be found out now; the number is kept and asked about again.
    async fn confirm(
        &self,
        _purchase: &Purchase,
        _token: &Token,
        _order: &VendorOrderId,
    ) -> Result<bool, Failure> {
        Ok(true)
    }

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

    /// Whether the vendor puts an additional name into the certificate unasked, so that nobody has to buy it.
    fn comes_by_itself(&self, _common_name: &DomainName, _name: &DomainName) -> bool {
        false
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
        _addresses: &[std::net::IpAddr],
        _addons: &[Addon],
    ) -> Result<(), Failure> {
        Ok(())
    }

    /// Finds out whether an earlier [`submit`](Self::submit) arrived. `since` is when the intent was
    /// marked as sent, `now` the clock of this run. It holds no permit: looking never buys.
    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure>;

    /// Whether this vendor's listings show what [`copies`](Self::copies) looks for.
    fn shows_copies(&self) -> bool {
        false
    }

    /// All orders that carry what proves a purchase that was made: its own, and any other that came of the same
    /// request delivered twice. `None` where the vendor's listings cannot show it. Never for a reissue. A
    /// listing that cannot be read shows none.
    async fn copies(
        &self,
        _purchase: &Purchase,
        _token: &Token,
        _since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        Ok(None)
    }

    /// Whether a purchase carries nothing of ours before a later step, so that no listing can prove whose it is:
    /// [`alongside`](Self::alongside) shows what came with one.
    fn sells_blank(&self) -> bool {
        false
    }

    /// Orders of the product and term of a purchase that was made which came no later than it, are in no snapshot of
    /// before and carry no name yet; its `own` one among them, where the listing shows that. Nothing proves whose the
    /// others are. `None` where nothing can be compared. Asked under the login's lock; never for a reissue.
    ///
    /// # Errors
    /// The account cannot be asked.
    async fn alongside(
        &self,
        _purchase: &Purchase,
        _token: &Token,
        _since: DateTime<Utc>,
        _own: &VendorOrderId,
    ) -> Result<Option<Vec<VendorOrderId>>, Failure> {
        Ok(None)
    }

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

    /// The vendor's clock, as its latest answer told it and with the time since then; `None` before one.
    fn vendors_time(&self) -> Option<DateTime<Utc>> {
        None
    }

    /// All orders that the account holds, for moving in with running services. Costs nothing and
    /// changes nothing.
    async fn holdings(&self, _now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        Err(self.cannot("import"))
    }

    /// The orders that the account's list shows as ended after their certificates were issued. Lists by date of change are
    /// asked for what has changed since; others show all. Costs nothing and changes nothing.
    async fn revoked(
        &self,
        _since: DateTime<Utc>,
        _now: DateTime<Utc>,
    ) -> Result<Vec<Revoked>, Failure> {
        Err(self.cannot("list of revoked orders"))
    }

    /// The order that carries a client reference; `None` when the vendor knows none. Not a proof that
    /// nothing was bought.
    async fn by_reference(&self, _reference: &str) -> Result<Option<Placed>, Failure> {
        Err(self.cannot("look-up by client reference"))
    }

    /// Where the vendor is called, for messages and connection checks; `None` when the adapter does
    /// not tell.
    fn endpoint(&self) -> Option<&reqwest::Url> {
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
        Failure::field(crate::failure::Reason::NotSupported, operation).detail(words!(
            "the API of {} has no such call",
            "в API {} нет такого вызова",
            self.abilities().vendor
        ))
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
    /// A renewal goes on under the number of the order that it renews.
    pub renews_in_place: bool,
    /// Reissues a certificate inside its term.
    pub reissue: bool,
    /// A reissue may be proved by another method than its order was: the request carries it.
    pub reissue_takes_method: bool,
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
    /// Lists the orders whose certificates were revoked.
    pub lists_revoked: bool,
    /// A look at an order with a certificate tells the end of the paid term.
    pub tells_term: bool,
    /// How long after sending an order may still appear in the vendor's look-ups. Before that, "not
    /// found" is not proof that nothing was bought.
    pub settle_time: Duration,
    /// After the settle time, absence from the look-ups proves that nothing was bought.
    pub absence_proves: bool,
    /// What the client has to publish is told by the order's answer only, never by a look-up.
    pub validation_told_once: bool,
}
