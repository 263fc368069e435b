//! A certificate that the vendor shows as revoked: a person and the client hear at once, once. It is never reissued by
//! itself: vendors refuse, and its key may be to blame.

use super::OrderSession;
use super::current::{self, name_of};
use super::intent::State;
use super::notices::subject;
use super::port::{Ended, Revoked};
pub use super::stored::{Revocation, Wish, Wished};
use crate::domain::ItemId;
use crate::domain::text::Language;
use crate::failure::Failure;
use crate::log;
use crate::logging::{mask, visible};
use crate::platform::{Account, DELETED, Patience, Service, fields};

/// Whom a look at the vendor's list has told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// The client has the notice.
    pub client: bool,
    /// No task can be made for a person: the next look tries again.
    pub is_taskless: bool,
}

impl OrderSession<'_> {
    /// Tells that the vendor's list shows the order of the certificate in hand as revoked, unless everybody knows.
    /// Of a service whose order is still under way the look at that order tells. The client hears whether or not there is
    /// a task, but not of an order that is only cancelled: of its certificate nothing is known.
    ///
    /// # Errors
    /// The platform's; the next look tells then.
    pub async fn tell_of_revoked(
        &mut self,
        account: &Account,
        found: &Revoked,
    ) -> Result<Told, Failure> {
        let state = self.intent.as_ref().map(|intent| intent.state);
        let is_settled = self.is_delivered()
            && self.service.status != DELETED
            && !state.is_some_and(State::is_unsettled);
        let mut told = Told::default();
        if !is_settled || self.order_number().as_ref() != Some(&found.order) {
            return Ok(told);
        }
        self.mend_dates().await?;
        let known = Revocation::stored(&self.service);
        if known.as_ref().is_some_and(|known| known.is_told) {
            return Ok(told);
        }
        let certificate = self.service.parameter(fields::CERTIFICATE_END);
        let now = self.clock.now();
        let current = current::certificate(&self.service, self.module);
        // One that has expired is in use no more, whatever becomes of its order.
        let current = current.filter(|current| current.life.end > now);
        let (Some(certificate), Some(current)) = (certificate.map(str::to_owned), current) else {
            return Ok(told);
        };
        let mut revocation = known.unwrap_or_else(|| Revocation {
            order: found.order.to_string(),
            certificate,
            found: now,
            day: found.day,
            is_told: false,
            is_client_told: false,
            words: mask(&visible(&found.words, &[])),
        });
        // First of all: from here on nothing reissues it by itself.
        self.save(fields::REVOKED, &revocation.to_text(), Patience::Once)
            .await?;
        let vendor = self.abilities().vendor;
        let text = task(&self.service, self.item, vendor, found, &revocation);
        let is_called = self.call_person(account, &current.mark, &text).await;
        if !revocation.is_client_told && found.ended != Ended::Cancelled {
            told.client = self.tell_client_of_revoked(found.ended).await;
            revocation.is_client_told = told.client;
        }
        revocation.is_told = matches!(is_called, Ok(true));
        if revocation.is_told || told.client {
            self.save(fields::REVOKED, &revocation.to_text(), Patience::Once)
                .await?;
        }
        told.is_taskless = !is_called?;
        Ok(told)
    }

    /// Whether the client has the notice.
    async fn tell_client_of_revoked(&self, ended: Ended) -> bool {
        let (subject, text) = notice(&self.service, self.item, ended);
        let told = self.platform.notify_client(self.item, &subject, &text);
        let Err(failure) = told.await else {
            return true;
        };
        log!(
            Order,
            Warning,
            "the client cannot be told that the certificate is revoked: {}",
            failure.chain()
        );
        false
    }

    /// A person's wish that the vendor has refused is not tried again by itself; `is_refused`: so was its reissue, by
    /// the vendor or before anything was sent.
    ///
    /// # Errors
    /// The platform's.
    pub async fn end_refused_wish(&mut self, is_refused: bool) -> Result<(), Failure> {
        let wish = Wish::stored(&self.service);
        let is_now = |wish: &Wish| wish.what == Wished::Now && wish.is_open(&self.service);
        let Some(wish) = wish.filter(is_now) else {
            return Ok(());
        };
        let is_rejected = self.intent.as_ref().is_some_and(|intent| {
            intent.state == State::Rejected && intent.since.timestamp() >= wish.since.timestamp()
        });
        if !is_refused && !is_rejected {
            return Ok(());
        }
        let refused = Wish {
            what: Wished::Refused,
            ..wish
        };
        self.save(fields::WISH, &refused.to_text(), Patience::Once)
            .await
    }
}

/// Text of the task for the hoster's people.
fn task(
    service: &Service,
    item: ItemId,
    vendor: &str,
    found: &Revoked,
    revocation: &Revocation,
) -> String {
    let order = &found.order;
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let words = &revocation.words;
    let (day_en, day_ru) = match revocation.day {
        Some(day) => (format!(" since {day}"), format!(" с {day}")),
        None => (String::new(), String::new()),
    };
    if found.ended == Ended::Cancelled {
        return format!(
            "pmssl: {vendor} shows order {order} of the certificate for {name_en} (service {item}) as '{words}'{day_en}: its \
             certificate may be revoked or about to be. It is not reissued by itself, and the client was not told. Ask \
             {vendor} for the reason. If the certificate has to be replaced, place a new order there, then run \
             'pmssl resolve --item {item} --replace NUMBER --yes'.\n\
             pmssl: у {vendor} состояние заказа {order} - '{words}'{day_ru} (сертификат для {name_ru}, услуга {item}): \
             сертификат может быть отозван. Сам он не перевыпускается, клиент не уведомлён. Узнайте у {vendor} причину. Если \
             сертификат нужно заменить, сделайте там новый заказ и выполните \
             'pmssl resolve --item {item} --replace НОМЕР --yes'."
        );
    }
    format!(
        "pmssl: the certificate for {name_en} (service {item}) is revoked or about to be: {vendor} shows its order {order} as \
         '{words}'{day_en}. It is not reissued by itself. Ask {vendor} for the reason, then run \
         'pmssl reissue --item {item}', or, if the key is to blame, 'pmssl reissue --item {item} --new-key'. If {vendor} does not \
         reissue it, place a new order there, then run 'pmssl resolve --item {item} --replace NUMBER --yes'.\n\
         pmssl: сертификат для {name_ru} (услуга {item}) отозван или скоро будет отозван: у {vendor} состояние заказа {order} - \
         '{words}'{day_ru}. Сам он не перевыпускается. Узнайте у {vendor} причину и выполните \
         'pmssl reissue --item {item}', а если причина в ключе - 'pmssl reissue --item {item} --new-key'. Если {vendor} его не \
         перевыпускает, сделайте там новый заказ и выполните 'pmssl resolve --item {item} --replace НОМЕР --yes'."
    )
}

/// Subject and text for the client, who is sent to the client area only where a reissue can succeed.
fn notice(service: &Service, item: ItemId, ended: Ended) -> (String, String) {
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let (key_en, key_ru) = match ended {
        Ended::Revoked => (
            " If anybody else may have the private key, create a new key and a new CSR now and reissue the certificate \
             with it in the client area.",
            " Если закрытый ключ мог стать известен кому-то ещё, создайте новый ключ и новый CSR и перевыпустите с ним \
             сертификат в личном кабинете.",
        ),
        Ended::ForGood | Ended::Cancelled => ("", ""),
    };
    let text = format!(
        "The certificate for {name_en} (service {item}) has been revoked by the certificate authority or will be soon: \
         browsers may refuse it any moment. We have been told and will help to replace it.{key_en}\n\n\
         Сертификат для {name_ru} (услуга {item}) отозван удостоверяющим центром или скоро будет отозван: браузеры могут \
         перестать принимать его в любой момент. Мы об этом знаем и поможем его заменить.{key_ru}"
    );
    (subject(&name), text)
}

/// Subject and text for a client whose certificate is to be reissued with a new key.
#[must_use]
pub fn new_key(service: &Service, item: ItemId) -> (String, String) {
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let text = format!(
        "The certificate for {name_en} (service {item}) has to be replaced, and its private key must not be used any more. \
         Please create a new key and a new CSR and reissue the certificate with this CSR in the client area. Until then \
         nothing is ordered.\n\n\
         Сертификат для {name_ru} (услуга {item}) нужно заменить, а его закрытый ключ больше нельзя использовать. Создайте \
         новый ключ и новый CSR и перевыпустите сертификат с этим CSR в личном кабинете. До этого ничего не \
         заказывается."
    );
    (subject(&name), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::VendorOrderId;
    use chrono::DateTime;

    #[test]
    fn texts_name_the_service_the_order_and_the_vendors_words_in_both_languages() {
        let revocation = Revocation {
            order: "77".to_owned(),
            certificate: String::new(),
            found: DateTime::UNIX_EPOCH,
            day: Some("2027-01-14".parse().unwrap()),
            is_told: false,
            is_client_told: false,
            words: "Revoked".to_owned(),
        };
        let service = Service::default();
        let found = |ended| Revoked {
            order: VendorOrderId::new("77"),
            ended,
            words: "Revoked".to_owned(),
            day: None,
        };
        let task = |ended| task(&service, ItemId(7), "Vendor", &found(ended), &revocation);
        let text = task(Ended::Revoked);
        for part in [
            "order 77 as 'Revoked' since 2027-01-14.",
            "заказа 77 - 'Revoked' с 2027-01-14.",
            "'pmssl reissue --item 7 --new-key'",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let notice = |ended| notice(&service, ItemId(7), ended);
        for (_, text) in [notice(Ended::Revoked), new_key(&service, ItemId(7))] {
            assert!(text.contains("(service 7)") && text.contains("(услуга 7)"));
        }
        // Nobody is sent to a reissue that the vendor never makes.
        for (ended, is_sent) in [(Ended::Revoked, true), (Ended::ForGood, false)] {
            let text = notice(ended).1;
            assert_eq!(text.contains("in the client area"), is_sent, "{text}");
            assert_eq!(text.contains("в личном кабинете"), is_sent, "{text}");
        }
        let cancelled = task(Ended::Cancelled);
        assert_eq!(cancelled.matches("--replace").count(), 2, "{cancelled}");
        assert!(!cancelled.contains("pmssl reissue"), "{cancelled}");
    }
}
