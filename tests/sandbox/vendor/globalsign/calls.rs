//! Calls around an order: approver lists, validation of parameters, changes, the account.

use chrono::{DateTime, Utc};

use super::super::csr::Csr;
use super::super::xml::Element;
use super::reply::{ApiError, error, field_error};
use super::state::{Proof, State};
use super::{Outcome, Switches, place};

pub fn approver_list(
    request: &Element,
    state: &mut State,
    now: DateTime<Utc>,
) -> Result<Outcome, ApiError> {
    let name = request.value("FQDN").unwrap_or_default().to_owned();
    if !name.contains('.') {
        return Err(field_error(-102, "FQDN", "Mandatory parameter missing."));
    }
    let entries = place::approver_addresses(&name)
        .into_iter()
        .map(|address| {
            Element::node(
                "SearchOrderDetail",
                vec![
                    Element::leaf("ApproverType", "GENERIC"),
                    Element::leaf("ApproverEmail", address),
                ],
            )
        })
        .collect();
    let number = state.number(now);
    state.numbers.push((number.clone(), name));
    Ok(Outcome {
        children: vec![Element::node("Approvers", entries)],
        ..Outcome::numbered(&number)
    })
}

pub fn validate(
    request: &Element,
    state: &State,
    switches: &Switches,
    now: DateTime<Utc>,
) -> Result<Outcome, ApiError> {
    let order = place::examine(None, request, state, switches, now)?;
    let price = format!("{}.{:02}", order.price / 100, order.price % 100);
    Ok(Outcome::of(vec![
        Element::leaf("Price", price),
        Element::leaf("Currency", "USD"),
        Element::node(
            "ValidityPeriod",
            vec![Element::leaf("Months", order.months.to_string())],
        ),
        Element::node(
            "ParsedCSR",
            vec![
                Element::leaf("DomainName", order.common_name),
                Element::leaf("IsValidDomainName", "true"),
            ],
        ),
    ]))
}

/// DecodeCSR. What an unknown product type gives is not established: here it is an invalid parameter.
pub fn decode(request: &Element) -> Result<Outcome, ApiError> {
    let kind = request.value("ProductType").unwrap_or_default();
    if !matches!(kind, "DV_LOW" | "DV" | "OV" | "EV") {
        return Err(field_error(-101, "ProductType", "Invalid parameter."));
    }
    let csr = Csr::parse(request.value("CSR").unwrap_or_default())
        .map_err(|why| field_error(-4007, "CSR", &why))?;
    let mut data = Vec::new();
    for (name, value) in [
        ("CommonName", &csr.common_name),
        ("Organization", &csr.subject.organization),
        ("OrganizationUnit", &csr.subject.unit),
        ("Locality", &csr.subject.locality),
        ("State", &csr.subject.state),
        ("Country", &csr.subject.country),
        ("EmailAddress", &csr.subject.email),
    ] {
        if !value.is_empty() {
            data.push(Element::leaf(name, value));
        }
    }
    data.push(Element::leaf("KeyLength", csr.bits.to_string()));
    let shown = |part: &&Element| part.name != "EmailAddress";
    let preview = data.iter().filter(shown).cloned().collect();
    Ok(Outcome::of(vec![
        Element::node("CSRData", data),
        Element::node("CertificatePreview", preview),
    ]))
}

pub fn modify(
    request: &Element,
    state: &mut State,
    now: DateTime<Utc>,
) -> Result<Outcome, ApiError> {
    let id = request.value("OrderID").unwrap_or_default();
    if state.order(id).is_some() && request.value("ModifyOrderOperation") != Some("CANCEL") {
        return Err(error(-101, "The operation is not served."));
    }
    cancel(state, id, now)?;
    Ok(Outcome::numbered(id))
}

/// Ends an order; the money comes back.
pub fn cancel(state: &mut State, id: &str, now: DateTime<Utc>) -> Result<(), ApiError> {
    let order = state
        .order_mut(id)
        .ok_or_else(|| error(-9916, "The order is not found."))?;
    order.status = match order.status {
        1 | 2 => 3,
        4 => 5,
        3 | 5 => return Err(error(-9915, "The order is already cancelled.")),
        _ => return Err(error(-9938, "The status of the order has changed.")),
    };
    order.changed = now;
    state.refund(id);
    Ok(())
}

pub fn change_approver(
    request: &Element,
    state: &mut State,
    now: DateTime<Utc>,
) -> Result<Outcome, ApiError> {
    let id = request.value("OrderID").unwrap_or_default();
    let address = request
        .value("ApproverEmail")
        .unwrap_or_default()
        .to_owned();
    let order = state
        .order_mut(id)
        .ok_or_else(|| error(-9916, "The order is not found."))?;
    if request.value("FQDN") != Some(&order.common_name) {
        return Err(field_error(-101, "FQDN", "The name is not the order's."));
    }
    if order.status != 1 || !matches!(order.proof, Proof::Email(_)) {
        return Err(error(-9938, "The status of the order has changed."));
    }
    if !place::approver_addresses(&order.common_name).contains(&address) {
        return Err(field_error(
            -4009,
            "ApproverEmail",
            "The address is not allowed.",
        ));
    }
    order.proof = Proof::Email(address);
    order.mails += 1;
    order.changed = now;
    Ok(Outcome::numbered(id))
}

pub fn resend(request: &Element, state: &mut State) -> Result<Outcome, ApiError> {
    let id = request.value("OrderID").unwrap_or_default();
    if request.value("ResendEmailType") != Some("APPROVEREMAIL") {
        return Err(error(-101, "The mail type is unknown."));
    }
    let order = state
        .order_mut(id)
        .ok_or_else(|| error(-9916, "The order is not found."))?;
    if order.status != 1 || !matches!(order.proof, Proof::Email(_)) {
        return Err(error(-9938, "The status of the order has changed."));
    }
    order.mails += 1;
    Ok(Outcome::numbered(id))
}

/// The element names are invented: the real ones are not public.
pub fn snapshot(state: &State, shape: &str) -> Vec<Element> {
    let amount = format!("{}.{:02}", state.balance / 100, state.balance % 100);
    let balance = |name: &str| Element::leaf(name, &amount);
    let mut children = match shape {
        "none" => vec![balance("Deposit")],
        "two" => vec![balance("Balance"), balance("CreditBalance")],
        _ => vec![balance("AccountBalance")],
    };
    children.push(Element::leaf("Currency", "USD"));
    children
}
