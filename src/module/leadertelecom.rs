//! LeaderTelecom (leaderssl.md 5 to 7, 15).
//!
//! The vendor orders by a number from its catalogue (`nomenclature_id`) that is not public. A template
//! therefore says what kind of product it is, and the account says which number stands behind it.

use super::setting::choice;
use super::{CsrRules, Method, Module, Setting, SettingKind, Template, Text};
use crate::domain::Reference;

/// The vendor's validation words (leaderssl.md 6).
const ALL: &[Method] = &[
    Method::Email,
    Method::HttpFile,
    Method::HttpsFile,
    Method::DnsCname,
];
/// A file proves no wildcard.
const WILD: &[Method] = &[Method::Email, Method::DnsCname];

choice! {
    /// How the parameters of a call are written (leaderssl.md 2).
    OrderEncoding {
        /// A JSON body.
        Json = "json",
        /// A form body with nested keys.
        Form = "form",
        /// The same in the address; puts personal data into access logs.
        Query = "query",
    }
}

/// Address of the service.
pub(crate) const URL: Setting = Setting::url()
            .default("https://api.leaderssl.com/api/v1")
            .placeholder("https://api.leaderssl.com/api/v1")
            .hint(Text::new(
                "Blank for https://api.leaderssl.com/api/v1. Calls from this server must be permitted in the vendor's client area",
                "Пусто: https://api.leaderssl.com/api/v1. Вызовы с этого сервера должны быть разрешены в личном кабинете поставщика",
            ));

/// Catalogue numbers of the products.
pub(crate) const NOMENCLATURE_IDS: Setting = Setting::new(
            "nomenclature_ids",
            SettingKind::Text,
            Text::new(
                "Catalogue numbers of products: leader_dv=100 leader_ov=200",
                "Номера продуктов по каталогу: leader_dv=100 leader_ov=200",
            ),
        )
        .hint(Text::new(
            "Pairs of product code and the vendor's nomenclature_id, separated by blanks; the numbers shown are examples",
            "Пары из кода продукта и nomenclature_id поставщика через пробел; числа приведены для примера",
        ));

/// Number of the server software.
pub(crate) const SERVER_SOFTWARE: Setting = Setting::new(
    "server_software_id",
    SettingKind::Text,
    Text::new(
        "Number of the server software (ssl_server_software_id)",
        "Номер серверного ПО (ssl_server_software_id)",
    ),
)
.hint(Text::new(
    "From the vendor's list; left out of orders when empty",
    "Из списка поставщика; если не указан, в заказе не передаётся",
));

/// How orders are sent.
pub(crate) const ORDER_ENCODING: Setting = Setting::one_of::<OrderEncoding>(
    "order_encoding",
    Text::new("How orders are sent", "Как отправляются заказы"),
)
.default("json")
.hint(Text::new(
    "A query string puts personal data into the vendor's access log",
    "При query личные данные попадают в журнал доступа поставщика",
));

/// Whether a renewal is a new order.
pub(crate) const RENEW_BY_NEW_ORDER: Setting = Setting::new(
            "renew_by_new_order",
            SettingKind::Flag,
            Text::new(
                "Renew by placing a new order",
                "Продлевать новым заказом",
            ),
        )
        .default("off")
        .hint(Text::new(
            "No renewal call of the vendor is known; when off, renewals become tasks for the administrator",
            "Вызов продления у поставщика неизвестен; если выключено, продление становится задачей администратору",
        ));

pub(crate) static MODULE: Module = Module {
    name: "pmleadertelecom",
    origin: "pmleadertelecom",
    vendor: "LeaderTelecom",
    short: Text::same("LeaderTelecom"),
    full: Text::new(
        "Certificates through LeaderTelecom (LeaderSSL)",
        "Сертификаты через LeaderTelecom (LeaderSSL)",
    ),
    settings: &[
        Setting::username().hint(Text::new(
            "Login of the LeaderSSL account, without two-factor authentication",
            "Логин учётной записи LeaderSSL без двухфакторной аутентификации",
        )),
        Setting::password(),
        URL,
        Setting::alternative_methods(),
    ],
    custom: &[
        Setting::api_address(),
        NOMENCLATURE_IDS,
        SERVER_SOFTWARE,
        ORDER_ENCODING,
        RENEW_BY_NEW_ORDER,
    ],
    registration: Some("https://www.leaderssl.com/"),
    features: &["send_dv_email", super::BALANCE_FEATURE],
    // Three of each common kind, so that one account can sell several brands.
    #[rustfmt::skip]
    templates: &[
        Template::domain("leader_dv", "LeaderTelecom DV").by(ALL),
        Template::domain("leader_dv_2", "LeaderTelecom DV 2").by(ALL),
        Template::domain("leader_dv_3", "LeaderTelecom DV 3").by(ALL),
        Template::domain("leader_dv_wild", "LeaderTelecom DV Wildcard").wild().by(WILD),
        Template::domain("leader_dv_wild_2", "LeaderTelecom DV Wildcard 2").wild().by(WILD),
        Template::domain("leader_dv_wild_3", "LeaderTelecom DV Wildcard 3").wild().by(WILD),
        Template::domain("leader_dv_md", "LeaderTelecom DV Multi-Domain").multi().by(ALL),
        Template::domain("leader_dv_md_2", "LeaderTelecom DV Multi-Domain 2").multi().by(ALL),
        Template::domain("leader_dv_md_3", "LeaderTelecom DV Multi-Domain 3").multi().by(ALL),
        Template::organization("leader_ov", "LeaderTelecom OV").by(ALL),
        Template::organization("leader_ov_2", "LeaderTelecom OV 2").by(ALL),
        Template::organization("leader_ov_3", "LeaderTelecom OV 3").by(ALL),
        Template::organization("leader_ov_wild", "LeaderTelecom OV Wildcard").wild().by(WILD),
        Template::organization("leader_ov_wild_2", "LeaderTelecom OV Wildcard 2").wild().by(WILD),
        Template::organization("leader_ov_wild_3", "LeaderTelecom OV Wildcard 3").wild().by(WILD),
        Template::organization("leader_ov_md", "LeaderTelecom OV Multi-Domain").multi().by(ALL),
        Template::organization("leader_ov_md_2", "LeaderTelecom OV Multi-Domain 2").multi().by(ALL),
        Template::organization("leader_ov_md_3", "LeaderTelecom OV Multi-Domain 3").multi().by(ALL),
        Template::extended("leader_ev", "LeaderTelecom EV").by(ALL),
        Template::extended("leader_ev_2", "LeaderTelecom EV 2").by(ALL),
        Template::extended("leader_ev_3", "LeaderTelecom EV 3").by(ALL),
        Template::extended("leader_ev_md", "LeaderTelecom EV Multi-Domain").multi().by(ALL),
    ],
    code_prefix: None,
    organization_forms: &[],
    // The certificate's number: status, validation and download take it (leaderssl.md 4).
    order_parameter: "custom_order_id",
    format: crate::certificate::Format::Zip,
    reference_parameters: &[(Reference::Partner, "partner_order_id")],
    csr_rules: CsrRules::NONE,
};
