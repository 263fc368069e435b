//! One pass over one service for proofs elsewhere: any platform, any vendor, nothing to wait for.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::rc::Rc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::Limits;
use super::leadership::AlwaysLeader;
use super::pass::{Meters, Only, Parts, Pass};
use super::proof_lookup::ProofLookup;
use crate::ca::http::Meter;
use crate::ca::{CertificateAuthority, ValidationRecord};
use crate::domain::{Clock, ItemId};
use crate::failure::Failure;
use crate::module::Module;
use crate::order::policy::Subscription;
use crate::platform::{Account, Platform};

/// Sees nothing.
struct NothingPublished;

#[async_trait(?Send)]
impl ProofLookup for NothingPublished {
    async fn is_published(&self, _: &ValidationRecord) -> bool {
        false
    }
}

/// Looks at one service as the daemon does.
///
/// # Errors
/// The platform cannot say what needs work; troubles with the service itself are the daemon's affair.
pub(crate) async fn pass(
    module: &'static Module,
    platform: &dyn Platform,
    connect: &dyn Fn() -> Box<dyn CertificateAuthority>,
    clock: &Clock,
    root: &Path,
    item: ItemId,
) -> Result<(), Failure> {
    let limits = Limits {
        interval: 60,
        calls_per_second: 100_000,
        workers: 1,
        orders_per_hour: 60,
    };
    let connect = |_: &Account, _: &Rc<Meter>| -> Result<Box<dyn CertificateAuthority>, Failure> {
        Ok(connect())
    };
    let only = Only {
        account: None,
        item: Some(item),
    };
    let (stop, meters, looking) = (Cell::new(false), Meters::default(), Mutex::default());
    let services = RefCell::default();
    let pass = Pass::new(Parts {
        module,
        root,
        clock,
        subscription: Subscription::read(|name| platform.option(name)).0,
        limits,
        proof_lookup: &NothingPublished,
        stop: &stop,
        only,
        progress: &|_, _| {},
        connect: &connect,
        meters: &meters,
        services: &services,
        lead: &AlwaysLeader,
        looking: &looking,
    });
    pass.run(&[platform]).await.map(|_| ())
}
