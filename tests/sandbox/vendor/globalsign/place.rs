//! Calls that order, and the checks before them.

use chrono::{DateTime, Utc};

use super::super::csr::{Csr, Subject};
use super::super::xml::Element;
use super::super::{SaleKind, mail_has_ended};
use super::names;
use super::reply::{ApiError, error, field_error, illegal, missing, parameter};
use super::state::{Order, Proof, State, term_end};
use super::{Outcome, Switches};

/// Families with the price of a year in hundredths.
const PRODUCTS: [(&str, &str, i64); 8] = [
    ("DV_LOW", "DVOrder", 4_900),
    ("DV_LOW_DNS", "DVDNSOrder", 4_900),
    ("DV_LOW_URL", "URLVerification", 4_900),
    ("DV", "DVOrder", 14_900),
    ("DV_HIGH_DNS", "DVDNSOrder", 14_900),
    ("DV_HIGH_URL", "URLVerification", 14_900),
    ("OV", "OVOrder", 24_900),
    ("EV", "EVOrder", 59_900),
];

/// What an order would be, checked. `operation` is `None` when the parameters are only validated.
pub fn examine(
    operation: Option<&str>,
    request: &Element,
    state: &State,
    switches: &Switches,
    now: DateTime<Utc>,
) -> Result<Order, ApiError> {
    let wanted = request
        .child("OrderRequestParameter")
        .ok_or_else(|| missing("OrderRequestParameter"))?;
    let value = |name: &str| wanted.value(name).unwrap_or_default().to_owned();
    let code = value("ProductCode");
    let stem = code.strip_suffix("_SHA2").unwrap_or(&code);
    let (_, home, price) = PRODUCTS
        .iter()
        .find(|(name, ..)| *name == stem)
        .ok_or_else(|| illegal(-9901, &parameter("ProductCode")))?;
    if operation.is_some_and(|operation| operation != *home) {
        return Err(illegal(-101, &parameter("ProductCode")));
    }
    let csr =
        Csr::parse(&value("CSR")).map_err(|why| field_error(-4007, &parameter("CSR"), &why))?;
    if csr.key == "RSA" && csr.bits < 2048 {
        return Err(illegal(-9936, &parameter("CSR")));
    }
    let common_name = csr.common_name.clone();
    let wildcard = value("BaseOption") == "wildcard";
    if wildcard != common_name.starts_with("*.") || (!wildcard && !value("BaseOption").is_empty()) {
        return Err(illegal(-9925, &parameter("BaseOption")));
    }
    if common_name.is_empty() || names::is_internal(&common_name) {
        return Err(illegal(-9971, &parameter("CSR")));
    }
    if request
        .value("FQDN")
        .is_some_and(|name| name != common_name)
    {
        return Err(illegal(-6021, "FQDN"));
    }
    let other_name =
        |order: &&Order| order.csr.public_key == csr.public_key && order.common_name != common_name;
    // That the code exists is documented; whether one key under several names is refused is not known.
    if switches.is_on("key-once") && state.orders.iter().any(|order| other_name(&order)) {
        return Err(illegal(-6007, &parameter("CSR")));
    }
    if value("Licenses") != "1" {
        return Err(illegal(-101, &parameter("Licenses")));
    }
    let months = wanted
        .child("ValidityPeriod")
        .and_then(|period| period.value("Months"));
    let months: u32 = months
        .and_then(|text| text.parse().ok())
        .filter(|months| (1..=36).contains(months))
        .ok_or_else(|| illegal(-101, &parameter("ValidityPeriod.Months")))?;
    let (kind, renewal_of) = kind(wanted, &common_name, state).map_err(|why| {
        // A DVOrder that renews what the vendor does not accept was recorded with -1 (5, 9, 20).
        if operation == Some("DVOrder") && why.code == -6102 {
            error(-1, "Internal system error.")
        } else {
            why
        }
    })?;
    let names = names::of_order(request, wanted, stem, &common_name)?;
    let organization = organization(request, stem)?;
    people(request, stem, operation)?;
    let extra: i64 = names.iter().map(|(option, _)| names::price(option)).sum();
    let base = if wildcard { price * 3 } else { *price };
    let sub_id = request.value("SubID").or_else(|| request.value("SubId"));
    Ok(Order {
        id: String::new(),
        product: code.clone(),
        wildcard,
        kind,
        renewal_of,
        reissue_of: None,
        common_name,
        names,
        months,
        sub_id: sub_id.unwrap_or_default().to_owned(),
        csr,
        organization_done: organization.is_none(),
        organization,
        price: base + extra,
        at: now,
        changed: now,
        completed: None,
        term_end: term_end(now, months),
        status: 1,
        proof: Proof::Vetting,
        published: false,
        domain_done: false,
        issued: None,
        mails: 0,
    })
}

fn kind(
    wanted: &Element,
    common_name: &str,
    state: &State,
) -> Result<(&'static str, Option<String>), ApiError> {
    let target = wanted.value("RenewalTargetOrderID");
    let target = target.filter(|target| !target.is_empty());
    match (wanted.value("OrderKind"), target) {
        (Some("new"), None) => Ok(("New", None)),
        (Some("renewal"), Some(target)) => {
            let old = state.order(target);
            let fits = old.is_some_and(|old| old.status == 4 && old.common_name == common_name);
            let again = |order: &Order| order.renewal_of.as_deref() == Some(target);
            if fits && !state.orders.iter().any(again) {
                Ok(("Renewal", Some(target.to_owned())))
            } else {
                Err(illegal(-6102, &parameter("RenewalTargetOrderID")))
            }
        }
        (Some("new" | "renewal"), _) => Err(illegal(-105, &parameter("RenewalTargetOrderID"))),
        _ => Err(illegal(-101, &parameter("OrderKind"))),
    }
}

fn filled(element: &Element, path: &str, fields: &[&str]) -> Result<(), ApiError> {
    for field in fields {
        if element.value(field).unwrap_or_default().trim().is_empty() {
            return Err(missing(&format!("{path}.{field}")));
        }
    }
    Ok(())
}

fn organization(request: &Element, stem: &str) -> Result<Option<Subject>, ApiError> {
    let (part, name) = match stem {
        "OV" => ("OrganizationInfo", "OrganizationInfo.OrganizationName"),
        "EV" => ("OrganizationInfoEV", "RequestorInfo.OrganizationName"),
        _ => return Ok(None),
    };
    // Without the part only the parameters are validated.
    let Some(info) = request.child(part) else {
        return Ok(Some(Subject::default()));
    };
    let address = info
        .child("OrganizationAddress")
        .ok_or_else(|| missing("OrganizationAddress"))?;
    let fields = ["AddressLine1", "City", "Region", "Country", "Phone"];
    filled(address, "OrganizationAddress", &fields)?;
    if info.value("OrganizationCode").is_some() != info.value("CreditAgency").is_some() {
        return Err(illegal(-105, "OrganizationInfo.OrganizationCode"));
    }
    let country = address.value("Country").unwrap_or_default().to_owned();
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Err(illegal(-104, "OrganizationAddress.Country"));
    }
    if stem == "EV" && !matches!(info.value("BusinessCategoryCode"), Some("PO" | "GE" | "BE")) {
        return Err(illegal(-101, "OrganizationInfoEV.BusinessCategoryCode"));
    }
    let organization = if stem == "OV" {
        info.value("OrganizationName")
    } else {
        request
            .child("RequestorInfo")
            .and_then(|r| r.value("OrganizationName"))
    };
    let organization = organization
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| missing(name))?;
    Ok(Some(Subject {
        country,
        state: address.value("Region").unwrap_or_default().to_owned(),
        locality: address.value("City").unwrap_or_default().to_owned(),
        organization: organization.to_owned(),
        ..Subject::default()
    }))
}

fn people(request: &Element, stem: &str, operation: Option<&str>) -> Result<(), ApiError> {
    if operation.is_none() {
        return Ok(());
    }
    let person = |name: &str, fields: &[&str]| match request.child(name) {
        Some(part) => filled(part, name, fields),
        None => Err(missing(name)),
    };
    let contact = ["FirstName", "LastName", "Phone", "Email"];
    person("ContactInfo", &contact)?;
    if stem == "EV" {
        let officer = [
            "FirstName",
            "LastName",
            "Function",
            "OrganizationName",
            "OrganizationUnit",
            "Phone",
            "Email",
        ];
        person("RequestorInfo", &officer)?;
        person("ApproverInfo", &officer)?;
        let signer = [
            "OrganizationName",
            "FirstName",
            "LastName",
            "Function",
            "Phone",
            "Email",
        ];
        person("AuthorizedSignerInfo", &signer)?;
        let jurisdiction = [
            "JurisdictionCountry",
            "IncorporationAgencyRegistrationNumber",
        ];
        person("JurisdictionInfo", &jurisdiction)?;
    }
    Ok(())
}

/// Addresses the vendor sends approver mails to: at the name and at the domain above it.
pub fn approver_addresses(name: &str) -> Vec<String> {
    let host = name.strip_prefix("*.").unwrap_or(name);
    let host = host.strip_prefix("www.").unwrap_or(host);
    let dots: Vec<_> = host.match_indices('.').map(|(at, _)| at).collect();
    let above = match dots.as_slice() {
        [.., last, _] => &host[last + 1..],
        _ => host,
    };
    let mut domains = vec![name.strip_prefix("*.").unwrap_or(name), host, above];
    domains.dedup();
    let locals = [
        "admin",
        "administrator",
        "hostmaster",
        "postmaster",
        "webmaster",
    ];
    domains
        .into_iter()
        .flat_map(|domain| locals.map(|local| format!("{local}@{domain}")))
        .collect()
}

/// Serves an order call.
pub fn order(
    operation: &'static str,
    request: &Element,
    state: &mut State,
    switches: &Switches,
    now: DateTime<Utc>,
) -> Result<Outcome, ApiError> {
    let number = request.value("OrderID").map(str::to_owned);
    if let Some(number) = &number {
        if state.order(number).is_some() {
            return Err(field_error(
                -4004,
                "OrderID",
                "The OrderID has already been used.",
            ));
        }
        if !state.numbers.iter().any(|(known, _)| known == number) {
            return Err(field_error(-4003, "OrderID", "The OrderID does not exist."));
        }
    }
    let mut order = examine(Some(operation), request, state, switches, now)?;
    let common_name = order.common_name.clone();
    let host = common_name
        .strip_prefix("*.")
        .unwrap_or(&common_name)
        .to_owned();
    let mut hosts = vec![host.clone()];
    hosts.extend(host.strip_prefix("www.").map(str::to_owned));
    let id = number.unwrap_or_else(|| state.number(now));
    let mut children = Vec::new();
    order.proof = match operation {
        "DVOrder" => {
            let approver = request
                .value("ApproverEmail")
                .unwrap_or_default()
                .to_owned();
            if !approver_addresses(&common_name).contains(&approver) || mail_has_ended(now) {
                return Err(illegal(-4009, "ApproverEmail"));
            }
            order.mails = 1;
            Proof::Email(approver)
        }
        "DVDNSOrder" => {
            let value = format!("_globalsign-domain-verification={id}token");
            children.push(Element::leaf("DNSTXT", &value));
            let list = hosts.iter().map(|h| Element::leaf("VerificationFQDN", h));
            children.push(Element::node("VerificationFQDNList", list.collect()));
            Proof::Dns(value)
        }
        "URLVerification" => {
            if order.wildcard {
                return Err(illegal(-105, &parameter("BaseOption")));
            }
            let value =
                format!("<meta name=\"_globalsign-domain-verification\" content=\"{id}token\" />");
            children.push(Element::leaf("MetaTag", &value));
            let list = hosts.iter().map(|h| Element::leaf("VerificationURL", h));
            children.push(Element::node("VerificationURLList", list.collect()));
            Proof::Url(value)
        }
        _ => Proof::Vetting,
    };
    if state.balance < order.price {
        return Err(error(-6101, "Balance Error."));
    }
    order.id.clone_from(&id);
    let mut remarks = Vec::new();
    if switches.is_on("hold") {
        order.status = 2;
        remarks.push(error(-5001, "The order is held for a phishing check."));
    }
    let kind = if order.renewal_of.is_some() {
        SaleKind::Renewal
    } else {
        SaleKind::Order
    };
    state.book(order, kind);
    Ok(Outcome {
        number: Some(id),
        remarks,
        children,
    })
}

/// Serves ReIssue: a new order inside the term.
pub fn reissue(
    request: &Element,
    state: &mut State,
    now: DateTime<Utc>,
) -> Result<Outcome, ApiError> {
    let target = request
        .value("TargetOrderID")
        .unwrap_or_default()
        .to_owned();
    let old = state
        .order(&target)
        .cloned()
        .ok_or_else(|| error(-9916, "The order is not found."))?;
    // Whether the live service reissues what was revoked is not established.
    if !matches!(old.status, 4 | 7) {
        return Err(error(-9938, "The status of the order has changed."));
    }
    // What the vendor says then is not known.
    if old.proof.is_by_mail() && mail_has_ended(now) {
        return Err(illegal(-4009, "ApproverEmail"));
    }
    let again = |order: &Order| order.reissue_of.as_deref() == Some(&target);
    if state.orders.iter().any(again) {
        return Err(error(-4016, "The certificate has already been reissued."));
    }
    if request
        .value("HashAlgorithm")
        .is_some_and(|hash| hash != "SHA256")
    {
        return Err(illegal(-101, "HashAlgorithm"));
    }
    let wanted = request
        .child("OrderParameter")
        .ok_or_else(|| missing("OrderParameter"))?;
    let csr = Csr::parse(wanted.value("CSR").unwrap_or_default())
        .map_err(|why| field_error(-4007, "OrderParameter.CSR", &why))?;
    if csr.common_name != old.common_name {
        return Err(illegal(-4006, "OrderParameter.CSR"));
    }
    let names: Vec<(String, String)> = wanted
        .value("DNSNames")
        .into_iter()
        .flat_map(|list| list.split(','))
        .map(|name| {
            (
                names::option_of(&old.common_name, name).to_owned(),
                name.to_owned(),
            )
        })
        .collect();
    if names
        .iter()
        .any(|(_, name)| names::is_internal(name) || name.contains(' '))
    {
        return Err(illegal(-6018, "OrderParameter.DNSNames"));
    }
    if names.len() > old.names.len() {
        return Err(illegal(-6017, "OrderParameter.DNSNames"));
    }
    let same_names = names.iter().all(|name| old.names.contains(name));
    let id = state.number(now);
    let order = Order {
        id: id.clone(),
        renewal_of: None,
        reissue_of: Some(target.clone()),
        names,
        sub_id: old.sub_id.clone(),
        csr,
        price: 0,
        at: now,
        changed: now,
        completed: None,
        status: 1,
        published: false,
        // Names that were proved before need no new proof, unless the method was changed since.
        domain_done: same_names && old.domain_done,
        organization_done: true,
        issued: None,
        ..old
    };
    state.book(order, SaleKind::Reissue);
    Ok(Outcome {
        number: Some(id),
        remarks: Vec::new(),
        children: vec![Element::leaf("TargetOrderID", target)],
    })
}
