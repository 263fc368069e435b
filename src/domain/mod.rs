//! The words of the trade as types: names, people, money, terms. No I/O, no vendor, no platform.

#[macro_use]
pub mod text;

mod addon;
mod address;
mod contact;
mod ids;
mod label;
mod list;
mod money;
mod name;
pub mod options;
mod phone;
mod purchase;
mod settings;
mod time;
mod zone;

pub use addon::Addon;
pub use address::{address, is_public_address};
pub use contact::{Contact, CountryCode, EmailAddress, Organization};
pub use ids::{AccountId, IntentKey, ItemId, OperationId, Reference, TemplateCode, VendorOrderId};
pub use list::list;
pub use money::{Currency, Money};
pub use name::{DomainName, InvalidName, Standing};
pub use phone::Phone;
pub use purchase::{Months, NamedValidation, Purchase, PurchaseKind, ValidationMethod};
pub use settings::Settings;
pub use time::Clock;
pub use zone::{Caa, DnsAnswer};
