//! What clients and administrators are told, in both languages of the product.

use crate::ca::{ValidationRecord, ValidationTask};
use crate::domain::ItemId;
use crate::order::current::{Current, name_of};
use crate::platform::Service;

/// Subject and text for the client of a certificate that has to be replaced.
pub(super) fn notice(
    service: &Service,
    item: ItemId,
    certificate: &Current,
    validation: &[ValidationRecord],
) -> (String, String) {
    let name = name_of(service);
    let end = certificate.life.end.date_naive();
    let subject = format!("SSL: {name}");
    let open: Vec<String> = validation
        .iter()
        .filter(|record| !record.done)
        .map(|record| format!("{}: {}", record.name, task_words(&record.task)))
        .collect();
    let list = open.join("\n");
    let text = format!(
        "The certificate for {name} (service {item}) ends on {end} and has to be reissued inside its \
         paid period. Please reissue it in the client area, or complete the domain validation if the \
         reissue is already under way.\n\n\
         Сертификат для {name} (услуга {item}) действует до {end} и должен быть перевыпущен в пределах \
         оплаченного срока. Перевыпустите его в личном кабинете или завершите подтверждение домена, \
         если перевыпуск уже начат.\n\n{list}"
    );
    (subject, text.trim_end().to_owned())
}

/// Subject and text about new validation data; `None` when there is nothing for the client to publish.
pub(super) fn announcement(
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
    let list = open.join("\n\n");
    let text = format!(
        "The certificate for {name} (service {item}) is being reissued inside its paid period. Please \
         publish the following, so that the control of the domain can be proved again.\n\n\
         Сертификат для {name} (услуга {item}) перевыпускается в пределах оплаченного срока. Разместите \
         следующие данные, чтобы снова подтвердить управление доменом.\n\n{list}"
    );
    Some((format!("SSL: {name}"), text.trim_end().to_owned()))
}

fn task_words(task: &ValidationTask) -> String {
    match task {
        ValidationTask::Email(address) => format!("e-mail to {address}"),
        ValidationTask::File { url, .. } => format!("file {url}"),
        ValidationTask::Cname { name, value } => format!("{name} CNAME {value}"),
        ValidationTask::Txt { name, value } => format!("{name} TXT {value}"),
    }
}

/// Text of a task for the hoster's people.
pub(super) fn task(service: &Service, item: ItemId, certificate: &Current) -> String {
    let end = certificate.life.end.date_naive();
    let name = name_of(service);
    format!(
        "pmssl: the certificate for {name} (service {item}) ends on {end} inside its paid period and has \
         not been reissued. Reissue it at the vendor or remove what hinders it; the module's log and \
         'pmssl plan --item {item}' tell more.\n\
         pmssl: сертификат для {name} (услуга {item}) действует до {end} и не перевыпущен, хотя срок \
         оплачен дальше. Перевыпустите его у поставщика или устраните помеху; подробности в журнале \
         модуля и в 'pmssl plan --item {item}'."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::at;
    use crate::order::policy::Life;
    use crate::platform::fields;

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
        let (_, text) = notice(&service, ItemId(44), &certificate, &[]);
        assert_eq!(text.matches("2028-02-26").count(), 2, "{text}");
        assert!(
            !text.contains("2027-12-08") && !text.contains("2029"),
            "{text}"
        );
    }
}
