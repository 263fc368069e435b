//! What this vendor refuses, refused before anything is paid for (enom.md 2, 8).

use super::product::Product;
use crate::certificate::Csr;
use crate::domain::text::Words;
use crate::domain::{DomainName, EmailAddress, Purchase};
use crate::failure::{Failure, Reason};
use crate::module::enom::MODULE;

/// Most names of a list product (enom.md 8).
const MOST_NAMES: usize = 100;

/// A method the product does not have.
pub(super) fn unsupported(name: &DomainName, why: Words) -> Failure {
    Failure::field(Reason::NotSupported, "approver_method").detail(why.about(name))
}

/// A term the vendor does not sell.
pub(super) fn bad_term(months: u32, why: Words) -> Failure {
    Failure::field(Reason::BadTerm, "period")
        .value(format!("{months} months"))
        .detail(why)
}

/// A mailbox outside the allowed ones.
pub(super) fn not_allowed(mailbox: &EmailAddress, allowed: &[String]) -> Failure {
    Failure::field(Reason::ApproverNotAllowed, "approver_email")
        .value(mailbox.as_str())
        .detail(Words::verbatim(allowed.join(", ")))
}

/// The names against the product (enom.md 8).
pub(super) fn check_names(purchase: &Purchase, product: &Product) -> Result<(), Failure> {
    let refused = |field: &str, name: &DomainName, why: Words| {
        let failure = Failure::field(Reason::NameNotAllowed, field);
        Err(failure.value(name.as_str()).detail(why))
    };
    let common = &purchase.common_name;
    if common.is_wildcard() != product.wildcard {
        let why = if product.wildcard {
            words!(
                "this product needs a name that begins with *.",
                "этому продукту нужно имя, начинающееся с *."
            )
        } else {
            words!(
                "this product takes no wildcard names",
                "этот продукт не поддерживает wildcard-домены"
            )
        };
        return refused("domain", common, why);
    }
    match purchase.additional_names.first() {
        Some(name) if !product.multi => {
            return refused(
                "altname",
                name,
                words!(
                    "this product takes one name",
                    "этот продукт принимает одно имя"
                ),
            );
        }
        _ => {}
    }
    if let Some(name) = purchase.additional_names.iter().find(|n| n.is_wildcard()) {
        return refused(
            "altname",
            name,
            words!(
                "this product takes no wildcard names",
                "этот продукт не поддерживает wildcard-домены"
            ),
        );
    }
    let count = purchase.additional_names.len();
    let bought = usize::try_from(purchase.names_bought).unwrap_or(usize::MAX);
    if count > bought || count >= MOST_NAMES {
        let most = bought.min(MOST_NAMES - 1);
        return Err(
            Failure::field(Reason::TooManyNames, "altname").detail(words!(
                "{count} instead of at most {most}",
                "указано {count}, допускается не больше {most}"
            )),
        );
    }
    Ok(())
}

/// The CSR, as far as the vendor reads it.
pub(super) fn csr(purchase: &Purchase) -> Result<Csr, Failure> {
    let csr = Csr::parse(&purchase.csr_pem)?;
    MODULE.csr_rules.check(&csr)?;
    match csr.common_name() {
        Some(name) if *name != purchase.common_name => Err(Failure::field(Reason::BadCsr, "csr")
            .detail(words!(
                "its name is {name}, not {}",
                "его имя - {name}, а не {}",
                purchase.common_name
            ))),
        _ => Ok(csr),
    }
}
