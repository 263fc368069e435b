//! What is received. Every text may be null, empty, absent or a number (thesslstore.md 7); a field of
//! an unexpected shape counts as absent, so that one odd field never hides an order number.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A scalar as text; empty, `null` and everything else is `None`.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A structure from an object; from a list serde would take the fields by their position.
pub(crate) fn object<T: DeserializeOwned>(value: Value) -> Option<T> {
    value
        .is_object()
        .then(|| serde_json::from_value(value).ok())?
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(scalar(&Value::deserialize(deserializer)?))
}

/// A text with its blanks and line ends: contents to publish.
fn verbatim<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        _ => None,
    })
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    Ok(scalar(&Value::deserialize(deserializer)?).and_then(|text| text.parse().ok()))
}

/// A list of texts: an array, or one text with commas.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => items.iter().filter_map(scalar).collect(),
        Value::String(list) => list
            .split(',')
            .map(|item| item.trim().to_owned())
            .filter(|item| !item.is_empty())
            .collect(),
        _ => Vec::new(),
    })
}

/// A list whose entries count by their places: empty ones stay.
fn places<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => items
            .iter()
            .map(|item| scalar(item).unwrap_or_default())
            .collect(),
        Value::String(list) if !list.trim().is_empty() => {
            list.split(',').map(|item| item.trim().to_owned()).collect()
        }
        _ => Vec::new(),
    })
}

/// Which way an amount is rounded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    Down,
    Up,
}

/// An amount as text. A JSON number has no sign between thousands: one with more than two decimals is rounded here,
/// since as a text `123.456` may be read as thousands.
fn amount(value: &Value, rounding: Rounding) -> Option<String> {
    let text = scalar(value)?;
    if !value.is_number() {
        return Some(text);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((whole, fraction)) = digits.split_once('.') else {
        return Some(text);
    };
    if fraction.len() <= 2 || !is_digits(whole) || !is_digits(fraction) {
        return Some(text);
    }
    let (hundredths, rest) = fraction.split_at(2);
    let minor: i64 = format!("{whole}{hundredths}").parse().ok()?;
    // Beyond the sixth decimal stands what binary fractions leave over.
    let is_more = rest.bytes().take(4).any(|byte| byte != b'0');
    let is_away_from_zero = (rounding == Rounding::Up) == sign.is_empty();
    let minor = minor.checked_add(i64::from(is_more && is_away_from_zero))?;
    Some(format!("{sign}{}.{:02}", minor / 100, minor % 100))
}

/// What there is of money: rounded down.
fn funds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(amount(&Value::deserialize(deserializer)?, Rounding::Down))
}

/// What something costs: rounded up.
fn price<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(amount(&Value::deserialize(deserializer)?, Rounding::Up))
}

/// A structure, or its empty form.
fn block<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(object(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// The readable elements of an array.
fn blocks<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(items) => items.into_iter().filter_map(object).collect(),
        _ => Vec::new(),
    })
}

/// An order response (thesslstore.md 7): the fields this program uses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Order {
    #[serde(rename = "TheSSLStoreOrderID", deserialize_with = "text")]
    pub(crate) order_id: Option<String>,
    #[serde(rename = "CustomOrderID", deserialize_with = "text")]
    pub(crate) custom_order_id: Option<String>,
    #[serde(rename = "PartnerOrderID", deserialize_with = "text")]
    pub(crate) partner_order_id: Option<String>,
    #[serde(rename = "VendorOrderID", deserialize_with = "text")]
    pub(crate) vendor_order_id: Option<String>,
    #[serde(rename = "RefundRequestID", deserialize_with = "text")]
    pub(crate) refund_request_id: Option<String>,
    #[serde(rename = "isRefundApproved", deserialize_with = "text")]
    pub(crate) is_refund_approved: Option<String>,
    #[serde(deserialize_with = "block")]
    pub(crate) order_status: OrderStatus,
    #[serde(deserialize_with = "text")]
    pub(crate) purchase_date: Option<String>,
    #[serde(rename = "PurchaseDateInUTC", deserialize_with = "text")]
    pub(crate) purchase_date_utc: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) certificate_start_date: Option<String>,
    #[serde(rename = "CertificateStartDateInUTC", deserialize_with = "text")]
    pub(crate) certificate_start_date_utc: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) certificate_end_date: Option<String>,
    #[serde(rename = "CertificateEndDateInUTC", deserialize_with = "text")]
    pub(crate) certificate_end_date_utc: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) order_expiry_date: Option<String>,
    #[serde(rename = "OrderExpiryDateInUTC", deserialize_with = "text")]
    pub(crate) order_expiry_date_utc: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) common_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) product_code: Option<String>,
    /// Months bought.
    #[serde(deserialize_with = "number")]
    pub(crate) validity: Option<u32>,
    /// The additional names, in the order's own sequence.
    #[serde(rename = "DNSNames", deserialize_with = "texts")]
    pub(crate) dns_names: Vec<String>,
    /// An entry per name; an empty one keeps its place.
    #[serde(deserialize_with = "places")]
    pub(crate) approver_email: Vec<String>,
    #[serde(deserialize_with = "block")]
    pub(crate) admin_contact: OrderContact,
    #[serde(deserialize_with = "text")]
    pub(crate) auth_file_name: Option<String>,
    #[serde(deserialize_with = "verbatim")]
    pub(crate) auth_file_content: Option<String>,
    #[serde(rename = "CNAMEAuthName", deserialize_with = "text")]
    pub(crate) cname_auth_name: Option<String>,
    #[serde(rename = "CNAMEAuthValue", deserialize_with = "text")]
    pub(crate) cname_auth_value: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) serial_number: Option<String>,
    #[serde(rename = "TokenID", deserialize_with = "text")]
    pub(crate) token_id: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) token_code: Option<String>,
}

/// `OrderStatus` (thesslstore.md 7.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct OrderStatus {
    #[serde(deserialize_with = "text")]
    pub(crate) major_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) minor_status: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) authentication_comments: Option<String>,
    #[serde(deserialize_with = "blocks")]
    pub(crate) domain_auth_vetting_status: Vec<DomainVetting>,
}

/// An element of `DomainAuthVettingStatus` (thesslstore.md 7.1; lower and upper case exactly so).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct DomainVetting {
    #[serde(deserialize_with = "text")]
    pub(crate) domain: Option<String>,
    #[serde(rename = "dcvMethod", deserialize_with = "text")]
    pub(crate) dcv_method: Option<String>,
    #[serde(rename = "dcvStatus", deserialize_with = "text")]
    pub(crate) dcv_status: Option<String>,
    #[serde(rename = "FileName", deserialize_with = "text")]
    pub(crate) file_name: Option<String>,
    #[serde(rename = "FileContents", deserialize_with = "verbatim")]
    pub(crate) file_contents: Option<String>,
    #[serde(rename = "DNSName", deserialize_with = "text")]
    pub(crate) dns_name: Option<String>,
    #[serde(rename = "DNSEntry", deserialize_with = "text")]
    pub(crate) dns_entry: Option<String>,
}

/// The part of `AdminContact` that a reissue needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct OrderContact {
    #[serde(deserialize_with = "text")]
    pub(crate) email: Option<String>,
}

/// The reply of `csr` (thesslstore.md 5.2).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct DecodedCsr {
    #[serde(rename = "DomainName", deserialize_with = "text")]
    pub(crate) domain_name: Option<String>,
    /// The older spelling.
    #[serde(rename = "DominName", deserialize_with = "text")]
    pub(crate) domin_name: Option<String>,
}

/// The reply of `order/approverlist`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Approvers {
    #[serde(deserialize_with = "texts")]
    pub(crate) approver_email_list: Vec<String>,
}

/// The reply of `user/accountdetail` (thesslstore.md 4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct AccountDetail {
    #[serde(deserialize_with = "text")]
    pub(crate) partner_code: Option<String>,
    #[serde(deserialize_with = "funds")]
    pub(crate) account_balance: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) allow_credit: Option<String>,
}

/// The reply of `order/download` (thesslstore.md 8.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Download {
    #[serde(deserialize_with = "text")]
    pub(crate) certificate_status: Option<String>,
    #[serde(deserialize_with = "blocks")]
    pub(crate) certificates: Vec<DownloadedFile>,
}

/// One file of a download.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct DownloadedFile {
    #[serde(deserialize_with = "text")]
    pub(crate) file_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) file_content: Option<String>,
}

/// An element of `product/query` (thesslstore.md 5.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Product {
    #[serde(deserialize_with = "text")]
    pub(crate) product_code: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) product_name: Option<String>,
    #[serde(deserialize_with = "text")]
    pub(crate) currency_code: Option<String>,
    /// Additional names included in the price.
    #[serde(deserialize_with = "number")]
    pub(crate) min_san: Option<u32>,
    #[serde(deserialize_with = "blocks")]
    pub(crate) pricing_info: Vec<Pricing>,
}

/// An element of `PricingInfo`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Pricing {
    #[serde(deserialize_with = "number")]
    pub(crate) number_of_months: Option<u32>,
    #[serde(deserialize_with = "price")]
    pub(crate) price: Option<String>,
    #[serde(rename = "PricePerAdditionalSAN", deserialize_with = "price")]
    pub(crate) price_per_additional_san: Option<String>,
    #[serde(rename = "PricePerWildcardSAN", deserialize_with = "price")]
    pub(crate) price_per_wildcard_san: Option<String>,
}
