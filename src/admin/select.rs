//! The options that name accounts, services and modules: each means the same in every subcommand.

use std::ffi::OsStr;
use std::str::FromStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::module::{self, MODULES, Module};

/// A whole number: an ID, days, a count.
pub(super) fn whole<T: FromStr>(text: &str) -> Result<T, &'static str> {
    text.trim()
        .parse()
        .map_err(|_| "a whole number is needed, such as 7")
}

/// Which accounts and services a command is about; all unless an option names some.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Chosen {
    /// Only this account
    #[arg(long, value_name = "ID", value_parser = whole::<u64>)]
    pub(super) account: Option<u64>,
    /// Only this module
    #[arg(long, value_name = "NAME", value_parser = MODULE_OR_ACCOUNT)]
    pub(super) module: Option<Only>,
    /// Only the modules of this vendor
    #[arg(long, value_name = "NAME", value_parser = VENDOR)]
    pub(super) vendor: Option<Vendor>,
}

/// What `--module` names: earlier versions took the ID of an account there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Only {
    /// A module, by its name.
    Module(&'static str),
    /// An account.
    Account(u64),
}

/// A vendor, by the own name of its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Vendor(&'static str);

impl Chosen {
    /// The account that is named, by either option.
    pub(super) fn account(&self) -> Option<u64> {
        self.account.or(match self.module {
            Some(Only::Account(id)) => Some(id),
            _ => None,
        })
    }

    /// Whether a module is chosen, as far as its name tells.
    pub(super) fn has_module(&self, module: &Module) -> bool {
        let named = match self.module {
            Some(Only::Module(name)) => module.name == name,
            _ => true,
        };
        named
            && self
                .vendor
                .is_none_or(|Vendor(origin)| module.origin == origin)
    }

    /// The modules that are chosen, as far as their names tell.
    pub(super) fn modules(&self) -> Vec<&'static Module> {
        module::all()
            .filter(|module| self.has_module(module))
            .collect()
    }

    /// Whether an account of a module is chosen.
    pub(super) fn has_account(&self, id: u64) -> bool {
        let by_module = match self.module {
            Some(Only::Account(only)) => only == id,
            _ => true,
        };
        by_module && self.account.is_none_or(|only| only == id)
    }
}

/// Reads a name out of those that there are, which help and completions show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names<T> {
    /// The names in help and completions.
    pub(super) shown: fn() -> Vec<String>,
    /// Those that a mistake is answered with.
    pub(super) known: fn() -> Vec<String>,
    /// What a name stands for.
    pub(super) read: fn(&str) -> Option<T>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Names<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let text = value.to_string_lossy();
        (self.read)(text.trim()).ok_or_else(|| {
            let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
            let name = argument.map(ToString::to_string).unwrap_or_default();
            error.insert(ContextKind::InvalidArg, ContextValue::String(name));
            let value = ContextValue::String(text.into_owned());
            error.insert(ContextKind::InvalidValue, value);
            let known = ContextValue::Strings((self.known)());
            error.insert(ContextKind::ValidValue, known);
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.shown)().into_iter().map(PossibleValue::new)))
    }
}

/// A module's name.
pub(super) const MODULE: Names<&'static str> = Names {
    shown: usual_names,
    known: all_names,
    read: |text| named(text).map(|module| module.name),
};

/// A module's name, or the ID of an account as earlier versions took it.
const MODULE_OR_ACCOUNT: Names<Only> = Names {
    shown: usual_names,
    known: all_names,
    read: |text| match text.parse() {
        Ok(id) => Some(Only::Account(id)),
        Err(_) => named(text).map(|module| Only::Module(module.name)),
    },
};

/// A vendor's name, or that of its module.
const VENDOR: Names<Vendor> = Names {
    shown: vendors,
    known: vendors,
    read: |text| {
        let by_name = MODULES
            .iter()
            .find(|module| module.vendor.eq_ignore_ascii_case(text))
            .copied();
        let module = by_name.or_else(|| named(text))?;
        Some(Vendor(module.origin))
    },
};

/// The module of a name, with or without what all their names begin with.
fn named(text: &str) -> Option<&'static Module> {
    let text = text.to_lowercase();
    module::by_name(&text).or_else(|| module::by_name(&format!("pm{text}")))
}

fn usual_names() -> Vec<String> {
    MODULES
        .iter()
        .map(|module| module.name.to_owned())
        .collect()
}

fn all_names() -> Vec<String> {
    module::all().map(|module| module.name.to_owned()).collect()
}

fn vendors() -> Vec<String> {
    MODULES
        .iter()
        .map(|module| module.vendor.to_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Words {
        #[command(flatten)]
        chosen: Chosen,
    }

    fn chosen(words: &[&str]) -> Result<Chosen, clap::Error> {
        let words = [&["pmssl"], words].concat();
        Words::try_parse_from(words).map(|words| words.chosen)
    }

    #[test]
    fn one_option_for_accounts_one_for_modules_one_for_vendors() {
        let all = chosen(&[]).unwrap();
        assert_eq!(all.modules().len(), module::all().count());
        assert_eq!((all.account(), all.has_account(7)), (None, true));
        let one = chosen(&["--account", "3"]).unwrap();
        assert_eq!(one.account(), Some(3));
        assert!(one.has_account(3) && !one.has_account(4));
        for name in ["pmglobalsign", "globalsign", "PMGlobalSign"] {
            let one = chosen(&["--module", name]).unwrap().modules();
            let names: Vec<_> = one.iter().map(|module| module.name).collect();
            assert_eq!(names, ["pmglobalsign"], "{name}");
        }
        for name in ["pmenomssl", "enom", "eNom", "enomssl"] {
            let some = chosen(&["--vendor", name]).unwrap().modules();
            let names: Vec<_> = some.iter().map(|module| module.name).collect();
            assert_eq!(names, ["pmenomssl", "pmssl_enomssl"], "{name}");
        }
        let both = chosen(&["--vendor", "enom", "--module", "pmglobalsign"]);
        assert!(both.unwrap().modules().is_empty());
    }

    #[test]
    fn a_number_is_still_an_account_where_a_module_is_named() {
        let one = chosen(&["--module", "3"]).unwrap();
        assert_eq!(one.account(), Some(3));
        assert!(one.has_account(3) && !one.has_account(4));
        assert_eq!(one.modules().len(), module::all().count());
        let odd = chosen(&["--module", "3", "--account", "4"]).unwrap();
        assert!(!odd.has_account(3) && !odd.has_account(4));
    }

    #[test]
    fn what_is_no_number_or_no_name_is_told_so() {
        let text = chosen(&["--account", "abc"]).unwrap_err().to_string();
        assert!(text.contains("a whole number is needed"), "{text}");
        assert!(!text.contains("digit"), "{text}");
        let text = chosen(&["--module", "nobody"]).unwrap_err().to_string();
        for word in ["'nobody'", "--module <NAME>", "pmssl_enomssl"] {
            assert!(text.contains(word), "{word}: {text}");
        }
        let text = chosen(&["--vendor", "nobody"]).unwrap_err().to_string();
        assert!(text.contains("leadertelecom"), "{text}");
    }

    #[test]
    fn every_name_that_is_shown_is_taken() {
        for name in (MODULE.shown)().into_iter().chain((MODULE.known)()) {
            assert!((MODULE.read)(&name).is_some(), "{name}");
        }
        for name in vendors() {
            assert!((VENDOR.read)(&name).is_some(), "{name}");
        }
    }
}
