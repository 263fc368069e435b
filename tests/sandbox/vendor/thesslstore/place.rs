//! What the store checks before it sells, and the sale itself (thesslstore.md 6).

use serde_json::Value;

use super::super::csr::{Csr, form_decoded};
use super::super::{Sale, SaleKind};
use super::products::{Family, Level, Names, Product, TERMS, find};
use super::refusal::Refusal;
use super::state::{Check, Order, Pending, State};
use super::switches::{CsrEncoding, Switches};
use super::validation::{checks, mail_counts};
use chrono::{DateTime, Utc};

/// An order that could be sold.
#[derive(Debug)]
pub struct Draft {
    /// What is ordered.
    pub product: &'static Product,
    /// Term.
    pub months: u32,
    csr: Csr,
    names: Vec<String>,
    reserve: u32,
    wildcard_reserve: u32,
    checks: Vec<Check>,
    amount: i64,
    renewal_of: Option<String>,
    renewal: bool,
}

/// A text field, empty when absent.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A flag, false when absent; one client sends it as a text (1).
pub fn flag(value: &Value, name: &str) -> bool {
    match value.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(word)) => word == "true",
        _ => false,
    }
}

/// A number, 0 when absent.
pub fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// A list of names, lower-case.
pub fn names(value: &Value, name: &str) -> Vec<String> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_lowercase)
        .collect()
}

/// The CSR as the server reads it (5.2).
pub fn read_csr(sent: &str, switches: &Switches) -> Result<Csr, Refusal> {
    let raw = || Csr::parse(sent);
    let decoded = || Csr::parse(&form_decoded(sent));
    let read = match switches.csr_encoding {
        CsrEncoding::Raw => raw(),
        CsrEncoding::Percent => decoded(),
        CsrEncoding::Either => raw().or_else(|_| decoded()),
    };
    read.map_err(|_| {
        Refusal::authority("csr_invalid: failed to parse CSR. Generate CSR as valid Base-64 data")
    })
}

/// Checks everything that `order/neworder` checks, and changes nothing.
pub fn examine(state: &State, request: &Value) -> Result<Draft, Refusal> {
    let switches = &state.switches;
    let product = find(text(request, "ProductCode"))
        .ok_or_else(|| Refusal::own("Product code is not valid"))?;
    let months = number(request, "ValidityPeriod");
    let base = product
        .price_of(months)
        .ok_or_else(|| Refusal::own(format!("Validity period must be one of {TERMS:?} months")))?;
    if !matches!(number(request, "ServerCount"), 1 | -1) {
        return Err(Refusal::own("Server count is not valid"));
    }
    if flag(request, "isCUOrder") || flag(request, "isTrialOrder") {
        return Err(Refusal::own("This kind of order is not available"));
    }
    let csr = read_csr(text(request, "CSR"), switches)?;
    check_common_name(product, &csr, text(request, "DomainName"))?;
    if csr.key == "RSA" && csr.bits < 2048 {
        return Err(Refusal::authority("The CSR uses a key that is too short"));
    }
    let (mut names, mut reserve, mut wildcard_reserve) = (
        names(request, "DNSNames"),
        count(request, "ReserveSANCount")?,
        count(request, "WildcardReserveSANCount")?,
    );
    // The vendor's samples send these fields with single-name products, too (corrections). That they
    // have no effect there is inferred: nobody is told to pay for them.
    if !product.is_multi() {
        (reserve, wildcard_reserve) = (0, 0);
        names.clear();
    }
    check_names(product, &csr.common_name, &names, reserve, wildcard_reserve)?;
    check_applicant(product, request)?;
    check_hash(product, request)?;
    let checks = checks(product, &csr, &names, request, "ApproverEmail", switches)?;

    let renewal = flag(request, "isRenewalOrder");
    let related = text(request, "RelatedTheSSLStoreOrderID");
    if !related.is_empty() {
        if !renewal {
            return Err(Refusal::own("A related order needs isRenewalOrder"));
        }
        if !state.orders.iter().any(|order| order.id == related) {
            return Err(Refusal::own("The related order does not exist"));
        }
    }
    let amount = base
        + i64::from(reserve) * product.price_per_name(months)
        + i64::from(wildcard_reserve) * product.price_per_wildcard(months);
    Ok(Draft {
        product,
        months: u32::try_from(months).unwrap_or_default(),
        csr,
        names,
        reserve,
        wildcard_reserve,
        checks,
        amount,
        renewal_of: (!related.is_empty()).then(|| related.to_owned()),
        renewal,
    })
}

/// The account pays for it.
pub fn check_funds(state: &State, amount: i64) -> Result<(), Refusal> {
    if state.balance < amount {
        return Err(Refusal::own(
            "Insufficient balance in your account to place this order",
        ));
    }
    Ok(())
}

/// Sells: takes the money and opens the order. The custom id is not checked for uniqueness, as at the
/// vendor (11.4): two calls are two sales.
pub fn sell(
    state: &mut State,
    draft: Draft,
    request: &Value,
    now: DateTime<Utc>,
) -> Result<Order, Refusal> {
    mail_counts(&draft.checks, now)?;
    check_funds(state, draft.amount)?;
    let bonus_days = match &draft.renewal_of {
        Some(old) if state.switches.carry_over => state
            .orders
            .iter()
            .find(|order| &order.id == old)
            .map_or(0, |order| (order.term_end() - now).num_days().max(0)),
        _ => 0,
    };
    let mut order = Order::paid(draft.product, draft.months, state.orders.len() + 1, now);
    order.bonus_days = bonus_days;
    order.amount = draft.amount;
    order.reserve = draft.reserve;
    order.wildcard_reserve = draft.wildcard_reserve;
    let kind = if draft.renewal {
        SaleKind::Renewal
    } else {
        SaleKind::Order
    };
    configure(&mut order, draft, request, now);
    book(state, order.clone(), kind);
    Ok(order)
}

/// What a complete request adds to an order that is paid.
pub fn configure(order: &mut Order, draft: Draft, request: &Value, now: DateTime<Utc>) {
    let mut request = request.clone();
    if let Some(fields) = request.as_object_mut() {
        fields.remove("AuthRequest");
    }
    let custom = text(&request, "CustomOrderID");
    if !custom.is_empty() {
        order.custom = custom.to_owned();
    }
    order.common_name.clone_from(&draft.csr.common_name);
    order.www = request.get("AutoWWW").is_none_or(Value::is_null) || flag(&request, "AutoWWW");
    order.names.clone_from(&draft.names);
    order.mails = mails(&draft.checks);
    order.pending = Some(Pending {
        csr: draft.csr,
        names: draft.names,
        checks: draft.checks,
        organization_open: draft.product.level != Level::Dv,
        since: now,
    });
    order.request = request;
}

/// Takes the money and keeps the order.
pub fn book(state: &mut State, order: Order, kind: SaleKind) {
    state.balance -= order.amount;
    state.sales.push(Sale {
        order: order.id.clone(),
        custom: order.custom.clone(),
        product: order.product.code.to_owned(),
        amount: order.amount,
        at: order.purchased,
        kind,
        refunded: false,
    });
    state.orders.push(order);
}

/// How many validation mails an order sends.
pub fn mails(checks: &[Check]) -> u32 {
    let count = checks.iter().filter(|check| check.method.contains('@'));
    u32::try_from(count.count()).unwrap_or(u32::MAX)
}

fn count(request: &Value, name: &str) -> Result<u32, Refusal> {
    u32::try_from(number(request, name))
        .map_err(|_| Refusal::own(format!("{name} must not be negative")))
}

fn check_common_name(product: &Product, csr: &Csr, domain: &str) -> Result<(), Refusal> {
    let common_name = &csr.common_name;
    if common_name.is_empty() {
        return Err(Refusal::authority("The CSR has no common name"));
    }
    if !domain.is_empty() && !domain.eq_ignore_ascii_case(common_name) {
        return Err(Refusal::own("DomainName differs from the CSR"));
    }
    if domain.is_empty() && product.family == Family::Certum {
        return Err(Refusal::own("DomainName is required"));
    }
    let wildcard = common_name.starts_with("*.");
    let either = matches!(product.names, Names::Flex | Names::MultiWildcard);
    if product.wildcard != wildcard && !either {
        return Err(Refusal::authority(if wildcard {
            "The product does not allow a wildcard"
        } else {
            "The product needs a wildcard common name"
        }));
    }
    Ok(())
}

/// Additional names against what the product takes and what was bought.
pub fn check_names(
    product: &Product,
    common_name: &str,
    names: &[String],
    reserve: u32,
    wildcard_reserve: u32,
) -> Result<(), Refusal> {
    if !product.is_multi() && (!names.is_empty() || reserve > 0 || wildcard_reserve > 0) {
        return Err(Refusal::own("The product takes no additional names"));
    }
    if wildcard_reserve > 0 && product.names != Names::Flex {
        return Err(Refusal::own("The product has no separate wildcard names"));
    }
    if reserve + wildcard_reserve > product.most() {
        return Err(Refusal::own("Too many additional names"));
    }
    for (index, name) in names.iter().enumerate() {
        if name == common_name || names[..index].contains(name) {
            return Err(Refusal::own(format!("{name} is named twice")));
        }
        let odd = name.is_empty() || !name.is_ascii() || name.contains(char::is_whitespace);
        if odd || !name.contains('.') {
            return Err(Refusal::own(format!("{name} is not a domain name")));
        }
        let wildcard = name.starts_with("*.");
        if wildcard && matches!(product.names, Names::Multi | Names::Below) {
            return Err(Refusal::own("The product takes no wildcard names"));
        }
        if product.names == Names::Below && !name.ends_with(&format!(".{common_name}")) {
            return Err(Refusal::own(format!("{name} is not below {common_name}")));
        }
    }
    let wildcards = names.iter().filter(|name| name.starts_with("*.")).count();
    let (plain, wild) = match product.names {
        Names::Flex => (names.len() - wildcards, wildcards),
        _ => (names.len(), 0),
    };
    if plain > (reserve + product.included()) as usize || wild > wildcard_reserve as usize {
        return Err(Refusal::own("More additional names than were bought"));
    }
    Ok(())
}

fn check_applicant(product: &Product, request: &Value) -> Result<(), Refusal> {
    let needs = product.needs();
    let nothing = Value::Null;
    let organization = request.get("OrganizationInfo").unwrap_or(&nothing);
    let address = organization.get("OrganizationAddress").unwrap_or(&nothing);
    let known = ["TSSOrganizationId", "PreOrganizationId"]
        .iter()
        .any(|name| number(request, name) != 0);
    if needs.known && !known {
        return Err(Refusal::own(
            "TSSOrganizationId is required for the product",
        ));
    }
    let mut wanted = Vec::new();
    if needs.basic && !known {
        wanted.push((organization, "OrganizationName"));
        wanted.extend(["AddressLine1", "Region", "PostalCode"].map(|name| (address, name)));
    }
    if needs.country_and_phone && !known {
        wanted.extend(["Country", "Phone"].map(|name| (address, name)));
    }
    if needs.locality && !known {
        wanted.push((address, "LocalityName"));
    }
    if needs.jurisdiction && !known {
        wanted.push((organization, "JurisdictionCountry"));
    }
    if needs.registration {
        wanted.push((organization, "RegistrationNumber"));
    }
    for contact in ["AdminContact", "TechnicalContact"] {
        let contact = request.get(contact).unwrap_or(&nothing);
        if needs.titles {
            wanted.push((contact, "Title"));
        }
        check_country(text(contact, "Country"))?;
        if !text(contact, "Email").contains('@') {
            return Err(Refusal::own("A contact has no e-mail address"));
        }
    }
    check_country(text(address, "Country"))?;
    check_country(text(organization, "JurisdictionCountry"))?;
    match wanted
        .iter()
        .find(|(place, name)| text(place, name).is_empty())
    {
        Some((_, name)) => Err(Refusal::own(format!("{name} is required for the product"))),
        None => Ok(()),
    }
}

fn check_country(code: &str) -> Result<(), Refusal> {
    let fits = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if code.is_empty() || fits {
        return Ok(());
    }
    Err(Refusal::authority(
        "The value of the 'apprepcountryname' argument is invalid!",
    ))
}

fn check_hash(product: &Product, request: &Value) -> Result<(), Refusal> {
    let hash = text(request, "SignatureHashAlgorithm");
    match product.family {
        Family::DigiCert if hash.is_empty() => Err(Refusal::authority(
            "csr_invalid: failed to parse CSR. Generate CSR as valid Base-64 data",
        )),
        Family::Sectigo if hash.starts_with("sha") => Err(Refusal::authority(
            "The signature hash algorithm is not valid",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_against_product_and_purchase() {
        let multi = find("positivemdcssl").unwrap();
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let three = names(&["a.example", "b.example", "c.example"]);
        assert!(check_names(multi, "x.example", &three, 1, 0).is_ok());
        assert!(check_names(multi, "x.example", &three, 0, 0).is_err());
        assert!(check_names(multi, "a.example", &three, 3, 0).is_err());
        assert!(check_names(multi, "x.example", &names(&["*.a.example"]), 1, 0).is_err());
        let single = find("positivessl").unwrap();
        assert!(check_names(single, "x.example", &names(&["a.example"]), 0, 0).is_err());
        let flex = find("digi_ssl123_flex").unwrap();
        let mixed = names(&["a.example", "*.a.example"]);
        assert!(check_names(flex, "x.example", &mixed, 1, 1).is_ok());
        assert!(check_names(flex, "x.example", &mixed, 2, 0).is_err());
        let below = find("digi_quickssl_md").unwrap();
        assert!(check_names(below, "x.example", &names(&["a.x.example"]), 0, 0).is_ok());
        assert!(check_names(below, "x.example", &names(&["a.y.example"]), 0, 0).is_err());
    }
}
