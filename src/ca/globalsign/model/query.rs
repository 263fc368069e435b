//! Requests that ask about orders and change them (globalsign.md 4).

use serde::Serialize;

use super::order::{OrderRequestParameter, SanEntries};
use super::request::{Header, Text};

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetDvApproverList {
    pub(crate) query_request_header: Header,
    #[serde(rename = "FQDN")]
    pub(crate) fqdn: Text,
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
pub(crate) struct AccountSnapshot {
    pub(crate) query_request_header: Header,
}
