//! eNom: reseller interface of forms and XML (enom.md).
//!
//! A purchase has three steps: buy a blank slot, configure it, submit it to the authority. Only the
//! first takes money and only that one is [`submit`](CertificateAuthority::submit); the others are
//! [`continue_order`](CertificateAuthority::continue_order).

mod alongside;
mod capture;
mod client;
mod envelope;
mod error;
mod holdings;
mod locate;
mod mapping;
mod model;
mod paid;
mod phone;
mod prepare;
mod product;
mod progress;
mod refused;
mod settings;
mod steps;
mod token;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::http::{Http, Url};
use super::{
    Abilities, Cancellation, CertificateAuthority, ConnectOptions, Holding, Located, Offer,
    OrderRef, Permit, Placed, Prepared, Price, Progress, Revoked, Sought, Submission, Token,
    Unplaced, VendorFiles, Wanted,
};
use crate::certificate::files_of_delivery;
use crate::domain::text::Words;
use crate::domain::{
    DomainName, EmailAddress, Money, Months, Purchase, PurchaseKind, Settings, TemplateCode,
    ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use client::Client;
use mapping::Plan;
use model::{CatalogueEntry, Detail};
use product::Product;
use progress::State;
use token::TokenContent;

static ABILITIES: Abilities = Abilities {
    vendor: "eNom",
    // The five standard mailboxes: the vendor's own list needs a bought slot.
    approvers: true,
    // No such call: `prolong` buys anew.
    renewal: false,
    renews_in_place: false,
    // Not for Comodo products.
    reissue: true,
    // It carries the CSR alone (enom.md 9).
    reissue_takes_method: false,
    // Withdraws an order that is pending at the authority; never gives money back.
    cancel: true,
    // Mailboxes only.
    change_validation: true,
    verify_now: false,
    balance: true,
    products: true,
    lists_revoked: true,
    tells_term: false,
    settle_time: SETTLE_TIME,
    absence_proves: true,
    validation_told_once: false,
};

/// How long a bought slot may take to be listed. Clients of the cart route wait up to a minute
/// (enom.md 6); a purchase whose answer was lost may still be at work, so much more \[inferred\].
const SETTLE_TIME: Duration = Duration::from_secs(15 * 60);

/// The adapter of one account.
#[derive(Debug)]
pub struct Enom {
    client: Client,
}

impl Enom {
    /// Checks the settings; no network.
    ///
    /// # Errors
    /// A missing or malformed setting by its name.
    pub fn new(settings: &Settings, options: &ConnectOptions) -> Result<Self, Failure> {
        let account = settings::AccountSettings::read(settings)?;
        let http = Http::new(options, None)?;
        Ok(Self {
            client: Client::new(http, account.address, account.user, account.password),
        })
    }

    fn settle_time(&self) -> TimeDelta {
        TimeDelta::from_std(SETTLE_TIME).unwrap_or(TimeDelta::MAX)
    }

    /// The paid call, or the use of a slot that is paid for already.
    async fn place(
        &self,
        purchase: &Purchase,
        token: &Token,
        permit: Permit,
    ) -> Result<Placed, Unplaced> {
        let content = TokenContent::read(token);
        match (&purchase.kind, content) {
            (PurchaseKind::Reissue { order, .. }, Some(TokenContent::Reissue(_))) => {
                let csr = mapping::reissue_csr(purchase).map_err(Unplaced::NotSent)?;
                let (id, csr) = (order.as_str(), csr.pem());
                let answer = self.client.cert_reissue_cert(id, csr, permit).await;
                paid::reissue(answer, &purchase.key, order)
            }
            (PurchaseKind::New | PurchaseKind::Renewal { .. }, Some(TokenContent::Adopt(slot))) => {
                // Nothing is paid for. A declined slot is submitted anew here, because later runs
                // cannot tell a new decline from the old one.
                let revived = self.revive(&slot, purchase).await;
                revived.map_err(Unplaced::NotSent)?;
                Ok(locate::adopted(slot))
            }
            (
                PurchaseKind::New | PurchaseKind::Renewal { .. },
                Some(TokenContent::Purchase(snapshot)),
            ) => {
                let plan = Plan::of(purchase).map_err(Unplaced::NotSent)?;
                let years = plan.years().map_err(Unplaced::NotSent)?;
                let checked = self.check_snapshot(&plan, &snapshot).await;
                checked.map_err(Unplaced::NotSent)?;
                let code = plan.product.code;
                let answer = self.client.purchase_services(code, years, permit).await;
                let mut placed = paid::purchase(answer, &purchase.key)?;
                if plan.renewed().is_some() {
                    placed.remark = Some(
                        "a new certificate was bought, for the vendor has no renewals; whether \
                         the authority adds remaining days is not known"
                            .to_owned(),
                    );
                }
                Ok(placed)
            }
            // Without the snapshot a lost answer could never be looked up.
            (_, Some(_) | None) => Err(Unplaced::NotSent(Failure::new(Reason::Internal).detail(
                words!(
                    "nothing was sent: the stored token does not belong to this order",
                    "ничего не отправлено: сохранённая отметка относится к другому заказу"
                ),
            ))),
        }
    }

    /// The available balance; the vendor's currency is the US dollar (enom.md 5).
    async fn available(&self) -> Result<Money, Failure> {
        let text = self.client.get_balance().await?;
        let money = text.as_deref().and_then(model::dollars);
        money.ok_or_else(|| {
            let shown = text.map_or_else(|| words!("there is none", "его нет"), Words::verbatim);
            Failure::new(Reason::UnreadableBalance).detail(shown)
        })
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for Enom {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.client.vendors_time()
    }

    async fn check(&self) -> Result<(), Failure> {
        match self.client.check_login().await? {
            Some(false) => Err(Failure::new(Reason::BadCredentials).detail(words!(
                "this is no reseller account, and others may not use the interface",
                "это не учётная запись реселлера, а другим интерфейс недоступен"
            ))),
            _ => Ok(()),
        }
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        if matches!(purchase.kind, PurchaseKind::Reissue { .. }) {
            return mapping::reissue_csr(purchase).map(drop);
        }
        // The plan's own complaints come first: they need no network.
        let plan = Plan::of(purchase)?;
        plan.years()?;
        self.check_window(purchase, plan.product).await?;
        self.check_price(&plan).await
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        let content = match &purchase.kind {
            PurchaseKind::Reissue { order, .. } => self.prepare_reissue(purchase, order).await?,
            PurchaseKind::New | PurchaseKind::Renewal { .. } => {
                self.prepare_purchase(purchase, taken).await?
            }
        };
        let uses = match &content {
            TokenContent::Adopt(slot) => Some(slot.clone()),
            TokenContent::Purchase(_) | TokenContent::Reissue(_) => None,
        };
        Ok(Prepared {
            token: content.write(),
            uses,
        })
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        Sought::or_blind(self.seek_slot(wanted).await)
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, permit: Permit) -> Submission {
        self.place(purchase, token, permit).await.into()
    }

    async fn continue_order(&self, order: &OrderRef, purchase: &Purchase) -> Result<(), Failure> {
        self.continue_steps(order, purchase).await
    }

    fn has_later_steps(&self) -> bool {
        true
    }

    fn orders_one_at_a_time(&self) -> bool {
        true
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        match &purchase.kind {
            PurchaseKind::Reissue { order, .. } => {
                self.locate_reissue(purchase, order, token, since, now)
                    .await
            }
            PurchaseKind::New | PurchaseKind::Renewal { .. } => {
                self.locate_purchase(purchase, token, since, now).await
            }
        }
    }

    fn sells_blank(&self) -> bool {
        true
    }

    async fn alongside(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        own: &VendorOrderId,
    ) -> Result<Option<Vec<VendorOrderId>>, Failure> {
        self.slots_alongside(purchase, token, since, own).await
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        let id = locate::slot_number(&order.order)?;
        let detail = self.client.cert_get_cert_detail(id).await?;
        Ok(progress::progress(&detail, order.csr_pem.as_deref()))
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        let id = order.order.as_str();
        let detail = self.client.cert_get_cert_detail(id).await?;
        let content = detail.certificate.as_deref().unwrap_or_default();
        let Some(mut files) = files_of_delivery(content.as_bytes())? else {
            let words = progress::words(&detail);
            return Err(not_ready(
                &order.order,
                words!(
                    "the slot holds no certificate yet, the vendor says '{words}'",
                    "в слоте ещё нет сертификата, поставщик сообщает '{words}'"
                ),
            ));
        };
        // A damaged one is missing in the chain, and its absence is told then.
        for ca in &detail.chain {
            files.extend(
                files_of_delivery(ca.as_bytes())
                    .ok()
                    .flatten()
                    .into_iter()
                    .flatten(),
            );
        }
        Ok(VendorFiles { files })
    }

    async fn approvers(
        &self,
        template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        Product::of(template)?;
        Ok(mapping::standard_approvers(name))
    }

    async fn cancel(&self, order: &OrderRef, _now: DateTime<Utc>) -> Result<Cancellation, Failure> {
        let id = order.order.as_str();
        let detail = self.client.cert_get_cert_detail(id).await?;
        let withdrawn = format!(
            "nothing is pending at the authority; the paid slot {id} stays in the account and can \
             serve another order"
        );
        match progress::state(&detail) {
            _ if progress::certificate(&detail).is_some() => {
                Err(self.cannot("cancel").detail(words!(
                    "the certificate is issued, and this vendor revokes by its support only",
                    "сертификат выпущен, а отзывает их этот поставщик только через поддержку"
                )))
            }
            Some(State::RefundedIssued | State::RefundedUnissued) => Ok(Cancellation::AlreadyDead),
            // Withdrawn before, or never submitted.
            Some(State::Blank | State::Declined) => Ok(Cancellation::Requested(withdrawn)),
            Some(State::Pending) => {
                self.client.cert_modify_order(id).await?;
                Ok(Cancellation::Requested(withdrawn))
            }
            Some(State::Issued) | None => {
                let words = progress::words(&detail);
                Err(self.cannot("cancel").detail(words!(
                    "the vendor says '{words}' and withdraws pending orders only",
                    "поставщик сообщает '{words}', а отменяет только ожидающие заказы"
                )))
            }
        }
    }

    async fn change_validation(
        &self,
        order: &OrderRef,
        name: &DomainName,
        method: &ValidationMethod,
    ) -> Result<(), Failure> {
        let ValidationMethod::Email(mailbox) = method else {
            return Err(mapping::unsupported(
                name,
                words!(
                    "this vendor changes mailboxes only, not the method",
                    "этот поставщик меняет только адрес, но не способ подтверждения"
                ),
            ));
        };
        let id = order.order.as_str();
        let detail = self.client.cert_get_cert_detail(id).await?;
        if !is_of_the_slot(name, &detail, order) {
            return Err(mapping::unsupported(
                name,
                words!(
                    "this vendor changes and sends again the mail of an order's main name only",
                    "этот поставщик меняет адрес и повторяет письмо только для основного имени заказа"
                ),
            ));
        }
        if progress::state(&detail) != Some(State::Pending) {
            let words = progress::words(&detail);
            return Err(not_ready(
                &order.order,
                words!("the vendor says '{words}'", "поставщик сообщает '{words}'"),
            ));
        }
        let is_mailbox = |known: &String| known.eq_ignore_ascii_case(mailbox.as_str());
        if detail.approver.as_ref().is_some_and(is_mailbox) {
            return Ok(self.client.cert_resend_approver_email(id).await?);
        }
        let mut known = Vec::new();
        for domain in steps::lookups(name) {
            known.extend(self.offered(id, domain).await?);
            if known.iter().any(is_mailbox) {
                break;
            }
        }
        if !known.is_empty() && !known.iter().any(is_mailbox) {
            return Err(mapping::not_allowed(mailbox, &known));
        }
        Ok(self
            .client
            .cert_change_approver_email(id, mailbox.as_str())
            .await?)
    }

    fn endpoint(&self) -> Option<&Url> {
        Some(self.client.address())
    }

    async fn harmless_reads(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        self.reads().await
    }

    async fn holdings(&self, _now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        self.all_holdings().await
    }

    async fn revoked(
        &self,
        _since: DateTime<Utc>,
        _now: DateTime<Utc>,
    ) -> Result<Vec<Revoked>, Failure> {
        self.ended().await
    }

    async fn balance(&self) -> Result<Money, Failure> {
        self.available().await
    }

    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        let catalogue = self.client.get_certs().await?;
        let sold = catalogue.into_iter().filter(|e| e.enabled != Some(false));
        Ok(sold.map(offer).collect())
    }
}

/// Whether a name is the one whose mailbox the vendor changes: its calls name none (enom.md 9).
fn is_of_the_slot(name: &DomainName, detail: &Detail, order: &OrderRef) -> bool {
    let shown = detail.domain.as_deref().map(DomainName::parse);
    match shown.and_then(Result::ok) {
        Some(shown) => shown.base() == name.base(),
        None => Product::of(&order.template).is_ok_and(|product| !product.multi),
    }
}

/// Prices of the catalogue are per year (enom.md 5: `QtyDesc`).
fn offer(entry: CatalogueEntry) -> Offer {
    let price = |years: &u32| {
        Some(Price {
            term: Months(years.checked_mul(12)?),
            amount: times(entry.price?, *years),
            per_additional_name: None,
            per_wildcard_name: None,
        })
    };
    Offer {
        prices: entry.years.iter().filter_map(price).collect(),
        code: entry.code,
        name: entry.name,
    }
}

fn times(price: Money, years: u32) -> Money {
    Money {
        minor: price.minor.saturating_mul(years.into()),
        currency: price.currency,
    }
}

fn not_ready(order: &VendorOrderId, why: Words) -> Failure {
    Failure::new(Reason::NotReady)
        .value(order.as_str())
        .detail(why)
}

/// Entry point for hostile input: a date of a reply.
#[cfg(any(test, fuzzing))]
pub(crate) fn hostile_date(text: &str) {
    let _ = model::date(text);
}
