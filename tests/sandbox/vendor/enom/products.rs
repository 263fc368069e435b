//! The catalogue (enom.md 10.1) with invented prices.

/// One product.
#[derive(Debug, Clone, Copy)]
pub struct Product {
    /// `ProdType`.
    pub kind: u32,
    /// `Service`.
    pub code: &'static str,
    /// Cents for one year.
    pub price: i64,
    /// Largest number of years sold.
    pub years: u32,
}

impl Product {
    /// Comodo products have numbers of their own range and other rules.
    pub fn is_comodo(&self) -> bool {
        self.code.contains("-Comodo-")
    }

    /// Takes a list of names.
    pub fn is_list(&self) -> bool {
        self.code.contains("-UCC-")
    }

    /// Takes wildcard names.
    pub fn is_wildcard(&self) -> bool {
        self.code.ends_with("-Wildcard")
    }

    /// Takes file validation.
    pub fn takes_file(&self) -> bool {
        [23, 26, 20].contains(&self.kind)
    }

    /// The applicant is verified, too.
    pub fn is_verified(&self) -> bool {
        !matches!(self.kind, 23 | 285 | 26 | 20 | 211 | 214 | 270)
    }

    /// Text in listings.
    pub fn description(&self) -> String {
        let name = self.code.trim_start_matches("Certificate-");
        format!("SSL Certificate - {}", name.replace('-', " "))
    }
}

/// The product of a code in any letter case.
pub fn by_code(code: &str) -> Option<&'static Product> {
    PRODUCTS
        .iter()
        .find(|product| product.code.eq_ignore_ascii_case(code))
}

const fn product(kind: u32, code: &'static str, price: i64, years: u32) -> Product {
    Product {
        kind,
        code,
        price,
        years,
    }
}

/// Everything on sale.
pub static PRODUCTS: [Product; 15] = [
    product(23, "Certificate-RapidSSL-RapidSSL", 1_100, 2),
    product(285, "Certificate-RapidSSL-RapidSSL-Wildcard", 9_900, 2),
    product(26, "Certificate-GeoTrust-QuickSSL", 4_500, 2),
    product(20, "Certificate-GeoTrust-QuickSSL-Premium", 5_500, 2),
    product(21, "Certificate-GeoTrust-TrueBizID", 8_500, 2),
    product(27, "Certificate-GeoTrust-TrueBizID-Wildcard", 29_500, 2),
    product(24, "Certificate-GeoTrust-TrueBizID-EV", 15_000, 1),
    product(211, "Certificate-Comodo-Essential", 1_000, 2),
    product(212, "Certificate-Comodo-Instant", 2_500, 2),
    product(214, "Certificate-Comodo-Essential-Wildcard", 8_000, 2),
    product(213, "Certificate-Comodo-Premium-Wildcard", 15_000, 2),
    product(221, "Certificate-Comodo-EV", 12_000, 1),
    product(222, "Certificate-Comodo-EV-SGC", 20_000, 1),
    product(270, "Certificate-Comodo-UCC-DV", 6_000, 2),
    product(274, "Certificate-Comodo-UCC-OV", 9_000, 2),
];
