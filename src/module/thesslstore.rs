//! TheSSLStore (thesslstore.md 12, 13): the settings keep the names of the platform's own module, so
//! that an existing account goes on working.

mod templates;

use super::setting::{CERTIFICATE_FORMAT, choice};
use super::{CsrRules, Module, OrganizationField, OrganizationForm, Setting, SettingKind, Text};
use crate::domain::Reference;

/// The number of an organization that was registered at the vendor before (thesslstore.md 10).
const KNOWN_ORGANIZATION: OrganizationField = OrganizationField {
    name: "org_tss_id",
    required: true,
    label: Text::new(
        "Organization number at The SSL Store",
        "Номер организации в The SSL Store",
    ),
    hint: Text::new(
        "The number under which the organization is registered and verified there",
        "Номер, под которым организация там зарегистрирована и проверена",
    ),
};

choice! {
    /// How the CSR is sent (thesslstore.md 5.2).
    CsrEncoding {
        /// As the vendor's free CSR check reads it.
        Auto = "auto",
        /// PEM with its newlines.
        Raw = "raw",
        /// The whole PEM text percent-encoded.
        Percent = "percent",
    }
}

/// Address of the service.
pub(crate) const URL: Setting = Setting::url()
            .required()
            .placeholder("https://api.thesslstore.com/rest")
            .hint(Text::new(
                "Live: https://api.thesslstore.com/rest, sandbox: https://sandbox-wbapi.thesslstore.com/rest. Each has its own Partner Id and token",
                "Рабочий: https://api.thesslstore.com/rest, тестовый: https://sandbox-wbapi.thesslstore.com/rest. У каждого свои Partner Id и токен",
            ));

/// Who orders.
pub(crate) const PARTNER_CODE: Setting =
    Setting::new("partner_code", SettingKind::Text, Text::same("Partner Id"))
        .required()
        .naming_login()
        .hint(Text::new(
            "Partner code of the account at TheSSLStore",
            "Код партнёра (partner code) учётной записи TheSSLStore",
        ));

/// What proves it.
pub(crate) const AUTH_TOKEN: Setting = Setting::new(
    "auth_token",
    SettingKind::Secret,
    Text::same("Authentication Token"),
)
.required()
.hint(Text::new(
    "Token that belongs to the Partner Id",
    "Токен, выданный для этого Partner Id",
));

/// How the CSR is sent.
pub(crate) const CSR_ENCODING: Setting =
    Setting::one_of::<CsrEncoding>("csr_encoding", Text::new("CSR encoding", "Кодирование CSR"))
        .default("auto")
        .hint(Text::new(
            "How the CSR is sent; auto asks the vendor's free CSR check which form it reads",
            "Как передаётся CSR; auto узнаёт подходящий вид у бесплатной проверки CSR поставщика",
        ));

pub(crate) static MODULE: Module = Module {
    name: "pmthesslstore",
    origin: "pmthesslstore",
    vendor: "TheSSLStore",
    short: Text::same("The SSL Store"),
    full: Text::new(
        "Certificates of Sectigo, DigiCert and their brands through TheSSLStore",
        "Сертификаты Sectigo, DigiCert и их марок через TheSSLStore",
    ),
    settings: &[
        URL,
        PARTNER_CODE,
        AUTH_TOKEN,
        Setting::new(
            CERTIFICATE_FORMAT,
            SettingKind::Choice(&[
                (
                    "pem",
                    Text::new("PEM, certificate and chain", "PEM, сертификат с цепочкой"),
                ),
                ("zip", Text::new("ZIP archive", "Архив ZIP")),
                (
                    "pkcs7",
                    Text::new("ZIP archive with PKCS#7", "Архив ZIP с PKCS#7"),
                ),
            ]),
            Text::new("Certificate format", "Формат сертификата"),
        )
        .default("pem")
        .hint(Text::new(
            "What clients download",
            "В каком виде клиент скачивает сертификат",
        )),
    ],
    custom: &[
        Setting::api_address(),
        CSR_ENCODING,
        Setting::refund_on_close(),
    ],
    registration: Some("https://www.thesslstore.com/"),
    features: &[
        "send_dv_dns",
        "send_dv_email",
        super::BALANCE_FEATURE,
        super::IMPORT_FEATURE,
    ],
    templates: &templates::ALL,
    code_prefix: None,
    organization_forms: &[
        OrganizationForm {
            templates: &[],
            fields: &[
                OrganizationField::DUNS,
                OrganizationField::REGISTRATION_NUMBER,
                OrganizationField::INCORPORATING_AGENCY,
            ],
        },
        OrganizationForm {
            templates: &[
                "ucommercialssl",
                "ucommercialwildcard",
                "utrustedssl",
                "utrustedwildcard",
            ],
            fields: &[
                OrganizationField::REGISTRATION_NUMBER.needed(),
                OrganizationField::INCORPORATING_AGENCY,
            ],
        },
        OrganizationForm {
            templates: &[
                "digi_ssl_basic-EO",
                "digi_ssl_ev_basic-EO",
                "digi_securesite_flex-EO",
                "digi_securesite_ev_flex-EO",
                "digi_securesite_pro_flex-EO",
                "digi_securesite_pro_ev_flex-EO",
                "digi_truebizid_flex-EO",
                "digi_truebizid_ev_flex-EO",
                "digi_sslwebserver_flex-EO",
                "digi_sslwebserver_ev_flex-EO",
            ],
            fields: &[KNOWN_ORGANIZATION],
        },
    ],
    order_parameter: "store_order_id",
    format: crate::certificate::Format::Pem,
    reference_parameters: &[
        (Reference::Client, "custom_order_id"),
        (Reference::Partner, "partner_order_id"),
        // Spelled so by the platform's own module (billmanager.md 7).
        (Reference::Authority, "vender_order_id"),
        (Reference::TokenId, "token_id"),
        (Reference::TokenCode, "token_code"),
    ],
    csr_rules: CsrRules::NONE,
};
