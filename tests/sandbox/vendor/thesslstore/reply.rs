//! Answers: the order object, dates, the three shapes, XML (thesslstore.md 2.2, 7).

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::super::xml::Element;
use super::refusal::Refusal;
use super::state::{Check, Invitation, Order, State};
use super::switches::{Switches, UtcDates};

/// Where the `AuthResponse` of a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In a field beside the others.
    Wrapped,
    /// Its fields at top level.
    Flat,
    /// In a field of each element of a list.
    List,
}

/// The shape of a call's answer.
pub fn shape(call: &str) -> Shape {
    match call {
        "health/status"
        | "health/validate"
        | "order/validate"
        | "order/resend"
        | "order/changeapproveremail"
        | "order/changeapprovermethod"
        | "order/certificaterevokerequest" => Shape::Flat,
        "product/query" | "order/query" => Shape::List,
        _ => Shape::Wrapped,
    }
}

/// An `AuthResponse`.
pub fn auth(error: bool, messages: &[String], request: &Value, now: DateTime<Utc>) -> Value {
    let place = request.get("AuthRequest").unwrap_or(request);
    json!({
        "isError": error,
        "Message": if messages.is_empty() { Value::Null } else { json!(messages) },
        "Timestamp": now.format("%Y-%m-%dT%H:%M:%S.0000000Z").to_string(),
        "ReplayToken": place.get("ReplayToken"),
        "InvokingPartnerCode": place.get("PartnerCode"),
    })
}

/// A refused call in the shape of its answer.
pub fn refused(
    call: &str,
    refusal: &Refusal,
    request: &Value,
    switches: &Switches,
    now: DateTime<Utc>,
) -> Value {
    let auth = auth(true, &[refusal.message()], request, now);
    match shape(call) {
        Shape::Flat => auth,
        Shape::Wrapped if call.starts_with("order/") => json!({
            "AuthResponse": auth, "PartnerOrderID": null, "TheSSLStoreOrderID": null,
            "OrderStatus": null,
        }),
        Shape::Wrapped => json!({ "AuthResponse": auth }),
        Shape::List if switches.bare_list_errors => json!({ "AuthResponse": auth }),
        Shape::List => json!([{ "AuthResponse": auth }]),
    }
}

/// A date in the culture's form. The zone of these dates is not documented: the simulator uses four
/// hours west of UTC, so that nobody takes them for UTC unnoticed.
pub fn local(at: Option<DateTime<Utc>>, culture: &str) -> String {
    match at {
        Some(at) => cultured(at - TimeDelta::hours(4), culture),
        None => NO_DATE.to_owned(),
    }
}

/// "No date" of .NET, which stands in `OrderExpiryDate` now and then (corrections).
pub const LAST_DATE: &str = "12/31/9999 11:59:59 PM";

/// A date beyond every term that is sold.
const FAR_DATE: &str = "12/31/2099 11:59:59 PM";

/// "No date" of the vendor.
pub const NO_DATE: &str = "1/1/1900 12:00:00 AM";

fn cultured(at: DateTime<Utc>, culture: &str) -> String {
    let form = if culture.is_empty() || culture == "en-US" {
        "%-m/%-d/%Y %-I:%M:%S %p"
    } else {
        "%d/%m/%Y %H:%M:%S"
    };
    at.format(form).to_string()
}

/// A date of a UTC field.
pub fn utc(at: Option<DateTime<Utc>>, culture: &str, switches: &Switches) -> String {
    let Some(at) = at else {
        return NO_DATE.to_owned();
    };
    match switches.utc_dates {
        UtcDates::Culture => cultured(at, culture),
        UtcDates::Iso => at.format("%Y-%m-%dT%H:%M:%S").to_string(),
        UtcDates::Milliseconds => format!("/Date({})/", at.timestamp_millis()),
    }
}

/// Hundredths as decimal text.
pub fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The order object of section 7.
pub fn order(
    state: &State,
    order: &Order,
    request: &Value,
    now: DateTime<Utc>,
) -> Map<String, Value> {
    let switches = &state.switches;
    let culture = super::place::text(request, "DateTimeCulture");
    let (major, minor) = switches
        .status_word
        .clone()
        .unwrap_or_else(|| order.status(now, &switches.waiting_word));
    let certificate = order.certificate.as_ref();
    let start = certificate.map(|certificate| certificate.not_before);
    let end = certificate.map(|certificate| certificate.not_after);
    let term_end = certificate.map(|_| order.term_end());
    let expiry = |usual: String| match (switches.no_expiry, switches.far_expiry) {
        (true, _) => LAST_DATE.to_owned(),
        (_, true) => FAR_DATE.to_owned(),
        _ => usual,
    };
    let checks = order
        .pending
        .as_ref()
        .map_or(&order.checks, |pending| &pending.checks);
    let first = checks.first();
    let is = |word: &str| first.filter(|check| check.method == word);
    let file = is("HTTP_CSR_HASH").or_else(|| is("HTTPS_CSR_HASH"));
    let cname = is("CNAME_CSR_HASH");
    let names = order
        .pending
        .as_ref()
        .map_or(&order.names, |pending| &pending.names);
    let id = match order.id.parse::<u64>() {
        Ok(number) if switches.numeric_ids => json!(number),
        _ => json!(order.id),
    };
    let organization = order.requested("/OrganizationInfo/OrganizationName");
    let address =
        |name: &str| order.requested(&format!("/OrganizationInfo/OrganizationAddress/{name}"));
    let parts = [
        json!({
        "AuthResponse": auth(false, &[], request, now),
        "PartnerOrderID": order.partner,
        "CustomOrderID": order.custom,
        "TheSSLStoreOrderID": id,
        "VendorOrderID": order.vendor,
        "RefundRequestID": order.refund.as_ref().map(|(id, _)| id),
        "isRefundApproved": order.refund.as_ref().is_some_and(|(_, granted)| *granted),
        "TinyOrderLink": order.invitation.map_or_else(String::new, |_| {
            format!("https://store.example/invited/{}", order.id)
        }),
        "OrderStatus": {
            "isTinyOrder": order.invitation.is_some(),
            "isTinyOrderClaimed": order.invitation == Some(Invitation::Used),
            "MajorStatus": major,
            "MinorStatus": minor,
            "AuthenticationStatuses": null,
            "AuthenticationComments": order.comments,
            "OrderNotes": null,
            "DomainAuthVettingStatus": checks.iter().map(vetting).collect::<Vec<_>>(),
        },
        }),
        json!({
        "OrderAmount": amount(order.amount),
        "PurchaseDate": local(Some(order.purchased), culture),
        "CertificateStartDate": start.map_or(String::new(), |at| local(Some(at), culture)),
        "CertificateEndDate": end.map_or(String::new(), |at| local(Some(at), culture)),
        "OrderExpiryDate": expiry(local(term_end, culture)),
        "PollDate": NO_DATE,
        "PurchaseDateInUTC": utc(Some(order.purchased), culture, switches),
        "CertificateStartDateInUTC": utc(start, culture, switches),
        "CertificateEndDateInUTC": utc(end, culture, switches),
        "OrderExpiryDateInUTC": expiry(utc(term_end, culture, switches)),
        "PollDateInUTC": NO_DATE,
        }),
        json!({
        "CommonName": order.common_name,
        "DNSNames": names.join(","),
        "SANCount": order.reserve,
        "wildcardSANCount": order.wildcard_reserve,
        "ServerCount": 1,
        "Validity": order.months,
        "CustomerID": 0,
        "TSSOrganizationId": 0,
        "Organization": organization,
        "OrganizationalUnit": null,
        "State": address("Region"),
        // The full name instead of the code is the vendor's known trap (2.3).
        "Country": country_name(address("Country")),
        "Locality": address("City"),
        "OrganizationPhone": address("Phone"),
        "OrganizationAddress": address("AddressLine1"),
        "OrganizationPostalcode": address("PostalCode"),
        "DUNS": null,
        "WebServerType": order.requested("/WebServerType"),
        "ApproverEmail": order.requested("/ApproverEmail"),
        "ProductName": order.product.code,
        "ProductCode": order.product.code,
        "AdminContact": order.request.get("AdminContact"),
        "TechnicalContact": order.request.get("TechnicalContact"),
        }),
        json!({
        "ReissueSuccessCode": null,
        "AuthFileName": file.map(file_name),
        "AuthFileContent": file.map(file_content),
        "CNAMEAuthName": cname.map(record_name),
        "CNAMEAuthValue": cname.map(record_value),
        "PollStatus": null,
        "CustomerLoginName": null,
        "CustomerPassword": null,
        "TokenID": order.token().0,
        "TokenCode": order.token().1,
        "Token": format!("{}#!{}", order.token().0, order.token().1),
        "SiteSealurl": null,
        "SignatureEncryptionAlgorithm": null,
        "SignatureHashAlgorithm": order.requested("/SignatureHashAlgorithm"),
        "VendorName": vendor_name(order),
        "SubVendorName": null,
        "SerialNumber": certificate.map(|certificate| certificate.serial.to_uppercase()),
        }),
    ];
    parts
        .into_iter()
        .filter_map(|part| match part {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .flatten()
        .collect()
}

/// The CA's name of an order.
pub fn vendor_name(order: &Order) -> &'static str {
    use super::products::Family;
    match order.product.family {
        Family::Sectigo => "SECTIGO",
        Family::DigiCert => "DIGICERT",
        Family::Symantec => "SYMANTEC",
        Family::Certum => "CERTUM",
    }
}

fn country_name(code: &str) -> &str {
    match code {
        "US" => "United States",
        "DE" => "Germany",
        "RU" => "Russian Federation",
        "GB" => "United Kingdom",
        other => other,
    }
}

/// One entry of `DomainAuthVettingStatus`.
pub fn vetting(check: &Check) -> Value {
    let file = matches!(
        check.method.as_str(),
        "HTTP_CSR_HASH" | "HTTPS_CSR_HASH" | "FILE"
    );
    let record = matches!(
        check.method.as_str(),
        "CNAME_CSR_HASH" | "DNS" | "DNS_CNAME_TOKEN"
    );
    json!({
        "domain": check.domain,
        "dcvMethod": check.method,
        "dcvStatus": if check.done { "VALIDATED" } else { "Not Validated" },
        "FileName": file.then(|| file_name(check)),
        "FileContents": file.then(|| file_content(check)),
        "DNSName": record.then(|| record_name(check)),
        "DNSEntry": record.then(|| record_value(check)),
        "PollStatus": null,
        "LastPollDate": null,
    })
}

fn bare(check: &Check) -> &str {
    check.domain.trim_start_matches("*.")
}

/// Address of the validation file.
pub fn file_name(check: &Check) -> String {
    let scheme = if check.method == "HTTPS_CSR_HASH" {
        "https"
    } else {
        "http"
    };
    let name = check.token[..32].to_uppercase();
    format!(
        "{scheme}://{}/.well-known/pki-validation/{name}.txt",
        bare(check)
    )
}

/// Content of the validation file.
pub fn file_content(check: &Check) -> String {
    format!("{}\ncomodoca.com", check.token)
}

/// What the proof of a name is looked for by.
pub fn proof(check: &Check) -> String {
    match check.method.as_str() {
        address if address.contains('@') => address.to_owned(),
        "HTTP_CSR_HASH" | "HTTPS_CSR_HASH" | "FILE" => file_content(check),
        // Orders of other hands are proved somewhere else.
        _ if check.token.is_empty() => String::new(),
        _ => record_value(check),
    }
}

/// Name of the validation record.
pub fn record_name(check: &Check) -> String {
    match check.method.as_str() {
        "DNS" => bare(check).to_owned(),
        _ => format!("_{}.{}", &check.token[..32], bare(check)),
    }
}

/// Value of the validation record.
pub fn record_value(check: &Check) -> String {
    match check.method.as_str() {
        "DNS" => check.token[..32].to_owned(),
        "DNS_CNAME_TOKEN" => format!("{}.dcv.digicert.com", &check.token[..32]),
        _ => format!("{}.{}.comodoca.com", &check.token[..32], &check.token[32..]),
    }
}

/// A JSON answer as XML; null becomes an empty element.
pub fn to_xml(call: &str, value: &Value) -> String {
    let root = match (call, value) {
        (_, Value::Array(_)) => "ArrayOfResponse",
        (call, _) if shape(call) == Shape::Flat => "AuthResponse",
        ("order/download" | "order/downloadaszip", _) => "DownloadCertificateResponse",
        ("order/approverlist", _) => "ApproverEmailResponse",
        ("csr", _) => "CSRResponse",
        _ => "OrderResponse",
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>{}",
        element(root, value).write()
    )
}

fn element(name: &str, value: &Value) -> Element {
    match value {
        Value::Null => Element::leaf(name, ""),
        Value::String(text) => Element::leaf(name, text.clone()),
        Value::Bool(_) | Value::Number(_) => Element::leaf(name, value.to_string()),
        Value::Array(list) => {
            let inner = match name {
                "Certificates" => "Certificate",
                "DomainAuthVettingStatus" => "DomainAuthVettingStatus",
                "ArrayOfResponse" => "Response",
                "PricingInfo" => "PricingInfo",
                _ => "string",
            };
            Element::node(
                name,
                list.iter().map(|value| element(inner, value)).collect(),
            )
        }
        Value::Object(map) => Element::node(
            name,
            map.iter()
                .map(|(name, value)| element(name, value))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn dates_follow_the_culture_and_absent_ones_are_of_1900() {
        let at = Utc.with_ymd_and_hms(2026, 8, 1, 17, 50, 20).unwrap();
        assert_eq!(local(Some(at), "en-US"), "8/1/2026 1:50:20 PM");
        assert_eq!(local(Some(at), "en-GB"), "01/08/2026 13:50:20");
        assert_eq!(local(None, "en-US"), NO_DATE);
        let mut switches = Switches::default();
        assert_eq!(utc(Some(at), "", &switches), "8/1/2026 5:50:20 PM");
        switches.utc_dates = UtcDates::Iso;
        assert_eq!(utc(Some(at), "", &switches), "2026-08-01T17:50:20");
    }

    #[test]
    fn amounts_have_two_digits() {
        assert_eq!(amount(1205), "12.05");
        assert_eq!(amount(0), "0.00");
    }
}
