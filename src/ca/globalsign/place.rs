//! Ordering: what is asked for before the paid call, and the call itself.

use super::client::Remarked;
use super::codes::Class;
use super::error::GlobalSignError;
use super::locate::{self, Listed, Span};
use super::mapping::{self, Plan};
use super::model::reply::Ordered;
use super::search::Listing;
use super::{GlobalSign, control, validation};
use crate::ca::{Permit, Placed, Reference, Token, Unplaced};
use crate::domain::text::Words;
use crate::domain::{EmailAddress, Purchase, PurchaseKind, VendorOrderId};
use crate::failure::{Failure, Reason};

impl GlobalSign {
    /// What must exist before the paid call: the number that the vendor issues for orders by e-mail, marks of
    /// the orders that exist already for all others.
    pub(super) async fn prepare_order(&self, purchase: &Purchase) -> Result<Token, Failure> {
        let plan = Plan::of(purchase)?;
        if let PurchaseKind::Reissue { .. } = purchase.kind {
            return Ok(Token::default());
        }
        let Some(approver) = &plan.approver else {
            // Orders of the name that exist already cannot be the one to come.
            let span = Span::around(purchase.since, purchase.since);
            let name = &purchase.common_name;
            let orders = match self.list(Listing::Search, span, name).await {
                Ok(Some(orders)) => orders,
                Ok(None) => return Ok(Token(locate::NO_SNAPSHOT.to_owned())),
                Err(error) if is_about_account(&error) => {
                    return Err(error.into_read_failure("GetCertificateOrders"));
                }
                // How an empty listing looks is not documented. Without a snapshot of what exists an
                // order is still placed once; only a lost answer is harder to settle.
                Err(error) => {
                    crate::log!(
                        Order,
                        Warning,
                        "the orders that exist already are not known: {}",
                        error.words().en()
                    );
                    return Ok(Token(locate::NO_SNAPSHOT.to_owned()));
                }
            };
            let same_name = |order: &&Listed| {
                let domain = order.domain.as_deref().unwrap_or_default();
                domain.eq_ignore_ascii_case(name.as_str())
            };
            let numbers = orders.iter().filter(same_name).map(|o| o.order.as_str());
            return Ok(Token(locate::remember(numbers)));
        };
        let answer = self
            .client
            .get_dv_approver_list(mapping::approver_fqdn(&purchase.common_name))
            .await
            .map_err(|error| error.into_read_failure("GetDVApproverList"))?;
        let allowed = control::approvers(&answer.reply);
        if !allowed.contains(approver) {
            let allowed: Vec<_> = allowed.iter().map(EmailAddress::as_str).collect();
            return Err(Failure::field(Reason::ApproverNotAllowed, "approver_email")
                .value(approver.as_str())
                .detail(Words::verbatim(allowed.join(", "))));
        }
        let number = answer.reply.order_id.ok_or_else(|| {
            Failure::field(Reason::UnreadableAnswer, "GetDVApproverList").detail(words!(
                "no order number came with the approver list",
                "со списком адресов не пришёл номер заказа"
            ))
        })?;
        if number.len() > 80 || number.contains('|') {
            return Err(
                Failure::field(Reason::UnreadableAnswer, "GetDVApproverList").detail(words!(
                    "the order number has an unusual form",
                    "у номера заказа необычный вид"
                )),
            );
        }
        Ok(Token(number))
    }

    /// The paid call.
    pub(super) async fn place_order(
        &self,
        purchase: &Purchase,
        token: &Token,
        permit: Permit,
    ) -> Result<Placed, Unplaced> {
        let plan = Plan::of(purchase).map_err(Unplaced::NotSent)?;
        log_names(purchase, &plan);
        let by_number = plan.approver.is_some();
        let call = self.ordering().call(purchase, &plan, &token.0);
        let call = call.map_err(Unplaced::NotSent)?;
        let unknown = |why: Words| Unplaced::unknown(&purchase.key, why);
        match self.client.order(call, permit).await {
            Ok(answer) => match answer.reply.order_id.as_deref() {
                Some(told) if by_number && told != token.0 => Err(unknown(words!(
                    "sent as order {}, the vendor answered with order {told}",
                    "отправлен заказ {}, поставщик ответил заказом {told}",
                    token.0
                ))),
                Some(told) => {
                    let order = VendorOrderId::new(told);
                    Ok(placed(purchase, &plan, order, &answer))
                }
                None if by_number => {
                    let order = VendorOrderId::new(&*token.0);
                    Ok(placed(purchase, &plan, order, &answer))
                }
                None => Err(unknown(words!(
                    "the vendor accepted the order without telling its number",
                    "поставщик принял заказ, не сообщив номера"
                ))),
            },
            // A number that was used before is ours only if the order under it is: the look-up that
            // follows compares name and CSR.
            Err(error) => Err(error.into_unplaced(&purchase.key)),
        }
    }
}

/// No answer at all, or one that any other call would get, too.
pub(super) fn is_about_account(error: &GlobalSignError) -> bool {
    matches!(
        error.class(),
        None | Some(Class::Credentials | Class::Address | Class::Locked)
    )
}

/// The numbers that are kept beside the order's.
pub(super) fn references(purchase: &Purchase) -> Vec<(Reference, String)> {
    match purchase.kind {
        // ReIssue carries no marker.
        PurchaseKind::Reissue { .. } => Vec::new(),
        PurchaseKind::New | PurchaseKind::Renewal { .. } => {
            vec![(Reference::Client, purchase.key.as_str().to_owned())]
        }
    }
}

/// An order that the vendor has told of.
pub(super) fn placed(
    purchase: &Purchase,
    plan: &Plan,
    order: VendorOrderId,
    answer: &Remarked<Ordered>,
) -> Placed {
    Placed {
        order,
        references: references(purchase),
        validation: validation::placed(purchase, plan, &answer.reply),
        remark: (!answer.remarks.is_empty())
            .then(|| Words::joined(answer.remarks.clone(), "; ").en().to_owned()),
    }
}

/// Log line with the names as they are billed.
fn log_names(purchase: &Purchase, plan: &Plan) {
    if !plan.names.is_empty() {
        let kinds: Vec<_> = plan
            .names
            .iter()
            .map(|(name, kind)| format!("{name} ({})", kind.code()))
            .collect();
        crate::log!(
            Order,
            Info,
            "{}: sent with the names {}",
            purchase.common_name,
            kinds.join(", ")
        );
    }
}
