//! Fields of a body of the control interface.

use serde_json::Value;

/// The body's fields.
pub struct Fields(pub Value);

impl Fields {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    pub fn need(&self, name: &str) -> Result<&str, (u16, String)> {
        self.text(name).ok_or((400, format!("{name} is missing")))
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    pub fn id(&self, name: &str) -> Result<u64, (u16, String)> {
        let number = self.number(name).and_then(|id| u64::try_from(id).ok());
        number.ok_or((400, format!("{name} is missing")))
    }

    pub fn count(&self, name: &str, default: u32) -> u32 {
        let number = self.number(name).and_then(|id| u32::try_from(id).ok());
        number.unwrap_or(default)
    }

    pub fn list(&self, name: &str) -> Vec<&str> {
        let list = self.0.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    pub fn pairs(&self, name: &str) -> Vec<(&str, String)> {
        let map = self.0.get(name).and_then(Value::as_object);
        let text = |value: &Value| {
            let text = value.as_str().map(str::to_owned);
            text.unwrap_or_else(|| value.to_string())
        };
        map.into_iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), text(value)))
            .collect()
    }
}
