//! The tariff's two addons for names, "Additional UC SANs domains" and "Additional domains", held
//! against the names of an order.
//!
//! How the platform calls the two inside is not documented. Addons of its own kind for additional names
//! are known (billmanager.md 6.4); which addon sells UC names, the site's file says. Until it does, both
//! kinds are counted together.

use std::net::IpAddr;
use std::path::Path;

use super::names::{NAMES_FIELD, SanOptionType, split_names};
use crate::ca::overrides::{Known, Overrides, Shape};
use crate::domain::text::Words;
use crate::domain::{Addon, DomainName};
use crate::failure::{Failure, Reason};

/// The two kinds of names that a tariff sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    /// "Additional UC SANs domains".
    Uc,
    /// "Additional domains".
    Other,
}

impl NameKind {
    fn of(kind: SanOptionType) -> Self {
        if kind.is_uc() { Self::Uc } else { Self::Other }
    }

    /// The entry of the site's file: internal names of product types or of the addons' tariffs.
    const fn entry(self) -> &'static str {
        match self {
            Self::Uc => "UcNamesAddons",
            Self::Other => "NamesAddons",
        }
    }

    fn shortage(self) -> Reason {
        match self {
            Self::Uc => Reason::UcNamesShort,
            Self::Other => Reason::OtherNamesShort,
        }
    }
}

/// What the site's file may hold. Both are unknown without it.
const KNOWN: [Known; 2] = [
    Known {
        name: NameKind::Uc.entry(),
        shape: Shape::Words,
        optional: true,
    },
    Known {
        name: NameKind::Other.entry(),
        shape: Shape::Words,
        optional: true,
    },
];

/// What the two addons are called in the platform.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct NameAddons {
    uc: Vec<String>,
    /// Empty: the platform's own kind for additional names.
    other: Vec<String>,
}

impl NameAddons {
    /// Reads the site's file.
    ///
    /// # Errors
    /// Wrong lines; a name that stands for both kinds.
    pub(super) fn read(path: Option<&Path>) -> Result<Self, Failure> {
        let overrides = Overrides::read(path, &KNOWN)?;
        let words = |kind: NameKind| {
            let text = overrides.get(kind.entry()).unwrap_or_default();
            let words = text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty());
            words.map(str::to_owned).collect::<Vec<_>>()
        };
        let (uc, other) = (words(NameKind::Uc), words(NameKind::Other));
        match uc.iter().find(|name| other.contains(name)) {
            Some(name) => Err(Failure::field(
                Reason::PlatformFile,
                path.unwrap_or(Path::new("")).display().to_string(),
            )
            .detail(words!(
                "'{name}' stands in {} and in {}",
                "'{name}' указано и в {}, и в {}",
                NameKind::Uc.entry(),
                NameKind::Other.entry()
            ))),
            None => Ok(Self { uc, other }),
        }
    }

    /// Which kind of names an addon sells; `None` for addons that sell something else.
    pub(super) fn kind(&self, addon: &Addon) -> Option<NameKind> {
        let is_one_of = |names: &[String]| names.iter().any(|name| addon.is_called(name));
        let sells_others = if self.other.is_empty() {
            addon.names
        } else {
            is_one_of(&self.other)
        };
        if is_one_of(&self.uc) {
            Some(NameKind::Uc)
        } else {
            sells_others.then_some(NameKind::Other)
        }
    }

    /// Whether each kind of the names was ordered often enough. Where the service has no addon that is
    /// known to sell UC names, only the sum can be told, which the caller checks.
    ///
    /// # Errors
    /// The kind of which too few were ordered; names that no public authority certifies.
    pub(super) fn check(
        &self,
        common_name: &DomainName,
        additional: &[DomainName],
        addresses: &[IpAddr],
        addons: &[Addon],
    ) -> Result<(), Failure> {
        let split = split_names(common_name, additional)?;
        if split.is_empty() && addresses.is_empty() {
            return Ok(());
        }
        let address_kind = NameKind::of(SanOptionType::PublicAddress);
        let named = |kind: NameKind| -> Vec<String> {
            let of_kind = split.iter().filter(|(_, of)| NameKind::of(*of) == kind);
            let addresses = addresses.iter().filter(|_| kind == address_kind);
            of_kind
                .map(|(name, _)| name.to_string())
                .chain(addresses.map(ToString::to_string))
                .collect()
        };
        let sold = |kind: NameKind| {
            let of_kind = addons.iter().filter(|addon| self.kind(addon) == Some(kind));
            of_kind.fold(0_u32, |sum, addon| sum.saturating_add(addon.count))
        };
        let counts = |kind| (named(kind).len(), sold(kind));
        let ((uc, uc_sold), (other, other_sold)) = (counts(NameKind::Uc), counts(NameKind::Other));
        let told_apart = addons
            .iter()
            .any(|addon| self.kind(addon) == Some(NameKind::Uc));
        if !told_apart {
            let all: Vec<_> = addons.iter().map(ToString::to_string).collect();
            crate::log!(
                Order,
                Info,
                "{common_name}: {uc} UC names and {other} additional names, counted together: no addon of \
                 the service is known to sell UC names ({} in etc/pmssl/pmglobalsign.conf). Its addons: {}",
                NameKind::Uc.entry(),
                if all.is_empty() {
                    "none".to_owned()
                } else {
                    all.join(", ")
                }
            );
            return Ok(());
        }
        crate::log!(
            Order,
            Info,
            "{common_name}: {uc} UC names of {uc_sold} ordered, {other} additional names of {other_sold} ordered"
        );
        for kind in [NameKind::Uc, NameKind::Other] {
            let (names, sold) = (named(kind), sold(kind));
            if u32::try_from(names.len()).unwrap_or(u32::MAX) > sold {
                return Err(Failure::field(kind.shortage(), NAMES_FIELD)
                    .value(names.len().to_string())
                    .detail(Words::verbatim(format!(
                        "{} > {sold} ({})",
                        names.len(),
                        names.join(", ")
                    ))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        DomainName::parse(text).unwrap()
    }

    fn read(lines: &str) -> Result<NameAddons, Failure> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("pmglobalsign.conf");
        std::fs::write(&path, lines).unwrap();
        NameAddons::read(Some(&path))
    }

    fn addon(kind: &str, tariff: &str, count: u32) -> Addon {
        Addon {
            kind: kind.to_owned(),
            tariff: tariff.to_owned(),
            names: kind == "altname",
            count,
        }
    }

    fn check(site: &NameAddons, names: &[&str], addons: &[Addon]) -> Result<(), (Reason, String)> {
        let names: Vec<_> = names.iter().map(|text| name(text)).collect();
        site.check(&name("example.com"), &names, &[], addons)
            .map_err(|failure| (failure.reason(), failure.words()))
    }

    #[test]
    fn addons_are_known_by_product_type_or_tariff() {
        let sold = |site: &NameAddons, addon: Addon| site.kind(&addon);
        let plain = NameAddons::read(None).unwrap();
        assert_eq!(
            sold(&plain, addon("altname", "any", 1)),
            Some(NameKind::Other)
        );
        assert_eq!(sold(&plain, addon("uc", "any", 1)), None);
        let by_type = read("UcNamesAddons uc, sanuc\n").unwrap();
        assert_eq!(sold(&by_type, addon("sanuc", "x", 1)), Some(NameKind::Uc));
        assert_eq!(
            sold(&by_type, addon("altname", "x", 1)),
            Some(NameKind::Other)
        );
        // Both of one product type: the tariff tells them apart.
        let by_tariff = read("UcNamesAddons cheap\n").unwrap();
        assert_eq!(
            sold(&by_tariff, addon("altname", "cheap", 1)),
            Some(NameKind::Uc)
        );
        assert_eq!(
            sold(&by_tariff, addon("altname", "dear", 1)),
            Some(NameKind::Other)
        );
        let both = read("UcNamesAddons uc\nNamesAddons others\n").unwrap();
        assert_eq!(sold(&both, addon("others", "x", 1)), Some(NameKind::Other));
        assert_eq!(sold(&both, addon("altname", "x", 1)), None);
        assert_eq!(read("UcNamesAddons -\n").unwrap(), plain);
    }

    #[test]
    fn a_wrong_file_orders_nothing() {
        for (lines, part) in [
            ("UcNamesAddon uc\n", "line 1: 'UcNamesAddon'"),
            ("UcNamesAddons u c\n", "words between commas"),
            ("UcNamesAddons a,b\nNamesAddons b\n", "'b' stands in"),
        ] {
            let failure = read(lines).unwrap_err();
            assert_eq!(failure.reason(), Reason::PlatformFile, "{lines}");
            assert!(failure.words().contains(part), "{failure}");
            assert!(failure.object().ends_with("pmglobalsign.conf"));
        }
    }

    #[test]
    fn each_kind_of_names_has_to_be_ordered() {
        let site = read("UcNamesAddons uc\n").unwrap();
        let names = ["mail.example.com", "www.example.com", "a.example.com"];
        let sells = |uc, other| vec![addon("uc", "u", uc), addon("altname", "o", other)];
        assert_eq!(check(&site, &names, &sells(2, 1)), Ok(()));
        assert_eq!(check(&site, &names, &sells(9, 9)), Ok(()));
        assert_eq!(check(&site, &[], &sells(0, 0)), Ok(()));
        assert_eq!(
            check(&site, &names, &sells(1, 9)),
            Err((
                Reason::UcNamesShort,
                "2 > 1 (mail.example.com, www.example.com)".to_owned()
            ))
        );
        assert_eq!(
            check(&site, &names, &sells(9, 0)),
            Err((Reason::OtherNamesShort, "1 > 0 (a.example.com)".to_owned()))
        );
        // A public address is an additional name that is no UC name.
        let address = |sold| {
            let addresses = ["93.184.216.34".parse().unwrap()];
            let uc = [name("mail.example.com")];
            site.check(&name("example.com"), &uc, &addresses, &sells(1, sold))
        };
        assert!(address(1).is_ok());
        let short = address(0).unwrap_err();
        assert_eq!(short.reason(), Reason::OtherNamesShort);
        assert_eq!(short.words(), "1 > 0 (93.184.216.34)");
        // Several addons of a kind add up; an addon for something else does not count.
        let mut split = sells(1, 1);
        split.push(addon("uc", "v", 1));
        split.push(addon("ip", "w", 9));
        assert_eq!(check(&site, &names, &split), Ok(()));
        // Only UC names were on sale: another name was not.
        let only_uc = [addon("uc", "u", 9)];
        assert_eq!(
            check(&site, &names, &only_uc).map_err(|(reason, _)| reason),
            Err(Reason::OtherNamesShort)
        );
    }

    #[test]
    fn without_a_known_addon_for_uc_names_the_sum_is_left_to_the_caller() {
        let names = ["mail.example.com", "a.example.com"];
        let addons = [addon("altname", "o", 1), addon("uc", "u", 1)];
        for site in [
            NameAddons::default(),
            read("UcNamesAddons other\n").unwrap(),
        ] {
            assert_eq!(check(&site, &names, &addons), Ok(()));
        }
    }

    #[test]
    fn a_shortage_names_the_field_and_the_remedy_in_both_languages() {
        use crate::failure::Language;
        let site = read("UcNamesAddons uc\n").unwrap();
        let failure = site
            .check(
                &name("example.com"),
                &[name("mail.example.com")],
                &[],
                &[addon("uc", "u", 0)],
            )
            .unwrap_err();
        assert_eq!(failure.kind(), crate::failure::FailureKind::Input);
        let english = failure.text(Language::English);
        for part in ["'altname'", "1 > 0 (mail.example.com)", "Order more"] {
            assert!(english.contains(part), "{english}");
        }
        let russian = failure.text(Language::Russian);
        assert!(russian.contains("Закажите больше"), "{russian}");
    }
}
