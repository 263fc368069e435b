//! Replies in the four forms that the billing writes (4.1 to 4.3).

use serde_json::{Map, Value, json};

use super::super::VendorResponse;
use super::super::xml::Element;
use super::form::Form;

/// A reply of a function in the form that the request asks for. `Err` where no source shows the form.
pub fn document(
    function: &str,
    form: &Form,
    content: Vec<Element>,
) -> Result<VendorResponse, String> {
    let mut doc = Element::node("doc", content);
    doc.attributes.push(("lang".to_owned(), "en".to_owned()));
    doc.attributes
        .push(("func".to_owned(), function.to_owned()));
    match form.value("out") {
        "json" | "sjson" => Ok(written(&json!({ "doc": object(&doc) }))),
        "bjson" => bare(&doc).map(|value| written(&value)),
        _ => Ok(VendorResponse::ok(
            "text/xml; charset=UTF-8",
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}",
                doc.write()
            ),
        )),
    }
}

fn written(value: &Value) -> VendorResponse {
    VendorResponse::ok("application/json; charset=UTF-8", value.to_string())
}

/// `json` and `sjson`: text in `$`, attributes in `$name`; one node is an object, several are a list.
fn object(element: &Element) -> Value {
    let mut map = Map::new();
    for (name, value) in &element.attributes {
        map.insert(format!("${name}"), json!(value));
    }
    if element.children.is_empty() && !element.text.is_empty() {
        map.insert("$".to_owned(), json!(element.text));
    }
    for child in &element.children {
        let value = object(child);
        match map.get_mut(&child.name) {
            None => {
                map.insert(child.name.clone(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    Value::Object(map)
}

/// `bjson`: values below `model`, success as a flag. Lists and errors are not known in it.
fn bare(doc: &Element) -> Result<Value, String> {
    let is_plain = |child: &Element| child.children.is_empty();
    let unknown = |child: &&Element| matches!(child.name.as_str(), "elem" | "error");
    if let Some(child) = doc.children.iter().find(unknown) {
        return Err(format!("no source shows {} in bjson", child.name));
    }
    let mut model = Map::new();
    let mut answer = Map::new();
    for child in &doc.children {
        if child.name == "ok" {
            answer.insert("ok".to_owned(), json!(true));
        } else if is_plain(child) {
            model.insert(child.name.clone(), json!(child.text));
        }
    }
    if !model.is_empty() {
        answer.insert("model".to_owned(), Value::Object(model));
    }
    Ok(Value::Object(answer))
}
