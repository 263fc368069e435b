//! What a record says about an order (ispmanager.md 10). Pure.
//!
//! A certificate that is shown is what counts; state codes refine what is said before it is there.
//! Whether it can be read and carries the CSR's key is not asked here: who fetches it sees, and says so.
//! Localized texts are never looked at.

use chrono::NaiveTime;

use super::record::{Record, code};
use super::wire::{Entry, Wire};
use crate::ca::{Progress, Stage, ValidationRecord, ValidationTask};
use crate::certificate::files_of_delivery;
use crate::domain::DomainName;

/// The state of an order.
pub(super) fn progress(wire: &Wire, record: &Record) -> Progress {
    Progress {
        stage: stage(wire, record, is_delivered(record)),
        validation: validation(wire, record),
        term_end: record
            .expires
            .map(|day| day.and_time(NaiveTime::MIN).and_utc()),
        references: Vec::new(),
    }
}

/// Whether the record shows a certificate, a damaged one included; words in its place are none.
fn is_delivered(record: &Record) -> bool {
    let content = record.certificate.as_deref().unwrap_or_default();
    !matches!(files_of_delivery(content.as_bytes()), Ok(None))
}

fn stage(wire: &Wire, record: &Record, is_delivered: bool) -> Stage {
    let service = record.service_state.as_deref().map(code);
    let certificate = record.certificate_state.as_deref().map(code);
    let service_is = |entry| service.is_some_and(|code| wire.holds(entry, code));
    let certificate_is = |entry| certificate.is_some_and(|code| wire.holds(entry, code));
    let shown = |state: &Option<String>| state.clone().unwrap_or_default();

    if service_is(Entry::StateDeleted) {
        return Stage::Cancelled("the service is deleted at Ispmanager".to_owned());
    }
    if service_is(Entry::StateOrdered) && !is_delivered {
        return Stage::Unpaid(
            "ordered and not paid: top up the Ispmanager account and pay for the service there, do not order again"
                .to_owned(),
        );
    }
    if certificate_is(Entry::CertificateAwaited) {
        let words = format!("certificate state {}", shown(&record.certificate_state));
        // The certificate that is still shown is the former one.
        return match is_delivered {
            false => Stage::Pending(words),
            true => Stage::Reissuing(words),
        };
    }
    if service_is(Entry::StateProcessing) {
        let words = format!("being processed (state {})", shown(&record.service_state));
        // A renewal or reissue has begun; what is shown may be the former certificate.
        return match is_delivered {
            false => Stage::Pending(words),
            true => Stage::Reissuing(words),
        };
    }
    if is_delivered {
        return Stage::Issued;
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
            Stage::Held(words) => format!("held: {words}"),
            Stage::Unpaid(words) => format!("unpaid: {words}"),
            Stage::Issued => "issued".to_owned(),
            Stage::Reissuing(words) => format!("reissuing: {words}"),
            Stage::Cancelled(words) => format!("cancelled: {words}"),
            Stage::Expired => "expired".to_owned(),
            Stage::Unknown(word) => format!("unknown: {word}"),
        }
    }

    #[test]
    fn states_mean_what_the_table_says() {
        let unpaid = "unpaid: ordered and not paid";
        let cases = [
            ("1", "", false, unpaid),
            ("1", "4", false, unpaid),
            ("1", "5", true, "issued"),
            ("2", "", false, "pending: no certificate yet"),
            ("2", "2", false, "pending: no certificate yet"),
            ("2", "3", false, "pending: certificate state 3"),
            ("2", "4", false, "pending: certificate state 4"),
            ("2", "5", false, "issued"),
            ("2", "6", false, "cancelled: the certificate was refused"),
            ("2", "9", false, "unknown: 9"),
            (
                "3_autosuspend",
                "",
                false,
                "pending: suspended (state 3_autosuspend)",
            ),
            ("4", "", false, "cancelled: the service is deleted"),
            (
                "5_open",
                "",
                false,
                "pending: being processed (state 5_open)",
            ),
            ("5_open", "5", false, "pending: being processed"),
            ("7", "", false, "unknown: 7"),
            ("Active", "", false, "unknown: Active"),
            ("", "", false, "unknown: no state is shown"),
            ("", "5", false, "issued"),
            ("2", "5", true, "issued"),
            ("2", "", true, "issued"),
            ("", "", true, "issued"),
            ("3", "", true, "issued"),
            ("7", "9", true, "issued"),
            (
                "5_prolong",
                "5",
                true,
                "reissuing: being processed (state 5_prolong)",
            ),
            ("2", "6", true, "issued"),
            ("2", "4", true, "reissuing: certificate state 4"),
            ("4", "5", true, "cancelled"),
        ];
        for (service, certificate, is_delivered, expected) in cases {
            let stage = word(&stage(
                &Wire::default(),
                &record(service, certificate),
                is_delivered,
            ));
            assert!(
                stage.starts_with(expected),
                "{service} {certificate} {is_delivered}: {stage}"
            );
        }
    }

    #[test]
    fn the_service_date_is_the_end_of_the_term() {
        let record = Record {
            expires: NaiveDate::from_ymd_opt(2027, 11, 20),
            ..record("2", "4")
        };
        let progress = progress(&Wire::default(), &record);
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
            assert!(!is_delivered(&record), "{text}");
        }
    }

    /// Silence about it would last for ever: whoever fetches it says what is wrong with it.
    #[test]
    fn a_certificate_that_cannot_be_read_is_one_to_be_fetched() {
        let record = Record {
            certificate: Some(
                "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----".to_owned(),
            ),
            ..record("2", "9")
        };
        assert_eq!(progress(&Wire::default(), &record).stage, Stage::Issued);
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
