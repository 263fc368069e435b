//! Identifiers. Each is its own type, so that an item can never stand where an account is meant.

use std::fmt;
use std::str::FromStr;

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Wraps the text as it is.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

numeric_id! {
    /// A service in the platform (`--item`, billmanager.md 2.1).
    ItemId
}
numeric_id! {
    /// A configured processing module row of the platform (`--module`, billmanager.md 2.1).
    AccountId
}
numeric_id! {
    /// A queued operation of the platform (`--runningoperation`, billmanager.md 2.1).
    OperationId
}
text_id! {
    /// The order number at the vendor that every later call needs.
    VendorOrderId
}
text_id! {
    /// The product code in a tariff (`pricelist.intname`, billmanager.md 4).
    TemplateCode
}
text_id! {
    /// The client reference of one intent: 20 base32 characters (design, section 5).
    IntentKey
}

/// Further numbers of an order; the module's descriptor says which item parameter keeps which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reference {
    /// The client reference that was sent: the intent's key, where the vendor takes one.
    Client,
    /// The reseller-side number, when it differs from the order number.
    Partner,
    /// The certificate authority's own number behind a reseller.
    Authority,
    /// One half of a pair that opens this one order to whoever holds both (TheSSLStore).
    TokenId,
    /// The other half.
    TokenCode,
}

impl Reference {
    /// Whoever reads it can act on the order: it is stored, and shown nowhere.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::TokenId | Self::TokenCode)
    }

    /// A stored value as it may be shown.
    #[must_use]
    pub fn shown(self, value: &str) -> &str {
        if self.is_secret() { "" } else { value }
    }
}
