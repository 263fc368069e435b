//! All suites that drive the real program or the simulated world, in one program: the world is built once.
//! One suite alone: `cargo test --test suite crash::`.

// A helper that cannot go on fails the test.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr
)]

use pmssl_sandbox as sandbox;

#[path = "proof/fixture.rs"]
mod fixture;
mod proof;

mod admin;
mod attacks;
mod broken;
mod canary;
mod citations;
mod contract;
mod crash;
mod daemon;
mod database;
mod economy;
mod enom;
mod faults;
mod features;
mod globalsign;
mod hands;
mod import;
mod ispmanager;
mod leadertelecom;
mod model;
mod pairs;
mod platform_faults;
mod platform_world;
mod protocol;
mod races;
mod tls;
mod validation_data;

/// The names of all modules, sorted: seeds of random worlds are counted by their place.
fn modules() -> Vec<&'static str> {
    let mut names: Vec<_> = pmssl::module::MODULES
        .iter()
        .map(|module| module.name)
        .collect();
    names.sort_unstable();
    names
}
