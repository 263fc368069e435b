//! Requests as a Rails-like server reads them, and what they may hold (leaderssl.md 2, 7).

use serde_json::{Map, Value};

use super::super::VendorRequest;
use super::super::csr::form_decoded;
use super::super::table::{Field, Kind, may, must, problems};

/// Words of `dcv_type` (leaderssl.md 6).
pub const METHODS: &[&str] = &["EMAIL", "CNAME_CSR_HASH", "HTTP_CSR_HASH", "HTTPS_CSR_HASH"];

const SIGN_IN: &[Field] = &[must("login", Kind::Text), must("password", Kind::Text)];
const EMAILS: &[Field] = &[must("domain_name", Kind::Text)];
const CHANGE: &[Field] = &[must("email", Kind::Text)];
const PRODUCTS: &[Field] = &[may("ssl", Kind::Text), may("recommendedPrice", Kind::Text)];
/// 8: flat, no wrapping key.
const PREORDER: &[Field] = &[
    must("nomenclature_id", Kind::Int),
    must("days", Kind::Int),
    must("domain_name", Kind::Text),
    may("standard_domains_count", Kind::Int),
    may("wildcard_domains_count", Kind::Int),
];
const ORDER: &[Field] = &[must("order", Kind::Object(CONTACT))];

const CONTACT: &[Field] = &[
    may("first_name", Kind::Text),
    may("last_name", Kind::Text),
    may("phone", Kind::Text),
    may("email", Kind::Text),
    may("fax", Kind::Text),
    may("title", Kind::Text),
    may("company", Kind::Text),
    may("address_1", Kind::Text),
    may("city_name", Kind::Text),
    may("region_name", Kind::Text),
    may("zip_code", Kind::Text),
    may("country_id", Kind::Int),
    must("items", Kind::List("item", ITEM)),
];

const ITEM: &[Field] = &[
    must("nomenclature_id", Kind::Int),
    must("days", Kind::Int),
    may("ssl_server_software_id", Kind::Int),
    may("dcv_type", Kind::Word(METHODS)),
    may("dcv_email", Kind::Text),
    must("domain_name", Kind::Text),
    must("csr", Kind::Text),
    may("country_name", Kind::Text),
    may("region_name", Kind::Text),
    may("city_name", Kind::Text),
    may("organization_name", Kind::Text),
    may("organizational_unit", Kind::Text),
    may("zip_code", Kind::Text),
    may("address_1", Kind::Text),
    may("address_2", Kind::Text),
    may("additional_domains", Kind::Text),
    may("unique_value", Kind::Text),
];

/// Fields whose digits a form carries as text.
const NUMBERS: &[&str] = &[
    "standard_domains_count",
    "wildcard_domains_count",
    "nomenclature_id",
    "days",
    "ssl_server_software_id",
    "country_id",
];

/// Where the parameters of a request stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// No parameters.
    Nowhere,
    /// JSON body.
    Json,
    /// Form body.
    Form,
    /// The address.
    Query,
}

/// Parameters without the token.
#[derive(Debug)]
pub struct Parameters {
    /// Where they stood.
    pub place: Place,
    /// Nested.
    pub value: Value,
    /// Token of the query.
    pub query_token: Option<String>,
}

/// Reads query and body.
pub fn read(request: &VendorRequest) -> Result<Parameters, String> {
    let mut query = pairs(&request.query);
    let token_at = query.iter().position(|(name, _)| name == "auth_token");
    let query_token = token_at.map(|at| query.remove(at).1);
    let kind = request.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let body = std::str::from_utf8(&request.body).map_err(|_| "the body is not UTF-8")?;
    let (place, value) = match (body.is_empty(), kind) {
        (true, _) if query.is_empty() => (Place::Nowhere, Value::Object(Map::new())),
        (true, _) => (Place::Query, nested(query)?),
        (false, _) if !query.is_empty() => return Err("parameters in body and address".to_owned()),
        (false, "application/json") => {
            let value = serde_json::from_str(body).map_err(|error| format!("JSON: {error}"))?;
            (Place::Json, value)
        }
        (false, "application/x-www-form-urlencoded") => (Place::Form, nested(pairs(body))?),
        (false, other) => return Err(format!("content type {other:?}")),
    };
    Ok(Parameters {
        place,
        value,
        query_token,
    })
}

fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (form_decoded(name), form_decoded(value))
        })
        .collect()
}

/// `a[b][0][c]=v` as nested objects; an object of all numbers becomes a list.
fn nested(pairs: Vec<(String, String)>) -> Result<Value, String> {
    let mut root = Value::Object(Map::new());
    for (name, text) in pairs {
        let mut keys = vec![name.split('[').next().unwrap_or_default().to_owned()];
        for part in name.split('[').skip(1) {
            let key = part
                .strip_suffix(']')
                .ok_or_else(|| format!("odd name {name}"))?;
            keys.push(key.to_owned());
        }
        let last = keys.last().cloned().unwrap_or_default();
        let leaf = match text.parse::<u64>() {
            Ok(number) if NUMBERS.contains(&last.as_str()) => number.into(),
            _ => Value::String(text),
        };
        let mut at = &mut root;
        for key in keys {
            let map = at
                .as_object_mut()
                .ok_or_else(|| format!("{name} is inside a text"))?;
            at = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
        }
        if !at.as_object().is_some_and(Map::is_empty) {
            return Err(format!("{name} comes twice"));
        }
        *at = leaf;
    }
    Ok(listed(root))
}

fn listed(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    let is_list = !map.is_empty()
        && map
            .keys()
            .all(|key| key.bytes().all(|b| b.is_ascii_digit()));
    let members = map.into_iter().map(|(key, inner)| (key, listed(inner)));
    if is_list {
        Value::Array(members.map(|(_, inner)| inner).collect())
    } else {
        Value::Object(members.collect())
    }
}

/// What is wrong with the parameters of a call.
pub fn wrong(call: &str, value: &Value) -> Vec<String> {
    let table = match call {
        "users/signin" => SIGN_IN,
        "dcv_emails" => EMAILS,
        "ssl_certificates/change_dcv" => CHANGE,
        "products" => PRODUCTS,
        "order" => ORDER,
        "preorder" => PREORDER,
        // "Free-form": nothing is known of its parameters (4).
        "preorders" => return Vec::new(),
        _ => &[],
    };
    if call != "order" {
        return problems(value, table);
    }
    let mut value = value.clone();
    let mut found = Vec::new();
    let items = value
        .pointer_mut("/order/items")
        .and_then(Value::as_array_mut);
    for item in items.into_iter().flatten() {
        let emails = item
            .as_object_mut()
            .and_then(|item| item.remove("additional_validation_emails"));
        check_item(item, emails.as_ref(), &mut found);
    }
    found.extend(problems(&value, table));
    found
}

fn check_item(item: &Value, emails: Option<&Value>, found: &mut Vec<String>) {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let unique = text("unique_value");
    if unique.len() > 20 || !unique.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        found.push("unique_value is not up to 20 letters and digits".to_owned());
    }
    let domains = text("additional_domains");
    let additional: Vec<&str> = domains.split(',').filter(|name| !name.is_empty()).collect();
    if domains.contains(' ') || additional.contains(&text("domain_name")) {
        found.push("additional_domains holds blanks or the main domain".to_owned());
    }
    let country = text("country_name");
    if !country.is_empty() && (country.len() != 2 || country.to_uppercase() != country) {
        found.push("country_name is not a code".to_owned());
    }
    let by_mail = text("dcv_type") == "EMAIL";
    if by_mail != item.get("dcv_email").is_some() {
        found.push("dcv_email and dcv_type do not fit".to_owned());
    }
    let addressed: Vec<&str> = emails
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter(|(_, address)| address.as_str().is_some_and(|text| text.contains('@')))
        .map(|(name, _)| name.as_str())
        .collect();
    let is_complete = additional.iter().all(|name| addressed.contains(name));
    if by_mail && !(is_complete && addressed.len() == additional.len()) {
        found.push("additional_validation_emails do not fit additional_domains".to_owned());
    }
    if !by_mail && emails.is_some() {
        found.push("additional_validation_emails without EMAIL".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn order(change: impl FnOnce(&mut Value)) -> Value {
        let mut value = json!({"order": {"first_name": "Ann", "items": [{
            "nomenclature_id": 5001, "days": 365, "domain_name": "a.example", "csr": "PEM",
            "dcv_type": "EMAIL", "dcv_email": "admin@a.example", "country_name": "NL",
            "additional_domains": "b.example", "unique_value": "a7Kp20Qz",
            "additional_validation_emails": {"b.example": "admin@b.example"}}]}});
        change(&mut value["order"]["items"][0]);
        value
    }

    #[test]
    fn an_order_that_fits_has_no_problems_in_any_encoding() {
        let value = order(|_| ());
        assert_eq!(wrong("order", &value), Vec::<String>::new());
        let form = "order[first_name]=Ann&order[items][0][nomenclature_id]=5001\
            &order[items][0][days]=365&order[items][0][domain_name]=a.example\
            &order[items][0][csr]=PEM&order[items][0][dcv_type]=EMAIL\
            &order[items][0][dcv_email]=admin%40a.example&order[items][0][country_name]=NL\
            &order[items][0][additional_domains]=b.example&order[items][0][unique_value]=a7Kp20Qz\
            &order[items][0][additional_validation_emails][b.example]=admin%40b.example";
        assert_eq!(nested(pairs(form)).unwrap(), value);
    }

    #[test]
    fn every_deviation_is_named() {
        type Change = fn(&mut Value);
        let cases: [(Change, &str); 10] = [
            (
                |item| item["dayz"] = 1.into(),
                "unknown field order.items[0].dayz",
            ),
            (
                |item| item["csr"] = "".into(),
                "empty field order.items[0].csr",
            ),
            (
                |item| item["days"] = "365".into(),
                "wrong type of order.items[0].days",
            ),
            (
                |item| item["dcv_type"] = "email".into(),
                "dcv_type is not one of",
            ),
            (
                |item| item["unique_value"] = "a-b".into(),
                "unique_value is not",
            ),
            (
                |item| item["additional_domains"] = "b.example, a.example".into(),
                "holds blanks",
            ),
            (
                |item| item["country_name"] = "Netherlands".into(),
                "country_name is not a code",
            ),
            (
                |item| drop(item.as_object_mut().unwrap().remove("dcv_email")),
                "do not fit",
            ),
            (
                |item| item["additional_validation_emails"] = json!({}),
                "do not fit additional_domains",
            ),
            (
                |item| item["dcv_type"] = "CNAME_CSR_HASH".into(),
                "without EMAIL",
            ),
        ];
        for (change, problem) in cases {
            let found = wrong("order", &order(change));
            assert!(
                found.iter().any(|text| text.contains(problem)),
                "{problem}: {found:?}"
            );
        }
        assert_eq!(wrong("order", &json!({})), ["missing field order"]);
        assert_eq!(
            wrong("users/signin", &json!({"login": "a"})),
            ["missing field password"]
        );
        assert_eq!(
            wrong("ssl_certificates", &json!({"page": "1"})),
            ["unknown field page"]
        );
    }

    #[test]
    fn names_that_contradict_one_another_are_refused() {
        assert!(nested(pairs("a=1&a=2")).is_err());
        assert!(nested(pairs("a=1&a[b]=2")).is_err());
        assert!(nested(pairs("a[b=2")).is_err());
    }
}
