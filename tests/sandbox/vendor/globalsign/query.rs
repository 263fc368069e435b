//! Calls that look orders up. Replies leave out what live ones leave out: `SubId` and `SerialNumber`,
//! and before issue the dates (globalsign.md 4.2).

use chrono::{DateTime, Utc};

use super::super::authority::{Authority, LineEnds, block, pem, pkcs7};
use super::super::xml::Element;
use super::Switches;
use super::reply::{ApiError, date, illegal_date, nil};
use super::state::{Order, Proof, State};

/// Orders in one listing at most; the rest is cut off without a word (globalsign.md 11).
const LIST_LIMIT: usize = 500;

/// What a request wants to see.
struct Parts<'a>(Option<&'a Element>);

impl Parts<'_> {
    fn wants(&self, name: &str) -> bool {
        self.0.and_then(|option| option.value(name)) == Some("true")
    }
}

/// One order in all wanted parts; what is absent is there as nil, as in genuine look-ups
/// (globalsign.md 20).
pub fn detail(
    order: &Order,
    request: &Element,
    authority: &Authority,
    switches: &Switches,
) -> Element {
    let parts = Parts(request.child("OrderQueryOption"));
    let part = |name: &str, inside: Option<Element>| inside.unwrap_or_else(|| nil(name));
    let option = parts
        .wants("ReturnOrderOption")
        .then(|| order_option(order));
    let certificate = parts.wants("ReturnCertificateInfo");
    let certificate = certificate.then(|| certificate_info(order, switches));
    let names = parts.wants("ReturnSANEntries") && !order.names.is_empty();
    let names = names.then(|| {
        let entries = order.names.iter().map(|(option, name)| {
            Element::node(
                "SANEntry",
                vec![
                    Element::leaf("SANOptionType", option),
                    Element::leaf("SubjectAltName", name),
                ],
            )
        });
        Element::node("SANEntries", entries.collect())
    });
    let fulfillment = fulfillment(order, |name| parts.wants(name), authority, switches);
    let fulfillment = (!fulfillment.is_empty()).then(|| Element::node("Fulfillment", fulfillment));
    Element::node(
        "OrderDetail",
        vec![
            info(order, switches),
            sub_info(order),
            part("OrderOption", option),
            part("CertificateInfo", certificate),
            part("SANEntries", names),
            part("Fulfillment", fulfillment),
            events(order, switches),
        ],
    )
}

/// What happened to the order, in the words of a genuine look-up (5, last paragraph).
fn events(order: &Order, switches: &Switches) -> Element {
    let asked = order.at - chrono::TimeDelta::seconds(2);
    let mut all = vec![
        ("ORDER_REQUEST", asked),
        ("ORDER_VALIDATE_REGISTER", order.at),
    ];
    if matches!(order.proof, Proof::Url(_)) {
        all.push(("READY_VARIFICATION_URL", order.at));
    }
    let all = all.into_iter().map(|(name, moment)| {
        Element::node(
            "ModificationEvent",
            vec![
                Element::leaf("ModificationEventName", name),
                Element::leaf("ModificationEventTimestamp", at(moment, switches)),
            ],
        )
    });
    Element::node("ModificationEvents", all.collect())
}

/// What a successful call for issue shows: certificate and chain (globalsign.md 6, 20).
pub fn issued(order: &Order, authority: &Authority, switches: &Switches) -> Element {
    let parts = |name: &str| matches!(name, "ReturnCACerts" | "ReturnFulfillment");
    Element::node(
        "URLVerificationForIssue",
        vec![
            certificate_info(order, switches),
            Element::node(
                "Fulfillment",
                fulfillment(order, parts, authority, switches),
            ),
        ],
    )
}

fn at(moment: DateTime<Utc>, switches: &Switches) -> String {
    date(if switches.is_on("clock-fault") {
        moment - chrono::TimeDelta::hours(12)
    } else {
        moment
    })
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn info(order: &Order, switches: &Switches) -> Element {
    let mut all = vec![Element::leaf("OrderId", &order.id)];
    let mut add = |name: &str, value: Option<String>| {
        all.push(value.map_or_else(|| nil(name), |value| Element::leaf(name, value)));
    };
    let ended = |is: bool| is.then(|| at(order.changed, switches));
    add("OriginalOrderIDForRenewal", order.renewal_of.clone());
    add("OriginalOrderIDForReIssue", order.reissue_of.clone());
    add("ProductCode", Some(reply_code(order, switches)));
    add("BaseOption", order.wildcard.then(|| "wildcard".to_owned()));
    add("OrderKind", Some(order.kind.to_owned()));
    add("Licenses", Some("1".to_owned()));
    for absent in [
        "ExpressOption",
        "ValidityPeriodCustomizeOption",
        "InsuranceOption",
        "GSSupportOption",
        "RenewalExtentionOption",
    ] {
        add(absent, None);
    }
    add("DomainName", Some(order.common_name.clone()));
    add("OrderDate", Some(at(order.at, switches)));
    // The request's moment, seconds before the order's: not the day of issue (globalsign.md 20).
    let asked = order.at - chrono::TimeDelta::seconds(2);
    add("OrderCompleteDate", Some(at(asked, switches)));
    add("OrderCanceledDate", ended(matches!(order.status, 3 | 5)));
    add("OrderDeactivatedDate", None);
    add("OrderStatus", Some(order.status.to_string()));
    add("Price", Some(money(order.price)));
    add("Currency", Some("USD".to_owned()));
    all.push(Element::node(
        "ValidityPeriod",
        vec![Element::leaf("Months", order.months.to_string())],
    ));
    all.push(nil("SpecialInstructions"));
    Element::node("OrderInfo", all)
}

/// Replies do not always repeat the ordered code; accounts of old have AlphaSSL by the month
/// (globalsign.md 4.2, 20).
fn reply_code(order: &Order, switches: &Switches) -> String {
    let alpha = order.product.starts_with("DV_LOW");
    if alpha && (switches.is_on("month-product") || matches!(order.proof, Proof::Url(_))) {
        return "DV_LOW_MONTH_OP".to_owned();
    }
    order.product.clone()
}

fn sub_info(order: &Order) -> Element {
    let is_dns = matches!(order.proof, Proof::Dns(_));
    Element::node(
        "OrderSubInfo",
        vec![
            Element::leaf("CSRSkipOrderFlag", "false"),
            Element::leaf("DNSOrderFlag", is_dns.to_string()),
            Element::leaf("TrustedOrderFlag", "false"),
            Element::leaf("P12DeleteStatus", "false"),
            nil("P12DeleteDate"),
            nil("VerificationUrl"),
        ],
    )
}

fn order_option(order: &Order) -> Element {
    let mut all = Vec::new();
    if let Proof::Email(address) = &order.proof {
        all.push(Element::leaf("ApproverNotifiedDate", date(order.at)));
        if order.domain_done {
            all.push(Element::leaf("ApproverConfirmDate", date(order.changed)));
        }
        all.push(Element::leaf("ApproverEmailAddress", address));
    }
    Element::node("OrderOption", all)
}

fn certificate_info(order: &Order, switches: &Switches) -> Element {
    // While the order is held (2) the certificate merely waits (globalsign.md 20).
    let status = if order.status == 2 { 1 } else { order.status };
    let mut all = vec![Element::leaf("CertificateStatus", status.to_string())];
    let mut add = |name: &str, value: Option<String>| {
        all.push(value.map_or_else(|| nil(name), |value| Element::leaf(name, value)));
    };
    let issued = order.issued.as_ref();
    let subject = format!("CN = {}", order.common_name);
    add("StartDate", issued.map(|c| at(c.not_before, switches)));
    add("EndDate", issued.map(|c| at(c.not_after, switches)));
    add("CommonName", Some(order.common_name.clone()));
    add("SubjectName", issued.map(|_| subject));
    let names: Vec<&str> = order.names.iter().map(|(_, name)| name.as_str()).collect();
    add("DNSNames", (!names.is_empty()).then(|| names.join(",")));
    Element::node("CertificateInfo", all)
}

fn fulfillment(
    order: &Order,
    wants: impl Fn(&str) -> bool,
    authority: &Authority,
    switches: &Switches,
) -> Vec<Element> {
    let mut all = Vec::new();
    let issued = order
        .issued
        .as_ref()
        .filter(|_| !switches.is_on("empty-fulfillment"));
    if let Some(issued) = issued {
        if wants("ReturnCACerts") {
            let entry = |kind: &str, der: &[u8]| {
                Element::node(
                    "CACertificate",
                    vec![
                        Element::leaf("CACertType", kind),
                        Element::leaf("CACert", pem(&[der], LineEnds::CrLf)),
                    ],
                )
            };
            all.push(Element::node(
                "CACertificates",
                vec![
                    entry("ROOT", authority.root()),
                    entry("INTER", authority.intermediate()),
                ],
            ));
        }
        if wants("ReturnFulfillment") {
            let bundle = pkcs7(&[&issued.der, authority.intermediate()]);
            all.push(Element::node(
                "ServerCertificate",
                vec![
                    Element::leaf("X509Cert", pem(&[&issued.der], LineEnds::CrLf)),
                    Element::leaf("PKCS7Cert", block("PKCS7", &bundle, LineEnds::CrLf)),
                ],
            ));
        }
    }
    if wants("ReturnOriginalCSR") && !switches.is_off("original-csr") {
        all.push(Element::leaf("OriginalCSR", &order.csr.pem));
    }
    all
}

/// A listing by date of order, or of change.
pub fn by_date(
    request: &Element,
    state: &State,
    authority: &Authority,
    switches: &Switches,
    changed: bool,
) -> Result<Vec<Element>, ApiError> {
    let (from, to) = range(request)?;
    let details: Vec<_> = state
        .orders
        .iter()
        .filter(|order| {
            let moment = if changed { order.changed } else { order.at };
            from.is_none_or(|from| from <= moment) && to.is_none_or(|to| moment < to)
        })
        .filter(|order| !switches.hides(&order.id))
        .take(switches.number("list-limit").unwrap_or(LIST_LIMIT))
        .map(|order| detail(order, request, authority, switches))
        .collect();
    let mut children: Vec<_> = ["FromDate", "ToDate"]
        .into_iter()
        .filter_map(|name| Some(Element::leaf(name, request.value(name)?)))
        .collect();
    if !details.is_empty() {
        children.push(Element::node("OrderDetails", details));
    }
    Ok(children)
}

/// Start and end of a listing, each where given.
type Range = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

fn range(request: &Element) -> Result<Range, ApiError> {
    let moment = |name: &str| match request.value(name) {
        None => Ok(None),
        Some(text) => DateTime::parse_from_rfc3339(text)
            .map(|moment| Some(moment.with_timezone(&Utc)))
            .map_err(|_| illegal_date(name)),
    };
    Ok((moment("FromDate")?, moment("ToDate")?))
}

/// GetCertificateOrders.
pub fn search(
    request: &Element,
    state: &State,
    switches: &Switches,
) -> Result<Vec<Element>, ApiError> {
    let (from, to) = range(request)?;
    let equals = |name: &str, value: &str| {
        request
            .value(name)
            .is_none_or(|wanted| wanted.is_empty() || wanted == value)
    };
    let found: Vec<_> = state
        .orders
        .iter()
        .filter(|order| {
            from.is_none_or(|from| from <= order.at) && to.is_none_or(|to| order.at < to)
        })
        .filter(|order| {
            request
                .value("FQDN")
                .is_none_or(|part| order.common_name.contains(part))
        })
        .filter(|order| {
            equals("ProductCode", &order.product)
                && equals("OrderStatus", &order.status.to_string())
                && equals("SubID", &order.sub_id)
        })
        .filter(|order| !switches.hides(&order.id))
        .take(switches.number("list-limit").unwrap_or(LIST_LIMIT))
        .map(|order| search_detail(order, switches))
        .collect();
    Ok(if found.is_empty() {
        Vec::new()
    } else {
        vec![Element::node("SearchOrderDetails", found)]
    })
}

fn search_detail(order: &Order, switches: &Switches) -> Element {
    let organization = order.organization.as_ref().map(|o| o.organization.clone());
    let mut all = vec![Element::leaf("OrderID", &order.id)];
    if order.wildcard {
        all.push(Element::leaf("BaseOption", "wildcard"));
    }
    all.extend([
        Element::leaf("ProductCode", reply_code(order, switches)),
        Element::leaf("OrderKind", order.kind),
        Element::leaf("Licenses", "1"),
        Element::leaf("OrderRequestDate", at(order.at, switches)),
    ]);
    if let Some(completed) = order.completed {
        all.push(Element::leaf("OrderIssueDate", at(completed, switches)));
    }
    let sub_id = if switches.is_off("marker") {
        ""
    } else {
        &order.sub_id
    };
    all.extend([
        Element::leaf("OrderStatus", order.status.to_string()),
        Element::leaf("OrganizationName", organization.unwrap_or_default()),
        Element::leaf("Months", order.months.to_string()),
        Element::leaf("SubId", sub_id),
        Element::leaf("FQDN", &order.common_name),
    ]);
    Element::node("SearchOrderDetail", all)
}
