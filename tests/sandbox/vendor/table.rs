//! Field tables: what a request may carry, checked strictly.

use serde_json::{Map, Number, Value};

use super::xml::Element;

/// A field of a request.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Exact name.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Must be present and neither null nor empty.
    pub required: bool,
}

/// Types of fields.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text.
    Text,
    /// One of these texts.
    Word(&'static [&'static str]),
    /// A whole number.
    Int,
    /// `true` or `false`, also as a text.
    Bool,
    /// A number, the same as a text, or one of these names for it.
    Code(&'static [&'static str]),
    /// `/Date(ms)/` in JSON, an ISO date and time in XML.
    Date,
    /// A list of whole numbers; JSON only.
    Ints,
    /// A list of texts; in XML elements of that name.
    Texts(&'static str),
    /// A list of objects; in XML elements of that name.
    List(&'static str, &'static [Field]),
    /// An object.
    Object(&'static [Field]),
}

/// A field that must be there.
pub const fn must(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: true,
    }
}

/// A field that may be there.
pub const fn may(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        required: false,
    }
}

/// Everything in which a JSON request differs from its table. Null counts as absent.
pub fn problems(value: &Value, table: &[Field]) -> Vec<String> {
    let mut found = Vec::new();
    compare(value, table, "", &mut found);
    found
}

fn compare(value: &Value, table: &[Field], path: &str, found: &mut Vec<String>) {
    let Some(map) = value.as_object() else {
        found.push(format!("{} is not an object", place(path, "")));
        return;
    };
    for name in map.keys() {
        if !table.iter().any(|field| field.name == name) {
            found.push(format!("unknown field {}", place(path, name)));
        }
    }
    for field in table {
        let here = place(path, field.name);
        match map.get(field.name) {
            None | Some(Value::Null) if field.required => {
                found.push(format!("missing field {here}"));
            }
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if field.required && text.is_empty() => {
                found.push(format!("empty field {here}"));
            }
            Some(inner) => typed(inner, field.kind, &here, found),
        }
    }
}

fn typed(value: &Value, kind: Kind, here: &str, found: &mut Vec<String>) {
    let fits = match kind {
        Kind::Text => value.is_string(),
        Kind::Word(words) => match value.as_str() {
            Some(text) if !words.contains(&text) => {
                found.push(format!("{here} is not one of {}", words.join(", ")));
                return;
            }
            text => text.is_some(),
        },
        Kind::Int => value.is_i64() || value.is_u64(),
        Kind::Bool => value.is_boolean() || matches!(value.as_str(), Some("true" | "false")),
        Kind::Code(words) => {
            value.is_u64()
                || value
                    .as_str()
                    .is_some_and(|text| words.contains(&text) || text.parse::<u8>().is_ok())
        }
        Kind::Date => value.as_str().is_some_and(|text| date(text).is_some()),
        Kind::Ints => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_i64)),
        Kind::Texts(_) => value
            .as_array()
            .is_some_and(|list| list.iter().all(Value::is_string)),
        Kind::List(_, fields) => match value.as_array() {
            Some(list) => {
                for (index, inner) in list.iter().enumerate() {
                    compare(inner, fields, &format!("{here}[{index}]"), found);
                }
                true
            }
            None => false,
        },
        Kind::Object(fields) => {
            if value.is_object() {
                compare(value, fields, here, found);
            }
            value.is_object()
        }
    };
    if !fits {
        found.push(format!("wrong type of {here}"));
    }
}

fn place(path: &str, name: &str) -> String {
    match (path, name) {
        ("", "") => "the request".to_owned(),
        ("", name) => name.to_owned(),
        (path, "") => path.to_owned(),
        (path, name) => format!("{path}.{name}"),
    }
}

/// Milliseconds since 1970 of `/Date(ms)/`, `/Date(ms±hhmm)/` or `YYYY-MM-DDTHH:MM:SS`.
pub fn date(text: &str) -> Option<i64> {
    if let Some(inner) = text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"))
    {
        let zone = inner.get(1..)?.find(['+', '-']).map(|at| at + 1);
        let (digits, zone) = inner.split_at(zone.unwrap_or(inner.len()));
        let zone_fits = zone.is_empty()
            || (zone.len() == 5 && zone[1..].bytes().all(|byte| byte.is_ascii_digit()));
        return digits.parse().ok().filter(|_| zone_fits);
    }
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
        .ok()
        .map(|at| at.and_utc().timestamp_millis())
}

/// An XML request in the shape of a JSON one, guided by the table. What does not fit stays text, so
/// that [`problems`] reports it.
pub fn from_xml(element: &Element, table: &[Field]) -> Value {
    let mut map = Map::new();
    for child in &element.children {
        let kind = table
            .iter()
            .find(|field| field.name == child.name)
            .map_or(Kind::Text, |field| field.kind);
        map.insert(child.name.clone(), converted(child, kind));
    }
    Value::Object(map)
}

fn converted(element: &Element, kind: Kind) -> Value {
    let text = || Value::String(element.text.clone());
    match kind {
        _ if element.text.is_empty() && element.children.is_empty() => match kind {
            Kind::Texts(_) | Kind::List(..) => Value::Array(Vec::new()),
            Kind::Text | Kind::Word(_) => text(),
            _ => Value::Null,
        },
        Kind::Int => element
            .text
            .parse::<i64>()
            .map_or_else(|_| text(), |number| Value::Number(Number::from(number))),
        Kind::Bool => match element.text.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => text(),
        },
        Kind::Texts(name) => listed(element, name, |child| Value::String(child.text.clone())),
        Kind::List(name, fields) => listed(element, name, |child| from_xml(child, fields)),
        Kind::Object(fields) => from_xml(element, fields),
        // A text with elements inside is somebody's misunderstanding; make it visible.
        Kind::Text | Kind::Word(_) | Kind::Date | Kind::Code(_) | Kind::Ints
            if !element.children.is_empty() =>
        {
            Value::Null
        }
        Kind::Text | Kind::Word(_) | Kind::Date | Kind::Code(_) | Kind::Ints => text(),
    }
}

fn listed(element: &Element, name: &str, convert: impl Fn(&Element) -> Value) -> Value {
    if element.children.iter().any(|child| child.name != name) {
        return Value::String(format!("elements other than {name}"));
    }
    Value::Array(element.children.iter().map(convert).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const INNER: &[Field] = &[must("Email", Kind::Text)];
    const TABLE: &[Field] = &[
        must("Code", Kind::Text),
        may("Count", Kind::Int),
        may("Flag", Kind::Bool),
        may("Type", Kind::Code(&["ALL"])),
        may("From", Kind::Date),
        may("Names", Kind::Texts("string")),
        may("Who", Kind::Object(INNER)),
        may("Pairs", Kind::List("Pair", INNER)),
    ];

    #[test]
    fn a_request_that_fits_has_no_problems() {
        let value = json!({"Code":"x","Count":1,"Flag":true,"From":"/Date(1754006400000-0400)/",
            "Names":["a"],"Who":{"Email":"e"},"Pairs":[{"Email":"f"}]});
        assert_eq!(problems(&value, TABLE), Vec::<String>::new());
        for value in [
            json!({"Code":"x","Count":null}),
            json!({"Code":"x","Flag":"true","Type":"ALL"}),
            json!({"Code":"x","Type":"7"}),
            json!({"Code":"x","Type":7}),
        ] {
            assert_eq!(problems(&value, TABLE), Vec::<String>::new());
        }
    }

    #[test]
    fn every_deviation_is_named() {
        for (value, problem) in [
            (json!({"Code":"x","Cuont":1}), "unknown field Cuont"),
            (json!({"Count":1}), "missing field Code"),
            (json!({"Code":""}), "empty field Code"),
            (json!({"Code":"x","Count":"1"}), "wrong type of Count"),
            (json!({"Code":"x","Flag":"yes"}), "wrong type of Flag"),
            (json!({"Code":"x","Type":"SOME"}), "wrong type of Type"),
            (json!({"Code":"x","From":"yesterday"}), "wrong type of From"),
            (json!({"Code":"x","Names":"a"}), "wrong type of Names"),
            (json!({"Code":"x","Who":{}}), "missing field Who.Email"),
            (
                json!({"Code":"x","Pairs":[{"Email":"e","No":1}]}),
                "unknown field Pairs[0].No",
            ),
            (json!([]), "the request is not an object"),
        ] {
            assert_eq!(problems(&value, TABLE), [problem]);
        }
    }

    #[test]
    fn xml_becomes_the_same_shape_as_json() {
        let xml = "<R><Code>x</Code><Count>7</Count><Flag>false</Flag>\
            <Names><string>a</string><string>b</string></Names>\
            <Who><Email>e</Email></Who><Pairs><Pair><Email>f</Email></Pair></Pairs></R>";
        let value = from_xml(&super::super::xml::read(xml).unwrap(), TABLE);
        let expected = json!({"Code":"x","Count":7,"Flag":false,"Names":["a","b"],
            "Who":{"Email":"e"},"Pairs":[{"Email":"f"}]});
        assert_eq!(value, expected);
    }

    #[test]
    fn xml_that_does_not_fit_is_reported() {
        let xml = "<R><Code>x</Code><Count>many</Count><Names><name>a</name></Names><Odd/></R>";
        let value = from_xml(&super::super::xml::read(xml).unwrap(), TABLE);
        let mut found = problems(&value, TABLE);
        found.sort();
        assert_eq!(
            found,
            [
                "unknown field Odd",
                "wrong type of Count",
                "wrong type of Names"
            ]
        );
    }
}
