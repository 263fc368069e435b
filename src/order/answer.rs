//! What a vendor may answer to the order core: outcomes of a paid call, of look-ups, states, files.

use chrono::{DateTime, Utc};

pub use crate::domain::Reference;
use crate::domain::text::Words;
use crate::domain::{DomainName, IntentKey, Money, Months, TemplateCode, VendorOrderId};
use crate::failure::{Failure, Reason};

/// What an adapter wants remembered between preparing and locating: at most 80 characters without
/// `|`, stored with the intent. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token(pub String);

/// What [`prepare`](super::port::CertificateAuthority::prepare) made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prepared {
    /// To be stored with the intent.
    pub token: Token,
    /// An order that exists already and would be used up instead of buying one. The core asks whose it
    /// is before anything is done with it.
    pub uses: Option<VendorOrderId>,
}

impl From<Token> for Prepared {
    fn from(token: Token) -> Self {
        Self { token, uses: None }
    }
}

/// What a paid call came to. There is no fifth outcome, and none of them follows from the kind of a
/// failure: the adapter says it.
#[derive(Debug)]
pub enum Submission {
    /// The vendor named the order.
    Placed(Placed),
    /// The vendor answered and refused: this call has bought nothing and will not.
    Refused(Failure),
    /// The request did not leave this machine. A later run prepares anew under the same key.
    NotSent(Failure),
    /// It may have been carried out.
    Unknown(Doubt),
}

/// Why the outcome of a paid call is not known.
#[derive(Debug)]
pub enum Doubt {
    /// No whole answer came.
    Lost(Failure),
    /// The vendor answered, and the answer proves neither an order nor a refusal.
    Unclear(Failure),
}

impl Doubt {
    /// The failure, with the vendor's words where it said any.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        match self {
            Self::Lost(failure) | Self::Unclear(failure) => failure,
        }
    }
}

/// How a paid call ended without an order. Lets an adapter use `?`: a failure of a read becomes none of
/// these by itself, so that a look after the paid call cannot claim that nothing was bought.
#[derive(Debug)]
pub enum Unplaced {
    /// As [`Submission::Refused`].
    Refused(Failure),
    /// As [`Submission::NotSent`].
    NotSent(Failure),
    /// As [`Submission::Unknown`].
    Unknown(Doubt),
}

impl Unplaced {
    /// The outcome when no whole answer came.
    #[must_use]
    pub fn lost(failure: Failure) -> Self {
        Self::Unknown(Doubt::Lost(failure))
    }

    /// The outcome when the answer proves nothing.
    #[must_use]
    pub fn unclear(failure: Failure) -> Self {
        Self::Unknown(Doubt::Unclear(failure))
    }

    /// The same in words, about the call of an intent.
    #[must_use]
    pub fn unknown(key: &IntentKey, why: Words) -> Self {
        let failure = Failure::new(Reason::OutcomeUnknown).value(key.as_str());
        Self::unclear(failure.detail(why))
    }
}

impl From<Result<Placed, Unplaced>> for Submission {
    fn from(outcome: Result<Placed, Unplaced>) -> Self {
        match outcome {
            Ok(placed) => Self::Placed(placed),
            Err(Unplaced::Refused(failure)) => Self::Refused(failure),
            Err(Unplaced::NotSent(failure)) => Self::NotSent(failure),
            Err(Unplaced::Unknown(doubt)) => Self::Unknown(doubt),
        }
    }
}

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

/// Why an order of the vendor's is the one that this service ordered (design, law 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It carries the intent's key.
    Reference,
    /// It has the number that the vendor issued for this very call beforehand, under our name.
    Number,
    /// It carries our CSR, and the account did not hold it before the call.
    Csr,
    /// The order that the service has already shows the change that was asked for.
    Change,
}

/// Orders that carry what proves one purchase, each with what it carries: more than one where a request was
/// delivered twice.
pub type Copies = Vec<(VendorOrderId, Proof)>;

/// An order that may be the one, and is not proved to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The vendor's number.
    pub order: VendorOrderId,
    /// The name it is for, where shown.
    pub name: Option<String>,
    /// When it was ordered, where shown.
    pub ordered: Option<DateTime<Utc>>,
    /// It carries our CSR.
    pub same_csr: bool,
}

impl Candidate {
    /// An order with its name, where shown.
    #[must_use]
    pub fn named(order: &str, name: Option<String>) -> Self {
        Self {
            order: VendorOrderId::new(order),
            name,
            ordered: None,
            same_csr: false,
        }
    }
}

impl std::fmt::Display for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.order)?;
        let ordered = self
            .ordered
            .map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        let csr = self.same_csr.then(|| "same CSR".to_owned());
        let told: Vec<String> = [self.name.clone(), ordered, csr]
            .into_iter()
            .flatten()
            .collect();
        if told.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", told.join(", "))
    }
}

/// The answer to "did it arrive".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Located {
    /// It did: this is the order, and why it is ours.
    Found(Placed, Proof),
    /// It did not, and it will not appear any more.
    NotPlaced,
    /// Nothing is proved, and something may still appear until then.
    TooEarly(DateTime<Utc>),
    /// The vendor shows no order under the number that it issued for this call. That is no proof, but the
    /// same number can be sent again without buying twice: only an ordering operation may do that.
    Resendable,
    /// These orders may be ours: nobody may say that nothing was bought before each of them is explained.
    Candidates(Vec<Candidate>),
    /// The vendor cannot tell, and shows no order that may be ours (those are [`Candidates`](Self::Candidates)): a
    /// person decides. The text says what was seen.
    CannotTell(Words),
}

/// The answer to "is there such an order already", before the first purchase (design, law 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// This order carries one of our references.
    Proved(Placed),
    /// This order carries one of our references, and another name: a database that was set back has given the
    /// number of its service out again.
    OtherName(Candidate, IntentKey),
    /// These orders carry our CSR or name and are not older than what was asked for.
    Candidates(Vec<Candidate>),
    /// There is none.
    Nothing,
    /// The vendor cannot show it; the text says why.
    Blind(Words),
}

impl Sought {
    /// A listing that cannot be read is blindness, not a failure.
    ///
    /// # Errors
    /// Every other failure.
    pub fn or_blind(outcome: Result<Self, Failure>) -> Result<Self, Failure> {
        match outcome {
            Err(failure) if failure.reason() == Reason::UnreadableAnswer => {
                Ok(Self::Blind(failure.particulars()))
            }
            outcome => outcome,
        }
    }
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
    /// The authority looks closer before it issues: nobody else can do anything.
    Held(String),
    /// Placed at the vendor, where the hoster has yet to pay for it; nothing goes on by itself.
    Unpaid(String),
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

impl Stage {
    /// The vendor's words, where it has any.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Pending(words)
            | Self::Held(words)
            | Self::Unpaid(words)
            | Self::Reissuing(words)
            | Self::Cancelled(words)
            | Self::Unknown(words) => words,
            Self::Issued | Self::Expired => "",
        }
    }
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
