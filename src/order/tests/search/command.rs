//! A command as a process runs it: the real one, with the ports of the small world.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use super::person;
use super::process::Port;
use super::vendor::Vendor;
use crate::ca::ConnectOptions;
use crate::cli::Arguments;
use crate::commands::{self, Command, Context};
use crate::domain::{Clock, ItemId, OperationId, Settings};
use crate::failure::{Failure, Reason};
use crate::module;
use crate::order::port::CertificateAuthority;

thread_local! {
    /// The process that is being polled, for [`connect`].
    static CURRENT: RefCell<Option<Rc<Port>>> = const { RefCell::new(None) };
}

fn connect(
    _: &str,
    _: &Settings,
    _: &ConnectOptions,
) -> Result<Box<dyn CertificateAuthority>, Failure> {
    let port = CURRENT.with_borrow(Clone::clone);
    let port = port.ok_or_else(|| Failure::new(Reason::Internal))?;
    Ok(Box::new(Vendor(port)))
}

/// Says which process is polled from now on.
pub(super) fn make_current(port: Option<&Rc<Port>>) {
    CURRENT.set(port.cloned());
}

/// Runs a command as [`crate::run`] does: the command, then the bookkeeping of its failure.
pub(super) async fn run(port: Rc<Port>, root: PathBuf, what: &'static str) {
    let context = context(&port, root, what);
    if what == "settle" {
        return person::settle(&context, &port).await;
    }
    let command = Command::parse(what).unwrap();
    if let Err(failure) = commands::run(&context, command).await {
        commands::report(&context, Some(command), &failure).await;
    }
}

fn context<'a>(port: &'a Rc<Port>, root: PathBuf, what: &str) -> Context<'a> {
    let operation = (port.operation > 0).then_some(OperationId(port.operation));
    Context {
        module: module::by_name("pmthesslstore").unwrap(),
        root,
        clock: Clock::standing(Arc::clone(&port.clock)),
        arguments: Arguments {
            command: what.to_owned(),
            item: Some(ItemId(port.item)),
            operation,
            ..Arguments::default()
        },
        platform: port.as_ref(),
        connect_options: ConnectOptions::default(),
        connect,
        input: String::new(),
        account: RefCell::new(None),
    }
}
