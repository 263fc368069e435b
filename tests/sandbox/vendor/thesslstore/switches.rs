//! Behaviour of the simulated store that tests choose: mostly what no source establishes
//! (thesslstore.md 15), so that the adapter meets every possibility.

use super::super::authority::LineEnds;

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
    /// `OrderExpiryDate` is .NET's last date, which means none.
    pub no_expiry: bool,
    /// `OrderExpiryDate` is a day that nobody sells a term to.
    pub far_expiry: bool,
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
            no_expiry: false,
            far_expiry: false,
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
            "no_expiry" => self.no_expiry = flag?,
            "far_expiry" => self.far_expiry = flag?,
            "refund_at_once" => self.refund_at_once = flag?,
            "carry_over" => self.carry_over = flag?,
            _ => return Err(format!("no switch is called {name}")),
        }
        Ok(())
    }
}
