//! LeaderTelecom: the LeaderSSL reseller API (leaderssl.md).
//!
//! Little of this wire is public: the requests are known, the answers are not. What is not known stands in one table
//! (`wire`), can be corrected in the site's override file, and is never guessed with money: an answer to an order that is
//! not clear is unknown, an order that cannot be found is a person's task. A certificate counts when the download holds one
//! of the CSR's key, whatever the status says; a download that holds anything else is an error with its text.

mod account;
mod capture;
mod client;
mod download;
mod encode;
mod funds;
mod list;
mod mapping;
mod paid;
mod progress;
mod reply;
mod settings;
mod tokens;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::http::{Http, Url};
use super::{
    Abilities, CertificateAuthority, ConnectOptions, Copies, Located, Offer, OrderRef, Permit,
    Placed, Prepared, Progress, Proof, Sought, Stage, Submission, Token, Unplaced, ValidationTask,
    VendorFiles, Wanted,
};
use crate::certificate::Csr;
use crate::domain::text::Bilingual;
use crate::domain::{
    DomainName, EmailAddress, Money, Purchase, PurchaseKind, Settings, TemplateCode,
    ValidationMethod, VendorOrderId,
};
use crate::failure::{Failure, Reason};
use crate::module::leadertelecom::ORDER_ENCODING;
use client::Client;
use download::Download;
use list::{Finding, ListSnapshot};
use mapping::certificate_number;
use reply::LeaderTelecomError;
use settings::AccountSettings;
use wire::{CHANGE_WORDS, PATH_REISSUE, Wire};

/// How long an order may take to appear in the list: not documented \[inferred\].
const SETTLE_TIME: Duration = Duration::from_secs(15 * 60);

/// Without reissue and renewal, with one of them, with both: these two depend on the account and on
/// the override file.
static ABILITIES: [Abilities; 4] = [
    abilities(false, false),
    abilities(true, false),
    abilities(false, true),
    abilities(true, true),
];

const fn abilities(reissue: bool, renewal: bool) -> Abilities {
    Abilities {
        vendor: "LeaderTelecom",
        approvers: true,
        renewal,
        renews_in_place: false,
        reissue,
        reissue_takes_method: true,
        cancel: false,
        change_validation: true,
        verify_now: false,
        balance: true,
        products: true,
        lists_revoked: false,
        tells_term: false,
        settle_time: SETTLE_TIME,
        absence_proves: false,
        validation_told_once: false,
    }
}

/// The adapter of one account.
#[derive(Debug)]
pub struct LeaderTelecom {
    account: AccountSettings,
    client: Client,
}

impl LeaderTelecom {
    /// Checks the settings and the site's corrections; no network.
    ///
    /// # Errors
    /// A missing or malformed setting by its name; an override file with wrong lines.
    pub fn new(settings: &Settings, options: &ConnectOptions) -> Result<Self, Failure> {
        let account = AccountSettings::read(settings)?;
        let wire = Wire::read(options.overrides.as_deref())?;
        let client = Client::new(Http::new(options, None)?, &account, wire);
        Ok(Self { account, client })
    }

    fn wire(&self) -> &Wire {
        self.client.wire()
    }

    fn has_reissue(&self) -> bool {
        !self.wire().text(&PATH_REISSUE).is_empty()
    }

    /// Refuses what the vendor cannot do; a person then needs all names and the CSR.
    fn check_kind(&self, purchase: &Purchase) -> Result<(), Failure> {
        let is_single = purchase.additional_names.is_empty();
        let (operation, why) = match &purchase.kind {
            PurchaseKind::New => return Ok(()),
            PurchaseKind::Renewal { .. } if self.account.renew_by_new_order => return Ok(()),
            PurchaseKind::Renewal { previous } => (
                "prolong",
                words!(
                    "no renewal call of the vendor is known and 'renew_by_new_order' is off. Renew certificate {previous} in the vendor's panel",
                    "вызов продления у поставщика неизвестен, а 'renew_by_new_order' выключен. Продлите сертификат {previous} в панели поставщика, укажите новый командой 'pmssl resolve --adopt' и повторите операцию"
                ),
            ),
            PurchaseKind::Reissue { former_names, .. }
                if self.has_reissue() && is_single && former_names.is_empty() =>
            {
                return Ok(());
            }
            PurchaseKind::Reissue { order, .. } if self.has_reissue() => (
                "reissue",
                words!(
                    "multi-domain certificates are reissued by hand with this vendor. Reissue certificate {order} in the vendor's panel",
                    "многодоменные сертификаты у этого поставщика перевыпускаются вручную. Перевыпустите сертификат {order} в панели поставщика"
                ),
            ),
            PurchaseKind::Reissue { order, .. } => (
                "reissue",
                words!(
                    "no reissue call of the vendor is known ('PathReissue' in the override file sets one). Reissue certificate {order} in the vendor's panel",
                    "вызов перевыпуска у поставщика неизвестен (его задаёт 'PathReissue' в файле исправлений). Перевыпустите сертификат {order} в панели поставщика"
                ),
            ),
        };
        Err(Failure::field(Reason::NotSupported, operation)
            .detail(why.map(|why| format!("{why}\n{}", mapping::particulars(purchase)))))
    }

    /// The body of the paid call.
    fn body(&self, purchase: &Purchase) -> Result<serde_json::Value, Failure> {
        self.check_kind(purchase)?;
        let body = match &purchase.kind {
            PurchaseKind::Reissue { .. } => mapping::reissue(purchase, self.wire())?,
            _ => mapping::order(purchase, &self.account, self.wire())?,
        };
        if self.client.is_too_long(&body) {
            return Err(Failure::field(Reason::Invalid, ORDER_ENCODING.name)
                .value("query")
                .detail(words!(
                    "this order does not fit into an address: choose json or form",
                    "этот заказ не помещается в адрес: выберите json или form"
                )));
        }
        Ok(body)
    }

    /// Whether the vendor has a certificate to download. Of which key it is, shows when it is fetched:
    /// one that cannot be read, or is of another key, is said aloud there.
    async fn is_delivered(&self, order: &OrderRef) -> Result<bool, Failure> {
        let reply = self.client.download(&order.order).await?;
        let download = download::read(&reply, self.wire())?;
        Ok(matches!(download, Download::Files(_)))
    }

    /// Validation data, where the answer can be read; for people, so trouble with it is no failure.
    async fn validation(&self, order: &OrderRef) -> Vec<super::ValidationRecord> {
        const OPERATION: &str = "ssl_certificates/dcv";
        let Ok(reply) = self.client.dcv(&order.order).await else {
            return Vec::new();
        };
        match reply::json(OPERATION, &reply, self.wire()) {
            Ok(value) => progress::validation(&value, order, self.wire()),
            Err(_) => Vec::new(),
        }
    }

    async fn place(&self, purchase: &Purchase, permit: Permit) -> Result<Placed, Unplaced> {
        let body = self.body(purchase).map_err(Unplaced::NotSent)?;
        let signed_in = self.client.sign_in().await;
        signed_in.map_err(|error| Unplaced::NotSent(error.into()))?;
        let (operation, answer) = match &purchase.kind {
            PurchaseKind::Reissue { order, .. } => {
                certificate_number(order).map_err(Unplaced::NotSent)?;
                let answer = self.client.reissue(order, body, permit).await;
                ("reissue", answer)
            }
            _ => ("order", self.client.order(body, permit).await),
        };
        let placed = paid::outcome(operation, answer, &purchase.key, self.wire())?;
        Ok(self.placed(purchase, placed))
    }

    /// An order of the list.
    fn found(&self, purchase: &Purchase, id: u64) -> Placed {
        self.placed(
            purchase,
            Placed {
                order: VendorOrderId::new(id.to_string()),
                references: Vec::new(),
                validation: Vec::new(),
                remark: None,
            },
        )
    }

    fn placed(&self, purchase: &Purchase, mut placed: Placed) -> Placed {
        placed.validation = mapping::records(purchase, self.wire());
        placed
    }
}

#[async_trait(?Send)]
impl CertificateAuthority for LeaderTelecom {
    fn abilities(&self) -> &'static Abilities {
        let renewal = usize::from(self.account.renew_by_new_order);
        &ABILITIES[usize::from(self.has_reissue()) + 2 * renewal]
    }

    fn vendors_time(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.client.vendors_time()
    }

    async fn check(&self) -> Result<(), Failure> {
        self.client.sign_in().await?;
        let reply = self.client.balance().await?;
        reply::json("billing/balance", &reply, self.wire())?;
        Ok(())
    }

    async fn examine(&self, purchase: &Purchase) -> Result<(), Failure> {
        // The vendor has no call that would check an order without taking it.
        self.body(purchase)?;
        self.check_funds(purchase).await
    }

    async fn prepare(
        &self,
        purchase: &Purchase,
        _taken: &[VendorOrderId],
    ) -> Result<Prepared, Failure> {
        self.body(purchase)?;
        let snapshot = match self.entries().await? {
            Ok(entries) => ListSnapshot::of(&entries),
            Err(error) => {
                crate::log!(
                    Order,
                    Warning,
                    "the list of certificates cannot be read; should the answer to the order get lost, manual action will be needed: {}",
                    error.both().en()
                );
                ListSnapshot::Unreadable
            }
        };
        Ok(snapshot.write().into())
    }

    async fn seek(&self, wanted: &Wanted<'_>) -> Result<Sought, Failure> {
        let entries = match self.entries().await? {
            Ok(entries) => entries,
            Err(error) => return Ok(Sought::Blind(error.both())),
        };
        Ok(match list::seek(&entries, wanted) {
            list::Seen::Proved(id, key) => Sought::Proved(Placed {
                references: vec![(super::Reference::Client, key.to_string())],
                ..self.found(wanted.purchase, id)
            }),
            list::Seen::OtherName(other, key) => Sought::OtherName(other, key),
            list::Seen::Candidates(candidates) => Sought::Candidates(candidates),
            // The list is not known to be complete (leaderssl.md 13).
            list::Seen::Nothing => Sought::Blind(words!(
                "the vendor's list shows no such order, and is not known to be complete",
                "в списке поставщика такого заказа нет, но неизвестно, полон ли список"
            )),
        })
    }

    async fn submit(&self, purchase: &Purchase, _token: &Token, permit: Permit) -> Submission {
        self.place(purchase, permit).await.into()
    }

    async fn locate(
        &self,
        purchase: &Purchase,
        token: &Token,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Located, Failure> {
        let entries = match self.entries().await? {
            Ok(entries) => entries,
            Err(error) => return Ok(Located::CannotTell(error.both())),
        };
        let csr = Csr::parse(&purchase.csr_pem);
        let wanted = list::Wanted {
            name: &purchase.common_name,
            csr: csr.ok().map(|csr| csr.fingerprint()),
            unique: &mapping::unique_value(&purchase.key),
            since,
        };
        let until = since + TimeDelta::from_std(SETTLE_TIME).unwrap_or(TimeDelta::MAX);
        Ok(
            match list::find(&entries, ListSnapshot::read(token), &wanted) {
                Finding::Proved(id, Proof::Reference) => {
                    Located::Found(self.found(purchase, id), Proof::Reference)
                }
                // Ours may still be on its way while somebody else's of the same name or CSR is there.
                _ if now < until => Located::TooEarly(until),
                Finding::Proved(id, proof) => Located::Found(self.found(purchase, id), proof),
                Finding::Candidates(candidates) => Located::Candidates(candidates),
                // The list is not known to be complete: absence proves nothing (leaderssl.md 13).
                Finding::Nothing(seen) | Finding::Unclear(seen) => Located::CannotTell(seen),
            },
        )
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
        self.carrying(purchase, token, since).await
    }

    async fn status(&self, order: &OrderRef) -> Result<Progress, Failure> {
        const OPERATION: &str = "ssl_certificates/status";
        certificate_number(&order.order)?;
        let reply = self.client.status(&order.order).await?;
        let word = match reply::json(OPERATION, &reply, self.wire()) {
            Ok(value) => progress::word(&value, self.wire()).ok_or_else(|| {
                reply::unreadable(
                    OPERATION,
                    &reply,
                    words!("no status in it", "в нём нет состояния"),
                )
            }),
            Err(error) => Err(error),
        };
        // A large one must be gone before further ones are read.
        drop(reply);
        let known = word.as_deref().ok().and_then(|word| {
            let meaning = self.wire().meaning(word)?;
            Some(meaning.stage(word))
        });
        let stage = match (known, word) {
            (Some(stage), _) => stage,
            (None, Ok(word)) => {
                if self.is_delivered(order).await? {
                    Stage::Issued
                } else {
                    Stage::Unknown(word)
                }
            }
            (None, Err(error)) => match error {
                LeaderTelecomError::Unserved { ref unserved, .. } => {
                    if unserved.concerns_all() || !self.is_delivered(order).await? {
                        return Err(error.into());
                    }
                    Stage::Issued
                }
                // The certificate itself may still be there.
                LeaderTelecomError::Unreadable { .. } | LeaderTelecomError::Refused { .. } => {
                    if !self.is_delivered(order).await? {
                        return Err(
                            Failure::field(Reason::UnreadableAnswer, OPERATION).detail(error)
                        );
                    }
                    Stage::Issued
                }
                error => return Err(error.into()),
            },
        };
        let validation = match stage {
            Stage::Pending(_) | Stage::Unknown(_) => self.validation(order).await,
            _ => Vec::new(),
        };
        Ok(Progress {
            stage,
            validation,
            term_end: None,
            references: Vec::new(),
        })
    }

    async fn certificate(&self, order: &OrderRef) -> Result<VendorFiles, Failure> {
        certificate_number(&order.order)?;
        let reply = self.client.download(&order.order).await?;
        match download::read(&reply, self.wire())? {
            Download::Files(files) => Ok(VendorFiles { files }),
            Download::NotYet(words) => Err(Failure::new(Reason::NotReady)
                .value(order.order.as_str())
                .detail(words)),
        }
    }

    async fn approvers(
        &self,
        _template: &TemplateCode,
        name: &DomainName,
    ) -> Result<Vec<EmailAddress>, Failure> {
        let reply = self.client.dcv_emails(name.base()).await?;
        match reply::json("dcv_emails", &reply, self.wire()) {
            Ok(value) => Ok(account::approvers(&value, name)),
            // The standard boxes need no answer (leaderssl.md 15).
            Err(LeaderTelecomError::Unreadable { .. }) => Ok(account::standard_approvers(name)),
            Err(LeaderTelecomError::Unserved { unserved, .. }) if !unserved.concerns_all() => {
                Ok(account::standard_approvers(name))
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
        certificate_number(&order.order)?;
        let now = self.validation(order).await;
        let current = now.iter().find(|record| record.name.base() == name.base());
        let current = current.map(|record| &record.task);
        let is_resend = matches!((method, current), (ValidationMethod::Email(address), Some(ValidationTask::Email(known)))
            if known.eq_ignore_ascii_case(address.as_str()));
        if is_resend {
            let reply = self.client.resend_dcv(&order.order).await?;
            reply::json("ssl_certificates/resend_dcv", &reply, self.wire())?;
            return Ok(());
        }
        let value = match method {
            ValidationMethod::Email(address) => address.as_str(),
            method => mapping::method_word(method)
                .filter(|_| self.wire().is(&CHANGE_WORDS, "yes"))
                .ok_or_else(|| {
                    self.cannot("change validation").detail(
                        words!("the vendor's call is known to take an approver address only; change the method in the vendor's panel", "известно, что вызов поставщика принимает только адрес подтверждения; измените способ в панели поставщика"),
                    )
                })?,
        };
        // The call has no parameter for a name, so it is clear for a single one only.
        if !mapping::is_single(order, name) {
            return Err(self.cannot("change validation").detail(
                words!("the vendor's call cannot tell the names of a multi-domain certificate apart; change it in the vendor's panel", "вызов поставщика не различает имён многодоменного сертификата; измените это в панели поставщика"),
            ));
        }
        let reply = self.client.change_dcv(&order.order, value).await?;
        reply::json("ssl_certificates/change_dcv", &reply, self.wire())?;
        Ok(())
    }

    fn endpoint(&self) -> Option<&Url> {
        Some(self.client.address())
    }

    async fn harmless_reads(&self) -> Vec<(&'static str, Result<String, Failure>)> {
        self.reads().await
    }

    async fn balance(&self) -> Result<Money, Failure> {
        const OPERATION: &str = "billing/balance";
        let reply = self.client.balance().await?;
        let value = reply::json(OPERATION, &reply, self.wire())?;
        account::balance(&value, self.wire())
            .map_err(|why| reply::unreadable(OPERATION, &reply, why).into())
    }

    async fn products(&self) -> Result<Vec<Offer>, Failure> {
        const OPERATION: &str = "products";
        let reply = self.client.products().await?;
        let value = reply::json(OPERATION, &reply, self.wire())?;
        account::offers(&value, self.wire())
            .map_err(|why| reply::unreadable(OPERATION, &reply, why).into())
    }
}

/// Entry point for hostile input: a date of a reply.
#[cfg(any(test, fuzzing))]
pub(crate) fn hostile_date(text: &str) {
    let _ = reply::moment(&serde_json::Value::from(text));
}

/// What the site's file may correct, for hostile input.
#[cfg(any(test, fuzzing))]
pub(crate) fn known_overrides() -> &'static [super::overrides::Known] {
    wire::KNOWN
}
