//! GlobalSign: the SOAP services of the Certificate Center for resellers (reference: globalsign.md).

mod addons;
mod balance;
mod client;
mod codes;
mod company;
mod control;
mod envelope;
mod error;
mod holdings;
mod locate;
mod mapping;
mod model;
mod names;
mod place;
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
    Abilities, Cancellation, CertificateAuthority, ConnectOptions, Copies, Holding, Located,
    OrderRef, Permit, Placed, Prepared, Progress, Revoked, Sought, Submission, Token, VendorFiles,
};
use crate::domain::text::Words;
use crate::domain::{
    Addon, DomainName, EmailAddress, Money, Purchase, Settings, TemplateCode, ValidationMethod,
    VendorOrderId,
};
use crate::failure::{Failure, FailureKind, Reason};
use crate::order::port;
use addons::NameAddons;
use balance::Reading;
use client::Client;
use codes::Class;
use error::GlobalSignError;
use locate::{Finding, Wanted};
use mapping::{Ordering, Plan};
use model::query::OrderQueryOption;
use model::reply::OrderDetail;
use product::{Family, Product};
use progress::Cancelling;
use settings::AccountSettings;

/// What the vendor can do. Orders without a pre-issued number have to be looked for twice, some
/// minutes apart (globalsign.md 10).
static ABILITIES: Abilities = Abilities {
    vendor: "GlobalSign",
    approvers: true,
    renewal: true,
    renews_in_place: false,
    reissue: true,
    // It carries CSR and names (globalsign.md 4).
    reissue_takes_method: false,
    cancel: true,
    change_validation: true,
    verify_now: true,
    balance: true,
    products: false,
    lists_revoked: true,
    tells_term: true,
    settle_time: Duration::from_secs(300),
    absence_proves: false,
    validation_told_once: true,
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
    addons: NameAddons,
    /// Approver lists of this run by name. Each call of the vendor's also creates an order number
    /// that nobody uses, so that it is not made in loops (globalsign.md 12).
    approver_lists: RefCell<BTreeMap<DomainName, Vec<EmailAddress>>>,
}

impl GlobalSign {
    /// Builds the adapter from an account's settings. No network.
    ///
    /// # Errors
    /// Missing or malformed settings by field name; wrong lines in the site's file.
    pub fn connect(settings: &Settings, options: &ConnectOptions) -> Result<Self, Failure> {
        let account = AccountSettings::read(settings)?;
        // Both are part of every body; the vendor's user names are not public either.
        crate::logging::register_secret(&account.user.as_str().into());
        crate::logging::register_secret(&account.password);
        Ok(Self {
            client: Client::new(&account, options)?,
            suffix: account.suffix,
            default_unit: account.default_unit,
            addons: NameAddons::read(options.overrides.as_deref())?,
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
    ) -> Result<OrderDetail, GlobalSignError> {
        let answer = self
            .client
            .get_order_by_order_id(order.as_str(), parts)
            .await?;
        let unusable = |why: Words| GlobalSignError::Unusable {
            status: 200,
            why: envelope::Unusable::Malformed(why),
        };
        let reply = answer.reply;
        let detail = reply
            .order_detail
            .ok_or_else(|| unusable(words!("the answer holds no order", "в ответе нет заказа")))?;
        let told = detail
            .order_info
            .as_ref()
            .and_then(|info| info.order_id.as_deref())
            .or(reply.order_id.as_deref());
        match told {
            Some(number) if number == order.as_str() => Ok(detail),
            Some(number) => Err(unusable(words!(
                "order {number} came instead of {order}",
                "пришёл заказ {number} вместо {order}"
            ))),
            None => Err(unusable(words!(
                "the order in the answer has no number",
                "у заказа в ответе нет номера"
            ))),
        }
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

#[async_trait(?Send)]
impl CertificateAuthority for GlobalSign {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.client.vendors_time()
    }

    async fn check(&self) -> Result<(), Failure> {
        self.client
            .account_snapshot()
            .await
            .map(|_| ())
            .map_err(|error| error.into_read_failure("AccountSnapshot"))
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        self.ask_beforehand(purchase).await
    }

    fn sells_names(&self, addon: &Addon) -> bool {
        self.addons.kind(addon).is_some()
    }

    fn comes_by_itself(&self, common_name: &DomainName, name: &DomainName) -> bool {
        names::comes_by_itself(common_name, name)
    }

    fn check_addons(
        &self,
        common_name: &DomainName,
        additional: &[DomainName],
        addresses: &[std::net::IpAddr],
        addons: &[Addon],
    ) -> Result<(), Failure> {
        self.addons
            .check(common_name, additional, addresses, addons)
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        _taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        Ok(self.prepare_order(purchase).await?.into())
    }

    async fn seek(&self, wanted: &port::Wanted<'_>) -> Result<Sought, Failure> {
        Sought::or_blind(self.seek_order(wanted).await)
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, permit: Permit) -> Submission {
        self.place_order(purchase, token, permit).await.into()
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let plan = Plan::of(purchase)?;
        let by_number = plan.approver.is_some();
        if locate::is_number(&token.0, by_number) {
            let located = self
                .locate_by_number(purchase, &plan, &token.0, since, now)
                .await?;
            return Ok(match located {
                // Sent now it would be an order of another kind, which does not take the number.
                Located::Resendable if !by_number => Located::CannotTell(words!(
                    "order {} is not found, and the method of validation was changed since it was sent",
                    "заказ {} не найден, а способ проверки после его отправки изменён",
                    token.0
                )),
                located => located,
            });
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
            Finding::Order(order, proof) => {
                let placed = Placed {
                    order: VendorOrderId::new(order),
                    references: place::references(purchase),
                    validation: Vec::new(),
                    remark: search::lost_proof(&plan),
                };
                Located::Found(placed, proof)
            }
        })
    }

    fn shows_copies(&self) -> bool {
        true
    }

    async fn copies(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        // A number that was issued beforehand is taken once.
        let plan = Plan::of(purchase)?;
        if plan.approver.is_some() {
            return Ok(None);
        }
        self.carrying(purchase, &plan, token, since).await
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        Ok(Progress {
            stage: progress::stage(&detail),
            validation: validation::known(&detail),
            term_end: progress::term_end(&detail),
            references: Vec::new(),
        })
    }

    fn endpoint(&self) -> Option<&crate::ca::http::Url> {
        Some(self.client.address())
    }

    async fn harmless_reads(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        // GetDVApproverList is none of them: it makes an order number each time.
        let snapshot = self.client.raw_account_snapshot().await;
        vec![("AccountSnapshot", snapshot.map(|reply| reply.transcript()))]
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        let detail = self.looked_up(order, STATUS_PARTS).await?;
        progress::files(&detail).ok_or_else(|| {
            Failure::new(Reason::NotReady)
                .value(order.order.as_str())
                .detail(words!(
                    "the vendor has not handed out the certificate yet",
                    "поставщик ещё не выдал сертификат"
                ))
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
        // Each call makes the vendor issue an order number: no name is asked for twice.
        if let Some(known) = self.approver_lists.borrow().get(name) {
            return Ok(known.clone());
        }
        let answer = self
            .client
            .get_dv_approver_list(mapping::approver_fqdn(name))
            .await
            .map_err(|error| error.into_read_failure("GetDVApproverList"))?;
        let list = control::approvers(&answer.reply);
        self.approver_lists
            .borrow_mut()
            .insert(name.clone(), list.clone());
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
                .detail(words!("an order stays with its kind of validation; only approver mails can be changed", "способ подтверждения заказа не меняется, можно изменить только адреса писем")));
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

    async fn verify_now(&self, order: &OrderRef, name: &DomainName) -> Result<(), Failure> {
        self.verify(order, name).await
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
            Err(failure) if failure.kind() == FailureKind::Auth => Err(failure),
            // The status that is asked next says where the order stands.
            Err(failure) => {
                crate::log!(Order, ExtInfo, "not validated yet: {}", failure.chain());
                Ok(())
            }
        }
    }

    async fn holdings(&self, now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        self.all_holdings(now).await
    }

    async fn revoked(
        &self,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Revoked>, Failure> {
        self.withdrawn_since(since, now).await
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
                    "the balance is not readable ({}) in: {}",
                    why.en(),
                    crate::logging::mask(&snapshot)
                );
                Err(Failure::new(Reason::UnreadableBalance).detail(words!(
                    "{why}. Please run 'pmssl capture' and send the result to the developers", "{why}. Выполните 'pmssl capture' и отправьте результат разработчикам"; why
                )))
            }
        }
    }
}

/// Entry point for hostile input: a date of a reply.
#[cfg(any(test, fuzzing))]
pub(crate) fn hostile_date(text: &str) {
    let _ = progress::instant(text);
}
