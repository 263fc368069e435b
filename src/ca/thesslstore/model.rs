//! Wire types. The vendor's letter case is irregular and matters; every name here stands in the
//! tables of thesslstore.md.

pub(crate) mod reply;
pub(crate) mod request;
