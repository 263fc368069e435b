//! The simulated world: a platform root on disk, the platform's database, its functions and queue, and the
//! vendors over HTTP. A crate of its own that uses nothing of the product, so that an error there cannot hide behind
//! the same error here; of the product it knows the program file. The example `sandbox` is made of it.
#![allow(missing_docs, unreachable_pub)]
// A simulator that cannot go on must stop the test at once.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod account;
pub mod binaries;
pub mod buyers;
pub mod catalogue;
pub mod clock;
pub mod closing;
pub mod control;
pub mod crowd;
pub mod database;
pub mod dns;
mod fields;
pub mod hands;
pub mod item;
pub mod layout;
pub mod leaks;
pub mod memory;
pub mod mgrctl;
pub mod platform;
pub mod queue;
pub mod reconcile;
pub mod request;
pub mod sales_report;
pub mod sample;
pub mod tour;
pub mod vendor;
pub mod watch;
pub mod world;
pub mod years;

pub use item::{ItemSpec, ItemView};
pub use platform::{Panel, PlatformFault, Strike};
pub use queue::Outcome;
pub use vendor::lock;
pub use world::World;
