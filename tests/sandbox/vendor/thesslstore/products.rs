//! What the simulated store sells (thesslstore.md 12). Prices are invented.

/// Whose rules a product follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Sectigo and Comodo.
    Sectigo,
    /// DigiCert, current codes.
    DigiCert,
    /// Symantec, GeoTrust, Thawte, RapidSSL of old.
    Symantec,
    /// Certum.
    Certum,
}

impl Family {
    /// How the authority's order numbers begin.
    pub fn order_prefix(self) -> &'static str {
        match self {
            Self::Sectigo => "51",
            Self::DigiCert => "11",
            Self::Symantec => "FE#",
            Self::Certum => "C",
        }
    }
}

/// How much of the applicant is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Domain.
    Dv,
    /// Organization.
    Ov,
    /// Extended.
    Ev,
}

/// One product.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// Code.
    pub code: &'static str,
    /// Family.
    pub family: Family,
    /// Level.
    pub level: Level,
    /// The common name must be a wildcard.
    pub wildcard: bool,
    /// Additional names.
    pub names: Names,
    /// Hundredths for 12 months.
    pub price: i64,
}

/// Which additional names a product takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// None; the `www` twin comes free.
    Single,
    /// Plain names.
    Multi,
    /// Plain and wildcard names in one count.
    MultiWildcard,
    /// Plain and wildcard names in two counts; the common name may be a wildcard.
    Flex,
    /// Names below the common name only.
    Below,
}

impl Product {
    /// Takes additional names.
    pub fn is_multi(&self) -> bool {
        self.names != Names::Single
    }

    /// Additional names included in the price.
    pub fn included(&self) -> u32 {
        match (self.family, self.names) {
            (Family::Sectigo, Names::Multi | Names::MultiWildcard) => 2,
            (_, Names::Below) => 3,
            _ => 0,
        }
    }

    /// Most additional names.
    pub fn most(&self) -> u32 {
        if self.is_multi() { 250 } else { 0 }
    }

    /// Price in hundredths for a term, `None` when the term is not sold.
    pub fn price_of(&self, months: i64) -> Option<i64> {
        let tenths = match months {
            12 => 10,
            24 => 19,
            36 => 27,
            60 => 42,
            _ => return None,
        };
        Some(self.price * tenths / 10)
    }

    /// Price of one additional plain name.
    pub fn price_per_name(&self, months: i64) -> i64 {
        if self.is_multi() {
            self.price_of(months).unwrap_or_default() / 4
        } else {
            0
        }
    }

    /// Price of one additional wildcard name.
    pub fn price_per_wildcard(&self, months: i64) -> i64 {
        match self.names {
            Names::Flex => self.price_of(months).unwrap_or_default(),
            Names::MultiWildcard => self.price_per_name(months),
            _ => 0,
        }
    }
}

/// The terms that are sold, in months.
pub const TERMS: [i64; 4] = [12, 24, 36, 60];

/// Looks a code up, exactly as written.
pub fn find(code: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.code == code)
}

const fn p(
    code: &'static str,
    family: Family,
    level: Level,
    wildcard: bool,
    names: Names,
    price: i64,
) -> Product {
    Product {
        code,
        family,
        level,
        wildcard,
        names,
        price,
    }
}

/// The price list.
pub const PRODUCTS: &[Product] = {
    use Family::{Certum, DigiCert as Digi, Sectigo as Sect, Symantec as Symc};
    use Level::{Dv, Ev, Ov};
    use Names::{Below, Flex, Multi, MultiWildcard as MultiW, Single};
    const W: bool = true;
    const N: bool = false;
    &[
        // Sectigo and Comodo, domain validation.
        p("positivessl", Sect, Dv, N, Single, 900),
        p("positivesslwildcard", Sect, Dv, W, Single, 9900),
        p("positivemdcssl", Sect, Dv, N, Multi, 3000),
        p("positivemdcwildcard", Sect, Dv, N, MultiW, 15000),
        p("sectigossl", Sect, Dv, N, Single, 2000),
        p("sectigowildcard", Sect, Dv, W, Single, 12000),
        p("sectigodvucc", Sect, Dv, N, Multi, 6000),
        p("sectigouccwildcard", Sect, Dv, N, MultiW, 22000),
        p("comodossl", Sect, Dv, N, Single, 2500),
        p("comodowildcard", Sect, Dv, W, Single, 12500),
        p("comododvucc", Sect, Dv, N, Multi, 6500),
        p("essentialssl", Sect, Dv, N, Single, 1900),
        p("essentialwildcard", Sect, Dv, W, Single, 11000),
        // Sectigo and Comodo, organization validation.
        p("sectigoovssl", Sect, Ov, N, Single, 5500),
        p("sectigoovwildcard", Sect, Ov, W, Single, 21000),
        p("sectigomdc", Sect, Ov, N, Multi, 13000),
        p("sectigomdcwildcard", Sect, Ov, N, MultiW, 40000),
        p("instantssl", Sect, Ov, N, Single, 3400),
        p("instantsslpro", Sect, Ov, N, Single, 4500),
        p("comodopremiumssl", Sect, Ov, N, Single, 6000),
        p("comodopremiumwildcard", Sect, Ov, W, Single, 20000),
        p("comodoucc", Sect, Ov, N, Multi, 14000),
        p("comodouccwildcard", Sect, Ov, N, MultiW, 45000),
        p("comodomdc", Sect, Ov, N, Multi, 13500),
        p("comodomdcwildcard", Sect, Ov, N, MultiW, 42000),
        p("elitessl", Sect, Ov, N, Single, 8000),
        p("enterprisessl", Sect, Ov, N, Single, 30000),
        p("enterprisepro", Sect, Ov, N, Single, 35000),
        p("enterpriseprowc", Sect, Ov, W, Single, 70000),
        // Sectigo and Comodo, extended validation.
        p("positiveevssl", Sect, Ev, N, Single, 9500),
        p("positiveevmdc", Sect, Ev, N, Multi, 20000),
        p("sectigoevssl", Sect, Ev, N, Single, 11000),
        p("sectigoevmdc", Sect, Ev, N, Multi, 26000),
        p("comodoevssl", Sect, Ev, N, Single, 12000),
        p("comodoevmdc", Sect, Ev, N, Multi, 27000),
        p("enterpriseproev", Sect, Ev, N, Single, 50000),
        p("enterpriseproevmdc", Sect, Ev, N, Multi, 90000),
        // DigiCert.
        p("digi_ssl_basic", Digi, Ov, N, Flex, 21000),
        p("digi_ssl_ev_basic", Digi, Ev, N, Flex, 30000),
        p("digi_securesite_flex", Digi, Ov, N, Flex, 38000),
        p("digi_securesite_ev_flex", Digi, Ev, N, Flex, 90000),
        p("digi_securesite_pro_flex", Digi, Ov, N, Flex, 93000),
        p("digi_securesite_pro_ev_flex", Digi, Ev, N, Flex, 140000),
        p("digi_truebizid_flex", Digi, Ov, N, Flex, 9500),
        p("digi_truebizid_ev_flex", Digi, Ev, N, Flex, 18000),
        p("digi_sslwebserver_flex", Digi, Ov, N, Flex, 9900),
        p("digi_sslwebserver_ev_flex", Digi, Ev, N, Flex, 19000),
        // The same for an organization that is verified already (corrections).
        p("digi_ssl_basic-EO", Digi, Ov, N, Flex, 21000),
        p("digi_ssl_ev_basic-EO", Digi, Ev, N, Flex, 30000),
        p("digi_securesite_flex-EO", Digi, Ov, N, Flex, 38000),
        p("digi_securesite_ev_flex-EO", Digi, Ev, N, Flex, 90000),
        p("digi_securesite_pro_flex-EO", Digi, Ov, N, Flex, 93000),
        p("digi_securesite_pro_ev_flex-EO", Digi, Ev, N, Flex, 140000),
        p("digi_truebizid_flex-EO", Digi, Ov, N, Flex, 9500),
        p("digi_truebizid_ev_flex-EO", Digi, Ev, N, Flex, 18000),
        p("digi_sslwebserver_flex-EO", Digi, Ov, N, Flex, 9900),
        p("digi_sslwebserver_ev_flex-EO", Digi, Ev, N, Flex, 19000),
        p("digi_ssl_dv_geotrust_flex", Digi, Dv, N, Flex, 7500),
        p("digi_ssl123_flex", Digi, Dv, N, Flex, 6500),
        p("digi_rapidssl", Digi, Dv, N, Single, 1800),
        p("digi_rapidssl_wc", Digi, Dv, W, Single, 13000),
        p("digi_quickssl_md", Digi, Dv, N, Below, 11000),
        // Historical codes that old services still hold.
        p("rapidssl", Symc, Dv, N, Single, 1700),
        p("freessl", Symc, Dv, N, Single, 0),
        p("rapidsslwildcard", Symc, Dv, W, Single, 12900),
        p("quicksslpremium", Symc, Dv, N, Single, 6900),
        p("quicksslpremiummd", Symc, Dv, N, Below, 10900),
        p("ssl123", Symc, Ov, N, Single, 4500),
        p("sgcsupercerts", Symc, Ov, N, Single, 20000),
        p("truebizid", Symc, Ov, N, Single, 9000),
        p("truebizidmd", Symc, Ov, N, Multi, 16000),
        p("truebusinessidwildcard", Symc, Ov, W, Single, 32000),
        p("truebusinessidev", Symc, Ev, N, Single, 17500),
        p("truebusinessidevmd", Symc, Ev, N, Multi, 28000),
        p("sslwebserver", Symc, Ov, N, Multi, 8900),
        p("sslwebserverwildcard", Symc, Ov, W, Single, 36000),
        p("sslwebserverev", Symc, Ev, N, Multi, 18900),
        p("securesite", Symc, Ov, N, Multi, 35000),
        p("securesitepro", Symc, Ov, N, Multi, 79000),
        p("securesitewildcard", Symc, Ov, W, Single, 150000),
        p("securesiteev", Symc, Ev, N, Multi, 79900),
        p("securesiteproev", Symc, Ev, N, Multi, 119900),
        p("comodoevsgc", Sect, Ev, N, Single, 25000),
        p("comodosgc", Sect, Ov, N, Single, 20000),
        p("comodosgcwildcard", Sect, Ov, W, Single, 45000),
        // Certum.
        p("ucommercialssl", Certum, Ov, N, Single, 2200),
        p("ucommercialwildcard", Certum, Ov, W, Single, 11500),
        p("utrustedssl", Certum, Ov, N, Single, 5200),
        p("utrustedwildcard", Certum, Ov, W, Single, 22500),
    ]
};

/// Which organization data a product needs (6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OrganizationNeeds {
    /// Name, first address line, region, postal code.
    pub basic: bool,
    /// `LocalityName`.
    pub locality: bool,
    /// `JurisdictionCountry`.
    pub jurisdiction: bool,
    /// Country and phone of the organization.
    pub country_and_phone: bool,
    /// Titles of both contacts.
    pub titles: bool,
    /// `RegistrationNumber`.
    pub registration: bool,
    /// `TSSOrganizationId`.
    pub known: bool,
}

impl Product {
    /// The needs of this product (6.7).
    pub fn needs(&self) -> OrganizationNeeds {
        let ov = self.level != Level::Dv;
        let code = self.code;
        let starts = |heads: &[&str]| heads.iter().any(|head| code.starts_with(head));
        let digi_org = self.family == Family::DigiCert && ov;
        OrganizationNeeds {
            basic: ov && self.family != Family::Certum,
            locality: starts(&["comodomdc", "comodoucc", "comodoev"]),
            jurisdiction: self.level == Level::Ev && self.family == Family::Sectigo,
            country_and_phone: digi_org,
            titles: digi_org && self.level == Level::Ev,
            registration: self.family == Family::Certum,
            known: code.ends_with("-EO"),
        }
    }
}
