//! Hides personal data in recorded answers. Works on top of the log's masking, which has taken care of
//! secrets. When in doubt it hides: developers need names of fields, status words and shapes.

use super::values;
use crate::logging::mask::MASK;

/// Parts of field names, lower case without separators, whose values are about persons or their
/// addresses.
const PERSONAL_PARTS: &[&str] = &[
    "mail",
    "phone",
    "telephone",
    "fax",
    "mobile",
    "address",
    "street",
    "city",
    "locality",
    "region",
    "province",
    "zip",
    "postal",
    "postcode",
    "firstname",
    "lastname",
    "fname",
    "lname",
    "surname",
    "middlename",
    "realname",
    "fullname",
    "contactname",
    "person",
    "company",
    "organization",
    "organisation",
    "orgname",
    "passport",
    "birth",
    "vatnum",
    "taxid",
    "domain",
    "commonname",
    "dnsname",
    "hostname",
    "csr",
    "login",
    "username",
    "jobtitle",
    "jtitle",
    "duns",
    "loyalty",
    "contact",
    "approver",
    "subject",
    "holder",
    "partyid",
    "parentaccount",
];

/// Whole field names, lower case without separators.
const PERSONAL_NAMES: &[&str] = &[
    "inn", "kpp", "ogrn", "vat", "iban", "cn", "host", "san", "sans", "altname", "altnames", "ip",
    "url", "user", "account", "owner", "client", "customer", "title", "o", "ou", "l", "st", "note",
    "comment", "remark",
];

/// Field names that hold a person's name only beside other personal data; a product has one, too.
const NAME: &str = "name";

/// Hides personal data in a transcript: status line, empty line, body.
pub(super) fn hide(text: &str) -> String {
    let (head, body) = match text.split_once("\n\n") {
        Some((head, body)) => (format!("{head}\n\n"), body),
        None => (String::new(), text),
    };
    let body = match serde_json::from_str::<serde_json::Value>(body.trim()) {
        Ok(mut value) if value.is_object() || value.is_array() => {
            json(&mut value);
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
        _ if body.trim_start().starts_with('<') => markup(body),
        _ => lines(body),
    };
    values::hide(&format!("{head}{body}"))
}

fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn is_personal(name: &str) -> bool {
    let name = plain(name);
    PERSONAL_NAMES.contains(&name.as_str()) || PERSONAL_PARTS.iter().any(|part| name.contains(part))
}

fn json(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.iter_mut().for_each(json),
        Value::Object(fields) => {
            let about_person = fields.keys().any(|name| is_personal(name));
            for (name, value) in fields.iter_mut() {
                if is_personal(name) || (about_person && plain(name) == NAME) {
                    blank(value);
                } else {
                    json(value);
                }
            }
        }
        Value::String(text) => {
            // A document inside a text.
            let inside = serde_json::from_str::<Value>(text).ok();
            if let Some(mut inner) = inside.filter(|v| v.is_object() || v.is_array()) {
                json(&mut inner);
                *text = inner.to_string();
            } else if text.trim_start().starts_with('<') {
                *text = markup(text);
            }
        }
        _ => {}
    }
}

/// Hides every leaf, keeps the shape.
fn blank(value: &mut serde_json::Value) {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(fields) => fields.values_mut().for_each(blank),
        Value::String(text) if !text.is_empty() => *text = MASK.to_owned(),
        Value::Number(_) => *value = Value::String(MASK.to_owned()),
        _ => {}
    }
}

/// Hides texts and attributes of personal elements and everything inside them.
fn markup(text: &str) -> String {
    let has_person = tags(text).any(is_personal);
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    // Names of the open personal elements; inside any of them texts are hidden.
    let mut inside: Vec<String> = Vec::new();
    while let Some(at) = rest.find('<') {
        let (content, tag) = rest.split_at(at);
        hidden.push_str(&shown(content, !inside.is_empty()));
        if let Some(data) = tag.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").map_or(data.len(), |end| end + 3);
            let whole = &tag[..9 + end];
            if inside.is_empty() {
                hidden.push_str(whole);
            } else {
                hidden.push_str(MASK);
            }
            rest = &tag[9 + end..];
            continue;
        }
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, after) = tag.split_at(end);
        let name = tag_name(tag);
        let personal = is_personal(name) || (has_person && plain(name) == NAME);
        if tag.starts_with("</") {
            if inside.last().is_some_and(|open| open == name) {
                inside.pop();
            }
        } else if personal && !tag.ends_with("/>") {
            inside.push(name.to_owned());
        }
        hidden.push_str(&attributes(tag, !inside.is_empty() || personal));
        rest = after;
    }
    hidden.push_str(&shown(rest, !inside.is_empty()));
    hidden
}

fn shown(content: &str, hide: bool) -> String {
    if hide && !content.trim().is_empty() {
        MASK.to_owned()
    } else {
        content.to_owned()
    }
}

fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).map(|tag| {
        let end = tag.find(|c: char| c.is_whitespace() || c == '>' || c == '/');
        &tag[..end.unwrap_or(tag.len())]
    })
}

fn tag_name(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| c.is_whitespace() || c == '>' || c == '/');
    let name = &name[..end.unwrap_or(name.len())];
    name.rsplit(':').next().unwrap_or(name)
}

/// A tag whose personal attributes (or all of them) are hidden.
fn attributes(tag: &str, all: bool) -> String {
    let mut hidden = String::with_capacity(tag.len());
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        hidden.push_str(before);
        hidden.push('=');
        let name = before
            .rsplit(char::is_whitespace)
            .next()
            .unwrap_or_default();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some((quote, (value, after))) =
            quote.and_then(|quote| Some((quote, after[1..].split_once(quote)?)))
        else {
            rest = after;
            continue;
        };
        let hide = (all && !name.starts_with("xmlns")) || is_personal(name);
        let value = if hide && !value.is_empty() {
            MASK
        } else {
            value
        };
        hidden.push(quote);
        hidden.push_str(value);
        hidden.push(quote);
        rest = after;
    }
    hidden.push_str(rest);
    hidden
}

/// Lines of the form `name=value` or `name: value`; everything else is kept.
fn lines(text: &str) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let body = line.trim_end_matches(['\r', '\n']);
            let end = &line[body.len()..];
            let pair = body.find(['=', ':']).map(|at| body.split_at(at + 1));
            match pair {
                Some((name, value)) if is_personal(name) && !value.trim().is_empty() => {
                    format!("{name}{MASK}{end}")
                }
                _ => line.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
