//! From the platform's parameters to the typed parts of an order. Every refusal names the field.

use std::collections::HashSet;
use std::net::IpAddr;

use super::{Platform, Service, approvers, fields, form};
use crate::certificate::Csr;
use crate::domain::{
    Contact, CountryCode, DomainName, EmailAddress, Months, NamedValidation, Organization, Phone,
    ValidationMethod, address, list,
};
use crate::failure::{Failure, Reason};
use crate::module::{Level, Method, Template};

/// The longest term that any vendor sells, in months (thesslstore.md 7.4).
pub const LONGEST_TERM: u32 = 72;

/// The typed parts of a service's order.
#[derive(Debug)]
pub struct Details {
    /// The CSR, proved by its signature; to be examined before it is ordered.
    pub csr: Csr,
    /// The certificate's main name.
    pub common_name: DomainName,
    /// Additional names without the common name and without duplicates, in their order.
    pub additional_names: Vec<DomainName>,
    /// IP addresses among the additional names, to be checked before they are ordered.
    pub addresses: Vec<IpAddr>,
    /// Additional names of the certificate that a reissue replaces.
    pub former_names: Vec<DomainName>,
    /// Validation per name, common name first; empty when the product needs no approver.
    pub validation: Vec<NamedValidation>,
    /// Administrative contact.
    pub administrative: Contact,
    /// Technical contact; the administrative one when the form left it empty.
    pub technical: Contact,
    /// Company.
    pub organization: Option<Organization>,
    /// Term.
    pub term: Months,
}

impl Details {
    /// Reads them from a service.
    ///
    /// # Errors
    /// The first field that is missing or wrong.
    pub async fn read(
        platform: &dyn Platform,
        service: &Service,
        template: &Template,
    ) -> Result<Self, Failure> {
        let mut csr = Csr::parse(
            service
                .csr
                .as_deref()
                .ok_or_else(|| Failure::field(Reason::MissingCsr, fields::CSR))?,
        )?;
        form::judge_all(service)?;
        let common_name = common_name(&csr)?;
        let listed = name_list(service, fields::ADDITIONAL_NAMES, &common_name)?;
        let addresses = listed_addresses(service);
        csr.pass_over(&addresses);
        let former_names = name_list(service, fields::FORMER_NAMES, &common_name)?;
        let administrative = contact(service, fields::ADMIN, template)?;
        let technical = if has_contact(service, fields::TECHNICAL) {
            contact(service, fields::TECHNICAL, template)?
        } else {
            administrative.clone()
        };
        let organization = organization(platform, service, template, &csr).await?;
        let mut validation = validation(service, template, &common_name, &listed)?;
        let is_included = |name: &DomainName| comes_with_product(template, &common_name, name);
        validation.retain(|named| !is_included(&named.name));
        let ordered = |names: Vec<DomainName>| -> Vec<DomainName> {
            names
                .into_iter()
                .filter(|name| !is_included(name))
                .collect()
        };
        let (additional_names, former_names) = (ordered(listed), ordered(former_names));
        let term = term(service)?;
        Ok(Self {
            csr,
            common_name,
            additional_names,
            addresses,
            former_names,
            validation,
            administrative,
            technical,
            organization,
            term,
        })
    }

    /// All names, the common name first.
    #[must_use]
    pub fn names(&self) -> Vec<DomainName> {
        std::iter::once(&self.common_name)
            .chain(&self.additional_names)
            .cloned()
            .collect()
    }
}

/// The name in the subject, else the first alternative name of the CSR.
///
/// # Errors
/// The CSR names nothing.
pub fn common_name(csr: &Csr) -> Result<DomainName, Failure> {
    csr.common_name()
        .or_else(|| csr.names().first())
        .cloned()
        .ok_or_else(|| csr.without_name())
}

/// The IP addresses among the additional names of a service, each once.
#[must_use]
pub fn listed_addresses(service: &Service) -> Vec<IpAddr> {
    let text = service.parameter(fields::ADDITIONAL_NAMES);
    let mut addresses: Vec<IpAddr> = Vec::new();
    for found in list(text.unwrap_or_default()).filter_map(address) {
        if !addresses.contains(&found) {
            addresses.push(found);
        }
    }
    addresses
}

/// Names of a parameter, without the common name, addresses and duplicates.
///
/// # Errors
/// A text that is no name.
pub fn name_list(
    service: &Service,
    field: &str,
    common_name: &DomainName,
) -> Result<Vec<DomainName>, Failure> {
    let mut names: Vec<DomainName> = Vec::new();
    let mut known = HashSet::from([common_name.clone()]);
    let text = service.parameter(field).unwrap_or_default();
    for word in list(text).filter(|word| address(word).is_none()) {
        let name = DomainName::parse(word).map_err(|error| {
            Failure::field(Reason::NameNotAllowed, field)
                .value(word)
                .detail(error)
        })?;
        if known.insert(name.clone()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The additional names that are ordered: those of the form without the ones that come with the product.
///
/// # Errors
/// A text that is no name.
pub fn additional_names(
    service: &Service,
    template: Option<&Template>,
    common_name: &DomainName,
) -> Result<Vec<DomainName>, Failure> {
    let mut names = name_list(service, fields::ADDITIONAL_NAMES, common_name)?;
    if let Some(template) = template {
        names.retain(|name| !comes_with_product(template, common_name, name));
    }
    Ok(names)
}

/// Whether a product for one name covers another name without being asked: the `www` name beside the bare
/// one and the other way round, and under a wildcard its bare name and whatever the wildcard covers.
/// Vendors refuse such names or charge for them.
#[must_use]
pub fn comes_with_product(
    template: &Template,
    common_name: &DomainName,
    name: &DomainName,
) -> bool {
    if template.multidomain || name == common_name {
        return false;
    }
    if common_name.is_wildcard() {
        return name.as_str() == common_name.base() || common_name.covers(name);
    }
    let is_www_of = |long: &DomainName, short: &DomainName| {
        long.as_str().strip_prefix("www.") == Some(short.as_str())
    };
    is_www_of(name, common_name) || is_www_of(common_name, name)
}

pub(super) fn required<'a>(service: &'a Service, field: &str) -> Result<&'a str, Failure> {
    service
        .parameter(field)
        .ok_or_else(|| Failure::field(Reason::Missing, field))
}

fn optional(service: &Service, field: &str) -> String {
    service.parameter(field).unwrap_or_default().to_owned()
}

fn phone(service: &Service, field: &str) -> Result<Phone, Failure> {
    let text = required(service, field)?;
    Phone::parse(text).ok_or_else(|| {
        Failure::field(Reason::Invalid, field)
            .value(text)
            .detail(words!(
                "A number in international format is needed, for example +7 (900) 123-45-67",
                "Нужен номер в международном формате, например +7 (900) 123-45-67"
            ))
    })
}

pub(super) fn email(field: &str, text: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(text).ok_or_else(|| {
        Failure::field(Reason::Invalid, field)
            .value(text)
            .detail(words!(
                "An e-mail address is needed",
                "Нужен адрес электронной почты"
            ))
    })
}

const CONTACT_FIELDS: [&str; 4] = ["fname", "lname", "phone", "email"];

fn has_contact(service: &Service, prefix: &str) -> bool {
    CONTACT_FIELDS
        .iter()
        .any(|field| service.parameter(&format!("{prefix}_{field}")).is_some())
}

fn contact(service: &Service, prefix: &str, template: &Template) -> Result<Contact, Failure> {
    let field = |name: &str| format!("{prefix}_{name}");
    let title_field = field("jtitle");
    let job_title = optional(service, &title_field);
    if job_title.is_empty() && template.level == Level::Extended {
        return Err(Failure::field(Reason::Missing, title_field).detail(words!(
            "Extended validation names the position of each contact",
            "При расширенной проверке указывается должность каждого контакта"
        )));
    }
    Ok(Contact {
        first_name: required(service, &field("fname"))?.to_owned(),
        last_name: required(service, &field("lname"))?.to_owned(),
        job_title,
        phone: phone(service, &field("phone"))?,
        email: email(&field("email"), required(service, &field("email"))?)?,
    })
}

/// The company: required from organization validation on, passed along when a DV order carries it in full.
async fn organization(
    platform: &dyn Platform,
    service: &Service,
    template: &Template,
    csr: &Csr,
) -> Result<Option<Organization>, Failure> {
    let wanted = template.organization;
    if !wanted && service.parameter(fields::ORG_NAME).is_none() {
        return Ok(None);
    }
    match organization_fields(platform, service, csr).await {
        Ok(organization) => Ok(Some(organization)),
        Err(failure) if wanted => Err(failure),
        // A DV product does not need the company: half a form must not stop the order.
        Err(failure) if failure.kind() == crate::failure::FailureKind::Input => Ok(None),
        Err(failure) => Err(failure),
    }
}

async fn organization_fields(
    platform: &dyn Platform,
    service: &Service,
    csr: &Csr,
) -> Result<Organization, Failure> {
    let (name, address, city) = (
        required(service, fields::ORG_NAME)?.to_owned(),
        required(service, fields::ORG_ADDRESS)?.to_owned(),
        required(service, fields::ORG_CITY)?.to_owned(),
    );
    let country = country(platform, service, csr).await?;
    Ok(Organization {
        name,
        division: optional(service, fields::ORG_DIVISION),
        duns: optional(service, fields::ORG_DUNS),
        address,
        city,
        // Which of them an order needs is each vendor's own rule.
        region: optional(service, fields::ORG_STATE),
        postal_code: optional(service, fields::ORG_POSTCODE),
        country,
        phone: phone(service, fields::ORG_PHONE)?,
        incorporating_agency: optional(service, fields::ORG_AGENCY),
        registration_number: optional(service, fields::ORG_REGISTRATION),
        business_category: optional(service, fields::ORG_CATEGORY),
        vendors_number: optional(service, fields::ORG_KNOWN),
    })
}

/// The form's country (numeric id or code), else the CSR's, which both official modules use.
async fn country(
    platform: &dyn Platform,
    service: &Service,
    csr: &Csr,
) -> Result<CountryCode, Failure> {
    let text = match service.parameter(fields::ORG_COUNTRY) {
        Some(text) => match text.parse::<u64>() {
            Ok(id) => platform.country(id).await?.unwrap_or_default(),
            Err(_) => text.to_owned(),
        },
        None => csr.subject().country.clone().unwrap_or_default(),
    };
    if text.is_empty() && service.parameter(fields::ORG_COUNTRY).is_none() {
        return Err(
            Failure::field(Reason::Missing, fields::ORG_COUNTRY).detail(words!(
                "Neither the form nor the CSR names a country",
                "Страна не указана ни в форме, ни в CSR"
            )),
        );
    }
    CountryCode::parse(&text).ok_or_else(|| {
        Failure::field(Reason::Invalid, fields::ORG_COUNTRY)
            .value(service.parameter(fields::ORG_COUNTRY).unwrap_or(&text))
            .detail(words!(
                "A country from BILLmanager's list or a two-letter code is needed",
                "Нужна страна из списка BILLmanager или двухбуквенный код"
            ))
    })
}

fn term(service: &Service) -> Result<Months, Failure> {
    if let Ok(months @ 1..=LONGEST_TERM) = u32::try_from(service.period) {
        return Ok(Months(months));
    }
    let detail = match service.period {
        -100 => words!(
            "a trial period cannot be bought from a vendor",
            "пробный период у поставщика купить нельзя"
        ),
        _ => words!(
            "a term of 1 to {LONGEST_TERM} months is needed",
            "нужен срок от 1 до {LONGEST_TERM} месяцев"
        ),
    };
    Err(Failure::field(Reason::BadTerm, fields::PERIOD)
        .value(service.period.to_string())
        .detail(detail))
}

/// The method that the client chose, by the platform's word.
///
/// # Errors
/// A word that is not in the table, or a method that the product does not offer.
pub fn chosen_method(service: &Service, template: &Template) -> Result<Option<Method>, Failure> {
    let word = service.parameter(fields::APPROVER_METHOD);
    let method = match word {
        None if template.methods.contains(&Method::Email) => Method::Email,
        None => return Ok(template.methods.first().copied()),
        Some(word) => {
            Method::by_choice_word(word).ok_or_else(|| method_not_offered(word, template))?
        }
    };
    if template.methods.is_empty() {
        return Ok(None);
    }
    if template.methods.contains(&method) {
        Ok(Some(method))
    } else {
        Err(method_not_offered(word.unwrap_or_default(), template))
    }
}

fn method_not_offered(word: &str, template: &Template) -> Failure {
    let offered: Vec<_> = template
        .methods
        .iter()
        .copied()
        .map(Method::choice_word)
        .collect();
    Failure::field(Reason::Invalid, fields::APPROVER_METHOD)
        .value(word)
        .detail(words!(
            "The product offers: {}",
            "Продукт предлагает: {}",
            offered.join(", ")
        ))
}

fn validation(
    service: &Service,
    template: &Template,
    common_name: &DomainName,
    additional: &[DomainName],
) -> Result<Vec<NamedValidation>, Failure> {
    let Some(method) = chosen_method(service, template)? else {
        return Ok(Vec::new());
    };
    let names: Vec<&DomainName> = std::iter::once(common_name).chain(additional).collect();
    let simple = |method: &ValidationMethod| {
        names
            .iter()
            .map(|name| NamedValidation {
                name: (*name).clone(),
                method: method.clone(),
            })
            .collect()
    };
    Ok(match method {
        Method::HttpFile | Method::HttpsFile if names.iter().any(|name| name.is_wildcard()) => {
            return Err(Failure::field(Reason::Invalid, fields::APPROVER_METHOD)
                .value(method.choice_word())
                .detail(words!(
                    "A file does not prove control of a wildcard name: choose e-mail or DNS",
                    "Файлом нельзя подтвердить wildcard-домен: выберите e-mail или DNS"
                )));
        }
        Method::HttpFile => simple(&ValidationMethod::HttpFile),
        Method::HttpsFile => simple(&ValidationMethod::HttpsFile),
        Method::DnsCname => simple(&ValidationMethod::DnsCname),
        Method::DnsTxt => simple(&ValidationMethod::DnsTxt),
        // Forms of organization products may not ask for an approver: the vendor's own vetting decides then.
        Method::Email
            if template.level != Level::Domain
                && service.parameter(fields::APPROVER_EMAIL).is_none() =>
        {
            Vec::new()
        }
        Method::Email => approvers::by_email(service, &names, template.one_approver)?,
    })
}
