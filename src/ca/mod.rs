//! Certificate authorities: the way to them over HTTP, and one folder per vendor behind the core's port
//! (design, section 4).

mod account;
pub mod enom;
#[cfg(test)]
mod events;
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

use crate::domain::Settings;
use crate::failure::Failure;

/// Option of the installation: the proxy of all requests to vendors.
pub const PROXY_OPTION: &str = "SSLProxy";

/// How to reach a vendor from this machine, common to all modules.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// PEM file of root certificates trusted beside the built-in ones.
    pub extra_roots: Option<std::path::PathBuf>,
    /// Explicit proxy ([`PROXY_OPTION`]); the environment's proxy variables are ignored.
    pub proxy: Option<String>,
    /// How long to wait for vendors.
    pub timeouts: Timeouts,
    /// The module's file of corrections to its vendor's table: `etc/pmssl/<module>.conf` under the
    /// platform root. It need not exist.
    pub overrides: Option<std::path::PathBuf>,
    /// Pace of the account's requests; `None` where a person waits for a single command.
    pub meter: Option<Rc<http::Meter>>,
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
            read: Duration::from_secs(60),
            once: Duration::from_secs(150),
            pause: Duration::from_secs(1),
        }
    }
}

/// Modules whose adapter exists: the arms of [`connect`].
pub const CONNECTED: &[&str] = &[
    "pmenomssl",
    "pmglobalsign",
    "pmispmgrssl",
    "pmleadertelecom",
    "pmthesslstore",
];

/// A way to come by the adapter of a module: [`connect`], or a vendor in memory.
pub type Connect = fn(&str, &Settings, &Reach) -> Result<Box<dyn CertificateAuthority>, Failure>;

/// Builds the adapter of a module from an account's settings. No network.
///
/// # Errors
/// Missing or malformed settings by field name; modules whose adapter does not exist yet.
pub fn connect(
    module: &str,
    settings: &Settings,
    reach: &Reach,
) -> Result<Box<dyn CertificateAuthority>, Failure> {
    match module {
        "pmenomssl" => Ok(Box::new(enom::Enom::new(settings, reach)?)),
        "pmglobalsign" => Ok(Box::new(globalsign::GlobalSign::connect(settings, reach)?)),
        "pmispmgrssl" => Ok(Box::new(ispmanager::Ispmanager::new(settings, reach)?)),
        "pmleadertelecom" => Ok(Box::new(leadertelecom::LeaderTelecom::new(
            settings, reach,
        )?)),
        "pmthesslstore" => Ok(Box::new(thesslstore::TheSslStore::new(settings, reach)?)),
        _ => Err(
            Failure::field(crate::failure::Reason::NotSupported, module).detail(words!(
                "this version cannot order from this vendor yet",
                "эта версия ещё не заказывает у этого поставщика"
            )),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;
    use crate::module::MODULES;

    #[test]
    fn the_list_of_connected_modules_tells_the_truth() {
        for module in MODULES {
            let failure = connect(module.name, &Settings::default(), &Reach::default()).err();
            let connected = failure.is_none_or(|failure| failure.reason() != Reason::NotSupported);
            assert_eq!(
                connected,
                CONNECTED.contains(&module.name),
                "{}",
                module.name
            );
        }
    }
}
