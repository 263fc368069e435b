//! The calls that the vendor's own development kit has beside ordering (thesslstore.md 2.1, 5.2, 6.9, 8.3, 9.3, 10).

use serde_json::{Value, json};

use super::super::SaleKind;
use super::super::csr::Csr;
use super::calls::{Answer, Context};
use super::place::{Draft, book, check_funds, configure, flag, number, text};
use super::products::{Names, find};
use super::refusal::Refusal;
use super::reply;
use super::state::{Invitation, Order, State};

/// Number of the one organization that is known to the store.
pub const ORGANIZATION: i64 = 501;

/// The request shows an order's token instead of the partner's credentials.
pub fn is_by_token(request: &Value) -> bool {
    let auth = request.get("AuthRequest").unwrap_or(&Value::Null);
    flag(auth, "IsUsedForTokenSystem")
}

/// The order that the request's token stands for: in one text, or in two halves.
pub fn scope(state: &State, request: &Value) -> Option<usize> {
    let auth = request.get("AuthRequest")?;
    if !is_by_token(request) {
        return None;
    }
    let whole = text(auth, "Token");
    let (id, code) = whole
        .split_once("#!")
        .unwrap_or((text(auth, "TokenID"), text(auth, "TokenCode")));
    state.orders.iter().position(|order| {
        let (own_id, own_code) = order.token();
        own_id == id && own_code == code
    })
}

/// `order/inviteorder`: takes the money; what the certificate is for is told later (6.9).
pub fn invite(context: &mut Context<'_>) -> Answer {
    let request = context.request;
    let product = find(text(request, "ProductCode"))
        .ok_or_else(|| Refusal::own("Product code is not valid"))?;
    let months = number(request, "ValidityPeriod");
    let base = product
        .price_of(months)
        .ok_or_else(|| Refusal::own("Validity period is not valid"))?;
    let counted = |name: &str| u32::try_from(number(request, name)).unwrap_or_default();
    let count = context.state.orders.len() + 1;
    let months_bought = u32::try_from(months).unwrap_or_default();
    let mut order = Order::paid(product, months_bought, count, context.now);
    if product.is_multi() {
        order.reserve = counted("ExtraSAN");
    }
    if product.names == Names::Flex {
        order.wildcard_reserve = counted("ExtraWildcardSAN");
    }
    order.amount = base
        + i64::from(order.reserve) * product.price_per_name(months)
        + i64::from(order.wildcard_reserve) * product.price_per_wildcard(months);
    check_funds(context.state, order.amount)?;
    order.custom = text(request, "CustomOrderID").to_owned();
    order.invitation = Some(Invitation::Open);
    book(context.state, order, SaleKind::Order);
    Ok(context.order_answer(count - 1))
}

/// `order/neworder` with an order's token: configures what was bought, for nothing.
pub fn complete(context: &mut Context<'_>, index: usize, draft: Draft) -> Result<Order, Refusal> {
    let order = &mut context.state.orders[index];
    if order.invitation != Some(Invitation::Open) || order.cancelled.is_some() {
        return Err(Refusal::own("The order is configured already"));
    }
    if draft.product.code != order.product.code || draft.months != order.months {
        return Err(Refusal::own("The request differs from what was bought"));
    }
    order.invitation = Some(Invitation::Used);
    configure(order, draft, context.request, context.now);
    Ok(order.clone())
}

/// `order/getmodifiedorderssummary`. What an element of `Orders` holds is not established: here it is
/// the order as other calls show it.
pub fn modified(context: &Context<'_>) -> Answer {
    let request = context.request;
    let date = |name: &str| super::super::table::date(text(request, name));
    let (from, till) = (date("StartDate"), date("EndDate"));
    let orders = &context.state.orders;
    let changed: Vec<usize> = (0..orders.len())
        .filter(|index| {
            let at = orders[*index].modified().timestamp_millis();
            from.is_none_or(|from| at >= from) && till.is_none_or(|till| at <= till)
        })
        .collect();
    let size = usize::try_from(number(request, "PageSize").max(1)).unwrap_or(1);
    let skip = usize::try_from(number(request, "PageNumber") - 1).unwrap_or_default() * size;
    let page: Vec<Value> = changed
        .iter()
        .skip(skip)
        .take(size)
        .map(|index| context.order_answer(*index))
        .collect();
    Ok(context.wrapped(json!({ "Orders": page, "TotalOrders": changed.len() })))
}

/// `order/certificaterevokerequest`: staff is asked; what becomes of it no source tells.
pub fn revoke(context: &mut Context<'_>) -> Answer {
    let index = context.need_order()?;
    let serial = text(context.request, "SerialNumber").to_lowercase();
    let order = &mut context.state.orders[index];
    let known = order
        .certificate
        .as_ref()
        .is_some_and(|issued| issued.serial.eq_ignore_ascii_case(&serial));
    if !known {
        return Err(Refusal::own(
            "The order has no certificate of this serial number",
        ));
    }
    order.revocations.push(serial);
    Ok(context.good())
}

/// `csr/download`.
pub fn csr(context: &Context<'_>) -> Answer {
    let order = &context.state.orders[context.need_order()?];
    let pending = order.pending.as_ref().map(|pending| &pending.csr);
    let csr: &Csr = pending
        .or(order.csr.as_ref())
        .ok_or_else(|| Refusal::own("The order has no CSR yet"))?;
    Ok(context.wrapped(json!({ "CSR": csr.pem })))
}

/// `digicert/organizationlist`: one organization that is verified.
pub fn organizations(context: &Context<'_>) -> Value {
    context.wrapped(json!({ "OrganizationList": [{
        "Name": "Example Hosting",
        "AssumedName": "",
        "Address": "1 Main St",
        "Address2": "",
        "City": "Springfield",
        "State": "IL",
        "Zip": "62701",
        "Country": "US",
        "Organization_Phone": "+1.5550100",
        "Status": "active",
        "TSSOrganizationId": ORGANIZATION,
        "VendorOrganizationId": 1_100_501,
        "ApproversContact": null,
        "OrganizationContact": {
            "Firstname": "Ann", "Lastname": "Lee", "Email": "ann@example.com",
            "JobTitle": "Admin", "Phone": "+1.5550100", "Phone_Extension": "", "Username": "",
        },
    }]}))
}

/// `digicert/getdomaininfo`. What stands in `OrganizationDetails` and `validations` no source tells.
pub fn domain(context: &Context<'_>) -> Answer {
    let order = &context.state.orders[context.need_order()?];
    let name = text(context.request, "DomainName").to_lowercase();
    let open = order.pending.as_ref().map(|pending| &pending.checks);
    let check = open
        .unwrap_or(&order.checks)
        .iter()
        .find(|check| check.domain == name)
        .ok_or_else(|| Refusal::own("DomainName is not a name of the order"))?;
    let shown = reply::vetting(check);
    Ok(context.wrapped(json!({
        "DomainName": name,
        "domain_status": "active",
        "date_created": reply::local(Some(order.purchased), ""),
        "domain_isactive": true,
        "TheSSLStoreOrderID": order.id,
        "OrganizationDetails": null,
        "dcvDetails": {
            "domain": shown["domain"],
            "dcvMethod": shown["dcvMethod"],
            "dcvStatus": shown["dcvStatus"],
            "FileName": shown["FileName"],
            "FileContents": shown["FileContents"],
            "DNSName": shown["DNSName"],
            "DNSEntry": shown["DNSEntry"],
            "ExpirationDate": null,
        },
        "validations": null,
    })))
}
