//! The products of the module: what a template is at the vendor (globalsign.md 5).

use crate::domain::{TemplateCode, ValidationMethod};
use crate::failure::{Failure, Reason};

/// Family of products: chooses the order call and the product code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Alpha,
    Domain,
    Organization,
    Extended,
}

/// One template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    code: &'static str,
    pub(super) family: Family,
    /// The common name is `*.domain`, sent as BaseOption.
    pub(super) wildcard: bool,
    /// Takes additional names.
    pub(super) names: bool,
    /// Additional names may be wildcards.
    pub(super) wildcard_names: bool,
}

const fn product(
    code: &'static str,
    family: Family,
    wildcard: bool,
    names: bool,
    wildcard_names: bool,
) -> Product {
    Product {
        code,
        family,
        wildcard,
        names,
        wildcard_names,
    }
}

/// All templates; their abilities are those of the module's descriptor.
const PRODUCTS: [Product; 7] = [
    product("DV_LOW", Family::Alpha, false, false, false),
    product("DV_LOW_wild", Family::Alpha, true, false, false),
    product("DV", Family::Domain, false, true, false),
    product("DV_wild", Family::Domain, true, true, false),
    product("OV", Family::Organization, false, true, true),
    product("OV_wild", Family::Organization, true, true, true),
    product("EV", Family::Extended, false, true, false),
];

impl Product {
    /// The product of a tariff.
    pub(super) fn of(template: &TemplateCode) -> Result<Self, Failure> {
        PRODUCTS
            .iter()
            .find(|product| product.code == template.as_str())
            .copied()
            .ok_or_else(|| Failure::new(Reason::UnknownTemplate).value(template.as_str()))
    }
}

/// How an order of a domain validated product is proved: one way per order, and each is another
/// order call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProofMethod {
    Email,
    Dns,
    Url,
}

impl ProofMethod {
    pub(super) fn of(method: &ValidationMethod) -> Option<Self> {
        match method {
            ValidationMethod::Email(_) => Some(Self::Email),
            ValidationMethod::DnsTxt => Some(Self::Dns),
            ValidationMethod::HttpFile => Some(Self::Url),
            ValidationMethod::HttpsFile | ValidationMethod::DnsCname => None,
        }
    }
}

/// The vendor's product code. DomainSSL is `DV` by mail, but `DV_HIGH_` by DNS and HTTP.
pub(super) fn product_code(family: Family, proof: Option<ProofMethod>, suffix: &str) -> String {
    let stem = match (family, proof) {
        (Family::Alpha, Some(ProofMethod::Dns)) => "DV_LOW_DNS",
        (Family::Alpha, Some(ProofMethod::Url)) => "DV_LOW_URL",
        (Family::Alpha, _) => "DV_LOW",
        (Family::Domain, Some(ProofMethod::Dns)) => "DV_HIGH_DNS",
        (Family::Domain, Some(ProofMethod::Url)) => "DV_HIGH_URL",
        (Family::Domain, _) => "DV",
        (Family::Organization, _) => "OV",
        (Family::Extended, _) => "EV",
    };
    format!("{stem}{suffix}")
}

/// The template of a vendor's code in a reply: the reverse of [`product_code`], for codes that tell it.
/// `None` for every other code: replies do not always repeat the ordered one (globalsign.md 4.2).
pub(super) fn template_of(code: &str, wildcard: bool) -> Option<TemplateCode> {
    let stem = code.strip_suffix("_SHA2").unwrap_or(code);
    let family = match stem {
        "DV_LOW" | "DV_LOW_DNS" | "DV_LOW_URL" => Family::Alpha,
        "DV" | "DV_HIGH_DNS" | "DV_HIGH_URL" => Family::Domain,
        "OV" => Family::Organization,
        "EV" => Family::Extended,
        _ => return None,
    };
    PRODUCTS
        .iter()
        .find(|product| product.family == family && product.wildcard == wildcard)
        .map(|product| TemplateCode::new(product.code))
}

/// Whether a product code of a reply can belong to a family. Replies do not always repeat the
/// ordered code, so only the validation level is compared; a code of no known level fits any family.
pub(super) fn may_be(code: &str, family: Family) -> bool {
    let level = match family {
        Family::Alpha | Family::Domain => "DV",
        Family::Organization => "OV",
        Family::Extended => "EV",
    };
    let known = ["DV", "OV", "EV"].iter().find(|l| code.starts_with(**l));
    known.is_none_or(|found| *found == level)
}

#[cfg(test)]
mod tests;
