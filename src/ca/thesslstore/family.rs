//! Vendor families behind the reseller and their words.

use crate::domain::{TemplateCode, ValidationMethod};

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

/// Mark of the codes for an organization that the vendor knows already; it is ours and other clients', the wire
/// does not have it (thesslstore.md 6.7).
const KNOWN_ORGANIZATION: &str = "-EO";

/// The product code on the wire.
pub(super) fn wire_code(template: &TemplateCode) -> &str {
    let code = template.as_str();
    code.strip_suffix(KNOWN_ORGANIZATION).unwrap_or(code)
}

/// Whether the product is for an organization that the vendor knows already.
pub(super) fn is_for_known(template: &TemplateCode) -> bool {
    template.as_str().ends_with(KNOWN_ORGANIZATION)
}

impl Family {
    pub(super) fn of(template: &TemplateCode) -> Self {
        let code = template.as_str();
        FAMILIES
            .iter()
            .find(|(prefix, _)| code.starts_with(prefix))
            .map_or(Self::Other, |(_, family)| *family)
    }

    /// `SignatureHashAlgorithm` (thesslstore.md 6.1; without it DigiCert refuses the CSR).
    pub(super) fn hash(self) -> &'static str {
        match self {
            Self::DigiCert => "sha256",
            Self::Legacy => "SHA2-256",
            Self::Sectigo | Self::Certum | Self::Other => "PREFER_SHA2",
        }
    }

    /// The word for a method other than e-mail; `None` where the family has no such method. The
    /// order's words of DigiCert are from the vendor's kit, which another client contradicts
    /// (thesslstore.md 6.4); other families order by indicators.
    pub(super) fn word(self, method: &ValidationMethod, place: Place) -> Option<&'static str> {
        use ValidationMethod::{DnsCname, DnsTxt, Email, HttpFile, HttpsFile};
        let word = match (self, place, method) {
            (_, _, Email(_)) => return None,
            (Self::Sectigo, _, HttpFile) => "HTTP_CSR_HASH",
            (Self::Sectigo, _, HttpsFile) => "HTTPS_CSR_HASH",
            (Self::Sectigo, _, DnsCname) => "CNAME_CSR_HASH",
            (Self::Sectigo, _, DnsTxt) => return None,
            (Self::DigiCert, Place::Order, HttpFile) => "HTTP",
            (Self::DigiCert, Place::Order, DnsCname) => "dns_cname_token",
            (Self::DigiCert, Place::Change, DnsCname) => return None,
            (Self::DigiCert, _, DnsTxt) => "DNS",
            (_, Place::Order, _) => return None,
            (_, Place::Change, HttpFile) => "FILE",
            (_, Place::Change, HttpsFile) => return None,
            (_, Place::Change, DnsCname | DnsTxt) => "DNS",
        };
        Some(word)
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
