//! eNom (enom.md 2, 10.1). Prices, periods and what is really on sale come from the vendor's catalogue
//! at run time; the codes are those of its documentation.

use super::{
    CsrRules, Method, Module, OrganizationField, OrganizationForm, Setting, Template, Text,
};
use crate::domain::Reference;

/// Every product is approved by mail.
const MAIL: &[Method] = &[Method::Email];
/// File validation is documented for three products (enom.md 9). DNS is, too, but the answer does not
/// say what kind of record to publish, so it is not offered.
const MAIL_OR_FILE: &[Method] = &[Method::Email, Method::HttpFile];

/// Address of the service.
pub(crate) const URL: Setting = Setting::url()
    .default("https://reseller.enom.com/interface.asp")
    .placeholder("https://reseller.enom.com/interface.asp")
    .hint(Text::new(
        "Blank for the live system; test system: https://resellertest.enom.com/interface.asp",
        "Пусто для рабочей системы; тестовая: https://resellertest.enom.com/interface.asp",
    ));

pub(crate) static MODULE: Module = Module {
    name: "pmenomssl",
    origin: "pmenomssl",
    vendor: "eNom",
    short: Text::same("ENOM"),
    full: Text::new(
        "Certificates of RapidSSL, GeoTrust, DigiCert and Sectigo through eNom",
        "Сертификаты RapidSSL, GeoTrust, DigiCert и Sectigo через eNom",
    ),
    settings: &[
        URL,
        Setting::username().hint(Text::new(
            "Login of the reseller account; eNom must have allowed this server's address",
            "Логин реселлера; адрес этого сервера должен быть разрешён в eNom",
        )),
        Setting::password().hint(Text::new(
            "Password of the account or, better, an API token made at cp.enom.com/apitokens",
            "Пароль учётной записи или, лучше, токен API, созданный на cp.enom.com/apitokens",
        )),
    ],
    custom: &[Setting::api_address()],
    registration: None,
    features: &[
        "send_dv_email",
        super::BALANCE_FEATURE,
        super::IMPORT_FEATURE,
    ],
    // All products ask for the organization: street, city and postal code are documented as required
    // for the contacts of every one (enom.md 8), and the platform asks for them nowhere else.
    #[rustfmt::skip]
    templates: &[
        Template::domain("Certificate-RapidSSL-RapidSSL", "RapidSSL").asks_organization().by(MAIL_OR_FILE),
        Template::domain("Certificate-RapidSSL-RapidSSL-Wildcard", "RapidSSL Wildcard").asks_organization().wild().by(MAIL),
        Template::domain("Certificate-GeoTrust-QuickSSL", "GeoTrust QuickSSL").asks_organization().by(MAIL_OR_FILE),
        Template::domain("Certificate-GeoTrust-QuickSSL-Premium", "GeoTrust QuickSSL Premium").asks_organization().by(MAIL_OR_FILE),
        Template::organization("Certificate-GeoTrust-TrueBizID", "GeoTrust True BusinessID").by(MAIL),
        Template::organization("Certificate-GeoTrust-TrueBizID-Wildcard", "GeoTrust True BusinessID Wildcard").wild().by(MAIL),
        Template::extended("Certificate-GeoTrust-TrueBizID-EV", "GeoTrust True BusinessID EV").by(MAIL),
        // The VeriSign brand has ended; the codes stay for old services.
        Template::organization("Certificate-VeriSign-Secure-Site", "VeriSign Secure Site").by(MAIL).former(),
        Template::organization("Certificate-VeriSign-Secure-Site-Pro", "VeriSign Secure Site Pro").by(MAIL).former(),
        Template::extended("Certificate-VeriSign-Secure-Site-EV", "VeriSign Secure Site EV").by(MAIL).former(),
        Template::extended("Certificate-VeriSign-Secure-Site-Pro-EV", "VeriSign Secure Site Pro EV").by(MAIL).former(),
        Template::domain("Certificate-Comodo-Essential", "Comodo EssentialSSL").asks_organization().by(MAIL),
        Template::organization("Certificate-Comodo-Instant", "Comodo InstantSSL").by(MAIL),
        Template::domain("Certificate-Comodo-Essential-Wildcard", "Comodo EssentialSSL Wildcard").asks_organization().wild().by(MAIL),
        Template::organization("Certificate-Comodo-Premium-Wildcard", "Comodo PremiumSSL Wildcard").wild().by(MAIL),
        Template::extended("Certificate-Comodo-EV", "Comodo EV SSL").by(MAIL),
        Template::extended("Certificate-Comodo-EV-SGC", "Comodo EV SGC SSL").by(MAIL).former(),
        Template::domain("Certificate-Comodo-UCC-DV", "Comodo DV Unified Communications").asks_organization().multi().by(MAIL),
        Template::organization("Certificate-Comodo-UCC-OV", "Comodo OV Unified Communications").multi().by(MAIL),
    ],
    code_prefix: None,
    organization_forms: &[OrganizationForm {
        templates: &[],
        fields: &[OrganizationField::DUNS],
    }],
    // The certificate slot's number: every later call takes it (enom.md 6).
    order_parameter: "custom_order_id",
    format: crate::certificate::Format::Zip,
    reference_parameters: &[
        (Reference::Partner, "partner_order_id"),
        (Reference::Authority, "vender_order_id"),
    ],
    csr_rules: CsrRules {
        // enom.md 2.
        longest: Some(4500),
        // This vendor reads a CSR only after it was paid for.
        needs_attributes: true,
        needs_common_name: true,
    },
};
