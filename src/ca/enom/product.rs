//! What differs by product and brand (enom.md 10, 9, 15). Prices, periods and whether a product is
//! still sold come from the vendor's catalogue at run time.

use chrono::TimeDelta;

use crate::domain::TemplateCode;
use crate::failure::{Failure, Reason};

/// A brand as far as its rules differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Brand {
    /// RapidSSL, GeoTrust and VeriSign (Symantec, now DigiCert).
    Symantec,
    /// Comodo, now Sectigo.
    Comodo,
}

impl Brand {
    /// The web server id that stands for "other" or the plainest Apache (enom.md 10.2).
    pub(super) fn default_server(self) -> &'static str {
        match self {
            Self::Symantec => "18",
            Self::Comodo => "1002",
        }
    }

    /// `CertReissueCert` is documented for Symantec, VeriSign and GeoTrust; RapidSSL belongs to their
    /// family \[inferred\]. Comodo has no reissue call (enom.md 9).
    pub(super) fn reissues(self) -> bool {
        self == Self::Symantec
    }

    /// How long before the end of a term a new one is bought. The vendor documents nothing: this is
    /// what the authorities take for renewals \[inferred\]. Whether remaining days are carried over is
    /// not documented either (enom.md 9, 18.7), so an earlier purchase would lose them.
    pub(super) fn renewal_window(self) -> TimeDelta {
        match self {
            Self::Symantec | Self::Comodo => TimeDelta::days(90),
        }
    }
}

/// How much is verified beside the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Domain,
    Organization,
    Extended,
}

/// One product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Product {
    /// Number of the product in listings (`ProdType`).
    pub(super) kind: u32,
    /// Code of the product in purchases (`Service`); letter case does not count at the vendor.
    pub(super) code: &'static str,
    pub(super) brand: Brand,
    pub(super) level: Level,
    /// The common name is a wildcard.
    pub(super) wildcard: bool,
    /// Takes a list of names ("UCC").
    pub(super) multi: bool,
    /// Takes file validation: documented for three products (enom.md 9).
    pub(super) file: bool,
    /// Longest term in years on the page of the purchase call (enom.md 10.1).
    pub(super) max_years: u32,
}

const fn product(kind: u32, code: &'static str, brand: Brand, level: Level) -> Product {
    Product {
        kind,
        code,
        brand,
        level,
        wildcard: false,
        multi: false,
        file: false,
        max_years: 2,
    }
}

impl Product {
    const fn wild(mut self) -> Self {
        self.wildcard = true;
        self
    }

    const fn multi(mut self) -> Self {
        self.multi = true;
        self
    }

    const fn file(mut self) -> Self {
        self.file = true;
        self
    }

    const fn years(mut self, years: u32) -> Self {
        self.max_years = years;
        self
    }

    /// The product of a tariff's code.
    ///
    /// # Errors
    /// [`Reason::UnknownTemplate`].
    pub(super) fn of(template: &TemplateCode) -> Result<&'static Self, Failure> {
        PRODUCTS
            .iter()
            .find(|product| product.code.eq_ignore_ascii_case(template.as_str()))
            .ok_or_else(|| Failure::new(Reason::UnknownTemplate).value(template.as_str()))
    }

    /// The product of a number in listings.
    pub(super) fn of_kind(kind: u32) -> Option<&'static Self> {
        PRODUCTS.iter().find(|product| product.kind == kind)
    }
}

use Brand::{Comodo, Symantec};
use Level::{Domain, Extended, Organization};

/// The table of enom.md 10.1. The three-year limit of RapidSSL stands on the cart's page only.
#[rustfmt::skip]
static PRODUCTS: [Product; 19] = [
    product(23, "Certificate-RapidSSL-RapidSSL", Symantec, Domain).file().years(3),
    product(285, "Certificate-RapidSSL-RapidSSL-Wildcard", Symantec, Domain).wild(),
    product(26, "Certificate-GeoTrust-QuickSSL", Symantec, Domain).file(),
    product(20, "Certificate-GeoTrust-QuickSSL-Premium", Symantec, Domain).file(),
    product(21, "Certificate-GeoTrust-TrueBizID", Symantec, Organization),
    product(27, "Certificate-GeoTrust-TrueBizID-Wildcard", Symantec, Organization).wild(),
    product(24, "Certificate-GeoTrust-TrueBizID-EV", Symantec, Extended),
    product(180, "Certificate-VeriSign-Secure-Site", Symantec, Organization),
    product(181, "Certificate-VeriSign-Secure-Site-Pro", Symantec, Organization),
    product(182, "Certificate-VeriSign-Secure-Site-EV", Symantec, Extended),
    product(183, "Certificate-VeriSign-Secure-Site-Pro-EV", Symantec, Extended),
    product(211, "Certificate-Comodo-Essential", Comodo, Domain),
    product(212, "Certificate-Comodo-Instant", Comodo, Organization),
    product(214, "Certificate-Comodo-Essential-Wildcard", Comodo, Domain).wild(),
    product(213, "Certificate-Comodo-Premium-Wildcard", Comodo, Organization).wild(),
    product(221, "Certificate-Comodo-EV", Comodo, Extended),
    product(222, "Certificate-Comodo-EV-SGC", Comodo, Extended),
    product(270, "Certificate-Comodo-UCC-DV", Comodo, Domain).multi(),
    product(274, "Certificate-Comodo-UCC-OV", Comodo, Organization).multi(),
];

#[cfg(test)]
mod tests;
