//! Specifications of the descriptors and of the documents made from them. The documents are read back
//! with an XML library, and compared with the files in the repository; `PMSSL_UPDATE=1 cargo test`
//! writes those anew.

mod documents;
mod pages;
mod places;
mod tree;
mod vendors;

use std::collections::BTreeSet;

use super::*;
use crate::failure::{Language, Reason};

const LANGUAGES: [Language; 2] = [Language::English, Language::Russian];

#[test]
fn a_module_is_found_by_its_program_name_only() {
    for module in MODULES {
        assert!(std::ptr::eq(by_name(module.name).unwrap(), module));
    }
    assert!(by_name("TheSSLStore").is_none());
    assert!(by_name("pmthesslstore.py").is_none());
    assert!(by_name("").is_none());
}

#[test]
fn every_product_code_is_unique_within_its_module() {
    for module in MODULES {
        let codes: BTreeSet<&str> = module.templates.iter().map(|one| one.code).collect();
        assert_eq!(codes.len(), module.templates.len(), "{}", module.name);
        assert!(!codes.is_empty(), "{}", module.name);
    }
}

#[test]
fn no_two_modules_share_a_product_code() {
    // Their labels stand in one message group of the platform.
    let all: Vec<&str> = MODULES
        .iter()
        .flat_map(|module| module.templates.iter().map(|one| one.code))
        .collect();
    let unique: BTreeSet<&&str> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
}

#[test]
fn every_product_has_a_label_of_its_own() {
    for module in MODULES {
        let labels: BTreeSet<&str> = module.templates.iter().map(|one| one.label).collect();
        assert_eq!(labels.len(), module.templates.len(), "{}", module.name);
    }
}

#[test]
fn a_template_is_found_by_its_exact_code() {
    let module = by_name("pmglobalsign").unwrap();
    assert_eq!(module.template("DV_wild").unwrap().code, "DV_wild");
    assert!(module.template("dv_wild").is_none());
    assert!(module.template("ispmgr_DV").is_none());
}

#[test]
fn ispmanager_codes_may_carry_their_prefix() {
    let module = by_name("pmispmgrssl").unwrap();
    assert_eq!(module.template("3033").unwrap().code, "3033");
    assert_eq!(module.template("ispmgr_3033").unwrap().code, "3033");
    assert!(module.template("ispmgr_ispmgr_3033").is_none());
    assert!(module.template("ispmgr_").is_none());
}

#[test]
fn organization_data_follow_the_level_but_for_ssl123_and_enom() {
    for module in MODULES {
        for template in module.templates {
            // eNom wants an address for the contacts of every product (enom.md 8).
            let expected = template.level != Level::Domain
                || template.code == "ssl123"
                || module.name == "pmenomssl";
            assert_eq!(template.organization, expected, "{}", template.code);
        }
    }
}

#[test]
fn every_product_by_domain_validation_can_be_proved_by_mail() {
    for module in MODULES {
        for template in module.templates {
            if template.level == Level::Domain {
                assert!(
                    template.methods.contains(&Method::Email),
                    "{}",
                    template.code
                );
            }
        }
    }
}

#[test]
fn a_wildcard_is_never_proved_by_a_file() {
    for module in MODULES {
        for template in module.templates.iter().filter(|one| one.wildcard) {
            for method in [Method::HttpFile, Method::HttpsFile] {
                assert!(!template.methods.contains(&method), "{}", template.code);
            }
        }
    }
}

#[test]
fn no_extended_product_holds_wildcards() {
    for module in MODULES {
        for template in module.templates {
            if template.level == Level::Extended {
                assert!(!template.wildcard, "{}", template.code);
                assert!(!template.takes_wildcard_names(), "{}", template.code);
            }
        }
    }
}

#[test]
fn wildcard_names_are_taken_by_either_way_of_saying_so() {
    let store = by_name("pmthesslstore").unwrap();
    let takes = |code: &str| store.template(code).unwrap().takes_wildcard_names();
    assert!(takes("positivemdcwildcard"));
    assert!(takes("digi_securesite_flex"));
    assert!(!takes("positivemdcssl"));
    assert!(!takes("positivesslwildcard"));
}

#[test]
fn setting_names_are_unique_and_storable() {
    for module in MODULES {
        let mut names = BTreeSet::new();
        for setting in module.settings.iter().chain(module.custom) {
            assert!(
                names.insert(setting.name),
                "{}: {}",
                module.name,
                setting.name
            );
            assert!(
                setting
                    .name
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric() || one == '_')
            );
        }
    }
}

#[test]
fn no_custom_parameter_is_a_secret() {
    // The platform keeps custom parameters in clear.
    for module in MODULES {
        for setting in module.custom {
            assert_ne!(setting.kind, SettingKind::Secret, "{}", setting.name);
            assert!(!setting.required, "{}", setting.name);
        }
    }
}

#[test]
fn every_module_takes_another_api_address() {
    for module in MODULES {
        let setting = module.setting(API_ADDRESS).unwrap();
        assert_eq!(setting.kind, SettingKind::Url, "{}", module.name);
    }
}

#[test]
fn default_of_a_choice_is_one_of_its_values() {
    for module in MODULES {
        for setting in module.settings.iter().chain(module.custom) {
            if let SettingKind::Choice(values) = setting.kind {
                assert!(
                    values.iter().any(|(value, _)| *value == setting.default),
                    "{}",
                    setting.name
                );
            }
        }
    }
}

#[test]
fn choice_keys_name_setting_and_value() {
    let format = by_name("pmthesslstore")
        .unwrap()
        .setting("cert_format")
        .unwrap();
    assert_eq!(format.choice_key("zip"), "cert_format_zip");
    let address = by_name("pmglobalsign")
        .unwrap()
        .setting(HOST_ADDRESS)
        .unwrap();
    assert_eq!(address.choice_key(""), "sourceip_any");
}

#[test]
fn every_text_exists_in_both_languages_or_in_none() {
    let mut texts = Vec::new();
    for module in MODULES {
        texts.extend([module.short, module.full]);
        for setting in module.settings.iter().chain(module.custom) {
            texts.push(setting.label);
            assert!(!setting.label.en.is_empty(), "{}", setting.name);
            texts.push(setting.hint);
            texts.extend(setting.choices().iter().map(|(_, text)| *text));
        }
        for field in module
            .organization_forms
            .iter()
            .flat_map(|form| form.fields)
        {
            texts.extend([field.label, field.hint]);
            assert!(!field.label.en.is_empty(), "{}", field.name);
        }
    }
    for text in texts {
        assert_eq!(text.en.is_empty(), text.ru.is_empty(), "{text:?}");
        assert!(!text.en.contains(|one: char| !one.is_ascii()), "{text:?}");
    }
}

#[test]
fn organization_forms_name_products_that_ask_for_organizations() {
    for module in MODULES {
        for code in module
            .organization_forms
            .iter()
            .flat_map(|form| form.templates)
        {
            assert!(module.template(code).unwrap().organization, "{code}");
        }
    }
}

#[test]
fn a_form_for_the_whole_module_demands_nothing() {
    // It is shown for products that do not need the field, too.
    for module in MODULES {
        for form in module.organization_forms {
            if form.templates.is_empty() {
                assert!(form.fields.iter().all(|field| !field.required));
            }
        }
    }
}

#[test]
fn order_numbers_never_share_an_item_parameter() {
    for module in MODULES {
        let mut names = BTreeSet::from([module.order_parameter]);
        for (kind, name) in module.reference_parameters {
            assert!(names.insert(name), "{}: {name}", module.name);
            // What is secret is masked by its name wherever a service's parameters are printed.
            let is_masked = crate::logging::is_secret_name(name);
            assert_eq!(is_masked, kind.is_secret(), "{}: {name}", module.name);
        }
    }
}

#[test]
fn numbers_of_thesslstore_stay_where_the_platforms_module_kept_them() {
    let module = by_name("pmthesslstore").unwrap();
    assert_eq!(module.order_parameter, "store_order_id");
    let parameter = |reference| module.reference_parameter(reference);
    assert_eq!(parameter(Reference::Client), Some("custom_order_id"));
    assert_eq!(parameter(Reference::Partner), Some("partner_order_id"));
    assert_eq!(parameter(Reference::Authority), Some("vender_order_id"));
    assert_eq!(parameter(Reference::TokenId), Some("token_id"));
    assert_eq!(parameter(Reference::TokenCode), Some("token_code"));
    for other in [
        "pmispmgrssl",
        "pmleadertelecom",
        "pmglobalsign",
        "pmenomssl",
    ] {
        assert_eq!(by_name(other).unwrap().order_parameter, "custom_order_id");
    }
    assert_eq!(
        by_name("pmglobalsign")
            .unwrap()
            .reference_parameter(Reference::Client),
        None
    );
}

#[test]
fn the_readme_table_has_a_line_for_every_module() {
    let table = readme_table();
    assert_eq!(table.lines().count(), 2 + MODULES.len());
    for (line, module) in table.lines().skip(2).zip(MODULES) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{line}");
        assert_eq!(cells[0], format!("`{}`", module.name));
        assert_eq!(cells[1], module.vendor);
    }
    assert!(table.contains("| API URL, Partner Id, Authentication Token, Certificate format |"));
    assert!(table.contains("| 7 | e-mail, HTTP file, DNS TXT |"));
    assert!(table.contains("| 89, of them 27 for old services |"));
}

#[test]
fn the_readme_explains_every_custom_parameter() {
    let table = readme_custom_parameters();
    let expected: usize = MODULES.iter().map(|module| module.custom.len()).sum();
    assert_eq!(table.lines().count(), 2 + expected);
    assert!(table.contains("| `pmthesslstore` | `refund_on_close` | `on` |"));
}

#[test]
fn the_mark_of_a_login_follows_address_and_name() {
    use crate::domain::Settings;
    let mark = |module: &str, pairs: &[(&str, &str)]| {
        let mut settings = Settings::default();
        for (name, value) in pairs {
            settings.set(*name, *value);
        }
        by_name(module).unwrap().login_mark(&settings)
    };
    let own = [("url", "https://a.example/rest"), ("partner_code", "77")];
    let base = mark("pmthesslstore", &own);
    assert_eq!(base.len(), 6);
    let with = |name, value| {
        let mut pairs = own.to_vec();
        pairs.push((name, value));
        mark("pmthesslstore", &pairs)
    };
    assert_eq!(with("url", "https://a.example/rest/"), base);
    assert_eq!(with("cert_format", "zip"), base);
    assert_ne!(with("url", "https://b.example/rest"), base);
    assert_ne!(with("partner_code", "78"), base);
    assert_ne!(with("api_url", "https://c.example"), base);
    assert_ne!(
        mark("pmglobalsign", &[("username", "u"), ("usedemo", "on")]),
        mark("pmglobalsign", &[("username", "u")])
    );
    for module in MODULES {
        let named = module.settings.iter().filter(|setting| setting.names_login);
        assert!(named.count() >= 1, "{}", module.name);
        let secret = module.settings.iter().any(|setting| {
            setting.names_login && setting.kind == crate::module::SettingKind::Secret
        });
        assert!(
            !secret,
            "{}: a rotated password is the same login",
            module.name
        );
    }
}
