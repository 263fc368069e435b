//! Requests as the billing gets them, in each form that it takes.

use super::super::VendorRequest;
use super::super::csr::form_decoded;

/// Fields of a request in their order.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Reads the query of a GET, a form or a JSON object (2 and the corrections).
    pub fn read(request: &VendorRequest) -> Result<Self, String> {
        if !matches!(request.method.as_str(), "GET" | "POST") {
            return Err(format!("method {}", request.method));
        }
        let mut form = Self::default();
        form.pairs(&request.query)?;
        let kind = request.header("content-type").unwrap_or_default();
        let text = request.text();
        if request.method == "GET" || text.is_empty() {
            return Ok(form);
        }
        if kind.starts_with("application/json") {
            form.object(&text)?;
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            form.pairs(&text)?;
        } else {
            return Err(format!("content type {kind:?}"));
        }
        Ok(form)
    }

    fn pairs(&mut self, text: &str) -> Result<(), String> {
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair
                .split_once('=')
                .ok_or("a field without an equals sign")?;
            self.add(form_decoded(name), form_decoded(value))?;
        }
        Ok(())
    }

    fn object(&mut self, text: &str) -> Result<(), String> {
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|error| format!("JSON: {error}"))?;
        for (name, value) in fields {
            let value = match value {
                serde_json::Value::String(text) => text,
                serde_json::Value::Null => String::new(),
                other => other.to_string(),
            };
            self.add(name, value)?;
        }
        Ok(())
    }

    fn add(&mut self, name: String, value: String) -> Result<(), String> {
        if self.has(&name) {
            return Err(format!("the field {name} stands twice"));
        }
        self.fields.push((name, value));
        Ok(())
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
        // `clicked_button` and `project` stand in the calls for licences (8.2).
        const COMMON: [&str; 8] = [
            "authinfo",
            "auth",
            "func",
            "out",
            "lang",
            "sok",
            "clicked_button",
            "project",
        ];
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
