//! The simulated vendors: what they have in common.
//!
//! A vendor is a state machine behind the [`Vendor`] trait; [`VendorServer`] puts it on a loopback
//! port and breaks connections on demand. Nothing here uses the code under test, so that an error in
//! the adapters cannot hide behind the same error in the simulator.

pub mod authority;
pub mod buyer;
pub mod csr;
pub mod enom;
pub mod fault;
pub mod globalsign;
pub mod home;
pub mod ispmanager;
pub mod leadertelecom;
pub mod server;
mod strike;
pub mod table;
pub mod thesslstore;
pub mod tls;
mod wire;
pub mod xml;

use std::sync::Mutex;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

pub use fault::{FOREVER, Fault};
pub use home::Home;
pub use server::VendorServer;

/// From this day on no authority accepts proof by e-mail, nor uses an earlier one again (CA/Browser Forum, ballot SC-090).
pub const MAIL_ENDS: &str = "2028-03-15";

/// Whether proof by e-mail has ended.
pub fn mail_has_ended(now: DateTime<Utc>) -> bool {
    now.date_naive().to_string().as_str() >= MAIL_ENDS
}

/// Whoever answers a mail proves nothing any more.
pub fn mail_proves(is_by_mail: bool, now: DateTime<Utc>) -> Result<(), String> {
    match is_by_mail && mail_has_ended(now) {
        true => Err(format!("no proof by e-mail is accepted since {MAIL_ENDS}")),
        false => Ok(()),
    }
}

/// One simulated vendor.
pub trait Vendor: Send + Sync {
    /// Short name, also the module's name without `pm`.
    fn name(&self) -> &'static str;

    /// The vendor's own name of the call that a request makes: the key of faults and hit counters.
    fn call_name(&self, request: &VendorRequest) -> String;

    /// Does what the request asks and answers as the vendor would.
    fn handle(&self, request: &VendorRequest) -> VendorResponse;

    /// The vendor's own way to say "error" with status 200, without having done anything.
    fn refusal(&self, request: &VendorRequest) -> VendorResponse;

    /// The books: one entry per order that took money, reissues listed beside them.
    fn sales(&self) -> Vec<Sale>;

    /// How many entries the books have.
    fn sold(&self) -> usize;

    /// Requests that the documentation does not allow. Tests assert that this is empty.
    fn violations(&self) -> Vec<Violation>;

    /// All orders, oldest first.
    fn orders(&self) -> Vec<OrderView>;

    /// Lets validation of an order succeed; issues the certificate when nothing is open any more.
    fn approve(&self, order: &str, what: &Approval) -> Result<(), String>;

    /// A person has the vendor take something else than e-mail as the proof of an order from now on. How a reseller asks
    /// for it is not known.
    fn prove_otherwise(&self, order: &str) -> Result<(), String> {
        Err(format!("order {order} has no other method"))
    }

    /// Lets the certificate authority reject an order.
    fn fail(&self, order: &str, reason: &str) -> Result<(), String>;

    /// A person reissues the certificate of an order in the vendor's panel, with another request (empty: the same
    /// one), and proves what is to be proved.
    fn reissue_by_hand(&self, order: &str, csr: &str) -> Result<(), String>;

    /// A person cancels an order in the vendor's panel; the money comes back.
    fn cancel_by_hand(&self, order: &str) -> Result<(), String>;

    /// The certificate authority revokes the certificate of an order, and the vendor's list shows it. No money comes back.
    fn revoke(&self, _order: &str) -> Result<(), String> {
        Err("nothing is known of how this vendor shows it".to_owned())
    }

    /// A person or another billing system orders in the vendor's panel, like the last order but with this name and
    /// request (empty: one that nobody here knows). It shows in listings and in no books. Its number.
    fn order_by_hand(&self, common_name: &str, csr: &str) -> Result<String, String>;

    /// The vendor's clock.
    fn clock(&self) -> &VendorClock;

    /// Sets the account's balance in hundredths.
    fn set_balance(&self, cents: i64);

    /// The account's balance in hundredths.
    fn balance(&self) -> i64;

    /// Turns a named switch. Names and values are documented at each vendor.
    fn set_switch(&self, name: &str, value: &str) -> Result<(), String>;

    /// Settings of a processing module that talks to this vendor at `base` (scheme, host and port).
    /// The flag tells a secret.
    fn settings(&self, base: &str) -> Vec<(&'static str, String, bool)>;
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct VendorRequest {
    /// HTTP method, upper-case.
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Raw query, empty when there is none.
    pub query: String,
    /// Headers in their order, names lower-case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl VendorRequest {
    /// First header of that name (lower-case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as text; damaged characters are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// An answer before faults touch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorResponse {
    /// HTTP status.
    pub status: u16,
    /// Value of `Content-Type`.
    pub content_type: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl VendorResponse {
    /// An answer with status 200.
    pub fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::with_status(200, content_type, body)
    }

    /// An answer with any status.
    pub fn with_status(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type: content_type.to_owned(),
            headers: Vec::new(),
            body: body.into(),
        }
    }
}

/// Why money (or a certificate inside a term) changed hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaleKind {
    /// A new order.
    Order,
    /// A new order declared as a renewal of another one.
    Renewal,
    /// A further certificate inside a paid term; amount 0.
    Reissue,
}

/// One entry of the vendor's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sale {
    /// The vendor's order number.
    pub order: String,
    /// The client reference that came with the call, empty when there was none.
    pub custom: String,
    /// Product code.
    pub product: String,
    /// Hundredths of the account's currency.
    pub amount: i64,
    /// Vendor's clock.
    pub at: DateTime<Utc>,
    /// What it was.
    pub kind: SaleKind,
    /// The money was given back.
    pub refunded: bool,
}

impl Sale {
    /// Took money: counts for "ordered twice".
    pub fn is_paid(&self) -> bool {
        self.kind != SaleKind::Reissue
    }
}

/// A request that breaks the documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Call name.
    pub call: String,
    /// What was wrong; field names, never values of secrets.
    pub problem: String,
}

/// What a test wants to know of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderView {
    /// The vendor's order number.
    pub id: String,
    /// Client reference.
    pub custom: String,
    /// Product code.
    pub product: String,
    /// Common name.
    pub common_name: String,
    /// Additional names.
    pub names: Vec<String>,
    /// The vendor's status words.
    pub status: String,
    /// Serial number of the current certificate in lower-case hexadecimal.
    pub serial: Option<String>,
    /// The current certificate as PEM.
    pub certificate: Option<String>,
    /// The public key of its request in hexadecimal, empty when there is none yet.
    pub key: String,
    /// What the client's proof is looked for by, while it is: addresses that got a letter, contents of records and files.
    pub proofs: Vec<String>,
}

/// Which part of a validation succeeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approval {
    /// Everything that is open.
    All,
    /// One name.
    Name(String),
    /// The applicant (organization and extended validation).
    Organization,
}

/// A clock that runs with the real one, moved by tests.
#[derive(Debug, Default)]
pub struct VendorClock {
    offset: Mutex<TimeDelta>,
}

impl VendorClock {
    /// Now, whole seconds.
    pub fn now(&self) -> DateTime<Utc> {
        (Utc::now() + *lock(&self.offset)).trunc_subsecs(0)
    }

    /// Moves the clock, backwards too.
    pub fn advance(&self, by: TimeDelta) {
        *lock(&self.offset) += by;
    }

    /// Sets the distance to the real clock.
    pub fn set_offset(&self, offset: TimeDelta) {
        *lock(&self.offset) = offset;
    }
}

/// Locks even when a test thread died while it held the lock: the books stay readable.
pub fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
