//! What is said about the names of an order.

use crate::module::Text;

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The registered domain does not exist.
    NoDomain(String),
    /// The host does not exist, and is to be proved by a file on it.
    NoHost(String),
    /// The domain's signatures are broken.
    Signatures(String),
    /// CAA at a domain permits others only; who, as it stands there.
    Others(String, String),
    /// CAA at a domain permits nobody.
    Nobody(String),
    /// A critical property that no authority knows.
    Critical(String, String),
    /// CAA permits other ways of proof only.
    Methods(String, String),
    /// CAA permits one account at the authority only.
    Account(String, String),
    /// Hosts that the CSR names and the order does not.
    NotOrdered(String),
    /// A name of the form that is left out of an order, and that its authority may not add.
    NotAdded(String),
    /// A public suffix as a name of its own.
    Suffix(String),
    /// Proof by e-mail ends inside the paid period.
    MailEnds,
    /// The same of a product that has no other method.
    MailEndsAlone,
    /// Proof by e-mail has ended, and this vendor's reissues keep the method of their order.
    MailStays(&'static str),
}

/// What a remark is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The names of the order.
    Names,
    /// What stands in DNS.
    Dns,
    /// How control is proved.
    Method,
}

const NO_DOMAIN: Text = Text::new(
    "the domain __value__ does not exist in DNS: control of it cannot be validated until it does",
    "домен __value__ не существует в DNS: пока его нет, подтвердить права на него нельзя",
);
const NO_HOST: Text = Text::new(
    "the host __value__ does not exist in DNS: a file on it cannot be seen",
    "узел __value__ не существует в DNS: файл на нём нельзя увидеть",
);
const SIGNATURES: Text = Text::new(
    "the DNSSEC signatures of __value__ are broken: certificate authorities must not issue until they are fixed or removed",
    "подписи DNSSEC у __value__ неверны: пока они не исправлены или не убраны, центры сертификации не выпускают сертификат",
);
const OTHERS: Text = Text::new(
    "the CAA records of __value__ permit only other certificate authorities: __detail__",
    "записи CAA у __value__ разрешают только другие центры сертификации: __detail__",
);
const NOBODY: Text = Text::new(
    "the CAA records of __value__ permit no certificate authority at all",
    "записи CAA у __value__ не разрешают ни одного центра сертификации",
);
const CRITICAL: Text = Text::new(
    "the CAA records of __value__ hold a critical property that certificate authorities do not know: __detail__",
    "в записях CAA у __value__ есть критическое свойство, неизвестное центрам сертификации: __detail__",
);
const METHODS: Text = Text::new(
    "the CAA records of __value__ permit only other ways to prove control (validationmethods): __detail__; authorities have to obey this from 2027-03-15 on",
    "записи CAA у __value__ разрешают только другие способы подтверждения (validationmethods): __detail__; центры сертификации обязаны учитывать это с 2027-03-15",
);
const ACCOUNT: Text = Text::new(
    "the CAA records of __value__ permit one account at the certificate authority only (accounturi): __detail__; authorities have to obey this from 2027-03-15 on",
    "записи CAA у __value__ разрешают только одну учётную запись в центре сертификации (accounturi): __detail__; центры сертификации обязаны учитывать это с 2027-03-15",
);
const NOT_ORDERED: Text = Text::new(
    "the CSR names hosts that are not among the ordered names, and the certificate will not cover them: __value__",
    "в CSR указаны домены, которых нет среди заказанных, и сертификат их не охватит: __value__",
);
const NOT_ADDED: Text = Text::new(
    "__value__ is not ordered, as the product is for one name, and the vendor does not promise to add it: a CSR for the www name usually brings the other one, too",
    "__value__ не заказывается, так как продукт рассчитан на один домен, а поставщик не обещает добавить его: CSR на имя с www обычно даёт и имя без www",
);
const SUFFIX: Text = Text::new(
    "__value__ is a public suffix, below which others register domains: make sure that this name is meant",
    "__value__ - публичный суффикс, под которым другие регистрируют домены: убедитесь, что нужно именно это имя",
);
// The day is `calendar::MAIL_ENDS`.
const MAIL_ENDS: Text = Text::new(
    "proof of control by e-mail ends on 2028-03-15 for all certificate authorities, and the paid period goes on: another method, such as a DNS record, is needed by then",
    "с 2028-03-15 подтверждение по e-mail не будет принимать ни один центр сертификации, а оплаченный период длится дольше: к этому времени нужен другой способ, например запись DNS",
);
const MAIL_ENDS_ALONE: Text = Text::new(
    "proof of control by e-mail ends on 2028-03-15 for all certificate authorities, the paid period goes on, and this product has no other method: please ask us for another product in time",
    "с 2028-03-15 подтверждение по e-mail не будет принимать ни один центр сертификации, оплаченный период длится дольше, а другого способа у этого продукта нет: заранее обратитесь к нам за другим продуктом",
);
const MAIL_STAYS: Text = Text::new(
    "no certificate authority accepts proof of control by e-mail since 2028-03-15, and a reissue keeps the method of its order at __value__: it has to be changed with the vendor, please ask us",
    "с 2028-03-15 подтверждение по e-mail не принимает ни один центр сертификации, а у __value__ перевыпуск сохраняет способ, выбранный в заказе: его нужно изменить у поставщика, обратитесь к нам",
);

impl Remark {
    /// What it is about.
    pub(super) fn about(&self) -> About {
        match self {
            Self::NotOrdered(_) | Self::NotAdded(_) | Self::Suffix(_) => About::Names,
            Self::MailEnds | Self::MailEndsAlone | Self::MailStays(_) => About::Method,
            _ => About::Dns,
        }
    }

    /// The text and what stands in it.
    fn parts(&self) -> (&'static Text, &str, &str) {
        match self {
            Self::NoDomain(name) => (&NO_DOMAIN, name, ""),
            Self::NoHost(name) => (&NO_HOST, name, ""),
            Self::Signatures(name) => (&SIGNATURES, name, ""),
            Self::Others(name, who) => (&OTHERS, name, who),
            Self::Nobody(name) => (&NOBODY, name, ""),
            Self::Critical(name, tag) => (&CRITICAL, name, tag),
            Self::Methods(name, which) => (&METHODS, name, which),
            Self::Account(name, which) => (&ACCOUNT, name, which),
            Self::NotOrdered(names) => (&NOT_ORDERED, names, ""),
            Self::NotAdded(name) => (&NOT_ADDED, name, ""),
            Self::Suffix(name) => (&SUFFIX, name, ""),
            Self::MailEnds => (&MAIL_ENDS, "", ""),
            Self::MailEndsAlone => (&MAIL_ENDS_ALONE, "", ""),
            Self::MailStays(vendor) => (&MAIL_STAYS, vendor, ""),
        }
    }

    /// The sentence in English.
    #[must_use]
    pub fn english(&self) -> String {
        let (text, value, detail) = self.parts();
        filled(text.en, value, detail)
    }

    /// The sentence in Russian.
    #[must_use]
    pub fn russian(&self) -> String {
        let (text, value, detail) = self.parts();
        filled(text.ru, value, detail)
    }
}

/// Texts from DNS are others' texts: visible, and short.
fn filled(text: &str, value: &str, detail: &str) -> String {
    const LONGEST: usize = 200;
    let short = |text: &str| {
        let text: String = text.chars().take(LONGEST).collect();
        crate::logging::visible(&text, &[])
    };
    text.replace("__value__", &short(value))
        .replace("__detail__", &short(detail))
}
