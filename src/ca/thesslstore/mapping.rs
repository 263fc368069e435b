//! From the domain's words to the vendor's: pure functions, no network.

use chrono::{DateTime, Utc};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::approval::approval;
use super::family::{Family, is_for_known, wire_code};
use super::model::request::{
    CULTURE, Contact, ContactCompany, NewOrder, OrderQuery, OrganizationAddress, OrganizationInfo,
    Reissue, SanPair,
};
use crate::certificate::Csr;
use crate::domain::{self, DomainName, Purchase, PurchaseKind, TemplateCode};
use crate::failure::{Failure, Reason};

/// Accepted for every product (thesslstore.md 6.5).
const WEB_SERVER: &str = "Other";

/// Products whose order takes `AutoWWW` (thesslstore.md 6.1).
const AUTO_WWW: [&str; 1] = ["positivessl"];

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
            Self::Percent => utf8_percent_encode(pem, COMPONENT).to_string(),
        }
    }
}

/// The characters that a URI component may hold unencoded.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The body of `order/neworder` and of its dry run.
///
/// # Errors
/// A validation method that the family does not have, a missing one, a name that the product does
/// not take, Certum's missing registration number.
pub(super) fn new_order(purchase: &Purchase, form: CsrForm) -> Result<NewOrder, Failure> {
    let code = wire_code(&purchase.template);
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
        tss_organization_id: known_organization(purchase)?,
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
            .then(|| is_site_root(&purchase.common_name) || asks_for_www(purchase)),
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
        return Err(Failure::new(Reason::Internal).detail(words!(
            "a reissue without its order",
            "перевыпуск без заказа"
        )));
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
        domain_name: None,
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

/// Whether the CSR names the `www` name of the common name: it is wished for there, even below a registered domain.
fn asks_for_www(purchase: &Purchase) -> bool {
    let Ok(csr) = Csr::parse(&purchase.csr_pem) else {
        return false;
    };
    let main = purchase.common_name.as_str();
    let mut names = csr.names().iter();
    names.any(|name| name.as_str().strip_prefix("www.") == Some(main))
}

/// The additional names of an order as the vendor counts them: all of them, those that the price includes among them
/// \[inferred\]. thesslstore.md 6.1 wants at least the number beyond the included ones in `ReserveSANCount`, its
/// example (6.8) sends all; what is charged for is the rest beyond `MinSan` (5.1).
pub(super) fn counted_names(purchase: &Purchase) -> u32 {
    purchase
        .names_bought
        .max(count(purchase.additional_names.len()))
}

fn count(names: usize) -> u32 {
    u32::try_from(names).unwrap_or(u32::MAX)
}

/// Names bought: plain ones, and wildcard ones for flexible products.
fn reserved_names(purchase: &Purchase) -> (u32, Option<u32>) {
    let names = &purchase.additional_names;
    let bought = counted_names(purchase);
    if !is_flexible(wire_code(&purchase.template)) {
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
            .detail(words!(
                "only names under {parent} are taken",
                "принимаются только имена внутри {parent}"
            ))),
        None => Ok(()),
    }
}

fn texts(names: &[DomainName]) -> Vec<String> {
    names.iter().map(DomainName::to_string).collect()
}

/// The number that stands in the place of the organization's data (thesslstore.md 6.7).
fn known_organization(purchase: &Purchase) -> Result<Option<u32>, Failure> {
    const FIELD: &str = "org_tss_id";
    if !is_for_known(&purchase.template) {
        return Ok(None);
    }
    let text = purchase
        .organization
        .as_ref()
        .map_or("", |organization| organization.vendors_number.trim());
    match text.parse() {
        Ok(0) | Err(_) if !text.is_empty() => Err(Failure::field(Reason::Invalid, FIELD)
            .value(text)
            .detail(words!(
                "the number under which TheSSLStore knows the organization is needed",
                "нужен номер, под которым TheSSLStore знает организацию"
            ))),
        Err(_) => Err(Failure::field(Reason::Missing, FIELD).detail(words!(
            "This product is for an organization that is registered at TheSSLStore",
            "Этот продукт - для организации, зарегистрированной в TheSSLStore"
        ))),
        Ok(number) => Ok(Some(number)),
    }
}

/// A company that is verified has a state and a postal code (thesslstore.md 6.7), as far as its country has them.
pub(crate) fn check_place(
    template: &TemplateCode,
    organization: &domain::Organization,
) -> Result<(), Failure> {
    let is_verified = crate::module::by_name("pmthesslstore")
        .and_then(|module| module.template(template.as_str()))
        .is_some_and(|template| template.organization);
    let country = organization.country;
    for (field, value, is_had) in [
        ("org_state", &organization.region, country.has_states()),
        (
            "org_postcode",
            &organization.postal_code,
            country.has_postal_codes(),
        ),
    ] {
        if is_verified && is_had && value.is_empty() {
            return Err(Failure::field(Reason::Missing, field));
        }
    }
    Ok(())
}

fn organization(purchase: &Purchase) -> Result<Option<OrganizationInfo>, Failure> {
    let certum = Family::of(&purchase.template) == Family::Certum;
    let Some(organization) = &purchase.organization else {
        return Ok(None);
    };
    if is_for_known(&purchase.template) {
        return Ok(None);
    }
    if certum && organization.registration_number.is_empty() {
        return Err(
            Failure::field(Reason::Missing, "org_registration_number").detail(words!(
                "this product needs the company's registration number",
                "для этого продукта нужен регистрационный номер организации"
            )),
        );
    }
    check_place(&purchase.template, organization)?;
    let country = organization.country.to_string();
    let extended = is_extended(purchase.template.as_str());
    Ok(Some(OrganizationInfo {
        organization_name: organization.name.clone(),
        duns: organization.duns.clone(),
        division: organization.division.clone(),
        incorporating_agency: organization.incorporating_agency.clone(),
        registration_number: organization.registration_number.clone(),
        jurisdiction_city: extended.then(|| organization.city.clone()),
        jurisdiction_region: extended.then(|| organization.region_or_city().to_owned()),
        jurisdiction_country: extended.then(|| country.clone()),
        organization_address: OrganizationAddress {
            address_line1: organization.address.clone(),
            city: organization.city.clone(),
            region: organization.region_or_city().to_owned(),
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
            region: company.region_or_city().to_owned(),
            postal_code: company.postal_code.clone(),
            country: company.country.to_string(),
        }),
    }
}
