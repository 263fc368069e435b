//! Tables of the README, generated so that they cannot fall behind.

use std::fmt::Write as _;

use crate::domain::options;
use crate::failure::Language;

use super::{MODULES, Method, Module, Setting};

/// Modules with vendor, settings, products and validation methods, as a markdown table.
#[must_use]
pub fn readme_table() -> String {
    let mut table = String::from(
        "| Module | Vendor | Settings | Products | Validation |\n|---|---|---|---|---|\n",
    );
    for module in MODULES {
        let settings: Vec<&str> = module
            .settings
            .iter()
            .map(|setting| setting.label.en)
            .collect();
        let _ = writeln!(
            table,
            "| `{}` | {} | {} | {} | {} |",
            module.name,
            module.vendor,
            settings.join(", "),
            products(module),
            methods(module),
        );
    }
    table
}

/// Custom parameters with their defaults and meaning, as a markdown table.
#[must_use]
pub fn readme_custom_parameters() -> String {
    let mut table = String::from("| Module | Parameter | Default | Meaning |\n|---|---|---|---|\n");
    for module in MODULES {
        for setting in module.custom {
            let _ = writeln!(
                table,
                "| `{}` | `{}` | {} | {} |",
                module.name,
                setting.name,
                default(setting),
                meaning(setting),
            );
        }
    }
    table
}

/// The options of `billmgr.conf` that are the program's own, as a markdown table.
#[must_use]
pub fn readme_options() -> String {
    let mut table = String::from("| option | meaning | default |\n|---|---|---|\n");
    for option in options::ALL {
        let (name, meaning) = (option.name(), option.meaning());
        if !meaning.is_empty() {
            let _ = writeln!(table, "| `{name}` | {meaning} | {} |", option.default());
        }
    }
    table
}

fn products(module: &Module) -> String {
    let all = module.templates.len();
    let current = module.templates.iter().filter(|one| one.current).count();
    if all == current {
        all.to_string()
    } else {
        format!("{all}, of them {} for old services", all - current)
    }
}

fn methods(module: &Module) -> String {
    let names: Vec<&str> = Method::ALL
        .into_iter()
        .filter(|method| {
            module
                .templates
                .iter()
                .any(|template| template.methods.contains(method))
        })
        .map(Method::name)
        .collect();
    names.join(", ")
}

fn default(setting: &Setting) -> String {
    if setting.default.is_empty() {
        String::new()
    } else {
        format!("`{}`", setting.default)
    }
}

fn meaning(setting: &Setting) -> String {
    let label = setting.parameter_label(Language::English);
    if setting.hint.en.is_empty() {
        label
    } else {
        format!("{label}. {}", setting.hint.en)
    }
}
