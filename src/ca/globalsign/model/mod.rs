//! The wire as structs: element order is field order, element names are spelt as in the vendor's
//! schema (globalsign.md 3 and 4). Nothing here decides anything.

pub(super) mod order;
pub(super) mod query;
pub(super) mod reply;
pub(super) mod request;
