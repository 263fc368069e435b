//! Who acts next.

use crate::module::Text;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This program, by the platform's operations or the daemon.
    Program,
    /// The vendor.
    Vendor,
    /// The client.
    Client,
    /// A person of the hoster.
    Administrator,
    /// Nobody: there is nothing to do, or the policy is `none`.
    Nobody,
}

impl Owner {
    /// The word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Program => "pmssl",
            Self::Vendor => "vendor",
            Self::Client => "client",
            Self::Administrator => "administrator",
            Self::Nobody => "nobody",
        }
    }

    /// The word for people.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Program => Text::same("pmssl"),
            Self::Vendor => Text::new("the vendor", "поставщик"),
            Self::Client => Text::new("the client", "клиент"),
            Self::Administrator => Text::new("the administrator", "администратор"),
            Self::Nobody => Text::new("nobody", "никто"),
        }
    }
}
