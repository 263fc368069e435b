//! Ispmanager (SSL): the billing of Ispmanager, an ordinary BILLmanager, called as its client
//! (ispmanager.md 1, 7.1).

use super::{CsrRules, Method, Module, Setting, Template, Text};

/// Documented for orders (ispmanager.md 9); other methods are guesses so far.
const MAIL: &[Method] = &[Method::Email];

pub(crate) static MODULE: Module = Module {
    name: "pmispmgrssl",
    origin: "pmispmgrssl",
    vendor: "Ispmanager",
    short: Text::same("Ispmanager (SSL)"),
    full: Text::new(
        "Certificates through the billing of Ispmanager",
        "Сертификаты через биллинг Ispmanager",
    ),
    settings: &[
        Setting::url()
            .labelled(Text::same("URL ispmanager"))
            .required()
            .placeholder("https://api.ispmanager.com/billmgr")
            .hint(Text::new(
                "Ispmanager.ru: https://api.ispmanager.com/billmgr, Ispmanager.com: https://api-eu.ispmanager.com/billmgr",
                "Ispmanager.ru: https://api.ispmanager.com/billmgr, Ispmanager.com: https://api-eu.ispmanager.com/billmgr",
            )),
        Setting::username().hint(Text::new(
            "E-mail of the account; use it from one BILLmanager only",
            "E-mail учётной записи; используйте её только в одном BILLmanager",
        )),
        Setting::password().hint(Text::new(
            "Two-factor authentication must be off",
            "Двухфакторная аутентификация должна быть выключена",
        )),
    ],
    custom: &[Setting::api_address()],
    registration: None,
    // The calls that repeat a domain check are not public (ispmanager.md 9).
    features: &[super::BALANCE_FEATURE, super::IMPORT_FEATURE],
    // Codes are the numbers of remote tariffs. The two groups of GlobalSign numbers belong to the two
    // billings; those of Ispmanager.com have left its list.
    #[rustfmt::skip]
    templates: &[
        Template::domain("1011", "RapidSSL").by(MAIL),
        Template::domain("1012", "RapidSSL Wildcard").wild().by(MAIL),
        Template::domain("1013", "Thawte SSL123").by(MAIL),
        Template::extended("1032", "GeoTrust True BusinessID with EV").by(MAIL),
        Template::organization("2012", "Thawte SSL Web Server").by(MAIL),
        // Sold as "Thawte SSL Wildcard" (OV) before.
        Template::domain("2014", "Thawte SSL123 Wildcard").wild().by(MAIL),
        Template::extended("2015", "Thawte SSL Web Server with EV").by(MAIL),
        // Sold as "GeoTrust DV SSL" before.
        Template::domain("2018", "GeoTrust QuickSSL Premium").by(MAIL),
        Template::organization("2019", "GeoTrust True BusinessID").by(MAIL),
        Template::organization("2020", "GeoTrust True BusinessID Wildcard").wild().by(MAIL),
        Template::organization("2021", "DigiCert Secure Site").by(MAIL),
        Template::extended("2023", "DigiCert Secure Site with EV").by(MAIL),
        Template::domain("2025", "EssentialSSL").by(MAIL),
        Template::organization("2026", "InstantSSL").by(MAIL),
        Template::domain("2027", "EssentialSSL Wildcard").wild().by(MAIL),
        Template::organization("2028", "PremiumSSL Wildcard").wild().by(MAIL),
        Template::domain("3033", "PositiveSSL").by(MAIL),
        Template::domain("27648", "PositiveSSL Multi-Domain").multi().by(MAIL),
        Template::domain("27650", "PositiveSSL Wildcard").wild().by(MAIL),
        Template::extended("55153", "Sectigo EV SSL").by(MAIL),
        Template::domain("55324", "AlphaSSL (Ispmanager.ru)").by(MAIL),
        Template::domain("55325", "AlphaSSL Wildcard (Ispmanager.ru)").wild().by(MAIL),
        Template::domain("55326", "GlobalSign DomainSSL (Ispmanager.ru)").by(MAIL),
        Template::domain("55327", "GlobalSign DomainSSL Wildcard (Ispmanager.ru)").wild().by(MAIL),
        Template::organization("55328", "GlobalSign OrganizationSSL (Ispmanager.ru)").by(MAIL),
        Template::organization("55329", "GlobalSign OrganizationSSL Wildcard (Ispmanager.ru)").wild().by(MAIL),
        Template::extended("55330", "GlobalSign EV SSL (Ispmanager.ru)").by(MAIL),
        Template::domain("55346", "AlphaSSL (Ispmanager.com)").by(MAIL).former(),
        Template::domain("55347", "AlphaSSL Wildcard (Ispmanager.com)").wild().by(MAIL).former(),
        Template::domain("55348", "GlobalSign DomainSSL (Ispmanager.com)").by(MAIL).former(),
        Template::domain("55349", "GlobalSign DomainSSL Wildcard (Ispmanager.com)").wild().by(MAIL).former(),
        Template::organization("55350", "GlobalSign OrganizationSSL (Ispmanager.com)").by(MAIL).former(),
        Template::organization("55351", "GlobalSign OrganizationSSL Wildcard (Ispmanager.com)").wild().by(MAIL).former(),
        Template::extended("55352", "GlobalSign EV SSL (Ispmanager.com)").by(MAIL).former(),
    ],
    code_prefix: Some("ispmgr_"),
    organization_forms: &[],
    order_parameter: "custom_order_id",
    format: crate::certificate::Format::Zip,
    reference_parameters: &[],
    csr_rules: CsrRules::NONE,
};
