//! What is sent. Unknown or misspelt fields are silently ignored by the vendor (thesslstore.md 1), so
//! a wrong name here would lose data without an error: the fixtures hold every name.

use serde::Serialize;

/// Governs the date format of replies; always sent (thesslstore.md 7.3).
pub(crate) const CULTURE: &str = "en-US";

/// `AuthRequest` (thesslstore.md 2.1).
#[derive(Serialize)]
pub(crate) struct Credentials<'a> {
    #[serde(rename = "PartnerCode")]
    pub(crate) partner_code: &'a str,
    #[serde(rename = "AuthToken")]
    pub(crate) auth_token: &'a str,
}

/// A call with nested credentials: every `POST` but `health/validate`.
#[derive(Serialize)]
pub(crate) struct Authenticated<'a, T> {
    #[serde(rename = "AuthRequest")]
    pub(crate) credentials: Credentials<'a>,
    #[serde(flatten)]
    pub(crate) call: T,
}

/// `product/query` (thesslstore.md 5.1).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ProductQuery<'a> {
    /// Empty for all.
    pub(crate) product_code: &'a str,
    /// 0 for all kinds.
    pub(crate) product_type: u8,
    pub(crate) need_sorted_list: bool,
    /// Without it the newer flexible products may be missing.
    #[serde(rename = "IsForceNewSKUs")]
    pub(crate) is_force_new_skus: bool,
}

/// `csr` (thesslstore.md 5.2).
#[derive(Serialize)]
pub(crate) struct CsrCheck<'a> {
    #[serde(rename = "ProductCode")]
    pub(crate) product_code: &'a str,
    #[serde(rename = "CSR")]
    pub(crate) csr: &'a str,
}

/// `order/approverlist` (thesslstore.md 5.3).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ApproverList<'a> {
    pub(crate) product_code: &'a str,
    pub(crate) domain_name: &'a str,
}

/// `order/neworder` and its dry run (thesslstore.md 6.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NewOrder {
    #[serde(rename = "CustomOrderID")]
    pub(crate) custom_order_id: String,
    pub(crate) product_code: String,
    pub(crate) extra_product_codes: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_info: Option<OrganizationInfo>,
    #[serde(rename = "TSSOrganizationId", skip_serializing_if = "Option::is_none")]
    pub(crate) tss_organization_id: Option<u32>,
    /// Months.
    pub(crate) validity_period: u32,
    pub(crate) server_count: u32,
    #[serde(rename = "CSR")]
    pub(crate) csr: String,
    pub(crate) domain_name: String,
    pub(crate) web_server_type: &'static str,
    /// Without the common name.
    #[serde(rename = "DNSNames")]
    pub(crate) dns_names: Vec<String>,
    #[serde(rename = "ReserveSANCount")]
    pub(crate) reserve_san_count: u32,
    /// Flexible products only.
    #[serde(
        rename = "WildcardReserveSANCount",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) wildcard_reserve_san_count: Option<u32>,
    /// Only where the product is known to have it.
    #[serde(rename = "AutoWWW", skip_serializing_if = "Option::is_none")]
    pub(crate) auto_www: Option<bool>,
    #[serde(rename = "isCUOrder")]
    pub(crate) is_cu_order: bool,
    #[serde(rename = "isRenewalOrder")]
    pub(crate) is_renewal_order: bool,
    #[serde(rename = "RelatedTheSSLStoreOrderID")]
    pub(crate) related_order_id: String,
    #[serde(rename = "isTrialOrder")]
    pub(crate) is_trial_order: bool,
    pub(crate) special_instructions: &'static str,
    pub(crate) admin_contact: Contact,
    pub(crate) technical_contact: Contact,
    pub(crate) approver_email: String,
    #[serde(flatten)]
    pub(crate) indicators: Indicators,
    pub(crate) add_installation_support: bool,
    pub(crate) email_language_code: &'static str,
    pub(crate) signature_hash_algorithm: &'static str,
    pub(crate) date_time_culture: &'static str,
    /// Sectigo only.
    #[serde(rename = "CSRUniqueValue", skip_serializing_if = "Option::is_none")]
    pub(crate) csr_unique_value: Option<String>,
}

/// At most one is true; all false is e-mail (thesslstore.md 6.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Indicators {
    #[serde(rename = "FileAuthDVIndicator")]
    pub(crate) file: bool,
    #[serde(rename = "HTTPSFileAuthDVIndicator")]
    pub(crate) https_file: bool,
    #[serde(rename = "CNAMEAuthDVIndicator")]
    pub(crate) cname: bool,
}

/// `OrganizationInfo` (thesslstore.md 6.2; the British spelling is never sent in JSON).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationInfo {
    pub(crate) organization_name: String,
    #[serde(rename = "DUNS")]
    pub(crate) duns: String,
    pub(crate) division: String,
    pub(crate) incorporating_agency: String,
    pub(crate) registration_number: String,
    /// The three jurisdiction fields: EV only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jurisdiction_city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jurisdiction_region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jurisdiction_country: Option<String>,
    pub(crate) organization_address: OrganizationAddress,
}

/// `OrganizationAddress` (thesslstore.md 6.2). The city goes into both `City` and `LocalityName`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrganizationAddress {
    pub(crate) address_line1: String,
    pub(crate) city: String,
    pub(crate) region: String,
    pub(crate) postal_code: String,
    pub(crate) country: String,
    pub(crate) phone: String,
    pub(crate) locality_name: String,
}

/// `AdminContact`, `TechnicalContact` (thesslstore.md 6.3).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Contact {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) title: String,
    /// Name and address of the company, where one is known.
    #[serde(flatten)]
    pub(crate) company: Option<ContactCompany>,
}

/// The company's part of a contact.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ContactCompany {
    pub(crate) organization_name: String,
    pub(crate) address_line1: String,
    pub(crate) city: String,
    pub(crate) region: String,
    pub(crate) postal_code: String,
    pub(crate) country: String,
}

/// `order/reissue` (thesslstore.md 9.1).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reissue {
    #[serde(rename = "TheSSLStoreOrderID")]
    pub(crate) order_id: String,
    #[serde(rename = "CSR")]
    pub(crate) csr: String,
    pub(crate) web_server_type: &'static str,
    /// The whole new list.
    #[serde(rename = "DNSNames")]
    pub(crate) dns_names: Vec<String>,
    #[serde(rename = "AddSAN")]
    pub(crate) add_san: Vec<SanPair>,
    #[serde(rename = "DeleteSAN")]
    pub(crate) delete_san: Vec<SanPair>,
    #[serde(rename = "isWildCard")]
    pub(crate) is_wildcard: bool,
    #[serde(rename = "isRenewalOrder")]
    pub(crate) is_renewal_order: bool,
    /// Must equal the address of the order's administrative contact.
    pub(crate) reissue_email: String,
    /// Two sources, two names: both are sent with the same value.
    pub(crate) approver_emails: String,
    pub(crate) approver_email: String,
    #[serde(flatten)]
    pub(crate) indicators: Indicators,
    pub(crate) prefer_enrollment_link: bool,
    pub(crate) signature_hash_algorithm: &'static str,
    pub(crate) date_time_culture: &'static str,
    /// Sectigo only.
    #[serde(rename = "CSRUniqueValue", skip_serializing_if = "Option::is_none")]
    pub(crate) csr_unique_value: Option<String>,
}

/// An added name has only `NewValue`, a deleted one only `OldValue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SanPair {
    pub(crate) old_value: String,
    pub(crate) new_value: String,
}

/// An order by one of its two numbers (thesslstore.md 8.1).
#[derive(Debug, Clone, Copy)]
pub(crate) enum OrderId<'a> {
    /// `TheSSLStoreOrderID`.
    Vendor(&'a str),
    /// `CustomOrderID`.
    Client(&'a str),
}

/// The common request about one order: `order/status`, `order/download`, `order/refundrequest`,
/// `order/resend`, `order/changeapprover…`, `digicert/checkdcv` (thesslstore.md 8.1, 9.2).
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrderCall<'a> {
    #[serde(rename = "TheSSLStoreOrderID", skip_serializing_if = "Option::is_none")]
    pub(crate) order_id: Option<&'a str>,
    #[serde(rename = "CustomOrderID", skip_serializing_if = "Option::is_none")]
    pub(crate) custom_order_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resend_email_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resend_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refund_reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approver_method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain_names: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain_name: Option<&'a str>,
    #[serde(rename = "ReturnPKCS7Cert", skip_serializing_if = "Option::is_none")]
    pub(crate) return_pkcs7: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date_time_culture: Option<&'static str>,
}

impl<'a> OrderCall<'a> {
    /// A call about this order.
    pub(crate) fn about(order: OrderId<'a>) -> Self {
        let (order_id, custom_order_id) = match order {
            OrderId::Vendor(id) => (Some(id), None),
            OrderId::Client(id) => (None, Some(id)),
        };
        Self {
            order_id,
            custom_order_id,
            ..Self::default()
        }
    }
}

/// `order/query` (thesslstore.md 8.2).
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OrderQuery {
    /// `/Date(ms)/`, by purchase date.
    pub(crate) start_date: String,
    pub(crate) end_date: String,
    /// Orders of this common name only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain_name: Option<String>,
    /// From 1.
    pub(crate) page_number: u32,
    pub(crate) page_size: u32,
    pub(crate) date_time_culture: &'static str,
}
