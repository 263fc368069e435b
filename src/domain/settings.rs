//! The settings of one configured account: plain values and secrets, by parameter name.

use std::collections::BTreeMap;

use secrecy::SecretString;

/// What the administrator entered for an account, from the platform's database or from the form
/// that is being checked.
#[derive(Debug, Default)]
pub struct Settings {
    values: BTreeMap<String, String>,
    secrets: BTreeMap<String, SecretString>,
}

impl Settings {
    /// Adds a plain value; a later one replaces an earlier one.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.values.insert(name.into(), value.into());
    }

    /// Adds a secret; a later one replaces an earlier one.
    pub fn set_secret(&mut self, name: impl Into<String>, value: SecretString) {
        self.secrets.insert(name.into(), value);
    }

    /// A plain value without surrounding blanks; `None` when it is absent or empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// A secret; `None` when it is absent or empty.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        use secrecy::ExposeSecret;
        self.secrets
            .get(name)
            .filter(|secret| !secret.expose_secret().is_empty())
    }

    /// A check box: the platform sends `on` (billmanager.md 3.1).
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.text(name) == Some("on")
    }

    /// All secrets, for the log's masking.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.secrets.values()
    }
}
