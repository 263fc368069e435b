//! Replies, read leniently: every element may be missing, empty or nil, unknown ones are skipped,
//! prefixes do not matter, both header names and both spellings of the order number are accepted
//! (globalsign.md 2 and 4.2). Values stay text here; dates, numbers and words are read where they are
//! decided on.

use serde::{Deserialize, Deserializer};

/// The text of an element; empty, blank and nil are `None`.
fn leaf<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
    let text = text.trim();
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A reply that begins with a result header.
pub(crate) trait Reply: for<'de> Deserialize<'de> {
    fn header(&self) -> Option<&Header>;
}

macro_rules! replies {
    ($($name:ident),*) => {
        $(impl Reply for $name {
            fn header(&self) -> Option<&Header> {
                self.header.as_ref()
            }
        })*
    };
}

replies!(Done, Ordered, Approvers, Orders, Search, Parameters, Issued);

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Header {
    #[serde(deserialize_with = "leaf")]
    pub(crate) success_code: Option<String>,
    pub(crate) errors: Option<Errors>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Errors {
    #[serde(rename = "Error")]
    pub(crate) errors: Vec<ApiError>,
}

#[derive(Debug, Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ApiError {
    #[serde(deserialize_with = "leaf")]
    pub(crate) error_code: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) error_field: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) error_message: Option<String>,
}

/// A reply of which only the result matters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    #[serde(rename = "OrderResponseHeader", alias = "QueryResponseHeader")]
    pub(crate) header: Option<Header>,
}

/// All order calls and ReIssue.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Ordered {
    #[serde(rename = "OrderResponseHeader", alias = "QueryResponseHeader")]
    pub(crate) header: Option<Header>,
    #[serde(rename = "OrderID", alias = "OrderId", deserialize_with = "leaf")]
    pub(crate) order_id: Option<String>,
    #[serde(rename = "DNSTXT", deserialize_with = "leaf")]
    pub(crate) dns_txt: Option<String>,
    #[serde(rename = "VerificationFQDNList")]
    pub(crate) verification_fqdns: Option<FqdnList>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) meta_tag: Option<String>,
    #[serde(rename = "VerificationURLList")]
    pub(crate) verification_urls: Option<UrlList>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FqdnList {
    #[serde(rename = "VerificationFQDN")]
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct UrlList {
    #[serde(rename = "VerificationURL")]
    pub(crate) names: Vec<String>,
}

/// GetDVApproverList.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Approvers {
    #[serde(rename = "QueryResponseHeader", alias = "OrderResponseHeader")]
    pub(crate) header: Option<Header>,
    pub(crate) approvers: Option<ApproverList>,
    #[serde(rename = "OrderID", alias = "OrderId", deserialize_with = "leaf")]
    pub(crate) order_id: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ApproverList {
    #[serde(rename = "SearchOrderDetail")]
    pub(crate) entries: Vec<Approver>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Approver {
    #[serde(deserialize_with = "leaf")]
    pub(crate) approver_email: Option<String>,
}

/// DVDNSVerificationForIssue and URLVerificationForIssue: a success is all there is to know, the
/// certificate is fetched like any other.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Issued {
    #[serde(rename = "OrderResponseHeader", alias = "QueryResponseHeader")]
    pub(crate) header: Option<Header>,
}

/// ValidateOrderParameters.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Parameters {
    #[serde(rename = "OrderResponseHeader", alias = "QueryResponseHeader")]
    pub(crate) header: Option<Header>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) price: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) currency: Option<String>,
}

/// GetOrderByOrderID, GetOrderByDateRange, GetModifiedOrders: one detail, or a list of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Orders {
    #[serde(rename = "OrderResponseHeader", alias = "QueryResponseHeader")]
    pub(crate) header: Option<Header>,
    #[serde(rename = "OrderID", alias = "OrderId", deserialize_with = "leaf")]
    pub(crate) order_id: Option<String>,
    pub(crate) order_detail: Option<OrderDetail>,
    pub(crate) order_details: Option<OrderDetails>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct OrderDetails {
    #[serde(rename = "OrderDetail")]
    pub(crate) details: Vec<OrderDetail>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct OrderDetail {
    pub(crate) order_info: Option<OrderInfo>,
    pub(crate) order_sub_info: Option<OrderSubInfo>,
    pub(crate) order_option: Option<OrderOptions>,
    pub(crate) certificate_info: Option<CertificateInfo>,
    #[serde(rename = "SANEntries")]
    pub(crate) san_entries: Option<SanEntries>,
    pub(crate) fulfillment: Option<Fulfillment>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct OrderInfo {
    #[serde(rename = "OrderId", alias = "OrderID", deserialize_with = "leaf")]
    pub(crate) order_id: Option<String>,
    #[serde(
        rename = "OriginalOrderIDForRenewal",
        alias = "OriginalOrderIdForRenewal",
        deserialize_with = "leaf"
    )]
    pub(crate) renewal_of: Option<String>,
    #[serde(
        rename = "OriginalOrderIDForReIssue",
        alias = "OriginalOrderIdForReIssue",
        deserialize_with = "leaf"
    )]
    pub(crate) reissue_of: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) product_code: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_kind: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) domain_name: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_date: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_canceled_date: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_deactivated_date: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_status: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) base_option: Option<String>,
    pub(crate) validity_period: Option<ValidityPeriod>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ValidityPeriod {
    #[serde(deserialize_with = "leaf")]
    pub(crate) months: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct OrderSubInfo {
    #[serde(rename = "DNSOrderFlag", deserialize_with = "leaf")]
    pub(crate) dns_order_flag: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) verification_url: Option<String>,
    #[serde(rename = "SubId", alias = "SubID", deserialize_with = "leaf")]
    pub(crate) sub_id: Option<String>,
}

/// Of OrderOption only what the e-mail validation needs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct OrderOptions {
    #[serde(deserialize_with = "leaf")]
    pub(crate) approver_confirm_date: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) approver_email_address: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct CertificateInfo {
    #[serde(deserialize_with = "leaf")]
    pub(crate) certificate_status: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) start_date: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SanEntries {
    #[serde(rename = "SANEntry")]
    pub(crate) entries: Vec<SanEntry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct SanEntry {
    #[serde(deserialize_with = "leaf")]
    pub(crate) subject_alt_name: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fulfillment {
    #[serde(rename = "CACertificates")]
    pub(crate) ca_certificates: Option<CaCertificates>,
    #[serde(rename = "ServerCertificate")]
    pub(crate) server_certificate: Option<ServerCertificate>,
    #[serde(rename = "OriginalCSR", deserialize_with = "leaf")]
    pub(crate) original_csr: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CaCertificates {
    #[serde(rename = "CACertificate")]
    pub(crate) certificates: Vec<CaCertificate>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CaCertificate {
    #[serde(rename = "CACertType", deserialize_with = "leaf")]
    pub(crate) kind: Option<String>,
    #[serde(rename = "CACert", deserialize_with = "leaf")]
    pub(crate) pem: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ServerCertificate {
    #[serde(rename = "X509Cert", deserialize_with = "leaf")]
    pub(crate) x509: Option<String>,
    #[serde(rename = "PKCS7Cert", deserialize_with = "leaf")]
    pub(crate) pkcs7: Option<String>,
}

/// GetCertificateOrders.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Search {
    #[serde(rename = "QueryResponseHeader", alias = "OrderResponseHeader")]
    pub(crate) header: Option<Header>,
    pub(crate) search_order_details: Option<SearchOrderDetails>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SearchOrderDetails {
    #[serde(rename = "SearchOrderDetail")]
    pub(crate) details: Vec<SearchOrderDetail>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct SearchOrderDetail {
    #[serde(rename = "OrderID", alias = "OrderId", deserialize_with = "leaf")]
    pub(crate) order_id: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) product_code: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_kind: Option<String>,
    #[serde(deserialize_with = "leaf")]
    pub(crate) order_request_date: Option<String>,
    #[serde(rename = "SubId", alias = "SubID", deserialize_with = "leaf")]
    pub(crate) sub_id: Option<String>,
    #[serde(rename = "FQDN", deserialize_with = "leaf")]
    pub(crate) fqdn: Option<String>,
}
