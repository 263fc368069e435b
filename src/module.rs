//! The five modules: names, settings, templates, abilities. The only list of "what exists": features
//! documents, XML forms and README tables are generated from here.
//!
//! Everything is constant data and pure functions: `--command features` needs no file, no network, no
//! database (billmanager.md 1.3).

mod csr;
pub(crate) mod enom;
mod features;
mod form;
pub(crate) mod globalsign;
pub(crate) mod ispmanager;
pub(crate) mod leadertelecom;
mod names;
mod product;
mod readme;
mod setting;
pub(crate) mod thesslstore;
mod xml;

#[cfg(test)]
mod tests;

pub use csr::CsrRules;
pub use features::{BALANCE_FEATURE, IMPORT_FEATURE};
pub use names::{all, by_name};
pub use product::{Level, Method, Template};
pub use readme::{readme_custom_parameters, readme_options, readme_table};
pub use setting::{
    ALTERNATIVE_METHODS, API_ADDRESS, CERTIFICATE_FORMAT, Choice, HOST_ADDRESS, Setting,
    SettingKind,
};

use crate::certificate::Format;
use crate::domain::Reference;
use crate::domain::Settings;
use crate::domain::text::{Bilingual, Words};

/// All modules, in the order of the README.
pub static MODULES: [&Module; 5] = [
    &thesslstore::MODULE,
    &ispmanager::MODULE,
    &leadertelecom::MODULE,
    &globalsign::MODULE,
    &enom::MODULE,
];

/// One processing module.
#[derive(Debug, Clone, Copy)]
pub struct Module {
    /// Program name, also log name and the platform's module name (`pmthesslstore`).
    pub name: &'static str,
    /// The module's own name: the same, unless it goes by another one ([`all`]). Adapter and rules are
    /// chosen by it.
    pub origin: &'static str,
    /// Vendor's name for people.
    pub vendor: &'static str,
    /// Short description in the platform's module picker.
    pub short: Text,
    /// Full description in the platform's module picker.
    pub full: Text,
    /// Settings of the account form, in their order.
    pub settings: &'static [Setting],
    /// Settings kept as custom parameters: not on the main form, stored in clear, never secrets.
    pub custom: &'static [Setting],
    /// Address of the vendor's registration page; `Some` declares the feature `usercreate` and the
    /// registration link.
    pub registration: Option<&'static str>,
    /// Features declared to the platform beside the common and the derived ones.
    pub features: &'static [&'static str],
    /// Products.
    pub templates: &'static [Template],
    /// Written before a product code by some installations; [`Module::template`] accepts it.
    pub code_prefix: Option<&'static str>,
    /// Extra organization fields of the order form.
    pub organization_forms: &'static [OrganizationForm],
    /// Item parameter that keeps the vendor's order number.
    pub order_parameter: &'static str,
    /// Form in which certificates are given to the platform unless the account says otherwise.
    pub format: Format,
    /// Item parameters of further numbers. A reference without an entry is not kept.
    pub reference_parameters: &'static [(Reference, &'static str)],
    /// What the vendor's reader demands of a CSR.
    pub csr_rules: CsrRules,
}

impl Module {
    /// The template of a tariff's product code; letter case counts.
    #[must_use]
    pub fn template(&self, code: &str) -> Option<&'static Template> {
        let bare = self
            .code_prefix
            .and_then(|prefix| code.strip_prefix(prefix))
            .unwrap_or(code);
        let templates: &'static [Template] = self.templates;
        templates.iter().find(|template| template.code == bare)
    }

    /// A setting of the form or a custom parameter, by its stored name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&'static Setting> {
        let (settings, custom): (&'static [Setting], &'static [Setting]) =
            (self.settings, self.custom);
        settings
            .iter()
            .chain(custom)
            .find(|setting| setting.name == name)
    }

    /// Names of the settings that are secrets: stored crypted, never shown.
    pub fn secrets(&self) -> impl Iterator<Item = &'static str> + use<> {
        let settings: &'static [Setting] = self.settings;
        settings
            .iter()
            .filter(|setting| setting.kind == SettingKind::Secret)
            .map(|setting| setting.name)
    }

    /// A short mark of the vendor's login that an account's settings name: changes with address or login,
    /// not with a password.
    #[must_use]
    pub fn login_mark(&self, settings: &Settings) -> String {
        use sha2::{Digest, Sha256};
        let all = self.settings.iter().chain(self.custom);
        let named = all.filter(|setting| setting.names_login);
        let mut digest = Sha256::new();
        for setting in named {
            let value = settings.text(setting.name).unwrap_or(setting.default);
            digest.update(setting.name);
            digest.update([0]);
            digest.update(value.trim_end_matches('/'));
            digest.update([0]);
        }
        data_encoding::HEXLOWER.encode(&digest.finalize()[..3])
    }

    /// Settings whose choices `tune_connection` has to fill in: a select gets its options from an
    /// `slist` in the data, the form itself cannot carry them (billmanager.md 1.5 and 3.1).
    pub fn selects(&self) -> impl Iterator<Item = &'static Setting> + use<> {
        let settings: &'static [Setting] = self.settings;
        settings.iter().filter(|setting| {
            matches!(
                setting.kind,
                SettingKind::Choice(_) | SettingKind::HostAddress
            )
        })
    }

    /// The item parameter that keeps a further number of an order.
    #[must_use]
    pub fn reference_parameter(&self, reference: Reference) -> Option<&'static str> {
        self.reference_parameters
            .iter()
            .find(|(kind, _)| *kind == reference)
            .map(|(_, parameter)| *parameter)
    }

    /// Whether clients may choose between validation methods: the account has the option for it
    /// (billmanager.md 7). Only then templates advertise methods.
    #[must_use]
    pub fn offers_methods(&self) -> bool {
        self.setting(ALTERNATIVE_METHODS).is_some()
    }
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Russian.
    pub ru: &'static str,
}

impl Text {
    /// No text in either language.
    pub const NONE: Self = Self::same("");

    /// A text in both languages.
    #[must_use]
    pub const fn new(en: &'static str, ru: &'static str) -> Self {
        Self { en, ru }
    }

    /// The same words in both languages: names, addresses.
    #[must_use]
    pub const fn same(text: &'static str) -> Self {
        Self { en: text, ru: text }
    }

    /// The text of one language.
    #[must_use]
    pub fn get(&self, language: crate::failure::Language) -> &'static str {
        match language {
            crate::failure::Language::English => self.en,
            crate::failure::Language::Russian => self.ru,
        }
    }
}

impl Bilingual for Text {
    fn both(&self) -> Words {
        Words::made(self.en.to_owned(), self.ru.to_owned())
    }
}

/// Organization fields that the platform does not ask for by itself (billmanager.md 1.5).
#[derive(Debug)]
pub struct OrganizationForm {
    /// Products that need them; empty stands for the form of the whole module.
    pub templates: &'static [&'static str],
    /// The fields.
    pub fields: &'static [OrganizationField],
}

/// One extra organization field. Its name is the item parameter that keeps it (billmanager.md 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrganizationField {
    /// Item parameter.
    pub name: &'static str,
    /// Must be filled in.
    pub required: bool,
    /// Label.
    pub label: Text,
    /// Hint, may be empty in both languages.
    pub hint: Text,
}

impl OrganizationField {
    /// The same field, to be filled in.
    const fn needed(mut self) -> Self {
        self.required = true;
        self
    }

    /// D-U-N-S number of the organization (attested: GlobalSign's own form).
    const DUNS: Self = Self {
        name: "org_duns",
        required: false,
        label: Text::new("D-U-N-S number", "Номер D-U-N-S"),
        hint: Text::new(
            "Nine digits, if the organization has one: it shortens the verification",
            "Девять цифр, если номер есть у организации: ускоряет проверку",
        ),
    };

    /// Number in the commercial register (attested: Certum forms of TheSSLStore's module).
    const REGISTRATION_NUMBER: Self = Self {
        name: "org_registration_number",
        required: false,
        label: Text::new("Registration number", "Регистрационный номер"),
        hint: Text::new(
            "Number of the organization in the register of its country",
            "Номер организации в реестре её страны",
        ),
    };

    /// Who registered the organization (attested: Certum forms of TheSSLStore's module).
    const INCORPORATING_AGENCY: Self = Self {
        name: "org_incorporating_agency",
        required: false,
        label: Text::new("Registering authority", "Регистрирующий орган"),
        hint: Text::new(
            "The authority that keeps the register",
            "Орган, который ведёт реестр",
        ),
    };
}
