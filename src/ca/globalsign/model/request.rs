//! Requests. An optional element that is not used is left out, never sent empty or nil
//! (globalsign.md 3).

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};

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

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDvApproverList {
    pub(crate) query_request_header: Header,
    #[serde(rename = "FQDN")]
    pub(crate) fqdn: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DvOrder {
    pub(crate) order_request_header: Header,
    pub(crate) order_request_parameter: OrderRequestParameter,
    #[serde(rename = "SubID", skip_serializing_if = "Option::is_none")]
    pub(crate) sub_id: Option<Text>,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
    pub(crate) approver_email: Text,
    pub(crate) contact_info: ContactInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) second_contact_info: Option<SecondContactInfo>,
    #[serde(rename = "SANEntries", skip_serializing_if = "Option::is_none")]
    pub(crate) san_entries: Option<SanEntries>,
}

/// DVDNSOrder and URLVerification: neither number nor approver, the vendor assigns the number.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProofOrder {
    pub(crate) order_request_header: Header,
    pub(crate) order_request_parameter: OrderRequestParameter,
    #[serde(rename = "SubID", skip_serializing_if = "Option::is_none")]
    pub(crate) sub_id: Option<Text>,
    pub(crate) contact_info: ContactInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) second_contact_info: Option<SecondContactInfo>,
    #[serde(rename = "SANEntries", skip_serializing_if = "Option::is_none")]
    pub(crate) san_entries: Option<SanEntries>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OvOrder {
    pub(crate) order_request_header: Header,
    pub(crate) order_request_parameter: OrderRequestParameter,
    /// Required by the schema, so an unused one is sent empty.
    #[serde(rename = "SubID")]
    pub(crate) sub_id: Text,
    pub(crate) organization_info: OrganizationInfo,
    pub(crate) contact_info: ContactInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) second_contact_info: Option<SecondContactInfo>,
    #[serde(rename = "SANEntries", skip_serializing_if = "Option::is_none")]
    pub(crate) san_entries: Option<SanEntries>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EvOrder {
    pub(crate) order_request_header: Header,
    pub(crate) order_request_parameter: OrderRequestParameter,
    /// Spelt `SubId` in this one operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sub_id: Option<Text>,
    #[serde(rename = "OrganizationInfoEV")]
    pub(crate) organization_info: OrganizationInfoEv,
    pub(crate) requestor_info: Officer,
    pub(crate) approver_info: Officer,
    pub(crate) authorized_signer_info: AuthorizedSigner,
    pub(crate) jurisdiction_info: JurisdictionInfo,
    pub(crate) contact_info: ContactInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) second_contact_info: Option<SecondContactInfo>,
    #[serde(rename = "SANEntries", skip_serializing_if = "Option::is_none")]
    pub(crate) san_entries: Option<SanEntries>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrderRequestParameter {
    pub(crate) product_code: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base_option: Option<Text>,
    pub(crate) order_kind: Text,
    pub(crate) licenses: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<Options>,
    pub(crate) validity_period: ValidityPeriod,
    #[serde(rename = "CSR")]
    pub(crate) csr: Text,
    #[serde(
        rename = "RenewalTargetOrderID",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) renewal_target_order_id: Option<Text>,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Options {
    #[serde(rename = "Option")]
    pub(crate) options: Vec<OrderOption>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrderOption {
    pub(crate) option_name: Text,
    pub(crate) option_value: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ValidityPeriod {
    pub(crate) months: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContactInfo {
    pub(crate) first_name: Text,
    pub(crate) last_name: Text,
    pub(crate) phone: Text,
    pub(crate) email: Text,
}

/// Without a telephone.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SecondContactInfo {
    pub(crate) first_name: Text,
    pub(crate) last_name: Text,
    pub(crate) email: Text,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct SanEntries {
    #[serde(rename = "SANEntry")]
    pub(crate) entries: Vec<SanEntry>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SanEntry {
    #[serde(rename = "SANOptionType")]
    pub(crate) san_option_type: Text,
    pub(crate) subject_alt_name: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationInfo {
    pub(crate) organization_name: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credit_agency: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_code: Option<Text>,
    pub(crate) organization_address: OrganizationAddress,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationInfoEv {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) credit_agency: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_code: Option<Text>,
    pub(crate) business_category_code: Text,
    pub(crate) organization_address: OrganizationAddress,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationAddress {
    pub(crate) address_line1: Text,
    pub(crate) city: Text,
    pub(crate) region: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) postal_code: Option<Text>,
    pub(crate) country: Text,
    pub(crate) phone: Text,
}

/// RequestorInfo and ApproverInfo.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Officer {
    pub(crate) first_name: Text,
    pub(crate) last_name: Text,
    pub(crate) function: Text,
    pub(crate) organization_name: Text,
    pub(crate) organization_unit: Text,
    pub(crate) phone: Text,
    pub(crate) email: Text,
}

/// The company first, and no unit.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AuthorizedSigner {
    pub(crate) organization_name: Text,
    pub(crate) first_name: Text,
    pub(crate) last_name: Text,
    pub(crate) function: Text,
    pub(crate) phone: Text,
    pub(crate) email: Text,
}

/// State and locality of incorporation are optional on the wire and not asked for by the order form,
/// so they are not sent.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct JurisdictionInfo {
    pub(crate) jurisdiction_country: Text,
    pub(crate) incorporation_agency_registration_number: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DnsForIssue {
    pub(crate) order_request_header: Header,
    #[serde(rename = "ApproverFQDN")]
    pub(crate) approver_fqdn: Text,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UrlForIssue {
    pub(crate) order_request_header: Header,
    #[serde(rename = "ApproverURL")]
    pub(crate) approver_url: Text,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ModifyOrder {
    pub(crate) order_request_header: Header,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
    pub(crate) modify_order_operation: Modification,
}

/// REVOKE exists on the wire and is missing here: revoking is irreversible and never implied by
/// anything this program does.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum Modification {
    #[serde(rename = "CANCEL")]
    Cancel,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeApproverEmail {
    pub(crate) order_request_header: Header,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
    pub(crate) approver_email: Text,
    #[serde(rename = "FQDN")]
    pub(crate) fqdn: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResendEmail {
    pub(crate) order_request_header: Header,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
    pub(crate) resend_email_type: MailType,
}

/// The only value ever seen (globalsign.md 4.1).
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) enum MailType {
    #[serde(rename = "APPROVEREMAIL")]
    Approver,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ValidateOrderParameters {
    pub(crate) order_request_header: Header,
    pub(crate) order_request_parameter: OrderRequestParameter,
    #[serde(rename = "FQDN")]
    pub(crate) fqdn: Text,
    #[serde(rename = "SANEntries", skip_serializing_if = "Option::is_none")]
    pub(crate) san_entries: Option<SanEntries>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetOrderByOrderId {
    pub(crate) query_request_header: Header,
    #[serde(rename = "OrderID")]
    pub(crate) order_id: Text,
    pub(crate) order_query_option: OrderQueryOption,
}

/// GetOrderByDateRange and GetModifiedOrders.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DateRange {
    pub(crate) query_request_header: Header,
    pub(crate) from_date: Text,
    pub(crate) to_date: Text,
    pub(crate) order_query_option: OrderQueryOption,
}

/// Parts of an order to return; a switch that is off is left out.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrderQueryOption {
    #[serde(skip_serializing_if = "is_off")]
    pub(crate) return_order_option: bool,
    #[serde(skip_serializing_if = "is_off")]
    pub(crate) return_certificate_info: bool,
    #[serde(skip_serializing_if = "is_off")]
    pub(crate) return_fulfillment: bool,
    #[serde(rename = "ReturnCACerts", skip_serializing_if = "is_off")]
    pub(crate) return_ca_certs: bool,
    #[serde(rename = "ReturnOriginalCSR", skip_serializing_if = "is_off")]
    pub(crate) return_original_csr: bool,
    #[serde(rename = "ReturnSANEntries", skip_serializing_if = "is_off")]
    pub(crate) return_san_entries: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde calls"
)]
fn is_off(flag: &bool) -> bool {
    !*flag
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetCertificateOrders {
    pub(crate) query_request_header: Header,
    pub(crate) from_date: Text,
    pub(crate) to_date: Text,
    #[serde(rename = "FQDN")]
    pub(crate) fqdn: Text,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReIssue {
    pub(crate) order_request_header: Header,
    pub(crate) order_parameter: ReIssueParameter,
    #[serde(rename = "TargetOrderID")]
    pub(crate) target_order_id: Text,
    pub(crate) hash_algorithm: Text,
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct ReIssueParameter {
    #[serde(rename = "CSR")]
    pub(crate) csr: Text,
    /// All additional names, separated by commas.
    #[serde(rename = "DNSNames", skip_serializing_if = "Option::is_none")]
    pub(crate) dns_names: Option<Text>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AccountSnapshot {
    pub(crate) query_request_header: Header,
}
