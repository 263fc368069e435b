//! What the simulated store remembers: orders, books, switches.

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde_json::Value;

use super::super::authority::{Authority, Content, Issued, LineEnds};
use super::super::csr::{Csr, Subject};
use super::super::{Approval, Sale, SaleKind, Violation};
use super::products::{Level, Names, Product};

/// How strictly requests are held against the field tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// A deviation is recorded and the call answered with an error.
    #[default]
    Refuse,
    /// A deviation is recorded; the call goes on, as on the real wire.
    Record,
    /// Deviations are ignored.
    Ignore,
}

/// When `user/accountdetail` says `isError: true` although it worked (4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountError {
    /// Unless the request carries a nested `AuthRequest`, too.
    #[default]
    UnlessNested,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Shape of `AccountBalance` (4.4: not known).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BalanceShape {
    /// A JSON number.
    Number,
    /// `"1234.50"`.
    #[default]
    Text,
    /// `"$1,234.50"`.
    Decorated,
    /// No such field.
    Missing,
    /// Something that is no amount.
    Words,
}

/// How the server wants the CSR written (5.2: conflicting evidence).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CsrEncoding {
    /// Raw PEM.
    #[default]
    Raw,
    /// The server decodes it like a form value.
    Percent,
    /// Both work.
    Either,
}

/// Which of two spellings the server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// Both.
    #[default]
    Either,
    /// Only the first: long tokens, DigiCert words.
    First,
    /// Only the second: short tokens, addresses.
    Second,
}

/// Format of the `…InUTC` dates (7.3: not confirmed).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UtcDates {
    /// As the local ones.
    #[default]
    Culture,
    /// `2026-08-01T13:50:20`.
    Iso,
    /// `/Date(ms)/`.
    Milliseconds,
}

/// Name of the leaf's file in a download (8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LeafName {
    /// From the common name.
    #[default]
    CommonName,
    /// From the CA's order number.
    VendorOrder,
    /// `ServerCertificate.cer`.
    Server,
}

/// Behaviour that tests choose.
#[derive(Debug, Clone)]
pub struct Switches {
    /// Field tables.
    pub strictness: Strictness,
    /// `order/query` rejects a wrong `AuthToken`; the vendor's sandbox does not (4.2).
    pub query_checks_token: bool,
    /// See [`AccountError`].
    pub account_error: AccountError,
    /// See [`BalanceShape`].
    pub balance_shape: BalanceShape,
    /// See [`CsrEncoding`].
    pub csr_encoding: CsrEncoding,
    /// Approver lists contain the known useless entries.
    pub approver_noise: bool,
    /// `ApproverEmail` of DigiCert products: word or address.
    pub digicert_approver: Choice,
    /// Per-name tokens of multi-domain products: long or short.
    pub tokens: Choice,
    /// `order/status` answers an unknown id with nulls instead of an error.
    pub unknown_as_nulls: bool,
    /// Seconds until an order appears in `order/query` and under its `CustomOrderID`.
    pub listing_delay: i64,
    /// Replaces the status words of all orders in answers.
    pub status_word: Option<(String, String)>,
    /// `MajorStatus` of an order that waits.
    pub waiting_word: String,
    /// Line ends of certificate files.
    pub line_ends: LineEnds,
    /// See [`LeafName`].
    pub leaf_name: LeafName,
    /// See [`UtcDates`].
    pub utc_dates: UtcDates,
    /// `TheSSLStoreOrderID` as a JSON number.
    pub numeric_ids: bool,
    /// `order/neworder` sells and answers an error that carries the order's id (11).
    pub error_with_id: bool,
    /// Errors of list calls come as a bare object.
    pub bare_list_errors: bool,
    /// `order/download` during a reissue fails instead of giving the old certificate.
    pub no_download_while_reissuing: bool,
    /// Seconds after which everything open is approved by itself.
    pub auto_approve: Option<i64>,
    /// Refund requests are granted at once instead of by staff.
    pub refund_at_once: bool,
    /// A renewal adds the old order's remaining days to its own term.
    pub carry_over: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            strictness: Strictness::default(),
            query_checks_token: false,
            account_error: AccountError::default(),
            balance_shape: BalanceShape::default(),
            csr_encoding: CsrEncoding::default(),
            approver_noise: true,
            digicert_approver: Choice::default(),
            tokens: Choice::default(),
            unknown_as_nulls: false,
            listing_delay: 0,
            status_word: None,
            waiting_word: "Pending".to_owned(),
            line_ends: LineEnds::default(),
            leaf_name: LeafName::default(),
            utc_dates: UtcDates::default(),
            numeric_ids: false,
            error_with_id: false,
            bare_list_errors: false,
            no_download_while_reissuing: false,
            auto_approve: None,
            refund_at_once: false,
            carry_over: false,
        }
    }
}

impl Switches {
    /// Sets a switch by the name of its field; flags take `on` and `off`.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let flag = match value {
            "on" => Ok(true),
            "off" => Ok(false),
            other => Err(format!("{other} is neither on nor off")),
        };
        let odd = || format!("{name} cannot be {value}");
        let choice = |first: &str, second: &str| match value {
            "either" => Ok(Choice::Either),
            word if word == first => Ok(Choice::First),
            word if word == second => Ok(Choice::Second),
            _ => Err(odd()),
        };
        match name {
            "strictness" => {
                self.strictness = match value {
                    "refuse" => Strictness::Refuse,
                    "record" => Strictness::Record,
                    "ignore" => Strictness::Ignore,
                    _ => return Err(odd()),
                }
            }
            "query_checks_token" => self.query_checks_token = flag?,
            "account_error" => {
                self.account_error = match value {
                    "unless-nested" => AccountError::UnlessNested,
                    "always" => AccountError::Always,
                    "never" => AccountError::Never,
                    _ => return Err(odd()),
                }
            }
            "balance_shape" => {
                self.balance_shape = match value {
                    "number" => BalanceShape::Number,
                    "text" => BalanceShape::Text,
                    "decorated" => BalanceShape::Decorated,
                    "missing" => BalanceShape::Missing,
                    "words" => BalanceShape::Words,
                    _ => return Err(odd()),
                }
            }
            "csr_encoding" => {
                self.csr_encoding = match value {
                    "raw" => CsrEncoding::Raw,
                    "percent" => CsrEncoding::Percent,
                    "either" => CsrEncoding::Either,
                    _ => return Err(odd()),
                }
            }
            "approver_noise" => self.approver_noise = flag?,
            "digicert_approver" => self.digicert_approver = choice("words", "address")?,
            "tokens" => self.tokens = choice("long", "short")?,
            "unknown_as_nulls" => self.unknown_as_nulls = flag?,
            "listing_delay" => self.listing_delay = value.parse().map_err(|_| odd())?,
            "status_word" => {
                self.status_word = (!value.is_empty()).then(|| {
                    let (major, minor) = value.split_once('/').unwrap_or((value, ""));
                    (major.to_owned(), minor.to_owned())
                });
            }
            "waiting_word" => self.waiting_word = value.to_owned(),
            "line_ends" => {
                self.line_ends = match value {
                    "lf" => LineEnds::Lf,
                    "crlf" => LineEnds::CrLf,
                    _ => return Err(odd()),
                }
            }
            "leaf_name" => {
                self.leaf_name = match value {
                    "common-name" => LeafName::CommonName,
                    "vendor-order" => LeafName::VendorOrder,
                    "server" => LeafName::Server,
                    _ => return Err(odd()),
                }
            }
            "utc_dates" => {
                self.utc_dates = match value {
                    "culture" => UtcDates::Culture,
                    "iso" => UtcDates::Iso,
                    "milliseconds" => UtcDates::Milliseconds,
                    _ => return Err(odd()),
                }
            }
            "numeric_ids" => self.numeric_ids = flag?,
            "error_with_id" => self.error_with_id = flag?,
            "bare_list_errors" => self.bare_list_errors = flag?,
            "no_download_while_reissuing" => self.no_download_while_reissuing = flag?,
            "auto_approve" => {
                self.auto_approve = match value {
                    "off" => None,
                    seconds => Some(seconds.parse().map_err(|_| odd())?),
                }
            }
            "refund_at_once" => self.refund_at_once = flag?,
            "carry_over" => self.carry_over = flag?,
            _ => return Err(format!("no switch is called {name}")),
        }
        Ok(())
    }
}

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
}

impl Order {
    /// End of the paid term.
    pub fn term_end(&self) -> DateTime<Utc> {
        self.purchased + Months::new(self.months) + TimeDelta::days(self.bonus_days)
    }

    /// Major and minor status.
    pub fn status(&self, now: DateTime<Utc>, waiting: &str) -> (String, String) {
        let (major, minor) = match (&self.cancelled, &self.certificate, &self.pending) {
            (Some(minor), _, _) => ("Cancelled", minor.as_str()),
            (None, Some(_), Some(_)) => ("Active", "PENDING_REISSUE"),
            (None, Some(_), None) if now >= self.term_end() => ("Expired", ""),
            (None, Some(_), None) => ("Active", ""),
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
        order.pending = None;
        order.activated.get_or_insert(now);
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
