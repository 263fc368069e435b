//! From a purchase to the fields of the order wizard (ispmanager.md 8.2). Pure.

use super::client::Fields;
use super::document::{Node, choices, raw};
use super::record::number;
use super::wire::{CONTACT_FIELDS, Entry, Wire};
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{
    Contact, CountryCode, NamedValidation, Organization, Purchase, TemplateCode, ValidationMethod,
};
use crate::failure::{Failure, Reason};

/// Written before tariff numbers by some installations.
const CODE_PREFIX: &str = "ispmgr_";

/// What the forms of the other billing told about an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answers {
    /// The word for "I have a request".
    pub(super) kind: String,
    /// The number of the subject's country.
    pub(super) country: Option<String>,
    /// The number of the organization's country.
    pub(super) organization_country: Option<String>,
}

/// Where the word for "I have a request" comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RequestWord {
    /// The site's file or the form's choices.
    Told(String),
    /// A guess that the free step has to prove.
    Guess(String),
}

/// The tariff number of a product code.
///
/// # Errors
/// A code that is no number.
pub(super) fn tariff(template: &TemplateCode) -> Result<String, Failure> {
    let code = template.as_str();
    number(code.strip_prefix(CODE_PREFIX).unwrap_or(code))
        .ok_or_else(|| Failure::field(Reason::UnknownTemplate, "intname").value(code))
}

/// Checks what needs no network: term, methods, number of names.
///
/// # Errors
/// What cannot be ordered at this vendor.
pub(super) fn check(wire: &Wire, purchase: &Purchase) -> Result<(), Failure> {
    let tariff = tariff(&purchase.template)?;
    let term = purchase.term.0.to_string();
    if !wire.holds(Entry::Periods, &term) {
        let sold: Vec<&str> = wire.words(Entry::Periods).collect();
        return Err(Failure::field(Reason::BadTerm, "period")
            .value(term)
            .detail(words!(
                "months sold by Ispmanager: {}",
                "Ispmanager продаёт сроки (в месяцах): {}",
                sold.join(", ")
            )));
    }
    approvers(wire, &purchase.validation)?;
    addon(wire, &tariff, purchase)?;
    Ok(())
}

/// The word for "I have a request", from the form of the request step.
///
/// # Errors
/// The form offers choices and none is clearly ours.
pub(super) fn kind(wire: &Wire, form: &Node) -> Result<RequestWord, Failure> {
    if let Some(word) = wire.optional(Entry::RequestKindExisting) {
        return Ok(RequestWord::Told(word.to_owned()));
    }
    let guess = wire.optional(Entry::RequestKindGuess);
    let generate = wire.text(Entry::RequestKindGenerate);
    let unknown = |seen: Words| {
        Failure::field(Reason::NotSupported, "CSR").detail(words!(
            "{seen}; nothing was ordered. Set {} in etc/pmssl/pmispmgrssl.conf",
            "{seen}; ничего не заказано. Укажите {} в etc/pmssl/pmispmgrssl.conf",
            Entry::RequestKindExisting.name(); seen
        ))
    };
    let Some(choices) = choices(form, wire.text(Entry::RequestKindField)) else {
        let guess = guess.ok_or_else(|| {
            unknown(words!(
                "the form of Ispmanager does not tell how to order with an own CSR",
                "в форме Ispmanager не указано, как заказывать со своим CSR"
            ))
        })?;
        return Ok(RequestWord::Guess(guess.to_owned()));
    };
    let others: Vec<&str> = choices
        .map(|(key, _)| key)
        .filter(|key| *key != generate)
        .collect();
    match others.as_slice() {
        [only] => Ok(RequestWord::Told((*only).to_owned())),
        _ => match guess.filter(|guess| others.contains(guess)) {
            Some(guess) => Ok(RequestWord::Told(guess.to_owned())),
            None => Err(unknown(words!(
                "the form of Ispmanager offers '{}' for the origin of the CSR",
                "форма Ispmanager предлагает '{}' как источник CSR",
                others.join("', '")
            ))),
        },
    }
}

/// The number of a country (ISO code): the site's file, the form's flags, the fixed ones (8.2).
pub(super) fn country(wire: &Wire, form: &Node, code: &str) -> Option<String> {
    let code = code.to_ascii_uppercase();
    let fixed = || wire.country(&code).map(str::to_owned);
    if wire.is_country_corrected(&code) {
        return fixed();
    }
    let flag = format!("/{code}.png");
    choices(form, wire.text(Entry::CountryField))
        .into_iter()
        .flatten()
        .find(|(_, option)| {
            option
                .filled_attribute("image")
                .is_some_and(|image| image.ends_with(&flag))
        })
        .and_then(|(key, _)| number(key))
        .or_else(fixed)
}

/// The number of a country in the rows of the directory.
pub(super) fn country_in_directory(directory: &Node, code: &str) -> Option<String> {
    directory
        .all("elem")
        .find(|row| raw(row, "iso2").is_some_and(|iso| iso.eq_ignore_ascii_case(code)))
        .and_then(|row| number(raw(row, "id")?))
}

/// The country that the certificate's subject has: the CSR's, else the organization's.
pub(super) fn subject_country(csr: &Csr, organization: Option<&Organization>) -> Option<String> {
    let requested = csr.subject().country.clone();
    // The code for "no country" (Baseline Requirements, 7.1.4.2) names none.
    let requested = requested.filter(|code| CountryCode::parse(code).is_some());
    requested.or_else(|| organization.map(|organization| organization.country.to_string()))
}

/// Fields of the request step: what the order has, too.
///
/// # Errors
/// A product code that is no number.
pub(super) fn request(
    wire: &Wire,
    purchase: &Purchase,
    csr: &Csr,
    answers: &Answers,
) -> Result<Fields, Failure> {
    let mut fields = Fields::new();
    put(
        &mut fields,
        wire.text(Entry::RequestKindField),
        &answers.kind,
    );
    put(
        &mut fields,
        wire.text(Entry::TariffField),
        &tariff(&purchase.template)?,
    );
    put(
        &mut fields,
        wire.text(Entry::PeriodField),
        &purchase.term.0.to_string(),
    );
    fields.extend(subject(wire, purchase, csr, answers));
    if !purchase.additional_names.is_empty() {
        fields.extend(names(wire, purchase));
    }
    put(&mut fields, wire.text(Entry::CsrField), &purchase.csr_pem);
    Ok(fields)
}

/// Fields of the order itself: the whole of 8.2. `sok` and `skipbasket` are the client's.
///
/// # Errors
/// As [`check`].
pub(super) fn order(
    wire: &Wire,
    purchase: &Purchase,
    csr: &Csr,
    answers: &Answers,
) -> Result<Fields, Failure> {
    check(wire, purchase)?;
    let mut fields = request(wire, purchase, csr, answers)?;
    fields.extend(contact(
        wire.text(Entry::AdministrativePrefix),
        &purchase.administrative,
    ));
    fields.extend(contact(
        wire.text(Entry::TechnicalPrefix),
        &purchase.technical,
    ));
    if let Some(company) = &purchase.organization {
        fields.extend(organization(wire, company, answers));
    }
    fields.extend(approvers(wire, &purchase.validation)?);
    if let Some((name, quantity)) = addon(wire, &tariff(&purchase.template)?, purchase)? {
        put(&mut fields, &name, &quantity.to_string());
    }
    for (name, value) in wire.pairs(Entry::OrderExtra) {
        put(&mut fields, name, value);
    }
    if let Some(field) = wire.optional(Entry::MarkerField) {
        put(&mut fields, field, &marker(wire, purchase));
    }
    Ok(fields)
}

/// Our own number of the service.
pub(super) fn marker(wire: &Wire, purchase: &Purchase) -> String {
    format!("{}{}", wire.text(Entry::MarkerPrefix), purchase.key)
}

/// Fields of a reissue: what the form shows, with our own values in place (12).
///
/// # Errors
/// Methods that cannot be ordered.
pub(super) fn reissue(
    wire: &Wire,
    purchase: &Purchase,
    csr: &Csr,
    answers: &Answers,
    service: &str,
    form: &Node,
) -> Result<Fields, Failure> {
    let mut own = Fields::new();
    put(&mut own, "elid", service);
    put(&mut own, wire.text(Entry::RequestKindField), &answers.kind);
    put(&mut own, wire.text(Entry::CsrField), &purchase.csr_pem);
    own.extend(subject(wire, purchase, csr, answers));
    // Sent empty, too: the form's former names must not stay.
    own.extend(names(wire, purchase));
    own.extend(approvers(wire, &purchase.validation)?);
    Ok(with_defaults(own, form, |name| {
        let is_former_approver = name.starts_with(wire.text(Entry::ApproverPrefix))
            || name == wire.text(Entry::MethodField) && !purchase.validation.is_empty();
        is_former_approver || wire.holds(Entry::ReissueShown, name)
    }))
}

/// Fields of a renewal: the form's own values sent back, with the term (13).
pub(super) fn prolong(wire: &Wire, purchase: &Purchase, service: &str, form: &Node) -> Fields {
    let mut own = Fields::new();
    put(&mut own, "elid", service);
    put(
        &mut own,
        wire.text(Entry::PeriodField),
        &purchase.term.0.to_string(),
    );
    with_defaults(own, form, |name| wire.holds(Entry::ProlongShown, name))
}

/// Names of nodes that are no fields of a form, and of parameters that the client writes itself.
const NO_FIELDS: [&str; 12] = [
    "slist", "messages", "metadata", "tparams", "doc", "list", "elem", "ok", "error", "func",
    "out", "authinfo",
];

/// Adds the form's own values behind ours.
fn with_defaults(mut own: Fields, form: &Node, is_left_out: impl Fn(&str) -> bool) -> Fields {
    for (name, value) in form_values(form) {
        let is_reserved = matches!(
            name,
            "sok" | "skipbasket" | "lang" | "auth" | "clicked_button"
        );
        let is_ours = own.iter().any(|(known, _)| known == name);
        if !is_reserved && !is_ours && !is_left_out(name) {
            put(&mut own, name, value);
        }
    }
    own
}

/// The values that a form shows.
pub(super) fn form_values(form: &Node) -> impl Iterator<Item = (&str, &str)> {
    form.children
        .iter()
        .filter(|node| node.children.is_empty() && !NO_FIELDS.contains(&node.name.as_str()))
        .filter_map(|node| Some((node.name.as_str(), node.content()?)))
}

fn subject(wire: &Wire, purchase: &Purchase, csr: &Csr, answers: &Answers) -> Fields {
    let subject = csr.subject();
    let company = purchase.organization.as_ref();
    let or_company = |own: &Option<String>, other: fn(&Organization) -> &str| {
        own.clone()
            .or_else(|| company.map(|company| other(company).to_owned()))
            .unwrap_or_default()
    };
    let unit = subject.unit.clone().unwrap_or_default();
    let email = subject.email.clone().unwrap_or_default();
    let country = answers.country.clone().unwrap_or_default();
    let values = [
        (Entry::CountryField, country),
        (Entry::CommonNameField, purchase.common_name.to_string()),
        (
            Entry::StateField,
            or_company(&subject.state, Organization::region_or_city),
        ),
        (
            Entry::LocalityField,
            or_company(&subject.locality, |company| &company.city),
        ),
        (
            Entry::OrganizationField,
            or_company(&subject.organization, |company| &company.name),
        ),
        (Entry::UnitField, unit),
        (Entry::EmailField, email),
    ];
    let mut fields = Fields::new();
    for (entry, value) in values {
        put_known(&mut fields, wire.text(entry), &value);
    }
    fields
}

fn names(wire: &Wire, purchase: &Purchase) -> Fields {
    let names: Vec<&str> = purchase
        .additional_names
        .iter()
        .map(crate::domain::DomainName::as_str)
        .collect();
    let text = names.join(" ");
    wire.words(Entry::NamesFields)
        .map(|field| (field.to_owned(), text.clone()))
        .collect()
}

fn contact(prefix: &str, person: &Contact) -> Fields {
    let values = [
        person.first_name.as_str(),
        &person.last_name,
        &person.job_title,
        person.email.as_str(),
        person.phone.as_str(),
    ];
    let mut fields = Fields::new();
    for (name, value) in CONTACT_FIELDS.iter().zip(values) {
        put_known(&mut fields, &format!("{prefix}{name}"), value);
    }
    fields
}

fn organization(wire: &Wire, company: &Organization, answers: &Answers) -> Fields {
    let prefix = wire.text(Entry::OrganizationPrefix);
    let country = answers.organization_country.as_deref().unwrap_or_default();
    let values = [
        ("name", company.name.as_str()),
        ("duns", &company.duns),
        ("division", &company.division),
        ("incorporating_agency", &company.incorporating_agency),
        ("registration_number", &company.registration_number),
        ("address", &company.address),
        ("city", &company.city),
        ("state", company.region_or_city()),
        ("postcode", &company.postal_code),
        ("country", country),
        ("phone", company.phone.as_str()),
    ];
    let mut fields = Fields::new();
    for (name, value) in values {
        put_known(&mut fields, &format!("{prefix}{name}"), value);
    }
    fields
}

/// How the names are confirmed: one address for each, in their order, or TXT records for all (9).
fn approvers(wire: &Wire, validation: &[NamedValidation]) -> Result<Fields, Failure> {
    let refuse = |what: &str| {
        Err(Failure::field(Reason::NotSupported, "approver_method").detail(words!(
            "Ispmanager takes e-mail or TXT records, one method for all names; {what} was asked for", "Ispmanager принимает e-mail или записи TXT, один способ для всех имён; запрошено: {what}"
        )))
    };
    let mut fields = Fields::new();
    let Some(first) = validation.first() else {
        return Ok(fields);
    };
    let is_txt = first.method == ValidationMethod::DnsTxt;
    let word = if is_txt {
        Entry::MethodTxt
    } else {
        Entry::MethodEmail
    };
    match wire.optional(word) {
        Some(word) => put(&mut fields, wire.text(Entry::MethodField), word),
        None if is_txt => return refuse("a TXT record"),
        None => {}
    }
    for (index, named) in validation.iter().enumerate() {
        match &named.method {
            ValidationMethod::Email(address) if !is_txt => {
                let field = format!("{}{}", wire.text(Entry::ApproverPrefix), index + 1);
                put(&mut fields, &field, address.as_str());
            }
            ValidationMethod::DnsTxt if is_txt => {}
            ValidationMethod::Email(_) | ValidationMethod::DnsTxt => return refuse("a mixture"),
            ValidationMethod::HttpFile | ValidationMethod::HttpsFile => return refuse("a file"),
            ValidationMethod::DnsCname => return refuse("a CNAME record"),
        }
    }
    Ok(fields)
}

/// The addon for domains beyond those that the tariff includes. Its number is not public: without it
/// in the site's file such an order is refused.
fn addon(wire: &Wire, tariff: &str, purchase: &Purchase) -> Result<Option<(String, u32)>, Failure> {
    let Some(included) = wire.included(tariff) else {
        return Ok(None);
    };
    let domains = purchase.names_bought.saturating_add(1);
    let beyond = domains.saturating_sub(included);
    if beyond == 0 {
        return Ok(None);
    }
    let addon = wire.addon(tariff).ok_or_else(|| {
        Failure::field(Reason::NotSupported, "altname").detail(words!(
            "tariff {tariff} includes {included} domains, {domains} were ordered, and the number of its addon is \
             not known: set Addon.{tariff} in etc/pmssl/pmispmgrssl.conf", "тариф {tariff} включает доменов: {included}, заказано {domains}, а номер его дополнения неизвестен: укажите Addon.{tariff} в etc/pmssl/pmispmgrssl.conf"
        ))
    })?;
    Ok(Some((
        format!("{}{addon}", wire.text(Entry::AddonPrefix)),
        beyond,
    )))
}

fn put(fields: &mut Fields, name: &str, value: &str) {
    fields.push((name.to_owned(), value.to_owned()));
}

/// Fields without a value are not sent: the billing would check them.
fn put_known(fields: &mut Fields, name: &str, value: &str) {
    let value = value.trim();
    if !value.is_empty() {
        put(fields, name, value);
    }
}
