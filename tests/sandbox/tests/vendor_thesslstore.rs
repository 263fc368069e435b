//! The simulated TheSSLStore keeps its promises: it sells, signs, counts, checks strictly and breaks
//! connections as told. Plain sockets here, so that no HTTP library hides what really comes.

mod client;
mod faults;
mod further;
mod life;
mod reissue;
mod strict;
mod xml;
