//! The simulated world's own tests: what it promises to the suites of the product.

// A helper that cannot go on fails the test.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use pmssl_sandbox as sandbox;

mod direct;
mod sandbox_self;
mod vendor_enom;
mod vendor_globalsign;
mod vendor_ispmanager;
mod vendor_leadertelecom;
mod vendor_thesslstore;
