//! Modules under other names: beside the platform vendor's own ones, or in the place of one that is called
//! differently.
//!
//! A module is what its file name says (billmanager.md 1.1), so that another name is another module to the
//! platform: with accounts, forms and texts of its own. Adapter, rules and settings are the same.

use std::sync::LazyLock;

use super::{MODULES, Module};

/// The begin of the names under which modules stand beside the platform vendor's own ones.
const BESIDE: &str = "pmssl_";

/// A module of the platform vendor's that is called differently (billmanager.md 1.1) and ours for it.
const STOCK: [(&str, &str); 1] = [("pmglobalsign.py", "pmglobalsign")];

/// Names beside, then stock names.
static OTHERS: LazyLock<Vec<Module>> = LazyLock::new(|| {
    let beside = MODULES.iter().map(|module| {
        let short = module.name.strip_prefix("pm").unwrap_or(module.name);
        let name: &'static str = Box::leak(format!("{BESIDE}{short}").into_boxed_str());
        Module { name, ..**module }
    });
    let stock = STOCK.iter().filter_map(|(name, ours)| {
        let module = MODULES.iter().find(|module| module.name == *ours)?;
        Some(Module { name, ..**module })
    });
    beside.chain(stock).collect()
});

/// All modules under all names; those of [`MODULES`] first.
pub fn all() -> impl Iterator<Item = &'static Module> {
    MODULES.into_iter().chain(OTHERS.iter())
}

/// The module of a program name (`pmthesslstore`), as in `argv[0]` without its path.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Module> {
    // The usual names first: the others need not be made for them.
    MODULES
        .into_iter()
        .find(|module| module.name == name)
        .or_else(|| OTHERS.iter().find(|module| module.name == name))
}

impl Module {
    /// The same module under the name beside the platform vendor's own one.
    #[must_use]
    pub fn beside(&self) -> &'static Self {
        let beside = |other: &&Self| other.origin == self.origin && other.name.starts_with(BESIDE);
        OTHERS
            .iter()
            .find(beside)
            .unwrap_or_else(|| unreachable!("a name beside is made for every module"))
    }

    /// Whether a module, by its name, is this one under any name: both have the same vendor.
    #[must_use]
    pub fn serves_with(&self, name: Option<&str>) -> bool {
        name.and_then(by_name)
            .is_some_and(|other| other.origin == self.origin)
    }

    /// Name of its log: without an extension, as the platform vendor's own module has it
    /// (billmanager.md 1.1), since a dot means a component in `debug.conf`.
    #[must_use]
    pub fn log_name(&self) -> &'static str {
        self.name
            .split_once('.')
            .map_or(self.name, |(name, _)| name)
    }

    /// Whether it goes by another name than its own.
    #[must_use]
    pub fn is_renamed(&self) -> bool {
        self.name != self.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_a_name_beside_and_all_names_differ() {
        let names: std::collections::BTreeSet<_> = all().map(|module| module.name).collect();
        assert_eq!(names.len(), all().count());
        assert_eq!(names.len(), 2 * MODULES.len() + STOCK.len());
        for module in all() {
            assert_eq!(
                by_name(module.name).map(|found| found.name),
                Some(module.name)
            );
            assert!(by_name(module.origin).is_some(), "{}", module.name);
            assert!(module.name.starts_with("pm"), "{}", module.name);
            assert_eq!(module.beside().origin, module.origin);
            assert!(!module.log_name().contains('.'), "{}", module.name);
        }
        assert_eq!(MODULES[0].beside().name, "pmssl_thesslstore");
        assert!(MODULES.iter().all(|module| !module.is_renamed()));
        assert_eq!(by_name("pmnobody").map(|module| module.name), None);
    }

    #[test]
    fn forms_and_texts_carry_the_other_name() {
        let module = by_name("pmglobalsign.py").unwrap();
        let form = module.xml_form();
        assert!(form.contains("<plugin name=\"pmglobalsign.py\">"), "{form}");
        assert!(form.contains("processing.edit.pmglobalsign.py\""), "{form}");
        assert!(!form.contains("pmglobalsign\""), "{form}");
        let own = by_name("pmglobalsign").unwrap();
        assert_eq!(module.features_document(), own.features_document());
    }
}
