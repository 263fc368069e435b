//! The answer to `--command features` (billmanager.md 4).

use super::xml::Document;
use super::{Module, Setting, SettingKind, Template};

/// Name of the balance command and feature: the only spelling that is attested (billmanager.md 3.6).
pub const BALANCE_FEATURE: &str = "getbalance";

/// Name of the import command and feature (billmanager.md 4, declared by a third party's module). Declared
/// where the vendor's listing tells enough to make services from it.
pub const IMPORT_FEATURE: &str = "import";

/// Declared by every module. The platform's own certificate modules do not declare the commands from
/// `open` on, and get them anyway; modules for other products do, and the platform accepts it.
const COMMON_FEATURES: [&str; 10] = [
    "check_connection",
    "approver",
    "prolong",
    "sync_item",
    "open",
    "reopen",
    "suspend",
    "resume",
    "close",
    "setparam",
];

impl Module {
    /// All features the module declares, each once.
    #[must_use]
    pub fn declared_features(&self) -> Vec<&'static str> {
        let mut features = COMMON_FEATURES.to_vec();
        if self.selects().next().is_some() {
            features.push("tune_connection");
        }
        if self.registration.is_some() {
            features.push("usercreate");
        }
        features.extend_from_slice(self.features);
        features
    }

    /// The features document. Pure text: no file, no network, no database.
    #[must_use]
    pub fn features_document(&self) -> String {
        let mut document = Document::new("doc");
        document.open("itemtypes", &[]);
        document.empty("itemtype", &[("name", "certificate")]);
        document.close();

        document.open("params", &[]);
        for setting in self.settings {
            param(&mut document, setting);
        }
        for setting in self.custom {
            custom_param(&mut document, setting);
        }
        document.close();

        document.open("features", &[]);
        for feature in self.declared_features() {
            document.empty("feature", &[("name", feature)]);
        }
        document.close();

        document.open("templates", &[]);
        for template in self.templates {
            document.empty("template", &self.attributes(template));
        }
        document.finish()
    }

    /// The attributes of a template. `id` and `name` both carry the code: the platform's two modules
    /// disagree about which one counts. An attribute that is missing means no.
    fn attributes(&self, template: &Template) -> Vec<(&'static str, &'static str)> {
        let mut attributes = vec![("id", template.code), ("name", template.code)];
        let flags = [
            ("wildcard", template.wildcard),
            ("www", template.www),
            ("multidomain", template.multidomain),
            ("multidomain_wildcard", template.multidomain_wildcard),
            ("orginfo", template.organization),
            ("csraltname", template.csr_names),
        ];
        attributes.extend(
            flags
                .into_iter()
                .filter(|(_, set)| *set)
                .map(|(name, _)| (name, "yes")),
        );
        if self.offers_methods() {
            attributes.extend(
                template
                    .methods
                    .iter()
                    .filter_map(|method| method.template_attribute())
                    .map(|attribute| (attribute, "yes")),
            );
        }
        attributes
    }
}

fn param(document: &mut Document, setting: &Setting) {
    if setting.kind == SettingKind::Secret {
        document.empty("param", &[("name", setting.name), ("crypted", "yes")]);
    } else {
        document.empty("param", &[("name", setting.name)]);
    }
}

fn custom_param(document: &mut Document, setting: &Setting) {
    let mut attributes = vec![("name", setting.name), ("unique", "yes")];
    if !setting.default.is_empty() {
        attributes.push(("defval", setting.default));
    }
    document.empty("customparam", &attributes);
}
