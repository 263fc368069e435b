//! Answers as the live service writes them: prefixed operation element, bare children, nil numbers on
//! failure, dates with an offset, CRLF in PEM texts (globalsign.md 1, 2, 7, 8).

use chrono::{DateTime, FixedOffset, Utc};

use super::super::VendorResponse;
use super::super::xml::Element;

const CONTENT_TYPE: &str = "text/xml;charset=UTF-8";

/// An error of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// Code.
    pub code: i32,
    /// `ErrorField`, where a field is to blame.
    pub field: Option<String>,
    /// Text.
    pub text: String,
}

/// An error without a field.
pub fn error(code: i32, text: &str) -> ApiError {
    ApiError {
        code,
        field: None,
        text: text.to_owned(),
    }
}

/// An error of one field.
pub fn field_error(code: i32, field: &str, text: &str) -> ApiError {
    ApiError {
        field: Some(field.to_owned()),
        ..error(code, text)
    }
}

/// The path of a field of the order's parameters.
pub fn parameter(field: &str) -> String {
    format!("OrderRequestParameter.{field}")
}

/// A field that has to be there.
pub fn missing(field: &str) -> ApiError {
    field_error(-102, field, "Mandatory parameter missing.")
}

/// A field with a value the vendor does not take.
pub fn illegal(code: i32, field: &str) -> ApiError {
    field_error(code, field, "The parameter is not acceptable.")
}

/// Names of the header elements by operation.
fn header_name(operation: &str) -> &'static str {
    match operation {
        "GetDVApproverList"
        | "DecodeCSR"
        | "GetOrderByDateRange"
        | "GetModifiedOrders"
        | "GetCertificateOrders"
        | "AccountSnapshot" => "QueryResponseHeader",
        _ => "OrderResponseHeader",
    }
}

/// Spelling of the order number by operation; nothing where a reply has none.
fn number_name(operation: &str) -> Option<&'static str> {
    match operation {
        "EVOrder" | "ResendEmail" => Some("OrderId"),
        "GetOrderByDateRange"
        | "GetModifiedOrders"
        | "GetCertificateOrders"
        | "AccountSnapshot"
        | "ValidateOrderParameters"
        | "DecodeCSR"
        | "DVDNSVerificationForIssue"
        | "URLVerificationForIssue" => None,
        _ => Some("OrderID"),
    }
}

/// A success: SuccessCode 0, or 1 with remarks.
pub fn success(
    operation: &str,
    number: Option<&str>,
    remarks: &[ApiError],
    children: Vec<Element>,
    now: DateTime<Utc>,
) -> VendorResponse {
    let code = if remarks.is_empty() { "0" } else { "1" };
    let mut all = vec![header(operation, code, remarks, now)];
    let number = number_name(operation)
        .zip(number)
        .map(|(name, number)| Element::leaf(name, number));
    // The approver list names its number last.
    if operation == "GetDVApproverList" {
        all.extend(children);
        all.extend(number);
    } else {
        all.extend(number);
        all.extend(children);
    }
    envelope(operation, all)
}

/// The other parts that a failure carries as nil: recorded for URLVerification and GetOrderByOrderID
/// (globalsign.md 20), the same parts of DVDNSOrder by the schema.
fn nil_parts(operation: &str) -> &'static [&'static str] {
    match operation {
        "URLVerification" => &["MetaTag", "VerificationURLList"],
        "DVDNSOrder" => &["DNSTXT", "VerificationFQDNList"],
        "GetOrderByOrderID" => &["OrderDetail"],
        _ => &[],
    }
}

/// An element that is there and says nothing.
pub fn nil(name: &str) -> Element {
    let mut nil = Element::leaf(name, "");
    nil.attributes = vec![
        (
            "xmlns:xsi".to_owned(),
            "http://www.w3.org/2001/XMLSchema-instance".to_owned(),
        ),
        ("xsi:nil".to_owned(), "true".to_owned()),
    ];
    nil
}

/// A failure: SuccessCode -1, the number and the parts nil.
pub fn failure(operation: &str, errors: &[ApiError], now: DateTime<Utc>) -> VendorResponse {
    let mut all = vec![header(operation, "-1", errors, now)];
    all.extend(number_name(operation).map(nil));
    all.extend(nil_parts(operation).iter().map(|name| nil(name)));
    if operation == "GetDVApproverList" {
        all.insert(1, Element::leaf("Approvers", ""));
    }
    envelope(operation, all)
}

/// A message the service cannot process.
pub fn fault(text: &str) -> VendorResponse {
    let fault = Element::node(
        "soap:Fault",
        vec![
            Element::leaf("faultcode", "soap:Client"),
            Element::leaf("faultstring", format!("Unmarshalling Error: {text}")),
        ],
    );
    VendorResponse::with_status(500, CONTENT_TYPE, wrapped(fault))
}

fn header(operation: &str, code: &str, errors: &[ApiError], now: DateTime<Utc>) -> Element {
    let errors = errors
        .iter()
        .map(|error| {
            let mut parts = vec![Element::leaf("ErrorCode", error.code.to_string())];
            parts.extend(error.field.as_ref().map(|f| Element::leaf("ErrorField", f)));
            parts.push(Element::leaf("ErrorMessage", &error.text));
            Element::node("Error", parts)
        })
        .collect();
    Element::node(
        header_name(operation),
        vec![
            Element::leaf("SuccessCode", code),
            Element::node("Errors", errors),
            Element::leaf("Timestamp", date(now)),
        ],
    )
}

fn envelope(operation: &str, children: Vec<Element>) -> VendorResponse {
    let mut answer = Element::node(
        &format!("ns2:{operation}Response"),
        vec![Element::node("Response", children)],
    );
    answer.attributes = vec![(
        "xmlns:ns2".to_owned(),
        "https://system.globalsign.com/kb/ws/v1/".to_owned(),
    )];
    let mut response = VendorResponse::ok(CONTENT_TYPE, wrapped(answer));
    response.headers = vec![(
        "Set-Cookie".to_owned(),
        "JSESSIONID=0123456789ABCDEF; Path=/kb".to_owned(),
    )];
    response
}

fn wrapped(content: Element) -> String {
    let mut envelope = Element::node(
        "soap:Envelope",
        vec![Element::node("soap:Body", vec![content])],
    );
    envelope.attributes = vec![(
        "xmlns:soap".to_owned(),
        "http://schemas.xmlsoap.org/soap/envelope/".to_owned(),
    )];
    envelope.write()
}

/// An instant with milliseconds and the offset of an American data centre.
pub fn date(at: DateTime<Utc>) -> String {
    let offset = FixedOffset::west_opt(5 * 3600).expect("five hours");
    at.with_timezone(&offset)
        .format("%Y-%m-%dT%H:%M:%S%.3f%:z")
        .to_string()
}

/// A date of a request that cannot be read.
pub fn illegal_date(field: &str) -> ApiError {
    field_error(-104, field, "Parameter format wrong.")
}
