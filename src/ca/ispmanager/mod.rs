//! Ispmanager (SSL): the billing of Ispmanager, another BILLmanager, called as its client
//! (ispmanager.md).
//!
//! Much of this wire is known in part. What is not proved stands in one table ([`wire`]) that a site
//! corrects by a file, forms are asked before anything is sent, and an unknown answer to an order is
//! unknown: it is looked up and never repeated.

mod account;
mod capture;
mod client;
mod document;
mod error;
mod holdings;
mod listing;
mod locate;
mod mapping;
mod money;
mod paid;
mod progress;
mod record;
mod settings;
mod token;
mod wire;
mod wizard;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::http::{Http, Url};
use super::{
    Abilities, CertificateAuthority, ConnectOptions, Copies, Holding, Located, Offer, OrderRef,
    Permit, Prepared, Progress, Sought, Submission, Token, VendorFiles, Wanted,
};
use crate::certificate::{Csr, files_of_delivery};
use crate::domain::text::Words;
use crate::domain::{
    DomainName, EmailAddress, Money, Months, Purchase, PurchaseKind, Settings, TemplateCode,
    VendorOrderId,
};
use crate::failure::{Failure, Reason};
use crate::log;
use account::{approvers_in, mailboxes};
use client::Client;
use mapping::Answers;
use token::{TokenContent, mark};
use wire::{Entry, Wire};

static ABILITIES: Abilities = Abilities {
    vendor: "Ispmanager",
    approvers: true,
    renewal: true,
    renews_in_place: true,
    reissue: true,
    reissue_takes_method: true,
    // The function's name is a guess and refunds are not documented (14): a person does it.
    cancel: false,
    // The functions' names are not public (9).
    change_validation: false,
    verify_now: false,
    balance: true,
    products: true,
    lists_revoked: false,
    tells_term: true,
    settle_time: SETTLE_TIME,
    absence_proves: false,
    validation_told_once: false,
};

/// How long a new service may take to appear in the list. Clients of this billing wait for a minute
/// (15); this is more, because nothing is lost by waiting.
const SETTLE_TIME: Duration = Duration::from_secs(5 * 60);

/// The adapter of one account.
#[derive(Debug)]
pub struct Ispmanager {
    client: Client,
    /// The CSR asked about last, with what the forms told.
    known: RefCell<Option<(String, Answers)>>,
}

impl Ispmanager {
    /// Checks the settings and reads the site's corrections; no network.
    ///
    /// # Errors
    /// A missing or malformed setting by its name, a wrong line in the site's file.
    pub fn new(settings: &Settings, options: &ConnectOptions) -> Result<Self, Failure> {
        let account = settings::AccountSettings::read(settings)?;
        let wire = Wire::read(options.overrides.as_deref())?;
        let http = Http::new(options, None)?;
        Ok(Self {
            client: Client::new(http, account.address, account.login, account.password, wire),
            known: RefCell::new(None),
        })
    }

    fn wire(&self) -> &Wire {
        &self.client.wire
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for Ispmanager {
    fn abilities(&self) -> &'static Abilities {
        &ABILITIES
    }

    fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.client.vendors_time()
    }

    async fn check(&self) -> Result<(), Failure> {
        let account = self.client.look(Entry::AccountFunction, &[]).await?;
        match account.child("user") {
            Some(_) => Ok(()),
            None => Err(
                Failure::field(Reason::UnreadableAnswer, Entry::AccountFunction.default()).detail(
                    words!("it does not show the user", "в нём не видно пользователя"),
                ),
            ),
        }
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        // What needs no network comes first.
        let csr = Csr::parse(&purchase.csr_pem)?;
        match &purchase.kind {
            PurchaseKind::New => {
                mapping::check(self.wire(), purchase)?;
                self.answers(purchase, &csr).await?;
                self.check_funds(purchase).await
            }
            PurchaseKind::Renewal { previous } => self.check_renewable(purchase, previous).await,
            PurchaseKind::Reissue { order, .. } => {
                self.reissuable(order).await?;
                self.reissue_fields(purchase, order).await.map(drop)
            }
        }
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        _taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        let content = match &purchase.kind {
            PurchaseKind::New => self.snapshot(purchase).await?,
            PurchaseKind::Renewal { previous } => {
                let day = self.paid_till(previous).await?.ok_or_else(|| {
                    Failure::field(Reason::UnreadableAnswer, Entry::ReadFunction.default()).detail(words!(
                        "service {previous} does not show until when it is paid, so a renewal could not be looked up", "у услуги {previous} не видно, до какого дня она оплачена, поэтому продление нельзя было бы проверить"
                    ))
                })?;
                TokenContent::Renewal(day)
            }
            PurchaseKind::Reissue { order, .. } => {
                let record = self.reissuable(order).await?;
                TokenContent::Reissue {
                    certificate: record.certificate.as_deref().map(mark),
                    request: record.csr.as_deref().map(locate::mark_of_request),
                }
            }
        };
        Ok(content.write().into())
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        match wanted.purchase.kind {
            PurchaseKind::New => Sought::or_blind(self.seek_service(wanted).await),
            PurchaseKind::Renewal { .. } => Ok(Sought::Blind(words!(
                "a renewal keeps the service's number: only this machine remembers one that the database has lost",
                "при продлении номер услуги не меняется: о потерянном базой данных помнит только эта машина"
            ))),
            PurchaseKind::Reissue { .. } => Ok(Sought::Nothing),
        }
    }

    async fn submit(&self, purchase: &Purchase, _token: &Token, permit: Permit) -> Submission {
        let outcome = match &purchase.kind {
            PurchaseKind::New => self.submit_new(purchase, permit).await,
            PurchaseKind::Renewal { previous } => {
                self.submit_renewal(purchase, previous, permit).await
            }
            PurchaseKind::Reissue { order, .. } => {
                self.submit_reissue(purchase, order, permit).await
            }
        };
        outcome.into()
    }

    async fn confirm(
        &self,
        purchase: &Purchase,
        token: &Token,
        order: &VendorOrderId,
    ) -> Result<bool, Failure> {
        match purchase.kind {
            PurchaseKind::New => self.is_ours(purchase, token, order).await,
            PurchaseKind::Renewal { .. } | PurchaseKind::Reissue { .. } => Ok(true),
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
            PurchaseKind::New => self.locate_new(purchase, token, since, now).await,
            PurchaseKind::Renewal { previous } => {
                self.locate_renewal(previous, token, since, now).await
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
        token: &Token,
        since: DateTime<Utc>,
    ) -> Result<Option<Copies>, Failure> {
        match purchase.kind {
            PurchaseKind::New => self.carrying(purchase, token, since).await.map(Some),
            _ => Ok(None),
        }
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        let record = self.service(&order.order).await?;
        Ok(progress::progress(self.wire(), &record))
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        let id = order.order.as_str();
        let record = self.service(&order.order).await?;
        if let Some(content) = &record.certificate
            && let Some(files) = files_of_delivery(content.as_bytes())?
        {
            return Ok(VendorFiles { files });
        }
        let not_ready = |why: Words| Failure::new(Reason::NotReady).value(id).detail(why);
        if self.wire().optional(Entry::FileFunction).is_none() {
            return Err(not_ready(words!(
                "the service shows no certificate",
                "у услуги не видно сертификата"
            )));
        }
        let reply = self
            .client
            .look_raw(Entry::FileFunction, &[("elid", id)])
            .await?;
        if reply.is_success()
            && let Some(files) = files_of_delivery(&reply.body)?
        {
            return Ok(VendorFiles { files });
        }
        // No file: an error document says why, anything else is kept in the log.
        match error::accepted(Entry::FileFunction.default(), &reply, self.wire()) {
            Err(error) if error.is_about_the_account() => Err(error.into()),
            Err(error) => Err(not_ready(words!(
                "neither record nor files hold a certificate ({error})", "ни в записи, ни в файлах нет сертификата ({error})"; error
            ))),
            Ok(_) => Err(not_ready(words!(
                "neither record nor files hold a certificate",
                "ни в записи, ни в файлах нет сертификата"
            ))),
        }
    }

    async fn approvers(
        &self,
        template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        let tariff = mapping::tariff(template)?;
        let wire = self.wire();
        let term = wire.words(Entry::Periods).next().unwrap_or_default();
        let fields = [
            (wire.text(Entry::TariffField), tariff.as_str()),
            (wire.text(Entry::PeriodField), term),
            (wire.text(Entry::CommonNameField), name.as_str()),
        ];
        let offered = match self.client.look(Entry::OrderFunction, &fields).await {
            Ok(form) => approvers_in(
                &form,
                &format!("{}1", wire.text(Entry::ApproverPrefix)),
                name,
            ),
            Err(error) if error.is_about_the_account() => return Err(error.into()),
            Err(error) => {
                log!(
                    Order,
                    Info,
                    "the billing shows no approver addresses: {error}"
                );
                Vec::new()
            }
        };
        Ok(if offered.is_empty() {
            mailboxes(name)
        } else {
            offered
        })
    }

    fn endpoint(&self) -> Option<&Url> {
        Some(self.client.address())
    }

    async fn harmless_reads(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        self.forms_and_lists().await
    }

    async fn holdings(&self, _now: DateTime<Utc>) -> Result<Vec<Holding>, Failure> {
        self.all_holdings().await
    }

    async fn balance(&self) -> Result<Money, Failure> {
        self.read_balance().await
    }

    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        let mut products: Vec<Offer> = Vec::new();
        let terms: Vec<u32> = self
            .wire()
            .words(Entry::Periods)
            .filter_map(|term| term.parse().ok())
            .collect();
        for term in terms {
            let offers = self.offers(Months(term)).await?.ok_or_else(|| {
                Failure::field(Reason::UnreadableAnswer, Entry::TariffsFunction.default())
                    .detail(words!("it shows no tariffs", "в нём нет тарифов"))
            })?;
            for offer in offers {
                match products.iter_mut().find(|known| known.code == offer.code) {
                    Some(known) => known.prices.extend(offer.prices),
                    None => products.push(offer),
                }
            }
        }
        Ok(products)
    }
}

/// What the site's file may correct, for hostile input.
#[cfg(any(test, fuzzing))]
pub(crate) fn known_overrides() -> &'static [super::overrides::Known] {
    wire::KNOWN
}
