//! `etc/xml/billmgr_mod_<module>.xml`: forms and texts of a module for the platform (billmanager.md 1.5).
//! The files in the repository are written by the tests from here; see `tests.rs`.

use std::collections::BTreeSet;

use super::xml::Document;
use super::{Module, OrganizationField, Setting, SettingKind};
use crate::failure::{Language, Reason};

/// Author shown by the platform.
const AUTHOR: &str = "pmssl";

/// Begin of the error types that belong to this program. Other types (`client`, `db`, `approver` ...)
/// belong to the platform, which has texts for them; a text here would replace them for every module.
const OWN_ERRORS: &str = "pmssl_";

const LANGUAGES: [(Language, &str); 2] = [(Language::English, "en"), (Language::Russian, "ru")];

/// Certificates take Latin letters; the platform checks them as it does for its own organization fields.
const LATIN: (&str, &str) = ("check", "certificatelatin");

impl Module {
    /// The XML description file.
    #[must_use]
    pub fn xml_form(&self) -> String {
        let mut document = Document::new("mgrdata");
        self.plugin(&mut document);
        self.account_form(&mut document);
        if self.registration.is_some() {
            self.registration_form(&mut document);
        }
        for (name, fields) in self.organization_metadata() {
            organization_form(&mut document, &name, fields);
        }
        for (language, code) in LANGUAGES {
            document.open("lang", &[("name", code)]);
            self.messages(&mut document, language);
            document.close();
        }
        document.finish()
    }

    fn plugin(&self, document: &mut Document) {
        document.open("plugin", &[("name", self.name)]);
        document.text("group", &[], "processing_module");
        document.text("author", &[], AUTHOR);
        document.open("params", &[]);
        document.empty("type", &[("name", "certificate")]);
        document.close();
        // The older way to give the texts; the newer one is the message group `plugin`.
        for (language, code) in LANGUAGES {
            document.text(
                "msg",
                &[("name", "desc_short"), ("lang", code)],
                self.short.get(language),
            );
            document.text(
                "msg",
                &[("name", "desc_full"), ("lang", code)],
                self.full.get(language),
            );
            document.text("msg", &[("name", "price"), ("lang", code)], price(language));
        }
        document.close();
    }

    fn account_form(&self, document: &mut Document) {
        let name = format!("processing.edit.{}", self.name);
        document.open("metadata", &[("name", &name), ("type", "form")]);
        document.open("form", &[("title", "name")]);
        document.open("page", &[("name", "connect")]);
        for setting in self.settings {
            document.open("field", &[("name", setting.name)]);
            input(document, setting);
            document.close();
        }
        document.close();
        document.close();
        document.close();
    }

    fn registration_form(&self, document: &mut Document) {
        let name = format!("processing.edit.{}.createuser", self.name);
        document.open("metadata", &[("name", &name), ("type", "form")]);
        document.open("form", &[]);
        document.open("page", &[("name", "createuser")]);
        document.open("field", &[("name", "link")]);
        document.empty("link", &[("name", "outerlink"), ("target", "_blank")]);
        for _ in 0..4 {
            document.close();
        }
    }

    /// Metadata names of the organization forms with their fields. Two spellings are in use: one per
    /// module, one per template; which of them a platform honours depends on its version.
    fn organization_metadata(&self) -> Vec<(String, &'static [OrganizationField])> {
        let mut forms = Vec::new();
        for form in self.organization_forms {
            if form.templates.is_empty() {
                forms.push((format!("organization.{}", self.name), form.fields));
            }
            for template in form.templates {
                forms.push((
                    format!("certificate.organization.{}.{template}", self.name),
                    form.fields,
                ));
            }
        }
        forms
    }

    fn messages(&self, document: &mut Document, language: Language) {
        group(
            document,
            "plugin",
            [
                (
                    format!("desc_short_{}", self.name),
                    self.short.get(language),
                ),
                (format!("desc_full_{}", self.name), self.full.get(language)),
                (format!("price_{}", self.name), price(language)),
            ],
        );
        group(
            document,
            "label_processing_modules",
            [
                (self.name.to_owned(), self.short.get(language)),
                (format!("module_{}", self.name), self.short.get(language)),
            ],
        );
        group(
            document,
            &format!("processing.edit.{}", self.name),
            self.settings
                .iter()
                .flat_map(|setting| setting_messages(setting, language)),
        );
        if self.registration.is_some() {
            group(
                document,
                &format!("processing.edit.{}.createuser", self.name),
                [("outerlink".to_owned(), self.outer_link_text(language))],
            );
        }
        group(
            document,
            &format!("processing.customparam.names.{}", self.name),
            self.custom
                .iter()
                .map(|setting| (setting.name.to_owned(), setting.parameter_label(language))),
        );
        for (name, fields) in self.organization_metadata() {
            group(
                document,
                &name,
                fields.iter().flat_map(|field| {
                    [
                        (field.name.to_owned(), field.label.get(language)),
                        (format!("hint_{}", field.name), field.hint.get(language)),
                    ]
                }),
            );
        }
        group(
            document,
            "pricelist.certificate",
            self.templates
                .iter()
                .map(|template| (template.code.to_owned(), template.label)),
        );
        group(document, "msgerror", error_messages(language));
    }

    fn outer_link_text(&self, language: Language) -> &'static str {
        match language {
            Language::English => "Open an account with the vendor",
            Language::Russian => "Открыть учётную запись у поставщика",
        }
    }
}

/// What the module costs: it is free software.
fn price(language: Language) -> &'static str {
    match language {
        Language::English => "Free",
        Language::Russian => "Бесплатно",
    }
}

fn input(document: &mut Document, setting: &Setting) {
    let mut attributes: Vec<(&str, &str)> = Vec::new();
    let element = match setting.kind {
        SettingKind::Choice(_) | SettingKind::HostAddress => "select",
        _ => "input",
    };
    match setting.kind {
        SettingKind::Text => attributes.push(("type", "text")),
        SettingKind::Url => attributes.extend([("type", "text"), ("check", "url")]),
        SettingKind::Secret => attributes.push(("type", "password")),
        SettingKind::Flag => attributes.push(("type", "checkbox")),
        SettingKind::Choice(_) | SettingKind::HostAddress => {}
    }
    attributes.push(("name", setting.name));
    if setting.required {
        attributes.push(("required", "yes"));
    }
    document.empty(element, &attributes);
}

fn organization_form(document: &mut Document, name: &str, fields: &[OrganizationField]) {
    document.open("metadata", &[("name", name), ("type", "form")]);
    document.open("form", &[("title", "name")]);
    document.open("page", &[("name", "org_fields")]);
    for field in fields {
        document.open("field", &[("name", field.name)]);
        let mut attributes = vec![("type", "text"), ("name", field.name), LATIN];
        if field.required {
            attributes.push(("required", "yes"));
        }
        document.empty("input", &attributes);
        document.close();
    }
    document.close();
    document.close();
    document.close();
}

/// Label, hint, placeholder and the texts of choices.
fn setting_messages(
    setting: &'static Setting,
    language: Language,
) -> impl Iterator<Item = (String, &'static str)> {
    let choices = setting
        .choices()
        .iter()
        .map(move |(value, text)| (setting.choice_key(value), text.get(language)));
    [
        (setting.name.to_owned(), setting.label.get(language)),
        (format!("hint_{}", setting.name), setting.hint.get(language)),
        (format!("placeholder_{}", setting.name), setting.placeholder),
    ]
    .into_iter()
    .chain(choices)
}

/// One text per error type of our own.
fn error_messages(language: Language) -> impl Iterator<Item = (String, &'static str)> {
    let mut seen = BTreeSet::new();
    Reason::ALL
        .iter()
        .filter(|reason| reason.type_name().starts_with(OWN_ERRORS))
        .filter(move |reason| seen.insert(reason.type_name()))
        .map(move |reason| {
            (
                format!("msg_error_{}", reason.type_name()),
                reason.text(language),
            )
        })
}

/// A message group; empty texts are left out.
fn group(
    document: &mut Document,
    name: &str,
    messages: impl IntoIterator<Item = (String, impl AsRef<str>)>,
) {
    document.open("messages", &[("name", name)]);
    for (key, text) in messages {
        if !text.as_ref().is_empty() {
            document.text("msg", &[("name", &key)], text.as_ref());
        }
    }
    document.close();
}
