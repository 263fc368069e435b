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
}

const NO_DOMAIN: Text = Text::new(
    "the domain __value__ does not exist in DNS: no proof of control is possible before it does",
    "домен __value__ не существует в DNS: пока его нет, подтвердить права на него нельзя",
);
const NO_HOST: Text = Text::new(
    "the host __value__ does not exist in DNS: a file on it cannot be seen",
    "узел __value__ не существует в DNS: файл на нём нельзя увидеть",
);
const SIGNATURES: Text = Text::new(
    "the DNSSEC signatures of __value__ are broken: certificate authorities must not issue until they are mended or removed",
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
    "В CSR указаны узлы, которых нет среди заказанных имён, и сертификат их не охватит: __value__",
);
const NOT_ADDED: Text = Text::new(
    "__value__ is not ordered, as the product is for one name, and the vendor does not promise to add it: a CSR for the www name usually brings the other one, too",
    "__value__ не заказывается, так как продукт рассчитан на одно имя, а поставщик не обещает добавить его: CSR на имя с www обычно даёт и имя без www",
);
const SUFFIX: Text = Text::new(
    "__value__ is a public suffix, below which others register domains: make sure that this name is meant",
    "__value__ - публичный суффикс, под которым другие регистрируют домены: убедитесь, что нужно именно это имя",
);

impl Remark {
    /// Whether it is about the order and not about what stands in DNS.
    pub(super) fn is_of_order(&self) -> bool {
        matches!(
            self,
            Self::NotOrdered(_) | Self::NotAdded(_) | Self::Suffix(_)
        )
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
