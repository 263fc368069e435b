//! How the names of an order are validated, in the vendor's words (thesslstore.md 6.4).

use super::family::{Family, Place};
use super::model::request::Indicators;
use crate::domain::text::Words;
use crate::domain::{DomainName, NamedValidation, Purchase, ValidationMethod};
use crate::failure::{Failure, Reason};

/// Sectigo's multi-domain products (thesslstore.md 12).
fn is_multi_domain(code: &str) -> bool {
    code.contains("mdc") || code.contains("ucc")
}

/// The validation part of an order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Approval {
    pub(super) approver_email: String,
    pub(super) indicators: Indicators,
}

/// Maps the validation of all names (thesslstore.md 6.4).
pub(super) fn approval(purchase: &Purchase) -> Result<Approval, Failure> {
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
                    words!(
                        "this product takes one validation method for all names",
                        "этот продукт принимает один способ подтверждения для всех имён"
                    ),
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
            Failure::field(Reason::Missing, "approver_email").detail(words!(
                "no validation method for {name}",
                "нет способа подтверждения для {name}"
            ))
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
        .ok_or_else(|| {
            unsupported(
                &validation.name,
                words!(
                    "this product has no such method",
                    "у этого продукта нет такого способа"
                ),
            )
        })
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
            return Err(unsupported(
                name,
                words!(
                    "this product has no such method",
                    "у этого продукта нет такого способа"
                ),
            ));
        }
    }
    let domain = name.registrable().unwrap_or(name.base());
    Ok(Approval {
        approver_email: format!("admin@{domain}"),
        indicators,
    })
}

/// A method that the product does not have.
pub(super) fn unsupported(name: &DomainName, why: Words) -> Failure {
    Failure::field(Reason::NotSupported, "approver_method").detail(why.about(name))
}
