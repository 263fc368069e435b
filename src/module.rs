//! The five modules: names, settings, templates, abilities. The only list of "what exists": features
//! documents, XML forms and README tables are generated from here.

pub mod templates;

/// One processing module.
#[derive(Debug)]
pub struct Module {
    /// Program name, also log name and the platform's module name (`pmthesslstore`).
    pub name: &'static str,
    /// Vendor's name for people.
    pub vendor: &'static str,
    /// Short and full description and price note in the platform's module picker.
    pub short: Text,
    /// Full description.
    pub full: Text,
    /// Settings of the account form, in their order.
    pub settings: &'static [Setting],
    /// Settings kept as custom parameters: not on the main form.
    pub custom: &'static [Setting],
    /// Address of the vendor's registration page; `Some` declares the feature `usercreate` and the
    /// registration link.
    pub registration: Option<&'static str>,
    /// Features declared to the platform beside the common ones.
    pub features: &'static [&'static str],
    /// Products.
    pub templates: &'static [Template],
    /// Item parameter that keeps the vendor's order number.
    pub order_parameter: &'static str,
    /// Item parameters of further numbers.
    pub reference_parameters: &'static [(crate::ca::Reference, &'static str)],
}

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: &'static str,
    /// Russian.
    pub ru: &'static str,
}

/// One setting of an account.
#[derive(Debug)]
pub struct Setting {
    /// Parameter name as the platform stores it.
    pub name: &'static str,
    /// What it is on the form.
    pub kind: SettingKind,
    /// Must be filled in.
    pub required: bool,
    /// Default of a custom parameter, else empty.
    pub default: &'static str,
    /// Placeholder of the form field, else empty.
    pub placeholder: &'static str,
    /// Label.
    pub label: Text,
    /// Hint under the field, may be empty in both languages.
    pub hint: Text,
}

/// How a setting is entered and stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// A line of text.
    Text,
    /// An address, checked by the platform's `url` check.
    Url,
    /// A secret: password field, stored crypted.
    Secret,
    /// A check box: `on` or nothing.
    Flag,
    /// A fixed choice: value and label.
    Choice(&'static [(&'static str, Text)]),
    /// A choice filled by `tune_connection` with this host's addresses.
    HostAddress,
}

/// A product (template attributes: billmanager.md 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Product code: `template@id`, `template@name`, `pricelist.intname`.
    pub code: &'static str,
    /// Name for people (`pricelist.certificate` messages).
    pub label: &'static str,
    /// How much of the applicant is verified.
    pub level: Level,
    /// The common name is a wildcard.
    pub wildcard: bool,
    /// The product covers both the bare and the `www` name.
    pub www: bool,
    /// Takes additional names.
    pub multidomain: bool,
    /// Additional names may be wildcards.
    pub multidomain_wildcard: bool,
    /// Additional names belong into the generated CSR, too.
    pub csr_names: bool,
    /// Validation methods the product offers to the client.
    pub methods: &'static [Method],
    /// Still sold by the vendor; historical codes stay listed for old services.
    pub current: bool,
}

/// Validation level of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Domain validation.
    Domain,
    /// Organization validation.
    Organization,
    /// Extended validation.
    Extended,
}

/// Validation methods a product can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Mail to an approver address.
    Email,
    /// File over http.
    HttpFile,
    /// File over https.
    HttpsFile,
    /// CNAME record.
    DnsCname,
    /// TXT record.
    DnsTxt,
}
