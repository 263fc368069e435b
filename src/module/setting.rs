//! Settings of an account: what the administrator fills in, and how the platform stores it.

use super::Text;

/// Check box that lets clients choose how control of a domain is proved (billmanager.md 7).
pub const ALTERNATIVE_METHODS: &str = "alter_approver_methods";

/// Custom parameter of every module: an API address used instead of the account's own.
pub const API_ADDRESS: &str = "api_url";

/// Setting of the local address from which the vendor is called (billmanager.md 3.1).
pub const HOST_ADDRESS: &str = "sourceip";

/// One setting of an account.
#[derive(Debug)]
pub struct Setting {
    /// Parameter name as the platform stores it.
    pub name: &'static str,
    /// What it is on the form.
    pub kind: SettingKind,
    /// Must be filled in.
    pub required: bool,
    /// Part of what decides whose books the vendor shows: address and login. Orders that were sent under
    /// one cannot be looked up under another.
    pub names_books: bool,
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

    /// A setting of a kind; everything else is empty.
    pub(super) const fn new(name: &'static str, kind: SettingKind, label: Text) -> Self {
        Self {
            name,
            kind,
            required: false,
            names_books: false,
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

    /// Decides whose books the vendor shows.
    pub(super) const fn naming_books(mut self) -> Self {
        self.names_books = true;
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
    pub(super) const fn url() -> Self {
        Self::new("url", SettingKind::Url, Text::new("API URL", "URL API")).naming_books()
    }

    /// Login at the vendor.
    pub(super) const fn username() -> Self {
        Self::new(
            "username",
            SettingKind::Text,
            Text::new("Username", "Имя пользователя"),
        )
        .required()
        .naming_books()
    }

    /// Password at the vendor.
    pub(super) const fn password() -> Self {
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
            "Let clients choose how to prove control of a domain. When off, it is proved by e-mail",
            "Клиент сам выбирает способ подтверждения домена. Если выключено, домен подтверждается письмом",
        ))
    }

    /// The custom parameter that every module has.
    pub(super) const fn api_address() -> Self {
        Self::new(
            API_ADDRESS,
            SettingKind::Url,
            Text::new(
                "API address used instead of the account's own",
                "Адрес API вместо указанного в настройках",
            ),
        )
        .naming_books()
        .hint(Text::new(
            "For test systems and proxies; https only, unless it is this machine",
            "Для тестовых систем и прокси; только https, кроме этой же машины",
        ))
    }
}

/// No address is chosen.
const ANY_ADDRESS: Text = Text::new("Any address", "Любой адрес");
