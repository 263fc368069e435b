//! Settings of an account: what the administrator fills in, and how the platform stores it.

use secrecy::SecretString;

use super::Text;
use crate::domain::Settings;
use crate::failure::{Failure, Language, Reason};

/// Check box that lets clients choose how control of a domain is proved (billmanager.md 7).
pub const ALTERNATIVE_METHODS: &str = "alter_approver_methods";

/// Custom parameter of every module: an API address used instead of the account's own.
pub const API_ADDRESS: &str = "api_url";

/// Setting of the local address from which the vendor is called (billmanager.md 3.1).
pub const HOST_ADDRESS: &str = "sourceip";

/// Setting: the form in which certificates are given to the platform.
pub const CERTIFICATE_FORMAT: &str = "cert_format";

/// A closed list of what a setting may be: its words are read, offered by the form and told by docs and errors.
pub trait Choice: Copy + 'static {
    /// The stored words with their texts.
    const WORDS: &'static [(&'static str, Text)];

    /// What a word stands for.
    fn of(word: &str) -> Option<Self>;
}

/// Declares an enumeration together with the words of its variants.
macro_rules! choice {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $crate::module::Choice for $name {
            const WORDS: &'static [(&'static str, $crate::module::Text)] =
                &[$(($word, $crate::module::Text::same($word))),+];

            fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(super) use choice;

/// One setting of an account. Its name, its values and its default are written here and nowhere else: adapters read it
/// through its descriptor.
#[derive(Debug)]
pub struct Setting {
    /// Parameter name as the platform stores it.
    pub name: &'static str,
    /// What it is on the form.
    pub kind: SettingKind,
    /// Must be filled in.
    pub required: bool,
    /// Part of what decides whose orders the vendor shows: address and login. Orders that were sent under
    /// one cannot be looked up under another.
    pub names_login: bool,
    /// Value in force when nothing is entered, else empty. Declared to the platform for custom
    /// parameters.
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
    /// A fixed choice: value and label. As a custom parameter: a line of text, its label names the values.
    Choice(&'static [(&'static str, Text)]),
    /// A choice filled by `tune_connection` with this host's addresses.
    HostAddress,
}

impl Setting {
    /// Name of the message that shows one value of a select: `tune_connection` puts it into the
    /// `slist` as the text of the value (billmanager.md 3.1).
    #[must_use]
    pub fn choice_key(&self, value: &str) -> String {
        let value = if value.is_empty() { "any" } else { value };
        format!("{}_{value}", self.name)
    }

    /// Values of a select that are known beforehand, with their texts. For a host address this is the
    /// empty value alone, which leaves the choice to the system.
    #[must_use]
    pub fn choices(&self) -> &'static [(&'static str, Text)] {
        match self.kind {
            SettingKind::Choice(values) => values,
            SettingKind::HostAddress => &[("", ANY_ADDRESS)],
            _ => &[],
        }
    }

    /// What was entered, else the default.
    #[must_use]
    pub fn text<'a>(&self, settings: &'a Settings) -> Option<&'a str> {
        let default = Some(self.default).filter(|default| !default.is_empty());
        settings.text(self.name).or(default)
    }

    /// A text without which nothing works.
    ///
    /// # Errors
    /// [`Reason::Missing`] with the setting's name.
    pub fn needed<'a>(&self, settings: &'a Settings) -> Result<&'a str, Failure> {
        self.text(settings).ok_or_else(|| self.missing())
    }

    /// A secret without which nothing works.
    ///
    /// # Errors
    /// [`Reason::Missing`] with the setting's name.
    pub fn needed_secret(&self, settings: &Settings) -> Result<SecretString, Failure> {
        let secret = settings.secret(self.name).cloned();
        secret.ok_or_else(|| self.missing())
    }

    /// A choice.
    ///
    /// # Errors
    /// [`Reason::Invalid`] with the words that it may be.
    pub fn chosen<T: Choice>(&self, settings: &Settings) -> Result<T, Failure> {
        let word = self.text(settings).unwrap_or_default();
        let words = || T::WORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        let wrong = || self.invalid(word);
        T::of(word)
            .ok_or_else(|| wrong().detail(words!("One of: {}", "Одно из: {}", words().join(", "))))
    }

    /// A switch of the custom parameters, where it is a word. A check box of the form is [`Settings::flag`].
    ///
    /// # Errors
    /// [`Reason::Invalid`] for another word than the two.
    pub fn switch(&self, settings: &Settings) -> Result<bool, Failure> {
        match self.text(settings) {
            None | Some("off") => Ok(false),
            Some("on") => Ok(true),
            Some(other) => Err(self
                .invalid(other)
                .detail(words!("on or off is expected", "ожидается on или off"))),
        }
    }

    /// A value that is not understood.
    #[must_use]
    pub fn invalid(&self, value: &str) -> Failure {
        Failure::field(Reason::Invalid, self.name).value(value)
    }

    /// The setting is not filled in.
    #[must_use]
    pub fn missing(&self) -> Failure {
        Failure::field(Reason::Missing, self.name)
    }

    /// Label of a custom parameter: a line of text, so it says which words it takes.
    #[must_use]
    pub fn parameter_label(&self, language: Language) -> String {
        let words: Vec<&str> = match self.kind {
            SettingKind::Choice(values) => values.iter().map(|(word, _)| *word).collect(),
            SettingKind::Flag => vec!["on", "off"],
            _ => Vec::new(),
        };
        let label = self.label.get(language);
        let Some((last, others)) = words.split_last() else {
            return label.to_owned();
        };
        let or = match language {
            Language::English => "or",
            Language::Russian => "или",
        };
        format!("{label}: {} {or} {last}", others.join(", "))
    }

    /// A choice between the words of a type.
    pub(super) const fn one_of<T: Choice>(name: &'static str, label: Text) -> Self {
        Self::new(name, SettingKind::Choice(T::WORDS), label)
    }

    /// A setting of a kind; everything else is empty.
    pub(super) const fn new(name: &'static str, kind: SettingKind, label: Text) -> Self {
        Self {
            name,
            kind,
            required: false,
            names_login: false,
            default: "",
            placeholder: "",
            label,
            hint: Text::NONE,
        }
    }

    /// Must be filled in.
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Decides whose orders the vendor shows.
    pub(super) const fn naming_login(mut self) -> Self {
        self.names_login = true;
        self
    }

    /// Value in force when nothing is entered.
    pub(super) const fn default(mut self, value: &'static str) -> Self {
        self.default = value;
        self
    }

    /// Shown in the empty field.
    pub(super) const fn placeholder(mut self, text: &'static str) -> Self {
        self.placeholder = text;
        self
    }

    /// Under another label.
    pub(super) const fn labelled(mut self, label: Text) -> Self {
        self.label = label;
        self
    }

    /// Shown under the field.
    pub(super) const fn hint(mut self, hint: Text) -> Self {
        self.hint = hint;
        self
    }

    /// Address of the vendor's API.
    pub(crate) const fn url() -> Self {
        Self::new("url", SettingKind::Url, Text::new("API URL", "URL API")).naming_login()
    }

    /// Login at the vendor.
    pub(crate) const fn username() -> Self {
        Self::new(
            "username",
            SettingKind::Text,
            Text::new("Username", "Имя пользователя"),
        )
        .required()
        .naming_login()
    }

    /// Password at the vendor.
    pub(crate) const fn password() -> Self {
        Self::new(
            "password",
            SettingKind::Secret,
            Text::new("Password", "Пароль"),
        )
        .required()
    }

    /// Clients choose between validation methods.
    pub(super) const fn alternative_methods() -> Self {
        Self::new(
            ALTERNATIVE_METHODS,
            SettingKind::Flag,
            Text::new(
                "Alternative verification methods",
                "Альтернативные методы проверки",
            ),
        )
        .hint(Text::new(
            "Let clients choose how to prove control of a domain. When off, it is proved by e-mail, which ends on 2028-03-15",
            "Клиент сам выбирает способ подтверждения домена. Если выключено, домен подтверждается письмом, а с 2028-03-15 это невозможно",
        ))
    }

    /// Orders stay at the vendor when services are deleted.
    pub(crate) const fn refund_on_close() -> Self {
        Setting::new(
            "refund_on_close",
            SettingKind::Flag,
            Text::new(
                "Request a refund when a service is deleted",
                "Запрашивать возврат при удалении услуги",
            ),
        )
        .default("on")
        .hint(Text::new(
            "Inside the vendor's 30 days only",
            "Только в течение 30 дней, отведённых поставщиком",
        ))
    }

    /// The custom parameter that every module has.
    pub(crate) const fn api_address() -> Self {
        Self::new(
            API_ADDRESS,
            SettingKind::Url,
            Text::new(
                "API address used instead of the account's own",
                "Адрес API вместо указанного в настройках",
            ),
        )
        .naming_login()
        .hint(Text::new(
            "For test systems and proxies; https only, unless it is this machine",
            "Для тестовых систем и прокси; только https, кроме этой же машины",
        ))
    }
}

/// No address is chosen.
const ANY_ADDRESS: Text = Text::new("Any address", "Любой адрес");
