//! Who has bought: the program at the other end of the connection that a sale came over, as the kernel knows it.
//!
//! Whether a command may buy is not taken from the product's word: what was typed to start it tells.

use std::fs;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::server::Shared;
use super::{Sale, VendorRequest, VendorResponse, VendorServer, lock};

/// The two ends of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) client: SocketAddr,
    pub(super) vendor: SocketAddr,
}

/// A running program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its file, links followed.
    pub file: PathBuf,
    /// What it was started with; the first word is the name that it was called by.
    pub words: Vec<String>,
}

pub(super) type Listener = Arc<dyn Fn(&Sale, &Program) + Send + Sync>;

impl VendorServer {
    /// Has a function told of each sale and of the program that made it, before the answer leaves. Sales of programs
    /// that have gone meanwhile, and of requests that arrive late, are nobody's.
    pub fn on_sale(&self, listener: impl Fn(&Sale, &Program) + Send + Sync + 'static) {
        lock(&self.shared.listeners).push(Arc::new(listener));
    }
}

impl Shared {
    /// Has the vendor handle a request, which came over this connection unless its client is gone.
    pub(super) fn handle(&self, request: &VendorRequest, ends: Option<Ends>) -> VendorResponse {
        // A knock at the door, as `pmssl check` makes it: it asks for nothing, and no documentation forbids it.
        if request.method == "HEAD" {
            return VendorResponse::with_status(405, "text/plain", "");
        }
        // One at a time: what was sold between two counts was sold by this request.
        let turn = lock(&self.turn);
        let before = self.vendor.sold();
        let handled = catch_unwind(AssertUnwindSafe(|| self.vendor.handle(request)));
        let new = match self.vendor.sold() {
            after if after > before => self.vendor.sales().split_off(before),
            _ => Vec::new(),
        };
        drop(turn);
        let listeners = lock(&self.listeners).clone();
        if !new.is_empty()
            && !listeners.is_empty()
            && let Some(program) = ends.and_then(program_at)
        {
            for sale in &new {
                listeners
                    .iter()
                    .for_each(|listener| listener(sale, &program));
            }
        }
        handled.unwrap_or_else(|panic| {
            self.broken.store(true, Ordering::SeqCst);
            std::panic::resume_unwind(panic)
        })
    }
}

/// The program that holds the client's end; `None` when none does any more.
fn program_at(ends: Ends) -> Option<Program> {
    let (SocketAddr::V4(client), SocketAddr::V4(vendor)) = (ends.client, ends.vendor) else {
        return None;
    };
    let (client, vendor) = (as_listed(client), as_listed(vendor));
    let connections = fs::read_to_string("/proc/self/net/tcp").ok()?;
    let inode = connections.lines().find_map(|line| {
        // sl, local address, remote address, state, queues, timer, retransmissions, uid, timeout, inode (proc(5)).
        let columns: Vec<&str> = line.split_whitespace().collect();
        let (local, remote) = (*columns.get(1)?, *columns.get(2)?);
        (local == client && remote == vendor).then_some(*columns.get(9)?)
    })?;
    let held = format!("socket:[{inode}]");
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let process = process.path();
        let files = fs::read_dir(process.join("fd")).ok()?;
        let holds = files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok())
            .any(|file| file.as_os_str().as_bytes() == held.as_bytes());
        let program = || {
            let line = fs::read(process.join("cmdline")).ok()?;
            let line = line.strip_suffix(b"\0").unwrap_or(&line);
            Some(Program {
                file: fs::read_link(process.join("exe")).ok()?,
                words: line
                    .split(|byte| *byte == 0)
                    .map(|word| String::from_utf8_lossy(word).into_owned())
                    .collect(),
            })
        };
        holds.then(program).flatten()
    })
}

/// As the kernel's table has it: the address as one number of this machine, the port, both hexadecimal.
fn as_listed(address: SocketAddrV4) -> String {
    let number = u32::from_ne_bytes(address.ip().octets());
    format!("{number:08X}:{:04X}", address.port())
}
