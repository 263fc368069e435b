//! What a record says about an order (ispmanager.md 10). Pure.
//!
//! A certificate that carries the CSR's key is what counts; state codes refine what is shown before
//! it is there. Localized texts are never looked at.

use chrono::NaiveTime;

use super::files;
use super::record::{Record, code};
use super::wire::{Entry, Wire};
use crate::ca::{Progress, Stage, ValidationRecord, ValidationTask};
use crate::certificate::{Csr, assemble};
use crate::domain::DomainName;

/// What the record's certificate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Delivery {
    None,
    /// Of the CSR's key, or the CSR is not known.
    Ours,
    /// Of another key.
    Other,
}

/// The state of an order.
pub(super) fn progress(wire: &Wire, record: &Record, csr_pem: Option<&str>) -> Progress {
    Progress {
        stage: stage(wire, record, delivery(record, csr_pem)),
        validation: validation(wire, record),
        term_end: record
            .expires
            .map(|day| day.and_time(NaiveTime::MIN).and_utc()),
        references: Vec::new(),
    }
}

fn delivery(record: &Record, csr_pem: Option<&str>) -> Delivery {
    let Some(content) = &record.certificate else {
        return Delivery::None;
    };
    let Ok(Some(delivered)) = files::unpack(content.as_bytes()) else {
        return Delivery::None;
    };
    let Some(csr) = csr_pem.and_then(|pem| Csr::parse(pem).ok()) else {
        return Delivery::Ours;
    };
    if assemble(&delivered.files, &csr).is_ok() {
        Delivery::Ours
    } else {
        Delivery::Other
    }
}

fn stage(wire: &Wire, record: &Record, delivery: Delivery) -> Stage {
    let service = record.service_state.as_deref().map(code);
    let certificate = record.certificate_state.as_deref().map(code);
    let service_is = |entry| service.is_some_and(|code| wire.holds(entry, code));
    let certificate_is = |entry| certificate.is_some_and(|code| wire.holds(entry, code));
    let shown = |state: &Option<String>| state.clone().unwrap_or_default();

    if service_is(Entry::StateDeleted) {
        return Stage::Cancelled("the service is deleted at Ispmanager".to_owned());
    }
    if service_is(Entry::StateOrdered) && delivery == Delivery::None {
        return Stage::Pending(
            "ordered and not paid: top up the Ispmanager account and pay for the service there, do not order again"
                .to_owned(),
        );
    }
    if certificate_is(Entry::CertificateAwaited) {
        let words = format!("certificate state {}", shown(&record.certificate_state));
        // The certificate that is still shown is the former one.
        return match delivery {
            Delivery::None => Stage::Pending(words),
            Delivery::Ours | Delivery::Other => Stage::Reissuing(words),
        };
    }
    if service_is(Entry::StateProcessing) {
        let words = format!("being processed (state {})", shown(&record.service_state));
        // A renewal or reissue has begun; what is shown may be the former certificate.
        return match delivery {
            Delivery::None => Stage::Pending(words),
            Delivery::Ours | Delivery::Other => Stage::Reissuing(words),
        };
    }
    match delivery {
        Delivery::Ours => return Stage::Issued,
        Delivery::Other => {
            let words = "the service shows a certificate of another key";
            return Stage::Reissuing(words.to_owned());
        }
        Delivery::None => {}
    }
    if certificate_is(Entry::CertificateFailed) {
        let state = shown(&record.certificate_state);
        return Stage::Cancelled(format!("the certificate was refused (state {state})"));
    }
    if certificate_is(Entry::CertificateIssued) {
        return Stage::Issued;
    }
    if service_is(Entry::StateSuspended) {
        return Stage::Pending(format!(
            "suspended (state {})",
            shown(&record.service_state)
        ));
    }
    if certificate.is_some() && !certificate_is(Entry::CertificateSilent) {
        return Stage::Unknown(shown(&record.certificate_state));
    }
    match &record.service_state {
        Some(_) if service_is(Entry::StateActive) => {
            Stage::Pending("no certificate yet".to_owned())
        }
        Some(state) => Stage::Unknown(state.clone()),
        None => Stage::Unknown("no state is shown".to_owned()),
    }
}

/// What the client has to publish or answer (9).
fn validation(wire: &Wire, record: &Record) -> Vec<ValidationRecord> {
    let txt = wire.optional(Entry::MethodTxt);
    let entry = |name: DomainName, task| ValidationRecord {
        name,
        task,
        done: false,
    };
    let all_names = || record.common_name.iter().chain(&record.names).cloned();
    if let Some(value) = &record.txt_value
        && (record.method.is_none() || record.method.as_deref() == txt)
    {
        let named = if record.txt_names.is_empty() {
            all_names().collect()
        } else {
            record.txt_names.clone()
        };
        // One value for all names, or one for each.
        let values: Vec<&str> = value.split(',').map(str::trim).collect();
        let each = values.len() == named.len() && values.len() > 1;
        return named
            .into_iter()
            .enumerate()
            .map(|(index, name)| {
                let value = if each { values[index] } else { value.as_str() };
                let task = ValidationTask::Txt {
                    name: name.base().to_owned(),
                    value: value.to_owned(),
                };
                entry(name, task)
            })
            .collect();
    }
    all_names()
        .zip(&record.approvers)
        .map(|(name, address)| entry(name, ValidationTask::Email(address.clone())))
        .collect()
}

/// Whether a reissue may be ordered: nothing is under way.
pub(super) fn is_quiet(wire: &Wire, record: &Record) -> bool {
    let is = |state: &Option<String>, entry| {
        state
            .as_deref()
            .is_some_and(|state| wire.holds(entry, code(state)))
    };
    !is(&record.service_state, Entry::StateProcessing)
        && !is(&record.service_state, Entry::StateOrdered)
        && !is(&record.service_state, Entry::StateDeleted)
        && !is(&record.certificate_state, Entry::CertificateAwaited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn record(service: &str, certificate: &str) -> Record {
        let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Record {
            service_state: known(service),
            certificate_state: known(certificate),
            ..Record::default()
        }
    }

    fn word(stage: &Stage) -> String {
        match stage {
            Stage::Pending(words) => format!("pending: {words}"),
            Stage::Issued => "issued".to_owned(),
            Stage::Reissuing(words) => format!("reissuing: {words}"),
            Stage::Cancelled(words) => format!("cancelled: {words}"),
            Stage::Expired => "expired".to_owned(),
            Stage::Unknown(word) => format!("unknown: {word}"),
        }
    }

    #[test]
    fn states_mean_what_the_table_says() {
        use Delivery::{None, Other, Ours};
        let unpaid = "pending: ordered and not paid";
        let cases = [
            ("1", "", None, unpaid),
            ("1", "4", None, unpaid),
            ("1", "5", Ours, "issued"),
            ("2", "", None, "pending: no certificate yet"),
            ("2", "2", None, "pending: no certificate yet"),
            ("2", "3", None, "pending: certificate state 3"),
            ("2", "4", None, "pending: certificate state 4"),
            ("2", "5", None, "issued"),
            ("2", "6", None, "cancelled: the certificate was refused"),
            ("2", "9", None, "unknown: 9"),
            (
                "3_autosuspend",
                "",
                None,
                "pending: suspended (state 3_autosuspend)",
            ),
            ("4", "", None, "cancelled: the service is deleted"),
            (
                "5_open",
                "",
                None,
                "pending: being processed (state 5_open)",
            ),
            ("5_open", "5", None, "pending: being processed"),
            ("7", "", None, "unknown: 7"),
            ("Active", "", None, "unknown: Active"),
            ("", "", None, "unknown: no state is shown"),
            ("", "5", None, "issued"),
            ("2", "5", Ours, "issued"),
            ("2", "", Ours, "issued"),
            ("", "", Ours, "issued"),
            ("3", "", Ours, "issued"),
            ("7", "9", Ours, "issued"),
            (
                "5_prolong",
                "5",
                Ours,
                "reissuing: being processed (state 5_prolong)",
            ),
            ("5_prolong", "", Other, "reissuing: being processed"),
            ("2", "6", Ours, "issued"),
            ("2", "4", Ours, "reissuing: certificate state 4"),
            ("4", "5", Ours, "cancelled"),
            (
                "2",
                "5",
                Other,
                "reissuing: the service shows a certificate of another key",
            ),
        ];
        for (service, certificate, delivery, expected) in cases {
            let stage = word(&stage(
                &Wire::default(),
                &record(service, certificate),
                delivery,
            ));
            assert!(
                stage.starts_with(expected),
                "{service} {certificate} {delivery:?}: {stage}"
            );
        }
    }

    #[test]
    fn the_service_date_is_the_end_of_the_term() {
        let record = Record {
            expires: NaiveDate::from_ymd_opt(2027, 11, 20),
            ..record("2", "4")
        };
        let progress = progress(&Wire::default(), &record, None);
        assert_eq!(
            progress.term_end.map(|end| end.to_rfc3339()),
            Some("2027-11-20T00:00:00+00:00".to_owned())
        );
    }

    #[test]
    fn a_certificate_field_without_certificate_is_none() {
        for text in ["", "soon", "<p>wait</p>"] {
            let record = Record {
                certificate: Some(text.to_owned()),
                ..record("2", "4")
            };
            assert_eq!(delivery(&record, None), Delivery::None, "{text}");
        }
    }

    #[test]
    fn txt_records_and_mails_are_told_by_name() {
        let name = |text: &str| DomainName::parse(text).unwrap();
        let shown = |record: &Record| -> Vec<String> {
            validation(&Wire::default(), record)
                .into_iter()
                .map(|record| match record.task {
                    ValidationTask::Txt { name: at, value } => {
                        format!("{} {at} TXT {value}", record.name)
                    }
                    ValidationTask::Email(address) => format!("{} {address}", record.name),
                    other => format!("{other:?}"),
                })
                .collect()
        };
        let base = Record {
            common_name: Some(name("*.a.example")),
            names: vec![name("b.example")],
            txt_value: Some("_chk=1".to_owned()),
            method: Some("auth_dnstxt".to_owned()),
            ..Record::default()
        };
        assert_eq!(
            shown(&base),
            [
                "*.a.example a.example TXT _chk=1",
                "b.example b.example TXT _chk=1"
            ]
        );
        let each = Record {
            txt_value: Some("one, two".to_owned()),
            txt_names: vec![name("a.example"), name("b.example")],
            ..base.clone()
        };
        assert_eq!(
            shown(&each),
            ["a.example a.example TXT one", "b.example b.example TXT two"]
        );
        let mails = Record {
            method: Some("auth_email".to_owned()),
            approvers: vec!["admin@a.example".to_owned(), "admin@b.example".to_owned()],
            ..base
        };
        assert_eq!(
            shown(&mails),
            ["*.a.example admin@a.example", "b.example admin@b.example"]
        );
        assert_eq!(shown(&Record::default()), [] as [String; 0]);
    }
}
