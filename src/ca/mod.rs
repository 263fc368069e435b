//! Certificate authorities: the way to them over HTTP, and one folder per vendor behind the core's port
//! (design, section 4).

mod account;
pub mod enom;
#[cfg(test)]
mod events;
mod funds;
pub mod globalsign;
pub mod http;
pub mod ispmanager;
pub mod leadertelecom;
pub mod overrides;
pub mod thesslstore;

/// The simulated vendors, for tests of adapters against them; they share no code with any adapter.
#[cfg(test)]
pub(crate) use pmssl_sandbox::vendor;

use std::rc::Rc;
use std::time::Duration;

pub use crate::order::port::*;

use crate::domain::options::OptionKind as _;
use crate::domain::{Settings, options};
use crate::failure::{Failure, Reason};
use crate::module::{self, MODULES};

/// How to reach a vendor from this machine, common to all modules.
#[derive(Debug, Clone, Default)]
pub struct ConnectOptions {
    /// PEM file of root certificates trusted beside the built-in ones.
    pub extra_roots: Option<std::path::PathBuf>,
    /// Explicit proxy ([`options::PROXY`]); the environment's proxy variables are ignored.
    pub proxy: Option<String>,
    /// How long to wait for vendors.
    pub timeouts: Timeouts,
    /// The module's file of corrections to its vendor's table: `etc/pmssl/<module>.conf` under the
    /// platform root. It need not exist.
    pub overrides: Option<std::path::PathBuf>,
    /// Pace of the account's requests; `None` where a person waits for a single command.
    pub meter: Option<Rc<http::Meter>>,
    /// Keeps what would change something, instead of its being sent; `None` but for `pmssl rehearse`.
    pub rehearsal: Option<Rc<http::Rehearsal>>,
}

/// How long to wait for vendors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// A whole read call.
    pub read: Duration,
    /// A whole paid call: resellers pass orders on to the authority before they answer.
    pub once: Duration,
    /// The first pause before a read is repeated; later ones are longer.
    pub pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: options::READ_TIMEOUT.kind.unset(),
            once: options::ORDER_TIMEOUT.kind.unset(),
            pause: options::RETRY_PAUSE.kind.unset(),
        }
    }
}

/// A way to come by the adapter of a module: [`connect`], or a vendor in memory.
pub type Connect =
    fn(&str, &Settings, &ConnectOptions) -> Result<Box<dyn CertificateAuthority>, Failure>;

/// The adapter of each module. A module without one does not compile.
static ADAPTERS: [(&str, Build); MODULES.len()] = [
    (module::thesslstore::MODULE.name, |settings, options| {
        Ok(Box::new(thesslstore::TheSslStore::new(settings, options)?))
    }),
    (module::ispmanager::MODULE.name, |settings, options| {
        Ok(Box::new(ispmanager::Ispmanager::new(settings, options)?))
    }),
    (module::leadertelecom::MODULE.name, |settings, options| {
        Ok(Box::new(leadertelecom::LeaderTelecom::new(
            settings, options,
        )?))
    }),
    (module::globalsign::MODULE.name, |settings, options| {
        Ok(Box::new(globalsign::GlobalSign::connect(
            settings, options,
        )?))
    }),
    (module::enom::MODULE.name, |settings, options| {
        Ok(Box::new(enom::Enom::new(settings, options)?))
    }),
];

/// Builds an adapter from an account's settings.
type Build = fn(&Settings, &ConnectOptions) -> Result<Box<dyn CertificateAuthority>, Failure>;

/// Builds the adapter of a module from an account's settings. No network.
///
/// # Errors
/// Missing or malformed settings by field name; the name of no module.
pub fn connect(
    module: &str,
    settings: &Settings,
    options: &ConnectOptions,
) -> Result<Box<dyn CertificateAuthority>, Failure> {
    let adapter = ADAPTERS.iter().find(|(name, _)| *name == module);
    let (_, build) = adapter.ok_or_else(|| Failure::field(Reason::NotSupported, module))?;
    build(settings, options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_has_its_adapter() {
        for module in MODULES {
            let failure = connect(
                module.name,
                &Settings::default(),
                &ConnectOptions::default(),
            )
            .err();
            let reason = failure.map(|failure| failure.reason());
            assert_ne!(reason, Some(Reason::NotSupported), "{}", module.name);
        }
    }
}
