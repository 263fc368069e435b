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
pub(super) enum Proof {
    Email,
    Dns,
    Url,
}

impl Proof {
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
pub(super) fn product_code(family: Family, proof: Option<Proof>, suffix: &str) -> String {
    let stem = match (family, proof) {
        (Family::Alpha, Some(Proof::Dns)) => "DV_LOW_DNS",
        (Family::Alpha, Some(Proof::Url)) => "DV_LOW_URL",
        (Family::Alpha, _) => "DV_LOW",
        (Family::Domain, Some(Proof::Dns)) => "DV_HIGH_DNS",
        (Family::Domain, Some(Proof::Url)) => "DV_HIGH_URL",
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
mod tests {
    use super::*;

    #[test]
    fn templates_are_told_by_codes_that_tell_them() {
        for (code, wildcard, template) in [
            ("DV_LOW_SHA2", false, Some("DV_LOW")),
            ("DV_LOW_DNS_SHA2", true, Some("DV_LOW_wild")),
            ("DV", false, Some("DV")),
            ("DV_HIGH_URL_SHA2", false, Some("DV")),
            ("OV_SHA2", true, Some("OV_wild")),
            ("EV_SHA2", false, Some("EV")),
            ("EV_SHA2", true, None),
            ("DV_LOW_MONTH_OP", false, None),
            ("PEPR", false, None),
        ] {
            let found = template_of(code, wildcard);
            assert_eq!(found, template.map(TemplateCode::new), "{code} {wildcard}");
        }
        for product in PRODUCTS {
            for proof in [None, Some(Proof::Email), Some(Proof::Dns), Some(Proof::Url)] {
                let code = product_code(product.family, proof, "_SHA2");
                let back = template_of(&code, product.wildcard);
                assert_eq!(back, Some(TemplateCode::new(product.code)), "{code}");
            }
        }
    }

    #[test]
    fn product_codes_follow_template_and_validation() {
        use Family::{Alpha, Domain, Extended, Organization};
        let cases = [
            (Alpha, Some(Proof::Email), "DV_LOW_SHA2"),
            (Alpha, Some(Proof::Dns), "DV_LOW_DNS_SHA2"),
            (Alpha, Some(Proof::Url), "DV_LOW_URL_SHA2"),
            (Domain, Some(Proof::Email), "DV_SHA2"),
            (Domain, Some(Proof::Dns), "DV_HIGH_DNS_SHA2"),
            (Domain, Some(Proof::Url), "DV_HIGH_URL_SHA2"),
            (Organization, None, "OV_SHA2"),
            (Extended, None, "EV_SHA2"),
        ];
        for (family, proof, code) in cases {
            assert_eq!(product_code(family, proof, "_SHA2"), code);
            assert_eq!(
                format!("{}_SHA2", product_code(family, proof, "")),
                code,
                "the short form"
            );
        }
    }

    #[test]
    fn templates_are_known_by_code() {
        let of = |code: &str| Product::of(&TemplateCode::new(code));
        assert!(of("DV_wild").unwrap().wildcard);
        assert!(!of("DV_LOW").unwrap().names);
        assert!(of("OV").unwrap().wildcard_names);
        assert!(!of("EV").unwrap().wildcard_names);
        for code in ["", "dv", "DV_SHA2", "EV_wild"] {
            assert_eq!(of(code).unwrap_err().reason(), Reason::UnknownTemplate);
        }
    }

    #[test]
    fn codes_of_replies_are_compared_by_level() {
        assert!(may_be("DV_LOW_MONTH_OP", Family::Alpha));
        assert!(may_be("DV_HIGH_DNS", Family::Domain));
        assert!(may_be("SOMETHING", Family::Extended));
        assert!(!may_be("OV_SHA2", Family::Domain));
        assert!(!may_be("DV", Family::Extended));
    }
}
