//! What every request is made of: text, header, operation. An optional element that is not used is left
//! out, never sent empty or nil (globalsign.md 3).

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

use super::order::{DvOrder, EvOrder, OvOrder, ProofOrder, ReIssue};
use super::query::{
    AccountSnapshot, ChangeApproverEmail, DateRange, DnsForIssue, GetCertificateOrders,
    GetDvApproverList, GetOrderByOrderId, ModifyOrder, ResendEmail, UrlForIssue,
    ValidateOrderParameters,
};

/// Text of an element: characters that XML 1.0 cannot carry are dropped when it is made, markup is
/// escaped when it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Text(String);

impl Text {
    pub(crate) fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().chars().filter(|c| is_xml(*c)).collect())
    }

    /// A text of one line: blanks and line breaks become single spaces.
    pub(crate) fn line(text: impl AsRef<str>) -> Self {
        let words: Vec<_> = text.as_ref().split_whitespace().collect();
        Self::new(words.join(" "))
    }

    /// A line; `None` when it is empty.
    pub(crate) fn filled(text: impl AsRef<str>) -> Option<Self> {
        let text = Self::line(text);
        (!text.0.is_empty()).then_some(text)
    }

    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters of XML 1.0; a carriage return is dropped as well, since a parser turns it into a line
/// feed.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && !('\u{7f}'..='\u{9f}').contains(&c)
}

/// Who asks. The same content stands under two names (globalsign.md 2).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Header {
    #[serde(rename = "AuthToken")]
    token: AuthToken,
}

impl Header {
    pub(crate) fn new(user: &str, password: SecretString) -> Self {
        Self {
            token: AuthToken {
                user: UserName(Text::new(user)),
                password: Password(password),
            },
        }
    }
}

#[derive(Debug, Clone, Serialize)]
struct AuthToken {
    #[serde(rename = "UserName")]
    user: UserName,
    #[serde(rename = "Password")]
    password: Password,
}

#[derive(Clone, Serialize)]
struct UserName(Text);

impl std::fmt::Debug for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Leaves its wrapper only on the way to the wire.
#[derive(Debug, Clone)]
struct Password(SecretString);

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Text::new(self.0.expose_secret()).serialize(serializer)
    }
}

/// The content of every operation element.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Request<T> {
    #[serde(rename = "Request")]
    pub(crate) request: T,
}

/// One call: the operation element and what it holds.
#[derive(Debug, Clone, Serialize)]
pub(crate) enum Call {
    #[serde(rename = "v1:GetDVApproverList")]
    GetDvApproverList(Request<GetDvApproverList>),
    #[serde(rename = "v1:DVOrder")]
    DvOrder(Request<DvOrder>),
    #[serde(rename = "v1:DVDNSOrder")]
    DvDnsOrder(Request<ProofOrder>),
    #[serde(rename = "v1:URLVerification")]
    UrlVerification(Request<ProofOrder>),
    #[serde(rename = "v1:DVDNSVerificationForIssue")]
    DvDnsVerificationForIssue(Request<DnsForIssue>),
    #[serde(rename = "v1:URLVerificationForIssue")]
    UrlVerificationForIssue(Request<UrlForIssue>),
    #[serde(rename = "v1:OVOrder")]
    OvOrder(Request<OvOrder>),
    #[serde(rename = "v1:EVOrder")]
    EvOrder(Box<Request<EvOrder>>),
    #[serde(rename = "v1:ModifyOrder")]
    ModifyOrder(Request<ModifyOrder>),
    #[serde(rename = "v1:ChangeApproverEmail")]
    ChangeApproverEmail(Request<ChangeApproverEmail>),
    #[serde(rename = "v1:ResendEmail")]
    ResendEmail(Request<ResendEmail>),
    #[serde(rename = "v1:ValidateOrderParameters")]
    ValidateOrderParameters(Request<ValidateOrderParameters>),
    #[serde(rename = "v1:GetOrderByOrderID")]
    GetOrderByOrderId(Request<GetOrderByOrderId>),
    #[serde(rename = "v1:GetOrderByDateRange")]
    GetOrderByDateRange(Request<DateRange>),
    #[serde(rename = "v1:GetModifiedOrders")]
    GetModifiedOrders(Request<DateRange>),
    #[serde(rename = "v1:GetCertificateOrders")]
    GetCertificateOrders(Request<GetCertificateOrders>),
    #[serde(rename = "v1:ReIssue")]
    ReIssue(Request<ReIssue>),
    #[serde(rename = "v1:AccountSnapshot")]
    AccountSnapshot(Request<AccountSnapshot>),
}

/// The service that offers an operation: the last part of its address (globalsign.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    ServerSsl,
    Gas,
    Account,
}

impl Service {
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::ServerSsl => "ServerSSLService",
            Self::Gas => "GASService",
            Self::Account => "AccountService",
        }
    }
}

impl Call {
    /// The vendor's name of the operation.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::GetDvApproverList(_) => "GetDVApproverList",
            Self::DvOrder(_) => "DVOrder",
            Self::DvDnsOrder(_) => "DVDNSOrder",
            Self::UrlVerification(_) => "URLVerification",
            Self::DvDnsVerificationForIssue(_) => "DVDNSVerificationForIssue",
            Self::UrlVerificationForIssue(_) => "URLVerificationForIssue",
            Self::OvOrder(_) => "OVOrder",
            Self::EvOrder(_) => "EVOrder",
            Self::ModifyOrder(_) => "ModifyOrder",
            Self::ChangeApproverEmail(_) => "ChangeApproverEmail",
            Self::ResendEmail(_) => "ResendEmail",
            Self::ValidateOrderParameters(_) => "ValidateOrderParameters",
            Self::GetOrderByOrderId(_) => "GetOrderByOrderID",
            Self::GetOrderByDateRange(_) => "GetOrderByDateRange",
            Self::GetModifiedOrders(_) => "GetModifiedOrders",
            Self::GetCertificateOrders(_) => "GetCertificateOrders",
            Self::ReIssue(_) => "ReIssue",
            Self::AccountSnapshot(_) => "AccountSnapshot",
        }
    }

    /// Where the operation is offered.
    pub(crate) fn service(&self) -> Service {
        match self {
            Self::ValidateOrderParameters(_)
            | Self::GetOrderByOrderId(_)
            | Self::GetOrderByDateRange(_)
            | Self::GetModifiedOrders(_)
            | Self::GetCertificateOrders(_)
            | Self::ReIssue(_) => Service::Gas,
            Self::AccountSnapshot(_) => Service::Account,
            _ => Service::ServerSsl,
        }
    }
}
