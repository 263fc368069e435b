//! Requests that order, and the parts they are made of (globalsign.md 3 and 4).

use serde::Serialize;

use super::request::{Header, Text};

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
