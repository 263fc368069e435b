//! `pmssl modules`: what exists.

use std::fmt::Write;

use crate::module::MODULES;

/// A line per module.
pub(super) fn run() -> String {
    let mut text = String::new();
    for module in MODULES {
        let settings: Vec<_> = module.settings.iter().map(|setting| setting.name).collect();
        let _ = writeln!(
            text,
            "{:<16} {:<16} {:>3} products  settings: {}",
            module.name,
            module.vendor,
            module.templates.len(),
            settings.join(", ")
        );
    }
    text
}
