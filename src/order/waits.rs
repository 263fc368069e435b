//! What an order that has no certificate yet waits for, and who is told when it takes too long (design, law 8).
//!
//! Who is waited for follows from the order itself: the client proves the names, then the vendor issues. Only what
//! differs from that is stored, in one item parameter: what stands in the way, since when, and who was told. It
//! belongs to one order and goes with it.

use chrono::{DateTime, TimeDelta, Utc};

use super::OrderSession;
use super::intent::{Intent, Operation, State};
use super::notices;
use super::owner::Owner;
use super::port::{Progress, Stage};
use super::stored::Revocation;
pub use super::stored::Waits;
use crate::domain::text::Words;
use crate::failure::{Failure, FailureKind, Reason};
use crate::log;
use crate::module::{Method, Module, Template, Text};
use crate::order::Followed;
use crate::platform::{Patience, Service, fields};

/// The client is reminded of an order after this.
const REMIND_CLIENT: TimeDelta = TimeDelta::days(3);

/// A person hears of an order that still waits after this.
const LONG: TimeDelta = TimeDelta::days(7);

/// The same where a company is verified: telephone calls and papers take their time.
const LONG_WITH_COMPANY: TimeDelta = TimeDelta::days(21);

/// So long a person has for what stands in the way of an order.
const TO_MEND: TimeDelta = TimeDelta::days(3);

/// Answers that cannot be read, and a panel that saves nothing, may be mended by themselves within this.
const PASSES: TimeDelta = TimeDelta::days(1);

/// A task that changed nothing is made again after this.
const AGAIN: TimeDelta = TimeDelta::days(14);

/// A vendor's words in a task; what is stored of them is shorter.
const LONGEST_WORDS: usize = 500;

/// What an order waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The client proves control of the names.
    Proof,
    /// The vendor issues.
    Issue,
    /// A step of the paid order is refused: by the vendor, or because it does not offer what was chosen.
    RefusedStep,
    /// The order is placed at the vendor, but not paid there.
    Payment,
    /// What the vendor hands out is no certificate that can be read.
    ReadableCertificate,
    /// What the vendor hands out is not this service's certificate.
    OwnCertificate,
    /// The vendor's answers cannot be understood.
    ReadableAnswer,
    /// The vendor has ended the order: only another one brings a certificate.
    NewOrder,
    /// BILLmanager refuses to save what the vendor has issued or said.
    Saving,
    /// The service's CSR is missing or cannot be read: no certificate can be proved to be its own.
    Csr,
}

impl For {
    /// All with their stored words.
    const ALL: [(Self, &'static str); 10] = [
        (Self::Proof, "proof"),
        (Self::Issue, "issue"),
        (Self::RefusedStep, "step"),
        (Self::Payment, "payment"),
        (Self::ReadableCertificate, "unreadable"),
        (Self::OwnCertificate, "other-key"),
        (Self::ReadableAnswer, "answer"),
        (Self::NewOrder, "ended"),
        (Self::Saving, "saving"),
        (Self::Csr, "csr"),
    ];

    /// The stored word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = Self::ALL.iter().find(|(one, _)| *one == self);
        found.map_or("", |(_, word)| word)
    }

    pub(super) fn by_word(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(one, _)| *one)
    }

    /// Who acts.
    #[must_use]
    pub fn owner(self) -> Owner {
        match self {
            Self::Proof => Owner::Client,
            Self::Issue | Self::ReadableAnswer => Owner::Vendor,
            _ => Owner::Administrator,
        }
    }

    /// How long that may take.
    #[must_use]
    pub fn limit(self, organization: bool) -> TimeDelta {
        match self {
            Self::Proof | Self::Issue if organization => LONG_WITH_COMPANY,
            Self::Proof | Self::Issue => LONG,
            Self::ReadableAnswer | Self::Saving => PASSES,
            _ => TO_MEND,
        }
    }

    /// What a failure to follow an order says about it; nothing where it is about the way to the vendor.
    fn of_failure(failure: &Failure) -> Option<Self> {
        match failure.reason() {
            Reason::PaidStepRefused | Reason::ApproverNotAllowed => Some(Self::RefusedStep),
            Reason::UnreadableCertificate => Some(Self::ReadableCertificate),
            Reason::CertificateMismatch => Some(Self::OwnCertificate),
            Reason::UnreadableAnswer => Some(Self::ReadableAnswer),
            Reason::PlatformFunction => Some(Self::Saving),
            Reason::MissingCsr | Reason::BadCsr => Some(Self::Csr),
            _ => None,
        }
    }

    /// What a look-up says; nothing where it tells nothing of it.
    pub(super) fn of_progress(progress: &Progress) -> Option<Self> {
        match &progress.stage {
            Stage::Unpaid(_) => Some(Self::Payment),
            Stage::Held(_) => Some(Self::Issue),
            _ if progress.validation.is_empty() => None,
            _ if progress.validation.iter().all(|record| record.done) => Some(Self::Issue),
            _ => Some(Self::Proof),
        }
    }

    /// What is to be done.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Proof => Text::new(
                "waiting for the client's domain validation; check now with 'pmssl sync --item N'",
                "клиент должен подтвердить владение доменами; проверить сейчас: 'pmssl sync --item N'",
            ),
            Self::Issue => Text::new(
                "waiting for the vendor to issue; check now with 'pmssl sync --item N'",
                "поставщик выпускает сертификат; проверить сейчас: 'pmssl sync --item N'",
            ),
            Self::RefusedStep => Text::new(
                "the order is paid for and its next step is refused: correct the data, then 'pmssl sync --item N'; do not order again",
                "заказ оплачен, но следующий шаг отклонён: исправьте данные и выполните 'pmssl sync --item N'; не заказывайте снова",
            ),
            Self::Payment => Text::new(
                "the order is not paid at the vendor: top up the account and pay for it there; do not order again",
                "заказ не оплачен у поставщика: пополните счёт и оплатите его там; не заказывайте снова",
            ),
            Self::ReadableCertificate => Text::new(
                "the vendor hands out what cannot be read: fetch the certificate in its panel or ask the vendor; do not order again",
                "поставщик отдаёт нечитаемые данные: скачайте сертификат в его панели или обратитесь к нему; не заказывайте снова",
            ),
            Self::OwnCertificate => Text::new(
                "the certificate of this order was not saved, and the last error says why: if its issuer's certificate is missing, ask the vendor for the complete chain; if CSR or names were changed after the order, put them back as they were ordered, or let the client reissue; if the order is another service's, find its own in the vendor's panel, then 'pmssl resolve --item N --replace ORDER'",
                "сертификат этого заказа не сохранён, причина указана в последней ошибке: если нет сертификата его издателя, запросите у поставщика полную цепочку; если CSR или имена изменены после заказа, верните заказанные или пусть клиент перевыпустит сертификат; если заказ чужой, найдите свой в панели поставщика и выполните 'pmssl resolve --item N --replace НОМЕР'",
            ),
            Self::ReadableAnswer => Text::new(
                "the vendor's answers cannot be understood: look the order up in its panel and tell the developers",
                "ответы поставщика непонятны: проверьте заказ в его панели и сообщите разработчикам",
            ),
            Self::Csr => Text::new(
                "the CSR of the service is missing or cannot be read, so no certificate can be proved to be its own: put back the CSR of the order, then 'pmssl sync --item N'; do not order again",
                "CSR услуги отсутствует или не читается, поэтому нельзя проверить, её ли это сертификат: верните CSR заказа и выполните 'pmssl sync --item N'; не заказывайте снова",
            ),
            Self::Saving => Text::new(
                "BILLmanager refuses to save what the vendor has issued or said: remove the cause (the last errors are in 'pmssl show --item N'), then 'pmssl sync --item N'; do not order again",
                "BILLmanager не сохраняет полученное от поставщика: устраните причину (последние ошибки показывает 'pmssl show --item N') и выполните 'pmssl sync --item N'; не заказывайте снова",
            ),
            Self::NewOrder => Text::new(
                "the vendor has ended the order (cancelled, refused or expired), no certificate will come from it: see in the vendor's panel whether the money came back, then order anew with a new operation of BILLmanager or refund the client",
                "поставщик завершил заказ (отменён, отклонён или истёк), сертификата по нему не будет: проверьте в панели поставщика, возвращены ли деньги, затем закажите заново новой операцией BILLmanager или верните деньги клиенту",
            ),
        }
    }
}

/// What is to be done about an order that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Nothing yet, or everything was done.
    Nothing,
    /// The client is reminded.
    Remind,
    /// A person hears.
    Task,
}

impl Waits {
    /// What a service waits for with its order, as far as that is stored or follows from the order: an order that
    /// was decided, or adopted, is the client's to prove until something else is seen.
    #[must_use]
    pub fn of(stored: Option<&str>, order: &str, intent: Option<&Intent>) -> Option<Self> {
        let found = stored.and_then(|text| Self::stored(text, order));
        let since = intent.map(|intent| intent.since);
        found
            .map(|found| match since {
                // Whoever acts in turn: the order is as old as it is.
                Some(since) if matches!(found.for_what, For::Proof | For::Issue) => {
                    Self { since, ..found }
                }
                _ => found,
            })
            .or_else(|| {
                Some(Self {
                    order: order.to_owned(),
                    for_what: For::Proof,
                    since: since?,
                    reminded: false,
                    tasked: Vec::new(),
                    words: String::new(),
                })
            })
    }

    /// By when it has to end.
    #[must_use]
    pub fn until(&self, organization: bool) -> DateTime<Utc> {
        self.since + self.for_what.limit(organization)
    }

    /// What is to be done about it now. What only a person can mend is a task at once; a panel may be restarting.
    #[must_use]
    pub fn call(&self, now: DateTime<Utc>, organization: bool) -> Call {
        let mut told = self.tasked.iter();
        let is_tasked = told.any(|(what, at)| *what == self.for_what && now < *at + AGAIN);
        let is_persons =
            self.for_what.owner() == Owner::Administrator && self.for_what != For::Saving;
        if (is_persons || now >= self.until(organization)) && !is_tasked {
            Call::Task
        } else if self.for_what == For::Proof && !self.reminded && now >= self.since + REMIND_CLIENT
        {
            Call::Remind
        } else {
            Call::Nothing
        }
    }
}

impl OrderSession<'_> {
    /// Keeps what the order waits for, and tells who has to know. Its own trouble is only logged: what was followed
    /// counts.
    pub(super) async fn watch(&mut self, followed: &Result<Followed, Failure>) {
        let outcome = match followed {
            // Without database and files nothing can be kept either.
            Err(failure)
                if failure.kind() == FailureKind::Platform
                    && failure.reason() != Reason::PlatformFunction =>
            {
                return;
            }
            Ok(Followed::Waiting) => {
                let seen = self.waits_for.clone().or_else(|| self.goes_on());
                self.wait_on(seen).await
            }
            Err(failure) => {
                let seen = For::of_failure(failure).map(|what| (what, failure.words()));
                let trouble = seen.is_none().then(|| failure.in_full().map(line));
                self.wait_in_trouble(seen, trouble).await
            }
            // Who has to hear of it has heard, and the vendor's words stay.
            Ok(Followed::Failed) => Ok(()),
            Ok(_) if self.service.parameter(fields::WAITS).is_some() => {
                self.save(fields::WAITS, "", Patience::Once).await
            }
            Ok(_) => Ok(()),
        };
        if let Err(failure) = outcome {
            log!(
                Order,
                Warning,
                "what the order waits for is not kept: {}",
                failure.chain()
            );
        }
    }

    /// A look that succeeds shows that what hindered the last one is gone, where the vendor says no more than that.
    fn goes_on(&self) -> Option<(For, String)> {
        let (stored, order) = (self.service.parameter(fields::WAITS)?, self.order_number()?);
        let waits = Waits::stored(stored, order.as_str())?;
        let is_course = matches!(waits.for_what, For::Proof | For::Issue);
        (!is_course).then(|| (For::Proof, String::new()))
    }

    pub(super) async fn wait_on(&mut self, seen: Option<(For, String)>) -> Result<(), Failure> {
        self.wait_in_trouble(seen, None).await
    }

    /// The same where the look failed: what the order waits for may be something else by now than what was seen last.
    async fn wait_in_trouble(
        &mut self,
        seen: Option<(For, String)>,
        trouble: Option<Words>,
    ) -> Result<(), Failure> {
        let Some(order) = self.order_number() else {
            return Ok(());
        };
        let hinders = seen
            .as_ref()
            .is_some_and(|(what, _)| what.owner() == Owner::Administrator);
        // A reissue of the daemon's escalates by the certificate that it replaces; a settled order is nobody's.
        let is_open = self.intent.as_ref().is_none_or(|intent| {
            matches!(intent.state, State::Placed | State::Pending)
                && (intent.operation != Operation::Reissue || intent.queued.is_some())
        });
        if !(is_open || hinders) {
            return Ok(());
        }
        let now = self.clock.now();
        let stored = self.service.parameter(fields::WAITS);
        let known = Waits::of(stored, order.as_str(), self.intent.as_ref());
        let mut waits = known.clone().unwrap_or_else(|| Waits {
            order: order.to_string(),
            for_what: For::Proof,
            since: now,
            reminded: false,
            tasked: Vec::new(),
            words: String::new(),
        });
        let remark = self.remark();
        if let Some((what, words)) = seen {
            if what != waits.for_what {
                let is_course = |what| matches!(what, For::Proof | For::Issue);
                if !(is_course(what) && is_course(waits.for_what)) {
                    // The usual course is as old as the order, whatever came between.
                    let ordered = self.intent.as_ref().map(|intent| intent.since);
                    waits.since = ordered.filter(|_| is_course(what)).unwrap_or(now);
                }
                waits.for_what = what;
            }
            waits.words = line(&words);
        }
        let is_vendors = !matches!(waits.for_what, For::Saving | For::Csr | For::OwnCertificate);
        let is_new = |remark: &&String| is_vendors && !waits.words.contains(remark.as_str());
        if let Some(remark) = remark.as_ref().filter(is_new) {
            waits.words = match waits.words.as_str() {
                "" => remark.clone(),
                words => line(&format!("{words}; {remark}")),
            };
        }
        let organization = self.template().is_ok_and(Template::verifies_company);
        match waits.call(now, organization) {
            Call::Nothing => {}
            Call::Remind if trouble.is_some() => {}
            Call::Remind => self.remind(&mut waits).await?,
            Call::Task => self.call_about(&mut waits, trouble, now).await?,
        }
        // A person acts by the vendor's words: other ones are news. BILLmanager keeps no blank at the end.
        let is_persons = waits.for_what.owner() == Owner::Administrator;
        let differs = known.is_none_or(|known| {
            (known.for_what, known.since, known.reminded, &known.tasked)
                != (waits.for_what, waits.since, waits.reminded, &waits.tasked)
                || (is_persons || remark.is_some())
                    && known.to_text().trim_end() != waits.to_text().trim_end()
        });
        if differs {
            self.save(fields::WAITS, &waits.to_text(), Patience::Once)
                .await?;
        }
        Ok(())
    }

    /// What the vendor remarked when it took the first order that is still awaited, as this machine remembers it: it says so
    /// once.
    fn remark(&self) -> Option<String> {
        let intent = self.intent.as_ref();
        let intent = intent.filter(|intent| intent.operation == Operation::Open)?;
        let placed = self.spool.recall(self.item, &intent.key)?;
        placed.remark.map(|remark| line(&remark))
    }

    /// Reminds the client of what is to be proved; where the platform cannot write, the deadline's task remains.
    async fn remind(&mut self, waits: &mut Waits) -> Result<(), Failure> {
        let (subject, text) = notices::reminder(
            &self.service,
            self.item,
            &self.validation,
            self.authority.abilities(),
            self.clock.now().date_naive(),
        );
        if let Err(failure) = self
            .platform
            .notify_client(self.item, &subject, &text)
            .await
        {
            log!(
                Order,
                Warning,
                "the client cannot be reminded: {}",
                failure.chain()
            );
        } else {
            log!(
                Order,
                Info,
                "the client is reminded of what is to be proved: {subject}"
            );
        }
        waits.reminded = true;
        Ok(())
    }

    async fn call_about(
        &mut self,
        waits: &mut Waits,
        trouble: Option<Words>,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let Some(account) = self.service.account else {
            return Ok(());
        };
        let account = self.platform.account(account).await?;
        let vendor = self.authority.abilities().vendor;
        let text = match trouble {
            Some(words) => notices::unseen(&self.service, self.item, vendor, waits, &words),
            None => notices::stuck(&self.service, self.item, vendor, waits),
        };
        if self.raise(&account, &text).await? {
            let what = waits.for_what;
            waits
                .tasked
                .retain(|(told, at)| *told != what && now < *at + AGAIN);
            waits.tasked.push((what, now));
        }
        Ok(())
    }
}

/// The vendor's words about what a service's order waits for; what others said is among the errors of the log.
#[must_use]
pub fn vendors_words(
    service: &Service,
    module: &Module,
    intent: Option<&Intent>,
) -> Option<String> {
    if let Some(revocation) = Revocation::stored(service) {
        return Some(revocation.words);
    }
    let order = service.parameter(module.order_parameter)?;
    let waits = Waits::of(service.parameter(fields::WAITS), order, intent)?;
    let is_vendors = !matches!(waits.for_what, For::Saving | For::Csr);
    Some(waits.words).filter(|words| is_vendors && !words.is_empty())
}

/// One line without what must not be written, short enough to be stored.
fn line(words: &str) -> String {
    let line: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
    crate::logging::visible(&crate::logging::mask(&line), &[])
        .chars()
        .take(LONGEST_WORDS)
        .collect()
}

/// Whether a service's names are proved by e-mail. Orders that name no method have an approver's address.
#[must_use]
pub fn is_by_mail(service: &Service) -> bool {
    match service.parameter(fields::APPROVER_METHOD) {
        Some(word) => Method::by_choice_word(word) == Some(Method::Email),
        None => service.parameter(fields::APPROVER_EMAIL).is_some(),
    }
}

#[cfg(test)]
mod tests;
