//! Requests as the vendor's schema wants them: names, order, case, namespaces, nothing missing and
//! nothing unknown (globalsign.md 1, 3 and 4).

use super::super::xml::Element;

/// Namespace of the SOAP 1.1 envelope.
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// Namespace of the operation elements.
const OPERATIONS: &str = "https://system.globalsign.com/kb/ws/v1/";

/// What stands inside an element.
#[derive(Debug, Clone, Copy)]
enum Inside {
    /// Text.
    Text,
    /// These elements, in this order.
    Nodes(&'static [Child]),
}

/// How often a child may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Times {
    One,
    Optional,
    Many,
}

/// A child element.
#[derive(Debug, Clone, Copy)]
struct Child {
    name: &'static str,
    times: Times,
    inside: Inside,
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
const OPERATIONS_TABLE: &[(&str, &str, &[Child])] = &[
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
            text("SubID"),
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

/// A request that keeps to the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Operation.
    pub operation: &'static str,
    /// The `Request` element.
    pub request: Element,
}

/// Checks a whole document that was sent to a service (last part of its path).
///
/// # Errors
/// Everything that is wrong; names only, no values.
pub fn check(service: &str, document: &Element) -> Result<Accepted, Vec<String>> {
    let mut problems = Vec::new();
    let mut scope = Vec::new();
    namespaces(document, &mut scope);
    if document.local_name() != "Envelope" || resolve(document, &scope) != Some(SOAP) {
        problems.push("the root is not a SOAP 1.1 Envelope".to_owned());
    }
    let [body] = document.children.as_slice() else {
        problems.push("the Envelope does not hold exactly a Body".to_owned());
        return Err(problems);
    };
    namespaces(body, &mut scope);
    if body.local_name() != "Body" || resolve(body, &scope) != Some(SOAP) {
        problems.push("the Envelope's child is not a SOAP 1.1 Body".to_owned());
    }
    let [call] = body.children.as_slice() else {
        problems.push("the Body does not hold exactly one operation".to_owned());
        return Err(problems);
    };
    namespaces(call, &mut scope);
    if resolve(call, &scope) != Some(OPERATIONS) {
        problems.push(format!("{} is not in the v1 namespace", call.local_name()));
    }
    if scope.iter().any(|(prefix, _)| prefix.is_empty()) {
        problems.push("a default namespace drags the children along".to_owned());
    }
    let known = OPERATIONS_TABLE
        .iter()
        .find(|(name, ..)| *name == call.local_name());
    let Some((operation, home, children)) = known else {
        problems.push(format!("the operation {} is unknown", call.local_name()));
        return Err(problems);
    };
    if *home != service {
        problems.push(format!("{operation} belongs to {home}, not to {service}"));
    }
    let [request] = call.children.as_slice() else {
        problems.push(format!("{operation} does not hold exactly a Request"));
        return Err(problems);
    };
    if request.name == "Request" {
        inside(request, Inside::Nodes(children), "Request", &mut problems);
    } else {
        problems.push(format!("{operation} holds {}", request.name));
    }
    if problems.is_empty() {
        Ok(Accepted {
            operation,
            request: request.clone(),
        })
    } else {
        Err(problems)
    }
}

/// The names of all operations of the table.
pub fn operations() -> impl Iterator<Item = &'static str> {
    OPERATIONS_TABLE.iter().map(|(name, ..)| *name)
}

fn namespaces(element: &Element, scope: &mut Vec<(String, String)>) {
    for (name, value) in &element.attributes {
        if name == "xmlns" {
            scope.push((String::new(), value.clone()));
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            scope.push((prefix.to_owned(), value.clone()));
        }
    }
}

fn resolve<'a>(element: &Element, scope: &'a [(String, String)]) -> Option<&'a str> {
    let prefix = element
        .name
        .split_once(':')
        .map_or("", |(prefix, _)| prefix);
    scope
        .iter()
        .rev()
        .find(|(known, _)| known == prefix)
        .map(|(_, namespace)| namespace.as_str())
}

fn inside(element: &Element, allowed: Inside, path: &str, problems: &mut Vec<String>) {
    if !element.attributes.is_empty() {
        problems.push(format!("{path} has attributes"));
    }
    let children = match allowed {
        Inside::Text => {
            if !element.children.is_empty() {
                problems.push(format!("{path} holds elements"));
            }
            return;
        }
        Inside::Nodes(children) => children,
    };
    if !element.text.trim().is_empty() {
        problems.push(format!("{path} holds text"));
    }
    let mut found = element.children.iter().peekable();
    for child in children {
        let mut count = 0;
        while let Some(next) = found.next_if(|next| next.name == child.name) {
            count += 1;
            inside(
                next,
                child.inside,
                &format!("{path}/{}", child.name),
                problems,
            );
            if child.times != Times::Many {
                break;
            }
        }
        if count == 0 && child.times == Times::One {
            problems.push(format!("{path}/{} is missing or out of order", child.name));
        }
    }
    for left in found {
        problems.push(format!("{path}/{} is unknown or out of order", left.name));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::xml;
    use super::*;

    const GOOD: &str = "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\" \
        xmlns:v1=\"https://system.globalsign.com/kb/ws/v1/\"><e:Body><v1:ResendEmail><Request>\
        <OrderRequestHeader><AuthToken><UserName>u</UserName><Password>p</Password></AuthToken></OrderRequestHeader>\
        <OrderID>1</OrderID><ResendEmailType>APPROVEREMAIL</ResendEmailType>\
        </Request></v1:ResendEmail></e:Body></e:Envelope>";

    fn problems(document: &str) -> Vec<String> {
        check("ServerSSLService", &xml::read(document).unwrap())
            .err()
            .unwrap_or_default()
    }

    #[test]
    fn a_good_request_is_accepted() {
        let accepted = check("ServerSSLService", &xml::read(GOOD).unwrap()).unwrap();
        assert_eq!(accepted.operation, "ResendEmail");
        assert_eq!(accepted.request.value("OrderID"), Some("1"));
    }

    #[test]
    fn every_deviation_is_a_problem() {
        let swapped = GOOD.replace(
            "<OrderID>1</OrderID><ResendEmailType>APPROVEREMAIL</ResendEmailType>",
            "<ResendEmailType>APPROVEREMAIL</ResendEmailType><OrderID>1</OrderID>",
        );
        let cases = [
            swapped,
            GOOD.replace("OrderID", "OrderId"),
            GOOD.replace("<OrderID>1</OrderID>", ""),
            GOOD.replace(
                "<OrderID>1</OrderID>",
                "<OrderID>1</OrderID><OrderID>1</OrderID>",
            ),
            GOOD.replace("</Request>", "<Extra/></Request>"),
            GOOD.replace("Request>", "v1:Request>"),
            GOOD.replace("<v1:ResendEmail>", "<v1:ResendEmail xmlns=\"urn:x\">"),
            GOOD.replace("v1:ResendEmail", "ResendEmail"),
            GOOD.replace("kb/ws/v1/", "bb/ws/"),
            GOOD.replace("soap/envelope", "soap12"),
            GOOD.replace("<OrderID>", "<OrderID nil=\"true\">"),
            GOOD.replace("ResendEmail>", "ResendMail>"),
        ];
        for case in cases {
            assert!(!problems(&case).is_empty(), "{case}");
        }
        assert!(check("GASService", &xml::read(GOOD).unwrap()).is_err());
    }
}
