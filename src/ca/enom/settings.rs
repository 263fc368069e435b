//! The account's settings, checked without network.

use secrecy::SecretString;

use crate::ca::account::address;
use crate::ca::http::Url;
use crate::domain::Settings;
use crate::failure::Failure;
use crate::module::{Setting, enom};

/// The path is the same everywhere: the command is a parameter (enom.md 2).
const PATH: &str = "/interface.asp";

/// Checked settings.
#[derive(Debug)]
pub(super) struct AccountSettings {
    pub(super) address: Url,
    pub(super) user: String,
    /// The account's password or an API token in its place (enom.md 2).
    pub(super) password: SecretString,
}

impl AccountSettings {
    /// Reads `api_url` (wins) or `url`, `username`, `password`.
    ///
    /// # Errors
    /// The missing or malformed setting by its name.
    pub(super) fn read(settings: &Settings) -> Result<Self, Failure> {
        Ok(Self {
            address: address(settings, enom::URL.default, PATH)?,
            user: Setting::username().needed(settings)?.to_owned(),
            password: Setting::password().needed_secret(settings)?,
        })
    }
}

#[cfg(test)]
mod tests;
