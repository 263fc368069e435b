//! Requests as the billing gets them: form fields, checked strictly.

use super::super::VendorRequest;
use super::super::csr::form_decoded;

/// Fields of a request in their order.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads a POST body.
    pub fn read(request: &VendorRequest) -> Result<Self, String> {
        if request.method != "POST" {
            return Err(format!("method {}", request.method));
        }
        if !request.query.is_empty() {
            return Err("a query in the address".to_owned());
        }
        let kind = request.header("content-type").unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(format!("content type {kind:?}"));
        }
        let text = request.text();
        let mut fields: Vec<(String, String)> = Vec::new();
        for pair in text.split('&') {
            let (name, value) = pair
                .split_once('=')
                .ok_or("a field without an equals sign")?;
            let name = form_decoded(name);
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(format!("the field {name} stands twice"));
            }
            fields.push((name, form_decoded(value)));
        }
        Ok(Self { fields })
    }

    /// A field's value, empty when it is absent.
    pub fn value(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether a field is there, empty or not.
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known == name)
    }

    /// The function acts.
    pub fn acts(&self) -> bool {
        self.value("sok") == "ok"
    }

    /// Fields that are neither common to all calls nor in the list. A trailing `*` stands for digits.
    pub fn unknown<'a>(&'a self, allowed: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
        const COMMON: [&str; 5] = ["authinfo", "func", "out", "lang", "sok"];
        let is_allowed = |name: &str| {
            allowed
                .iter()
                .any(|allowed| match allowed.strip_suffix('*') {
                    Some(prefix) => name.strip_prefix(prefix).is_some_and(|rest| {
                        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit())
                    }),
                    None => *allowed == name,
                })
        };
        self.fields
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(move |name| !COMMON.contains(name) && !is_allowed(name))
    }
}
