//! The operations with the elements of their requests in order (globalsign.md 3 and 4).

/// What stands inside an element.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inside {
    /// Text.
    Text,
    /// These elements, in this order.
    Nodes(&'static [Child]),
}

/// How often a child may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Times {
    One,
    Optional,
    Many,
}

/// A child element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child {
    pub(super) name: &'static str,
    pub(super) times: Times,
    pub(super) inside: Inside,
}

const fn text(name: &'static str) -> Child {
    node_of(name, Times::One, Inside::Text)
}

const fn may_text(name: &'static str) -> Child {
    node_of(name, Times::Optional, Inside::Text)
}

const fn node(name: &'static str, children: &'static [Child]) -> Child {
    node_of(name, Times::One, Inside::Nodes(children))
}

const fn may_node(name: &'static str, children: &'static [Child]) -> Child {
    node_of(name, Times::Optional, Inside::Nodes(children))
}

const fn nodes(name: &'static str, children: &'static [Child]) -> Child {
    node_of(name, Times::Many, Inside::Nodes(children))
}

const fn node_of(name: &'static str, times: Times, inside: Inside) -> Child {
    Child {
        name,
        times,
        inside,
    }
}

/// The schema makes the token and its parts optional; without them nobody is let in.
const AUTH: &[Child] = &[node("AuthToken", &[text("UserName"), text("Password")])];
const ORDER_HEADER: Child = node("OrderRequestHeader", AUTH);
const QUERY_HEADER: Child = node("QueryRequestHeader", AUTH);

const OPTIONS: Child = may_node(
    "Options",
    &[nodes("Option", &[text("OptionName"), text("OptionValue")])],
);
const VALIDITY: Child = node(
    "ValidityPeriod",
    &[text("Months"), may_text("NotBefore"), may_text("NotAfter")],
);
const PARAMETER: Child = node(
    "OrderRequestParameter",
    &[
        text("ProductCode"),
        may_text("BaseOption"),
        text("OrderKind"),
        text("Licenses"),
        OPTIONS,
        VALIDITY,
        text("CSR"),
        may_text("RenewalTargetOrderID"),
        may_text("TargetCERT"),
        may_text("SpecialInstructions"),
        may_text("Coupon"),
        may_text("Campaign"),
    ],
);
const VALIDATE_PARAMETER: Child = node(
    "OrderRequestParameter",
    &[
        text("ProductCode"),
        may_text("BaseOption"),
        text("OrderKind"),
        text("Licenses"),
        OPTIONS,
        VALIDITY,
        text("CSR"),
        may_text("RenewalTargetOrderID"),
        may_text("TargetCERT"),
        may_text("SpecialInstructions"),
        may_text("Coupon"),
        may_text("Campaign"),
        may_text("KeyLength"),
        may_text("PIN"),
    ],
);
const CONTACT: Child = node(
    "ContactInfo",
    &[
        text("FirstName"),
        text("LastName"),
        text("Phone"),
        text("Email"),
    ],
);
const SECOND_CONTACT: Child = may_node(
    "SecondContactInfo",
    &[text("FirstName"), text("LastName"), text("Email")],
);
const SAN: Child = may_node(
    "SANEntries",
    &[nodes(
        "SANEntry",
        &[text("SANOptionType"), text("SubjectAltName")],
    )],
);
const OV_ADDRESS: Child = node(
    "OrganizationAddress",
    &[
        text("AddressLine1"),
        may_text("AddressLine2"),
        may_text("AddressLine3"),
        text("City"),
        text("Region"),
        text("PostalCode"),
        text("Country"),
        text("Phone"),
        may_text("Fax"),
    ],
);
const EV_ADDRESS: Child = node(
    "OrganizationAddress",
    &[
        text("AddressLine1"),
        may_text("AddressLine2"),
        may_text("AddressLine3"),
        text("City"),
        text("Region"),
        may_text("PostalCode"),
        text("Country"),
        text("Phone"),
        may_text("Fax"),
    ],
);
const OFFICER: &[Child] = &[
    text("FirstName"),
    text("LastName"),
    text("Function"),
    text("OrganizationName"),
    text("OrganizationUnit"),
    text("Phone"),
    text("Email"),
];
const QUERY_OPTION: Child = may_node(
    "OrderQueryOption",
    &[
        may_text("OrderStatus"),
        may_text("ReturnOrderOption"),
        may_text("ReturnCertificateInfo"),
        may_text("ReturnFulfillment"),
        may_text("ReturnCACerts"),
        may_text("ReturnOriginalCSR"),
        may_text("ReturnPKCS12"),
        may_text("ReturnSANEntries"),
    ],
);

const PROOF_ORDER: &[Child] = &[
    ORDER_HEADER,
    PARAMETER,
    may_text("SubID"),
    CONTACT,
    SECOND_CONTACT,
    SAN,
];
const RANGE: &[Child] = &[QUERY_HEADER, text("FromDate"), text("ToDate"), QUERY_OPTION];

/// Operations with the service that offers them and the children of their request.
pub(super) const OPERATIONS: &[(&str, &str, &[Child])] = &[
    (
        "GetDVApproverList",
        "ServerSSLService",
        &[QUERY_HEADER, may_text("FQDN"), may_text("OrderID"), SAN],
    ),
    (
        "DVOrder",
        "ServerSSLService",
        &[
            ORDER_HEADER,
            PARAMETER,
            may_text("SubID"),
            text("OrderID"),
            text("ApproverEmail"),
            CONTACT,
            SECOND_CONTACT,
            SAN,
        ],
    ),
    ("DVDNSOrder", "ServerSSLService", PROOF_ORDER),
    ("URLVerification", "ServerSSLService", PROOF_ORDER),
    (
        "DVDNSVerificationForIssue",
        "ServerSSLService",
        &[ORDER_HEADER, text("ApproverFQDN"), text("OrderID")],
    ),
    (
        "URLVerificationForIssue",
        "ServerSSLService",
        &[ORDER_HEADER, text("ApproverURL"), text("OrderID")],
    ),
    (
        "OVOrder",
        "ServerSSLService",
        &[
            ORDER_HEADER,
            PARAMETER,
            // Required by the schema; orders without it succeed (globalsign.md 4.1).
            may_text("SubID"),
            node(
                "OrganizationInfo",
                &[
                    text("OrganizationName"),
                    may_text("CreditAgency"),
                    may_text("OrganizationCode"),
                    OV_ADDRESS,
                ],
            ),
            CONTACT,
            SECOND_CONTACT,
            SAN,
        ],
    ),
    (
        "EVOrder",
        "ServerSSLService",
        &[
            ORDER_HEADER,
            PARAMETER,
            may_text("SubId"),
            node(
                "OrganizationInfoEV",
                &[
                    may_text("BusinessAssumedName"),
                    may_text("CreditAgency"),
                    may_text("OrganizationCode"),
                    text("BusinessCategoryCode"),
                    EV_ADDRESS,
                ],
            ),
            node("RequestorInfo", OFFICER),
            node("ApproverInfo", OFFICER),
            node(
                "AuthorizedSignerInfo",
                &[
                    text("OrganizationName"),
                    text("FirstName"),
                    text("LastName"),
                    text("Function"),
                    text("Phone"),
                    text("Email"),
                ],
            ),
            node(
                "JurisdictionInfo",
                &[
                    text("JurisdictionCountry"),
                    may_text("JurisdictionState"),
                    may_text("JurisdictionLocality"),
                    text("IncorporationAgencyRegistrationNumber"),
                ],
            ),
            CONTACT,
            SECOND_CONTACT,
            SAN,
        ],
    ),
    (
        "ModifyOrder",
        "ServerSSLService",
        &[ORDER_HEADER, text("OrderID"), text("ModifyOrderOperation")],
    ),
    (
        "ChangeApproverEmail",
        "ServerSSLService",
        &[
            ORDER_HEADER,
            may_text("OrderID"),
            may_text("ApproverEmail"),
            may_text("FQDN"),
        ],
    ),
    (
        "ResendEmail",
        "ServerSSLService",
        &[ORDER_HEADER, text("OrderID"), text("ResendEmailType")],
    ),
    (
        "DecodeCSR",
        "GASService",
        &[QUERY_HEADER, text("CSR"), text("ProductType")],
    ),
    (
        "ValidateOrderParameters",
        "GASService",
        &[
            ORDER_HEADER,
            VALIDATE_PARAMETER,
            may_text("FQDN"),
            may_node("DVCSRInfo", &[text("Country")]),
            may_node(
                "OVCSRInfo",
                &[
                    text("OrganizationName"),
                    may_text("OrganizationUnit"),
                    text("Locality"),
                    text("StateOrProvince"),
                    text("Country"),
                ],
            ),
            SAN,
        ],
    ),
    (
        "GetOrderByOrderID",
        "GASService",
        &[QUERY_HEADER, text("OrderID"), QUERY_OPTION],
    ),
    ("GetOrderByDateRange", "GASService", RANGE),
    ("GetModifiedOrders", "GASService", RANGE),
    (
        "GetCertificateOrders",
        "GASService",
        &[
            QUERY_HEADER,
            may_text("FromDate"),
            may_text("ToDate"),
            may_text("FQDN"),
            may_text("ProductCode"),
            may_text("OrderStatus"),
            may_text("SubID"),
        ],
    ),
    (
        "ReIssue",
        "GASService",
        &[
            ORDER_HEADER,
            node("OrderParameter", &[text("CSR"), may_text("DNSNames")]),
            text("TargetOrderID"),
            may_text("HashAlgorithm"),
            may_node(
                "Extensions",
                &[nodes("Extension", &[text("Name"), text("Value")])],
            ),
        ],
    ),
    ("AccountSnapshot", "AccountService", &[QUERY_HEADER]),
];
