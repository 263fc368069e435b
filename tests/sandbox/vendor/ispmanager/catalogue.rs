//! Tariffs of the simulated billing, by their documented numbers.

/// A tariff.
#[derive(Debug, PartialEq, Eq)]
pub struct Tariff {
    /// Number.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// Hundredths for twelve months.
    pub price: i64,
    /// The main domain is a wildcard.
    pub wildcard: bool,
    /// Takes further domains.
    pub multi: bool,
    /// The applicant is verified.
    pub organization: bool,
}

const fn tariff(id: &'static str, name: &'static str, price: i64) -> Tariff {
    Tariff {
        id,
        name,
        price,
        wildcard: false,
        multi: false,
        organization: false,
    }
}

/// What is sold here.
pub const TARIFFS: [Tariff; 6] = [
    tariff("3033", "PositiveSSL", 990),
    Tariff {
        wildcard: true,
        ..tariff("27650", "PositiveSSL Wildcard", 9_900)
    },
    Tariff {
        multi: true,
        ..tariff("27648", "PositiveSSL Multi Domain", 2_900)
    },
    Tariff {
        organization: true,
        ..tariff("2026", "Instant SSL", 4_900)
    },
    Tariff {
        organization: true,
        ..tariff("55153", "Sectigo EV SSL", 14_900)
    },
    tariff("1011", "RapidSSL", 1_100),
];

/// Countries with the numbers of this billing's directory.
pub const COUNTRIES: [(&str, &str); 4] = [("182", "RU"), ("74", "DE"), ("233", "US"), ("76", "GB")];

/// Addon for further domains of the multi-domain tariff.
pub const ADDON: &str = "addon_5511";

/// Domains included in the multi-domain tariff.
pub const INCLUDED: usize = 3;

/// A tariff by its number.
pub fn find(id: &str) -> Option<&'static Tariff> {
    TARIFFS.iter().find(|tariff| tariff.id == id)
}
