//! Every place outside of its own folders that has to know of a vendor and that the compiler does not ask for.
//! Whoever adds one reads the list of what is left to do here.

use std::path::PathBuf;

use super::pages::VENDOR_PAGES;
use super::*;

/// Places that name each vendor: file, and what must stand there. `NAME` is the vendor's folder, `MODULE` its module,
/// `VENDOR` the company.
const PLACES: [(&str, &str); 15] = [
    ("README.md", "(docs/NAME.md)"),
    ("docs/failures.md", "(NAME.md"),
    ("docs/operations.md", "| VENDOR |"),
    ("etc/logrotate.d/pmssl", "/var/MODULE.log\n"),
    ("etc/packaging/control", "VENDOR"),
    ("etc/packaging/pmssl.spec", "VENDOR"),
    ("src/admin/mod.rs", "MODULE"),
    ("src/hostile/mod.rs", "(\"NAME\", NAME),"),
    ("src/hostile/properties.rs", "check(\"NAME\", "),
    ("src/hostile/vendors.rs", "vendor(\"MODULE\", "),
    ("fuzz/Cargo.toml", "path = \"fuzz_targets/NAME.rs\""),
    ("fuzz/fuzz_targets/NAME.rs", "hostile::NAME("),
    ("tests/crash.rs", "kill_all(trade(\"MODULE\"))"),
    ("tests/faults.rs", "meet_all(trade(\"MODULE\"))"),
    ("tests/platform_faults.rs", "\"MODULE\""),
];

/// Texts that say how many there are.
const COUNTED: [(&str, &str); 6] = [
    ("README.md", "One binary, COUNT vendors"),
    ("README.md", "One binary provides COUNT modules"),
    ("Cargo.toml", "one binary, COUNT vendors"),
    ("docs/design.md", "the COUNT modules as data"),
    ("etc/packaging/control", "is COUNT processing modules"),
    ("etc/packaging/pmssl.spec", "is COUNT processing modules"),
];

fn file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn every_vendor_is_named_wherever_it_has_to_be() {
    let mut missing = Vec::new();
    for module in MODULES {
        let page = VENDOR_PAGES.iter().find(|(name, _)| *name == module.name);
        let page = page.map_or_else(|| panic!("no page of {}", module.name), |(_, page)| *page);
        let name = page.trim_start_matches("docs/").trim_end_matches(".md");
        let filled = |text: &str| {
            text.replace("NAME", name)
                .replace("MODULE", module.name)
                .replace("VENDOR", module.vendor)
        };
        for (path, words) in PLACES {
            let (path, words) = (filled(path), filled(words));
            let text = std::fs::read_to_string(file(&path)).unwrap_or_default();
            if !text.contains(&words) {
                missing.push(format!("{path}: {words}"));
            }
        }
        for folder in ["src/ca", "fuzz/corpus", "tests/sandbox/vendor"] {
            let path = format!("{folder}/{name}");
            if std::fs::read_dir(file(&path)).is_ok_and(|mut entries| entries.next().is_some()) {
                continue;
            }
            missing.push(format!("{path}: nothing"));
        }
    }
    let count = ["five", "six", "seven", "eight", "nine"][MODULES.len() - 5];
    for (path, words) in COUNTED {
        let words = words.replace("COUNT", count);
        if !std::fs::read_to_string(file(path))
            .unwrap()
            .contains(&words)
        {
            missing.push(format!("{path}: {words}"));
        }
    }
    assert!(missing.is_empty(), "missing: {missing:#?}");
}

/// What an account keeps secret is known to the log by its name, too: a vendor may echo it.
#[test]
fn names_of_secret_settings_are_masked_wherever_they_stand() {
    for module in MODULES {
        for name in module.secrets() {
            for text in [
                format!("{name}=canary"),
                format!("{{\"{name}\":\"canary\"}}"),
                format!("<{name}>canary</{name}>"),
            ] {
                let shown = crate::logging::mask(&text);
                assert!(!shown.contains("canary"), "{}: {shown}", module.name);
            }
        }
    }
}
