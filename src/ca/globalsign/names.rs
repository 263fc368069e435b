//! Additional names by the vendor's billing kinds (globalsign.md 5, SANOptionType).

use crate::domain::text::{Bilingual, Words};
use crate::domain::{DomainName, address, is_public_address};
use crate::failure::{Failure, Reason};

/// The platform's parameter that holds the additional names.
pub(super) const NAMES_FIELD: &str = "altname";

/// First labels that make a name of the order's base domain a UC name.
const UC_LABELS: [&str; 4] = ["www", "owa", "mail", "autodiscover"];

/// How the vendor counts one additional name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SanOptionType {
    /// `www.`, `owa.`, `mail.` or `autodiscover.` of the order's base domain: a UC name.
    UnifiedCommunications,
    /// Another name below the order's base domain.
    Subdomain,
    /// A public IP address.
    PublicAddress,
    /// A host name outside the base domain.
    OtherName,
    /// A wildcard name.
    Wildcard,
}

impl SanOptionType {
    /// The number on the wire. 4 (internal name) is no longer issued publicly; the meaning of 5, 6
    /// and 8 to 12 is not established, they are never sent.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UnifiedCommunications => "1",
            Self::Subdomain => "2",
            Self::PublicAddress => "3",
            Self::OtherName => "7",
            Self::Wildcard => "13",
        }
    }

    /// Whether the name belongs to the tariff's addon "Additional UC SANs domains"; all others
    /// belong to "Additional domains".
    #[must_use]
    pub fn is_uc(self) -> bool {
        self == Self::UnifiedCommunications
    }
}

/// Sorts the additional names of an order by their billing kind, in the order in which they were
/// entered. Names that come with the common name by themselves are left out: sending them is an
/// error at the vendor (codes -6018, -9101).
///
/// # Errors
/// A name that no public authority certifies, such as an internal one.
pub fn split_names(
    common_name: &DomainName,
    names: &[DomainName],
) -> Result<Vec<(DomainName, SanOptionType)>, Failure> {
    let base = base_domain(common_name);
    names
        .iter()
        .filter(|name| !comes_by_itself(common_name, name))
        .map(|name| Ok((name.clone(), option_type(base, name.as_str())?)))
        .collect()
}

/// The billing kind of one name or address as text, under an order's base domain.
///
/// # Errors
/// Internal names and addresses that are not public.
pub fn option_type(base: &str, name: &str) -> Result<SanOptionType, Failure> {
    let refused = |why: Words| {
        Failure::field(Reason::NameNotAllowed, NAMES_FIELD)
            .value(name)
            .detail(why)
    };
    if let Some(address) = address(name) {
        return if is_public_address(address) {
            Ok(SanOptionType::PublicAddress)
        } else {
            Err(refused(words!(
                "no certificates are issued for addresses of internal networks",
                "для адресов внутренних сетей сертификаты не выпускаются"
            )))
        };
    }
    let parsed = DomainName::parse(name).map_err(|error| refused(error.both()))?;
    if !parsed.is_public() {
        return Err(refused(words!(
            "no certificates are issued for internal names and for wildcards below public suffixes",
            "для внутренних имён и wildcard-имён под публичным суффиксом сертификаты не выпускаются"
        )));
    }
    if parsed.is_wildcard() {
        return Ok(SanOptionType::Wildcard);
    }
    Ok(match parsed.as_str().strip_suffix(base) {
        Some(front) => match front.strip_suffix('.') {
            Some(label) if UC_LABELS.contains(&label) => SanOptionType::UnifiedCommunications,
            Some(_) => SanOptionType::Subdomain,
            None => SanOptionType::OtherName,
        },
        None => SanOptionType::OtherName,
    })
}

/// The domain under which UC names and subdomains are counted: the common name without `*.` and
/// `www.`.
#[must_use]
pub fn base_domain(common_name: &DomainName) -> &str {
    let base = common_name.base();
    base.strip_prefix("www.")
        .filter(|rest| rest.contains('.'))
        .unwrap_or(base)
}

/// Whether the vendor puts the name into the certificate without being asked: the common name
/// itself; under `*.x` also `x` and `www.x`; under `www.x` also `x`. Nothing comes with a bare `x`.
pub(super) fn comes_by_itself(common_name: &DomainName, name: &DomainName) -> bool {
    if name == common_name {
        return true;
    }
    let base = common_name.base();
    if common_name.is_wildcard() {
        return name.as_str() == base || name.as_str().strip_prefix("www.") == Some(base);
    }
    base.strip_prefix("www.") == Some(name.as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SanOptionType::{
        OtherName, PublicAddress, Subdomain, UnifiedCommunications, Wildcard,
    };
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn split(common_name: &str, names: &[&str]) -> Vec<(String, SanOptionType)> {
        let names: Vec<_> = names.iter().map(|n| name(n)).collect();
        split_names(&name(common_name), &names)
            .unwrap()
            .into_iter()
            .map(|(name, kind)| (name.to_string(), kind))
            .collect()
    }

    #[test]
    fn names_are_counted_as_the_product_promises() {
        let cases = [
            ("www.example.com", UnifiedCommunications),
            ("owa.example.com", UnifiedCommunications),
            ("mail.example.com", UnifiedCommunications),
            ("autodiscover.example.com", UnifiedCommunications),
            ("test.example.com", Subdomain),
            ("mail.test.example.com", Subdomain),
            ("webmail.example.com", Subdomain),
            ("mail.example.org", OtherName),
            ("notexample.com", OtherName),
            ("mail.notexample.com", OtherName),
            ("*.example.com", Wildcard),
            ("*.example.org", Wildcard),
        ];
        for (text, kind) in cases {
            assert_eq!(
                split("example.com", &[text]),
                [(text.to_owned(), kind)],
                "{text}"
            );
        }
    }

    #[test]
    fn the_base_domain_is_the_common_name_without_star_and_www() {
        let cases = [
            ("www.example.com", "mail.example.com", UnifiedCommunications),
            ("*.example.com", "mail.example.com", UnifiedCommunications),
            ("*.example.com", "a.b.example.com", Subdomain),
            (
                "shop.example.com",
                "mail.shop.example.com",
                UnifiedCommunications,
            ),
            ("shop.example.com", "mail.example.com", OtherName),
            ("shop.example.com", "example.com", OtherName),
            ("www.com", "mail.www.com", UnifiedCommunications),
        ];
        for (common_name, text, kind) in cases {
            assert_eq!(
                split(common_name, &[text]),
                [(text.to_owned(), kind)],
                "{common_name}: {text}"
            );
        }
    }

    #[test]
    fn names_that_come_by_themselves_are_not_sent() {
        let nothing: [(String, SanOptionType); 0] = [];
        assert_eq!(split("example.com", &["example.com"]), nothing);
        assert_eq!(
            split(
                "*.example.com",
                &["*.example.com", "example.com", "www.example.com"]
            ),
            nothing
        );
        assert_eq!(
            split("www.example.com", &["example.com", "www.example.com"]),
            nothing
        );
        // A wildcard name is dropped under its own common name only.
        assert_eq!(split("www.example.com", &["*.example.com"]).len(), 1);
        assert_eq!(split("example.com", &["www.example.com"]).len(), 1);
    }

    #[test]
    fn addresses_are_their_own_kind_and_internal_ones_are_refused() {
        for public in ["93.184.216.34", "2606:4700::1"] {
            assert_eq!(
                option_type("example.com", public).unwrap(),
                PublicAddress,
                "{public}"
            );
        }
        for internal in ["10.0.0.1", "2001:db8::1"] {
            let failure = option_type("example.com", internal).unwrap_err();
            assert_eq!(failure.reason(), Reason::NameNotAllowed, "{internal}");
        }
    }

    #[test]
    fn internal_names_are_refused_before_ordering() {
        for internal in ["exchange", "mail.local", "server.corp", "localhost"] {
            let failure = split_names(&name("example.com"), &[name(internal)]).unwrap_err();
            assert_eq!(failure.reason(), Reason::NameNotAllowed, "{internal}");
            assert_eq!(failure.offending_value(), internal);
            assert_eq!(failure.object(), NAMES_FIELD);
        }
    }

    #[test]
    fn only_known_numbers_reach_the_wire() {
        let codes = [
            UnifiedCommunications,
            Subdomain,
            PublicAddress,
            OtherName,
            Wildcard,
        ]
        .map(SanOptionType::code);
        assert_eq!(codes, ["1", "2", "3", "7", "13"]);
    }

    proptest! {
        #[test]
        fn every_name_is_counted_once_or_comes_by_itself(
            labels in proptest::collection::vec("[a-z]{1,8}(\\.[a-z]{1,8}){0,2}", 0..12)
        ) {
            let common_name = name("*.example.com");
            let names: Vec<_> = labels.iter().map(|l| name(&format!("{l}.example.com"))).collect();
            let split = split_names(&common_name, &names).unwrap();
            let kept: Vec<_> = split.iter().map(|(n, _)| n.clone()).collect();
            let expected: Vec<_> = names
                .iter()
                .filter(|n| n.as_str() != "www.example.com")
                .cloned()
                .collect();
            prop_assert_eq!(kept, expected);
            prop_assert!(split.iter().all(|(_, kind)| matches!(kind, UnifiedCommunications | Subdomain)));
        }
    }
}
