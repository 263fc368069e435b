//! From the domain's words to the vendor's: pure functions, no network.

use chrono::{DateTime, Utc};

use super::model::request::{
    CULTURE, Contact, ContactCompany, Indicators, NewOrder, OrderQuery, OrganizationAddress,
    OrganizationInfo, Reissue, SanPair,
};
use crate::domain::{
    self, DomainName, NamedValidation, Purchase, PurchaseKind, TemplateCode, ValidationMethod,
};
use crate::failure::{Failure, Reason};

/// Accepted for every product (thesslstore.md 6.5).
const WEB_SERVER: &str = "Other";

/// Products whose order takes `AutoWWW` (thesslstore.md 6.1).
const AUTO_WWW: [&str; 1] = ["positivessl"];

/// Vendor families with rules of their own, told by the product code (thesslstore.md 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Sectigo, formerly Comodo.
    Sectigo,
    /// DigiCert, codes `digi_…`.
    DigiCert,
    /// Symantec, GeoTrust, Thawte and RapidSSL before DigiCert took them over.
    Legacy,
    /// Certum.
    Certum,
    /// A code of none of these: common rules only.
    Other,
}

/// First letters of the product codes of each family.
const FAMILIES: [(&str, Family); 24] = [
    ("digi_", Family::DigiCert),
    ("ucommercial", Family::Certum),
    ("utrusted", Family::Certum),
    ("positive", Family::Sectigo),
    ("sectigo", Family::Sectigo),
    ("comodo", Family::Sectigo),
    ("essential", Family::Sectigo),
    ("instantssl", Family::Sectigo),
    ("elitessl", Family::Sectigo),
    ("enterprise", Family::Sectigo),
    ("securesite", Family::Legacy),
    ("quickssl", Family::Legacy),
    ("truebusinessid", Family::Legacy),
    ("truebizid", Family::Legacy),
    ("sslwebserver", Family::Legacy),
    ("ssl123", Family::Legacy),
    ("sgcsupercerts", Family::Legacy),
    ("rapidssl", Family::Legacy),
    ("freessl", Family::Legacy),
    ("thawte", Family::Legacy),
    ("verisign", Family::Legacy),
    ("ubasicid", Family::Certum),
    ("uprofessionalid", Family::Certum),
    ("uenterpriseid", Family::Certum),
];

impl Family {
    pub(super) fn of(template: &TemplateCode) -> Self {
        let code = template.as_str();
        FAMILIES
            .iter()
            .find(|(prefix, _)| code.starts_with(prefix))
            .map_or(Self::Other, |(_, family)| *family)
    }

    /// `SignatureHashAlgorithm` (thesslstore.md 6.1; without it DigiCert refuses the CSR).
    fn hash(self) -> &'static str {
        match self {
            Self::DigiCert => "sha256",
            Self::Legacy => "SHA2-256",
            Self::Sectigo | Self::Certum | Self::Other => "PREFER_SHA2",
        }
    }

    /// The word for a method in comma lists, in DigiCert's approver field and in
    /// `order/changeapprovermethod`; `None` where the family has no such method. E-mail is not here:
    /// it is told by the address.
    pub(super) fn word(self, method: &ValidationMethod, place: Place) -> Option<&'static str> {
        use ValidationMethod::{DnsCname, DnsTxt, Email, HttpFile, HttpsFile};
        let words: [(
            Family,
            Place,
            Option<&str>,
            Option<&str>,
            Option<&str>,
            Option<&str>,
        ); 5] = [
            // family, place, http file, https file, CNAME, TXT
            (
                Family::Sectigo,
                Place::Order,
                Some("HTTP_CSR_HASH"),
                Some("HTTPS_CSR_HASH"),
                Some("CNAME_CSR_HASH"),
                None,
            ),
            (
                Family::Sectigo,
                Place::Change,
                Some("HTTP_CSR_HASH"),
                Some("HTTPS_CSR_HASH"),
                Some("CNAME_CSR_HASH"),
                None,
            ),
            (
                Family::DigiCert,
                Place::Order,
                Some("HTTP"),
                None,
                Some("dns_cname_token"),
                Some("DNS"),
            ),
            (
                Family::DigiCert,
                Place::Change,
                Some("FILE"),
                None,
                None,
                Some("DNS"),
            ),
            (
                Family::Other,
                Place::Change,
                Some("FILE"),
                None,
                Some("DNS"),
                Some("DNS"),
            ),
        ];
        let row = match self {
            Self::Sectigo | Self::DigiCert => self,
            Self::Legacy | Self::Certum | Self::Other => Self::Other,
        };
        let (_, _, file, https, cname, txt) = words
            .into_iter()
            .find(|(family, at, ..)| *family == row && *at == place)?;
        match method {
            Email(_) => None,
            HttpFile => file,
            HttpsFile => https,
            DnsCname => cname,
            DnsTxt => txt,
        }
    }
}

/// Where a method's word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `ApproverEmail` of an order.
    Order,
    /// `ApproverMethod` of `order/changeapprovermethod`.
    Change,
}

/// How a CSR stands on the wire (thesslstore.md 5.2: the evidence is conflicting).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CsrForm {
    /// PEM with its newlines.
    Raw,
    /// The whole PEM text percent-encoded.
    Percent,
}

impl CsrForm {
    pub(super) fn apply(self, pem: &str) -> String {
        match self {
            Self::Raw => pem.to_owned(),
            Self::Percent => percent_encode(pem),
        }
    }
}

/// Encodes everything but the characters that a URI component may hold unencoded.
fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 11 / 10);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The body of `order/neworder` and of its dry run.
///
/// # Errors
/// A validation method that the family does not have, a missing one, a name that the product does
/// not take, Certum's missing registration number.
pub(super) fn new_order(purchase: &Purchase, form: CsrForm) -> Result<NewOrder, Failure> {
    let code = purchase.template.as_str();
    let family = Family::of(&purchase.template);
    check_names(purchase)?;
    let approval = approval(purchase)?;
    let (plain, wildcard) = reserved_names(purchase);
    let related = match &purchase.kind {
        PurchaseKind::Renewal { previous } => Some(previous.as_str()),
        PurchaseKind::New | PurchaseKind::Reissue { .. } => None,
    };
    Ok(NewOrder {
        custom_order_id: purchase.key.to_string(),
        product_code: code.to_owned(),
        extra_product_codes: "",
        organization_info: organization(purchase)?,
        validity_period: purchase.term.0,
        server_count: 1,
        csr: form.apply(&purchase.csr_pem),
        domain_name: purchase.common_name.to_string(),
        web_server_type: WEB_SERVER,
        dns_names: texts(&purchase.additional_names),
        reserve_san_count: plain,
        wildcard_reserve_san_count: wildcard,
        auto_www: AUTO_WWW
            .contains(&code)
            .then(|| is_site_root(&purchase.common_name)),
        is_cu_order: false,
        is_renewal_order: related.is_some(),
        related_order_id: related.unwrap_or_default().to_owned(),
        is_trial_order: false,
        special_instructions: "",
        admin_contact: contact(&purchase.administrative, purchase.organization.as_ref()),
        technical_contact: contact(&purchase.technical, purchase.organization.as_ref()),
        approver_email: approval.approver_email,
        indicators: approval.indicators,
        add_installation_support: false,
        email_language_code: "EN",
        signature_hash_algorithm: family.hash(),
        date_time_culture: CULTURE,
        csr_unique_value: unique_value(purchase),
    })
}

/// The body of `order/reissue`. `reissue_email` is the address of the order's administrative
/// contact as the vendor keeps it.
///
/// # Errors
/// As [`new_order`].
pub(super) fn reissue(
    purchase: &Purchase,
    form: CsrForm,
    reissue_email: &str,
) -> Result<Reissue, Failure> {
    let PurchaseKind::Reissue {
        order,
        former_names,
    } = &purchase.kind
    else {
        return Err(Failure::new(Reason::Internal).detail("a reissue without its order"));
    };
    check_names(purchase)?;
    let approval = approval(purchase)?;
    let names = &purchase.additional_names;
    let added = names.iter().filter(|name| !former_names.contains(name));
    let deleted = former_names.iter().filter(|name| !names.contains(name));
    Ok(Reissue {
        order_id: order.to_string(),
        csr: form.apply(&purchase.csr_pem),
        web_server_type: WEB_SERVER,
        dns_names: texts(names),
        add_san: added
            .map(|name| SanPair {
                old_value: String::new(),
                new_value: name.to_string(),
            })
            .collect(),
        delete_san: deleted
            .map(|name| SanPair {
                old_value: name.to_string(),
                new_value: String::new(),
            })
            .collect(),
        is_wildcard: purchase.common_name.is_wildcard(),
        is_renewal_order: false,
        reissue_email: reissue_email.to_owned(),
        approver_emails: approval.approver_email.clone(),
        approver_email: approval.approver_email,
        indicators: approval.indicators,
        prefer_enrollment_link: false,
        signature_hash_algorithm: Family::of(&purchase.template).hash(),
        date_time_culture: CULTURE,
        csr_unique_value: unique_value(purchase),
    })
}

/// The body of one page of `order/query`, by purchase date.
pub(super) fn order_query(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    page: u32,
    size: u32,
) -> OrderQuery {
    let date = |date: DateTime<Utc>| format!("/Date({})/", date.timestamp_millis());
    OrderQuery {
        start_date: date(from),
        end_date: date(to),
        page_number: page,
        page_size: size,
        date_time_culture: CULTURE,
    }
}

/// Makes Sectigo's validation hash unique: the intent's key, twenty alphanumeric characters.
fn unique_value(purchase: &Purchase) -> Option<String> {
    (Family::of(&purchase.template) == Family::Sectigo).then(|| purchase.key.to_string())
}

/// Products with a mixture of plain and wildcard names (thesslstore.md 12).
fn is_flexible(code: &str) -> bool {
    code.starts_with("digi_") && (code.ends_with("_flex") || code.ends_with("_basic"))
}

/// Sectigo's multi-domain products (thesslstore.md 12).
fn is_multi_domain(code: &str) -> bool {
    code.contains("mdc") || code.contains("ucc")
}

/// Extended validation, by the code; no code of another level holds these letters (thesslstore.md 12).
pub(super) fn is_extended(code: &str) -> bool {
    code.contains("ev")
}

/// A registrable domain or its `www` name: what `AutoWWW` is about.
fn is_site_root(name: &DomainName) -> bool {
    let Some(root) = name.registrable() else {
        return false;
    };
    !name.is_wildcard() && (name.as_str() == root || name.as_str() == format!("www.{root}"))
}

/// Names bought: plain ones, and wildcard ones for flexible products.
fn reserved_names(purchase: &Purchase) -> (u32, Option<u32>) {
    let count = |names: usize| u32::try_from(names).unwrap_or(u32::MAX);
    let names = &purchase.additional_names;
    let bought = purchase.names_bought.max(count(names.len()));
    if !is_flexible(purchase.template.as_str()) {
        return (bought, None);
    }
    let wildcard = count(names.iter().filter(|name| name.is_wildcard()).count());
    (bought - wildcard, Some(wildcard))
}

fn check_names(purchase: &Purchase) -> Result<(), Failure> {
    if purchase.template.as_str() != "quicksslpremiummd" {
        return Ok(());
    }
    // thesslstore.md 6.4.
    let parent = format!(".{}", purchase.common_name.base());
    match purchase
        .additional_names
        .iter()
        .find(|name| !name.as_str().ends_with(&parent))
    {
        Some(name) => Err(Failure::field(Reason::NameNotAllowed, "altname")
            .value(name.to_string())
            .detail(format!("only names under {parent} are taken"))),
        None => Ok(()),
    }
}

/// The validation part of an order.
#[derive(Debug, PartialEq, Eq)]
struct Approval {
    approver_email: String,
    indicators: Indicators,
}

/// Maps the validation of all names (thesslstore.md 6.4).
fn approval(purchase: &Purchase) -> Result<Approval, Failure> {
    let none = || Approval {
        approver_email: String::new(),
        indicators: Indicators::default(),
    };
    let Some(first) = purchase.validation.first() else {
        return Ok(none());
    };
    let family = Family::of(&purchase.template);
    match family {
        Family::Sectigo
            if is_multi_domain(purchase.template.as_str())
                || !purchase.additional_names.is_empty() =>
        {
            let entries: Vec<String> = std::iter::once(&purchase.common_name)
                .chain(&purchase.additional_names)
                .map(|name| list_entry(family, validation_of(purchase, name)?))
                .collect::<Result<_, _>>()?;
            Ok(Approval {
                approver_email: entries.join(","),
                ..none()
            })
        }
        Family::DigiCert => {
            let same = |other: &NamedValidation| {
                std::mem::discriminant(&other.method) == std::mem::discriminant(&first.method)
            };
            if let Some(other) = purchase.validation.iter().find(|other| !same(other)) {
                return Err(unsupported(
                    &other.name,
                    "this product takes one validation method for all names",
                ));
            }
            Ok(Approval {
                approver_email: list_entry(family, first)?,
                ..none()
            })
        }
        _ => single(validation_of(purchase, &purchase.common_name)?),
    }
}

fn validation_of<'a>(
    purchase: &'a Purchase,
    name: &DomainName,
) -> Result<&'a NamedValidation, Failure> {
    let mut all = purchase.validation.iter();
    all.find(|validation| validation.name == *name)
        .ok_or_else(|| {
            Failure::field(Reason::Missing, "approver_email")
                .detail(format!("no validation method for {name}"))
        })
}

/// An address, or the family's word for another method.
fn list_entry(family: Family, validation: &NamedValidation) -> Result<String, Failure> {
    if let ValidationMethod::Email(address) = &validation.method {
        return Ok(address.to_string());
    }
    family
        .word(&validation.method, Place::Order)
        .map(str::to_owned)
        .ok_or_else(|| unsupported(&validation.name, "this product has no such method"))
}

/// One name: an indicator, and an address even when no mail is wanted (thesslstore.md 6.4).
fn single(validation: &NamedValidation) -> Result<Approval, Failure> {
    let name = &validation.name;
    let mut indicators = Indicators::default();
    match &validation.method {
        ValidationMethod::Email(address) => {
            return Ok(Approval {
                approver_email: address.to_string(),
                indicators,
            });
        }
        ValidationMethod::HttpFile => indicators.file = true,
        ValidationMethod::HttpsFile => indicators.https_file = true,
        ValidationMethod::DnsCname => indicators.cname = true,
        ValidationMethod::DnsTxt => {
            return Err(unsupported(name, "this product has no such method"));
        }
    }
    let domain = name.registrable().unwrap_or(name.base());
    Ok(Approval {
        approver_email: format!("admin@{domain}"),
        indicators,
    })
}

/// A method that the product does not have.
pub(super) fn unsupported(name: &DomainName, why: &str) -> Failure {
    Failure::field(Reason::NotSupported, "approver_method").detail(format!("{name}: {why}"))
}

fn texts(names: &[DomainName]) -> Vec<String> {
    names.iter().map(DomainName::to_string).collect()
}

fn organization(purchase: &Purchase) -> Result<Option<OrganizationInfo>, Failure> {
    let certum = Family::of(&purchase.template) == Family::Certum;
    let Some(organization) = &purchase.organization else {
        return Ok(None);
    };
    if certum && organization.registration_number.is_empty() {
        return Err(Failure::field(Reason::Missing, "org_registration_number")
            .detail("this product needs the company's registration number"));
    }
    let country = organization.country.to_string();
    let extended = is_extended(purchase.template.as_str());
    Ok(Some(OrganizationInfo {
        organization_name: organization.name.clone(),
        duns: organization.duns.clone(),
        division: organization.division.clone(),
        incorporating_agency: organization.incorporating_agency.clone(),
        registration_number: organization.registration_number.clone(),
        jurisdiction_city: extended.then(|| organization.city.clone()),
        jurisdiction_region: extended.then(|| organization.region.clone()),
        jurisdiction_country: extended.then(|| country.clone()),
        organization_address: OrganizationAddress {
            address_line1: organization.address.clone(),
            city: organization.city.clone(),
            region: organization.region.clone(),
            postal_code: organization.postal_code.clone(),
            country,
            phone: organization.phone.to_string(),
            locality_name: organization.city.clone(),
        },
    }))
}

fn contact(person: &domain::Contact, company: Option<&domain::Organization>) -> Contact {
    Contact {
        first_name: person.first_name.clone(),
        last_name: person.last_name.clone(),
        phone: person.phone.to_string(),
        email: person.email.to_string(),
        title: person.job_title.clone(),
        company: company.map(|company| ContactCompany {
            organization_name: company.name.clone(),
            address_line1: company.address.clone(),
            city: company.city.clone(),
            region: company.region.clone(),
            postal_code: company.postal_code.clone(),
            country: company.country.to_string(),
        }),
    }
}
