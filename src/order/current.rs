//! What a service's stored values say about its certificate and its term. Pure.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::intent::{self, Intent};
use super::lead::Horizon;
use super::policy::Life;
use super::stored;
pub use super::stored::{Proved, Replaced, end_of, term_end_of, told};
use super::{calendar, term};
use crate::certificate::{Certificate, Csr, leaf_of};
use crate::domain::text::Words;
use crate::domain::{DomainName, list};
use crate::module::{Module, Template};
use crate::platform::details::common_name;
use crate::platform::{Service, fields};

/// The current certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Its life.
    pub life: Life,
    /// What tells it from others: its serial number, else its end.
    pub mark: String,
}

/// The current certificate of a service of a module; none before the first one. Of one that is kept in
/// a form that cannot be read only the end is known, and its begin is estimated.
#[must_use]
pub fn certificate(service: &Service, module: &Module) -> Option<Current> {
    current(service, module, leaf(service).as_ref())
}

/// The saved certificate; `None` where there is none or it cannot be read.
fn leaf(service: &Service) -> Option<Certificate> {
    read(service.certificate.as_deref()?)
}

/// The same with the certificate read already: that takes its time.
fn current(service: &Service, module: &Module, leaf: Option<&Certificate>) -> Option<Current> {
    service.certificate.as_ref()?;
    if let Some(certificate) = leaf {
        return Some(Current {
            life: Life {
                start: certificate.not_before,
                end: certificate.not_after,
            },
            mark: certificate.serial.clone(),
        });
    }
    let kept = service.parameter(fields::CERTIFICATE_END).and_then(end_of);
    let end = kept.or(service.expire_date)?;
    let days = calendar::life_by_end(module.origin, end);
    let at = |day: NaiveDate| -> DateTime<Utc> { day.and_time(NaiveTime::MIN).and_utc() };
    Some(Current {
        life: Life {
            start: at(end - TimeDelta::days(days.into())),
            end: at(end),
        },
        mark: kept_serial(service).unwrap_or_else(|| end.to_string()),
    })
}

/// What [`fields::CERTIFICATE_END`] keeps: the day and the serial number, `-` when it is not known.
#[must_use]
pub(super) fn stored_end(service: &Service, end: NaiveDate) -> String {
    stored::end_text(end, serial(service).as_deref())
}

/// A stored certificate: PEM, or base64 of an archive (billmanager.md 5.3, `crt_type=zip`), or whatever another program
/// has left there.
#[must_use]
pub fn read(text: &str) -> Option<Certificate> {
    leaf_of(text)
}

/// What people call a service: the name in its CSR, else, where that cannot be read any more, the name in its
/// certificate, in its validation data or in its form.
#[must_use]
pub fn name_of(service: &Service) -> Words {
    let csr = service.csr.as_deref().map(Csr::parse);
    let requested = csr.and_then(|csr| common_name(&csr.ok()?).ok());
    let certified = || {
        let leaf = read(service.certificate.as_deref()?)?;
        leaf.names.first().cloned()
    };
    let listed = || {
        let texts = ["domain", fields::DOMAINS_LIST, fields::ADDITIONAL_NAMES];
        let mut words = texts
            .into_iter()
            .filter_map(|field| service.parameter(field))
            .flat_map(list);
        words.find_map(|word| DomainName::parse(word).ok())
    };
    let name = requested.or_else(certified).or_else(listed);
    name.map_or_else(
        || {
            words!(
                "an unknown name (the CSR cannot be read)",
                "неизвестного имени (CSR не читается)"
            )
        },
        Words::verbatim,
    )
}

/// Serial number of the saved certificate, as it tells itself or as it was kept beside one that cannot
/// be read.
#[must_use]
pub fn serial(service: &Service) -> Option<String> {
    service.certificate.as_ref()?;
    match leaf(service) {
        Some(certificate) => Some(certificate.serial),
        None => kept_serial(service),
    }
}

/// The number that was kept beside a certificate that cannot be read.
fn kept_serial(service: &Service) -> Option<String> {
    let kept = service.parameter(fields::CERTIFICATE_SERIAL);
    kept.map(str::to_owned)
}

impl Replaced {
    /// The saved certificate, about to be replaced.
    #[must_use]
    pub fn of(service: &Service, module: &Module) -> Self {
        Self {
            serial: serial(service).unwrap_or_default(),
            end: certificate(service, module).map(|current| current.life.end.date_naive()),
        }
    }
}

/// Whether the current certificate shows that the vendor's own term is over: it replaced one that was
/// due, ends no later, and has much less than a lawful life. Another reissue would bring nothing.
#[must_use]
pub fn ends_with_vendors_term(service: &Service, current: &Current) -> bool {
    let Some(replaced) = Replaced::stored(service) else {
        return false;
    };
    let end = current.life.end.date_naive();
    let lawful = calendar::rule_on(current.life.start.date_naive()).lifetime;
    replaced.serial != current.mark
        && needs_reading(service, end)
        && 2 * u32::from(current.life.days()) <= u32::from(lawful)
}

/// Whether a reissue would bring a service anything, as far as its vendor reissues.
#[must_use]
pub fn can_be_reissued(service: &Service, current: Option<&Current>) -> bool {
    !current.is_some_and(|current| ends_with_vendors_term(service, current))
}

/// Whether only the certificate itself can tell that: its end is known without it, its begin is not.
#[must_use]
pub fn needs_reading(service: &Service, end: NaiveDate) -> bool {
    let replaced = Replaced::stored(service).and_then(|replaced| replaced.end);
    replaced.is_some_and(|former| end <= former + TimeDelta::days(1))
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

/// What a service's two shown dates follow from, with a certificate of that end; `told` is what the vendor says of the
/// term now.
#[must_use]
pub(super) fn basis_of_dates(
    service: &Service,
    certificate_end: NaiveDate,
    told: Option<NaiveDate>,
) -> term::Basis {
    let day = |name: &str| service.parameter(name).and_then(stored::term_end_of);
    term::Basis {
        certificate_end,
        bought: day(fields::TERM_END),
        told,
        months: service.period,
        end_date: service.expire_date,
        paid_till: day(fields::PAID_TILL),
    }
}

/// The names of the certificate in hand; none where it cannot be read.
#[must_use]
pub fn names_in_hand(service: &Service) -> Vec<String> {
    names_of(leaf(service).as_ref())
}

fn names_of(leaf: Option<&Certificate>) -> Vec<String> {
    let names = leaf.into_iter().flat_map(|leaf| &leaf.names);
    names.map(ToString::to_string).collect()
}

/// What was proved of a service's names and its company.
#[must_use]
pub fn proved(service: &Service, module: &Module) -> Proved {
    proved_with(service, module, leaf(service).as_ref())
}

fn proved_with(service: &Service, module: &Module, leaf: Option<&Certificate>) -> Proved {
    let intent = service.parameter(intent::PARAMETER);
    let intent = intent.and_then(|text| Intent::from_text(text).ok());
    let life = current(service, module, leaf).map(|current| current.life);
    let stored = service.parameter(fields::PROVED);
    // A certificate may have many names: only where some have days of their own.
    let has_own = stored.is_some_and(|text| text.contains(' '));
    let in_hand = match has_own {
        true => names_of(leaf),
        false => Vec::new(),
    };
    Proved::of(stored, intent.as_ref(), life, module.origin, &in_hand)
}

/// What is kept of it when an order of that day takes the place of the one at hand.
#[must_use]
pub fn proved_before(service: &Service, module: &'static Module, day: NaiveDate) -> Proved {
    let mut proved = proved(service, module);
    if !horizon(service, module).organization {
        proved.company = None;
    }
    let further = service.parameter(fields::ADDITIONAL_NAMES);
    let ordered = list(further.unwrap_or_default());
    let ordered = ordered.filter_map(|name| Some(DomainName::parse(name).ok()?.to_string()));
    proved.with_order(ordered, &names_in_hand(service), day)
}

/// The term of a service and what was proved in it.
#[must_use]
pub fn horizon(service: &Service, module: &'static Module) -> Horizon {
    in_hand(service, module).1
}

/// The current certificate and the horizon together: the certificate is read once.
#[must_use]
pub fn in_hand(service: &Service, module: &'static Module) -> (Option<Current>, Horizon) {
    let leaf = leaf(service);
    let proved = proved_with(service, module, leaf.as_ref());
    let template = service.template.as_ref();
    let template = template.and_then(|code| module.template(code.as_str()));
    let horizon = Horizon {
        module: module.origin,
        term_end: term_end(service),
        proved: proved.names,
        organization: template.is_some_and(Template::verifies_company),
        verified: proved.company,
    };
    (current(service, module, leaf.as_ref()), horizon)
}

#[cfg(test)]
mod tests;
