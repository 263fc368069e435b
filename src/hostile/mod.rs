//! Hostile input: one entry point for each parser of what comes from outside. Exists in tests and under the
//! fuzzer only; the targets under `fuzz/` and the run in `cargo test` share these functions, so that
//! nothing has to be public for either.
//!
//! An entry point takes any bytes and returns: no panic, no endless work. What can be asserted besides is
//! asserted.
// An assertion that fails is what the targets are for.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic)]

mod certificates;
mod platform;
mod vendors;
mod words;

#[cfg(test)]
pub(crate) use vendors::connected;

#[cfg(test)]
mod growth;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod run;

pub use certificates::{chain, csr, pkcs7, zip};
pub use platform::{billmgr_conf, debug_conf, form, mgrctl, overrides};
pub use vendors::{enom, globalsign, ispmanager, leadertelecom, thesslstore};
pub use words::{intent, names, values};

impl crate::ca::Submission {
    /// The outcome as tests of readers compare it: the order, or the failure that tells of it.
    pub(crate) fn result(self) -> Result<crate::ca::Placed, crate::failure::Failure> {
        match self {
            Self::Placed(placed) => Ok(placed),
            Self::Refused(failure) | Self::NotSent(failure) => Err(failure),
            Self::Unknown(crate::ca::Doubt::Lost(failure) | crate::ca::Doubt::Unclear(failure)) => {
                Err(failure)
            }
        }
    }
}

#[cfg(test)]
impl crate::ca::Unplaced {
    /// The failure that tells of it, as tests of readers compare it.
    pub(crate) fn failure(self) -> crate::failure::Failure {
        match crate::ca::Submission::from(Err(self)).result() {
            Err(failure) => failure,
            Ok(_) => unreachable!("nothing was placed"),
        }
    }
}

/// What the fuzzer calls.
pub type Target = fn(&[u8]);

/// All entry points by name: a fuzz target, and a directory of `fuzz/corpus`.
pub const TARGETS: &[(&str, Target)] = &[
    ("billmgr_conf", billmgr_conf),
    ("chain", chain),
    ("csr", csr),
    ("debug_conf", debug_conf),
    ("enom", enom),
    ("form", form),
    ("globalsign", globalsign),
    ("intent", intent),
    ("ispmanager", ispmanager),
    ("leadertelecom", leadertelecom),
    ("mgrctl", mgrctl),
    ("names", names),
    ("overrides", overrides),
    ("pkcs7", pkcs7),
    ("thesslstore", thesslstore),
    ("values", values),
    ("zip", zip),
];

/// Bytes as the program reads them: text, damaged characters replaced.
fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}
