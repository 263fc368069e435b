//! Following an order to its certificate: what the vendor says becomes what the platform shows.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::intent::{Intent, Operation, State};
use super::port::{OrderRef, Progress, Stage};
use super::stored::Revocation;
use super::waits::For;
use super::{OrderSession, calendar, current, term};
use crate::certificate::{self, Chain, Csr, Format};
use crate::failure::{Failure, Reason};
use crate::log;
use crate::platform::details::{additional_names, common_name, listed_addresses};
use crate::platform::{CertificateFile, CertificateStatus, DELETED, Patience, fields};

/// Where following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// The service has no order.
    NothingOrdered,
    /// The certificate is awaited.
    Waiting,
    /// The certificate is proved and saved.
    Delivered,
    /// No certificate will come.
    Failed,
}

/// Authorities let certificates begin up to so many days before they are asked for.
const EARLIER_BEGIN: i64 = 2;

/// Value of [`fields::STATUS_ADDITION`] while the authority looks closer.
const CHECK: &str = "check";

/// How long after a renewal the former certificate is not taken for its result. After that the vendor
/// has extended the term and left the certificate as it is.
const RENEWAL_WAIT: TimeDelta = TimeDelta::days(1);

impl OrderSession<'_> {
    /// Asks the vendor for the order's state and brings the platform up to date.
    ///
    /// # Errors
    /// Vendor or platform failures; a certificate that does not prove itself. Nothing is lost: the
    /// next run begins anew.
    pub async fn follow(&mut self) -> Result<Followed, Failure> {
        let followed = self.look().await;
        self.watch(&followed).await;
        followed
    }

    async fn look(&mut self) -> Result<Followed, Failure> {
        self.mend_dates().await?;
        if let Some(attempt) = self.look_up().await? {
            log!(
                Order,
                Info,
                "nothing is ordered; attempt {attempt} waits for BILLmanager's operation"
            );
            return Ok(Followed::NothingOrdered);
        }
        let Some(order) = self.order_ref() else {
            log!(Order, Info, "the service has no order at the vendor yet");
            return Ok(Followed::NothingOrdered);
        };
        // What is withdrawn with a deleted service must not be submitted again.
        let deleted = self.service.status == DELETED;
        if self.authority.has_later_steps() && !self.is_delivered() && !deleted {
            self.continue_order(&order).await?;
        }
        let progress = self.authority.status(&order).await?;
        self.mend_since().await?;
        let is_ordering = self
            .intent
            .as_ref()
            .is_some_and(|intent| intent.state == State::Placed);
        for (reference, value) in &progress.references {
            // Nothing here needs them: the operation that orders does not wait for two more runs of mgrctl.
            if is_ordering && reference.is_secret() {
                continue;
            }
            if let Some((_, name)) = self
                .module
                .reference_parameters
                .iter()
                .find(|(known, _)| known == reference)
            {
                self.save(name, value, Patience::Once).await?;
            }
        }
        self.save_validation(&progress.validation).await?;
        self.validation.clone_from(&progress.validation);
        let words = progress.stage.words().to_owned();
        self.waits_for = For::of_progress(&progress).map(|what| (what, words));
        self.show_check(&progress.stage).await?;
        self.remember_vendors_term(&progress).await?;
        if let Err(failure) = self.tell_longer_term(&progress).await {
            log!(
                Order,
                Info,
                "whether more was renewed than ordered is not told: {}",
                failure.chain()
            );
        }
        let followed = self.apply(&order, progress).await?;
        if matches!(followed, Followed::Waiting | Followed::Delivered) {
            self.look_for_spare(followed == Followed::Delivered).await;
        }
        Ok(followed)
    }

    /// Shows that the authority looks closer, as the platform vendor's module does (billmanager.md 7), and takes it away
    /// afterwards. Other values are not this program's.
    async fn show_check(&mut self, stage: &Stage) -> Result<(), Failure> {
        let is_held = matches!(stage, Stage::Held(_));
        let is_shown = self.service.parameter(fields::STATUS_ADDITION) == Some(CHECK);
        if is_held == is_shown {
            return Ok(());
        }
        let value = if is_held { CHECK } else { "" };
        self.save(fields::STATUS_ADDITION, value, Patience::Once)
            .await
    }

    async fn apply(&mut self, order: &OrderRef, progress: Progress) -> Result<Followed, Failure> {
        match &progress.stage {
            Stage::Issued
                if self.is_delivered() && !self.shows_former() && !self.is_in_a_persons_hands() =>
            {
                log!(
                    Order,
                    Info,
                    "order {} is issued and its certificate is saved",
                    order.order
                );
                Ok(Followed::Delivered)
            }
            Stage::Issued => self.deliver(order, &progress).await,
            Stage::Pending(words)
            | Stage::Held(words)
            | Stage::Reissuing(words)
            | Stage::Unpaid(words) => {
                log!(Order, Info, "order {} is pending: {words}", order.order);
                self.call_for_lost_proof().await?;
                self.wait().await
            }
            // Its end is known, and a person has it: the order may be reissued by that one's word.
            Stage::Cancelled(words)
                if self.is_delivered() && Revocation::stored(&self.service).is_some() =>
            {
                log!(Order, Info, "order {} is revoked: {words}", order.order);
                Ok(Followed::Delivered)
            }
            Stage::Cancelled(words) => self.bury(order, words).await,
            Stage::Expired => {
                log!(
                    Order,
                    Warning,
                    "order {} is over at the vendor",
                    order.order
                );
                if self.is_delivered() {
                    Ok(Followed::Delivered)
                } else if self.awaits(Operation::Open) || self.awaits_under_own_number(order) {
                    // It never had a certificate, and none will come.
                    self.bury(order, "").await
                } else {
                    self.wait().await
                }
            }
            Stage::Unknown(word) => {
                log!(
                    Order,
                    Warning,
                    "order {} has the unknown status '{word}'; treated as pending",
                    order.order
                );
                if self.is_delivered() {
                    Ok(Followed::Delivered)
                } else {
                    self.wait().await
                }
            }
        }
    }

    /// Learns the term's end from a vendor that tells it, for orders that this program did not place.
    /// It only ever moves forward.
    pub(super) async fn remember_vendors_term(
        &mut self,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let Some(end) = self.vendors_term(progress) else {
            return Ok(());
        };
        // What the vendor has ended is not paid any more.
        let is_over = matches!(progress.stage, Stage::Cancelled(_) | Stage::Expired);
        if is_over || self.term_bought().is_some() {
            return Ok(());
        }
        self.save(fields::TERM_END, &end.to_string(), Patience::Once)
            .await
    }

    pub(super) fn vendors_term(&self, progress: &Progress) -> Option<NaiveDate> {
        let end = progress.term_end?.date_naive();
        term::believable(end, self.clock.now().date_naive())
    }

    async fn wait(&mut self) -> Result<Followed, Failure> {
        self.set_status(CertificateStatus::Enrolled).await?;
        Ok(Followed::Waiting)
    }

    /// Whether the current certificate was proved and saved before.
    pub(super) fn is_delivered(&self) -> bool {
        let awaited = self
            .intent
            .as_ref()
            .is_some_and(|intent| matches!(intent.state, State::Placed | State::Pending));
        self.shows(CertificateStatus::Issued) && !awaited && self.service.certificate.is_some()
    }

    /// Whether a person may have replaced the certificate at the vendor: has a task to do it, or is the
    /// only one who can.
    fn is_in_a_persons_hands(&self) -> bool {
        !self.authority.abilities().reissue
            || current::certificate(&self.service, self.module).is_some_and(|current| {
                current::told(&self.service, fields::TASKED, &current.mark).is_some()
            })
    }

    /// Downloads, proves, saves.
    async fn deliver(
        &mut self,
        order: &OrderRef,
        progress: &Progress,
    ) -> Result<Followed, Failure> {
        let csr = Csr::parse(
            self.service
                .csr
                .as_deref()
                .ok_or_else(|| Failure::field(Reason::MissingCsr, fields::CSR))?,
        )?;
        let files = self.authority.certificate(order).await?;
        let chain = match certificate::assemble(&files.files, &csr) {
            Ok(chain) => chain.without_expired(self.clock.now()),
            Err(failure) if self.awaits(Operation::Reissue) => {
                log!(
                    Order,
                    Info,
                    "the vendor still gives the former certificate: {}",
                    failure.chain()
                );
                return self.wait().await;
            }
            Err(failure) => return Err(failure.value(order.order.as_str())),
        };
        let is_former = self.is_replaced(&chain);
        if is_former {
            log!(Order, Info, "the vendor still gives the former certificate");
            if self.is_delivered() {
                return Ok(Followed::Delivered);
            }
            if self.awaits(Operation::Reissue) || self.is_freshly_renewed() {
                return self.wait().await;
            }
        }
        if self.is_delivered() && !self.is_later(&chain) {
            log!(Order, Info, "nobody has replaced the certificate yet");
            return Ok(Followed::Delivered);
        }
        let mut names = vec![common_name(&csr)?];
        let template = self.template().ok();
        names.extend(additional_names(&self.service, template, &names[0])?);
        let addresses = match template {
            Some(template) if template.addresses => listed_addresses(&self.service),
            _ => Vec::new(),
        };
        chain
            .prove(&csr, &names, self.clock.now())
            .and_then(|()| chain.prove_addresses(&addresses))
            .map_err(|detail| {
                Failure::field(Reason::CertificateMismatch, fields::CSR)
                    .value(order.order.as_str())
                    .detail(detail)
            })?;
        let beyond = calendar::life_remark(chain.leaf.not_before, chain.leaf.not_after);
        let remarks = [beyond, chain.leaf.use_remark(), chain.root_remark()];
        for remark in remarks.into_iter().flatten() {
            log!(Order, Warning, "{}", remark.en());
        }
        if let Some(remark) = calendar::clients_remark(chain.leaf.is_for_clients) {
            log!(Order, Notice, "{}", remark.en());
        }
        if !is_former {
            self.must_stand(Patience::Once).await?;
            self.save_certificate(&chain).await?;
        }
        self.save_dates(chain.leaf.not_after, self.vendors_term(progress))
            .await?;
        self.set_status(CertificateStatus::Issued).await?;
        // `Placed` stays until the platform's open operation is closed.
        if let Some(intent) = self
            .intent
            .clone()
            .filter(|intent| intent.state == State::Pending)
        {
            self.save_intent(intent.with_state(State::Issued), Patience::Once)
                .await?;
        }
        log!(
            Order,
            Info,
            "certificate {} of order {} is saved",
            chain.leaf.serial,
            order.order
        );
        Ok(Followed::Delivered)
    }

    /// Whether the certificate of a placed operation of this kind is awaited.
    fn awaits(&self, operation: Operation) -> bool {
        self.intent.as_ref().is_some_and(|intent| {
            intent.operation == operation && matches!(intent.state, State::Placed | State::Pending)
        })
    }

    /// A reissue while the certificate of another order is awaited: it may be there by now. What the vendor must refuse
    /// would take the pending order's place in what is stored, and the way back with it.
    pub(super) async fn must_not_await_another(&mut self) -> Result<(), Failure> {
        let awaited = |session: &Self| {
            let intent = session.intent.clone();
            intent.filter(|intent| {
                intent.operation != Operation::Reissue && intent.state == State::Pending
            })
        };
        // Under one number a renewal changes what the order was, and there is no way back to lose.
        let in_place = self.authority.abilities().renews_in_place;
        let is_bar = |intent: &Intent| !(in_place && intent.operation == Operation::Prolong);
        if !awaited(self).is_some_and(|intent| is_bar(&intent)) {
            return Ok(());
        }
        if let Err(failure) = self.follow().await {
            log!(Order, Info, "{}", failure.chain());
        }
        self.leave_if_dead().await?;
        let (Some(intent), Some(order)) = (awaited(self), self.order_ref()) else {
            return Ok(());
        };
        // One that is issued may be of the CSR before, or look like the former one: it can be reissued.
        match self.authority.status(&order).await?.stage {
            Stage::Issued => Ok(()),
            _ => Err(super::step::is_awaited(&intent)),
        }
    }

    /// Whether a renewal or reissue is awaited that has another number than the order before it, or whether the service
    /// was left on this order by a dead one. What goes on under one number may show the end of the former term for a while.
    fn awaits_under_own_number(&self, order: &OrderRef) -> bool {
        if self.authority.abilities().renews_in_place {
            return false;
        }
        let previous = self.service.parameter(fields::PREVIOUS_ORDER);
        let is_another = previous.is_some_and(|previous| previous != order.order.as_str());
        let is_dead = |intent: &Intent| {
            intent.state == State::Dead && intent.order.as_ref() != Some(&order.order)
        };
        (is_another && (self.awaits(Operation::Prolong) || self.awaits(Operation::Reissue)))
            || self.intent.as_ref().is_some_and(is_dead)
    }

    fn is_freshly_renewed(&self) -> bool {
        let since = self.intent.as_ref().map(|intent| intent.since);
        self.awaits(Operation::Prolong)
            && since.is_some_and(|since| self.clock.now() < since + RENEWAL_WAIT)
    }

    /// Whether this is the certificate that the latest reissue or renewal replaces. What is saved now
    /// cannot tell: a command that was killed after saving comes here again with the new one. Where the
    /// former one's number is not known, a certificate from long before the reissue is the former one.
    fn is_replaced(&self, chain: &Chain) -> bool {
        let replaced = current::Replaced::stored(&self.service);
        match replaced.filter(|replaced| !replaced.serial.is_empty()) {
            Some(replaced) => replaced.serial == chain.leaf.serial,
            None => {
                self.awaits(Operation::Reissue)
                    && self.intent.as_ref().is_some_and(|intent| {
                        chain.leaf.not_before + TimeDelta::days(EARLIER_BEGIN) < intent.since
                    })
            }
        }
    }

    /// Whether this certificate goes on where the saved one ends; another one than a revoked one always does.
    fn is_later(&self, chain: &Chain) -> bool {
        let is_revoked = Revocation::stored(&self.service).is_some();
        current::certificate(&self.service, self.module).is_none_or(|current| {
            let is_longer = is_revoked || current.life.end < chain.leaf.not_after;
            current.mark != chain.leaf.serial && is_longer
        })
    }

    /// Whether the service has been renewed and still has the certificate of before: its vendor may
    /// hand out another one any day.
    fn shows_former(&self) -> bool {
        let renewed = self
            .intent
            .as_ref()
            .is_some_and(|intent| intent.operation == Operation::Prolong);
        let replaced = current::Replaced::stored(&self.service).map(|replaced| replaced.serial);
        renewed
            && replaced.as_deref().is_some_and(|serial| !serial.is_empty())
            && current::serial(&self.service) == replaced
    }

    async fn save_certificate(&mut self, chain: &Chain) -> Result<(), Failure> {
        let file = self.file(chain)?;
        if self.format != Format::Pem {
            let serial = &chain.leaf.serial;
            self.save(fields::CERTIFICATE_SERIAL, serial, Patience::Once)
                .await?;
        }
        self.platform.save_certificate(self.item, &file).await?;
        self.service.certificate = Some(match file {
            CertificateFile::Pem(text) => text,
            CertificateFile::Zip(bytes) => STANDARD.encode(bytes),
        });
        Ok(())
    }

    fn file(&self, chain: &Chain) -> Result<CertificateFile, Failure> {
        let with_pkcs7 = match self.format {
            Format::Pem => return Ok(CertificateFile::Pem(chain.pem())),
            Format::Zip => false,
            Format::Pkcs7 => true,
        };
        let name = chain.leaf.names.first().cloned();
        let name = name.ok_or_else(|| {
            Failure::field(Reason::CertificateMismatch, fields::CSR)
                .detail(words!("no name", "нет имени"))
        })?;
        chain.zip(&name, with_pkcs7).map(CertificateFile::Zip)
    }

    /// Dates that do not fit the saved certificate: a command was killed between the two, and nothing else
    /// may ever come back to it. Costs nothing where they fit.
    ///
    /// # Errors
    /// The platform's.
    pub async fn mend_dates(&mut self) -> Result<(), Failure> {
        let current = current::certificate(&self.service, self.module);
        let Some(current) = current.filter(|_| self.is_delivered()) else {
            return Ok(());
        };
        self.save_dates(current.life.end, None).await
    }

    async fn save_dates(
        &mut self,
        certificate_end: DateTime<Utc>,
        vendor_end: Option<NaiveDate>,
    ) -> Result<(), Failure> {
        let basis =
            current::basis_of_dates(&self.service, certificate_end.date_naive(), vendor_end);
        let dates = basis.dates(self.shown);
        // First of all: the End date may move behind it, and the daemon has to find the certificate.
        let own = current::stored_end(&self.service, certificate_end.date_naive());
        self.save(fields::CERTIFICATE_END, &own, Patience::Once)
            .await?;
        if self.service.expire_date != Some(dates.end_date) {
            self.platform
                .set_expire_date(self.item, dates.end_date)
                .await?;
            self.service.expire_date = Some(dates.end_date);
        }
        let paid_till = dates
            .paid_till
            .map(|date| date.to_string())
            .unwrap_or_default();
        self.save(fields::PAID_TILL, &paid_till, Patience::Once)
            .await
    }
}
