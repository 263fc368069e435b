//! What a service's addons sell.

/// An addon of a service that carries a number: what the platform calls it, and how much was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addon {
    /// Internal name of its product type.
    pub kind: String,
    /// Internal name of its tariff.
    pub tariff: String,
    /// It is of the platform's own kind for additional names.
    pub names: bool,
    /// How much was ordered, what the tariff includes among it.
    pub count: u32,
}

impl Addon {
    /// Whether one of its internal names is this one.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.kind == name || self.tariff == name
    }
}

impl std::fmt::Display for Addon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.kind == self.tariff || self.tariff.is_empty() {
            write!(f, "{}: {}", self.kind, self.count)
        } else {
            write!(f, "{} (tariff {}): {}", self.kind, self.tariff, self.count)
        }
    }
}
