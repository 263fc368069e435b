//! The calls that change something (thesslstore.md 6, 9).

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::{Sale, SaleKind};
use super::calls::{Answer, Context};
use super::further;
use super::place::{check_names, examine, flag, mails, names, read_csr, sell, text};
use super::refusal::{Refusal, WINDOW_OVER};
use super::reply;
use super::state::Pending;
use super::validation::{allowed_address, checks, mail_counts};

/// How long an order can be cancelled (9.3).
const CANCEL_DAYS: i64 = 30;

/// `order/neworder`: takes money each time, except in an invited order.
pub fn new_order(context: &mut Context<'_>) -> Answer {
    let draft = examine(context.state, context.request)?;
    // With an order's token the call completes that order, which is paid (2.1).
    let order = match context.scope {
        Some(index) => further::complete(context, index, draft)?,
        None => sell(context.state, draft, context.request, context.now)?,
    };
    let mut answer = reply::order(context.state, &order, context.request, context.now);
    if context.state.switches.error_with_id {
        let refusal = Refusal::own("Something went wrong after the order was placed");
        let auth = reply::auth(true, &[refusal.message()], context.request, context.now);
        answer.insert("AuthResponse".to_owned(), auth);
    }
    Ok(Value::Object(answer))
}

/// `order/reissue`: free, restarts validation.
pub fn reissue(context: &mut Context<'_>) -> Answer {
    let request = context.request;
    let id = text(request, "TheSSLStoreOrderID");
    let position = context.state.orders.iter().position(|order| order.id == id);
    let index = position.ok_or_else(|| Refusal::own("The order was not found"))?;
    let switches = &context.state.switches;
    let order = &context.state.orders[index];
    let (major, minor) = order.status(context.now, "Pending");
    // Whether the live service reissues what was revoked is not established.
    if !matches!(major.as_str(), "Active" | "Revoked") || minor == "PENDING_REISSUE" {
        return Err(Refusal::own("The order cannot be reissued now"));
    }
    let admin = order.requested("/AdminContact/Email");
    if !text(request, "ReissueEmail").eq_ignore_ascii_case(admin) {
        return Err(Refusal::own(
            "ReissueEmail differs from the order's administrator",
        ));
    }
    let csr = read_csr(text(request, "CSR"), switches)?;
    if csr.common_name != order.common_name {
        return Err(Refusal::authority(
            "The common name cannot change in a reissue",
        ));
    }
    let said = request
        .get("isWildCard")
        .is_some_and(|said| !said.is_null());
    if said && flag(request, "isWildCard") != csr.common_name.starts_with("*.") {
        return Err(Refusal::own("isWildCard contradicts the CSR"));
    }
    let mut names = reissued_names(&order.names, request)?;
    if !order.product.is_multi() {
        names.clear();
    }
    check_names(
        order.product,
        &csr.common_name,
        &names,
        order.reserve,
        order.wildcard_reserve,
    )?;
    let (one, other) = (
        text(request, "ApproverEmails"),
        text(request, "ApproverEmail"),
    );
    if !one.is_empty() && !other.is_empty() && one != other {
        return Err(Refusal::own(
            "ApproverEmails and ApproverEmail contradict each other",
        ));
    }
    let field = if one.is_empty() {
        "ApproverEmail"
    } else {
        "ApproverEmails"
    };
    let checks = checks(order.product, &csr, &names, request, field, switches)?;
    let now = context.now;
    mail_counts(&checks, now)?;
    let order = &mut context.state.orders[index];
    order.mails += mails(&checks);
    order.pending = Some(Pending {
        csr,
        names,
        checks,
        // The applicant was verified for the order.
        organization_open: false,
        since: now,
    });
    let partner: u64 = order.partner.parse().unwrap_or_default();
    order.partner = (partner + 1).to_string();
    let sale = Sale {
        order: order.id.clone(),
        custom: order.custom.clone(),
        product: order.product.code.to_owned(),
        amount: 0,
        at: now,
        kind: SaleKind::Reissue,
        refunded: false,
    };
    context.state.sales.push(sale);
    Ok(context.order_answer(index))
}

/// `order/refundrequest`: cancels an order without a certificate, else staff decides.
pub fn refund_request(context: &mut Context<'_>) -> Answer {
    let index = context.need_order()?;
    if text(context.request, "RefundReason").is_empty() {
        return Err(Refusal::own("RefundReason is required"));
    }
    let order = &mut context.state.orders[index];
    if order.cancelled.is_some() && order.refund.is_none() {
        return Err(Refusal::own("The order is cancelled already"));
    }
    let from = order.activated.unwrap_or(order.purchased);
    if context.now - from > TimeDelta::days(CANCEL_DAYS) {
        return Err(Refusal {
            code: WINDOW_OVER,
            text: "The certificate cannot be cancelled after 30 days of activation".to_owned(),
        });
    }
    if order.refund.is_none() {
        order.refund = Some((format!("RR{}", order.id), false));
    }
    let id = order.id.clone();
    if context.state.switches.refund_at_once {
        context
            .state
            .decide_refund(&id, true)
            .map_err(Refusal::own)?;
    }
    Ok(context.order_answer(index))
}

/// `order/resend`.
pub fn resend(context: &mut Context<'_>) -> Answer {
    let index = context.need_order()?;
    if text(context.request, "ResendEmailType") != "ApproverEmail" {
        return Err(Refusal::own("ResendEmailType is not valid"));
    }
    let order = &mut context.state.orders[index];
    let open = order
        .pending
        .as_ref()
        .ok_or_else(|| Refusal::own("Nothing waits for an e-mail"))?;
    let count = mails(&open.checks);
    if count == 0 {
        return Err(Refusal::own("Nothing waits for an e-mail"));
    }
    order.mails += count;
    Ok(context.good())
}

/// `order/changeapproveremail`.
pub fn change_email(context: &mut Context<'_>) -> Answer {
    let address = text(context.request, "ResendEmail").to_owned();
    change(context, |domain| allowed_address(&address, domain))
}

/// `order/changeapprovermethod`.
pub fn change_method(context: &mut Context<'_>) -> Answer {
    let address = text(context.request, "ResendEmail").to_owned();
    let method = text(context.request, "ApproverMethod").to_owned();
    let index = context.need_order()?;
    let order = &context.state.orders[index];
    let sectigo = order.product.family == super::products::Family::Sectigo;
    change(context, |domain| match method.as_str() {
        "EMAIL" | "" => allowed_address(&address, domain),
        word if word.ends_with("_CSR_HASH") == sectigo => Ok(word.to_owned()),
        _ => Err(Refusal::own("ApproverMethod is not valid for this order")),
    })
}

fn change(context: &mut Context<'_>, method: impl Fn(&str) -> Result<String, Refusal>) -> Answer {
    let index = context.need_order()?;
    let wanted = text(context.request, "DomainNames").to_lowercase();
    let order = &mut context.state.orders[index];
    let pending = order
        .pending
        .as_mut()
        .ok_or_else(|| Refusal::own("The order does not wait for validation"))?;
    let check = pending
        .checks
        .iter_mut()
        .find(|check| check.domain == wanted)
        .ok_or_else(|| Refusal::own("DomainNames is not a name of the order"))?;
    if check.done {
        return Err(Refusal::own("The name is validated already"));
    }
    check.method = method(&check.domain)?;
    order.mails += u32::from(check.method.contains('@'));
    Ok(context.good())
}

/// `digicert/checkdcv`: the simulator has no network to look at; it remembers that it was asked.
pub fn check_dcv(context: &mut Context<'_>) -> Answer {
    let index = context.need_order()?;
    let name = text(context.request, "DomainName").to_lowercase();
    let order = &context.state.orders[index];
    let known = order
        .pending
        .as_ref()
        .is_some_and(|pending| pending.checks.iter().any(|check| check.domain == name));
    if !known {
        return Err(Refusal::own("DomainName is not an open name of the order"));
    }
    context.state.looks.push(name);
    Ok(context.wrapped(json!({})))
}

/// The names of a reissue: the full list, or the pairs applied to the old names.
pub fn reissued_names(old: &[String], request: &Value) -> Result<Vec<String>, Refusal> {
    let pairs = |name: &str| -> Vec<(String, String)> {
        let list = request.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .map(|pair| {
                (
                    text(pair, "OldValue").to_lowercase(),
                    text(pair, "NewValue").to_lowercase(),
                )
            })
            // The vendor's own samples send empty pairs (corrections).
            .filter(|(old, new)| !(old.is_empty() && new.is_empty()))
            .collect()
    };
    let mut result = old.to_vec();
    let remove = |name: &str, result: &mut Vec<String>| {
        let before = result.len();
        result.retain(|known| known != name);
        if result.len() == before {
            return Err(Refusal::own(format!("{name} is not a name of the order")));
        }
        Ok(())
    };
    let (added, deleted, edited) = (pairs("AddSAN"), pairs("DeleteSAN"), pairs("EditSAN"));
    for (gone, new) in &deleted {
        if gone.is_empty() || !new.is_empty() {
            return Err(Refusal::own("DeleteSAN takes the name as OldValue"));
        }
        remove(gone, &mut result)?;
    }
    for (gone, new) in &edited {
        remove(gone, &mut result)?;
        result.push(new.clone());
    }
    for (gone, new) in &added {
        if new.is_empty() || !gone.is_empty() {
            return Err(Refusal::own("AddSAN takes the name as NewValue"));
        }
        result.push(new.clone());
    }
    if request.get("DNSNames").is_none_or(Value::is_null) {
        return Ok(result);
    }
    let full = names(request, "DNSNames");
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    let has_pairs = !(added.is_empty() && deleted.is_empty() && edited.is_empty());
    if has_pairs && sorted(&full) != sorted(&result) {
        return Err(Refusal::own("DNSNames and the pairs contradict each other"));
    }
    Ok(full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_lists_give_the_names_of_a_reissue() {
        let old = vec!["a.example".to_owned(), "b.example".to_owned()];
        let names = |request: Value| reissued_names(&old, &request);
        assert_eq!(names(json!({})).unwrap(), old);
        assert_eq!(
            names(json!({"DNSNames":["c.example"]})).unwrap(),
            ["c.example"]
        );
        let pairs = json!({"AddSAN":[{"OldValue":"","NewValue":"c.example"}],
            "DeleteSAN":[{"OldValue":"a.example","NewValue":""}]});
        assert_eq!(names(pairs).unwrap(), ["b.example", "c.example"]);
        let empty = json!([{"OldValue":"","NewValue":""}]);
        let samples = json!({"AddSAN":empty,"DeleteSAN":empty,"EditSAN":empty});
        assert_eq!(names(samples).unwrap(), old);
        let wrong = json!({"DeleteSAN":[{"OldValue":"","NewValue":"a.example"}]});
        assert!(names(wrong).is_err());
        let both = json!({"DNSNames":["a.example"],"AddSAN":[{"NewValue":"c.example"}]});
        assert!(names(both).is_err());
    }
}
