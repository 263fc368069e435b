//! The features documents and the XML forms.

use std::path::PathBuf;

use super::tree::Node;
use super::*;

/// Compares a file of the repository with what the program makes of it now.
pub(super) fn keep(path: &str, text: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("PMSSL_UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == text,
        "{path} is out of date: run PMSSL_UPDATE=1 cargo test --lib module"
    );
}

#[test]
fn features_documents_are_as_recorded() {
    for module in MODULES {
        keep(
            &format!("src/module/tests/features/{}.xml", module.name),
            &module.features_document(),
        );
    }
}

#[test]
fn forms_in_the_repository_are_the_generated_ones() {
    for module in MODULES {
        keep(
            &format!("etc/xml/billmgr_mod_{}.xml", module.name),
            &module.xml_form(),
        );
    }
}

#[test]
fn features_begin_with_the_declaration_and_keep_the_order_of_blocks() {
    for module in MODULES {
        let document = module.features_document();
        assert!(document.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<doc>"));
        let blocks: Vec<String> = Node::parse(&document)
            .children
            .iter()
            .map(|node| node.name.clone())
            .collect();
        assert_eq!(blocks, ["itemtypes", "params", "features", "templates"]);
    }
}

#[test]
fn every_module_serves_certificates_only() {
    for module in MODULES {
        let document = Node::parse(&module.features_document());
        assert_eq!(document.one("itemtypes").names("itemtype"), ["certificate"]);
    }
}

#[test]
fn declared_params_are_the_settings_and_secrets_are_crypted() {
    for module in MODULES {
        let document = Node::parse(&module.features_document());
        let params = document.one("params");
        let names: Vec<&str> = module.settings.iter().map(|one| one.name).collect();
        assert_eq!(params.names("param"), names);
        for setting in module.settings {
            let crypted = params
                .named("param", setting.name)
                .unwrap()
                .attribute("crypted");
            let expected = (setting.kind == SettingKind::Secret).then_some("yes");
            assert_eq!(crypted, expected, "{}", setting.name);
        }
        let custom: Vec<&str> = module.custom.iter().map(|one| one.name).collect();
        assert_eq!(params.names("customparam"), custom);
    }
}

#[test]
fn whatever_is_called_password_or_token_is_a_secret() {
    for module in MODULES {
        let secrets: Vec<&str> = module.secrets().collect();
        assert_eq!(secrets.len(), 1, "{}", module.name);
        for setting in module.settings.iter().chain(module.custom) {
            let telling = ["password", "token", "secret", "key"]
                .iter()
                .any(|word| setting.name.contains(word));
            assert_eq!(telling, secrets.contains(&setting.name), "{}", setting.name);
        }
    }
}

#[test]
fn features_are_declared_once_and_only_where_they_mean_something() {
    for module in MODULES {
        let document = Node::parse(&module.features_document());
        let declared = document.one("features").names("feature");
        let unique: BTreeSet<&&str> = declared.iter().collect();
        assert_eq!(unique.len(), declared.len(), "{}", module.name);
        for common in ["check_connection", "approver", "prolong", "sync_item"] {
            assert!(declared.contains(&common), "{}: {common}", module.name);
        }
        let has = |feature: &str| declared.contains(&feature);
        assert_eq!(has("tune_connection"), module.selects().next().is_some());
        assert_eq!(has("usercreate"), module.registration.is_some());
    }
}

#[test]
fn optional_features_differ_by_vendor() {
    let table = [
        ("pmthesslstore", [true, true, true, true, true]),
        ("pmispmgrssl", [false, false, false, false, true]),
        ("pmleadertelecom", [false, true, false, true, true]),
        ("pmglobalsign", [true, false, true, true, true]),
        ("pmenomssl", [false, false, false, true, true]),
    ];
    let features = [
        "tune_connection",
        "usercreate",
        "send_dv_dns",
        "send_dv_email",
        "getbalance",
    ];
    for (name, expected) in table {
        let declared = by_name(name).unwrap().declared_features();
        let found = features.map(|feature| declared.contains(&feature));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn templates_carry_their_code_as_id_and_as_name() {
    for module in MODULES {
        let document = Node::parse(&module.features_document());
        let templates: Vec<&Node> = document.one("templates").all("template").collect();
        assert_eq!(templates.len(), module.templates.len());
        for (node, template) in templates.iter().zip(module.templates) {
            assert_eq!(node.attribute("id"), Some(template.code));
            assert_eq!(node.attribute("name"), Some(template.code));
            assert!(
                node.attributes
                    .iter()
                    .skip(2)
                    .all(|(_, value)| value == "yes")
            );
        }
    }
}

#[test]
fn methods_are_advertised_only_where_the_account_has_the_option() {
    for module in MODULES {
        let advertises = module.features_document().contains(" auth");
        assert_eq!(advertises, module.offers_methods(), "{}", module.name);
    }
}

#[test]
fn account_forms_hold_exactly_the_settings() {
    for module in MODULES {
        let form = Node::parse(&module.xml_form());
        assert_eq!(form.one("plugin").attribute("name"), Some(module.name));
        let metadata = form
            .named("metadata", &format!("processing.edit.{}", module.name))
            .unwrap();
        assert_eq!(metadata.attribute("type"), Some("form"));
        let page = metadata.one("form").one("page");
        assert_eq!(page.attribute("name"), Some("connect"));
        let names: Vec<&str> = module.settings.iter().map(|one| one.name).collect();
        assert_eq!(page.names("field"), names);
        for setting in module.settings {
            let field = page.named("field", setting.name).unwrap();
            assert_eq!(field.children.len(), 1, "{}", setting.name);
            let control = &field.children[0];
            assert_eq!(control.attribute("name"), Some(setting.name));
            assert_eq!(
                control.attribute("required"),
                setting.required.then_some("yes")
            );
            let (element, kind) = match setting.kind {
                SettingKind::Text | SettingKind::Url => ("input", Some("text")),
                SettingKind::Secret => ("input", Some("password")),
                SettingKind::Flag => ("input", Some("checkbox")),
                SettingKind::Choice(_) | SettingKind::HostAddress => ("select", None),
            };
            assert_eq!(
                (control.name.as_str(), control.attribute("type")),
                (element, kind)
            );
            let check = (setting.kind == SettingKind::Url).then_some("url");
            assert_eq!(control.attribute("check"), check);
        }
    }
}

#[test]
fn only_modules_with_a_registration_page_show_its_link() {
    for module in MODULES {
        let form = Node::parse(&module.xml_form());
        let name = format!("processing.edit.{}.createuser", module.name);
        let page = form.named("metadata", &name);
        assert_eq!(page.is_some(), module.registration.is_some());
        if let Some(page) = page {
            let link = page.one("form").one("page").one("field").one("link");
            assert_eq!(link.attribute("name"), Some("outerlink"));
            assert!(module.registration.unwrap().starts_with("https://"));
        }
    }
}

#[test]
fn extra_organization_fields_come_in_both_spellings() {
    let fields = |module: &str, metadata: &str| -> Vec<(String, bool)> {
        let form = Node::parse(&by_name(module).unwrap().xml_form());
        let page = form
            .named("metadata", metadata)
            .unwrap()
            .one("form")
            .one("page");
        assert_eq!(page.attribute("name"), Some("org_fields"));
        page.all("field")
            .map(|field| {
                let input = field.one("input");
                assert_eq!(input.attribute("name"), field.attribute("name"));
                (
                    field.attribute("name").unwrap().to_owned(),
                    input.attribute("required") == Some("yes"),
                )
            })
            .collect()
    };
    let pair = |name: &str, required: bool| (name.to_owned(), required);
    for certum in [
        "ucommercialssl",
        "ucommercialwildcard",
        "utrustedssl",
        "utrustedwildcard",
    ] {
        assert_eq!(
            fields(
                "pmthesslstore",
                &format!("certificate.organization.pmthesslstore.{certum}")
            ),
            [
                pair("org_registration_number", true),
                pair("org_incorporating_agency", false)
            ]
        );
    }
    assert_eq!(
        fields("pmthesslstore", "organization.pmthesslstore"),
        [
            pair("org_duns", false),
            pair("org_registration_number", false),
            pair("org_incorporating_agency", false)
        ]
    );
    assert_eq!(
        fields("pmglobalsign", "certificate.organization.pmglobalsign.EV"),
        [
            pair("org_duns", false),
            pair("org_business_category", true),
            pair("org_registration_number", true)
        ]
    );
    assert_eq!(
        fields("pmglobalsign", "organization.pmglobalsign"),
        [
            pair("org_duns", false),
            pair("org_business_category", false),
            pair("org_registration_number", false)
        ]
    );
}

/// Message keys of a language, as `group/key`.
fn keys(form: &Node, language: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for group in form.named("lang", language).unwrap().all("messages") {
        for message in group.all("msg") {
            let key = format!(
                "{}/{}",
                group.attribute("name").unwrap(),
                message.attribute("name").unwrap()
            );
            assert!(!message.text.is_empty(), "{key}");
            assert!(keys.insert(key.clone()), "{key} twice");
        }
    }
    keys
}

#[test]
fn both_languages_have_the_same_messages() {
    for module in MODULES {
        let form = Node::parse(&module.xml_form());
        assert_eq!(form.names("lang"), ["en", "ru"]);
        assert_eq!(keys(&form, "en"), keys(&form, "ru"), "{}", module.name);
    }
}

#[test]
fn everything_shown_has_a_message() {
    for module in MODULES {
        let form = Node::parse(&module.xml_form());
        let keys = keys(&form, "en");
        let name = module.name;
        let mut expected = vec![
            format!("plugin/desc_short_{name}"),
            format!("plugin/desc_full_{name}"),
            format!("plugin/price_{name}"),
            format!("label_processing_modules/{name}"),
            format!("label_processing_modules/module_{name}"),
        ];
        for setting in module.settings {
            expected.push(format!("processing.edit.{name}/{}", setting.name));
            if !setting.hint.en.is_empty() {
                expected.push(format!("processing.edit.{name}/hint_{}", setting.name));
            }
            if !setting.placeholder.is_empty() {
                expected.push(format!(
                    "processing.edit.{name}/placeholder_{}",
                    setting.name
                ));
            }
            for (value, _) in setting.choices() {
                expected.push(format!(
                    "processing.edit.{name}/{}",
                    setting.choice_key(value)
                ));
            }
        }
        for setting in module.custom {
            expected.push(format!(
                "processing.customparam.names.{name}/{}",
                setting.name
            ));
        }
        for template in module.templates {
            expected.push(format!("pricelist.certificate/{}", template.code));
        }
        for metadata in form.all("metadata") {
            let metadata_name = metadata.attribute("name").unwrap();
            if metadata_name.contains("organization.") {
                for field in metadata.one("form").one("page").names("field") {
                    expected.push(format!("{metadata_name}/{field}"));
                }
            }
        }
        if module.registration.is_some() {
            expected.push(format!("processing.edit.{name}.createuser/outerlink"));
        }
        for key in expected {
            assert!(keys.contains(&key), "{key}");
        }
    }
}

#[test]
fn error_texts_are_those_of_the_reasons() {
    for module in MODULES {
        let form = Node::parse(&module.xml_form());
        for (language, code) in LANGUAGES.into_iter().zip(["en", "ru"]) {
            let group = form
                .named("lang", code)
                .unwrap()
                .named("messages", "msgerror")
                .unwrap();
            for reason in Reason::ALL {
                let key = format!("msg_error_{}", reason.type_name());
                let message = group.named("msg", &key);
                if reason.type_name().starts_with("pmssl_") {
                    assert_eq!(message.unwrap().text, reason.text(language), "{key}");
                } else {
                    assert!(message.is_none(), "{key} belongs to the platform");
                }
            }
        }
    }
}

#[test]
fn no_two_reasons_of_our_own_share_an_error_type() {
    // Their texts would differ, and only one could be shown.
    let own: Vec<&str> = Reason::ALL
        .iter()
        .map(|reason| reason.type_name())
        .filter(|name| name.starts_with("pmssl_"))
        .collect();
    let unique: BTreeSet<&&str> = own.iter().collect();
    assert_eq!(unique.len(), own.len());
}

/// A page of the repository with its generated parts as they are made now, each between its markers
/// `<!-- part -->` and `<!-- /part -->`.
pub(super) fn filled(path: &str, parts: &[(&str, String)]) -> String {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    let mut page = std::fs::read_to_string(file).unwrap();
    for (part, table) in parts {
        let (open, close) = (format!("<!-- {part} -->\n"), format!("<!-- /{part} -->"));
        let start = page
            .find(&open)
            .unwrap_or_else(|| panic!("{path}: no {open}"));
        let start = start + open.len();
        let end = page
            .find(&close)
            .unwrap_or_else(|| panic!("{path}: no {close}"));
        page.replace_range(start..end, &format!("\n{table}\n"));
    }
    page
}

#[test]
fn the_readme_holds_the_generated_tables() {
    let parts = [
        ("modules", readme_table()),
        ("parameters", readme_custom_parameters()),
        ("options", readme_options()),
    ];
    keep("README.md", &filled("README.md", &parts));
}
