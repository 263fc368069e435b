//! TheSSLStore: partner REST API in JSON (thesslstore.md).

mod account;
mod approval;
mod client;
mod details;
mod error;
mod examine;
mod family;
mod holdings;
mod locate;
mod mapping;
mod model;
mod paid;
mod progress;
mod settings;
mod token;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::http::{Http, SendClass, Url};
use super::{
    Abilities, Cancellation, CertificateAuthority, ConnectOptions, Copies, Holding, Located, Offer,
    OrderRef, Permit, Placed, Prepared, Progress, Revoked, Sought, Stage, Submission, Token,
    Unplaced, VendorFiles, Wanted,
};
use crate::domain::text::Words;
use crate::domain::{
    DomainName, EmailAddress, Money, Purchase, PurchaseKind, Settings, TemplateCode,
    ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use client::Client;
use details::{filter_approvers, mail_of, may_be_refunded, refund, spelling, unwrapped};
use examine::check_reissuable;
use family::{Family, Place, wire_code};
use mapping::CsrForm;
#[cfg(test)]
pub(crate) use mapping::check_place;
use model::reply::Order;
use model::request::{CULTURE, OrderCall, OrderId};
use token::{CertificateSnapshot, TokenContent};

static ABILITIES: Abilities = Abilities {
    vendor: "TheSSLStore",
    approvers: true,
    renewal: true,
    renews_in_place: false,
    reissue: true,
    reissue_takes_method: true,
    cancel: true,
    change_validation: true,
    // DigiCert products only.
    verify_now: true,
    balance: true,
    products: true,
    lists_revoked: true,
    tells_term: true,
    settle_time: SETTLE_TIME,
    absence_proves: true,
    validation_told_once: false,
};

/// How long an order may take to appear in the look-ups: not documented \[inferred\].
const SETTLE_TIME: Duration = Duration::from_secs(15 * 60);

/// Any product of the list tells the currency of the account's prices.
const PRICED_PRODUCT: &str = "positivessl";

/// Downloaded files that are neither certificate nor chain (thesslstore.md 8.4).
const NO_CERTIFICATES: [&str; 3] = [
    "iconscript.txt",
    "pkcs12.p7b",
    "pkcs12encryptedpassword.p7b",
];

/// The adapter of one account.
#[derive(Debug)]
pub struct TheSslStore {
    client: Client,
    /// Forced by the settings.
    forced_form: Option<CsrForm>,
    /// The CSR asked about last, and the form in which the vendor read it.
    known_form: RefCell<Option<(String, CsrForm)>>,
}

impl TheSslStore {
    /// Checks the settings; no network.
    ///
    /// # Errors
    /// A missing or malformed setting by its name.
    pub fn new(settings: &Settings, options: &ConnectOptions) -> Result<Self, Failure> {
        let account = settings::AccountSettings::read(settings)?;
        let http = Http::new(options, None)?;
        let (partner_code, auth_token) = (account.partner_code, account.auth_token);
        Ok(Self {
            client: Client::new(http, &account.address, partner_code, auth_token),
            forced_form: account.csr_form,
            known_form: RefCell::new(None),
        })
    }

    fn settle_time(&self) -> TimeDelta {
        TimeDelta::from_std(SETTLE_TIME).unwrap_or(TimeDelta::MAX)
    }

    /// An order by the vendor's number.
    async fn order(&self, id: &VendorOrderId) -> Result<Order, Failure> {
        let mut call = OrderCall::about(OrderId::Vendor(id.as_str()));
        call.date_time_culture = Some(CULTURE);
        let order = self.client.order_status(call).await?;
        if locate::number(&order).is_some_and(|number| number != id.as_str()) {
            return Err(
                Failure::field(Reason::UnreadableAnswer, "order/status").detail(words!(
                    "asked for order {id}, another one was answered",
                    "запрошен заказ {id}, ответ о другом"
                )),
            );
        }
        Ok(order)
    }

    /// The files of an order, without those that are no certificates.
    async fn files(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        let mut call = OrderCall::about(OrderId::Vendor(order.order.as_str()));
        call.return_pkcs7 = Some(false);
        call.date_time_culture = Some(CULTURE);
        let download = self.client.download(call).await?;
        let status = download.certificate_status.unwrap_or_default();
        let files: Vec<_> = download
            .certificates
            .into_iter()
            .filter_map(|file| Some((file.file_name?, file.file_content?)))
            .filter(|(name, _)| !NO_CERTIFICATES.contains(&name.to_lowercase().as_str()))
            .flat_map(|(name, content)| unwrapped(&name, content.as_bytes()))
            .collect();
        if files.is_empty() {
            return Err(Failure::new(Reason::NotReady)
                .value(order.order.as_str())
                .detail(words!(
                    "the vendor has no files yet ({status})",
                    "у поставщика ещё нет файлов ({status})"
                )));
        }
        Ok(VendorFiles { files })
    }

    async fn submit_reissue(
        &self,
        purchase: &Purchase,
        order: &VendorOrderId,
        form: CsrForm,
        permit: Permit,
    ) -> Result<Placed, Unplaced> {
        let current = self.order(order).await.map_err(Unplaced::NotSent)?;
        check_reissuable(&current, order).map_err(Unplaced::NotSent)?;
        let Some(email) = current.admin_contact.email else {
            let why = words!(
                "the vendor does not tell the order's administrative address",
                "поставщик не сообщает административный адрес заказа"
            );
            return Err(Unplaced::NotSent(not_ready(order, why)));
        };
        let body = mapping::reissue(purchase, form, &email).map_err(Unplaced::NotSent)?;
        let answer = self.client.reissue(&body, permit).await;
        paid::reissue(answer, &purchase.key, order)
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for TheSslStore {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.client.vendors_time()
    }

    async fn check(&self) -> Result<(), Failure> {
        self.client.health_status().await?;
        let outcome = self.client.health_validate().await;
        outcome.map_err(|error| match error.refusal() {
            Some(refusal) => Failure::new(Reason::BadCredentials).detail(refusal),
            None => error.into(),
        })
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        // The mapping's own complaints come first: they need no network.
        let is_reissue = matches!(purchase.kind, PurchaseKind::Reissue { .. });
        if is_reissue {
            mapping::reissue(purchase, CsrForm::Raw, "")?;
        } else {
            mapping::new_order(purchase, CsrForm::Raw)?;
        }
        let form = self.csr_form(purchase).await?;
        if is_reissue {
            return Ok(());
        }
        self.check_funds(purchase).await?;
        self.dry_run(purchase, form).await
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        _taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        let form = self.csr_form(purchase).await?;
        let snapshot = match &purchase.kind {
            PurchaseKind::New => None,
            PurchaseKind::Renewal { previous } => {
                self.check_renewable(previous).await?;
                None
            }
            PurchaseKind::Reissue { order, .. } => {
                let current = self.order(order).await?;
                check_reissuable(&current, order)?;
                Some(CertificateSnapshot::of(&current))
            }
        };
        Ok(TokenContent { form, snapshot }.write().into())
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        Sought::or_blind(self.seek_order(wanted).await)
    }

    async fn submit(&self, purchase: &Purchase, token: &Token, permit: Permit) -> Submission {
        let remembered = TokenContent::read(token).map(|content| content.form);
        let form = remembered.or(self.forced_form).unwrap_or(CsrForm::Raw);
        if let PurchaseKind::Reissue { order, .. } = &purchase.kind {
            let outcome = self.submit_reissue(purchase, order, form, permit).await;
            return outcome.into();
        }
        match mapping::new_order(purchase, form) {
            Ok(body) => {
                let answer = self.client.new_order(&body, permit).await;
                paid::new_order(answer, &purchase.key).into()
            }
            Err(failure) => Submission::NotSent(failure),
        }
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        match &purchase.kind {
            PurchaseKind::New | PurchaseKind::Renewal { .. } => {
                self.locate_order(&purchase.key, since, now).await
            }
            PurchaseKind::Reissue { order, .. } => {
                self.locate_reissue(purchase, order, token, since, now)
                    .await
            }
        }
    }

    fn shows_copies(&self) -> bool {
        true
    }

    async fn copies(
        &self,
        purchase: &Purchase,
        _token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        self.carrying(purchase, since).await
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        Ok(progress::progress(&self.order(&order.order).await?))
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        self.files(order).await
    }

    fn endpoint(&self) -> Option<&Url> {
        Some(self.client.address())
    }

    async fn harmless_reads(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        let answers = self.client.harmless_reads().await.into_iter();
        answers
            .map(|(operation, answer)| {
                let text = answer
                    .map(|reply| reply.transcript())
                    .map_err(|failure| failure.into_failure(SendClass::Read));
                (operation, text)
            })
            .collect()
    }

    async fn approvers(
        &self,
        template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        let list = self
            .client
            .approver_list(wire_code(template), name.base())
            .await?;
        Ok(filter_approvers(&list.approver_email_list, name))
    }

    async fn cancel(&self, order: &OrderRef, now: DateTime<Utc>) -> Result<Cancellation, Failure> {
        let current = self.order(&order.order).await?;
        if matches!(
            progress::stage(&current),
            Stage::Cancelled(_) | Stage::Expired
        ) {
            return Ok(Cancellation::AlreadyDead);
        }
        // What a second request does is not documented: the first one's number is the answer.
        if let Some(request) = refund(&current) {
            return Ok(Cancellation::Requested(request));
        }
        if !may_be_refunded(&current, now)? {
            return Ok(Cancellation::WindowOver);
        }
        let mut call = OrderCall::about(OrderId::Vendor(order.order.as_str()));
        call.refund_reason = Some("cancelled by the client");
        match self.client.refund_request(call).await {
            Ok(reply) => Ok(Cancellation::Requested(
                refund(&reply).unwrap_or_else(|| "accepted without a number".to_owned()),
            )),
            Err(error) if error.refusal().is_some_and(|r| r.is_window_over()) => {
                Ok(Cancellation::WindowOver)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn change_validation(
        &self,
        order: &OrderRef,
        name: &DomainName,
        method: &ValidationMethod,
    ) -> Result<(), Failure> {
        let family = Family::of(&order.template);
        let method_word = family.word(method, Place::Change);
        if method_word.is_none() && !matches!(method, ValidationMethod::Email(_)) {
            let why = words!(
                "this product has no such method",
                "у этого продукта нет такого способа"
            );
            return Err(approval::unsupported(name, why));
        }
        let current = self.order(&order.order).await?;
        let mut call = OrderCall::about(OrderId::Vendor(order.order.as_str()));
        call.domain_names = Some(spelling(&current, name).unwrap_or(name.as_str()));
        let operation = if let ValidationMethod::Email(address) = method {
            call.resend_email = Some(address.as_str());
            match mail_of(&current, name) {
                Some(known) if known.eq_ignore_ascii_case(address.as_str()) => {
                    call.resend_email_type = Some("ApproverEmail");
                    "order/resend"
                }
                Some(_) => "order/changeapproveremail",
                None => {
                    call.approver_method = Some("EMAIL");
                    "order/changeapprovermethod"
                }
            }
        } else {
            call.approver_method = method_word;
            "order/changeapprovermethod"
        };
        Ok(self.client.change_approver(operation, call).await?)
    }

    async fn verify_now(&self, order: &OrderRef, name: &DomainName) -> Result<(), Failure> {
        if Family::of(&order.template) != Family::DigiCert {
            return Err(self.cannot("verify now").detail(
                words!("the vendor looks on demand for DigiCert products only, others are looked at in turn", "по запросу поставщик проверяет только продукты DigiCert, остальные он проверяет по своему расписанию"),
            ));
        }
        let current = self.order(&order.order).await?;
        let mut call = OrderCall::about(OrderId::Vendor(order.order.as_str()));
        call.domain_name = Some(spelling(&current, name).unwrap_or(name.base()));
        Ok(self.client.check_dcv(call).await?)
    }

    async fn balance(&self) -> Result<Money, Failure> {
        let detail = self.client.account_detail().await?;
        // Read before the price list is asked: an unreadable balance needs no currency.
        account::balance(&detail, account::DEFAULT_CURRENCY)?;
        let currency = match self.client.product_query(PRICED_PRODUCT).await {
            Ok(products) => account::currency(&products),
            Err(_) => account::DEFAULT_CURRENCY,
        };
        account::balance(&detail, currency)
    }

    async fn holdings(&self, now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        self.all_holdings(now).await
    }

    async fn revoked(
        &self,
        _since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Revoked>, Failure> {
        self.ended(now).await
    }

    async fn by_reference(&self, reference: &str) -> Result<Option<Placed>, Failure> {
        self.referenced(reference).await
    }

    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        Ok(account::offers(&self.client.product_query("").await?))
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
    let _ = progress::date(text);
}
