//! GlobalSign (globalsign.md 5, 11, 13): the settings keep the names of the platform's own module, so
//! that an existing account goes on working.

use super::{
    CsrRules, HOST_ADDRESS, Method, Module, OrganizationField, OrganizationForm, Setting,
    SettingKind, Template, Text,
};

/// AlphaSSL and DomainSSL (globalsign.md 6).
const DOMAIN: &[Method] = &[Method::Email, Method::HttpFile, Method::DnsTxt];
/// A file proves no wildcard.
const DOMAIN_WILD: &[Method] = &[Method::Email, Method::DnsTxt];

/// What kind of organization applies (globalsign.md 3).
const BUSINESS_CATEGORY: OrganizationField = OrganizationField {
    name: "org_business_category",
    required: false,
    label: Text::new("Business category (EV)", "Категория организации (EV)"),
    hint: Text::new(
        "PO: private organization, GE: government entity, BE: business entity",
        "PO: частная организация, GE: государственное учреждение, BE: предприниматель или товарищество",
    ),
};

/// Whether the test service is used.
pub(crate) const TEST_MODE: Setting = Setting::new(
    "usedemo",
    SettingKind::Flag,
    Text::new("Demo", "Демо-режим"),
)
.naming_login()
.hint(Text::new(
    "Orders go to test-gcc.globalsign.com, which has accounts of its own",
    "Заказы отправляются на test-gcc.globalsign.com, там отдельные учётные записи",
));

/// From where the vendor is called.
pub(crate) const LOCAL_ADDRESS: Setting = Setting::new(
    HOST_ADDRESS,
    SettingKind::HostAddress,
    Text::new("IP address", "IP-адрес"),
)
.hint(Text::new(
    "Address from which this server calls GlobalSign; it must be on the allow-list there",
    "Адрес, с которого сервер обращается к GlobalSign; он должен быть разрешён у поставщика",
));

/// Department of EV officers where neither the organization's data nor the CSR name one.
pub(crate) const DEFAULT_UNIT: Setting = Setting::new(
    "default_OU",
    SettingKind::Text,
    Text::new(
        "Department used when the CSR names none (OU)",
        "Подразделение, если оно не указано в CSR (OU)",
    ),
);

/// Appended to every product code (globalsign.md 5); an empty one cannot be told from an absent one, so the short
/// codes are chosen by the word `none`.
pub(crate) const CODE_SUFFIX: Setting = Setting::new(
    "product_code_suffix",
    SettingKind::Text,
    Text::new(
        "Suffix of product codes: _SHA2 or none",
        "Окончание кодов продуктов: _SHA2 или none",
    ),
)
.default("_SHA2")
.hint(Text::new(
    "Product codes are sent as DV_SHA2 or, with none, as DV",
    "Коды продуктов отправляются в виде DV_SHA2, а при значении none в виде DV",
));

pub(crate) static MODULE: Module = Module {
    name: "pmglobalsign",
    origin: "pmglobalsign",
    vendor: "GlobalSign",
    short: Text::same("GlobalSign"),
    full: Text::new(
        "Certificates of GlobalSign: AlphaSSL, DomainSSL, OrganizationSSL, ExtendedSSL",
        "Сертификаты GlobalSign: AlphaSSL, DomainSSL, OrganizationSSL, ExtendedSSL",
    ),
    settings: &[
        Setting::username()
            .placeholder("PAR12345_login")
            .hint(Text::new(
                "API user of the GlobalSign Certificate Center account",
                "Пользователь API учётной записи GlobalSign Certificate Center",
            )),
        Setting::password(),
        TEST_MODE,
        LOCAL_ADDRESS,
        Setting::alternative_methods(),
    ],
    custom: &[Setting::api_address(), DEFAULT_UNIT, CODE_SUFFIX],
    registration: None,
    // The balance's element names are not public: an answer that is not clear is an error
    // (globalsign.md 4.3).
    features: &[
        "send_dv_dns",
        "send_dv_email",
        super::BALANCE_FEATURE,
        super::IMPORT_FEATURE,
    ],
    templates: &[
        Template::domain("DV_LOW", "AlphaSSL").by(DOMAIN),
        Template::domain("DV_LOW_wild", "AlphaSSL Wildcard")
            .wild()
            .by(DOMAIN_WILD),
        Template::domain("DV", "GlobalSign DomainSSL")
            .multi()
            .addresses()
            .one_approver()
            .by(DOMAIN),
        Template::domain("DV_wild", "GlobalSign DomainSSL Wildcard")
            .wild()
            .multi()
            .addresses()
            .one_approver()
            .by(DOMAIN_WILD),
        Template::organization("OV", "GlobalSign OrganizationSSL")
            .multi_wild()
            .addresses(),
        Template::organization("OV_wild", "GlobalSign OrganizationSSL Wildcard")
            .wild()
            .multi_wild()
            .addresses(),
        Template::extended("EV", "GlobalSign ExtendedSSL").multi(),
    ],
    code_prefix: None,
    organization_forms: &[
        OrganizationForm {
            templates: &[],
            fields: &[
                OrganizationField::DUNS,
                BUSINESS_CATEGORY,
                OrganizationField::REGISTRATION_NUMBER,
            ],
        },
        OrganizationForm {
            templates: &["OV", "OV_wild"],
            fields: &[OrganizationField::DUNS],
        },
        OrganizationForm {
            templates: &["EV"],
            fields: &[
                OrganizationField::DUNS,
                BUSINESS_CATEGORY.needed(),
                OrganizationField::REGISTRATION_NUMBER.needed(),
            ],
        },
    ],
    order_parameter: "custom_order_id",
    format: crate::certificate::Format::Pkcs7,
    reference_parameters: &[],
    csr_rules: CsrRules::NONE,
};
