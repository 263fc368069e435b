//! Field tables of the calls (thesslstore.md 2.1, 4 to 10). Spelling and case as documented.

use super::super::table::{Field, Kind, may, must};

use Kind::{Bool, Code, Date, Int, Ints, List, Object, Text, Texts, Word};

/// Where credentials stand in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credentials {
    /// No body at all.
    None,
    /// `PartnerCode` and `AuthToken` at top level.
    Flat,
    /// Inside `AuthRequest`.
    Nested,
    /// At top level, and in `AuthRequest`, too, if the client likes.
    FlatMayNest,
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// Path below the base.
    pub name: &'static str,
    /// Credentials.
    pub credentials: Credentials,
    /// Root element of an XML request; `None` where no source shows one.
    pub root: Option<&'static str>,
    /// Fields.
    pub fields: &'static [Field],
}

/// Partner credentials, or the token of one order; which of them must be there depends on the mode (2.1).
const AUTH: &[Field] = &[
    may("PartnerCode", Text),
    may("AuthToken", Text),
    may("ReplayToken", Text),
    may("UserAgent", Text),
    may("TokenID", Text),
    may("TokenCode", Text),
    may("Token", Text),
    may("IPAddress", Text),
    may("IsUsedForTokenSystem", Bool),
];

const NESTED: Field = must("AuthRequest", Object(AUTH));

const ACCOUNT: &[Field] = &[
    may("AuthRequest", Object(AUTH)),
    must("PartnerCode", Text),
    must("AuthToken", Text),
    may("ReplayToken", Text),
    may("UserAgent", Text),
    may("IPAddress", Text),
];

const PRODUCTS: &[Field] = &[
    NESTED,
    may("ProductCode", Text),
    may("ProductType", Code(TYPES)),
    may("NeedSortedList", Bool),
    may("IsForceNewSKUs", Bool),
];

/// A number in JSON, a name in XML; other clients send the number as a text (5.1 and the corrections).
const TYPES: &[&str] = &[
    "ALL",
    "DV",
    "EV",
    "OV",
    "WILDCARD",
    "SCAN",
    "PCI",
    "SAN_ENABLED",
    "CODESIGN",
    "CU",
    "DC_SMIME",
    "DC_DOCSIGN",
];

const CSR: &[Field] = &[NESTED, may("ProductCode", Text), must("CSR", Text)];

const APPROVERS: &[Field] = &[NESTED, must("ProductCode", Text), must("DomainName", Text)];

/// The fuller form of the platform vendor's XML client.
const APPROVERS_XML: &[Field] = &[
    NESTED,
    must("ProductCode", Text),
    must("DomainName", Text),
    may("CSR", Text),
    may("ServerCount", Int),
    may("AddInstallationSupport", Bool),
    may("ReserveSANCount", Int),
    may("ValidityPeriod", Int),
    may("WebServerType", Text),
    may("EmailLanguageCode", Word(LANGUAGES)),
    may("isRenewalOrder", Bool),
];

const VALIDATE: &[Field] = &[
    NESTED,
    must("CSR", Text),
    must("ProductCode", Text),
    must("ServerCount", Int),
    must("ValidityPeriod", Int),
    must("WebServerType", Text),
];

const AGREEMENT: &[Field] = &[
    NESTED,
    may("CustomOrderID", Text),
    must("ProductCode", Text),
    may("ExtraProductCodes", Text),
    may("OrganizationInfo", Object(ORGANIZATION)),
    must("ValidityPeriod", Int),
    must("ServerCount", Int),
    may("CSR", Text),
    may("DomainName", Text),
    may("WebServerType", Text),
];

const ADDRESS: &[Field] = &[
    may("AddressLine1", Text),
    may("AddressLine2", Text),
    may("AddressLine3", Text),
    may("City", Text),
    may("Region", Text),
    may("PostalCode", Text),
    may("Country", Text),
    may("Phone", Text),
    may("Fax", Text),
    may("LocalityName", Text),
];

const ORGANIZATION: &[Field] = &[
    may("OrganizationName", Text),
    may("DUNS", Text),
    may("Division", Text),
    may("IncorporatingAgency", Text),
    may("RegistrationNumber", Text),
    may("JurisdictionCity", Text),
    may("JurisdictionRegion", Text),
    may("JurisdictionCountry", Text),
    may("AssumedName", Text),
    may("OrganizationAddress", Object(ADDRESS)),
];

const CONTACT: &[Field] = &[
    must("FirstName", Text),
    must("LastName", Text),
    must("Phone", Text),
    may("Fax", Text),
    must("Email", Text),
    may("Title", Text),
    may("OrganizationName", Text),
    may("AddressLine1", Text),
    may("AddressLine2", Text),
    may("City", Text),
    may("Region", Text),
    may("PostalCode", Text),
    may("Country", Text),
    may("SubjectFirstName", Text),
    may("SubjectLastName", Text),
];

const LANGUAGES: &[&str] = &[
    "EN", "DE", "ES", "FR", "IT", "PL", "GR", "RO", "RU", "TR", "CN", "CZ", "NL", "DA", "SV", "FI",
];

const HASHES: &[&str] = &[
    "",
    "NO_PREFERENCE",
    "INFER_FROM_CSR",
    "PREFER_SHA2",
    "PREFER_SHA1",
    "REQUIRE_SHA2",
    "SHA2-256",
    "SHA1",
    "sha256",
    "sha384",
    "sha512",
];

/// 6.5; compared exactly, with the two spellings of the safe constant that clients use.
const SERVERS: &[&str] = &[
    "aol",
    "apachessl",
    "apacheapachessl",
    "apacheopenssl",
    "apacheraven",
    "apachessleay",
    "apache2",
    "c2net",
    "cisco3000",
    "citrix",
    "cobaltseries",
    "covalentserver",
    "cpanel",
    "ensim",
    "hsphere",
    "Ibmhttp",
    "Ibminternet",
    "iis",
    "iis4",
    "iis5",
    "Iplanet",
    "ipswitch",
    "javawebserver",
    "Domino",
    "Dominogo4625",
    "Dominogo4626",
    "Netscape",
    "NetscapeFastTrack",
    "oracle",
    "Other",
    "other",
    "plesk",
    "quid",
    "r3ssl",
    "redhat",
    "reven",
    "sapwebserver",
    "tomcat",
    "WebLogic",
    "website",
    "webstar",
    "webten",
    "zeusv3",
];

const NEW_ORDER: &[Field] = &[
    NESTED,
    may("CustomOrderID", Text),
    must("ProductCode", Text),
    may("ExtraProductCodes", Text),
    may("OrganizationInfo", Object(ORGANIZATION)),
    may("TSSOrganizationId", Int),
    // The vendor's own SDK sends it with every order, null or a number (corrections).
    may("PreOrganizationId", Int),
    must("ValidityPeriod", Int),
    must("ServerCount", Int),
    must("CSR", Text),
    may("DomainName", Text),
    must("WebServerType", Word(SERVERS)),
    may("DNSNames", Texts("string")),
    may("ReserveSANCount", Int),
    may("WildcardReserveSANCount", Int),
    may("AutoWWW", Bool),
    may("isCUOrder", Bool),
    may("isRenewalOrder", Bool),
    may("RelatedTheSSLStoreOrderID", Text),
    may("RenewalDays", Int),
    may("isTrialOrder", Bool),
    may("SpecialInstructions", Text),
    must("AdminContact", Object(CONTACT)),
    must("TechnicalContact", Object(CONTACT)),
    may("ApproverEmail", Text),
    may("FileAuthDVIndicator", Bool),
    may("HTTPSFileAuthDVIndicator", Bool),
    may("CNAMEAuthDVIndicator", Bool),
    may("AddInstallationSupport", Bool),
    may("EmailLanguageCode", Word(LANGUAGES)),
    may("SignatureHashAlgorithm", Word(HASHES)),
    may("CertTransparencyIndicator", Bool),
    may("DateTimeCulture", Text),
    may("CSRUniqueValue", Text),
    may("isPKCS10", Bool),
];

/// The common body of reading and small changing calls (8.1).
const ORDER: &[Field] = &[
    NESTED,
    may("CustomOrderID", Text),
    may("TheSSLStoreOrderID", Text),
    may("ResendEmailType", Text),
    may("ResendEmail", Text),
    may("RefundReason", Text),
    may("RefundRequestID", Text),
    may(
        "ApproverMethod",
        Word(&[
            "HTTP_CSR_HASH",
            "HTTPS_CSR_HASH",
            "CNAME_CSR_HASH",
            "FILE",
            "DNS",
            "EMAIL",
        ]),
    ),
    may("DomainNames", Text),
    may("SerialNumber", Text),
    may("ReturnPKCS7Cert", Bool),
    may("DateTimeCulture", Text),
    may("PlatFormId", Text),
    may("FormatType", Text),
];

const QUERY: &[Field] = &[
    NESTED,
    may("StartDate", Date),
    may("EndDate", Date),
    may("CertificateExpireFromDate", Date),
    may("CertificateExpireToDate", Date),
    may("DomainName", Text),
    may("SubUserID", Text),
    may("ProductCode", Text),
    may("DateTimeCulture", Text),
    may("PageNumber", Int),
    may("PageSize", Int),
];

const PAIR: &[Field] = &[may("OldValue", Text), may("NewValue", Text)];

const REISSUE: &[Field] = &[
    NESTED,
    must("TheSSLStoreOrderID", Text),
    may("CustomOrderID", Text),
    must("CSR", Text),
    must("WebServerType", Word(SERVERS)),
    may("DNSNames", Texts("string")),
    may("AddSAN", List("Pair", PAIR)),
    may("DeleteSAN", List("Pair", PAIR)),
    may("EditSAN", List("Pair", PAIR)),
    may("isWildCard", Bool),
    may("isRenewalOrder", Bool),
    must("ReissueEmail", Text),
    may("ApproverEmails", Text),
    may("ApproverEmail", Text),
    may("FileAuthDVIndicator", Bool),
    may("HTTPSFileAuthDVIndicator", Bool),
    may("CNAMEAuthDVIndicator", Bool),
    may("PreferEnrollmentLink", Bool),
    may("SignatureHashAlgorithm", Word(HASHES)),
    may("CertTransparencyIndicator", Bool),
    may("DateTimeCulture", Text),
    may("CSRUniqueValue", Text),
    may("SpecialInstructions", Text),
];

const CHECK_DCV: &[Field] = &[
    NESTED,
    may("TheSSLStoreOrderID", Text),
    must("DomainName", Text),
    may("CustomOrderID", Text),
];

/// The invitation: `ExtraProductCode` is singular here (6.10).
const INVITE: &[Field] = &[
    NESTED,
    may("PreferVendorLink", Bool),
    must("ProductCode", Text),
    may("ExtraProductCode", Text),
    must("ServerCount", Int),
    must("RequestorEmail", Text),
    may("ExtraSAN", Int),
    may("ExtraWildcardSAN", Int),
    may("IsWildcardCSRDomain", Bool),
    may("CustomOrderID", Text),
    must("ValidityPeriod", Int),
    may("AddInstallationSupport", Bool),
    may("SignatureHashAlgorithm", Word(HASHES)),
    may("EmailLanguageCode", Word(LANGUAGES)),
    may("PreferSendOrderEmails", Bool),
    may("CertTransparencyIndicator", Bool),
    may("DateTimeCulture", Text),
    may("OrganizationIds", Ints),
    may("CSRUniqueValue", Text),
];

const MODIFIED: &[Field] = &[
    NESTED,
    may("SubUserID", Text),
    may("StartDate", Date),
    may("EndDate", Date),
    may("PageNumber", Int),
    may("PageSize", Int),
];

const WHICH: &[Field] = &[
    NESTED,
    may("TheSSLStoreOrderID", Text),
    may("CustomOrderID", Text),
];

const DOMAIN: &[Field] = &[
    NESTED,
    must("TheSSLStoreOrderID", Text),
    must("DomainName", Text),
];

/// 9.3; `RevokeReason` is one client's.
const REVOKE: &[Field] = &[
    NESTED,
    may("CustomOrderID", Text),
    may("TheSSLStoreOrderID", Text),
    may("ResendEmail", Text),
    must("SerialNumber", Text),
    may("RevokeReason", Text),
];

const fn call(
    name: &'static str,
    credentials: Credentials,
    root: Option<&'static str>,
    fields: &'static [Field],
) -> Call {
    Call {
        name,
        credentials,
        root,
        fields,
    }
}

/// All calls of the simulator. Roots: section 1; the last `OrderRequest`s are the vendor's class for
/// these calls [inferred for XML].
pub const CALLS: &[Call] = {
    use Credentials::{Flat, FlatMayNest, Nested, None as Open};
    const ORDER_ROOT: Option<&str> = Some("OrderRequest");
    const NEW_ROOT: Option<&str> = Some("NewOrderRequest");
    &[
        call("health/status", Open, None, &[]),
        call("health/validate", Flat, Some("AuthRequest"), AUTH),
        call("user/accountdetail", FlatMayNest, None, ACCOUNT),
        call("product/query", Nested, Some("ProductRequest"), PRODUCTS),
        call("csr", Nested, Some("CSRRequest"), CSR),
        call("order/approverlist", Nested, NEW_ROOT, APPROVERS),
        call("order/agreement", Nested, None, AGREEMENT),
        call("order/validate", Nested, None, VALIDATE),
        call("order/validateorderparameters", Nested, NEW_ROOT, NEW_ORDER),
        call("order/neworder", Nested, NEW_ROOT, NEW_ORDER),
        call("order/status", Nested, ORDER_ROOT, ORDER),
        call("order/query", Nested, Some("OrderQueryRequest"), QUERY),
        call("order/download", Nested, ORDER_ROOT, ORDER),
        call("order/downloadaszip", Nested, ORDER_ROOT, ORDER),
        call(
            "order/reissue",
            Nested,
            Some("ReissueOrderRequest"),
            REISSUE,
        ),
        call("order/refundrequest", Nested, ORDER_ROOT, ORDER),
        call("order/refundstatus", Nested, ORDER_ROOT, ORDER),
        call("order/resend", Nested, ORDER_ROOT, ORDER),
        call("order/changeapproveremail", Nested, ORDER_ROOT, ORDER),
        call("order/changeapprovermethod", Nested, ORDER_ROOT, ORDER),
        call("digicert/checkdcv", Nested, None, CHECK_DCV),
        call("order/inviteorder", Nested, None, INVITE),
        call("order/getmodifiedorderssummary", Nested, None, MODIFIED),
        call("order/certificaterevokerequest", Nested, None, REVOKE),
        call("csr/download", Nested, None, WHICH),
        call("digicert/organizationlist", FlatMayNest, None, ACCOUNT),
        call("digicert/getdomaininfo", Nested, None, DOMAIN),
    ]
};

/// The table for a flavour: one call differs in XML.
pub fn fields(call: &Call, xml: bool) -> &'static [Field] {
    match (call.name, xml) {
        ("order/approverlist", true) => APPROVERS_XML,
        _ => call.fields,
    }
}
