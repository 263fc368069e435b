//! The pages under `docs`: their tables are made from the descriptors and the texts of failures, and what
//! they name exists.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::documents::{filled, keep};
use super::*;
use crate::ca::{CertificateAuthority, ConnectOptions, connect};
use crate::domain::Settings;
use crate::failure::{FailureKind, Language, Reason};
use crate::module::{Level, Method, SettingKind, Template};

/// The page of each module's vendor.
pub(super) const VENDOR_PAGES: [(&str, &str); MODULES.len()] = [
    ("pmthesslstore", "docs/thesslstore.md"),
    ("pmispmgrssl", "docs/ispmanager.md"),
    ("pmleadertelecom", "docs/leadertelecom.md"),
    ("pmglobalsign", "docs/globalsign.md"),
    ("pmenomssl", "docs/enom.md"),
];

/// All kinds in the order of the page.
const KINDS: [(&str, FailureKind); 10] = [
    ("input", FailureKind::Input),
    ("rejected", FailureKind::Rejected),
    ("auth", FailureKind::Auth),
    ("funds", FailureKind::Funds),
    ("pending", FailureKind::Pending),
    ("transient", FailureKind::Transient),
    ("unknown", FailureKind::Unknown),
    ("not supported", FailureKind::NotSupported),
    ("protocol", FailureKind::Protocol),
    ("platform", FailureKind::Platform),
];

/// The adapter of an account that has only what must be entered.
fn adapter(module: &Module) -> Box<dyn CertificateAuthority> {
    let mut settings = Settings::default();
    for setting in module.settings {
        match setting.kind {
            SettingKind::Secret => settings.set_secret(setting.name, "documented-secret".into()),
            SettingKind::Url => settings.set(setting.name, setting.placeholder),
            _ if setting.required => settings.set(setting.name, "documented-user"),
            _ => {}
        }
    }
    connect(module.name, &settings, &ConnectOptions::default()).unwrap()
}

fn abilities(module: &Module) -> String {
    let authority = adapter(module);
    let abilities = authority.abilities();
    let mut table = String::from("| Ability | |\n|---|---|\n");
    for (what, has) in [
        ("lists approver addresses", abilities.approvers),
        (
            "renews with reference to the former order",
            abilities.renewal,
        ),
        ("reissues inside the paid term", abilities.reissue),
        ("can cancel or refund an order", abilities.cancel),
        (
            "takes another method of validation with a reissue",
            abilities.reissue && abilities.reissue_takes_method,
        ),
        (
            "can change or resend the validation of a pending order",
            abilities.change_validation,
        ),
        (
            "can trigger a validation check immediately",
            abilities.verify_now,
        ),
        ("reports the balance", abilities.balance),
        ("lists products and prices", abilities.products),
        ("lists revoked orders", abilities.lists_revoked),
    ] {
        let _ = writeln!(table, "| {what} | {} |", yes(has));
    }
    let minutes = abilities.settle_time.as_secs() / 60;
    let _ = writeln!(
        table,
        "| time that an order may take to appear in the vendor's list | {minutes} minutes |"
    );
    let _ = writeln!(
        table,
        "| the order form can offer the client a choice of methods | {} |",
        yes(module.offers_methods())
    );
    table
}

fn settings(module: &Module) -> String {
    let mut table =
        String::from("| Setting | Stored as | Needed | Default | |\n|---|---|---|---|---|\n");
    let form = module.settings.iter().map(|setting| (setting, false));
    let parameters = module.custom.iter().map(|setting| (setting, true));
    for (setting, is_parameter) in form.chain(parameters) {
        let label = if is_parameter {
            let label = setting.parameter_label(Language::English);
            format!("{label} (custom parameter)")
        } else {
            setting.label.en.to_owned()
        };
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let hint = match (setting.kind, setting.hint.en) {
            (SettingKind::Secret, "") => "stored encrypted".to_owned(),
            (SettingKind::Secret, hint) => format!("{hint}. Stored encrypted"),
            (_, hint) => hint.to_owned(),
        };
        let _ = writeln!(
            table,
            "| {label} | `{}` | {} | {default} | {hint} |",
            setting.name,
            yes(setting.required),
        );
    }
    table
}

fn products(module: &Module) -> String {
    let mut table = String::from(
        "| Product code | Product | Level | Names | Validation |\n|---|---|---|---|---|\n",
    );
    for template in module.templates {
        let former = if template.current {
            ""
        } else {
            " (for old services)"
        };
        let _ = writeln!(
            table,
            "| `{}` | {}{former} | {} | {} | {} |",
            template.code,
            template.label,
            level(template),
            names(template),
            methods(template),
        );
    }
    table
}

/// Methods of any product, with the word that chooses each.
fn choices(module: &Module) -> String {
    let mut table = String::from("| Validation method | `approver_method` |\n|---|---|\n");
    let taken = Method::ALL.into_iter().filter(|method| {
        let mut products = module.templates.iter();
        products.any(|product| product.methods.contains(method))
    });
    for method in taken {
        let _ = writeln!(table, "| {} | `{}` |", method.name(), method.choice_word());
    }
    table
}

fn yes(has: bool) -> &'static str {
    if has { "yes" } else { "no" }
}

fn level(template: &Template) -> &'static str {
    match template.level {
        Level::Domain => "domain",
        Level::Organization => "organization",
        Level::Extended => "extended",
    }
}

fn names(template: &Template) -> String {
    let mut words = String::from(match (template.wildcard, template.multidomain) {
        (true, true) => "wildcard + names",
        (true, false) => "wildcard",
        (false, true) => "1+ names",
        (false, false) => "1 name",
    });
    if template.www {
        words.push_str(", www included");
    }
    if template.multidomain && template.multidomain_wildcard {
        words.push_str(" (wildcards allowed)");
    }
    words
}

fn methods(template: &Template) -> String {
    let names: Vec<&str> = template.methods.iter().copied().map(Method::name).collect();
    if names.is_empty() {
        "done by the CA, not via the API".to_owned()
    } else {
        names.join(", ")
    }
}

/// The texts of one kind of failure, as the platform's users see them.
fn texts(kind: FailureKind) -> String {
    let mut table = String::from("| Error type | English | Russian |\n|---|---|---|\n");
    for reason in Reason::ALL.iter().filter(|reason| reason.kind() == kind) {
        let _ = writeln!(
            table,
            "| `{}` | {} | {} |",
            reason.type_name(),
            shown(reason.text(Language::English)),
            shown(reason.text(Language::Russian)),
        );
    }
    table
}

/// Placeholders as words between angle brackets.
fn shown(text: &str) -> String {
    text.replace("__object__", "&lt;what&gt;")
        .replace("__value__", "&lt;value&gt;")
        .replace("__detail__", "&lt;particulars&gt;")
        .replace('|', "\\|")
}

#[test]
fn every_vendor_has_a_page_with_the_tables_of_its_module() {
    for module in MODULES {
        let page = VENDOR_PAGES.iter().find(|(name, _)| *name == module.name);
        let (_, path) = page.unwrap_or_else(|| panic!("{} has no page", module.name));
        let parts = [
            ("abilities", abilities(module)),
            ("settings", settings(module)),
            ("methods", choices(module)),
            ("products", products(module)),
        ];
        keep(path, &filled(path, &parts));
    }
}

#[test]
fn every_reason_to_fail_is_on_the_page_of_failures() {
    let path = "docs/failures.md";
    let parts = KINDS.map(|(name, kind)| (name, texts(kind)));
    let page = filled(path, &parts);
    keep(path, &page);
    for reason in Reason::ALL {
        let row = format!("| `{}` | ", reason.type_name());
        assert!(page.contains(&row), "{reason:?}");
    }
}

/// Everything of this repository that a page names by its path, and every link to another page.
#[test]
fn what_the_pages_name_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md")];
    for directory in ["docs", "docs/reference"] {
        let entries = std::fs::read_dir(root.join(directory)).unwrap();
        let entries = entries.map(|entry| entry.unwrap().path());
        pages.extend(entries.filter(|path| path.is_file()));
    }
    let mut missing = Vec::new();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let directory = page.parent().unwrap();
        let wanted = named(&text).map(|name| root.join(name));
        let wanted = wanted.chain(linked(&text).map(|link| directory.join(link)));
        missing.extend(
            wanted
                .filter(|file| !file.exists())
                .map(|file| format!("{}: {}", page.display(), file.display())),
        );
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Words between backticks that are paths of the repository and hold no placeholder.
fn named(text: &str) -> impl Iterator<Item = PathBuf> {
    let homes = ["src/", "tests/", "docs/", "fuzz/", ".ci/", "etc/packaging/"];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|word| word.split_whitespace().next())
        .filter(move |word| homes.iter().any(|home| word.starts_with(home)))
        .filter(|word| !word.contains(['<', '*', '{', '…']))
        .map(PathBuf::from)
}

/// Targets of links that stay inside the repository.
fn linked(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|target| target.split('#').next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
}
