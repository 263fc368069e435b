//! Additional names: what the vendor takes, how it counts them, what they cost.

use std::net::IpAddr;

use super::super::xml::Element;
use super::reply::{ApiError, illegal, parameter};

/// Price of a name that is not a UC name, and of a wildcard name.
const NAME_PRICE: i64 = 2_000;
const WILDCARD_NAME_PRICE: i64 = 30_000;

/// Most additional names of an order.
const MOST_NAMES: usize = 100;

/// The price of a name by its option type.
pub fn price(option: &str) -> i64 {
    match option {
        "1" => 0,
        "13" => WILDCARD_NAME_PRICE,
        _ => NAME_PRICE,
    }
}

pub fn is_internal(name: &str) -> bool {
    if let Ok(address) = name.parse::<IpAddr>() {
        return is_private(address);
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    !name.contains('.') || matches!(last, "local" | "corp" | "internal" | "lan")
}

/// Addresses that belong to nobody in particular.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_private() || four.is_loopback() || four.is_link_local(),
        IpAddr::V6(six) => six.is_loopback() || six.is_unique_local(),
    }
}

/// The additional names of an order with their option types, checked.
pub fn of_order(
    request: &Element,
    wanted: &Element,
    stem: &str,
    common_name: &str,
) -> Result<Vec<(String, String)>, ApiError> {
    let entries = request
        .child("SANEntries")
        .map(|list| list.children.as_slice());
    let entries = entries.unwrap_or_default();
    let option = wanted
        .child("Options")
        .and_then(|options| {
            options
                .children
                .iter()
                .find(|o| o.value("OptionName") == Some("SAN"))
        })
        .and_then(|option| option.value("OptionValue"));
    let option = option.is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if option == entries.is_empty() {
        return Err(illegal(-105, &parameter("Options")));
    }
    if !entries.is_empty() && stem.starts_with("DV_LOW") {
        return Err(illegal(-9101, "SANEntries"));
    }
    if entries.len() > MOST_NAMES {
        return Err(illegal(-6017, "SANEntries"));
    }
    let mut names: Vec<(String, String)> = Vec::new();
    for entry in entries {
        let part = |name: &str| entry.value(name).unwrap_or_default().to_owned();
        let (option, name) = (part("SANOptionType"), part("SubjectAltName"));
        if is_internal(&name) {
            return Err(illegal(-6018, "SANEntries.SANEntry.SubjectAltName"));
        }
        // Public addresses are sold, not where a TXT record proves the names (globalsign.md 20).
        if option == "3" && stem.contains("DNS") {
            return Err(illegal(-9101, "SANEntries.SANEntry.SANOptionType"));
        }
        if option != option_of(common_name, &name) || (option == "13" && !stem.starts_with("OV")) {
            return Err(illegal(-9101, "SANEntries.SANEntry.SANOptionType"));
        }
        let comes_anyway = name == common_name
            || common_name
                .strip_prefix("*.")
                .is_some_and(|base| name == base || name == format!("www.{base}"))
            || common_name.strip_prefix("www.") == Some(&name);
        if comes_anyway || names.iter().any(|(_, other)| *other == name) {
            return Err(illegal(-6018, "SANEntries.SANEntry.SubjectAltName"));
        }
        names.push((option, name));
    }
    Ok(names)
}

/// The option type a name has to be sent with.
pub fn option_of(common_name: &str, name: &str) -> &'static str {
    let base = common_name.strip_prefix("*.").unwrap_or(common_name);
    let base = base.strip_prefix("www.").unwrap_or(base);
    if name.parse::<IpAddr>().is_ok() {
        return "3";
    }
    if name.starts_with("*.") {
        return "13";
    }
    if name.parse::<IpAddr>().is_ok() {
        return "3";
    }
    match name
        .strip_suffix(base)
        .and_then(|front| front.strip_suffix('.'))
    {
        Some("www" | "owa" | "mail" | "autodiscover") => "1",
        Some(_) => "2",
        None => "7",
    }
}
