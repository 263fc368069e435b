//! CSR, certificates, chains and bundle formats. No I/O, no clock: everything is a function of its
//! arguments, and none panics on any input.
//!
//! The way of a certificate: [`Csr::parse`] reads what the client gave, [`files_of_delivery`] unwraps
//! whatever a vendor delivered, [`assemble`] finds the leaf and its chain in it, [`Chain::prove`] decides whether it may be called
//! issued (design, law 7), and [`Chain::pem`] or [`Chain::zip`] is what the platform stores.

mod archive;
mod ber;
mod bundle;
mod chain;
mod csr;
mod delivery;
mod ecdsa;
mod examination;
mod key;
mod kind;
mod listed;
mod pem;
pub mod pkcs7;
mod proof;
mod request;
mod search;
mod subject;
mod unwrapping;
mod weak;
mod wrapping;
mod x509;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;

pub use archive::files_from_zip;
pub use bundle::Format;
pub use chain::{Chain, assemble, assemble_for};
pub use csr::Csr;
pub use delivery::{chain_of, files_of_delivery, leaf_of};
pub use listed::{Listed, listed};
pub use subject::Subject;
pub use x509::Certificate;
