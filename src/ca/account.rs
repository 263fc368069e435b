//! What the settings of several vendors have in common: the address.

use super::http::{Url, base_address};
use crate::domain::Settings;
use crate::failure::Failure;
use crate::module::Setting;

/// The vendor's address as entered, with the name of its setting: `api_url` wins over `url`.
///
/// # Errors
/// `Missing` when neither is there and the vendor has no default.
pub(super) fn entered_address<'a>(
    settings: &'a Settings,
    default: Option<&'a str>,
) -> Result<(&'static str, &'a str), Failure> {
    let own = Setting::url();
    [Setting::api_address(), Setting::url()]
        .iter()
        .find_map(|setting| Some((setting.name, settings.text(setting.name)?)))
        .or_else(|| Some((own.name, default?)))
        .ok_or_else(|| own.missing())
}

/// The vendor's address: `api_url`, `url` or the default. A host without path gets the vendor's own
/// path; a final slash goes.
///
/// # Errors
/// A malformed or insecure address, by the name of its setting.
pub(super) fn address(settings: &Settings, default: &str, path: &str) -> Result<Url, Failure> {
    let (field, entered) = entered_address(settings, Some(default))?;
    let mut address = base_address(entered, field)?;
    let own = match address.path().trim_end_matches('/') {
        "" => path.to_owned(),
        own => own.to_owned(),
    };
    address.set_path(&own);
    Ok(address)
}

#[cfg(test)]
mod tests;
