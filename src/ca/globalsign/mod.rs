//! GlobalSign: the SOAP services of the Certificate Center for resellers (reference: globalsign.md).

mod balance;
mod client;
mod codes;
mod envelope;
mod error;
mod locate;
mod mapping;
mod model;
mod names;
mod product;
mod progress;
mod search;
mod settings;
#[cfg(test)]
mod tests;
mod validation;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub use names::{SanOptionType, base_domain, option_type, split_names};

use super::{
    Abilities, Cancellation, CertificateAuthority, Located, OrderRef, OrderingPermit, Placed,
    Prepared, Progress, Reach, Reference, Token, VendorFiles,
};
use crate::domain::{
    DomainName, EmailAddress, Money, Purchase, PurchaseKind, Settings, TemplateCode,
    ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Kind, Reason};
use balance::Reading;
use client::Client;
use codes::Class;
use error::VendorError;
use locate::{Candidate, Finding, Span, Wanted};
use mapping::{Ordering, Plan};
use model::reply::OrderDetail;
use model::request::OrderQueryOption;
use product::{Family, Product, Proof};
use progress::Cancelling;
use search::Listing;
use settings::Account;

/// What the vendor can do. Orders without a pre-issued number have to be looked for twice, some
/// minutes apart (globalsign.md 10).
static ABILITIES: Abilities = Abilities {
    vendor: "GlobalSign",
    approvers: true,
    renewal: true,
    reissue: true,
    cancel: true,
    change_validation: true,
    verify_now: true,
    balance: true,
    products: false,
    settle_time: Duration::from_secs(300),
};

/// Parts of an order that a status look-up needs.
const STATUS_PARTS: OrderQueryOption = OrderQueryOption {
    return_order_option: true,
    return_certificate_info: true,
    return_fulfillment: true,
    return_ca_certs: true,
    return_original_csr: false,
    return_san_entries: false,
};

/// A configured account at the vendor.
#[derive(Debug)]
pub struct GlobalSign {
    client: Client,
    suffix: String,
    default_unit: Option<String>,
    /// Approver lists of this run by name. Each call of the vendor's also creates an order number
    /// that nobody uses, so that it is not made in loops (globalsign.md 12).
    approver_lists: RefCell<BTreeMap<String, Vec<EmailAddress>>>,
}

impl GlobalSign {
    /// Builds the adapter from an account's settings. No network.
    ///
    /// # Errors
    /// Missing or malformed settings by field name.
    pub fn connect(settings: &Settings, reach: &Reach) -> Result<Self, Failure> {
        let account = Account::read(settings)?;
        // Both are part of every body; the vendor's user names are not public either.
        crate::logging::register_secret(&account.user.as_str().into());
        crate::logging::register_secret(&account.password);
        Ok(Self {
            client: Client::new(&account, reach)?,
            suffix: account.suffix,
            default_unit: account.default_unit,
            approver_lists: RefCell::default(),
        })
    }

    fn ordering(&self) -> Ordering<'_> {
        Ordering {
            header: self.client.header(),
            suffix: &self.suffix,
            default_unit: self.default_unit.as_deref(),
        }
    }

    async fn detail(
        &self,
        order: &VendorOrderId,
        parts: OrderQueryOption,
    ) -> Result<OrderDetail, VendorError> {
        let answer = self
            .client
            .get_order_by_order_id(order.as_str(), parts)
            .await?;
        let unusable = |why: String| VendorError::Unusable {
            status: 200,
            why: envelope::Unusable::Malformed(why),
        };
        let reply = answer.reply;
        let detail = reply
            .order_detail
            .ok_or_else(|| unusable("the answer holds no order".to_owned()))?;
        let told = detail
            .order_info
            .as_ref()
            .and_then(|info| info.order_id.as_deref())
            .or(reply.order_id.as_deref());
        match told {
            Some(number) if number == order.as_str() => Ok(detail),
            Some(number) => Err(unusable(format!("order {number} came instead of {order}"))),
            None => Err(unusable("the order in the answer has no number".to_owned())),
        }
    }

    /// The list of a name that was asked before, or what another name's list holds at the registrable
    /// domain of both: such an address may approve every name below it.
    fn known_approvers(&self, name: &DomainName) -> Option<Vec<EmailAddress>> {
        let lists = self.approver_lists.borrow();
        lists
            .get(name.as_str())
            .or_else(|| lists.get(name.registrable()?))
            .cloned()
    }

    fn remember_approvers(&self, name: &DomainName, list: &[EmailAddress]) {
        let mut lists = self.approver_lists.borrow_mut();
        if let Some(domain) = name.registrable() {
            let mut above = list.to_vec();
            above.retain(|address| address.domain() == domain);
            if !above.is_empty() {
                lists.entry(domain.to_owned()).or_insert(above);
            }
        }
        lists.insert(name.as_str().to_owned(), list.to_vec());
    }

    /// One look at one host.
    async fn verify_at(
        &self,
        number: &str,
        proof: Proof,
        host: &str,
    ) -> (&'static str, Result<(), VendorError>) {
        let (operation, outcome) = if proof == Proof::Dns {
            let outcome = self.client.dv_dns_verification_for_issue(number, host);
            ("DVDNSVerificationForIssue", outcome.await)
        } else {
            let url = format!("http://{host}");
            let outcome = self.client.url_verification_for_issue(number, &url);
            ("URLVerificationForIssue", outcome.await)
        };
        (operation, outcome.map(|_| ()))
    }

    async fn looked_up(
        &self,
        order: &OrderRef,
        parts: OrderQueryOption,
    ) -> Result<OrderDetail, Failure> {
        self.detail(&order.order, parts)
            .await
            .map_err(|error| error.into_read_failure("GetOrderByOrderID"))
    }
}

fn references(purchase: &Purchase) -> Vec<(Reference, String)> {
    match purchase.kind {
        // ReIssue carries no marker.
        PurchaseKind::Reissue { .. } => Vec::new(),
        PurchaseKind::New | PurchaseKind::Renewal { .. } => {
            vec![(Reference::Client, purchase.key.as_str().to_owned())]
        }
    }
}

fn placed(
    purchase: &Purchase,
    plan: &Plan,
    order: VendorOrderId,
    answer: &client::Answer<model::reply::Ordered>,
) -> Placed {
    Placed {
        order,
        references: references(purchase),
        validation: validation::placed(purchase, plan, &answer.reply),
        remark: (!answer.remarks.is_empty()).then(|| answer.remarks.join("; ")),
    }
}

/// Log line with the two name counts.
fn log_names(purchase: &Purchase, plan: &Plan) {
    let (uc, additional) = plan.name_counts();
    if uc + additional > 0 {
        let kinds: Vec<_> = plan
            .names
            .iter()
            .map(|(name, kind)| format!("{name} ({})", kind.code()))
            .collect();
        crate::log!(
            Order,
            Info,
            "{}: {uc} UC names and {additional} additional names of {} ordered: {}",
            purchase.common_name,
            purchase.names_bought,
            kinds.join(", ")
        );
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for GlobalSign {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    async fn check(&self) -> Result<(), Failure> {
        self.client
            .account_snapshot()
            .await
            .map(|_| ())
            .map_err(|error| error.into_read_failure("AccountSnapshot"))
    }

    /// Everything the wire needs is checked here; then the vendor is asked with
    /// ValidateOrderParameters. Its price is logged and not held against the balance: accounts with
    /// credit may order below zero, and an order that is too dear is refused as a whole (-6101).
    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        let plan = Plan::of(purchase)?;
        log_names(purchase, &plan);
        let ordering = self.ordering();
        // The number is not known yet; any will do to see whether the rest is complete.
        ordering.call(purchase, &plan, "0")?;
        if let PurchaseKind::Reissue { .. } = purchase.kind {
            return Ok(());
        }
        let request = ordering.validate(purchase, &plan);
        match self.client.validate_order_parameters(request).await {
            Ok(answer) => {
                if let (Some(price), Some(currency)) = (answer.reply.price, answer.reply.currency) {
                    crate::log!(Order, Info, "the vendor's price is {price} {currency}");
                }
                Ok(())
            }
            Err(error) => {
                // A call that the account may not use, or an answer nobody understands, is a
                // question that could not be asked.
                let asked = matches!(
                    error.class(),
                    Some(
                        Class::Credentials
                            | Class::Address
                            | Class::Locked
                            | Class::Funds
                            | Class::Refused
                            | Class::NoOrder
                    )
                );
                let failure = error.into_read_failure("ValidateOrderParameters");
                if asked || failure.reason() == Reason::Unreachable {
                    return Err(failure);
                }
                crate::log!(
                    Order,
                    Warning,
                    "the vendor could not be asked about the order beforehand: {failure}"
                );
                Ok(())
            }
        }
    }

    async fn prepare(&self, purchase: &Purchase) -> Result<Prepared, Failure> {
        let plan = Plan::of(purchase)?;
        if let PurchaseKind::Reissue { .. } = purchase.kind {
            return Ok(Prepared::default());
        }
        let Some(approver) = &plan.approver else {
            // Orders of the name that exist already cannot be the one to come.
            let span = Span::around(purchase.since, purchase.since);
            let name = &purchase.common_name;
            let orders = self
                .list(Listing::Search, span, name)
                .await
                .map_err(|error| error.into_read_failure("GetCertificateOrders"))?
                .unwrap_or_default();
            let same_name = |order: &&Candidate| {
                let domain = order.domain.as_deref().unwrap_or_default();
                domain.eq_ignore_ascii_case(name.as_str())
            };
            let numbers = orders.iter().filter(same_name).map(|o| o.order.as_str());
            return Ok(Prepared {
                token: Token(locate::remember(numbers)),
                issued_by_vendor: false,
            });
        };
        let answer = self
            .client
            .get_dv_approver_list(mapping::approver_fqdn(&purchase.common_name))
            .await
            .map_err(|error| error.into_read_failure("GetDVApproverList"))?;
        let allowed = approvers(&answer.reply);
        if !allowed.contains(approver) {
            let allowed: Vec<_> = allowed.iter().map(EmailAddress::as_str).collect();
            return Err(Failure::field(Reason::ApproverNotAllowed, "approver_email")
                .value(approver.as_str())
                .detail(allowed.join(", ")));
        }
        let number = answer.reply.order_id.ok_or_else(|| {
            Failure::field(Reason::UnreadableAnswer, "GetDVApproverList")
                .detail("no order number came with the approver list")
        })?;
        if number.len() > 80 || number.contains('|') {
            return Err(
                Failure::field(Reason::UnreadableAnswer, "GetDVApproverList")
                    .detail("the order number has an unusual form"),
            );
        }
        Ok(Prepared {
            token: Token(number),
            issued_by_vendor: true,
        })
    }

    async fn submit(
        &self,
        purchase: &Purchase,
        token: &Token,
        _permit: OrderingPermit,
    ) -> Result<Placed, Failure> {
        let plan = Plan::of(purchase)?;
        log_names(purchase, &plan);
        let by_number = plan.approver.is_some();
        let call = self.ordering().call(purchase, &plan, &token.0)?;
        let intent = purchase.key.as_str();
        let unknown = |why: String| {
            Failure::new(Reason::OutcomeUnknown)
                .value(intent)
                .detail(why)
        };
        match self.client.order(call).await {
            Ok(answer) => match answer.reply.order_id.as_deref() {
                Some(told) if by_number && told != token.0 => Err(unknown(format!(
                    "sent as order {}, the vendor answered with order {told}",
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
                None => Err(unknown(
                    "the vendor accepted the order without telling its number".to_owned(),
                )),
            },
            // The number was issued for this very order: it has arrived before.
            Err(error) if by_number && error.class() == Some(Class::Used) => Ok(Placed {
                order: VendorOrderId::new(&*token.0),
                references: references(purchase),
                validation: validation::placed(purchase, &plan, &Default::default()),
                remark: None,
            }),
            Err(error) => Err(error.into_paid_failure(intent)),
        }
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let plan = Plan::of(purchase)?;
        let waited = (now - since).to_std().unwrap_or_default();
        if plan.approver.is_some() {
            let settled = waited >= ABILITIES.settle_time;
            return self
                .locate_by_number(purchase, &plan, &token.0, settled)
                .await;
        }
        let names: Vec<_> = plan.names.iter().map(|(name, _)| name.clone()).collect();
        let wanted = Wanted {
            purchase,
            family: plan.product.family,
            names: &names,
            known: &token.0,
            since,
            now,
        };
        let finding = self
            .search(&wanted)
            .await
            .map_err(|error| error.into_read_failure("GetOrderByDateRange"))?;
        Ok(match finding {
            Finding::Open(located) => located,
            Finding::Order(order) => Located::Found(Placed {
                order: VendorOrderId::new(order),
                references: references(purchase),
                validation: Vec::new(),
                // TXT value and file content are told once, in the answer that was lost.
                remark: plan.proof.map(|_| {
                    "the order was found again, but what to publish for its validation was lost \
                     with the answer: ask the vendor for it, or cancel the order and order anew"
                        .to_owned()
                }),
            }),
        })
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        Ok(Progress {
            stage: progress::stage(&detail),
            validation: validation::known(&detail),
            term_end: None,
            references: Vec::new(),
        })
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        progress::files(&detail).ok_or_else(|| {
            Failure::new(Reason::NotReady)
                .value(order.order.as_str())
                .detail("the vendor has not handed out the certificate yet")
        })
    }

    async fn approvers(
        &self,
        template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        let product = Product::of(template)?;
        if matches!(product.family, Family::Organization | Family::Extended) {
            return Ok(Vec::new());
        }
        if let Some(known) = self.known_approvers(name) {
            return Ok(known);
        }
        let answer = self
            .client
            .get_dv_approver_list(mapping::approver_fqdn(name))
            .await
            .map_err(|error| error.into_read_failure("GetDVApproverList"))?;
        let list = approvers(&answer.reply);
        self.remember_approvers(name, &list);
        Ok(list)
    }

    async fn cancel(&self, order: &OrderRef, now: DateTime<Utc>) -> Result<Cancellation, Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        match progress::cancelling(&detail, now) {
            Cancelling::Dead => return Ok(Cancellation::AlreadyDead),
            Cancelling::WindowOver => return Ok(Cancellation::WindowOver),
            Cancelling::Allowed => {}
        }
        match self.client.modify_order_cancel(order.order.as_str()).await {
            Ok(_) => Ok(Cancellation::Requested(format!(
                "order {} was cancelled",
                order.order
            ))),
            Err(error) if error.class() == Some(Class::PastIt) => Ok(Cancellation::AlreadyDead),
            Err(error) => Err(error.into_read_failure("ModifyOrder")),
        }
    }

    async fn change_validation(
        &self,
        order: &OrderRef,
        name: &DomainName,
        method: &ValidationMethod,
    ) -> Result<(), Failure> {
        let ValidationMethod::Email(address) = method else {
            return Err(Failure::field(Reason::NotSupported, "change validation")
                .detail("an order stays with its kind of validation; only approver mails can be changed"));
        };
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        let current = detail
            .order_option
            .and_then(|options| options.approver_email_address);
        let (number, address) = (order.order.as_str(), address.as_str());
        let (operation, outcome) = match current {
            Some(current) if current.eq_ignore_ascii_case(address) => {
                ("ResendEmail", self.client.resend_email(number).await)
            }
            _ => (
                "ChangeApproverEmail",
                self.client
                    .change_approver_email(number, address, name.as_str())
                    .await,
            ),
        };
        outcome
            .map(|_| ())
            .map_err(|error| error.into_read_failure(operation))
    }

    /// Looks first: an order that is issued already needs no proof. Then every host is tried at which
    /// the record or file may stand, since one of the listed ones is enough.
    async fn verify_now(&self, order: &OrderRef, name: &DomainName) -> Result<(), Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        if progress::stage(&detail) == super::Stage::Issued {
            return Ok(());
        }
        let proof = validation::proof_of(&detail)
            .filter(|proof| *proof != Proof::Email)
            .ok_or_else(|| {
                Failure::field(Reason::NotSupported, "verify now")
                    .detail("the order is not validated by TXT record or file")
            })?;
        let number = order.order.as_str();
        let mut last_word: Option<Failure> = None;
        for host in validation::proof_hosts(name) {
            let (operation, outcome) = self.verify_at(number, proof, host).await;
            let Err(error) = outcome else {
                return Ok(());
            };
            let goes_on = matches!(error.class(), Some(Class::NoProof | Class::Refused));
            let failure = error.into_read_failure(operation);
            if !goes_on {
                return Err(failure);
            }
            // A missing proof says more than a host that is not one of the order's.
            if failure.kind() == Kind::Pending {
                last_word = Some(failure.value(number));
            } else {
                last_word.get_or_insert(failure);
            }
        }
        Err(last_word.unwrap_or_else(|| Failure::new(Reason::NotReady).value(number)))
    }

    /// TXT records and files are looked for on demand only, and the platform has a command for TXT
    /// records alone (globalsign.md 12): every run asks once more until the certificate is there.
    fn has_later_steps(&self) -> bool {
        true
    }

    async fn continue_order(&self, order: &OrderRef, purchase: &Purchase) -> Result<(), Failure> {
        let family = Product::of(&purchase.template)?.family;
        let method = purchase.validation.first().map(|named| &named.method);
        let on_demand = matches!(family, Family::Alpha | Family::Domain)
            && matches!(
                method,
                Some(ValidationMethod::DnsTxt | ValidationMethod::HttpFile)
            );
        if !on_demand {
            return Ok(());
        }
        match self.verify_now(order, &purchase.common_name).await {
            Ok(()) => Ok(()),
            Err(failure) if failure.kind() == Kind::Auth => Err(failure),
            // The status that is asked next says where the order stands.
            Err(failure) => {
                crate::log!(Order, ExtInfo, "not validated yet: {}", failure.chain());
                Ok(())
            }
        }
    }

    async fn balance(&self) -> Result<Money, Failure> {
        let snapshot = self
            .client
            .account_snapshot()
            .await
            .map_err(|error| error.into_read_failure("AccountSnapshot"))?;
        match balance::read(&snapshot) {
            Reading::Amount(money) => Ok(money),
            Reading::Unreadable(why) => {
                crate::log!(
                    Order,
                    Warning,
                    "the balance is not readable ({why}) in: {}",
                    crate::logging::mask(&snapshot)
                );
                Err(Failure::new(Reason::UnreadableBalance).detail(format!(
                    "{why}. Please run 'pmssl capture' and send the result to the developers"
                )))
            }
        }
    }
}

/// Addresses of an approver list; what is no address is left out.
fn approvers(reply: &model::reply::Approvers) -> Vec<EmailAddress> {
    let mut addresses: Vec<EmailAddress> = Vec::new();
    for entry in reply.approvers.iter().flat_map(|list| &list.entries) {
        let address = entry
            .approver_email
            .as_deref()
            .and_then(EmailAddress::parse);
        addresses.extend(address.filter(|address| !addresses.contains(address)));
    }
    addresses
}
