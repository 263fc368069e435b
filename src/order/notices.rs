//! What clients and administrators are told about orders and certificates, in both languages of the product.

use chrono::{DateTime, NaiveDate, Utc};

use super::current::{Current, name_of};
use super::mail;
use super::port::{Abilities, ValidationRecord, ValidationTask};
use super::waits::{For, Waits};
use crate::domain::text::{Language, Words};
use crate::domain::{ItemId, list};
use crate::platform::{Service, fields};

/// What authorities look at beside the proof itself (calendar.md 2).
const REACH_EN: &str = "What is published must be reachable from everywhere in the world; a CAA record or a broken \
     DNSSEC signature of the domain can prevent the issue.";
const REACH_RU: &str = "Размещённые данные должны быть доступны из любой страны; запись CAA или ошибка подписи DNSSEC \
     домена может помешать выпуску.";

/// The subject of a mail to a client.
pub(super) fn subject(name: &Words) -> String {
    match (name.en(), name.get(Language::Russian)) {
        (en, ru) if en == ru => format!("SSL: {en}"),
        (en, ru) => format!("SSL: certificate for {en} / сертификат для {ru}"),
    }
}

/// Subject and text for the client of a certificate that has to be replaced.
#[must_use]
pub fn notice(
    service: &Service,
    item: ItemId,
    certificate: &Current,
    validation: &[ValidationRecord],
    vendor: &Abilities,
    today: NaiveDate,
) -> (String, String) {
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let end = certificate.life.end.date_naive();
    let open: Vec<String> = validation
        .iter()
        .filter(|record| !record.done)
        .map(|record| format!("{}: {}", record.name, task_words(&record.task)))
        .collect();
    let list = open.join("\n");
    let mail = mail::remark(service, vendor, today);
    let text = format!(
        "The certificate for {name_en} (service {item}) ends on {end} and has to be reissued inside its \
         paid period. Please reissue it in the client area, or complete the domain validation if the \
         reissue is already under way. {REACH_EN}\n\n\
         Сертификат для {name_ru} (услуга {item}) действует до {end} и должен быть перевыпущен в пределах \
         оплаченного срока. Перевыпустите его в личном кабинете или завершите подтверждение домена, \
         если перевыпуск уже начат. {REACH_RU}\n\n{list}\n\n{mail}"
    );
    (subject(&name), text.trim_end().to_owned())
}

/// Subject and text about new validation data; `None` when there is nothing for the client to publish.
#[must_use]
pub fn announcement(
    service: &Service,
    item: ItemId,
    validation: &[ValidationRecord],
) -> Option<(String, String)> {
    let open: Vec<String> = validation
        .iter()
        .filter(|record| !record.done && !matches!(record.task, ValidationTask::Email(_)))
        .map(|record| {
            let content = match &record.task {
                ValidationTask::File { content, .. } => format!("\n{content}"),
                _ => String::new(),
            };
            format!("{}: {}{content}", record.name, task_words(&record.task))
        })
        .collect();
    if open.is_empty() {
        return None;
    }
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let list = open.join("\n\n");
    let text = format!(
        "The certificate for {name_en} (service {item}) is being reissued inside its paid period. Please \
         publish the following, so that control of the domain can be validated again. {REACH_EN}\n\n\
         Сертификат для {name_ru} (услуга {item}) перевыпускается в пределах оплаченного срока. Разместите \
         следующие данные, чтобы снова подтвердить управление доменом. {REACH_RU}\n\n{list}"
    );
    Some((subject(&name), text.trim_end().to_owned()))
}

fn task_words(task: &ValidationTask) -> String {
    let words = match task {
        ValidationTask::Email(address) => format!("e-mail to {address}"),
        ValidationTask::File { url, .. } => format!("file {url}"),
        ValidationTask::Cname { name, value } => format!("{name} CNAME {value}"),
        ValidationTask::Txt { name, value } => format!("{name} TXT {value}"),
    };
    // The vendor's, in a mail to a client.
    crate::logging::visible(&words, &[])
}

/// Subject and text for the client of an order that still waits for the proof of its names.
#[must_use]
pub fn reminder(
    service: &Service,
    item: ItemId,
    validation: &[ValidationRecord],
    vendor: &Abilities,
    today: NaiveDate,
) -> (String, String) {
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let open = validation.iter().filter(|record| !record.done);
    let open: Vec<String> = open
        .map(|record| format!("{}: {}", record.name, task_words(&record.task)))
        .collect();
    let (list, mail) = (open.join("\n"), mail::remark(service, vendor, today));
    let text = format!(
        "The certificate for {name_en} (service {item}) is ordered and is waiting for domain validation. \
         Please complete it: answer the e-mail, or publish what is shown with the \
         service in the client area. {REACH_EN}\n\n\
         Сертификат для {name_ru} (услуга {item}) заказан и ожидает подтверждения прав на домен. Завершите \
         подтверждение: ответьте на письмо или разместите данные, показанные у услуги в личном кабинете. \
         {REACH_RU}\n\n{list}\n\n{mail}"
    );
    (subject(&name), text.trim_end().to_owned())
}

/// Text of a task about an order that waits for too long, or for a person.
#[must_use]
pub fn stuck(service: &Service, item: ItemId, vendor: &str, waits: &Waits) -> String {
    let (name, order) = (name_of(service), &waits.order);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let since = waits.since.format("%Y-%m-%d");
    let what = waits.for_what.text();
    let n = |text: &str| text.replace("--item N", &format!("--item {item}"));
    let (en, ru) = (n(what.en), n(what.ru));
    let said = match waits.words.as_str() {
        "" => (String::new(), String::new()),
        words if waits.for_what == For::Saving => (
            format!(" BILLmanager says: {words}."),
            format!(" Ответ BILLmanager: {words}."),
        ),
        // Found out here, not said by the vendor.
        words if matches!(waits.for_what, For::OwnCertificate | For::Csr) => (
            format!(" Details: {words}."),
            format!(" Подробности: {words}."),
        ),
        words => (
            format!(" {vendor} says: {words}."),
            format!(" Ответ {vendor}: {words}."),
        ),
    };
    let (late_en, late_ru) = match waits.for_what {
        For::Proof | For::Issue | For::ReadableAnswer | For::Saving => {
            ("too long, ", "слишком долго, ")
        }
        _ => ("", ""),
    };
    if waits.for_what == For::NewOrder {
        return format!(
            "pmssl: order {order} at {vendor} for {name_en} (service {item}): {en}.{}\n\
             pmssl: заказ {order} у {vendor} для {name_ru} (услуга {item}): {ru}.{}",
            said.0, said.1
        );
    }
    format!(
        "pmssl: order {order} at {vendor} for {name_en} (service {item}) has waited {late_en}since {since}: \
         {en}.{}\n\
         pmssl: заказ {order} у {vendor} для {name_ru} (услуга {item}) ожидает {late_ru}с {since}: {ru}.{}",
        said.0, said.1
    )
}

/// The same where the last look failed: what was seen before it may be true no more.
#[must_use]
pub fn unseen(
    service: &Service,
    item: ItemId,
    vendor: &str,
    waits: &Waits,
    trouble: &Words,
) -> String {
    let (name, order) = (name_of(service), &waits.order);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let since = waits.since.format("%Y-%m-%d");
    let (en, ru) = (trouble.en(), trouble.get(Language::Russian));
    format!(
        "pmssl: order {order} at {vendor} for {name_en} (service {item}) has waited since {since}. The last check of it failed \
         ({en}), so that it is not known what it waits for now. Remove the cause, then run 'pmssl sync --item {item}'; do \
         not order again.\n\
         pmssl: заказ {order} у {vendor} для {name_ru} (услуга {item}) ожидает с {since}. Последняя проверка не удалась ({ru}), \
         поэтому неизвестно, чего он ждёт сейчас. Устраните причину и выполните 'pmssl sync --item {item}'; не заказывайте \
         снова."
    )
}

/// Whose it is to reissue a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// This program's.
    Programs,
    /// The client's, as the policy says.
    Clients,
    /// The client's: the key is to blame.
    NewKey,
    /// A person's: the vendor has no call for it.
    InThePanel,
    /// A person's: the vendor's own term is over with it, and a reissue brings nothing.
    NewOrder,
    /// A person's: whether it is to be reissued depends on the end of the paid term, which nobody told.
    Term,
    /// A person's: it is revoked, and nobody has said what becomes of it.
    Revoked,
}

/// Text of a task for the hoster's people.
#[must_use]
pub fn task(
    service: &Service,
    item: ItemId,
    certificate: &Current,
    hand: Hand,
    now: DateTime<Utc>,
) -> String {
    if let Some(text) = task_without_request(service, item, certificate, hand, now) {
        return text;
    }
    let (end, ends, valid) = end_words(certificate, now);
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    let csr = service.csr.as_deref().unwrap_or_default().trim();
    let further = service
        .parameter(fields::ADDITIONAL_NAMES)
        .unwrap_or_default();
    let names: Vec<&str> = std::iter::once(name_en)
        .chain(list(further).filter(|one| *one != name_en))
        .collect();
    let names = names.join(", ");
    if hand == Hand::NewOrder {
        return format!(
            "pmssl: the certificate for {name_en} (service {item}) {ends} on {end} inside its paid period, and the vendor's \
             own term ends on {end}, too: a reissue does not help, a new order is needed. Order it at the vendor with \
             these names and this CSR, then run 'pmssl resolve --item {item} --replace NUMBER --yes'.\n\
             pmssl: сертификат для {name_ru} (услуга {item}) {valid} до {end}, хотя срок оплачен дальше, и срок у поставщика \
             тоже заканчивается {end}: перевыпуск ничего не даст, нужен новый заказ. Закажите его у поставщика с этими \
             доменами и CSR и выполните 'pmssl resolve --item {item} --replace НОМЕР --yes'.\n\n\
             {names}\n\n{csr}"
        );
    }
    let text = format!(
        "pmssl: the certificate for {name_en} (service {item}) {ends} on {end} inside its paid period and has \
         not been reissued. Reissue it at the vendor or remove what hinders it; details are in the module's log and in \
         'pmssl plan --item {item}'.\n\
         pmssl: сертификат для {name_ru} (услуга {item}) {valid} до {end} и не перевыпущен, хотя срок \
         оплачен дальше. Перевыпустите его у поставщика или устраните помеху; подробности в журнале \
         модуля и в 'pmssl plan --item {item}'."
    );
    if hand == Hand::Programs {
        return text;
    }
    format!(
        "{text}\n\n\
         The vendor's API has no call for it: reissue the certificate in its panel with these names and this CSR. If the \
         order keeps its number, pmssl fetches the certificate itself. If it gets a new number, run \
         'pmssl resolve --item {item} --replace NUMBER --yes'.\n\
         В API поставщика нет такого вызова: перевыпустите сертификат в его панели с этими доменами и CSR. Если номер заказа \
         не изменился, pmssl заберёт сертификат сама. Если номер новый, выполните \
         'pmssl resolve --item {item} --replace НОМЕР --yes'.\n\n\
         {names}\n\n{csr}"
    )
}

/// The end of a certificate, and how it is told in both languages.
fn end_words(certificate: &Current, now: DateTime<Utc>) -> (NaiveDate, &'static str, &'static str) {
    let end = certificate.life.end.date_naive();
    match certificate.life.end <= now {
        true => (end, "expired", "действовал"),
        false => (end, "expires", "действует"),
    }
}

/// The text where nobody has to type names and CSR anywhere.
fn task_without_request(
    service: &Service,
    item: ItemId,
    certificate: &Current,
    hand: Hand,
    now: DateTime<Utc>,
) -> Option<String> {
    let (end, ends, valid) = end_words(certificate, now);
    let name = name_of(service);
    let (name_en, name_ru) = (name.en(), name.get(Language::Russian));
    Some(match hand {
        Hand::Revoked => format!(
            "pmssl: the certificate for {name_en} (service {item}) is revoked, {ends} on {end} and was not replaced: it is not \
             reissued by itself. Ask the vendor for the reason, then run 'pmssl reissue --item {item}'.\n\
             pmssl: сертификат для {name_ru} (услуга {item}) отозван (срок - до {end}) и не заменён: сам он не \
             перевыпускается. Узнайте у поставщика причину и выполните 'pmssl reissue --item {item}'."
        ),
        Hand::Term => format!(
            "pmssl: the certificate for {name_en} (service {item}) {ends} on {end}, and the end of its paid term is not \
             known: the vendor does not report it. Until it is known, the certificate is not reissued. Enter it as the item \
             parameter pmssl_term_end, the day alone (YYYY-MM-DD).\n\
             pmssl: сертификат для {name_ru} (услуга {item}) {valid} до {end}, а конец оплаченного срока неизвестен: \
             поставщик его не сообщает. До этого сертификат не перевыпускается. Внесите конец срока в параметр услуги \
             pmssl_term_end, только день (ГГГГ-ММ-ДД)."
        ),
        Hand::NewKey => format!(
            "pmssl: the certificate for {name_en} (service {item}) {ends} on {end}, its key must not be used any more \
             ('pmssl reissue --new-key'), and the client has not reissued it with a new one. Reach the client; do not reissue \
             it with the key that it has.\n\
             pmssl: сертификат для {name_ru} (услуга {item}) {valid} до {end}, его ключ больше нельзя использовать \
             ('pmssl reissue --new-key'), а клиент не перевыпустил его с новым. Свяжитесь с клиентом; не перевыпускайте \
             сертификат с прежним ключом."
        ),
        Hand::Clients => format!(
            "pmssl: the certificate for {name_en} (service {item}) {ends} on {end} inside its paid period, and the client, \
             who reissues certificates here (SSLSubscriptionPolicy manual), has not done so. Reach the client, or start \
             the reissue in BILLmanager yourself.\n\
             pmssl: сертификат для {name_ru} (услуга {item}) {valid} до {end}, хотя срок оплачен дальше, а клиент, \
             который перевыпускает сертификаты сам (SSLSubscriptionPolicy manual), этого не сделал. Свяжитесь с \
             клиентом или запустите перевыпуск в BILLmanager сами."
        ),
        Hand::Programs | Hand::InThePanel | Hand::NewOrder => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::at;
    use crate::order::mail::tests::TRIAL;
    use crate::order::policy::Life;

    /// What is stored beside the certificate may be another one's.
    #[test]
    fn the_notice_names_the_end_of_the_certificate_in_hand() {
        let mut service = Service {
            expire_date: Some("2029-03-08".parse().unwrap()),
            ..Service::default()
        };
        let stale = "2027-12-08 0a:0b".to_owned();
        service
            .parameters
            .insert(fields::CERTIFICATE_END.to_owned(), stale);
        let certificate = Current {
            life: Life {
                start: at((2027, 11, 19)),
                end: at((2028, 2, 26)),
            },
            mark: "0c:0d".to_owned(),
        };
        let (_, text) = notice(
            &service,
            ItemId(44),
            &certificate,
            &[],
            &TRIAL,
            at((2027, 12, 1)).date_naive(),
        );
        assert_eq!(text.matches("2028-02-26").count(), 2, "{text}");
        assert!(
            !text.contains("2027-12-08") && !text.contains("2029"),
            "{text}"
        );
    }

    /// Whoever is asked to publish something hears what authorities look at, in both languages.
    #[test]
    fn every_letter_about_a_proof_tells_what_else_is_looked_at() {
        let service = Service::default();
        let certificate = Current {
            life: Life {
                start: at((2027, 11, 19)),
                end: at((2028, 2, 26)),
            },
            mark: "0c:0d".to_owned(),
        };
        let open = [ValidationRecord {
            name: crate::domain::DomainName::parse("www.example.com").unwrap(),
            task: ValidationTask::Txt {
                name: "www.example.com".into(),
                value: "token".into(),
            },
            done: false,
        }];
        let today = at((2028, 2, 1)).date_naive();
        let texts = [
            notice(&service, ItemId(44), &certificate, &open, &TRIAL, today).1,
            reminder(&service, ItemId(44), &open, &TRIAL, today).1,
            announcement(&service, ItemId(44), &open).unwrap().1,
        ];
        for text in texts {
            for part in ["everywhere in the world", "из любой страны"] {
                assert!(text.contains(part), "{text}");
            }
            for word in ["CAA", "DNSSEC"] {
                assert_eq!(text.matches(word).count(), 2, "{text}");
            }
        }
    }

    /// Nothing but the task tells what is to be typed into the vendor's panel.
    #[test]
    fn a_reissue_by_hand_is_described_in_full() {
        let csr = include_str!("../certificate/fixtures/p256.pem");
        let mut service = Service {
            csr: Some(csr.to_owned()),
            ..Service::default()
        };
        let further = "www.example.com mail.example.com".to_owned();
        service
            .parameters
            .insert(fields::ADDITIONAL_NAMES.to_owned(), further);
        let certificate = Current {
            life: Life {
                start: at((2027, 11, 19)),
                end: at((2028, 2, 26)),
            },
            mark: "0c:0d".to_owned(),
        };
        let before = at((2028, 2, 1));
        let task = |hand| task(&service, ItemId(44), &certificate, hand, before);
        let text = task(Hand::InThePanel);
        for part in [
            csr.trim(),
            "www.example.com, mail.example.com",
            "pmssl resolve --item 44 --replace NUMBER",
            "2028-02-26",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let by_program = task(Hand::Programs);
        assert!(!by_program.contains("BEGIN"));
        let by_client = task(Hand::Clients);
        assert!(!by_client.contains("vendor"), "{by_client}");
        let anew = task(Hand::NewOrder);
        for part in [
            csr.trim(),
            "the vendor's own term ends on 2028-02-26",
            "срок у поставщика тоже заканчивается 2028-02-26",
            "pmssl resolve --item 44 --replace NUMBER",
        ] {
            assert!(anew.contains(part), "{part}: {anew}");
        }
        assert!(!anew.contains("Reissue it"), "{anew}");
        let term = task(Hand::Term);
        assert_eq!(term.matches("pmssl_term_end").count(), 2, "{term}");
    }

    /// What is over is not told as if there were time left.
    #[test]
    fn a_task_about_a_certificate_that_has_ended_says_so() {
        let certificate = Current {
            life: Life {
                start: at((2027, 11, 19)),
                end: at((2028, 2, 26)),
            },
            mark: "0c:0d".to_owned(),
        };
        let hands = [
            Hand::Programs,
            Hand::Clients,
            Hand::NewKey,
            Hand::InThePanel,
            Hand::NewOrder,
            Hand::Term,
        ];
        for hand in hands {
            let service = Service::default();
            let on = |day| task(&service, ItemId(44), &certificate, hand, at(day));
            let (before, after) = (on((2028, 2, 25)), on((2028, 2, 27)));
            for part in ["expired on 2028-02-26", "действовал до 2028-02-26"] {
                assert!(!before.contains(part) && after.contains(part), "{after}");
            }
        }
    }
}
