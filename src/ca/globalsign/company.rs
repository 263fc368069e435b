//! The company of an order, as the wire has it (globalsign.md 3).

use super::model::order::{
    JurisdictionInfo, OrganizationAddress, OrganizationInfo, OrganizationInfoEv,
};
use super::model::request::Text;
use crate::domain::Organization;
use crate::failure::{Failure, Reason};

/// CreditAgency of a D-U-N-S number (globalsign.md 3).
const DUNS_AGENCY: &str = "1";

pub(super) fn needed(text: &str, field: &str) -> Result<Text, Failure> {
    Text::filled(text).ok_or_else(|| Failure::field(Reason::Missing, field))
}

fn address(company: &Organization) -> Result<OrganizationAddress, Failure> {
    Ok(OrganizationAddress {
        address_line1: needed(&company.address, "org_address")?,
        city: needed(&company.city, "org_city")?,
        region: region(company)?,
        postal_code: Text::filled(&company.postal_code),
        country: Text::new(company.country.as_str()),
        phone: Text::new(company.phone.as_str()),
    })
}

/// The state, which every order holds (globalsign.md 3).
fn region(company: &Organization) -> Result<Text, Failure> {
    let field = match company.country.has_states() {
        true => "org_state",
        false => "org_city",
    };
    needed(company.region_or_city(), field)
}

/// A D-U-N-S number goes with its agency, or not at all.
fn credit(company: &Organization) -> (Option<Text>, Option<Text>) {
    let code = Text::filled(&company.duns);
    (code.as_ref().map(|_| Text::new(DUNS_AGENCY)), code)
}

pub(super) fn organization(company: &Organization) -> Result<OrganizationInfo, Failure> {
    let (credit_agency, organization_code) = credit(company);
    let organization_address = address(company)?;
    if organization_address.postal_code.is_none() {
        return Err(
            Failure::field(Reason::Missing, "org_postcode").detail(words!(
                "GlobalSign's orders for verified companies hold a postal code, whatever the country: where it has none, ask GlobalSign what to write",
                "в заказах GlobalSign с проверкой организации есть индекс для любой страны: если в стране его нет, спросите GlobalSign, что указать"
            )),
        );
    }
    Ok(OrganizationInfo {
        organization_name: needed(&company.name, "org_name")?,
        credit_agency,
        organization_code,
        organization_address,
    })
}

pub(super) fn organization_ev(company: &Organization) -> Result<OrganizationInfoEv, Failure> {
    let (credit_agency, organization_code) = credit(company);
    Ok(OrganizationInfoEv {
        credit_agency,
        organization_code,
        business_category_code: business_category(&company.business_category)?,
        organization_address: address(company)?,
    })
}

/// The vendor's three categories (globalsign.md 3), by code or by name.
fn business_category(text: &str) -> Result<Text, Failure> {
    const FIELD: &str = "org_business_category";
    let word: String = text
        .chars()
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let code = match word.as_str() {
        "po" | "privateorganization" | "privateorganisation" => "PO",
        "ge" | "governmententity" => "GE",
        "be" | "businessentity" => "BE",
        "" => return Err(Failure::field(Reason::Missing, FIELD)),
        _ => {
            return Err(Failure::field(Reason::Invalid, FIELD).value(text).detail(
                words!("one of PO (private organization), GE (government entity), BE (business entity)", "одно из: PO (частная организация), GE (государственное учреждение), BE (предприятие)"),
            ));
        }
    };
    Ok(Text::new(code))
}

/// Country and number of the registration; nothing is invented.
pub(super) fn jurisdiction(company: &Organization) -> Result<JurisdictionInfo, Failure> {
    Ok(JurisdictionInfo {
        jurisdiction_country: Text::new(company.country.as_str()),
        incorporation_agency_registration_number: needed(
            &company.registration_number,
            "org_registration_number",
        )?,
    })
}
