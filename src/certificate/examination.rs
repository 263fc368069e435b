//! What a request says, held against the rules that bind every public authority: RFC 5280 with its upper
//! bounds, and the CA/Browser Forum's Baseline Requirements. Pure.

use super::request::{Alternative, Request};
use super::subject;
use crate::domain::text::Words;
use crate::domain::{CountryCode, DomainName, InvalidName};

/// Longest common name, in characters (RFC 5280, appendix A, `ub-common-name`).
const COMMON_NAME: usize = 64;
/// Longest organisation and department (`ub-organization-name`, `ub-organizational-unit-name`).
const ORGANIZATION: usize = 64;
/// Longest city and state (`ub-locality-name`, `ub-state-name`).
const PLACE: usize = 128;
/// The code that authorities may use for a country that has none (Baseline Requirements, 7.1.4.2).
const NO_COUNTRY: &str = "XX";

/// The names in a request.
pub(super) struct Names {
    pub(super) common_name: Option<DomainName>,
    /// Alternative names that are host names.
    pub(super) hosts: Vec<DomainName>,
    /// Descriptions of everything else, why it is no host name included.
    pub(super) others: Vec<Words>,
}

impl Names {
    /// The common name followed by the alternative host names, each once.
    pub(super) fn all(&self) -> Vec<DomainName> {
        let common_name = self.common_name.as_ref();
        let further = self.hosts.iter().filter(|host| common_name != Some(*host));
        common_name.into_iter().chain(further).cloned().collect()
    }
}

/// Sorts the names.
///
/// # Errors
/// Several common names.
pub(super) fn names(request: &Request<'_>) -> Result<Names, Words> {
    let mut others = Vec::new();
    let mut attributes = request.subject.iter_common_name();
    let first = attributes.next();
    if attributes.next().is_some() {
        // Baseline Requirements, 7.1.4.1 and 7.1.4.3: one at most. Readers disagree on which one counts; guessing
        // could certify the wrong name.
        return Err(words!(
            "it holds several common names",
            "в нём несколько CN"
        ));
    }
    let common_name = first.and_then(subject::text).and_then(|text| {
        let parsed = DomainName::parse(&text);
        if let Err(error) = &parsed {
            let text = subject::printable(&text);
            others
                .push(words!("common name {text} ({error})", "общее имя {text} ({error})"; error));
        }
        parsed.ok()
    });
    let mut hosts = subject::Hosts::default();
    for name in request.alternative_names() {
        match name {
            Alternative::Dns(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                match DomainName::parse(&text) {
                    Ok(host) => hosts.add(host),
                    Err(error) => {
                        others.push(subject::not_a_host(&text, &error));
                    }
                }
            }
            Alternative::Other(name) => others.push(subject::described(&name)),
            Alternative::Unreadable => others.push(words!("an unreadable name", "нечитаемое имя")),
        }
    }
    Ok(Names {
        common_name,
        hosts: hosts.list,
        others,
    })
}

/// The first thing in a request that no public authority may certify or read.
pub(super) fn trouble(request: &Request<'_>) -> Option<Words> {
    common_name(request)
        .or_else(|| request.alternative_names().iter().find_map(alternative))
        .or_else(|| country(request))
}

/// A common name has to be one of the alternative names, letter by letter, and those are host names in
/// ASCII (Baseline Requirements, 7.1.4.3); it has at most 64 characters (RFC 5280).
fn common_name(request: &Request<'_>) -> Option<Words> {
    let attribute = request.subject.iter_common_name().next()?;
    let Some(raw) = subject::raw_text(attribute) else {
        return Some(words!(
            "its common name is not readable text",
            "его общее имя не является читаемым текстом"
        ));
    };
    if raw.trim().is_empty() {
        return None;
    }
    let length = raw.chars().count();
    if length > COMMON_NAME {
        return Some(words!(
            "its common name has {length} characters, and certificates hold {COMMON_NAME} at most: take a \
             shorter one, or none and name the host among the alternative names",
            "в его общем имени знаков: {length}, а в сертификате помещается не больше {COMMON_NAME}: возьмите имя короче или не указывайте его, а узел назовите среди альтернативных имён"
        ));
    }
    let shown = subject::printable(&raw);
    match DomainName::parse(&raw) {
        Ok(name) if raw.eq_ignore_ascii_case(name.as_str()) => None,
        Ok(name) => Some(words!(
            "its common name is written '{shown}', a certificate needs it as '{name}'",
            "его общее имя записано как '{shown}', а в сертификате нужно '{name}'"
        )),
        Err(why) => Some(words!(
            "its common name '{shown}' is not a host name: {why}", "его общее имя '{shown}' - не имя узла: {why}"; why
        )),
    }
}

/// Alternative names of the kind DNS are ASCII in the syntax of host names, never empty (RFC 5280,
/// 4.2.1.6). Others than host names are left out of the order, which is no harm.
fn alternative(name: &Alternative<'_>) -> Option<Words> {
    let bytes = match name {
        Alternative::Dns(bytes) => bytes,
        Alternative::Other(_) => return None,
        Alternative::Unreadable => {
            return Some(words!(
                "its alternative names cannot be read",
                "его альтернативные имена не читаются"
            ));
        }
    };
    let text = String::from_utf8_lossy(bytes);
    let shown = subject::printable(&text);
    match DomainName::parse(&text) {
        Ok(name) if text.eq_ignore_ascii_case(name.as_str()) => None,
        Ok(name) => Some(words!(
            "an alternative name is written '{shown}', a certificate needs it as '{name}'",
            "альтернативное имя записано как '{shown}', а в сертификате нужно '{name}'"
        )),
        Err(InvalidName::Empty) => Some(words!(
            "one of its alternative names is empty",
            "одно из его альтернативных имён пустое"
        )),
        Err(why) if why == InvalidName::EmptyLabel || !text.is_ascii() => Some(words!(
            "its alternative name '{shown}' is not a host name: {why}", "его альтернативное имя '{shown}' - не имя узла: {why}"; why
        )),
        Err(_) => None,
    }
}

/// A country is a code of ISO 3166-1 with two letters (RFC 5280; Baseline Requirements, 7.1.4.2).
fn country(request: &Request<'_>) -> Option<Words> {
    request.subject.iter_country().find_map(|attribute| {
        let raw = subject::raw_text(attribute).unwrap_or_else(|| "?".to_owned());
        let is_code = raw.len() == 2 && CountryCode::parse(&raw).is_some();
        if raw.is_empty() || is_code || raw.eq_ignore_ascii_case(NO_COUNTRY) {
            return None;
        }
        let shown = subject::printable(&raw);
        let meant = CountryCode::parse(&raw).or_else(|| CountryCode::meant_by(&raw));
        Some(match meant {
            Some(code) => words!(
                "its country is written '{shown}': write {code}",
                "его страна записана как '{shown}': напишите {code}"
            ),
            None if raw.len() == 2 && raw.bytes().all(|byte| byte.is_ascii_alphabetic()) => words!(
                "its country '{shown}' is not in ISO 3166-1: write the code that is, or {NO_COUNTRY} for a country without one",
                "его страны '{shown}' нет в ISO 3166-1: укажите код из него, а для страны без кода - {NO_COUNTRY}"
            ),
            None => words!(
                "its country '{shown}' is not a code of two letters such as DE or GB",
                "его страна '{shown}' - не двухбуквенный код вроде DE или GB"
            ),
        })
    })
}

/// That a request names what is no host name, and is left out of the order.
pub(super) fn not_ordered(others: &[Words]) -> Option<String> {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = others.iter().take(SHOWN).map(Words::en).collect();
    let more = match others.len() {
        0 => return None,
        1..=SHOWN => String::new(),
        count => format!(" and {} more", count - SHOWN),
    };
    Some(format!(
        "the CSR also names what is not ordered: {}{more}",
        shown.join(", ")
    ))
}

/// What is unusual, but for the authority to judge.
pub(super) fn remarks(request: &Request<'_>, others: &[Words]) -> Vec<String> {
    let mut remarks = Vec::from_iter(not_ordered(others));
    if request.version.iter().any(|octet| *octet != 0) {
        remarks.push("the CSR says that it is of a version that does not exist".to_owned());
    }
    if !request.has_attributes() {
        remarks
            .push("the CSR has no field of attributes: some authorities do not read it".to_owned());
    }
    let subject = &request.subject;
    let fields = [
        (
            "organisation",
            ORGANIZATION,
            subject.iter_organization().next(),
        ),
        (
            "department",
            ORGANIZATION,
            subject.iter_organizational_unit().next(),
        ),
        ("city", PLACE, subject.iter_locality().next()),
        ("state", PLACE, subject.iter_state_or_province().next()),
    ];
    for (field, limit, attribute) in fields {
        let length = attribute
            .and_then(subject::text)
            .map_or(0, |text| text.chars().count());
        if length > limit {
            remarks.push(format!(
                "the CSR's {field} has {length} characters, and certificates hold {limit} at most"
            ));
        }
    }
    remarks
}
