//! What a service's stored values say about its certificate and its term. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::policy::Life;
use super::{calendar, term};
use crate::certificate::{Certificate, Csr, assemble, files_from_zip};
use crate::platform::{Service, fields};

/// The current certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its life.
    pub life: Life,
    /// What tells it from others: its serial number, else its end.
    pub mark: String,
}

/// The current certificate of a service of a module; none before the first one. Of a certificate that
/// is kept as an archive only the end is known, and its begin is estimated.
#[must_use]
pub fn certificate(service: &Service, module: &str) -> Option<Current> {
    let text = service.certificate.as_deref()?;
    if let Ok(certificate) = Certificate::parse(text) {
        return Some(Current {
            life: Life {
                start: certificate.not_before,
                end: certificate.not_after,
            },
            mark: certificate.serial,
        });
    }
    let kept = service
        .parameter(fields::CERTIFICATE_END)
        .and_then(|text| text.parse().ok());
    let end: NaiveDate = kept.or(service.expire_date)?;
    let days = calendar::life_by_end(module, end);
    let at = |day: NaiveDate| -> DateTime<Utc> { day.and_time(NaiveTime::MIN).and_utc() };
    Some(Current {
        life: Life {
            start: at(end - TimeDelta::days(days.into())),
            end: at(end),
        },
        mark: serial(service).unwrap_or_else(|| end.to_string()),
    })
}

/// Serial number of the saved certificate, as its text or what was kept beside an archive tells.
#[must_use]
pub fn serial(service: &Service) -> Option<String> {
    let text = service.certificate.as_deref()?;
    match Certificate::parse(text) {
        Ok(certificate) => Some(certificate.serial),
        Err(_) => service
            .parameter(fields::CERTIFICATE_SERIAL)
            .map(str::to_owned),
    }
}

/// Serial number of a certificate that is saved as an archive, found by opening it: for archives that
/// this program did not save.
#[must_use]
pub fn serial_in_archive(service: &Service) -> Option<String> {
    let text: String = service.certificate.as_deref()?.split_whitespace().collect();
    let csr = Csr::parse(service.csr.as_deref()?).ok()?;
    let files = files_from_zip(&STANDARD.decode(text).ok()?).ok()?;
    assemble(&files, &csr).ok().map(|chain| chain.leaf.serial)
}

/// End of the paid term: as it was bought or as the vendor tells, the later of both.
#[must_use]
pub fn term_end(service: &Service) -> Option<NaiveDate> {
    [fields::TERM_END, fields::PAID_TILL]
        .into_iter()
        .filter_map(|name| term::Bought::from_text(service.parameter(name)?))
        .map(|term| term.end)
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::testing::{Delivery, FROM, TO, at};

    #[test]
    fn a_certificate_in_text_tells_its_own_life() {
        let service = Service {
            certificate: Some(Delivery::new().leaf),
            expire_date: Some("2031-01-01".parse().unwrap()),
            ..Service::default()
        };
        let current = certificate(&service, "pmthesslstore").unwrap();
        assert_eq!(
            current.life,
            Life {
                start: at(FROM),
                end: at(TO)
            }
        );
        assert!(!current.mark.is_empty());
    }

    #[test]
    fn an_archive_is_known_by_the_end_that_is_shown() {
        let mut service = Service {
            certificate: Some("UEsDBBQ=".into()),
            expire_date: Some("2028-07-09".parse().unwrap()),
            ..Service::default()
        };
        let days = |service: &Service| {
            certificate(service, "pmthesslstore").map(|c| (c.life.days(), c.mark))
        };
        assert_eq!(days(&service), Some((99, "2028-07-09".into())));
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("pmssl_certificate_end", "2030-07-09");
        assert_eq!(days(&service), Some((46, "2030-07-09".into())));
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("pmssl_certificate_serial", "0a:0b");
        assert_eq!(days(&service), Some((46, "0a:0b".into())));
        assert_eq!(certificate(&Service::default(), "pmthesslstore"), None);
    }

    #[test]
    fn the_later_end_of_the_term_holds() {
        let mut service = Service::default();
        assert_eq!(term_end(&service), None);
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("pmssl_term_end", "2027-04-02 67FRXAGOO7DS7ZAV7ZII");
        set("paid_till", "2027-03-01");
        assert_eq!(term_end(&service), "2027-04-02".parse().ok());
        let mut set =
            |name: &str, value: &str| service.parameters.insert(name.into(), value.into());
        set("paid_till", "2027-05-01");
        assert_eq!(term_end(&service), "2027-05-01".parse().ok());
    }
}
