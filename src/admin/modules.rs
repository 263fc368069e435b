//! `pmssl modules`: what exists.

use super::output::{AdminAnswer, Cell, View};
use crate::failure::Failure;
use crate::module::{MODULES, Text};

const MODULE: Text = Text::new("module", "модуль");
const VENDOR: Text = Text::new("vendor", "поставщик");
const PRODUCTS: Text = Text::new("products", "продуктов");
const SETTINGS: Text = Text::new("settings", "настройки");

/// A line per module.
pub(super) fn run(view: &View) -> Result<AdminAnswer, Failure> {
    if view.json {
        let list: Vec<_> = MODULES
            .iter()
            .map(|module| {
                let names = |settings: &[crate::module::Setting]| -> Vec<&str> {
                    settings.iter().map(|setting| setting.name).collect()
                };
                serde_json::json!({
                    "module": module.name,
                    "vendor": module.vendor,
                    "products": module.templates.iter().map(|t| t.code).collect::<Vec<_>>(),
                    "settings": names(module.settings),
                    "custom": names(module.custom),
                })
            })
            .collect();
        return Ok(AdminAnswer::done(view.json(&list)?));
    }
    let rows: Vec<Vec<Cell>> = MODULES
        .iter()
        .map(|module| {
            let settings: Vec<_> = module.settings.iter().map(|setting| setting.name).collect();
            vec![
                module.name.into(),
                module.vendor.into(),
                module.templates.len().to_string().into(),
                settings.join(", ").into(),
            ]
        })
        .collect();
    let heads = [MODULE, VENDOR, PRODUCTS, SETTINGS].map(|head| view.say(&head));
    Ok(AdminAnswer::done(view.table(&heads, &rows)))
}
