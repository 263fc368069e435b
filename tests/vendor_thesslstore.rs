//! The simulated TheSSLStore keeps its promises: it sells, signs, counts, checks strictly and breaks
//! connections as told. Plain sockets here, so that no HTTP library hides what really comes.
#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests, too

#[path = "sandbox/vendor/mod.rs"]
mod vendor;

#[path = "vendor_thesslstore/client.rs"]
mod client;
#[path = "vendor_thesslstore/faults.rs"]
mod faults;
#[path = "vendor_thesslstore/life.rs"]
mod life;
#[path = "vendor_thesslstore/reissue.rs"]
mod reissue;
#[path = "vendor_thesslstore/strict.rs"]
mod strict;
#[path = "vendor_thesslstore/xml.rs"]
mod xml;
